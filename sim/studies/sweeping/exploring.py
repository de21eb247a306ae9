"""What a page needs to show any point between those of a sweep: quantiles and means by year, and how far they miss.

Each outcome has columns: the dates of `months_kept`, and last the one number of a run. Of each column and point five
quantiles over the runs are kept, and the means of up to twenty groups of futures. All points meet the same luck, so
group by group the same futures stand under each, and the interval of a paired difference follows from the groups
(batch means): runs that share a draw are in one group, and groups count by their size.

Points that share their words - world, theories, dates - are joined to a `Block`, within which numbers are interpolated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.common import arguments
from sim.common.above import above
from sim.common.arguments import RefusedError
from sim.common.shell import command_line
from sim.engine.uncertainty import draws_are_shared
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import OUTCOMES, no_outcome
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.emulator import MOST_SCATTERED, Kriging, Lattice, fewest
from sim.studies.sweeping.sweep import Sweep

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MEDIAN = QUANTILES.index(0.5)
MOST_GROUPS = 20
MOST_AXES = 20
"""Axes of numbers that a page has sliders for."""
MOST_BYTES = 8_000_000
"""What goes with a mail."""
NINE_IN_TEN = 0.9
NEARLY_ALL = 0.95
ROUGH, BLIND = 0.75, 0.5
"""Shares of what points differ by that an interpolation must tell of points left out: below the first it is called
rough; below the second it is not drawn, unless its misses are small beside the spread of the runs (`SMALL`)."""
SMALL = 0.25
FEW = 5
"""Points left out below which an error says little, and no interpolation is called close."""


class ExploringError(RefusedError):
    """A sweep that no page can be made of: why, and what would help."""


@dataclass(frozen=True, eq=False)
class Error:
    """How far points that are left out are missed, in the outcome's unit (the median's in powers of ten if `log`).

    `mean` and `fan` are average misses of the run's mean, and of the median over all dates; `mean_ninety` and
    `fan_ninety` what nine in ten stay below. `within` (columns,) is what 95% of the means stay below, by column. `told`
    is the share of the points' variance that left-out points are told, None where points do not differ. `points` were
    left out; with none, nothing is known of the error, and all is NaN.
    """

    points: int
    mean: float
    mean_ninety: float
    fan: float
    fan_ninety: float
    within: np.ndarray
    told: float | None
    spread: float

    @property
    def known(self) -> bool:
        """Whether points could be left out at all."""
        return self.points > 0

    @property
    def is_small(self) -> bool:
        """Whether misses are small beside what luck alone does to a run."""
        return self.known and self.mean <= SMALL * self.spread

    @property
    def verdict(self) -> str:
        """"good", "rough", "blind" (not to be drawn between points), or "unknown"."""
        if not self.known:
            return "unknown"
        if self.told is None or self.told >= ROUGH:
            return "good" if self.points >= FEW else "rough"
        return "blind" if self.told < BLIND and not self.is_small else "rough"


@dataclass(frozen=True, eq=False)
class Block:
    """Points that share their `words` by axis: their places in the sweep, how each outcome is joined, and errors.

    `scaled` (points, axes of numbers) runs from 0 to 1 along each axis.
    """

    words: Mapping[str, Any]
    points: np.ndarray
    scaled: np.ndarray
    joined: Mapping[str, Lattice | Kriging]
    errors: Mapping[str, Error]


@dataclass(frozen=True, eq=False)
class Explored:
    """A finished sweep as `explore` reads it.

    `quantiles` (columns, points, 5) and `groups` (columns, points, groups) by outcome; quantiles of outcomes in `logs`
    are powers of ten. `sizes` are runs in each group. `dates` are all columns but the last. `reference` holds the
    base's value on each axis. `dropped` points had a run that failed, and are in no block.
    """

    sweep: Sweep
    outcomes: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]
    choices: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    quantiles: Mapping[str, np.ndarray]
    groups: Mapping[str, np.ndarray]
    logs: frozenset[str]
    sizes: np.ndarray
    blocks: tuple[Block, ...]
    reference: Mapping[str, Any]
    dropped: int

    @property
    def design(self) -> Design:
        """What was run."""
        return self.sweep.design

    def write(self, path: str | Path) -> Path:
        """Write the page with sliders, one HTML file that needs no network, whole or not at all. Returns its path.

        ExploringError if it would be larger than 8 MB; OSError if it cannot be written.
        """
        written: Path = above("page_of_explored")(self, Path(path))
        return written

    def means(self, outcome: str) -> np.ndarray:
        """Means over the runs (columns, points)."""
        return np.asarray(self.groups[outcome] @ self.sizes / self.sizes.sum())


def explore(sweep: Sweep | str | Path, outcomes: Sequence[str] = (),
            progress: Callable[[int, int, int], None] | None = None) -> Explored:
    """Read a finished sweep, join its points, and measure what the interpolation misses; `write` makes the page.

    `sweep` is one, or its folder; `outcomes` are those of the sweep's to take, all unless given;
    `progress(done, of, 0)` counts what is joined.
    StoreError for a folder that is no sweep, unfinished, or of another model; ExploringError for one that no page can
    be made of.
    """
    folder = sweep.folder if isinstance(sweep, Sweep) else arguments.path("sweep", sweep)
    sweep = Sweep.open(folder)
    design = sweep.design
    chosen = _chosen(design, outcomes)
    series = len(QUANTILES) + min(MOST_GROUPS, design.runs)
    size = 2 * len(chosen) * (len(design.months_kept) + 1) * len(design.points) * series * 4 // 3
    if size > MOST_BYTES:  # before anything is read: it may be more than memory holds
        raise too_large(chosen, size)
    sweep.refuse_other_versions()
    done = int(sweep.points_done().sum())
    if done < len(design.points):
        raise StoreError(folder, f"is not finished: {done:,} of {len(design.points):,} points are done",
                         "finish it with " + command_line("airace", "resume", folder))
    numbers, choices = _kinds(design)
    if len(numbers) > MOST_AXES:
        raise ExploringError(f"the sweep moves {len(numbers)} axes of numbers, and a page has sliders for {MOST_AXES}; "
                             "sweep those that matter, which airace sensitivity finds")
    values = _values(sweep, chosen)
    whole = np.isfinite(np.stack(list(values.values()))).all(axis=(0, 1, 3))
    at = np.array([[float(point[design.axes.index(axis)]) for axis in numbers] for point in design.points])
    at = at.reshape(len(design.points), len(numbers))
    low, high = at.min(axis=0, initial=np.inf), at.max(axis=0, initial=-np.inf)
    logs = frozenset(name for name in chosen if OUTCOMES[name].log and (values[name][:, whole] > 0.0).all())
    quantiles = {name: _quantiles(values[name], name in logs) for name in chosen}
    groups, sizes = _groups(values, design)
    spread = {name: float(np.sqrt(values[name][-1][whole].var(axis=1).mean())) if whole.any() else 0.0
              for name in chosen}
    found = _Joining(chosen, numbers, (at - low) / np.where(high > low, high - low, 1.0), quantiles, groups, sizes,
                     spread)
    members = _members(design, choices, whole)
    blocks = []
    for place, (words, points) in enumerate(members):
        blocks.append(found.block(dict(zip(choices, words, strict=True)), points, design.is_grid))
        if progress is not None:
            progress(place + 1, len(members), 0)
    dates = tuple(design.months_kept)
    made = Explored(sweep, chosen, dates, numbers, choices, low, high, quantiles, groups, logs, sizes, tuple(blocks),
                    {}, int((~whole).sum()))
    object.__setattr__(made, "reference", _reference(made))
    return made


def too_large(outcomes: Sequence[str], size: int) -> ExploringError:
    """What is said where a page would have so many bytes: how many outcomes would fit."""
    fit = int(len(outcomes) * MOST_BYTES * 0.95 / size)
    told = " ".join(f"--outcome {name}" for name in outcomes[:fit])
    better = (f"choose fewer outcomes, as in {told}" if fit else
              "and more than that for one outcome alone: sweep fewer points, or keep fewer months")
    return ExploringError(f"the page would have {size / 1e6:.1f} MB, more than the {MOST_BYTES / 1e6:g} that go with a "
                          f"mail; {better}")


def _chosen(design: Design, outcomes: Sequence[str]) -> tuple[str, ...]:
    for name in outcomes:
        if name not in OUTCOMES:
            raise ExploringError(no_outcome(name))
        if name not in design.outcomes:
            raise ExploringError(f"the sweep did not keep {name}; it kept {', '.join(design.outcomes)}")
    return tuple(dict.fromkeys(outcomes)) or design.outcomes


def _kinds(design: Design) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Axes of numbers with more than one value, and axes of words; ExploringError if there is nothing to move."""
    several = [place for place in range(len(design.axes)) if len(design.along(place)) > 1]
    words = {place for place in several
             if design.has_words(place) or isinstance(design.points[0][place], bool)}
    if not several:
        raise ExploringError("the sweep has one point, so there is nothing to move; give an axis of its design more "
                             "values")
    return (tuple(design.axes[place] for place in several if place not in words),
            tuple(design.axes[place] for place in several if place in words))


