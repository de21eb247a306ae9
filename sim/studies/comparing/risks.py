"""What may go wrong, and when things first happen: yes-or-no questions asked of every run.

`RISKS` are outcomes most people would call bad, each a yes or no per run. `MILESTONES` are first events:
the month in which an outcome first reaches a level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.common.arguments import names
from sim.model.outcomes import INDEX
from sim.studies.comparing import intervals

Monthly = Callable[[str], np.ndarray]


@dataclass(frozen=True)
class Risk:
    """A bad outcome: `happened` turns monthly outcomes (..., months), by name, into yes or no (...)."""

    name: str
    text: str
    happened: Callable[[Monthly], np.ndarray]


@dataclass(frozen=True)
class Milestone:
    """The first month in which `outcome` reaches `level`."""

    name: str
    outcome: str
    level: float
    text: str


def _any_severe_incident(monthly: Monthly) -> np.ndarray:
    return np.asarray((monthly("severe_incidents") > 0.0).any(axis=-1))


def _treaty_broken(monthly: Monthly) -> np.ndarray:
    in_force = monthly("treaty_in_force") > 0.0
    return np.asarray((in_force[..., :-1] & ~in_force[..., 1:]).any(axis=-1))


def _no_treaty_at_the_end(monthly: Monthly) -> np.ndarray:
    return ~(monthly("treaty_in_force")[..., -1] > 0.0)


def _one_lab_above_half(monthly: Monthly) -> np.ndarray:
    return monthly("leader_share")[..., -1] > 0.5


def _needs_100bn(monthly: Monthly) -> np.ndarray:
    return np.asarray((monthly("top_lab_capital_usd_bn") >= 100.0).any(axis=-1))


def _under_state_control(monthly: Monthly) -> np.ndarray:
    return monthly("state_control")[..., -1] > 0.5


RISKS: Mapping[str, Risk] = names("risk", {risk.name: risk for risk in (
    Risk("any severe incident", "At least one severe incident by the horizon; its hazard is an assumption",
         _any_severe_incident),
    Risk("treaty broken", "A treaty came into force and lapsed or was breached by the horizon",
         _treaty_broken),
    Risk("no treaty at the end", "No US-China treaty on AI is in force at the horizon",
         _no_treaty_at_the_end),
    Risk("one lab above half of the market",
         "The largest seller has more than half of world revenue at the horizon", _one_lab_above_half),
    Risk("a lab needs USD 100 bn", "One lab has raised at least USD 100 bn by the horizon", _needs_100bn),
    Risk("state controls most frontier compute",
         "More than half of frontier labs' compute is under licence or state command at the horizon",
         _under_state_control),
)})

MILESTONES: Mapping[str, Milestone] = names("milestone", {milestone.name: milestone for milestone in (
    Milestone("first severe incident", "severe_incidents", 0.5, "At least one severe incident so far"),
    Milestone("first lab to raise USD 100 bn", "top_lab_capital_usd_bn", 100.0,
              "One lab has raised USD 100 bn in all"),
    Milestone("first treaty", "treaty_in_force", 0.5, "A US-China treaty on AI has come into force"),
    Milestone("first conversion", "conversions", 0.5, "A lab has converted to for-profit"),
    Milestone("first injunction", "injunctions", 0.5, "A court has granted an injunction"),
)})


def happened(values: np.ndarray) -> dict[str, np.ndarray]:
    """Yes or no for every risk; `values` (..., months, outcomes) gives arrays (...)."""
    return {name: risk.happened(lambda outcome: values[..., INDEX[outcome]]) for name, risk in RISKS.items()}


def first_months(values: np.ndarray, kind: str) -> np.ndarray:
    """Month of a milestone, -1 where it is not reached; `values` (..., months, outcomes) gives (...)."""
    milestone = MILESTONES[kind]
    return intervals.first_month(values[..., INDEX[milestone.outcome]] >= milestone.level)
