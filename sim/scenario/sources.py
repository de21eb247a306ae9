"""Where settings come from, so that a message can point there: files, `--set`, changes made in Python.

A layer is one of these with its tables; layers are merged in order, later ones over earlier ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from sim.common.shell import command_line
from sim.common.text import printable, suggest
from sim.model.parameters import AGENT_GROUPS, attributes, levers, show
from sim.scenario.beyond import KEY
from sim.scenario.errors import Place, Problem
from sim.scenario.findings import Finding, dotted, expectation, findings
from sim.scenario.schema import IN_TIME, Loc, levers_in_time
from sim.scenario.toml_spans import Spans

MAX_NESTING = 32
LISTS = ("event", *IN_TIME)  # tables of which a scenario may have many


class Source(Protocol):
    """Knows the place of each key that it sets."""

    def place(self, loc: Loc, at: Literal["key", "value"]) -> Place: ...


@dataclass(frozen=True)
class FileSource:
    """A scenario file: `name` as shown to the user, `via` the files that led to it."""

    name: str
    spans: Spans
    via: str = ""

    def place(self, loc: Loc, at: Literal["key", "value"]) -> Place:
        span = self.spans.find(loc, at)
        if span is None:
            return Place(self.name, 1, 1, text=self.spans.lines[0], via=self.via)
        return Place(self.name, span.line, span.column, span.width, self.spans.lines[span.line - 1], self.via)


@dataclass(frozen=True)
class OptionSource:
    """`--set key=value` options: `texts` holds each option by the key that it sets."""

    texts: Mapping[Loc, str]

    def place(self, loc: Loc, at: Literal["key", "value"]) -> Place:
        around = [self.texts[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in self.texts]
        below = [text for key, text in self.texts.items() if key[: len(loc)] == loc]
        text = (around + below + [dotted(loc)])[0]
        key, _, value = text.partition("=")
        if at == "value" and value:
            return Place("--set", column=len(key) + 2, width=len(value), text=text)
        return Place("--set", column=1, width=len(key), text=text)


@dataclass(frozen=True)
class PythonSource:
    """Changes given as a mapping: the key itself is the place."""

    name: str
    data: Mapping[str, Any]

    def place(self, loc: Loc, at: Literal["key", "value"]) -> Place:
        value: Any = self.data
        for part in loc:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return Place(self.name, column=1, width=len(dotted(loc)), text=dotted(loc))
        key = dotted(loc)
        shown = _shown(value)
        column, width = (len(key) + 4, len(shown)) if at == "value" else (1, len(key))
        return Place(self.name, column=column, width=width, text=f"{key} = {shown}")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        if any(isinstance(inner, Mapping | list) for inner in value.values()) or len(value) > 4:
            return "{...}"
        return "{ " + ", ".join(f"{key} = {show(inner)}" for key, inner in value.items()) + " }"
    return "[...]" if isinstance(value, list) else show(value)


@dataclass(frozen=True)
class Setting:
    """One key's value and where it was set."""

    value: Any
    source: Source
    loc: Loc

    def place(self, at: Literal["key", "value"] = "value") -> Place:
        return self.source.place(self.loc, at)


@dataclass
class Merged:
    """What a chain of layers sets in the end: values by key, and events in order, each key with its place.

    `events` holds, for each event, its fields and the place of the event's head under the key "", `changes` and `whens`
    likewise; `named` the agents that have a table, also an empty one.
    """

    settings: dict[Loc, Setting] = field(default_factory=dict)
    events: list[dict[str, Setting]] = field(default_factory=list)
    changes: list[dict[str, Setting]] = field(default_factory=list)
    whens: list[dict[str, Setting]] = field(default_factory=list)
    named: dict[tuple[str, str], Setting] = field(default_factory=dict)

    def value(self, *loc: str, default: Any = None) -> Any:
        setting = self.settings.get(loc)
        return default if setting is None else setting.value


def add_layer(merged: Merged, data: Mapping[str, Any], source: Source, *, complete: bool) -> list[Problem]:
    """Put one layer over the others and return what is wrong with it; keys that are wrong are left out."""
    data, named, unknown = _by_name(merged, data, source)
    found = findings(data, complete=complete, beyond=data.get(KEY, merged.value(KEY, default=False)) is True)
    wrong = {finding.loc for finding in found}
    wrong_heads = {loc[:2] for loc in wrong}
    listed: dict[str, dict[int, dict[str, Setting]]] = {group: {} for group in LISTS}
    for loc, value in _leaves(data):
        if loc in wrong_heads or any(loc[:n] in wrong for n in range(1, len(loc) + 1)):
            continue
        if loc[0] in LISTS and len(loc) == 3 and isinstance(loc[1], int):
            kept = _kept(merged, named, loc, value)
            entry = listed[str(loc[0])].setdefault(loc[1], {})
            entry[str(loc[2])] = kept or Setting(value, source, _as_given(named, loc))
        else:
            merged.settings[loc] = Setting(_as_number(loc, value), source, loc)
    for group in AGENT_GROUPS:
        for name in table if isinstance(table := data.get(group), Mapping) else ():
            merged.named.setdefault((group, name), Setting(None, source, (group, name)))
    for group, entries in listed.items():
        for index, fields in entries.items():
            if (group, index) not in wrong_heads:
                head = {"": Setting(None, source, _as_given(named, (group, index)))}
                _add(merged, group, {**fields, **head})
    return unknown + [problem(replace(finding, loc=_as_given(named, finding.loc)), source) for finding in found]


