"""Regulators: law changes in jumps, by bills; rules bind, exempt the small, are audited, fined and licensed."""

from __future__ import annotations

from math import ceil
from typing import Any

from sim.model.elementary import log10
from sim.model.luck import CHANNEL, uniform
from sim.model.money import Purpose, pay
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import full, rule
from sim.model.state import CHINA, LAB_SLOTS, NATIONS, NOBODY, REGULATORS

_REGULATORS = len(REGULATORS)


@rule
def detection(
    audit: float, false_negative: float, backcheck: float, whistleblower: float, monitoring: float
) -> float:
    """Chance that a breach is found, all arguments probabilities.

    An audit misses a breach with `false_negative`, unless it is checked again, a whistleblower speaks, or monitoring
    sees it: audit (1 - FNR (1 - backcheck)(1 - p_w)(1 - p_m)).
    """
    return audit * (1.0 - false_negative * (1.0 - backcheck) * (1.0 - whistleblower) * (1.0 - monitoring))


@rule
def complies(found: float, stakes: float, gain: float) -> bool:
    """Whether a lab complies: when detection times stakes is at least the gain from breaking the rule.

    `stakes` and `gain` in the same money. Source: Becker (1968).
    """
    return found * stakes >= gain


@rule
def law_passes(opposition: float, fails: float, luck: float) -> bool:
    """Whether a bill becomes law: it fails with the chance `fails`, more or less as lobbying stands against or for it.

    `opposition` on [-1, 1], 1 where all pressure is against it; `luck` uniform on [0, 1].
    """
    return luck >= fails * (1.0 + opposition)


# ---- law -----------------------------------------------------------------------------------------------------------
@rule
def make_rules(run: Any, given: Any) -> None:
    """What is in force stays in force until a law changes it (S13, S14, S16).

    Where what policy and lobbying together ask for is far enough from the law, a bill is announced; it is decided after
    the time that law-making takes, may fail, and may pass watered down: little happens for long, then much at once.
    Source: Baumgartner and Jones (1993).
    """
    regulators, nations, p = run.regulators, run.nations, given.p
    for regulator in range(_REGULATORS):
        wished = _wished(run, given, regulator)
        draft = clip(wished + p.capture_reach * regulators.capture[regulator], 0.0, 1.0)
        regulators.draft[regulator] = draft
        apart = abs(draft - regulators.strictness[regulator]) >= p.bill_threshold
        waiting = regulators.bill_months[regulator]
        if waiting < 0.0:
            if apart and uniform(run, given, CHANNEL.regulators_bills, regulator) < 1.0 / p.bill_wait_months:
                luck = uniform(run, given, CHANNEL.regulators_bills, _REGULATORS + regulator)
                months = given.start.rulemaking_months[regulator] * (1.0 + p.bill_delay_spread * (2.0 * luck - 1.0))
                regulators.bill_months[regulator] = max(ceil(months), 1.0)
                tell(run, EVENT.bill, regulator, NOBODY, draft)
        elif waiting > 1.0:
            regulators.bill_months[regulator] = waiting - 1.0
        else:
            regulators.bill_months[regulator] = NOBODY
            _decide(run, given, regulator, wished, draft, apart)
        regulators.incident_memory[regulator] *= 1.0 - p.memory_fades / 12.0
    for nation in range(len(NATIONS)):
        nations.incidents_seen[nation] *= 1.0 - p.memory_fades / 12.0


@rule
def _wished(run: Any, given: Any, regulator: int) -> float:
    """Strictness that the rule-maker would choose without lobbying: policy, fear after incidents, fear of lagging.

    The policy of the start was made in sight of the gap of that time, so only what has been added to it counts.
    """
    regulators, p = run.regulators, given.p
    fear = p.strictness_after_incident * regulators.incident_memory[regulator]
    further = _gap(run, given, regulator) - regulators.gap_accepted[regulator]
    adapted = given.policy.regulation.adaptivity * (fear - p.strictness_when_behind * further)
    return clip(regulators.aim[regulator] + adapted, 0.0, 1.0)


