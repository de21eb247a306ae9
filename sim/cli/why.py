"""`airace why A B --run N`: one run under two scenarios - where it parts, what followed, which draws decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from sim.studies.comparing.why import Turn, Why

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
    present(terminal, format_, Answer(text=lambda: terminal.data(str(found)), record=lambda: as_dictionary(found)))
    if out is not None:
        terminal.say(f"\nwritten: {found.save(out / 'why.html')}")
    asked = settings(set_, seed, months, uncertainty)
    terminal.suggest(
        ["airace", "why", a, b, "--run", number + 1, *asked],
        ["airace", "compare", a, b, *asked],
        notes=["the same question on other luck", "what is typical"],
    )
    return DONE


def as_dictionary(found: Why) -> dict[str, Any]:
    """The answer as plain values, for JSON."""
    from sim.model.outcomes import INDEX

    at = INDEX[found.outcome]
    return {
        "scenarios": list(found.results.titles),
        "run": found.run,
        "seed": found.results.seed,
        "uncertainty": found.results.uncertainty,
        "outcome": found.outcome,
        "unit": found.about.unit,
        "difference": found.gap,
        "usual_difference": float(found.usual[:, at].mean()) if len(found.usual) else None,
        "standard_deviation": float(found.spread[at]),
        "routine_effect": float(found.ripple[at]),
        "parting": {"date": found.contrast.date, "only_a": list(found.contrast.only_baseline),
                    "only_b": list(found.contrast.only_other)},
        "first_month_that_differs": _date(found, found.first_month_at_all),
        "first_month_of_notable_difference": _date(found, found.first_month_notable),
        "lines_taken_back": [{"line": undone.key, "a": undone.baseline, "b": undone.other, "effect": float(effect[at])}
                             for undone, effect in found.levers],
        "turns": [_turn(found, turn) for turn in found.turns],
        "all_that_mattered_at_once": None if found.together is None else float(found.together[at]),
    }


def _date(found: Why, month: int | None) -> str | None:
    return None if month is None else found.results.dates[month]


def _turn(found: Why, turn: Turn) -> dict[str, Any]:
    draw = None if turn.draw is None else dict(zip(("channel", "run", "month", "slot"), turn.draw, strict=True))
    return {
        "date": turn.event.date,
        "only_in": "AB"[turn.event.side],
        "kind": turn.event.kind,
        "text": turn.event.text,
        "draw": draw,
        "number": turn.number,
        "changed_to": turn.changed_to,
        "effect": found.effect(turn),
        "mattered": turn in found.that_mattered,
        "months_later": turn.late,
        "instead": [f"{event.date} {event.text}" for event in turn.instead],
        "goes_with_it": [f"{event.date} {event.text}" for event in turn.takes_along],
    }
