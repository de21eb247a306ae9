"""From what a user types to scenarios: warnings go to stderr, problems of several files are raised at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.exits import UsageError
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.shipped import scenario_files, world_files

if TYPE_CHECKING:
    from sim.cli.terminal import Terminal
    from sim.scenario.scenario import Scenario


def refuse_to_write(path: Path, force: bool) -> None:
    """OSError, before the work, where a file exists and `force` is not given, is a folder, or has none to be in."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not force:
        raise FileExistsError(f"{path} exists; --force overwrites it")
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def load_scenario(name: str, changes: Sequence[str] | None, terminal: Terminal) -> Scenario:
    """The scenario meant by `name`, with `--set` changes; ScenarioError if invalid, warnings go to stderr."""
    from sim.scenario.scenario import Scenario

    scenario = Scenario.load(name, set=tuple(changes or ()))
    if name in scenario_files() and Path(scenario.source or "") != scenario_files()[name]:
        terminal.say(f"note: {name} is the file {scenario.source} of this folder, not the one that comes with airace\n")
    for warning in scenario.warnings:
        terminal.say(f"{warning}\n")
    return scenario


def load_scenarios(names: Sequence[str], changes: Sequence[str] | None, terminal: Terminal) -> list[Scenario]:
    """Several scenarios; what is wrong with any of them is raised at once, as one ScenarioError."""
    scenarios: list[Scenario] = []
    problems: dict[str, Problem] = {}
    for name in names:
        try:
            scenarios.append(load_scenario(name, changes, terminal))
        except ScenarioError as error:  # a wrong --set is wrong in every file: say it once
            problems |= {str(problem): problem for problem in error.problems}
    if problems:
        raise ScenarioError(problems.values())
    return scenarios


WORLDS = "worlds"  # all that come with airace, where no folder of one's own has that name


def load_worlds(names: Sequence[str], terminal: Terminal) -> list[Scenario]:
    """The worlds meant by files, names and folders of them; UsageError for a folder without any."""
    return load_scenarios([found for name in names for found in _in_folder(name)], None, terminal)


def _in_folder(name: str) -> list[str]:
    """The scenario files of a folder; any other name alone."""
    if Path(name).is_dir():
        found = sorted(str(path) for path in Path(name).glob("*.toml"))
        if not found:
            raise UsageError(f"the folder {name} holds no world: a world is a scenario file (.toml); airace list "
                             f"{WORLDS} shows those that come with airace, by whose names --worlds takes them")
        return found
    return list(world_files()) if name == WORLDS else [name]
