"""From a file to a game: what it says, held against what a game may be, and all that is wrong with it at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sim.common import arguments
from sim.common.arguments import LAST_SEED, MOST_MONTHS, MOST_RUNS, ArgumentError, is_whole, shown
from sim.common.text import suggest
from sim.engine.uncertainty import DEFAULT, SETTINGS
from sim.model.outcomes import NAMES
from sim.model.parameters import levers
from sim.model.policies import PLACES
from sim.scenario.errors import Place, Problem, ScenarioError
from sim.scenario.files import read_tables
from sim.scenario.scenario import Scenario
from sim.scenario.schema import IN_TIME, Loc
from sim.scenario.shipped import find, game_files, scenario_files
from sim.scenario.sources import FileSource
from sim.studies.deciding.objective import Objective, ObjectiveError
from sim.studies.deciding.players import PLAYERS, Player, Profiles, Varied, levers_of

FEWEST_POLICIES, MOST_POLICIES = 2, 6
MOST_ROWS = 2_000_000  # profiles times values times runs: some hours of work
FEWEST_RUNS = 40
DEFAULT_RUNS = 400
_KEYS = ("title", "base", "runs", "seed", "months", "uncertainty", "unit", "settings", "players", "vary")
_PLAYER_KEYS = ("policies", "aims", "cooperates", "defects")
_HELP = "docs/howto/game.md shows a game file; airace list games lists those that come with airace"


def read_game(path: str | Path, **instead: Any) -> Profiles:
    """What `Profiles.load` gives: the game in a file, or of a name, with what is given instead of the file's."""
    known = game_files()
    found = find(path, known)
    if len(found.parts) == 1 and not found.exists():
        close = suggest(found.stem, list(known))
        raise FileNotFoundError(f"{path}: no such file, and no game of that name comes with airace"
                                + (f"; did you mean `{close}`?" if close else "") + "\nhelp: airace list games")
    data, source, comments = read_tables(found)
    given = {name: value for name, value in instead.items() if value is not None}
    return _Reader(found, source).read({**data, **given}, comments)


@dataclass(frozen=True)
class _Within:
    """The place of keys of a part of the file: those of a scenario, where the part begins at `before`."""

    source: FileSource
    before: Loc

    def place(self, loc: Loc, at: Literal["key", "value"]) -> Place:
        return self.source.place((*self.before, *loc), at)


