"""Value of information from simulated benefits: pure functions of arrays, no knowledge of scenarios or outcomes.

Gains are policies' benefits less that of the first, so that luck which policies share falls out. What is learnt from an
unknown is the mean gain given its value, smoothed by ridge regression on a line with bends; how much it is smoothed is
chosen by leaving out one draw at a time, down to not at all depending on it. (Strong, Oakley and Brennan 2014 with
another smoother.) A draw's policy is chosen by what all other draws say of its value and judged by its own gains, so
that what knowledge is worth is not what noise seems worth, and a wrong fit brings nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from sim.studies.comparing.intervals import Interval

PENALTIES = (1e-6, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0)
"""How strongly a fit is pulled to a constant, as shares of the spread of what it is fitted on."""
CONSTANT = len(PENALTIES)
BENDS = (0.25, 0.5, 0.75)
LIGHTEST = 2  # place of the penalty above which nothing is smoothed for the upper end of an interval
FEW_COLUMNS = 20
PERMUTATIONS = 100
BOOTSTRAPS = 400
LEVEL = 0.95
_SMALL = 1e-9


@dataclass(frozen=True)
class Basis:
    """Orthonormal columns (rows, columns) that a fit is made of, and how far each was spread (columns,)."""

    columns: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> Basis:
        """Of features (rows, features); those that do not vary take no part."""
        centred = features - features.mean(axis=0)
        deviation = centred.std(axis=0)
        centred = centred[:, deviation > _SMALL * np.maximum(np.abs(features).max(axis=0), 1e-300)]
        if not centred.shape[1]:
            return cls(np.zeros((len(features), 0)), np.zeros(0))
        columns, spread, _ = np.linalg.svd(centred / centred.std(axis=0), full_matrices=False)
        kept = spread > 1e-6 * spread[0]
        return cls(columns[:, kept], spread[kept])

    def kept(self, penalty: float) -> np.ndarray:
        """The share of each column's part that a fit of this penalty keeps (columns,)."""
        return np.asarray(self.spread**2 / (self.spread**2 + penalty * len(self.columns)))


def of_number(values: np.ndarray, bends: tuple[float, ...] = BENDS) -> np.ndarray:
    """A line with bends at quantiles of the values (rows,), as features (rows, 1 + bends)."""
    return np.stack([values, *(np.maximum(values - np.quantile(values, at), 0.0) for at in bends)], axis=1)


def of_choice(places: np.ndarray) -> np.ndarray:
    """A level for each of the choices met (rows,), as features (rows, choices)."""
    return np.asarray(places[:, None] == np.unique(places)[None, :], dtype=float)


# ---- draws dealt out and drawn again ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Resampled:
    """Rows dealt out anew (permutations, rows), as places, and how often a resample draws each (resamples, rows).

    Rows of one kind stay together: draws of a posterior may be the same draw.
    """

    dealt: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, kinds: np.ndarray) -> Resampled:
        """Of rows that are each of a kind (rows,); the same kinds give the same deals."""
        _, kind, sizes = np.unique(kinds, return_inverse=True, return_counts=True)
        rows, members = len(kind), np.argsort(kind, kind="stable")
        begin = np.cumsum(sizes) - sizes
        rank = np.empty(rows, dtype=int)
        rank[members] = np.arange(rows) - begin[kind[members]]
        stream, dealt = _stream("permutations"), np.empty((PERMUTATIONS, rows), dtype=int)
        for deal in range(PERMUTATIONS):
            other = stream.permutation(len(sizes))[kind]
            dealt[deal] = members[begin[other] + rank % sizes[other]]
        return cls(dealt, drawn_again(kinds))


def drawn_again(kinds: np.ndarray) -> np.ndarray:
    """How often each bootstrap resample draws rows that are each of a kind (rows,): (resamples, rows).

    Rows of one kind are drawn together; the same kinds give the same resamples.
    """
    _, kind, sizes = np.unique(kinds, return_inverse=True, return_counts=True)
    drawn = _stream("bootstrap").multinomial(len(sizes), np.full(len(sizes), 1.0 / len(sizes)), BOOTSTRAPS)
    return np.asarray(drawn[:, kind].astype(float))


# ---- what one unknown tells --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Fit:
    """Gains as an unknown lets expect them (rows, sets, others), and as all other rows say of a row's value.

    `chosen` (sets,) is the place of the penalty chosen; `CONSTANT` for a fit that does not depend on the unknown.
    """

    smoothed: np.ndarray
    left_out: np.ndarray
    chosen: np.ndarray


