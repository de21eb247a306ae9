"""A scenario: what policy does, what differs at the start, what happens on a date, what is believed.

A TOML file, or a mapping in Python, becomes a validated, immutable `Scenario`; everything wrong with it is
reported at once, in its place, by `ScenarioError`.

How values combine. A file goes over the file that it extends, `--set` goes over both, key by key. A lever
that jurisdictions may set for themselves (`[regulation.us]`) holds for every jurisdiction without its own
value; a general value in a child does not erase a parent's value for one jurisdiction - only the child's own
value for that jurisdiction does. Events add up over the chain; one with the same date, kind and actor
replaces the earlier. So do changes and triggers, which replace one of the same name, or take it back.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sim.common import arguments
from sim.common.arguments import takes
from sim.model.asked import Change, DatedEvent, When
from sim.model.parameters import AGENT_GROUPS, Value
from sim.scenario import in_time
from sim.scenario.beyond import KEY, is_beyond, ranged
from sim.scenario.checks import check, dated_events, resolve
from sim.scenario.errors import Place, Problem, ScenarioError
from sim.scenario.files import check_nesting, read_chain
from sim.scenario.schema import DEFAULT_MONTHS, DEFAULT_START, IN_TIME
from sim.scenario.schema import json_schema as schema
from sim.scenario.sources import (
    MAX_NESTING,
    Merged,
    PythonSource,
    Source,
    add_layer,
    nest,
    plain,
    read_options,
    set_twice,
    split_key,
)
from sim.scenario.warnings import warnings

__all__ = ["DatedEvent", "Scenario", "ScenarioError", "diff", "schema", "template"]

Override = float | tuple[float, float]
Agents = Mapping[str, Mapping[str, Mapping[str, Value]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """A checked scenario. Make one with `load`, `from_dict` or `with_`; compared and hashed by its content.

    `levers` holds every lever's value by dotted key, jurisdictions' own values included; `set_levers` only
    those that a file, `--set` or `with_` set. One that goes `beyond_range` may hold numbers outside stated ranges. Labs
    and founders of an `anonymous` one are told by letter and number. `agents` maps group ("labs", "founders",
    "nations"), name and attribute to a value; `changes` are the policies that are scheduled, `whens` those that wait
    for something to happen; `uncertainty` maps a parameter to a value or to a range (low, high).
    `question` and `look_for` are the opening comments of the file; `warnings` lists keys that cannot change
    anything here, or go beyond their range.
    """

    title: str
    start: str = DEFAULT_START
    months: int = DEFAULT_MONTHS
    anonymous: bool = False
    beyond_range: bool = False
    question: str = ""
    look_for: str = ""
    levers: Mapping[str, Value]
    set_levers: Mapping[str, Value]
    agents: Agents
    events: tuple[DatedEvent, ...] = ()
    changes: tuple[Change, ...] = ()
    whens: tuple[When, ...] = ()
    uncertainty: Mapping[str, Override] = field(default_factory=dict)
    source: str | None = None
    warnings: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        for name in ("levers", "set_levers", "uncertainty", "agents"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    @classmethod
    @takes(path=arguments.path, set=arguments.texts)
    def load(cls, path: str | os.PathLike[str], set: Sequence[str] = ()) -> Scenario:
        """Read a scenario, what it extends, and `--set key=value` options; ScenarioError lists all problems.

        `path` is a file, or the name of a scenario that comes with airace, as in `Scenario.load("baseline")`.
        """
        chain = read_chain(path)
        merged, problems = Merged(), list(chain.problems)
        for position, (data, source) in enumerate(chain.layers, start=1):
            problems += add_layer(merged, data, source, complete=position == len(chain.layers))
        if set:
            data, given, malformed = read_options(list(set))
            problems += malformed + add_layer(merged, data, given, complete=False)
        return _build(merged, problems, question=chain.question, look_for=chain.look_for,
                      source=str(chain.file))

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any], *, source: str | None = None) -> Scenario:
        """A scenario from nested tables as a file would hold them; `extends` is for files only."""
        merged = Merged()
        problems = _add_mapping(merged, mapping, "mapping", complete=True)
        return _build(merged, problems, source=source)

    def with_(self, changes: Mapping[str, Any], title: str | None = None) -> Scenario:
        """This scenario with keys changed, as in {"regulation.strictness": 0.8, "labs.xAI.combativeness": 0}.

        Keys are dotted; a range of an uncertainty is a pair (low, high). Refused like a file: ScenarioError.
        """
        merged = Merged()
        problems = _add_mapping(merged, self._tables(), "scenario", complete=True)
        _refuse_other_than_tables(changes, "change")
        changes = {**changes, **({} if title is None else {"title": title})}
        if not check_nesting(changes):
            raise ScenarioError([_too_deep("change")])
        data, twice = nest((split_key(str(key)), plain(value)) for key, value in changes.items())
        problems += [set_twice(loc, PythonSource("change", data)) for loc in twice]
        problems += _add_mapping(merged, data, "change", complete=False)
        return _build(merged, problems, question=self.question, look_for=self.look_for, source=self.source)

    def over(self, tables: Mapping[str, Any], source: Source | None = None, title: str | None = None) -> Scenario:
        """This scenario with part of one laid over it: tables as a file holds them, changes and triggers among them.

        `source` knows the place of each key, for messages. Refused like a file: ScenarioError.
        """
        merged = Merged()
        problems = _add_mapping(merged, self._tables(), "scenario", complete=True)
        given = plain(tables)
        problems += add_layer(merged, given, source or PythonSource("part", given), complete=False)
        if title is not None:
            problems += _add_mapping(merged, {"title": title}, "title", complete=False)
        return _build(merged, problems, question=self.question, look_for=self.look_for, source=self.source)

    @classmethod
    def from_resolved(cls, resolved: Mapping[str, Any]) -> Scenario:
        """The scenario that `resolved()` described, checked again; its levers keep their recorded values."""
        try:
            tables = _recorded(resolved)
            comments = {key: str(resolved.get(key, "")) for key in ("question", "look_for")}
            keep = tuple(str(key) for key in resolved["set"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            place, note = Place("recorded scenario"), f"{type(error).__name__}: {error}"
            raise ScenarioError([Problem("S104", "this is not a recorded scenario", place, note)]) from None
        merged = Merged()
        problems = _add_mapping(merged, tables, "recorded scenario", complete=True)
        return _build(merged, problems, **comments, keep=keep)

    def resolved(self) -> dict[str, Any]:
        """Everything that the scenario says, with every lever's value, as JSON would hold it."""
        return {
            "title": self.title, "start": self.start, "months": self.months, "anonymous": self.anonymous,
            "question": self.question, "look_for": self.look_for,
            "levers": dict(self.levers), "set": sorted(self.set_levers),
            "agents": {group: {name: dict(values) for name, values in named.items()}
                       for group, named in self.agents.items()},
            "events": [{"month": e.month, "date": e.date, "kind": e.kind, "severity": e.severity,
                        "actor": e.actor, "target": e.target} for e in self.events],
            "uncertainty": {name: list(value) if isinstance(value, tuple) else value
                            for name, value in self.uncertainty.items()},
            **{group: tables for group, tables in self._in_time().items() if tables},
            **({KEY: True} if self.beyond_range else {}),
        }

    def _in_time(self) -> dict[str, list[dict[str, Any]]]:
        """Scheduled and triggered policies as tables of a file."""
        return {"change": [in_time.table_of_change(change) for change in self.changes],
                "when": [in_time.table_of_when(when) for when in self.whens]}

    def beyond(self) -> dict[str, Override | Value]:
        """What lies beyond its stated range, by dotted key: levers that are set, and parameters.

        In the order of the keys, so that a scenario that was kept tells it in the same words.
        """
        given = {**self.set_levers, **{f"uncertainty.{name}": value for name, value in self.uncertainty.items()}}
        found = {key: (ranged(split_key(key)), value) for key, value in sorted(given.items())}
        return {key: value for key, (parameter, value) in found.items()
                if parameter is not None and is_beyond(parameter, value)}

    def digest(self) -> str:
        """SHA-256 of the content, as hexadecimal digits; the order of keys does not matter."""
        return hashlib.sha256(json.dumps(self.resolved(), sort_keys=True).encode()).hexdigest()

    def to_toml(self) -> str:
        """The scenario as a file that stands alone; reading it again gives an equal scenario."""
        from sim.scenario.text import to_toml

        return to_toml(self._tables(), self.question, self.look_for)

    def __eq__(self, other: object) -> bool:
        return self.resolved() == other.resolved() if isinstance(other, Scenario) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest())

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (_plain_state(self),)

    def _tables(self) -> dict[str, Any]:
        """What is set, nested as in a file."""
        tables: dict[str, Any] = {"title": self.title, "start": self.start, "months": self.months}
        tables |= {"anonymous": True} if self.anonymous else {}
        tables |= {KEY: True} if self.beyond_range else {}
        tables |= nest((split_key(key), value) for key, value in self.set_levers.items())[0]
        tables |= {group: {name: dict(values) for name, values in named.items()}
                   for group, named in self.agents.items() if named}
        if self.events:
            tables["event"] = [{"date": e.date, "kind": e.kind, "severity": e.severity}
                               | ({} if e.actor is None else {"actor": e.actor}) for e in self.events]
        tables |= {group: found for group, found in self._in_time().items() if found}
        if self.uncertainty:
            tables["uncertainty"] = dict(self.uncertainty)
        return tables


