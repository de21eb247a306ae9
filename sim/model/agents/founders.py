"""Founders: they stay or leave, found rivals, and bear grudges."""

from __future__ import annotations

from math import sqrt
from typing import Any

from sim.model.industry import industry_scale
from sim.model.luck import CHANNEL, choose_one, uniform, uniforms
from sim.model.money import Owner
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import flags, rule, zeros
from sim.model.state import BY_FOUNDER, FOUNDER_SLOTS, LAB_SLOTS, NOBODY, US, Form
from sim.model.traits import founders_mission, mission_of


@rule
def departure_hazard(mission: float, drift: float, base: float, sensitivity: float) -> float:
    """Monthly hazard that a founder leaves: `base`, plus the distance between own mission and the lab's form (S3).

    `mission` and `drift` on [0, 1].
    """
    return base + sensitivity * mission * drift


@rule
def has_feud(run: Any, founder: int) -> bool:
    """Whether a founder bears a grudge against a lab in business that is not the founder's own."""
    founders, against = run.founders, run.founders.grievance_lab[founder]
    return (founders.active[founder] > 0 and against != NOBODY and run.labs.active[against] > 0
            and against != founders.home[founder])


@rule
def drift_of_form(run: Any, given: Any, lab: int) -> float:
    """How far a lab's legal form alone stands from its founding purpose, 0-1."""
    form, p = run.labs.form[lab], given.p
    return (0.0 if form == Form.NONPROFIT else p.drift_capped if form == Form.CAPPED_PROFIT
            else p.drift_for_profit if form == Form.FOR_PROFIT else p.drift_division)


@rule
def _drift_felt(run: Any, given: Any, lab: int) -> float:
    """What founders see of a lab's drift, 0-1: form, conversion in train, defence work, thin safety."""
    labs, p = run.labs, given.p
    # Who founded a company, or joined one's division, chose that form: drift is what a charter promised and dropped.
    never_bound = labs.form[lab] >= Form.FOR_PROFIT and labs.owned[lab, Owner.mission] <= 0.0
    promised = p.drift_chosen if never_bound else 1.0
    return clip(
        drift_of_form(run, given, lab) * promised * mission_of(run, given, lab)
        + p.drift_converting * labs.converting[lab]
        + p.drift_defence * labs.defence[lab]
        + p.drift_unsafe * (1.0 - labs.safety[lab]),
        0.0,
        1.0,
    )


# ---- leaving -------------------------------------------------------------------------------------------------------
@rule
def leave(run: Any, given: Any) -> None:
    """Founders leave over drift from the mission, and remember which lab they left and why (S1, S3)."""
    founders, labs, p = run.founders, run.labs, given.p
    sensitivity = p.departure_mission * given.policy.people.mission_departures
    led, luck = flags(FOUNDER_SLOTS), zeros(FOUNDER_SLOTS)
    uniforms(run, given, CHANNEL.founders_departures, luck)
    for founder in range(FOUNDER_SLOTS):
        home = founders.home[founder]
        if not founders.active[founder] or home == NOBODY or not labs.active[home]:
            continue
        drift = _drift_felt(run, given, home)
        hazard = departure_hazard(founders_mission(run, given, founder), drift, p.departure_base, sensitivity)
        # Who controls a lab can change its course instead of leaving it.
        if founders.controls[founder]:
            hazard *= p.controller_stays
        if luck[founder] < hazard:
            run.now.departures += 1.0
            tell(run, EVENT.departure, founder, home)
            grudge = clip(p.departure_grudge * (p.grudge_without_drift + drift), 0.0, 1.0)
            if grudge > founders.grievance[founder]:
                founders.grievance_lab[founder], founders.grievance[founder] = home, grudge
            founders.know_how[founder] = labs.algorithm[home]
            founders.left_lab[founder], founders.home[founder] = home, NOBODY
            led[founder] = founders.controls[founder]
            founders.controls[founder] = False
    for founder in range(FOUNDER_SLOTS):
        if led[founder]:
            _succeed(run, founders.left_lab[founder])
        founders.grievance[founder] *= 1.0 - p.grievance_fades / 12.0


