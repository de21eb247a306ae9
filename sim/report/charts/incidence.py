"""When things first happen: the share of runs in which a milestone has come, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.common.numbers import percent
from sim.report.charts.axes import share_scale, time_axis
from sim.report.charts.fans import LABEL_WIDTH, name_lines, panel
from sim.report.charts.labels import text_width, wrap
from sim.report.charts.style import Chart, dashes, drawing, line_colour, roles, title_lines
from sim.report.words.names import opening
from sim.report.words.paths import years

_TOPS = (0.04, 0.08, 0.2, 0.4, 0.6, 0.8, 1.0)
_GAP = 4.0


def top_of(curves: Sequence[pd.DataFrame]) -> float:
    """The share at which the value axis of all panels ends: a round one above every curve."""
    highest = max([float(curve["share"].max()) for curve in curves], default=1.0)
    return next((top for top in _TOPS if top >= highest), 1.0)


def incidence(comparison: Any, milestone: str, top: float | None = None, titled: bool = True) -> Chart:
    """Cumulative incidence of a milestone, every scenario a line named at its end, with Wilson's interval.

    `milestone` is one of `sim.studies.comparing.risks.MILESTONES`; `top` is the share at which the axis ends, for
    panels that share it.
    """
    curve = comparison.incidence(milestone)
    names = [str(name) for name in comparison.titles]
    shape = (len(names), -1)
    share, low, high = (curve[column].to_numpy(float).reshape(shape) for column in ("share", "low", "high"))
    top = top_of([curve]) if top is None else top
    labels = [_label(name, float(end), len(names)) for name, end in zip(names, share[:, -1], strict=True)]
    role_of = roles(len(names), comparison.baseline_position)
    with drawing():
        figure, axes, width, height = panel(share_scale(top), labels, _GAP, titled)
        time = years(comparison.results, share.shape[1])
        time_axis(axes, time.tolist(), width)
        for s, role in enumerate(role_of):
            colour = line_colour(role)
            axes.fill_between(time, low[s], np.minimum(high[s], top), color=colour, alpha=0.13, linewidth=0)
            axes.plot(time, share[s], color=colour, linestyle=dashes(role), linewidth=2.0)
        name_lines(axes, share[:, -1].tolist(), labels, role_of, (width, height, _GAP))
        if titled:
            title_lines(figure, f"{opening(milestone)}, % of runs", "share so far and its interval")
    return figure


def _label(name: str, end: float, scenarios: int) -> list[str]:
    """A scenario's name in lines, with the share reached at the end behind it or below it."""
    number = percent(end)
    if scenarios > 5:
        *first, last = wrap(name, LABEL_WIDTH - text_width(f" {number}") - 2.0, 2)
        return [*first, f"{last} {number}"]
    lines = wrap(name, LABEL_WIDTH - 2.0, 2)
    last = f"{lines[-1]} {number}"
    return [*lines[:-1], last] if text_width(last) <= LABEL_WIDTH else [*lines, number]
