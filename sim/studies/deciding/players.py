"""Games as files: who plays, what each may do, what each aims at, and what is varied.

A game file names a base scenario and, under `[players.NAME]`, two or three of the players below, each with `aims`, a
weight for each unit of an outcome, and two to six named policies. A policy is part of a scenario file: levers, changes
with a date, and triggers. Policies stand from the most cooperative to the least, unless `cooperates` and `defects`
name others. `[settings]` changes the base for all; `[vary]` names one lever or uncertainty and the values at which the
game is played. Every profile, a policy of each player, meets the same luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.common.above import above
from sim.scenario.scenario import Scenario
from sim.scenario.schema import IN_TIME, levers_in_time
from sim.studies.deciding.objective import Objective
from sim.studies.sweeping.design import Design

PLAYERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "US": ("the US", ("regulation.us.", "regulation.california.", "subsidy.us_")),
    "China": ("China", ("regulation.china.", "subsidy.china_")),
    "EU": ("the EU", ("regulation.eu.",)),
    "Labs": ("the leading labs", ("industry.openness", "industry.lobbying")),
}
"""Who may play: the name in a sentence, and the levers that nobody else may set, by how they begin."""


@dataclass(frozen=True)
class Player:
    """Who plays: named policies as parts of scenario files, what counts, and which policies are the two of a 2 x 2.

    `cooperates` and `defects` are places among the policies.
    """

    name: str
    policies: Mapping[str, Mapping[str, Any]]
    aims: Objective
    cooperates: int
    defects: int

    @property
    def called(self) -> str:
        """The name inside a sentence: "the US"."""
        return PLAYERS[self.name][0]


@dataclass(frozen=True)
class Varied:
    """A lever or an uncertainty, by dotted key, and the values at which the game is played, from low to high."""

    key: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Profiles(Design):
    """A game as a sweep runs it: a point is a value of what is varied, and a policy of each player by name.

    Points go through the values first, then through the first player's policies, then the next one's.
    """

    players: tuple[Player, ...] = ()
    varied: Varied | None = None
    unit: str = "points"
    question: str = ""
    look_for: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """How many policies each player has."""
        return tuple(len(player.policies) for player in self.players)

    @property
    def values(self) -> tuple[float | None, ...]:
        """The values of what is varied; (None,) where nothing is."""
        return self.varied.values if self.varied is not None else (None,)

    def scenario(self, point: int) -> Scenario:
        """The base with a point's value and policies. Raises ScenarioError where they contradict each other."""
        value, *names = self.points[point] if self.varied is not None else (None, *self.points[point])
        made = self.at(value)
        for player, name in zip(self.players, names, strict=True):
            made = made.over(player.policies[name], title=" / ".join(names))
        return made

    def at(self, value: float | None) -> Scenario:
        """The base where what is varied has this value."""
        if self.varied is None or value is None:
            return self.base
        return self.base.with_({self.varied.key: value})

    def resolved(self) -> dict[str, Any]:
        """All of it as plain tables, from which `from_resolved` makes the same game."""
        return super().resolved() | {
            "unit": self.unit, "question": self.question, "look_for": self.look_for,
            "varied": None if self.varied is None else {"key": self.varied.key, "values": list(self.varied.values)},
            "players": [{"name": player.name, "policies": [[name, dict(part)] for name, part in
                                                           player.policies.items()],
                         "aims": player.aims.text, "cooperates": player.cooperates, "defects": player.defects}
                        for player in self.players]}

    @classmethod
    def from_resolved(cls, tables: Mapping[str, Any]) -> Profiles:
        """The game that `resolved()` described."""
        plain, varied = Design.from_resolved(tables), tables["varied"]
        players = tuple(Player(each["name"], dict(map(tuple, each["policies"])), Objective.read(each["aims"]),
                               each["cooperates"], each["defects"]) for each in tables["players"])
        return cls(**{name: getattr(plain, name) for name in Design.__dataclass_fields__}, players=players,
                   varied=None if varied is None else Varied(varied["key"], tuple(varied["values"])),
                   unit=tables["unit"], question=tables["question"], look_for=tables["look_for"])

    @classmethod
    def load(cls, path: str | Path, **instead: Any) -> Profiles:
        """Read a game: a file, or the name of one that comes with airace.

        `instead` replaces `runs`, `seed` or `months` where it is not None. ScenarioError lists all that is wrong;
        FileNotFoundError where there is no such file.
        """
        read: Profiles = above("game_from_file")(path, **instead)
        return read


def levers_of(part: Mapping[str, Any]) -> list[str]:
    """The levers that a part of a scenario file sets, by dotted key, those of its changes and triggers included."""
    return list(dict.fromkeys(_levers_of(part)))


def _levers_of(part: Mapping[str, Any]) -> Iterator[str]:
    for key, value in part.items():
        if key in IN_TIME:
            for entry in value if isinstance(value, list) else ():
                if isinstance(entry, Mapping):
                    yield from (name for name in entry if name in levers_in_time())
        elif isinstance(value, Mapping):
            yield from (f"{key}.{name}" for name in _leaves(value))


def _leaves(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from (f"{key}.{name}" for name in _leaves(value))
        else:
            yield key
