"""Chips, power and metals: who may buy, at what price, and who gets how much."""

from __future__ import annotations

from typing import Any

from sim.model.asked import FORESEEN
from sim.model.elementary import exp, log
from sim.model.industry import at_frontier, best_capability, bloc_of, growth_in_sight
from sim.model.numbers import clip
from sim.model.policies import brought_forward
from sim.model.rule import rule, zeros
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, NATIONS, Form

_NATIONS = len(NATIONS)
_CONTROLS = FORESEEN.index("trade.chip_controls")
_TINY = 1e-9  # keeps quotients finite
_ROUNDING = 1e-3  # a fill this close to 1 holds nothing back
_GW_PER_KW = 1e-6
_MOST_MARGIN = 3.0  # a price twenty times the usual one ends any search
_MOST_SCARCE = 10.0  # times as many orders as can be filled: beyond it a premium rises no more
_MOST_STEPS, _CLEARED = 60, 1e-10  # of that search; orders met to this share of the supply


@rule
def wright_cost(cumulative: float, start: float, exponent: float) -> float:
    """Unit cost relative to the start after `cumulative` units: (cumulative/start)^-exponent. Source: Wright (1936)."""
    return exp(-exponent * log(cumulative / start))


@rule
def ration(wanted: float, supply: float) -> float:
    """Share of what is wanted that `supply` can fill, at most 1."""
    return min(1.0, supply / max(wanted, _TINY))


@rule
def market_clearing_price(usual: float, orders: float, supply: float, elasticity: float) -> float:
    """Price at which `orders`, stated at the price `usual`, shrink to `supply`.

    usual (orders / supply)^(1 / elasticity).
    Orders answer the price by a constant elasticity; who pays the price gets what he orders at it, the others do not
    order. A uniform price of this kind shares a scarce good by what buyers would pay.
    """
    return usual * exp(log(orders / supply) / elasticity)


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
    """Fill the labs' orders `wanted` (labs,), H100e, from own plants first, then the world market, at one price.

    The price and builders' money cut the orders of each bloc, and no nation orders more than its power can run, until
    what is left is what there is. Other buyers (clouds, firms) order more than they planned where the price is below
    the usual one; labs do not. Where controls keep chips from a bloc, or power keeps it from running them, what compute
    costs there rises above what chips cost the world (`premium`), until what is there goes to who pays.
    """
    nations, chips, p = run.nations, run.chips, given.p
    by_labs, by_others, room = zeros(_NATIONS), zeros(_NATIONS), zeros(_NATIONS)
    _order(run, given, wanted, by_labs, by_others)
    _power(run, given, room)
    powered, access = zeros(_NATIONS), zeros(_NATIONS)
    money, budget = zeros(BLOCS), zeros(BLOCS)
    for nation in range(_NATIONS):
        access[nation] = 1.0 - withheld(run, given, nation)
    _builders_money(run, given, budget)
    metals = 1.0 - p.mineral_drag * (mineral_shortage(run) - chips.shortage_start)
    supply = chips.capacity * (1.0 - chips.disruption) * metals
    _clear(run, given, (by_labs, by_others, room, access), budget, supply, money)
    labs_fill, keep = zeros(_NATIONS), 1.0 - p.compute_retired / 12.0
    gw, cheap = power_per_chip(run, given) * _GW_PER_KW, exp(-p.chip_price_elasticity * chips.margin)
    chips.sold = 0.0
    to_be_had, ordered = zeros(BLOCS), zeros(BLOCS)
    for nation in range(_NATIONS):
        bloc = given.start.blocs[nation]
        free = _order_at(by_labs[nation], by_others[nation], cheap)
        powered[nation] = ration(free, room[nation])
        order = free * powered[nation] * money[bloc]
        home = min(nations.domestic_capacity[nation], order)
        nations.ordered[nation], nations.domestic_made[nation] = order, home
        nations.imported[nation] = (order - home) * access[nation]
        new = home + nations.imported[nation]
        chips.sold += new
        to_be_had[bloc] += new
        ordered[bloc] += free * money[bloc]
        labs_fill[nation] = money[bloc] * min(cheap, 1.0) * (new / order if order > 0.0 else 1.0)
        nations.imported_stock[nation] = nations.imported_stock[nation] * keep + nations.imported[nation]
        nations.domestic_stock[nation] = nations.domestic_stock[nation] * keep + home
        nations.power_used[nation] = nations.power_used[nation] * keep + new * gw
    for bloc in range(BLOCS):
        dearer = 1.0
        if 0.0 < to_be_had[bloc] < ordered[bloc]:
            scarce = min(ordered[bloc], to_be_had[bloc] * _MOST_SCARCE)
            dearer = market_clearing_price(1.0, scarce, to_be_had[bloc], p.chip_price_elasticity)
        if run.month == 0:
            chips.premium[bloc] = dearer
        chips.premium[bloc] += p.contract_turnover * (dearer - chips.premium[bloc])
    _deliver(run, given, wanted, powered, labs_fill)
    _record_limits(run, given, powered, money, labs_fill)
    _move_price(run, given)


