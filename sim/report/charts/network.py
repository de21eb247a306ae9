"""Who sues, funds, left, founded, sides against or buys whom in one run: founders at the left, labs at the right.

Names stand in two columns, one below the other, so that none touches another however many there are, and the same run
gives the same picture. Between the columns run the ties of founders to labs; those of labs to each other are arcs at
the right, with an arrow at whom they are done to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.model.events import EVENTS, FOUNDER, LAB
from sim.report.charts.labels import fit, text_width
from sim.report.charts.style import DASHES, FONT_SIZE, LIGHT, PANEL_WIDTH, Chart, chart, drawing, place, title_lines
from sim.report.words.names import counted
from sim.report.words.paths import date


@dataclass(frozen=True)
class Relation:
    """A way in which one may stand to another: its verb, the kinds of event that make it, its hue and its line."""

    verb: str
    kinds: frozenset[str]
    hue: int
    line: Any


RELATIONS: tuple[Relation, ...] = (
    Relation("left", frozenset({"departure"}), 6, DASHES[1]),
    Relation("founded", frozenset({"spin_off"}), 1, DASHES[0]),
    Relation("joined", frozenset({"joins"}), 0, DASHES[3]),
    Relation("sues", frozenset({"suit_rivalry", "suit_mission"}), 2, DASHES[1]),
    Relation("sides against", frozenset({"ally"}), 3, DASHES[3]),
    Relation("funds", frozenset({"patron"}), 1, DASHES[0]),
    Relation("buys", frozenset({"takeover", "acquisition"}), 0, DASHES[2]),
)
"""Hostile ties are warm, friendly ones blue; the line style repeats what the colour says."""
_RELATION_OF = {kind: relation for relation in RELATIONS for kind in relation.kinds}
ROW = 19.0
_KEY_ROW = 18.0
_SIDE = 6.0
_NAMES = (0.27, 0.32)
"""Shares of the width that the names of founders and of labs may take."""


@dataclass(frozen=True)
class Tie:
    """One actor's standing to another: the relation, and how often it was renewed."""

    relation: Relation
    actor: str
    target: str
    times: int


def ties(events: Any) -> list[Tie]:
    """The ties that a run's events make, in the order of `RELATIONS`, then of first appearance."""
    counted_ties: Counter[tuple[str, str, str]] = Counter()
    for kind, actor, target in events[["kind", "actor", "target"]].itertuples(index=False):
        if kind in _RELATION_OF and actor and target:
            counted_ties[_RELATION_OF[kind].verb, actor, target] += 1
    verbs = [relation.verb for relation in RELATIONS]
    found = [Tie(RELATIONS[verbs.index(verb)], actor, target, n) for (verb, actor, target), n in counted_ties.items()]
    return sorted(found, key=lambda tie: verbs.index(tie.relation.verb))


def network(
    results: Any,
    scenario: str | int = 0,
    run: int = 0,
    month: int | None = None,
    width: float = PANEL_WIDTH * 1.5,
    titled: bool = True,
) -> Chart:
    """Ties of founders and labs in one run, by its number, up to a month counted from 0 (None: to the end).

    `width` in points. Raises UnknownNameError for an unknown scenario, ValueError for an unknown run or month.
    """
    events = results.events_of(scenario, run, month)
    found = ties(events)
    founders, labs = _columns(found)
    position = results.position(scenario)
    until = date(results, results.values.shape[2] - 1 if month is None else month)
    key = _key_rows([r for r in RELATIONS if any(tie.relation is r for tie in found)], width)
    top, below = (46.0 if titled else 8.0) + _KEY_ROW * len(key), 10.0
    height = ROW * max(len(founders), len(labs), 1)
    with drawing():
        figure = chart(top + height + below, width)
        axes = place(figure, 0.0, 0.0, 0.0, 0.0)
        axes.set_xlim(0.0, width)
        axes.set_ylim(top + height + below, 0.0)
        axes.set_axis_off()
        _draw_key(axes, key, top - _KEY_ROW * len(key))
        if found:
            _draw(axes, found, founders, labs, width, top, height)
        else:
            axes.text(_SIDE, top + ROW / 2.0, "Nobody sues, funds, leaves or founds anything yet.", va="center",
                      color=LIGHT["muted"])
        if titled:
            title = fit(f"Run {run} of {results.titles[position]}", width - 8.0, bold=True)
            title_lines(figure, title, fit(f"by {until}{_left_out(events)}", width - 8.0))
    return figure


def _left_out(events: Any) -> str:
    suits = int((events["kind"] == "suit_copyright").sum())
    return f"; {counted(suits, 'suit')} by rights holders not drawn" if suits else ""


def _columns(found: Sequence[Tie]) -> tuple[list[str], list[str]]:
    """Founders and labs from top to bottom: labs with most ties first, founders beside the labs they are tied to."""
    share: Counter[str] = Counter()
    for tie in found:
        for name in ([tie.target] if _is_founders(tie) else [tie.actor, tie.target]):
            share[name] += tie.times
    labs = sorted(share, key=lambda name: (-share[name], name))
    labs = _near_their_ties(labs, found)
    row = {name: i for i, name in enumerate(labs)}
    beside: dict[str, list[int]] = {}
    for tie in found:
        if _is_founders(tie):
            beside.setdefault(tie.actor, []).append(row[tie.target])
    founders = sorted(beside, key=lambda name: (float(np.mean(beside[name])), name))
    return founders, labs


