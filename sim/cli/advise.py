"""`airace advise FILE`: a search for policies, which comes back with three to five that a person can say aloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import completion
from sim.cli.ensembles import cores
from sim.cli.exits import DONE, SOME_RUNS_FAILED, going_on
from sim.cli.options import Format, PrintFormat, Seed, Workers
from sim.cli.output import Answer, present, tell
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.studies.deciding.advice import Advice

QuestionFile = Annotated[
    str, typer.Argument(metavar="FILE", show_default=False, autocompletion=completion.question,
                        help="A question, or the name of one that comes with airace: airace list questions."),
]
Candidates = Annotated[int, typer.Option(min=1, max=1_000_000, metavar="N", help="Policies that are tried.")]
Futures = Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="Futures in which each of them lives.")]
Judged = Annotated[int, typer.Option(min=1, max=100_000, metavar="N",
                                     help="Fresh futures in which those that none beats are judged.")]
Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the search, the page and the policies as "
                                      "scenario files; the same command goes on where it was stopped.")]
KEPT = "each generation that is done"


def advise(
    terminal: Terminal,
    file: QuestionFile,
    candidates: Candidates = 800,
    futures: Futures = 64,
    judged: Judged = 512,
    seed: Seed = 0,
    out: Folder = Path("advice"),
    workers: Workers = None,
    format_: PrintFormat = Format.text,
) -> int:
    """Search for policies within bounds, judge them on fresh futures, and say what to choose, and when not."""
    from sim.studies.deciding.advise import advise as study

    with going_on(out, KEPT), terminal.progress("runs", 1) as progress:
        found = study(file, candidates=candidates, futures=futures, judged=judged, seed=seed,
                      workers=workers or cores(), folder=out, progress=progress)
    return finish(terminal, found, out, format_)


def resume(terminal: Terminal, folder: Path, workers: int | None, format_: Format) -> int:
    """Go on with a study of advice in its folder."""
    from sim.studies.deciding.advise import resume as study

    with going_on(folder, KEPT), terminal.progress("runs", 1) as progress:
        found = study(folder, workers=workers or cores(), progress=progress)
    return finish(terminal, found, folder, format_)


def finish(terminal: Terminal, found: Advice, folder: Path, format_: Format) -> int:
    """Write the page, the table and the policies, and print the answer. The exit code."""
    from sim.report.pages.advise import record, told
    from sim.report.words.advise import file_name, names
    from sim.studies.keeping.folders import write_whole

    files = {name: f"{file_name(name)}.toml" for name in names(found).values()}
    for place, name in names(found).items():
        scenario = found.question.scenario(found.policies[place], name)
        write_whole(folder / "policies" / files[name], scenario.to_toml().encode("utf-8"))
    write_whole(folder / "advice.csv", found.table().to_csv(index=False, lineterminator="\n").encode("utf-8"))
    page = told(found, command_line("airace", "resume", folder.name or ".")).write(folder / "report.html")
    present(terminal, format_, Answer(text=lambda: _tell(terminal, found), table=found.table,
                                      record=lambda: record(found)))
    terminal.say(f"\nwritten: {page}, advice.csv and policies/ beside it")
    paths = [folder / "policies" / name for name in files.values()]
    terminal.suggest(["airace", "compare", *paths, "--runs", found.size.judged])
    if found.failed:
        terminal.error(f"{found.failed:,} futures of those judged did not reach the end under every policy and are "
                       "left out")
    return SOME_RUNS_FAILED if found.failed else DONE


def _tell(terminal: Terminal, found: Advice) -> None:
    from sim.report.pages.advise import criteria_table, policies_table, says_table, told
    from sim.report.words.advise import to_watch, triggers

    tell(terminal, told(found), (says_table(found), policies_table(found), criteria_table(found)))
    terminal.data()
    for sentence in (*triggers(found), "What to watch:", *to_watch(found)):
        terminal.paragraph(sentence)
