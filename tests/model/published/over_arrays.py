"""Rules of numbers played over arrays, as tests of published forms like them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.agents import labs
from sim.model.institutions import courts, customers


def races(ability: Any, racing: Any, enmity: Any, mu: Any, information: int) -> np.ndarray:
    """`race_safety` of each of many races: abilities and who races (races, labs), the rest broadcast to them."""
    ability = np.asarray(ability, float)
    racing, enmity = (np.broadcast_to(each, ability.shape) for each in (racing, np.asarray(enmity, float)))
    mu, safety = np.broadcast_to(mu, ability.shape), np.empty_like(ability)
    for race in range(len(ability)):
        labs.race_safety(ability[race], np.array(racing[race], np.uint8), np.array(enmity[race]),
                         float(mu[race, 0]), information, safety[race])
    return safety


def shares(utility: Any, offered: Any) -> np.ndarray:
    """`logit_shares` of each of many choices: (choices, options)."""
    utility = np.asarray(utility, float)
    found = np.empty_like(utility)
    for choice in range(len(utility)):
        customers.logit_shares(utility[choice], np.array(offered[choice], np.uint8), found[choice])
    return found


def wins(truth: Any, plaintiff: Any, defendant: Any, *rest: float) -> np.ndarray:
    """Who would win, by `goes_to_trial`, for many cases: bool (cases,)."""
    return courts.go_to_trial(np.array([truth, plaintiff, defendant], float), *rest)[1]
