"""What a scenario says will happen anyway, on its date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.nations import declare_truce, provoke
from sim.institutions.capital import bust
from sim.institutions.customers import severe
from sim.state import LAB_SLOTS, NATIONS, NOBODY, REGULATORS
from sim.world import World, lab_names

if TYPE_CHECKING:
    from sim.scenario import DatedEvent


def happen(world: World) -> None:
    """Let the dated events of this month happen in the rows of their scenario."""
    for rows, event in world.dated_events:
        if event.month == world.month:
            _EFFECTS[event.kind](world, rows, event)


def _disruption(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    world.chips.disruption[rows] = np.maximum(world.chips.disruption[rows], event.severity)
    world.log.add(world.month, "disruption", rows, amount=event.severity)


def _severe_incident(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    leader = np.where(world.labs.active, world.labs.capability, -np.inf).argmax(axis=1)
    lab = np.full(world.rows, _lab(world, event.actor)) if event.actor else leader
    severe(world, _in_business(world, rows, lab), lab, event.severity)


def _bust(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    world.capital.sentiment[rows] *= 1.0 - event.severity
    world.capital.bust_months[rows] = 0.0
    bust(world, rows[:, None], 0.0)


def _breakthrough(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    lab = _lab(world, event.actor)
    happens = _in_business(world, rows, np.full(world.rows, lab))
    world.labs.algorithm[happens, lab] += event.severity
    world.log.add(world.month, "breakthrough", happens, lab, amount=event.severity)


def _control_step(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    nation = NATIONS.index(str(event.actor))
    control = world.nations.export_control
    control[rows, nation] += event.severity * (1.0 - control[rows, nation])
    up = np.zeros((world.rows, 2), bool)
    up[:, nation] = rows
    provoke(world, up)
    world.log.add(world.month, "export_control", rows, nation, 1 - nation, control[:, nation])


def _mineral_ban(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    nation = NATIONS.index(str(event.actor))
    ban = world.nations.mineral_ban
    ban[rows, nation] += event.severity * (1.0 - ban[rows, nation])
    world.log.add(world.month, "mineral_ban", rows, nation, 1 - nation, ban[:, nation])


def _truce(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    world.nations.export_control[rows, :2] *= 1.0 - event.severity
    world.nations.mineral_ban[rows, :2] *= 1.0 - event.severity
    declare_truce(world, rows[:, None])


def _new_law(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    which = REGULATORS.index(str(event.actor))
    before = world.regulators.strictness[:, which].copy()
    world.regulators.strictness[rows, which] = event.severity
    world.regulators.aim[rows, which] = event.severity
    tighter = before <= event.severity
    world.log.add(world.month, "rules_tightened", rows & tighter, which, NOBODY, event.severity)
    world.log.add(world.month, "rules_eased", rows & ~tighter, which, NOBODY, event.severity)


def _power_shortage(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    nation = NATIONS.index(str(event.actor))
    world.nations.power[rows, nation] *= 1.0 - event.severity
    world.log.add(world.month, "power_shortage", rows, nation, amount=event.severity)


def _subsidy_law(world: World, rows: np.ndarray, event: DatedEvent) -> None:
    nation = NATIONS.index(str(event.actor))
    yearly = np.broadcast_to(event.severity * world.p.subsidy_at_full_severity, (world.rows, 1))[:, 0]
    world.nations.subsidy[rows, nation] = yearly[rows]
    world.log.add(world.month, "subsidy_law", rows, nation, NOBODY, yearly)


def _in_business(world: World, rows: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """Rows whose lab of this slot (rows,) is still there; where it is not, it is told that nothing happens."""
    there = world.labs.active[np.arange(world.rows), lab]
    world.log.add(world.month, "lapsed", rows & ~there, lab)
    return rows & there


def _lab(world: World, name: str | None) -> int:
    return lab_names(world.start["start"]).index(name) if name else LAB_SLOTS


_EFFECTS = {
    "taiwan_disruption": _disruption,
    "severe_incident": _severe_incident,
    "market_bust": _bust,
    "breakthrough": _breakthrough,
    "chip_control_step": _control_step,
    "mineral_ban": _mineral_ban,
    "truce": _truce,
    "new_law": _new_law,
    "power_shortage": _power_shortage,
    "subsidy_law": _subsidy_law,
}
