"""The finding of a 2 x 2 of scenarios: what each lever does, averaged over the other.

Four numbers per outcome say more when read as two levers than as three differences: the main effect of a lever is the
mean, over the other lever's two values, of what moving it changes in the same run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.outcomes import INDEX, OUTCOMES
from sim.parameters import levers
from sim.report.names import inside, listed
from sim.report.units import magnitude
from sim.studies.intervals import Interval, mean_difference

# Who is careful and who is hurt, what it costs, who leads, how concentrated the market is.
QUESTIONS = (
    "severe_incidents",
    "safety_effort",
    "us_china_lag_months",
    "compliance_cost_usd_bn",
    "hostility",
    "market_hhi",
)
WORTH_NAMING = 0.1  # of the standard deviation over runs: less is told from luck, but nobody would notice it


def main_effects(comparison: Any) -> tuple[str, str] | None:
    """A sentence for each lever of a 2 x 2, or None when the scenarios are no such grid."""
    grid = comparison.grid
    if grid is None or grid.cells.shape != (2, 2) or len(comparison.titles) != 4:
        return None
    cells = np.asarray(grid.cells)
    by_row = _sentence(comparison, grid.row_lever, grid.rows, cells)
    by_column = _sentence(comparison, grid.column_lever, grid.columns, cells.T)
    return by_row, by_column


def main_effect(comparison: Any, outcome: str, cells: np.ndarray) -> Interval:
    """Mean and interval of moving from the first row of `cells` (2, 2) to the second, averaged over the columns."""
    values = comparison.results.summaries[:, comparison.results.paired, INDEX[outcome]]
    moved = values[cells[1]].mean(axis=0) - values[cells[0]].mean(axis=0)
    return mean_difference(comparison.by_draw(moved[:, None])[:, 0], comparison.level)


def _sentence(comparison: Any, lever: str, values: tuple[Any, ...], cells: np.ndarray) -> str:
    said, still = [], []
    for name in QUESTIONS:
        effect = main_effect(comparison, name, cells)
        low, high = float(effect.low), float(effect.high)
        spread = float(np.std(comparison.results.summaries[cells[0, 0], comparison.results.paired, INDEX[name]]))
        if low <= 0.0 <= high or abs(float(effect.estimate)) < WORTH_NAMING * spread:
            still.append(inside(OUTCOMES[name].title))
            continue
        size, around = magnitude(OUTCOMES[name], float(effect.estimate), low, high)
        said.append(f"{inside(OUTCOMES[name].title)} {size} ({around})")
    name = levers()[lever].text.split(" that ")[0] if lever not in _NAMES else _NAMES[lever]
    start = f"{name} at {values[1]:g} instead of {values[0]:g}: "
    text = "; ".join(said) if said else "nothing that can be told from luck"
    unmoved = f"; no change worth naming in {listed(still)}" if still and said else ""
    return f"{start}{text}{unmoved}"


_NAMES = {"regulation.strictness": "Strictness of rules", "diplomacy.us_china_cooperation": "US-China cooperation"}
