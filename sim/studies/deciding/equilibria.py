"""Games of few players in normal form, as pure functions of arrays: best replies, equilibria, regret.

Payoffs are (..., n1, n2[, n3], players): the last axis says whose, the axes before it are the policies of each player
in order; whatever stands before those, such as resamples, is carried along. Nothing here knows scenarios or outcomes.
Sources: Nash (1951); support enumeration as in von Stengel (2002), by squares of equal size.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

TIE = 1e-9
"""Gains below this share of the spread of a player's payoffs are none: policies that do the same tie."""
_INSIDE = 1e-9  # of a probability, below which a policy is not played


@dataclass(frozen=True)
class Mixed:
    """An equilibrium in which at least one player draws lots: each player's probabilities, and what each expects."""

    probabilities: tuple[np.ndarray, ...]
    payoffs: np.ndarray


def _slack(payoffs: np.ndarray, players: int) -> np.ndarray:
    """How much of a gain is none, by player (..., 1 for each policy axis, players)."""
    axes = tuple(range(-1 - players, -1))
    return np.asarray(TIE * (payoffs.max(axis=axes, keepdims=True) - payoffs.min(axis=axes, keepdims=True)))


def gains_by_leaving(payoffs: np.ndarray) -> np.ndarray:
    """What each player gains at most by changing its own policy alone, at each profile; the shape of the payoffs.

    Never below nil, and exactly nil where the gain is a tie.
    """
    players = payoffs.shape[-1]
    best = np.stack([payoffs[..., p].max(axis=p - players, keepdims=True) + 0.0 * payoffs[..., p]
                     for p in range(players)], axis=-1)
    gains = best - payoffs
    return np.asarray(np.where(gains > _slack(payoffs, players), gains, 0.0))


def best_replies(payoffs: np.ndarray) -> np.ndarray:
    """Whether each player's policy is a best reply to the others', at each profile; the shape of the payoffs."""
    return gains_by_leaving(payoffs) == 0.0


def pure_equilibria(payoffs: np.ndarray) -> np.ndarray:
    """Which profiles are equilibria in pure policies: nobody gains by leaving alone (..., n1, n2[, n3])."""
    return np.asarray(best_replies(payoffs).all(axis=-1))


def regret(payoffs: np.ndarray) -> np.ndarray:
    """The most that anybody gains by leaving each profile alone (..., n1, n2[, n3]); nil at an equilibrium."""
    return np.asarray(gains_by_leaving(payoffs).max(axis=-1))


def mixed_equilibria(payoffs: np.ndarray) -> list[Mixed]:
    """The mixed equilibria of two players' payoffs (n1, n2, 2), by enumeration of supports of equal size.

    Finds all of a game in which no policy ties another against a mixture; of others some. None for more players.
    """
    if payoffs.ndim != 3 or payoffs.shape[-1] != 2:
        return []
    first, second = payoffs[..., 0], payoffs[..., 1].T
    found = []
    for size in range(2, min(first.shape) + 1):
        for mine in itertools.combinations(range(first.shape[0]), size):
            for theirs in itertools.combinations(range(first.shape[1]), size):
                # Each mixture makes the other's support worth the same.
                y = _indifferent(first[np.ix_(mine, theirs)])
                x = _indifferent(second[np.ix_(theirs, mine)])
                if x is None or y is None:
                    continue
                full = _spread(x, mine, first.shape[0]), _spread(y, theirs, first.shape[1])
                if _holds(first, second, *full):
                    found.append(Mixed(full, np.array([full[0] @ first @ full[1], full[1] @ second @ full[0]])))
    return found


def _indifferent(payoffs: np.ndarray) -> np.ndarray | None:
    """The other's mixture (columns,) under which all rows are worth the same; None where there is none inside."""
    size = len(payoffs)
    system = np.zeros((size + 1, size + 1))
    system[:size, :size], system[:size, size], system[size, :size] = payoffs, -1.0, 1.0
    try:
        found = np.linalg.solve(system, np.append(np.zeros(size), 1.0))[:size]
    except np.linalg.LinAlgError:
        return None
    return found if np.all(found > _INSIDE) and np.isfinite(found).all() else None


