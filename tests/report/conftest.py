"""One set of made-up results that the report's tests share."""

from __future__ import annotations

import pytest
from made_up import made_up_results

from sim.engine.results import Results


@pytest.fixture(scope="session")
def results() -> Results:
    """Four scenarios over a grid of strictness and cooperation, forty runs, ten years."""
    return made_up_results()
