"""What results depend on: the seed, the run and the scenario, and neither batches, nor length, nor company."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.engine.simulate import simulate
from sim.engine.workers import WorkerPool
from sim.scenario.scenario import Scenario
from sim.studies.checking.checks import Check, Verdict
from sim.studies.checking.identities import alike

RUNS, MONTHS, SHORT = 6, 48, 20
PROGRAM = """
import sim
baseline = sim.Scenario.from_dict({"title": "Baseline"})
if __name__ == "__main__":
    print(sim.simulate(baseline, runs=6, months=24).hash())
"""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
# What is set in the environment of a process of its own; each has a working directory of its own, too.
SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "1 BLAS thread, in Kiritimati": {**dict.fromkeys(_THREADS, "1"), "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    "2 BLAS threads, in Niue": {**dict.fromkeys(_THREADS, "2"), "TZ": "Pacific/Niue", "LC_ALL": "de_DE.UTF-8"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
}


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - bits, not means
    """One check for each promise, over the baseline and the given scenarios."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    groups = alike([baseline, *scenarios])
    whole = [simulate(chosen, runs=RUNS, months=MONTHS) for chosen in groups]

    def line(name: str, claim: str, differing: int, wanted: bool = False) -> Check:
        count = sum(results.values.size for results in whole)
        measured = f"{differing:,} of {count:,} numbers differ"
        return Check("engine", name, claim, measured, Verdict.of((differing > 0) == wanted))

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
    yield from _surroundings()
    other = [simulate(chosen, runs=RUNS, months=MONTHS, seed=1) for chosen in groups]
    yield line("seed 1", "seed 1 gives other numbers than seed 0",
               sum(_differ(a.values, b.values) for a, b in zip(whole, other, strict=True)), wanted=True)


def _differ(a: np.ndarray, b: np.ndarray) -> int:
    """Number of numbers that are not the same, bit for bit; a missing one equals a missing one."""
    return int((~((a == b) | (np.isnan(a) & np.isnan(b)))).sum())


def _surroundings() -> Iterator[Check]:
    """The hash with several workers, started in either way, and in processes with other surroundings."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    expected = simulate(baseline, runs=RUNS, months=24).hash()
    ways = {f"{n} workers": simulate(baseline, runs=RUNS, months=24, workers=n).hash() for n in (2, 4)}
    for method in {"spawn", "fork"} & set(multiprocessing.get_all_start_methods()):
        with WorkerPool(2, method) as pool:
            ways[method] = simulate(baseline, runs=RUNS, months=24, executor=pool, batch=2).hash()
    yield _same("workers", "1, 2 and 4 workers, spawned or forked, give the same bits", expected, ways)
    with tempfile.TemporaryDirectory() as folder:
        around = {
            name: subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, env={**os.environ, **settings},
                                 capture_output=True, text=True, check=False).stdout.strip()
            for name, settings in SURROUNDINGS.items()
        }
    yield _same("surroundings", "threads of BLAS, time zone, locale, hash seed and folder change no bit", expected,
                around)


def _same(name: str, claim: str, expected: str, found: Mapping[str, str]) -> Check:
    differing = [way for way, value in found.items() if value != expected]
    measured = f"hash {expected[:12]} with {', '.join(found)}"
    return Check("engine", name, claim, f"another hash with {', '.join(differing)}" if differing else measured,
                 Verdict.of(not differing))
