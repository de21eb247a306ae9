"""How rules tell what happens: events of the month as codes, in the order in which they are told."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from sim.events import KINDS, RECORD
from sim.model.rule import codes, entry, rule
from sim.state import MOST_NEWS, NOBODY

EVENT: Any = codes(KINDS)
"""The code of each kind of event, as rules name it: `EVENT.treaty`."""


@rule
def tell(run: Any, kind: int, actor: int = NOBODY, target: int = NOBODY, amount: float = nan) -> None:
    """Note an event of this month; slots and amount as `sim.events.EVENTS` says for its kind.

    Beyond `MOST_NEWS` events are counted and not kept; `collect` refuses such a month.
    """
    news = run.news
    place = news.count
    if place < MOST_NEWS:
        news.kind[place], news.actor[place], news.target[place], news.amount[place] = kind, actor, target, amount
    news.count = place + 1


@entry
def _collect(state: Any, out: Any) -> None:
    place = 0
    for row in range(len(state)):
        news = state[row].news
        for told in range(news.count):
            event = out[place]
            event.row, event.month, event.kind = row, state[row].month, news.kind[told]
            event.actor, event.target, event.amount = news.actor[told], news.target[told], news.amount[told]
            place += 1
        news.count = 0


def collect(state: np.ndarray) -> np.ndarray:
    """The events told since the last call, as records (n,) of `sim.events.RECORD`; clears them."""
    counts = state["news"]["count"]
    if counts.max() > MOST_NEWS:
        raise RuntimeError(f"more than {MOST_NEWS} events in one month of one run")
    out = np.zeros(int(counts.sum()), RECORD)
    if len(out):
        _collect(state, out)
    return out
