"""What a shell offers: commands, scenarios and files, outcomes, levers and parameters; and `-h` helps everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import completion
from sim.cli.commands import COMMANDS


def offered(folder: Path, words: str) -> list[str]:
    """What bash is offered for the last of `words`."""
    environment = {**os.environ, "_AIRACE_COMPLETE": "complete_bash", "COMP_WORDS": words,
                   "COMP_CWORD": str(len(words.split(" ")) - 1)}
    code = "from sim.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True,
                          check=False)
    return done.stdout.split()


def test_a_name_that_is_begun_is_completed(tmp_path: Path) -> None:
    (tmp_path / "light_mine.toml").touch()
    (tmp_path / "light_notes.txt").touch()
    (tmp_path / "lights").mkdir()
    assert offered(tmp_path, "airace comp") == ["compare"]
    assert offered(tmp_path, "airace compare light_") == ["light_cooperation", "light_rivalry", "light_mine.toml"]
    assert offered(tmp_path, "airace compare baseline lights") == ["lights/"]


@pytest.mark.slow
@pytest.mark.parametrize(("words", "found"), [
    ("airace why baseline licensing --outcome severe_incidents", ["severe_incidents"]),
    ("airace params regulation.licens", ["regulation.licensing_above", "regulation.licence_review",
                                         "regulation.licences_given", "regulation.licence_months",
                                         "regulation.licence_safety"]),
    ("airace run baseline --set trade.enf", ["trade.enforcement="]),
])
def test_names_of_the_model_are_completed(tmp_path: Path, words: str, found: list[str]) -> None:
    assert set(offered(tmp_path, words)) <= set(found)
    assert found[0] in offered(tmp_path, words)


def test_each_kind_of_name_is_found_by_its_beginning() -> None:
    assert "severe_incidents" in completion.outcome("severe")
    assert completion.parameter("severe_haz") == ["severe_hazard"]  # a name without its section
    assert completion.setting("uncertainty.severe_haz") == ["uncertainty.severe_hazard="]
    assert "worlds" not in completion.scenario("no such")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_form_of_help_is_known_to_every_command(airace, command: str) -> None:
    assert airace(command, "-h").stdout == airace(command, "--help").stdout != ""
