"""Nations: the US and China read each other, withhold chips and metals, make truces and treaties; the rest follow."""

from __future__ import annotations

import numpy as np

from sim.state import NOBODY
from sim.world import World

_OWN = np.array([0, 1])
_RIVAL = np.array([1, 0])


# ---- published forms ---------------------------------------------------------------------------------------------
def richardson_rate(
    hostility: np.ndarray, reaction: np.ndarray | float, fatigue: np.ndarray | float, grievance: np.ndarray | float
) -> np.ndarray:
    """Rate of change of two rivals' hostility (..., 2): reaction x other's - fatigue x own + grievance.

    Stable when the product of the fatigues exceeds that of the reactions. Source: Richardson (1960).
    """
    return reaction * hostility[..., ::-1] - fatigue * hostility + grievance


def cooperation_lasts(
    discount: np.ndarray | float,
    temptation: np.ndarray | float,
    reward: np.ndarray | float,
    punishment: np.ndarray | float,
) -> np.ndarray:
    """Whether a trigger strategy keeps a repeated prisoner's dilemma cooperative: discount >= (T - R)/(T - P); bool."""
    return np.asarray(discount) >= (np.asarray(temptation) - reward) / (np.asarray(temptation) - punishment)


# ---- hostility and trust --------------------------------------------------------------------------------------------
def read_the_race(world: World) -> None:
    """Hostility answers the other's, the gap in capability, controls and defence work (S16, S17, S19)."""
    nations, p, policy = world.nations, world.p, world.policy
    coop = policy.diplomacy.us_china_cooperation
    hostility, rival = nations.hostility[:, :2], _RIVAL
    behind = np.maximum(nations.frontier[:, rival] - nations.frontier[:, _OWN], 0.0)
    pressed = np.minimum(np.abs(nations.frontier[:, :1] - nations.frontier[:, 1:2]), 1.0)
    fear = policy.diplomacy.gap_reaction * (
        p.fear_of_lagging * np.minimum(behind, p.lag_feared_in_full)
        + p.fear_of_losing_lead * (1.0 - pressed) * (behind <= 0.0)
    )
    hurt = p.hurt_by_controls * nations.export_control[:, rival] + p.hurt_by_bans * nations.mineral_ban[:, rival]
    armed = p.hurt_by_defence * _armed_labs(world)[:, rival]
    grievance = p.hostility_base + fear + hurt + armed
    reaction = p.hostility_reaction * (1.0 - p.cooperation_calms * coop)
    fatigue = p.hostility_fatigue * (1.0 + p.cooperation_tires * coop)
    shock = p.hostility_noise * world.luck.normal("nations.hostility", 2)
    treaty = p.treaty_calms * nations.treaty[:, :2]
    change = richardson_rate(hostility, reaction, fatigue, grievance - treaty)
    nations.hostility[:, :2] = np.clip(hostility + change / 12.0 + shock, 0.0, 1.0)
    goodwill = (1.0 - nations.hostility[:, :2]) * (p.trust_floor + (1.0 - p.trust_floor) * coop)
    goodwill = goodwill + p.treaty_builds_trust * nations.treaty[:, :2]
    nations.trust[:, :2] += p.trust_adjustment / 12.0 * (np.clip(goodwill, 0.0, 1.0) - nations.trust[:, :2])


def _armed_labs(world: World) -> np.ndarray:
    """Share of each nation's lab compute that does defence work, (rows, nations)."""
    labs = world.labs
    return world.by_nation(labs.compute * labs.defence) / np.maximum(world.by_nation(labs.compute), 1e-9)


# ---- chips and metals withheld ---------------------------------------------------------------------------------------
def withhold_chips(world: World) -> None:
    """Controls step up with hostility and a shrinking lead, and ease with cooperation (S20)."""
    nations, p, policy = world.nations, world.p, world.policy
    coop, lever = policy.diplomacy.us_china_cooperation, policy.trade.chip_controls
    u = world.luck.uniform("nations.controls", 4)
    control = nations.export_control[:, :2]
    lead = nations.frontier[:, _OWN] - nations.frontier[:, _RIVAL]
    shrinking = np.clip(1.0 - lead / p.comfortable_lead, 0.0, p.alarm_limit)
    truce = nations.truce_months[:, :2] > 0
    hazard = (
        p.control_hazard
        * policy.trade.control_reflex
        * lever
        * nations.hostility[:, :2]
        * nations.chip_leverage[:, :2]
        * (p.controls_without_gap + policy.diplomacy.gap_reaction * shrinking)
        * (1.0 - coop)
        * ~truce
    )
    ceiling = np.minimum(lever, 1.0)
    up = (u[:, :2] < hazard) & (control < ceiling)
    easing = p.easing_hazard * policy.trade.control_reflex * coop * nations.trust[:, :2]
    eases = (u[:, 2:] < easing) & (control > p.negligible_control) & ~up
    control = np.where(up, np.minimum(control + p.control_step, ceiling), control)
    control = np.where(eases, np.maximum(control - p.control_step, 0.0), control)
    # A repeal takes effect over months, as licences are granted again.
    control = np.where(control > ceiling, np.maximum(control - p.repeal_rate, ceiling), control)
    nations.export_control[:, :2] = control
    provoke(world, up)
    world.log.add(world.month, "export_control", up, _OWN, _RIVAL, control)
    world.log.add(world.month, "controls_eased", eases, _OWN, _RIVAL, control)


