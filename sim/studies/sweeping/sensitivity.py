"""Which assumptions drive an outcome, or a difference between two scenarios on the same luck.

First Morris screening over all axes, then Sobol' first-order and total indices with bootstrap intervals over those that
matter (SALib does both). Every point meets the same runs, so what differs between points is the axes alone; luck's own
share of variance is measured beside it, from the spread of runs at a point. Runs are sweeps (`sim/studies/sweeping`):
they survive what stops them. Outputs carry the hash of the sample that they belong to, and meet no other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from sim.common.above import Told, above
from sim.common.arguments import RefusedError
from sim.common.shell import command_line
from sim.engine.uncertainty import prior_quantile
from sim.model.beliefs import theories
from sim.model.outcomes import OUTCOMES, no_outcome
from sim.model.parameters import levers, parameters
from sim.scenario.scenario import Scenario
from sim.scenario.schema import IN_TIME
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.sweep import Progress, Sweep

# SALib takes a seed of 0 for none, so it is given one more.
WIDE = 0.1  # half-width of an interval of a total index above which it is called not converged
LEVELS = 4  # of Morris's grid


class SensitivityError(RefusedError):
    """Indices that cannot be computed: why, and what to do."""


# ---- axes --------------------------------------------------------------------------------------------------------
def every_uncertainty() -> tuple[str, ...]:
    """Axes of all uncertain parameters."""
    return tuple(f"uncertainty.{name}" for name, p in parameters().items() if p.kind == "uncertainty")


def every_theory() -> tuple[str, ...]:
    """Axes of all theories."""
    return tuple(theories())


def at_quantile(axis: str, u: np.ndarray) -> np.ndarray:
    """Values of an axis below which a share `u` lies: of an uncertainty's prior, or evenly over a lever's range.

    Of a theory each of its choices has the same share, in their order; of a policy in time the months or numbers of the
    range that stands behind it, as in "change.NAME.date=2027-01..2031-12". SensitivityError for what is none of these.
    """
    group, _, name = axis.partition(".")
    if group in IN_TIME:
        return _in_time(axis, u)
    if group == "uncertainty" and name in parameters() and parameters()[name].kind == "uncertainty":
        return prior_quantile(parameters()[name], u)
    lever = levers().get(axis)
    if lever is not None and lever.is_theory:
        return np.array(lever.choices, dtype=object)[np.minimum((u * len(lever.choices)).astype(int),
                                                                 len(lever.choices) - 1)]
    if lever is None or lever.type != "number" or lever.low is None or lever.high is None:
        raise SensitivityError(f"{axis} is no uncertainty.NAME, numeric lever or theory, nor change.NAME.KEY or "
                               "when.NAME.KEY with its range; `airace params` lists them")
    return np.asarray(lever.low + (lever.high - lever.low) * u)


def name_of(axis: str) -> str:
    """The dotted key of an axis, without the range that may stand behind it."""
    return axis.partition("=")[0]


def _in_time(axis: str, u: np.ndarray) -> np.ndarray:
    """Values of a policy in time: whole months of a date or a number of months, else numbers."""
    key, ends = name_of(axis), axis.partition("=")[2].split("..")
    dates = [re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", end) for end in ends]
    try:
        numbers = [int(date[1]) * 12 + int(date[2]) - 1 if date else float(end)
                   for date, end in zip(dates, ends, strict=True)]
        low, high = numbers
        if not low < high < inf or any(dates) != all(dates):
            raise ValueError
    except ValueError:
        date = key.endswith((".date", ".until", ".announced"))
        example = f"{key}={'2027-01..2031-12' if date else '0.2..0.8'}"
        raise SensitivityError(f"{axis} needs its range, from low to high, as in {example}") from None
    if all(dates) or key.endswith("_months"):
        months = (low + np.minimum(np.floor(u * (high - low + 1.0)), high - low)).astype(int)
        return np.array([f"{m // 12:04d}-{m % 12 + 1:02d}" for m in months], object) if all(dates) else months
    return np.asarray(low + (high - low) * u)


def _design(base: Scenario, axes: Sequence[str], u: np.ndarray, outcome: str, runs: int, seed: int,
            months: int) -> Design:
    """A design with a point for each row of quantiles (points, axes); rounded, as in any scenario file."""
    columns = [at_quantile(axis, u[:, place]) for place, axis in enumerate(axes)]
    points = tuple(tuple(x if isinstance(x, str) else int(x) if isinstance(x, np.integer) else float(f"{x:.12g}")
                         for x in row) for row in zip(*columns, strict=True))
    return Design("Sensitivity", base, tuple(map(name_of, axes)), points, False, runs, seed, months, "luck", (outcome,))


# ---- indices -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Effect:
    """Morris's measures of one axis: mean absolute effect of a step with its 95% half-width, and their spread."""

    axis: str
    mu_star: float
    half_width: float
    sigma: float


