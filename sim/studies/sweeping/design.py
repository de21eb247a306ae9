"""Designs of sweeps: a base scenario, axes over levers and uncertainties, and the points at which to run it.

A design file names a base and, under `[axes]`, a key for each lever (`regulation.strictness`) or uncertainty
(`uncertainty.severe_hazard`) with a list of values or a range `{ from = 0.0, to = 1.0, steps = 11 }`. Without
`[sample]` the points are the grid of all combinations; `[sample]` with `method = "latin_hypercube"` or `"sobol"` and a
number of `points` draws them from the ranges. `"uncertainty.*" = "prior"` stands for every uncertainty
over its prior, `"uncertainty.NAME" = "prior"` for one. An axis of words is a list of a lever's choices, as in
`"structure.powers" = ["payoffs", "hazards"]`; `"structure.powers" = "any"` stands for all of a theory's, and with
`[sample]` `"structure.*" = "any"` for all theories'. The axis `world` lists worlds, files or names of those that come
with airace: every point lies in one of them, and what an axis sets holds there in place of what the world says.
`months_kept` names months whose values are kept beside each run's summary: dates, or `{ every = 12 }`. Of an outcome
that is a total or a peak over the run, they are the total or peak so far.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.common import arguments
from sim.common.arguments import LAST_SEED, MOST_MONTHS, MOST_RUNS, ArgumentError, RefusedError, is_whole, shown
from sim.common.text import suggest
from sim.engine.labels import month_dates
from sim.engine.uncertainty import DEFAULT, SETTINGS, prior_quantile
from sim.model.beliefs import theories
from sim.model.outcomes import OUTCOMES, PRIMARY, no_outcome
from sim.model.parameters import ANY, levers, parameters
from sim.scenario.beyond import is_beyond, ranged
from sim.scenario.errors import ScenarioError
from sim.scenario.files import MAX_BYTES
from sim.scenario.scenario import Scenario
from sim.scenario.schema import IN_TIME
from sim.scenario.shipped import design_files, find, scenario_files, world_files
from sim.scenario.sources import split_key
from sim.scenario.worlds import in_worlds

EVERY_UNCERTAINTY = "uncertainty.*"
EVERY_THEORY = "structure.*"
WORLD = "world"
METHODS = ("latin_hypercube", "sobol")
MOST_POINTS = 1_000_000
_KEYS = {"title", "base", "runs", "seed", "months", "months_kept", "uncertainty", "outcomes", "axes", "sample"}
_AXIS_KEYS = {"from", "to", "steps"}


class DesignError(RefusedError):
    """A design that cannot be run: where, what is wrong, and what would be right."""


@dataclass(frozen=True)
class Design:
    """What a sweep runs. `points` holds a value for each axis; every point meets the same luck.

    `worlds` are those of the axis `world`, by the name that the axis has for each; empty without such an axis. Months
    are kept `so_far` but in sweeps that were begun when they held the month alone.
    """

    title: str
    base: Scenario
    axes: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]
    is_grid: bool
    runs: int
    seed: int
    months: int
    uncertainty: str
    outcomes: tuple[str, ...]
    months_kept: tuple[str, ...] = ()
    worlds: tuple[tuple[str, Scenario], ...] = ()
    so_far: bool = True

    @classmethod
    def load(cls, path: str | Path, **instead: Any) -> Design:
        """Read a design: a file, or the name of one that comes with airace.

        `instead` replaces `runs`, `seed` or `months` where it is not None.
        Raises DesignError, ScenarioError for a base or an axis that no scenario accepts, OSError.
        """
        path = _found(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise DesignError(f"{path}: is larger than {MAX_BYTES:,} bytes, which no design needs")
        try:
            tables = tomllib.loads(content.decode("utf-8"))
        except RecursionError:
            raise DesignError(f"{path}: tables or lists are nested too deep; a design needs two levels") from None
        except ValueError as error:  # no UTF-8, no TOML, or a number of thousands of digits
            raise DesignError(f"{path}: is no TOML in UTF-8: {error}") from None
        given = {name: value for name, value in instead.items() if value is not None}
        return _design(str(path), tables | given)

    def scenario(self, point: int) -> Scenario:
        """The base, in its world, with a point's values. Raises ScenarioError where they contradict each other."""
        values = dict(zip(self.axes, self.points[point], strict=True))
        return self.base_in(values.pop(WORLD, None)).with_(values, title=f"Point {point}")

    def base_in(self, world: str | None) -> Scenario:
        """The base in the world of this name; the base itself for None. ScenarioError if both set the same key."""
        if world is None:
            return self.base
        return in_worlds([self.base], [dict(self.worlds)[world]])[0]

    @property
    def bases(self) -> tuple[Scenario, ...]:
        """The base in each world, or alone."""
        return tuple(self.base_in(name) for name, _ in self.worlds) or (self.base,)

    def beyond(self) -> dict[str, Any]:
        """What lies beyond its stated range, by dotted key: of the base, and of axes the ends (low, high)."""
        found: dict[str, Any] = {key: value for base in self.bases for key, value in base.beyond().items()
                                 if key not in self.axes}
        for place, axis in enumerate(self.axes):
            parameter = ranged(split_key(axis))
            values = [point[place] for point in self.points]
            if parameter is not None and is_beyond(parameter, ends := (min(values), max(values))):
                found[axis] = ends
        return found

    def has_words(self, place: int) -> bool:
        """Whether an axis is of words, as `structure.powers` is."""
        return isinstance(self.points[0][place], str)

    def along(self, place: int) -> tuple[Any, ...]:
        """An axis's values, each once: from low to high, months too; words in the order of the lever's choices."""
        if self.axes[place] == WORLD:
            present = {point[place] for point in self.points}
            return tuple(name for name, _ in self.worlds if name in present)
        dated = self.axes[place].partition(".")[0] in IN_TIME
        order: Any = float if not self.has_words(place) else str if dated else levers()[self.axes[place]].choices.index
        return tuple(sorted({point[place] for point in self.points}, key=order))

    def columns(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The points as numbers (points, columns), with the columns' names.

        A numeric axis is a column. One of words has a column for each word but the first, 1 where a point has it, named
        as in "structure.powers = hazards".
        """
        names: list[str] = []
        columns: list[list[float]] = []
        for place, axis in enumerate(self.axes):
            values = [point[place] for point in self.points]
            if self.has_words(place):
                others = self.along(place)[1:]
                names += [f"{axis} = {word}" for word in others]
                columns += [[float(value == word) for value in values] for word in others]
            else:
                names.append(axis)
                columns.append(list(map(float, values)))
        return tuple(names), np.array(columns).reshape(len(names), len(self.points)).T

    @property
    def kept_columns(self) -> tuple[tuple[str, str, int], ...]:
        """Columns of the kept months: name ("hostility@2027-12"), outcome, place of the month in the run."""
        dates = month_dates(self.base.start, self.months)
        return tuple((f"{outcome}@{date}", outcome, dates.index(date))
                     for date in self.months_kept for outcome in self.outcomes)

    def resolved(self) -> dict[str, Any]:
        """All of it as plain tables, from which `from_resolved` makes the same design."""
        return {
            "title": self.title, "base": self.base.resolved(), "axes": list(self.axes),
            "points": [list(point) for point in self.points], "is_grid": self.is_grid, "runs": self.runs,
            "seed": self.seed, "months": self.months, "uncertainty": self.uncertainty, "outcomes": list(self.outcomes),
            "months_kept": list(self.months_kept), **({"so_far": True} if self.months_kept and self.so_far else {}),
            **({"worlds": [[name, world.resolved()] for name, world in self.worlds]} if self.worlds else {}),
        }

    @classmethod
    def from_resolved(cls, tables: Mapping[str, Any]) -> Design:
        """The design that `resolved()` described."""
        return cls(
            tables["title"], Scenario.from_resolved(tables["base"]), tuple(tables["axes"]),
            tuple(tuple(point) for point in tables["points"]), tables["is_grid"], tables["runs"], tables["seed"],
            tables["months"], tables["uncertainty"], tuple(tables["outcomes"]), tuple(tables.get("months_kept", ())),
            tuple((name, Scenario.from_resolved(world)) for name, world in tables.get("worlds", ())),
            bool(tables.get("so_far", not tables.get("months_kept"))),
        )


def _design(name: str, tables: Mapping[str, Any]) -> Design:
    for key in tables:
        if key not in _KEYS:
            close = suggest(key, sorted(_KEYS))
            hint = f"; did you mean `{close}`?" if close else f"; known are {', '.join(sorted(_KEYS))}"
            raise DesignError(f"{name}: there is no key `{key}` in a design{hint}")
    base = _base(Path(name), tables.get("base"))
    axes = _table(name, tables, "axes")
    if not axes:
        raise DesignError(f"{name}: has no axes; name a lever or an uncertainty under [axes]")
    sample = _table(name, tables, "sample")
    keys, points = _sampled(name, axes, sample) if "sample" in tables else _grid(name, axes)
    uncertainty = tables.get("uncertainty", DEFAULT)
    if not isinstance(uncertainty, str) or uncertainty not in SETTINGS:
        raise DesignError(f"{name}: uncertainty is one of {', '.join(SETTINGS)}, not {shown(uncertainty)}")
    months = _whole(name, tables, "months", base.months, 1, MOST_MONTHS)
    try:
        title = arguments.title("title", tables.get("title", Path(name).stem[:200]))
    except ArgumentError as error:
        raise DesignError(f"{name}: {error}") from None
    design = Design(
        title, base, keys, points, "sample" not in tables, _whole(name, tables, "runs", 50, 1, MOST_RUNS),
        _whole(name, tables, "seed", 0, 0, LAST_SEED), months, uncertainty, _outcomes(name, tables),
        _months_kept(name, tables.get("months_kept", []), month_dates(base.start, months)),
        _worlds(Path(name), axes),
    )
    _accepted(name, design)
    return design


def _outcomes(name: str, tables: Mapping[str, Any]) -> tuple[str, ...]:
    """The outcomes that are kept: those listed, each once, or the primary ones."""
    given = tables.get("outcomes", list(PRIMARY))
    if not isinstance(given, list) or not given or not all(isinstance(outcome, str) for outcome in given):
        raise DesignError(f'{name}: `outcomes` is a list of outcomes, as in ["{PRIMARY[0]}"], not {shown(given)}')
    for place, outcome in enumerate(given):
        if outcome not in OUTCOMES:
            raise DesignError(f"{name}: {no_outcome(outcome)}")
        if outcome in given[:place]:
            raise DesignError(f"{name}: `outcomes` names {outcome} twice")
    return tuple(given)


def _months_kept(name: str, given: Any, dates: Sequence[str]) -> tuple[str, ...]:
    """Dates of the months to keep, in order: those listed, or the last of every so many."""
    if isinstance(given, dict) and set(given) == {"every"}:
        return tuple(dates[_whole(name, given, "every", None, 1, MOST_MONTHS) - 1 :: given["every"]])
    if not (isinstance(given, list) and all(isinstance(date, str) for date in given)):
        raise DesignError(f'{name}: `months_kept` is a list of months, as in ["{dates[-1]}"], or {{ every = 12 }}')
    for date in given:
        if date not in dates:
            raise DesignError(f"{name}: `months_kept` has {date!r}, which is no month of this run; it goes from "
                              f"{dates[0]} to {dates[-1]}")
    return tuple(date for date in dates if date in given)


def _accepted(name: str, design: Design) -> None:
    """Refuse an axis that no scenario accepts, now rather than at its first point."""
    for place, axis in enumerate(design.axes):
        try:
            values = design.along(place)
        except (KeyError, ValueError):  # words for what has none, or one that is none: the scenario says which
            values = tuple(dict.fromkeys(point[place] for point in design.points))
        for value in values if design.has_words(place) else (values[0], values[-1]):
            try:
                design.base_in(value) if axis == WORLD else design.base.with_({axis: value})
            except ScenarioError as error:
                raise DesignError(f"{name}: axis `{axis}` cannot be {value!r}\n{error}") from None


def _found(path: str | Path) -> Path:
    """The file that a design's name means. FileNotFoundError if there is none."""
    known = design_files()
    found = find(path, known)
    if len(found.parts) == 1 and not found.exists():
        close = suggest(found.stem, list(known))
        raise FileNotFoundError(f"{path}: no such file, and no design of that name comes with airace"
                                + (f"; did you mean `{close}`?" if close else "") + "\nhelp: airace list designs")
    return found


def _base(design: Path, base: Any) -> Scenario:
    if not isinstance(base, str):
        raise DesignError(f'{design}: `base` is missing; name a scenario, as in base = "baseline"')
    return Scenario.load(find(base, scenario_files(), design.parent, design))


def _worlds(design: Path, axes: Mapping[str, Any]) -> tuple[tuple[str, Scenario], ...]:
    """The worlds that the axis `world` names, each by what it is called there."""
    known = world_files()
    return tuple((each, Scenario.load(find(each, known, design.parent, design))) for each in axes.get(WORLD, ()))


def _table(name: str, tables: Mapping[str, Any], key: str) -> dict[str, Any]:
    table = tables.get(key, {})
    if not isinstance(table, dict):
        raise DesignError(f"{name}: `{key}` is a table, [{key}]")
    if key != "axes":
        return table
    axes: dict[str, Any] = {}
    for axis, given in _flat(table):
        if axis != axis.strip() or not axis.isprintable():
            raise DesignError(f"{name}: the axis {shown(axis)} has blanks or signs that no lever's name has")
        if axis in axes:
            raise DesignError(f"{name}: the axis `{axis}` stands there twice")
        axes[axis] = given
    return axes


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Keys written with quotes or as nested tables, as dotted keys."""
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        nested = isinstance(value, dict) and not (value and set(value) <= _AXIS_KEYS)
        found += _flat(value, f"{before}{key}.") if nested else [(before + key, value)]
    return found


def _grid(name: str, axes: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    values = [_values(name, axis, given) for axis, given in axes.items()]
    if (count := int(np.prod([len(each) for each in values], dtype=float))) > MOST_POINTS:
        raise DesignError(f"{name}: the grid has {count:,} points, more than {MOST_POINTS:,}; "
                          "use fewer steps, or [sample]")
    return tuple(axes), tuple(itertools.product(*values))


def _values(name: str, axis: str, given: Any) -> Sequence[Any]:
    if words := _words(name, axis, given):
        return words
    if isinstance(given, list) and given and all(isinstance(value, bool) for value in given):
        if len(set(given)) == len(given):
            return given
    elif isinstance(given, list) and given and all(map(_is_number, given)):
        if len(set(map(float, given))) == len(given):
            return given
    elif isinstance(given, dict) and set(given) == _AXIS_KEYS:
        low, high = _range(name, axis, given)
        steps = _whole(f"{name}: axis `{axis}`", given, "steps", None, 2, MOST_POINTS)
        # Rounded, so that 0.1 is 0.1 and not 0.1 and a bit.
        return [float(f"{value:.12g}") for value in np.linspace(low, high, steps)]
    raise DesignError(f"{name}: axis `{axis}` of a grid is a list of different numbers, or of a lever's words, or "
                      "{ from = 0.0, to = 1.0, steps = 11 }")


def _words(name: str, axis: str, given: Any) -> tuple[str, ...]:
    """The words of an axis over a lever that has some, in the order of its choices; () where it is none of words.

    `"any"` stands for all of a theory's. A word that is none is left to the scenario, which says what may stand there.
    """
    if axis == WORLD:
        if not (isinstance(given, list) and given and all(isinstance(value, str) for value in given)
                and len(set(given)) == len(given)):
            raise DesignError(f'{name}: axis `{WORLD}` is a list of different worlds, as in ["slow_progress", '
                              f'"rapid_progress"], not {shown(given)}; help: airace list worlds')
        return tuple(given)
    lever = levers().get(axis)
    choices = lever.choices if lever is not None else ()
    if choices and given == ANY:
        return choices
    if not (isinstance(given, list) and given and all(isinstance(value, str) for value in given)):
        return ()
    if axis.partition(".")[0] in IN_TIME and len(set(given)) == len(given):  # months, as in change.NAME.date
        return tuple(sorted(given))
    if lever is None or not choices:
        raise DesignError(f"{name}: axis `{axis}` has words, and is of numbers, or true and false")
    if len(set(given)) < len(given):
        raise DesignError(f"{name}: axis `{axis}` has a word twice")
    if lever.is_theory and (weighed := [value for value in given if value not in choices]):
        raise DesignError(f"{name}: axis `{axis}` cannot be {weighed[0]!r}; a point holds one theory, one of "
                          f"{', '.join(choices)}. Weights of several belong into the base")
    return tuple(sorted(given, key=lambda word: choices.index(word) if word in choices else len(choices)))


def _range(name: str, axis: str, given: Any) -> tuple[float, float]:
    if isinstance(given, list) and len(given) == 2:
        given = {"from": given[0], "to": given[1]}
    if isinstance(given, dict) and {"from", "to"} <= set(given) <= _AXIS_KEYS:
        low, high = given["from"], given["to"]
        if _is_number(low) and _is_number(high) and float(low) < float(high):
            return float(low), float(high)
    raise DesignError(f"{name}: the range of axis `{axis}` is {{ from = LOW, to = HIGH }}, LOW below HIGH")


def _is_number(value: Any) -> bool:
    """Whether it is a finite number; true and false are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _sampled(
    name: str, axes: Mapping[str, Any], sample: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[tuple[float | str, ...], ...]]:
    """Points drawn from the axes' ranges: a Latin hypercube, or the first of a scrambled Sobol sequence."""
    from scipy.stats import qmc

    if unknown := set(sample) - {"method", "points", "seed"}:
        raise DesignError(f"{name}: [sample] has no key `{sorted(unknown)[0]}`; it has method, points and seed")
    method, count = sample.get("method", METHODS[0]), _whole(name, sample, "points", None, 2, MOST_POINTS)
    if not isinstance(method, str) or method not in METHODS:
        raise DesignError(f"{name}: the method of [sample] is one of {', '.join(METHODS)}, not {shown(method)}")
    if method == "sobol" and count & (count - 1):
        below = 2 ** (count.bit_length() - 1)
        raise DesignError(f"{name}: {count:,} points of a Sobol' sequence do not fill space evenly, since {count:,} is "
                          f"no power of two; {below:,} or {2 * below:,} do")
    for axis, given in ((EVERY_UNCERTAINTY, "prior"), (EVERY_THEORY, ANY)):
        if axis in axes and axes[axis] != given:
            raise DesignError(f'{name}: axis `{axis}` is "{given}", not {shown(axes[axis])}')
    keys: list[str] = []
    for axis in axes:
        every = [f"uncertainty.{p.name}" for p in parameters().values() if p.kind == "uncertainty"]
        keys += every if axis == EVERY_UNCERTAINTY else theories() if axis == EVERY_THEORY else [axis]
    keys = list(dict.fromkeys(keys))
    sampler = qmc.LatinHypercube if method == METHODS[0] else qmc.Sobol
    u = sampler(len(keys), seed=_whole(name, sample, "seed", 0, 0, 2**63)).random(count)
    columns = []
    for place, key in enumerate(keys):
        group, _, parameter = key.partition(".")
        uncertain = group == "uncertainty" and parameter in parameters() and parameters()[parameter].kind == group
        if words := _words(name, key, axes.get(key, ANY)):
            columns.append(np.array(words, dtype=object)[np.minimum((u[:, place] * len(words)).astype(int),
                                                                     len(words) - 1)])
        elif key in axes and not (uncertain and axes[key] == "prior"):
            low, high = _range(name, key, axes[key])
            columns.append(low + (high - low) * u[:, place])
        else:
            columns.append(prior_quantile(parameters()[parameter], u[:, place]))
    return tuple(keys), tuple(tuple(x if isinstance(x, str) else float(f"{x:.12g}") for x in row)
                              for row in zip(*columns, strict=True))


def _whole(name: str, tables: Mapping[str, Any], key: str, default: int | None, least: int, most: int) -> int:
    value = tables.get(key, default)
    if not is_whole(value) or value < least:
        raise DesignError(f"{name}: `{key}` is a whole number from {least:,}, not {shown(value)}")
    if value > most:
        raise DesignError(f"{name}: `{key}` is at most {most:,}, not {shown(value)}")
    return int(value)
