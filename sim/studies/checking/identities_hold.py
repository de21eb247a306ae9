"""Identities over the baseline, given scenarios and scenarios drawn at random, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.simulate import IdentityError
from sim.scenario.scenario import Scenario
from sim.studies.checking.checks import Check, Verdict
from sim.studies.checking.drawn import corner, drawn_scenario
from sim.studies.checking.identities import IDENTITIES, lived, world_of

if TYPE_CHECKING:
    from sim.model.world import World

ROWS = 8           # runs of the baseline and of each given scenario
DRAWN = range(6)   # numbers of the scenarios drawn over all levers, uncertainties and events


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - few rows suffice
    """One check for each identity, over all worlds."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    drawn = [drawn_scenario(number) for number in DRAWN]
    ends = [corner("All levers low", 0.0), corner("All levers high", 1.0)]
    worlds = [(chosen, ROWS) for chosen in alike([baseline, *scenarios])] + [([*drawn, *ends], 2)]
    largest = dict.fromkeys(IDENTITIES, 0.0)
    faults: dict[str, str] = {}
    months = 0
    for chosen, rows in worlds:
        length = max(scenario.months for scenario in chosen)
        months += length * rows * len(chosen)
        _live(world_of(chosen, rows, length), length, largest, faults)
    over = f"{months:,} months of {sum(len(chosen) for chosen, _ in worlds)} scenarios"
    for name, (claim, _) in IDENTITIES.items():
        sound = f"{over}, largest gap {largest[name]:.1g} of the sum" if largest[name] else f"{over}, no exception"
        yield Check("identities", name, claim, faults.get(name, sound), Verdict.of(name not in faults))


def alike(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """Scenarios that can live side by side: with the same start and length."""
    ranked = sorted(scenarios, key=lambda scenario: (scenario.start, scenario.months))
    return [list(members) for _, members in groupby(ranked, key=lambda scenario: (scenario.start, scenario.months))]


def _live(world: World, months: int, largest: dict[str, float], faults: dict[str, str]) -> None:
    """Live through the months; note each identity's largest gap, or the first place where it fails."""
    with np.errstate(all="ignore"):
        for watch in lived(world, months):
            for name, (_, identity) in IDENTITIES.items():
                try:
                    largest[name] = max(largest[name], identity(world, watch))
                except IdentityError as error:
                    faults.setdefault(name, str(error))
