"""Twin worlds: what should make no difference makes none, in the baseline and in the given scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.scenario.scenario import Scenario
from sim.studies.checking.checks import Check, Verdict
from sim.studies.checking.twins import MONTHS, RUNS, TWINS, DoesNotApplyError


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - equality, not means
    """One check for each twin, of the baseline and of each given scenario."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    for scenario in [baseline, *scenarios]:
        of = "" if scenario is baseline else f" [{scenario.title}]"
        for name, (claim, twin, tolerance) in TWINS.items():
            try:
                found = twin(scenario)
            except DoesNotApplyError as reason:
                yield Check("twins", f"{name}{of}", claim, str(reason), Verdict.void)
                continue
            measured = f"{RUNS} runs of {MONTHS} months, largest gap {found:.1g}"
            yield Check("twins", f"{name}{of}", claim, measured, Verdict.of(found <= tolerance))
