"""Scatters of a sweep's points: two outcomes with the points that are not beaten; two axes with the box of failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from sim.common.numbers import percent
from sim.model.outcomes import OUTCOMES
from sim.report.charts.axes import Scale, draw_scale, scale_for
from sim.report.charts.labels import fit
from sim.report.charts.style import FONT_SIZE, LIGHT, PANEL_WIDTH, Chart, chart, dashes, drawing, line_colour, place
from sim.report.words.levers import lever_value, lever_with_unit
from sim.report.words.units import heading
from sim.studies.sweeping.discovery import Box, Boxes, is_word
from sim.studies.sweeping.fronts import Front

_HEIGHT, _BOTTOM, _TOP = 250.0, 44.0, 28.0
_MOST_LABELS = 5
_LABEL_ROOM = 60.0


def front_chart(found: Front, names: Sequence[str]) -> Chart:
    """Two outcomes over the points: filled and joined those that none beats, hollow those that may be among them.

    `names` (points,) labels a few of the front.
    """
    across, up = OUTCOMES[found.across], OUTCOMES[found.up]
    horizontal, vertical = (
        scale_for(float(np.nanmin(values)), float(np.nanmax(values)), replace(outcome, log=False))
        for values, outcome in ((found.x, across), (found.y, up)))
    with drawing():
        figure, axes = panel(vertical, heading(up))
        across_axis(axes, horizontal, heading(across))
        rest = ~(found.best | found.open_)
        axes.plot(found.x[rest], found.y[rest], "o", markersize=3.5, color=LIGHT["rule"], alpha=0.7, zorder=2)
        axes.plot(found.x[found.open_], found.y[found.open_], "o", markersize=5.5, color=line_colour(1),
                  markerfacecolor=LIGHT["paper"], zorder=3)
        order = np.flatnonzero(found.best)[np.argsort(found.x[found.best])]
        axes.plot(found.x[order], found.y[order], "-", color=line_colour(1), linewidth=1.2, zorder=3)
        axes.plot(found.x[order], found.y[order], "o", markersize=6.0, color=line_colour(1), zorder=4)
        _name_a_few(axes, found, order, names)
    return figure


def _name_a_few(axes: Any, found: Front, order: np.ndarray, names: Sequence[str]) -> None:
    """The ends of the front and some between, named on the side of what is better, where no marks can be."""
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), _MOST_LABELS)).round().astype(int))]
    left, up = OUTCOMES[found.across].better == "lower", OUTCOMES[found.up].better == "higher"
    last: tuple[float, float] | None = None
    for point in chosen:
        at = axes.transData.transform((found.x[point], found.y[point]))
        if last is not None and abs(at[1] - last[1]) < FONT_SIZE * 1.4 and abs(at[0] - last[0]) < _LABEL_ROOM:
            continue
        last = (at[0], at[1])
        offset = (-6.0 if left else 6.0, 5.0 if up else -5.0)
        axes.annotate(names[point], (found.x[point], found.y[point]), xytext=offset, textcoords="offset points",
                      fontsize=FONT_SIZE - 1, zorder=5, ha="right" if left else "left", va="bottom" if up else "top")


def box_chart(found: Boxes, box: Box) -> Chart:
    """Failures (filled) and the other points (faint) over the two axes that bound the box most, and the box."""
    across, up = box_axes(found, box)
    x, y = (_spread(found.drawn[:, found.axes.index(axis)], axis) for axis in (across, up))
    with drawing():
        figure, axes = panel(_scale_of(y, up), lever_with_unit(up))
        across_axis(axes, _scale_of(x, across), lever_with_unit(across))
        axes.plot(x[~found.failed], y[~found.failed], "o", markersize=2.5, color=LIGHT["rule"], alpha=0.55, zorder=2)
        axes.plot(x[found.failed], y[found.failed], "D", markersize=3.2, color=line_colour(2), zorder=3)
        left, right = _side(box, across, x)
        low, high = _side(box, up, y)
        axes.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=line_colour(1),
                                 linewidth=2.0, zorder=4))
    return figure


_ROOM = 0.5  # on either side of a word's no and yes, for its points to lie apart
_GOLDEN = (5.0**0.5 - 1.0) / 2.0  # multiples of it, taken modulo one, are spread evenly


def _spread(values: np.ndarray, axis: str) -> np.ndarray:
    """An axis's values; of a word, where all lie on no or yes, moved apart so that each is seen."""
    return values + 0.8 * _ROOM * (2.0 * (np.arange(len(values)) * _GOLDEN % 1.0) - 1.0) if is_word(axis) else values


