"""Which hazard of severe incidents goes with the odds that somebody gives of one by a date.

No severe incident is on record, so the hazard is an assumption. Whoever has odds instead - a panel's, one's own - can
put these in its place: `elicit` finds the hazard under which a scenario has them. The chance at a hazard is that of
Kaplan and Meier (1958), with the months' probabilities in the place of counts: what the runs without an incident so
far have as their mean probability of one, month by month. It is less noisy than to count runs with an incident.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log, sqrt
from typing import Any

import numpy as np

from sim.common import arguments
from sim.common.arguments import RefusedError, number, takes, whole
from sim.engine import uncertainty as beliefs
from sim.engine.simulate import simulate
from sim.model.luck import RUNS_PER_DRAW
from sim.model.odds import UnreachableOddsError, hazard_at
from sim.model.outcomes import INDEX
from sim.scenario.beyond import KEY
from sim.scenario.scenario import Scenario
from sim.scenario.schema import month_index
from sim.studies.comparing.intervals import normal_quantile

HAZARD = "uncertainty.severe_hazard"
LONGEST = 600  # months, as a scenario's
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_NEARBY = 1.5  # a hazard's factor over which its chance's slope is measured
_GROUPS = 40  # of runs that are left out by turns
_FLAT = 1e-6   # a slope so small that the interval is without end


def _chances(name: str, value: Any) -> tuple[float, ...]:
    """Odds, one or more."""
    one = number(above=0.0, below=1.0)
    return tuple(one(f"{name}[{place}]", each) for place, each in enumerate(value))


class ElicitError(RefusedError):
    """What no hazard can be found for, and why."""


@dataclass(frozen=True)
class Chance:
    """The chance of at least one severe incident, 0 to 1, and the standard error of its mean over runs."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class Elicited:
    """A hazard per lab and month under which the scenario has the `odds`, and its 95% interval over luck."""

    odds: float
    hazard: float
    low: float
    high: float


@takes(scenario=arguments.scenario, runs=whole(2, 10**6), seed=whole(0), workers=whole(1, 256))
def chance_of_severe(scenario: Scenario, by: str, hazard: float | None = None, *, runs: int = 1000, seed: int = 0,
                     uncertainty: str = beliefs.DEFAULT, workers: int = 1) -> Chance:
    """The chance of at least one severe incident before the month `by`, as in "2035-01".

    At this `hazard` per lab and month, or at what the scenario and beliefs say of it. Raises ElicitError for a month
    outside the scenario's reach, a scenario that dates a severe incident, or one all of whose runs fail.
    """
    months = _months(scenario, by)
    if any(event.kind == "severe_incident" for event in scenario.events):
        raise ElicitError(f"{scenario.title} dates a severe incident itself: odds are of those that nobody dates; take "
                          "its [[event]] out")
    if hazard is not None:
        scenario = scenario.with_({KEY: True, HAZARD: hazard})
    results = simulate(scenario, runs, seed, months, workers, events=False, uncertainty=uncertainty)
    incidents, chance = (results.values[0][..., INDEX[name]] for name in ("severe_incidents", "severe_incident_hazard"))
    lived = np.isfinite(chance).all(axis=1)
    draw = np.flatnonzero(lived) // (RUNS_PER_DRAW if beliefs.draws_are_shared(uncertainty, (scenario,)) else 1)
    if (draws := len(np.unique(draw))) < 2:
        raise ElicitError(f"too few runs of {scenario.title} to tell a chance: {int(lived.sum())} of {runs} did not "
                          "fail; give more")
    chance, free = chance[lived], (np.cumsum(incidents, axis=1) - incidents)[lived] == 0.0
    groups = min(draws, _GROUPS)
    left_out = np.searchsorted(np.unique(draw), draw) % groups
    without = np.array([_first_by_the_end(chance[left_out != each], free[left_out != each]) for each in range(groups)])
    error = sqrt((groups - 1.0) / groups * float(np.square(without - without.mean()).sum()))  # the jackknife's
    return Chance(_first_by_the_end(chance, free), error)


def _first_by_the_end(chance: np.ndarray, free: np.ndarray) -> float:
    """Probability of an event by the last month, from each month's in the runs that are free of one: (runs, months)."""
    left = free.sum(axis=0)
    monthly = np.where(free, chance, 0.0).sum(axis=0) / np.maximum(left, 1)
    return float(1.0 - np.prod(np.where(left > 0, 1.0 - monthly, 1.0)))


@takes(scenario=arguments.scenario, odds=_chances, runs=whole(2, 10**6), seed=whole(0), workers=whole(1, 256))
def elicit(scenario: Scenario, odds: Sequence[float], by: str, *, runs: int = 1000, seed: int = 0,
           uncertainty: str = beliefs.DEFAULT, workers: int = 1,
           progress: Callable[[float, float], None] | None = None) -> tuple[Elicited, ...]:
    """The hazards under which a scenario has each of these odds of a severe incident before the month `by`.

    The same luck serves every hazard tried; `progress(hazard, chance)` is called after each. What else is uncertain is
    drawn as `uncertainty` says, so that the odds are means over it. Raises ElicitError as `chance_of_severe` does, and
    where no hazard gives the odds.
    """
    @cache
    def at(hazard: float) -> Chance:
        found = chance_of_severe(scenario, by, hazard, runs=runs, seed=seed, uncertainty=uncertainty, workers=workers)
        if progress is not None:
            progress(hazard, found.value)
        return found

    known: dict[float, float] = {}
    try:
        return tuple(_found(at, each, hazard_at(lambda tried: at(tried).value, each, known=known)) for each in odds)
    except UnreachableOddsError as error:
        raise ElicitError(f"{scenario.title}: {error}") from None


def _found(at: Callable[[float], Chance], odds: float, hazard: float) -> Elicited:
    """A hazard with its interval: the chance's, over how steeply the chance rises there."""
    found = at(hazard)
    slope = (found.value - at(hazard / _NEARBY).value) / log(_NEARBY)  # by the log of the hazard
    half = normal_quantile(0.95) * found.standard_error / max(slope, _FLAT)
    return Elicited(odds, hazard, hazard * exp(-half), hazard * exp(half))


def _months(scenario: Scenario, by: str) -> int:
    """Months from the scenario's start to `by`."""
    if not _MONTH.fullmatch(by):
        raise ElicitError(f"{by!r} is no month; write one as in 2035-01")
    months = month_index(scenario.start, by)
    if not 1 <= months <= LONGEST:
        raise ElicitError(f"{by} is not within {LONGEST} months after the scenario's start, {scenario.start}")
    return months