@takes(a=arguments.scenario, b=arguments.scenario)
def diff(a: Scenario, b: Scenario) -> list[tuple[str, Any, Any]]:
    """The keys in which two scenarios differ, with both values; None where one does not set a key.

    Levers are compared as resolved, so a jurisdiction's value that follows from the general one is listed.
    """
    left, right = _flat(a), _flat(b)
    keys = [*left, *(key for key in right if key not in left)]
    return [(key, left.get(key), right.get(key)) for key in keys if left.get(key) != right.get(key)]


def template(scenario: Scenario, extends: str | None = None) -> str:
    """The text of a new scenario file on top of `scenario`, with every lever as a comment.

    It extends it by the name `extends`; without one it holds what `scenario` sets.
    """
    from sim.scenario.text import template as text

    tables = scenario._tables() if extends is None else {"title": scenario.title}
    return text(tables, scenario.levers, extends)


# ---- from layers to a scenario ---------------------------------------------------------------------------


def _add_mapping(merged: Merged, mapping: Mapping[str, Any], name: str, *, complete: bool) -> list[Problem]:
    _refuse_other_than_tables(mapping, name)
    if not check_nesting(mapping):
        return [_too_deep(name)]
    data = plain(mapping)
    source = PythonSource(name, data)
    problems = []
    if "extends" in data:
        problems.append(Problem("S103", "`extends` works in files only", source.place(("extends",), "key"),
                                "load the file with Scenario.load and change it with with_"))
        del data["extends"]
    return problems + add_layer(merged, data, source, complete=complete)


