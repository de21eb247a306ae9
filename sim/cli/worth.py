"""`airace worth FILES`: what it is worth to know an unknown before choosing among scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.ensembles import check_lengths, tell_failures
from sim.cli.exits import UsageError
from sim.cli.files import load_scenarios
from sim.cli.options import (
    DEFAULT_UNCERTAINTY,
    Force,
    Format,
    Months,
    PrintFormat,
    Runs,
    ScenarioFiles,
    Seed,
    Set,
    Uncertainty,
    Workers,
    settings,
)
from sim.cli.output import Answer, present, tell
from sim.cli.saved_runs import WORTH, SavedRuns
from sim.cli.terminal import Terminal
from sim.common.shell import command_line
from sim.studies.keeping.folders import claimed

if TYPE_CHECKING:
    from sim.engine.results import Results
    from sim.studies.deciding.worth import Worth

Objectives = Annotated[
    list[str] | None,
    typer.Option("--objective", metavar="WHAT", show_default="severe_incidents",
                 help="What the choice is made for: an outcome that has a better direction, or weights, as in "
                 '"severe_incidents=-100, compliance_cost_usd_bn=-1". Repeatable: several stand side by side.'),
]
Know = Annotated[
    list[str] | None,
    typer.Option("--know", metavar="NAMES", show_default=False,
                 help="Unknowns to be known all at once, as in severe_hazard,hazard_growth. Repeatable."),
]
Folder = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder of the runs, the page and the table; the same command goes "
                       "on where it was stopped. A folder that compare wrote of these scenarios will do.")
]
SHOWN = 8
CHUNK = 250  # runs of each scenario between two times that all is on disk


def worth(
    terminal: Terminal,
    files: ScenarioFiles,
    objective: Objectives = None,
    know: Know = None,
    set_: Set = None,
    runs: Runs = 1000,
    seed: Seed = 0,
    months: Months = None,
    out: Folder = Path("worth"),
    workers: Workers = None,
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    format_: PrintFormat = Format.text,
    force: Force = False,
) -> int:
    """Say which unknown would change a choice among scenarios, and what knowing it first would be worth."""
    from sim.studies.deciding.objective import Objective
    from sim.studies.deciding.worth import check
    from sim.studies.deciding.worth import worth as study

    scenarios = load_scenarios(files, set_, terminal)
    check_lengths(scenarios, months)
    together = [[name.strip() for name in names.split(",") if name.strip()] for names in know or ()]
    aims = [Objective.read(text) for text in objective or ["severe_incidents"]]
    check(scenarios, uncertainty.value, runs, together)
    saved = SavedRuns(terminal, scenarios, folder=out, seed=seed, months=months, workers=workers, force=force,
                      uncertainty=uncertainty.value)
    saved.check_folder(runs)
    with claimed(out):
        results = _all_runs(saved, runs)
        terminal.say("weighing what is not known ...")
        found = [study(results, aim, together) for aim in aims]
        asked = ["airace", "worth", *files, *(word for aim in aims for word in ("--objective", aim.text)),
                 *(word for names in together for word in ("--know", ",".join(names))), "--runs", runs,
                 *settings(set_, seed, months, uncertainty), "--out", out]
        report = _write(found, together, command_line(*asked), out)
    _show(terminal, found, format_)
    terminal.say(f"\nwritten: {report} and worth.csv beside it")
    return tell_failures(terminal, results)


def _all_runs(saved: SavedRuns, runs: int) -> Results:
    """So many runs, those that the folder has already among them; what is done is on disk before more begins."""
    results = saved.take_up()
    while results is None or saved.count < runs:
        results = saved.extend(min(CHUNK, runs - saved.count))
    return results


def kept_worth(folder: Path, results: Results) -> tuple[Worth, ...]:
    """What `airace worth` asked of these runs, worked out again; empty where nothing was. UsageError for what is none.
    """
    from sim.studies.deciding.worth_asked import worth_from_json

    path = folder / WORTH
    if not path.is_file():
        return ()
    try:
        return worth_from_json(results, path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # ObjectiveError, WorthError among them
        raise UsageError(f"{path} is not what airace worth writes, or not of these runs ({error}); delete it, or give "
                         "airace worth again") from None


def _write(found: Sequence[Worth], together: Sequence[Sequence[str]], command: str, folder: Path) -> Path:
    """Write worth.html, worth.csv and what was asked into the folder of the runs; the page's path."""
    from sim.report.pages.worth import told
    from sim.studies.deciding.worth import as_table
    from sim.studies.deciding.worth_asked import asked_as_json
    from sim.studies.keeping.folders import write_whole

    write_whole(folder / WORTH, asked_as_json(found, together).encode("utf-8"))
    write_whole(folder / "worth.csv", as_table(found).to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return told(found, command).write(folder / "worth.html")


def _show(terminal: Terminal, found: Sequence[Worth], format_: Format) -> None:
    from sim.report.pages.worth import record, told
    from sim.report.words.worth import amount, between, name_of
    from sim.studies.deciding.worth import as_table

    def in_words() -> None:
        tell(terminal, told(found), ())
        for each in found:
            aim, every = each.objective, each.everything
            terminal.data(f"\n{aim.text}: worth of knowing [95% interval]")
            terminal.data(f"  {'everything but luck':<60} {amount(aim, every.worth.estimate):>14} "
                          f"[{between(aim, every.worth.low, every.worth.high)}]")
            for known in (*each.groups[:SHOWN], *each.unknowns[:SHOWN]):
                doubt = "" if known.clear else "  not clear"
                terminal.data(f"  {name_of(known)[:60]:<60} {amount(aim, known.worth):>14} "
                              f"[{between(aim, known.low, known.high)}]{doubt}")

    present(terminal, format_, Answer(text=in_words, record=lambda: record(found), table=lambda: as_table(found)))