def _add(merged: Merged, group: str, entry: dict[str, Setting]) -> None:
    """Put an event, a change or a trigger beside those of earlier layers; a policy replaces the one of its name."""
    if group == "event":
        merged.events.append(entry)
        return
    entries = merged.changes if group == "change" else merged.whens
    if "name" in entry:
        name = entry["name"].value
        for place, other in enumerate(entries):
            if "name" in other and other["name"].value == name and other[""].source is not entry[""].source:
                entries[place] = entry
                return
    entries.append(entry)


# ---- policies by name, as options and changes address them -----------------------------------------------------------
Named = Mapping[tuple[str, int], str]


def _by_name(merged: Merged, data: Mapping[str, Any], source: Source) -> tuple[Mapping[str, Any], Named, list[Problem]]:
    """`change.NAME.key` on top of the policy of that name: data with lists, the names by place, and unknown names."""
    names: dict[tuple[str, int], str] = {}
    problems: list[Problem] = []
    data = dict(data)
    for group, entries in (("change", merged.changes), ("when", merged.whens)):
        given = data.get(group)
        if not isinstance(given, Mapping):
            continue
        known = {entry["name"].value: entry for entry in entries if "name" in entry}
        data[group] = []
        for name, keys in given.items():
            if name not in known or not isinstance(keys, Mapping):
                problems.append(Problem("S110", f"there is no [[{group}]] named `{str(name)[:80]}`",
                                        source.place((group, name), "key"), _known_policies(merged, group, str(name)),
                                        f"write key=value for one of its keys, as in {group}.NAME.date"))
                continue
            names[group, len(data[group])] = name
            before = {key: setting.value for key, setting in known[name].items() if key}
            # Axes of sweeps hold numbers: whole months are whole.
            given_now = {key: int(value) if key.endswith("_months") and isinstance(value, float) and value.is_integer()
                         else value for key, value in keys.items()}
            data[group].append({**before, **given_now})
    return data, names, problems


def _known_policies(merged: Merged, group: str, name: str) -> str:
    """What to say of a policy's name that no parent holds."""
    entries = merged.changes if group == "change" else merged.whens
    known = [entry["name"].value for entry in entries if "name" in entry]
    close = suggest(name, known)
    return (f"did you mean `{close}`?" if close else f"known here: {', '.join(known)}" if known
            else f"the scenario holds no [[{group}]] with a name")


def _as_given(named: Named, loc: Loc) -> Loc:
    """A key as the source has it: by the policy's name where it was addressed so."""
    place = (loc[0], loc[1]) if len(loc) > 1 else ()
    return (loc[0], named[place], *loc[2:]) if place in named else loc  # type: ignore[index]


def _kept(merged: Merged, named: Named, loc: Loc, value: Any) -> Setting | None:
    """What stood there already, with its place, where a policy that is addressed by name keeps the value."""
    name = named.get((str(loc[0]), int(loc[1])))
    if name is None:
        return None
    for entry in merged.changes if loc[0] == "change" else merged.whens:
        if "name" in entry and entry["name"].value == name:
            kept = entry.get(str(loc[2]))
            return kept if kept is not None and kept.value == value else None
    return None


def problem(finding: Finding, source: Source) -> Problem:
    """A finding with its place."""
    return Problem(
        finding.code, finding.message, source.place(finding.loc, finding.at), finding.note, finding.help
    )


def _leaves(data: Mapping[str, Any]) -> Iterable[tuple[Loc, Any]]:
    """Keys and values, down to where a value is one setting: a number, or a range as a pair."""
    for key, value in data.items():
        if key in LISTS and isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, Mapping):
                    yield from (((key, index, name), v) for name, v in entry.items())
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                if key != "uncertainty" and isinstance(inner, Mapping):
                    yield from (((key, name, last), v) for last, v in inner.items())
                elif isinstance(inner, Mapping) and {"low", "high"} <= set(inner):
                    yield (key, name), (inner["low"], inner["high"])
                else:
                    yield (key, name), inner
        else:
            yield (key,), value


def _as_number(loc: Loc, value: Any) -> Any:
    """Numbers become float, minus zero becomes zero; whole numbers of months stay whole."""
    if isinstance(value, tuple):
        return tuple(float(v) + 0.0 for v in value)
    if isinstance(value, int | float) and not isinstance(value, bool) and loc != ("months",):
        return float(value) + 0.0
    return value


# ---- options and changes: dotted keys --------------------------------------------------------------------


