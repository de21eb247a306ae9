"""`airace discover DIR`: where a policy fails, and which of several is least bad over the same futures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import completion
from sim.cli.exits import DONE, UsageError
from sim.cli.options import Format, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.studies.sweeping.discovery import Boxes, Regret

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
    from sim.studies.sweeping.discovery import Condition, DiscoveryError, boxes, regret
    from sim.studies.sweeping.sweep import Sweep

    sweeps = [Sweep.open(folder) for folder in folders]
    if len({sweep.departure for sweep in sweeps}) > 1:
        raise UsageError("the sweeps were made by different rules, so their differences are not those of the policies: "
                         + "; ".join(f"{sweep.folder}: {sweep.departure or 'the model alone'}" for sweep in sweeps))
    own = own_rules_of([sweep.departure for sweep in sweeps])
    design, into = sweeps[0].design, out or folders[0]
    try:
        if len(sweeps) > 1:
            least = regret(sweeps, outcome)
            _tell_regret(terminal, least, outcome, format_)
            asked = command_line("airace", "discover", *folders, "--outcome", outcome)
            told, name = told_of_regret(least, outcome, [sweep.design for sweep in sweeps], asked), "regret.html"
        else:
            found = boxes(sweeps[0], Condition.read(fails))
            _tell_boxes(terminal, found, format_)
            asked = command_line("airace", "discover", *folders, "--fails", fails)
            told, name = told_of_boxes(found, design, folders[0], asked), "boxes.html"
    except DiscoveryError as error:
        raise UsageError(str(error)) from None
    if own:
        terminal.say(own)
        told = replace(told, claims=[own, *told.claims])
    terminal.say(f"written: {told.write(into / name)}")
    return DONE


def _tell_boxes(terminal: Terminal, found: Boxes, format_: Format) -> None:
    rows = [{"box": number, "coverage": box.coverage, "density": box.density, "points": box.points, "axis": limit.axis,
             "low": limit.low, "high": limit.high, "chance": limit.chance}
            for number, box in enumerate(found.boxes, 1) for limit in box.limits]
    present(terminal, format_, Answer(
        text=lambda: _boxes_in_words(terminal, found), table=lambda: rows,
        record=lambda: {"share": found.share, "points": found.points, "limits": rows}))


def _boxes_in_words(terminal: Terminal, found: Boxes) -> None:
    from sim.studies.sweeping.discovery import CHANCE

    sign = "above" if found.condition.above else "below"
    terminal.paragraph(f"{found.condition.outcome} is {sign} {found.condition.threshold:g} at {found.share:.0%} of "
                       f"{found.points:,} points.")
    if not found.boxes:
        terminal.paragraph("No box is denser than half: failures are spread over the axes.")
    for number, box in enumerate(found.boxes, 1):
        terminal.data(f"\nbox {number}: holds {box.coverage:.0%} of the failures; {box.density:.0%} of its {box.points}"
                      " points fail")
        for limit in box.limits:
            doubt = "   may be chance" if limit.chance > CHANCE else ""
            terminal.data(f"  {limit.axis}: {limit.where}{doubt}")


def _tell_regret(terminal: Terminal, found: list[Regret], outcome: str, format_: Format) -> None:
    rows = [policy.row() for policy in found]
    present(terminal, format_, Answer(text=lambda: _regret_in_words(terminal, found, outcome), table=lambda: rows,
                                   record=lambda: {"outcome": outcome, "regret": rows}))


def _regret_in_words(terminal: Terminal, found: list[Regret], outcome: str) -> None:
    terminal.paragraph(f"Least bad almost everywhere: {found[0].policy}. In nine of ten futures its {outcome} is at "
                       f"most {found[0].ninety:.3g} worse than the best of these policies would do there.")
    terminal.data("\nregret: mean | exceeded in one future of ten | largest | share of futures in which it is best")
    for policy in found:
        terminal.data(f"  {policy.policy}: {policy.mean:.3g} | {policy.ninety:.3g} | {policy.largest:.3g} | "
                      f"{policy.best_share:.0%}")
