"""Heat maps: how far each cell of a grid of two levers differs from the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from sim.model.outcomes import OUTCOMES
from sim.report.charts.labels import fit, text_width, wrap
from sim.report.charts.style import FONT_SIZE, LIGHT, PANEL_WIDTH, Chart, chart, drawing, place, title_lines
from sim.report.words.levers import WORDS, lever_value, lever_with_unit
from sim.report.words.units import heading, signed_difference

if TYPE_CHECKING:
    from sim.studies.comparing.grid import Heat

COLOURS = "BrBG"
"""Brown to teal: pale only at a real zero, and told apart in every common colour blindness."""
MOST_NUMBERED = 3
"""Larger grids have numbered contour lines instead of a number in each cell."""
_DARK_TEXT, _LIGHT_TEXT, _HATCH = "#000000", "#fefefe", "#8a8a8a"
_MIDDLE = 0.178
"""Luminance at which dark and light text have the same contrast, 4.56."""
_LARGEST_CELL = 108.0
_NAMED = 5  # cells across, beyond which the word "baseline" does not fit into one
_BOTTOM = 54.0


def heat(comparison: Any, outcome: str, titled: bool = True) -> Chart:
    """Difference of an outcome to the baseline over the scenarios' grid; hatched: the interval covers zero.

    Raises ValueError if the scenarios do not fill a grid over two levers.
    """
    found = comparison.heat(outcome)
    if found is None:
        raise ValueError(
            "these scenarios span no grid: a heat map takes every pairing of at least two values of two levers, "
            "such as two of strictness with two of cooperation"
        )
    part = comparison.table[comparison.table["outcome"] == outcome]
    effects = dict(zip(part["scenario"], part["effect_sd"].astype(float), strict=True))
    return heat_map(found, comparison.baseline, effects, titled)


def heat_map(found: Heat, baseline: str, effects: Mapping[str, float], titled: bool = True) -> Chart:
    """The map of a grid; `effects` are differences in standard deviations by title, as far as known.

    A cell whose difference is NaN, one that is not done, stays empty.
    """
    rows, columns = found.difference.shape
    top = 46.0 if titled else 8.0
    left = max(text_width(lever_value(value)) for value in found.rows) + 40.0
    side = min((PANEL_WIDTH - left - 6.0) / columns, _LARGEST_CELL)
    height = top + side * rows + _BOTTOM
    with drawing():
        figure = chart(height)
        axes = place(figure, left, PANEL_WIDTH - left - side * columns, top, _BOTTOM)
        _axes_in_words(axes, found, side)
        _cells(axes, found, baseline, effects)
        known = found.difference[np.isfinite(found.difference)]
        if max(rows, columns) > MOST_NUMBERED and min(rows, columns) > 2 and np.ptp(known) > 0.0:
            _contours(axes, found)
        if titled:
            title_lines(figure, heading(OUTCOMES[found.outcome]), f"difference to {fit(baseline, 220.0)}")
    return figure


def _axes_in_words(axes: Any, found: Any, side: float) -> None:
    rows, columns = found.difference.shape
    axes.set_xlim(0, columns)
    axes.set_ylim(0, rows)
    names = [lever_value(value) for value in found.columns]
    every = math.ceil((max(map(text_width, names)) + 4.0) / side)
    axes.set_xticks(np.arange(0, columns, every) + 0.5, names[::every])
    axes.set_yticks(np.arange(rows) + 0.5, [lever_value(value) for value in found.rows])
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    style = {"fontsize": FONT_SIZE - 1, "labelpad": 3, "linespacing": 1.15}
    axes.set_xlabel(_in_two_lines(found.column_lever, side * columns), **style)
    axes.set_ylabel(_in_two_lines(found.row_lever, side * rows), **style)


def _in_two_lines(lever: str, room: float) -> str:
    """A lever's name and, below it, what its ends mean."""
    if lever not in WORDS:
        return "\n".join(wrap(lever_with_unit(lever), room, 2))
    name, lowest, highest = WORDS[lever]
    return f"{name}\n{fit(f'0 {lowest} … 1 {highest}', room * FONT_SIZE / (FONT_SIZE - 1))}"


def _cells(axes: Any, found: Any, baseline: str, effects: Mapping[str, float]) -> None:
    largest = float(np.nanmax(np.abs(found.difference), initial=0.0)) or 1.0
    for (row, column), difference in np.ndenumerate(found.difference):
        if not np.isfinite(difference):
            continue
        fill = colormaps[COLOURS](0.5 + 0.4 * float(difference) / largest)[:3]
        title = str(found.titles[row, column])
        is_baseline = title == baseline
        hatched = not (found.clear[row, column] or is_baseline)
        edge: dict[str, Any] = {"hatch": "////", "edgecolor": _HATCH} if hatched else {"edgecolor": "none"}
        corner = (column + 0.02, row + 0.02)
        axes.add_patch(Rectangle(corner, 0.96, 0.96, facecolor=fill, linewidth=0, **edge))
        if max(found.difference.shape) <= MOST_NUMBERED or (is_baseline and max(found.difference.shape) <= _NAMED):
            text = signed_difference(OUTCOMES[found.outcome], float(difference), effects.get(title, 0.0))
            _number(axes, (column, row), "baseline" if is_baseline else text, fill, hatched)


def _number(axes: Any, cell: tuple[int, int], text: str, fill: tuple[float, ...], hatched: bool) -> None:
    """Text in the middle of a cell, dark on pale and pale on dark; a hatched cell is cleared behind it."""
    axes.text(
        cell[0] + 0.5,
        cell[1] + 0.5,
        text,
        ha="center",
        va="center",
        color=_DARK_TEXT if _luminance(fill) > _MIDDLE else _LIGHT_TEXT,
        fontweight="normal" if text == "baseline" else "bold",
        fontsize=FONT_SIZE if len(text) < 9 else FONT_SIZE - 1,
        bbox={"boxstyle": "round,pad=0.25", "facecolor": fill, "edgecolor": "none"} if hatched else None,
    )


def _luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance of an sRGB colour, as contrast is measured."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contours(axes: Any, found: Any) -> None:
    rows, columns = found.difference.shape
    where = (np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    lines = axes.contour(*where, found.difference, levels=4, colors=LIGHT["ink"], linewidths=0.8)
    outcome = OUTCOMES[found.outcome]
    axes.clabel(lines, fmt=lambda level: signed_difference(outcome, level), fontsize=FONT_SIZE - 1)
