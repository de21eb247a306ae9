"""Two runs on the same luck, side by side: swim lanes of events, and the month in which they part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.model.events import EVENTS
from sim.report.charts.axes import time_axis
from sim.report.charts.labels import fit, text_width
from sim.report.charts.style import (
    LIGHT,
    PANEL_WIDTH,
    Chart,
    chart,
    drawing,
    line_colour,
    marker,
    place,
    roles,
    text_colour,
)
from sim.report.words.paths import date, years

LANES: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "Models and money",
        frozenset({"release", "breakthrough", "round", "down_round", "round_fails", "patron", "hundred_billion", "bust",
                   "power_shortage", "run_hurried", "round_hurried"}),
    ),
    ("Labs", frozenset({"entry", "closure", "acquisition", "takeover_bid", "takeover", "defence_contract",
                        "lapsed"})),
    (
        "Founders and legal form",
        frozenset(
            {
                "departure",
                "spin_off",
                "joins",
                "media_attack",
                "review_opened",
                "conversion_hurried",
                "conversion",
                "capped_profit",
                "conversion_refused",
            }
        ),
    ),
    (
        "Courts",
        frozenset(
            {
                "suit_filed",
                "suit_rivalry",
                "suit_mission",
                "suit_copyright",
                "ally",
                "injunction",
                "injunction_denied",
                "dismissal",
                "settlement",
                "verdict",
                "verdict_plaintiff",
                "verdict_defendant",
            }
        ),
    ),
    (
        "Regulators",
        frozenset(
            {"bill", "bill_fails", "rules_tightened", "rules_eased", "licence", "fine", "law", "lobbying",
             "policy_announced", "policy_changes", "policy_lapses", "trigger_fires", "trigger_in_force", "trigger_ends"}
        ),
    ),
    (
        "Nations",
        frozenset(
            {
                "subsidy_law",
                "export_control",
                "controls_eased",
                "mineral_ban",
                "bans_eased",
                "imports_refused",
                "imports_readmitted",
                "truce",
                "truce_ends",
                "treaty",
                "treaty_ends",
                "breach",
                "disruption",
            }
        ),
    ),
    ("Severe incidents", frozenset({"severe_incident"})),
)
OTHER = "Other"
TURNING_POINT = 5
"""Weight from which an event counts as a turning point."""
LANE = 46.0
SIDE = 17.0
"""Margin at both sides: half of a year's label."""
_LANE_OF = {kind: name for name, kinds in LANES for kind in kinds}


def weight(kind: str) -> int:
    """How much a kind of event matters when a story must be short: 1 routine ... 6 turning point."""
    return EVENTS[kind].weight if kind in EVENTS else 3


def lane(kind: str) -> str:
    """The lane in which a kind of event is drawn."""
    return _LANE_OF.get(kind, OTHER)


