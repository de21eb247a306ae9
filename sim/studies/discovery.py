"""Where a policy fails, in the words of levers and parameters; and which policy is least bad over many futures.

Boxes come from PRIM, the patient rule induction method (Friedman and Fisher 1999; Bryant and Lempert 2010 for its use),
by the library ema-workbench.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.outcomes import OUTCOMES
from sim.scenario_errors import suggest
from sim.studies.regret import Regret, regret_of
from sim.studies.surface import by_draw, point_means

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.sweep import Sweep

FEWEST = 20  # points of interest, and others, below which no box is looked for
LEAST_DENSITY = 0.01  # of a box that the search may end with
CHANCE = 0.05  # a limit whose quasi-p value is above may be chance
_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*([-+\w.]+)\s*")


class DiscoveryError(ValueError):
    """What cannot be discovered from these sweeps: why, and what to do."""


@dataclass(frozen=True)
class Condition:
    """What counts as a failure: an outcome above or below a threshold."""

    outcome: str
    above: bool
    threshold: float

    @classmethod
    def read(cls, text: str) -> Condition:
        """From text as in "severe_incidents > 5". DiscoveryError says what is wrong with it."""
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise DiscoveryError(f"{text!r} is no condition; write it as in 'severe_incidents > 5'")
        outcome, sign, number = found.groups()
        if outcome not in OUTCOMES:
            close = suggest(outcome, list(OUTCOMES))
            raise DiscoveryError(f"there is no outcome {outcome!r}" + (f"; did you mean {close}?" if close else ""))
        try:
            threshold = float(number)
        except ValueError:
            raise DiscoveryError(f"{number!r} is no number") from None
        return cls(outcome, sign.startswith(">"), threshold)

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Where it holds: bool of the values' shape."""
        return values > self.threshold if self.above else values < self.threshold


@dataclass(frozen=True)
class Limit:
    """One side or both of a box: the axis stays between `low` and `high`; `chance` is its quasi-p value."""

    axis: str
    low: float
    high: float
    chance: float


@dataclass(frozen=True)
class Box:
    """A part of the space of axes: `coverage` of all failures lie in it, `density` of its points are failures."""

    coverage: float
    density: float
    points: int
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Boxes:
    """Boxes from wide to narrow: the narrower, the denser and the less they cover.

    `axes` names the columns of `drawn`, the points (points, axes); `failed` (points,) says which fail. `tradeoff`
    (steps, 2) holds coverage and density of every box on the search's way from all points to the narrowest.
    """

    condition: Condition
    boxes: tuple[Box, ...]
    axes: tuple[str, ...]
    drawn: np.ndarray
    failed: np.ndarray
    tradeoff: np.ndarray

    @property
    def share(self) -> float:
        """The share of points that fail."""
        return float(self.failed.mean())

    @property
    def points(self) -> int:
        """How many points there are."""
        return len(self.failed)


def means_of(sweep: Sweep, outcome: str) -> np.ndarray:
    """Mean of an outcome over the runs of each point (points,), NaN where none reached the end."""
    if outcome not in sweep.design.outcomes:
        raise DiscoveryError(f"{sweep.folder} did not keep {outcome}; it has {', '.join(sweep.design.outcomes)}")
    return point_means(by_draw(sweep.values(outcome), sweep.design))


def boxes(sweep: Sweep, condition: Condition, densities: Sequence[float] = (0.5, 0.7, 0.9)) -> Boxes:
    """Boxes in which the condition holds of the points' means: for each density the one that covers most.

    Raises DiscoveryError for a grid, and where there are too few failures, or too few others, to tell them apart.
    """
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of engines that it misses
        from ema_workbench.analysis import prim

    design = sweep.design
    if design.is_grid:
        raise DiscoveryError("boxes need points drawn over ranges, as in the design `everything`; this sweep is a grid")
    means = means_of(sweep, condition.outcome)
    done = np.isfinite(means)
    failed = condition.holds(means[done])
    if min(failed.sum(), (~failed).sum()) < FEWEST:
        counts = f"{int(failed.sum())} of {int(done.sum())} points fail"
        raise DiscoveryError(f"{counts}: with fewer than {FEWEST} on either side no box can be told from chance; move "
                             "the threshold, or draw more points")
    points = pd.DataFrame(np.array(design.points, float)[done], columns=list(design.axes))
    # The library takes as a failure what reaches the threshold, so it has to lie above 0.
    found = prim.Prim(points, failed.astype(float), threshold=LEAST_DENSITY).find_box()
    trajectory = found.peeling_trajectory
    chosen: list[int] = []
    for density in densities:
        dense = trajectory[trajectory["density"] >= density]
        if len(dense):
            chosen.append(int(dense["coverage"].idxmax()))
    return Boxes(condition, tuple(_box(found, number, points, failed) for number in dict.fromkeys(chosen)),
                 design.axes, points.to_numpy(), failed, trajectory[["coverage", "density"]].to_numpy(float))


def _box(found: Any, number: int, points: pd.DataFrame, failed: np.ndarray) -> Box:
    """A box of the library's, its coverage and density counted anew from its limits."""
    lims, whole, chances = found.box_lims[number], found.box_lims[0], found.qp[number]
    limits, inside = [], np.ones(len(points), bool)
    for axis in points.columns:
        low, high = (float(x) for x in lims[axis])
        inside &= points[axis].between(low, high).to_numpy()
        if (low, high) != tuple(float(x) for x in whole[axis]):
            # -1 stands for a side without a limit.
            own = [float(p) for p in chances.get(axis, ()) if p >= 0.0]
            limits.append(Limit(axis, low, high, max(own, default=1.0)))
    limits.sort(key=lambda limit: limit.chance)
    caught = float(failed[inside].sum())
    return Box(caught / float(failed.sum()), caught / float(inside.sum()), int(inside.sum()), tuple(limits))


def regret(sweeps: Sequence[Sweep], outcome: str) -> list[Regret]:
    """Each policy's regret over the same futures, the one whose 90th percentile is smallest first.

    Each sweep is a policy (its base) run over the same points with the same luck. DiscoveryError if they differ, or the
    outcome has no better direction.
    """
    first = sweeps[0].design
    for other in sweeps[1:]:
        same = (other.design.axes, other.design.points, other.design.seed, other.design.runs, other.design.months)
        if same != (first.axes, first.points, first.seed, first.runs, first.months):
            raise DiscoveryError(f"{other.folder} has other points, runs, months or another seed than "
                                 f"{sweeps[0].folder}; sweep both bases with the same axes, [sample], runs and seed")
    means = np.stack([means_of(sweep, outcome) for sweep in sweeps])
    try:
        return regret_of([sweep.design.base.title for sweep in sweeps], means, outcome)
    except ValueError as error:
        raise DiscoveryError(str(error)) from None
