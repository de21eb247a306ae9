"""How large, how tense and how far ahead the industry is: what rules of many kinds look at."""

from __future__ import annotations

from typing import Any

from sim.model.elementary import exp, log
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import CHINA, LAB_SLOTS, US

_TINY = 1e-9  # keeps logarithms finite
_PACE_MONTHS = 24  # over which progress of the frontier is judged


@rule
def best_capability(run: Any) -> float:
    """Capability of the best model of any lab, log10 FLOP."""
    best = run.labs.capability[0]
    for lab in range(1, LAB_SLOTS):
        best = max(best, run.labs.capability[lab])
    return best


@rule
def bloc_of(run: Any, given: Any, lab: int) -> int:
    """A lab's bloc: 0 led by the US, 1 by China."""
    return given.start.blocs[run.labs.nation[lab]]


@rule
def at_frontier(run: Any, given: Any, lab: int, best: float) -> bool:
    """Whether a lab's best model is within twelve months of the best of all."""
    return run.labs.active[lab] > 0 and run.labs.capability[lab] > best - given.start.past_frontier_growth


@rule
def world_hostility(run: Any) -> float:
    """Mean hostility of the two powers."""
    return 0.5 * (run.nations.hostility[US] + run.nations.hostility[CHINA])


@rule
def market_in_sight(run: Any, given: Any) -> float:
    """What labs and investors reckon with, USD bn a year: revenue, and part of what models could earn."""
    return run.customers.revenue + given.p.foresight * run.customers.potential


@rule
def industry_scale(run: Any, given: Any, elasticity: float) -> float:
    """What grows with the market in sight, relative to January 2025, for which parameters are stated."""
    size = max(market_in_sight(run, given), 1e-12) / given.start.reference_market_usd_bn
    return exp(elasticity * log(size))


@rule
def potential_market(capability: float, ceiling: float, midpoint: float, slope: float) -> float:
    """USD bn a year that a model of this capability (log10 FLOP) could earn: logistic, up to `ceiling`."""
    return ceiling / (1.0 + exp(-slope * (capability - midpoint)))


@rule
def frontier_pace(run: Any, given: Any) -> float:
    """How fast the best model of all has grown over two years, log10 FLOP a year; before the start, as on record."""
    months = min(run.month, _PACE_MONTHS)
    before = max(run.past.frontier[run.month - months, US], run.past.frontier[run.month - months, CHINA])
    unseen = given.start.past_frontier_growth * (_PACE_MONTHS - months) / 12.0
    return (best_capability(run) - before + unseen) / (_PACE_MONTHS / 12.0)


@rule
def growth_in_sight(run: Any, given: Any, years: float) -> float:
    """Growth of the market over some years as labs, builders and investors foresee it, in logs.

    Sales grow as they are seen to, which fades as it does for software firms; what models could earn grows as the
    frontier has moved. Both end where the market is full. All plans for costs, sales and capacity rest on it.
    """
    p = given.p
    lasting = (1.0 - exp(-p.growth_fades * years)) / p.growth_fades
    sales = run.customers.revenue * exp(run.capital.market_growth * lasting * market_room(run, given))
    capability = best_capability(run) + frontier_pace(run, given) * years
    could_earn = potential_market(capability, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    return log(max(sales + p.foresight * could_earn, _TINY) / max(market_in_sight(run, given), _TINY))


@rule
def best_time_to_sell(pace: float, asked: float, slope: float, below_midpoint: float) -> float:
    """Years after which owners of a market that is still to come sell, when its discounted worth is greatest.

    The market is logistic in capability, with `slope` per order, and capability, now `below_midpoint` orders below the
    curve's midpoint, grows by `pace` a year: it grows by slope pace (1 - share of the ceiling), which has fallen to the
    return `asked` where that share is 1 - asked / (slope pace). Nil where it grows by less already.
    """
    fastest = slope * pace
    if fastest <= asked:
        return 0.0
    share = 1.0 - asked / fastest
    return max((below_midpoint + log(share / (1.0 - share)) / slope) / pace, 0.0)


@rule
def worth_of_sales(run: Any, given: Any) -> float:
    """What a dollar of yearly sales in today's market is worth to investors, in dollars.

    What the market has grown to by the time they sell, priced as sales of a mature firm, discounted by the return that
    they ask for, and as confident as they are: expected-value pricing, as venture funds do it (Metrick and Yasuda
    2010). Investors sell when it pays most: after the usual years or, where all is still to come, at the best time
    within their patience.
    """
    p = given.p
    soon = growth_in_sight(run, given, p.exit_years) - p.required_return * p.exit_years
    pace = max(frontier_pace(run, given), _TINY)
    years = best_time_to_sell(pace, p.required_return, p.market_slope, p.market_midpoint - best_capability(run))
    years = min(max(years, p.exit_years), p.patient_years)
    late = growth_in_sight(run, given, years) - p.required_return * years
    return p.mature_multiple * exp(max(soon, late)) * run.capital.sentiment


@rule
def cost_of_use(run: Any, given: Any, lab: int) -> float:
    """What the use of one H100e costs in a lab's bloc, USD bn a year, before any patron's credits."""
    return run.chips.user_cost * run.chips.premium[bloc_of(run, given, lab)]


@rule
def market_room(run: Any, given: Any) -> float:
    """Share of the largest possible market that is still to win."""
    return clip(1.0 - run.customers.revenue / given.p.market_ceiling_usd_bn, 0.0, 1.0)


@rule
def size_of(run: Any, lab: int) -> float:
    """A lab's size, USD bn a month: what it sells and what its compute costs."""
    return run.labs.revenue[lab] / 12.0 + run.labs.compute[lab] * run.chips.user_cost / 12.0
