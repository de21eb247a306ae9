"""The finding of a 2 x 2 of scenarios: what each lever does, averaged over the other.

Four numbers per outcome say more when read as two levers than as three differences: the main effect of a lever is the
mean, over the other lever's two values, of what moving it changes in the same run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.outcomes import INDEX, OUTCOMES, PRIMARY
from sim.model.parameters import levers
from sim.report.words.changes import Change
from sim.report.words.theories import ranges
from sim.studies.comparing.intervals import family_critical, mean_difference

_NAMES = {"regulation.strictness": "Strictness of rules", "diplomacy.us_china_cooperation": "US-China cooperation"}


def main_effects(comparison: Any, theories: Any = None) -> list[tuple[str, list[Change]]] | None:
    """For each lever of a 2 x 2 how it is moved, in words, and what that changes; None if there is no such grid.

    Intervals hold together over the primary outcomes and both levers. `theories` is what `across_theories` found, where
    it was asked: then each change has its range over them.
    """
    grid = comparison.grid
    if grid is None or grid.cells.shape != (2, 2) or len(comparison.titles) != 4:
        return None
    cells = np.asarray(grid.cells)
    turned = (cells, cells.T)
    values = comparison.results.summaries[:, comparison.results.paired][..., [INDEX[name] for name in PRIMARY]]
    moved = [values[each[1]].mean(axis=0) - values[each[0]].mean(axis=0) for each in turned]
    drawn = [comparison.by_draw(each) for each in moved]
    critical = family_critical(np.concatenate(drawn, axis=1), comparison.level)
    found = []
    for lever, at, each, means in zip((grid.row_lever, grid.column_lever), (grid.rows, grid.columns), turned, drawn,
                                      strict=True):
        estimate = mean_difference(means, comparison.level, critical,
                                   np.array([OUTCOMES[name].furthest for name in PRIMARY]))
        start = values[each[0]]
        alike = (values[each[1]] == start).mean(axis=(0, 1))
        titles = [[comparison.titles[place] for place in row] for row in each]
        across = {} if theories is None else ranges(theories, titles[1], titles[0])
        changes = [
            Change(OUTCOMES[name], float(start[..., i].mean()), float(estimate.estimate[i]), float(estimate.low[i]),
                   float(estimate.high[i]), float(np.std(start[0, :, i])), float(alike[i]), across.get(name))
            for i, name in enumerate(PRIMARY)
        ]
        found.append((f"{_in_words(lever)} at {at[1]:g} instead of {at[0]:g}", changes))
    return found


def _in_words(lever: str) -> str:
    return _NAMES.get(lever) or levers()[lever].text.split(" that ")[0]
