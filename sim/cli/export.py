"""`airace export DIR FOLDER`: a saved study as pictures and tables for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import Anonymous
from sim.cli.saved_runs import kept_worlds, saved_results
from sim.cli.terminal import Terminal

Saved = Annotated[
    Path, typer.Argument(metavar="DIR", show_default=False, help="A folder that airace compare or airace sweep wrote.")
]
Into = Annotated[
    Path, typer.Argument(metavar="FOLDER", show_default=False, help="Where to write: an empty folder, or a new one.")
]


def export(terminal: Terminal, saved: Saved, folder: Into, anonymous: Anonymous = False) -> None:
    """Write every figure of a saved study as SVG and PNG, and every table as CSV and in one workbook."""
    from sim.studies.keeping.folders import refuse_full

    refuse_full(folder)
    written = _study(saved, anonymous).export(folder)
    terminal.data(str(written))
    terminal.say(f"{written / 'README.txt'} tells which file is what")


def _study(saved: Path, anonymous: bool) -> Any:
    """The study that a folder holds; UsageError or StoreError where it holds none."""
    from sim.cli.exits import UsageError
    from sim.studies.comparing.compare import compare
    from sim.studies.keeping.folders import visible_names
    from sim.studies.sweeping.sweep import MANIFEST, Sweep

    if MANIFEST in visible_names(saved):
        if anonymous:
            raise UsageError("--anonymous is for comparisons: a sweep keeps no events, and its tables name nobody")
        return Sweep.open(saved)
    results = saved_results(saved, anonymous)
    return kept_worlds(saved, results) or compare(results)
