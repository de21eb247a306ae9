"""All that a sweep's report says, computed outcome by outcome, so that one outcome's runs at a time are in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.model.outcomes import OUTCOMES
from sim.studies.sweeping.design import WORLD, Design
from sim.studies.sweeping.fronts import MOST_POINTS, Front, front, rivals
from sim.studies.sweeping.regret import Regret, regret_of
from sim.studies.sweeping.slices import Slice, slices
from sim.studies.sweeping.surface import Association, Interaction, Surface, associations, by_draw, interaction, surface
from sim.studies.sweeping.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd

FEWEST_FUTURES = 10  # below which a ninth decile over futures means nothing
TOLD_FIRST = "severe_incidents"


@dataclass(frozen=True)
class Explanation:
    """What a sweep found, as far as it is done.

    `done` (points,) says which points have all their runs. By outcome: `surfaces`; `joint` for a grid of two axes;
    `slices` by axis for grids of one or two; `tied` for others. `front` and `regret` are of points as choices of
    levers, None where the points are no such choices.
    """

    design: Design
    done: np.ndarray
    failed: int
    surfaces: Mapping[str, Surface]
    joint: Mapping[str, Interaction]
    slices: Mapping[str, Mapping[str, Sequence[Slice]]]
    tied: Mapping[str, Sequence[Association]]
    front: Front | None
    regret: Sequence[Regret] | None
    regretted: str

    @property
    def complete(self) -> bool:
        """Whether every point is done."""
        return bool(self.done.all())

    @property
    def by_size(self) -> list[str]:
        """Outcomes that clearly differ somewhere, the largest difference in standard deviations first."""
        sizes = {name: found.size for name, found in self.surfaces.items()}
        return sorted((name for name, size in sizes.items() if size > 0.0), key=lambda name: -sizes[name])


    def table(self) -> pd.DataFrame:
        """A row for each outcome and point: point, axes, outcome, mean, and its difference to the first point.

        Columns `difference`, `low`, `high` (95% interval, run by run on the same luck) and `clear` as in a comparison;
        NaN where a point is not done.
        """
        import pandas as pd

        points = pd.DataFrame(list(self.design.points), columns=list(self.design.axes))
        points.insert(0, "point", np.arange(len(points)))
        return pd.concat([points.assign(outcome=name, mean=found.mean, difference=found.difference, low=found.low,
                                        high=found.high, clear=found.clear)
                          for name, found in self.surfaces.items()], ignore_index=True)


def is_map(design: Design) -> bool:
    """Whether the points are a grid over one or two axes of numbers: words have no low and high end."""
    return design.is_grid and len(design.axes) <= 2 and not any(map(design.has_words, range(len(design.axes))))


def explain(sweep: Sweep) -> Explanation:
    """Read what is done of a sweep and say what it shows."""
    design, done = sweep.design, sweep.points_done()
    surfaces, joint, sliced, tied = {}, {}, {}, {}
    for name in design.outcomes:
        values = by_draw(sweep.values(name), design)
        surfaces[name] = surface(values, name)
        if not is_map(design):
            tied[name] = associations(surfaces[name].mean, design)
            continue
        if done.all():
            sliced[name] = {axis: slices(values, design, name, place) for place, axis in enumerate(design.axes)}
            if len(design.axes) == 2:
                joint[name] = interaction(values, design, name)
    chosen = _front(sweep, surfaces) if done.all() else None
    regretted = next((name for name in (TOLD_FIRST, *design.outcomes)
                      if name in design.outcomes and OUTCOMES[name].better), "")
    return Explanation(design, done, len(sweep.failures()), surfaces, joint, sliced, tied, chosen,
                       _regret(sweep, regretted) if regretted and done.all() else None, regretted)


def _are_choices(design: Design) -> bool:
    """Whether points differ in levers alone: a future, its world, and which theory holds, is nobody's choice."""
    return len(design.points) <= MOST_POINTS and not any(
        axis == WORLD or axis.startswith(("uncertainty.", "structure.")) for axis in design.axes)


def _front(sweep: Sweep, surfaces: Mapping[str, Surface]) -> Front | None:
    pair = rivals({name: found.mean for name, found in surfaces.items()}, TOLD_FIRST)
    if pair is None or not _are_choices(sweep.design):
        return None
    first, second = ((name, by_draw(sweep.values(name), sweep.design)) for name in (pair[1], pair[0]))
    return front(first, second)


def _regret(sweep: Sweep, outcome: str) -> list[Regret] | None:
    """Regret of each point over the draws of parameters and luck that all points share."""
    values = by_draw(sweep.values(outcome), sweep.design)
    if not _are_choices(sweep.design) or np.isfinite(values).all(axis=0).sum() < FEWEST_FUTURES:
        return None
    return regret_of([str(number) for number in range(len(values))], values, outcome)
