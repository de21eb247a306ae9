"""From what a user types to a scenario: a file, or the name of a scenario that comes with airace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario_errors import Problem, ScenarioError, suggest

if TYPE_CHECKING:
    from sim.cli.terminal import Terminal
    from sim.scenario import Scenario

PACKAGE = Path(__file__).parents[1]


def shipped_folder() -> Path:
    """The folder of the scenarios that come with airace: in the installed package, or beside its source."""
    installed = PACKAGE / "data" / "scenarios"
    return installed if installed.is_dir() else PACKAGE.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """The scenarios that come with airace, by name."""
    folder = shipped_folder()
    return {path.stem: path for path in [*sorted(folder.glob("*.toml")), *sorted(folder.glob("history/*.toml"))]}


def find_scenario(name: str) -> Path:
    """The file meant by `name`: a path, or the bare name of a shipped scenario.

    A path with a folder in it is taken as it is. FileNotFoundError if a bare name is neither a file nor
    shipped.
    """
    path = Path(name)
    if path.exists() or len(path.parts) != 1:
        return path
    known = shipped()
    stem = name.removesuffix(".toml")
    if stem in known:
        return known[stem]
    close = suggest(stem, list(known))
    hint = f"; did you mean `{close}`?" if close else ""
    raise FileNotFoundError(
        f"{name}: no such file, and no scenario of that name comes with airace{hint}\n"
        f"help: these come with airace: {', '.join(known)}"
    )


def load_scenario(name: str, changes: Sequence[str] | None, terminal: Terminal) -> Scenario:
    """The scenario meant by `name`, with `--set` changes; ScenarioError if invalid, warnings go to stderr."""
    from sim.scenario import Scenario

    scenario = Scenario.load(find_scenario(name), set=tuple(changes or ()))
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
