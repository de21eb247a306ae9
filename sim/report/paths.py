"""What a fan chart shows of an outcome: its paths over the runs, as quantiles or as a mean.

Flows are shown as totals so far and peaks as the largest so far, so that a chart ends at the number that tables
report. Outcomes that are mostly zero or one, for which a median says nothing, are shown as a mean with its interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.outcomes import OUTCOMES, Outcome
from sim.report.units import COUNTS

RARE = 3.0
"""Counts whose medians at the horizon are all below this are shown by their means: a median of 0 or 1 hides much."""


@dataclass(frozen=True)
class Paths:
    """An outcome over time in each scenario.

    `centre` (scenarios, months); `inner` and `outer` (scenarios, 2, months), lower and upper; `runs_shown` (scenarios,
    runs, months) the single runs, all in the outcome's unit. `is_mean`: `centre` is a mean and `outer` its 95%
    interval; otherwise a median, with the middle 50% and 90% of the runs.
    """

    outcome: Outcome
    centre: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    runs: np.ndarray
    years: np.ndarray
    is_mean: bool

    @property
    def band(self) -> str:
        """What line and band are, for a chart's second line."""
        count = self.runs.shape[1]
        so_far = {"sum": "total so far; ", "max": "largest so far; "}.get(self.outcome.summary, "")
        if count < 2:
            return f"{so_far}one run"
        if self.is_mean:
            return f"{so_far}mean of {count} runs and its 95% interval"
        return f"{so_far}median, 50% and 90% of {count} runs"

    @property
    def varies(self) -> bool:
        """Whether anything is to be seen: some path that is not one constant for all."""
        return bool(np.ptp(self.outer) > 0.0)


def paths(results: Any, name: str) -> Paths:
    """An outcome's paths in every scenario, without the runs that failed in any of them.

    Raises KeyError for an unknown outcome and ValueError if no run is left.
    """
    outcome = OUTCOMES[name]
    values = results.outcome(name)[:, results.paired]
    if values.shape[1] == 0:
        raise ValueError("no run was completed in every scenario")
    if outcome.summary == "sum":
        values = values.cumsum(axis=-1)
    elif outcome.summary == "max":
        values = np.maximum.accumulate(values, axis=-1)
    is_mean = _needs_mean(outcome, values)
    if is_mean:
        centre = values.mean(axis=1)
        half = 1.96 * values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
        outer = np.stack([np.maximum(centre - half, 0.0), centre + half], axis=1)
        inner = outer
    else:
        low, quarter, centre, three_quarters, high = np.quantile(
            values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1
        )
        outer, inner = np.stack([low, high], axis=1), np.stack([quarter, three_quarters], axis=1)
    return Paths(outcome, centre, inner, outer, values, years(results, values.shape[-1]), is_mean)


def _needs_mean(outcome: Outcome, values: np.ndarray) -> bool:
    """Whether a median would hide the outcome: yes-or-no outcomes and rare counts, from thirty runs on."""
    if values.shape[1] < 30 or outcome.unit not in {*COUNTS, "0 or 1"}:
        return False
    return outcome.unit == "0 or 1" or float(np.median(values[..., -1], axis=1).max()) < RARE


def years(results: Any, months: int) -> np.ndarray:
    """The middle of each month as a year with decimals: 2025.04 for the first month of 2025."""
    year, month = first_month(results)
    return year + (month - 1 + np.arange(months) + 0.5) / 12.0


def first_month(results: Any) -> tuple[int, int]:
    """Year and month in which the runs start."""
    year, month = str(results.start).split("-")[:2]
    return int(year), int(month)


def date(results: Any, month: int) -> str:
    """A month of the run as people write it: "Mar 2027"."""
    year, first = first_month(results)
    ahead = first - 1 + int(month)
    name = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[ahead % 12]
    return f"{name} {year + ahead // 12}"
