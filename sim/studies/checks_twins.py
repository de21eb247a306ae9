"""Twin worlds: what should make no difference makes none, in the baseline and in the given scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.scenario import Scenario
from sim.studies.checks import Check
from sim.studies.twins import MONTHS, RUNS, TWINS


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - equality, not means
    """One check for each twin, over the baseline and the given scenarios."""
    worlds = [Scenario.from_dict({"title": "Baseline"}), *scenarios]
    for name, (claim, twin, tolerance) in TWINS.items():
        gaps = {scenario.title: twin(scenario) for scenario in worlds}
        worst = max(gaps, key=lambda title: gaps[title])
        over = f"{RUNS} runs of {MONTHS} months"
        measured = f"{over}, largest gap {gaps[worst]:.1g}" + (f" in {worst}" if gaps[worst] > tolerance else "")
        yield Check("twins", name, claim, measured, gaps[worst] <= tolerance)