def _values(sweep: Sweep, outcomes: Sequence[str]) -> dict[str, np.ndarray]:
    """Each outcome by column, point and run (columns, points, runs): the kept months, then a run's one number."""
    design = sweep.design
    table = sweep.read()
    shape = len(design.points), design.runs
    kept = {name: [column for column, outcome, _ in design.kept_columns if outcome == name] for name in outcomes}
    order = np.lexsort((table["run"], table["point"]))
    return {name: np.stack([table[column].to_numpy(dtype=float)[order].reshape(shape)
                            for column in (*kept[name], name)]) for name in outcomes}


def _quantiles(values: np.ndarray, log: bool) -> np.ndarray:
    """Quantiles over runs (columns, points, 5), as powers of ten if `log`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.moveaxis(np.quantile(np.log10(values) if log else values, QUANTILES, axis=2), 0, 2)


def _groups(values: Mapping[str, np.ndarray], design: Design) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Means of groups of futures (columns, points, groups) by outcome, and the runs in each group (groups,)."""
    shared = draws_are_shared(design.uncertainty, design.bases)
    units = np.arange(design.runs) // (RUNS_PER_DRAW if shared else 1)
    count = min(MOST_GROUPS, int(units[-1]) + 1)
    group = units * count // (int(units[-1]) + 1)
    sizes = np.bincount(group, minlength=count).astype(float)
    into = (group[:, None] == np.arange(count)) / sizes
    return {name: given @ into for name, given in values.items()}, sizes


