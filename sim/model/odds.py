"""From odds to a hazard: experts give the odds of an event by a date, rules ask for its rate."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, log1p

from scipy.optimize import brentq

LEAST, MOST = 1e-9, 0.01
"""Hazards that are tried, per lab and month: from one that nobody would notice to one that a scenario may just hold."""
_CLOSE = 0.005  # of the hazard's log: half a percent
_NEVER = 1e-12  # a chance so near to 0 or to 1 that its log is not asked for


class UnreachableOddsError(ValueError):
    """Odds that no hazard gives."""


def hazard_at(chance: Callable[[float], float], odds: float, close: float = _CLOSE, most: float = MOST,
              known: dict[float, float] | None = None) -> float:
    """The hazard, per lab and month, at which `chance(hazard)` is `odds`; `close` is in logs.

    `chance` must rise with the hazard. `known` holds chances by hazard that need not be asked for again, and is added
    to. Raises UnreachableOddsError where no hazard from `LEAST` to `most` gives the odds.
    """
    known = {} if known is None else known

    def told(hazard: float) -> float:
        if hazard not in known:
            known[hazard] = chance(hazard)
        return known[hazard]

    if not told(LEAST) <= odds <= told(most):
        raise UnreachableOddsError(f"no hazard gives odds of {odds:g}: from {LEAST:g} to {most:g} per lab and month "
                                   f"the chance goes from {told(LEAST):.2g} to {told(most):.3g}")
    low = max(hazard for hazard, value in known.items() if value <= odds)
    high = min(hazard for hazard, value in known.items() if value >= odds)
    if low >= high:
        return high
    ends = {log(low): low, log(high): high}
    # The log of what a chance adds up to is nearly straight in the log of the hazard, and exactly if care never moved.
    return exp(float(brentq(lambda place: _added_up(told(ends.get(place, exp(place)))) - _added_up(odds), *ends,
                            xtol=close)))


def _added_up(chance: float) -> float:
    """Log of the rate that adds up to a chance."""
    return log(-log1p(-min(max(chance, _NEVER), 1.0 - _NEVER)))
