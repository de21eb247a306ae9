"""Arrays of runs: their shapes, quantiles over runs, two joined, and the bytes that a hash is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.model.outcomes import NAMES

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def check_shapes(scenarios: Sequence[Scenario], values: np.ndarray, labs: Mapping[str, np.ndarray] | None,
                 at_end: Mapping[str, np.ndarray] | None, lab_names: Sequence[str]) -> None:
    """ValueError unless values by run, by lab and at the end belong to these scenarios, all of one start."""
    if values.ndim != 4 or values.shape[0] != len(scenarios) or values.shape[3] != len(NAMES):
        raise ValueError(f"values need the shape ({len(scenarios)} scenarios, runs, months, "
                         f"{len(NAMES)} outcomes), not {values.shape}")
    if not scenarios or 0 in values.shape:
        raise ValueError("results need at least one scenario, run and month")
    if len({scenario.start for scenario in scenarios}) > 1:
        raise ValueError("scenarios of one study start in the same month")
    for name, array in (labs or {}).items():
        if np.shape(array) != (*values.shape[:3], len(lab_names)):
            raise ValueError(f"{name} by lab needs the shape {(*values.shape[:3], len(lab_names))}, "
                             f"not {np.shape(array)}")
    for name, array in (at_end or {}).items():
        if np.shape(array) != (*values.shape[:2], len(lab_names)):
            raise ValueError(f"{name} at the end needs the shape {(*values.shape[:2], len(lab_names))}, "
                             f"not {np.shape(array)}")


def sorted_quantiles(ordered: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Quantiles, linear between values, of arrays in order along their last axis; quantiles come last."""
    place = np.asarray(shares) * (ordered.shape[-1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, ordered.shape[-1] - 1)
    low, high = ordered[..., below], ordered[..., above]
    return low + (high - low) * (place - below)


def mean_and_quantiles(values: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Over the first axis, runs: the mean, then the quantiles, along a new last axis; NaN where there is no run."""
    if not len(values):
        return np.full((*values.shape[1:], 1 + len(shares)), np.nan)
    ordered = np.sort(np.moveaxis(values, 0, -1), axis=-1)
    return np.concatenate([ordered.mean(axis=-1)[..., None], sorted_quantiles(ordered, shares)], axis=-1)


def as_floats(arrays: Mapping[str, np.ndarray] | None) -> dict[str, np.ndarray] | None:
    """Arrays by name in double precision; None for none."""
    return None if arrays is None else {name: np.asarray(array, np.float64) for name, array in arrays.items()}


def joined(ours: Mapping[str, np.ndarray] | None, theirs: Mapping[str, np.ndarray] | None, axis: int) -> (
        dict[str, np.ndarray] | None):
    """Arrays of the same names one after another, along runs or (axis 0) scenarios; None unless both are there."""
    if ours is None or theirs is None:
        return None
    return {name: np.concatenate([array, theirs[name]], axis=axis) for name, array in ours.items()}


def canonical_floats(values: np.ndarray) -> bytes:
    """Numbers as bytes that are the same everywhere: one zero, one NaN, least byte first."""
    canonical = np.array(values, dtype="<f8")
    canonical += 0.0
    canonical[np.isnan(canonical)] = np.nan
    return canonical.tobytes()
