"""`airace why A B --run N`: one run under two scenarios - where it parts, what followed, which draws decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli import completion
from sim.cli.ensembles import check_lengths
from sim.cli.exits import DONE, SOME_RUNS_FAILED, UsageError
from sim.cli.files import load_scenarios
from sim.cli.options import (
    DEFAULT_UNCERTAINTY,
    Anonymous,
    Months,
    PrintTextOrJson,
    Seed,
    Set,
    TextOrJson,
    Uncertainty,
    settings,
    with_names_or_not,
)
from sim.cli.output import Answer, present
from sim.cli.run import RunNumber
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

FirstFile = Annotated[
    str, typer.Argument(metavar="A", show_default=False, help="A scenario file, or the name of one, to start from.")
]
SecondFile = Annotated[
    str, typer.Argument(metavar="B", show_default=False, help="The scenario to compare it with, on the same luck.")
]
OutcomeName = Annotated[
    str | None,
    typer.Option("--outcome", metavar="NAME", show_default=False, autocompletion=completion.outcome,
                 help="The outcome asked about. By default the primary one of whose difference in this run a single "
                 "event carries most."),
]


OutPage = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", show_default=False, help="Also write a page, why.html, into this folder."),
]


def why(
    terminal: Terminal,
    a: FirstFile,
    b: SecondFile,
    set_: Set = None,
    seed: Seed = 0,
    number: RunNumber = 0,
    outcome: OutcomeName = None,
    months: Months = None,
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    anonymous: Anonymous = False,
    out: OutPage = None,
    format_: PrintTextOrJson = TextOrJson.text,
) -> int:
    """Say why one run differs under two scenarios. Where it parts, what led to what, which draws decided."""
    from sim.model.outcomes import OUTCOMES, no_outcome
    from sim.report.words.why import record
    from sim.studies.comparing.why import RunFailedError
    from sim.studies.comparing.why import why as explain

    if outcome is not None and outcome not in OUTCOMES:
        raise UsageError(no_outcome(outcome))
    set_ = with_names_or_not(set_, anonymous)
    scenarios = load_scenarios([a, b], set_, terminal)
    check_lengths(scenarios, months)
    try:
        found = explain(scenarios[0], scenarios[1], run=number, seed=seed, outcome=outcome, months=months,
                        uncertainty=uncertainty.value)
    except RunFailedError as failed:
        terminal.error(f"error: {failed}")
        return SOME_RUNS_FAILED
    present(terminal, format_, Answer(text=lambda: terminal.data(str(found)), record=lambda: record(found)))
    asked = settings(set_, seed, months, uncertainty)
    if out is not None:
        from sim.report.pages.why import told

        about = [] if outcome is None else ["--outcome", outcome]
        page = told(found, command_line("airace", "why", a, b, "--run", number, *about, *asked))
        terminal.say(f"\nwritten: {page.write(out / 'why.html')}")
    terminal.suggest(
        ["airace", "why", a, b, "--run", number + 1, *asked],
        ["airace", "compare", a, b, *asked],
        notes=["the same question on other luck", "what is typical"],
    )
    return DONE
