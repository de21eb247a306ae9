"""Nations: the US and China read each other, withhold chips and metals, and make truces; their allies follow."""

from __future__ import annotations

from math import floor
from typing import Any

from sim.model.agents import powers
from sim.model.elementary import exp
from sim.model.institutions.chips import bloc_leverage
from sim.model.luck import CHANNEL, normal, uniform
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import CHINA, NATIONS, NOBODY, US

PAYOFFS, HAZARDS = 0, 1  # structures of how powers choose, in the order of their choices


# ---- published forms ---------------------------------------------------------------------------------------------
@rule
def richardson_rate(own: float, other: float, reaction: float, fatigue: float, grievance: float) -> float:
    """Rate of change of one rival's hostility: reaction x the other's - fatigue x own + grievance.

    Stable when the product of the fatigues exceeds that of the reactions. Source: Richardson (1960).
    """
    return reaction * other - fatigue * own + grievance


# ---- hostility and trust --------------------------------------------------------------------------------------------
@rule
def read_the_race(run: Any, given: Any) -> None:
    """Hostility answers the other's, the lead to expect, weight, controls and defence work (S16, S17, S19)."""
    nations, p, policy = run.nations, given.p, given.policy
    powers.take_bearings(run, given)
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
    """What a power holds against its rival: a lead, or a lead about to be lost, chips and metals withheld, weapons.

    The lead is that to expect: rules that slow research on one side alone make it fear to fall behind.
    """
    nations, p, rival = run.nations, given.p, 1 - own
    lead, weight = nations.lead_expected[own], nations.military_weight[own]
    fear = p.fear_of_lagging * clip(-lead, 0.0, p.lag_feared_in_full)
    if lead >= 0.0:
        fear += p.fear_of_losing_lead * (1.0 - min(lead, 1.0))
    fear += p.fear_of_weakness * max(1.0 - 2.0 * weight, 0.0)
    hurt = p.hurt_by_controls * nations.export_control[rival] + p.hurt_by_bans * nations.mineral_ban[rival]
    armed = p.hurt_by_defence * nations.armed_share[rival]
    return p.hostility_base + given.policy.diplomacy.gap_reaction * fear + hurt + armed


# ---- chips and metals withheld ---------------------------------------------------------------------------------------
@rule
def withhold_chips(run: Any, given: Any) -> None:
    """Controls step up or ease, by what a power gains or by hazards; a repeal takes months; allies follow (S20)."""
    nations, p = run.nations, given.p
    if given.policy.structure.powers == PAYOFFS:
        powers.choose_controls(run, given)
    else:
        _controls_by_hazard(run, given)
    ceiling = min(given.policy.trade.chip_controls, 1.0)
    for own in (US, CHINA):
        if nations.export_control[own] > ceiling:  # a repeal takes effect over months, as licences are granted again
            nations.export_control[own] = max(nations.export_control[own] - p.repeal_rate, ceiling)
    for ally in range(CHINA + 1, len(NATIONS)):
        behind = nations.export_control[given.start.blocs[ally]] - nations.export_control[ally]
        nations.export_control[ally] += behind / p.allies_delay_months


@rule
def _controls_by_hazard(run: Any, given: Any) -> None:
    """Controls step up with hostility and a shrinking lead, and ease with cooperation."""
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
                * bloc_leverage(run, given, own)
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

    Small controls are let pass, and an answer that is on its way already is not given twice. A power that chooses by
    what it gains answers with its next choice, or lets it pass.
    """
    nations, p, policy, rival = run.nations, given.p, given.policy, 1 - nation
    if given.policy.structure.powers == PAYOFFS:
        powers.ask_for_an_answer(run, nation)
        return
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
    """Metals are withheld and chips refused, by what a power gains or by hazards; bans fade; truces (S20)."""
    if given.policy.structure.powers == PAYOFFS:
        powers.choose_bans(run, given)
        powers.choose_imports(run, given)
        for own in (US, CHINA):
            run.nations.mineral_ban[own] *= 1.0 - given.p.ban_fades / 12.0
    else:
        _bans_by_hazard(run, given)
    if run.nations.truce_months[US] > 0.0:
        _keep_truce(run, given)
    else:
        _make_truce(run, given)


@rule
def _bans_by_hazard(run: Any, given: Any) -> None:
    """Decided retaliation takes effect."""
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


# ---- truces --------------------------------------------------------------------------------------------------------
@rule
def _make_truce(run: Any, given: Any) -> None:
    """Powers that both hold back from the other may agree a truce."""
    nations, p = run.nations, given.p
    tension = max(nations.export_control[US], nations.export_control[CHINA]) * max(
        nations.mineral_ban[US], nations.mineral_ban[CHINA])
    if tension <= p.negligible_control:
        return
    chance = p.truce_hazard + p.truce_cooperation * given.policy.diplomacy.us_china_cooperation
    if given.policy.structure.powers == PAYOFFS:
        chance = p.truce_talks
    chance *= min(given.policy.trade.control_reflex, 1.0)  # at 0 all of it is left to dated events
    luck = uniform(run, given, CHANNEL.nations_truce, 0)
    if luck >= chance:
        return
    if given.policy.structure.powers == HAZARDS or luck < chance * powers.chance_of_accord(run, given):
        declare_truce(run, given, p.truce_suspends)


@rule
def declare_truce(run: Any, given: Any, share: float) -> None:
    """Start a truce of about a year, which suspends a share of both sides' controls and bans, and new steps."""
    nations = run.nations
    for own in (US, CHINA):
        control, ban = share * nations.export_control[own], share * nations.mineral_ban[own]
        nations.export_control[own] -= control
        nations.mineral_ban[own] -= ban
        nations.control_suspended[own] += control
        nations.ban_suspended[own] += ban
        nations.truce_months[own] = given.p.truce_months
    tell(run, EVENT.truce, US, CHINA)


@rule
def _keep_truce(run: Any, given: Any) -> None:
    """A truce runs out: it is renewed if both powers gain by it, or what it suspended comes back."""
    nations = run.nations
    for own in (US, CHINA):
        nations.truce_months[own] = max(nations.truce_months[own] - 1.0, 0.0)
    if nations.truce_months[US] > 0.0:
        return
    renewal = powers.chance_of_renewal(run, given) if given.policy.structure.powers == PAYOFFS else 0.0
    if uniform(run, given, CHANNEL.nations_truce, 0) < renewal:
        declare_truce(run, given, 0.0)
        return
    trade = given.policy.trade
    for own in (US, CHINA):
        most, most_banned = min(trade.chip_controls, 1.0), min(trade.mineral_retaliation, 1.0)
        control, ban = nations.export_control[own], nations.mineral_ban[own]
        # What policy has repealed meanwhile does not come back.
        nations.export_control[own] = max(min(control + nations.control_suspended[own], most), control)
        nations.mineral_ban[own] = max(min(ban + nations.ban_suspended[own], most_banned), ban)
        nations.control_suspended[own] = nations.ban_suspended[own] = 0.0
    tell(run, EVENT.truce_ends, US, CHINA)
