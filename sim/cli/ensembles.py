"""Running scenarios from the command line: with a progress bar, and with failures told at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.exits import DONE, SOME_RUNS_FAILED, UsageError
from sim.cli.terminal import Terminal
from sim.engine.workers import cores

if TYPE_CHECKING:
    from sim.engine.live import Stage
    from sim.engine.results import Results
    from sim.scenario.scenario import Scenario

SHOWN_FAILURES = 5
ROWS_BETWEEN_UPDATES = 256  # rows computed side by side while a bar is shown, so that it moves
WORTH_SHARING = 30_000  # runs times months, about a second: below it sharing saves too little to be noticed


def check_lengths(scenarios: Sequence[Scenario], months: int | None) -> None:
    """UsageError if the scenarios run for different lengths or begin in different months."""
    if len(starts := {scenario.start for scenario in scenarios}) > 1:
        raise UsageError(
            f"the scenarios begin in different months ({', '.join(sorted(starts))}) "
            "and cannot be compared month by month"
        )
    lengths = {scenario.months for scenario in scenarios}
    if months is None and len(lengths) > 1:
        told = ", ".join(str(length) for length in sorted(lengths))
        raise UsageError(
            f"the scenarios run for different lengths ({told} months); give one with --months {min(lengths)}"
        )


def run_scenarios(
    terminal: Terminal,
    scenarios: Sequence[Scenario],
    *,
    runs: int,
    seed: int,
    months: int | None = None,
    workers: int | None = 1,
    first_run: int = 0,
    check: bool = False,
    uncertainty: str,
    labs: bool = False,
    stages: Sequence[Stage] | None = None,
) -> Results:
    """Simulate runs `first_run` to `first_run + runs` of each scenario, with a progress bar on stderr.

    `stages` are rules of the user's own in their place in the month. With `check`,
    IdentityError if a dollar of a lab's cash is not accounted for.
    """
    from sim.engine.simulate import simulate

    length = months or max(scenario.months for scenario in scenarios)
    if workers is None:
        workers = cores() if len(scenarios) * runs * length >= WORTH_SHARING else 1
    with terminal.progress("runs", len(scenarios) * runs) as progress:
        return simulate(
            list(scenarios),
            runs=runs,
            seed=seed,
            months=length,
            workers=workers,
            first_run=first_run,
            check=check,
            uncertainty=uncertainty,
            labs=labs,
            stages=stages,
            progress=progress,
            batch=None if progress is None else ROWS_BETWEEN_UPDATES,
        )


def tell_failures(terminal: Terminal, results: Results) -> int:
    """Say on stderr which runs failed, and why; the exit code that follows."""
    if not results.failures:
        return DONE
    total = results.values.shape[0] * results.values.shape[1]
    terminal.error(f"{len(results.failures)} of {total:,} runs failed and are left out in every scenario:")
    for failure in results.failures[:SHOWN_FAILURES]:
        terminal.error(f"  {failure}")
    if (rest := len(results.failures) - SHOWN_FAILURES) > 0:
        terminal.error(f"  ... and {rest} more, in manifest.json")
    return SOME_RUNS_FAILED
