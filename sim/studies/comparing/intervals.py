"""Interval estimates for paired runs: pure functions of arrays, no knowledge of scenarios or outcomes.

Runs of two scenarios share their luck, so a run is compared with itself under the other scenario: every
interval of a difference is an interval of the mean of paired differences. There are no p-values: runs are
free, what counts is the effect and how exactly it is known.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from scipy import special

FAMILY_STREAM = "studies.intervals.family"
FAMILY_DRAWS = 20_000
FEWEST_RUNS_FOR_FAMILY = 30


class Interval(NamedTuple):
    """An estimate with its interval; arrays of one shape, in the unit of the data."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def t_quantile(level: float, degrees: float) -> float:
    """Half width, in standard errors, of a two-sided Student t interval; NaN without degrees of freedom."""
    return float(special.stdtrit(degrees, 0.5 + level / 2.0)) if degrees > 0 else float("nan")


def normal_quantile(level: float) -> float:
    """Half width, in standard errors, of a two-sided normal interval."""
    return float(special.ndtri(0.5 + level / 2.0))


def mean_difference(differences: np.ndarray, level: float = 0.95, critical: float | None = None,
                    furthest: float | np.ndarray = np.inf) -> Interval:
    """Mean of paired differences with a Student t interval, column by column.

    `differences` (runs, ...); each part of the result has the shape of one row. `critical` replaces the t
    quantile, as a simultaneous interval does. Differences that are all alike give an interval without
    width; fewer than two runs give NaN limits. No limit lies beyond `furthest`, the largest difference that there can
    be, a number or one a column.
    """
    runs = differences.shape[0]
    mean = exact_mean(differences)
    if critical is None:
        critical = t_quantile(level, runs - 1)
    half = critical * standard_error(differences)
    return Interval(mean, np.maximum(mean - half, -furthest), np.minimum(mean + half, furthest))


