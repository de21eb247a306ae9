"""Regulators: they draft rules slowly, are lobbied, exempt the small, audit, fine and license."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from sim.model.elementary import log10
from sim.model.luck import CHANNEL, uniform
from sim.model.money import Purpose, pay
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import CHINA, LAB_SLOTS, NATIONS, NOBODY, REGULATORS

_REGULATORS = len(REGULATORS)
_NEWS_STEP, _OFF_ROUND_FIGURES = 0.1, 0.025  # the second keeps the round figures of the start off the line


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
def _news_level(strictness: float) -> int:
    """Tenths of strictness, of which a change is told as an event."""
    return floor((strictness + _OFF_ROUND_FIGURES) / _NEWS_STEP)


@rule
def make_rules(run: Any, given: Any) -> None:
    """Rules in force follow the draft at the pace of rule-making (S13, S14, S16).

    The draft follows policy, fear after incidents, the fear of falling behind, and lobbying.
    """
    regulators, nations, p = run.regulators, run.nations, given.p
    for regulator in range(_REGULATORS):
        fear = p.strictness_after_incident * regulators.incident_memory[regulator]
        served = given.start.served[regulator]
        lag = max(nations.frontier[1 - served] - nations.frontier[served], 0.0) if served <= CHINA else 0.0
        adapted = given.policy.regulation.adaptivity * (fear - p.strictness_when_behind * lag)
        wished = clip(regulators.aim[regulator] + adapted, 0.0, 1.0)
        draft = clip(wished + p.capture_reach * regulators.capture[regulator], 0.0, 1.0)
        before = regulators.strictness[regulator]
        after = before + (draft - before) / given.start.rulemaking_months[regulator]
        regulators.draft[regulator], regulators.strictness[regulator] = draft, after
        if _news_level(after) > _news_level(before):
            tell(run, EVENT.rules_tightened, regulator, NOBODY, after)
        elif _news_level(after) < _news_level(before):
            tell(run, EVENT.rules_eased, regulator, NOBODY, after)
        regulators.incident_memory[regulator] *= 1.0 - p.memory_fades / 12.0
    for nation in range(len(NATIONS)):
        nations.incidents_seen[nation] *= 1.0 - p.memory_fades / 12.0


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
def _felt(run: Any, given: Any, lab: int) -> tuple[float, float, float]:
    """What reaches a lab over all regulators: strictness that binds it, audits a month, penalty as share of revenue.

    Audits and penalties are those of its nation's regulators, weighted by how strict they are.
    """
    regulation, nation = given.policy.regulation, run.labs.nation[lab]
    binding = together = audits = penalties = 0.0
    for regulator in range(_REGULATORS):
        strictness = given.start.reach_by_nation[regulator, nation] * run.regulators.strictness[regulator]
        together += strictness
        audits += strictness * regulation.audit_capacity[regulator]
        penalties += strictness * regulation.penalty_share_of_revenue[regulator]
        if not exempt(run, given, regulator, lab):
            binding += strictness
    together = max(together, 1e-12)
    return min(binding, 1.0), audits / together / 12.0, penalties / together


@rule
def bind_labs(run: Any, given: Any) -> None:
    """Work out what rules reach each lab, what they cost, whether it complies, and who is fined (S12, S14)."""
    labs, p = run.labs, given.p
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.regulated[lab] = labs.compliance_cost[lab] = 0.0
            labs.complies[lab] = True
            continue
        regulated, audit, penalty = _felt(run, given, lab)
        spending = labs.compute[lab] * run.chips.user_cost / 12.0
        cost = regulated * (p.compliance_fixed_usd_bn / 12.0 + p.compliance_share * spending)
        # Regulators look first at labs with a bad name (S7).
        audit = min(audit * (1.0 + p.audit_attention * (1.0 - labs.reputation[lab])), 1.0)
        found = detection(audit, p.audit_misses, p.audit_backcheck, p.whistleblower, p.monitoring)
        # A breach is as grave as the rule is strict.
        fine_due = penalty * regulated * max(labs.revenue[lab], p.least_fine_base)
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
    winners = np.full(_REGULATORS, NOBODY)
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
