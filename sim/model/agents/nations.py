"""Nations: the US and China read each other, withhold chips and metals, make truces and treaties; the rest follow."""

from __future__ import annotations

from math import floor
from typing import Any

from sim.model.elementary import exp
from sim.model.luck import CHANNEL, normal, uniform
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import CHINA, LAB_SLOTS, NOBODY, US


# ---- published forms ---------------------------------------------------------------------------------------------
@rule
def richardson_rate(own: float, other: float, reaction: float, fatigue: float, grievance: float) -> float:
    """Rate of change of one rival's hostility: reaction x the other's - fatigue x own + grievance.

    Stable when the product of the fatigues exceeds that of the reactions. Source: Richardson (1960).
    """
    return reaction * other - fatigue * own + grievance


@rule
def cooperation_lasts(discount: float, temptation: float, reward: float, punishment: float) -> bool:
    """Whether a trigger strategy keeps a repeated prisoner's dilemma cooperative: discount >= (T - R)/(T - P)."""
    return discount >= (temptation - reward) / (temptation - punishment)


# ---- hostility and trust --------------------------------------------------------------------------------------------
@rule
def read_the_race(run: Any, given: Any) -> None:
    """Hostility answers the other's, the gap in capability, controls and defence work (S16, S17, S19)."""
    nations, p, policy = run.nations, given.p, given.policy
    coop = policy.diplomacy.us_china_cooperation
    reaction = p.hostility_reaction * (1.0 - p.cooperation_calms * coop)
    fatigue = p.hostility_fatigue * (1.0 + p.cooperation_tires * coop)
    of_us, of_china = nations.hostility[US], nations.hostility[CHINA]
    for own in (US, CHINA):
        mine, other = (of_us, of_china) if own == US else (of_china, of_us)
        grievance = _grievance(run, given, own) - p.treaty_calms * nations.treaty[own]
        change = richardson_rate(mine, other, reaction, fatigue, grievance)
        shock = p.hostility_noise * normal(run, given, CHANNEL.nations_hostility, own)
        nations.hostility[own] = clip(mine + change / 12.0 + shock, 0.0, 1.0)
        goodwill = (1.0 - nations.hostility[own]) * (p.trust_floor + (1.0 - p.trust_floor) * coop)
        goodwill += p.treaty_builds_trust * nations.treaty[own]
        nations.trust[own] += p.trust_adjustment / 12.0 * (clip(goodwill, 0.0, 1.0) - nations.trust[own])


@rule
def _grievance(run: Any, given: Any, own: int) -> float:
    """What a power holds against its rival: a lead, or a lead about to be lost, chips and metals withheld, weapons."""
    nations, p, rival = run.nations, given.p, 1 - own
    behind = max(nations.frontier[rival] - nations.frontier[own], 0.0)
    gap = min(abs(nations.frontier[US] - nations.frontier[CHINA]), 1.0)
    fear = p.fear_of_lagging * min(behind, p.lag_feared_in_full)
    if behind <= 0.0:
        fear += p.fear_of_losing_lead * (1.0 - gap)
    hurt = p.hurt_by_controls * nations.export_control[rival] + p.hurt_by_bans * nations.mineral_ban[rival]
    armed = p.hurt_by_defence * _share_armed(run, rival)
    return p.hostility_base + given.policy.diplomacy.gap_reaction * fear + hurt + armed


@rule
def _share_armed(run: Any, nation: int) -> float:
    """Share of a nation's lab compute that does defence work."""
    labs = run.labs
    armed = total = 0.0
    for lab in range(LAB_SLOTS):
        if labs.nation[lab] == nation:
            armed += labs.compute[lab] * labs.defence[lab]
            total += labs.compute[lab]
    return armed / max(total, 1e-9)


# ---- chips and metals withheld ---------------------------------------------------------------------------------------
@rule
def withhold_chips(run: Any, given: Any) -> None:
    """Controls step up with hostility and a shrinking lead, and ease with cooperation (S20)."""
    nations, p, policy = run.nations, given.p, given.policy
    coop, lever = policy.diplomacy.us_china_cooperation, policy.trade.chip_controls
    ceiling = min(lever, 1.0)
    stepped_up = [False, False]
    for own in (US, CHINA):
        control = nations.export_control[own]
        lead = nations.frontier[own] - nations.frontier[1 - own]
        shrinking = clip(1.0 - lead / p.comfortable_lead, 0.0, p.alarm_limit)
        hazard = 0.0
        if nations.truce_months[own] <= 0.0:
            hazard = (
                p.control_hazard
                * policy.trade.control_reflex
                * lever
                * nations.hostility[own]
                * nations.chip_leverage[own]
                * (p.controls_without_gap + policy.diplomacy.gap_reaction * shrinking)
                * (1.0 - coop)
            )
        easing = p.easing_hazard * policy.trade.control_reflex * coop * nations.trust[own]
        steps_up = control < ceiling and uniform(run, given, CHANNEL.nations_controls, own) < hazard
        eases = (not steps_up and control > p.negligible_control
                 and uniform(run, given, CHANNEL.nations_controls, 2 + own) < easing)
        if steps_up:
            control = min(control + p.control_step, ceiling)
        if eases:
            control = max(control - p.control_step, 0.0)
        if control > ceiling:  # a repeal takes effect over months, as licences are granted again
            control = max(control - p.repeal_rate, ceiling)
        nations.export_control[own] = control
        stepped_up[own] = steps_up
        if steps_up:
            tell(run, EVENT.export_control, own, 1 - own, control)
        if eases:
            tell(run, EVENT.controls_eased, own, 1 - own, control)
    for own in (US, CHINA):
        if stepped_up[own]:
            provoke(run, given, own)


