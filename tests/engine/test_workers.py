"""Workers end with their parent; why one cannot take work, did not start or was killed is said in a sentence."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import ModuleType

import pytest

import sim
from sim.engine.workers import NotSendableError, worker_processes

UNGUARDED = """
import sim

base = sim.Scenario.from_dict({"title": "Base", "months": 2})
print(sim.simulate(base, runs=4, workers=2, batch=2, check=True).values.shape)
"""
GUARDED = UNGUARDED.replace("print(", 'if __name__ == "__main__":\n    print(')

ENDLESS = """
import sys
from concurrent.futures import wait
from time import sleep
from sim.engine.workers import worker_processes

if __name__ == "__main__":
    with worker_processes(2) as pool:
        print(*pool.map(abs, (-1, -2)), flush=True)
        wait([pool.submit(sleep, 600) for _ in range(8)])
"""


def start(folder: Path, script: str) -> subprocess.Popen[str]:
    """The script in a process, whose working folder has files with the names of Python's own."""
    (folder / "study").mkdir()
    (folder / "study" / "study.py").write_text(script)
    for name in ("signal", "random", "queue", "selectors"):
        (folder / f"{name}.py").write_text("raise SystemExit('not the one that was meant')")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([sys.executable, "study/study.py"], cwd=folder, env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    process = start(folder, script)
    output, errors = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def read_before_it_closes(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What is left of stdout and stderr; they close when no process holds them any more, workers and tracker too."""
    return process.communicate(timeout=60)


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    process = start(tmp_path, ENDLESS)
    assert process.stdout is not None
    assert process.stdout.readline() == "1 2\n"
    process.kill()
    _, errors = read_before_it_closes(process)
    assert "Traceback" not in errors


def test_what_cannot_be_sent_is_refused_before_a_worker_starts() -> None:
    with pytest.raises(NotSendableError, match="put functions of your own, such as stages, into a file"):
        sim.simulate(sim.Scenario.from_dict({"title": "Base", "months": 2}), runs=4, batch=2, workers=2,
                     stages=(lambda _world, _luck: None,))
    assert multiprocessing.active_children() == []


def defined_in_a_cell(_: object) -> None:
    """Moved to `__main__` by the test below."""


@pytest.mark.slow
def test_a_function_that_workers_do_not_find_is_named_and_nothing_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defined_in_a_cell, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], "defined_in_a_cell", defined_in_a_cell, raising=False)
    with pytest.raises(NotSendableError, match="defined_in_a_cell"), worker_processes(1) as pool:
        pool.submit(defined_in_a_cell, None).result()


def test_a_script_on_stdin_is_told_to_become_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    script = ModuleType("__main__")
    script.__file__ = "<stdin>"
    monkeypatch.setitem(sys.modules, "__main__", script)
    with pytest.raises(NotSendableError, match="save it in a file"), worker_processes(1):
        pass


@pytest.mark.slow
def test_a_script_without_a_main_guard_is_told_so(tmp_path: Path) -> None:
    done = run(tmp_path, UNGUARDED)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("first runs the script's top level again; or use workers=1.")
    assert '`if __name__ == "__main__":`' in done.stderr
    # Python's own explanation is 25 lines long, and comes from each worker.
    assert "freeze_support" not in done.stderr
    assert done.stderr.count("Traceback") == 1


@pytest.mark.slow
def test_the_same_script_with_a_guard_runs(tmp_path: Path) -> None:
    done = run(tmp_path, GUARDED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("(1, 4, 2,")


@pytest.mark.slow
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
