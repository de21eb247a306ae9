"""One lever of a grid at a time: where more of it makes an outcome worse, and where most of the change comes.

A slice is an axis's values in order while the other axis stays at one value. Points of a slice meet the same luck, so
every comparison of two of them is paired, draw by draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.model.outcomes import OUTCOMES
from sim.studies.comparing import intervals
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.surface import point_means

LEVEL = 0.95
HALF = 0.5  # of a slice's change in one step makes that step a threshold
STILL = 0.05  # of a slice's change, within which the outcome has levelled off
WORTH_NAMING = 0.1  # of the standard deviation over runs: less change than that nobody would notice
SHORTEST_FOR_SHAPE = 4  # values of a lever below which a threshold means nothing


@dataclass(frozen=True)
class Zone:
    """A range of a lever over which more of it makes an outcome worse: from one value to another, by how much.

    The interval holds over all pairs of values of the slice together (Bonferroni), for the range is chosen from them.
    `throughout` where it spans all values of the lever.
    """

    start: float
    end: float
    change: float
    low: float
    high: float
    throughout: bool


@dataclass(frozen=True)
class Slice:
    """An outcome along one lever, arrays (values,): means and paired differences to the lever's lowest value.

    `held` is the other lever's value, None where there is no other; `spread` the standard deviation over runs at the
    lever's lowest value; `step` the difference from the value before, with intervals that hold together.
    """

    outcome: str
    axis: str
    values: tuple[float, ...]
    held: float | None
    mean: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    worse: Zone | None
    spread: float
    step: tuple[np.ndarray, np.ndarray]

    @property
    def moves(self) -> bool:
        """Whether the outcome is clearly, and by an amount worth naming, another at some value than at the lowest."""
        clear = (self.low > 0.0) | (self.high < 0.0)
        return bool(np.any(clear & (np.abs(self.difference) > WORTH_NAMING * self.spread)))

    @property
    def threshold(self) -> tuple[float, float] | None:
        """Neighbouring values of the lever between which at least half of all the change comes, and clearly so."""
        steps = np.abs(np.diff(self.mean))
        if not self.moves or len(self.values) < SHORTEST_FOR_SHAPE or not np.isfinite(steps).all():
            return None
        at = int(steps.argmax())
        low, high = (float(end[at]) for end in self.step)
        clear = low > 0.0 or high < 0.0
        return (self.values[at], self.values[at + 1]) if clear and steps[at] >= HALF * steps.sum() else None

    @property
    def levels_off(self) -> float | None:
        """The value from which the outcome stays as it is at the lever's end, if that leaves out two values or more."""
        span = float(np.ptp(self.mean)) if np.isfinite(self.mean).all() else 0.0
        if not self.moves or len(self.values) < SHORTEST_FOR_SHAPE or span == 0.0:
            return None
        moving = np.flatnonzero(np.abs(self.mean - self.mean[-1]) > STILL * span)
        first = int(moving[-1]) + 1
        return self.values[first] if first < len(self.values) - 2 else None


def slices(values: np.ndarray, design: Design, outcome: str, axis: int) -> list[Slice]:
    """Slices along an axis of a grid of one or two, one for each value of the other.

    `values` by draw (points, draws). ValueError for another design.
    """
    if not design.is_grid or len(design.axes) > 2:
        raise ValueError("slices need a grid of one or two axes")
    place = {tuple(map(float, point)): number for number, point in enumerate(design.points)}
    along = sorted({float(point[axis]) for point in design.points})
    if len(design.axes) == 1:
        return [_slice(values[[place[x,] for x in along]], design.axes[0], along, None, outcome)]
    found = []
    for held in sorted({float(point[1 - axis]) for point in design.points}):
        order = [place[(x, held) if axis == 0 else (held, x)] for x in along]
        found.append(_slice(values[order], design.axes[axis], along, held, outcome))
    return found


def _slice(rows: np.ndarray, axis: str, along: Sequence[float], held: float | None, outcome: str) -> Slice:
    """A slice from its own rows (values, draws); a draw counts where it reached the end at all of them."""
    whole = rows[:, np.isfinite(rows).all(axis=0)]
    difference, low, high = intervals.mean_difference((whole - whole[0]).T, LEVEL, furthest=OUTCOMES[outcome].furthest)
    means = point_means(rows) if whole.shape[1] else np.full(len(along), np.nan)
    steps, draws = whole[1:] - whole[:-1], whole.shape[1]
    together = intervals.t_quantile(1.0 - (1.0 - LEVEL) / max(len(steps), 1), max(draws - 1, 1))
    _, *step = intervals.mean_difference(steps.T, LEVEL, together)
    return Slice(outcome, axis, tuple(along), held, means, difference, low, high, _worse(whole, along, outcome),
                 float(intervals.standard_deviation(whole[0])) if draws > 1 else 0.0, (step[0], step[1]))


def _worse(rows: np.ndarray, along: Sequence[float], outcome: str) -> Zone | None:
    """The range over which the mean worsens most, if that is clear; None for an outcome without a better direction."""
    better, draws = OUTCOMES[outcome].better, rows.shape[1]
    if not better or draws < 2 or len(along) < 2:
        return None
    cost = rows.mean(axis=1) * (1.0 if better == "lower" else -1.0)
    rise = cost[None, :] - np.minimum.accumulate(cost)[None, :]
    end = int(rise.argmax())
    start = int(cost[: end + 1].argmin())
    if start == end:
        return None
    pairs = len(along) * (len(along) - 1) / 2
    critical = intervals.t_quantile(1.0 - (1.0 - LEVEL) / pairs, draws - 1)
    change, low, high = (float(x) for x in intervals.mean_difference(
        rows[end] - rows[start], LEVEL, critical, OUTCOMES[outcome].furthest))
    if low <= 0.0 <= high:
        return None
    return Zone(along[start], along[end], change, low, high, start == 0 and end == len(along) - 1)
