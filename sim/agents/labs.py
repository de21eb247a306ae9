"""Labs: how careful they are in the race, how much compute they aim for, what they spend, and whom they lobby."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from sim.model.elementary import tanh
from sim.model.money import Purpose, pay
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.state import FOUNDER_SLOTS, LAB_SLOTS, NOBODY, REGULATORS, US, Form
from sim.world import Value, World, industry_scale, largest, row_sum

NO_INFORMATION, PRIVATE_INFORMATION, PUBLIC_INFORMATION = 0, 1, 2


# ---- the safety race ---------------------------------------------------------------------------------------------
def race_safety(
    ability: np.ndarray, racing: np.ndarray, enmity: np.ndarray | float, mu: Value, information: int
) -> np.ndarray:
    """Equilibrium safety of labs that race to be first, where the least safe of equals wins.

    Shapes: `ability` (..., labs) on [0, mu]; `racing` bool (..., labs); `enmity` on [0, 1], how bad it is that a
    rival wins, and `mu`, how far ability outweighs carelessness, broadcast against it. `information` is 0 when
    labs know nobody's ability, 1 when each knows its own, 2 when all know all. Returns safety (..., labs) on
    [0, 1]; labs that do not race get 1.

    Source: Armstrong, Bostrom and Shulman (2016), article row S17. With n racing: no information
    min(1, mu/(n e)); private min(1, c/(1 + e(n-1))); public min(1, lead/e) for the leader and (1 - e) times
    that for the others.
    """
    n = np.maximum(racing.sum(axis=-1, keepdims=True), 1)
    e = np.maximum(enmity, 1e-9)
    if information == NO_INFORMATION:
        safety = np.minimum(1.0, mu / (n * e)) + 0.0 * ability
    elif information == PRIVATE_INFORMATION:
        safety = np.minimum(1.0, ability / (1.0 + e * (n - 1)))
    else:
        ranked = np.where(racing, ability, -np.inf)
        best = ranked.max(axis=-1, keepdims=True)
        leads = racing & (ranked == best)
        leads &= np.cumsum(leads, axis=-1) == 1
        second = np.where(leads, -np.inf, ranked).max(axis=-1, keepdims=True)
        lead = np.where(np.isfinite(second), best - second, np.inf)
        leader_safety = np.minimum(1.0, lead / e)
        safety = np.where(leads, leader_safety, np.maximum(0.0, 1.0 - enmity) * leader_safety)
    return np.where(racing & (n > 1), safety, 1.0)


def contenders(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Who races, and how able each is, in the terms of `race_safety`: bool and [0, mu], both (rows, labs)."""
    labs, p = world.labs, world.p
    behind = largest(labs.capability) - labs.capability
    racing = labs.active & (behind < p.race_window)
    return racing, p.race_mu * np.clip(1.0 - behind / p.race_window, 0.0, 1.0)


def enmity(world: World, racing: np.ndarray) -> np.ndarray:
    """How bad each lab thinks a rival's win would be, 0-1: (rows, labs).

    Among labs of one bloc it is commercial; across blocs it is the nations' hostility (S16, S17). A treaty that the
    lab's nation keeps softens it.
    """
    p, nations, chinese = world.p, world.nations, world.is_chinese
    number = np.maximum(racing.sum(axis=1, keepdims=True), 1)
    chinese_share = (racing & chinese).sum(axis=1, keepdims=True) / number
    foreign = np.where(chinese, 1.0 - chinese_share, chinese_share)
    hostility = world_hostility(world)
    felt = (1.0 - foreign) * p.enmity_at_home + foreign * hostility * p.enmity_abroad
    kept = nations.treaty[:, :2] & ~nations.breach[:, :2]
    kept_by_lab = np.where(chinese, kept[:, 1:2], kept[:, 0:1])
    # National rivalry weighs on labs of the same bloc too: they are told that the other side must not win.
    felt = felt + p.enmity_spillover * hostility
    return np.clip(felt * np.where(kept_by_lab, 1.0 - p.treaty_eases_race, 1.0), p.enmity_floor, 1.0)