def provoke(world: World, up: np.ndarray) -> None:
    """A step up in controls may be answered, the sooner the more often it was before (`evidence: retaliation_lag_*`).

    `up` bool (rows, 2) says who stepped up. Small controls are let pass.
    """
    nations, p, policy = world.nations, world.p, world.policy
    coop = policy.diplomacy.us_china_cooperation
    u = world.luck.uniform("nations.retaliation", 4)
    hurt = np.minimum(nations.export_control[:, _RIVAL] / p.retaliation_threshold, 1.0)
    chance = p.retaliation_chance * hurt * policy.trade.mineral_retaliation * (1.0 - p.answers_calmed * coop)
    answers = up[:, _RIVAL] & (u[:, :2] < chance) & (nations.mineral_leverage[:, :2] > 0.0)
    practised = np.exp(-p.retaliation_practice * nations.answers[:, :2])
    spread = 1.0 + p.retaliation_delay_spread * (2.0 * u[:, 2:] - 1.0)
    delay = np.floor(spread * p.retaliation_delay_months * practised)
    waiting = nations.answer_months[:, :2]
    nations.answers[:, :2] += answers & (waiting < 0)
    nations.answer_months[:, :2] = np.where(answers & (waiting < 0), delay, waiting)


def withhold_metals(world: World) -> None:
    """Decided retaliation takes effect; bans fade with time; a truce halves them and stops new steps (S20)."""
    nations, p, policy = world.nations, world.p, world.policy
    coop = policy.diplomacy.us_china_cooperation
    ban, waiting = nations.mineral_ban[:, :2], nations.answer_months[:, :2]
    lever = policy.trade.mineral_retaliation
    # A ban answers the rival's controls: it cannot outgrow them by much, nor outlive them for long.
    ceiling = np.minimum(lever, 1.0) * np.minimum(p.ban_follows * nations.export_control[:, _RIVAL], 1.0)
    due = (waiting == 0.0) & (nations.truce_months[:, :2] <= 0) & (ban < ceiling)
    ban = np.where(due, np.minimum(ban + p.ban_step * lever, ceiling), ban)
    nations.answer_months[:, :2] = np.where(waiting >= 0, waiting - 1.0, NOBODY)
    ban = ban * (1.0 - p.ban_fades / 12.0)
    ban = np.where(ban > ceiling, np.maximum(ban - p.repeal_rate, ceiling), ban)
    told = due & (nations.mineral_leverage[:, :2] > p.metals_worth_telling)
    world.log.add(world.month, "mineral_ban", told, _OWN, _RIVAL, ban)

    tension = np.maximum(nations.export_control[:, :1], nations.export_control[:, 1:2]) * ban.max(axis=1, keepdims=True)
    offer = world.luck.uniform("nations.truce", 1)
    at_odds = (nations.truce_months[:, :1] <= 0) & (tension > p.negligible_control)
    truce = at_odds & (offer < p.truce_hazard + p.truce_cooperation * coop)
    nations.truce_months[:, :2] = np.maximum(nations.truce_months[:, :2] - 1.0, 0.0)
    declare_truce(world, truce)
    nations.mineral_ban[:, :2] = np.where(truce, (1.0 - p.truce_suspends) * ban, ban)


def declare_truce(world: World, where: np.ndarray) -> None:
    """Start a truce of about a year where `where` (rows, 1)."""
    nations = world.nations
    nations.truce_months[:, :2] = np.where(where, world.p.truce_months, nations.truce_months[:, :2])
    world.log.add(world.month, "truce", where, 0, 1)


# ---- treaties -------------------------------------------------------------------------------------------------------
def keep_or_break_treaties(world: World) -> None:
    """Treaties are signed when both would keep them, kept while patience outweighs temptation, and end in breach (S17).

    The temptation grows with hostility and with how close the rival is; the reward with shared fear and cooperation.
    Noisy verification weakens the threat that holds it together, and can raise a false alarm.
    """
    nations, p, policy = world.nations, world.p, world.policy
    coop, seen = policy.diplomacy.us_china_cooperation, policy.diplomacy.treaty_verification
    close = np.exp(-np.abs(nations.frontier[:, :1] - nations.frontier[:, 1:2]))
    reward = p.treaty_reward + p.treaty_fear * nations.incidents_seen[:, :2] + p.treaty_goodwill * coop
    temptation = reward + p.treaty_temptation + p.treaty_hostility * nations.hostility[:, :2] * close
    # A breach is seen only with some chance in a year, so the future counts for less.
    patience = p.patience * seen / np.maximum(1.0 - p.patience * (1.0 - seen), 1e-9)
    willing = cooperation_lasts(patience, temptation, reward, 0.0)
    both = willing.all(axis=1, keepdims=True)
    u = world.luck.uniform("nations.treaty", 4)
    in_force = nations.treaty[:, :1].copy()
    trust = nations.trust[:, :2].min(axis=1, keepdims=True)
    signs = ~in_force & both & (u[:, :1] < p.treaty_hazard * coop * trust)
    broken = in_force & ~willing
    nations.breach[:, :2] = broken
    found = in_force & (u[:, 1:3] < seen / 12.0) & broken
    alarm = in_force & (u[:, 3:] < p.false_alarm * (1.0 - seen) / 12.0)
    ends = found.any(axis=1, keepdims=True) | alarm
    nations.treaty[:, :2] = (in_force | signs) & ~ends
    nations.breach[:, :2] &= nations.treaty[:, :2]
    nations.trust[:, :2] = np.where(ends, nations.trust[:, :2] * p.trust_after_breach, nations.trust[:, :2])
    nations.hostility[:, :2] = np.where(
        ends, np.minimum(nations.hostility[:, :2] + p.breach_anger, 1.0), nations.hostility[:, :2]
    )
    world.log.add(world.month, "treaty", signs, 0, 1)
    world.log.add(world.month, "treaty_ends", ends, 0, 1)
