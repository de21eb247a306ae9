"""Reads the month's outcomes off the world. What they mean stands in `sim/outcomes.py`."""

from __future__ import annotations

import numpy as np

from sim.agents.labs import at_frontier
from sim.institutions.capital import big4_capex
from sim.outcomes import INDEX
from sim.state import CHINA, US, Form
from sim.world import World, largest

SMALL_SHARE_OF_REVENUE = 0.01
SMALL_SHARE_OF_LARGEST_COMPUTE = 0.1
_EU, _CHINA_RULES, _US_RULES = 2, 4, 0


def lag_months(world: World) -> np.ndarray:
    """Months since the leader first matched the follower's best model of today: (rows,), positive when China lags.

    Before the start the frontier is taken to have grown at the pace on record.
    """
    past = world.past.frontier[:, : world.month + 2, :]
    now = past[:, -1, :]
    china_leads = now[:, CHINA] > now[:, US]
    leader = np.where(china_leads[:, None], past[:, :, CHINA], past[:, :, US])
    level = now.min(axis=1)
    ahead = leader > level[:, None]
    months = ahead.sum(axis=1).astype(float)
    # The first month above the level: part of the step into it, or of the growth before the start.
    first = np.clip(past.shape[1] - months.astype(int), 0, past.shape[1] - 1)
    rows = np.arange(world.rows)
    step_to = leader[rows, first]
    step_from = leader[rows, np.maximum(first - 1, 0)]
    within = np.where(first > 0, (step_to - level) / np.maximum(step_to - step_from, 1e-9), 0.0)
    before = np.maximum(leader[:, 0] - level, 0.0) / world.start["past_frontier_growth"] * 12.0
    lag = np.where(months > 0, months - 1.0 + np.clip(within, 0.0, 1.0) + np.where(first == 0, before, 0.0), 0.0)
    return np.where(china_leads, -lag, lag)


def measure(world: World, out: np.ndarray) -> None:
    """Write this month's outcomes into `out` (rows, outcomes), in the order of `OUTCOMES`."""
    _leaders(world, out)
    _money(world, out)
    _quarrels_and_harm(world, out)
    _rules_and_nations(world, out)


def _put(out: np.ndarray, name: str, values: np.ndarray) -> None:
    out[:, INDEX[name]] = values[:, 0] if values.ndim == 2 else values


def _leaders(world: World, out: np.ndarray) -> None:
    labs, customers = world.labs, world.customers
    best = largest(labs.capability)[:, 0]
    rows = np.arange(world.rows)
    seller = labs.revenue.argmax(axis=1)
    first = labs.revenue[rows, seller]
    others = labs.revenue.copy()
    others[rows, seller] = 0.0
    frontier = at_frontier(world)
    at_work = np.where(frontier, labs.compute, 0.0)
    total = np.maximum(at_work.sum(axis=1), 1e-9)
    bound_by_mission = (labs.form == Form.NONPROFIT) | (labs.form == Form.CAPPED_PROFIT)
    leader = labs.capability.argmax(axis=1)
    independent = labs.active & (labs.form != Form.DIVISION)
    _put(out, "us_china_lag_months", lag_months(world))
    _put(out, "frontier_log10_flop", best)
    biggest = labs.largest_run.argmax(axis=1)
    _put(out, "largest_run_log10_flop", largest(labs.largest_run)[:, 0])
    _put(out, "largest_run_cost_usd_mn", labs.largest_run_cost[rows, biggest])
    _put(out, "leader_revenue_usd_bn", first)
    _put(out, "challenger_to_leader_revenue", largest(others)[:, 0] / np.maximum(first, 1e-9))
    _put(out, "market_hhi", (labs.share**2).sum(axis=1))
    _put(out, "leader_share", largest(labs.share)[:, 0])
    _put(out, "frontier_labs", frontier.sum(axis=1))
    _put(out, "active_labs", labs.active.sum(axis=1))
    small = (labs.share < SMALL_SHARE_OF_REVENUE) & (
        labs.compute < SMALL_SHARE_OF_LARGEST_COMPUTE * largest(labs.compute)
    )
    _put(out, "small_labs", (independent & small).sum(axis=1))
    _put(out, "mission_controlled_share", (at_work * bound_by_mission).sum(axis=1) / total)
    _put(out, "state_control", (at_work * labs.licensed).sum(axis=1) / total)
    _put(out, "safety_effort", labs.safety[rows, leader])
    _put(out, "price_fixed_capability_index", customers.fixed_price)
    _put(out, "adoption", customers.adoption)


