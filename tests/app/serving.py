"""The cockpit and games as visitors meet them: `airace app` in a process of its own, on a free port of this machine."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PATIENCE = 120.0
"""Seconds that a page may take on a busy machine; a quiet one needs a few."""


@contextmanager
def served(*options: str, what: str = "app", port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process of a running `airace app`, or `airace play`, which is interrupted at the end."""
    command = [sys.executable, "-m", "sim.cli", what, "--port", str(port), "--no-browser", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        said = []
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/(#key=\S+)?", line):
                yield found[0], process
                break
        else:
            pytest.fail(f"airace {what} did not start: {''.join(said)}")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20.0)
            except subprocess.TimeoutExpired:
                process.kill()
        process.stderr.close() if process.stderr else None
