"""Courts: who sues whom and why, allies, injunctions, settlement, verdicts, and the state's review of conversions."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.agents.founders import drift_of_form, has_feud
from sim.model.asked import FORESEEN
from sim.model.elementary import normal_probability, normal_quantile
from sim.model.institutions.capital import dilute
from sim.model.luck import CHANNEL, normal, uniform, uniforms
from sim.model.money import Owner, Purpose, pay, receive
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.policies import brought_forward
from sim.model.rule import entry, flags, full, rule, zeros
from sim.model.state import (
    CALIFORNIA,
    FOUNDER_SLOTS,
    LAB_SLOTS,
    NOBODY,
    SUIT_SLOTS,
    Claim,
    Form,
    Injunction,
)
from sim.model.traits import access_of, combativeness_of, founders_mission, mission_of

SLOTS_FOR_RIVALS = 3
_CONVERSION = FORESEEN.index("capital.conversion_allowed")


# ---- models of settlement and trial ------------------------------------------------------------------------------
@rule
def screening_offer(cost: float, stake: float, low: float, high: float) -> tuple[float, float]:
    """The plaintiff's demand and the chance of trial when only the defendant knows the odds.

    The defendant's chance of losing is uniform on [low, high]; `cost` is both sides' cost of a trial, `stake` the
    award. Returns (demand in units of money, probability of trial). Source: Bebchuk (1984):
    P(trial) = 1 - cost / (stake (high - low)).
    """
    trial = clip(1.0 - cost / max(stake * (high - low), 1e-12), 0.0, 1.0)
    return (low + trial * (high - low)) * stake + cost / 2.0, trial


@rule
def goes_to_trial(
    truth: float,
    plaintiff_error: float,
    defendant_error: float,
    signal_sd: float,
    standard: float,
    cost_to_stake: float,
) -> tuple[bool, bool]:
    """Whether a suit is tried, and who would win it, when both sides judge the case with error.

    `truth` is the case's strength, the errors are standard normal, `signal_sd` scales them; the plaintiff wins when
    truth exceeds `standard`. A case is tried when the plaintiff's estimate of the odds exceeds the defendant's by more
    than `cost_to_stake`. Returns (tried, plaintiff wins). Source: Priest and Klein (1984).
    """
    by_plaintiff = judged_odds(truth, plaintiff_error, signal_sd, standard)
    by_defendant = judged_odds(truth, defendant_error, signal_sd, standard)
    return by_plaintiff - by_defendant > cost_to_stake, truth > standard


@rule
def judged_odds(truth: float, error: float, signal_sd: float, standard: float) -> float:
    """A party's estimate of the plaintiff's odds from a noisy look at the case; arguments as in `goes_to_trial`."""
    sd = max(signal_sd, 1e-9)
    return normal_probability((truth + sd * error - standard) / sd)


@entry
def _go_to_trial_of_all(drawn: Any, signal_sd: float, standard: float, cost_to_stake: float, out: Any) -> None:
    for case in range(drawn.shape[1]):
        tried, wins = goes_to_trial(drawn[0, case], drawn[1, case], drawn[2, case], signal_sd, standard, cost_to_stake)
        out[0, case], out[1, case] = tried, wins


def go_to_trial(
    drawn: np.ndarray, signal_sd: float, standard: float, cost_to_stake: float
) -> tuple[np.ndarray, np.ndarray]:
    """`goes_to_trial` of many cases: truths and both sides' errors (3, cases) to bools (cases,), tried and won."""
    out = np.zeros(drawn[:2].shape, np.uint8)
    _go_to_trial_of_all(drawn, float(signal_sd), float(standard), float(cost_to_stake), out)
    tried, wins = out.view(bool)
    return tried, wins


@rule
def filing_hazard(
    grievance: float,
    combativeness: float,
    mission: float,
    drift: float,
    market_gap: float,
    base: float,
    mission_part: float,
    rivalry_part: float,
) -> tuple[float, float]:
    """Monthly hazard of a suit in its two parts, mission and rivalry (S9).

    Both need a grievance and a combative founder. The mission part grows with the founder's own mission and the
    defendant's drift from its charter, the rivalry part with how far the defendant leads in the market.
    """
    will = base * grievance * combativeness
    return will * mission_part * mission * drift, will * rivalry_part * max(market_gap, 0.0)