def _money(world: World, out: np.ndarray) -> None:
    labs, now, chips = world.labs, world.now, world.chips
    _put(out, "capital_raised_usd_bn", now.capital_raised)
    _put(out, "capital_raised_china_usd_bn", now.raised_in_china)
    _put(out, "lobbying_usd_mn", 1e3 * now.lobbying)
    _put(out, "largest_round_usd_bn", now.largest_round)
    _put(out, "leader_valuation_usd_bn", largest(labs.valuation)[:, 0])
    _put(out, "top_lab_capital_usd_bn", largest(labs.raised)[:, 0])
    _put(out, "big4_capex_usd_bn", big4_capex(world))
    _put(out, "compliance_cost_usd_bn", now.compliance_cost)
    _put(out, "legal_cost_usd_bn", now.legal_cost)
    _put(out, "chip_price_index", chips.price / chips.price_start)
    _put(out, "mineral_price_index", chips.mineral_price)
    _put(out, "short_of_money", now.short_of_money)
    _put(out, "short_of_power", now.short_of_power)
    _put(out, "short_of_chips", now.short_of_chips)
    _put(out, "short_of_customers", now.short_of_customers)


def _quarrels_and_harm(world: World, out: np.ndarray) -> None:
    now = world.now
    _put(out, "conversions", now.conversions)
    _put(out, "founder_departures", now.departures)
    _put(out, "spin_offs", now.spin_offs)
    _put(out, "suits_open", world.docket.active.sum(axis=1))
    _put(out, "suits_filed", now.suits_filed)
    _put(out, "injunctions", now.injunctions)
    _put(out, "incidents_reported", now.incidents)
    _put(out, "severe_incident_hazard", now.severe_hazard)
    _put(out, "severe_incidents", now.severe_incidents)


def _rules_and_nations(world: World, out: np.ndarray) -> None:
    regulators, nations, labs = world.regulators, world.nations, world.labs
    _put(out, "strictness_us", regulators.strictness[:, _US_RULES])
    _put(out, "strictness_eu", regulators.strictness[:, _EU])
    _put(out, "strictness_china", regulators.strictness[:, _CHINA_RULES])
    _put(out, "capture_index", world.p.capture_reach * np.abs(regulators.capture).mean(axis=1, keepdims=True))
    _put(out, "export_control", nations.export_control[:, US])
    _put(out, "retaliation", nations.mineral_ban[:, CHINA])
    _put(out, "chip_stock_h100e", nations.imported_stock.sum(axis=1))
    _put(out, "chip_sales_usd_bn", nations.imported.sum(axis=1) * world.chips.price[:, 0] * 12.0)
    _put(out, "china_chip_share", nations.imported_stock[:, CHINA] / nations.imported_stock.sum(axis=1))
    for name, nation in (("china_domestic_chip_share", CHINA), ("us_domestic_chip_share", US)):
        new = nations.domestic_made[:, nation] + nations.imported[:, nation]
        _put(out, name, nations.domestic_made[:, nation] / np.maximum(new, 1e-9))
    _put(out, "hostility", nations.hostility[:, :2].mean(axis=1))
    _put(out, "trust", nations.trust[:, :2].mean(axis=1))
    _put(out, "treaty_in_force", nations.treaty[:, US])
    american = np.where(labs.active & (labs.nation == US), labs.compute, -1.0)
    fifth = np.partition(american, -5, axis=1)[:, -5:-4]
    top_five = (american >= fifth) & (american >= 0.0)
    _put(out, "defence_labs_share", (top_five & labs.defence).sum(axis=1) / np.maximum(top_five.sum(axis=1), 1))
