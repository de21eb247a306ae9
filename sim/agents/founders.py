"""Founders: they stay or leave, found rivals, and bear grudges."""

from __future__ import annotations

import numpy as np

from sim.state import FOUNDER_SLOTS, LAB_SLOTS, NOBODY, Form, places
from sim.world import Founding, World, at_rows, choose_one, industry_scale, of_slot


def departure_hazard(
    mission: np.ndarray, drift: np.ndarray, base: np.ndarray | float, sensitivity: np.ndarray | float
) -> np.ndarray:
    """Monthly hazard that a founder leaves: `base`, plus the distance between own mission and the lab's form (S3).

    `mission` and `drift` on [0, 1], arguments broadcast.
    """
    return base + sensitivity * mission * drift


def leave(world: World) -> None:
    """Founders leave over drift from the mission, and remember which lab they left and why (S1, S3)."""
    founders, labs, p, policy = world.founders, world.labs, world.p, world.policy
    drift = of_slot(_drift_felt(world), founders.home)
    hazard = departure_hazard(
        founders.mission, drift, p.departure_base, p.departure_mission * policy.people.mission_departures
    )
    # Who controls a lab can change its course instead of leaving it.
    hazard = hazard * np.where(founders.controls, p.controller_stays, 1.0)
    homed = founders.active & (founders.home >= 0) & of_slot(labs.active, founders.home)
    leaves = world.luck.happens("founders.departures", hazard, homed)
    world.now.departures += leaves.sum(axis=1, keepdims=True)
    world.log.add(world.month, "departure", leaves, np.arange(FOUNDER_SLOTS), founders.home)
    rows, _ = at = places(leaves)
    home = founders.home[at]
    grudge = np.clip(at_rows(p.departure_grudge, rows) * (p.grudge_without_drift + drift[at]), 0.0, 1.0)
    sharper = grudge > founders.grievance[at]
    founders.grievance_lab[at] = np.where(sharper, home, founders.grievance_lab[at])
    founders.grievance[at] = np.where(sharper, grudge, founders.grievance[at])
    founders.know_how[at] = labs.algorithm[rows, home]
    founders.left_lab[at] = home
    founders.home[at] = NOBODY
    _succeed(world, leaves & founders.controls)
    founders.controls[at] = False
    founders.grievance = founders.grievance * (1.0 - p.grievance_fades / 12.0)


def _succeed(world: World, leaving: np.ndarray) -> None:
    """Another founder at home takes control where the one in control leaves; `leaving` bool (rows, founders)."""
    founders = world.founders
    rows, slots = places(leaving)
    if not len(rows):
        return
    stays = founders.active[rows] & (founders.home[rows] == founders.left_lab[rows, slots][:, None])
    heir = stays.argmax(axis=1)
    found = stays.any(axis=1)
    founders.controls[rows[found], heir[found]] = True


def _drift_felt(world: World) -> np.ndarray:
    """What founders see of a lab's drift: form, conversion in train, defence work, thin safety: (rows, labs)."""
    labs, p = world.labs, world.p
    form = world.by_form(0.0, p.drift_capped, p.drift_for_profit, p.drift_division)
    # Who founded a company, or joined one's division, chose that form: drift is what a charter promised and dropped.
    never_bound = (labs.form >= Form.FOR_PROFIT) & (labs.mission_stake <= 0.0)
    promised = np.where(never_bound, p.drift_chosen, 1.0)
    return np.clip(
        form * promised * labs.mission
        + p.drift_converting * labs.converting
        + p.drift_defence * labs.defence
        + p.drift_unsafe * (1.0 - labs.safety),
        0.0,
        1.0,
    )


def found_labs(world: World) -> None:
    """Founders without a home found a rival lab with their own money and investors' (S1, S11), or join another."""
    founders, p, policy = world.founders, world.p, world.policy
    free = founders.active & (founders.home < 0)
    if not free.any():
        return
    own = founders.wealth * np.minimum(p.seed_share_of_wealth * policy.people.founder_seed_capital, 1.0)
    own = np.minimum(own, p.seed_limit_usd_bn)
    drive = p.spin_off_hazard * policy.people.spin_offs * (1.0 + p.spin_off_grievance * founders.grievance)
    cheque = industry_scale(world, p.cheque_growth)
    from_investors = p.seed_from_investors * world.capital.sentiment * cheque
    means = np.minimum(1.0, (own + from_investors) / (p.seed_wanted_usd_bn * cheque))
    u = world.luck.uniform("founders.spin_offs", FOUNDER_SLOTS)
    founds = free & (u < drive * means)
    _join_others(world, free & ~founds)
    if not founds.any():
        return
    who = np.argmax(founds, axis=1)
    rows = np.flatnonzero(founds.any(axis=1))
    who = who[rows]
    seed = own[rows, who] + from_investors[rows, 0]
    left = founders.left_lab[rows, who].astype(np.int64)
    nation = np.where(left >= 0, world.labs.nation[rows, np.maximum(left, 0)], 0)
    world.foundings.append(
        Founding(
            rows=rows,
            founder=who,
            nation=nation,
            cash=seed,
            algorithm=founders.know_how[rows, who] - at_rows(p.know_how_lost, rows),
            mission=founders.mission[rows, who],
            own_money=own[rows, who],
            left=left,
        )
    )


def _join_others(world: World, free: np.ndarray) -> None:
    """People move to labs with compute and a good name that think as they do; what they know moves with them (S7)."""
    founders, labs, p = world.founders, world.labs, world.p
    joins = free & (world.luck.uniform("founders.joins", FOUNDER_SLOTS) < p.join_hazard)
    rows, slots = places(joins)
    if not len(rows):
        return
    homes = world.labs.nation[rows, np.maximum(founders.left_lab[rows, slots].astype(np.int64), 0)]
    score = np.where(
        labs.active[rows]
        & (labs.nation[rows] == homes[:, None])
        & (np.arange(LAB_SLOTS) != founders.left_lab[rows, slots][:, None])
        & (np.arange(LAB_SLOTS) != founders.grievance_lab[rows, slots][:, None]),
        np.sqrt(labs.compute[rows]) * labs.reputation[rows],
        0.0,
    )
    score *= 1.0 - np.abs(labs.mission_kept[rows] - founders.mission[rows, slots][:, None])
    chosen = choose_one(score, world.luck.uniform("founders.joins_where", LAB_SLOTS)[rows])
    ok = score.any(axis=1)
    rows, slots, chosen = rows[ok], slots[ok], chosen[ok]
    founders.home[rows, slots] = chosen
    taught = founders.know_how[rows, slots] - at_rows(p.know_how_lost, rows)
    np.maximum.at(
        labs.algorithm,
        (rows, chosen),
        np.minimum(taught, labs.algorithm[rows, chosen] + at_rows(p.staff_move_limit, rows)),
    )
    joined = np.full((world.rows, FOUNDER_SLOTS), NOBODY)
    joined[rows, slots] = chosen
    world.log.add(world.month, "joins", joined >= 0, np.arange(FOUNDER_SLOTS), joined)
