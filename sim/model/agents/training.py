"""Labs' research: training runs, releases, and algorithms that improve by own work and by what others let slip."""

from __future__ import annotations

from math import floor, inf
from typing import Any

from sim.model.agents.treaties import bound
from sim.model.asked import FORESEEN
from sim.model.elementary import LOG_OF_TEN, exp, log, log10
from sim.model.industry import best_capability, bloc_of, cost_of_use, world_hostility
from sim.model.luck import CHANNEL, normal, uniform, uniforms
from sim.model.news import EVENT, tell
from sim.model.policies import brought_forward
from sim.model.rule import flags, full, rule, zeros
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, NOBODY, REGULATORS, US, Form
from sim.model.traits import openness_of

DELAY, GATED, DISTANCE = 0, 1, 2  # structures of imitation, in the order of their choices
PLAIN, AI_FEEDBACK = 0, 1  # structures of research
_LICENSING = FORESEEN.index("regulation.licensing_above")
FOLLOWS = 0.05  # log10 that a release owes to others' models, from which it counts as following them


@rule
def semi_endogenous_growth(effort: float, level: float, rate: float, returns: float, crowding: float) -> float:
    """Monthly gain in log10 efficiency from research effort, harder the more has been found.

    `effort` is research compute relative to a frontier lab of 2025, `level` log10 efficiency already reached,
    `rate` the gain in log10 a year at effort 1 and level 0. Without growing effort progress fades: no exponential
    comes from outside. Source: Jones (1995) form; rate from `evidence: algo_eff_growth`.
    """
    return rate / 12.0 * exp(returns * log(max(effort, 1e-9))) * exp(-crowding * LOG_OF_TEN * level)


@rule
def share_compute(run: Any, given: Any) -> None:
    """Compute that customers use is not there for research; safety, rules, licences, inspections slow it (S13, S17)."""
    labs, p = run.labs, given.p
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.training_compute[lab] = 0.0
            continue
        serving = labs.revenue[lab] * p.serving_cost_share / cost_of_use(run, given, lab)
        research = max(labs.compute[lab] - serving, p.least_research_share * labs.compute[lab])
        by_rules = p.compliance_drag * labs.regulated[lab] * labs.complies[lab]
        slowed = (1.0 - p.safety_tax * labs.safety[lab]) * (1.0 - by_rules)
        unlicensed = p.unlicensed_training if labs.held_back[lab] else 1.0
        # Most of a division's chips work for the parent's own services.
        focus = p.division_focus if labs.form[lab] == Form.DIVISION else 1.0
        inspected = 1.0 - p.treaty_inspections if bound(run, given, lab) else 1.0
        labs.research_kept[lab] = slowed * unlicensed * inspected
        labs.training_compute[lab] = research * labs.research_kept[lab] * focus


@rule
def improve_algorithms(run: Any, given: Any) -> None:
    """Own research, and what others have shown: after a delay a lab knows how others' algorithms work (T2).

    The delay is why China's lag can shrink while its share of chips falls; hostility lengthens it between blocs, open
    weights shorten it.
    """
    labs, past, p, structure = run.labs, run.past, given.p, given.policy.structure
    best_of_all = best_capability(run)
    together = open_weight = weights = 0.0
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            together += labs.training_compute[lab]
            # Openness of the labs near the frontier, weighted towards the most capable.
            weight = exp(-p.openness_of_followers * (best_of_all - labs.capability[lab]))
            weights += weight
            open_weight += weight * openness_of(run, given, lab)
    at_home = p.delay_at_home * (1.0 - p.openness_hastens * open_weight / max(weights, 1e-9))
    abroad = at_home + p.delay_abroad * (1.0 + p.diffusion_barrier * world_hostility(run))
    if structure.imitation == DISTANCE:  # learning without delay, slower from further away
        at_home = abroad = 0.0
    shown_at_home, shown_abroad = zeros(BLOCS), zeros(BLOCS)
    for bloc in range(BLOCS):
        shown_at_home[bloc] = level_before(past.algorithm[:, bloc], run.month, at_home, p.algorithm_growth / 12.0)
        shown_abroad[bloc] = level_before(past.algorithm[:, bloc], run.month, abroad, p.algorithm_growth / 12.0)
    # Models that write code and run experiments speed the search for better ones.
    hastened = 1.0
    if structure.research == AI_FEEDBACK:
        hastened += p.ai_research_gain * max(best_of_all - p.ai_research_reference, 0.0)
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            # Part of what others find is found by all; fewer labs at work mean less of it.
            others = together - labs.training_compute[lab]
            research = hastened * (labs.training_compute[lab] + p.research_spillover * others)
            effort = research / p.reference_research_compute
            own = semi_endogenous_growth(effort, labs.algorithm[lab] - p.algorithm_reference, p.algorithm_growth,
                                         p.algorithm_returns, p.algorithm_crowding)
            bloc = bloc_of(run, given, lab)
            shown = max(shown_at_home[bloc], shown_abroad[1 - bloc])
            labs.algorithm[lab] += own + p.learning_speed * max(shown - labs.algorithm[lab], 0.0)
    for bloc in range(BLOCS):
        past.algorithm[run.month + 1, bloc] = past.algorithm[run.month, bloc]
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            bloc = bloc_of(run, given, lab)
            past.algorithm[run.month + 1, bloc] = max(past.algorithm[run.month + 1, bloc], labs.algorithm[lab])


