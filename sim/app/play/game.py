"""A game: the world it is played in, its luck, and what was decided when. Everything else follows from that.

A game is a scenario with dated changes: a decision of a quarter holds from its first month on. The run is lived through
from the start each time, so a game is replayed by `airace run`, a decision is undone by leaving it out, and a server
that was stopped goes on where it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sim.app.play.roles import OFFER_STEP, POWERS, ROLES, decision_of
from sim.common.language import gettext
from sim.engine.labels import month_dates
from sim.model.asked import Change
from sim.model.parameters import Value
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.scenario.schema import MAX_CHANGES

MONTHS = 3
"""Months of a quarter."""
FEWEST_QUARTERS, MOST_QUARTERS = 4, 40
FIRST = 1
"""The first quarter with decisions; the one before it goes by under policy as it is."""


class GameError(ValueError):
    """What cannot be played: a sentence for whoever asked."""


@contextmanager
def _in_words() -> Iterator[None]:
    """What is wrong with a scenario, as a sentence for a player."""
    try:
        yield
    except ScenarioError as error:
        raise GameError("; ".join(f"{problem.message}: {problem.note}" for problem in error.problems)) from None


@dataclass(frozen=True)
class Move:
    """What a role decided in a quarter, counted from 0 at the start of the world."""

    quarter: int
    role: str
    lever: str
    value: Value


@dataclass(frozen=True)
class Inject:
    """What a host lets happen in the first month of a quarter: an event of a scenario file."""

    quarter: int
    kind: str
    severity: float
    actor: str | None = None


@dataclass(frozen=True)
class Game:
    """A game: `world` without any move, as long as the game; the run's luck; who is played; what was decided.

    `played` quarters have gone by. `seats` are the roles that somebody plays.
    """

    world: Scenario
    seed: int
    run: int
    seats: tuple[str, ...]
    quarters: int
    played: int = FIRST
    moves: tuple[Move, ...] = ()
    injects: tuple[Inject, ...] = ()

    @classmethod
    def begin(cls, world: Scenario, seed: int, run: int, seats: Sequence[str], quarters: int) -> Game:
        """A new game of so many quarters; GameError for a length or a role that there is not."""
        if not FEWEST_QUARTERS <= quarters <= MOST_QUARTERS:
            raise GameError(gettext("a game has {fewest} to {most} quarters, not {given}", fewest=FEWEST_QUARTERS,
                                    most=MOST_QUARTERS, given=quarters))
        for seat in seats:
            if seat not in ROLES:
                raise GameError(gettext("there is no role {given}; there are {roles}", given=repr(seat[:40]),
                                        roles=", ".join(ROLES)))
        last = quarters * MONTHS
        late = [*(each.date for each in world.changes if each.month >= last),
                *(each.date for each in world.events if each.month >= last)]
        if late:
            raise GameError(gettext("the world dates something in {date}, after the {quarters} quarters of this game: "
                                    "play more quarters, or take it out of the file", date=late[0], quarters=quarters))
        if len(world.changes) + quarters > MAX_CHANGES:
            raise GameError(gettext("the world has {own} changes of its own, and a file holds {most}: play at most "
                                    "{left} quarters in it", own=len(world.changes), most=MAX_CHANGES,
                                    left=MAX_CHANGES - len(world.changes)))
        return cls(replace(world, months=last), seed, run, tuple(seats), quarters)

    @property
    def over(self) -> bool:
        """Whether all quarters have gone by."""
        return self.played >= self.quarters

    # ---- what was decided, as policy -------------------------------------------------------------------------------
    def scenario(self) -> Scenario:
        """The game as a scenario: what was decided in a quarter is one change, dated by its first month."""
        return replace(self._with_injects(), changes=(*self.world.changes, *self._changes()),
                       title=f"{self.world.title}, played"[:200])

    def undecided(self) -> Scenario:
        """The same world, injects included, in which nobody decided anything."""
        return self._with_injects()

    def without(self, *moves: Move) -> Scenario:
        """The game without some of its moves."""
        kept = replace(self, moves=tuple(move for move in self.moves if move not in moves))
        return replace(self.scenario(), changes=(*self.world.changes, *kept._changes()))

    def text(self) -> str:
        """The game as a scenario file; GameError where no file can say it, as two events that exclude each other."""
        told = replace(self.scenario(), question=f"What becomes of the industry in a game that was played (seed "
                       f"{self.seed}, run {self.run})?", look_for="the same bits as on the page, by airace run "
                       f"game.toml --seed {self.seed} --run {self.run}")
        text = told.to_toml()
        with _in_words():
            Scenario.from_dict(tomllib.loads(text))
        return text

    def _with_injects(self) -> Scenario:
        if not self.injects:
            return self.world
        dates = self.dates()
        with _in_words():
            return self.world.with_({"event": [
                {"date": dates[each.quarter * MONTHS], "kind": each.kind, "severity": each.severity}
                | ({} if each.actor is None else {"actor": each.actor}) for each in self.injects]})

    def _changes(self) -> list[Change]:
        dates, found = self.dates(), []
        now = dict(self.world.levers)
        offers: dict[tuple[str, str], Value] = {}
        for quarter, moves in groupby(sorted(self.moves, key=lambda move: move.quarter), lambda move: move.quarter):
            decided: dict[str, Value] = {}
            for move in moves:
                value = move.value
                if decision_of(move.role, move.lever).shared:
                    offers[move.role, move.lever] = value
                    value = min((offers.get((power, move.lever), self.world.levers[move.lever])
                                 for power in POWERS if power in self.seats), key=float)
                decided[move.lever] = value
            levers = {lever: value for lever, value in decided.items() if now[lever] != value}
            now |= levers
            if levers:
                month = quarter * MONTHS
                found.append(Change(self._name(quarter), month, dates[month], levers))
        return found

    def courses(self) -> tuple[tuple[Move, ...], ...]:
        """What each role decided on each lever, from first to last: what is undone together."""
        found: dict[tuple[str, str], list[Move]] = {}
        for move in self.moves:
            found.setdefault((move.role, move.lever), []).append(move)
        return tuple(tuple(moves) for moves in found.values())

    # ---- what may be decided ---------------------------------------------------------------------------------------
    def offer(self, role: str, lever: str) -> Value:
        """What a role decided on a lever last; what the world says where it never did."""
        mine = [move.value for move in self.moves if move.role == role and move.lever == lever]
        return mine[-1] if mine else self.world.levers[lever]

    def value(self, lever: str) -> Value:
        """What a lever is by the decisions taken so far."""
        found = self.world.levers[lever]
        for change in self._changes():
            found = change.levers.get(lever, found)
        return found

    def choices(self, role: str, lever: str) -> list[tuple[Value, str]]:
        """What a role may choose for a lever now, with words, the present value among it."""
        decision, now = decision_of(role, lever), self.offer(role, lever)
        values = [value for value, _ in decision.values]
        for known in (self.world.levers[lever], now):
            if known not in values:
                values.append(known)
        if decision.shared and not all(power in self.seats for power in POWERS):
            values = [value for value in values if abs(float(value) - float(now)) <= OFFER_STEP + 1e-9]
        return [(value, decision.words(value)) for value in sorted(values, key=float)]

    def check(self, role: str, moves: Mapping[str, Any], most: int) -> tuple[Move, ...]:
        """The moves of a role for the quarter that comes, those that change nothing left out; GameError if not allowed.

        `moves` maps levers to values.
        """
        if self.over:
            raise GameError(gettext("the game is over"))
        found = []
        for lever, value in moves.items():
            if role not in ROLES or lever not in ROLES[role].decides:
                raise GameError(gettext("{role} does not decide on {lever}", lever=repr(lever[:60]),
                                        role=gettext(ROLES[role].name) if role in ROLES else gettext("nobody")))
            allowed = [known for known, _ in self.choices(role, lever)
                       if known == value and isinstance(known, bool) == isinstance(value, bool)]
            if not allowed:
                raise GameError(gettext("{lever} cannot be {value} now", lever=lever, value=repr(str(value)[:40])))
            if allowed[0] != self.offer(role, lever):
                found.append(Move(self.played, role, lever, allowed[0]))
        if len(found) > most:
            raise GameError(gettext("at most {most} decisions a quarter", most=most))
        return tuple(found)

    def forward(self, moves: Sequence[Move], injects: Sequence[Inject] = ()) -> Game:
        """The game a quarter later."""
        return replace(self, moves=(*self.moves, *moves), injects=(*self.injects, *injects), played=self.played + 1)

    def back(self) -> Game:
        """The game a quarter earlier, with what was decided for it taken back; GameError at the beginning."""
        if self.played <= FIRST:
            raise GameError(gettext("this is the beginning"))
        last = self.played - 1
        return replace(self, played=last, moves=tuple(move for move in self.moves if move.quarter < last),
                       injects=tuple(each for each in self.injects if each.quarter < last))

    # ---- time ------------------------------------------------------------------------------------------------------
    def dates(self) -> tuple[str, ...]:
        """The months of the whole game, as in "2026-01"."""
        return tuple(month_dates(self.world.start, self.quarters * MONTHS))

    def _name(self, quarter: int) -> str:
        """What a quarter's change is called in the file: the world may be a played game, with such names of its own."""
        name, taken = "{} Q{}".format(*self._when(quarter)), {change.name for change in self.world.changes}
        while name in taken:
            name += " again"
        return name

    def name_of(self, quarter: int) -> str:
        """A quarter as in "2027 Q1"."""
        year, number = self._when(quarter)
        return gettext("{year} Q{number}", year=year, number=number)

    def _when(self, quarter: int) -> tuple[str, int]:
        """A quarter's year, and its number in that year."""
        year, month = self.dates()[quarter * MONTHS].split("-")
        return year, (int(month) - 1) // MONTHS + 1


# ---- kept on disk ---------------------------------------------------------------------------------------------------
def to_record(game: Game) -> dict[str, Any]:
    """A game as JSON holds it."""
    return {"world": game.world.resolved(), "seed": game.seed, "run": game.run, "seats": list(game.seats),
            "quarters": game.quarters, "played": game.played,
            "moves": [[move.quarter, move.role, move.lever, move.value] for move in game.moves],
            "injects": [[each.quarter, each.kind, each.severity, each.actor] for each in game.injects]}


def from_record(record: Mapping[str, Any]) -> Game:
    """The game that `to_record` wrote; GameError where it is none."""
    try:
        return Game(Scenario.from_resolved(record["world"]), int(record["seed"]), int(record["run"]),
                    tuple(record["seats"]), int(record["quarters"]), int(record["played"]),
                    tuple(Move(int(q), str(role), str(lever), value) for q, role, lever, value in record["moves"]),
                    tuple(Inject(int(q), str(kind), float(severity), actor)
                          for q, kind, severity, actor in record["injects"]))
    except (KeyError, TypeError, ValueError) as error:
        raise GameError(f"this is no saved game ({type(error).__name__}: {error})") from None
