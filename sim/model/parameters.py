"""Reads what can be set or is assumed: levers, parameters, agents' attributes, kinds of event, evidence.

The files in `sim/data/` are the only source of names, units, defaults and ranges; this module reads and
checks them. A wrong entry raises `ValueError` naming the file and the entry.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from sim.common.arguments import names

DATA = Path(__file__).parents[1] / "data"
JURISDICTIONS = ("us", "california", "eu", "uk", "china")
AGENT_GROUPS = ("labs", "founders", "nations")

Kind = Literal["lever", "uncertainty", "constant", "attribute"]
Value = float | bool | str

# What the evidence of a parameter says about it, from the most to the least, in words for a reader.
ANY = "any"
"""Believes in all theories alike."""
GRADES = {"measures": "measures it", "bears": "bears on it", "analogy": "analogy", "assumption": "assumption"}
_OF_GRADES = ("grade", "step", "changes_our_mind")

_KNOWN_FIELDS = {
    "kind",
    "default",
    "low",
    "high",
    "unit",
    "text",
    "type",
    "choices",
    "per",
    "at_start",
    "names",
    "evidence",
    "assumption",
    "s_rows",
    *_OF_GRADES,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number, switch or choice of the model, as its data file describes it.

    `path` is where a scenario file sets it (`regulation.strictness`, `labs.cash_usd_bn`), `name` its last
    part. `low` and `high` bound a number; a choice lists `choices`. `per` names the agents that may differ,
    `names` the only agents that have the attribute (empty: all). `default` is None for agents' attributes. A lever
    `at_start` is, where nothing sets it, what each jurisdiction has in force at the start; `default` is then their mean
    at the start that is usual.

    A parameter's `grade` is a key of `GRADES`: its evidence measures it, bears on it by the `step` told, or is an
    analogy, by the `step` told; or there is none. `changes_our_mind` is what, once observed, would move the number.
    """

    path: str
    name: str
    kind: Kind
    default: Any
    low: float | None
    high: float | None
    unit: str
    text: str
    choices: tuple[str, ...] = ()
    per: str | None = None
    evidence: tuple[str, ...] = ()
    assumption: str = ""
    s_rows: tuple[str, ...] = ()
    type: Literal["number", "boolean", "choice"] = "number"
    names: tuple[str, ...] = ()
    at_start: bool = False
    grade: str = ""
    step: str = ""
    changes_our_mind: str = ""

    @property
    def is_theory(self) -> bool:
        """Whether it chooses among rival theories, of which a scenario may believe in several."""
        return self.path.startswith("structure.")

    @property
    def example(self) -> str:
        """Weights of two theories, as they may be written."""
        return f"{self.choices[0]} 0.7, {self.choices[1]} 0.3"

    @property
    def range(self) -> str:
        """What may be written here, short: "0 to 1", "true | false", "none | private | public"; "" for any number."""
        if self.type == "choice":
            return " | ".join((*self.choices, ANY) if self.is_theory else self.choices)
        if self.type == "boolean":
            return "true | false"
        return "" if self.low is None or self.high is None else f"{self.low:g} to {self.high:g}"

    def describe(self) -> str:
        """What may be written here: "a number from 0 to 1, default 0.4"."""
        if self.type == "boolean":
            text = "true or false"
        elif self.type == "choice":
            text = "one of " + ", ".join(f'"{choice}"' for choice in self.choices)
            if self.is_theory:
                text += f', "{ANY}" of them, or weights as in "{self.example}"'
        elif self.low is None or self.high is None:
            text = "a number"
        else:
            text = f"a number from {self.low:g} to {self.high:g}"
        if self.at_start:
            return f"{text}; where it is not set, what is in force at the start"
        return text if self.default is None else f"{text}, default {show(self.default)}"


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event that a scenario may let happen: what its severity means, and whom it names.

    `actor` is the kind of agent ("none", "lab", "nation", "jurisdiction"), `names` the only ones allowed
    (empty: all), `target` is "rival" if it strikes the other of US and China, else "none".
    """

    name: str
    text: str
    actor: Literal["none", "lab", "nation", "jurisdiction", "founder"]
    required: bool = False
    names: tuple[str, ...] = ()
    target: Literal["none", "rival"] = "none"


def show(value: object) -> str:
    """A value as it would stand in a scenario file, numbers shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > 1e300:
        return "..."
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return f'"{value}"'


