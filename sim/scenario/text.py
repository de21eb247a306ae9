"""Scenarios as TOML text: a finished one, and a new one to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sim.model.parameters import show
from sim.scenario.schema import sections

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TOP = ("title", "extends", "start", "months", "anonymous", "beyond_range")
_EXAMPLES = (
    "# [regulation.us]                       # one jurisdiction differs",
    "# strictness = 0.6",
    "# [labs.xAI]                            # one agent differs; `airace params labs` lists what can be set",
    "# combativeness = 0.0",
    "# [[event]]                             # what happens anyway, on a date; `airace list events`",
    '# date = "2027-03"',
    '# kind = "taiwan_disruption"',
    "# severity = 0.5",
    "# [[change]]                            # a policy that is decided; over_months makes a ramp, until a sunset",
    '# date = "2028-01"',
    '# "regulation.eu.strictness" = 0.7',
    "# [[when]]                              # a policy for the case that something happens; `airace list outcomes`",
    '# outcome = "severe_incidents"',
    "# above = 0",
    '# "regulation.us.strictness" = 0.85',
    "# [uncertainty]                         # a number that nobody knows: a value, or a range to draw runs from",
    "# algorithm_growth = { low = 0.3, high = 0.6 }",
)


def to_toml(tables: Mapping[str, Any], question: str = "", look_for: str = "") -> str:
    """A scenario file from nested tables as `Scenario.from_dict` takes them; numbers keep every digit."""
    blocks = [
        _comments(question, look_for)
        + "".join(f"{key} = {_value(tables[key])}\n" for key in _TOP if key in tables)
    ]
    for key, table in tables.items():
        if key in _TOP:
            continue
        if isinstance(table, list):
            blocks += [f"[[{key}]]\n" + _lines(entry) for entry in table]
            continue
        own = {
            name: value
            for name, value in table.items()
            if not isinstance(value, Mapping) or key == "uncertainty"
        }
        if own:
            blocks.append(f"[{key}]\n" + _lines(own))
        blocks += [
            f"[{key}.{_key(name)}]\n" + _lines(inner) for name, inner in table.items() if name not in own
        ]
    return "\n".join(blocks)


def template(tables: Mapping[str, Any], levers: Mapping[str, Any], extends: str | None) -> str:
    """A new scenario file: what to write on top, and every lever with its range and meaning, as a comment if not set.

    `tables` holds what the file itself sets, as `to_toml` takes it; `levers` what holds here, by path.
    """
    lines = ["# Asks: what happens if ...?", "# Look for: ...", f"title = {_value(tables['title'])}"]
    lines += [] if extends is None else [f"extends = {_value(extends)}"]
    lines += [f"{key} = {_value(tables[key])}" for key in ("start", "months") if key in tables]
    lines += ["", "# Levers, with range and meaning. To set one, take away its first # and that of its [name]."]
    for section, members in sections().items():
        own = tables.get(section, {})
        lines += ["", f"[{section}]" if members.keys() & own.keys() else f"# [{section}]"]
        for name, lever in members.items():
            usual = "" if levers[lever.path] == lever.default else f", default {show(lever.default)}"
            line = f"{'' if name in own else '# '}{name} = {show(own.get(name, levers[lever.path]))}"
            lines.append(f"{line:<40}# {lever.range}{usual}: {lever.text}")
    beyond_levers = {key: _tables_in(table) if key in sections() else table
                     for key, table in tables.items() if key not in _TOP}
    blocks = to_toml({key: table for key, table in beyond_levers.items() if table}).strip()
    return "\n".join([*lines, "", *([blocks, ""] if blocks else []), *_EXAMPLES]) + "\n"


def _tables_in(table: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of jurisdictions in that of their levers."""
    return {name: inner for name, inner in table.items() if isinstance(inner, Mapping)}


def _comments(question: str, look_for: str) -> str:
    if not question and not look_for:
        return ""
    return f"# Asks: {question}\n# Look for: {look_for}\n"


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, tuple):
        value = {"low": value[0], "high": value[1]}
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    return _text(str(value))


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in escaped) + '"'