def _refuse_other_than_tables(given: object, name: str) -> None:
    if not isinstance(given, Mapping):
        note = "give a dict of keys and values, as in {\"regulation\": {\"strictness\": 0.8}}"
        raise ScenarioError([Problem("S104", f"a {type(given).__name__} holds no keys", Place(name), note)])


def _too_deep(name: str) -> Problem:
    return Problem("S116", f"tables or lists are nested more than {MAX_NESTING} deep", Place(name),
                   "a scenario needs three levels at most")


def _recorded(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Nested tables from what `Scenario.resolved` wrote, every lever set."""
    tables: dict[str, Any] = {key: resolved[key] for key in ("title", "start", "months")}
    tables |= {key: resolved.get(key, False) for key in ("anonymous", KEY)}
    tables |= nest((split_key(key), value) for key, value in resolved["levers"].items())[0]
    tables |= {group: named for group, named in resolved["agents"].items() if named}
    keys = ("date", "kind", "severity", "actor")
    tables["event"] = [{key: event[key] for key in keys if event[key] is not None}
                       for event in resolved["events"]]
    tables |= {group: resolved[group] for group in IN_TIME if group in resolved}
    tables["uncertainty"] = {name: tuple(value) if isinstance(value, list) else value
                             for name, value in resolved["uncertainty"].items()}
    return tables


def _build(merged: Merged, problems: list[Problem], *, question: str = "", look_for: str = "",
           source: str | None = None, keep: tuple[str, ...] | None = None) -> Scenario:
    problems = problems + list(check(merged))
    if problems:
        raise ScenarioError(problems)
    settings = {".".join(map(str, loc)): s.value for loc, s in merged.settings.items()}
    known = resolve({})
    given = {key: value for key, value in settings.items() if key in known}
    agents: dict[str, dict[str, dict[str, Value]]] = {group: {} for group in AGENT_GROUPS}
    for loc, setting in merged.settings.items():
        if loc[0] in agents:
            agents[str(loc[0])].setdefault(str(loc[1]), {})[str(loc[2])] = setting.value
    return Scenario(
        title=merged.value("title"),
        start=merged.value("start", default=DEFAULT_START),
        months=merged.value("months", default=DEFAULT_MONTHS),
        anonymous=merged.value("anonymous", default=False),
        beyond_range=merged.value(KEY, default=False),
        question=question,
        look_for=look_for,
        levers=resolve(given, merged.value("start", default=DEFAULT_START)),
        set_levers=given if keep is None else {k: given[k] for k in keep if k in given},
        agents=agents,
        events=dated_events(merged),
        changes=in_time.changes(merged, merged.value("start", default=DEFAULT_START)),
        whens=in_time.whens(merged),
        source=source,
        uncertainty={str(loc[1]): s.value for loc, s in merged.settings.items() if loc[0] == "uncertainty"},
        warnings=tuple(warnings(merged)) if keep is None else (),
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return value


def _plain_state(scenario: Scenario) -> dict[str, Any]:
    """The fields with ordinary dicts: read-only mappings cannot be pickled."""
    def thaw(value: Any) -> Any:
        return {k: thaw(v) for k, v in value.items()} if isinstance(value, Mapping) else value

    return {name: thaw(getattr(scenario, name)) for name in Scenario.__dataclass_fields__}


def _restore(state: dict[str, Any]) -> Scenario:
    return Scenario(**state)


def _flat(scenario: Scenario) -> dict[str, Any]:
    flat: dict[str, Any] = {"title": scenario.title, "start": scenario.start, "months": scenario.months,
                            "anonymous": scenario.anonymous, KEY: scenario.beyond_range}
    flat |= scenario.levers
    for group, named in scenario.agents.items():
        for name, values in named.items():
            flat |= {f"{group}.{name}.{key}": value for key, value in values.items()}
    for event in scenario.events:
        actor = f" {event.actor}" if event.actor else ""
        flat[f"event {event.date} {event.kind}{actor}"] = event.severity
    for group, policies in (("change", scenario.changes), ("when", scenario.whens)):
        flat |= {f"{group}.{policy.name}": in_time.told(policy) for policy in policies}
    flat |= {f"uncertainty.{name}": value for name, value in scenario.uncertainty.items()}
    return flat
