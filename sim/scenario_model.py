"""The shape of a scenario file: pydantic models built from the data files, and what they find in a file.

Nothing about a key is written twice: ranges, choices and defaults come from `sim/data/`. `findings` says what is
wrong with one file's tables; `json_schema` is the same knowledge for an editor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, create_model

from sim.parameters import (
    AGENT_GROUPS,
    JURISDICTIONS,
    Parameter,
    attributes,
    event_kinds,
    levers,
    parameters,
    show,
    starts,
)
from sim.scenario_errors import SHOWN_PROBLEMS, suggest

Loc = tuple[str | int, ...]

MAX_MONTHS = 600
DEFAULT_MONTHS = 120
DEFAULT_START = "2025-01"
MAX_TITLE = 200
TOP_KEYS = {
    "title": f"a text of 1 to {MAX_TITLE} characters",
    "extends": "the name of a scenario file beside this one, in quotes",
    "start": 'a month in quotes, as in "2025-01"',
    "months": f"a whole number from 1 to {MAX_MONTHS}, default {DEFAULT_MONTHS}",
}
EVENT_KEYS = {
    "date": 'a month in quotes, as in "2027-03"',
    "kind": "a kind of event, in quotes",
    "severity": "a number from 0 to 1",
    "actor": "the name of an agent, in quotes",
}
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at one key of one file; `at` says whether the key or its value is to blame."""

    loc: Loc
    code: str
    message: str
    note: str = ""
    help: str = ""
    at: Literal["key", "value"] = "value"


def dotted(loc: Loc) -> str:
    """A key as the user writes it: `regulation.us.strictness`, `event[2].date` (events count from 1)."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


# ---- the models ------------------------------------------------------------------------------------------


def _annotation(parameter: Parameter) -> Any:
    text = f"{parameter.text} ({parameter.unit})"
    if parameter.type == "boolean":
        return Annotated[bool, Field(description=text)]
    if parameter.type == "choice":
        return Annotated[Literal[parameter.choices], Field(description=text)]
    return Annotated[float, Field(ge=parameter.low, le=parameter.high, description=text)]


def _is_table(value: object) -> str:
    return "range" if isinstance(value, Mapping) else "value"


def _override(parameter: Parameter) -> Any:
    """A parameter's new value, or its new range as `{ low = ..., high = ... }`."""
    number = _annotation(parameter)
    between = create_model(f"range_{parameter.name}", __config__=_STRICT, low=(number, ...), high=(number, ...))
    return Annotated[Annotated[number, Tag("value")] | Annotated[between, Tag("range")], Discriminator(_is_table)]


def _table(name: str, fields: Mapping[str, Any]) -> type[BaseModel]:
    optional: dict[str, Any] = {key: (annotation, None) for key, annotation in fields.items()}
    return create_model(name, __config__=_STRICT, **optional)


@cache
def sections() -> Mapping[str, Mapping[str, Parameter]]:
    """The levers by section and name, as in `sections()["regulation"]["strictness"]`."""
    found: dict[str, dict[str, Parameter]] = {}
    for path, lever in levers().items():
        section, _, name = path.partition(".")
        found.setdefault(section, {})[name] = lever
    return found


@cache
def uncertainties() -> Mapping[str, Parameter]:
    """The parameters that a scenario may override."""
    return {name: p for name, p in parameters().items() if p.kind == "uncertainty"}


