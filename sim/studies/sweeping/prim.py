"""The patient rule induction method: from a cloud of points, boxes in which what is looked for is frequent.

Friedman and Fisher (1999): the box of all points is peeled, a small share of its points at a time, where that raises
the frequency most for what it costs, and widened again where that raises it further. Every box on the way is kept,
since which one is best depends on how much of the cases it should cover; Bryant and Lempert (2010) for this use, and
for the quasi-p value that says which limits may be chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

PEELED = 0.05  # share of a box's points that one step cuts off at most
PASTED = 0.05  # share of the points beyond a side that one step takes in at most
LEAST_MASS = 0.05  # share of all points that a box has to hold


@dataclass(frozen=True)
class PrimBox:
    """One box on the way: `low` and `high` (axes,), which points are `inside` (points,), how probably a side is chance.

    `chance` (axes, 2) holds the quasi-p value of the low and of the high side, NaN where a side does not bind.
    """

    low: np.ndarray
    high: np.ndarray
    inside: np.ndarray
    coverage: float
    density: float
    chance: np.ndarray


def peel_and_paste(points: np.ndarray, cases: np.ndarray) -> list[PrimBox]:
    """Boxes from the one of all points to the narrowest: `points` (points, axes), `cases` (points,) bool.

    Raises ValueError where no point is a case, or shapes differ.
    """
    points, cases = np.asarray(points, dtype=np.float64), np.asarray(cases, dtype=bool)
    if points.ndim != 2 or cases.shape != points.shape[:1]:
        raise ValueError(f"points are (points, axes) and cases (points,), not {points.shape} and {cases.shape}")
    if not cases.any():
        raise ValueError("no point is a case, so there is nothing to find")
    whole = np.stack([points.min(axis=0), points.max(axis=0)])
    sides, inside = whole.copy(), np.ones(len(points), dtype=bool)
    way = [(sides, inside)]
    phases: tuple[tuple[Candidates, bool], ...] = ((_peels, False), (_pastes, True))
    for candidates, wider in phases:
        while (step := _best(points, cases, whole, sides, inside, candidates, wider)) is not None:
            sides, inside = step
            way.append(step)
    return [_measured(points, cases, whole, sides, inside) for sides, inside in way]


Step = tuple[np.ndarray, np.ndarray]  # sides (2, axes): the low and the high ones; which points lie inside (points,)
Candidates = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Iterator[Step]]


def _best(
    points: np.ndarray, cases: np.ndarray, whole: np.ndarray, sides: np.ndarray, inside: np.ndarray,
    candidates: Candidates, wider: bool,
) -> Step | None:
    """The step that gains most frequency for each point lost or won, as (sides, inside); None if none gains."""
    before, frequency = int(inside.sum()), cases[inside].mean()
    best: Step | None = None
    best_score = (0.0, points.shape[1])  # a step has to gain
    for new_sides, new_inside in candidates(points, whole, sides, inside):
        count = int(new_inside.sum())
        if count == before or not count:
            continue
        gain = (cases[new_inside].mean() - frequency) / abs(before - count)
        unbound = int(np.sum(np.all(new_sides == whole, axis=0)))
        if (gain, unbound) > best_score:
            best, best_score = (new_sides, new_inside), (gain, unbound)
    if best is None:
        return None
    count = int(best[1].sum())
    moved = count > before if wider else count < before
    return best if moved and count >= LEAST_MASS * len(points) else None


def _peels(
    points: np.ndarray, whole: np.ndarray, sides: np.ndarray, inside: np.ndarray  # noqa: ARG001 - as for pastes
) -> Iterator[Step]:
    """Each box that is smaller by one cut: at the high side of the first axis, at its low side, and so on."""
    for axis in range(points.shape[1]):
        column = points[:, axis]
        ordered = np.sort(column[inside])
        for side, share in ((1, 1.0 - PEELED), (0, PEELED)):
            limit = _quantile(ordered, share)
            smaller = sides.copy()
            smaller[side, axis] = limit
            yield smaller, inside & (column <= limit if side else column >= limit)


def _pastes(
    points: np.ndarray, whole: np.ndarray, sides: np.ndarray, inside: np.ndarray  # noqa: ARG001 - as for peels
) -> Iterator[Step]:
    """Each box that is larger by a step: at the low side of the first axis that binds, at its high side, and so on."""
    for axis in np.flatnonzero(np.any(sides != whole, axis=0)):
        for side in (0, 1):
            beyond = sides.copy()
            beyond[:, axis] = (whole[0, axis], sides[0, axis]) if side == 0 else (sides[1, axis], whole[1, axis])
            there = np.sort(points[_within(points, beyond), axis])
            share = PASTED if side else 1.0 - PASTED
            larger = sides.copy()
            larger[side, axis] = _quantile(there, share) if len(there) else whole[side, axis]
            yield larger, _within(points, larger)


def _within(points: np.ndarray, sides: np.ndarray) -> np.ndarray:
    return np.all((points >= sides[0]) & (points <= sides[1]), axis=1)


def _quantile(ordered: np.ndarray, share: float) -> float:
    """The middle between the two values about this share of the ordered ones, never within a run of equal values."""
    place = (len(ordered) - 1) * share
    below, above = int(np.floor(place)), int(np.ceil(place))
    if share > 0.5:
        while below > 0 and ordered[below] == ordered[above]:
            below -= 1
    else:
        while above < len(ordered) - 1 and ordered[below] == ordered[above]:
            above += 1
    return float((ordered[below] + ordered[above]) / 2.0)


def _measured(
    points: np.ndarray, cases: np.ndarray, whole: np.ndarray, sides: np.ndarray, inside: np.ndarray
) -> PrimBox:
    """The box with coverage, density and, for each side that binds, how probably it is chance.

    The quasi-p value is that of a one-sided binomial test: as many cases or more in the box, were they as frequent in
    it as in the box without that side.
    """
    from scipy.stats import binom

    caught, count = int(cases[inside].sum()), int(inside.sum())
    chance = np.full((points.shape[1], 2), np.nan)
    for side, axis in zip(*np.nonzero(sides != whole), strict=True):
        without = sides.copy()
        without[side, axis] = whole[side, axis]
        chance[axis, side] = binom.sf(caught - 1, count, cases[_within(points, without)].mean())
    return PrimBox(sides[0], sides[1], inside, caught / int(cases.sum()), caught / count, chance)
