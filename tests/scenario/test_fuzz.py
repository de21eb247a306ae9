"""Whatever a file holds, reading it gives a scenario or a ScenarioError with places, and nothing else.

`AIRACE_FUZZ_SECONDS=600 pytest tests/scenario/test_fuzz.py` goes on for ten minutes instead of seconds.
"""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario.scenario import Scenario, ScenarioError
from sim.studies.checking.bad_scenarios import keys, literal, quoted

SHIPPED = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))]
SECONDS = float(os.environ.get("AIRACE_FUZZ_SECONDS", "0"))
PIECES = [
    b'"',
    b"'''",
    b'"""',
    b"[",
    b"]]",
    b"{",
    b"}",
    b"=",
    b".",
    b",",
    b"#",
    b"\n",
    b"\r",
    b"\x00",
    b"\\u",
    b"\\UFFFFFFFF",
    b"nan",
    b"-inf",
    b"1e999",
    b"0x",
    b"true",
    b"2026-01-01",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"extends",
    b"[[event]]\n",
    b"[labs]\n",
    b"uncertainty",
    b"low = ",
    b"title",
]
PATHS = [path for path, _ in keys()]
WORDS = st.sampled_from(
    sorted({part for path in PATHS for part in path} | {"low", "high", "event", "date", "kind", "severity"})
)
VALUES: Any = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.none()
    | st.dates()
    | st.decimals()
    | st.complex_numbers()
    | st.binary(max_size=5)
    | st.sampled_from(["2026-01", "truce", "OpenAI", "us", 0.5, 1.0, 0, 10**400, "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=3) | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "date": st.sampled_from(["2026-01", "2025-13", "2099-01"]) | VALUES,
            "kind": st.sampled_from(["truce", "new_law"]) | VALUES,
            "severity": st.floats(0, 1) | VALUES,
            "actor": st.sampled_from(["us", "OpenAI", "US"]) | VALUES,
        },
    ),
    max_size=3,
)


@cache
def profile(examples: int) -> Callable[..., Any]:
    """Some examples, or as many as there is time for."""
    return settings(
        max_examples=10**9 if SECONDS else examples,
        deadline=None,
        database=None,
        derandomize=not SECONDS,
        suppress_health_check=list(HealthCheck),
    )


STARTED: dict[str, float] = {}


def sound(read: Callable[[], Scenario]) -> Scenario | None:
    """The scenario, or None if it is refused as it should be. Any other exception fails the test."""
    try:
        scenario = read()
    except ScenarioError as error:
        refusal = error
    else:
        assert_same_when_written(scenario)
        return scenario
    assert refusal.problems
    assert all(problem.message and str(problem.place) for problem in refusal.problems)
    assert all(character.isprintable() or character == "\n" for character in str(refusal))
    return None


def assert_same_when_written(scenario: Scenario) -> None:
    """What was accepted can be written as TOML and as a record, and read again."""
    again = Scenario.from_dict(tables_of(scenario))
    assert (again.levers, again.agents, again.events) == (scenario.levers, scenario.agents, scenario.events)
    assert Scenario.from_resolved(scenario.resolved()) == scenario
    assert len(scenario.digest()) == 64


def tables_of(scenario: Scenario) -> dict[str, Any]:
    """What the scenario's own text holds."""
    return tomllib.loads(scenario.to_toml())


def stop_in_time(name: str) -> None:
    """Skip what is left once the seconds of this test, a third of all, are over."""
    if SECONDS and time.monotonic() > STARTED.setdefault(name, time.monotonic()) + SECONDS / 3:
        pytest.skip(f"nothing found in {SECONDS / 3:.0f} seconds")


@st.composite
def changed_files(draw: st.DrawFn) -> bytes:
    """A shipped file with bytes cut out, doubled, replaced or put in, a few times."""
    text = draw(st.sampled_from(SHIPPED))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6) | st.just(text[start:end] * 2))
        text = text[:start] + piece + text[end:]
    return text


@pytest.mark.slow
@profile(250)
@given(raw=changed_files() | st.binary(max_size=200))
def test_a_shipped_file_with_bytes_changed_is_read_or_refused(raw: bytes, tmp_path_factory: Any) -> None:
    stop_in_time("bytes")
    path = tmp_path_factory.getbasetemp() / "fuzz" / "a.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)
    (path.parent / "baseline.toml").write_bytes(SHIPPED[0])
    sound(lambda: Scenario.load(path))


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """Nested tables with keys of the schema, mostly, and any values."""
    tables: dict[Any, Any] = {"title": draw(st.just("A") | VALUES)}
    for path in draw(
        st.lists(st.sampled_from(PATHS) | st.lists(WORDS | st.text(), min_size=1, max_size=4), max_size=4)
    ):
        inner: Any = tables
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[path[-1]] = draw(st.floats(0, 1) | VALUES)
    if draw(st.booleans()):
        tables["event"] = draw(EVENTS | VALUES)
    return tables


@pytest.mark.slow
@profile(250)
@given(
    tables=mappings(),
    changes=st.dictionaries(st.sampled_from([".".join(path) for path in PATHS]) | st.text(), VALUES, max_size=3),
)
def test_any_mapping_and_any_change_is_read_or_refused(tables: dict[str, Any], changes: dict[str, Any]) -> None:
    stop_in_time("mapping")
    scenario = sound(lambda: Scenario.from_dict(tables))
    sound(lambda: (scenario or Scenario.from_dict({"title": "A"})).with_(changes))


@st.composite
def options(draw: st.DrawFn) -> str:
    """A `--set` option: a key of the schema, mostly, and a value or any text."""
    key = ".".join(draw(st.sampled_from(PATHS))) if draw(st.booleans()) else draw(st.text(max_size=12))
    value = draw(
        st.text(max_size=12)
        | st.floats().map(repr)
        | st.integers().map(str)
        | st.text(max_size=8).filter(lambda text: text.isascii()).map(quoted)
        | st.dictionaries(WORDS, st.floats(0, 1), max_size=2).map(literal)
    )
    return f"{key}={value}"


@pytest.mark.slow
@profile(200)
@given(given_options=st.lists(options(), min_size=1, max_size=3))
def test_any_option_is_read_or_refused(given_options: list[str], tmp_path_factory: Any) -> None:
    stop_in_time("options")
    path = tmp_path_factory.getbasetemp() / "fuzz_set.toml"
    path.write_text('title = "A"\n')
    sound(lambda: Scenario.load(path, given_options))
