"""Chips, power and metals: who may buy, who gets how much, what it costs, and what new plants add."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.elementary import exp, log
from sim.model.industry import at_frontier, best_capability, bloc_of, market_room
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import BLOCS, CHINA, FAB_LAG_MONTHS, LAB_SLOTS, NATIONS

_NATIONS = len(NATIONS)
_TINY = 1e-9  # keeps quotients finite
_ROUNDING = 1e-3  # a fill this close to 1 holds nothing back
_GW_PER_KW = 1e-6


@rule
def wright_cost(cumulative: float, start: float, exponent: float) -> float:
    """Unit cost relative to the start after `cumulative` units: (cumulative/start)^-exponent. Source: Wright (1936)."""
    return exp(-exponent * log(cumulative / start))


@rule
def ration(wanted: float, supply: float) -> float:
    """Share of every order that `supply` can fill where all together order `wanted`, at most 1."""
    return min(1.0, supply / max(wanted, _TINY))


# ---- metals --------------------------------------------------------------------------------------------------------
@rule
def mineral_shortage(run: Any) -> float:
    """Share of the metals for chips that is missing on the world market."""
    cut = 0.0
    for nation in range(_NATIONS):
        cut += run.nations.mineral_ban[nation] * run.nations.mineral_leverage[nation]
    return clip(cut, 0.0, 1.0) * (1.0 - run.chips.substitution)


@rule
def price_metals(run: Any, given: Any) -> None:
    """Shortage raises the metals' price (`evidence: ga_price_ratio_2y`); mines and recycling replace what is lost."""
    chips, p = run.chips, given.p
    short = mineral_shortage(run)
    if run.month == 0:
        chips.shortage_start = short
    target = exp(p.mineral_price_response * (short - chips.shortage_start))
    chips.mineral_price += p.mineral_price_adjustment * (target - chips.mineral_price)
    chips.substitution += p.mineral_substitution / 12.0 * max(short, 0.0) * (1.0 - chips.substitution)


# ---- the chip market -----------------------------------------------------------------------------------------------
@rule
def allocate(run: Any, given: Any, wanted: Any) -> None:
    """Fill the labs' orders `wanted` (labs,), H100e, from own plants first, then the world market.

    Orders that a nation's power, its builders' money, or the supply of chips cannot meet are cut in proportion; the
    month's record says which of them bound. Other buyers (clouds, firms) order in proportion to what they have.
    """
    nations, chips, p = run.nations, run.chips, given.p
    demand, access = np.zeros(_NATIONS), np.zeros(_NATIONS)
    powered, funded, supplied = np.zeros(_NATIONS), np.zeros(_NATIONS), np.zeros(_NATIONS)
    _order(run, given, wanted, demand)
    _fill_by_power(run, given, demand, powered)
    _fill_by_money(run, given, demand, funded)
    imports = 0.0
    for nation in range(_NATIONS):
        demand[nation] *= min(powered[nation], funded[nation])
        nations.domestic_made[nation] = min(nations.domestic_capacity[nation], demand[nation])
        access[nation] = 1.0 - withheld(run, given, nation)
        nations.imported[nation] = (demand[nation] - nations.domestic_made[nation]) * access[nation]
        imports += nations.imported[nation]
    metals = 1.0 - p.mineral_drag * (mineral_shortage(run) - chips.shortage_start)
    capacity = chips.capacity * (1.0 - chips.disruption) * metals
    fill, keep = ration(imports, capacity), 1.0 - p.compute_retired / 12.0
    gw = power_per_chip(run, given) * _GW_PER_KW
    chips.sold = 0.0
    for nation in range(_NATIONS):
        home = nations.domestic_made[nation]
        nations.imported[nation] *= fill
        new = home + nations.imported[nation]
        chips.sold += new
        supplied[nation] = new / max(demand[nation], _TINY) if demand[nation] > 0.0 else 1.0
        nations.imported_stock[nation] = nations.imported_stock[nation] * keep + nations.imported[nation]
        nations.domestic_stock[nation] = nations.domestic_stock[nation] * keep + home
        nations.power_used[nation] = nations.power_used[nation] * keep + new * gw
    _deliver(run, given, wanted, powered, funded, supplied)
    _record_limits(run, given, powered, funded, supplied)
    _set_price(run, given, imports, capacity)
    _grow_capacity(run, given, demand, access)