@dataclass(frozen=True)
class Index:
    """Sobol' indices of one axis with 95% half-widths: its share of variance alone, and with all it acts through."""

    axis: str
    first: float
    first_half: float
    total: float
    total_half: float


@dataclass(frozen=True)
class Shares:
    """Shares of a single run's variance: of theories together, of parameters and levers together, and of luck.

    Each but luck's with its 95% half-width: what it makes alone; `joint` is what both make only together.
    """

    theories: float
    theories_half: float
    parameters: float
    parameters_half: float
    joint: float
    luck: float


@dataclass(frozen=True)
class Indices:
    """Sobol' indices, strongest first, and what they rest on."""

    indices: tuple[Index, ...]
    samples: int

    @property
    def converged(self) -> bool:
        """Whether no interval of a total index is wider than stated."""
        return all(index.total_half <= WIDE for index in self.indices)

    @property
    def samples_needed(self) -> int:
        """Base samples at which the widest interval would be narrow enough, as widths shrink with the root."""
        widest = max((index.total_half for index in self.indices), default=0.0)
        wanted = self.samples * max(widest / WIDE, 1.0) ** 2
        return int(2 ** np.ceil(np.log2(wanted)))


def _problem(axes: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(axes), "names": list(axes), "bounds": [[0.0, 1.0]] * len(axes)}


@dataclass(frozen=True)
class Outputs:
    """What a sample gave, one value a point, and the hash of that sample, so that it is not taken for another's."""

    values: np.ndarray
    sample_hash: str

    @classmethod
    def of(cls, sample: np.ndarray, values: np.ndarray) -> Outputs:
        """Values (points,) of a sample (points, axes)."""
        return cls(np.asarray(values, float), hash_of(sample))


def hash_of(sample: np.ndarray) -> str:
    """SHA-256 over a sample's shape and quantiles (points, axes), in their order."""
    quantiles = np.ascontiguousarray(sample, dtype="<f8")
    return hashlib.sha256(repr(quantiles.shape).encode() + quantiles.tobytes()).hexdigest()


Run = Callable[[np.ndarray], Outputs]


def _sound(outputs: Outputs, sample: np.ndarray) -> np.ndarray:
    """The outputs' values, if they can carry indices of this sample; SensitivityError if not."""
    values, points = outputs.values, len(sample)
    if len(values) != points:
        raise SensitivityError(f"{len(values)} outputs do not belong to a sample of {points} points")
    if outputs.sample_hash != hash_of(sample):
        raise SensitivityError("these outputs belong to another sample: its hash is not that of this one. Give the "
                               "study a folder of its own")
    if not np.isfinite(values).all():
        raise SensitivityError(f"{int((~np.isfinite(values)).sum())} of {points} points have no finite output; indices "
                               "of the rest would be biased. See `airace resume DIR --retry-failed`")
    if np.ptp(values) == 0.0:
        raise SensitivityError("the outcome is the same at every point, so nothing drives it; choose another")
    return values


