"""`airace new FILE`: write a scenario file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.exits import UsageError
from sim.cli.files import find_scenario, load_scenario
from sim.cli.options import Force
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.scenario import Scenario

File = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, help="The file to write, as in my.toml.")
]
From = Annotated[
    str, typer.Option("--from", metavar="SCENARIO", help="The scenario to begin from: a file or a name.")
]
Title = Annotated[
    str | None, typer.Option(show_default=False, help="Its title; from the file's name if not given.")
]


def new(
    terminal: Terminal, file: File, from_: From = "baseline", title: Title = None, force: Force = False
) -> None:
    """Write a scenario file to begin with. It starts from another scenario."""
    if file.suffix != ".toml":
        raise UsageError(f"a scenario file ends in .toml, as in {file.stem or 'my'}.toml")
    if file.exists() and not force:
        raise FileExistsError(f"{file} exists; --force overwrites it")
    title = title or file.stem.replace("_", " ").capitalize()
    parent = load_scenario(from_, None, terminal).with_({}, title=title)  # refuses an invalid title too
    file.write_text(_text(parent, file, find_scenario(from_)), encoding="utf-8")
    terminal.data(str(file))
    terminal.suggest(f"edit {file}", f"airace validate {file}", f"airace compare {from_} {file}")


def _text(scenario: Scenario, file: Path, parent: Path) -> str:
    """The new file: it extends a parent beside it, and otherwise holds what the parent sets."""
    from sim.scenario import template

    if parent.resolve().parent == file.resolve().parent and parent.resolve() != file.resolve():
        return template(scenario.title, extends=parent.name)
    if scenario.set_levers or scenario.agents or scenario.events or scenario.uncertainty:
        return scenario.to_toml()
    return template(scenario.title)
