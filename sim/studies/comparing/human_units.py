"""Differences in units that people know: a frontier's delay in months, a year's chance, a share of what labs earn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.studies.comparing import intervals

if TYPE_CHECKING:
    from sim.studies.comparing.compare import Comparison

GROWTH_OVER = 24
"""Last months of the baseline over which the frontier's growth is taken."""


class Difference(NamedTuple):
    """A mean under the baseline, the paired difference with its interval, and the baseline's deviation over runs."""

    baseline: float
    difference: float
    low: float
    high: float
    deviation: float


def chance_in_a_year(comparison: Comparison, scenario: str) -> Difference:
    """The chance of a severe incident within a year at each month's hazard, as the mean over months: 0 to 1."""
    of_month = _paired(comparison, "severe_incident_hazard")
    of_year = (1.0 - (1.0 - of_month) ** 12).mean(axis=2)
    base, other = of_year[comparison.baseline_position], of_year[comparison.results.position(scenario)]
    drawn = comparison.by_draw((other - base)[:, np.newaxis])
    found = intervals.mean_difference(drawn, comparison.level, furthest=1.0)
    estimate, low, high = (float(each[0]) for each in found)
    return Difference(float(base.mean()), estimate, low, high, _deviation(base))


def delay_in_months(comparison: Comparison, scenario: str) -> Difference | None:
    """By how many months the frontier comes later at the end, by how fast it grows then in the baseline.

    What its log10 lacks, over the growth a month of the baseline's mean in its last `GROWTH_OVER` months; negative
    where it comes earlier. None where the baseline's frontier does not grow.
    """
    path = _paired(comparison, "frontier_log10_flop")[comparison.baseline_position]
    over = min(GROWTH_OVER, path.shape[1] - 1)
    growth = float((path[:, -1] - path[:, -1 - over]).mean()) / over if over else 0.0
    if growth <= 0.0:
        return None
    table = comparison.table
    row = table[(table["scenario"] == scenario) & (table["outcome"] == "frontier_log10_flop")].iloc[0]
    later, low, high = (-float(row[name]) / growth for name in ("difference", "high", "low"))
    return Difference(0.0, later, low, high, _deviation(path[:, -1]) / growth)


def compliance_of_revenue(comparison: Comparison, scenario: str) -> float:
    """What all labs of all runs pay to comply with rules over what they earn, in total: a share; NaN without revenue.

    World revenue is the largest seller's over its share of the market.
    """
    place = comparison.results.position(scenario)
    cost, leader, share = (_paired(comparison, name)[place] for name in
                           ("compliance_cost_usd_bn", "leader_revenue_usd_bn", "leader_share"))
    earned = np.divide(leader, share, out=np.zeros_like(leader), where=share > 0.0).sum() / 12.0
    return float(cost.sum() / earned) if earned > 0.0 else float("nan")


def _paired(comparison: Comparison, outcome: str) -> np.ndarray:
    """Monthly values of the runs that are compared: (scenarios, runs, months)."""
    return np.asarray(comparison.results.outcome(outcome)[:, comparison.results.paired])


def _deviation(values: np.ndarray) -> float:
    return float(intervals.standard_deviation(values)) if len(values) > 1 else 0.0
