"""A study with a failed run and events, to be kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from study_folder import Make

from sim.engine.failures import Failure
from sim.engine.results import Results


@pytest.fixture(name="study")
def _study(make_results: Make, events: list[Any]) -> Results:
    values = make_results().values.copy()
    values[1, 7, 3:] = np.nan
    failures = [Failure("Strict", 7, 3, "trust", "is not finite")]
    return make_results(values=values, events=events, seed=3, failures=failures,
                        versions={"airace": "0.1.0"}, elapsed=1.5)
