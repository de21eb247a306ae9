"""Reads the month's outcomes off a run. What they mean stands in `sim/model/outcomes.py`."""

from __future__ import annotations

from math import inf
from typing import Any

from sim.model.agents.treaties import verification
from sim.model.industry import at_frontier, best_capability, world_hostility
from sim.model.institutions.capital import big4_capex
from sim.model.money import Owner
from sim.model.numbers import clip
from sim.model.outcomes import NAMES
from sim.model.rule import codes, rule
from sim.model.state import CHINA, LAB_SLOTS, NATIONS, REGULATORS, SUIT_SLOTS, US, Form

OUTCOME: Any = codes(NAMES)
SMALL_SHARE_OF_REVENUE = 0.01
SMALL_SHARE_OF_LARGEST_COMPUTE = 0.1
_US_RULES, _EU_RULES, _CHINA_RULES = REGULATORS.index("us"), REGULATORS.index("eu"), REGULATORS.index("china")
_TOP = 5  # American labs, by compute, whose defence work is counted


@rule
def lag_of_year(run: Any, given: Any) -> float:
    """Mean of the last twelve months' lags, or of as many as there are: models come out in jumps, and so does a lag."""
    months = min(run.month + 1, 12)
    total = 0.0
    for before in range(months):
        total += lag_months(run, given, run.month - before)
    return total / months


@rule
def lag_months(run: Any, given: Any, month: int) -> float:
    """Months since the leader first matched the follower's best model of today: positive when China lags.

    Before the start the frontier is taken to have grown at the pace on record.
    """
    past, last = run.past.frontier, month + 1
    leader = CHINA if past[last, CHINA] > past[last, US] else US
    level = past[last, 1 - leader]
    # The leader's best never falls, so the first month above the level is found from the end.
    first = last + 1
    while first > 0 and past[first - 1, leader] > level:
        first -= 1
    if first > last:
        return 0.0
    # Part of the step into it, or of the growth before the start.
    if first > 0:
        step = max(past[first, leader] - past[first - 1, leader], 1e-9)
        within = clip((past[first, leader] - level) / step, 0.0, 1.0)
    else:
        within = max(past[0, leader] - level, 0.0) / given.start.past_frontier_growth * 12.0
    lag = last - first + within
    return -lag if leader == CHINA else lag


@rule
def read_off(run: Any, given: Any, out: Any) -> None:
    """Write this month's outcomes into `out` (outcomes,), in the order of `OUTCOMES`."""
    _leaders(run, given, out)
    _money(run, given, out)
    _quarrels_and_harm(run, out)
    _rules_and_nations(run, given, out)


