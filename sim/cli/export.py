"""`airace export DIR FOLDER`: a saved study as pictures and tables for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import Anonymous
from sim.cli.saved_runs import kept_worlds, saved_results
from sim.cli.terminal import Terminal

Saved = Annotated[
    Path, typer.Argument(metavar="DIR", show_default=False, help="A folder that airace wrote: of a "
                   "comparison, worth, a sweep, sensitivity, a game, or advice.")
]
Into = Annotated[
    Path, typer.Argument(metavar="FOLDER", show_default=False, help="Where to write: an empty folder, or a new one.")
]


def export(terminal: Terminal, saved: Saved, folder: Into, anonymous: Anonymous = False) -> None:
    """Write every figure of a saved study as SVG and PNG, and every table as CSV and in one workbook."""
    from sim.report.pages.export import export as write
    from sim.studies.keeping.folders import refuse_full

    refuse_full(folder)
    written = write(_study(saved, anonymous), folder)
    terminal.data(str(written))
    terminal.say(f"{written / 'README.txt'} tells which file is what")


def _study(saved: Path, anonymous: bool) -> Any:
    """The study that a folder holds; UsageError or StoreError where it holds none, or none that is whole."""
    from sim.cli.exits import UsageError
    from sim.cli.worth import kept_worth
    from sim.studies.comparing.compare import compare
    from sim.studies.deciding import advise, game, playing
    from sim.studies.keeping.folders import StoreError, visible_names
    from sim.studies.sweeping import kept, sweep

    ways: dict[str, Callable[[Path], Any]] = {
        playing.MANIFEST: game.kept, advise.MANIFEST: advise.kept, sweep.MANIFEST: sweep.Sweep.open,
        kept.ASKED: kept.kept_sensitivity, "indices_a": kept.kept_sensitivity}
    names = visible_names(saved)
    way = next((way for name, way in ways.items() if name in names), None)
    if way is not None:
        if anonymous:
            raise UsageError("--anonymous is for comparisons: other studies keep no events, and their tables name "
                             "nobody")
        return way(saved)
    if "backtest.html" in names:
        raise StoreError(saved, "holds the page of a back-test, and no numbers",
                         "airace backtest --format csv gives them, and so does export in Python")
    results = saved_results(saved, anonymous)
    return kept_worth(saved, results) or kept_worlds(saved, results) or compare(results)
