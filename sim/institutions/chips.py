"""Chips, power and metals: who may buy, who gets how much, what it costs, and what new plants add."""

from __future__ import annotations

import numpy as np

from sim.agents.labs import market_room
from sim.state import FAB_LAG_MONTHS
from sim.world import World, largest, row_sum

_TINY = 1e-9  # keeps quotients finite
_ROUNDING = 1e-3  # a fill this close to 1 holds nothing back
_GW_PER_KW = 1e-6


def wright_cost(cumulative: np.ndarray, start: np.ndarray | float, exponent: np.ndarray | float) -> np.ndarray:
    """Unit cost relative to the start after `cumulative` units: (cumulative/start)^-exponent. Source: Wright (1936)."""
    return np.exp(-exponent * np.log(cumulative / start))


def ration(wanted: np.ndarray, supply: np.ndarray) -> np.ndarray:
    """Share of every order that `supply` (rows, 1) can fill, at most 1, for orders (rows, n): (rows, 1)."""
    total = row_sum(wanted)
    return np.minimum(1.0, supply / np.maximum(total, _TINY))


def withheld(world: World) -> np.ndarray:
    """Share of its orders on the world market that each nation is refused, less leakage: (rows, nations) (S20)."""
    nations, p, policy = world.nations, world.p, world.policy
    leak = p.leak_without_enforcement * (1.0 - policy.trade.enforcement)
    refused = np.zeros_like(nations.export_control)
    by_rival = (nations.export_control * nations.chip_leverage)[:, 1::-1]
    refused[:, :2] = by_rival * (1.0 - leak)
    return refused


def mineral_shortage(world: World) -> np.ndarray:
    """Share of the metals for chips that is missing on the world market, (rows, 1)."""
    nations = world.nations
    cut = row_sum(nations.mineral_ban * nations.mineral_leverage)
    return np.clip(cut, 0.0, 1.0) * (1.0 - world.chips.substitution)


def price_metals(world: World) -> None:
    """Shortage raises the metals' price (`evidence: ga_price_ratio_2y`); mines and recycling replace what is lost."""
    chips, p = world.chips, world.p
    short = mineral_shortage(world)
    if world.month == 0:
        chips.shortage_start[:] = short
    target = np.exp(p.mineral_price_response * (short - chips.shortage_start))
    chips.mineral_price += p.mineral_price_adjustment * (target - chips.mineral_price)
    chips.substitution += p.mineral_substitution / 12.0 * np.maximum(short, 0.0) * (1.0 - chips.substitution)


def allocate(world: World, wanted: np.ndarray) -> None:
    """Fill the labs' orders (rows, labs), H100e, from own plants first, then the world market.

    Orders that a nation's power, its builders' money, or the supply of chips cannot meet are cut in proportion; the
    month's record says which of them bound. Other buyers (clouds, firms) order in proportion to what they have.
    """
    nations, chips, labs, p = world.nations, world.chips, world.labs, world.p
    orders = np.maximum(wanted, 0.0)
    of_labs = world.by_nation(labs.compute)
    elsewhere = np.maximum(nations.imported_stock + nations.domestic_stock - of_labs, 0.0)
    others = _growth_of_other_buyers(world) / 12.0 * elsewhere
    demand = world.by_nation(orders) + others
    powered = _power_fill(world, demand)
    funded = _money_fill(world, demand)
    demand = demand * np.minimum(powered, funded)

    home = np.minimum(nations.domestic_capacity, demand)
    access = 1.0 - withheld(world)
    imports = (demand - home) * access
    capacity = (
        chips.capacity
        * (1.0 - chips.disruption)
        * (1.0 - p.mineral_drag * (mineral_shortage(world) - chips.shortage_start))
    )
    fill = ration(imports, capacity)
    nations.domestic_made = home
    nations.imported = imports * fill
    chips.sold = row_sum(home + nations.imported)
    supplied = np.where(demand > 0.0, (home + nations.imported) / np.maximum(demand, _TINY), 1.0)
    received = supplied * np.minimum(powered, funded)
    labs_fill = world.of_nation(received)
    delivered = orders * labs_fill
    retired = labs.compute * (p.compute_retired / 12.0)
    given_up = np.minimum(wanted, 0.0)
    labs.compute = np.where(labs.active, np.maximum(labs.compute - retired + delivered + given_up, 0.0), 0.0)
    keep = 1.0 - p.compute_retired / 12.0
    nations.imported_stock = nations.imported_stock * keep + nations.imported
    nations.domestic_stock = nations.domestic_stock * keep + home
    nations.power_used = nations.power_used * keep + (home + nations.imported) * power_per_chip(world) * _GW_PER_KW
    _record_limits(world, powered, funded, supplied)
    _set_price(world, imports, capacity)
    _grow_capacity(world, demand, home, access)


def _growth_of_other_buyers(world: World) -> np.ndarray:
    """Orders of other buyers a year, as a share of their stock: (rows, 1); more the faster the market grows.

    The accelerator of investment (Clark 1917). They order less when the market has little room left.
    """
    p = world.p
    growth = np.maximum(p.other_buyers_growth + p.accelerator * world.capital.market_growth, 0.0)
    return growth * market_room(world)


def power_per_chip(world: World) -> np.ndarray:
    """kW of data-centre power for one H100e; falls as chips are made, by the same learning as cost: (rows, 1)."""
    chips, p = world.chips, world.p
    return p.kw_per_h100e * wright_cost(chips.cumulative, world.start["reference_chips_h100e"], p.power_learning)


