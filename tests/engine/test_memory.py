"""What cannot fit into memory is refused before it begins, with the gigabytes and the way out."""

from __future__ import annotations

import resource
import subprocess
import sys
import warnings
from importlib import import_module

import pytest

import sim
from sim.engine import memory

BASE = sim.Scenario.from_dict({"title": "Base", "months": 2})


GROWTH = """
import re, sim
base = sim.Scenario.load("baseline")
peaks = []
for runs in (200, 4000):
    len(sim.simulate(base, runs=runs, months=60).events)  # their sentences are made when they are read
    # Of this process alone: what getrusage tells begins with the memory of whoever started it.
    peaks.append(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024)
print(peaks[1] - peaks[0])
"""


@pytest.fixture
def ten_megabytes(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 10_000_000)


@pytest.mark.usefixtures("ten_megabytes")
def test_more_than_there_is_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr(import_module("sim.engine.simulate"), "run_batch", lambda _: pytest.fail("something has run"))
    with pytest.raises(memory.NotEnoughMemoryError) as refused:
        sim.simulate(BASE, runs=200_000)
    assert str(refused.value) == ("200,000 runs of 2 months need some 1.4 GB of memory, and 0.01 GB are free; ask for "
                                  "fewer runs or months, or run a sweep, which keeps summaries alone (docs/sweeps.md)")


@pytest.mark.usefixtures("ten_megabytes")
def test_more_than_half_is_said_and_less_is_not():
    with pytest.warns(memory.MuchMemory, match="1,000 runs of 2 months need some 0.007 GB"):
        memory.check_memory(1, 1000, 2, labs=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        memory.check_memory(1, 700, 2, labs=False)
    with pytest.raises(memory.NotEnoughMemoryError):
        memory.check_memory(1, 1000, 2, labs=True)


@pytest.mark.slow
def test_a_limit_on_the_process_counts_as_what_is_free():
    """`ulimit -v`, as on a cluster; the command says it in a sentence, exit 2, within seconds of work."""
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([sys.executable, "-m", "sim.cli", "compare", "baseline", "strict_rivalry", "--runs", "100000",
                           "--months", "600", "--uncertainty", "luck"], capture_output=True, text=True,
                          preexec_fn=limited, env={"PATH": "", "OPENBLAS_NUM_THREADS": "1"}, cwd="/")
    assert done.returncode == 2, done.stderr
    assert "100,000 runs of 600 months need some 420 GB of memory" in done.stderr
    assert "run a sweep" in done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 20.0


@pytest.mark.thorough
@pytest.mark.slow
def test_peak_memory_is_what_is_reckoned_with():
    """Thousands of runs more take what `BYTES_A_MONTH` says, within a half."""
    done = subprocess.run([sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True)
    taken = int(done.stdout)
    assert 0.5 < taken / (3800 * 60 * memory.BYTES_A_MONTH) < 1.5
