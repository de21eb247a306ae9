"""`airace backtest`: from December 2015 onward, against the record, from eight origins and beside rivals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ensembles import run_scenarios
from sim.cli.exits import CHECK_FAILED, DONE, UsageError
from sim.cli.files import load_scenario
from sim.cli.options import Format, PrintFormat, Runs, Seed, Set, Workers
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.engine.results import Results
    from sim.scenario.scenario import Scenario as AnyScenario
    from sim.studies.forecasting.backtest import Backtest

START, MONTHS = "2015-12", 122
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
    workers: Workers = None,
    out: Out = None,
    format_: PrintFormat = Format.text,
) -> int:
    """Hold the model against the record from the ends of 2018 to 2025, beside rivals, by a protocol fixed before."""
    from sim.studies.forecasting.backtest import Backtest, cells_as_rows, facts_as_rows
    from sim.studies.forecasting.summary import summary

    chosen = load_scenario(scenario, set_, terminal)
    if chosen.start != START or chosen.months < MONTHS:
        raise UsageError(f"{scenario} starts in {chosen.start}, {chosen.months} months: the record needs start = "
                         f'"{START}" and months = {MONTHS}')
    if chosen.anonymous:
        raise UsageError(f"{scenario} is anonymous, and the record names labs and people: add --set anonymous=false")

    def simulated(each: AnyScenario, uncertainty: str) -> Results:
        results = run_scenarios(terminal, [each], runs=runs, seed=seed, workers=workers, labs=True,
                                uncertainty=uncertainty)
        if not results.paired.any():
            terminal.error("no run reached the end of the record")
            raise typer.Exit(CHECK_FAILED)
        return results

    found = Backtest(chosen, simulated)
    told = summary(found)
    present(terminal, format_, Answer(
        text=lambda: _tell(terminal, found, told), table=lambda: cells_as_rows(found),
        record=lambda: {"summary": told, "cells": cells_as_rows(found), "facts": facts_as_rows(found)}))
    if out is not None:
        from sim.report.pages.backtest import told as as_told

        asked = command_line("airace", "backtest", scenario, *(word for each in set_ or () for word in ("--set", each)),
                             "--runs", runs, "--seed", seed, "--out", out)
        terminal.say(f"\nwritten: {as_told(found, asked).write(out / 'backtest.html')}")
    return DONE


def _tell(terminal: Terminal, found: Backtest, told: dict[str, Any]) -> None:
    from sim.report.words.backtest import against_all, bars_told, headline, missed
    from sim.studies.forecasting.backtest import COLUMNS, TRACKS

    terminal.paragraph(headline(told))
    terminal.paragraph(" ".join(missed(told)))
    terminal.data("\nBars of the protocol (docs/forecasts.md)")
    for asked, value, verdict in bars_told(told):
        terminal.data(f"  {verdict:<6}  {asked}: {value}")
    for track, name in TRACKS.items():
        for column in COLUMNS:
            terminal.data(f"\n{name}, {column}: the model's score over the rival's at 4 and 8 quarters | 90% "
                          "interval | better on | p of signs, of Diebold and Mariano")
            for rival, ratio, interval, better, sign, dm in against_all(told, track, column):
                terminal.data(f"  {rival:<13} {ratio:>5} | {interval:<12} | {better:<8} | {sign}, {dm}")
            best = ", ".join(told["tracks"][track][column]["confidence_set"])
            terminal.data(f"  not told from the best at 10%: {best}")
    _tell_series(terminal, told)
    _tell_facts(terminal, found)


def _tell_series(terminal: Terminal, told: dict[str, Any]) -> None:
    terminal.data("\nBy series, policy as it stood: the model's score over the drift's, level | anchored")
    level, anchored = (told["tracks"]["stood"][column]["against"]["drift"]["by_series"]
                       for column in ("level", "anchored"))
    for name in dict.fromkeys((*level, *anchored)):
        terminal.data(f"  {name}: {_short(level.get(name))} | {_short(anchored.get(name))}")
    terminal.data("\nBy lab, policy as it came, at the last figure: share of runs in which it is in business; "
                  "record over median")
    for name, each in told["labs"].items():
        terminal.data(f"  {name}, {each['date']}: {each['present']:.0%}; {_short(each['off'])}")


def _tell_facts(terminal: Terminal, found: Backtest) -> None:
    """Each fact with its measures: range on record, quartiles of the runs, and how many runs are in the range."""
    terminal.data("\nStylised facts, policy as it came: range on record | quartiles of the runs | runs in the range; "
                  "! missed, = given by the scenario")
    for fact in {h.fact: None for h in found.held}:
        terminal.data(f"  {'pass' if found.facts[fact.number] else 'FAIL'}  {fact.number:>2}  {fact.text}")
        for h in found.held:
            if h.fact is fact:
                low, middle, high = (_short(q) for q in h.quartiles)
                mark = "=" if h.given else " " if h.passed else "!"
                contested = ", contested" if h.measure.contested else ""
                terminal.data(f"        {mark} {h.measure.text}: {h.measure.low:g} to {h.measure.high:g} "
                              f"{h.measure.unit}{contested} | {low}, {middle}, {high} | {h.within:.0%}")


def _short(value: float | None) -> str:
    if value is None:
        return "not scored"
    if abs(value) == float("inf"):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