def _spread(probabilities: np.ndarray, support: tuple[int, ...], policies: int) -> np.ndarray:
    full = np.zeros(policies)
    full[list(support)] = probabilities
    return full


def _holds(first: np.ndarray, second: np.ndarray, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether no policy outside a support is worth more than those inside."""
    mine, theirs = first @ y, second @ x
    return bool(mine.max() <= x @ mine + TIE * np.ptp(first) and theirs.max() <= y @ theirs + TIE * np.ptp(second))


@dataclass(frozen=True)
class Correlated:
    """A correlated equilibrium: a go-between draws a profile by `probabilities` (n1, n2[, n3]) and tells each player
    its own policy alone; nobody gains by doing otherwise. `payoffs` (players,) is what each expects."""

    probabilities: np.ndarray
    payoffs: np.ndarray


def correlated_equilibrium(payoffs: np.ndarray) -> Correlated | None:
    """The correlated equilibrium that brings the players most together, of payoffs (n1, n2[, n3], players).

    There is one in every finite game, and it is a linear programme in the profiles' probabilities, for any number of
    players (Aumann 1974, 1987; Hart and Schmeidler 1989). Each player's payoffs count in shares of their spread within
    the programme, so that units do not decide its accuracy. None where the solver finds none.
    """
    from scipy.optimize import linprog

    players, shape = payoffs.shape[-1], payoffs.shape[:-1]
    spread = np.ptp(payoffs.reshape(-1, players), axis=0)
    scaled = payoffs / np.where(spread > 0.0, spread, 1.0)
    bounds = np.concatenate([_disobeying(scaled[..., who], who) for who in range(players)])
    joint = payoffs.sum(axis=-1).ravel()
    found = linprog(-joint / max(np.ptp(joint), 1e-300), A_ub=bounds, b_ub=np.zeros(len(bounds)),
                    A_eq=np.ones((1, joint.size)), b_eq=[1.0], bounds=(0.0, 1.0), method="highs")
    if not found.success:
        return None
    chances = np.where(found.x > _INSIDE, found.x, 0.0).reshape(shape)
    chances = chances / chances.sum()
    return Correlated(chances, np.tensordot(chances, payoffs, axes=chances.ndim))


def gain_by_disobeying(payoffs: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """What each player gains at most, on average, by answering what a go-between tells it by other policies.

    Of payoffs (..., n1, n2[, n3], players) and probabilities (n1, n2[, n3]); (..., players), never below nil. For each
    policy that a player is told it may take another one.
    """
    players, found = payoffs.shape[-1], []
    for who in range(players):
        own = np.moveaxis(payoffs[..., who], who - players, -1)  # (..., others, own policies)
        told = np.moveaxis(chances, who, -1)
        others = tuple(range(own.ndim - players, own.ndim - 1))
        worth = np.stack([(own * told[..., place, None]).sum(axis=others) for place in range(told.shape[-1])], axis=-2)
        gains = worth.max(axis=-1) - np.diagonal(worth, axis1=-2, axis2=-1)  # (..., what is told)
        found.append(gains.sum(axis=-1))
    return np.maximum(np.stack(found, axis=-1), 0.0)


def _disobeying(own: np.ndarray, who: int) -> np.ndarray:
    """Rows (pairs of a policy told and another taken, profiles): what the player gains so, to be nil at most."""
    rows = []
    for told, taken in itertools.permutations(range(own.shape[who]), 2):
        row = np.zeros_like(own)
        place: list[slice | int] = [slice(None)] * own.ndim
        place[who] = told
        row[tuple(place)] = np.take(own, taken, axis=who) - np.take(own, told, axis=who)
        rows.append(row.ravel())
    return np.array(rows).reshape(-1, own.size)