def only_here(events: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Which of the events have no counterpart in the other run: same month, kind, actor and target."""
    shared = Counter(_keys(others))
    alone = np.ones(len(events), dtype=bool)
    for position, key in enumerate(_keys(events)):
        if shared[key] > 0:
            shared[key] -= 1
            alone[position] = False
    return alone


def _keys(events: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What makes two events the same; labs founded in a run have numbers for names, which do not count."""
    return [
        (month, kind, "" if kind == "entry" else actor, "" if kind == "spin_off" else target)
        for month, kind, actor, target in events[["month", "kind", "actor", "target"]].itertuples(index=False)
    ]


def timeline(comparison: Any, contrast: Any = None, width: float = PANEL_WIDTH, titled: bool = True) -> Chart:
    """Swim lanes of one run under the baseline (upper row of a lane) and another scenario (lower row).

    Solid marks happen under one scenario only, faint ones under both; large marks weigh most; ticks are
    routine events, drawn only where one run alone has them. `contrast` comes from `comparison.contrast()`;
    `width` in points.
    """
    found = comparison.contrast() if contrast is None else contrast
    all_roles = roles(len(comparison.titles), comparison.baseline_position)
    role_of = dict(zip(comparison.titles, all_roles, strict=True))
    ours, theirs = found.baseline_events, found.other_events
    names = lanes_of([*ours["kind"], *theirs["kind"]])
    head = 40.0 if titled else 22.0
    height = head + LANE * max(len(names), 1) + 26.0
    time = years(comparison.results, len(comparison.dates))
    with drawing():
        figure = chart(height, width)
        axes = place(figure, SIDE, SIDE, head, 26.0)
        time_axis(axes, time.tolist(), width - 2 * SIDE)
        _draw_lanes(axes, names)
        _track(axes, ours, only_here(ours, theirs), names, time, 0, role_of[found.baseline])
        _track(axes, theirs, only_here(theirs, ours), names, time, 1, role_of[found.other])
        if found.month is not None:
            _parting(axes, float(time[found.month]), date(comparison.results, found.month), width)
        if titled:
            for x, where, title in ((6.0 / width, "Above", found.baseline), (0.5, "Below", found.other)):
                name = fit(f"{where}: {title}", width / 2.0 - 12.0)
                figure.text(x, 1.0 - 12.0 / height, name, color=text_colour(role_of[title]), va="center")
    return figure


def lanes_of(kinds: Sequence[str]) -> list[str]:
    """The lanes that hold an event, in their usual order."""
    present = {lane(kind) for kind in kinds}
    return [name for name in (*(name for name, _ in LANES), OTHER) if name in present]


def _draw_lanes(axes: Any, names: Sequence[str]) -> None:
    axes.set_ylim(LANE * max(len(names), 1), 0.0)
    axes.set_yticks([])
    style = {"va": "center", "ha": "left", "color": LIGHT["muted"], "transform": axes.get_yaxis_transform()}
    for row, name in enumerate(names):
        axes.axhline(row * LANE, color=LIGHT["grid"], linewidth=0.8)
        axes.text(0.0, row * LANE + 9.0, name, **style)


def _track(
    axes: Any,
    events: pd.DataFrame,
    alone: np.ndarray,
    names: Sequence[str],
    time: np.ndarray,
    track: int,
    role: int,
) -> None:
    """One run's events as marks in their lanes, the upper (0) or the lower (1) row of each."""
    if events.empty:
        return
    rows = np.array([names.index(lane(kind)) for kind in events["kind"]])
    weights = np.array([weight(kind) for kind in events["kind"]])
    x, y = time[events["month"].to_numpy(int)], rows * LANE + 23.0 + 13.0 * track
    sizes = (
        (weights >= 4, marker(role), 40.0),
        (weights == 3, marker(role), 18.0),
        (weights <= 2, "|", 34.0),
    )
    for chosen, mark, size in sizes:
        for where, alpha in ((chosen & ~alone, 0.28), (chosen & alone, 0.95)):
            if where.any() and not (mark == "|" and alpha < 0.5):
                style = {"s": size, "marker": mark, "linewidths": 1.3 if mark == "|" else 0.0}
                colour = {"color": line_colour(role), "alpha": alpha}
                axes.scatter(x[where], y[where], clip_on=False, zorder=3, **style, **colour)


def _parting(axes: Any, x: float, month: str, width: float) -> None:
    """A vertical rule at the month in which the two histories part."""
    axes.axvline(x, color=LIGHT["ink"], linewidth=1.0, zorder=2)
    low, high = axes.get_xlim()
    text, at = f"they part, {month}", (x - low) / (high - low) * (width - 2 * SIDE)
    rightwards = at + text_width(text) < width - 2 * SIDE - 4.0
    axes.annotate(
        text,
        (x, 0.0),
        xytext=(3.0 if rightwards else -3.0, 8.0),
        textcoords="offset points",
        ha="left" if rightwards else "right",
        va="center",
        annotation_clip=False,
    )


def turning_points(comparison: Any, found: Any, most: int = 14) -> list[tuple[str, str, str]]:
    """Events under one scenario only, as (date, under the baseline, under the other), oldest first.

    The weightiest `most` events, and of each side the first at which the histories part.
    """
    opening: list[tuple[int, int, str]] = []
    others: list[tuple[int, int, int, str]] = []
    for side, events in enumerate(_alone(found)):
        for position, (month, kind, text) in enumerate(events):
            if position == 0 and month == found.month:
                opening.append((month, side, text))
            else:
                others.append((-weight(kind), month, side, text))
    chosen = opening + [item[1:] for item in sorted(others)[: max(0, most - len(opening))]]
    return [
        (date(comparison.results, month), text if side == 0 else "", text if side == 1 else "")
        for month, side, text in sorted(chosen)
    ]


def first_turn(comparison: Any, found: Any) -> tuple[str, str] | None:
    """The first turning point that only one run has: its scenario's title, and month and sentence."""
    turns = [
        (month, side, text)
        for side, events in enumerate(_alone(found))
        for month, kind, text in events
        if weight(kind) >= TURNING_POINT and month != found.month
    ]
    if not turns:
        return None
    month, side, text = min(turns)
    return (found.baseline, found.other)[side], f"in {date(comparison.results, month)}, {text.rstrip('.')}."


def _alone(found: Any) -> list[list[tuple[int, str, str]]]:
    """The events that only the baseline's run has, and those that only the other has: (month, kind, text)."""
    ours, theirs = found.baseline_events, found.other_events
    sides = []
    for events, others in ((ours, theirs), (theirs, ours)):
        part = events.loc[only_here(events, others), ["month", "kind", "text"]]
        sides.append([(int(month), str(kind), str(text)) for month, kind, text in part.itertuples(index=False)])
    return sides
