"""`airace compare FILES --worlds DIR`: every policy in every world, told as a table of policies and worlds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.ensembles import tell_failures
from sim.cli.files import load_worlds
from sim.cli.options import TableFormat
from sim.cli.output import Answer, in_tables, present, records
from sim.cli.saved_runs import SavedRuns
from sim.cli.terminal import Terminal
from sim.studies.keeping.folders import claimed

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario
    from sim.studies.comparing.worlds import Worlds


def compare_in_worlds(
    terminal: Terminal,
    policies: Sequence[Scenario],
    names: Sequence[str],
    *,
    runs: int,
    everything: bool,
    format_: TableFormat,
    folder: Path,
    **how: Any,
) -> int:
    """Compare policies in the worlds of these names; `how` is what `SavedRuns` takes. The exit code."""
    from sim.studies.comparing.worlds import Worlds, crossed, told_worlds

    worlds = load_worlds(names, terminal)
    saved = SavedRuns(terminal, crossed(policies, worlds), folder=folder, **how)
    saved.check_folder(runs)
    with claimed(folder):
        results = saved.extend(runs)
        if not results.paired.any():
            terminal.error("no run reached the end in every scenario, so there is nothing to compare")
            raise typer.Exit(tell_failures(terminal, results))
        found = Worlds(results, [policy.title for policy in policies], told_worlds(worlds))
        report = saved.write_worlds(found)
    _show(terminal, found, format_, everything)
    terminal.say(f"\nwritten: {report} and the tables beside it")
    return tell_failures(terminal, results)


def _show(terminal: Terminal, found: Worlds, format_: TableFormat, everything: bool) -> None:
    from sim.report.words.trust import own_rules_of
    from sim.report.words.worlds import limits
    from sim.report.words.worlds_brief import claims

    own = own_rules_of(found.results.departures)

    def tell() -> None:
        terminal.paragraph("\n".join([*claims(found), limits(found)]))
        terminal.data()
        terminal.data(found.to_text(all=everything))

    def record() -> dict[str, Any]:
        return {**({"own_rules": own} if own else {}), **found.layout, "baseline": found.baseline, "runs": found.runs,
                "finding": " ".join([*claims(found), limits(found)]), "differences": records(found.table),
                "regrets": records(found.regrets), "flips": records(found.flips)}

    present(terminal, format_, Answer(text=tell, record=record, **in_tables(found)))
