"""Fan charts: an outcome over time, scenarios overlaid, each named at the end of its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.report.axes import margin, time_axis, value_axis, value_ticks
from sim.report.labels import spread, wrap
from sim.report.paths import Paths, paths
from sim.report.style import (
    FONT_SIZE,
    LIGHT,
    PANEL_WIDTH,
    Chart,
    chart,
    dashes,
    drawing,
    line_colour,
    place,
    roles,
    text_colour,
)
from sim.report.units import heading

LINE_HEIGHT = FONT_SIZE * 1.15
LABEL_WIDTH = 100.0
OVERLAID_BANDS = 2
"""With more scenarios than this, 90% bands become bars beside the line ends: more would hide each other."""


def fan(results: Any, outcome: str, highlight_runs: int = 0, baseline: int = 0, titled: bool = True) -> Chart:
    """Fan chart of an outcome: median, 50% and 90% of the runs of every scenario.

    `highlight_runs` draws that many single runs as hairlines, so that nobody takes a median for a path;
    `baseline` is the position of the scenario drawn in grey; `titled` puts title and band into the figure.
    """
    shown = paths(results, outcome)
    names = [str(title) for title in results.titles]
    return draw(shown, names, roles(len(names), baseline), highlight_runs, titled)


def draw(
    shown: Paths, names: Sequence[str], role_of: Sequence[int], highlight_runs: int = 0, titled: bool = True
) -> Chart:
    """Fan chart of paths already computed; `role_of` is each scenario's role in the palette."""
    labels = [wrap(name, LABEL_WIDTH - 2.0, 3 if len(names) <= 5 else 1) for name in names]
    needed = sum(len(label) for label in labels) * LINE_HEIGHT + 4.0 * len(labels)
    top = 46.0 if titled else 8.0
    height = max(196.0, needed + 30.0) + top
    log, low, high = _range(shown)
    ticks, tick_labels, limits = value_ticks(low, high, shown.outcome)
    bars = len(names) > OVERLAID_BANDS
    right = LABEL_WIDTH + (8.0 + 5.0 * len(names) if bars else 4.0)
    left = margin(tick_labels)
    with drawing():
        figure = chart(height)
        axes = place(figure, left, right, top, 26.0)
        value_axis(axes, ticks, tick_labels, limits, log)
        time_axis(axes, shown.years, PANEL_WIDTH - left - right)
        for scenario, role in enumerate(role_of):
            _scenario(axes, shown, scenario, role, bars, highlight_runs)
        if bars:
            _end_bars(axes, shown, role_of, PANEL_WIDTH - left - right)
        ends = [float(np.clip(shown.centre[s, -1], *sorted(limits))) for s in range(len(names))]
        name_lines(
            axes, ends, labels, role_of, PANEL_WIDTH - left - right, height - top - 26.0, right - LABEL_WIDTH
        )
        if titled:
            title(figure, heading(shown.outcome), shown.band)
        return figure


def _range(shown: Paths) -> tuple[bool, float, float]:
    """Whether the axis is logarithmic, and the smallest and largest value that has to be seen."""
    low, high = float(shown.outer.min()), float(shown.outer.max())
    if not shown.outcome.log:
        return False, low, high
    positive = shown.outer[shown.outer > 0.0]
    if positive.size == 0:
        return False, low, high
    typical = shown.centre[shown.centre > 0.0]
    floor = float(typical.min()) if typical.size else float(positive.min())
    lowest = max(float(positive.min()), floor / 10.0)
    log = high / lowest > 8.0
    return log, lowest if log else low, high


def _scenario(axes: Any, shown: Paths, scenario: int, role: int, bars: bool, highlight_runs: int) -> None:
    colour = line_colour(role)
    band = {"color": colour, "linewidth": 0, "zorder": 2}
    if not shown.is_mean and not bars:
        axes.fill_between(shown.years, *shown.outer[scenario], alpha=0.12, **band)
    axes.fill_between(shown.years, *shown.inner[scenario], alpha=0.18 if bars else 0.30, **band)
    for run in range(min(highlight_runs, shown.runs.shape[1])):
        axes.plot(shown.years, shown.runs[scenario, run], color=colour, linewidth=0.5, alpha=0.8, zorder=3)
    axes.plot(
        shown.years,
        shown.centre[scenario],
        color=colour,
        linewidth=2.2 if role == 0 else 2.0,
        linestyle=dashes(role),
        zorder=4,
    )


def _end_bars(axes: Any, shown: Paths, role_of: Sequence[int], width: float) -> None:
    """Beside the axes: the middle 90% (thin) and 50% (thick) of the runs at the horizon."""
    beside = axes.get_yaxis_transform()
    for scenario, role in enumerate(role_of):
        x = 1.0 + (7.0 + 5.0 * scenario) / width
        common = {"color": line_colour(role), "transform": beside, "clip_on": False, "solid_capstyle": "butt"}
        axes.plot([x, x], shown.outer[scenario, :, -1], linewidth=1.0, **common)
        if not shown.is_mean:
            axes.plot([x, x], shown.inner[scenario, :, -1], linewidth=3.2, **common)


def name_lines(
    axes: Any,
    ends: Sequence[float],
    labels: Sequence[Sequence[str]],
    role_of: Sequence[int],
    width: float,
    height: float,
    gap: float,
) -> None:
    """Write each line's name beside its end, moved apart where names would touch.

    `ends` in data units; `labels` as lists of short lines; `width` and `height` of the axes and `gap` between
    axes and names in points.
    """
    to_points = axes.transData.transform
    base = axes.transAxes.transform((0.0, 0.0))[1]
    scale = height / (axes.transAxes.transform((0.0, 1.0))[1] - base)
    wanted = [
        float((to_points((0.0 if axes.get_xscale() == "log" else axes.get_xlim()[0], end))[1] - base) * scale)
        for end in ends
    ]
    sizes = [len(label) * LINE_HEIGHT + 3.0 for label in labels]
    centres = spread(wanted, sizes, -10.0, height + 8.0)
    for label, want, centre, role in zip(labels, wanted, centres, role_of, strict=True):
        if abs(want - centre) > 5.0:
            axes.plot(
                [1.0 + (gap - 7.0) / width, 1.0 + (gap - 1.5) / width],
                [want / height, centre / height],
                transform=axes.transAxes,
                color=line_colour(role),
                linewidth=0.8,
                clip_on=False,
            )
        first = centre + (len(label) - 1) / 2.0 * LINE_HEIGHT
        for row, line in enumerate(label):
            axes.text(
                1.0 + gap / width,
                (first - row * LINE_HEIGHT) / height,
                line,
                transform=axes.transAxes,
                color=text_colour(role),
                va="center_baseline",
                ha="left",
            )


def title(figure: Chart, text: str, band: str) -> None:
    """Title and second line at the top left of a figure that stands alone."""
    height = figure.get_size_inches()[1] * 72.0
    figure.text(
        4.0 / PANEL_WIDTH, 1.0 - 14.0 / height, text, fontsize=FONT_SIZE, fontweight="bold", va="center"
    )
    figure.text(
        4.0 / PANEL_WIDTH,
        1.0 - 31.0 / height,
        band,
        fontsize=FONT_SIZE - 1.0,
        color=LIGHT["muted"],
        va="center",
    )
