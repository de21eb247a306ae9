"""`airace report DIR`: draw report.html again from a saved comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.exits import UsageError
from sim.cli.options import Anonymous
from sim.cli.saved_runs import kept_worlds, write_report_beside, write_worlds_beside
from sim.cli.terminal import Terminal

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", show_default=False, help="A folder that airace compare wrote.")
]


def report(terminal: Terminal, folder: Folder, anonymous: Anonymous = False) -> None:
    """Write report.html again from a saved comparison."""
    from sim.engine.results import Results
    from sim.studies.comparing.compare import compare

    results = Results.load(folder)
    if len(results.titles) < 2:
        raise UsageError(f"{folder} holds one scenario; a report compares two or more: save them together")
    results = results.anonymous() if anonymous else results
    worlds = kept_worlds(folder, results)
    path = write_report_beside(compare(results), folder) if worlds is None else write_worlds_beside(worlds, folder)
    terminal.data(str(path))