def _members(design: Design, choices: Sequence[str], whole: np.ndarray) -> list[tuple[tuple[Any, ...], np.ndarray]]:
    """The points of each combination of words, in the order of the axes' values; points in order of their values."""
    places = [design.axes.index(axis) for axis in choices]
    orders = [design.along(place) for place in places]
    found: dict[tuple[Any, ...], list[int]] = {}
    for number, point in enumerate(design.points):
        if whole[number]:
            found.setdefault(tuple(point[place] for place in places), []).append(number)
    ordered = sorted(found, key=lambda words: [order.index(word) for order, word in zip(orders, words, strict=True)])
    if not ordered:
        raise ExploringError("some run failed at every point, so there is nothing to show; airace resume DIR "
                             "--retry-failed tries them again")
    numbers = [place for place in range(len(design.axes)) if place not in places]
    return [(words, np.array(sorted(found[words], key=lambda at: [design.points[at][place] for place in numbers])))
            for words in ordered]


@dataclass(frozen=True, eq=False)
class _Joining:
    """What is known of all points when those of a block are joined."""

    outcomes: Sequence[str]
    numbers: Sequence[str]
    scaled: np.ndarray
    quantiles: Mapping[str, np.ndarray]
    groups: Mapping[str, np.ndarray]
    sizes: np.ndarray
    spread: Mapping[str, float]

    def block(self, words: Mapping[str, Any], points: np.ndarray, is_grid: bool) -> Block:
        """The points joined, outcome by outcome, with the errors of those left out."""
        scaled = self.scaled[points]
        joined: dict[str, Lattice | Kriging] = {}
        errors = {}
        lattice = self._lattice(scaled, is_grid)
        if lattice is None:
            self._refuse(len(points), words)
        for name in self.outcomes:
            medians = self.quantiles[name][:, points, MEDIAN].T
            means = (self.groups[name][:, points] @ self.sizes / self.sizes.sum()).T
            joined[name] = lattice or Kriging.fitted(scaled, np.column_stack([medians, means[:, -1:]]))
            errors[name] = _error(joined[name], medians, means, self.spread[name])
        return Block(words, points, scaled, joined, errors)

    def _lattice(self, scaled: np.ndarray, is_grid: bool) -> Lattice | None:
        """The grid that the points fill; None where they fill none."""
        along = tuple(tuple(float(x) for x in np.unique(column)) for column in scaled.T)
        full = int(np.prod([len(values) for values in along], dtype=float)) == len(scaled)
        return Lattice(along) if full and (is_grid or len(scaled) == 1) else None

    def _refuse(self, points: int, words: Mapping[str, Any]) -> None:
        where = "".join(f", {axis} = {word}" for axis, word in words.items())[2:]
        where = f" at {where}" if where else ""
        need = fewest(len(self.numbers))
        if points < need:
            raise ExploringError(f"{points} points{where} are too few to join over {len(self.numbers)} axes, which "
                                 f"takes {need}; give the sample of the design more points, or an axis of words fewer "
                                 "words")
        if points > MOST_SCATTERED:
            raise ExploringError(f"{points:,} scattered points{where} are more than {MOST_SCATTERED}, which a browser "
                                 "joins in a second; give the sample of the design fewer")