@rule
def _order(run: Any, given: Any, wanted: Any, demand: Any) -> None:
    """Orders of each nation's labs and other buyers, H100e, into `demand` (nations,).

    Other buyers order more the faster the market grows - the accelerator of investment (Clark 1917) - and less when it
    has little room left.
    """
    nations, labs, p = run.nations, run.labs, given.p
    of_labs = np.zeros(_NATIONS)
    for lab in range(LAB_SLOTS):
        of_labs[labs.nation[lab]] += labs.compute[lab]
        demand[labs.nation[lab]] += max(wanted[lab], 0.0)
    growth = max(p.other_buyers_growth + p.accelerator * run.capital.market_growth, 0.0) * market_room(run, given)
    for nation in range(_NATIONS):
        elsewhere = nations.imported_stock[nation] + nations.domestic_stock[nation] - of_labs[nation]
        demand[nation] += growth / 12.0 * max(elsewhere, 0.0)


@rule
def bloc_leverage(run: Any, given: Any, power: int) -> float:
    """Share of traded chips that a power and its allies can withhold together (Farrell and Newman 2019)."""
    together = 0.0
    for nation in range(_NATIONS):
        together += run.nations.chip_leverage[nation] if given.start.blocs[nation] == power else 0.0
    return together


@rule
def denied(run: Any, given: Any, nation: int) -> float:
    """Share of its orders on the world market that a power's rival and the rival's allies refuse it, less leakage."""
    if nation > CHINA:
        return 0.0
    nations, rival, held = run.nations, 1 - nation, 0.0
    for other in range(_NATIONS):
        if given.start.blocs[other] == rival:
            held += nations.export_control[other] * nations.chip_leverage[other]
    leak = given.p.leak_without_enforcement * (1.0 - given.policy.trade.enforcement)
    return held * (1.0 - leak)


@rule
def withheld(run: Any, given: Any, nation: int) -> float:
    """Share of its orders on the world market that a nation does not get: what it is denied, what it refuses (S20)."""
    if nation > CHINA:
        return 0.0
    refused = run.nations.imports_refused[nation] * bloc_leverage(run, given, 1 - nation)
    return 1.0 - (1.0 - denied(run, given, nation)) * (1.0 - refused)


@rule
def power_per_chip(run: Any, given: Any) -> float:
    """kW of data-centre power for one H100e; falls as chips are made, by the same learning as cost."""
    learnt = wright_cost(run.chips.cumulative, given.start.reference_chips_h100e, given.p.power_learning)
    return given.p.kw_per_h100e * learnt


@rule
def _fill_by_power(run: Any, given: Any, demand: Any, fill: Any) -> None:
    """Share of orders that each nation's power can run, and build-out where it is used up (`evidence: dc_twh_2030`)."""
    nations, p = run.nations, given.p
    gw = power_per_chip(run, given) * _GW_PER_KW
    for nation in range(_NATIONS):
        if run.month == 0:
            nations.power_used[nation] = (nations.imported_stock[nation] + nations.domestic_stock[nation]) * gw
        staying = nations.power_used[nation] * (1.0 - p.compute_retired / 12.0)
        room = max(nations.power[nation] - staying, 0.0) / gw
        utilisation = clip(nations.power_used[nation] / max(nations.power[nation], _TINY), 0.0, 1.0)
        left = max(1.0 - nations.power[nation] / max(p.power_ceiling * nations.power_start[nation], _TINY), 0.0)
        nations.power[nation] *= 1.0 + p.power_buildout / 12.0 * utilisation * utilisation * left
        fill[nation] = min(1.0, room / max(demand[nation], _TINY))


@rule
def _fill_by_money(run: Any, given: Any, demand: Any, fill: Any) -> None:
    """Share of orders that the builders of data centres in each bloc can pay for.

    They spend up to a share of the platforms' cash flow and a multiple of AI revenue, more when sentiment is high.
    """
    labs, p = run.labs, given.p
    budget, wanted = np.zeros(BLOCS), np.zeros(BLOCS)
    for lab in range(LAB_SLOTS):
        income = p.infrastructure_share * labs.parent_cash_flow[lab] + p.infrastructure_multiple * labs.revenue[lab]
        budget[bloc_of(run, given, lab)] += income
    for nation in range(_NATIONS):
        wanted[given.start.blocs[nation]] += demand[nation]
    sentiment, price = min(run.capital.sentiment, p.builders_confidence_max), run.chips.price * 12.0
    for nation in range(_NATIONS):
        bloc = given.start.blocs[nation]
        fill[nation] = min(1.0, budget[bloc] * sentiment / max(wanted[bloc] * price, _TINY))


