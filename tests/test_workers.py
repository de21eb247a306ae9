"""Workers that cannot start, or are killed, are explained in a sentence."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from sim.workers import worker_processes

UNGUARDED = """
import sim

base = sim.Scenario.from_dict({"title": "Base", "months": 2})
print(sim.simulate(base, runs=4, workers=2, batch=2).values.shape)
"""
GUARDED = UNGUARDED.replace("print(", 'if __name__ == "__main__":\n    print(')

pytestmark = pytest.mark.slow


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "study.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run([sys.executable, "study.py"], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=300, check=False)


def test_a_script_without_a_main_guard_is_told_so(tmp_path: Path) -> None:
    done = run(tmp_path, UNGUARDED)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("first runs the script's top level again; or use workers=1.")
    assert '`if __name__ == "__main__":`' in done.stderr
    # Python's own explanation is 25 lines long, and comes from each worker.
    assert "freeze_support" not in done.stderr
    assert done.stderr.count("Traceback") == 1


def test_the_same_script_with_a_guard_runs(tmp_path: Path) -> None:
    done = run(tmp_path, GUARDED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("(1, 4, 2,")


def test_a_worker_that_is_killed_at_work_is_told_apart_from_one_that_cannot_start() -> None:
    def kill_and_ask_again() -> None:
        with worker_processes(1) as pool:
            pool.submit(abs, -1).result()
            worker = multiprocessing.active_children()[0]
            worker.kill()
            worker.join()
            pool.submit(abs, -1).result()

    with pytest.raises(BrokenProcessPool, match="was killed while it was at work"):
        kill_and_ask_again()
