"""A room: who sits where, what is decided for the round that is open, and when it closes.

Moves are hidden until a round closes. Whoever speaks is known by a secret of its own, of which the room keeps a hash:
the host, each seat, and those who look on. A player alone is a room with one seat that is played from the start.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.app.play.debrief import Undone, debrief, undo
from sim.app.play.game import Game, GameError, Inject, from_record, to_record
from sim.app.play.roles import MOST_DECISIONS, ROLES
from sim.app.play.turn import Turn, asked, told_to, turn
from sim.common.language import gettext, language
from sim.model.parameters import event_kinds
from sim.report.words.names import called, clean
from sim.scenario.scenario import Scenario
from sim.studies.keeping.folders import write_whole

HOST, VIEW = "host", "view"
LONGEST_NAME = 24
LONGEST_ROUND = 60
FORMAT = 1
GRACE_SECONDS = 30.0
"""Seconds that a round stays open at least after the server was started again."""
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 12
SHOWN_TO_ALL = ("us_china_lag_months", "frontier_log10_flop", "severe_incidents", "hostility", "safety_effort",
                "user_gain_us_usd_bn")
"""The gauges on the projector."""


class NotAllowedError(ValueError):
    """Somebody asks for what is not theirs: a sentence."""


class SavedGameError(ValueError):
    """A saved game that cannot be gone on with: which, why, and what to do."""


@dataclass
class Seat:
    """Who sits in a role: a name, and the hash of the secret that its browser keeps."""

    name: str
    secret: str


@dataclass
class Room:
    """One room. Its methods may be called from several threads; what changes is saved before it is told."""

    id: str
    alone: bool
    code: str
    secrets: dict[str, str]
    world: Scenario
    seed: int
    run: int
    quarters: int
    minutes: float
    folder: Path
    seats: dict[str, Seat] = field(default_factory=dict)
    game: Game | None = None
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)
    injects: list[Inject] = field(default_factory=list)
    deadline: float | None = None
    version: int = 0
    _seen: Turn | None = None
    _told: dict[tuple[str | None, str], dict[str, Any]] = field(default_factory=dict)
    _undone: tuple[Game, Undone] | None = None
    _debriefs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock)
    _debriefing: Any = field(default_factory=threading.Lock)

    # ---- a new one -------------------------------------------------------------------------------------------------
    @classmethod
    def open(cls, world: Scenario, seed: int, run: int, quarters: int, minutes: float, folder: Path) -> tuple[
            Room, dict[str, str]]:
        """A room that waits for players, with the tokens of its host and of those who look on."""
        Game.begin(world, seed, run, (), quarters)
        if not 0 <= minutes <= LONGEST_ROUND:
            raise GameError(gettext("a round lasts up to {most} minutes, 0 without a timer", most=LONGEST_ROUND))
        given = {who: secrets.token_urlsafe(24) for who in (HOST, VIEW)}
        number = secrets.token_hex(5)
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        room = cls(number, False, code, {who: hashed(each) for who, each in given.items()}, world, seed, run, quarters,
                   minutes, folder / number)
        room._save()
        return room, {who: f"{number}.{who}.{each}" for who, each in given.items()}

    @classmethod
    def for_one(cls, world: Scenario, seed: int, run: int, quarters: int, role: str, folder: Path) -> tuple[Room, str]:
        """A game for one player, begun, with its token."""
        game = Game.begin(world, seed, run, (role,), quarters)
        number, secret = secrets.token_hex(5), secrets.token_urlsafe(24)
        room = cls(number, True, "", {}, world, seed, run, quarters, 0.0, folder / number,
                   {role: Seat("", hashed(secret))}, game)
        room._save()
        return room, f"{number}.{role}.{secret}"

    # ---- who speaks ------------------------------------------------------------------------------------------------
    def is_known(self, who: str, secret: str) -> bool:
        """Whether the secret is that of the host, of those who look on, or of a seat."""
        kept = self.secrets.get(who) or (self.seats[who].secret if who in self.seats else "")
        return hmac.compare_digest(hashed(secret), kept or hashed("")) and bool(kept)

    def join(self, name: str, role: str) -> str:
        """Take a free seat; the token of it. GameError with what is free."""
        with self._lock:
            shown = clean(name)[:LONGEST_NAME]
            if clean(name) == clean(""):
                raise GameError(gettext("say a name, of up to 24 letters"))
            if role not in ROLES or role in self.seats or (self.game is not None and role not in self.game.seats):
                free = gettext(", ").join(gettext(ROLES[each].name) for each in self.free())
                raise GameError(gettext("that seat is not free; free are: {roles}", roles=free or gettext("none")))
            secret = secrets.token_urlsafe(24)
            self.seats[role] = Seat(shown, hashed(secret))
            self._changed()
            return f"{self.id}.{role}.{secret}"

    def free(self) -> list[str]:
        """Roles whose seat can be taken now."""
        among = ROLES if self.game is None else self.game.seats
        return [role for role in among if role not in self.seats]

    def vacate(self, role: str) -> None:
        """Take a seat back, so that somebody else, or the same from another machine, can join in its place."""
        with self._lock:
            if self.seats.pop(role, None) is None:
                raise GameError(gettext("nobody sits there"))
            self.pending.pop(role, None)
            self.ready.discard(role)
            self._changed()

    # ---- rounds ----------------------------------------------------------------------------------------------------
    @property
    def phase(self) -> str:
        """Whether players still come ("lobby"), play ("play"), or are done ("over")."""
        return "lobby" if self.game is None else "over" if self.game.over else "play"

    def begin(self) -> None:
        """Begin with those who sit."""
        with self._lock:
            if self.game is not None:
                raise GameError(gettext("the game has begun"))
            if not self.seats:
                raise GameError(gettext("nobody has joined yet"))
            order = tuple(role for role in ROLES if role in self.seats)
            self.game = Game.begin(self.world, self.seed, self.run, order, self.quarters)
            self._open_round()
            self._changed()

    def decide(self, role: str, round_: object, moves: object, ready: bool) -> None:
        """Note a seat's moves for the open round; the round closes when all seats are ready.

        GameError for a round that is not the open one, or a move that is not allowed.
        """
        with self._lock:
            game = self._open(round_)
            made = game.check(role, as_moves(moves), MOST_DECISIONS)
            replace(game, moves=(*game.moves, *made)).text()  # refused where the world dates the same lever
            self.pending[role] = dict(as_moves(moves))
            (self.ready.add if ready else self.ready.discard)(role)
            if self.ready >= set(self.seats) and self.seats:
                self._close()
            self._changed()

    def close(self, round_: object) -> None:
        """Close the open round with what is decided so far."""
        with self._lock:
            self._open(round_)
            self._close()
            self._changed()

    def inject(self, kind: object, severity: object, actor: object) -> None:
        """Let something happen when the round closes; GameError where a scenario file could not say it."""
        with self._lock:
            game = self._now()
            if not isinstance(kind, str) or kind not in event_kinds() or isinstance(severity, bool) or not isinstance(
                    severity, int | float) or not (actor is None or isinstance(actor, str)):
                raise GameError(gettext("an event has a kind that the model knows, and a severity from 0 to 1"))
            new = Inject(game.played, kind, float(severity), actor or None)
            replace(game, injects=(*game.injects, *self.injects, new)).text()
            self.injects.append(new)
            self._changed()

    def take_back_injects(self) -> None:
        """Let nothing of what the host planned happen."""
        with self._lock:
            self.injects.clear()
            self._changed()

    def back(self) -> None:
        """Go back a quarter, for a player alone."""
        with self._lock:
            if not self.alone or self.game is None:
                raise NotAllowedError(gettext("only a player alone can go back"))
            self.game = self.game.back()
            self.pending.clear()
            self._changed()

    def ask(self, role: str, round_: object, moves: object) -> list[dict[str, str]]:
        """What the advisor expects of moves that are not made yet."""
        with self._lock:
            game = self._open(round_)
            made = game.check(role, as_moves(moves), MOST_DECISIONS)
        return asked(game, role, made)

    def tick(self) -> None:
        """Close the round if its time is over."""
        with self._lock:
            if self.phase == "play" and self.deadline is not None and time.time() > self.deadline:
                self._close()
                self._changed()

    def _now(self) -> Game:
        """The game, while it is played."""
        if self.game is None:
            raise GameError(gettext("the game has not begun"))
        if self.game.over:
            raise GameError(gettext("the game is over"))
        return self.game

    def _open(self, round_: object) -> Game:
        """The game, whose open round this is."""
        game = self._now()
        if isinstance(round_, bool) or not isinstance(round_, int) or round_ != game.played:
            raise GameError(gettext("that round is closed; the page shows the one that is open"))
        return game

    def _close(self) -> None:
        assert self.game is not None
        moves = [move for role in self.game.seats
                 for move in self.game.check(role, self.pending.get(role, {}), MOST_DECISIONS)]
        self.game = self.game.forward(moves, self.injects)
        self.pending.clear()
        self.ready.clear()
        self.injects = []
        self._open_round()

    def _open_round(self) -> None:
        over = self.game is None or self.game.over
        self.deadline = None if over or not self.minutes else time.time() + 60.0 * self.minutes

    # ---- what is told ----------------------------------------------------------------------------------------------
    def state(self, who: str, since: int | None = None) -> dict[str, Any] | None:
        """What a page shows to `who`: a role, the host, or those who look on; None if nothing changed `since`."""
        self.tick()
        with self._lock:
            if since == self.version:
                return None
            role = who if who in ROLES else None
            told: dict[str, Any] = {
                "room": self.id, "who": who, "alone": self.alone, "phase": self.phase, "version": self.version,
                "seed": self.seed, "run": self.run, "quarters": self.quarters, "minutes": self.minutes,
                "left": None if self.deadline is None else max(0.0, round(self.deadline - time.time(), 1)),
                "seats": [{"role": each, "title": ROLES[each].opening, "name": seat.name, "you": each == who,
                           "ready": each in self.ready} for each, seat in self.seats.items()],
                "free": [{"role": each, "title": ROLES[each].opening} for each in self.free()],
            }
            if role is not None:
                told["role"] = {"key": role, "name": ROLES[role].opening, "task": gettext(ROLES[role].task)}
                told["pending"] = self.pending.get(role, {})
                told["ready"] = role in self.ready
            if who == HOST:
                told["code"] = self.code
                told["injects"] = [{"kind": gettext(each.kind.replace("_", " ")), "severity": each.severity,
                                    "actor": called(each.actor or "")} for each in self.injects]
            if self.game is not None:
                told["turn"] = self._turn(role)
            return told

    def debrief(self) -> dict[str, Any]:
        """The debrief, made once in each language that is asked for; GameError before the end."""
        with self._lock:
            game = self.game
        if game is None or not game.over:
            raise GameError(gettext("the game is not over yet"))
        with self._debriefing:
            if self._undone is None or self._undone[0] != game:
                self._undone, self._debriefs = (game, undo(game)), {}
            if language() not in self._debriefs:
                self._debriefs[language()] = debrief(game, self._undone[1])
            names = {role: seat.name for role, seat in self.seats.items()}
            return {**self._debriefs[language()], "names": names, "id": self.id}

    def text(self) -> str:
        """The game so far as a scenario file."""
        with self._lock:
            if self.game is None:
                raise GameError(gettext("the game has not begun"))
            return self.game.text()

    def _turn(self, role: str | None) -> dict[str, Any]:
        assert self.game is not None
        if self._seen is None or self._seen.game != self.game:
            self._seen, self._told = turn(self.game), {}
        key = role, language()
        if key not in self._told:
            self._told[key] = told_to(self._seen, role, SHOWN_TO_ALL)
        return self._told[key]

    # ---- kept ------------------------------------------------------------------------------------------------------
    def _changed(self) -> None:
        self.version += 1
        self._save()

    def _save(self) -> None:
        record = {
            "format": FORMAT, "airace": _version(), "id": self.id, "alone": self.alone, "code": self.code,
            "secrets": self.secrets, "world": self.world.resolved(), "seed": self.seed, "run": self.run,
            "quarters": self.quarters, "minutes": self.minutes, "deadline": self.deadline, "version": self.version,
            "seats": {role: [seat.name, seat.secret] for role, seat in self.seats.items()},
            "game": None if self.game is None else to_record(self.game), "pending": self.pending,
            "ready": sorted(self.ready),
            "injects": [[each.quarter, each.kind, each.severity, each.actor] for each in self.injects],
        }
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.folder / "room.json", json.dumps({**record, "check": _check(record)}, indent=1).encode())
        if self.game is not None:
            write_whole(self.folder / "game.toml", self.game.text().encode())

    @classmethod
    def load(cls, folder: Path) -> Room:
        """The room that was saved in a folder; SavedGameError if it cannot be gone on with."""
        path = folder / "room.json"
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            check = record.pop("check")
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise SavedGameError(f"{path} cannot be read ({type(error).__name__}); the game is not opened, and "
                                 "nothing is changed") from None
        if record.get("format") != FORMAT or record.get("airace") != _version():
            raise SavedGameError(f"{path} was saved by airace {str(record.get('airace'))[:20]}, this is {_version()}: "
                                 "its run could come out differently, so it is not opened; open it with that version, "
                                 f"or run what was played: airace run {folder / 'game.toml'}")
        if check != _check(record):
            raise SavedGameError(f"{path} was edited since it was saved, so it is not opened; to play from a world of "
                                 f"your own give airace play a scenario file, such as {folder / 'game.toml'}")
        try:
            room = cls(record["id"], record["alone"], record["code"], record["secrets"],
                       Scenario.from_resolved(record["world"]), record["seed"], record["run"], record["quarters"],
                       record["minutes"], folder, {role: Seat(*each) for role, each in record["seats"].items()},
                       None if record["game"] is None else from_record(record["game"]), record["pending"],
                       set(record["ready"]), [Inject(*each) for each in record["injects"]], record["deadline"],
                       record["version"] + 1)
        except (GameError, KeyError, TypeError, ValueError) as error:
            raise SavedGameError(f"{path} holds no game ({error})") from None
        if room.deadline is not None:
            room.deadline = max(room.deadline, time.time() + GRACE_SECONDS)
        return room


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def as_moves(given: object) -> Mapping[str, Any]:
    """Moves as a page sends them, levers with their values; GameError if they are none."""
    if not isinstance(given, dict) or len(given) > 40 or not all(
            isinstance(value, bool | int | float) for value in given.values()):
        raise GameError(gettext("moves are levers with their values"))
    return given


def _check(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _version() -> str:
    import sim

    return sim.__version__
