"""Scenarios as TOML text: a finished one, and a new one to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sim.parameters import show
from sim.scenario_model import sections

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TOP = ("title", "extends", "start", "months")


def to_toml(tables: Mapping[str, Any], question: str = "", look_for: str = "") -> str:
    """A scenario file from nested tables as `Scenario.from_dict` takes them; numbers keep every digit."""
    blocks = [
        _comments(question, look_for)
        + "".join(f"{key} = {_value(tables[key])}\n" for key in _TOP if key in tables)
    ]
    for key, table in tables.items():
        if key in _TOP:
            continue
        if key == "event":
            blocks += ["[[event]]\n" + _lines(event) for event in table]
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


def template(title: str, extends: str | None = None) -> str:
    """A new scenario file: what to write on top, and every lever as a comment with its meaning and range."""
    lines = ["# Asks: what happens if ...?", "# Look for: ...", f"title = {_value(title)}"]
    if extends is not None:
        lines.append(f"extends = {_value(extends)}")
    lines += [
        "",
        "# Take the # away from a line and from its table's name to set it; `airace params NAME` tells more.",
    ]
    for section, members in sections().items():
        lines += ["", f"# [{section}]"]
        for name, lever in members.items():
            lines.append(f"# {name} = {show(lever.default)}".ljust(44) + f"# {lever.text}")
    lines += [
        "",
        "# [regulation.us]                          # one jurisdiction differs",
        "# strictness = 0.6",
        "",
        "# [labs.xAI]                               # one agent differs",
        "# combativeness = 0.0",
        "",
        "# [[event]]                                # something happens on a date",
        '# date = "2027-03"',
        '# kind = "taiwan_disruption"',
        "# severity = 0.5",
    ]
    return "\n".join(lines) + "\n"


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
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    return _text(str(value))


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in escaped) + '"'
