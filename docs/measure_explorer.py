"""Measures what docs/howto/explore.md says of the explorer: per quantile or per future, and what 16 bits cost.

    airace sweep explorer --out DIR
    python docs/measure_explorer.py DIR

Each simulated point is left out in turn, and its 5%, 50% and 95% quantiles at the end told in two ways: from the other
points' quantiles, and by interpolating every future on its own and taking quantiles after that. The page is written by
hand from what this prints.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sim.report.pages.explorer import _packed
from sim.studies.sweeping.exploring import QUANTILES, Explored, _values, explore
from sim.studies.sweeping.sweep import Sweep

TOLD = [QUANTILES.index(q) for q in (0.05, 0.5, 0.95)]


def quantile_errors(found: Explored, outcome: str, futures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean misses of the three quantiles of a run's one number, per quantile and per future; `futures` (points, runs).

    Both as shares of the mean distance from the 5% to the 95% quantile.
    """
    apart, together, wide = [], [], []
    for block in found.blocks:
        own = futures[block.points]
        simulated = np.quantile(own, QUANTILES, axis=1).T[:, TOLD]
        apart.append(np.abs(simulated - block.joined[outcome].left_out(simulated)))
        drawn = block.joined[outcome].left_out(own)
        together.append(np.abs(simulated - np.quantile(drawn, QUANTILES, axis=1).T[:, TOLD]))
        wide.append(simulated[:, 2] - simulated[:, 0])
    width = float(np.concatenate(wide).mean()) or 1.0
    return tuple(np.nanmean(np.concatenate(each), axis=0) / width for each in (apart, together))  # type: ignore[return-value]


def lost(found: Explored, outcome: str) -> float:
    """The most that 16 bits move a mean of a run's one number, as a share of what left-out points are missed by."""
    step = _packed(found)[1][outcome][-1][3]
    return step / 2.0 / min(block.errors[outcome].mean for block in found.blocks)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    found = explore(asked.parse_args().folder)
    values = _values(Sweep.open(found.sweep.folder), found.outcomes)
    print("misses as shares of the 90% range: per quantile (5%, 50%, 95%) | per future | 16 bits over the mean's miss")
    for outcome in found.outcomes:
        apart, together = quantile_errors(found, outcome, values[outcome][-1])
        told = " | ".join(", ".join(f"{x:.3f}" for x in each) for each in (apart, together))
        print(f"{outcome}: {told} | {lost(found, outcome):.5f}")
    for block in found.blocks:
        print(block.words, {name: f"{error.verdict}: told {error.told:.3f}, missed {error.mean:.3g}, nine in ten "
                                  f"{error.mean_ninety:.3g}" for name, error in block.errors.items() if error.told})


if __name__ == "__main__":
    main()
