"""One run in words: key figures at three moments, and how it ended."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.model.outcomes import INDEX, OUTCOMES
from sim.report.words.units import value

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results

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
FAILED = "The run failed before its end."


def moments(results: Results) -> list[int]:
    """The first month, the middle one and the last, as far as they differ."""
    last = len(results.dates) - 1
    return sorted({0, last // 2, last})


def key_figures(results: Results) -> list[list[str]]:
    """A row for each key figure of the one run in `results`: its title, and its value at each of the moments."""
    return [[OUTCOMES[name].running_title, *(_shown(name, until(results, name, month)) for month in moments(results))]
            for name in KEY_FIGURES]


def figures(results: Results) -> dict[str, dict[str, float]]:
    """Every outcome at the first, middle and last month, by name and date."""
    return {name: {results.dates[month]: until(results, name, month) for month in moments(results)}
            for name in OUTCOMES}


def until(results: Results, name: str, month: int) -> float:
    """The value of an outcome at a month; for what is added up over a run, the total so far."""
    path = results.values[0, 0, : month + 1, INDEX[name]]
    return float(path.sum() if OUTCOMES[name].summary == "sum" else path[-1])


def _shown(name: str, number: float) -> str:
    """A figure of one run with its unit; what is 0 or 1 is no or yes."""
    if OUTCOMES[name].unit == "0 or 1" and math.isfinite(number):
        return "yes" if number > 0.5 else "no"
    return value(OUTCOMES[name], number)


def ending(results: Results, events: pd.DataFrame) -> str:
    """How the run ended, in sentences made from its numbers; that it failed, if it did."""
    if not results.complete.all():
        return FAILED
    last = len(results.dates) - 1

    def at_end(name: str) -> float:
        return until(results, name, last)

    severe = round(at_end("severe_incidents"))
    harm = {0: "no severe incident", 1: "one severe incident"}.get(severe, f"{severe} severe incidents")
    treaty = "a treaty" if at_end("treaty_in_force") > 0.5 else "no treaty"
    return (
        f"At the end of {results.dates[-1]}, {_lead(at_end('us_china_lag_months'))}. "
        f"The largest seller holds {at_end('leader_share'):.0%} of the market; "
        f"{at_end('active_labs'):.0f} labs are in business, {at_end('small_labs'):.0f} of them small. "
        f"Labs raised {value(OUTCOMES['capital_raised_usd_bn'], at_end('capital_raised_usd_bn'))} in all. "
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
