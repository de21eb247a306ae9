"""The benchmark runs and prints every figure that it promises; how large they are is for `make bench` to say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_benchmark_measures_batches_lens_plain_mesa_and_threads():
    command = [sys.executable, "benchmarks/bench.py", "--runs", "4", "--months", "3", "--repeats", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for line in (
        r"3 months, \d+ labs, \d+ founders, 5 regulators, 8 nations; best of 1",
        r"One scenario, in batches +4 +[\d.]+ +[\d.]+ +\S+x",
        r"Four core scenarios on the same luck +4 +[\d.]+ +[\d.]+ +\S+x",
        r"Mesa lens on the same arrays, run by run +1 +[\d.]+ +[\d.]+ +\S+x",
        r"Plain Mesa model, run by run +1 +[\d.]+ +[\d.]+ +1x",
        r"Two threads over one +[\d.]+x",
        r"Two processes that only count, over one +[\d.]+x",
    ):
        assert re.search(f"^{line}$", done.stdout, re.M), (line, done.stdout)
