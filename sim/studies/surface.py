"""What a sweep says of an outcome: its mean over the points, differences on the same luck, and how two levers join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from sim.studies import intervals
from sim.studies.design import Design
from sim.uncertainty import RUNS_PER_DRAW

if TYPE_CHECKING:
    import pandas as pd


def by_draw(frame: pd.DataFrame, design: Design, outcome: str) -> np.ndarray:
    """The outcome by point and draw: (points, draws), NaN where a run failed or is not done.

    Runs that share a draw of the parameters are averaged: they are not independent.
    """
    values = np.full((len(design.points), design.runs), np.nan)
    values[frame["point"].to_numpy(), frame["run"].to_numpy()] = frame[outcome].to_numpy()
    if design.uncertainty == "luck" or design.runs < 2 * RUNS_PER_DRAW:
        return values
    draws = design.runs // RUNS_PER_DRAW
    return values[:, : draws * RUNS_PER_DRAW].reshape(len(values), draws, RUNS_PER_DRAW).mean(axis=2)


@dataclass(frozen=True)
class Surface:
    """An outcome over the points: means, and differences to the first point with 95% intervals; all (points,)."""

    outcome: str
    mean: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def clear(self) -> np.ndarray:
        """Where the interval of the difference leaves out zero."""
        return (self.low > 0.0) | (self.high < 0.0)


def surface(frame: pd.DataFrame, design: Design, outcome: str) -> Surface:
    """The surface of one outcome. Points that are not done are NaN; a run counts where it reached the end in both."""
    values = by_draw(frame, design, outcome)
    found = np.full((3, len(values)), np.nan)
    for point, here in enumerate(values):
        both = np.isfinite(here) & np.isfinite(values[0])
        if both.sum() >= 2:
            found[:, point] = [float(x) for x in intervals.mean_difference((here - values[0])[both])]
    counted = np.isfinite(values).sum(axis=1)
    mean = np.where(counted > 0, np.nansum(values, axis=1) / np.maximum(counted, 1), np.nan)
    return Surface(outcome, mean, *found)


@dataclass(frozen=True)
class Interaction:
    """Two levers from low to high, alone and together, with 95% intervals (estimate, low, high).

    `contrast` is what both do together beyond the sum of what each does alone.
    """

    outcome: str
    first: tuple[float, float, float]
    second: tuple[float, float, float]
    both: tuple[float, float, float]
    contrast: tuple[float, float, float]

    @property
    def verdict(self) -> str:
        """Whether the levers add, reinforce, replace or undo each other."""
        estimate, low, high = self.contrast
        if not (low > 0.0 or high < 0.0):
            return "add up, as far as these runs tell"
        alone = self.first[0] + self.second[0]
        if estimate * alone > 0.0:
            return "reinforce each other"
        return "undo each other" if self.both[0] * alone < 0.0 else "partly replace each other"


def interaction(frame: pd.DataFrame, design: Design, outcome: str) -> Interaction:
    """The interaction of the two axes of a grid, between the ends of their ranges. ValueError without two axes."""
    if not (design.is_grid and len(design.axes) == 2):
        raise ValueError("an interaction needs a grid of two axes")
    values = by_draw(frame, design, outcome)
    ends = [sorted({point[axis] for point in design.points}, key=float) for axis in (0, 1)]
    corner = {(i, j): values[design.points.index((ends[0][i], ends[1][j]))] for i in (0, -1) for j in (0, -1)}

    def interval(differences: np.ndarray) -> tuple[float, float, float]:
        kept = differences[np.isfinite(differences)]
        estimate, low, high = intervals.mean_difference(kept)
        return float(estimate), float(low), float(high)

    start = corner[0, 0]
    return Interaction(outcome, interval(corner[-1, 0] - start), interval(corner[0, -1] - start),
                       interval(corner[-1, -1] - start),
                       interval(corner[-1, -1] - corner[-1, 0] - corner[0, -1] + start))


@dataclass(frozen=True)
class Association:
    """Rank correlation of an axis with an outcome over the points, with its 95% interval (Fisher's z)."""

    axis: str
    correlation: float
    low: float
    high: float


def associations(frame: pd.DataFrame, design: Design, outcome: str, most: int = 12) -> list[Association]:
    """The axes that go with an outcome most closely over drawn points, Spearman's rank correlation, largest first.

    An axis of no influence leaves out zero in one of twenty cases, so among many axes the weakest listed may be chance.
    """
    means = surface(frame, design, outcome).mean
    done = np.isfinite(means)
    points = np.array(design.points, float)[done]
    ranks = stats.rankdata(means[done])
    found = []
    for place, axis in enumerate(design.axes):
        own = stats.rankdata(points[:, place])
        if own.std() > 0.0 and ranks.std() > 0.0:
            r = float(np.corrcoef(own, ranks)[0, 1])
            half = 1.96 / np.sqrt(max(len(own) - 3, 1))
            low, high = np.tanh(np.arctanh(np.clip(r, -0.999999, 0.999999)) + np.array([-half, half]))
            found.append(Association(axis, r, float(low), float(high)))
    return sorted(found, key=lambda a: -abs(a.correlation))[:most]
