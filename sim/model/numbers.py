"""Small things that rules do with numbers."""

from __future__ import annotations

from sim.model.rule import rule


@rule
def clip(x: float, low: float, high: float) -> float:
    """x, or the end of the range that it lies beyond."""
    return min(max(x, low), high)