class _Reader:
    """Reads one game file and collects what is wrong with it."""

    def __init__(self, path: Path, source: FileSource) -> None:
        self.path, self.source = path, source
        self.problems: list[Problem] = []

    def wrong(self, code: str, message: str, loc: Loc, note: str = "", at: Literal["key", "value"] = "value",
              help_: str = _HELP) -> None:
        self.problems.append(Problem(code, message, self.source.place(loc, at), note, help_))

    def refuse_if_wrong(self) -> None:
        if self.problems:
            raise ScenarioError(self.problems)

    def read(self, data: Mapping[str, Any], comments: tuple[str, str]) -> Profiles:
        self._known_keys(data, _KEYS, ())
        base = self._base(data)
        settings = self._table(data, "settings", ())
        players = [player for name, table in self._table(data, "players", ()).items()
                   if (player := self._player(name, table)) is not None]
        if not self.problems and not 2 <= len(players) <= 3:
            self.wrong("S108", f"a game has two or three players, not {len(players)}", ("players",), at="key")
        self.refuse_if_wrong()
        assert base is not None
        base = self._laid_over(base, settings, ("settings",))
        varied = self._varied(data, base)
        runs = self._whole(data, "runs", DEFAULT_RUNS, FEWEST_RUNS, MOST_RUNS)
        months = self._whole(data, "months", base.months, 1, MOST_MONTHS)
        seed = self._whole(data, "seed", 0, 0, LAST_SEED)
        uncertainty = data.get("uncertainty", DEFAULT)
        if uncertainty not in SETTINGS:
            self.wrong("S107", f"uncertainty is one of {', '.join(SETTINGS)}, not {shown(uncertainty)}",
                       ("uncertainty",))
        title, unit = self._text(data, "title", self.path.stem[:200]), self._text(data, "unit", "points")
        values = varied.values if varied is not None else (None,)
        rows = math.prod(len(player.policies) for player in players) * len(values) * runs
        if rows > MOST_ROWS:
            self.wrong("S106", f"{rows:,} runs in all are more than {MOST_ROWS:,}", ("players",),
                       "profiles times values times runs", "key", "use fewer policies, values or runs")
        self._levers_apart(players, varied)
        self.refuse_if_wrong()
        first = () if varied is None else (varied.values,)
        points = tuple(itertools.product(*first, *(tuple(player.policies) for player in players)))
        outcomes = tuple(name for name in NAMES if any(name in player.aims.weights for player in players))
        axes = (*(() if varied is None else (varied.key,)), *(player.name for player in players))
        game = Profiles(title, base, axes, points, True, runs, seed, months, uncertainty, outcomes,
                        players=tuple(players), varied=varied, unit=unit, question=comments[0], look_for=comments[1])
        self._policies_differ(game)
        self._profiles_are_scenarios(game)
        return game

    # ---- keys and values ---------------------------------------------------------------------------------------
    def _known_keys(self, table: Mapping[str, Any], known: Sequence[str], before: Loc) -> None:
        for key in table:
            if key not in known:
                close = suggest(key, list(known))
                self.wrong("S103", f"unknown key `{'.'.join(map(str, (*before, key)))}`", (*before, key),
                           f"did you mean `{close}`?" if close else f"known here: {', '.join(known)}", "key")

    def _table(self, data: Mapping[str, Any], key: str, before: Loc) -> Mapping[str, Any]:
        table = data.get(key, {})
        if not isinstance(table, Mapping):
            self.wrong("S104", f"`{key}` must be a table", (*before, key))
            return {}
        return table

    def _text(self, data: Mapping[str, Any], key: str, default: str) -> str:
        try:
            return arguments.title(key, data.get(key, default))
        except ArgumentError as error:
            self.wrong("S113", str(error), (key,))
            return default

    def _whole(self, data: Mapping[str, Any], key: str, default: int, least: int, most: int) -> int:
        value = data.get(key, default)
        if is_whole(value) and least <= value <= most:
            return int(value)
        why = "intervals are over draws of two runs each" if key == "runs" else ""
        self.wrong("S106", f"`{key}` must be a whole number from {least:,} to {most:,}, not {shown(value)}", (key,),
                   why)
        return default

    def _base(self, data: Mapping[str, Any]) -> Scenario | None:
        name = data.get("base")
        if not isinstance(name, str):
            self.wrong("S108", "a game needs `base`", ("base",), 'the name of a scenario, as in base = "baseline"')
            return None
        return Scenario.load(find(name, scenario_files(), self.path.parent, self.path))

    def _laid_over(self, base: Scenario, part: Mapping[str, Any], before: Loc) -> Scenario:
        """The base with a part of the file over it; what is wrong with the part is noted and leaves the base."""
        try:
            return base.over(part, _Within(self.source, before))
        except ScenarioError as error:
            self.problems += error.problems
            return base

    # ---- players -------------------------------------------------------------------------------------------------
    def _player(self, name: str, table: Any) -> Player | None:
        at: Loc = ("players", name)
        if name not in PLAYERS:
            close = suggest(name, list(PLAYERS))
            self.wrong("S110", f"there is no player `{name[:80]}`", at,
                       f"did you mean `{close}`?" if close else f"players are {', '.join(PLAYERS)}", "key")
            return None
        if not isinstance(table, Mapping):
            self.wrong("S104", f"`players.{name}` must be a table", at)
            return None
        self._known_keys(table, _PLAYER_KEYS, at)
        policies = {policy: part for policy, part in self._table(table, "policies", at).items()
                    if self._policy(name, policy, part)}
        if not self.problems and not FEWEST_POLICIES <= len(policies) <= MOST_POLICIES:
            self.wrong("S108", f"{name} has {len(policies)} policies; a player has {FEWEST_POLICIES} to "
                       f"{MOST_POLICIES}", (*at, "policies"), at="key")
        aims = self._aims(name, table)
        ends = [self._named(table, key, list(policies), default, at) for key, default in (("cooperates", 0),
                                                                                          ("defects", -1))]
        if policies and ends[0] == ends[1]:
            self.wrong("S112", f"{name} cooperates and defects by the same policy", (*at, "cooperates"))
        return None if aims is None else Player(name, policies, aims, *ends)

    def _named(self, table: Mapping[str, Any], key: str, known: Sequence[str], default: int, before: Loc) -> int:
        name = table.get(key)
        if name is None:
            return default % max(len(known), 1)
        if name not in known:
            close = suggest(str(name), list(known))
            self.wrong("S107", f"`{key}` names no policy of {before[-1]}: {shown(name)}", (*before, key),
                       f"did you mean `{close}`?" if close else f"its policies are {', '.join(known)}")
            return default % max(len(known), 1)
        return known.index(name)

    def _aims(self, player: str, table: Mapping[str, Any]) -> Objective | None:
        at: Loc = ("players", player, "aims")
        given = table.get("aims")
        if given is None:
            self.wrong("S108", f"{player} needs `aims`", at[:2], "what it weighs, as in aims = { severe_incidents = "
                       "-50.0 }; airace list outcomes", "key")
            return None
        if isinstance(given, Mapping):
            numbers = {name: repr(weight) if isinstance(weight, int | float) and not isinstance(weight, bool)
                       else str(weight) for name, weight in given.items()}
            given = ", ".join(f"{name}={weight}" for name, weight in numbers.items())
        if not isinstance(given, str):
            self.wrong("S104", f"`aims` of {player} must be a table of weights, or the name of an outcome", at)
            return None
        try:
            return Objective.read(given)
        except ObjectiveError as error:
            self.wrong("S112", f"aims of {player}: {error}", at)
            return None

    # ---- policies ------------------------------------------------------------------------------------------------
    def _policy(self, player: str, policy: str, part: Any) -> bool:
        """Whether a policy is a table that sets levers, all of them this player's to set."""
        at: Loc = ("players", player, "policies", policy)
        found = len(self.problems)
        if not isinstance(part, Mapping):
            self.wrong("S104", f"the policy `{policy[:80]}` must be a table", at)
            return False
        sections = sorted({path.partition(".")[0] for path in levers()} - {"structure"})
        self._known_keys(part, [*sections, *IN_TIME], at)
        if not part:
            self.wrong("S108", f"the policy `{policy[:80]}` sets nothing", at, "set a lever, also where it has its "
                       "value of the base", "key")
        for lever in levers_of(part):
            owner = next((name for name, (_, begins) in PLAYERS.items() if lever.startswith(begins)), player)
            if owner != player and lever in PLACES:
                self.wrong("S112", f"{player} cannot set `{lever}`", at, f"that is for {PLAYERS[owner][0]} to set",
                           "key")
        return len(self.problems) == found

    def _levers_apart(self, players: Sequence[Player], varied: Varied | None) -> None:
        """Two players who set one lever, or one that is varied, and changes or triggers of one name."""
        taken: dict[Any, tuple[str, str]] = {}
        if varied is not None:
            taken |= dict.fromkeys(PLACES.get(varied.key, ()), ("[vary]", varied.key))
        for player in players:
            own: dict[Any, tuple[str, str]] = {}
            for policy, part in player.policies.items():
                at: Loc = ("players", player.name, "policies", policy)
                for key, label in _claims(part):
                    if key in taken:
                        other, theirs = taken[key]
                        self.wrong("S112", f"{player.name} sets {label}, as {other} does", at,
                                   f"{other} sets {theirs}; what one player does must be its own to choose", "key")
                        return
                    own[key] = (player.name, label)
            taken |= own

    def _policies_differ(self, game: Profiles) -> None:
        """Policies that are refused as parts of a scenario, are the same, or can change nothing."""
        for player in game.players:
            made: dict[str, Scenario] = {}
            for policy, part in player.policies.items():
                at: Loc = ("players", player.name, "policies", policy)
                before = len(self.problems)
                scenario = self._laid_over(game.base, part, at)
                if len(self.problems) > before:
                    continue
                untitled = scenario.with_({}, title="policy")
                same = next((name for name, other in made.items() if _does(other) == _does(untitled)), None)
                if same is not None:
                    self.wrong("S112", f"the policies `{same}` and `{policy}` of {player.name} are the same", at,
                               "let them differ in a lever, a change or a trigger", "key")
                made[policy] = untitled
            idle = [self._idle(game, player, policy) for policy in player.policies]
            if made and all(idle):
                self.wrong("S112", f"no policy of {player.name} can change any outcome here",
                           ("players", player.name), f"{idle[0]} changes nothing in this base", "key")
        self.refuse_if_wrong()

    def _idle(self, game: Profiles, player: Player, policy: str) -> str:
        """A lever of a policy, where every lever that it sets is known to change nothing in this base; else ""."""
        part, at = player.policies[policy], ("players", player.name, "policies", policy)
        if any(key in part for key in IN_TIME):
            return ""
        try:
            warned = game.base.over(part, _Within(self.source, at)).warnings
        except ScenarioError:
            return ""
        idle = [problem.message for problem in warned if problem.code == "S201"]
        named = levers_of(part)
        return named[0] if named and all(any(f"`{lever}`" in message for message in idle) for lever in named) else ""

    def _profiles_are_scenarios(self, game: Profiles) -> None:
        """Refuse a profile that no scenario accepts, now rather than when its turn comes."""
        count = math.prod(game.shape)
        for point in (*range(count), *range(count, len(game.points), count)):  # values change nothing but one number
            try:
                game.scenario(point)
            except ScenarioError as error:
                names = " / ".join(map(str, game.points[point]))
                self.wrong("S112", f"{names} contradict each other", ("players",), error.problems[0].message, "key")
                self.refuse_if_wrong()

    # ---- what is varied -----------------------------------------------------------------------------------------
    def _varied(self, data: Mapping[str, Any], base: Scenario) -> Varied | None:
        table = self._table(data, "vary", ())
        if "vary" not in data or not table:
            return None
        self._known_keys(table, ("lever", "values"), ("vary",))
        key, values = table.get("lever"), table.get("values")
        if not isinstance(key, str) or not key.strip():
            self.wrong("S108", "[vary] needs `lever`", ("vary",), 'as in lever = "diplomacy.treaty_verification"',
                       "key")
            return None
        if not (isinstance(values, list) and len(values) >= 2 and all(map(_is_number, values))
                and len(set(map(float, values))) == len(values)):
            self.wrong("S104", "`values` of [vary] must be two or more different numbers", ("vary", "values"))
            return None
        found = tuple(sorted(map(float, values)))
        for value in (found[0], found[-1]):
            try:
                base.with_({key: value})
            except ScenarioError as error:
                self.wrong("S112", f"[vary] cannot set `{key}` to {value:g}", ("vary", "values"),
                           str(error.problems[0].message))
                return None
        return Varied(key, found)


def _claims(part: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """What a policy takes for itself: the places of its levers, and the names of its changes and triggers."""
    for lever in levers_of(part):
        yield from ((place, f"`{lever}`") for place in PLACES.get(lever, ()))
    for group in IN_TIME:
        for entry in part.get(group, ()):
            if isinstance(entry, Mapping) and "name" in entry:
                yield (group, entry["name"]), f"a [[{group}]] named `{entry['name']}`"


def _does(scenario: Scenario) -> dict[str, Any]:
    """What a scenario does, however it came to be set."""
    return {key: value for key, value in scenario.resolved().items() if key not in ("set", "title")}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