@rule
def _deliver(run: Any, given: Any, wanted: Any, powered: Any, funded: Any, supplied: Any) -> None:
    """Labs get their share of what their nation gets, retire what is old, and give up what they cannot pay for."""
    labs, p = run.labs, given.p
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.compute[lab] = 0.0
            continue
        nation = labs.nation[lab]
        delivered = max(wanted[lab], 0.0) * (supplied[nation] * min(powered[nation], funded[nation]))
        retired = labs.compute[lab] * (p.compute_retired / 12.0)
        labs.compute[lab] = max(labs.compute[lab] - retired + delivered + min(wanted[lab], 0.0), 0.0)


@rule
def _record_limits(run: Any, given: Any, powered: Any, funded: Any, supplied: Any) -> None:
    """Note what held back the frontier labs' growth this month: power, builders' money, or chips."""
    labs, now = run.labs, run.now
    best = best_capability(run)
    total = by_power = by_chips = by_money = 0.0
    for lab in range(LAB_SLOTS):
        if at_frontier(run, given, lab, best):
            nation, weight = labs.nation[lab], labs.compute[lab]
            total += weight
            least = min(min(powered[nation], funded[nation]), supplied[nation])
            if least < 1.0 - _ROUNDING:
                by_power += weight * (powered[nation] == least)
                by_chips += weight * (supplied[nation] == least)
                by_money += weight * (funded[nation] == least)
    total = max(total, _TINY)
    now.short_of_power, now.short_of_chips = by_power / total, by_chips / total
    now.short_of_money = max(now.short_of_money, by_money / total)


@rule
def _set_price(run: Any, given: Any, imports: float, capacity: float) -> None:
    """Price is unit cost, which learning lowers and metals raise, times a margin that scarcity widens."""
    chips, p = run.chips, given.p
    tight = log(max(imports, 1.0) / max(capacity, 1.0))
    chips.scarcity += p.scarcity_smoothing * (max(tight, -p.deepest_glut) - chips.scarcity)
    if run.month == 0:
        chips.scarcity = 0.0
    chips.cumulative += chips.sold
    cost = chips.price_start * wright_cost(chips.cumulative, chips.cumulative_start, p.chip_learning)
    cost *= 1.0 + p.metals_share_of_cost * (chips.mineral_price - 1.0)
    chips.price = cost * exp(p.scarcity_price * chips.scarcity)
    chips.user_cost += p.contract_turnover * (chips.price * p.annual_cost_of_compute - chips.user_cost)


@rule
def _grow_capacity(run: Any, given: Any, demand: Any, access: Any) -> None:
    """The world market expands with scarcity, own plants with subsidy after its lag and protected demand (S18, S20)."""
    chips, nations, p = run.chips, run.nations, given.p
    growth = p.capacity_growth + p.capacity_response * max(chips.scarcity, -p.glut_felt_by_makers)
    chips.capacity *= exp(growth / 12.0 * (1.0 - chips.disruption))
    chips.disruption *= 1.0 - p.disruption_recovery
    place = run.month % FAB_LAG_MONTHS
    by_learning = wright_cost(given.start.reference_chips_h100e, chips.cumulative, p.chip_learning)
    for nation in range(_NATIONS):
        home, made_before = nations.domestic_made[nation], nations.learning[nation]
        nations.learning[nation] += home
        # The chips a plant makes improve as the nation learns, and as the world's chips do.
        learnt = exp(p.domestic_learning * log(nations.learning[nation] / made_before))
        kept_out = 1.0 - access[nation]
        protected = clip((demand[nation] - home) * kept_out / max(demand[nation], _TINY), 0.0, 1.0)
        tools = 1.0 - p.tool_controls * denied(run, given, nation)
        by_demand = 1.0 + (p.domestic_growth + p.protected_growth * protected) / 12.0 * tools
        nations.fab_money[nation] = nations.fab_pipeline[nation, place]
        nations.fab_pipeline[nation, place] = nations.subsidy[nation] / 12.0
        new_plant = nations.fab_money[nation] * p.capacity_per_subsidy_bn * by_learning
        # Who does not command the technology gets less from the same money, and tools are withheld from it too.
        mastery = p.catch_up_yield + (1.0 - p.catch_up_yield) * bloc_leverage(run, given, given.start.blocs[nation])
        aged = 1.0 - p.fab_retired / 12.0
        nations.domestic_capacity[nation] = (nations.domestic_capacity[nation] * learnt * by_demand * aged
                                             + new_plant * mastery * tools)
        nations.power[nation] += nations.fab_money[nation] * p.power_per_subsidy_bn
