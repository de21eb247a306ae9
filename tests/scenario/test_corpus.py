"""No bad scenario is accepted in silence, none ends in a traceback, each is told where it is wrong and what to do."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.scenario.scenario import Scenario
from sim.studies.checking.bad_files import bad_files, bad_parents
from sim.studies.checking.bad_scenarios import BESIDE, KINDS, Bad, beside, faults, literal, shown, some, titled

TITLE = 'title = "A"\n'
def assert_none(found: Mapping[str, str]) -> None:
    """Nothing is wrong with any refusal; shows the first ten that are."""
    wrong = [f"{name} {fault}" for name, fault in found.items() if fault]
    assert not wrong, f"{len(wrong)} of {len(found)}:\n" + "\n".join(wrong[:10])


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_corpus_holds_bad_files_of_every_kind() -> None:
    counts = {kind: len({bad.name for bad in make()}) for kind, make in KINDS.items()}
    counts["files"] = len(bad_files())
    assert sum(counts.values()) > 5000
    assert all(count >= 100 for count in counts.values()), counts


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_file_is_refused_in_its_line(kind: str, tmp_path: Path) -> None:
    path, found = tmp_path / "a.toml", {}
    for bad in KINDS[kind]():
        title = "" if bad.path[0] == "title" else TITLE
        write(path, title + beside(bad) + bad.toml())
        line = (title + beside(bad)).count("\n") + 1
        found[bad.name] = faults(lambda: Scenario.load(path), f"{path}:{line}:", shown(bad))
    assert_none(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_parent_is_refused_in_its_line(kind: str, tmp_path: Path) -> None:
    child = write(tmp_path / "a.toml", 'extends = "b.toml"\n' + TITLE)
    parent, found = tmp_path / "b.toml", {}
    for bad in some(KINDS[kind]()):
        if bad.path[0] != "title":
            write(parent, beside(bad) + bad.toml())
            found[bad.name] = faults(lambda: Scenario.load(child), f"{parent}:", shown(bad))
    assert_none(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_option_is_refused_as_an_option(kind: str, tmp_path: Path) -> None:
    found = {}
    for bad in some(KINDS[kind]()):
        if bad.path == ("title",) and not isinstance(bad.value, str):
            continue  # `--set title=3` needs no quotes
        path = write(tmp_path / "a.toml", TITLE + beside(bad))
        found[bad.name] = faults(lambda path=path, bad=bad: Scenario.load(path, [bad.option()]), "--set")
    assert_none(found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_mapping_is_refused_with_its_key(kind: str) -> None:
    bads = some(KINDS[kind]())
    assert_none(
        {bad.name: faults(lambda bad=bad: Scenario.from_dict(titled(bad)), "mapping", shown(bad)) for bad in bads}
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_change_is_refused_with_its_key(kind: str) -> None:
    found = {}
    for bad in some(KINDS[kind]()):
        scenario = Scenario.from_dict({"title": "A", **BESIDE.get(bad.name, {})})
        found[bad.name] = faults(lambda scenario=scenario, bad=bad: scenario.with_(bad.tables()), "change")
        if "." not in "".join(bad.path):
            dotted = {".".join(bad.path): bad.value}
            found[f"{bad.name}, dotted"] = faults(lambda s=scenario, d=dotted: s.with_(d), "change")
    assert_none(found)


class Secretive:
    """An object that fails when it is looked at as a number."""

    def __float__(self) -> float:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"0.5",
        1j,
        {0.5},
        object(),
        str,
        Secretive(),
        Decimal("nan"),
        Decimal("7"),
        Fraction(7, 2),
        np.array([0.5, 0.5]),
        np.array(["0.5"]),
        np.float64("inf"),
        np.bool_(True),
        np.str_("0.5"),
        np.datetime64("2026-01"),
        "\ud800",
        10**5000,
        datetime.date(2026, 1, 1),
        (0.1, 0.2),
        (0.1,),
        (0.1, 0.2, 0.3),
        iter([0.5]),
        range(3),
        lambda: 0.5,
    ],
    ids=type,
)
def test_what_only_python_can_hold_is_refused_as_a_number_and_as_a_text(value: object) -> None:
    scenario = Scenario.from_dict({"title": "A"})
    found = {}
    for key in (
        "regulation.strictness",
        "months",
        "start",
        "labs.xAI.form",
        "capital.conversion_allowed",
        "event",
        "regulation",
        "labs",
        "labs.xAI",
        "uncertainty",
        "uncertainty.bid_low.low",
    ):
        if not (isinstance(value, np.bool_) and key == "capital.conversion_allowed"):
            found[key] = faults(lambda key=key: scenario.with_({key: value}), "change")
            found[f"{key}, mapping"] = faults(lambda key=key: Scenario.from_dict(tables(key, value)), "mapping")
    assert_none(found)


def tables(key: str, value: object) -> dict[str, Any]:
    return {"title": "A", **Bad("", tuple(key.split(".")), value, "").tables()}


def test_what_is_no_table_is_no_scenario() -> None:
    scenario = Scenario.from_dict({"title": "A"})
    for value in (None, 3, "x", [1], [("title", "A")], b"x", scenario):
        assert not faults(lambda value=value: Scenario.from_dict(value), "mapping")
        assert not faults(lambda value=value: scenario.with_(value), "change")


@pytest.mark.parametrize("key", ["\ud800", "\x00", b"title", 3, None, ("regulation", "strictness"), 0.5, ""])
def test_a_key_that_is_no_text_or_half_a_character_is_refused(key: Any) -> None:
    scenario = Scenario.from_dict({"title": "A"})
    for at in (
        lambda inner: inner,
        lambda inner: {"regulation": inner},
        lambda inner: {"labs": {"xAI": inner}},
        lambda inner: {"uncertainty": inner},
        lambda inner: {"event": [inner]},
    ):
        assert not faults(lambda at=at: Scenario.from_dict({"title": "A", **at({key: 1})}), "mapping")
        assert not faults(lambda at=at: scenario.with_(at({key: 1})), "change")


@pytest.mark.parametrize(
    "number",
    [Decimal("0.5"), Fraction(1, 2), np.float32(0.5), np.array(0.5), np.array([0.5])[0]],
    ids=lambda number: type(number).__name__,
)
def test_a_number_of_another_library_becomes_a_number_that_can_be_written(number: Any) -> None:
    scenario = Scenario.from_dict({"title": "A"}).with_({"regulation.strictness": number})
    assert type(scenario.levers["regulation.strictness"]) is float
    assert scenario == Scenario.from_dict({"title": "A", "regulation": {"strictness": 0.5}})


@pytest.mark.parametrize(
    "option",
    [
        "\ud800=1",
        "title=\ud800",
        "=",
        "==",
        "a",
        "",
        "....=1",
        "labs.=1",
        "labs..x=1",
        "event.0.date=3",
        "event=[]",
        "regulation={}",
        "labs.xAI={}",
        "labs.Nobody={}",
        "uncertainty={}",
        "months=",
        "title=",
        'extends="baseline.toml"',
        "regulation.strictness=1_",
        "regulation.strictness=1\nmonths=3",
        "a.b.c.d=1",
        "regulation.strictness=0x" + "F" * 5000,
        "months=" + "9" * 5000,
        "regulation.strictness=" + "[" * 50_000,
        "x" * 10_000,
    ],
)
def test_an_option_that_sets_nothing_is_refused(option: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.toml", TITLE)
    assert not faults(lambda: Scenario.load(path, [option]), "--set")


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_no_toml_or_no_small_utf8_text_is_refused(tmp_path: Path) -> None:
    found = {}
    for name, (raw, code) in bad_files().items():
        alone = write(tmp_path / "a.toml", raw)
        write(tmp_path / "b.toml", raw)
        child = write(tmp_path / "c.toml", TITLE + 'extends = "b.toml"\n')
        found[name] = faults(lambda path=alone: Scenario.load(path), "a.toml", code=code)
        found[f"parent: {name}"] = faults(lambda path=child: Scenario.load(path), ".toml", code=code)
    assert_none(found)


def test_a_parent_that_may_not_be_extended_is_refused_in_the_line_that_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    found = {}
    for name, (parent, code) in bad_parents(folder).items():
        path = write(folder / "a.toml", TITLE + f"extends = {literal(parent)}\n")
        found[name] = faults(lambda path=path: Scenario.load(path), ".toml:", code=code)
        found[f"--set: {name}"] = faults(lambda p=path, v=parent: Scenario.load(p, [f"extends={literal(v)}"]), "")
        found[f"Python: {name}"] = faults(lambda v=parent: Scenario.from_dict({"title": "A", "extends": v}), "mapping")
    assert_none(found)