# ---- quarrels in public --------------------------------------------------------------------------------------------
@rule
def attack_in_public(run: Any, given: Any) -> None:
    """Feuding founders attack their rival's reputation, at some cost to their own (S7)."""
    founders, labs, p = run.founders, run.labs, given.p
    hurt, luck = zeros(LAB_SLOTS), zeros(FOUNDER_SLOTS)
    uniforms(run, given, CHANNEL.founders_attacks, luck)
    for founder in range(FOUNDER_SLOTS):
        if not has_feud(run, founder):
            continue
        hazard = p.attack_hazard * given.policy.litigation.media_attacks
        hazard *= combativeness_of(run, given, founder) * founders.grievance[founder]
        if luck[founder] < hazard:
            against, home = founders.grievance_lab[founder], founders.home[founder]
            hurt[against] += p.attack_damage * (1.0 + access_of(run, given, founder))
            if home != NOBODY:
                hurt[home] += p.attack_backlash
            tell(run, EVENT.media_attack, founder, against)
    for lab in range(LAB_SLOTS):
        labs.reputation[lab] = clip(labs.reputation[lab] - hurt[lab], 0.0, 1.0)


# ---- filing ---------------------------------------------------------------------------------------------------------
@rule
def file_suits(run: Any, given: Any) -> None:
    """At most one suit by a founder and one by rights holders is filed in a month (S6, S9)."""
    _sue_rivals(run, given)
    _sue_for_copyright(run, given)


@rule
def drift_from_charter(run: Any, given: Any, lab: int) -> float:
    """How far a lab has moved from its founding purpose, 0-1: conversion in train counts (S3, S5)."""
    p, labs = given.p, run.labs
    moved = p.drift_converting * labs.converting[lab] + p.drift_defence * labs.defence[lab]
    return clip(drift_of_form(run, given, lab) + moved - p.drift_stake * labs.owned[lab, Owner.mission], 0.0, 1.0)


@rule
def _sue_rivals(run: Any, given: Any) -> None:
    """Founders in control of a lab sue a lab of their own nation that they resent."""
    founders, labs, p, litigation = run.founders, run.labs, given.p, given.policy.litigation
    likeliest, plaintiff, mostly_rivalry = 0.0, NOBODY, False
    for founder in range(FOUNDER_SLOTS):
        # A suit is brought in the name of a lab, so by whoever controls one.
        if not has_feud(run, founder) or not founders.controls[founder]:
            continue
        home, against = founders.home[founder], founders.grievance_lab[founder]
        if labs.nation[home] != labs.nation[against]:
            continue
        mission, rivalry = filing_hazard(
            founders.grievance[founder], combativeness_of(run, given, founder), founders_mission(run, given, founder),
            drift_from_charter(run, given, against), labs.share[against] - labs.share[home],
            p.filing_hazard * litigation.filing, p.filing_mission, p.filing_rivalry * litigation.rivalry_motive)
        hazard = mission + rivalry
        if hazard > likeliest and uniform(run, given, CHANNEL.courts_filing, founder) < hazard:
            likeliest, plaintiff, mostly_rivalry = hazard, founder, rivalry > mission
    slot = _free_slot(run, SUIT_SLOTS)
    if plaintiff == NOBODY or slot == NOBODY:
        return
    home, against = founders.home[plaintiff], founders.grievance_lab[plaintiff]
    kind = _claim(run, plaintiff, against, mostly_rivalry)
    if _has_suit(run, plaintiff, kind):
        return
    value = max(labs.valuation[against], labs.revenue[against])
    stakes = min(p.least_stakes + p.stakes_share * value, p.stakes_limit)
    _enter(run, given, slot, kind, home, plaintiff, against, stakes)
    tell(run, EVENT.suit_rivalry if mostly_rivalry else EVENT.suit_mission, home, against)


