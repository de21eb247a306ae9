"""Rows with a mark and its interval on one axis, name at the left, number at the right: tornado diagrams, regret."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.report.charts.axes import MOST_TICKS
from sim.report.charts.labels import fit, text_width, wrap
from sim.report.charts.style import (
    FONT_SIZE,
    LIGHT,
    PANEL_WIDTH,
    Chart,
    chart,
    drawing,
    line_colour,
    marker,
    place,
    text_colour,
)
from sim.report.charts.svg import Drawn, inline

ROW = 31.0
LINE = 13.0  # more where a name takes two lines
_SIDE = 8.0
_TOP, _BOTTOM = 6.0, 38.0


@dataclass(frozen=True)
class Row:
    """A name, a number as text, the place of its mark, a thin line, and perhaps a thick one or a bar from zero."""

    name: str
    amount: str
    value: float
    low: float
    high: float
    thick: tuple[float, float] | None = None
    bar: bool = False
    clear: bool = True
    role: int = 1


def drawn_rows(rows: Sequence[Row], label: str, tick: Callable[[float], str], name: str, title: str) -> Drawn:
    """The chart of rows for a page; a screen reader says its title, and each row's name with its number."""
    return inline(rows_chart(rows, label, tick), name, title, " ".join(f"{row.name}: {row.amount}." for row in rows))


def rows_chart(rows: Sequence[Row], label: str, tick: Callable[[float], str], least: float | None = None) -> Chart:
    """Rows over one axis with `label` below it and `tick` for its numbers; the axis includes zero.

    Filled marks: clear of zero; hollow: not. `least` is where the axis begins at the latest, as -1 for correlations.
    """
    numbers = [0.0, *(x for row in rows for x in (row.value, row.low, row.high, *(row.thick or ())))]
    low, high = min(numbers), max(numbers)
    low = min(low, least) if least is not None else low
    span = (high - low) or 1.0
    with drawing():
        names = ["\n".join(wrap(row.name, PANEL_WIDTH - 2 * _SIDE - 12.0 - text_width(row.amount, bold=True), 2))
                 for row in rows]
        heights = [ROW + LINE * name.count("\n") for name in names]
        figure = chart(_TOP + max(sum(heights), ROW) + _BOTTOM)
        axes = place(figure, _SIDE, _SIDE, _TOP, _BOTTOM)
        axes.set_xlim(low - 0.02 * span, high + 0.02 * span)
        axes.set_ylim(max(sum(heights), ROW), 0.0)
        axes.set_yticks([])
        ticks = _ticks(low, high)
        axes.set_xticks(ticks, [tick(value) for value in ticks])
        axes.set_xlabel(fit(label, PANEL_WIDTH - 2 * _SIDE), fontsize=FONT_SIZE - 1, labelpad=2)
        for value in ticks:
            style = (LIGHT["rule"], 1.2) if value == 0.0 else (LIGHT["grid"], 0.8)
            axes.axvline(value, color=style[0], linewidth=style[1])
        for row, name, bottom in zip(rows, names, np.cumsum(heights).tolist(), strict=True):
            _row(axes, row, name, bottom)
    return figure


def _ticks(low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(MOST_TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    inside = [float(value) for value in values if low - 1e-9 <= value <= high + 1e-9]
    return [0.0 if abs(value) < 1e-12 else float(np.round(value, 12)) for value in inside]


def _row(axes: Any, row: Row, name: str, bottom: float) -> None:
    left, right = axes.get_xlim()
    colour, middle = line_colour(row.role), bottom - 9.0
    box = {"boxstyle": "square,pad=0.1", "facecolor": LIGHT["paper"], "edgecolor": "none"}
    above = bottom - ROW + 9.0
    axes.text(left, above - LINE / 2 * name.count("\n"), name, va="center", ha="left", bbox=box, zorder=5)
    tint = text_colour(row.role) if row.clear else LIGHT["muted"]
    axes.text(right, above, row.amount, va="center", ha="right", bbox=box, fontweight="bold", color=tint, zorder=5)
    if row.bar:
        axes.barh([middle], [row.value], height=9.0, color=colour, alpha=0.3, linewidth=0, zorder=2)
    if row.thick is not None:
        axes.plot(row.thick, [middle] * 2, color=colour, linewidth=6.0, solid_capstyle="butt", alpha=0.55, zorder=3)
    axes.plot([row.low, row.high], [middle] * 2, color=colour, linewidth=1.6, solid_capstyle="butt", zorder=3)
    axes.plot([row.value], [middle], marker=marker(row.role), markersize=7.0, linestyle="none", color=colour,
              markeredgewidth=1.6, markerfacecolor=colour if row.clear else LIGHT["paper"], clip_on=False, zorder=4)
