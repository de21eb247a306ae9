"""Proper scores of an ensemble against what was observed."""

from __future__ import annotations

from collections.abc import Sequence

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


def crps_of_quantiles(quantiles: np.ndarray, levels: Sequence[float], observed: float) -> float:
    """The score of a forecast of which quantiles are known: twice the mean pinball loss over them, about its CRPS.

    Laio and Tamea (2007); it approaches the CRPS as evenly spaced levels grow in number.
    """
    values, shares = np.asarray(quantiles, float), np.asarray(levels, float)
    return float(2.0 * np.mean(np.where(values >= observed, 1.0 - shares, -shares) * (values - observed)))


def interval_score(members: np.ndarray, observed: float, levels: Sequence[float]) -> float:
    """Weighted interval score of an ensemble's central bands and median, in its unit (Bracher and others 2021)."""
    total = 0.5 * abs(observed - float(np.median(members)))
    for level in levels:
        outside = 1.0 - level
        low, high = np.quantile(members, [outside / 2.0, 1.0 - outside / 2.0])
        missed = max(low - observed, 0.0, observed - high)
        total += outside / 2.0 * (high - low) + missed
    return float(total / (len(levels) + 0.5))


def covers(members: np.ndarray, observed: float, level: float) -> bool:
    """Whether the central band that holds `level` of the members holds what was observed, ends included."""
    low, high = np.quantile(members, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return bool(low <= observed <= high)


def place(members: np.ndarray, observed: float) -> float:
    """The share of members below what was observed, those level with it by half: its probability integral transform."""
    return float(np.mean(members < observed) + 0.5 * np.mean(members == observed))
