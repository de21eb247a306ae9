"""`airace explore DIR`: a finished sweep as one page with sliders, which anybody can open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion
from sim.cli.exits import DONE, UsageError
from sim.cli.options import Format, Lang, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.studies.sweeping.exploring import Explored

Folder = Annotated[Path, typer.Argument(metavar="DIR", show_default=False, help="Folder of a finished sweep.")]
Outcomes = Annotated[
    list[str] | None, typer.Option("--outcome", metavar="NAME", show_default=False, autocompletion=completion.outcome,
                                   help="An outcome for the page, of those that the sweep kept; all unless given. "
                                   "Repeatable."),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", show_default=False,
                              help="The page to write; explorer.html in the sweep's folder unless given."),
]


def explore(
    terminal: Terminal, folder: Folder, outcome: Outcomes = None, out: Out = None, format_: PrintFormat = Format.text,
    lang: Lang = None,
) -> int:
    """Make one page of a finished sweep: sliders over its axes, outcomes redrawn between the simulated points.

    The page speaks every language that airace has: that of its link, else of --lang, else of the browser.
    """
    from sim.report.pages import explorer
    from sim.studies.sweeping.exploring import explore as join

    path = out or folder / "explorer.html"
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name the page, as in --out {path / 'explorer.html'}")
    with terminal.progress("joining", 1) as progress:
        found = join(folder, outcome or (), progress)
    page = explorer.page(found, lang or "")
    from sim.studies.keeping.folders import write_whole

    content = page.encode("utf-8")
    write_whole(path, content)
    _tell(terminal, found, format_)
    terminal.say(f"written: {path} ({len(content) / 1e6:.1f} MB; it opens without a network)")
    return DONE


def _tell(terminal: Terminal, found: Explored, format_: Format) -> None:
    from sim.model.outcomes import OUTCOMES
    from sim.report.words.explorer import miss, name_of, standing

    rows: list[dict[str, Any]] = []
    for block in found.blocks:
        for name, error in block.errors.items():
            rows.append({"points": name_of(block.words), "outcome": name, "verdict": error.verdict,
                         "left_out": error.points, "told": error.told, "missed": error.mean,
                         "nine_in_ten": error.mean_ninety, "unit": OUTCOMES[name].unit})

    def tell() -> None:
        for block in found.blocks:
            terminal.data(f"{len(block.points):,} simulated points, {name_of(block.words)}: what left-out points show")
            for name, error in block.errors.items():
                missed = f"missed by {miss(OUTCOMES[name], error.mean)} on average" if error.known else ""
                terminal.data(f"  {name}: {missed}")
                terminal.data(f"    {standing(error)}")

    present(terminal, format_, Answer(text=tell, table=lambda: rows, record=lambda: {
        "title": found.design.title, "dropped": found.dropped, "errors": rows}))
