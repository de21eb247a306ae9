"""Every study as it is told, and its numbers in full, by what it is: for whoever takes any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.common.arguments import ArgumentError
from sim.engine.results import Results
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.report.charts.fans import draw
from sim.report.charts.style import roles
from sim.report.charts.svg import inline
from sim.report.pages import advise, backtest, comparison, game, sensitivity, sweep, why, worlds, worth
from sim.report.pages.study import Figure, Section, Study, how_to_repeat
from sim.report.words import narrative, tables
from sim.report.words.names import counted, listed, opening, short
from sim.report.words.paths import date, paths
from sim.report.words.units import heading
from sim.studies.comparing.compare import Comparison
from sim.studies.comparing.risks import MILESTONES
from sim.studies.comparing.why import Why
from sim.studies.comparing.winners import QUANTITIES
from sim.studies.comparing.worlds import Worlds
from sim.studies.deciding.advice import Advice
from sim.studies.deciding.game import Game
from sim.studies.deciding.worth import Worth
from sim.studies.forecasting.backtest import Backtest, cells_as_rows, facts_as_rows
from sim.studies.sweeping.explain import explain
from sim.studies.sweeping.sensitivity import Sensitivity, as_tables
from sim.studies.sweeping.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd


def told_of(found: Any) -> Study:
    """Results or a study as a page tells of them, worths of one choice as a tuple; ArgumentError for anything else."""
    return _ways(found)[0](found)


def numbers_of(found: Any) -> Mapping[str, pd.DataFrame]:
    """The tables of numbers behind it, by what each is; an empty one is left out."""
    return {name: frame for name, frame in _ways(found)[1](found).items() if len(frame)}


def _ways(found: Any) -> tuple[Callable[[Any], Study], Callable[[Any], dict[str, pd.DataFrame]]]:
    known: dict[type, Any] = {
        Results: (of_results, _of_results), Comparison: (comparison.told, _of_comparison),
        Worlds: (worlds.told, _of_worlds), Sweep: (sweep.told, _of_sweep),
        Sensitivity: (sensitivity.told, _of_sensitivity), Backtest: (backtest.told, _of_backtest),
        Worth: (lambda each: worth.told([each]), lambda each: _of_worths([each])),
        tuple: (worth.told, _of_worths), Game: (game.told, _of_game),
        Advice: (advise.told, _of_advice), Why: (why.told, _of_why)}
    for kind, ways in known.items():
        if isinstance(found, kind):
            return ways
    raise ArgumentError(f"{type(found).__name__} is neither results nor a study of them")


def of_results(results: Results) -> Study:
    """Results without a comparison: the primary outcomes over time, and no finding, since nothing is compared."""
    role_of, figures = roles(len(results.titles)), []
    for number, name in enumerate(PRIMARY if results.paired.any() else ()):
        shown = paths(results, name)
        table = tables.fan_table(shown, results.titles, results.dates)
        svg = inline(draw(shown, results.titles, role_of, titled=False), f"fan{number}", heading(shown.outcome),
                     opening(shown.band))
        figures.append(Figure(heading(shown.outcome), shown.band, svg, table))
    failed = int((~results.complete).sum())
    facts = (f"{counted(len(results.titles), 'scenario')}, {counted(results.values.shape[1], 'run')} of each, "
             f"{date(results, 0)} to {date(results, len(results.dates) - 1)}, seed {results.seed}, "
             f"{in_words(results.uncertainty)}")
    return Study("results", listed([short(title) for title in results.titles]), facts, (),
                 narrative.simulated_from(results),
                 [Section("over-time", "How it unfolds", "", figures)], "",
                 how_to_repeat(results),
                 f"{opening(counted(failed, 'run'))} failed and counted nowhere." if failed else "")


def _of_results(results: Results) -> dict[str, pd.DataFrame]:
    return {"Runs: each outcome as one number": results.runs,
            "Months: means and quantiles over runs": results.month_quantiles(),
            "Events": results.events}


def _of_comparison(found: Comparison) -> dict[str, pd.DataFrame]:
    import pandas as pd

    milestones = pd.concat([found.incidence(name).assign(milestone=name, unit="share") for name in MILESTONES],
                           ignore_index=True)
    winners = {} if found.results.at_end is None else {
        f"Labs and nations at the end: {name}": found.winners(name) for name in QUANTITIES}
    return {"Differences to the baseline": found.table, "Differences over time": found.over_time(),
            "Bad outcomes": found.risks.assign(unit="share"),
            "Severe incidents in a run": found.severe.assign(unit="incidents"),
            "What differences vary by": found.spread, "Milestones: share of runs so far": milestones, **winners}


def _of_why(found: Why) -> dict[str, pd.DataFrame]:
    import pandas as pd

    turns = [{"date": turn.event.date, "only_in": found.results.titles[turn.event.side], "kind": turn.event.kind,
              "text": turn.event.text, "effect": found.effect(turn), "unit": found.about.unit,
              "mattered": turn in found.that_mattered} for turn in found.turns]
    return {"Runs: each outcome as one number": found.results.runs,
            "Events that could be prevented": pd.DataFrame(turns)}


def _of_worlds(found: Worlds) -> dict[str, pd.DataFrame]:
    return {"Policies in worlds": found.table, "Largest regrets": found.regrets, "Turns of the order": found.flips}


def _of_sweep(found: Sweep) -> dict[str, pd.DataFrame]:
    import pandas as pd

    return {"Points: means and differences": explain(found).table(), "Runs": found.read(),
            "Failures": pd.DataFrame(found.failures())}


def _of_sensitivity(found: Sensitivity) -> dict[str, pd.DataFrame]:
    import pandas as pd

    tables = as_tables(found)
    return {"Shares of variance": pd.DataFrame(tables["indices"]).assign(unit="share"),
            "Screening": pd.DataFrame(tables["screening"]).assign(unit=OUTCOMES[found.outcome].unit),
            "Theories, parameters and luck": pd.DataFrame(tables["shares"])}


def _of_backtest(found: Backtest) -> dict[str, pd.DataFrame]:
    import pandas as pd

    on_scale = {name: f"{name} [scale]" for name in ("observed", "median", "crps", "interval_score")}
    return {"Figures forecast": pd.DataFrame(cells_as_rows(found)).rename(columns=on_scale),
            "Stylised facts": pd.DataFrame(facts_as_rows(found))}


def _of_worths(found: Sequence[Worth]) -> dict[str, pd.DataFrame]:
    """A table for each objective of one choice, by what it is made for where there are several."""
    return {"Worth of knowing" + (f", for {each.objective.text}" if len(found) > 1 else ""):
            each.table().assign(unit=worth.unit_of(each)) for each in found}


def _of_game(found: Game) -> dict[str, pd.DataFrame]:
    return {"Payoffs by profile": found.table().assign(unit=found.design.unit)}


def _of_advice(found: Advice) -> dict[str, pd.DataFrame]:
    table = found.table()
    return {"Policies by aim": table.assign(unit=[OUTCOMES[name].unit for name in table["outcome"]])}