def morris(axes: Sequence[str], run: Run, trajectories: int = 10,
           seed: int = 0) -> list[Effect]:
    """Screen the axes: `run` takes quantiles (points, axes) and gives their outputs. Strongest first.

    Source: Morris (1991) with the absolute mean of Campolongo et al. (2007), by SALib.
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    problem = _problem(axes)
    sample = sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed + 1)
    values = _sound(run(sample), sample)
    found = analysis.analyze(problem, sample, values, num_levels=LEVELS, seed=seed + 1)
    effects = [Effect(axis, float(found["mu_star"][i]), float(found["mu_star_conf"][i]), float(found["sigma"][i]))
               for i, axis in enumerate(axes)]
    return sorted(effects, key=lambda effect: -effect.mu_star)


def check_samples(samples: int) -> None:
    """SensitivityError unless a number of base samples fills space evenly: call it before the screening."""
    if samples < 2 or samples & (samples - 1):
        raise SensitivityError(f"samples is a power of two, as in 512, not {samples}")


def sobol(axes: Sequence[str], run: Run, samples: int = 512, seed: int = 0) -> Indices:
    """First-order and total indices from `samples` (a power of two) times two more than the axes points.

    Source: Sobol' (2001), Saltelli et al. (2010), by SALib.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    check_samples(samples)
    problem = _problem(axes)
    sample = sampling.sample(problem, samples, calc_second_order=False, seed=seed + 1)
    values = _sound(run(sample), sample)
    found = analysis.analyze(problem, values, calc_second_order=False, seed=seed + 1)
    indices = [Index(axis, float(found["S1"][i]), float(found["S1_conf"][i]), float(found["ST"][i]),
                     float(found["ST_conf"][i])) for i, axis in enumerate(axes)]
    return Indices(tuple(sorted(indices, key=lambda index: -index.total)), samples)


def by_kind(axes: Sequence[str], run: Run, samples: int, seed: int = 0) -> tuple[Index, Index]:
    """Sobol' indices of all theories as one group, and of all other axes as one: from four times `samples` points."""
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = _problem(axes) | {"groups": ["theories" if _is_theory(axis) else "others" for axis in axes]}
    sample = sampling.sample(problem, samples, calc_second_order=False, seed=seed + 1)
    found = analysis.analyze(problem, _sound(run(sample), sample), calc_second_order=False, seed=seed + 1)
    names = list(dict.fromkeys(problem["groups"]))
    places = names.index("theories"), names.index("others")
    theories, others = (Index(names[i], *(float(found[key][i]) for key in ("S1", "S1_conf", "ST", "ST_conf")))
                        for i in places)
    return theories, others


def _is_theory(axis: str) -> bool:
    return axis in levers() and levers()[axis].is_theory


# ---- the model ---------------------------------------------------------------------------------------------------
@dataclass
class Subject:
    """An outcome of a scenario, or its difference from another scenario, as a function of points.

    `folder` keeps the sweeps; of a `closed` one they are read and nothing is run. After `outputs`, `luck_share` is
    luck's share of the variance of a single run, over points and runs together.
    """

    scenario: Scenario
    against: Scenario | None
    outcome: str
    runs: int
    folder: Path
    seed: int = 0
    workers: int = 1
    executor: Executor | None = None
    progress: Progress | None = None
    luck_share: float = float("nan")
    closed: bool = False

    def outputs(self, stage: str, axes: Sequence[str], u: np.ndarray) -> Outputs:
        """Mean over runs at each point, NaN where one failed; a sweep in `folder/stage` for each scenario."""
        values = self._of(self.scenario, f"{stage}_a", axes, u)
        if self.against is not None:
            values = self._of(self.against, f"{stage}_b", axes, u) - values
        within = float(values.var(axis=1, ddof=1).mean()) if self.runs > 1 else float("nan")
        between = max(float(values.mean(axis=1).var(ddof=1)) - within / self.runs, 0.0)
        self.luck_share = within / (within + between) if within + between > 0.0 else float("nan")
        return Outputs.of(u, values.mean(axis=1))

    def _of(self, base: Scenario, name: str, axes: Sequence[str], u: np.ndarray) -> np.ndarray:
        design = _design(base, axes, u, self.outcome, self.runs, self.seed, base.months)
        sweep = self._opened(name) if self.closed else Sweep.begin(
            self.folder / name, replace(design, title=f"{base.title}: {self.outcome}"))
        if not self.closed:
            sweep.run(self.workers, self.executor, self.progress)
        if sweep.design.points != design.points:
            raise SensitivityError(f"{self.folder / name} holds the points of another sample; give the study a folder "
                                   "of its own")
        return sweep.values(self.outcome)

    def _opened(self, name: str) -> Sweep:
        """A sweep that is there and whole; StoreError for any other."""
        sweep = Sweep.open(self.folder / name)
        sweep.refuse_other_versions()
        if not sweep.points_done().all():
            raise StoreError(sweep.folder, "is not finished, or damaged",
                             f"{command_line('airace', 'resume', sweep.folder)} does the rest")
        return sweep


