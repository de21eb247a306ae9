"""What results depend on: the seed, the run and the scenario, and neither batches, nor length, nor company."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.scenario import Scenario
from sim.simulate import simulate
from sim.studies.checks import Check
from sim.studies.checks_identities import alike

RUNS, MONTHS, SHORT = 6, 48, 20


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - bits, not means
    """One check for each promise, over the baseline and the given scenarios."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    groups = alike([baseline, *scenarios])
    whole = [simulate(chosen, runs=RUNS, months=MONTHS) for chosen in groups]

    def line(name: str, claim: str, differing: int, wanted: bool = False) -> Check:
        count = sum(results.values.size for results in whole)
        measured = f"{differing:,} of {count:,} numbers differ"
        return Check("engine", name, claim, measured, (differing > 0) == wanted)

    twins = simulate([baseline, baseline], runs=RUNS, months=MONTHS).values
    yield line("self-comparison", "a scenario compared with itself differs by exactly zero",
               _differ(twins[0], twins[1]))
    split = [simulate(chosen, runs=RUNS, months=MONTHS, batch=len(chosen)) for chosen in groups]
    yield line("batches", "any split into batches gives the same bits",
               sum(_differ(a.values, b.values) for a, b in zip(whole, split, strict=True)))
    beside = [simulate(scenario, runs=RUNS, months=MONTHS).values[0] for chosen in groups for scenario in chosen]
    together = [values for results in whole for values in results.values]
    yield line("company", "a scenario's results do not depend on the scenarios beside it",
               sum(_differ(a, b) for a, b in zip(beside, together, strict=True)))
    short = [simulate(chosen, runs=RUNS, months=SHORT) for chosen in groups]
    yield line("prefix", "a shorter run is the beginning of a longer one",
               sum(_differ(a.values[:, :, :SHORT], b.values) for a, b in zip(whole, short, strict=True)))
    later = [simulate(chosen, runs=2, months=MONTHS, first_run=RUNS - 2) for chosen in groups]
    yield line("run numbers", "a run's numbers depend on its own number, not on the runs before it",
               sum(_differ(a.values[:, -2:], b.values) for a, b in zip(whole, later, strict=True)))
    zero = [simulate(chosen, runs=RUNS, months=MONTHS, seed=0) for chosen in groups]
    yield line("seed 0", "seed 0 is a seed: it gives the same numbers each time",
               sum(_differ(a.values, b.values) for a, b in zip(whole, zero, strict=True)))
    other = [simulate(chosen, runs=RUNS, months=MONTHS, seed=1) for chosen in groups]
    yield line("seed 1", "seed 1 gives other numbers than seed 0",
               sum(_differ(a.values, b.values) for a, b in zip(whole, other, strict=True)), wanted=True)


def _differ(a: np.ndarray, b: np.ndarray) -> int:
    """Number of numbers that are not the same, bit for bit; a missing one equals a missing one."""
    return int((~((a == b) | (np.isnan(a) & np.isnan(b)))).sum())
