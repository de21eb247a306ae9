"""`airace report DIR`: draw report.html again from a saved comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.saved_runs import write_report_beside
from sim.cli.terminal import Terminal

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", show_default=False, help="A folder that airace compare wrote.")
]


def report(terminal: Terminal, folder: Folder) -> None:
    """Write report.html again from a saved comparison."""
    from sim.results import Results
    from sim.studies.compare import compare

    path = write_report_beside(compare(Results.load(folder)), folder)
    terminal.data(str(path))
