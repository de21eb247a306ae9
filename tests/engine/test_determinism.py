"""The hash of a study depends on its scenarios, seed, runs and months; on nothing of how, where or when it is run."""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path

import pytest

import sim
from sim.model.cache import FOLDER_VARIABLE, cache_home

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = ("baseline.toml", "strict_cooperation.toml", "sanctions_war.toml")
RUNS, MONTHS, SEED = 12, 40, 11
PROGRAM = f"""
import sys
import sim
scenarios = [sim.Scenario.load(path) for path in sys.argv[1:]]
if __name__ == "__main__":
    print(sim.simulate(scenarios, runs={RUNS}, months={MONTHS}, seed={SEED}).hash())
"""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
# Each row: what is set in the environment of the process.
SURROUNDINGS: dict[str, dict[str, str]] = {
    "1 BLAS thread": dict.fromkeys(THREADS, "1"),
    "2 BLAS threads": dict.fromkeys(THREADS, "2"),
    "Kiritimati": {"TZ": "Pacific/Kiritimati"},
    "Niue": {"TZ": "Pacific/Niue"},
    "C": {"LC_ALL": "C"},
    "C in UTF-8": {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    "a locale with decimal commas": {"LC_ALL": "de_DE.UTF-8"},
    "a locale that does not exist": {"LC_ALL": "xx_XX.UTF-8"},
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 4294967295": {"PYTHONHASHSEED": "4294967295"},
    # Another processor, and rules that are less optimised, compile anew: `.ci/smoke` and `.ci/run` try them. So does an
    # optimisation of 2, which drops docstrings and so moves the bytes by which a compiled rule is known.
    "another place, Python optimised": {
        "HOME": "/nonexistent", "COLUMNS": "20", "PYTHONOPTIMIZE": "1", FOLDER_VARIABLE: str(cache_home())},
}


def scenarios() -> list[sim.Scenario]:
    return [sim.Scenario.load(SCENARIOS / name) for name in FILES]


def hash_with(**how: object) -> str:
    return sim.simulate(scenarios(), runs=RUNS, months=MONTHS, seed=SEED, **how).hash()


@pytest.fixture(scope="module")
def expected() -> str:
    return hash_with()


class Shuffled(Executor):
    """Waits for as many tasks as there are runs and carries them out in a random order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.waiting: list[tuple[Future, object]] = []

    def submit(self, function, /, *arguments):
        """Put a task to the others; the last one sets all off."""
        future: Future = Future()
        self.waiting.append((future, lambda: function(*arguments)))
        if len(self.waiting) == RUNS:
            self.random.shuffle(self.waiting)
            for waiting, task in self.waiting:
                waiting.set_result(task())
        return future


@pytest.mark.slow
@pytest.mark.parametrize("batch", [3, 4, 7, 10, 17, 35, 10_000])
def test_the_hash_does_not_depend_on_the_size_of_batches(batch: int, expected: str) -> None:
    assert hash_with(batch=batch) == expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_hash_does_not_depend_on_the_order_of_batches(seed: int, expected: str) -> None:
    assert hash_with(batch=len(FILES), executor=Shuffled(seed)) == expected  # one run of each scenario a batch


@pytest.mark.slow
def test_the_hash_does_not_depend_on_the_order_of_runs(expected: str) -> None:
    parts = {first: sim.simulate(scenarios(), runs=4, first_run=first, months=MONTHS, seed=SEED) for first in (8, 0, 4)}
    assert parts[0].followed_by(parts[4]).followed_by(parts[8]).hash() == expected


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 4])
def test_the_hash_does_not_depend_on_the_number_of_workers(workers: int, expected: str) -> None:
    assert hash_with(workers=workers) == expected


@pytest.fixture(params=[m for m in ("spawn", "fork", "forkserver") if m in multiprocessing.get_all_start_methods()])
def pool(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with ProcessPoolExecutor(2, multiprocessing.get_context(request.param)) as executor:
        yield executor


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_the_hash_does_not_depend_on_how_workers_are_started(pool: Executor, expected: str) -> None:
    assert hash_with(executor=pool, batch=10) == expected


@pytest.mark.slow
@pytest.mark.parametrize("case", SURROUNDINGS)
def test_the_hash_does_not_depend_on_the_surroundings(case: str, expected: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, *(str(SCENARIOS / name) for name in FILES)],
        cwd=tmp_path,  # and so the working directory differs in every case
        env={**os.environ, **SURROUNDINGS[case]},
        capture_output=True,
        text=True,
        timeout=900,  # for what hangs
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == expected
