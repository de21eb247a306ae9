"""Where advice fails and what turns it: a box of beliefs, and the worlds, theories and parameters apart.

A box is looked for in half of the draws and held against the other half, which it has not seen: with hundreds of
parameters some box fits any noise. What turns the advice is told only where another policy is clearly better there,
with intervals that hold over all parts of beliefs and all policies that are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.model.beliefs import theories
from sim.studies.comparing import intervals
from sim.studies.deciding.futures import Futures
from sim.studies.deciding.unknowns import learnable, met_by
from sim.studies.sweeping.discovery import Limit
from sim.studies.sweeping.prim import peel_and_paste

WORLD = "world"
FEWEST = 20  # draws that fail, and others, below which no box is looked for; draws of a part that is looked at
AXES = 8  # that a box is looked for in: those that go most closely with failing, in the half that looks
CHANCE = 0.05  # a side of a box whose quasi-p value is above it may be chance
LEVEL = 0.95


@dataclass(frozen=True)
class Beliefs:
    """What each draw met: `points` (draws, columns) named by `names`.

    A theory or a world has a column for each of its choices, 1 where a draw met it: "structure.powers = hazards".
    """

    names: tuple[str, ...]
    points: np.ndarray


@dataclass(frozen=True)
class Fails:
    """A box of beliefs in which advice fails: its sides, and how often it fails inside, in draws that it had not seen.

    `inside` is that share with its 95% interval, `share` that of all draws; `held` of `draws` lie inside.
    """

    limits: tuple[Limit, ...]
    inside: tuple[float, float, float]
    share: float
    held: int
    draws: int


@dataclass(frozen=True)
class Turn:
    """A part of beliefs in which another policy is clearly better than the advised one.

    `name` of a column, `where` "yes" for a theory or a world, else "low" or "high", the third of its values up to or
    from `at`; `policy` by place, `gain` of score with its interval, over `draws`.
    """

    name: str
    where: str
    at: float
    policy: int
    gain: tuple[float, float, float]
    draws: int


def beliefs(futures: Futures) -> Beliefs:
    """What each draw of these futures met (draws, columns), parameters that worlds fix among it."""
    question = futures.question
    columns: dict[str, np.ndarray] = {}
    draws = futures.count // 2
    each = futures.per_world // 2
    for place, ground in enumerate(question.grounds):
        names, _ = learnable(question.uncertainty, [ground])
        rows = slice(place * each, (place + 1) * each)
        for unknown in met_by(names, ground, question.uncertainty, futures.seed, futures.runs_of(place)):
            values = unknown.values[::2]
            if not unknown.choices:
                columns.setdefault(unknown.name, np.full(draws, np.nan))[rows] = values
            for number, choice in enumerate(unknown.choices):
                columns.setdefault(f"{unknown.name} = {choice}", np.full(draws, np.nan))[rows] = values == number
        for path, theory in theories().items():
            if path not in names:
                for choice in theory.choices:
                    column = columns.setdefault(f"{path} = {choice}", np.full(draws, np.nan))
                    column[rows] = choice == ground.levers[path]
        if len(question.grounds) > 1:
            column = columns.setdefault(f"{WORLD} = {question.worlds[place]}", np.zeros(draws))
            column[rows] = 1.0
    for name, column in columns.items():
        if np.isnan(column).any():  # a world settles it: its value there is what the world says, or the default
            columns[name] = _filled(name, column, futures)
    varying = {name: column for name, column in columns.items() if np.ptp(column) > 0.0}
    return Beliefs(tuple(varying), np.array(list(varying.values())).reshape(len(varying), draws).T)


def _filled(name: str, column: np.ndarray, futures: Futures) -> np.ndarray:
    from sim.model.parameters import parameters

    key, each = name.removeprefix("uncertainty."), futures.per_world // 2
    for place, ground in enumerate(futures.question.grounds):
        rows = slice(place * each, (place + 1) * each)
        given = ground.uncertainty.get(key, parameters()[key].default)
        usual = given[0] if isinstance(given, tuple) else given
        column[rows] = np.where(np.isnan(column[rows]), float(usual or 0.0), column[rows])
    return column


def failing_box(known: Beliefs, worse: np.ndarray, failed: np.ndarray) -> Fails | None:
    """The box of beliefs in which advice fails most surely; None where none is told from chance.

    `worse` (draws,) is by how much the advice is worse than what it is held against, `failed` (draws,) whether it
    fails.
    """
    seek, hold = np.arange(len(failed)) % 2 == 0, np.arange(len(failed)) % 2 == 1
    if min(failed[seek].sum(), (~failed[seek]).sum()) < FEWEST // 2 or not known.names:
        return None
    axes = _closest(known.points[seek], worse[seek], failed[seek])
    way = peel_and_paste(known.points[seek][:, axes], failed[seek])
    best = max(way, key=lambda box: (box.density - failed[seek].mean()) * np.sqrt(box.inside.sum()))
    bound = np.flatnonzero(np.isfinite(best.chance).any(axis=1))
    bound = bound[np.nanmax(best.chance[bound], axis=1) < CHANCE] if len(bound) else bound
    if not len(bound):
        return None
    there = known.points[hold][:, axes[bound]]
    inside = ((there >= best.low[bound]) & (there <= best.high[bound])).all(axis=1)
    if not inside.any():
        return None
    found = intervals.wilson(np.array(failed[hold][inside].sum()), int(inside.sum()), LEVEL)
    if not found.low > failed[hold].mean():
        return None
    limits = tuple(Limit(known.names[axes[axis]], float(best.low[axis]), float(best.high[axis]),
                         float(np.nanmax(best.chance[axis]))) for axis in bound)
    return Fails(tuple(sorted(limits, key=lambda limit: limit.chance)),
                 (float(found.estimate), float(found.low), float(found.high)), float(failed.mean()),
                 int(inside.sum()), int(hold.sum()))


def _closest(points: np.ndarray, worse: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """Columns that go most closely with failing, by rank or by how much worse."""
    ranks = np.argsort(np.argsort(points, axis=0, kind="stable"), axis=0).astype(float)
    ranks = np.where(np.array([len(np.unique(column)) <= 2 for column in points.T]), points, ranks)
    against = np.stack([np.argsort(np.argsort(worse, kind="stable")).astype(float), failed.astype(float)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.nan_to_num(np.corrcoef(np.concatenate([ranks, against], axis=1).T)[: points.shape[1], -2:])
    # Of a theory's two choices, which say the same, the one under which it fails comes first.
    return np.argsort(-np.round(np.abs(found).max(axis=1), 9) - 1e-9 * (found[:, 1] > 0.0), kind="stable")[:AXES]


def turns(known: Beliefs, score: np.ndarray, advised: int, others: Sequence[int]) -> list[Turn]:
    """Parts of beliefs in which another policy is clearly better than the advised, by score (policies, draws)."""
    parts: list[tuple[str, str, float, np.ndarray]] = []
    for place, name in enumerate(known.names):
        column = known.points[:, place]
        if len(np.unique(column)) <= 2:
            parts.append((name, "yes", 1.0, column == column.max()))
        else:
            low, high = np.quantile(column, [1.0 / 3.0, 2.0 / 3.0])
            parts += [(name, "low", float(low), column <= low), (name, "high", float(high), column >= high)]
    parts = [part for part in parts if FEWEST <= part[3].sum() < len(score[0])]
    rivals = [other for other in others if other != advised]
    found = []
    for name, where, at, inside in parts:
        critical = intervals.t_quantile(1.0 - (1.0 - LEVEL) / max(len(parts) * len(rivals), 1), int(inside.sum()) - 1)
        gains = (score[advised] - score[rivals])[:, inside].T if rivals else np.zeros((int(inside.sum()), 0))
        held = intervals.mean_difference(gains, critical=critical)
        clear = np.flatnonzero(held.low > 0.0)
        if len(clear):
            best = clear[np.argmax(held.estimate[clear])]
            found.append(Turn(name, where, at, rivals[int(best)], (
                float(held.estimate[best]), float(held.low[best]), float(held.high[best])), int(inside.sum())))
    return sorted(found, key=lambda turn: -turn.gain[1])
