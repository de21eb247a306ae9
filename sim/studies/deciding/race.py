"""A race: candidates that lose clearly in the first of the futures are not taken through the others.

What is saved goes to candidates that might win. A loser keeps the costs that its first futures tell, which rank it
below whatever keeps the limits, and can never be part of a front. Pure functions of arrays.
"""

from __future__ import annotations

import numpy as np

from sim.studies.comparing import intervals

FIRST = 4  # one future in so many is lived by every candidate
LEVEL = 0.95
LOST = 1e-9  # what a loser's limits count as broken: after all that keep them, before all that do not


def beaten(costs: np.ndarray, rivals: np.ndarray, epsilon: np.ndarray) -> np.ndarray:
    """Whether some rival clearly beats each candidate: both costs by draw, (candidates or rivals, draws, aims).

    Clearly worse in one aim at least, by more than `epsilon` (aims,) and by its interval, and in no aim better by more
    than `epsilon`: what the search would take for a difference.
    """
    draws = costs.shape[1]
    found = np.zeros(len(costs), bool)
    if draws < 2:
        return found
    critical = intervals.t_quantile(LEVEL, draws - 1)
    for rival in rivals:
        worse = costs - rival
        mean = worse.mean(axis=1)
        error = intervals.standard_error(np.moveaxis(worse, 1, 0))
        found |= (mean > -epsilon).all(axis=1) & ((mean > epsilon) & (mean > critical * error)).any(axis=1)
    return found


def clearly_broken(excess: np.ndarray, in_share: np.ndarray) -> np.ndarray:
    """Whether candidates clearly break a limit, of what is too much by draw and future of it.

    `excess` (candidates, futures, limits); `in_share` (limits,) as `criteria.by_how_much_broken` takes it.
    """
    futures = excess.shape[1]
    if futures < 2 or not excess.shape[2]:
        return np.zeros(len(excess), bool)
    error = intervals.standard_error(np.moveaxis(excess, 1, 0))
    by_mean = excess.mean(axis=1) - intervals.t_quantile(LEVEL, futures - 1) * error
    holds = intervals.wilson((excess <= 0.0).sum(axis=1), futures)
    return np.asarray(np.where(np.isnan(in_share), by_mean > 0.0, holds.high < in_share).any(axis=1))
