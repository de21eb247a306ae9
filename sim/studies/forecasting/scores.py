"""Proper scores of an ensemble against what was observed, and the naive forecast that it must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats


def crps_of_ensemble(members: np.ndarray, observed: float) -> float:
    """Continuous ranked probability score of an ensemble (members,), in its unit; lower is better.

    The fair form, unbiased for the distribution that the members are drawn from: mean |X - y| - mean |X - X'| / 2 over
    different members (Ferro 2014). A single member scores its absolute error.
    """
    members = np.sort(np.asarray(members, float))
    n = len(members)
    error = float(np.abs(members - observed).mean())
    if n == 1:
        return error
    spread = 2.0 * float(((2.0 * np.arange(1, n + 1) - n - 1.0) * members).sum()) / (n * (n - 1.0))
    return error - 0.5 * spread


def crps_of_normal(mean: float, sd: float, observed: float) -> float:
    """The score of a normal forecast, in closed form (Gneiting and Raftery 2007); with `sd` 0 the absolute error."""
    if sd <= 0.0:
        return abs(observed - mean)
    z = (observed - mean) / sd
    return float(sd * (z * (2.0 * stats.norm.cdf(z) - 1.0) + 2.0 * stats.norm.pdf(z) - 1.0 / np.sqrt(np.pi)))


def covers(members: np.ndarray, observed: float, level: float) -> bool:
    """Whether the central band that holds `level` of the members holds what was observed, ends included."""
    low, high = np.quantile(members, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return bool(low <= observed <= high)


@dataclass(frozen=True)
class Trend:
    """A naive forecast: the straight line through what was known, with its own prediction error."""

    times: np.ndarray
    values: np.ndarray

    def forecast(self, time: float) -> tuple[float, float]:
        """Mean and standard deviation at a time, in the values' unit.

        With three points or more a least-squares line and the error of a prediction from it; with two the line, with
        one the last value, and then an error of a tenth of a unit that grows with the root of the years ahead.
        """
        ahead = max(time - self.times[-1], 0.0)
        if len(self.times) == 1:
            return float(self.values[0]), 0.1 * np.sqrt(max(ahead, 0.25))
        slope, level = np.polyfit(self.times, self.values, 1)
        if len(self.times) == 2:
            return float(level + slope * time), 0.1 * np.sqrt(max(ahead, 0.25))
        residual = self.values - (level + slope * self.times)
        centred = self.times - self.times.mean()
        variance = (residual**2).sum() / (len(self.times) - 2)
        leverage = 1.0 + 1.0 / len(self.times) + (time - self.times.mean()) ** 2 / (centred**2).sum()
        return float(level + slope * time), float(np.sqrt(variance * leverage))
