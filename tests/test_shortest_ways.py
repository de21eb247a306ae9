"""Three tasks from README alone, in a shell and a browser: the answer is where README says, first, with its price.

The commands are README's own; only the number of runs is smaller here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FEW = {"compare": "--runs 12"}  # not for the answer, but for time


def commands(task: str) -> list[str]:
    """The commands that README's table gives for a task, in their order."""
    (line,) = [line for line in README.splitlines() if line.startswith(f"| {task} |")]
    return re.findall(r"`((?:airace|make) [^`]+)`", line)


@pytest.fixture(scope="module", name="shell")
def _shell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with nothing in it but, first on its path, an `airace` that is this version."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "bin").mkdir()
    program = folder / "bin" / "airace"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sim.cli "$@"\n')
    program.chmod(0o755)
    return folder


def typed(shell: Path, line: str) -> str:
    """What a command prints, as somebody who types it in a shell sees it in a pipe."""
    command = f"{line} {FEW.get(line.split()[1], '')}"
    path = {"PATH": f"{shell / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, cwd=shell, capture_output=True, text=True, env=os.environ | path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def test_an_adviser_reads_first_what_strict_eu_rules_cost_and_whom(shell: Path, page: Page) -> None:
    compare, brief = commands("tell what strict EU rules from 2027 cost, and whom")
    title, answer, *_ = paragraphs(typed(shell, compare))
    assert title == "“Strict EU rules from 2027” against “Baseline”"
    cost = re.search(r"What labs pay over 10 years to comply with rules: [^;]*\$[\d.]+\w*n [^;]*\$[\d.]+bn", answer)
    assert cost, "the first paragraph has the price, with its range, and who pays it"
    assert "Severe incidents over 10 years: " in answer, "and what it buys"
    told = typed(shell, brief)
    headings = [line for line in told.splitlines() if line in ("The question", "The answer", "Who gains", "Who loses")]
    assert headings == ["The question", "The answer", "Who gains", "Who loses"]
    assert cost.group() in " ".join(told.split()), "the brief says the same"

    page.goto((shell / "eu" / "report.html").as_uri())
    shown = page.get_by_text("What labs pay over 10 years to comply with rules").first
    assert cost.group() in " ".join(shown.inner_text().split())
    box = shown.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900, "the page shows it without scrolling"


def test_a_student_reads_first_by_how_much_chinas_lag_changes_then_what_makes_it(shell: Path) -> None:
    (why,) = commands("tell why China's lag changes under chip controls")
    _, first, *rest = paragraphs(typed(shell, why))
    assert first.startswith("The difference China's lag behind the US frontier (at the end): ")
    assert re.search(r"[\d.]+ months in A, [\d.]+ months in B, [\d.]+ months (longer|shorter)", first)
    assert "months on average" in first, "what is typical stands beside the one run"
    text = " ".join(rest)
    assert text.index("Where they part") < text.index("Which lines of the scenarios make it")
    assert "trade.chip_controls 0, not 1" in text
    assert "The back-test contradicts the direction of China's lag" in text, "how far to trust it"