def _scale_of(values: np.ndarray, axis: str) -> Scale:
    return Scale((0.0, 1.0), ("no", "yes"), (-_ROOM, 1.0 + _ROOM)) if is_word(axis) else _plain_scale(values)


def _side(box: Box, axis: str, values: np.ndarray) -> tuple[float, float]:
    """From where to where a box goes along an axis."""
    limit = next((limit for limit in box.limits if limit.axis == axis), None)
    if is_word(axis):
        has, lacks = limit is None or limit.low > 0.0, limit is None or limit.low <= 0.0
        return -_ROOM if lacks else 0.5, 1.0 + _ROOM if has else 0.5
    return (float(values.min()), float(values.max())) if limit is None else (limit.low, limit.high)


def box_axes(found: Boxes, box: Box) -> tuple[str, str]:
    """The two axes that a picture of a box shows: those that bound it most surely."""
    bounding = [limit.axis for limit in box.limits]
    others = sorted((axis for axis in found.axes if axis not in bounding), key=is_word)  # numbers show more
    first, second = (bounding + others)[:2]
    return first, second


def tradeoff_chart(found: Boxes) -> Chart:
    """Coverage against density of all boxes on the search's way; the chosen ones are numbered."""
    whole = Scale(tuple(np.linspace(0.0, 1.0, 5).tolist()), tuple(percent(x) for x in np.linspace(0, 1, 5)),
                  (0.0, 1.03))
    with drawing():
        figure, axes = panel(whole, "density: points in the box that fail")
        across_axis(axes, whole, "coverage: failures that the box holds")
        coverage, density = found.tradeoff.T
        axes.plot(coverage, density, color=LIGHT["rule"], linewidth=1.2, linestyle=dashes(1), zorder=2)
        for number, box in enumerate(found.boxes, 1):
            axes.plot([box.coverage], [box.density], "o", markersize=8.0, color=line_colour(1), clip_on=False, zorder=3)
            left = box.coverage < 0.75
            offset = (8.0, 4.0) if left else (-8.0, -4.0)
            axes.annotate(f"box {number}", (box.coverage, box.density), xytext=offset,
                          textcoords="offset points", fontsize=FONT_SIZE, zorder=4, ha="left" if left else "right",
                          va="bottom" if left else "top")
    return figure


def panel(scale: Scale, title: str) -> tuple[Chart, Any]:
    """A figure whose vertical axis is named above it, so that the name stands upright."""
    figure = chart(_HEIGHT + _TOP + _BOTTOM)
    axes = place(figure, scale.margin, 12.0, _TOP, _BOTTOM)
    draw_scale(axes, scale)
    axes.text(-scale.margin / (PANEL_WIDTH - scale.margin - 12.0), 1.0 + 17.0 / _HEIGHT, fit(title, PANEL_WIDTH - 8.0),
              transform=axes.transAxes, fontsize=FONT_SIZE - 1, color=LIGHT["muted"], va="center")
    return figure, axes


def across_axis(axes: Any, scale: Scale, title: str) -> None:
    axes.set_xlim(*scale.limits)
    axes.set_xticks(list(scale.ticks), list(scale.labels))
    axes.set_xlabel(fit(title, PANEL_WIDTH - 30.0), fontsize=FONT_SIZE - 1, labelpad=4)


def _plain_scale(values: np.ndarray) -> Scale:
    """Round ticks for an axis's values, which have no outcome's unit."""
    from matplotlib.ticker import MaxNLocator

    low, high = float(values.min()), float(values.max())
    margin = 0.02 * (high - low or 1.0)
    ticks = [float(t) for t in MaxNLocator(5).tick_values(low, high) if low - margin <= t <= high + margin]
    return Scale(tuple(ticks), tuple(lever_value(tick) for tick in ticks), (low - margin, high + margin))