@rule
def _claim(run: Any, founder: int, against: int, mostly_rivalry: bool) -> int:
    """What a founder sues a lab over: its conversion first, then what the motive suggests."""
    labs = run.labs
    over_conversion = labs.converting[against] or labs.form[against] == Form.CAPPED_PROFIT
    if over_conversion and not _has_suit(run, founder, Claim.CONVERSION):
        return Claim.CONVERSION
    return Claim.ANTITRUST if mostly_rivalry else Claim.TRADE_SECRET


@rule
def _has_suit(run: Any, founder: int, kind: int) -> bool:
    """Whether a founder has a suit of this kind pending: nobody brings the same case twice."""
    docket, pending = run.docket, False
    for suit in range(SUIT_SLOTS):
        same = docket.founder[suit] == founder and docket.kind[suit] == kind
        pending = pending or (docket.active[suit] > 0 and same)
    return pending


@rule
def _sue_for_copyright(run: Any, given: Any) -> None:
    """Copyright suits come with revenue, not with quarrels between rivals (`evidence: rec_copyright_suits_2024-12`)."""
    labs, p, sued, luck = run.labs, given.p, NOBODY, zeros(LAB_SLOTS)
    uniforms(run, given, CHANNEL.courts_copyright, luck)
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and given.start.lets_sue[labs.nation[lab]]:
            size = labs.revenue[lab] / (labs.revenue[lab] + p.copyright_scale)
            hazard = p.copyright_hazard * given.policy.litigation.filing * size
            # One suit a month, against the largest.
            if luck[lab] < hazard and (sued == NOBODY or labs.revenue[lab] > labs.revenue[sued]):
                sued = lab
    # The last slots of the docket are kept for suits between rivals.
    slot = _free_slot(run, SUIT_SLOTS - SLOTS_FOR_RIVALS)
    if sued != NOBODY and slot != NOBODY:
        stakes = p.copyright_stakes * labs.revenue[sued] / (labs.revenue[sued] + p.copyright_scale)
        _enter(run, given, slot, Claim.COPYRIGHT, NOBODY, NOBODY, sued, stakes)
        tell(run, EVENT.suit_copyright, NOBODY, sued)


@rule
def _free_slot(run: Any, slots: int) -> int:
    """The first free slot among the docket's first ones, or NOBODY."""
    for suit in range(slots):
        if not run.docket.active[suit]:
            return suit
    return NOBODY


@rule
def _enter(
    run: Any, given: Any, suit: int, kind: int, plaintiff: int, founder: int, defendant: int, stakes: float
) -> None:
    """Put a suit on the docket."""
    docket = run.docket
    docket.active[suit], docket.kind[suit] = True, kind
    docket.plaintiff[suit], docket.founder[suit], docket.defendant[suit] = plaintiff, founder, defendant
    docket.age[suit], docket.stakes[suit], docket.allies[suit] = 0.0, stakes, 0.0
    docket.merit[suit] = uniform(run, given, CHANNEL.courts_merit, suit)
    # There is a conversion to stop only while one is under way.
    moves = kind == Claim.CONVERSION and run.labs.converting[defendant] > 0
    docket.injunction[suit] = Injunction.PENDING if moves else Injunction.NONE
    docket.ruling_due[suit] = given.p.injunction_month
    run.now.suits_filed += 1.0


# ---- the docket's month ----------------------------------------------------------------------------------------------
@rule
def hear_suits(run: Any, given: Any) -> None:
    """Suits age: allies join, injunctions are ruled on, weak claims fall, others settle or are tried."""
    docket, labs = run.docket, run.labs
    for suit in range(SUIT_SLOTS):
        docket.age[suit] += docket.active[suit]
    _join_allies(run, given)
    _rule_on_injunctions(run, given)
    _dismiss(run, given)
    _settle_or_try(run, given)
    _pay_lawyers(run, given)
    for lab in range(LAB_SLOTS):
        labs.suits_against[lab], labs.enjoined[lab] = 0.0, False
    for suit in range(SUIT_SLOTS):
        if docket.active[suit]:
            labs.suits_against[docket.defendant[suit]] += 1.0
            if docket.injunction[suit] == Injunction.GRANTED and labs.converting[docket.defendant[suit]]:
                labs.enjoined[docket.defendant[suit]] = True


