"""Paired differences month by month: each run against itself on the same luck, as far as it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.engine.arrays import sorted_quantiles
from sim.model.outcomes import NAMES, OUTCOMES, known_outcome, so_far

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.comparing.compare import Comparison

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def differences_so_far(comparison: Comparison, outcome: str) -> np.ndarray:
    """An outcome less that of the same run under the baseline: (other scenarios, runs, months), in its unit.

    Flows count as totals so far and peaks as the largest so far, so that the last month is the difference that the
    comparison's table has. UnknownNameError for an outcome that there is none.
    """
    known_outcome(outcome)
    paths = so_far(comparison.results.outcome(outcome)[:, comparison.results.paired], OUTCOMES[outcome])
    return np.asarray(paths[list(comparison.other_positions)] - paths[comparison.baseline_position])


def over_time(comparison: Comparison) -> pd.DataFrame:
    """A row per scenario, outcome and month: mean and quantiles over runs of the paired differences so far."""
    import pandas as pd

    months = np.arange(len(comparison.dates))
    parts = []
    for name in NAMES:
        for title, runs in zip(comparison.others, differences_so_far(comparison, name), strict=True):
            ordered = np.sort(runs.T, axis=-1)
            quantiles = sorted_quantiles(ordered, QUANTILES).T
            parts.append(pd.DataFrame({"scenario": title, "outcome": name, "unit": OUTCOMES[name].unit,
                                       "month": months, "date": comparison.dates, "mean": runs.mean(axis=0),
                                       **{f"p{round(100 * q)}": row for q, row in zip(QUANTILES, quantiles,
                                                                                      strict=True)}}))
    return pd.concat(parts, ignore_index=True)
