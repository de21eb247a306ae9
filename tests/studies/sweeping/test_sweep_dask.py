"""A sweep on a Dask cluster of real processes, one of them killed in the middle, gives the same bytes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.studies.sweeping import chunks
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.sweep import Sweep

distributed = pytest.importorskip("distributed")

DESIGN = """
base = "base.toml"
runs = 8
uncertainty = "luck"
[axes]
"regulation.strictness" = { from = 0.0, to = 1.0, steps = 12 }
"""


def started(*arguments: str, says: str) -> tuple[subprocess.Popen[str], str]:
    """A process of the cluster, and what it said when it was ready."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen([sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]], text=True,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(says, line):
            return process, found[0]
    raise AssertionError(f"{arguments[0]} did not start")


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 8)
    (tmp_path / "base.toml").write_text('title = "Base"\nmonths = 24\n')
    (tmp_path / "design.toml").write_text(DESIGN)
    design = Design.load(tmp_path / "design.toml")
    expected = Sweep.begin(tmp_path / "here", design).run().read_bytes()

    scheduler, address = started("dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1",
                                 says=r"tcp://127\.0\.0\.1:\d+")
    processes = [scheduler]
    try:
        for _ in range(2):
            worker, _ = started("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
                                "--local-directory", str(tmp_path), says=r"Registered to")
            processes.append(worker)
        killed: list[float] = []

        def kill_one(*_: int) -> None:
            if not killed:
                processes[1].send_signal(signal.SIGKILL)
                killed.append(time.monotonic())

        with distributed.Client(address, timeout=30) as client:
            sweep = Sweep.begin(tmp_path / "there", design)
            table = sweep.run(workers=2, executor=client.get_executor(), progress=kill_one)
        assert killed
        assert processes[1].wait(timeout=10) != 0
        assert table.read_bytes() == expected
        assert sweep.failures() == []
    finally:
        for process in processes:
            process.kill()
            process.wait()
