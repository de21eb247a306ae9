"""Ensembles made of random numbers, so that statistics can be tested without running the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from sim.outcomes import INDEX, NAMES
from sim.results import Results


@dataclass(frozen=True)
class PlainScenario:
    """The parts of a scenario that results look at."""

    title: str
    start: str = "2025-01"
    months: int = 6
    levers: Mapping[str, Any] = field(default_factory=dict)
    set_levers: Mapping[str, Any] = field(default_factory=dict)
    agents: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Any, ...] = ()
    uncertainty: Mapping[str, Any] = field(default_factory=dict)


MakeResults = Callable[..., Results]


def make_results(titles: tuple[str, ...] = ("Base", "Strict"), runs: int = 40, months: int = 6,
                 shared: float = 0.8, shift: float = 0.5, random_seed: int = 1, **kwargs: Any) -> Results:
    """Normal values: runs share part of their luck over scenarios; scenario s is moved by s x shift."""
    draw = np.random.default_rng(random_seed)
    luck = draw.standard_normal((1, runs, months, len(NAMES)))
    own = draw.standard_normal((len(titles), runs, months, len(NAMES)))
    moved = shift * np.arange(len(titles))[:, None, None, None]
    values = shared * luck + np.sqrt(1 - shared**2) * own + moved
    values[..., INDEX["treaty_in_force"]] = values[..., INDEX["treaty_in_force"]] > 1.0
    values[..., INDEX["severe_incidents"]] = values[..., INDEX["severe_incidents"]] > 2.0
    scenarios = kwargs.pop("scenarios", [PlainScenario(title, months=months) for title in titles])
    return Results(scenarios, kwargs.pop("values", values), **kwargs)


@pytest.fixture
def results() -> MakeResults:
    """A function that makes results."""
    return make_results