@rule
def _join_allies(run: Any, given: Any) -> None:
    """Rivals of the defendant side with the plaintiff of a suit over conversion (S10): the review grows longer."""
    docket, labs, p = run.docket, run.labs, given.p
    joins = flags(SUIT_SLOTS)
    for suit in range(SUIT_SLOTS):
        defendant = docket.defendant[suit]
        contested = docket.active[suit] and docket.kind[suit] == Claim.CONVERSION and labs.converting[defendant]
        if contested:
            rivals = -2.0
            for lab in range(LAB_SLOTS):
                if labs.active[lab] and labs.nation[lab] == labs.nation[defendant]:
                    rivals += 1.0
            free = max(rivals - docket.allies[suit], 0.0)
            hazard = p.ally_hazard * given.policy.litigation.allies * free * labs.share[defendant]
            joins[suit] = uniform(run, given, CHANNEL.courts_allies, suit) < hazard
    for suit in range(SUIT_SLOTS):
        if joins[suit]:
            defendant, before = docket.defendant[suit], int(docket.allies[suit])
            docket.allies[suit] += 1.0
            labs.review_months[defendant] += p.ally_delay_months
            tell(run, EVENT.ally, _ally_of_rank(run, suit, min(before, LAB_SLOTS - 1)), defendant)


@rule
def _ally_of_rank(run: Any, suit: int, rank: int) -> int:
    """Of the defendant's nation's labs, neither party among them, the one of this rank by size: the largest first."""
    labs, docket = run.labs, run.docket
    size = full(LAB_SLOTS, -1.0)
    for lab in range(LAB_SLOTS):
        party = lab == docket.defendant[suit] or lab == docket.plaintiff[suit]
        if labs.active[lab] and labs.nation[lab] == labs.nation[docket.defendant[suit]] and not party:
            size[lab] = labs.revenue[lab] + labs.parent_cash_flow[lab]
    largest = 0
    for _ in range(rank + 1):
        largest = 0
        for lab in range(LAB_SLOTS):
            if size[lab] > size[largest]:
                largest = lab
        size[largest] = -2.0
    return largest


@rule
def _rule_on_injunctions(run: Any, given: Any) -> None:
    """Motions are ruled on after some months; 37% are granted (`evidence: pi_grant_all`), more for strong claims."""
    docket, p = run.docket, given.p
    for suit in range(SUIT_SLOTS):
        pending = docket.active[suit] and docket.injunction[suit] == Injunction.PENDING
        if pending and not run.labs.converting[docket.defendant[suit]]:
            docket.injunction[suit] = Injunction.NONE  # moot
        elif pending and docket.age[suit] >= docket.ruling_due[suit]:
            chance = p.injunction_rate * given.policy.litigation.injunctions * 2.0 * docket.merit[suit]
            granted = uniform(run, given, CHANNEL.courts_injunction, suit) < chance
            docket.injunction[suit] = Injunction.GRANTED if granted else Injunction.DENIED
            run.now.injunctions += granted
            kind = EVENT.injunction if granted else EVENT.injunction_denied
            tell(run, kind, docket.plaintiff[suit], docket.defendant[suit])


@rule
def _dismiss(run: Any, given: Any) -> None:
    """Weak claims fall once, some months after they were filed."""
    docket, p = run.docket, given.p
    for suit in range(SUIT_SLOTS):
        due = p.dismissal_month <= docket.age[suit] < p.dismissal_month + 1.0
        if docket.active[suit] and due and docket.merit[suit] < p.dismissal_share:
            tell(run, EVENT.dismissal, NOBODY, docket.defendant[suit])
            _close(run, suit)


@rule
def _close(run: Any, suit: int) -> None:
    run.docket.active[suit] = False
    run.docket.injunction[suit] = Injunction.NONE


