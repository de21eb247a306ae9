"""`airace backtest`: from December 2015 onward, against the record to the end of 2024."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ensembles import run_scenarios
from sim.cli.exits import CHECK_FAILED, DONE, UsageError
from sim.cli.files import load_scenario
from sim.cli.options import DEFAULT_UNCERTAINTY, Format, PrintFormat, Runs, Seed, Set, Uncertainty, Workers
from sim.cli.output import print_json
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.studies.backtest import Backtest

START = "2015-12"
Scenario = Annotated[
    str, typer.Option("--scenario", metavar="FILE", help="A scenario that starts in 2015-12, or its name.")
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
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    workers: Workers = None,
    out: Out = None,
    format_: PrintFormat = Format.text,
) -> int:
    """Hold the model against the record, 2015 to 2024. Calibrated to 2022, validated on 2023 and 2024."""
    from sim.studies.backtest import Backtest

    chosen = load_scenario(scenario, set_, terminal)
    if chosen.start != START or chosen.months < 109:
        raise UsageError(f"{scenario} starts in {chosen.start}, {chosen.months} months: the record needs start = "
                         f'"{START}" and months = 109')
    results = run_scenarios(terminal, [chosen], runs=runs, seed=seed, workers=workers, labs=True,
                            uncertainty=uncertainty.value)
    if not results.paired.any():
        terminal.error("no run reached the end of 2024")
        return CHECK_FAILED
    found = Backtest(results)
    if format_ is Format.json:
        print_json(terminal, {"scenario": chosen.title, "uncertainty": results.uncertainty, "summary": found.summary,
                              "series": _series(found), "facts": _facts(found)})
    elif format_ is Format.csv:
        import pandas as pd

        from sim.cli.output import print_frame

        print_frame(terminal, pd.DataFrame(_series(found)))
    else:
        _tell(terminal, found)
    if out is not None:
        from sim.report.backtest import write_page

        terminal.say(f"\nwritten: {write_page(found, out / 'backtest.html')}")
    return DONE


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


def _tell(terminal: Terminal, found: Backtest) -> None:
    terminal.paragraph(found.summary)
    terminal.data("\nstylised facts: range on record | quartiles of the runs; ! missed, = given by the scenario")
    for fact, passed in {h.fact: found.facts[h.fact.number] for h in found.held}.items():
        terminal.data(f"  {'pass' if passed else 'FAIL'}  {fact.number:>2}  {fact.text}")
        for h in found.held:
            if h.fact is fact:
                low, middle, high = (_short(q) for q in h.quartiles)
                mark = "=" if h.given else " " if h.passed else "!"
                contested = ", contested" if h.measure.contested else ""
                terminal.data(f"        {mark} {h.measure.text}: {h.measure.low:g} to {h.measure.high:g} "
                              f"{h.measure.unit}{contested} | {low}, {middle}, {high}")
    terminal.data("\nrecord | 5%, 50%, 95% of the runs; * calibrates, ! outside the 90% band")
    last = ""
    for score in found.scores:
        if score.series.name != last:
            last = score.series.name
            terminal.data(f"  {last}, {score.series.unit}")
        low, _, middle, _, high = (_short(q) for q in score.quantiles)
        marks = ("*" if score.point.calibrates else " ") + (" " if score.in_90 else "!")
        terminal.data(f"    {score.point.date} {marks} {_short(score.point.value):>9} | {low}, {middle}, {high}")
    terminal.data("\nscore (CRPS) after 2022, model | naive trend; lower is better")
    for name, (model, naive) in found.against_naive().items():
        terminal.data(f"  {'better' if model < naive else 'WORSE '}  {name}: {model:.3g} | {naive:.3g}")


def _short(value: float) -> str:
    if abs(value) == float("inf"):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
