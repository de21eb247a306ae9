"""`airace check [FILES]`: published results, identities, directions and the engine, one line each."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from sim.cli.exits import CHECK_FAILED, DONE
from sim.cli.files import load_scenarios
from sim.cli.options import PrintTextOrJson, Set, TextOrJson
from sim.cli.output import Answer, for_people, present
from sim.cli.terminal import Terminal
from sim.studies.checking.checks import Check, Verdict


class Group(StrEnum):
    """A group of checks."""

    published = "published"
    identities = "identities"
    directions = "directions"
    claims = "claims"
    twins = "twins"
    statistics = "statistics"
    engine = "engine"
    input = "input"


Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE]...",
        show_default=False,
        help="Scenario files, or names of scenarios that come with airace, to check beside the baseline.",
    ),
]
Runs = Annotated[
    int,
    typer.Option(min=8, max=100_000, metavar="N", help="Runs of each scenario on which a direction is judged."),
]
Only = Annotated[
    list[Group] | None,
    typer.Option("--only", show_default=False, help="Only this group of checks. Repeatable."),
]


def check(
    terminal: Terminal,
    files: Files = None,
    set_: Set = None,
    runs: Runs = 64,
    only: Only = None,
    format_: PrintTextOrJson = TextOrJson.text,
) -> int:
    """Check published results, sums, directions, claims, twins, statistics, engine, input. Exit 5 if one fails."""
    from sim.studies.checking.checks import GROUPS, run_checks

    scenarios = load_scenarios(files or [], set_, terminal)
    groups = [group.value for group in only or ()] or list(GROUPS)
    done: list[Check] = []
    for found in run_checks(scenarios, runs, groups):
        if for_people(format_):
            _tell(terminal, found, heading=not done or done[-1].group != found.group)
        done.append(found)
    named = {verdict: [found.name for found in done if found.verdict is verdict] for verdict in Verdict}
    failed = named[Verdict.fails]
    present(terminal, format_, Answer(
        record=lambda: {"passed": not failed, "checks": [asdict(found) for found in done]}))
    rest = {"failed": failed, f"cannot tell with {runs} runs": named[Verdict.untold],
            "do not apply": named[Verdict.void], "weak": named[Verdict.weak]}
    terminal.say("; ".join([f"\n{len(named[Verdict.holds])} of {len(done)} checks passed",
                            *(f"{words}: {', '.join(names)}" for words, names in rest.items() if names)]))
    return CHECK_FAILED if failed else DONE


def _tell(terminal: Terminal, found: Check, heading: bool) -> None:
    if heading:
        terminal.data(f"{found.group}")
    word = "FAIL" if found.verdict is Verdict.fails else str(found.verdict)
    terminal.data(f"  {word}  {found.name}: {found.claim} | {found.measured}")
