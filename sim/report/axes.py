"""Axes as a reader wants them: years below, plain numbers with their unit at the left, a thin grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from matplotlib.ticker import NullLocator

from sim.numbers import percent, tick
from sim.outcomes import Outcome
from sim.report.labels import text_width
from sim.report.style import LIGHT

_SUPERSCRIPT = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")
_SHARES = {"share", "0 or 1", "probability a month"}


def axis_label(value: float, unit: str, step: float = 0.0) -> str:
    """A number on an axis: "$10bn", "40%", "10²⁵", "1,000"; `step` between ticks sets the decimals of shares."""
    if unit == "log10 FLOP":
        return "10" + f"{value:.3g}".translate(_SUPERSCRIPT)
    if unit in _SHARES:
        return percent(value, 3) if step and step < 0.01 else percent(value)
    return tick(value, unit).replace("-", "−")


def time_axis(axes: Any, years: np.ndarray, width: float) -> None:
    """Years below the axes, as many as `width` points have room for."""
    first, last = math.floor(years[0]), math.ceil(years[-1])
    room = max(2, int(width // 44))
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= room)
    ticks = [year for year in range(first, last + 1) if (year - first) % step == 0]
    axes.set_xlim(
        years[0] - 0.05 * (last - first) / 10, max(years[-1], ticks[-1] if ticks[-1] - years[-1] < 0.1 else 0)
    )
    axes.set_xticks([year for year in ticks if year <= axes.get_xlim()[1] + 1e-9])
    axes.set_xticklabels([str(year) for year in ticks if year <= axes.get_xlim()[1] + 1e-9])


def value_ticks(
    low: float, high: float, outcome: Outcome, count: int = 5
) -> tuple[np.ndarray, list[str], tuple[float, float]]:
    """Round tick positions, their labels, and the limits of an axis from `low` to `high` in the outcome's unit."""
    if outcome.log and low > 0.0 and high / low > 8.0:
        return _log_ticks(low, high, outcome)
    if outcome.unit in {"0-1", "share", "0 or 1", "ratio"} or low >= 0.0 > low - 0.35 * (high - low):
        low = min(low, 0.0)
    if high <= low:
        high = low + (abs(low) * 0.1 or 1.0)
    step = _round_step((high - low) / count)
    whole = outcome.unit in {"labs", "suits", "conversions", "departures", "injunctions", "incidents"}
    if whole and high - low > 2.0:
        step = max(step, 1.0)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    ticks = np.round(np.arange(bottom, top + step / 2, step), 12)
    return ticks, [axis_label(value, outcome.unit, step) for value in ticks], (bottom, top)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * nice for nice in (1.0, 2.0, 2.5, 5.0, 10.0) if power * nice >= rough * (1 - 1e-9))


def _log_ticks(
    low: float, high: float, outcome: Outcome
) -> tuple[np.ndarray, list[str], tuple[float, float]]:
    bottom, top = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((top - bottom) / 6))
    ticks = [10.0**power for power in range(bottom, top + 1, every)]
    if top - bottom <= 2:
        ticks = [
            base * 10.0**power
            for power in range(bottom, top + 1)
            for base in (1, 3)
            if base * 10.0**power <= 10.0**top
        ]
    inside = [value for value in ticks if low * 0.7 <= value <= high * 1.3]
    limits = (min([low, *inside]) * 0.95, max([high, *inside]) * 1.05)
    return np.array(inside), [axis_label(value, outcome.unit) for value in inside], limits


def value_axis(
    axes: Any, ticks: Sequence[float], labels: Sequence[str], limits: tuple[float, float], log: bool
) -> None:
    """Labels at the left, thin lines across, no frame."""
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(*limits)
    axes.set_yticks(list(ticks))
    axes.set_yticklabels(list(labels))
    axes.yaxis.grid(True, color=LIGHT["grid"], linewidth=0.8)
    if not log and limits[0] < 0.0 < limits[1]:
        axes.axhline(0.0, color=LIGHT["rule"], linewidth=0.8)


def margin(labels: Sequence[str]) -> float:
    """Points that labels of the value axis need at the left."""
    return max([text_width(label) for label in labels], default=8.0) + 7.0
