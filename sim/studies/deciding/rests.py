"""On what a game's answer rests: theories left open and assumed hazards, the weights of aims, and what is varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.studies.deciding.equilibria import pure_equilibria, regret
from sim.studies.deciding.information import drawn_again
from sim.studies.deciding.players import Profiles
from sim.studies.deciding.unknowns import THEORIES, Unknown, learnable, met_by

Profile = tuple[int, ...]
HAZARDS = ("uncertainty.severe_hazard", "uncertainty.hazard_growth", "uncertainty.harm_usd_bn")
"""Assumed, not measured: how often severe incidents happen, how that grows with capability, what one costs."""
LOWER, UPPER = "lower half", "upper half"
HALF, NINE_TENTHS = 0.5, 0.9
FEWEST = 10  # draws, below which a part of the futures tells nothing
_LEAST = 1e-12


@dataclass(frozen=True)
class Part:
    """The game among the futures in which a theory holds, or an assumed number lies in one half of its values.

    `answer` is the equilibrium of their means that is one most often, None where there is none; `stable` the share of
    resamples in which the answer of all futures is one here, `gain` the most that anybody gains by leaving it here.
    """

    name: str
    choice: str
    futures: int
    answer: Profile | None
    stable: float
    gain: float


@dataclass(frozen=True)
class AimRange:
    """How far one weight may move, as factors, with the answer still an equilibrium of the means.

    `low` is nil where the weight may vanish, `high` infinite where it may grow without end.
    """

    player: str
    outcome: str
    weight: float
    low: float
    high: float


@dataclass(frozen=True)
class Threshold:
    """From which value on cooperation is an equilibrium in half and in nine tenths of the resamples.

    `shares` (values,) is the share at each value. `rises`: more of what is varied makes cooperation stand more often,
    and the least value is given, else the largest; None where no value reaches the share. `steady`: the share goes one
    way only.
    """

    shares: tuple[float, ...]
    rises: bool
    steady: bool
    in_half: float | None
    in_nine_tenths: float | None


def parts(design: Profiles, runs: np.ndarray, payoffs: np.ndarray, draws: np.ndarray, answer: Profile
          ) -> tuple[Part, ...]:
    """The game (policies ..., runs, players) by each theory left open and by both halves of each assumed hazard."""
    base = design.at(design.values[0])
    found: list[Part] = []
    names, _ = learnable(design.uncertainty, [base])
    for unknown in met_by(names, base, design.uncertainty, design.seed, np.arange(design.runs)):
        if unknown.room == THEORIES or unknown.name in HAZARDS:
            for choice, there in _split(unknown, runs):
                if len(np.unique(draws[there])) >= FEWEST:
                    found.append(_part(unknown.name, choice, payoffs[..., there, :], draws[there], answer))
    return tuple(found)


def _split(unknown: Unknown, runs: np.ndarray) -> list[tuple[str, np.ndarray]]:
    values = unknown.values[runs]
    if unknown.choices:
        return [(choice, values == place) for place, choice in enumerate(unknown.choices)]
    middle = float(np.median(values))
    return [(LOWER, values <= middle), (UPPER, values > middle)]


def _part(name: str, choice: str, payoffs: np.ndarray, draws: np.ndarray, answer: Profile) -> Part:
    again = drawn_again(draws)
    again = again / again.sum(axis=1, keepdims=True)
    means = payoffs.mean(axis=-2)
    stable = pure_equilibria(np.tensordot(again, np.moveaxis(payoffs, -2, 0), axes=1)).mean(axis=0)
    pure = [tuple(map(int, profile)) for profile in np.argwhere(pure_equilibria(means))]
    here = max(pure, key=lambda profile: float(stable[profile])) if pure else None
    if answer in pure:
        here = answer
    return Part(name, choice, payoffs.shape[-2], here, float(stable[answer]), float(regret(means)[answer]))


def aims_that_stand(design: Profiles, outcomes: np.ndarray, answer: Profile) -> tuple[AimRange, ...]:
    """How far each weight may move, one at a time, from mean outcomes (policies ..., outcomes) at an equilibrium.

    A player's payoff is linear in its weights and only its own departures count, so each departure bounds the factor
    on one side: exact for the means.
    """
    found = []
    for who, player in enumerate(design.players):
        weights = np.array([player.aims.weights.get(name, 0.0) for name in design.outcomes])
        departures = [(*answer[:who], own, *answer[who + 1:])
                      for own in range(design.shape[who]) if own != answer[who]]
        lost = np.array([outcomes[answer] - outcomes[departure] for departure in departures])  # (departures, outcomes)
        for place, name in enumerate(design.outcomes):
            if weights[place]:
                low, high = _factors(lost @ weights, lost[:, place] * weights[place])
                found.append(AimRange(player.name, name, float(weights[place]), low, high))
    return tuple(found)


def _factors(stays: np.ndarray, part: np.ndarray) -> tuple[float, float]:
    """The factors f at or above nil around 1 with stays + (f - 1) part >= 0 in every place."""
    low, high = 0.0, np.inf
    for all_, own in zip(stays, part, strict=True):
        if abs(own) > _LEAST * max(abs(all_), 1.0):
            edge = 1.0 - all_ / own
            low, high = (max(low, edge), high) if own > 0.0 else (low, min(high, edge))
    return float(min(max(low, 0.0), 1.0)), float(max(high, 1.0))


def threshold(shares: Sequence[float], values: Sequence[float]) -> Threshold:
    """Where cooperation begins to stand, from its shares at values that rise."""
    steps = np.diff(shares)
    rises = bool(shares[-1] >= shares[0])
    steady = bool(np.all(steps >= 0.0) or np.all(steps <= 0.0))
    order = list(zip(values, shares, strict=True)) if rises else list(zip(values, shares, strict=True))[::-1]

    def first(least: float) -> float | None:
        """The first value from which on the share holds for all that come after."""
        found = None
        for value, share in reversed(order):
            if share < least:
                break
            found = value
        return found

    return Threshold(tuple(map(float, shares)), rises, steady, first(HALF), first(NINE_TENTHS))
