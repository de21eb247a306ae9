"""`airace discover DIR`: where a policy fails, and which of several is least bad over the same futures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion
from sim.cli.exits import DONE, UsageError
from sim.cli.options import Format, PrintFormat
from sim.cli.output import Answer, present, tell
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.studies.sweeping.discovery import Boxes

Folders = Annotated[
    list[Path], typer.Argument(metavar="DIR", show_default=False,
                               help="Sweep folders. One: boxes in which --fails holds. Several: each is a policy, and "
                               "their regret over the same points.")
]
Fails = Annotated[str, typer.Option("--fails", metavar="CONDITION", help="What counts as failure, of a point's mean.")]
OutcomeName = Annotated[
    str, typer.Option("--outcome", metavar="NAME", help="The outcome by which several policies are compared.",
                      autocompletion=completion.outcome)
]

Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                              help="Folder of the page, boxes.html or regret.html; the first sweep's unless given.")
]


def discover(
    terminal: Terminal,
    folders: Folders,
    fails: Fails = "severe_incidents > 5",
    outcome: OutcomeName = "severe_incidents",
    out: Out = None,
    format_: PrintFormat = Format.text,
) -> int:
    """Say where a policy fails, or which of several is least bad almost everywhere, and write a page on it."""
    from sim.report.pages.discovery import told_of_boxes, told_of_regret
    from sim.report.words.trust import own_rules_of
    from sim.studies.sweeping.discovery import Condition, boxes, regret
    from sim.studies.sweeping.sweep import Sweep

    sweeps = [Sweep.open(folder) for folder in folders]
    if len({sweep.departure for sweep in sweeps}) > 1:
        raise UsageError("the sweeps were made by different rules, so their differences are not those of the policies: "
                         + "; ".join(f"{sweep.folder}: {sweep.departure or 'the model alone'}" for sweep in sweeps))
    own = own_rules_of([sweep.departure for sweep in sweeps])
    record: dict[str, Any]
    found: Boxes | None = None
    if len(sweeps) > 1:
        least = regret(sweeps, outcome)
        rows, name = [policy.row() for policy in least], "regret.html"
        asked = command_line("airace", "discover", *folders, "--outcome", outcome)
        told = told_of_regret(least, outcome, [sweep.design for sweep in sweeps], asked)
        record = {"outcome": outcome, "regret": rows}
    else:
        found = boxes(sweeps[0], Condition.read(fails))
        rows, name = found.rows(), "boxes.html"
        asked = command_line("airace", "discover", *folders, "--fails", fails)
        told = told_of_boxes(found, sweeps[0].design, folders[0], asked)
        record = {"share": found.share, "points": found.points, "limits": rows}

    if own:
        told = replace(told, claims=[own, *told.claims])

    def in_words() -> None:
        tell(terminal, told, told.tables if found is None else ())
        if found is not None:
            _tell_boxes(terminal, found)

    present(terminal, format_, Answer(text=in_words, table=lambda: rows,
                                      record=lambda: {"finding": list(told.claims), **record}))
    terminal.say(f"\nwritten: {told.write((out or folders[0]) / name)}")
    return DONE


def _tell_boxes(terminal: Terminal, found: Boxes) -> None:
    from sim.studies.sweeping.discovery import CHANCE

    for number, box in enumerate(found.boxes, 1):
        terminal.data(f"\nbox {number}: holds {box.coverage:.0%} of the failures; {box.density:.0%} of its {box.points}"
                      " points fail")
        for limit in box.limits:
            doubt = "   may be chance" if limit.chance > CHANCE else ""
            terminal.data(f"  {limit.axis}: {limit.where}{doubt}")