@rule
def _leaders(run: Any, given: Any, out: Any) -> None:
    labs = run.labs
    leader, seller, biggest, compute = 0, 0, 0, 0.0
    for lab in range(LAB_SLOTS):
        leader = lab if labs.capability[lab] > labs.capability[leader] else leader
        seller = lab if labs.revenue[lab] > labs.revenue[seller] else seller
        biggest = lab if labs.largest_run[lab] > labs.largest_run[biggest] else biggest
        compute = max(compute, labs.compute[lab])
    best, first = best_capability(run), labs.revenue[seller]
    frontier = active = small = 0
    in_business = following = decided = at_work = by_mission = by_state = concentration = second = largest_share = 0.0
    for lab in range(LAB_SLOTS):
        concentration += labs.share[lab] * labs.share[lab]
        largest_share = max(largest_share, labs.share[lab])
        if lab != seller:
            second = max(second, labs.revenue[lab])
        if labs.active[lab]:
            active += 1
            in_business += labs.compute[lab]
            following += labs.compute[lab] * labs.followed[lab]
            decided += labs.compute[lab] * labs.decided_by_others[lab]
            little = (labs.share[lab] < SMALL_SHARE_OF_REVENUE
                      and labs.compute[lab] < SMALL_SHARE_OF_LARGEST_COMPUTE * compute)
            small += little and labs.form[lab] != Form.DIVISION
        if at_frontier(run, given, lab, best):
            frontier += 1
            at_work += labs.compute[lab]
            by_mission += labs.compute[lab] if labs.form[lab] <= Form.CAPPED_PROFIT else 0.0
            by_state += labs.compute[lab] * labs.licensed[lab]
    at_work = max(at_work, 1e-9)
    out[OUTCOME.us_china_lag_months] = lag_months(run, given, run.month)
    out[OUTCOME.us_china_lag_year_months] = lag_of_year(run, given)
    out[OUTCOME.us_china_gap_log10] = run.nations.frontier[US] - run.nations.frontier[CHINA]
    out[OUTCOME.labs_following] = following / max(in_business, 1e-9)
    out[OUTCOME.releases_decided_by_others] = decided / max(in_business, 1e-9)
    out[OUTCOME.frontier_log10_flop] = best
    out[OUTCOME.largest_run_log10_flop] = labs.largest_run[biggest]
    out[OUTCOME.largest_run_cost_usd_mn] = labs.largest_run_cost[biggest]
    out[OUTCOME.leader_revenue_usd_bn] = first
    out[OUTCOME.challenger_to_leader_revenue] = second / max(first, 1e-9)
    out[OUTCOME.market_hhi] = concentration
    out[OUTCOME.leader_share] = largest_share
    out[OUTCOME.frontier_labs] = frontier
    out[OUTCOME.active_labs] = active
    out[OUTCOME.small_labs] = small
    out[OUTCOME.mission_controlled_share] = by_mission / at_work
    out[OUTCOME.state_control] = by_state / at_work
    out[OUTCOME.safety_effort] = labs.safety[leader]
    out[OUTCOME.price_fixed_capability_index] = run.customers.fixed_price
    out[OUTCOME.adoption] = run.customers.adoption
    out[OUTCOME.user_gain_us_usd_bn] = run.customers.user_gain[US]
    out[OUTCOME.user_gain_china_usd_bn] = run.customers.user_gain[CHINA]
    out[OUTCOME.taxes_us_usd_bn] = given.p.tax_share_of_revenue * _sales_of(run, US)
    out[OUTCOME.taxes_china_usd_bn] = given.p.tax_share_of_revenue * _sales_of(run, CHINA)


@rule
def _sales_of(run: Any, nation: int) -> float:
    """Revenue of the labs at home in a nation, USD bn a year."""
    sales = 0.0
    for lab in range(LAB_SLOTS):
        sales += run.labs.revenue[lab] if run.labs.nation[lab] == nation else 0.0
    return sales


@rule
def _money(run: Any, given: Any, out: Any) -> None:
    labs, now, chips = run.labs, run.now, run.chips
    dearest, raised = 0, 0.0
    for lab in range(LAB_SLOTS):
        dearest = lab if labs.valuation[lab] > labs.valuation[dearest] else dearest
        raised = max(raised, labs.raised[lab])
    out[OUTCOME.capital_raised_usd_bn] = now.capital_raised
    out[OUTCOME.capital_raised_china_usd_bn] = now.raised_in_china
    out[OUTCOME.lobbying_usd_mn] = 1e3 * now.lobbying
    out[OUTCOME.largest_round_usd_bn] = now.largest_round
    out[OUTCOME.leader_valuation_usd_bn] = labs.valuation[dearest]
    out[OUTCOME.founders_stake] = labs.owned[dearest, Owner.founders]
    out[OUTCOME.top_lab_capital_usd_bn] = raised
    out[OUTCOME.big4_capex_usd_bn] = big4_capex(run, given)
    out[OUTCOME.compliance_cost_usd_bn] = now.compliance_cost
    out[OUTCOME.legal_cost_usd_bn] = now.legal_cost
    out[OUTCOME.chip_price_index] = chips.price / chips.price_start
    out[OUTCOME.china_compute_premium] = chips.premium[CHINA]
    out[OUTCOME.mineral_price_index] = chips.mineral_price
    out[OUTCOME.short_of_money] = now.short_of_money
    out[OUTCOME.short_of_power] = now.short_of_power
    out[OUTCOME.short_of_chips] = now.short_of_chips
    out[OUTCOME.short_of_customers] = now.short_of_customers


