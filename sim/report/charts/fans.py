"""Fan charts: an outcome over time, scenarios overlaid, each named at the end of its line."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.report.charts.axes import Scale, draw_scale, scale_for, time_axis
from sim.report.charts.labels import spread, wrap
from sim.report.charts.style import (
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
    title_lines,
)
from sim.report.words.paths import Paths, paths
from sim.report.words.units import heading

LINE_HEIGHT = FONT_SIZE * 1.15
LABEL_WIDTH = 100.0
OVERLAID_BANDS = 2
"""With more scenarios than this, 90% bands become bars beside the line ends: more would hide each other."""
OVERLAID_HALVES = 4
"""With more scenarios than this, the 50% bands too are left to those bars."""
_BOTTOM = 26.0


def fan(
    results: Any,
    outcome: str,
    highlight_runs: int = 0,
    baseline: int = 0,
    today: datetime.date | None = None,
    titled: bool = True,
) -> Chart:
    """Fan chart of an outcome: median, 50% and 90% of the runs of every scenario.

    `highlight_runs` draws that many single runs as hairlines, so that nobody takes a median for a path;
    `baseline` is the position of the scenario drawn in grey; `today` is marked by a thin rule; `titled` puts
    title and band into the figure.
    """
    role_of = roles(len(results.titles), baseline)
    return draw(paths(results, outcome), results.titles, role_of, highlight_runs, today=today, titled=titled)


def draw(
    shown: Paths,
    names: Sequence[str],
    role_of: Sequence[int],
    highlight_runs: int = 0,
    today: datetime.date | None = None,
    titled: bool = True,
) -> Chart:
    """Fan chart of paths already computed; `role_of` is each scenario's role in the palette."""
    labels = [wrap(name, LABEL_WIDTH - 2.0, 3 if len(names) <= 5 else 2) for name in names]
    scale = _scale(shown)
    bars = len(names) > OVERLAID_BANDS
    gap = 8.0 + 5.0 * len(names) if bars else 4.0
    with drawing():
        figure, axes, width, height = panel(scale, labels, gap, titled)
        time_axis(axes, shown.years.tolist(), width)
        if today is not None:
            _rule_at(axes, today)
        for scenario, role in enumerate(role_of):
            _scenario(axes, shown, scenario, role, bars, highlight_runs)
        if bars:
            _end_bars(axes, shown, role_of, width)
        name_lines(axes, shown.centre[:, -1].tolist(), labels, role_of, (width, height, gap))
        if titled:
            title_lines(figure, heading(shown.outcome), shown.band)
    return figure


def panel(scale: Scale, labels: Sequence[Sequence[str]], gap: float, titled: bool) -> tuple[Chart, Any, float, float]:
    """A small multiple tall enough for its names: figure, axes, and the axes' width and height in points."""
    top = 46.0 if titled else 8.0
    needed = sum(len(label) for label in labels) * LINE_HEIGHT + 4.0 * len(labels) + 12.0
    height, right = max(162.0, needed), LABEL_WIDTH + gap
    figure = chart(height + top + _BOTTOM)
    axes = place(figure, scale.margin, right, top, _BOTTOM)
    draw_scale(axes, scale)
    return figure, axes, PANEL_WIDTH - scale.margin - right, height


def _scale(shown: Paths) -> Scale:
    """The value axis; in logs it leaves out what lies far below all typical values."""
    low, high = float(shown.outer.min()), float(shown.outer.max())
    typical = shown.centre[shown.centre > 0.0]
    if shown.outcome.log and typical.size:
        low = max(low, float(typical.min()) / 10.0)
    return scale_for(low, high, shown.outcome)


def _scenario(axes: Any, shown: Paths, scenario: int, role: int, bars: bool, highlight_runs: int) -> None:
    colour = line_colour(role)
    band: dict[str, Any] = {"color": colour, "linewidth": 0, "zorder": 2}
    if shown.runs.shape[1] > 1 and len(shown.centre) <= OVERLAID_HALVES:
        if not shown.is_mean and not bars:
            axes.fill_between(shown.years, *shown.outer[scenario], alpha=0.12, **band)
        axes.fill_between(shown.years, *shown.inner[scenario], alpha=0.18 if bars else 0.30, **band)
    for run in range(min(highlight_runs, shown.runs.shape[1])):
        axes.plot(shown.years, shown.runs[scenario, run], color=colour, linewidth=0.5, alpha=0.8, zorder=3)
    axes.plot(shown.years, shown.centre[scenario], color=colour, linewidth=2.0, linestyle=dashes(role), zorder=4)


def _rule_at(axes: Any, today: datetime.date) -> None:
    """A thin vertical rule at the present date, if the chart covers it."""
    year = today.year + (today.timetuple().tm_yday - 1) / 365.25
    low, high = axes.get_xlim()
    if low < year < high:
        axes.axvline(year, color=LIGHT["rule"], linewidth=0.8, zorder=1)
        where = {"xy": (year, 1.0), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate("today", xytext=(2.0, -4.0), color=LIGHT["muted"], fontsize=FONT_SIZE - 1, va="top", **where)


def _end_bars(axes: Any, shown: Paths, role_of: Sequence[int], width: float) -> None:
    """Beside the axes: the middle 90% (thin) and 50% (thick) of the runs at the horizon."""
    for scenario, role in enumerate(role_of):
        x = 1.0 + (7.0 + 5.0 * scenario) / width
        common = {
            "color": line_colour(role),
            "transform": axes.get_yaxis_transform(),
            "clip_on": False,
            "solid_capstyle": "butt",
        }
        low, high = np.clip(shown.outer[scenario, :, -1], *axes.get_ylim())
        axes.plot([x, x], [low, high], linewidth=1.0, **common)
        if not shown.is_mean:
            axes.plot([x, x], np.clip(shown.inner[scenario, :, -1], *axes.get_ylim()), linewidth=3.2, **common)


def name_lines(
    axes: Any,
    ends: Sequence[float],
    labels: Sequence[Sequence[str]],
    role_of: Sequence[int],
    size: tuple[float, float, float],
) -> None:
    """Write each line's name beside its end, moved apart where names would touch.

    `ends` in data units; `labels` as lists of short lines; `size`: width and height of the axes and the gap
    between axes and names, in points.
    """
    width, height, gap = size
    to_axes = axes.transScale + axes.transLimits
    bottom, top = axes.get_ylim()
    wanted = [float(to_axes.transform((axes.get_xlim()[0], min(max(end, bottom), top)))[1]) * height for end in ends]
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