@rule
def _settle_or_try(run: Any, given: Any) -> None:
    """Settlement by screening, verdict by who is right; damages and settlements are paid by the defendant."""
    docket, labs, p = run.docket, run.labs, given.p
    at_issue, owed = flags(SUIT_SLOTS), zeros(SUIT_SLOTS)
    for suit in range(SUIT_SLOTS):
        age = docket.age[suit]
        talks = docket.active[suit] and p.settlement_month <= age < p.settlement_month + 1.0
        decided = (docket.active[suit] and age >= p.trial_month
                   and uniform(run, given, CHANNEL.courts_pace, suit) < p.trial_pace)
        if talks or decided:
            cash = max(labs.cash[docket.defendant[suit]], 0.0)
            at_issue[suit], owed[suit] = _resolve(run, given, suit, talks, decided, cash)
    for suit in range(SUIT_SLOTS):
        if at_issue[suit]:
            pay(run, Purpose.damages, docket.defendant[suit], owed[suit])
            if docket.plaintiff[suit] != NOBODY:
                receive(run, Purpose.damages_won, docket.plaintiff[suit], owed[suit])
            run.now.legal_cost += owed[suit]
            _close(run, suit)


@rule
def _resolve(run: Any, given: Any, suit: int, talks: bool, decided: bool, cash: float) -> tuple[bool, float]:
    """Whether a suit ends, and what its defendant pays, USD bn."""
    docket, labs, p = run.docket, run.labs, given.p
    merit, stakes, defendant = docket.merit[suit], docket.stakes[suit], docket.defendant[suit]
    cost = 2.0 * (p.trial_cost_usd_bn + p.trial_cost_share * stakes)
    low, high = max(merit - p.private_knowledge, 0.0), min(merit + p.private_knowledge, 1.0)
    demand, trial = screening_offer(cost, stakes, low, high)
    settles = talks and uniform(run, given, CHANNEL.courts_settlement, suit) >= trial
    # On the courthouse steps the parties compare their judgement of the case; who still disagree are tried.
    truth = normal_quantile(clip(merit, 1e-6, 1.0 - 1e-6))
    ours = normal(run, given, CHANNEL.courts_judgement, suit)
    theirs = normal(run, given, CHANNEL.courts_judgement, suit + SUIT_SLOTS)
    ratio = cost / max(stakes, 1e-9)
    tried, right = goes_to_trial(truth, ours, theirs, p.signal_sd, p.decision_standard, ratio)
    expected = 0.5 * (judged_odds(truth, ours, p.signal_sd, p.decision_standard)
                      + judged_odds(truth, theirs, p.signal_sd, p.decision_standard))
    wins, loses, late = decided and tried and right, decided and tried and not right, decided and not tried
    owed = demand if settles else expected * stakes if late else stakes if wins else 0.0
    # Nobody can be made to pay more than part of the cash at hand.
    paid = min(owed, p.damages_share_of_cash * cash)
    if settles or late:
        tell(run, EVENT.settlement, NOBODY, defendant, paid)
    if wins:
        tell(run, EVENT.verdict_plaintiff, NOBODY, defendant, paid)
    if loses:
        tell(run, EVENT.verdict_defendant, NOBODY, defendant)
    if wins and docket.kind[suit] == Claim.CONVERSION:
        # A plaintiff who wins over a conversion stops it for years.
        labs.barred_months[defendant] = p.barred_after_verdict
        labs.converting[defendant] = False
    return settles or decided, paid


@rule
def _pay_lawyers(run: Any, given: Any) -> None:
    """Both sides' lawyers, USD bn this month; `evidence: lit_cost_trial_high_stakes`."""
    docket, p = run.docket, given.p
    for suit in range(SUIT_SLOTS):
        if docket.active[suit]:
            monthly = (p.trial_cost_usd_bn + p.trial_cost_share * docket.stakes[suit]) / p.trial_month
            pay(run, Purpose.lawyers, docket.defendant[suit], monthly)
            run.now.legal_cost += monthly
            if docket.plaintiff[suit] != NOBODY:
                pay(run, Purpose.lawyers, docket.plaintiff[suit], monthly)
                run.now.legal_cost += monthly


