"""The hazard that goes with elicited odds, played by the simulator's rule and in closed form (V18).

Kaplan and Garrick (1981) tell what is believed of a rare event as a frequency. Odds of at least one event by a date
fix that frequency once it is said how the rate moves meanwhile: with a rate h r^t in month t, r = 10^(growth x orders
a month), the odds after T months are 1 - exp(-h c (r^T - 1)/(r - 1)), where c = exp(-prevented x care).
"""

from __future__ import annotations

from math import exp, expm1, log, log1p

from sim.common.arguments import number, takes, whole
from sim.model.institutions.customers import chance_of_incident, severe_rate
from sim.model.odds import LEAST, hazard_at
from sim.model.published import Estimate

_EXACT = 1e-12
_PATH = {"months": whole(1, 1200), "orders_a_year": number(0.0, 5.0), "growth": number(0.0, 2.0),
         "prevented": number(0.0, 10.0), "care": number(0.0, 1.0)}
_MOST = 1.0  # a month: as good as certain
_HAZARD = number(LEAST, _MOST)
_ODDS = number(above=0.0, below=1.0)


@takes(hazard=_HAZARD, **_PATH)
def odds_of_incident(hazard: float, months: int, orders_a_year: float = 1.0, growth: float = 0.22,
                     prevented: float = 2.5, care: float = 0.5) -> Estimate:
    """Chance of at least one severe incident with one model in so many months, month by month as the simulator has it.

    `hazard` per month at the reference capability without care; capability grows by `orders_a_year` of effective FLOP.
    """
    none = 1.0
    for month in range(months):
        none *= 1.0 - chance_of_incident(severe_rate(hazard, growth, orders_a_year * month / 12.0, prevented, care))
    return Estimate(1.0 - none)


@takes(hazard=_HAZARD, **_PATH)
def odds_closed_form(hazard: float, months: int, orders_a_year: float = 1.0, growth: float = 0.22,
                     prevented: float = 2.5, care: float = 0.5) -> float:
    """1 - exp(-hazard x exposure)."""
    return -expm1(-hazard * _exposure(months, orders_a_year, growth, prevented, care))


@takes(odds=_ODDS, **_PATH)
def elicited_hazard(odds: float, months: int, orders_a_year: float = 1.0, growth: float = 0.22,
                    prevented: float = 2.5, care: float = 0.5) -> Estimate:
    """The hazard at which `odds_of_incident` gives these odds, found as `airace elicit` finds it.

    Raises UnreachableOddsError where no hazard that is tried gives them.
    """
    def chance(hazard: float) -> float:
        return float(odds_of_incident(hazard, months, orders_a_year, growth, prevented, care).value)

    return Estimate(hazard_at(chance, odds, _EXACT, _MOST))


@takes(odds=_ODDS, **_PATH)
def elicited_closed_form(odds: float, months: int, orders_a_year: float = 1.0, growth: float = 0.22,
                         prevented: float = 2.5, care: float = 0.5) -> float:
    """-log(1 - odds) / exposure."""
    return -log1p(-odds) / _exposure(months, orders_a_year, growth, prevented, care)


def _exposure(months: int, orders_a_year: float, growth: float, prevented: float, care: float) -> float:
    """Months, each weighted by what its capability and care make of the hazard: a geometric sum."""
    monthly = growth * log(10.0) * orders_a_year / 12.0
    together = months if monthly == 0.0 else expm1(monthly * months) / expm1(monthly)
    return together * exp(-prevented * care)
