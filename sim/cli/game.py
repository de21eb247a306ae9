"""`airace game FILE`: which policies of two or three powers are stable against each other, and which game it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.ensembles import cores
from sim.cli.exits import DONE, SOME_RUNS_FAILED, going_on
from sim.cli.options import Format, MonthsInstead, PrintFormat, RunsInstead, SeedInstead, Workers
from sim.cli.output import Answer, present, tell
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.studies.deciding.game import Game
    from sim.studies.deciding.playing import Played

GameFile = Annotated[
    str, typer.Argument(metavar="FILE", show_default=False, help="A game, or the name of one that comes with airace.")
]
GameFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the game: new, or this game's.")]


def game(
    terminal: Terminal,
    file: GameFile,
    runs: RunsInstead = None,
    seed: SeedInstead = None,
    months: MonthsInstead = None,
    out: GameFolder = Path("game"),
    workers: Workers = None,
    format_: PrintFormat = Format.text,
) -> int:
    """Play every policy of two or three powers against every other: what is stable, and which game it is."""
    from sim.studies.deciding.players import Profiles
    from sim.studies.deciding.playing import Played

    design = Profiles.load(file, runs=runs, seed=seed, months=months)
    return go_on(terminal, Played.begin(out, design), workers, format_)


def go_on(terminal: Terminal, played: Played, workers: int | None, format_: Format, retry_failed: bool = False) -> int:
    """Do what is not done of a game, tell what it comes to, and write its page."""
    from sim.report.pages.game import told
    from sim.studies.deciding.game import answer
    from sim.studies.keeping.folders import write_whole

    runs = len(played.design.points) * played.design.runs
    with going_on(played.folder), terminal.progress("runs", runs) as progress:
        played.run(workers or cores(), progress=progress, retry_failed=retry_failed)
    found = answer(played)
    page = told(found, command_line("airace", "resume", Path(played.folder.name or "."))).write(
        played.folder / "game.html")
    write_whole(played.folder / "game.csv", found.table().to_csv(index=False, lineterminator="\n").encode("utf-8"))
    _show(terminal, found, format_)
    terminal.say(f"\nwritten: {page} and game.csv beside it")
    failures = played.failures()
    if failures:
        terminal.error(f"{len(failures):,} runs failed, and their futures are left out of every profile; "
                       f"{command_line('airace', 'resume', played.folder)} --retry-failed tries them again")
    return SOME_RUNS_FAILED if failures else DONE


def _show(terminal: Terminal, found: Game, format_: Format) -> None:
    from sim.report.pages.game import record, text, told

    present(terminal, format_, Answer(text=lambda: tell(terminal, told(found), text(found)), table=found.table,
                                      record=lambda: record(found)))