@rule
def _succeed(run: Any, lab: int) -> None:
    """Another founder at home takes control of a lab that the one in control has left."""
    founders = run.founders
    for heir in range(FOUNDER_SLOTS):
        if founders.active[heir] and founders.home[heir] == lab:
            founders.controls[heir] = True
            return


# ---- founding and joining ------------------------------------------------------------------------------------------
@rule
def found_labs(run: Any, given: Any) -> None:
    """Founders without a home found a rival lab with their own money and investors' (S1, S11), or join another.

    One founding a month is put down; it comes about when labs open.
    """
    founders, foundings, p, people = run.founders, run.foundings, given.p, given.policy.people
    cheque = industry_scale(run, given, p.cheque_growth)
    from_investors = p.seed_from_investors * run.capital.sentiment * cheque
    joins = flags(FOUNDER_SLOTS)
    for founder in range(FOUNDER_SLOTS):
        if not founders.active[founder] or founders.home[founder] != NOBODY:
            continue
        own = founders.wealth[founder] * min(p.seed_share_of_wealth * people.founder_seed_capital, 1.0)
        own = min(own, p.seed_limit_usd_bn)
        drive = p.spin_off_hazard * people.spin_offs * (1.0 + p.spin_off_grievance * founders.grievance[founder])
        means = min(1.0, (own + from_investors) / (p.seed_wanted_usd_bn * cheque))
        if uniform(run, given, CHANNEL.founders_spin_offs, founder) >= drive * means:
            joins[founder] = uniform(run, given, CHANNEL.founders_joins, founder) < p.join_hazard
        elif not foundings.decided[BY_FOUNDER]:
            left = founders.left_lab[founder]
            foundings.decided[BY_FOUNDER], foundings.founder[BY_FOUNDER] = True, founder
            foundings.nation[BY_FOUNDER] = run.labs.nation[left] if left != NOBODY else US
            foundings.cash[BY_FOUNDER], foundings.own_money[BY_FOUNDER] = own + from_investors, own
            foundings.algorithm[BY_FOUNDER] = founders.know_how[founder] - p.know_how_lost
            foundings.mission[BY_FOUNDER] = founders.mission[founder]
    _join_others(run, given, joins)


@rule
def _join_others(run: Any, given: Any, joins: Any) -> None:
    """People move to labs with compute and a good name that think as they do; what they know moves with them (S7)."""
    founders, labs, p = run.founders, run.labs, given.p
    before, score = zeros(LAB_SLOTS), zeros(LAB_SLOTS)
    for lab in range(LAB_SLOTS):
        before[lab] = labs.algorithm[lab]
    for founder in range(FOUNDER_SLOTS):
        if not joins[founder]:
            continue
        nation, scores = labs.nation[max(founders.left_lab[founder], 0)], 0.0
        for lab in range(LAB_SLOTS):
            barred = lab == founders.left_lab[founder] or lab == founders.grievance_lab[founder]
            score[lab] = 0.0
            if labs.active[lab] and labs.nation[lab] == nation and not barred:
                alike = 1.0 - abs(labs.mission_kept[lab] - founders_mission(run, given, founder))
                score[lab] = sqrt(labs.compute[lab]) * labs.reputation[lab] * alike
            scores += score[lab]
        if scores > 0.0:
            chosen = choose_one(run, given, CHANNEL.founders_joins_where, score)
            founders.home[founder] = chosen
            taught = min(founders.know_how[founder] - p.know_how_lost, before[chosen] + p.staff_move_limit)
            labs.algorithm[chosen] = max(labs.algorithm[chosen], taught)
            tell(run, EVENT.joins, founder, chosen)