# ---- the state's review of a conversion ------------------------------------------------------------------------------
@rule
def review_conversions(run: Any, given: Any) -> None:
    """Labs short of capital ask to convert; the attorney general's review takes months and may refuse (S5, S6, S10)."""
    labs, luck = run.labs, zeros(LAB_SLOTS)
    uniforms(run, given, CHANNEL.courts_review_opened, luck)
    for lab in range(LAB_SLOTS):
        _open_review(run, given, lab, luck[lab])
        labs.barred_months[lab] = max(labs.barred_months[lab] - 1.0, 0.0)
        if labs.converting[lab] and not labs.enjoined[lab]:
            labs.review_months[lab] -= 1.0
            if labs.review_months[lab] <= 0.0:
                labs.converting[lab] = False
                _decide_conversion(run, given, lab)


@rule
def _open_review(run: Any, given: Any, lab: int, luck: float) -> None:
    labs, p = run.labs, given.p
    allowed = given.policy.capital.conversion_allowed > 0.0 or labs.form[lab] == Form.NONPROFIT
    bound = labs.active[lab] and labs.form[lab] <= Form.CAPPED_PROFIT
    if not bound or not allowed or labs.converting[lab] or labs.barred_months[lab] > 0.0:
        return
    hazard = p.conversion_hazard * (p.conversion_floor + labs.funding_gap[lab]) * (1.0 - mission_of(run, given, lab))
    to_capped = labs.form[lab] == Form.NONPROFIT
    left = run.announced.months[_CONVERSION] - p.review_months  # in which a review that begins ends in time
    hurry = 1.0
    if left > 0.0 and not to_capped and run.announced.value[_CONVERSION] == 0.0:
        hurry = brought_forward(given, 12.0 * p.planning_years, left)
    if luck < hazard * hurry:
        if luck >= hazard:
            tell(run, EVENT.conversion_hurried, lab)
        labs.converting[lab] = True
        labs.review_months[lab] = p.capped_profit_months if to_capped else p.review_months
        if not to_capped:
            tell(run, EVENT.review_opened, lab)
            _renew_motions(run, given, lab)


@rule
def _renew_motions(run: Any, given: Any, lab: int) -> None:
    """Who already sues a lab over its conversion moves to stop the one that begins."""
    docket = run.docket
    for suit in range(SUIT_SLOTS):
        if docket.active[suit] and docket.defendant[suit] == lab and docket.kind[suit] == Claim.CONVERSION:
            docket.injunction[suit] = Injunction.PENDING
            docket.ruling_due[suit] = docket.age[suit] + given.p.injunction_month


@rule
def _decide_conversion(run: Any, given: Any, lab: int) -> None:
    """What comes of a review that is over: a non-profit sets up a capped arm, a capped one asks the state's leave."""
    labs, docket, p = run.labs, run.docket, given.p
    if labs.form[lab] == Form.NONPROFIT:
        labs.form[lab] = Form.CAPPED_PROFIT
        # The charter keeps control; profits up to the cap are for those who work there and who will invest.
        labs.owned[lab] = 0.0
        labs.owned[lab, Owner.founders] = 1.0
        run.now.conversions += 1.0
        tell(run, EVENT.capped_profit, lab)
    elif labs.form[lab] == Form.CAPPED_PROFIT:
        refusal = p.refusal_base
        for suit in range(SUIT_SLOTS):
            if docket.active[suit] and docket.defendant[suit] == lab:
                refusal += p.refusal_per_ally * docket.allies[suit]
        if labs.nation[lab] == given.start.served[CALIFORNIA]:
            refusal += p.refusal_strict * run.regulators.strictness[CALIFORNIA]
        allowed = given.policy.capital.conversion_allowed > 0.0
        if not allowed or uniform(run, given, CHANNEL.courts_review, lab) < refusal:
            labs.barred_months[lab] = p.barred_after_refusal
            tell(run, EVENT.conversion_refused, lab)
        else:
            labs.form[lab] = Form.FOR_PROFIT
            dilute(labs.owned[lab], p.mission_stake, Owner.mission)
            labs.reputation[lab] = max(labs.reputation[lab] - p.conversion_stain, 0.0)
            run.now.conversions += 1.0
            tell(run, EVENT.conversion, lab)
