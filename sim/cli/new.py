"""`airace new FILE`: write a scenario file to begin with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.exits import UsageError
from sim.cli.files import load_scenario, refuse_to_write
from sim.cli.options import Force
from sim.cli.terminal import Terminal
from sim.common.shell import readable
from sim.scenario.shipped import find, scenario_files
from sim.studies.keeping.folders import write_whole

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
    from sim.scenario.scenario import template

    if file.suffix != ".toml":
        raise UsageError(f"a scenario file ends in .toml, as in {file.stem or 'my'}.toml")
    refuse_to_write(file, force)
    title = title or readable(file.stem).replace("_", " ").capitalize()
    parent = load_scenario(from_, None, terminal).with_({}, title=title)  # refuses an invalid title too
    text = template(parent, _name_beside(file, Path(parent.source or "")))
    write_whole(file, text.encode("utf-8"))
    terminal.data(str(file))
    terminal.suggest(["airace", "validate", file], ["airace", "compare", from_, file])


def _name_beside(file: Path, parent: Path) -> str | None:
    """The name by which `file` can extend `parent`, which comes with airace or lies beside it; None if neither."""
    known = scenario_files()
    for name in (parent.stem, parent.name):
        meant, wanted, written = map(os.path.realpath, (find(name, known, file.parent, file), parent, file))
        if meant == wanted != written:
            return name
    return None
