"""A scatter of policies by two aims: those that are told with their intervals, and how others lie around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.common.numbers import money
from sim.model.outcomes import Outcome
from sim.report.charts.axes import Scale, scale_for
from sim.report.charts.points import across_axis, panel
from sim.report.charts.style import FONT_SIZE, LIGHT, Chart, drawing, line_colour
from sim.report.words.names import short
from sim.report.words.units import heading, minus

_NEAR = 13.0  # points between the lines of two labels
_WIDTH = 24


@dataclass(frozen=True)
class Choice:
    """A policy at its means, with half-widths of its intervals; without a name it is one of many."""

    name: str
    x: float
    y: float
    half_x: float
    half_y: float


def choices_chart(choices: Sequence[Choice], faint: np.ndarray, across: Outcome, up: Outcome) -> Chart:
    """Policies with names filled, with their intervals; others hollow; `faint` (points, 2) behind them."""
    named = [each for each in choices if each.name]
    xs = [x for each in choices for x in ((each.x - each.half_x, each.x + each.half_x) if each.name else (each.x,))]
    ys = [y for each in choices for y in ((each.y - each.half_y, each.y + each.half_y) if each.name else (each.y,))]
    horizontal, vertical = told_apart(min(xs), max(xs), across), told_apart(min(ys), max(ys), up)
    with drawing():
        figure, axes = panel(vertical, heading(up))
        across_axis(axes, horizontal, heading(across))
        inside = ((faint >= [horizontal.limits[0], vertical.limits[0]])
                  & (faint <= [horizontal.limits[1], vertical.limits[1]])).all(axis=1)
        axes.plot(*faint[inside].T, "o", markersize=2.5, color=LIGHT["rule"], alpha=0.6, zorder=2)
        for each in choices:
            if not each.name:
                axes.plot([each.x], [each.y], "o", markersize=5.0, color=line_colour(1),
                          markerfacecolor=LIGHT["paper"], zorder=3)
        for each in named:
            axes.errorbar([each.x], [each.y], xerr=[each.half_x], yerr=[each.half_y], fmt="o", markersize=6.0,
                          color=line_colour(1), elinewidth=1.0, zorder=4)
        _label(axes, named)
    return figure


def told_apart(low: float, high: float, outcome: Outcome) -> Scale:
    """A scale whose ticks all say something else: policies may lie close together, far from nil."""
    scale = scale_for(low, high, outcome)
    if len(set(scale.labels)) == len(scale.labels) or not outcome.unit.startswith("USD bn"):
        return scale
    return replace(scale, labels=tuple(minus(money(tick, 4)) for tick in scale.ticks))


def _label(axes: Any, named: Sequence[Choice]) -> None:
    """Names beside their marks, on the side with room, moved apart where they would lie on one another."""
    transform, points = axes.transData.transform, 72.0 / axes.figure.dpi
    left, right = axes.get_xlim()
    taken: list[float] = []
    for each in sorted(named, key=lambda choice: -choice.y):
        at = transform((each.x, each.y))[1] * points
        to_left = each.x > (left + right) / 2.0
        offset = 6.0
        while any(abs(at + offset - other) < _NEAR for other in taken):
            offset -= _NEAR / 4.0
        taken.append(at + offset)
        axes.annotate(short(each.name, _WIDTH), (each.x, each.y), xytext=(-7.0 if to_left else 7.0, offset),
                      textcoords="offset points", fontsize=FONT_SIZE - 1, zorder=5, va="center",
                      ha="right" if to_left else "left")
