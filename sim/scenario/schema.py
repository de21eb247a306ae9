"""The shape of a scenario file: pydantic models built from the data files.

Nothing about a key is written twice: ranges, choices and defaults come from `sim/data/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    WithJsonSchema,
    create_model,
)

from sim.model.beliefs import weights
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import (
    AGENT_GROUPS,
    ANY,
    JURISDICTIONS,
    Parameter,
    attributes,
    event_kinds,
    levers,
    parameters,
    starts,
)

Loc = tuple[str | int, ...]

MAX_MONTHS = 600
DEFAULT_MONTHS = 120
DEFAULT_START = "2026-01"
MAX_TITLE = 200
MAX_EVENTS = 1000
TOP_KEYS = {
    "title": f"a text of 1 to {MAX_TITLE} characters",
    "extends": "the name of a scenario file beside this one, in quotes",
    "start": 'a month in quotes, as in "2026-01"',
    "months": f"a whole number from 1 to {MAX_MONTHS}, default {DEFAULT_MONTHS}",
    "anonymous": "true to tell of Lab A and Founder 1 instead of names, default false",
    "beyond_range": "true to allow numbers beyond their stated ranges, default false",
}
EVENT_KEYS = {
    "date": 'a month in quotes, as in "2027-03"',
    "kind": "a kind of event, in quotes",
    "severity": "a number from 0 to 1",
    "actor": "the name of an agent, in quotes",
}
MAX_CHANGES, MAX_WHENS, MAX_NAME = 64, 32, 80
_MONTHS = f"a whole number of months from 0 to {MAX_MONTHS}"
CHANGE_KEYS = {
    "name": f"a text of 1 to {MAX_NAME} characters without dots, to be addressed by",
    "date": 'a month in quotes, as in "2028-01", from which on the levers below have these values',
    "over_months": f"{_MONTHS}: reached in equal steps; default 0, at once",
    "until": 'a month in quotes, as in "2032-01", from which on they are what they would be without the change',
    "announced": "a month in quotes, from which on labs, investors and buyers know of it; default: nobody does",
    "off": "true to take back the one of this name that a parent holds",
}
CONDITION_KEYS = {
    "outcome": "the name of an outcome, in quotes",
    "above": "a number that the outcome must exceed",
    "below": "a number that it must lie below",
    "over_months": f"{_MONTHS}: looks at the last so many months alone; default 0, the total so far or the level",
    "until_below": "a number: once it lies below, the condition no longer holds",
    "until_above": "a number: once it exceeds it, the condition no longer holds",
}
WHEN_KEYS = {
    "name": CHANGE_KEYS["name"],
    **CONDITION_KEYS,
    "all": "a list of conditions, as in [{ outcome = ..., above = ... }, ...], all of which must hold",
    "any": "a list of conditions, one of which must hold",
    "for_months": f"{_MONTHS}, in a row in which the condition must hold; default 1",
    "delay_months": f"{_MONTHS} from then until the levers below have these values; default 0",
    "reporting_lag_months": f"{_MONTHS} after which an outcome's month is known; default 0, at its end",
    "off": CHANGE_KEYS["off"],
}
IN_TIME: Mapping[str, Mapping[str, str]] = {"change": CHANGE_KEYS, "when": WHEN_KEYS}
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)
_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
_WORD = r"[^.\s\"'\x00-\x1f]+"
_NAME: Any = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=f"^{_WORD}( {_WORD})*$")]


# ---- the models ------------------------------------------------------------------------------------------


def _annotation(parameter: Parameter) -> Any:
    text = f"{parameter.text} ({parameter.unit})"
    if parameter.type == "boolean":
        return Annotated[bool, Field(description=text)]
    if parameter.is_theory:
        allowed = [{"enum": [*parameter.choices, ANY]}, {"type": "string", "pattern": "^[a-z_]+ [0-9.]+(,|$)"}]
        shape = WithJsonSchema({"anyOf": allowed, "description": text})
        return Annotated[str, AfterValidator(partial(_believed, parameter)), shape]
    if parameter.type == "choice":
        return Annotated[Literal[parameter.choices], Field(description=text)]
    return Annotated[float, Field(ge=parameter.low, le=parameter.high, description=text)]


def _believed(theory: Parameter, value: str) -> str:
    """A theory's value that says what is believed; ValueError for one that does not."""
    weights(theory, value)
    return value


def _is_table(value: object) -> str:
    return "range" if isinstance(value, Mapping) else "value"