@rule
def _gap(run: Any, given: Any, regulator: int) -> float:
    """By how much the power that a regulator serves is behind its rival, log10 FLOP; 0 for those that do not race."""
    nations, served = run.nations, given.start.served[regulator]
    return max(nations.frontier[1 - served] - nations.frontier[served], 0.0) if served <= CHINA else 0.0


@rule
def accept_gaps(run: Any, given: Any) -> None:
    """Note the gaps in sight of which the policy of the start was made."""
    for regulator in range(_REGULATORS):
        run.regulators.gap_accepted[regulator] = _gap(run, given, regulator)


@rule
def _decide(run: Any, given: Any, regulator: int, wished: float, draft: float, apart: bool) -> None:
    """Vote on a bill: it fails, or passes, in part of what was drafted; one that is not needed any more lapses."""
    regulators, p, before = run.regulators, given.p, run.regulators.strictness[regulator]
    tighter = draft > before
    opposition = -regulators.capture[regulator] if tighter else regulators.capture[regulator]
    luck = uniform(run, given, CHANNEL.regulators_votes, regulator)
    if not apart or not law_passes(opposition, p.bill_fails, luck):
        tell(run, EVENT.bill_fails, regulator, NOBODY, before)
        return
    passed = 1.0 - p.bill_watered * uniform(run, given, CHANNEL.regulators_votes, _REGULATORS + regulator)
    put_into_force(run, regulator, before + passed * (draft - before))
    regulators.captured[regulator] = clip(passed * (draft - wished), -1.0, 1.0)


@rule
def put_into_force(run: Any, regulator: int, strictness: float) -> None:
    """A law takes effect, as the rule-maker meant it; who votes it in says afterwards what lobbying had moved."""
    tighter = run.regulators.strictness[regulator] <= strictness
    run.regulators.strictness[regulator], run.regulators.captured[regulator] = strictness, 0.0
    tell(run, EVENT.rules_tightened if tighter else EVENT.rules_eased, regulator, NOBODY, strictness)


# ---- whom it binds -------------------------------------------------------------------------------------------------
@rule
def exempt(run: Any, given: Any, regulator: int, lab: int) -> bool:
    """Whether a lab lies below a regulator's thresholds: thresholds, not slopes (S12).

    A rule with both lines binds only who is above both, as in California (`evidence: sb53_revenue`).
    """
    regulation = given.policy.regulation
    flop = regulation.exempt_below_flop[regulator]
    by_size = flop > 0.0 and run.labs.largest_run[lab] < log10(max(flop, 1.0))
    return by_size or run.labs.revenue[lab] < regulation.exempt_below_revenue_usd_bn[regulator]


@rule
def _felt(run: Any, given: Any, lab: int) -> tuple[float, float, float, float]:
    """What reaches a lab: the strictest rule and the sum of all, audits a month, penalty as share of revenue.

    Audits and penalties are those of the regulators that reach it, weighted by how strict they are.
    """
    regulation, nation = given.policy.regulation, run.labs.nation[lab]
    strictest = binding = together = audits = penalties = 0.0
    for regulator in range(_REGULATORS):
        strictness = given.start.reach_by_nation[regulator, nation] * run.regulators.strictness[regulator]
        together += strictness
        audits += strictness * regulation.audit_capacity[regulator]
        penalties += strictness * regulation.penalty_share_of_revenue[regulator]
        if not exempt(run, given, regulator, lab):
            binding += strictness
            strictest = max(strictest, strictness)
    together = max(together, 1e-12)
    return strictest, binding, audits / together / 12.0, penalties / together


