"""What was policy when: a lane for each lever that is scheduled and for each trigger, over the months of the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.common.numbers import percent
from sim.model.parameters import levers
from sim.model.policies import PLACES, as_number, schedule
from sim.report.charts.axes import time_axis
from sim.report.charts.labels import text_width, wrap
from sim.report.charts.rows import LINE, ROW
from sim.report.charts.style import LIGHT, PANEL_WIDTH, Chart, chart, drawing, line_colour, place, text_colour
from sim.report.words.levers import lever_in_words, lever_value
from sim.report.words.names import clean
from sim.report.words.paths import years

_SIDE, _TOP, _BOTTOM = 8.0, 4.0, 26.0
_LANE = 17.0  # height of what is drawn in a lane


@dataclass(frozen=True)
class Lane:
    """What a lane shows: its name, what is said of it in a few words, and a level from 0 to 1 in each month."""

    name: str
    said: str
    level: np.ndarray


def lanes(results: Any, scenario: int, in_force: np.ndarray | None) -> list[Lane]:
    """The lanes of a scenario: levers from their least to the highest that they reach, then triggers as shares of runs.

    `in_force` (runs, months, triggers) says in which months each trigger is in force; None where nobody knows.
    """
    asked, months = results.scenarios[scenario], results.values.shape[2]
    scheduled, found = schedule(asked, months), []
    for path in dict.fromkeys(path for change in asked.changes for path in change.levers):
        values = scheduled[PLACES[path][0]]
        section, _, rest = path.partition(".")
        lever = levers()[f"{section}.{rest.rpartition('.')[2]}"]
        low = min(lever.low or 0.0, values.min())
        high = max(values.max(), as_number(path, asked.levers[path]))
        steps = [float(each) for each in dict.fromkeys(values[np.flatnonzero(np.diff(values, prepend=np.nan) != 0.0)])]
        found.append(Lane(lever_in_words(path), _said(lever, steps), (values - low) / max(high - low, 1e-9)))
    for number, when in enumerate(asked.whens if in_force is not None else ()):
        assert in_force is not None
        ever = float(in_force[..., number].any(axis=1).mean())
        share = in_force[..., number].mean(axis=0)
        found.append(Lane(f"“{clean(when.name)}” in force", f"ever in {percent(ever)} of the runs", share))
    return found


def _said(lever: Any, steps: Sequence[float]) -> str:
    """A lever's first value and the last of a step or ramp, as in "0.45, then 0.8"."""
    def text(value: float) -> str:
        if lever.choices:
            return str(lever.choices[int(value)])
        return lever_value(value > 0.0) if lever.type == "boolean" else lever_value(value)
    furthest = max(steps, key=lambda value: abs(value - steps[0]))
    return f"{text(steps[0])}, then {text(furthest)}" if furthest != steps[0] else text(steps[0])


def lanes_chart(shown: Sequence[Lane], results: Any, role: int) -> Chart:
    """The lanes below one another over one time axis, in the scenario's colour; the name and a few words above each."""
    width = PANEL_WIDTH - 2 * _SIDE
    with drawing():
        names = ["\n".join(wrap(lane.name, width - 12.0 - text_width(lane.said, bold=True), 2)) for lane in shown]
        heights = [ROW + LINE + LINE * name.count("\n") for name in names]
        figure = chart(_TOP + sum(heights) + _BOTTOM)
        axes = place(figure, _SIDE, _SIDE, _TOP, _BOTTOM)
        time = years(results, results.values.shape[2])
        time_axis(axes, time.tolist(), width)
        axes.set_ylim(sum(heights), 0.0)
        axes.set_yticks([])
        left, right = axes.get_xlim()
        for lane, name, bottom in zip(shown, names, np.cumsum(heights).tolist(), strict=True):
            above = bottom - _LANE - 8.0 - LINE / 2
            axes.text(left, above - LINE / 2 * name.count("\n"), name, va="center", ha="left")
            axes.text(right, above, lane.said, va="center", ha="right", fontweight="bold", color=text_colour(role))
            ground = bottom - 2.0
            level = ground - _LANE * lane.level
            axes.fill_between(time, ground, level, step="mid", color=line_colour(role), alpha=0.35, linewidth=0)
            axes.plot(time, level, drawstyle="steps-mid", color=line_colour(role), linewidth=1.6)
            axes.axhline(ground, color=LIGHT["grid"], linewidth=0.8)
    return figure
