"""Naive forecasts with densities: what the model must beat (`docs/forecasts.md`).

Each knows the figures of a series up to an origin, and nothing else. A forecast is an ensemble of equally likely values
on the series' scale, quantiles of a normal distribution; the pool takes some of each.
"""

from __future__ import annotations

import tomllib
import warnings
from functools import cache
from typing import Any

import numpy as np
from scipy.special import ndtri

from sim.model.parameters import DATA

MEMBERS = 400
"""Values in a rival's ensemble."""
DAMPING = 0.8
"""What a damped drift keeps of its slope after a year."""
USUAL_CHANGE = 0.3
"""Standard deviation of a year's change on a log scale that is expected before any is seen."""
PULL = 2.0
"""How many changes that expectation is worth."""
ENOUGH = 10
"""Figures from which on Theta is tried."""
NAIVE = ("no change", "drift", "damped drift", "trend")
NAMES = (*NAIVE, "pool", "Theta")


def rivals(years: np.ndarray, seen: np.ndarray, ahead: float, usual: float = USUAL_CHANGE) -> dict[str, np.ndarray]:
    """The rivals' forecasts of a figure `ahead` years after the last of those that are known: name to (MEMBERS,).

    `years` and `seen` (figures,), in order, are two figures at least, on the scale; `usual` is the standard deviation
    of a year's change that is expected there before any is seen.
    """
    found = _normals(years, seen, ahead, usual)
    forecasts = {name: normal_members(mean, sd) for name, (mean, sd) in found.items()}
    # Every fourth value of each, from another start, so that the pool's ends are those of the widest.
    forecasts["pool"] = np.sort(np.concatenate([forecasts[name][i :: len(NAIVE)] for i, name in enumerate(NAIVE)]))
    if (theta := _theta(years, seen, ahead)) is not None:
        forecasts["Theta"] = normal_members(*theta)
    return forecasts


@cache
def _outside() -> tuple[dict[str, Any], ...]:
    """Forecasts that others made (`sim/data/forecasts.toml`)."""
    return tuple(tomllib.loads((DATA / "forecasts.toml").read_text(encoding="utf-8"))["forecast"])


def outside(series: str, origin: str, years: np.ndarray, seen: np.ndarray, ahead: float,
            usual: float = USUAL_CHANGE) -> dict[str, np.ndarray]:
    """Forecasts of a series that others had made at an origin and not yet superseded: name to (MEMBERS,).

    Each is a growth from the last known figure; years scatter about it as those that are known do.
    """
    found = {}
    for row in _outside():
        if row["series"] == series and row["made"] <= origin <= row.get("until", origin):
            unsure = (row.get("high", 0.0) - row.get("low", 0.0)) / (2.0 * ndtri(0.95))
            scatter = _variance(years, seen, row["per_year"], usual)
            found[row["by"]] = normal_members(float(seen[-1]) + row["per_year"] * ahead,
                                        float(np.sqrt(scatter * ahead + (unsure * ahead) ** 2)))
    return found


def _variance(years: np.ndarray, seen: np.ndarray, drift: float, usual: float) -> float:
    """Of a year's change about a drift, pulled to what is usual."""
    steps, changes = np.diff(years), np.diff(seen)
    return float((PULL * usual**2 + ((changes - drift * steps) ** 2 / steps).sum()) / (PULL + len(steps)))


def _normals(years: np.ndarray, seen: np.ndarray, ahead: float, usual: float) -> dict[str, tuple[float, float]]:
    """Means and standard deviations of the four that are normal."""
    span = float(years[-1] - years[0])
    slope = float((seen[-1] - seen[0]) / span)
    last = float(seen[-1])
    widened = np.sqrt(_variance(years, seen, slope, usual) * (ahead + ahead**2 / span))
    drift = (last + slope * ahead, float(widened))
    damped = last + slope * (1.0 - DAMPING**ahead) / -np.log(DAMPING)
    trend = _trend(years, seen, float(years[-1]) + ahead) if len(seen) > 2 else drift
    return {"no change": (last, float(np.sqrt(_variance(years, seen, 0.0, usual) * ahead))), "drift": drift,
            "damped drift": (float(damped), float(widened)), "trend": trend}


def _trend(years: np.ndarray, seen: np.ndarray, when: float) -> tuple[float, float]:
    """The least-squares line, and the standard error of a prediction from it."""
    slope, level = np.polyfit(years, seen, 1)
    rest = seen - (level + slope * years)
    centred = years - years.mean()
    variance = float((rest**2).sum() / (len(years) - 2))
    leverage = 1.0 + 1.0 / len(years) + (when - years.mean()) ** 2 / float((centred**2).sum())
    return float(level + slope * when), float(np.sqrt(variance * leverage))


def _theta(years: np.ndarray, seen: np.ndarray, ahead: float) -> tuple[float, float] | None:
    """Mean and standard deviation of the Theta method, from figures at equal steps; None for others or for few."""
    steps = np.diff(years)
    if len(seen) < ENOUGH or np.ptp(steps) > 1e-6:
        return None
    count = max(1, round(ahead / steps[0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a series without noise
        fitted = _theta_fitted(tuple(seen.tolist()))
        mean = float(np.asarray(fitted.forecast(count))[-1])
        band = np.asarray(fitted.prediction_intervals(count, alpha=0.3173))[-1]
    return mean, float(band[1] - band[0]) / 2.0


@cache
def _theta_fitted(seen: tuple[float, ...]) -> Any:
    """The Theta method fitted to figures, once for all months ahead: its error takes seconds to estimate."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    return ThetaModel(np.array(seen), period=1, deseasonalize=False, use_test=False).fit()


def normal_members(mean: float, sd: float) -> np.ndarray:
    """Equally likely values of a normal forecast: (MEMBERS,)."""
    return mean + sd * ndtri((np.arange(MEMBERS) + 0.5) / MEMBERS)