@rule
def provoke(run: Any, given: Any, nation: int) -> None:
    """A nation's step up in controls may be answered, the sooner the more often it was (`evidence: retaliation_lag_*`).

    Small controls are let pass, and an answer that is on its way already is not given twice.
    """
    nations, p, policy, rival = run.nations, given.p, given.policy, 1 - nation
    hurt = min(nations.export_control[nation] / p.retaliation_threshold, 1.0)
    calmed = 1.0 - p.answers_calmed * policy.diplomacy.us_china_cooperation
    chance = p.retaliation_chance * hurt * policy.trade.mineral_retaliation * calmed
    answers = uniform(run, given, CHANNEL.nations_retaliation, rival) < chance and nations.mineral_leverage[rival] > 0.0
    if answers and nations.answer_months[rival] < 0.0:
        practised = exp(-p.retaliation_practice * nations.answers[rival])
        luck = uniform(run, given, CHANNEL.nations_retaliation, 2 + rival)
        spread = 1.0 + p.retaliation_delay_spread * (2.0 * luck - 1.0)
        nations.answers[rival] += 1.0
        nations.answer_months[rival] = floor(spread * p.retaliation_delay_months * practised)


@rule
def withhold_metals(run: Any, given: Any) -> None:
    """Decided retaliation takes effect; bans fade with time; a truce halves them and stops new steps (S20)."""
    nations, p, lever = run.nations, given.p, given.policy.trade.mineral_retaliation
    for own in (US, CHINA):
        ban, waiting = nations.mineral_ban[own], nations.answer_months[own]
        # A ban answers the rival's controls: it cannot outgrow them by much, nor outlive them for long.
        ceiling = min(lever, 1.0) * min(p.ban_follows * nations.export_control[1 - own], 1.0)
        due = waiting == 0.0 and nations.truce_months[own] <= 0.0 and ban < ceiling
        if due:
            ban = min(ban + p.ban_step * lever, ceiling)
        nations.answer_months[own] = waiting - 1.0 if waiting >= 0.0 else NOBODY
        ban *= 1.0 - p.ban_fades / 12.0
        if ban > ceiling:
            ban = max(ban - p.repeal_rate, ceiling)
        nations.mineral_ban[own] = ban
        if due and nations.mineral_leverage[own] > p.metals_worth_telling:
            tell(run, EVENT.mineral_ban, own, 1 - own, ban)
    _make_truces(run, given)


@rule
def _make_truces(run: Any, given: Any) -> None:
    """Powers that both hold back from the other may agree a truce."""
    nations, p = run.nations, given.p
    tension = max(nations.export_control[US], nations.export_control[CHINA]) * max(
        nations.mineral_ban[US], nations.mineral_ban[CHINA])
    at_odds = nations.truce_months[US] <= 0.0 and tension > p.negligible_control
    chance = p.truce_hazard + p.truce_cooperation * given.policy.diplomacy.us_china_cooperation
    agreed = at_odds and uniform(run, given, CHANNEL.nations_truce, 0) < chance
    for own in (US, CHINA):
        nations.truce_months[own] = max(nations.truce_months[own] - 1.0, 0.0)
        if agreed:
            nations.mineral_ban[own] *= 1.0 - p.truce_suspends
    if agreed:
        declare_truce(run, given)


@rule
def declare_truce(run: Any, given: Any) -> None:
    """Start a truce of about a year."""
    run.nations.truce_months[US] = run.nations.truce_months[CHINA] = given.p.truce_months
    tell(run, EVENT.truce, US, CHINA)


# ---- treaties -------------------------------------------------------------------------------------------------------
@rule
def keep_or_break_treaties(run: Any, given: Any) -> None:
    """Treaties are signed when both would keep them, kept while patience outweighs temptation, and end in breach (S17).

    The temptation grows with hostility and with how close the rival is; the reward with shared fear and cooperation.
    Noisy verification weakens the threat that holds it together, and can raise a false alarm.
    """
    nations, p, diplomacy = run.nations, given.p, given.policy.diplomacy
    coop, seen = diplomacy.us_china_cooperation, diplomacy.treaty_verification
    close = exp(-abs(nations.frontier[US] - nations.frontier[CHINA]))
    # A breach is seen only with some chance in a year, so the future counts for less.
    patience = p.patience * seen / max(1.0 - p.patience * (1.0 - seen), 1e-9)
    in_force = nations.treaty[US] > 0
    both = True
    ends = in_force and uniform(run, given, CHANNEL.nations_treaty, 3) < p.false_alarm * (1.0 - seen) / 12.0
    for own in (US, CHINA):
        reward = p.treaty_reward + p.treaty_fear * nations.incidents_seen[own] + p.treaty_goodwill * coop
        temptation = reward + p.treaty_temptation + p.treaty_hostility * nations.hostility[own] * close
        willing = cooperation_lasts(patience, temptation, reward, 0.0)
        breaks = in_force and not willing
        nations.breach[own] = breaks
        both = both and willing
        ends = ends or (breaks and uniform(run, given, CHANNEL.nations_treaty, 1 + own) < seen / 12.0)
    trust = min(nations.trust[US], nations.trust[CHINA])
    signs = not in_force and both and uniform(run, given, CHANNEL.nations_treaty, 0) < p.treaty_hazard * coop * trust
    for own in (US, CHINA):
        nations.treaty[own] = (in_force or signs) and not ends
        nations.breach[own] = nations.breach[own] and nations.treaty[own]
        if ends:
            nations.trust[own] *= p.trust_after_breach
            nations.hostility[own] = min(nations.hostility[own] + p.breach_anger, 1.0)
    if signs:
        tell(run, EVENT.treaty, US, CHINA)
    if ends:
        tell(run, EVENT.treaty_ends, US, CHINA)
