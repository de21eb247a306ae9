"""Heat maps: how far each cell of a grid of two levers differs from the baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from sim.numbers import plain
from sim.outcomes import OUTCOMES
from sim.report.fans import title
from sim.report.labels import fit, text_width
from sim.report.style import FONT_SIZE, LIGHT, PANEL_WIDTH, Chart, chart, drawing, place
from sim.report.units import heading, signed_difference

MAP = "BrBG"
"""Brown to teal: even in lightness, white only at a real zero, told apart in every common colour blindness."""
WORDS: dict[str, tuple[str, str, str]] = {
    "regulation.strictness": ("Strictness of rules", "none", "nuclear-style licensing"),
    "diplomacy.us_china_cooperation": ("US-China cooperation", "open rivalry", "shared governance"),
}
"""Levers whose ends have words: name, meaning of the lowest and of the highest value."""
_DARK_TEXT, _LIGHT_TEXT = "#0b0b0b", "#fdfdfd"


def lever_in_words(lever: str) -> str:
    """A lever's name for an axis: "Strictness of rules"."""
    if lever in WORDS:
        return WORDS[lever][0]
    text = lever.split(".")[-1].replace("_", " ")
    return text[0].upper() + text[1:]


def heat(comparison: Any, outcome: str, titled: bool = True) -> Chart:
    """Difference of an outcome to the baseline over the scenarios' grid; hatched where the interval covers zero.

    Raises ValueError if the scenarios do not fill a grid over two levers.
    """
    found = comparison.heat(outcome)
    if found is None:
        raise ValueError("the scenarios do not fill a grid over two levers")
    rows, columns = found.difference.shape
    head = 46.0 if titled else 8.0
    row_labels = [_lever_value(value) for value in found.rows]
    left = max(text_width(label) for label in row_labels) + 26.0
    side = min((PANEL_WIDTH - left - 6.0) / columns, 108.0)
    height = head + side * rows + 42.0
    with drawing():
        figure = chart(height)
        axes = place(figure, left, PANEL_WIDTH - left - side * columns, head, 42.0)
        _cells(axes, found, comparison.baseline)
        if min(rows, columns) >= 3 and np.ptp(found.difference) > 0.0:
            _contours(axes, found)
        axes.set_xlim(0, columns)
        axes.set_ylim(0, rows)
        axes.set_xticks(np.arange(columns) + 0.5, [_lever_value(value) for value in found.columns])
        axes.set_yticks(np.arange(rows) + 0.5, row_labels)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xlabel(
            fit(_ends(found.column_lever), side * columns + 30.0), fontsize=FONT_SIZE - 1, labelpad=3
        )
        axes.set_ylabel(fit(_ends(found.row_lever), side * rows + 30.0), fontsize=FONT_SIZE - 1, labelpad=3)
        if titled:
            title(figure, heading(OUTCOMES[outcome]), f"difference to {fit(comparison.baseline, 200.0)}")
    return figure


def _lever_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, int | float) else str(value)


def _ends(lever: str) -> str:
    if lever in WORDS:
        name, lowest, highest = WORDS[lever]
        return f"{name} (0 {lowest}, 1 {highest})"
    return lever_in_words(lever)


def _cells(axes: Any, found: Any, baseline: str) -> None:
    largest = float(np.abs(found.difference).max()) or 1.0
    colours = colormaps[MAP]
    for (row, column), difference in np.ndenumerate(found.difference):
        red, green, blue, _ = colours(0.5 + 0.44 * float(difference) / largest)
        is_baseline = str(found.titles[row, column]) == baseline
        hatch = None if found.clear[row, column] or is_baseline else "////"
        axes.add_patch(
            Rectangle(
                (column + 0.02, row + 0.02),
                0.96,
                0.96,
                facecolor=(red, green, blue),
                hatch=hatch,
                edgecolor="#8a8a8a" if hatch else "none",
                linewidth=0,
            )
        )
        dark = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.25
        box = (
            {"boxstyle": "round,pad=0.25", "facecolor": (red, green, blue), "edgecolor": "none"}
            if hatch
            else None
        )
        text = "baseline" if is_baseline else signed_difference(OUTCOMES[found.outcome], float(difference))
        axes.text(
            column + 0.5,
            row + 0.5,
            text,
            ha="center",
            va="center",
            bbox=box,
            color=_DARK_TEXT if dark else _LIGHT_TEXT,
            fontweight="normal" if is_baseline else "bold",
        )


def _contours(axes: Any, found: Any) -> None:
    rows, columns = found.difference.shape
    lines = axes.contour(
        np.arange(columns) + 0.5,
        np.arange(rows) + 0.5,
        found.difference,
        levels=4,
        colors=LIGHT["ink"],
        linewidths=0.8,
    )
    axes.clabel(
        lines, fmt=lambda level: signed_difference(OUTCOMES[found.outcome], level), fontsize=FONT_SIZE - 2
    )