@cache
def levers() -> Mapping[str, Parameter]:
    """The levers by path, as in `regulation.strictness`: what policy, or the analyst, chooses."""
    return names("lever", {p.path: p for p in _entries("levers.toml", "lever")}, "`airace params`")


@cache
def parameters() -> Mapping[str, Parameter]:
    """The parameters by bare name: uncertainties, which a scenario may override, and constants."""
    found: dict[str, Parameter] = {}
    for parameter in _entries("parameters.toml", None):
        if parameter.name in found:
            raise ValueError(f"parameters.toml: [{parameter.path}]: the name is taken by "
                             f"[{found[parameter.name].path}]; names are unique over the file")
        found[parameter.name] = parameter
    return names("parameter", found, "`airace params`")


@cache
def graded() -> Mapping[str, int]:
    """How many parameters have each grade of `GRADES`."""
    return MappingProxyType({grade: sum(p.grade == grade for p in parameters().values()) for grade in GRADES})


@cache
def attributes() -> Mapping[str, Parameter]:
    """The attributes of agents that a scenario may change, by path, as in `labs.cash_usd_bn`."""
    entries = _entries("attributes.toml", "attribute", skip=("event",))
    return names("attribute of an agent", {p.path: p for p in entries}, "`airace params`")


@cache
def event_kinds() -> Mapping[str, EventKind]:
    """The kinds of event that a scenario may let happen on a date, by name."""
    kinds = {}
    for name, fields in _read("attributes.toml").get("event", {}).items():
        if not fields.get("text"):
            raise ValueError(f"attributes.toml: [event.{name}]: text is missing")
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        try:
            kinds[name] = EventKind(name=name, **values)
        except TypeError as error:
            raise ValueError(f"attributes.toml: [event.{name}]: {error}") from None
    return names("kind of event", kinds)


@cache
def evidence() -> Mapping[str, Mapping[str, Any]]:
    """Facts and dated events by ID, with the fields that the evidence file gives them."""
    rows = [row for table in _read("evidence.toml").values() for row in table if "id" in row]
    return MappingProxyType({row["id"]: MappingProxyType(row) for row in rows})


def starts() -> tuple[str, ...]:
    """The start months for which there is a start file, as in "2025-01"."""
    return tuple(sorted(file.stem for file in (DATA / "starts").glob("*.toml")))


@cache
def start_rows(start: str) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The agents of a start file: group ("labs", "founders", "nations"), then name, then the row's fields."""
    rows = _read(f"starts/{start}.toml")
    groups = {group: {row["name"]: MappingProxyType(row) for row in rows.get(group.removesuffix("s"), ())}
              for group in AGENT_GROUPS}
    return MappingProxyType({group: MappingProxyType(named) for group, named in groups.items()})


@cache
def in_force(start: str, key: str) -> Mapping[str, float]:
    """What each jurisdiction has in force at a start, by name, as in in_force("2025-01", "strictness")."""
    rows = _read(f"starts/{start}.toml")["regulator"]
    return MappingProxyType({row["name"]: float(row[key]) for row in rows})


def find(text: str) -> list[Parameter]:
    """Levers, parameters and attributes that match every word of `text`, the exact path or name first."""
    everything = [*levers().values(), *parameters().values(), *attributes().values()]
    exact = [p for p in everything if text in (p.path, p.name)]
    words = text.lower().split()
    loose = [p for p in everything if p not in exact
             and all(word in f"{p.path} {p.text} {p.unit} {p.kind}".lower() for word in words)]
    return exact + loose


# ---- reading and checking ---------------------------------------------------------------------------------


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def _evidence_ids() -> frozenset[str]:
    """IDs of rows and names of tables, without parsing the whole file: every command needs these alone."""
    text = (DATA / "evidence.toml").read_text(encoding="utf-8")
    found = re.findall(r'^(?:id = "([^"]+)"|\[\[(\w+)\]\])', text, re.M)
    return frozenset(row or table for row, table in found)