def fit(basis: Basis, gains: np.ndarray) -> Fit:
    """The fit of each set of gains (rows, sets, others), smoothed as left-out rows want it."""
    rows = len(gains)
    centred = gains - gains.mean(axis=0)
    scale = np.maximum((centred**2).mean(axis=0), 1e-300)
    parts = np.tensordot(basis.columns.T, centred, axes=1)
    shares = np.stack([*(basis.kept(penalty) for penalty in PENALTIES), np.zeros(len(basis.spread))])
    left = np.maximum(1.0 - 1.0 / rows - shares @ (basis.columns**2).T, _SMALL)  # (penalties, rows)
    errors = [(((centred - np.tensordot(basis.columns * kept, parts, axes=1)) / rest[:, None, None]) ** 2
               / scale).sum(axis=(0, 2)) for kept, rest in zip(shares, left, strict=True)]
    chosen = np.argmin(np.stack(errors), axis=0)
    smoothed = gains.mean(axis=0) + np.tensordot(basis.columns, parts * shares[chosen].T[:, :, None], axes=1)
    return Fit(smoothed, gains - (gains - smoothed) / left[chosen].T[:, :, None], chosen)


def best(expected: np.ndarray) -> np.ndarray:
    """The best policy (...) by gains over the first that are expected (..., others)."""
    return np.asarray(np.where(expected.max(axis=-1) > 0.0, expected.argmax(axis=-1) + 1, 0))