def _error(joined: Lattice | Kriging, medians: np.ndarray, means: np.ndarray, spread: float) -> Error:
    """Errors of points left out, from medians and means (points, columns)."""
    left = joined.left_out(means)
    out = np.isfinite(left[:, -1])
    columns = means.shape[1]
    if not out.any():
        return Error(0, np.nan, np.nan, np.nan, np.nan, np.full(columns, np.nan), None, spread)
    missed = np.abs(means - left)[out]
    fan = np.abs(medians - joined.left_out(medians))[out]
    fan = fan[:, :-1] if columns > 1 else fan
    variance = float(means[:, -1].var())
    told = 1.0 - float((missed[:, -1] ** 2).mean()) / variance if variance > 0.0 else None
    return Error(int(out.sum()), float(missed[:, -1].mean()), _below(missed[:, -1], NINE_IN_TEN), float(fan.mean()),
                 _below(fan, NINE_IN_TEN), np.array([_below(column, NEARLY_ALL) for column in missed.T]), told, spread)


def _below(misses: np.ndarray, share: float) -> float:
    """What a share of the misses stays at or below; the next larger one where it falls between two."""
    return float(np.quantile(misses, share, method="higher"))


def _reference(found: Explored) -> dict[str, Any]:
    """The base's value on each axis, where the axis holds it; else the first point's."""
    design, first = found.design, found.design.points[found.blocks[0].points[0]]
    words = dict(found.blocks[0].words)
    base = design.base
    believed = {f"uncertainty.{name}": value for name, value in base.uncertainty.items()}
    for block in found.blocks:
        if all(base.levers.get(axis, words[axis]) == word for axis, word in block.words.items()):
            words = dict(block.words)
            break
    values: dict[str, Any] = {}
    for place, axis in enumerate(found.numbers):
        value = base.levers.get(axis, believed.get(axis, _default(axis)))
        held = isinstance(value, int | float) and found.low[place] <= value <= found.high[place]
        values[axis] = float(value) if held else float(first[design.axes.index(axis)])
    return {axis: words[axis] if axis in words else values[axis] for axis in design.axes
            if axis in words or axis in values}


def _default(axis: str) -> Any:
    from sim.model.parameters import parameters

    group, _, name = axis.partition(".")
    return parameters()[name].default if group == "uncertainty" and name in parameters() else None