def _power_fill(world: World, demand: np.ndarray) -> np.ndarray:
    """Share of orders that each nation's power can run, and build-out where it is used up (`evidence: dc_twh_2030`)."""
    nations, p = world.nations, world.p
    gw = power_per_chip(world) * _GW_PER_KW
    if world.month == 0:
        nations.power_used = (nations.imported_stock + nations.domestic_stock) * gw
    staying = nations.power_used * (1.0 - p.compute_retired / 12.0)
    room = np.maximum(nations.power - staying, 0.0) / gw
    utilisation = np.clip(nations.power_used / np.maximum(nations.power, _TINY), 0.0, 1.0)
    left = np.maximum(1.0 - nations.power / np.maximum(p.power_ceiling * nations.power_start, _TINY), 0.0)
    nations.power = nations.power * (1.0 + p.power_buildout / 12.0 * utilisation**2 * left)
    return np.minimum(1.0, room / np.maximum(demand, _TINY))


def _money_fill(world: World, demand: np.ndarray) -> np.ndarray:
    """Share of orders that the builders of data centres in each bloc can pay for: (rows, nations).

    They spend up to a share of the platforms' cash flow and a multiple of AI revenue, more when sentiment is high.
    """
    labs, p = world.labs, world.p
    chinese = world.is_chinese
    income = p.infrastructure_share * labs.parent_cash_flow + p.infrastructure_multiple * labs.revenue
    budgets = np.hstack([row_sum(income * ~chinese), row_sum(income * chinese)])
    sentiment = np.minimum(world.capital.sentiment, p.builders_confidence_max)
    price = world.chips.price * 12.0
    fill = np.minimum(1.0, budgets * sentiment / np.maximum(world.by_bloc(demand) * price, _TINY))
    return fill[:, world.blocs]


def _record_limits(world: World, powered: np.ndarray, funded: np.ndarray, chips_fill: np.ndarray) -> None:
    """Note what held back the frontier labs' growth this month: power, builders' money, or chips."""
    labs, now = world.labs, world.now
    best = largest(labs.capability)
    weight = np.where(labs.active & (labs.capability > best - world.start["past_frontier_growth"]), labs.compute, 0.0)
    weight = world.by_nation(weight)
    weight = weight / np.maximum(row_sum(weight), _TINY)
    least = np.minimum(np.minimum(powered, funded), chips_fill)
    binding = least < 1.0 - _ROUNDING

    def share(fill: np.ndarray) -> np.ndarray:
        return row_sum(weight * (binding & (fill == least)))

    now.short_of_power = share(powered)
    now.short_of_chips = share(chips_fill)
    now.short_of_money = np.maximum(now.short_of_money, share(funded))


def _set_price(world: World, imports: np.ndarray, capacity: np.ndarray) -> None:
    """Price is unit cost, which learning lowers and metals raise, times a margin that scarcity widens."""
    chips, p = world.chips, world.p
    tight = np.log(np.maximum(row_sum(imports), 1.0) / np.maximum(capacity, 1.0))
    chips.scarcity += p.scarcity_smoothing * (np.maximum(tight, -p.deepest_glut) - chips.scarcity)
    if world.month == 0:
        chips.scarcity[:] = 0.0
    chips.cumulative = chips.cumulative + chips.sold
    cost = chips.price_start * wright_cost(chips.cumulative, chips.cumulative_start, p.chip_learning)
    cost = cost * (1.0 + p.metals_share_of_cost * (chips.mineral_price - 1.0))
    chips.price = cost * np.exp(p.scarcity_price * chips.scarcity)
    chips.user_cost += p.contract_turnover * (chips.price * p.annual_cost_of_compute - chips.user_cost)


def _grow_capacity(world: World, demand: np.ndarray, home: np.ndarray, access: np.ndarray) -> None:
    """The world market expands with scarcity, own plants with subsidy after its lag and protected demand (S18, S20)."""
    chips, nations, p = world.chips, world.nations, world.p
    growth = p.capacity_growth + p.capacity_response * np.maximum(chips.scarcity, -p.glut_felt_by_makers)
    chips.capacity = chips.capacity * np.exp(growth / 12.0 * (1.0 - chips.disruption))
    chips.disruption = chips.disruption * (1.0 - p.disruption_recovery)

    # The chips a plant makes improve as the nation learns, and as the world's chips do.
    made_before = nations.learning.copy()
    nations.learning = nations.learning + home
    learnt = np.exp(p.domestic_learning * np.log(nations.learning / made_before))
    protected = np.clip((demand - home) * (1.0 - access) / np.maximum(demand, _TINY), 0.0, 1.0)
    tools = 1.0 - p.tool_controls * (1.0 - access)
    by_demand = 1.0 + (p.domestic_growth + p.protected_growth * protected) / 12.0 * tools
    place = world.month % FAB_LAG_MONTHS
    nations.fab_money = nations.fab_pipeline[:, :, place]
    nations.fab_pipeline[:, :, place] = nations.subsidy / 12.0
    new_plant = (
        nations.fab_money
        * p.capacity_per_subsidy_bn
        * wright_cost(world.start["reference_chips_h100e"], chips.cumulative, p.chip_learning)
    )
    # Who does not command the technology gets less from the same money, and tools are withheld from it too.
    mastery = p.catch_up_yield + (1.0 - p.catch_up_yield) * nations.chip_leverage
    aged = 1.0 - p.fab_retired / 12.0
    nations.domestic_capacity = nations.domestic_capacity * learnt * by_demand * aged + new_plant * mastery * tools
    nations.power = nations.power + nations.fab_money * p.power_per_subsidy_bn