def brought(expected: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """The gains over the first policy (...) of choosing by what is expected, both (..., others)."""
    if gains.shape[-1] == 1:  # the same for the commonest case, in a fraction of the time
        return np.asarray(np.where(expected[..., 0] > 0.0, gains[..., 0], 0.0))
    policy = best(expected)
    taken = np.take_along_axis(gains, np.maximum(policy - 1, 0)[..., None], axis=-1)[..., 0]
    return np.asarray(np.where(policy > 0, taken, 0.0))


def over_one_choice(chosen: np.ndarray, gains: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """What was brought by choosing (rows, sets) over the best single choice by gains (rows, sets, others), by set.

    `weights` (sets, rows) say how often each row counts in each set; without them each counts once. Never below nil.
    """
    of_gains = gains.mean(axis=0) if weights is None else (
        np.einsum("sr,rso->so", weights, gains, optimize=True) / weights.sum(axis=1)[:, None])
    # The difference is taken row by row: exactly nil where nothing is chosen otherwise.
    single = np.broadcast_to(of_gains[None], gains.shape)
    more = chosen - brought(single, gains)
    mean = more.mean(axis=0) if weights is None else np.einsum("sr,rs->s", weights, more) / weights.sum(axis=1)
    return np.asarray(np.maximum(mean, 0.0))


def shuffled(basis: Basis, gains: np.ndarray, resampled: Resampled) -> np.ndarray:
    """What an unknown seems worth where gains by draw (rows, others) are dealt out to its values anew (permutations,).

    All unknowns meet the same deals, so that the largest over several is that of one deal.
    """
    dealt = np.moveaxis(gains[resampled.dealt], 0, 1)
    dealt = dealt - dealt.mean(axis=0) + gains.mean(axis=0)
    return over_one_choice(brought(fit(basis, dealt).left_out, dealt), dealt)


@dataclass(frozen=True)
class Partial:
    """What it is worth to know one unknown.

    `drawn_again` (resamples,) is the same of each bootstrap resample; `smoothed` (rows, others) the gains that the
    unknown lets expect in each draw, `smoothed_again` (rows, resamples, others) those of the resamples.
    """

    worth: Interval
    drawn_again: np.ndarray
    smoothed: np.ndarray
    smoothed_again: np.ndarray


def partial(basis: Basis, gains: np.ndarray, resampled: Resampled) -> Partial:
    """What it is worth to know one unknown, from gains by draw (rows, others), with a 95% bootstrap interval.

    The interval has what resamples bring to the choices made, and above also what they would make of a fit that is
    hardly smoothed: what was smoothed away may yet be there.
    """
    found, weights = fit(basis, gains[:, None, :]), resampled.weights
    got = brought(found.left_out[:, 0], gains)
    sets = np.broadcast_to(gains[:, None, :], (len(gains), len(weights), gains.shape[1]))
    again = over_one_choice(np.broadcast_to(got[:, None], sets.shape[:2]), sets, weights)
    lightest = LIGHTEST if len(basis.spread) <= FEW_COLUMNS else CONSTANT - 1  # many columns would fit what is luck
    fitted = _refits(basis, gains, PENALTIES[min(int(found.chosen[0]), lightest)], weights)
    most = over_one_choice(np.maximum(fitted.max(axis=-1), 0.0), fitted, weights)
    worth = _interval(over_one_choice(got[:, None], gains[:, None, :])[0], again)
    high = np.maximum(worth.high, np.quantile(most, (1.0 + LEVEL) / 2.0))
    return Partial(worth._replace(high=high), again, found.smoothed[:, 0], fitted)


def _interval(estimate: np.ndarray, drawn_again: np.ndarray) -> Interval:
    low, high = np.quantile(drawn_again, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Interval(estimate, np.minimum(low, estimate), np.maximum(high, estimate))


def _refits(basis: Basis, gains: np.ndarray, penalty: float, weights: np.ndarray) -> np.ndarray:
    """The smoothed gains (rows, resamples, others) of resamples, by one penalty."""
    rows = len(gains)
    columns = np.concatenate([np.ones((rows, 1)), basis.columns], axis=1)
    ridge = np.diag([0.0, *(penalty * rows / basis.spread**2)])
    products = np.stack([(columns.T * each) @ columns for each in weights]) + ridge
    parts = np.linalg.solve(products, np.einsum("sr,rc,ro->sco", weights, columns, gains, optimize=True))
    return np.asarray(np.einsum("rc,sco->rso", columns, parts, optimize=True))


# ---- what all unknowns tell ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Perfect:
    """What it is worth to know every unknown but luck, in the unit of benefit.

    `worth` is the estimate with its 95% interval. `at_least` and `at_most` bracket it without its assumption that
    what luck adds only stretches differences: choosing by one run of a draw and judged by another brings less than
    perfect knowledge, and knowing the luck of a draw's runs too brings more. `best` (policies,) is the share of draws
    in which each policy is expected to be best.
    """

    worth: Interval
    at_least: float
    at_most: float
    best: np.ndarray


def perfect(gains: np.ndarray, resampled: Resampled) -> Perfect:
    """What perfect knowledge is worth from gains by draw and run of it (draws, runs, others).

    Luck is taken out of each draw's mean by what its runs agree in: differences are shrunk to their mean until they
    have the covariance that runs of one draw share. That is exact for normal differences.
    """
    settled, means = _settled(gains), gains.mean(axis=1)
    again = [_known_all(_settled(np.repeat(gains, each.astype(int), axis=0))) for each in resampled.weights]
    shares = np.bincount(best(settled), minlength=gains.shape[2] + 1) / len(gains)
    return Perfect(_interval(_known_all(settled), np.array(again)), _at_least(gains), float(_known_all(means)), shares)


def _known_all(expected: np.ndarray) -> np.ndarray:
    """What choosing by gains (draws, others) that are known brings over choosing once."""
    return over_one_choice(brought(expected, expected)[:, None], expected[:, None, :])[0]


def _settled(gains: np.ndarray) -> np.ndarray:
    """Each draw's mean gains (draws, others) with luck's part of their spread taken out."""
    runs = gains.shape[1]
    means = gains.mean(axis=1)
    centred, deviations = means - means.mean(axis=0), gains - means[:, None, :]
    of_means = centred.T @ centred / max(len(gains) - 1, 1)
    of_luck = np.einsum("dri,drj->ij", deviations, deviations) / max(len(gains) * (runs - 1), 1)
    shared = _root(of_means - of_luck / runs)
    return np.asarray(means.mean(axis=0) + centred @ (shared @ _root(of_means, inverse=True)).T)


def _root(matrix: np.ndarray, inverse: bool = False) -> np.ndarray:
    """The symmetric square root of a covariance matrix, or its inverse; what is negative counts as nil."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > _SMALL * max(float(values.max(initial=0.0)), 1e-300)
    roots = np.where(kept, np.sqrt(np.where(kept, values, 1.0)) ** (-1.0 if inverse else 1.0), 0.0)
    return np.asarray((vectors * roots) @ vectors.T)


def _at_least(gains: np.ndarray) -> float:
    """What choosing by one run of each draw brings in the others, over choosing once; not below nil."""
    got = [brought(gains[:, run], np.delete(gains, run, axis=1).mean(axis=1)) for run in range(gains.shape[1])]
    return float(over_one_choice(np.mean(got, axis=0)[:, None], gains.mean(axis=1)[:, None, :])[0])


def _stream(name: str) -> np.random.Generator:
    """Numbers that are the same whenever a result is computed again."""
    key = int.from_bytes(hashlib.sha256(f"studies.deciding.{name}".encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))
