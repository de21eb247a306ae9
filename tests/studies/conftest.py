"""Ensembles made of random numbers, so that statistics can be tested without running the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from sim.engine.results import Results
from sim.model.outcomes import INDEX, NAMES
from sim.scenario.scenario import Scenario

MakeResults = Callable[..., Results]


def make_scenario(title: str, months: int = 6, **tables: Any) -> Scenario:
    """A valid scenario of a few months."""
    return Scenario.from_dict({"title": title, "months": months, **tables})


def make_values(scenarios: int, runs: int, months: int, shared: float = 0.8, shift: float = 0.5,
                random_seed: int = 1) -> np.ndarray:
    """Normal values: runs share part of their luck over scenarios; scenario s is moved by s x shift."""
    draw = np.random.default_rng(random_seed)
    luck = draw.standard_normal((1, runs, months, len(NAMES)))
    own = draw.standard_normal((scenarios, runs, months, len(NAMES)))
    moved = shift * np.arange(scenarios)[:, None, None, None]
    values = shared * luck + np.sqrt(1 - shared**2) * own + moved
    for name, level in (("treaty_in_force", 1.0), ("severe_incidents", 2.0), ("conversions", 1.5)):
        values[..., INDEX[name]] = values[..., INDEX[name]] > level
    return values


def make_results(titles: Sequence[str] = ("Base", "Strict"), runs: int = 40, months: int = 6,
                 changes: Mapping[str, np.ndarray] | None = None, **kwargs: Any) -> Results:
    """Results of random values; `changes` replaces an outcome's values (scenarios, runs, months)."""
    chosen = {key: kwargs.pop(key) for key in ("shared", "shift", "random_seed") if key in kwargs}
    values = kwargs.pop("values", None)
    values = make_values(len(titles), runs, months, **chosen) if values is None else values
    for name, replacement in (changes or {}).items():
        values[..., INDEX[name]] = replacement
    scenarios = kwargs.pop("scenarios", None) or [make_scenario(title, months) for title in titles]
    kwargs.setdefault("uncertainty", "luck")  # each run is independent of the others
    return Results(scenarios, values, **kwargs)


@pytest.fixture(name="make_results")
def _make_results() -> MakeResults:
    """A function that makes results of random numbers."""
    return make_results


@pytest.fixture(name="make_scenario")
def _make_scenario() -> Callable[..., Scenario]:
    """A function that makes a valid scenario."""
    return make_scenario


@pytest.fixture
def events() -> list[tuple[Any, ...]]:
    """A few events of two scenarios, out of order."""
    return [
        (1, 3, 2, "treaty_signed", "US", "China", np.nan, "The US and China sign a treaty."),
        (0, 3, 1, "round", "OpenAI", None, 6.5, "OpenAI raises USD 6.5 bn."),
        (1, 3, 1, "round", "OpenAI", None, 6.7, "OpenAI raises USD 6.7 bn."),
        (0, 3, 2, "suit_filed", "xAI", "OpenAI", np.nan, "xAI sues OpenAI."),
        (0, 0, 5, "conversion", "OpenAI", None, np.nan, "OpenAI converts."),
    ]
