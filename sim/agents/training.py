"""Labs' research: training runs, releases, and algorithms that improve by own work and by what others let slip."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from sim.luck import SMALLEST
from sim.state import CHINA, LAB_SLOTS, US, places
from sim.world import World, at_rows, largest, row_sum


def semi_endogenous_growth(
    effort: np.ndarray,
    level: np.ndarray,
    rate: np.ndarray | float,
    returns: np.ndarray | float,
    crowding: np.ndarray | float,
) -> np.ndarray:
    """Monthly gain in log10 efficiency from research effort, harder the more has been found.

    `effort` is research compute relative to a frontier lab of 2025, `level` log10 efficiency already reached,
    `rate` the gain in log10 a year at effort 1 and level 0. Shapes broadcast. Without growing effort progress fades:
    no exponential comes from outside. Source: Jones (1995) form; rate from `evidence: algo_eff_growth`.
    """
    effort_term = np.exp(returns * np.log(np.maximum(effort, 1e-9)))
    return rate / 12.0 * effort_term * np.exp(-crowding * np.log(10.0) * level)


def share_compute(world: World) -> None:
    """Compute that customers use is not there for research; safety, compliance and missing licences slow it (S13)."""
    labs, p = world.labs, world.p
    serving = labs.revenue * p.serving_cost_share / world.chips.user_cost
    research = np.maximum(labs.compute - serving, p.least_research_share * labs.compute)
    slowed = (1.0 - p.safety_tax * labs.safety) * (1.0 - p.compliance_drag * labs.regulated * labs.complies)
    unlicensed = np.where(labs.held_back, p.unlicensed_training, 1.0)
    # Most of a division's chips work for the parent's own services.
    focus = world.by_form(1.0, 1.0, 1.0, p.division_focus)
    labs.training_compute = np.where(labs.active, research * slowed * unlicensed * focus, 0.0)


def improve_algorithms(world: World) -> None:
    """Own research, and diffusion: publications, open weights, staff moves, distillation (section 4, rule 2).

    Diffusion is why China's lag can shrink while its share of chips falls; hostility and controls slow what crosses
    between blocs, cooperation eases it.
    """
    labs, p = world.labs, world.p
    # Part of what others find is found by all; fewer labs at work mean less of it.
    others = row_sum(labs.training_compute) - labs.training_compute
    effort = (labs.training_compute + p.research_spillover * others) / p.reference_research_compute
    own = semi_endogenous_growth(
        effort, labs.algorithm - p.algorithm_reference, p.algorithm_growth, p.algorithm_returns, p.algorithm_crowding
    )
    known = np.where(labs.active, labs.algorithm, -np.inf)
    chinese = world.is_chinese
    best = np.hstack([largest(np.where(chinese == led_by, known, -np.inf)) for led_by in (False, True)])
    # What leaks is at least what is published; open weights of the frontier teach the rest.
    openness = _frontier_openness(world)
    at_home = p.diffusion_at_home + p.diffusion_open * openness
    closed = world.nations.hostility[:, :2].mean(axis=1, keepdims=True)
    abroad = at_home * np.clip(1.0 - p.diffusion_barrier * closed, 0.0, 1.0)
    home_best = np.where(chinese, best[:, CHINA : CHINA + 1], best[:, US : US + 1])
    away_best = np.where(chinese, best[:, US : US + 1], best[:, CHINA : CHINA + 1])
    learnt = (
        at_home * np.maximum(home_best - labs.algorithm, 0.0) + abroad * np.maximum(away_best - labs.algorithm, 0.0)
    ) / 12.0
    labs.algorithm += np.where(labs.active, own + learnt, 0.0)


def _frontier_openness(world: World) -> np.ndarray:
    """Openness of the labs near the frontier, weighted towards the most capable: (rows, 1)."""
    labs, p = world.labs, world.p
    best = largest(labs.capability)
    weight = np.where(labs.active, np.exp(-p.openness_of_followers * (best - labs.capability)), 0.0)
    return row_sum(weight * labs.openness) / np.maximum(row_sum(weight), 1e-9)


def train(world: World) -> None:
    """Training runs gather compute month by month; when one ends, a model is released.

    A run's length is luck within bounds; its result too. A model can also be built on the best open weights, which
    sets a floor for everybody, and learn from the answers of better models (distillation).
    """
    labs, p = world.labs, world.p
    monthly = labs.training_compute * _share_of_largest_run(world) * p.flop_per_h100e_month
    if world.month == 0:
        # Runs are under way at the start, each for some months already.
        labs.run_months = (
            np.floor(world.luck.uniform("labs.run_begun", LAB_SLOTS) * p.shortest_run_months) * labs.active
        )
        labs.run_flop = monthly * labs.run_months
    labs.run_flop += monthly
    labs.run_months += labs.active
    hazard = np.where(labs.run_months >= p.shortest_run_months, 1.0 / p.mean_run_wait_months, 0.0)
    reviewed = p.licence_review * (labs.licensed | labs.held_back)
    hazard = hazard / (1.0 + p.safety_testing * labs.safety + reviewed)
    done = labs.active & (world.luck.uniform("labs.run_ends", LAB_SLOTS) < hazard) & (labs.run_flop > 0)
    if not done.any():
        return
    rows, _ = at = places(done)
    size = np.log10(np.maximum(labs.run_flop[at], 1.0))
    luck = ndtri(np.maximum(world.luck.uniform("labs.training_luck", LAB_SLOTS)[at], SMALLEST))
    result = size + labs.algorithm[at] + at_rows(p.training_luck, rows) * luck
    result = np.maximum(result, _floor_from_others(world)[at])
    cost = labs.run_flop[at] / p.flop_per_h100e_month * world.chips.user_cost[rows, 0] / 12.0 * 1e3
    larger = size > labs.largest_run[at]
    labs.largest_run_cost[at] = np.where(larger, cost, labs.largest_run_cost[at])
    labs.largest_run[at] = np.where(larger, size, labs.largest_run[at])
    before = largest(labs.capability)[rows, 0]
    labs.capability[at] = np.maximum(labs.capability[at], result)
    labs.run_flop[at] = 0.0
    labs.run_months[at] = 0.0
    new_best = np.zeros(done.shape, bool)
    new_best[at] = (result > before) & (result == largest(labs.capability)[rows, 0])
    world.log.add(world.month, "release", new_best, np.arange(LAB_SLOTS), amount=labs.capability)


def _share_of_largest_run(world: World) -> np.ndarray:
    """Share of research compute that labs dare to put into one run, (rows, labs): more the larger those that worked.

    So the largest run grew faster than the compute of its lab (`evidence: supercomputer_perf_growth`), until it took
    the share of today. Labs that stand alone stake more on one run than divisions do (`evidence: frontier_model`).
    """
    p = world.p
    short = np.maximum(p.run_share_reached - largest(world.labs.largest_run), 0.0)
    alone = p.run_caution * p.start_up_boldness
    caution = world.by_form(alone, alone, alone, p.run_caution)
    return p.run_share * np.exp(-caution * np.log(10.0) * short)


def _floor_from_others(world: World) -> np.ndarray:
    """What a lab can reach by building on open weights or distilling the best closed model: (rows, labs)."""
    labs, p = world.labs, world.p
    is_open = labs.active & (labs.openness >= p.open_threshold)
    open_best = largest(np.where(is_open, labs.capability, -np.inf))
    # Answers of the rival bloc's models are harder to come by.
    barred = 1.0 + p.diffusion_barrier * world.nations.hostility[:, :2].mean(axis=1, keepdims=True)
    chinese = world.is_chinese
    west, china = (largest(np.where(chinese == led_by, labs.capability, 0.0)) for led_by in (False, True))
    at_home, abroad = np.where(chinese, china, west), np.where(chinese, west, china)
    distilled = np.maximum(at_home - p.distillation_gap, abroad - p.distillation_gap * barred)
    # Both take compute of one's own: each order of magnitude less keeps a follower further behind.
    most = largest(labs.training_compute)
    lacking = np.log10(np.maximum(most, 1.0) / np.maximum(labs.training_compute, 1.0))
    return np.maximum(open_best - p.open_weights_gap, distilled) - p.scale_penalty * lacking


def record_frontiers(world: World) -> None:
    """Each nation's best model so far, and the history that lags are read from."""
    labs, nations = world.labs, world.nations
    for column, chinese in ((US, False), (CHINA, True)):
        best = largest(np.where(labs.active & (world.is_chinese == chinese), labs.capability, -np.inf))[:, 0]
        nations.frontier[:, column] = np.maximum(nations.frontier[:, column], best)
    world.past.frontier[:, world.month + 1, :] = nations.frontier[:, :2]
