"""What the models find wrong in one file's tables, told as a user would want to hear it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from sim.common.text import suggest
from sim.model.beliefs import WeightsError, weights
from sim.model.parameters import (
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
from sim.scenario.beyond import furthest, how_much_further, ranged
from sim.scenario.errors import SHOWN_PROBLEMS
from sim.scenario.schema import (
    CONDITION_KEYS,
    EVENT_KEYS,
    IN_TIME,
    MAX_CHANGES,
    MAX_EVENTS,
    MAX_WHENS,
    TOP_KEYS,
    Loc,
    levers_in_time,
    model,
    override,
    sections,
    uncertainties,
)

_WANTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text",
    "literal_error": "a text",
    "model_type": "a table",
    "dict_type": "a table",
    "list_type": "a list of tables",
}
_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (int, "a number"),
    (str, "a text"),
    (Mapping, "a table"),
    ((list, tuple), "a list"),
    (datetime.date, "a date"),
    (type(None), "nothing"),
)


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


def findings(data: Mapping[str, Any], *, complete: bool, beyond: bool = False) -> list[Finding]:
    """Everything wrong with one file's tables, or one set of changes, taken by itself.

    `complete` asks for the title too, which the first file of a chain must have; `beyond` allows numbers beyond their
    stated ranges, as far as they may go.
    """
    items = _items(model().model_validate, data, ())
    overrides = data.get("uncertainty")
    if isinstance(overrides, Mapping):
        for name, value in overrides.items():
            if name in uncertainties():
                items += _items(override(name).validate_python, value, ("uncertainty", name))
            elif isinstance(name, str):
                items.append((("uncertainty", name), "extra_forbidden", value))
    if not complete:
        items = [item for item in items if item[:2] != (("title",), "missing")]
    if beyond:
        items = [item for item in items if not _allowed(*item)]
    return [_finding(*item, brief=i >= SHOWN_PROBLEMS) for i, item in enumerate(items)]


def _allowed(loc: Loc, kind: str, value: object) -> bool:
    """Whether a number outside its range lies where `beyond_range` lets it."""
    parameter = ranged(loc)
    if kind not in ("greater_than_equal", "less_than_equal") or parameter is None:
        return False
    low, high = furthest(parameter)
    return isinstance(value, int | float) and low <= value <= high


def _items(validate: Callable[[Any], Any], value: Any, place: Loc) -> list[tuple[Loc, str, Any]]:
    """What pydantic finds: key, type of error, and the value that is to blame."""
    try:
        validate(value)
    except ValidationError as error:
        # An override's first step says whether it was taken for a value or a range: no part of the key.
        start = 1 if place else 0
        return [((*place, *e["loc"][start:]), e["type"], e["input"])
                for e in error.errors(include_url=False, include_context=False)]
    return []


def _finding(loc: Loc, kind: str, value: object, *, brief: bool) -> Finding:
    key = f"`{dotted(loc)[:120]}`"
    parameter, expected = expectation(loc)
    way_out = _help(loc, parameter)
    if kind in ("extra_forbidden", "invalid_key"):
        return Finding(loc, "S103", f"unknown key {key}", at="key") if brief else _unknown(loc)
    if kind == "missing":
        if loc == ("title",):
            way_out = 'write title = "..." at the top: it names the scenario in tables and charts'
        return Finding(loc, "S108", f"{key} is missing", f"must be {expected}", way_out, at="key")
    if kind == "finite_number":
        return Finding(loc, "S105", f"{key} is not finite: {value}", f"must be {expected}", way_out)
    too_large = kind == "float_type" and isinstance(value, int) and not isinstance(value, bool)
    if kind in ("greater_than_equal", "less_than_equal") or too_large:
        return Finding(loc, "S106", f"{key} is out of range", f"must be {expected}", way_out + how_much_further(loc))
    if kind == "literal_error" and isinstance(value, str):
        return _not_a_choice(loc, value, parameter, way_out)
    if kind == "value_error" and parameter is not None and parameter.is_theory:
        return _not_a_belief(loc, str(value), parameter, way_out)
    if kind == "string_pattern_mismatch" and loc[-1] == "name":
        return Finding(loc, "S113", f"{key} holds dots, quotes or blanks at an end", f"must be {expected}", way_out)
    if kind == "too_short":
        return Finding(loc, "S108", f"{key} is empty", f"must be {expected}", way_out)
    if kind == "string_pattern_mismatch":
        return Finding(loc, "S109", f"{key} is not a month", f"must be {expected}", way_out)
    if kind == "too_long":
        most, what = {"change": (MAX_CHANGES, "changes"), "when": (MAX_WHENS, "triggers")}.get(
            str(loc[0]), (MAX_EVENTS, "events"))
        note = f"a scenario holds at most {most} {what}"
        return Finding(loc, "S115", f"there are too many {what}", note, "remove some of them")
    if kind in ("string_too_short", "string_too_long"):
        how = "empty" if kind == "string_too_short" else "too long"
        return Finding(loc, "S113", f"{key} is {how}", f"must be {expected}", way_out)
    message = f"{key} is {_type_name(value)}, not {_WANTED.get(kind, 'what belongs here')}"
    return Finding(loc, "S104", message, _type_note(loc, value, parameter, expected), way_out)


def expectation(loc: Loc) -> tuple[Parameter | None, str]:
    """The parameter that a key sets, if it sets one, and what may be written there."""
    parameter: Parameter | None = None
    match loc:
        case (str() as section, str() as name) if name in sections().get(section, ()):
            parameter = sections()[section][name]
        case (str() as section, place, str() as name) if section in sections() and place in JURISDICTIONS:
            parameter = sections()[section].get(name)
        case ("uncertainty", str() as name, *_):
            parameter = uncertainties().get(name)
            if parameter and len(loc) == 2:
                return parameter, f"{parameter.describe()}, or {{ low = ..., high = ... }}"
        case (str() as group, _, str() as name) if group in AGENT_GROUPS:
            parameter = attributes().get(f"{group}.{name}")
        case ("event", int(), str() as name):
            return None, EVENT_KEYS.get(name, "")
        case ("change" | "when" as group, _, str() as name):
            parameter = levers_in_time().get(name)
            if parameter is None:
                return None, IN_TIME[group].get(name, "")
        case ("when", _, "all" | "any", int(), str() as name):
            return None, CONDITION_KEYS.get(name, "")
        case ("when", _, "all" | "any", int()):
            return None, "a condition, as in { outcome = ..., above = ... }"
        case (str() as name,) if name in TOP_KEYS:
            return None, TOP_KEYS[name]
        case ("event" | "change" | "when" as group, *_):
            return None, f"tables that begin with [[{group}]]"
    return parameter, parameter.describe() if parameter else f"a table: [{dotted(loc)}], its keys below it"


def _help(loc: Loc, parameter: Parameter | None) -> str:
    if parameter is not None:
        return f"airace params {parameter.name if loc[0] == 'uncertainty' else parameter.path}"
    if loc[-1] == "outcome":
        return "airace list outcomes"
    if loc[0] in IN_TIME:
        return "airace list levers"
    return {"event": "airace list events"}.get(str(loc[0]), "airace schema" if len(loc) == 1 else "airace params")


def _type_name(value: object) -> str:
    if isinstance(value, bool):
        return show(value)
    if isinstance(value, float):
        return show(value) if value.is_integer() else f"{value:g}"
    for types, name in _NAMES:
        if isinstance(value, types):
            return name
    return f"a {type(value).__name__}"


def _type_note(loc: Loc, value: object, parameter: Parameter | None, expected: str) -> str:
    note = f"must be {expected}"
    if isinstance(value, str) and "number" in expected and _is_number(value):
        return f"{note}; write it without quotes"
    if isinstance(value, bool) and "number" in expected:
        return f"{note}; for {show(value)} write {int(value)}"
    if isinstance(value, str) and parameter is not None and parameter.type == "boolean":
        return f"{note}, in small letters and without quotes"
    if isinstance(value, Mapping) and parameter is not None and parameter.per:
        return f"{note}; for one jurisdiction write [{loc[0]}.us] and `{parameter.name}` below it"
    if isinstance(value, datetime.date) and loc[-1] in ("date", "start"):
        return f"{note}, quotes included"
    return note


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _not_a_choice(loc: Loc, value: str, parameter: Parameter | None, way_out: str) -> Finding:
    key = f"`{dotted(loc)}`"
    if loc[-1] == "kind":
        close = suggest(value, list(event_kinds()))
        note = (f"did you mean \"{close}\"? {event_kinds()[close].text}" if close
                else "one of " + ", ".join(event_kinds()))
        return Finding(loc, "S111", f"unknown kind of event \"{value[:60]}\"", note, "airace list events")
    if loc == ("start",):
        return Finding(
            loc, "S120", f'there is no start "{value[:60]}"', "one of " + ", ".join(starts()), way_out
        )
    if loc[-1] == "outcome":
        from sim.model.outcomes import OUTCOMES

        close = suggest(value, list(OUTCOMES))
        note = f"did you mean \"{close}\"? {OUTCOMES[close].text}" if close else "the name of an outcome"
        return Finding(loc, "S110", f"unknown outcome \"{value[:60]}\"", note, "airace list outcomes")
    choices = parameter.choices if parameter else ()
    close = suggest(value, choices)
    note = f"did you mean \"{close}\"? " if close else ""
    return Finding(loc, "S107", f"{key} cannot be \"{value[:60]}\"",
                   note + (parameter.describe() if parameter else ""), way_out)


def _not_a_belief(loc: Loc, value: str, theory: Parameter, way_out: str) -> Finding:
    """What is wrong with a theory's name, or with weights of several."""
    if " " not in value.strip() and "," not in value:
        return _not_a_choice(loc, value, theory, way_out)
    try:
        weights(theory, value)
    except WeightsError as error:
        return Finding(loc, "S107", f"`{dotted(loc)}`: {error.why}", error.note, way_out)
    raise AssertionError("a belief was refused without a reason")


