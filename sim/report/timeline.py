"""Two runs on the same luck, side by side: swim lanes of events, and the month in which the histories part."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from sim.events import EVENTS
from sim.report.axes import time_axis
from sim.report.labels import fit, text_width
from sim.report.paths import date, years
from sim.report.style import (
    FONT_SIZE,
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

LANES: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "Models and money",
        frozenset({"release", "breakthrough", "round", "hundred_billion", "bust", "power_shortage"}),
    ),
    ("Labs", frozenset({"entry", "closure", "acquisition", "takeover_bid", "takeover", "defence_contract"})),
    (
        "Founders and legal form",
        frozenset(
            {
                "departure",
                "spin_off",
                "joins",
                "media_attack",
                "review_opened",
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
    ("Rules", frozenset({"rules_tightened", "rules_eased", "licence", "fine", "law", "lobbying"})),
    (
        "Nations",
        frozenset(
            {
                "export_control",
                "controls_eased",
                "mineral_ban",
                "truce",
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
LANE = 46.0
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
    return list(zip(events["month"], events["kind"], events["actor"], events["target"], strict=True))


def timeline(comparison: Any, contrast: Any = None, width: float = PANEL_WIDTH, titled: bool = True) -> Chart:
    """Swim lanes of one run under the baseline (upper row of a lane) and another scenario (lower row).

    Solid marks happen under one scenario only, faint ones under both; large marks are turning points, ticks routine.
    `contrast` comes from `comparison.contrast()`; `width` in points.
    """
    found = comparison.contrast() if contrast is None else contrast
    results = comparison.results
    titles = [str(name) for name in results.titles]
    role_of = dict(zip(titles, roles(len(titles), comparison.baseline_position), strict=True))
    tracks = (
        (found.baseline, found.baseline_events, found.other_events),
        (found.other, found.other_events, found.baseline_events),
    )
    present = {lane(kind) for _, events, _ in tracks for kind in events["kind"]}
    names = [name for name, _ in LANES if name in present] + ([OTHER] if OTHER in present else [])
    head = 40.0 if titled else 22.0
    height = head + LANE * max(len(names), 1) + 26.0
    time = years(results, results.values.shape[2])
    with drawing():
        figure = chart(height, width)
        axes = place(figure, 6.0, 10.0, head, 26.0)
        time_axis(axes, time, width - 16.0)
        axes.set_ylim(LANE * max(len(names), 1), 0.0)
        axes.set_yticks([])
        for row, name in enumerate(names):
            axes.axhline(row * LANE, color=LIGHT["grid"], linewidth=0.8)
            axes.text(
                0.0,
                row * LANE + 9.0,
                name,
                transform=axes.get_yaxis_transform(),
                va="center",
                ha="left",
                color=LIGHT["muted"],
                fontsize=FONT_SIZE - 0.5,
            )
        for track, (title, events, others) in enumerate(tracks):
            if len(events):
                _track(axes, events, only_here(events, others), names, time, track, role_of[title])
        _parting(axes, found, time, width, height, head)
        if titled:
            figure.text(
                6.0 / width,
                1.0 - 12.0 / height,
                fit(f"Above: {found.baseline}", width / 2 - 12.0),
                color=text_colour(role_of[found.baseline]),
                va="center",
            )
            figure.text(
                0.5,
                1.0 - 12.0 / height,
                fit(f"Below: {found.other}", width / 2 - 12.0),
                color=text_colour(role_of[found.other]),
                va="center",
            )
    return figure


def _track(
    axes: Any,
    events: pd.DataFrame,
    alone: np.ndarray,
    names: list[str],
    time: np.ndarray,
    track: int,
    role: int,
) -> None:
    rows = np.array([names.index(lane(kind)) for kind in events["kind"]])
    weights = np.array([weight(kind) for kind in events["kind"]])
    x, y = time[events["month"].to_numpy(int)], rows * LANE + 23.0 + 13.0 * track
    for important, mark, size in (
        (weights >= 4, marker(role), 40.0),
        (weights == 3, marker(role), 18.0),
        (weights <= 2, "|", 34.0),
    ):
        for where, alpha in ((important & ~alone, 0.28), (important & alone, 0.95)):
            if where.any():
                axes.scatter(
                    x[where],
                    y[where],
                    s=size,
                    marker=mark,
                    color=line_colour(role),
                    alpha=alpha,
                    linewidths=1.3 if mark == "|" else 0.0,
                    clip_on=False,
                    zorder=3,
                )


def _parting(axes: Any, found: Any, time: np.ndarray, width: float, height: float, head: float) -> None:
    if found.month is None:
        return
    x = float(time[found.month])
    axes.axvline(x, color=LIGHT["ink"], linewidth=1.0, zorder=2)
    low, high = axes.get_xlim()
    place_of = 6.0 + (x - low) / (high - low) * (width - 16.0)
    text = f"they part, {found.date}"
    side = "left" if place_of + text_width(text) < width - 8.0 else "right"
    axes.annotate(
        text,
        (x, 0.0),
        xytext=(3.0 if side == "left" else -3.0, 8.0),
        textcoords="offset points",
        ha=side,
        va="center",
        color=LIGHT["ink"],
        fontsize=FONT_SIZE,
        annotation_clip=False,
    )


def turning_points(comparison: Any, found: Any, most: int = 12) -> list[tuple[str, str, str]]:
    """Events that happen under one scenario only, as (date, under the baseline, under the other), oldest first.

    The weightiest `most` events; the first ones at which the histories part are always among them.
    """
    chosen: list[tuple[int, int, int, str]] = []
    pairs = ((found.baseline_events, found.other_events), (found.other_events, found.baseline_events))
    for side, (events, others) in enumerate(pairs):
        alone = only_here(events, others)
        for month, kind, text in events.loc[alone, ["month", "kind", "text"]].itertuples(index=False):
            first = 10 if found.month is not None and month == found.month else 0
            chosen.append((-(weight(kind) + first), int(month), side, str(text)))
    chosen = sorted(chosen)[:most]
    return [
        (date(comparison.results, month), text if side == 0 else "", text if side == 1 else "")
        for _, month, side, text in sorted(chosen, key=lambda item: (item[1], item[2]))
    ]