@rule
def level_before(levels: Any, month: int, delay: float, growth: float) -> float:
    """What stood in `levels` `delay` months before `month`, between months by proportion.

    Before the first month it is taken to have grown by `growth` a month.
    """
    place = month - delay
    if place <= 0.0:
        return levels[0] + growth * place
    whole = floor(place)
    part = place - whole
    return (1.0 - part) * levels[whole] + part * levels[min(whole + 1, month)]


@rule
def train(run: Any, given: Any) -> None:
    """Training runs gather compute month by month; when one ends, a model is released.

    A run's length is luck within bounds; its result too. Who knows that licences are to come ends it sooner. Who starts
    from open weights, or learns from the answers of better models (distillation), gets further than by the run alone,
    by so much at most.
    """
    labs, p = run.labs, given.p
    # Labs dare to put more into one run the larger those that worked, so that the largest run grew faster than the
    # compute of its lab (`evidence: supercomputer_perf_growth`), until it took the share of today. Labs that stand
    # alone stake more on one run than divisions do (`evidence: frontier_model`).
    largest_run = labs.largest_run[0]
    for lab in range(1, LAB_SLOTS):
        largest_run = max(largest_run, labs.largest_run[lab])
    short = max(p.run_share_reached - largest_run, 0.0)
    of_start_ups = p.run_share * exp(-p.run_caution * p.start_up_boldness * LOG_OF_TEN * short)
    of_divisions = p.run_share * exp(-p.run_caution * LOG_OF_TEN * short)
    done, luck = flags(LAB_SLOTS), zeros(LAB_SLOTS)
    uniforms(run, given, CHANNEL.labs_run_ends, luck)
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        share = of_divisions if labs.form[lab] == Form.DIVISION else of_start_ups
        monthly = labs.training_compute[lab] * share * p.flop_per_h100e_month
        reviewed = p.licence_review if labs.licensed[lab] or labs.held_back[lab] else 0.0
        wait = p.mean_run_wait_months * (1.0 + p.safety_testing * labs.safety[lab] + reviewed)
        if run.month == 0:
            if labs.run_months[lab] < 0.0:  # the start file does not say when its last model came out
                luck_of_run = uniform(run, given, CHANNEL.labs_run_begun, lab)
                labs.run_months[lab] = run_age(luck_of_run, p.shortest_run_months, wait)
            labs.run_flop[lab] = monthly * grown_months(labs.run_months[lab], given.start.past_market_growth / 12.0)
        labs.run_flop[lab] += monthly
        labs.run_months[lab] += 1.0
        if labs.run_months[lab] >= p.shortest_run_months and labs.run_flop[lab] > 0.0:
            hurry = _before_licences(run, given, lab, wait)
            done[lab] = luck[lab] < hurry / wait
            if done[lab] and luck[lab] >= 1.0 / wait:
                tell(run, EVENT.run_hurried, lab)
    _release(run, given, done)


@rule
def _before_licences(run: Any, given: Any, lab: int, wait: float) -> float:
    """How much sooner a lab ends its run, as a factor on the chance, where licences are announced that will bind it."""
    labs, left = run.labs, run.announced.months[_LICENSING]
    if left < 0.0 or labs.licensed[lab] or labs.held_back[lab]:
        return 1.0
    for regulator in range(len(REGULATORS)):
        bound_then = run.regulators.strictness[regulator] >= run.announced.value[_LICENSING]
        if bound_then and given.start.served[regulator] == labs.nation[lab]:
            return brought_forward(given, wait, left)
    return 1.0


