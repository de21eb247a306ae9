"""When things first happen: the share of runs in which a milestone has come, month by month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.numbers import percent
from sim.report.axes import margin, time_axis, value_axis
from sim.report.fans import LABEL_WIDTH, LINE_HEIGHT, name_lines, title
from sim.report.labels import wrap
from sim.report.paths import years
from sim.report.style import PANEL_WIDTH, Chart, chart, dashes, drawing, line_colour, place, roles

STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)


def top_of(curves: list[pd.DataFrame]) -> float:
    """The share that the value axis of all panels ends at: a round one above every curve."""
    highest = max([float(curve["share"].max()) for curve in curves], default=1.0)
    return next((step for step in STEPS if step >= highest * 1.02), 1.0)


def incidence(comparison: Any, milestone: str, top: float | None = None, titled: bool = True) -> Chart:
    """Cumulative incidence of a milestone, every scenario a line named at its end, with Wilson's interval.

    `milestone` is one of `sim.studies.risks.MILESTONES`; `top` is the share at which the axis ends, for panels
    that share it.
    """
    curve = comparison.incidence(milestone)
    names = [str(name) for name in comparison.results.titles]
    role_of = roles(len(names), comparison.baseline_position)
    share, low, high = (
        np.stack([curve.loc[curve["scenario"] == name, column].to_numpy(float) for name in names])
        for column in ("share", "low", "high")
    )
    top = top_of([curve]) if top is None else top
    labels = [[*wrap(name, LABEL_WIDTH - 2.0, 2 if len(names) <= 5 else 1)[:2]] for name in names]
    for label, end in zip(labels, share[:, -1], strict=True):
        label[-1] = f"{label[-1]} {percent(end)}" if len(names) > 5 or len(label[-1]) < 8 else label[-1]
        if not label[-1].endswith("%"):
            label.append(percent(end))
    head = 46.0 if titled else 8.0
    height = max(188.0, sum(len(label) for label in labels) * LINE_HEIGHT + 4.0 * len(labels) + 30.0) + head
    ticks = np.linspace(0.0, top, 5)
    tick_labels = [percent(tick) for tick in ticks]
    left, right = margin(tick_labels), LABEL_WIDTH + 4.0
    with drawing():
        figure = chart(height)
        axes = place(figure, left, right, head, 26.0)
        time = years(comparison.results, share.shape[1])
        value_axis(axes, ticks, tick_labels, (0.0, top), log=False)
        time_axis(axes, time, PANEL_WIDTH - left - right)
        for s, role in enumerate(role_of):
            axes.fill_between(
                time, low[s], np.minimum(high[s], top), color=line_colour(role), alpha=0.13, linewidth=0
            )
            axes.plot(time, share[s], color=line_colour(role), linestyle=dashes(role), linewidth=2.0)
        name_lines(
            axes,
            list(np.minimum(share[:, -1], top)),
            labels,
            role_of,
            PANEL_WIDTH - left - right,
            height - head - 26.0,
            4.0,
        )
        if titled:
            title(
                figure,
                f"{milestone[0].upper()}{milestone[1:]}, % of runs",
                "share so far and its 95% interval",
            )
    return figure
