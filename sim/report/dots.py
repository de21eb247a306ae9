"""Differences to the baseline: a dot and its interval per outcome around a zero line, largest first.

Outcomes have different units, so rows share an axis in standard deviations of the baseline's runs; the difference in
the outcome's own unit stands at the right. The axis is compressed away from zero, so that a difference of thirty
standard deviations does not flatten one of a half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.outcomes import OUTCOMES
from sim.report.labels import fit, text_width
from sim.report.style import (
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
from sim.report.units import signed_difference

ROW = 31.0
MOST_ROWS = 12
MOST_OTHERS = 4
CLIPPED = 60.0
"""Standard deviations beyond which a difference is drawn at the edge."""


def in_deviations(table: pd.DataFrame) -> pd.DataFrame:
    """The comparison's table with columns `dot`, `left`, `right`: difference and interval in standard deviations.

    The interval is the one that holds for the whole family for primary outcomes. Where the baseline does not vary,
    a difference is infinite.
    """
    raw = np.column_stack(
        [
            table["difference"],
            np.where(table["primary"], table["low_family"], table["low"]),
            np.where(table["primary"], table["high_family"], table["high"]),
        ]
    ).astype(float)
    effect, difference = table["effect_sd"].to_numpy(float), raw[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = raw * (effect / difference)[:, np.newaxis]
        scaled = np.where(np.isfinite(scaled), scaled, np.sign(raw) * np.inf)
    scaled = np.where((raw == 0.0) | np.isnan(scaled), 0.0, scaled)
    return table.assign(dot=scaled[:, 0], left=scaled[:, 1], right=scaled[:, 2])


def rows_to_show(table: pd.DataFrame) -> list[str]:
    """Outcomes worth a row, largest difference first.

    The primary outcomes that differ at all in some scenario, and the largest of the others that differ clearly.
    """
    size = in_deviations(table)["dot"].abs().groupby(table["outcome"]).max().to_dict()
    clear = set(table.loc[table["clear"], "outcome"])
    primary = [name for name in OUTCOMES if OUTCOMES[name].primary and size.get(name, 0.0) > 0.0]
    others = sorted(
        (name for name in clear if not OUTCOMES[name].primary), key=lambda name: (-size[name], name)
    )
    chosen = primary + others[: max(MOST_OTHERS, MOST_ROWS - len(primary))]
    return sorted(chosen[:MOST_ROWS], key=lambda name: (-size[name], name))


def differences(comparison: Any, scenario: str | None = None, titled: bool = True) -> Chart:
    """Dots and intervals of the differences to the baseline, a panel per scenario or one scenario only.

    Filled: the interval excludes zero; hollow: it does not. Intervals of primary outcomes hold together over all
    primary outcomes and scenarios; those of others hold one by one.
    """
    table = in_deviations(comparison.table)
    titles = [str(title) for title in comparison.results.titles]
    others = (
        [title for title in titles if title in set(table["scenario"])] if scenario is None else [scenario]
    )
    names = rows_to_show(table)
    role_of = dict(zip(titles, roles(len(titles), titles.index(str(comparison.baseline))), strict=True))
    top = 44.0 if titled else 6.0
    height = top + ROW * max(len(names), 1) + 34.0
    limit = _limit(table, names)
    with drawing():
        figure = chart(height, PANEL_WIDTH * max(len(others), 1) + 24.0 * max(len(others) - 1, 0))
        for position, title in enumerate(others):
            left = position * (PANEL_WIDTH + 24.0)
            axes = place(
                figure, left + 6.0, figure.get_size_inches()[0] * 72.0 - left - PANEL_WIDTH + 6.0, top, 34.0
            )
            part = table[table["scenario"] == title].set_index("outcome")
            _panel(axes, part, names, role_of[title], limit, height - top - 34.0)
            if titled:
                figure.text(
                    (left + 6.0) / (figure.get_size_inches()[0] * 72.0),
                    1.0 - 16.0 / height,
                    fit(title, PANEL_WIDTH - 12.0, bold=True),
                    color=text_colour(role_of[title]),
                    fontweight="bold",
                    va="center",
                )
                figure.text(
                    (left + 6.0) / (figure.get_size_inches()[0] * 72.0),
                    1.0 - 33.0 / height,
                    "difference and 95% interval",
                    color=LIGHT["muted"],
                    va="center",
                    fontsize=FONT_SIZE - 1,
                )
    return figure


def _limit(table: pd.DataFrame, names: Sequence[str]) -> float:
    """Where the shared axis ends, in standard deviations."""
    part = table.loc[table["outcome"].isin(list(names)), ["dot", "left", "right"]].to_numpy(float)
    reach = np.minimum(np.abs(part), CLIPPED).max() if len(part) else 1.0
    return float(max(reach * 1.1, 1.0))


def _panel(
    axes: Any, part: pd.DataFrame, names: Sequence[str], role: int, limit: float, height: float
) -> None:
    edge = float(np.arcsinh(limit))
    axes.set_xlim(-edge, edge)
    axes.set_ylim(len(names) * ROW, 0.0)
    axes.set_yticks([])
    ticks = [tick for tick in (-30, -10, -3, -1, 0, 1, 3, 10, 30) if abs(tick) <= limit]
    axes.set_xticks(np.arcsinh(ticks))
    axes.set_xticklabels([str(tick).replace("-", "−") for tick in ticks])
    axes.set_xlabel("standard deviations of the baseline's runs", fontsize=FONT_SIZE - 1, labelpad=2)
    for tick in np.arcsinh(ticks):
        axes.axvline(
            tick, color=LIGHT["rule"] if tick == 0.0 else LIGHT["grid"], linewidth=1.2 if tick == 0.0 else 0.8
        )
    for row, name in enumerate(names):
        if name in part.index:
            _row(axes, part.loc[name], name, row * ROW, role, edge)


def _row(axes: Any, row: pd.Series, name: str, top: float, role: int, edge: float) -> None:
    colour, outcome = line_colour(role), OUTCOMES[name]
    middle, low, high = np.clip(
        np.arcsinh([float(row[side]) for side in ("dot", "left", "right")]), -edge, edge
    )
    clear = bool(row["clear"])
    y = top + 22.0
    amount = signed_difference(outcome, float(row["difference"]))
    room = PANEL_WIDTH - 18.0 - text_width(amount, bold=True)
    background = {"boxstyle": "square,pad=0.1", "facecolor": LIGHT["paper"], "edgecolor": "none"}
    axes.text(-edge, top + 9.0, fit(outcome.title, room), va="center", ha="left", bbox=background)
    axes.text(
        edge,
        top + 9.0,
        amount,
        va="center",
        ha="right",
        bbox=background,
        fontweight="bold",
        color=text_colour(role) if clear else LIGHT["muted"],
    )
    axes.plot([low, high], [y, y], color=colour, linewidth=2.4, solid_capstyle="butt", zorder=3)
    axes.plot(
        [middle],
        [y],
        marker=marker(role),
        markersize=7.5,
        color=colour,
        markeredgecolor=colour,
        linestyle="none",
        markerfacecolor=colour if clear else LIGHT["paper"],
        markeredgewidth=1.8,
        zorder=4,
    )