@rule
def run_age(luck: float, shortest: float, wait: float) -> float:
    """Whole months that a run under way has lasted when one looks at a time that has nothing to do with it.

    Runs last `shortest` months and then end with a hazard of 1 / `wait` a month. The age of what renews itself is as
    likely as to live so long: even up to `shortest`, then falling with the hazard. `luck` from 0 to 1. Source: Cox
    (1962), renewal theory.
    """
    place = luck * (shortest + wait)
    beyond = place - shortest
    return floor(place) if beyond <= 0.0 else floor(shortest - wait * log(max(1.0 - beyond / wait, 1e-9)))


@rule
def grown_months(months: float, growth: float) -> float:
    """How many months at today's pace make what was done in the last `months`, when pace grew by `growth` a month."""
    done = 0.0
    for month in range(int(months)):
        done += exp(-growth * (month + 1.0))
    return done


@rule
def _release(run: Any, given: Any, done: Any) -> None:
    """Models of the runs that are `done` (labs,) come out; the world's best one makes news."""
    labs, p = run.labs, given.p
    before = best_capability(run)
    result = full(LAB_SLOTS, -inf)
    for lab in range(LAB_SLOTS):
        if done[lab]:
            size = log10(max(labs.run_flop[lab], 1.0))
            luck = normal(run, given, CHANNEL.labs_training_luck, lab)
            own = size + labs.algorithm[lab] + p.training_luck * luck
            ahead = max(_reached_through_others(run, given, lab) - own, 0.0)
            borrowed = ahead
            if given.policy.structure.imitation != GATED:  # others' models help a run of one's own, so far
                borrowed = min(ahead, p.borrowed_most)
            result[lab] = own + borrowed
            labs.followed[lab] = borrowed >= FOLLOWS
            # Between nothing and the most, a little more compute of its own would have changed nothing.
            labs.decided_by_others[lab] = ahead > 0.0 and borrowed == ahead
            if size > labs.largest_run[lab]:
                h100e_months = labs.run_flop[lab] / p.flop_per_h100e_month
                labs.largest_run[lab] = size
                labs.largest_run_cost[lab] = h100e_months * run.chips.user_cost / 12.0 * 1e3
            labs.run_flop[lab] = labs.run_months[lab] = 0.0
    for lab in range(LAB_SLOTS):
        labs.capability[lab] = max(labs.capability[lab], result[lab])
    after = best_capability(run)
    for lab in range(LAB_SLOTS):
        if done[lab] and result[lab] > before and result[lab] == after:
            tell(run, EVENT.release, lab, NOBODY, labs.capability[lab])


@rule
def _reached_through_others(run: Any, given: Any, lab: int) -> float:
    """How far open weights and the answers of the best closed models would take a lab, log10 FLOP."""
    labs, p = run.labs, given.p
    open_best, most = -inf, 0.0
    best = zeros(BLOCS)
    for other in range(LAB_SLOTS):
        bloc = bloc_of(run, given, other)
        best[bloc] = max(best[bloc], labs.capability[other])
        most = max(most, labs.training_compute[other])
        if labs.active[other] and openness_of(run, given, other) >= p.open_threshold:
            open_best = max(open_best, labs.capability[other])
    # Answers of the rival bloc's models are harder to come by.
    barred = 1.0 + p.diffusion_barrier * world_hostility(run)
    own = bloc_of(run, given, lab)
    distilled = max(best[own] - p.distillation_gap, best[1 - own] - p.distillation_gap * barred)
    # Both take compute of one's own: each order of magnitude less keeps a follower further behind.
    lacking = log10(max(most, 1.0) / max(labs.training_compute[lab], 1.0))
    return max(open_best - p.open_weights_gap, distilled) - p.scale_penalty * lacking


@rule
def record_frontiers(run: Any, given: Any) -> None:
    """Each nation's best model so far, and the history that lags are read from."""
    labs, nations = run.labs, run.nations
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            bloc = bloc_of(run, given, lab)
            nations.frontier[bloc] = max(nations.frontier[bloc], labs.capability[lab])
    for power in (US, CHINA):
        run.past.frontier[run.month + 1, power] = nations.frontier[power]
