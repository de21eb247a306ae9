"""Axes as a reader wants them: years below, plain numbers with their unit at the left, a thin grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import NullLocator

from sim.common.numbers import percent, tick
from sim.model.outcomes import Outcome
from sim.report.charts.labels import text_width
from sim.report.charts.style import LIGHT
from sim.report.words.units import COUNTS, FLOP, SHARES, minus, power_of_ten

DECADES_FOR_LOG = 0.9
"""Orders of magnitude between smallest and largest value from which growth is drawn in logs."""
MOST_TICKS = 5
ONE_VALUE = 1e-9
"""Share of the larger of two values below which their difference is rounding, and no axis can show it."""


@dataclass(frozen=True)
class Scale:
    """A value axis: where ticks stand, what they say, where the axis ends, whether it is logarithmic."""

    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    limits: tuple[float, float]
    log: bool = False

    @property
    def margin(self) -> float:
        """Points that the labels need beside the axis."""
        return max([text_width(label) for label in self.labels], default=8.0) + 7.0


def scale_for(low: float, high: float, outcome: Outcome) -> Scale:
    """A scale with round ticks for values from `low` to `high`, in logs if the outcome grows by multiples."""
    if outcome.log and low > 0.0 and math.log10(high / low) > DECADES_FOR_LOG:
        return _log_scale(low, high, outcome)
    if 0.0 < low < (1.5 if outcome.unit in SHARES else 0.6) * (high - low):
        low = 0.0
    if high - low <= ONE_VALUE * max(abs(low), abs(high)):
        high = low + (abs(low) * 0.1 or 1.0)
    step = _round_step((high - low) / MOST_TICKS)
    if outcome.unit in COUNTS and high - low > 2.0:
        step = max(math.ceil(step), 1.0) if step < 3.0 else step
    bottom, top = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = 12 - math.floor(math.log10(step))
    ticks = tuple(round(number * step, decimals) for number in range(bottom, top + 1))
    return Scale(ticks, tuple(axis_label(value, outcome.unit, step) for value in ticks), (ticks[0], ticks[-1]))


def share_scale(top: float) -> Scale:
    """A scale from 0 to `top`, a share of the runs."""
    ticks = tuple(np.linspace(0.0, top, 5).tolist())
    return Scale(ticks, tuple(percent(value) for value in ticks), (0.0, top))


def axis_label(value: float, unit: str, step: float = 0.0) -> str:
    """A number on an axis: "$10bn", "40%", "10²⁵"; `step` between ticks decides a percentage's decimals."""
    if unit in FLOP:
        return power_of_ten(value)
    if unit in SHARES:
        return minus(percent(value, 3 if 0.0 < step < 0.01 else 2))
    return minus(tick(value, unit))


def draw_scale(axes: Any, scale: Scale) -> None:
    """Labels at the left, thin lines across, no frame."""
    if scale.log:
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(*scale.limits)
    axes.set_yticks(list(scale.ticks), list(scale.labels))
    axes.yaxis.grid(True, color=LIGHT["grid"], linewidth=0.8)
    if scale.limits[0] < 0.0 < scale.limits[1]:
        axes.axhline(0.0, color=LIGHT["rule"], linewidth=0.8)


def time_axis(axes: Any, years: Sequence[float], width: float) -> None:
    """Years below the axes, as many as `width` points have room for; months for runs of a year or less."""
    start, end = float(years[0]) - 1.0 / 24.0, float(years[-1]) + 1.0 / 24.0
    axes.set_xlim(start - 0.003 * (end - start), end)
    first, last = math.ceil(start - 0.02), math.floor(end + 0.02)
    room = max(2, int(width // 44))
    step = next((step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= room), 100)
    ticks = [year for year in range(first, last + 1) if (year - first) % step == 0]
    places = [float(year) for year in ticks] or [start]
    axes.set_xticks(places, [str(year) for year in ticks] or [str(math.floor(start))])


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * nice for nice in (1.0, 2.0, 2.5, 5.0, 10.0) if power * nice >= rough * (1 - 1e-9))


def _log_scale(low: float, high: float, outcome: Outcome) -> Scale:
    bottom, top = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if top - bottom <= 2:
        ticks = [float(base) * 10.0**power for power in range(bottom, top + 1) for base in (1.0, 3.0)]
    else:
        ticks = [10.0**power for power in range(bottom, top + 1, math.ceil((top - bottom) / 6))]
    inside = [value for value in ticks if low * 0.75 <= value <= high * 1.33]
    limits = (min([low, *inside]) * 0.95, max([high, *inside]) * 1.05)
    return Scale(tuple(inside), tuple(axis_label(value, outcome.unit) for value in inside), limits, log=True)
