"""`airace backtest`: from December 2015 onward, against the record to the end of 2024."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ensembles import run_scenarios
from sim.cli.exits import CHECK_FAILED, DONE, UsageError
from sim.cli.files import load_scenario
from sim.cli.options import DEFAULT_UNCERTAINTY, Format, PrintFormat, Runs, Seed, Set, Uncertainty, Workers
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario as AnyScenario
    from sim.studies.forecasting.backtest import Backtest, OverSeeds

START = "2015-12"
Scenario = Annotated[
    str, typer.Option("--scenario", metavar="FILE", help="A scenario that starts in 2015-12, or its name.")
]
Seeds = Annotated[
    int, typer.Option("--seeds", min=1, max=1000, metavar="N",
                      help="Repeat with so many seeds, from --seed on, and give the range: one seed may be lucky.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", show_default=False, help="Folder for backtest.html, a figure per series."),
]


def backtest(
    terminal: Terminal,
    scenario: Scenario = "history_forced",
    set_: Set = None,
    runs: Runs = 1_000,
    seed: Seed = 0,
    seeds: Seeds = 8,
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    workers: Workers = None,
    out: Out = None,
    format_: PrintFormat = Format.text,
) -> int:
    """Hold the model against the record, 2015 to 2024. Calibrated to 2022, validated on 2023 and 2024."""
    from sim.studies.forecasting.backtest import over_seeds

    chosen = load_scenario(scenario, set_, terminal)
    if chosen.start != START or chosen.months < 109:
        raise UsageError(f"{scenario} starts in {chosen.start}, {chosen.months} months: the record needs start = "
                         f'"{START}" and months = 109')
    if chosen.anonymous:
        raise UsageError(f"{scenario} is anonymous, and the record names labs and people: add --set anonymous=false")
    found: list[Backtest] = []  # the first seed's, whose runs are drawn; of the others the numbers are kept

    def one_by_one() -> Iterator[Backtest]:
        for each in range(seed, seed + seeds):
            held = _held(terminal, chosen, runs, each, workers, uncertainty.value)
            found[:] = found or [held]
            yield held

    every = over_seeds(one_by_one())
    _show(terminal, found[0], every, format_)
    if out is not None:
        from sim.report.pages.backtest import told

        asked = command_line("airace", "backtest", scenario, *(word for each in set_ or () for word in ("--set", each)),
                             "--runs", runs, "--seed", seed, "--seeds", seeds, "--uncertainty", uncertainty.value,
                             "--out", out)
        terminal.say(f"\nwritten: {told(found[0], every, asked).write(out / 'backtest.html')}")
    return DONE


def _held(
    terminal: Terminal, scenario: AnyScenario, runs: int, seed: int, workers: int | None, setting: str
) -> Backtest:
    """One seed's runs held against the record."""
    from sim.studies.forecasting.backtest import Backtest

    results = run_scenarios(terminal, [scenario], runs=runs, seed=seed, workers=workers, labs=True,
                            uncertainty=setting)
    if not results.paired.any():
        terminal.error("no run reached the end of 2024")
        raise typer.Exit(CHECK_FAILED)
    return Backtest(results)


def _show(terminal: Terminal, found: Backtest, every: OverSeeds, format_: Format) -> None:
    from sim.report.words.backtest import headline, missed

    present(terminal, format_, Answer(
        text=lambda: _tell(terminal, found, every), table=lambda: _series(found),
        record=lambda: {"scenario": found.results.titles[0], "uncertainty": found.results.uncertainty,
                        "summary": headline(every), "missed": missed(every), "over_seeds": asdict(every),
                        "series": _series(found), "facts": _facts(found)}))


def _series(found: Backtest) -> list[dict[str, Any]]:
    return [
        {"series": s.series.name, "date": s.point.date, "record": s.point.value, "unit": s.series.unit,
         "q05": s.quantiles[0], "q25": s.quantiles[1], "q50": s.quantiles[2], "q75": s.quantiles[3],
         "q95": s.quantiles[4], "calibrates": s.point.calibrates, "in_50": s.in_50, "in_90": s.in_90,
         "crps": s.crps, "crps_naive": None if s.naive != s.naive else s.naive}
        for s in found.scores
    ]


def _facts(found: Backtest) -> list[dict[str, Any]]:
    return [
        {"fact": h.fact.number, "text": h.fact.text, "measure": h.measure.text, "unit": h.measure.unit,
         "low": h.measure.low, "high": h.measure.high, "contested": h.measure.contested,
         "q25": _finite(h.quartiles[0]), "q50": _finite(h.quartiles[1]), "q75": _finite(h.quartiles[2]),
         "runs_within": h.within, "passed": h.passed, "given": h.given}
        for h in found.held
    ]


def _finite(value: float) -> float | str:
    return value if abs(value) < float("inf") else "never"


def _tell(terminal: Terminal, found: Backtest, every: OverSeeds) -> None:
    from sim.report.words.backtest import headline, missed

    terminal.paragraph(headline(every))
    terminal.paragraph(" ".join(missed(every)))
    seed = f"\nseed {found.results.seed}"
    terminal.data(f"{seed}, stylised facts: range on record | quartiles of the runs | runs in the range; ! missed, "
                  "= given by the scenario")
    _tell_facts(terminal, found, every)
    terminal.data(f"{seed}, record | 5%, 50%, 95% of the runs; * calibrates, ! outside the 90% band")
    last = ""
    for score in found.scores:
        if score.series.name != last:
            last = score.series.name
            terminal.data(f"  {last}, {score.series.unit}")
        low, _, middle, _, high = (_short(q) for q in score.quantiles)
        marks = ("*" if score.point.calibrates else " ") + (" " if score.in_90 else "!")
        terminal.data(f"    {score.point.date} {marks} {_short(score.point.value):>9} | {low}, {middle}, {high}")
    terminal.data(f"{seed}, score (CRPS) after 2022, model | naive trend; lower is better")
    for name, (model, naive) in found.against_naive().items():
        terminal.data(f"  {'better' if model < naive else 'WORSE '}  {name}: {model:.3g} | {naive:.3g}")


def _tell_facts(terminal: Terminal, found: Backtest, every: OverSeeds) -> None:
    """Each fact with the number of seeds that hold it, and the first seed's quartiles."""
    seeds = len(every.seeds)
    for fact in {h.fact: None for h in found.held}:
        held = seeds - every.missed.get(str(fact.number), 0)
        verdict = "pass" if held == seeds else "FAIL" if held == 0 else f"{held}/{seeds}"
        terminal.data(f"  {verdict:<4}  {fact.number:>2}  {fact.text}")
        for h in found.held:
            if h.fact is fact:
                low, middle, high = (_short(q) for q in h.quartiles)
                mark = "=" if h.given else " " if h.passed else "!"
                contested = ", contested" if h.measure.contested else ""
                terminal.data(f"        {mark} {h.measure.text}: {h.measure.low:g} to {h.measure.high:g} "
                              f"{h.measure.unit}{contested} | {low}, {middle}, {high} | {h.within:.0%}")


def _short(value: float) -> str:
    if abs(value) == float("inf"):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
