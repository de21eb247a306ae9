"""Points of a sweep as choices between two outcomes: which are beaten on both at once, and which may not be.

A point is dominated when another does at least as well on both outcomes and better on one. Means decide what is drawn
as the front; a point whose difference from the points that beat it is not clear, draw by draw on the same luck, might
belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.model.outcomes import OUTCOMES
from sim.studies.comparing import intervals
from sim.studies.sweeping.regret import costs
from sim.studies.sweeping.surface import point_means

MOST_POINTS = 1500  # beyond which a scatter of choices says nothing, and pairs take long


@dataclass(frozen=True)
class Front:
    """Two outcomes over the points, arrays (points,): means, and how each point stands.

    `best` points are beaten by none in the means; `open_` ones are, though not clearly; the rest are clearly beaten.
    """

    across: str
    up: str
    x: np.ndarray
    y: np.ndarray
    best: np.ndarray
    open_: np.ndarray


def rivals(by_outcome: dict[str, np.ndarray], first: str | None = None) -> tuple[str, str] | None:
    """The outcome `first`, or the one that conflicts most, and the one that is most at odds with it over the points.

    `by_outcome` holds means (points,). Conflict is a negative rank correlation of what is better; None where fewer than
    two outcomes have a better direction and vary.
    """
    able = {name: costs(means, name) for name, means in by_outcome.items()
            if OUTCOMES[name].better and len(set(means[np.isfinite(means)].tolist())) > 1}
    pairs = []
    for one, own in able.items():
        for other, theirs in able.items():
            if one < other and (first not in able or first in (one, other)):
                both = np.isfinite(own) & np.isfinite(theirs)
                agreement = float(stats.spearmanr(own[both], theirs[both]).statistic) if both.sum() > 2 else 1.0
                pairs.append((agreement, (other, one) if other == first else (one, other)))
    return min(pairs)[1] if pairs else None


def front(across: tuple[str, np.ndarray], up: tuple[str, np.ndarray]) -> Front:
    """The front of two outcomes, each a name and its values by draw (points, draws)."""
    found = [(name, values, costs(values, name)) for name, values in (across, up)]
    x, y = (point_means(values) for _, values, _ in found)
    mean_costs = np.stack([point_means(cost) for _, _, cost in found])
    done = np.isfinite(mean_costs).all(axis=0)
    best, open_ = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for point in np.flatnonzero(done):
        less = mean_costs <= mean_costs[:, [point]]
        beaten_by = less.all(axis=0) & (mean_costs < mean_costs[:, [point]]).any(axis=0) & done
        best[point] = not beaten_by.any()
        if not best[point]:
            rivals_of = np.flatnonzero(beaten_by)
            clear = np.ones(len(rivals_of), bool)
            for _, _, cost in found:
                clear &= _clearly_less(cost[rivals_of] - cost[point], len(rivals_of))
            open_[point] = not clear.any()
    return Front(across[0], up[0], x, y, best, open_)


def _clearly_less(differences: np.ndarray, family: int) -> np.ndarray:
    """Where the mean over draws (rivals, draws) is clearly below zero, or zero throughout; over the family together."""
    draws = np.isfinite(differences).sum(axis=1)
    whole = np.where(np.isfinite(differences), differences, 0.0)
    mean = whole.sum(axis=1) / np.maximum(draws, 1)
    spread = np.where(np.isfinite(differences), differences - mean[:, None], 0.0)
    error = np.sqrt((spread**2).sum(axis=1) / np.maximum(draws - 1, 1) / np.maximum(draws, 1))
    critical = np.array([intervals.t_quantile(1.0 - 0.05 / family, int(n) - 1) for n in draws])
    return (draws >= 2) & ((mean + critical * error < 0.0) | ((mean == 0.0) & (error == 0.0)))
