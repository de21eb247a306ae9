"""Money: the only way to change a lab's cash, so that every dollar is in the books."""

from __future__ import annotations

from typing import Any

from sim.model.rule import codes, rule
from sim.model.state import OWNERS, PURPOSES

Purpose: Any = codes(purpose.replace(" ", "_") for purpose in PURPOSES)
"""The place of each heading in the books, as rules name it: `Purpose.damages_won`."""
Owner: Any = codes(OWNERS)
"""The place of each owner in `labs.owned`, as rules name it: `Owner.founders`."""


@rule
def receive(run: Any, purpose: int, lab: int, amount: float) -> None:
    """Add USD bn to a lab's cash, under a heading."""
    run.labs.cash[lab] += amount
    run.books[purpose, lab] += amount


@rule
def pay(run: Any, purpose: int, lab: int, amount: float) -> None:
    """Take USD bn from a lab's cash, under a heading."""
    receive(run, purpose, lab, -amount)
