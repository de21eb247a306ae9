"""What a fan chart shows of an outcome: its paths over the runs, as quantiles or as a mean.

Flows are shown as totals so far and peaks as the largest so far, so that a chart ends at the number that the
tables report. Outcomes of which a median says little, as those that are mostly zero or one, are shown as a
mean with its interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model.outcomes import OUTCOMES, Outcome, so_far
from sim.report.words.units import COUNTS, SHARES
from sim.studies.comparing.intervals import mean_difference

RARE = 3.0
"""Counts whose medians at the horizon all lie below this are shown by their means."""
FEWEST_RUNS_FOR_MEAN = 30
_NORMAL_95 = 1.959964
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SO_FAR = {"sum": "total so far; ", "max": "largest so far; "}


@dataclass(frozen=True)
class Paths:
    """An outcome over time in each scenario, in its unit.

    `centre` (scenarios, months); `inner` and `outer` (scenarios, 2, months): lower and upper; `runs`
    (scenarios, runs, months): the single runs; `years` (months,). If `is_mean`, the centre is a mean and both
    bands are its 95% interval; otherwise it is a median, with the middle 50% and 90% of the runs. `of` is what there
    is one of for each run: the run, or its difference to the baseline's run of the same number.
    """

    outcome: Outcome
    centre: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    runs: np.ndarray
    years: np.ndarray
    is_mean: bool
    of: str = "runs"

    @property
    def band(self) -> str:
        """What line and band are, for a chart's second line."""
        count = self.runs.shape[1]
        many = f"{count} {self.of}"
        what = f"mean of {many} and its 95% interval" if self.is_mean else f"median, 50% and 90% of {many}"
        return _SO_FAR.get(self.outcome.summary, "") + (what if count > 1 else "one run")


def paths(results: Any, name: str) -> Paths:
    """An outcome's paths in every scenario, without the runs that failed in any of them.

    Raises KeyError for an unknown outcome and ValueError if no run is left.
    """
    values = results.outcome(name)[:, results.paired]
    outcome = OUTCOMES[name]
    if values.shape[1] == 0:
        raise ValueError("no run was completed in every scenario, so there is nothing to draw")
    values = so_far(values, outcome)
    is_mean = _needs_mean(outcome, values)
    if is_mean:
        centre = values.mean(axis=1)
        half = _NORMAL_95 * values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
        lowest = min(0.0, float(values.min()))
        highest = 1.0 if outcome.unit in {*SHARES, "0-1"} else np.inf
        outer = inner = np.stack([centre - half, centre + half], axis=1).clip(lowest, highest)
    else:
        low, quarter, centre, three_quarters, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
        outer, inner = np.stack([low, high], axis=1), np.stack([quarter, three_quarters], axis=1)
    return Paths(outcome, centre, inner, outer, values, years(results, values.shape[-1]), is_mean)


def paired_paths(comparison: Any, name: str, scenario: str) -> Paths:
    """An outcome's differences to the baseline, run by run on the same luck, over time: two lines, the first at zero.

    `centre` (2, months) and the bands (2, 2, months) have the baseline, which differs from itself by nothing, and the
    scenario: the median of the paired differences with the middle 50% and 90% of them, or, where levels are shown by
    their mean, the mean with its 95% interval, which knows that runs of one draw of parameters are not independent.
    KeyError for an unknown outcome or scenario.
    """
    results, outcome = comparison.results, OUTCOMES[name]
    values = so_far(results.outcome(name)[:, results.paired], outcome)
    pairs = values[results.position(scenario)] - values[comparison.baseline_position]
    is_mean = _needs_mean(outcome, values) or (
        len(pairs) >= FEWEST_RUNS_FOR_MEAN and not np.median(pairs, axis=0).any() and bool(pairs.any()))
    if is_mean:
        found = mean_difference(comparison.by_draw(pairs), comparison.level, furthest=outcome.furthest)
        centre, band = found.estimate, np.stack([found.low, found.high])
        inner = outer = np.where(np.isfinite(band), band, centre)  # one draw alone has no interval
    else:
        low, quarter, centre, three_quarters, high = np.quantile(pairs, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        outer, inner = np.stack([low, high]), np.stack([quarter, three_quarters])
    zero = np.zeros_like(inner)
    return Paths(outcome, np.stack([zero[0], centre]), np.stack([zero, inner]), np.stack([zero, outer]),
                 np.stack([np.zeros_like(pairs), pairs]), years(results, pairs.shape[-1]), is_mean,
                 "paired differences")


def _needs_mean(outcome: Outcome, values: np.ndarray) -> bool:
    """Whether a median would hide the outcome, given enough runs to estimate a mean.

    That is so for yes-or-no outcomes, for rare counts, and where scenarios differ but their medians never do.
    """
    if values.shape[1] < FEWEST_RUNS_FOR_MEAN:
        return False
    medians = np.median(values, axis=1)
    rare = outcome.unit in COUNTS and float(medians[:, -1].max()) < RARE
    hidden = not np.ptp(medians, axis=0).any() and bool(np.ptp(values.mean(axis=1), axis=0).any())
    return rare or hidden or outcome.unit == "0 or 1"


def years(results: Any, months: int) -> np.ndarray:
    """The middle of each month as a year with decimals: 2025.04 for the first month of 2025."""
    year, month = _first_month(results)
    return year + (month - 1 + np.arange(months) + 0.5) / 12.0


def date(results: Any, month: int) -> str:
    """A month of the run, counted from 0, as people write it: "Mar 2027"."""
    year, first = _first_month(results)
    ahead = first - 1 + int(month)
    return f"{_MONTHS[ahead % 12]} {year + ahead // 12}"


def _first_month(results: Any) -> tuple[int, int]:
    year, month = str(results.start).split("-")[:2]
    return int(year), int(month)