def _unknown(loc: Loc) -> Finding:
    key, name = dotted(loc)[:120], str(loc[-1])
    known = _siblings(loc)
    if loc[0] in IN_TIME and name in sections():
        note = f"write the lever in quotes, as one key: \"{name}.{next(iter(sections()[name]))}\" = ..."
        return Finding(loc, "S103", f"unknown key `{key}`", note, "airace list levers", at="key")
    if loc[0] in IN_TIME and name.startswith("structure."):
        note = "a theory is what is believed, not what is decided: it holds for the whole run"
        return Finding(loc, "S103", f"unknown key `{key}`", note, "airace list levers", at="key")
    if len(loc) == 2 and loc[0] == "uncertainty" and name in parameters():
        note = "a constant: it is no uncertainty, a scenario cannot change it"
        return Finding(loc, "S103", f"unknown key `{key}`", note, f"airace params {name}", at="key")
    if len(loc) == 3 and loc[1] in JURISDICTIONS and name in sections().get(str(loc[0]), ()):
        note = f"the same for all jurisdictions: set `{name}` in [{loc[0]}]"
        return Finding(loc, "S103", f"unknown key `{key}`", note, f"airace params {loc[0]}.{name}", at="key")
    if len(loc) > 1 and name in TOP_KEYS:
        note = f"`{name}` belongs to the whole file: write it above the first [table]"
        return Finding(loc, "S103", f"unknown key `{key}`", note, "airace schema", at="key")
    if len(loc) > 1 and name in _siblings(("",)) and name not in known:
        note = f"[{name}] is a table of its own: begin its lines with [{name}], not below [{loc[0]}]"
        return Finding(loc, "S103", f"unknown key `{key}`", note, "airace schema", at="key")
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
    found, expected = expectation(right)
    note = f"did you mean `{close}`? {expected}"
    return Finding(loc, "S103", f"unknown key `{key}`", note, _help(right, found), at="key")


def _siblings(loc: Loc) -> list[str]:
    """The keys known beside the last part of `loc`."""
    match loc[:-1]:
        case ():
            return [*TOP_KEYS, *sections(), *AGENT_GROUPS, "event", *IN_TIME, "uncertainty"]
        case ("uncertainty",):
            return list(uncertainties())
        case ("uncertainty", _):
            return ["low", "high"]
        case ("event", *_):
            return list(EVENT_KEYS)
        case ("when", _, "all" | "any", *_):
            return list(CONDITION_KEYS)
        case ("change" | "when" as group, *_):
            return [*IN_TIME[group], *levers_in_time()]
        case (str() as section,) if section in sections():
            members = sections()[section]
            return [*members, *(JURISDICTIONS if any(p.per for p in members.values()) else ())]
        case (str() as section, _) if section in sections():
            return [name for name, p in sections()[section].items() if p.per]
        case (str() as group, _) if group in AGENT_GROUPS:
            return [p.name for p in attributes().values() if p.path.startswith(group + ".")]
    return []
