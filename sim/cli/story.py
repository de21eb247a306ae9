"""One run in words: key figures at three moments, a timeline of events, and how it ended."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.terminal import Terminal
from sim.outcomes import INDEX, OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Results

KEY_FIGURES = (
    "us_china_lag_months",
    "frontier_log10_flop",
    "leader_revenue_usd_bn",
    "market_hhi",
    "small_labs",
    "capital_raised_usd_bn",
    "mission_controlled_share",
    "suits_filed",
    "strictness_us",
    "state_control",
    "compliance_cost_usd_bn",
    "safety_effort",
    "severe_incidents",
    "hostility",
    "treaty_in_force",
)
EVENTS_A_YEAR = 6


def tell(terminal: Terminal, results: Results, events: pd.DataFrame, everything: bool) -> None:
    """Print the story of the one run in `results`; with `everything` each event, not only the weightiest."""
    scenario = results.scenarios[0]
    terminal.data(
        f"{scenario.title}: run {results.first_run}, seed {results.seed}, "
        f"{results.dates[0]} to {results.dates[-1]}"
    )
    if scenario.question:
        terminal.paragraph(scenario.question)
    terminal.data()
    moments = _moments(results)
    rows = [
        [OUTCOMES[name].title, *(_shown(name, _until(results, name, month)) for month in moments)]
        for name in KEY_FIGURES
    ]
    terminal.table(
        ["", *(results.dates[m] for m in moments)], rows, right=range(1, len(moments) + 1), whole=()
    )
    terminal.data()
    _timeline(terminal, events, everything)
    terminal.data()
    failed = "The run failed before its end."
    terminal.paragraph(_ending(results, events) if results.complete.all() else failed)


def _shown(name: str, number: float) -> str:
    """A figure of one run with its unit; what is 0 or 1 is no or yes."""
    from sim.report.units import value

    if OUTCOMES[name].unit == "0 or 1" and math.isfinite(number):
        return "yes" if number > 0.5 else "no"
    return value(OUTCOMES[name], number)


def _moments(results: Results) -> list[int]:
    """The first month, the middle one and the last, as far as they differ."""
    last = len(results.dates) - 1
    return sorted({0, last // 2, last})


def _until(results: Results, name: str, month: int) -> float:
    """The value of an outcome at a month; for what is added up over a run, the total so far."""
    path = results.values[0, 0, : month + 1, INDEX[name]]
    return float(path.sum() if OUTCOMES[name].summary == "sum" else path[-1])


def figures(results: Results) -> dict[str, dict[str, float]]:
    """Every outcome at the first, middle and last month, by name and date."""
    return {
        name: {results.dates[month]: _until(results, name, month) for month in _moments(results)}
        for name in OUTCOMES
    }


def _timeline(terminal: Terminal, events: pd.DataFrame, everything: bool) -> None:
    from sim.events import EVENTS

    years: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for date, kind, text in zip(events["date"], events["kind"], events["text"], strict=True):
        weight = EVENTS[kind].weight if kind in EVENTS else 1
        years[date[:4]].append((weight, date, text))
    if not years:
        terminal.data("Nothing of note happened.")
    for year, happened in years.items():
        terminal.data(year)
        kept = happened if everything else _most_important(happened)
        for _, date, text in kept:
            terminal.data(f"  {date}  {text}")
        if (rest := len(happened) - len(kept)) > 0:
            terminal.data(f"           and {rest} lesser event{'s' if rest > 1 else ''} (--all shows them)")


def _most_important(happened: Sequence[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """The weightiest events of a year, in the order in which they happened."""
    ranked = sorted(range(len(happened)), key=lambda i: (-happened[i][0], i))[:EVENTS_A_YEAR]
    return [happened[i] for i in sorted(ranked)]


def _ending(results: Results, events: pd.DataFrame) -> str:
    """How the run ended, in sentences made from its numbers."""
    last = len(results.dates) - 1

    def at_end(name: str) -> float:
        return _until(results, name, last)

    severe = round(at_end("severe_incidents"))
    harm = {0: "no severe incident", 1: "one severe incident"}.get(severe, f"{severe} severe incidents")
    treaty = "a treaty" if at_end("treaty_in_force") > 0.5 else "no treaty"
    return (
        f"At the end of {results.dates[-1]}, {_lead(at_end('us_china_lag_months'))}. "
        f"The largest seller holds {at_end('leader_share'):.0%} of the market; "
        f"{at_end('active_labs'):.0f} labs are in business, {at_end('small_labs'):.0f} of them small. "
        f"Labs raised ${at_end('capital_raised_usd_bn'):,.0f}bn in all. "
        f"The run saw {len(events):,} events and {harm}; at its end {treaty} on AI is in force. "
        "It is one draw of luck: `airace compare` says what is typical."
    )


def _lead(lag: float) -> str:
    """Who leads, from China's lag in months."""
    if lag > 0.5:
        return f"China's frontier lags the US one by {lag:.0f} months"
    if lag < -0.5:
        return f"China's frontier leads the US one by {-lag:.0f} months"
    return "the US and Chinese frontiers are level"
