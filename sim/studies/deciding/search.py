"""A search for candidates that none beats: Sobol' points first, then NSGA-II or III by pymoo. Knows no simulator.

What is searched is any function of points in the unit cube that gives costs, less being better, how far limits are
broken, and how surely costs are known. Differences below `epsilon` are none: costs are looked at in boxes of that
size, so that the search does not run after luck (Laumanns et al. 2002; Kollat and Reed 2006). Where costs are exact it
is nil, and the search is pymoo's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.common.arguments import RefusedError

ERRORS = 2.0  # standard errors of a paired difference below which a difference is none
FEWEST, POPULATION = 32, 64
MOST_WITH_NSGA2 = 3
PARTITIONS = {2: 31, 3: 9, 4: 5}  # of the reference directions of NSGA-III: at most as many as the population
TRIES = 10  # to find offspring that are new, in one generation
IN_VAIN = 3  # generations that bring no point that is new


class SearchError(RefusedError):
    """A search that cannot begin: why, and what to do."""


@dataclass(frozen=True)
class Judged:
    """What a function says of points: `costs` (points, aims), less being better.

    `broken` (points,) is 0 where limits hold, else how far they do not;
    `errors` (points, aims) are standard errors of the paired difference to one and the same point; nil where exact.
    """

    costs: np.ndarray
    broken: np.ndarray
    errors: np.ndarray


Function = Callable[[np.ndarray, int], Judged]
"""Takes points (points, dimensions) and the number of the generation."""
Snap = Callable[[np.ndarray], np.ndarray]
"""Moves points (points, dimensions) to those that there are."""


@dataclass(frozen=True)
class Searched:
    """All points that were tried, each once, in their order; `front` has the places of those that none beats.

    `generation` (points,) says when; `epsilon` (aims,) below which differences were none; `method` by what.
    """

    points: np.ndarray
    costs: np.ndarray
    broken: np.ndarray
    generation: np.ndarray
    epsilon: np.ndarray
    front: np.ndarray
    method: str


def needed_library() -> None:
    """SearchError in words where pymoo is missing."""
    try:
        import pymoo  # noqa: F401
    except ImportError:
        raise SearchError('advise needs the library pymoo: pip install "airace[sweep]"') from None


def search(function: Function, dimensions: int, aims: int, candidates: int, seed: int = 0, snap: Snap | None = None,
           population: int = POPULATION) -> Searched:
    """Try about so many candidates, generation by generation, and give back all of them with the front.

    The first half, at most four populations, are Sobol' points; the rest offspring of what is best so far. The same
    arguments and the same function give the same points. SearchError for fewer than `FEWEST` candidates.
    """
    if candidates < FEWEST:
        raise SearchError(f"{candidates} candidates are too few to search among; {FEWEST} are the least")
    needed_library()
    population = min(population, max(8, candidates // 4))
    first = int(2 ** np.floor(np.log2(min(candidates // 2, 4 * population))))
    met = _Met(function, aims)
    start = _sobol(first, dimensions, seed)
    start = start if snap is None else np.unique(snap(start), axis=0)
    met.judge(start, 0)
    algorithm, method = _algorithm(start, dimensions, aims, population, seed, snap)
    asked, idle = algorithm.ask(), 0
    while asked is not None and len(asked):
        costs, broken = met.judge(asked.get("X"), met.generations)
        asked.set("F", met.in_boxes(costs))
        asked.set("G", broken[:, None])
        for each in asked:
            each.evaluated.update({"F", "G"})
        algorithm.tell(infills=asked)
        if met.count >= candidates or idle >= IN_VAIN:
            break
        asked = algorithm.ask()
        known = met.count
        if asked is not None and len(asked):
            asked = asked[: max(1, candidates - known)]
            idle = idle + 1 if met.all_known(asked.get("X")) else 0
    return met.searched(method)


def _sobol(count: int, dimensions: int, seed: int) -> np.ndarray:
    from scipy.stats import qmc

    return np.asarray(qmc.Sobol(dimensions, scramble=True, rng=seed).random(count))


def _algorithm(start: np.ndarray, dimensions: int, aims: int, population: int, seed: int,
               snap: Snap | None) -> tuple[Any, str]:
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.algorithms.moo.nsga3 import NSGA3
    from pymoo.core.problem import Problem
    from pymoo.core.repair import Repair
    from pymoo.core.termination import NoTermination
    from pymoo.operators.selection.tournament import TournamentSelection
    from pymoo.util.ref_dirs import get_reference_directions

    class Snapped(Repair):  # type: ignore[misc,unused-ignore]  # pymoo has no types
        def _do(self, _: Any, points: np.ndarray, **__: Any) -> np.ndarray:
            return points if snap is None else snap(points)

    how: dict[str, Any] = {"sampling": start, "repair": Snapped(), "eliminate_duplicates": True}
    if aims <= MOST_WITH_NSGA2:
        algorithm, method = NSGA2(pop_size=population, **how), "NSGA-II"
    else:
        directions = get_reference_directions("das-dennis", aims, n_partitions=PARTITIONS[aims])
        how["selection"] = TournamentSelection(func_comp=_better_or_by_lot)
        algorithm, method = NSGA3(directions, pop_size=max(population, len(directions)), **how), "NSGA-III"
    problem = Problem(n_var=dimensions, n_obj=aims, n_ieq_constr=1, xl=0.0, xu=1.0)
    algorithm.mating.n_max_iterations = TRIES
    algorithm.setup(problem, termination=NoTermination(), seed=seed)
    return algorithm, method


def _better_or_by_lot(population: Any, pairs: np.ndarray, random_state: Any, **_: Any) -> np.ndarray:
    """Of each pair (pairs, 2) the one that breaks limits less, by lot where both break them alike: (pairs, 1).

    NSGA-III's own lots between two that break limits alike come from no seed, so that no study could be repeated.
    """
    def winner(one: int, other: int) -> int:
        broken = float(population[one].CV[0]), float(population[other].CV[0])
        if broken[0] != broken[1]:
            return one if broken[0] < broken[1] else other
        return int(random_state.choice([one, other]))

    return np.array([[winner(int(one), int(other))] for one, other in pairs])


class _Met:
    """The points that were judged, each once."""

    def __init__(self, function: Function, aims: int) -> None:
        self.function = function
        self.place: dict[bytes, int] = {}
        self.points: list[np.ndarray] = []
        self.parts: list[Judged] = []
        self.generation: list[int] = []
        self.epsilon = np.zeros(aims)
        self.costs, self.broken = np.zeros((0, aims)), np.zeros(0)

    @property
    def count(self) -> int:
        return len(self.points)

    @property
    def generations(self) -> int:
        return len(self.parts)

    def all_known(self, points: np.ndarray) -> bool:
        return all(point.tobytes() in self.place for point in points)

    def judge(self, points: np.ndarray, generation: int) -> tuple[np.ndarray, np.ndarray]:
        """Costs (points, aims) and broken limits (points,); what was judged before is not judged again."""
        points = np.ascontiguousarray(points, dtype=float)
        new = list({point.tobytes(): point for point in points if point.tobytes() not in self.place}.values())
        if new:
            found = self.function(np.array(new), generation)
            for point in new:
                self.place[point.tobytes()] = len(self.points)
                self.points.append(point)
            self.generation += [generation] * len(new)
            self.parts.append(found)
            self.costs = np.concatenate([self.costs, found.costs])
            self.broken = np.concatenate([self.broken, found.broken])
            if len(self.parts) == 1:
                self.epsilon = ERRORS * typical(found.errors)
        places = [self.place[point.tobytes()] for point in points]
        return self.costs[places], self.broken[places]

    def in_boxes(self, costs: np.ndarray) -> np.ndarray:
        """Costs by the lower corner of their box."""
        size = np.where(self.epsilon > 0.0, self.epsilon, 1.0)
        return np.where(self.epsilon > 0.0, np.floor(costs / size) * size, costs)

    def searched(self, method: str) -> Searched:
        front = unbeaten(self.costs, self.broken, self.epsilon)
        return Searched(np.array(self.points), self.costs, self.broken, np.array(self.generation), self.epsilon, front,
                        method)


def typical(errors: np.ndarray) -> np.ndarray:
    """The median of what is not nil of each aim's errors (points, aims); nil where all are."""
    return np.array([np.median(column[column > 0.0]) if (column > 0.0).any() else 0.0 for column in errors.T])


def unbeaten(costs: np.ndarray, broken: np.ndarray, epsilon: np.ndarray) -> np.ndarray:
    """Places of the points that no other beats by a box of `epsilon`, one for each box, the one nearest its corner.

    Of `costs` (points, aims). Where no point keeps the limits (`broken` of 0) it is the one that breaks them least.
    """
    able = np.flatnonzero(broken <= 0.0)
    if not len(able):
        return np.array([int(np.argmin(broken))])
    size = np.where(epsilon > 0.0, epsilon, 1.0)
    boxes = np.where(epsilon > 0.0, np.floor(costs[able] / size), costs[able])
    spread = np.maximum(np.ptp(costs[able], axis=0), 1e-300)
    within = ((costs[able] - np.where(epsilon > 0.0, boxes * size, costs[able])) / np.where(
        epsilon > 0.0, size, spread)).sum(axis=1)
    order = np.lexsort((able, within))
    _, first = np.unique(boxes[order], axis=0, return_index=True)
    kept = order[np.sort(first)]
    of_kept = boxes[kept]
    beaten = np.array([((of_kept <= box).all(axis=1) & (of_kept < box).any(axis=1)).any() for box in of_kept])
    return np.sort(able[kept[~beaten]])