def _near_their_ties(labs: list[str], found: Sequence[Tie]) -> list[str]:
    """Labs reordered a few times towards the mean place of those they are tied to, which shortens the arcs."""
    for _ in range(4):
        row = {name: i for i, name in enumerate(labs)}
        near: dict[str, list[int]] = {name: [row[name]] for name in labs}
        for tie in found:
            if not _is_founders(tie):
                near[tie.actor].append(row[tie.target])
                near[tie.target].append(row[tie.actor])
        labs = sorted(labs, key=lambda name: (float(np.mean(near[name])), row[name]))
    return labs


def _is_founders(tie: Tie) -> bool:
    """Whether the one who acts is a founder rather than a lab."""
    return any(EVENTS[kind].actor == FOUNDER for kind in tie.relation.kinds)


def _key_rows(shown: Sequence[Relation], width: float) -> list[list[tuple[Relation, float]]]:
    """The key in rows: each relation with its place from the left, in points."""
    rows: list[list[tuple[Relation, float]]] = []
    x = width
    for relation in shown:
        needed = 30.0 + text_width(relation.verb) + 14.0
        if x + needed > width:
            rows.append([])
            x = _SIDE
        rows[-1].append((relation, x))
        x += needed
    return rows


def _draw_key(axes: Any, rows: Sequence[Sequence[tuple[Relation, float]]], top: float) -> None:
    for number, row in enumerate(rows):
        y = top + _KEY_ROW * (number + 0.5)
        for relation, x in row:
            axes.plot([x, x + 24.0], [y, y], color=LIGHT[f"s{relation.hue}"], linestyle=relation.line, linewidth=2.0)
            axes.text(x + 30.0, y, relation.verb, va="center_baseline", color=LIGHT[f"t{relation.hue}"])


def _draw(axes: Any, found: Sequence[Tie], founders: Sequence[str], labs: Sequence[str], width: float, top: float,
          height: float) -> None:
    """Both columns of names, spread over the same height, and the ties."""
    room = [share * width for share in _NAMES]
    names = [[fit(name, room[0]) for name in founders], [fit(name, room[1]) for name in labs]]
    widest = [max((text_width(name) for name in column), default=0.0) for column in names]
    left = _SIDE + widest[0]
    arcs = width - _SIDE - 0.2 * width
    right = arcs - widest[1]
    heights = [_rows(len(column), top, height) for column in (founders, labs)]
    for x, align, column, ys in ((left, "right", names[0], heights[0]), (right, "left", names[1], heights[1])):
        for name, y in zip(column, ys, strict=True):
            axes.text(x, y, name, ha=align, va="center_baseline", color=LIGHT["ink"], fontsize=FONT_SIZE)
    place_of: dict[str, Mapping[str, float]] = {
        FOUNDER: dict(zip(founders, heights[0], strict=True)), LAB: dict(zip(labs, heights[1], strict=True))}
    between = Counter((tie.actor, tie.target) for tie in found)
    seen: Counter[tuple[str, str]] = Counter()
    for tie in found:
        pair = (tie.actor, tie.target)
        shift = 4.0 * (seen[pair] - (between[pair] - 1) / 2.0)
        seen[pair] += 1
        end = place_of[LAB][tie.target]
        if _is_founders(tie):
            start = place_of[FOUNDER][tie.actor]
            _line(axes, tie, [(left + 5.0, start), (left + 30.0, start + shift), (right - 36.0, end + shift),
                              (right - 6.0, end)])
        else:
            start = place_of[LAB][tie.actor]
            widths = dict(zip(labs, (text_width(name) for name in names[1]), strict=True))
            first, last = (right + widths[name] + 5.0 for name in pair)
            passed = [right + widths[name] for name in _between(labs, *pair)]
            # The curve reaches three quarters of the way to its corners; it has to clear the names that it passes.
            clear = (max(passed) + 10.0 - 0.125 * (first + last)) / 0.75
            reach = max(clear, max(first, last) + 16.0 + 0.3 * width * abs(end - start) / height) + shift
            reach = min(reach, (width - _SIDE - 0.125 * (first + last)) / 0.75)  # so that the curve stays in the chart
            _line(axes, tie, [(first, start), (reach, start), (reach, end), (last + 4.0, end)])


def _between(labs: Sequence[str], one: str, other: str) -> Sequence[str]:
    """The labs from one to the other in the column, both included."""
    low, high = sorted((labs.index(one), labs.index(other)))
    return labs[low : high + 1]


def _rows(count: int, top: float, height: float) -> list[float]:
    """Evenly spaced heights for `count` names, in the middle of their share of the whole height."""
    step = min(height / max(count, 1), 3.0 * ROW)
    first = top + (height - step * count) / 2.0
    return [first + step * (i + 0.5) for i in range(count)]


def _line(axes: Any, tie: Tie, corners: Sequence[tuple[float, float]]) -> None:
    """A curve through four points with an arrow at its end; thicker where the tie was renewed."""
    colour = LIGHT[f"s{tie.relation.hue}"]
    path = Path(list(corners), [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    thick = min(1.2 + 0.5 * (tie.times - 1), 3.0)
    axes.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, linewidth=thick, linestyle=tie.relation.line))
    (x, y), (before, _) = corners[-1], corners[-2]
    tip = 5.0 if x > before else -5.0
    head = Path([(x + tip, y), (x - 0.2 * tip, y - 3.4), (x - 0.2 * tip, y + 3.4), (x + tip, y)],
                [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY])
    axes.add_patch(PathPatch(head, facecolor=colour, edgecolor="none", linewidth=0))
