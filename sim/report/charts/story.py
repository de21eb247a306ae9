"""One run in swim lanes: the weightiest events named where there is room, the others as ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.report.charts.axes import time_axis
from sim.report.charts.labels import fit, text_width
from sim.report.charts.style import (
    FONT_SIZE,
    LIGHT,
    Chart,
    chart,
    drawing,
    line_colour,
    marker,
    place,
    roles,
    title_lines,
)
from sim.report.charts.timeline import SIDE, lane, lanes_of, weight
from sim.report.words.events import filled
from sim.report.words.paths import years

WIDTH = 760.0
_WIDE = 700.0
_ROWS, _ROWS_NARROW = 3, 5
"""Most rows of named events in a lane; a narrow chart has room for fewer names in each."""
_ROW, _HEAD, _TICKS = 16.0, 18.0, 10.0
_LONGEST = 264.0
SHORT: dict[str, str] = {
    "release": "{actor} leads",
    "round": "{actor} raises ${amount:,.0f}bn",
    "down_round": "{actor} raises ${amount:,.0f}bn for less",
    "round_fails": "{actor} finds no investors",
    "patron": "{actor} backs {target}",
    "hundred_billion": "{actor} passes $100bn",
    "bust": "Investors lose confidence",
    "departure": "{actor} leaves {target}",
    "spin_off": "{actor} founds {target}",
    "joins": "{actor} joins {target}",
    "entry": "{actor} opens",
    "closure": "{actor} closes",
    "acquisition": "{actor} absorbs {target}",
    "takeover_bid": "{actor} bids for {target}",
    "takeover": "{actor} buys {target}",
    "media_attack": "{actor} attacks {target}",
    "defence_contract": "{actor} takes on defence work",
    "review_opened": "{actor} asks to convert",
    "conversion": "{actor} converts",
    "capped_profit": "{actor} caps its profit",
    "conversion_refused": "{actor} may not convert",
    "suit_rivalry": "{actor} sues {target}",
    "suit_mission": "{actor} sues {target}",
    "suit_copyright": "Rights holders sue {target}",
    "ally": "{actor} sides against {target}",
    "injunction": "{actor} halts {target}'s conversion",
    "injunction_denied": "No injunction for {actor}",
    "dismissal": "Suit against {target} dismissed",
    "settlement": "{target} settles",
    "verdict_plaintiff": "{target} loses in court",
    "verdict_defendant": "{target} wins in court",
    "bill": "{actor} bill",
    "bill_fails": "{actor} bill fails",
    "rules_tightened": "{actor} rules tighter",
    "rules_eased": "{actor} rules looser",
    "licence": "{actor} is licensed",
    "fine": "{actor} is fined",
    "severe_incident": "{actor}",
    "export_control": "{actor} withholds chips",
    "controls_eased": "{actor} eases chip controls",
    "mineral_ban": "{actor} withholds minerals",
    "bans_eased": "{actor} eases its bans",
    "imports_refused": "{actor} refuses chips",
    "imports_readmitted": "{actor} buys chips again",
    "truce": "{actor} and {target}: truce",
    "truce_ends": "The truce ends",
    "treaty": "{actor} and {target}: AI treaty",
    "treaty_ends": "The AI treaty ends",
    "disruption": "Trouble around Taiwan",
    "breakthrough": "{actor}: better algorithm",
    "power_shortage": "{actor} is short of power",
    "subsidy_law": "{actor} subsidises chips",
    "lapsed": "{actor} is gone",
    "policy_announced": "{actor} announced",
    "run_hurried": "{actor} hurries a model out",
    "conversion_hurried": "{actor} hurries to convert",
    "round_hurried": "{actor} hurries a round",
    "policy_changes": "{actor}",
    "policy_lapses": "{actor} lapses",
    "trigger_fires": "{actor} is due",
    "trigger_in_force": "{actor} in force",
    "trigger_ends": "{actor} ends",
}
"""What an event is called beside its mark; its full sentence stands in the table of events."""


@dataclass(frozen=True)
class _Named:
    """An event with a name beside its mark: where it stands (points from the left), in which row of its lane."""

    x: float
    row: int
    weight: int
    text: str
    leftwards: bool


def in_short(kind: str, actor: str, target: str, amount: float) -> str:
    """An event in a few words: "xAI sues OpenAI"."""
    text = SHORT.get(kind, kind.replace("_", " ") + " {actor}")
    return filled(text, actor, target, amount).strip()


def story(results: Any, scenario: str | int = 0, run: int = 0, width: float = WIDTH, titled: bool = True) -> Chart:
    """Swim lanes of one run's events, by its number; `width` in points.

    Large marks weigh most and are named first, where there is room; ticks are the events that are not named. Raises
    UnknownNameError for an unknown scenario and ValueError for an unknown run.
    """
    events = results.events_of(scenario, run)
    position = results.position(scenario)
    role = roles(len(results.titles))[position]
    inner = width - 2 * SIDE
    time = years(results, results.values.shape[2])
    names = lanes_of(events["kind"].tolist())
    laid = [_lay_out(events[[lane(kind) == name for kind in events["kind"]]], time, inner) for name in names]
    heights = [_HEAD + _ROW * rows + (_TICKS if len(rest) else 0.0) + 6.0 for _, rest, rows in laid]
    top, bottom = (46.0 if titled else 8.0), 26.0
    with drawing():
        figure = chart(top + max(sum(heights), 24.0) + bottom, width)
        axes = place(figure, SIDE, SIDE, top, bottom)
        time_axis(axes, time.tolist(), inner)
        axes.set_ylim(max(sum(heights), 24.0), 0.0)
        axes.set_yticks([])
        start = 0.0
        for name, (named, rest, rows), height in zip(names, laid, heights, strict=True):
            _lane(axes, name, start, inner)
            for each in named:
                _mark(axes, each, start + _HEAD + _ROW * (each.row + 0.5), inner, role)
            axes.plot(rest, np.full(len(rest), start + _HEAD + _ROW * rows + _TICKS / 2.0), "|", markersize=7,
                      color=line_colour(role), transform=axes.get_yaxis_transform(), clip_on=False)
            start += height
        if not names:
            axes.text(0.0, 12.0, "Nothing of note happens.", va="center", color=LIGHT["muted"],
                      transform=axes.get_yaxis_transform())
        if titled:
            title_lines(figure, fit(f"Run {run} of {results.titles[position]}", width - 8.0, bold=True),
                        fit("large marks weigh most; ticks: events without a name here", width - 8.0))
    return figure


def _lay_out(events: pd.DataFrame, time: np.ndarray, inner: float) -> tuple[list[_Named], np.ndarray, int]:
    """Which events of a lane are named and where, the places of the others, and the rows that the names need.

    The heaviest come first, then the earliest; a name goes into the first row in which it touches no other.
    """
    most = _ROWS if inner >= _WIDE - 2 * SIDE else _ROWS_NARROW
    low, high = time[0] - 1.0 / 24.0, time[-1] + 1.0 / 24.0
    weights = np.array([weight(kind) for kind in events["kind"]])
    order = np.lexsort((np.arange(len(events)), -weights))
    taken: list[list[tuple[float, float]]] = [[] for _ in range(most)]
    named, rest = [], []
    columns = [events[name].tolist() for name in ("month", "kind", "actor", "target", "amount")]
    for index in order.tolist():
        month, *what = (column[index] for column in columns)
        text = fit(in_short(*what), _LONGEST)
        x = float((time[month] - low) / (high - low)) * inner
        needed = text_width(text) + 12.0
        leftwards = x + needed > inner
        span = (x - needed, x + 5.0) if leftwards else (x - 5.0, x + needed)
        row = next((row for row in range(most) if span[0] >= -SIDE and _is_free(taken[row], span)), None)
        if row is None:
            rest.append(x / inner)
        else:
            taken[row].append(span)
            named.append(_Named(x, row, int(weights[index]), text, leftwards))
    return named, np.sort(rest), sum(bool(row) for row in taken)


def _is_free(taken: Sequence[tuple[float, float]], span: tuple[float, float]) -> bool:
    return all(span[1] + 4.0 <= low or span[0] >= high + 4.0 for low, high in taken)


def _lane(axes: Any, name: str, start: float, inner: float) -> None:
    axes.axhline(start, color=LIGHT["grid"], linewidth=0.8)
    axes.text(0.0, start + 10.0, fit(name, inner), va="center", ha="left", color=LIGHT["muted"], fontweight="bold",
              transform=axes.get_yaxis_transform())


def _mark(axes: Any, named: _Named, y: float, inner: float, role: int) -> None:
    """An event's mark and, beside it, its name."""
    routine = named.weight <= 2
    size = 7.0 if named.weight >= 4 else 4.5
    across = axes.get_yaxis_transform()
    axes.plot([named.x / inner], [y], "|" if routine else marker(role), markersize=7.0 if routine else size,
              color=line_colour(role), transform=across, clip_on=False)
    side = -1.0 if named.leftwards else 1.0
    axes.text((named.x + 7.0 * side) / inner, y, named.text, va="center_baseline", transform=across,
              ha="right" if named.leftwards else "left", fontsize=FONT_SIZE,
              color=LIGHT["muted"] if routine else LIGHT["ink"])