def _entries(file: str, kind: Kind | None, skip: tuple[str, ...] = ()) -> Iterator[Parameter]:
    for group, table in _read(file).items():
        if group in skip:
            continue
        for name, fields in table.items():
            place = f"{file}: [{group}.{name}]"
            if not isinstance(fields, dict):
                raise ValueError(f"{place}: expected a table")
            yield _parameter(place, f"{group}.{name}", fields, kind)


def _parameter(place: str, path: str, fields: Mapping[str, Any], kind: Kind | None) -> Parameter:
    if unknown := set(fields) - _KNOWN_FIELDS:
        raise ValueError(f"{place}: unknown field {sorted(unknown)[0]}")
    for field in ("text", "unit"):
        if not fields.get(field):
            raise ValueError(f"{place}: {field} is missing")
    kind = kind or fields.get("kind")
    if kind not in ("lever", "uncertainty", "constant", "attribute"):
        raise ValueError(f"{place}: kind must be uncertainty or constant, not {kind!r}")
    default = fields.get("default")
    if default is None and kind != "attribute":
        raise ValueError(f"{place}: default is missing")
    choices = tuple(fields.get("choices", ()))
    type_: Any = (
        "choice" if choices else fields.get("type", "boolean" if isinstance(default, bool) else "number")
    )
    low, high = fields.get("low"), fields.get("high")
    _check_range(place, kind, type_, default, low, high, choices)
    missing = [i for i in fields.get("evidence", ()) if i not in _evidence_ids()]
    if missing:
        raise ValueError(f"{place}: no evidence with the ID {missing[0]}")
    _check_grade(place, kind, fields)
    return Parameter(path=path, name=path.rpartition(".")[2], kind=kind,
                     default=float(default) if type_ == "number" and default is not None else default,
                     low=None if low is None else float(low), high=None if high is None else float(high),
                     unit=fields["unit"], text=fields["text"], choices=choices, per=fields.get("per"),
                     evidence=tuple(fields.get("evidence", ())), assumption=fields.get("assumption", ""),
                     s_rows=tuple(fields.get("s_rows", ())), type=type_, names=tuple(fields.get("names", ())),
                     at_start=bool(fields.get("at_start", False)),
                     **{field: fields.get(field, "") for field in _OF_GRADES})


def _check_grade(place: str, kind: str, fields: Mapping[str, Any]) -> None:
    """Refuse a parameter without a grade, or with one that does not go with its evidence or assumption."""
    if kind not in ("uncertainty", "constant"):
        if said := [field for field in _OF_GRADES if field in fields]:
            raise ValueError(f"{place}: {said[0]} is for uncertainties and constants, not for a {kind}")
        return
    grade = fields.get("grade")
    if grade not in GRADES:
        raise ValueError(f"{place}: grade {'is missing' if grade is None else f'{grade!r} is unknown'}; "
                         f"one of {', '.join(GRADES)}")
    if grade == "assumption":
        if not fields.get("assumption"):
            raise ValueError(f"{place}: grade assumption needs `assumption`, the reason")
        if refused := [field for field in ("evidence", "step") if fields.get(field)]:
            raise ValueError(f"{place}: grade assumption goes without {refused[0]}; "
                             "say in `assumption` why a row has no bearing")
    elif not fields.get("evidence"):
        raise ValueError(f"{place}: grade {grade} needs evidence")
    elif fields.get("assumption"):
        raise ValueError(f"{place}: grade {grade} goes without `assumption`")
    elif grade != "measures" and not fields.get("step"):
        raise ValueError(f"{place}: grade {grade} needs a step, from the evidence to the number")
    if not fields.get("changes_our_mind"):
        raise ValueError(f"{place}: changes_our_mind is missing: which observation would move the number")


def _check_range(place: str, kind: str, type_: str, default: object, low: object, high: object,
                 choices: tuple[str, ...]) -> None:
    if type_ == "choice":
        if default is not None and default not in choices:
            raise ValueError(f"{place}: default {default!r} is not among the choices")
        return
    if type_ == "boolean":
        return
    numbers = [x for x in (low, default, high) if x is not None]
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in numbers):
        raise ValueError(f"{place}: low, default and high must be numbers")
    if kind != "constant" and (low is None or high is None):
        raise ValueError(f"{place}: low or high is missing")
    if numbers != sorted(numbers):  # type: ignore[type-var]
        raise ValueError(f"{place}: default {default} is outside {low} to {high}")
