"""A question as a file: read strictly, and refused in words, with the place, before anything runs.

What may move is written as in a scenario file, with ranges where that has values: `{ from = 0.0, to = 1.0 }`, months in
quotes for dates, a `step` if the usual one (about a twentieth of the range, half a year for dates) is not meant; or a
list of values. What scenario files refuse of a value is refused of both ends of a range, in the same words.
"""

from __future__ import annotations

import copy
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.common.text import suggest
from sim.engine.uncertainty import DEFAULT, SETTINGS
from sim.model.beliefs import theories
from sim.model.outcomes import OUTCOMES, no_outcome
from sim.model.parameters import ANY, JURISDICTIONS, Value, levers
from sim.scenario.checks import check
from sim.scenario.errors import Place, Problem, ScenarioError
from sim.scenario.files import read_chain
from sim.scenario.scenario import Scenario
from sim.scenario.schema import IN_TIME, Loc, levers_in_time
from sim.scenario.shipped import find, question_files, scenario_files, world_files
from sim.scenario.sources import FileSource, Merged, add_layer
from sim.scenario.worlds import in_worlds, settings
from sim.studies.deciding.question import OFF, Aim, Axis, Limit, Question, owners, put

KEYS = ("title", "base", "who", "months", "beliefs", "objective", "limit")
BELIEFS = ("uncertainty", "theories", "worlds")
RANGE = ("from", "to", "step")
MOST_AIMS, MOST_AXES, MOST_TRIGGERS, MOST_LEVELS = 4, 20, 2, 1000
USUAL_STEPS = 20
USUAL_MONTHS = 6
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
EVERY_WORLD = "worlds"


def read_question(path: str | os.PathLike[str]) -> Question:
    """The question that a file asks, or one of those that come with airace, by name.

    ScenarioError lists all that is wrong with it, each with its place.
    """
    known = question_files()
    found = find(path, known)
    if len(Path(found).parts) == 1 and not found.exists():
        close = suggest(Path(found).stem, list(known))
        note = f"did you mean `{close}`?" if close else f"those that come with airace: {', '.join(known)}"
        raise ScenarioError([Problem("S114", f"there is no file `{path}`, and no question of that name",
                                     Place(str(path)), note, "airace list questions")])
    chain = read_chain(found if len(found.parts) > 1 else Path(os.curdir).resolve() / found)
    if chain.problems or "extends" in (chain.layers[-1][0] if chain.layers else {}):
        problems = chain.problems or [Problem(
            "S103", "`extends` has no place in a question", chain.layers[-1][1].place(("extends",), "key"),
            "name the scenario that today's policy stands in as `base`", 'as in base = "baseline"')]
        raise ScenarioError(problems)
    data, source = chain.layers[0]
    return _Reader(data, source, Path(found), chain.question, chain.look_for).question()