@rule
def _order(run: Any, given: Any, wanted: Any, by_labs: Any, by_others: Any) -> None:
    """Orders of each nation's labs and of its other buyers at the usual price, H100e, into arrays (nations,).

    Other buyers replace what is retired, and keep their compute in step with the market as they see it grow: the
    accelerator of investment (Clark 1917).
    """
    nations, labs, p = run.nations, run.labs, given.p
    of_labs = zeros(_NATIONS)
    for lab in range(LAB_SLOTS):
        of_labs[labs.nation[lab]] += labs.compute[lab]
        by_labs[labs.nation[lab]] += max(wanted[lab], 0.0)
    growth = p.compute_retired + p.accelerator * growth_in_sight(run, given, 1.0)
    for nation in range(_NATIONS):
        elsewhere = nations.imported_stock[nation] + nations.domestic_stock[nation] - of_labs[nation]
        by_others[nation] = max(growth, 0.0) / 12.0 * max(elsewhere, 0.0) * _before_controls(run, given, nation)


@rule
def _before_controls(run: Any, given: Any, nation: int) -> float:
    """How much more other buyers order, as a factor, while stricter chip controls on them are announced.

    Of a year's orders, those that controls as strict as announced would refuse (`evidence: litho_imports_2023-07`).
    """
    left = run.announced.months[_CONTROLS]
    if left < 0.0 or nation > CHINA:
        return 1.0
    strict, lost, rival = min(run.announced.value[_CONTROLS], 1.0), 0.0, 1 - nation
    for other in range(_NATIONS):
        if given.start.blocs[other] == rival:
            more = max(strict - run.nations.export_control[other], 0.0)
            lost += more * run.nations.chip_leverage[other]
    lost *= 1.0 - given.p.leak_without_enforcement * (1.0 - given.policy.trade.enforcement)
    return 1.0 + lost * (brought_forward(given, 12.0, left) - 1.0)


@rule
def _order_at(by_labs: float, by_others: float, cheap: float) -> float:
    """Orders at a price, of those at the usual one: `cheap` is what a lower price multiplies orders by."""
    return by_labs * min(cheap, 1.0) + by_others * cheap


@rule
def usual_price(run: Any, given: Any) -> float:
    """What one H100e costs with makers' usual margin, USD bn: learning lowers it, metals raise it."""
    chips, p = run.chips, given.p
    learnt = wright_cost(chips.cumulative, chips.cumulative_start, p.chip_learning)
    return chips.usual_start * learnt * (1.0 + p.metals_share_of_cost * (chips.mineral_price - 1.0))


@rule
def _clear(run: Any, given: Any, orders: Any, budget: Any, supply: float, money: Any) -> None:
    """Find the margin at which orders on the world market are what can be supplied: into `chips.margin` and `.price`.

    Where even the lowest price leaves chips over, makers rather leave plants idle than sell below it. `money` (blocs,)
    gets the share of orders at that price which builders can pay. The first month's price is the one on record, and
    what is usual follows from it.
    """
    chips, p, first = run.chips, given.p, run.month == 0
    usual = 0.0 if first else usual_price(run, given)
    low, high = -p.deepest_glut, _MOST_MARGIN
    at_low = _excess(run, given, orders, budget, supply, usual, low, money)
    margin = low
    if at_low > 0.0:
        at_high = _excess(run, given, orders, budget, supply, usual, high, money)
        if at_high > 0.0:
            margin = high
        else:
            margin = _root(run, given, orders, budget, supply, usual, low, high, at_low, at_high, money)
    if first:
        chips.usual_start = chips.price_start * exp(-margin)
        chips.margin_seen = margin
        usual = chips.usual_start
    chips.margin, chips.price = margin, usual * exp(margin)


@rule
def _root(
    run: Any, given: Any, orders: Any, budget: Any, supply: float, usual: float, low: float, high: float, at_low: float,
    at_high: float, money: Any
) -> float:
    """The margin between `low` and `high` at which the excess of orders is nil: false position, Illinois variant."""
    side, middle = 0, low
    for _ in range(_MOST_STEPS):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        at_middle = _excess(run, given, orders, budget, supply, usual, middle, money)
        if abs(at_middle) <= _CLEARED * supply:
            return middle
        if at_middle > 0.0:
            low, at_low = middle, at_middle
            at_high *= 0.5 if side > 0 else 1.0
            side = 1
        else:
            high, at_high = middle, at_middle
            at_low *= 0.5 if side < 0 else 1.0
            side = -1
    return middle


