"""Slices of a sweep: an outcome along one lever, with the other held at a few of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.model.outcomes import OUTCOMES
from sim.report.charts.axes import Scale, draw_scale, scale_for
from sim.report.charts.fans import name_lines
from sim.report.charts.labels import fit, text_width, wrap
from sim.report.charts.style import (
    FONT_SIZE,
    LIGHT,
    PANEL_WIDTH,
    Chart,
    chart,
    dashes,
    drawing,
    line_colour,
    marker,
    place,
    title_lines,
)
from sim.report.words.levers import lever_in_words, lever_value, lever_with_unit
from sim.report.words.units import heading, minus, signed_difference
from sim.studies.sweeping.slices import Slice

_NAME_WIDTH = 62.0
_GAP = 4.0
_BOTTOM = 42.0


def slice_chart(shown: Sequence[Slice], titled: bool = True) -> Chart:
    """Differences along a lever to its lowest value with 95% bands, a line for each value of the other lever.

    Filled marks: the interval leaves out zero; hollow: it covers zero.
    """
    outcome, axis = OUTCOMES[shown[0].outcome], shown[0].axis
    labels = [wrap("" if each.held is None else f"at {lever_value(each.held)}", _NAME_WIDTH, 1) for each in shown]
    scale = _scale(shown)
    with drawing():
        top, right = 46.0 if titled else 8.0, (_NAME_WIDTH if len(shown) > 1 else 6.0) + _GAP
        width, height = PANEL_WIDTH - scale.margin - right, 170.0
        figure = chart(height + top + _BOTTOM)
        axes = place(figure, scale.margin, right, top, _BOTTOM)
        draw_scale(axes, scale)
        along = np.arange(len(shown[0].values)) if _uneven(shown[0].values) else np.array(shown[0].values)
        margin = 0.03 * float(np.ptp(along) or 1.0)
        axes.set_xlim(along[0] - margin, along[-1] + margin)
        names = [lever_value(value) for value in shown[0].values]
        every = int(np.ceil(len(names) * (max(map(text_width, names)) + 6.0) / width))
        axes.set_xticks(along[::every], names[::every])
        axes.set_xlabel(fit(lever_with_unit(axis), width), fontsize=FONT_SIZE - 1, labelpad=3)
        axes.axhline(0.0, color=LIGHT["rule"], linewidth=1.2)
        for role, each in enumerate(shown, 1):
            colour = line_colour(role)
            axes.fill_between(along, each.low, each.high, color=colour, alpha=0.2, linewidth=0, zorder=2)
            axes.plot(along, each.difference, color=colour, linestyle=dashes(role), linewidth=1.8, zorder=3)
            clear = (each.low > 0.0) | (each.high < 0.0)
            for at, value, filled in zip(along, each.difference, clear, strict=True):
                axes.plot([at], [value], marker=marker(role), markersize=4.5, color=colour, linestyle="none",
                          markerfacecolor=colour if filled else LIGHT["paper"], zorder=4)
        if len(shown) > 1:
            roles = list(range(1, len(shown) + 1))
            name_lines(axes, [float(each.difference[-1]) for each in shown], labels, roles, (width, height, _GAP))
        if titled:
            title_lines(figure, heading(outcome), f"difference along {lever_in_words(axis)}")
    return figure


def _uneven(values: Sequence[float]) -> bool:
    """Whether steps differ so much that small values would touch: they are then drawn side by side."""
    steps = np.diff(values)
    return len(steps) > 1 and float(steps.max()) > 4.0 * float(steps.min())


def _scale(shown: Sequence[Slice]) -> Scale:
    """A scale of differences: ticks as plain signed differences."""
    outcome = OUTCOMES[shown[0].outcome]
    parts = np.concatenate([part[np.isfinite(part)] for each in shown for part in (each.low, each.high)])
    low, high = (float(parts.min(initial=0.0)), float(parts.max(initial=0.0)))
    scale = scale_for(low, high, replace(outcome, log=False))
    labels = tuple("0" if tick == 0.0 else minus(signed_difference(outcome, tick)) for tick in scale.ticks)
    return Scale(scale.ticks, labels, scale.limits)