class _Reader:
    """One file on its way to a question; problems are collected, and raised together where going on makes no sense."""

    def __init__(self, data: Mapping[str, Any], source: FileSource, path: Path, asks: str, look_for: str) -> None:
        self.data, self.source, self.path = dict(data), source, path
        self.asks, self.look_for = asks, look_for
        self.problems: list[Problem] = []

    def wrong(self, code: str, message: str, loc: Loc, note: str, help_: str = "", at: Any = "value") -> None:
        """Note a problem at a key."""
        self.problems.append(Problem(code, message, self.source.place(loc, at), note, help_))

    def question(self) -> Question:
        """The question; ScenarioError with all problems."""
        self._keys()
        title = self._text("title", self.path.stem)
        who = self._who()
        aims, limits = self._aims(), self._limits()
        tables = {key: self.data[key] for key in self.data if key not in KEYS}
        axes = list(self._axes(tables, ()))
        self._bounds(tables, axes)
        base = self._base()
        if base is None or self.problems:
            raise ScenarioError({str(problem): problem for problem in self.problems}.values())
        months = self.data.get("months", base.months)
        if base.months != months:
            base = base.with_({"months": months})
        first = copy.deepcopy(tables)
        for axis in axes:
            put(first, axis.loc, axis.levels[0])
        self._as_a_scenario(base, first, axes)
        self._whose(first, who)
        if self.problems:
            raise ScenarioError({str(problem): problem for problem in self.problems}.values())
        uncertainty, worlds = self._beliefs(), self._worlds()
        grounds, titles = self._grounds(base, worlds, first, axes)
        return Question(title, self.asks, self.look_for, who, base, grounds, titles, first, tuple(axes), aims, limits,
                        uncertainty, months)

    # ---- what belongs to a question alone ----------------------------------------------------------------------
    def _keys(self) -> None:
        sections = sorted({path.partition(".")[0] for path in levers()} - {"structure"})
        known = [*KEYS, *sections, *IN_TIME]
        for key in self.data:
            if key not in known:
                close = suggest(key, known)
                note = (f"did you mean `{close}`?" if close and key not in ("structure", "uncertainty") else
                        "beliefs belong into [beliefs], or into the base" if key in ("structure", "uncertainty")
                        else f"known are {', '.join(known)}")
                self.wrong("S103", f"unknown key `{key}` in a question", (key,), note, "docs/howto/advise.md", "key")
        months = self.data.get("months", 120)
        if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= 600:
            self.wrong("S104", "`months` is no number of months", ("months",), "a whole number from 1 to 600")
            del self.data["months"]

    def _text(self, key: str, usual: str) -> str:
        text = self.data.get(key, usual)
        if not isinstance(text, str) or not 0 < len(text) <= 200 or not text.isprintable():
            self.wrong("S113", f"`{key}` is no text", (key,), "a text of 1 to 200 characters in quotes")
            return usual
        return text

    def _who(self) -> tuple[str, ...]:
        given = self.data.get("who")
        if given is None:
            self.wrong("S108", "a question needs `who`", ("title",), "who chooses: a jurisdiction, or a list of those "
                       "that choose together", f"one or several of {', '.join(JURISDICTIONS)}, as in who = \"us\"")
            return ()
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            self.wrong("S104", "`who` names nobody", ("who",), f"one or a list of {', '.join(JURISDICTIONS)}")
            return ()
        for name in names:
            if name not in JURISDICTIONS:
                close = suggest(name, JURISDICTIONS)
                self.wrong("S110", f"there is no jurisdiction `{name}`", ("who",),
                           f"did you mean `{close}`?" if close else f"one or a list of {', '.join(JURISDICTIONS)}")
        return tuple(dict.fromkeys(names))

    def _entries(self, key: str, known: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        given = self.data.get(key, [])
        if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
            self.wrong("S104", f"`{key}` is no list of tables", (key,), f"write [[{key}]] above each")
            return
        for place, entry in enumerate(given):
            for name in entry:
                if name not in known:
                    close = suggest(name, known)
                    self.wrong("S103", f"unknown key `{name}` in [[{key}]]", (key, place, name),
                               f"did you mean `{close}`?" if close else f"known are {', '.join(known)}", at="key")
            outcome = entry.get("outcome")
            if outcome is None:
                self.wrong("S108", f"this [[{key}]] names no outcome", (key, place), 'as in outcome = "small_labs"',
                           "airace list outcomes", "key")
            elif outcome not in OUTCOMES:
                self.wrong("S107", no_outcome(str(outcome)), (key, place, "outcome"), "", "airace list outcomes")
            else:
                yield place, entry

    def _aims(self) -> tuple[Aim, ...]:
        aims: list[Aim] = []
        for place, entry in self._entries("objective", ("outcome", "better")):
            outcome, better = entry["outcome"], entry.get("better", OUTCOMES[entry["outcome"]].better)
            if better not in ("lower", "higher"):
                what = (f"{outcome} has no better direction of its own" if better == "" else
                        f"`better` is {better!r}")
                self.wrong("S108" if better == "" else "S107", what, (
                    "objective", place, "outcome" if better == "" else "better"),
                    'say which way is better: better = "lower" or better = "higher"')
            elif outcome in [aim.outcome for aim in aims]:
                self.wrong("S102", f"{outcome} is an objective twice", ("objective", place, "outcome"), "keep one")
            else:
                aims.append(Aim(outcome, better))
        count = len(self.data.get("objective", ())) if isinstance(self.data.get("objective", []), list) else 1
        if not 2 <= count <= MOST_AIMS:
            self.wrong("S112", f"a question has two to {MOST_AIMS} objectives, not {count}",
                       ("objective",) if count else ("title",),
                       "with one there is nothing to weigh against it, with more no one can hold them in mind; write "
                       "[[objective]] above each", "airace list outcomes", "key")
        return tuple(aims)

    def _limits(self) -> tuple[Limit, ...]:
        limits = []
        for place, entry in self._entries("limit", ("outcome", "at_least", "at_most", "in_share", "than_today")):
            sides = [key for key in ("at_least", "at_most") if key in entry]
            if len(sides) != 1:
                self.wrong("S108", "a limit needs one of `at_least` and `at_most`", ("limit", place),
                           "a number that the outcome must not go beyond", at="key")
                continue
            share, than_today = entry.get("in_share"), entry.get("than_today", False)
            wrong = [key for key in (sides[0], "in_share") if key in entry and not _is_number(entry[key])]
            if not wrong and share is not None and not 0.0 < share <= 1.0:
                wrong = ["in_share"]
            if wrong:
                self.wrong("S104", f"`{wrong[0]}` is no number that a limit takes", ("limit", place, wrong[0]),
                           "a number; `in_share` is the share of futures in which it has to hold, above 0 and at most "
                           "1; without it, it has to hold on average")
            elif not isinstance(than_today, bool):
                self.wrong("S104", "`than_today` is true or false", ("limit", place, "than_today"),
                           "true if the number is a difference to today's policy on the same luck")
            else:
                limits.append(Limit(entry["outcome"], sides[0] == "at_least", float(entry[sides[0]]),
                                    None if share is None else float(share), than_today))
        return tuple(limits)

    # ---- what may move -----------------------------------------------------------------------------------------
    def _axes(self, value: Any, loc: Loc) -> Iterator[Axis]:
        """The ranges and lists in the question's own tables, in the order of the file."""
        if isinstance(value, dict) and ({"from", "to"} & set(value)):
            if (levels := self._range(value, loc)) is not None:
                yield Axis(loc, levels)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from self._axes(inner, (*loc, key))
        elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
            for place, inner in enumerate(value):
                yield from self._axes(inner, (*loc, place))
        elif isinstance(value, list):
            if len(value) < 2 or len({(type(each), each) for each in value if not isinstance(each, list)}) < len(value):
                self.wrong("S112", "this list leaves nothing to choose", loc, "two different values or more")
            elif len({float if _is_number(each) else type(each) for each in value}) > 1:
                self.wrong("S104", "this list mixes kinds of values", loc, "all numbers, all words, or true and false")
            else:
                yield Axis(loc, tuple(value))
        elif loc and loc[0] not in IN_TIME and loc[0] not in KEYS and len(loc) > 1:
            self.wrong("S112", f"`{'.'.join(map(str, loc))}` may not move", loc,
                       "give it a range, as in { from = 0.0, to = 1.0 }, or take it out: what stays is the base's")

    def _range(self, given: Mapping[str, Any], loc: Loc) -> tuple[Value, ...] | None:
        for key in given:
            if key not in RANGE:
                self.wrong("S103", f"unknown key `{key}` in a range", (*loc, key),
                           f"did you mean `{suggest(key, RANGE)}`?" if suggest(key, RANGE) else
                           "{ from = ..., to = ... }, and a `step` if wanted", at="key")
                return None
        low, high, step = given.get("from"), given.get("to"), given.get("step")
        dates = [isinstance(end, str) and _MONTH.fullmatch(end) for end in (low, high)]
        if all(dates):
            first, last = (float(int(str(end)[:4]) * 12 + int(str(end)[5:]) - 1) for end in (low, high))
            whole = True
        elif _is_number(low) and _is_number(high):
            first, last = float(low), float(high)  # type: ignore[arg-type]  # numbers, as just seen
            whole = str(loc[-1]).endswith("_months")
        else:
            self.wrong("S104", "a range goes from a number to a number, or from a month to a month", loc,
                       'as in { from = 0.0, to = 1.0 } or { from = "2027-01", to = "2030-01" }')
            return None
        if not first < last:
            self.wrong("S112", "this range is empty: it ends where it begins, or before", loc,
                       "let `to` be larger than `from`")
            return None
        if step is None:
            step = _nice((last - first) / USUAL_STEPS)
            step = min(float(USUAL_MONTHS), last - first) if all(dates) else max(step, 1.0) if whole else step
        if not _is_number(step) or not 0 < step <= last - first or (whole and step != int(step)):
            self.wrong("S112", "this step does not fit its range", (*loc, "step"),
                       f"{'a whole number' if whole else 'a number'} above 0 and at most {last - first:g}")
            return None
        count = math.floor((last - first) / step + 1e-9)
        if count > MOST_LEVELS:
            self.wrong("S112", f"this range has {count:,} steps", (*loc, "step"), f"at most {MOST_LEVELS:,}")
            return None
        levels = [first + place * step for place in range(count + 1)]
        if levels[-1] < last - 1e-9 * (last - first):
            levels.append(last)
        if all(dates):
            return tuple(f"{int(m) // 12:04d}-{int(m) % 12 + 1:02d}" for m in levels)
        return tuple(int(level) if whole else float(f"{level:.12g}") for level in levels)

    def _bounds(self, tables: Mapping[str, Any], axes: Sequence[Axis]) -> None:
        if not axes and not self.problems:
            self.wrong("S108", "nothing may move", ("title",),
                       "give a lever a range, as in [regulation.us] with strictness = { from = 0.0, to = 1.0 }",
                       "airace list levers", "key")
        if len(axes) > MOST_AXES:
            self.wrong("S112", f"{len(axes)} things may move, more than {MOST_AXES}", axes[MOST_AXES].loc,
                       "a policy of so many parts is nothing that a person can say; leave some out", at="key")
        whens = tables.get("when", [])
        if isinstance(whens, list) and len(whens) > MOST_TRIGGERS:
            self.wrong("S112", f"a policy holds at most {MOST_TRIGGERS} triggers", ("when", MOST_TRIGGERS),
                       "more is nothing that a person can say", at="key")
        for group in IN_TIME:
            entries = tables.get(group, [])
            for place, entry in enumerate(entries if isinstance(entries, list) else []):
                if isinstance(entry, dict) and "name" not in entry:
                    self.wrong("S108", f"this [[{group}]] has no name", (group, place),
                               "the advice calls it by its name", 'add name = "..."', "key")

    # ---- against the base --------------------------------------------------------------------------------------
    def _base(self) -> Scenario | None:
        given = self.data.get("base")
        if not isinstance(given, str):
            self.wrong("S108", "a question needs `base`", ("base",) if given is not None else ("title",),
                       "the scenario that today's policy stands in", 'as in base = "baseline"')
            return None
        try:
            return Scenario.load(find(given, scenario_files(), self.path.parent, self.path))
        except ScenarioError as error:
            self.problems += error.problems
            return None

    def _as_a_scenario(self, base: Scenario, first: Mapping[str, Any], axes: Sequence[Axis]) -> None:
        """Refuse what no scenario accepts, of each range both ends and of each list every value."""
        merged = Merged()
        for data, source in read_chain(base.source).layers if base.source else ():
            add_layer(merged, data, source, complete=False)
        tried = [first]
        for axis in axes:
            for level in axis.levels if isinstance(axis.levels[0], str | bool) else (axis.levels[-1],):
                other = copy.deepcopy(dict(first))
                put(other, axis.loc, level)
                tried.append(other)
        for tables in tried:
            on_top = copy.deepcopy(merged)
            found = add_layer(on_top, _all_on(tables), self.source, complete=False)
            self.problems += found or list(check(on_top))

    def _whose(self, first: Mapping[str, Any], who: tuple[str, ...]) -> None:
        moved: list[tuple[str, Loc]] = [
            (".".join(loc), loc) for loc in _leaves({key: value for key, value in first.items() if key not in IN_TIME})]
        moved += [(key, (group, place, key)) for group in IN_TIME for place, entry in enumerate(first.get(group, ()))
                  if isinstance(entry, dict) for key in entry if key in levers_in_time()]
        for key, loc in moved:
            needed = owners(key)
            if needed is None:
                self.wrong("S112", f"`{key}` is no government's to choose", loc,
                           "it is how labs, investors, courts or founders behave: part of the world, not of a policy",
                           "set it in the base, or in a world", "key")
            elif who and not needed <= set(who):
                one = key.startswith("regulation.") and len(needed) > 1
                hint = f"as in regulation.{who[0]}.{key.split('.')[-1]}, or " if one else ""
                self.wrong("S112", f"`{key}` is not for {' and '.join(who)} to choose", loc,
                           f"{hint}let `who` name {', '.join(sorted(needed))}", at="key")

    # ---- beliefs -----------------------------------------------------------------------------------------------
    def _beliefs(self) -> str:
        given = self.data.get("beliefs", {})
        if not isinstance(given, dict):
            self.wrong("S104", "`beliefs` is no table", ("beliefs",), "write [beliefs] above its keys")
            raise ScenarioError(self.problems)
        for key in given:
            if key not in BELIEFS:
                close = suggest(key, BELIEFS)
                self.wrong("S103", f"unknown key `{key}` in [beliefs]", ("beliefs", key),
                           f"did you mean `{close}`?" if close else f"known are {', '.join(BELIEFS)}", at="key")
        uncertainty = given.get("uncertainty", DEFAULT)
        if uncertainty not in SETTINGS:
            self.wrong("S107", "`uncertainty` is no setting", ("beliefs", "uncertainty"),
                       f"one of {', '.join(SETTINGS)}")
        if given.get("theories", ANY) != ANY:
            self.wrong("S107", "`theories` is no setting", ("beliefs", "theories"),
                       f'"{ANY}" leaves every theory open; without it each is as the base has it')
        return str(uncertainty)

    def _worlds(self) -> list[Scenario]:
        given = self.data.get("beliefs", {}).get("worlds", [])
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.wrong("S104", "`worlds` is no list of names", ("beliefs", "worlds"), 'as in ["slow_progress"]')
            names = []
        found = []
        for name in [world for each in names for world in (world_files() if each == EVERY_WORLD else [each])]:
            try:
                found.append(Scenario.load(find(name, world_files(), self.path.parent, self.path)))
            except ScenarioError as error:
                self.problems += error.problems
        if len({world.title for world in found}) < len(found):
            self.wrong("S102", "two worlds have one title", ("beliefs", "worlds"), "name each once")
        if self.problems:
            raise ScenarioError(self.problems)
        return found

    def _grounds(self, base: Scenario, worlds: Sequence[Scenario], first: Mapping[str, Any],
                 axes: Sequence[Axis]) -> tuple[tuple[Scenario, ...], tuple[str, ...]]:
        """The base in each world, theories left open where nothing settles them; ScenarioError where they clash."""
        if self.data.get("beliefs", {}).get("theories") == ANY:
            settled = {*base.set_levers, *(key for world in worlds for key in settings(world))}
            base = base.with_({path: ANY for path in theories() if path not in settled}, title=base.title)
        if not worlds:
            return (base,), ("",)
        highest = copy.deepcopy(dict(first))
        for axis in axes:
            put(highest, axis.loc, axis.levels[-1])
        tried = [base.with_(_all_on(tables), title=self.path.stem) for tables in (first, highest)]
        in_worlds(tried, worlds)
        return tuple(in_worlds([base], worlds)), tuple(world.title for world in worlds)


def _leaves(tables: Mapping[str, Any], loc: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tables.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*loc, key))
        else:
            yield (*loc, key)


def _all_on(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables in which every change and trigger is there, so that each is checked."""
    found = copy.deepcopy(dict(tables))
    for group in IN_TIME:
        for entry in found.get(group, ()):
            if isinstance(entry, dict):
                entry.pop(OFF, None)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _nice(step: float) -> float:
    """The next number that people count in: 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * each for each in (1.0, 2.0, 2.5, 5.0, 10.0) if power * each >= step * (1.0 - 1e-9))
