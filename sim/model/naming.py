"""How labs and founders are called: by the names of the start file, or without any.

What is put in - scenario files, options, `IndustryModel.agent` - takes the names of the start file. What is told goes
through `Names`. A person is named only in the role of the start: who has left it is told as a founder from there, since
nobody has done what the model goes on to say. An anonymous scenario is told with letters and numbers alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from sim.model.start_files import load_start
from sim.model.state import FOUNDER_SLOTS, LAB_SLOTS, NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.model.asked import ScenarioLike

NEWCOMER = "New lab"  # and a number: a lab that opens during a run


def lab_names(start: str) -> list[str]:
    """The name of every lab slot: the start's own, then slots for labs yet to come."""
    named = [row["name"] for row in load_start(start)["lab"]]
    return named + [f"{NEWCOMER} {n + 1}" for n in range(LAB_SLOTS - len(named))]


def founder_names(start: str) -> list[str]:
    """The name of every founder slot."""
    named = [row["name"] for row in load_start(start)["founder"]]
    return named + [f"Founder {n + 1}" for n in range(FOUNDER_SLOTS - len(named))]


@dataclass(frozen=True)
class Names:
    """What labs and founders are called in all that is told of a start; anonymous ones by letter and number."""

    start: str
    anonymous: bool = False

    @cached_property
    def labs(self) -> tuple[str, ...]:
        """Every lab slot: OpenAI, or Lab A; "New lab 1" for the slots of labs yet to come."""
        named = lab_names(self.start)
        if not self.anonymous:
            return tuple(named)
        first = len(load_start(self.start)["lab"])
        return tuple(f"Lab {_letters(slot)}" if slot < first else name for slot, name in enumerate(named))

    @cached_property
    def founders(self) -> tuple[str, ...]:
        """Every founder slot, in the role of the start."""
        named = founder_names(self.start)
        return tuple(f"Founder {slot + 1}" for slot in range(len(named))) if self.anonymous else tuple(named)

    @cached_property
    def homes(self) -> tuple[int, ...]:
        """The lab slot that each founder works in at the start, NOBODY for those yet to come."""
        labs, people = lab_names(self.start), load_start(self.start)["founder"]
        return (*(labs.index(row["home"]) for row in people), *[NOBODY] * (FOUNDER_SLOTS - len(people)))

    @cached_property
    def elsewhere(self) -> tuple[str, ...]:
        """Every founder slot, once out of the role of the start: "Founder 2 from OpenAI"."""
        together, seen, told = Counter(self.homes), Counter[int](), []
        for home, name in zip(self.homes, self.founders, strict=True):
            seen[home] += 1
            which = "The founder" if together[home] == 1 else f"Founder {seen[home]}"
            told.append(name if self.anonymous or home == NOBODY else f"{which} from {self.labs[home]}")
        return tuple(told)

    def founder(self, slot: int, home: int) -> str:
        """A founder who now works in this lab slot, or for NOBODY."""
        return (self.founders if home == self.homes[slot] else self.elsewhere)[slot]


@cache
def names_of(start: str, anonymous: bool = False) -> Names:
    """The names of a start, made once."""
    return Names(start, anonymous)


def without_names(start: str) -> dict[str, dict[str, str]]:
    """What an anonymous scenario calls those of this start, by what they are called else: for "lab" and "founder"."""
    known, told = names_of(start), names_of(start, anonymous=True)
    return {"lab": dict(zip(known.labs, told.labs, strict=True)),
            "founder": dict(zip((*known.founders, *known.elsewhere), 2 * told.founders, strict=True))}


def names_told(scenarios: Sequence[ScenarioLike], start: str = "") -> Names:
    """What labs and founders of scenarios that are told together are called: without names if one of them asks for it.

    `start` is the start meant, where they have several; by default the first one's.
    """
    return names_of(start or scenarios[0].start, any(scenario.anonymous for scenario in scenarios))


def _letters(number: int) -> str:
    """A, B, ... Z, AA, AB, ... for 0, 1, ..."""
    tail = chr(ord("A") + number % 26)
    return tail if number < 26 else _letters(number // 26 - 1) + tail
