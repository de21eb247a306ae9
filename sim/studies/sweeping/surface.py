"""What a sweep says of an outcome: its mean over the points, differences on the same luck, and how two levers join."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.engine.uncertainty import draws_are_shared
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import OUTCOMES
from sim.studies.comparing import intervals
from sim.studies.sweeping.design import Design


def by_draw(values: np.ndarray, design: Design) -> np.ndarray:
    """Values by point and run (points, runs) as values by point and draw (points, draws); NaN where a run failed.

    Runs that share a draw of parameters or theories are averaged: they are not independent.
    """
    shared = draws_are_shared(design.uncertainty, design.bases)
    if not shared or design.runs < 2 * RUNS_PER_DRAW:
        return values
    draws = design.runs // RUNS_PER_DRAW
    return values[:, : draws * RUNS_PER_DRAW].reshape(len(values), draws, RUNS_PER_DRAW).mean(axis=2)


def point_means(values: np.ndarray) -> np.ndarray:
    """Mean over the runs that reached the end (points,); NaN where none did."""
    counted = np.isfinite(values).sum(axis=1)
    return np.where(counted > 0, np.nansum(values, axis=1) / np.maximum(counted, 1), np.nan)


@dataclass(frozen=True)
class Surface:
    """An outcome over the points: means, and differences to the first point with 95% intervals; all (points,).

    `spread` is the standard deviation over the draws of the first point.
    """

    outcome: str
    mean: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    spread: float

    @property
    def clear(self) -> np.ndarray:
        """Where the interval of the difference leaves out zero."""
        return (self.low > 0.0) | (self.high < 0.0)

    @property
    def size(self) -> float:
        """The largest clear difference, in standard deviations over draws; 0 where none is clear."""
        largest = float(np.abs(self.difference[self.clear]).max(initial=0.0))
        return largest / self.spread if self.spread > 0.0 else float("inf") if largest > 0.0 else 0.0


def surface(values: np.ndarray, outcome: str) -> Surface:
    """The surface of one outcome from its values by draw (points, draws).

    Points that are not done are NaN; a draw counts where it reached the end in both points.
    """
    found = np.full((3, len(values)), np.nan)
    for point, here in enumerate(values):
        both = np.isfinite(here) & np.isfinite(values[0])
        if both.sum() >= 2:
            found[:, point] = [float(x) for x in intervals.mean_difference(
                (here - values[0])[both], furthest=OUTCOMES[outcome].furthest)]
    spread = float(intervals.standard_deviation(values[0][np.isfinite(values[0])]))
    return Surface(outcome, point_means(values), found[0], found[1], found[2], spread)


ADDS, OPEN, NOTHING = "add up", "may or may not add up", "move nothing"
SMALL = 0.1  # of the standard deviation over runs, or of the larger effect alone: a departure that nobody would notice


@dataclass(frozen=True)
class Interaction:
    """Two levers from low to high, alone and together, with 95% intervals (estimate, low, high).

    `contrast` is what both do together beyond the sum of what each does alone; `spread` the standard deviation over
    runs where both are low.
    """

    outcome: str
    first: tuple[float, float, float]
    second: tuple[float, float, float]
    both: tuple[float, float, float]
    contrast: tuple[float, float, float]
    spread: float

    @property
    def verdict(self) -> str:
        """Whether the levers add, reinforce, replace or undo each other, or too few runs tell: `OPEN`.

        They add up where there is evidence of it: the whole interval is small beside the spread or the effects alone.
        Where no run differs from another there is none: `NOTHING`.
        """
        if not any(map(any, (self.first, self.second, self.both, self.contrast))):
            return NOTHING
        estimate, low, high = self.contrast
        if not (low > 0.0 or high < 0.0):
            small = SMALL * max(self.spread, abs(self.first[0]), abs(self.second[0]))
            return ADDS if max(abs(low), abs(high)) <= small else OPEN
        alone = self.first[0] + self.second[0]
        if estimate * alone > 0.0:
            return "reinforce each other"
        return "undo each other" if self.both[0] * alone < 0.0 else "partly replace each other"


def interaction(values: np.ndarray, design: Design, outcome: str) -> Interaction:
    """The interaction of the two axes of a grid, between the ends of their ranges, from values by draw (points, draws).

    ValueError without two axes.
    """
    if not (design.is_grid and len(design.axes) == 2):
        raise ValueError("an interaction needs a grid of two axes")
    ends = [design.along(axis) for axis in (0, 1)]
    corner = {(i, j): values[design.points.index((ends[0][i], ends[1][j]))] for i in (0, -1) for j in (0, -1)}

    def interval(differences: np.ndarray, most: float = OUTCOMES[outcome].furthest) -> tuple[float, float, float]:
        kept = differences[np.isfinite(differences)]
        estimate, low, high = intervals.mean_difference(kept, furthest=most)
        return float(estimate), float(low), float(high)

    start = corner[0, 0]
    return Interaction(outcome, interval(corner[-1, 0] - start), interval(corner[0, -1] - start),
                       interval(corner[-1, -1] - start),
                       interval(corner[-1, -1] - corner[-1, 0] - corner[0, -1] + start, np.inf),
                       float(intervals.standard_deviation(start[np.isfinite(start)])))


@dataclass(frozen=True)
class Association:
    """Rank correlation of an axis with an outcome over the points, with its 95% interval (Fisher's z)."""

    axis: str
    correlation: float
    low: float
    high: float


def associations(means: np.ndarray, design: Design, most: int = 12) -> list[Association]:
    """The axes that go with an outcome's means (points,) most closely, by Spearman's rank correlation, largest first.

    An axis of no influence leaves out zero in one of twenty cases, so among many axes the weakest listed may be chance.
    """
    done = np.isfinite(means)
    names, points = design.columns()
    points = points[done]
    ranks = stats.rankdata(means[done])
    found = []
    for place, axis in enumerate(names):
        own = stats.rankdata(points[:, place])
        if own.std() > 0.0 and ranks.std() > 0.0:
            r = float(np.corrcoef(own, ranks)[0, 1])
            half = 1.96 / np.sqrt(max(len(own) - 3, 1))
            low, high = np.tanh(np.arctanh(np.clip(r, -0.999999, 0.999999)) + np.array([-half, half]))
            found.append(Association(axis, r, float(low), float(high)))
    return sorted(found, key=lambda a: -abs(a.correlation))[:most]