def world_hostility(world: World) -> np.ndarray:
    """Mean hostility of the two powers, (rows, 1)."""
    return world.nations.hostility[:, :2].mean(axis=1, keepdims=True)


@rule
def take_stock(run: Any, given: Any) -> None:
    """At the month's start each lab notes what compute costs it, what is left of its mission, and who has access.

    A non-profit follows its charter in full; owners' claims leave less of it under each further form (S2, S5). Patrons
    give compute: a share of the bill, up to a share of their cash flow (S4).
    """
    labs, founders, p, patronage = run.labs, run.founders, given.p, given.policy.capital.patronage
    for lab in range(LAB_SLOTS):
        form = labs.form[lab]
        kept = (1.0 if form == Form.NONPROFIT else p.mission_kept_capped if form == Form.CAPPED_PROFIT
                else p.mission_kept_for_profit if form == Form.FOR_PROFIT else p.mission_kept_division)
        labs.mission_kept[lab] = labs.mission[lab] * (kept + (1.0 - kept) * labs.mission_stake[lab])
        labs.credits[lab] = 0.0
        patron = labs.patron[lab]
        if patron != NOBODY:
            share = min(p.patron_discount * patronage, 1.0)
            limit = p.patron_credits * patronage * labs.parent_cash_flow[patron]
            labs.credits[lab] = min(share * labs.compute[lab] * run.chips.user_cost, limit)
        labs.user_cost[lab] = run.chips.user_cost - labs.credits[lab] / max(labs.compute[lab], 1.0)
        labs.access[lab] = 0.0
    for founder in range(FOUNDER_SLOTS):
        home = founders.home[founder]
        if founders.active[founder] and founders.controls[founder] and home != NOBODY:
            labs.access[home] += founders.access[founder]


def choose_safety(world: World) -> None:
    """Each lab moves its safety effort towards what race, mission, law and fresh incidents ask for (S2, S12, S17)."""
    labs, p, policy = world.labs, world.p, world.policy
    racing, ability = contenders(world)
    felt = labs.enmity = enmity(world, racing)
    regime = policy.regulation.information
    if isinstance(regime, float):
        labs.race_safety = race_safety(ability, racing, felt, p.race_mu, int(regime))
    else:
        labs.race_safety = np.select(
            [regime == code for code in range(3)],
            [race_safety(ability, racing, felt, p.race_mu, code) for code in range(3)],
        )
    mission = labs.mission_kept
    willing = mission * p.mission_safety + (1.0 - mission) * np.where(racing, labs.race_safety, p.idle_safety)
    fright = p.incident_fright * world.nations.incidents_seen[:, US : US + 1]
    shared = p.treaty_shared_safety * world.nations.treaty[:, US : US + 1]
    floor = np.where(labs.complies, p.legal_safety_floor * labs.regulated, 0.0)
    target = np.clip(np.maximum(willing + fright + shared, floor), 0.0, 1.0)
    labs.safety += p.safety_adjustment * (target - labs.safety)


# ---- growth and money ----------------------------------------------------------------------------------------------
def cost_of_operations(world: World) -> np.ndarray:
    """What a lab's present compute and staff cost, USD bn a year (rows, labs)."""
    return world.labs.compute * world.labs.user_cost * (1.0 + world.p.staff_to_compute) + fixed_cost(world)


def fixed_cost(world: World) -> np.ndarray:
    """Staff and data that even the smallest lab must pay, USD bn a year (rows, labs); dearer as the industry grows."""
    p = world.p
    return p.fixed_cost_usd_bn * industry_scale(world, p.fixed_cost_growth) * world.labs.active


def money_in_sight(world: World) -> np.ndarray:
    """What a lab can spend in a year without new investors, USD bn (rows, labs)."""
    labs, p = world.labs, world.p
    from_cash = np.maximum(labs.cash, 0.0) * (12.0 / p.runway_months)
    return labs.revenue + from_cash + labs.parent_cash_flow * labs.parent_share


