"""How far a good model may be off the record for reasons that are not its parameters: one process for all uses.

A series' discrepancy is a constant part and a random walk from December 2015; each figure has an error of its own by
its grade (`docs/forecasts.md`). Calibration takes its covariance, a forecast at the model's level all of it, and one
that is anchored at a known figure what has been walked since. Kennedy and O'Hagan (2001) have the idea.
"""

from __future__ import annotations

import numpy as np

from sim.studies.forecasting.record import Series

BEGINS = 2016.0  # the end of December 2015, when runs begin
WALK = 0.5  # standard deviation of the walk after a year, as a share of the constant part
ANY_LEVEL = 30.0  # standard deviation of the constant part where levels cannot be compared, in discrepancies


def covariance(series: Series) -> np.ndarray:
    """Covariance of what the record says less what a good model says: (points, points), on the series' scale."""
    constant = series.discrepancy * (ANY_LEVEL if series.growth_only else 1.0)
    since = np.maximum(series.years - BEGINS, 0.0)
    walked = (WALK * series.discrepancy) ** 2 * np.minimum.outer(since, since)
    return np.asarray(constant**2 + walked + np.diag(series.errors**2))


def level_sd(series: Series, point: int) -> float:
    """Standard deviation of the discrepancy and the error of one figure."""
    return float(np.sqrt(covariance(series)[point, point]))


def anchored_sd(series: Series, anchor: int, point: int) -> float:
    """Standard deviation of what is added between two figures: the walk, and the errors of both."""
    walked = (WALK * series.discrepancy) ** 2 * (series.years[point] - series.years[anchor])
    return float(np.sqrt(walked + series.errors[anchor] ** 2 + series.errors[point] ** 2))
