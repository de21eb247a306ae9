"""Chip plants: makers' investment with its time to build, and nations' own plants."""

from __future__ import annotations

from typing import Any

from sim.model.elementary import exp
from sim.model.institutions.chips import bloc_leverage, denied, withheld, wright_cost
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import FAB_LAG_MONTHS, NATIONS, PLANT_LAG_MONTHS

_TINY = 1e-9  # keeps quotients finite


@rule
def expansion_wanted(
    progress: float, follow: float, growth: float, response: float, margin: float, shed: float
) -> float:
    """Growth of capacity that makers decide on, log a year: chips get better, orders grow, and margins beckon.

    `progress` comes with better chips from the same plant; plant follows a part `follow` of the market's expected
    growth (Clark 1917, the accelerator) and answers the margin over the usual price by `response`. Plant is shed no
    faster than by `shed`. It takes `PLANT_LAG_MONTHS` until it is capacity (Kydland and Prescott 1982, time to
    build), so that booms leave gluts (Kalouptsidi 2014).
    """
    return progress + max(follow * growth + response * margin, -shed)


@rule
def expand(run: Any, given: Any) -> None:
    """What makers decided a year ago becomes capacity, at home and abroad, and they decide anew (S18, S20)."""
    chips, p = run.chips, given.p
    place = run.month % PLANT_LAG_MONTHS
    ripe = chips.expansion[place]
    chips.capacity *= exp(ripe / 12.0 * (1.0 - chips.disruption))
    _grow_own_plants(run, given, ripe)
    chips.expansion[place] = expansion_wanted(
        p.chip_progress, p.makers_follow, run.capital.market_growth, p.capacity_response, chips.margin_seen,
        p.lines_given_up)
    chips.disruption *= 1.0 - p.disruption_recovery


@rule
def _grow_own_plants(run: Any, given: Any, ripe: float) -> None:
    """A nation's own plants grow with the world market, by `ripe`, with protected demand, and with subsidy (S18).

    Chips get better everywhere. Who commands the technology shares in the world's expansion; who does not sells at home
    what others do not deliver: as far as demand is shut out from the world market, own makers expand for it, whatever
    margins abroad. Subsidy is capacity after its lag.
    """
    chips, nations, p = run.chips, run.nations, given.p
    place = run.month % FAB_LAG_MONTHS
    by_learning = wright_cost(given.start.reference_chips_h100e, chips.cumulative, p.chip_learning)
    for nation in range(len(NATIONS)):
        ordered = max(nations.ordered[nation], _TINY)
        kept_out = (nations.ordered[nation] - nations.domestic_made[nation]) * withheld(run, given, nation)
        protected = clip(kept_out / ordered, 0.0, 1.0)
        tools = 1.0 - p.tool_controls * denied(run, given, nation)
        # Who does not command the technology gets less from the same money, and tools are withheld from it too.
        mastery = p.catch_up_yield + (1.0 - p.catch_up_yield) * bloc_leverage(run, given, given.start.blocs[nation])
        plant = (1.0 - protected) * (ripe - p.chip_progress) * mastery + protected * p.protected_growth
        nations.fab_money[nation] = nations.fab_pipeline[nation, place]
        nations.fab_pipeline[nation, place] = nations.subsidy[nation] / 12.0
        new_plant = nations.fab_money[nation] * p.capacity_per_subsidy_bn * by_learning
        grown = exp((p.chip_progress * tools + (plant * tools if plant > 0.0 else plant)) / 12.0)
        nations.domestic_capacity[nation] = nations.domestic_capacity[nation] * grown + new_plant * mastery * tools
        nations.power[nation] += nations.fab_money[nation] * p.power_per_subsidy_bn