def plan_growth(world: World) -> np.ndarray:
    """How much more compute each lab wants this month, H100e (rows, labs), negative where it must shrink.

    Labs aim at the growth the race asks for, or at what their revenue calls for if that is more, less when the
    market is nearly full, and stay within the money in sight. Also sets the need for capital (S5): planned spending
    over the horizon less revenue and cash.
    """
    labs, p = world.labs, world.p
    room = market_room(world)
    running = cost_of_operations(world)
    multiple = 1.0 + (p.spending_multiple - 1.0) * room
    by_revenue = np.log(np.maximum(multiple * labs.revenue, 1e-9) / np.maximum(running, 1e-9))
    # The more a rival's win is dreaded, the faster labs race (S17).
    spur = 1.0 + p.race_spur * (labs.enmity / p.usual_enmity - 1.0)
    racing, _ = contenders(world)
    # Labs in the race aim to draw level in compute with the largest of them.
    most = largest(np.where(racing, labs.compute, 0.0))
    catch_up = np.where(racing, np.log(np.maximum(most, 1.0) / np.maximum(labs.compute, 1.0)) / p.catch_up_years, 0.0)
    by_race = np.maximum(p.growth_wanted * spur, catch_up)
    growth = np.clip(np.maximum(by_revenue, by_race), 0.0, p.growth_most) * room
    labs.growth_wanted = np.where(labs.active, growth, 0.0)
    wanted = labs.compute * np.exp(labs.growth_wanted / 12.0)
    affordable = np.maximum(money_in_sight(world) - fixed_cost(world), 0.0) / (
        labs.user_cost * (1.0 + p.staff_to_compute)
    )
    world.now.short_of_money = _frontier_share(world, affordable < wanted)
    world.now.short_of_customers = (room < p.full_market) * 1.0
    years = p.planning_years
    planned = running * np.exp(labs.growth_wanted * years / 2.0) * years
    labs.need = np.where(labs.active, np.maximum(planned - labs.revenue * years - labs.cash, 0.0), 0.0)
    keep = labs.compute * (1.0 - p.compute_retired / 12.0)
    target = np.maximum(np.minimum(wanted, affordable), labs.compute * (1.0 - p.fastest_shrinking))
    return np.where(labs.active, target - keep, 0.0)


def market_room(world: World) -> np.ndarray:
    """Share of the largest possible market that is still to win, (rows, 1)."""
    return np.clip(1.0 - world.customers.revenue / world.p.market_ceiling_usd_bn, 0.0, 1.0)


def at_frontier(world: World) -> np.ndarray:
    """Labs whose best model is within twelve months of the frontier, bool (rows, labs)."""
    labs = world.labs
    return labs.active & (labs.capability > largest(labs.capability) - world.start["past_frontier_growth"])


def _frontier_share(world: World, flag: np.ndarray) -> np.ndarray:
    weight = np.where(at_frontier(world), world.labs.compute, 0.0)
    return row_sum(weight * flag) / np.maximum(row_sum(weight), 1e-9)


def settle_accounts(world: World) -> None:
    """The month's income and bills. Every dollar goes through `receive` and `pay`."""
    labs, p = world.labs, world.p
    bill = labs.compute * labs.user_cost / 12.0
    staff = bill * p.staff_to_compute + fixed_cost(world) / 12.0
    income = np.where(labs.active, labs.revenue / 12.0, 0.0)
    from_parent = labs.parent_cash_flow * labs.parent_share / 12.0
    before = labs.cash.copy()
    world.receive("revenue", income)
    world.pay("compute", bill)
    world.pay("staff", staff)
    world.pay("compliance", labs.compliance_cost)
    burnt = before - labs.cash
    labs.burn += p.burn_smoothing * (burnt - labs.burn)
    # A parent lends what is wanting this month, up to what it has set aside; the rest stays with the parent.
    drawn = np.where(labs.form == Form.DIVISION, np.clip(burnt + p.parent_buffer * from_parent, 0.0, from_parent), 0.0)
    world.receive("parent", drawn)
    spare = np.maximum(labs.cash - p.reserve_years * cost_of_operations(world), 0.0)
    world.pay("owners", np.where(labs.active, p.payout_rate * spare, 0.0))


