"""The events of single runs, so that two runs can be laid side by side: what happened in one and not in the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sim.model.events import EVENTS, KINDS, LAB, event_texts
from sim.model.naming import Names
from sim.model.start_files import load_start

SAME_EVENT = 6  # months within which an event of two runs counts as the same one, come sooner or later

Key = tuple[Any, ...]


@dataclass(frozen=True)
class History:
    """The events of one run in order of time; columns are arrays (events,).

    `kinds` are codes into `KINDS`, `actors` and `targets` slots, below 0 where there is none.
    """

    called: Names
    months: np.ndarray
    kinds: np.ndarray
    actors: np.ndarray
    targets: np.ndarray
    amounts: np.ndarray

    @classmethod
    def of(cls, columns: Mapping[str, np.ndarray], called: Names) -> History:
        """The history in the columns of an event log of one run, with the names to tell it by."""
        return cls(called, *(columns[name] for name in ("month", "kind", "actor", "target", "amount")))

    def __len__(self) -> int:
        return len(self.months)

    def kind(self, position: int) -> str:
        """The kind of an event."""
        return KINDS[self.kinds[position]]

    def texts(self, positions: Sequence[int] | np.ndarray) -> list[str]:
        """Sentences of some of the events."""
        return [self._told["text"][int(position)] for position in positions]

    def named(self, position: int) -> tuple[str, str]:
        """What the actor and the target of an event are called, "" for nobody."""
        return self._told["actor"][position], self._told["target"][position]

    @cached_property
    def _told(self) -> dict[str, list[str]]:
        columns = {"kind": self.kinds, "actor": self.actors, "target": self.targets, "amount": self.amounts}
        return event_texts(columns, self.called)

    @cached_property
    def keys(self) -> list[Key]:
        """What happened to whom, whatever the month: equal in two runs for the same event.

        Labs founded during a run take the next free slot, so that one slot stands for different labs in two runs. They
        are known by who founded them, or by the month in which they opened.
        """
        named = len(load_start(self.called.start)["lab"])
        founded: dict[int, Key] = {}
        keys: list[Key] = []

        def whom(kind_of_agent: str, slot: int) -> Any:
            return founded.get(slot, slot) if kind_of_agent == LAB and slot >= named else slot

        events = zip(self.months.tolist(), self.kinds.tolist(), self.actors.tolist(), self.targets.tolist(),
                     strict=True)
        for month, code, actor, target in events:
            kind = KINDS[code]
            if kind == "spin_off":
                founded[target] = ("founded by", actor)
                keys.append((kind, actor))
            elif kind == "entry":
                founded[actor] = ("opened in", month)
                keys.append((kind,))
            else:
                about = EVENTS[kind]
                keys.append((kind, whom(about.actor, actor), whom(about.target, target)))
        return keys

    @cached_property
    def when(self) -> dict[Key, list[int]]:
        """Positions of the events of each key, in order of time."""
        places: dict[Key, list[int]] = defaultdict(list)
        for position, key in enumerate(self.keys):
            places[key].append(position)
        return dict(places)

    def happenings(self, key: Key, month: int) -> int:
        """How often an event of this key happened in a month."""
        return sum(1 for position in self.when.get(key, ()) if self.months[position] == month)


def unmatched(ours: History, theirs: History) -> tuple[np.ndarray, np.ndarray]:
    """Which events of two histories have no counterpart in the other: bool (events,) of each.

    Counterparts say the same of the same agents within `SAME_EVENT` months; the same month goes first.
    """
    alone = np.ones(len(ours), dtype=bool), np.ones(len(theirs), dtype=bool)
    for key, here in ours.when.items():
        for mine, other in _pairs(here, theirs.when.get(key, []), ours.months, theirs.months):
            alone[0][mine] = alone[1][other] = False
    return alone


def _pairs(
    here: Sequence[int], there: Sequence[int], our_months: np.ndarray, their_months: np.ndarray
) -> list[tuple[int, int]]:
    """Pairs of positions: first those of the same month, then those in order of time that are close enough."""
    left, right, pairs = list(here), list(there), []
    for mine in here:
        twin = next((other for other in right if their_months[other] == our_months[mine]), None)
        if twin is not None:
            pairs.append((mine, twin))
            left.remove(mine)
            right.remove(twin)
    while left and right:
        gap = int(our_months[left[0]]) - int(their_months[right[0]])
        if abs(gap) <= SAME_EVENT:
            pairs.append((left.pop(0), right.pop(0)))
        elif gap < 0:
            left.pop(0)
        else:
            right.pop(0)
    return pairs