@rule
def _quarrels_and_harm(run: Any, out: Any) -> None:
    now, pending = run.now, 0
    for suit in range(SUIT_SLOTS):
        pending += run.docket.active[suit]
    out[OUTCOME.conversions] = now.conversions
    out[OUTCOME.founder_departures] = now.departures
    out[OUTCOME.spin_offs] = now.spin_offs
    out[OUTCOME.suits_open] = pending
    out[OUTCOME.suits_filed] = now.suits_filed
    out[OUTCOME.injunctions] = now.injunctions
    out[OUTCOME.incidents_reported] = now.incidents
    out[OUTCOME.severe_incident_hazard] = now.severe_hazard
    out[OUTCOME.severe_incidents] = now.severe_incidents


@rule
def _rules_and_nations(run: Any, given: Any, out: Any) -> None:
    regulators, nations = run.regulators, run.nations
    softer = harder = traded = stock = sold = 0.0
    for regulator in range(len(REGULATORS)):
        softer += max(-regulators.captured[regulator], 0.0)
        harder += max(regulators.captured[regulator], 0.0)
    for nation in range(len(NATIONS)):
        traded += nations.imported_stock[nation]
        stock += nations.imported_stock[nation] + nations.domestic_stock[nation]
        sold += nations.imported[nation] + nations.domestic_made[nation]
    out[OUTCOME.strictness_us] = regulators.strictness[_US_RULES]
    out[OUTCOME.strictness_eu] = regulators.strictness[_EU_RULES]
    out[OUTCOME.strictness_china] = regulators.strictness[_CHINA_RULES]
    out[OUTCOME.capture_softens] = softer / len(REGULATORS)
    out[OUTCOME.capture_hardens] = harder / len(REGULATORS)
    out[OUTCOME.export_control] = nations.export_control[US]
    out[OUTCOME.retaliation] = nations.mineral_ban[CHINA]
    out[OUTCOME.chip_stock_h100e] = stock
    out[OUTCOME.chip_sales_usd_bn] = sold * run.chips.price * 12.0
    out[OUTCOME.china_chip_share] = (nations.imported_stock[CHINA] + nations.domestic_stock[CHINA]) / stock
    out[OUTCOME.china_traded_chip_share] = nations.imported_stock[CHINA] / traded
    out[OUTCOME.china_domestic_chip_share] = _own_share(run, CHINA)
    out[OUTCOME.us_domestic_chip_share] = _own_share(run, US)
    out[OUTCOME.hostility] = world_hostility(run)
    out[OUTCOME.trust] = 0.5 * (nations.trust[US] + nations.trust[CHINA])
    out[OUTCOME.treaty_in_force] = nations.treaty[US]
    out[OUTCOME.imports_refused] = nations.imports_refused[CHINA]
    out[OUTCOME.us_revenue_share] = nations.revenue_share[US]
    out[OUTCOME.us_military_weight] = nations.military_weight[US]
    out[OUTCOME.treaty_verification] = min(verification(run, given, US), verification(run, given, CHINA))
    out[OUTCOME.defence_labs_share] = _share_that_arms(run)


@rule
def _own_share(run: Any, nation: int) -> float:
    """Share of a nation's new chips that its own plants made."""
    made = run.nations.domestic_made[nation]
    return made / max(made + run.nations.imported[nation], 1e-9)


@rule
def _share_that_arms(run: Any) -> float:
    """Share of the American labs with most compute that do defence work."""
    labs, least = run.labs, inf
    for _ in range(_TOP):
        largest = -1.0
        for lab in range(LAB_SLOTS):
            if labs.active[lab] and labs.nation[lab] == US and labs.compute[lab] < least:
                largest = max(largest, labs.compute[lab])
        least = largest
    top = armed = 0
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and labs.nation[lab] == US and labs.compute[lab] >= least:
            top += 1
            armed += labs.defence[lab]
    return armed / max(top, 1)
