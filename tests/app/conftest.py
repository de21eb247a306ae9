"""A cockpit that the tests of a file share, as its visitors do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serving import served


@pytest.fixture(scope="module")
def cockpit() -> Iterator[str]:
    """Address of a cockpit that the tests of a file share, as visitors do."""
    with served() as (address, _):
        yield address
