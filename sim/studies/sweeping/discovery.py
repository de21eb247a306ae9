"""Where a policy fails, in the words of levers and parameters; and which policy is least bad over many futures.

Boxes come from PRIM, the patient rule induction method (`sim/studies/sweeping/prim.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common.arguments import RefusedError
from sim.model.outcomes import OUTCOMES, no_outcome
from sim.studies.sweeping.prim import PrimBox, peel_and_paste
from sim.studies.sweeping.regret import Regret, regret_of
from sim.studies.sweeping.surface import by_draw, point_means

if TYPE_CHECKING:
    from sim.studies.sweeping.sweep import Sweep

FEWEST = 20  # points of interest, and others, below which no box is looked for
CHANCE = 0.05  # a limit whose quasi-p value is above may be chance
_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*([-+\w.]+)\s*")


class DiscoveryError(RefusedError):
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
            raise DiscoveryError(no_outcome(outcome))
        try:
            threshold = float(number)
        except ValueError:
            raise DiscoveryError(f"{number!r} is no number") from None
        return cls(outcome, sign.startswith(">"), threshold)

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Where it holds: bool of the values' shape."""
        return values > self.threshold if self.above else values < self.threshold


def is_word(axis: str) -> bool:
    """Whether an axis says if a point has a word, as "structure.powers = hazards" does."""
    return " = " in axis


@dataclass(frozen=True)
class Limit:
    """One side or both of a box: the axis stays between `low` and `high`; `chance` is its quasi-p value.

    An axis that is a word, as in "structure.powers = hazards", is 1 where a point has it and 0 where not.
    """

    axis: str
    low: float
    high: float
    chance: float

    @property
    def where(self) -> str:
        """Where the axis stays: "0.2 to 0.7"; of a word "yes" or "no"."""
        if is_word(self.axis):
            return "yes" if self.low > 0.0 else "no"
        return f"{self.low:.4g} to {self.high:.4g}"


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

    def rows(self) -> list[dict[str, Any]]:
        """A row for each limit of each box, with what the box holds."""
        return [{"box": number, "coverage": box.coverage, "density": box.density, "points": box.points,
                 "axis": limit.axis, "low": limit.low, "high": limit.high, "chance": limit.chance}
                for number, box in enumerate(self.boxes, 1) for limit in box.limits]


def means_of(sweep: Sweep, outcome: str) -> np.ndarray:
    """Mean of an outcome over the runs of each point (points,), NaN where none reached the end."""
    if outcome not in sweep.design.outcomes:
        raise DiscoveryError(f"{sweep.folder} did not keep {outcome}; it has {', '.join(sweep.design.outcomes)}")
    return point_means(by_draw(sweep.values(outcome), sweep.design))


def boxes(sweep: Sweep, condition: Condition, densities: Sequence[float] = (0.5, 0.7, 0.9)) -> Boxes:
    """Boxes in which the condition holds of the points' means: for each density the one that covers most.

    Raises DiscoveryError for a grid, and where there are too few failures, or too few others, to tell them apart.
    """
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
    names, points = design.columns()
    points = points[done]
    way = peel_and_paste(points, failed)
    chosen: list[int] = []
    for density in densities:
        dense = [number for number, box in enumerate(way) if box.density >= density]
        if dense:
            chosen.append(max(dense, key=lambda number: way[number].coverage))
    found = tuple(_box(way[number], names) for number in dict.fromkeys(chosen))
    tradeoff = np.array([(box.coverage, box.density) for box in way])
    return Boxes(condition, found, names, points, failed, tradeoff)


def _box(found: PrimBox, axes: Sequence[str]) -> Box:
    """A box in the words of its axes, the limit that is least likely chance first."""
    limits = [Limit(axes[int(axis)], float(found.low[axis]), float(found.high[axis]),
                    float(np.nanmax(found.chance[axis])))
              for axis in np.flatnonzero(np.isfinite(found.chance).any(axis=1))]
    limits.sort(key=lambda limit: limit.chance)
    return Box(found.coverage, found.density, int(found.inside.sum()), tuple(limits))


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
