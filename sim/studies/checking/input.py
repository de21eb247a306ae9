"""Hostile input: bad scenarios from files, parents, options and Python; none is accepted, none ends in a traceback."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from sim.engine.simulate import simulate
from sim.scenario.scenario import Scenario
from sim.studies.checking.bad_files import bad_files, bad_parents
from sim.studies.checking.bad_scenarios import (
    KINDS,
    NAMES,
    Bad,
    beside,
    faults,
    literal,
    shown,
    titled,
)
from sim.studies.checking.checks import Check, Verdict
from sim.studies.comparing.compare import compare

EVERY = 20  # of the thousands in the corpus; the tests try them all
TITLE = 'title = "A"\n'


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - no run is needed
    """One check for each way in, and one for names that come out again."""
    yield from checks_of(tuple(WAYS))
    yield _names()


def checks_of(ways: Sequence[str]) -> Iterator[Check]:
    """One check for each of these ways in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "inside"
        folder.mkdir()
        for way in ways:
            found = dict(WAYS[way](folder))
            wrong = [f"{bad} {fault}" for bad, fault in found.items() if fault]
            measured = f"{len(wrong)} of {len(found)}: {wrong[0]}" if wrong else f"{len(found)} refused in their place"
            yield Check("input", way, CLAIM, measured, Verdict.of(not wrong))


CLAIM = "none accepted in silence, none a traceback, each told where it is wrong and what to do"


def _some() -> Iterator[Bad]:
    for kind in KINDS.values():
        for bad in islice(kind(), 0, None, EVERY):
            if bad.path != ("title",):
                yield bad


def _as_file(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "a.toml"
    for bad in _some():
        path.write_text(TITLE + beside(bad) + bad.toml(), encoding="utf-8")
        yield bad.name, faults(lambda: Scenario.load(path), f"{path}:", shown(bad))


def _as_parent(folder: Path) -> Iterator[tuple[str, str]]:
    path, parent = folder / "b.toml", folder / "c.toml"
    path.write_text('extends = "c.toml"\n' + TITLE, encoding="utf-8")
    for bad in _some():
        parent.write_text(beside(bad) + bad.toml(), encoding="utf-8")
        yield bad.name, faults(lambda: Scenario.load(path), f"{parent}:", shown(bad))


def _as_option(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "d.toml"
    for bad in _some():
        path.write_text(TITLE + beside(bad), encoding="utf-8")
        yield bad.name, faults(partial(Scenario.load, path, [bad.option()]), "--set")


def _as_mapping(folder: Path) -> Iterator[tuple[str, str]]:  # noqa: ARG001 - no file is needed
    for bad in _some():
        yield bad.name, faults(partial(Scenario.from_dict, titled(bad)), "mapping", shown(bad))


def _no_file(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "e.toml"
    for name, (raw, code) in bad_files().items():
        path.write_bytes(raw)
        yield name, faults(lambda: Scenario.load(path), "e.toml", code=code)


def _no_parent(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "a.toml"
    for name, (parent, code) in bad_parents(folder).items():
        path.write_text(TITLE + f"extends = {literal(parent)}\n", encoding="utf-8")
        yield name, faults(lambda: Scenario.load(path), ".toml:", code=code)


WAYS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "bad files": _as_file,
    "bad parents": _as_parent,
    "bad options": _as_option,
    "bad mappings": _as_mapping,
    "what is no scenario file": _no_file,
    "what may not be extended": _no_parent,
}


def _names() -> Check:
    """Names that are markup, formulas or marks of direction come out as text in a page and in a table."""
    odd = [name for name in NAMES.values() if name.isprintable() and len(name) <= 200]
    listed = [Scenario.from_dict({"title": name, "months": 3}) for name in odd[:6]]
    results = simulate(listed, runs=3)
    page = results._repr_html_() + compare(results)._repr_html_()
    live = [name for name in odd[:6] if "<" in name and name in page]
    how = f"{live[0]} as markup" if live else "all as text"
    measured = f"{len(listed)} odd titles in tables for a notebook, {how}"
    return Check("input", "names are text", "a name from a file is text wherever it is shown", measured,
                 Verdict.of(not live))
