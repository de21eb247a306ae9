"""Imports point down: the rooms of `sim/` stand on floors, none reaches into one above it, and none goes in a circle.

The arrows are drawn from the code, those inside functions and those for types alone included.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import sim

ROOT = Path(sim.__file__).parent
FLOORS = ("common", "model", "scenario", "engine", "studies", "report", "app", "cli")
WINGS = {"studies": ("comparing", "deciding", "sweeping", "forecasting", "checking", "keeping"),
         "report": ("words", "charts", "pages")}


class Arrow(NamedTuple):
    """One import: from a module to a module, and whether it is there for types alone."""

    source: str
    target: str
    line: int
    for_types: bool


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = ("sim", *path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def arrows() -> Iterator[Arrow]:
    """Every import of the package's own modules."""
    for name, path in MODULES.items():
        yield from _arrows(name, ast.parse(path.read_text(encoding="utf-8")), False)


def _arrows(source: str, node: ast.AST, for_types: bool) -> Iterator[Arrow]:
    if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "sim":
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield Arrow(source, inner if inner in MODULES else node.module, node.lineno, for_types)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] == "sim":
                yield Arrow(source, alias.name, node.lineno, for_types)
    for_types = for_types or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    for child in ast.iter_child_nodes(node):
        yield from _arrows(source, child, for_types)


ARROWS = tuple(arrows())


def room(module: str, depth: int = 1) -> str:
    """The room of a module, "" for the public API: `studies`, or with a depth of 2 `studies.comparing`."""
    parts = module.split(".")[1:]
    return ".".join(parts[:depth] if MODULES[module].name == "__init__.py" else parts[:-1][:depth])


def circle(edges: dict[str, set[str]]) -> list[str]:
    """One circle of the graph, [] where there is none."""
    try:
        tuple(TopologicalSorter(edges).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_module_stands_in_a_room_that_has_a_floor() -> None:
    loose = {room(module) for module in MODULES} - {*FLOORS, "", "__main__"}
    assert loose == set()
    assert sorted(path.name for path in ROOT.glob("*.py")) == ["__init__.py", "__main__.py"]


@pytest.mark.parametrize("floor", FLOORS)
def test_no_import_climbs_to_a_floor_above(floor: str) -> None:
    height = FLOORS.index(floor)
    climbing = [arrow for arrow in ARROWS if room(arrow.source) == floor
                and room(arrow.target) and FLOORS.index(room(arrow.target)) > height]
    assert climbing == []


@pytest.mark.parametrize("house", WINGS)
def test_the_rooms_of_a_floor_use_each_other_in_no_circle(house: str) -> None:
    edges: dict[str, set[str]] = defaultdict(set)
    for arrow in ARROWS:
        ends = room(arrow.source, 2), room(arrow.target, 2)
        if ends[0] != ends[1] and all(end.startswith(f"{house}.") for end in ends):
            edges[ends[0]].add(ends[1])
    assert circle(edges) == []
    assert {room(module, 2) for module in MODULES if room(module) == house} == {
        house, *(f"{house}.{wing}" for wing in WINGS[house])}


def test_no_module_needs_itself_by_way_of_others() -> None:
    edges: dict[str, set[str]] = defaultdict(set)
    for arrow in ARROWS:
        if not arrow.for_types and room(arrow.source) and room(arrow.target):
            edges[arrow.source].add(arrow.target)
    assert circle(edges) == []


def test_what_rooms_above_make_is_where_the_public_api_says() -> None:
    from sim.common.above import _HOMES, above

    assert all(callable(above(name)) for name in _HOMES)


def test_a_circle_would_be_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []
    assert circle({"a": {"b", "c"}, "b": {"c"}}) == []
