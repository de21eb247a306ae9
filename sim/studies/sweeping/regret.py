"""Regret: how much worse a choice does, future by future, than the best of those compared (Savage 1951)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.model.outcomes import OUTCOMES


@dataclass(frozen=True)
class Regret:
    """How much worse a policy is than the best of those compared, by future (futures,), in the outcome's unit."""

    policy: str
    worse: np.ndarray

    @property
    def mean(self) -> float:
        """On average over the futures."""
        return float(self.worse.mean())

    @property
    def ninety(self) -> float:
        """What is exceeded in one future of ten."""
        return float(np.quantile(self.worse, 0.9))

    @property
    def largest(self) -> float:
        """In the future that suits it least."""
        return float(self.worse.max())

    @property
    def best_share(self) -> float:
        """The share of futures in which none is better."""
        return float((self.worse == 0.0).mean())

    def row(self) -> dict[str, Any]:
        """Its summary as a row of a table."""
        return {"policy": self.policy, "mean": self.mean, "ninety": self.ninety, "largest": self.largest,
                "best_share": self.best_share}


def costs(values: np.ndarray, outcome: str) -> np.ndarray:
    """Values such that less is better. ValueError for an outcome without a better direction."""
    better = OUTCOMES[outcome].better
    if not better:
        raise ValueError(f"{outcome} has no better direction; choose an outcome that has one, as severe_incidents")
    return values if better == "lower" else -values


def regret_of(policies: Sequence[str], values: np.ndarray, outcome: str) -> list[Regret]:
    """Each policy's regret from an outcome's values (policies, futures), the smallest ninth decile first.

    Futures in which some policy has no value are left out; ValueError where none remains, or as `costs` does.
    """
    cost = costs(values, outcome)
    cost = cost[:, np.isfinite(cost).all(axis=0)]
    if not cost.size:
        raise ValueError("no future is done under all of the policies")
    worse = cost - cost.min(axis=0)
    found = [Regret(policy, own) for policy, own in zip(policies, worse, strict=True)]
    return sorted(found, key=lambda policy: policy.ninety)