# ---- politics ------------------------------------------------------------------------------------------------------
@rule
def _size(run: Any, lab: int) -> float:
    """A lab's size, USD bn a month: what it sells and what its compute costs."""
    return run.labs.revenue[lab] / 12.0 + run.labs.compute[lab] * run.chips.user_cost / 12.0


@rule
def lobby(run: Any, given: Any) -> None:
    """Labs press for stricter rules that cost rivals more, for softer ones that cost themselves (S14, S15).

    A lab's weight is the square root of what it spends (`evidence: lobby_openai_2024`), raised by the political access
    of its controlling founder. The regulators read the pressure from their `capture`.
    """
    labs, regulators, p = run.labs, run.regulators, given.p
    costs = sizes = 0.0
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            costs += labs.compliance_cost[lab]
            sizes += _size(run, lab)
    of_market = costs / max(sizes, 1e-6)
    pressure = np.zeros(len(REGULATORS))
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        base = labs.revenue[lab] * p.lobbying_share_of_revenue + labs.parent_cash_flow[lab] * p.lobbying_share_of_parent
        spent = base * given.policy.industry.lobbying / 12.0
        pay(run, Purpose.lobbying, lab, spent)
        # On record is what labs spend that are no divisions: their parents lobby over much else.
        if labs.form[lab] != Form.DIVISION:
            run.now.lobbying += spent
        burden = labs.compliance_cost[lab] / max(_size(run, lab), 1e-6) - of_market
        weight = sqrt(spent * 1e3) * (1.0 + p.access_lobbying * labs.access[lab])
        wish = weight * (tanh(-burden / p.burden_scale) - p.dislike_of_rules)
        for regulator in range(len(REGULATORS)):
            pressure[regulator] += given.start.reach_by_nation[regulator, labs.nation[lab]] * wish
    for regulator in range(len(REGULATORS)):
        taken = given.start.susceptibility[regulator] * given.policy.regulation.capture[regulator]
        target = clip(tanh(pressure[regulator] / p.lobbying_scale) * taken, -1.0, 1.0)
        regulators.capture[regulator] += p.capture_adjustment * (target - regulators.capture[regulator])


def take_defence_work(world: World) -> None:
    """Labs take defence contracts when need and hostility outweigh the mission (S19)."""
    labs, p, policy = world.labs, world.p, world.policy
    hostility = world.of_nation(world.nations.hostility)
    pull = hostility * (p.defence_need + labs.funding_gap) * (1.0 + p.access_contracts * labs.access)
    reluctance = 1.0 - labs.mission_kept
    hazard = p.defence_hazard * policy.industry.defence_contracts * pull * reluctance
    u = world.luck.uniform("labs.defence", LAB_SLOTS)
    takes = labs.active & ~labs.defence & (labs.nation < 2) & (u < hazard)
    offer = np.asarray(policy.industry.defence_contracts) > 0.0
    leaves = labs.defence & (hostility < p.defence_peace) & (u > 1.0 - p.defence_exit)
    labs.defence = (labs.defence | takes) & ~leaves & offer
    world.log.add(world.month, "defence_contract", takes, np.arange(LAB_SLOTS))
    offered = p.defence_income * policy.industry.defence_contracts * hostility * (labs.revenue + p.defence_least_base)
    world.receive("defence", np.where(labs.defence & labs.active, offered / 12.0, 0.0))


def patron_cash_flow(world: World, rows: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Yearly cash flow of the patrons of the labs in these rows and slots, USD bn: all arrays (n,)."""
    return world.labs.parent_cash_flow[rows, world.labs.patron[rows, slots]]
