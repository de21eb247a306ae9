"""What each rule reads, taken from its code: parameters, levers and channels of luck.

`docs/model.md` has its lists from here, `airace params NAME` says which rule reads it.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sim.model.channels import CHANNELS
from sim.model.parameters import levers, parameters

PACKAGE = Path(__file__).parents[1]
_CODES = {channel.replace(".", "_"): channel for channel in CHANNELS}


class Place(NamedTuple):
    """Where a function stands: a file as in "sim/model/agents/labs.py", and its name."""

    file: str
    function: str

    def __str__(self) -> str:
        return f"{self.function} ({self.file})"


class Reads(NamedTuple):
    """What a function reads: names of parameters, paths of levers, channels of luck."""

    parameters: frozenset[str] = frozenset()
    levers: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def __or__(self, other: Reads) -> Reads:
        return Reads(*(mine | theirs for mine, theirs in zip(self, other, strict=True)))


@cache
def functions() -> dict[Place, tuple[Reads, frozenset[str]]]:
    """Every function and class of the model: what it reads itself, and which names of its file it calls."""
    found: dict[Place, tuple[Reads, frozenset[str]]] = {}
    for path in (*sorted((PACKAGE / "model").rglob("*.py")), PACKAGE / "engine" / "uncertainty.py"):
        file = path.relative_to(PACKAGE.parent).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                calls = {call.func.id for call in ast.walk(node)
                         if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
                found[Place(file, node.name)] = _own(node), frozenset(calls)
    return found


def reads(place: Place, apart: frozenset[Place] = frozenset()) -> Reads:
    """What a function and the private ones of its file that it calls read, but those that stand `apart`."""
    found, waiting, seen = functions()[place][0], [place], {place}
    while waiting:
        for name in functions()[waiting.pop()][1]:
            called = Place(place.file, name)
            if name.startswith("_") and called in functions() and called not in apart | seen:
                seen.add(called)
                waiting.append(called)
                found |= functions()[called][0]
    return found


@cache
def readers() -> dict[str, tuple[Place, ...]]:
    """The functions that read each parameter (by name) and lever (by path) themselves."""
    found: dict[str, list[Place]] = {}
    for place, (own, _) in functions().items():
        for name in sorted(own.parameters | own.levers):
            found.setdefault(name, []).append(place)
    return {name: tuple(places) for name, places in found.items()}


def _own(function: ast.AST) -> Reads:
    found: tuple[set[str], set[str], set[str]] = (set(), set(), set())
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and node.value in CHANNELS:
            found[2].add(str(node.value))
        if not isinstance(node, ast.Attribute):
            continue
        holder = _last(node.value)
        if holder == "p" and node.attr in parameters():
            found[0].add(node.attr)
        if f"{holder}.{node.attr}" in levers():
            found[1].add(f"{holder}.{node.attr}")
        if holder == "CHANNEL" and node.attr in _CODES:
            found[2].add(_CODES[node.attr])
    return Reads(*(frozenset(names) for names in found))


def _last(node: ast.expr) -> str:
    """The last name before the dot: `p` of `p.race_mu` and of `given.p.race_mu`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