@rule
def _excess(
    run: Any, given: Any, orders: Any, budget: Any, supply: float, usual: float, margin: float, money: Any
) -> float:
    """Orders on the world market less `supply`, H100e, at a margin over the usual price; falls with the margin.

    `orders` are those of labs and of others, room in power, and access to the market, each (nations,).
    """
    by_labs, by_others, room, access = orders
    nations = run.nations
    cheap = exp(-given.p.chip_price_elasticity * margin)
    price = run.chips.price_start if run.month == 0 else usual * exp(margin)
    for bloc in range(BLOCS):
        money[bloc] = 0.0
    for nation in range(_NATIONS):
        order = min(_order_at(by_labs[nation], by_others[nation], cheap), room[nation])
        money[given.start.blocs[nation]] += price * order
    for bloc in range(BLOCS):
        money[bloc] = min(1.0, budget[bloc] / max(money[bloc], _TINY))
    excess = -supply
    for nation in range(_NATIONS):
        order = min(_order_at(by_labs[nation], by_others[nation], cheap), room[nation])
        order *= money[given.start.blocs[nation]]
        excess += max(order - nations.domestic_capacity[nation], 0.0) * access[nation]
    return excess


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
def _power(run: Any, given: Any, room: Any) -> None:
    """H100e that each nation's power can run beside those that stay, into `room` (nations,).

    Power is built ahead of need: it is to grow with the market in sight, and to where so much of it is used as usual;
    no faster than plants and lines can be built, and less the nearer it comes to what a nation can reach
    (`evidence: dc_twh_2030`).
    """
    nations, p = run.nations, given.p
    gw, growth = power_per_chip(run, given) * _GW_PER_KW, growth_in_sight(run, given, 1.0)
    for nation in range(_NATIONS):
        if run.month == 0:
            nations.power_used[nation] = (nations.imported_stock[nation] + nations.domestic_stock[nation]) * gw
        staying = nations.power_used[nation] * (1.0 - p.compute_retired / 12.0)
        room[nation] = max(nations.power[nation] - staying, 0.0) / gw
        utilisation = clip(nations.power_used[nation] / max(nations.power[nation], _TINY), 0.0, 1.0)
        left = max(1.0 - nations.power[nation] / max(p.power_ceiling * nations.power_reference[nation], _TINY), 0.0)
        wanted = growth + log(max(utilisation, _TINY) / p.power_used_share)
        nations.power[nation] *= 1.0 + clip(wanted, 0.0, p.power_buildout) / 12.0 * left


@rule
def _builders_money(run: Any, given: Any, budget: Any) -> None:
    """What the builders of each bloc's data centres can spend this month, USD bn, into `budget` (blocs,).

    Platforms put in a share of their cash flow; lenders a multiple of the rent that labs can pay for a year, from
    sales and from what investors gave them. Both give less when confidence is low.
    """
    labs, p = run.labs, given.p
    confidence = min(run.capital.sentiment, p.builders_confidence_max)
    for lab in range(LAB_SLOTS):
        rent = labs.revenue[lab]
        if labs.form[lab] != Form.DIVISION:
            rent += max(labs.cash[lab], 0.0) * (12.0 / p.runway_months)
        means = p.infrastructure_share * labs.parent_cash_flow[lab] + p.infrastructure_multiple * rent
        budget[bloc_of(run, given, lab)] += means * confidence / 12.0


@rule
def _deliver(run: Any, given: Any, wanted: Any, powered: Any, labs_fill: Any) -> None:
    """Labs get their share of what their nation gets, retire what is old, and give up what they cannot pay for."""
    labs, p = run.labs, given.p
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.compute[lab] = 0.0
            continue
        nation = labs.nation[lab]
        delivered = max(wanted[lab], 0.0) * powered[nation] * labs_fill[nation]
        retired = labs.compute[lab] * (p.compute_retired / 12.0)
        labs.compute[lab] = max(labs.compute[lab] - retired + delivered + min(wanted[lab], 0.0), 0.0)


@rule
def _record_limits(run: Any, given: Any, powered: Any, money: Any, labs_fill: Any) -> None:
    """Note what held back the frontier labs' growth this month: power, builders' money, or chips."""
    labs, now = run.labs, run.now
    best = best_capability(run)
    total = by_power = by_chips = by_money = 0.0
    for lab in range(LAB_SLOTS):
        if at_frontier(run, given, lab, best):
            nation, weight = labs.nation[lab], labs.compute[lab]
            total += weight
            paid = money[given.start.blocs[nation]]
            supplied = labs_fill[nation] / max(paid, _TINY)
            least = min(min(powered[nation], paid), supplied)
            if least < 1.0 - _ROUNDING:
                by_power += weight * (powered[nation] == least)
                by_chips += weight * (supplied == least)
                by_money += weight * (paid == least)
    total = max(total, _TINY)
    now.short_of_power, now.short_of_chips = by_power / total, by_chips / total
    now.short_of_money = max(now.short_of_money, by_money / total)


@rule
def _move_price(run: Any, given: Any) -> None:
    """What is made teaches makers and what labs pay follows the price, as their contracts are renewed."""
    chips, p = run.chips, given.p
    chips.cumulative += chips.sold
    chips.margin_seen += p.scarcity_smoothing * (chips.margin - chips.margin_seen)
    chips.user_cost += p.contract_turnover * (chips.price * p.annual_cost_of_compute - chips.user_cost)
