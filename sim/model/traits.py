"""Traits as they act: what an agent is like, times the lever that scales everybody's (S2, S3, S6, S7, S15, S16).

A trait of the state is the agent's own, from 0 to 1; a lever can change in time, so rules read the product here.
"""

from __future__ import annotations

from typing import Any

from sim.model.rule import rule


@rule
def mission_of(run: Any, given: Any, lab: int) -> float:
    """Weight of the mission in a lab's charter."""
    return min(run.labs.mission[lab] * given.policy.people.mission_weight, 1.0)


@rule
def openness_of(run: Any, given: Any, lab: int) -> float:
    """How open a lab's weights are."""
    return min(run.labs.openness[lab] * given.policy.industry.openness, 1.0)


@rule
def founders_mission(run: Any, given: Any, founder: int) -> float:
    """Weight of the mission for a founder."""
    return min(run.founders.mission[founder] * given.policy.people.mission_weight, 1.0)


@rule
def combativeness_of(run: Any, given: Any, founder: int) -> float:
    """How ready a founder is to attack and to sue."""
    return min(run.founders.combativeness[founder] * given.policy.people.combativeness, 1.0)


@rule
def access_of(run: Any, given: Any, founder: int) -> float:
    """A founder's political access."""
    return min(run.founders.access[founder] * given.policy.people.political_access, 1.0)
