"""Which differences matter: sizes that can be compared between outcomes of different units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.model.outcomes import PRIMARY

MOST_ROWS = 12
MOST_FANS = 9
ECHOES = frozenset({"strictness_us", "strictness_eu", "strictness_china"})
"""Outcomes that mostly say what a scenario sets; tables list them, charts leave them out."""


def measured(comparison: Any) -> pd.DataFrame:
    """The table with columns `dot`, `left`, `right`: difference and interval in standard deviations.

    Standard deviations are over the baseline's runs, or over the differences where the baseline does not
    vary. The interval is the one that counts for the row (see `interval_of`). A difference that is the same
    in all runs of a baseline that does not vary is infinite.
    """
    table = comparison.table
    family = table["primary"].to_numpy(bool)
    low = np.where(family, table["low_family"], table["low"])
    high = np.where(family, table["high_family"], table["high"])
    raw = np.column_stack([table["difference"], low, high]).astype(float)
    deviation = _deviations(comparison)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = raw / deviation[:, np.newaxis]
    scaled = np.where((raw == 0.0) | np.isnan(scaled), 0.0, scaled)
    return table.assign(dot=scaled[:, 0], left=scaled[:, 1], right=scaled[:, 2])


def _deviations(comparison: Any) -> np.ndarray:
    """The standard deviation that measures each row of the comparison's table: (rows,)."""
    table = comparison.table
    effect, difference = table["effect_sd"].to_numpy(float), table["difference"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(effect != 0.0, difference / effect, np.nan)
    column = {title: k for k, title in enumerate(comparison.others)}
    for row in np.flatnonzero(~np.isfinite(deviation) & (difference != 0.0)):
        pairs = comparison.pairs(table["outcome"].iloc[row])[:, column[table["scenario"].iloc[row]]]
        deviation[row] = pairs.std(ddof=1) if len(pairs) > 1 else 0.0
    return deviation


def interval_of(row: Any) -> tuple[float, float]:
    """The interval that counts for a row of the table: the family's for primary outcomes, else its own."""
    low, high = ("low_family", "high_family") if row["primary"] else ("low", "high")
    return float(row[low]), float(row[high])


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a `dot`, largest first; equals keep the order of files and outcomes."""
    sizes = table["dot"].abs().to_numpy(float)
    return table.iloc[np.argsort(-sizes, kind="stable")]


def sizes(table: pd.DataFrame) -> dict[str, float]:
    """The largest difference of each outcome over the scenarios, in standard deviations."""
    largest = table["dot"].abs().groupby(table["outcome"]).max()
    return {str(name): float(size) for name, size in largest.items()}


def rows_to_show(comparison: Any) -> list[str]:
    """Outcomes worth a row in a chart of differences, largest first.

    The primary outcomes that differ at all in some scenario, and the largest others that differ clearly.
    """
    table = measured(comparison)
    size = sizes(table)
    primary = [name for name in PRIMARY if size[name] > 0.0]
    others = _others(sizes(table[table["clear"]]))
    return sorted((primary + others)[:MOST_ROWS], key=lambda name: (-size[name], name))


def largest_clear(comparison: Any, most: int = MOST_FANS) -> list[str]:
    """Outcomes that differ clearly in some scenario: the primary ones, then the largest others."""
    table = measured(comparison)
    size = sizes(table[table["clear"]])
    primary = [name for name in PRIMARY if name in size]
    return (primary + _others(size))[: max(most, len(primary))]


def _others(size: dict[str, float]) -> list[str]:
    """Outcomes that are not primary and do not merely echo what a scenario sets, largest first."""
    names = (name for name in size if name not in PRIMARY and name not in ECHOES)
    return sorted(names, key=lambda name: (-size[name], name))


def unmoved(table: pd.DataFrame) -> list[str]:
    """Primary outcomes that differ clearly in no scenario."""
    moved = set(table.loc[table["clear"], "outcome"])
    return [name for name in PRIMARY if name not in moved]