def _override(parameter: Parameter) -> Any:
    """A parameter's new value, or its new range as `{ low = ..., high = ... }`."""
    number = _annotation(parameter)
    between = create_model(
        f"range_{parameter.name}", __config__=_STRICT, low=(number, ...), high=(number, ...)
    )
    return Annotated[
        Annotated[number, Tag("value")] | Annotated[between, Tag("range")], Discriminator(_is_table)
    ]


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
def model() -> type[BaseModel]:
    """The model of a whole file."""
    fields: dict[str, Any] = {
        "title": (Annotated[str, Field(min_length=1, max_length=MAX_TITLE)], ...),
        "extends": (Annotated[str, Field(description=TOP_KEYS["extends"])], None),
        "start": (Literal[starts()], DEFAULT_START),
        "months": (Annotated[int, Field(ge=1, le=MAX_MONTHS)], DEFAULT_MONTHS),
        "anonymous": (Annotated[bool, Field(description=TOP_KEYS["anonymous"])], False),
        "beyond_range": (Annotated[bool, Field(description=TOP_KEYS["beyond_range"])], False),
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
    date: Any = Annotated[str, Field(pattern=_DATE, description=EVENT_KEYS["date"])]
    event: dict[str, Any] = {
        "date": (date, ...),
        "kind": (Literal[tuple(event_kinds())], ...),
        "severity": (Annotated[float, Field(ge=0, le=1)], ...),
        "actor": (Annotated[str, Field(description=EVENT_KEYS["actor"])], None),
    }
    events: Any = list[create_model("event", __config__=_STRICT, **event)]  # type: ignore[misc]
    fields["event"] = (Annotated[events, Field(max_length=MAX_EVENTS)], None)
    most = {"change": MAX_CHANGES, "when": MAX_WHENS}
    for group, entry in (("change", _change()), ("when", _when())):
        fields[group] = (Annotated[list[entry], Field(max_length=most[group])], None)  # type: ignore[valid-type]
    fields["uncertainty"] = (dict[str, Any], None)  # each value goes through its own `override`
    return create_model("Scenario", __config__=_STRICT, **fields)


@cache
def levers_in_time() -> Mapping[str, Parameter]:
    """The levers that policy can move in time, by dotted key, jurisdictions' own included; theories are no policy."""
    found: dict[str, Parameter] = {}
    for path, lever in levers().items():
        if not lever.is_theory:
            section, _, name = path.partition(".")
            own = {f"{section}.{place}.{name}": lever for place in JURISDICTIONS} if lever.per == "jurisdiction" else {}
            found |= {path: lever, **own}
    return found


def _entry(name: str, keys: Mapping[str, tuple[Any, str]]) -> type[BaseModel]:
    """The model of a table whose keys may hold dots: each by its alias."""
    fields: dict[str, Any] = {
        f"key_{place}": (annotation, Field(None, alias=key, description=text))
        for place, (key, (annotation, text)) in enumerate(keys.items())}
    return create_model(name, __config__=_STRICT, **fields)


def _levers_of_an_entry() -> dict[str, tuple[Any, str]]:
    return {path: (_annotation(lever), f"{lever.text} ({lever.unit})") for path, lever in levers_in_time().items()}


def _change() -> type[BaseModel]:
    month, months = Annotated[str, Field(pattern=_DATE)], Annotated[int, Field(ge=0, le=MAX_MONTHS)]
    kinds: dict[str, Any] = {"name": _NAME, "date": month, "over_months": months, "until": month,
                             "announced": month, "off": bool}
    return _entry("change", {key: (kinds[key], text) for key, text in CHANGE_KEYS.items()} | _levers_of_an_entry())


def _when() -> type[BaseModel]:
    months = Annotated[int, Field(ge=0, le=MAX_MONTHS)]
    kinds: dict[str, Any] = {
        "name": _NAME, "outcome": Literal[tuple(OUTCOMES)], "above": float, "below": float, "until_above": float,
        "until_below": float, "over_months": months, "delay_months": months, "reporting_lag_months": months,
        "for_months": Annotated[int, Field(ge=1, le=MAX_MONTHS)], "off": bool}
    condition = _entry("condition", {key: (kinds[key], text) for key, text in CONDITION_KEYS.items()})
    kinds["all"] = kinds["any"] = Annotated[list[condition], Field(min_length=1)]  # type: ignore[valid-type]
    return _entry("when", {key: (kinds[key], text) for key, text in WHEN_KEYS.items()} | _levers_of_an_entry())


@cache
def override(name: str) -> TypeAdapter[Any]:
    """Validates one value of `[uncertainty]`; made when needed: there are hundreds and few are overridden."""
    return TypeAdapter(_override(uncertainties()[name]), config=_STRICT)


def month_index(start: str, date: str) -> int:
    """Months from `start` to `date`, both as in "2026-01"."""
    (year0, month0), (year, month) = ((int(part) for part in text.split("-")) for text in (start, date))
    return (year - year0) * 12 + month - month0


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors: keys, types, ranges, choices and what they mean."""
    overrides = _table("uncertainty", {name: _override(p) for name, p in uncertainties().items()})
    schema = create_model("Scenario", __base__=model(), uncertainty=(overrides, None)).model_json_schema()
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