def split_key(key: str) -> tuple[str, ...]:
    """The parts of a dotted key; an agent's name may hold dots and spaces, with or without quotes.

    `labs.01.AI.cash_usd_bn` and `labs."01.AI".cash_usd_bn` both give ("labs", "01.AI", "cash_usd_bn").
    """
    first, dot, rest = key.strip().partition(".")
    if dot and first in IN_TIME:
        name, dot, last = rest.partition(".")
        return (first, name.strip().strip("\"'"), last.strip().strip("\"'")) if dot else (first, rest.strip())
    if dot and first in AGENT_GROUPS:
        name, dot, last = rest.rpartition(".")
        if dot:
            return first, name.strip().strip("\"'"), last.strip()
    return tuple(part.strip().strip("\"'") for part in key.split("."))


def nest(flat: Iterable[tuple[tuple[str, ...], Any]]) -> tuple[dict[str, Any], list[Loc]]:
    """Tables from dotted keys, as a file would have them, and the keys that are set twice."""
    data: dict[str, Any] = {}
    twice: list[Loc] = []
    for parts, value in flat:
        for loc, leaf in _unfold(parts, value):
            table = _table_at(data, loc[:-1])
            if table is None or loc[-1] in table:
                twice.append(loc)
            else:
                table[loc[-1]] = leaf
    return data, twice


def _table_at(data: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any] | None:
    """The table under these keys, made if missing; None if a value stands in its place."""
    for part in parts:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            return None
    return data


def _unfold(parts: tuple[str, ...], value: Any) -> Iterable[tuple[tuple[str, ...], Any]]:
    """A table given as a value, key by key; the range of an uncertainty stays together."""
    if isinstance(value, Mapping) and value and not (parts[0] == "uncertainty" and len(parts) > 1):
        for key, inner in value.items():
            yield from _unfold((*parts, str(key)), inner)
    else:
        yield parts, value


def read_options(options: Sequence[str]) -> tuple[dict[str, Any], OptionSource, list[Problem]]:
    """Tables from `--set key=value` options, their keys' places, and what is malformed or given twice."""
    problems: list[Problem] = []
    values: dict[tuple[str, ...], Any] = {}
    texts: dict[Loc, str] = {}
    for option in options:
        key, equals, text = option.partition("=")
        parts = split_key(_valid(key))
        place = Place("--set", column=1, width=max(1, len(key)), text=option)
        if not equals or not all(parts) or len(parts) > 3:
            problems.append(Problem("S121", f"`{printable(option)[:80]}` does not set a key", place,
                                    "write key=value, as in regulation.strictness=0.8", "airace params"))
        elif parts == ("extends",):
            problems.append(Problem("S103", "`extends` works in files only", place,
                                    "write it into the file", "airace new FILE --from PARENT"))
        elif parts in values:
            problems.append(Problem("S102", f"`{key.strip()}` is set twice", place, "keep one of the two"))
        else:
            known, value = _option_value(parts, text.strip())
            if known:
                values[parts], texts[parts] = value, option
            else:
                where = Place("--set", column=len(key) + 2, width=len(text), text=option)
                problems.append(Problem("S121", f"`{printable(text.strip())[:80]}` is not a value", where,
                                        f"must be {expectation(parts)[1]}",
                                        command_line("airace", "params", _valid(key.strip()))))
    data, twice = nest(values.items())
    source = OptionSource(texts)
    return data, source, problems + [set_twice(loc, source) for loc in twice]


def set_twice(loc: Loc, source: Source) -> Problem:
    """The problem that one key is set twice."""
    return Problem("S102", f"`{dotted(loc)}` is set twice", source.place(loc, "key"), "keep one of the two")


def _option_value(parts: tuple[str, ...], text: str) -> tuple[bool, Any]:
    """The value of an option as TOML; a bare word stands for itself where a text is meant."""
    parameter = levers().get(".".join(parts)) or attributes().get(f"{parts[0]}.{parts[-1]}")
    if parts[0] in IN_TIME:
        parameter = levers_in_time().get(parts[-1])
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):  # a month without quotes, which a shell has taken away
            return True, text
    word = parts in {("title",), ("start",)} or (parameter is not None and parameter.type == "choice")
    if "\n" not in text and "\r" not in text:
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            value = None
        if value is not None and value not in ({}, []) and not (word and not isinstance(value, str)):
            return True, value
    if word and text:
        return True, text
    return False, None


def plain(value: Any) -> Any:
    """A value given in Python as TOML would have it: pairs as ranges, other libraries' numbers as Python's."""
    if isinstance(value, Mapping):
        return {_valid(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple) and len(value) == 2:
        return {"low": plain(value[0]), "high": plain(value[1])}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "__float__") and not isinstance(value, bool | int | float | type):
        with suppress(Exception):  # a Decimal has a number, another library's object need not
            return float(value)
    return value


def _valid(key: str) -> str:
    """A key without half characters (surrogates), which no file can hold and no message can show."""
    return key.encode("utf-8", "replace").decode()
