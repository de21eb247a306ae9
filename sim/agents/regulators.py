"""Regulators: they draft rules slowly, are lobbied, exempt the small, audit, fine and license."""

from __future__ import annotations

import numpy as np

from sim.state import CHINA, LAB_SLOTS, REGULATORS, places
from sim.world import Value, World, at_rows, row_sum


def detection(
    audit: np.ndarray | float,
    false_negative: np.ndarray | float,
    backcheck: np.ndarray | float,
    whistleblower: np.ndarray | float,
    monitoring: np.ndarray | float,
) -> np.ndarray:
    """Chance that a breach is found, all arguments probabilities that broadcast.

    An audit misses a breach with `false_negative`, unless it is checked again, a whistleblower speaks, or monitoring
    sees it: audit (1 - FNR (1 - backcheck)(1 - p_w)(1 - p_m)).
    """
    missed = (
        np.asarray(false_negative)
        * (1 - np.asarray(backcheck))
        * (1 - np.asarray(whistleblower))
        * (1 - np.asarray(monitoring))
    )
    return np.asarray(audit) * (1.0 - missed)


def complies(found: np.ndarray, stakes: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Whether a lab complies: when detection times stakes is at least the gain from breaking the rule; bool.

    Arguments broadcast; `stakes` and `gain` in the same money. Source: Becker (1968).
    """
    return np.asarray(found) * np.asarray(stakes) >= np.asarray(gain)


_NEWS_STEP, _OFF_ROUND_FIGURES = 0.1, 0.025  # the second keeps the round figures of the start off the line


def _news_level(strictness: np.ndarray) -> np.ndarray:
    """Tenths of strictness, of which a change is told as an event; same shape."""
    return np.floor((strictness + _OFF_ROUND_FIGURES) / _NEWS_STEP)


def make_rules(world: World) -> None:
    """Rules in force follow the draft at the pace of rule-making (S13, S14, S16).

    The draft follows policy, fear after incidents, the fear of falling behind, and lobbying.
    """
    regulators, p, policy = world.regulators, world.p, world.policy
    fear = p.strictness_after_incident * regulators.incident_memory
    behind = np.maximum(world.nations.frontier[:, 1::-1] - world.nations.frontier[:, :2], 0.0)
    lag = np.where(world.served <= CHINA, behind[:, np.minimum(world.served, CHINA)], 0.0)  # of the two powers alone
    adapted = policy.regulation.adaptivity * (fear - p.strictness_when_behind * lag)
    wished = np.clip(regulators.aim + adapted, 0.0, 1.0)
    regulators.draft = np.clip(wished + p.capture_reach * regulators.capture, 0.0, 1.0)
    before = _news_level(regulators.strictness)
    regulators.strictness = regulators.strictness + (regulators.draft - regulators.strictness) / world.rulemaking_months
    after = _news_level(regulators.strictness)
    slots = np.arange(len(REGULATORS))
    world.log.add(world.month, "rules_tightened", after > before, slots, amount=regulators.strictness)
    world.log.add(world.month, "rules_eased", after < before, slots, amount=regulators.strictness)
    regulators.incident_memory = regulators.incident_memory * (1.0 - p.memory_fades / 12.0)
    world.nations.incidents_seen = world.nations.incidents_seen * (1.0 - p.memory_fades / 12.0)


def exempt(world: World) -> np.ndarray:
    """Labs below a regulator's thresholds, bool (rows, regulators, labs): thresholds, not slopes (S12)."""
    labs, regulation = world.labs, world.policy.regulation
    flop = regulation.exempt_below_flop
    revenue = regulation.exempt_below_revenue_usd_bn
    size = np.log10(np.maximum(flop, 1.0))[:, :, None]
    by_size = (labs.largest_run[:, None, :] < size) & (flop > 0.0)[:, :, None]
    by_revenue = labs.revenue[:, None, :] < revenue[:, :, None]
    # A rule with both lines binds only who is above both, as in California (`evidence: sb53_revenue`).
    return by_size | by_revenue


def _any_exemption(world: World) -> bool:
    regulation = world.policy.regulation
    return bool(np.any(regulation.exempt_below_flop) or np.any(regulation.exempt_below_revenue_usd_bn))


def bind_labs(world: World) -> None:
    """Work out what rules reach each lab, what they cost, whether it complies, and who is fined (S12, S14)."""
    labs, p, policy = world.labs, world.p, world.policy
    regulators = world.regulators
    # Rules reach labs by nation; only exemptions need a look at every lab.
    by_nation = world.reach_by_nation[None] * regulators.strictness[:, :, None]
    together = by_nation.sum(axis=1)
    total = np.maximum(together, 1e-12)
    audit = world.of_nation((by_nation * policy.regulation.audit_capacity[:, :, None]).sum(axis=1) / total) / 12.0
    penalty = world.of_nation((by_nation * policy.regulation.penalty_share_of_revenue[:, :, None]).sum(axis=1) / total)
    if _any_exemption(world):
        binding = (world.regulators.reach * regulators.strictness[:, :, None] * ~exempt(world)).sum(axis=1)
    else:
        binding = world.of_nation(together)
    labs.regulated = np.minimum(binding, 1.0) * labs.active

    spending = labs.compute * world.chips.user_cost / 12.0
    cost = labs.regulated * (p.compliance_fixed_usd_bn / 12.0 + p.compliance_share * spending)
    # Regulators look first at labs with a bad name (S7).
    audit = np.minimum(audit * (1.0 + p.audit_attention * (1.0 - labs.reputation)), 1.0)
    found = detection(audit, p.audit_misses, p.audit_backcheck, p.whistleblower, p.monitoring)
    # A breach is as grave as the rule is strict.
    fine_due = penalty * labs.regulated * np.maximum(labs.revenue, p.least_fine_base)
    stakes = fine_due * p.stakes_beyond_fine
    labs.complies = complies(found, stakes, cost) | (labs.regulated <= 0.0)
    labs.compliance_cost = np.where(labs.complies, cost, p.paper_compliance * cost)

    caught = ~labs.complies & labs.active & (world.luck.uniform("regulators.audits", LAB_SLOTS) < found)
    fine = np.where(caught, np.minimum(fine_due, np.maximum(labs.cash, 0.0)), 0.0)
    world.pay("fines", fine)
    world.now.compliance_cost += row_sum(labs.compliance_cost + fine)
    world.log.add(world.month, "fine", fine > p.fine_worth_telling, np.arange(LAB_SLOTS), amount=fine)


def license_labs(world: World) -> None:
    """Above a level of strictness, training at the frontier needs a licence, and few are given (S13)."""
    labs, regulators, p = world.labs, world.regulators, world.p
    in_force = regulators.strictness >= world.policy.regulation.licensing_above
    held = labs.licensed.copy()
    labs.licensed = labs.held_back = False
    regulators.licences = regulators.queue = 0.0
    if not in_force.any():
        return
    # Only the rows where some licensing is in force need the rest: arrays below are (rows in force, ...).
    rows = np.flatnonzero(in_force.any(axis=1))
    governed = world.regulators.is_home[rows] & in_force[rows][:, :, None] & labs.active[rows][:, None, :]
    covered = governed.any(axis=1)
    licensed = held[rows] & covered
    given = (governed & licensed[:, None, :]).sum(axis=2)
    score = np.where(governed & ~licensed[:, None, :], labs.capability[rows][:, None, :], -np.inf)
    best = score.argmax(axis=2)
    waiting = np.isfinite(score.max(axis=2))
    u = world.luck.uniform("regulators.licences", len(REGULATORS))[rows]
    most, months = at_rows(p.licences_given, rows), at_rows(p.licence_months, rows)
    grants = in_force[rows] & waiting & (given < _column(most)) & (u < 1.0 / _column(months))
    where, which = places(grants)
    licensed[where, best[where, which]] = True
    labs.licensed[rows] = licensed
    labs.held_back[rows] = covered & ~licensed
    regulators.licences[rows] = given + grants
    regulators.queue[rows] = (governed & ~licensed[:, None, :]).sum(axis=2)
    told = np.zeros(in_force.shape, bool)
    told[rows] = grants
    winner = np.zeros(in_force.shape, np.int64)
    winner[rows] = best
    world.log.add(world.month, "licence", told, winner)


def _column(value: Value) -> Value:
    return value if isinstance(value, float) else value[:, None]