@rule
def bind_labs(run: Any, given: Any) -> None:
    """Work out what rules reach each lab, what they cost, whether it complies, and who is fined (S12, S14).

    A lab does what the strictest rule asks, once for all; each rule has to be shown to its own authority.
    """
    labs, p = run.labs, given.p
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.regulated[lab] = labs.compliance_cost[lab] = 0.0
            labs.complies[lab] = True
            continue
        regulated, together, audit, penalty = _felt(run, given, lab)
        spending = labs.compute[lab] * run.chips.user_cost / 12.0
        cost = together * p.compliance_fixed_usd_bn / 12.0 + regulated * p.compliance_share * spending
        # Regulators look first at labs with a bad name (S7).
        audit = min(audit * (1.0 + p.audit_attention * (1.0 - labs.reputation[lab])), 1.0)
        found = detection(audit, p.audit_misses, p.audit_backcheck, p.whistleblower, p.monitoring)
        # A breach is as grave as the rule is strict.
        fine_due = penalty * together * max(labs.revenue[lab], p.least_fine_base)
        keeps_rules = complies(found, fine_due * p.stakes_beyond_fine, cost) or regulated <= 0.0
        labs.regulated[lab], labs.complies[lab] = regulated, keeps_rules
        labs.compliance_cost[lab] = cost if keeps_rules else p.paper_compliance * cost
        run.now.compliance_cost += labs.compliance_cost[lab]
        if not keeps_rules and uniform(run, given, CHANNEL.regulators_audits, lab) < found:
            fine = min(fine_due, max(labs.cash[lab], 0.0))
            pay(run, Purpose.fines, lab, fine)
            run.now.compliance_cost += fine
            if fine > p.fine_worth_telling:
                tell(run, EVENT.fine, lab, NOBODY, fine)


@rule
def license_labs(run: Any, given: Any) -> None:
    """Above a level of strictness, training at the frontier needs a licence, and few are given (S13)."""
    labs, regulators, p = run.labs, run.regulators, given.p
    if not _licensing_anywhere(run, given):
        for lab in range(LAB_SLOTS):
            labs.licensed[lab] = labs.held_back[lab] = False
        for regulator in range(_REGULATORS):
            regulators.licences[regulator] = regulators.queue[regulator] = 0.0
        return
    for lab in range(LAB_SLOTS):
        covered = False
        for regulator in range(_REGULATORS):
            covered = covered or _governs(run, given, regulator, lab)
        labs.licensed[lab] = labs.licensed[lab] and covered
        labs.held_back[lab] = covered  # until a licence is found below
    winners = full(_REGULATORS, NOBODY)
    for regulator in range(_REGULATORS):
        holders, best = 0, NOBODY
        for lab in range(LAB_SLOTS):
            if not _governs(run, given, regulator, lab):
                continue
            if labs.licensed[lab]:
                holders += 1
            elif best == NOBODY or labs.capability[lab] > labs.capability[best]:
                best = lab
        regulators.licences[regulator] = holders
        if best != NOBODY and holders < p.licences_given and (
                uniform(run, given, CHANNEL.regulators_licences, regulator) < 1.0 / p.licence_months):
            regulators.licences[regulator] = holders + 1
            winners[regulator] = best
            tell(run, EVENT.licence, best)
    for regulator in range(_REGULATORS):
        if winners[regulator] != NOBODY:
            labs.licensed[winners[regulator]] = True
    for regulator in range(_REGULATORS):
        regulators.queue[regulator] = 0.0
        for lab in range(LAB_SLOTS):
            if _governs(run, given, regulator, lab) and not labs.licensed[lab]:
                regulators.queue[regulator] += 1.0
    for lab in range(LAB_SLOTS):
        labs.held_back[lab] = labs.held_back[lab] and not labs.licensed[lab]


@rule
def _licensing_anywhere(run: Any, given: Any) -> bool:
    """Whether any regulator's licensing is in force."""
    strictest = 0.0
    for regulator in range(_REGULATORS):
        strictest = max(strictest, run.regulators.strictness[regulator])
    return strictest >= given.policy.regulation.licensing_above


@rule
def _governs(run: Any, given: Any, regulator: int, lab: int) -> bool:
    """Whether a regulator's licensing is in force and the lab is its own."""
    in_force = run.regulators.strictness[regulator] >= given.policy.regulation.licensing_above
    return in_force and run.labs.active[lab] > 0 and given.start.served[regulator] == run.labs.nation[lab]
