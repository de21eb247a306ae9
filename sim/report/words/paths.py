"""What a fan chart shows of an outcome: its paths over the runs, as quantiles or as a mean.

Flows are shown as totals so far and peaks as the largest so far, so that a chart ends at the number that the
tables report. Outcomes of which a median says little, as those that are mostly zero or one, are shown as a
mean with its interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.common.language import month_name
from sim.model.outcomes import OUTCOMES, Outcome, so_far
from sim.report.words.units import COUNTS, SHARES
from sim.studies.comparing.intervals import mean_difference
from sim.studies.comparing.over_time import differences_so_far

RARE = 3.0
"""Counts whose medians at the horizon all lie below this are shown by their means."""
FEWEST_RUNS_FOR_MEAN = 30
_NORMAL_95 = 1.959964
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


def apart(comparison: Any, name: str) -> Paths:
    """An outcome's paired differences to the baseline over time, as `Paths` of the other scenarios.

    Quantiles are of the differences of single runs, not differences of quantiles. Where levels are shown by their mean,
    and where the median never leaves zero although the mean does, as for incidents that most runs do not have, the mean
    is shown with its interval, which knows that runs of one draw of parameters are not independent. KeyError for an
    unknown outcome.
    """
    outcome, results = OUTCOMES[name], comparison.results
    runs = differences_so_far(comparison, name)
    hidden = bool((~np.median(runs, axis=1).any(axis=1) & runs.mean(axis=1).any(axis=1)).any())
    is_mean = runs.shape[1] >= FEWEST_RUNS_FOR_MEAN and (
        hidden or _needs_mean(outcome, so_far(results.outcome(name)[:, results.paired], outcome)))
    if is_mean:
        found = mean_difference(comparison.by_draw(runs).swapaxes(0, 1), comparison.level, furthest=outcome.furthest)
        centre, band = found.estimate, np.stack([found.low, found.high], axis=1)
        outer = inner = np.where(np.isfinite(band), band, centre[:, None])  # one draw alone has no interval
    else:
        low, quarter, centre, three_quarters, high = np.quantile(runs, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
        outer, inner = np.stack([low, high], axis=1), np.stack([quarter, three_quarters], axis=1)
    return Paths(outcome, centre, inner, outer, runs, years(results, runs.shape[2]), is_mean, "paired differences")


def apart_beside_zero(comparison: Any, name: str, scenario: str) -> Paths:
    """`apart` of one scenario, after the baseline's line, which differs from itself by nothing.

    KeyError for an unknown outcome, ValueError for a scenario that is none of the others.
    """
    shown, place = apart(comparison, name), comparison.others.index(scenario)
    centre, inner, outer, runs = (np.stack([np.zeros_like(rows[place]), rows[place]])
                                  for rows in (shown.centre, shown.inner, shown.outer, shown.runs))
    return replace(shown, centre=centre, inner=inner, outer=outer, runs=runs)


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
    return month_name(year + ahead // 12, ahead % 12 + 1, short=True)


def _first_month(results: Any) -> tuple[int, int]:
    year, month = str(results.start).split("-")[:2]
    return int(year), int(month)