@dataclass(frozen=True)
class Sensitivity(Told):
    """What drives an outcome: the screening, the indices of those kept, and luck's share of variance.

    `shares` says what theories make together, where some were among the axes; `beyond` which values of the scenarios
    lie beyond their stated ranges, by dotted key.
    """

    subject: str
    outcome: str
    effects: tuple[Effect, ...]
    indices: Indices
    luck_share: float
    points: int
    runs: int
    shares: Shares | None = None
    beyond: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plot(self) -> Any:
        """Charts, a `SensitivityPlots`: `found.plot.shares()`."""
        return above("plots_of_sensitivity")(self)


def sensitivity(subject: Subject, axes: Sequence[str], trajectories: int = 10, keep: int = 12,
                samples: int = 256) -> Sensitivity:
    """Screen all axes, then compute indices of the `keep` strongest; the others stay at their defaults.

    Raises SensitivityError for an axis that is none, ScenarioError for one that a scenario does not take.
    """
    if subject.outcome not in OUTCOMES:
        raise SensitivityError(no_outcome(subject.outcome))
    check_samples(samples)
    middle = _design(subject.scenario, axes, np.full((1, len(axes)), 0.5), subject.outcome, 1, 0, 1)
    for base in filter(None, (subject.scenario, subject.against)):
        replace(middle, base=base).scenario(0)
    points = 0

    def runner(stage: str, names: Sequence[str]) -> Run:
        def run(u: np.ndarray) -> Outputs:
            nonlocal points
            points += len(u)
            return subject.outputs(stage, names, u)
        return run

    effects: Sequence[Effect] = ()
    kept = list(axes)
    if len(kept) > keep:
        effects = morris(kept, runner("screening", kept), trajectories, subject.seed)
        kept = [effect.axis for effect in effects[:keep]]
    indices = sobol(kept, runner("indices", kept), samples, subject.seed)
    shares = None
    if len({_is_theory(axis) for axis in axes}) == 2:  # all axes, those screened out too: a group costs no more
        shares = _shares(*by_kind(axes, runner("kinds", axes), samples, subject.seed), subject.luck_share)
    title = OUTCOMES[subject.outcome].title
    if subject.against is not None:
        title += f" under {subject.against.title} less under {subject.scenario.title}"
    beyond = {key: value for each in (subject.scenario, subject.against) if each is not None
              for key, value in each.beyond().items() if key not in axes}
    return Sensitivity(title, subject.outcome, tuple(effects), indices, subject.luck_share, points, subject.runs,
                       shares, beyond)


def _shares(theories: Index, others: Index, luck: float) -> Shares:
    """Shares of what does not hang on luck as shares of a single run's variance."""
    rest = 1.0 - luck
    return Shares(rest * theories.first, rest * theories.first_half, rest * others.first, rest * others.first_half,
                  rest * (1.0 - theories.first - others.first), luck)


def as_tables(found: Sensitivity) -> Mapping[str, list[dict[str, Any]]]:
    """The screening and the indices as rows."""
    return {"screening": [effect.__dict__ for effect in found.effects],
            "indices": [index.__dict__ for index in found.indices.indices],
            "shares": [] if found.shares is None else [found.shares.__dict__]}
