"""A cockpit that tests share, as visitors do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serving import served


@pytest.fixture(scope="session")
def cockpit() -> Iterator[str]:
    """Address of a cockpit that tests share, as visitors do: to start one costs more than most of them."""
    with served() as (address, _):
        yield address