def exact_mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis that returns the common value, to the last bit, where all values are alike.

    `values` (runs, ...); NaN where there is no run.
    """
    if values.shape[0] == 0:
        return np.full(values.shape[1:], np.nan)
    first = values[0]
    return first + (values - first).mean(axis=0)


def standard_error(values: np.ndarray) -> np.ndarray:
    """Standard error of the mean over the first axis; zero where all values are alike, NaN below two."""
    return standard_deviation(values) / np.sqrt(max(values.shape[0], 1))


def standard_deviation(values: np.ndarray) -> np.ndarray:
    """Standard deviation over the first axis (n - 1); exactly zero where all values are alike."""
    runs = values.shape[0]
    if runs < 2:
        return np.full(values.shape[1:], np.nan)
    return (values - values[0]).std(axis=0, ddof=1)


def correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlation over runs of two arrays (runs, ...), column by column; NaN where either does not vary.

    For scenarios on the same luck this is the correlation that the pairing achieved. Equal columns give
    exactly 1.
    """
    if first.shape[0] < 2:
        return np.full(first.shape[1:], np.nan)
    x = (first - first[0]) - (first - first[0]).mean(axis=0)
    y = (second - second[0]) - (second - second[0]).mean(axis=0)
    spread = np.sqrt((x * x).sum(axis=0)) * np.sqrt((y * y).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.clip((x * y).sum(axis=0) / spread, -1.0, 1.0)
    result = np.where(spread > 0.0, result, np.nan)
    same = (first == second).all(axis=0) & (spread > 0.0)
    return np.where(same, 1.0, result)


def equivalent_unpaired_runs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Runs with separate luck that would estimate the difference as exactly as these pairs do.

    Arrays (runs, ...): runs x (var first + var second) / var of the differences. NaN where no difference
    varies.
    """
    spread = standard_deviation(second - first) ** 2
    separate = standard_deviation(first) ** 2 + standard_deviation(second) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0.0, first.shape[0] * separate / spread, np.nan)


# ---- proportions -----------------------------------------------------------------------------------------


def wilson(successes: np.ndarray, runs: int, level: float = 0.95) -> Interval:
    """Proportion with Wilson's score interval (1927): sensible at 0 and at 1, where Wald's has no width.

    `successes` of any shape, out of `runs`; shares of 1.
    """
    count = np.asarray(successes, dtype=float)
    if runs == 0:
        nothing = np.full(count.shape, np.nan)
        return Interval(nothing, nothing, nothing)
    z2 = normal_quantile(level) ** 2
    share = count / runs
    centre = (share + z2 / (2 * runs)) / (1 + z2 / runs)
    half = np.sqrt(z2 * (share * (1 - share) / runs + z2 / (4 * runs**2))) / (1 + z2 / runs)
    low = np.where(count == 0, 0.0, centre - half)
    high = np.where(count == runs, 1.0, centre + half)
    return Interval(share, low, high)


def paired_proportions(first: np.ndarray, second: np.ndarray, level: float = 0.95) -> Interval:
    """Difference of two proportions over the same runs, second less first: Bonett and Price (2012).

    Boolean arrays (runs, ...). One imagined run is added to each kind of discordant pair, so that the
    interval has width, and the right coverage, even where no pair differed.
    """
    runs = first.shape[0]
    if runs == 0:
        nothing = np.full(first.shape[1:], np.nan)
        return Interval(nothing, nothing, nothing)
    gained = (second & ~first).sum(axis=0)
    lost = (first & ~second).sum(axis=0)
    p_gained, p_lost = (gained + 1) / (runs + 2), (lost + 1) / (runs + 2)
    centre = p_gained - p_lost
    half = normal_quantile(level) * np.sqrt((p_gained + p_lost - centre**2) / (runs + 2))
    return Interval((gained - lost) / runs, np.maximum(centre - half, -1.0), np.minimum(centre + half, 1.0))


# ---- first events ----------------------------------------------------------------------------------------


def first_month(happened: np.ndarray) -> np.ndarray:
    """Month (0-based) at which a condition first holds, -1 if never. `happened` (..., months) boolean."""
    return np.where(happened.any(axis=-1), happened.argmax(axis=-1), -1)


def cumulative_incidence(first: np.ndarray, months: int, level: float = 0.95) -> Interval:
    """Share of runs in which the first event has come by the end of each month, with Wilson's interval.

    `first` (runs): month of the first event, -1 for none within the horizon. Each part (months,). Every run
    is watched to the horizon, so there is nothing to correct for censoring.
    """
    counts = np.bincount(first[first >= 0], minlength=months)[:months]
    return wilson(counts.cumsum(), len(first), level)


# ---- many intervals at once ------------------------------------------------------------------------------


def family_critical(differences: np.ndarray, level: float = 0.95, draws: int = FAMILY_DRAWS) -> float:
    """Half width, in standard errors, that makes the intervals of all columns hold together (sup-t).

    `differences` (runs, columns). The quantile of the largest absolute t over columns as correlated as
    these are, found by drawing from the multivariate t distribution with runs - 1 degrees of freedom
    (Montiel Olea and Plagborg-Moller 2019); always between the t quantile of one interval and Bonferroni's,
    which is used below 30 runs. The draws come from a Philox stream keyed by `FAMILY_STREAM`, so a result
    does not change when it is computed again; the order of the runs does not matter. Columns that do not
    vary take no part.
    """
    runs = differences.shape[0]
    if runs < 2:
        return float("nan")
    spread = standard_deviation(differences)
    varying = spread > 0.0
    columns = int(varying.sum())
    single = t_quantile(level, runs - 1)
    if columns <= 1:
        return single
    bonferroni = t_quantile(1.0 - (1.0 - level) / columns, runs - 1)
    if runs < FEWEST_RUNS_FOR_FAMILY:
        return bonferroni
    part = differences[:, varying]
    scaled = (part - part.mean(axis=0)) / (spread[varying] * np.sqrt(runs - 1))
    largest = _largest_t(scaled, draws)
    return float(np.clip(np.quantile(largest, level), single, bonferroni))


def _largest_t(scaled: np.ndarray, draws: int) -> np.ndarray:
    """Draws of the largest absolute t; `scaled` (runs, columns) has the correlation matrix as its square."""
    _, weights, directions = np.linalg.svd(scaled, full_matrices=False)
    peak = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(peak)), peak])[:, np.newaxis]
    keep = weights > 1e-9 * weights[0]
    mixing = weights[keep, np.newaxis] * directions[keep]
    key = int.from_bytes(hashlib.sha256(FAMILY_STREAM.encode()).digest()[:16], "little")
    stream = np.random.Generator(np.random.Philox(key=key))
    degrees = scaled.shape[0] - 1
    scale = np.sqrt(stream.chisquare(degrees, draws) / degrees)
    block = max(1, 2_000_000 // scaled.shape[1])
    parts = [np.abs(stream.standard_normal((min(block, draws - done), mixing.shape[0])) @ mixing).max(axis=1)
             for done in range(0, draws, block)]
    return np.concatenate(parts) / scale
