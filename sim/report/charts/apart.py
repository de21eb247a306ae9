"""Differences over time: how far each run parts from itself under the baseline, around a line of no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sim.report.charts.axes import Scale, scale_for, time_axis
from sim.report.charts.fans import LABEL_WIDTH, name_lines, panel
from sim.report.charts.labels import wrap
from sim.report.charts.style import LIGHT, Chart, dashes, drawing, line_colour, roles, title_lines
from sim.report.words.names import short
from sim.report.words.paths import Paths, apart
from sim.report.words.units import minus, signed_difference, unit

MOST_OUTER = 2
"""Scenarios whose middle 90% is shaded; with more, bands hide each other and the table has them."""
MOST_INNER = 4


def differences_over_time(comparison: Any, outcome: str, titled: bool = True) -> Chart:
    """One outcome's paired differences over time: median, 50% and 90% of the runs, a line of no difference."""
    role_of = [role for position, role in enumerate(roles(len(comparison.titles), comparison.baseline_position))
               if position != comparison.baseline_position]
    return draw_apart(apart(comparison, outcome), comparison.others, comparison.baseline, role_of, titled)


def draw_apart(shown: Paths, names: Sequence[str], baseline: str, role_of: Sequence[int], titled: bool = True) -> Chart:
    """Differences already computed; `role_of` is each scenario's role in the palette."""
    labels = [wrap(name, LABEL_WIDTH - 2.0, 3 if len(names) <= 5 else 2) for name in names]
    gap = 4.0
    with drawing():
        figure, axes, width, height = panel(_scale(shown), labels, gap, titled)
        time_axis(axes, shown.years.tolist(), width)
        axes.axhline(0.0, color=LIGHT["rule"], linewidth=1.4, zorder=1)
        for scenario, role in enumerate(role_of):
            colour = line_colour(role)
            band: dict[str, Any] = {"color": colour, "linewidth": 0, "zorder": 2}
            if len(names) <= MOST_OUTER and not shown.is_mean:
                axes.fill_between(shown.years, *shown.outer[scenario], alpha=0.12, **band)
            if len(names) <= MOST_INNER:
                axes.fill_between(shown.years, *shown.inner[scenario], alpha=0.30, **band)
            axes.plot(shown.years, shown.centre[scenario], color=colour, linewidth=2.0, linestyle=dashes(role),
                      zorder=4)
        name_lines(axes, shown.centre[:, -1].tolist(), labels, role_of, (width, height, gap))
        if titled:
            title_lines(figure, apart_heading(shown, baseline), shown.band)
    return figure


def apart_heading(shown: Paths, baseline: str) -> str:
    """What a chart of differences shows, with its unit: "Hostility: difference to Baseline, 0-1"."""
    return f"{shown.outcome.running_title}: difference to {short(baseline, 40)}, {unit(shown.outcome)}"


def _scale(shown: Paths) -> Scale:
    """A linear scale with zero on it that covers what is drawn; its ticks are signed differences."""
    linear = replace(shown.outcome, log=False)
    low, high = min(0.0, float(shown.inner.min())), max(0.0, float(shown.inner.max()))
    if len(shown.centre) <= MOST_OUTER:
        low, high = min(low, float(shown.outer.min())), max(high, float(shown.outer.max()))
    scale = scale_for(low, high, linear)
    labels = tuple("0" if tick == 0.0 else minus(signed_difference(linear, tick).removesuffix(" points")
                                                 .removesuffix(" months")) for tick in scale.ticks)
    return Scale(scale.ticks, labels, scale.limits)
