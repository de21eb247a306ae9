"""The message with which a scenario is refused."""

import os
import re
from pathlib import Path

import pytest

from sim.scenario.scenario import Scenario, ScenarioError


def refused(folder: Path, text: str | bytes, options: tuple[str, ...] = ()) -> str:
    """The message for a file with this text, its folder left out."""
    path = folder / "a.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return message(path, options)


def message(path: Path, options: tuple[str, ...] = ()) -> str:
    with pytest.raises(ScenarioError) as caught:
        Scenario.load(path, options)
    assert all(re.fullmatch(r"S1\d\d", problem.code) for problem in caught.value.problems)
    return str(caught.value).replace(f"{path.parent}{os.sep}", "")
