"""How rules tell what happens: events of the month as codes, in the order in which they are told."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from sim.model.events import KINDS, RECORD
from sim.model.rule import codes, entry, rule
from sim.model.state import MOST_NEWS, NOBODY

EVENT: Any = codes(KINDS)
"""The code of each kind of event, as rules name it: `EVENT.treaty`."""


@rule
def tell(run: Any, kind: int, actor: int = NOBODY, target: int = NOBODY, amount: float = nan) -> None:
    """Note an event of this month; slots and amount as `sim.model.events.EVENTS` says for its kind.

    RuntimeError beyond `MOST_NEWS` in a month: far more than all labs and founders together can cause.
    """
    news = run.news
    place = news.count
    if place >= MOST_NEWS:
        raise RuntimeError("a rule tells of more events in one month of one run than there is room for")
    news.kind[place], news.actor[place], news.target[place], news.amount[place] = kind, actor, target, amount
    news.count = place + 1


def collect(state: np.ndarray) -> np.ndarray:
    """The events told since the last call, as records (n,) of `sim.model.events.RECORD`; clears them."""
    out = np.zeros(int(state["news"]["count"].sum()), RECORD)
    if len(out):
        _collect(state, out)
    return out


@entry
def _collect(state: Any, out: Any) -> None:
    place = 0
    for row in range(len(state)):
        place = take_news(state[row], row, out, place)


@rule
def take_news(run: Any, row: int, events: Any, place: int) -> int:
    """Take a run's events over into `events` from a place on, as records; the place after the last."""
    news = run.news
    for told in range(news.count):
        event = events[place]
        event.row, event.month, event.kind = row, run.month, news.kind[told]
        event.actor, event.target, event.amount = news.actor[told], news.target[told], news.amount[told]
        place += 1
    news.count = 0
    return place