@cache
def _model() -> type[BaseModel]:
    fields: dict[str, Any] = {
        "title": (Annotated[str, Field(min_length=1, max_length=MAX_TITLE)], ...),
        "extends": (Annotated[str, Field(description=TOP_KEYS["extends"])], None),
        "start": (Literal[starts()], DEFAULT_START),
        "months": (Annotated[int, Field(ge=1, le=MAX_MONTHS)], DEFAULT_MONTHS),
    }
    for section, members in sections().items():
        keys = {name: _annotation(lever) for name, lever in members.items()}
        own = {name: keys[name] for name, lever in members.items() if lever.per == "jurisdiction"}
        if own:
            keys |= {place: _table(f"{section}_{place}", own) for place in JURISDICTIONS}
        fields[section] = (_table(section, keys), None)
    for group in AGENT_GROUPS:
        keys = {p.name: _annotation(p) for p in attributes().values() if p.path.startswith(group + ".")}
        fields[group] = (dict[str, _table(group, keys)], None)  # type: ignore[misc]
    event = create_model(
        "event", __config__=_STRICT,
        date=(Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description=EVENT_KEYS["date"])], ...),
        kind=(Literal[tuple(event_kinds())], ...),
        severity=(Annotated[float, Field(ge=0, le=1)], ...),
        actor=(Annotated[str, Field(description=EVENT_KEYS["actor"])], None))
    fields["event"] = (list[event], None)  # type: ignore[valid-type]
    fields["uncertainty"] = (_table("uncertainty", {n: _override(p) for n, p in uncertainties().items()}), None)
    return create_model("Scenario", __config__=_STRICT, **fields)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors: keys, types, ranges, choices and what they mean."""
    schema = _model().model_json_schema()
    pending: list[Any] = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if node.get("default", 0) is None:
                del node["default"]
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


# ---- what they find --------------------------------------------------------------------------------------


def findings(data: Mapping[str, Any], *, complete: bool) -> list[Finding]:
    """Everything wrong with one file's tables, or one set of changes, taken by itself.

    `complete` asks for the title too, which the first file of a chain must have.
    """
    try:
        _model().model_validate(data)
    except ValidationError as error:
        found = []
        for item in error.errors(include_url=False, include_context=False):
            loc = _without_tags(item["loc"])
            if loc == ("title",) and item["type"] == "missing" and not complete:
                continue
            found.append(_finding(loc, item["type"], item["input"], brief=len(found) >= SHOWN_PROBLEMS))
        return found
    return []


def _without_tags(loc: Loc) -> Loc:
    return loc[:2] + loc[3:] if loc[:1] == ("uncertainty",) and len(loc) > 2 else loc


def _finding(loc: Loc, kind: str, value: object, *, brief: bool) -> Finding:
    key = f"`{dotted(loc)}`"
    parameter, expected = expectation(loc)
    way_out = _help(loc, parameter)
    if kind in ("extra_forbidden", "invalid_key"):
        return Finding(loc, "S103", f"unknown key {key}", at="key") if brief else _unknown(loc)
    if kind == "missing":
        return Finding(loc, "S108", f"{key} is missing", f"needs {loc[-1]}: {expected}", way_out, at="key")
    if kind == "finite_number":
        return Finding(loc, "S105", f"{key} is not finite: {value}", f"must be {expected}", way_out)
    if kind in ("greater_than_equal", "less_than_equal"):
        return Finding(loc, "S106", f"{key} is out of range", f"must be {expected}", way_out)
    if kind == "literal_error" and isinstance(value, str):
        return _not_a_choice(loc, value, parameter, way_out)
    if kind == "string_pattern_mismatch":
        return Finding(loc, "S109", f"{key} is not a month", f"must be {expected}", way_out)
    if kind in ("string_too_short", "string_too_long"):
        return Finding(loc, "S113", f"{key} is {'empty' if kind.endswith('short') else 'too long'}",
                       f"must be {expected}", way_out)
    return Finding(loc, "S104", f"{key} has the wrong type: {_type_name(value)}", _type_note(loc, value, expected),
                   way_out)


def expectation(loc: Loc) -> tuple[Parameter | None, str]:
    """The parameter that a key sets, if it sets one, and what may be written there."""
    parameter: Parameter | None = None
    match loc:
        case (str() as section, str() as name) if name in sections().get(section, ()):
            parameter = sections()[section][name]
        case (str() as section, place, str() as name) if place in JURISDICTIONS:
            parameter = sections().get(section, {}).get(name)
        case ("uncertainty", str() as name, *_):
            parameter = uncertainties().get(name)
            if parameter and len(loc) == 2:
                return parameter, f"{parameter.describe()}, or {{ low = ..., high = ... }}"
        case (str() as group, _, str() as name) if group in AGENT_GROUPS:
            parameter = attributes().get(f"{group}.{name}")
        case ("event", int(), str() as name):
            return None, EVENT_KEYS.get(name, "")
        case (str() as name,) if name in TOP_KEYS:
            return None, TOP_KEYS[name]
        case ("event", *_):
            return None, "tables that begin with [[event]]"
    return parameter, parameter.describe() if parameter else f"a table: [{dotted(loc)}], its keys below it"


def _help(loc: Loc, parameter: Parameter | None) -> str:
    if parameter is not None:
        return f"airace params {parameter.name if loc[0] == 'uncertainty' else parameter.path}"
    return {"event": "airace schema"}.get(str(loc[0]), "airace schema" if len(loc) == 1 else "airace params")


def _type_name(value: object) -> str:
    for types, name in ((bool, "true or false"), (int | float, "a number"), (str, "a text"), (Mapping, "a table"),
                        (list | tuple, "a list"), (type(None), "nothing")):
        if isinstance(value, types):  # type: ignore[arg-type]
            return name
    return f"a {type(value).__name__}"


def _type_note(loc: Loc, value: object, expected: str) -> str:
    note = f"must be {expected}"
    parameter, _ = expectation(loc)
    if isinstance(value, str) and (parameter is None or parameter.type == "number"):
        try:
            float(value)
        except ValueError:
            return note
        return f"{note}; write it without quotes" if "number" in expected else note
    if isinstance(value, bool) and parameter is not None and parameter.type == "number":
        return f"{note}; for {show(value)} write {int(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and parameter is not None and parameter.type == "boolean":
        return f"{note}, in small letters and without quotes"
    if isinstance(value, Mapping) and parameter is not None and parameter.per:
        return f"{note}; for one jurisdiction write [{loc[0]}.us] and `{parameter.name}` below it"
    if loc[-1] in ("date", "start") and not isinstance(value, str | Mapping | list):
        return f"{note}, quotes included"
    return note


def _not_a_choice(loc: Loc, value: str, parameter: Parameter | None, way_out: str) -> Finding:
    key = f"`{dotted(loc)}`"
    if loc[-1] == "kind":
        close = suggest(value, list(event_kinds()))
        note = (f"did you mean \"{close}\"? {event_kinds()[close].text}" if close
                else "one of " + ", ".join(event_kinds()))
        return Finding(loc, "S111", f"unknown kind of event \"{value[:60]}\"", note, "airace schema")
    if loc == ("start",):
        return Finding(loc, "S120", f"there is no start \"{value[:60]}\"", "one of " + ", ".join(starts()), way_out)
    choices = parameter.choices if parameter else ()
    close = suggest(value, choices)
    note = f"did you mean \"{close}\"? " if close else ""
    return Finding(loc, "S107", f"{key} cannot be \"{value[:60]}\"",
                   note + (parameter.describe() if parameter else ""), way_out)


def _unknown(loc: Loc) -> Finding:
    key, name = dotted(loc)[:120], str(loc[-1])
    known = _siblings(loc)
    if len(loc) == 2 and loc[0] == "uncertainty" and name in parameters():
        note = "a constant: it is no uncertainty, a scenario cannot change it"
        return Finding(loc, "S103", f"unknown key `{key}`", note, f"airace params {name}", at="key")
    if len(loc) == 3 and loc[1] in JURISDICTIONS and name in sections().get(str(loc[0]), ()):
        note = f"the same for all jurisdictions: set `{name}` in [{loc[0]}]"
        return Finding(loc, "S103", f"unknown key `{key}`", note, f"airace params {loc[0]}.{name}", at="key")
    elsewhere = [p.path for p in levers().values() if p.name == name]
    close = suggest(name, known)
    if elsewhere and (close is None or close != name):
        parameter = levers()[elsewhere[0]]
        note = f"did you mean `{parameter.path}`? {parameter.describe()}"
        return Finding(loc, "S103", f"unknown key `{key}`", note, f"airace params {parameter.path}", at="key")
    if close is None:
        note = "known here: " + (", ".join(known) if len(known) < 15 else ", ".join(known[:12]) + ", ...")
        return Finding(loc, "S103", f"unknown key `{key}`", note, "airace params", at="key")
    right = (*loc[:-1], close)
    parameter, expected = expectation(right)
    return Finding(loc, "S103", f"unknown key `{key}`", f"did you mean `{close}`? {expected}",
                   _help(right, parameter), at="key")


def _siblings(loc: Loc) -> list[str]:
    """The keys known beside the last part of `loc`."""
    match loc[:-1]:
        case ():
            return [*TOP_KEYS, *sections(), *AGENT_GROUPS, "event", "uncertainty"]
        case ("uncertainty",):
            return list(uncertainties())
        case ("uncertainty", _):
            return ["low", "high"]
        case ("event", *_):
            return list(EVENT_KEYS)
        case (str() as section,) if section in sections():
            members = sections()[section]
            return [*members, *(JURISDICTIONS if any(p.per for p in members.values()) else ())]
        case (str() as section, _) if section in sections():
            return [name for name, p in sections()[section].items() if p.per]
        case (str() as group, _) if group in AGENT_GROUPS:
            return [p.name for p in attributes().values() if p.path.startswith(group + ".")]
    return []
