"""Differences to the baseline: a dot and its interval per outcome around a zero line, largest first.

Outcomes have different units, so rows share an axis in standard deviations of the baseline's runs, steps widening; the
difference in the outcome's own unit stands at the right. The axis is compressed away from zero, so that a
difference of thirty standard deviations does not flatten one of a half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.model.outcomes import OUTCOMES
from sim.report.charts.labels import fit, text_width
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
    roles,
    text_colour,
)
from sim.report.words.effects import measured, rows_to_show
from sim.report.words.units import minus, signed_difference

ROW = 31.0
CLIPPED = 60.0
"""Standard deviations beyond which a difference is drawn at the edge, as an arrow."""
_BETWEEN = 24.0
_SIDE = 6.0
_BOTTOM = 36.0
_TICKS = (-30, -10, -3, -1, 0, 1, 3, 10, 30)


def differences(comparison: Any, scenario: str | None = None, titled: bool = True) -> Chart:
    """Dots and intervals of the differences to the baseline, a panel per scenario or one scenario only.

    Filled: the interval excludes zero; hollow: it does not. Intervals of primary outcomes hold together over
    all primary outcomes and scenarios; those of others hold one by one.
    """
    table, names = measured(comparison), rows_to_show(comparison)
    titles = list(comparison.others) if scenario is None else [scenario]
    all_roles = roles(len(comparison.titles), comparison.baseline_position)
    role_of = dict(zip(comparison.titles, all_roles, strict=True))
    top = 44.0 if titled else 6.0
    height = top + ROW * max(len(names), 1) + _BOTTOM
    width = PANEL_WIDTH * len(titles) + _BETWEEN * (len(titles) - 1)
    limit = _limit(table, names)
    with drawing():
        figure = chart(height, width)
        for position, title in enumerate(titles):
            left = position * (PANEL_WIDTH + _BETWEEN) + _SIDE
            axes = place(figure, left, width - left - PANEL_WIDTH + 2 * _SIDE, top, _BOTTOM)
            rows = table[table["scenario"] == title].set_index("outcome").to_dict("index")
            _panel(axes, rows, names, role_of[title], limit)
            if titled:
                _head(figure, title, f"difference to {comparison.baseline}", left, role_of[title])
    return figure


def _head(figure: Chart, title: str, note: str, left: float, role: int) -> None:
    width, height = (side * 72.0 for side in figure.get_size_inches())
    room = PANEL_WIDTH - 2 * _SIDE
    name = fit(title, room, bold=True)
    figure.text(left / width, 1 - 16 / height, name, color=text_colour(role), fontweight="bold", va="center")
    figure.text(left / width, 1 - 33 / height, fit(note, room), color=LIGHT["muted"], va="center")


def _limit(table: pd.DataFrame, names: Sequence[str]) -> float:
    """Where the shared axis ends, in standard deviations."""
    part = table.loc[table["outcome"].isin(list(names)), ["dot", "left", "right"]].to_numpy(float)
    reach = np.minimum(np.abs(part), CLIPPED).max() if len(part) else 1.0
    return float(max(reach * 1.1, 1.0))


def _panel(axes: Any, rows: dict[Any, Any], names: Sequence[str], role: int, limit: float) -> None:
    edge = float(np.arcsinh(limit))
    axes.set_xlim(-edge, edge)
    axes.set_ylim(len(names) * ROW, 0.0)
    axes.set_yticks([])
    ticks = [tick for tick in _TICKS if abs(tick) <= limit]
    axes.set_xticks(np.arcsinh(ticks), [minus(str(tick)) for tick in ticks])
    axes.set_xlabel("standard deviations of the baseline's runs, steps widening", fontsize=FONT_SIZE - 1, labelpad=2)
    for tick in ticks:
        style = (LIGHT["rule"], 1.2) if tick == 0 else (LIGHT["grid"], 0.8)
        axes.axvline(float(np.arcsinh(tick)), color=style[0], linewidth=style[1])
    for row, name in enumerate(names):
        if name in rows:
            _row(axes, rows[name], name, row * ROW, role)


def _row(axes: Any, row: dict[str, Any], name: str, top: float, role: int) -> None:
    """A row: name and amount above, interval and mark below; an arrow where the mark lies beyond the axis."""
    edge = axes.get_xlim()[1]
    colour, outcome, clear = line_colour(role), OUTCOMES[name], bool(row["clear"])
    middle, low, high = np.clip(np.arcsinh([row["dot"], row["left"], row["right"]]), -edge, edge)
    beyond = abs(float(row["dot"])) > CLIPPED
    amount = signed_difference(outcome, float(row["difference"]), float(row["dot"]))
    room = PANEL_WIDTH - 2 * _SIDE - 12.0 - text_width(amount, bold=True)
    box = {"boxstyle": "square,pad=0.1", "facecolor": LIGHT["paper"], "edgecolor": "none"}
    axes.text(-edge, top + 9.0, fit(outcome.title, room), va="center", ha="left", bbox=box)
    tint = text_colour(role) if clear else LIGHT["muted"]
    axes.text(edge, top + 9.0, amount, va="center", ha="right", bbox=box, fontweight="bold", color=tint)
    axes.plot([low, high], [top + 22.0] * 2, color=colour, linewidth=2.4, solid_capstyle="butt", zorder=3)
    axes.plot(
        [middle],
        [top + 22.0],
        marker=(">" if middle > 0 else "<") if beyond else marker(role),
        markersize=7.5,
        linestyle="none",
        color=colour,
        markeredgewidth=1.8,
        markerfacecolor=colour if clear else LIGHT["paper"],
        clip_on=False,
        zorder=4,
    )
