"""The back-test: an ensemble from December 2015 against the record to the end of 2024."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sim.common.above import above
from sim.engine.results import Results
from sim.studies.forecasting.facts import Held, facts_passed, hold
from sim.studies.forecasting.record import Point, Series, record
from sim.studies.forecasting.scores import Trend, covers, crps_of_ensemble, crps_of_normal

# The record itself is known only so well: half of what a good model may be off is taken to be the record's own error.
RECORD_ERROR = 0.5
# One seed's thousand runs may be lucky: what is said of the back-test is a range over so many seeds.
SEEDS = 8
RUNS = 1_000
RARE = 0.1  # share of runs within the record's range below which a measure is hardly ever right
GAP_FACT = 11  # the fact that the capability gap narrowed: its two measures are the lag before and after


@dataclass(frozen=True)
class Score:
    """One point of the record: whether bands of the ensemble hold it, and the scores of model and naive forecast.

    Scores are on the series' scale. The naive forecast knows points to the end of 2022; for these it is NaN, and where
    there are none.
    """

    series: Series
    point: Point
    quantiles: tuple[float, float, float, float, float]
    in_50: bool
    in_90: bool
    crps: float
    naive: float


class Backtest:
    """Scores of every point and fact for one scenario's runs, with events and labs kept."""

    def __init__(self, results: Results, scenario: int = 0) -> None:
        self.results, self.scenario = results, scenario

    def _repr_html_(self) -> str:
        """The finding with its first charts, in a notebook."""
        return str(above("told_of_backtest")(self)._repr_html_())

    @cached_property
    def scores(self) -> list[Score]:
        """Every point of the record, in its order."""
        return [score for series in record() for score in self._of(series)]

    def _of(self, series: Series) -> list[Score]:
        said = series.simulated(self.results, self.scenario)
        noise = np.random.default_rng(0).normal(size=said.shape) * RECORD_ERROR * series.discrepancy
        members = series.scaled(said) + noise
        known = _known(series)
        found = []
        for i, point in enumerate(series.points):
            seen = float(series.scaled(point.value))
            naive = np.nan
            if known and not point.calibrates:
                trend = Trend(np.array([_years(p.date) for p in known]),
                              np.array([float(series.scaled(p.value)) for p in known]))
                naive = crps_of_normal(*trend.forecast(_years(point.date)), seen)
            q05, q25, q50, q75, q95 = (float(q) for q in np.quantile(said[:, i], [0.05, 0.25, 0.5, 0.75, 0.95]))
            found.append(Score(series, point, (q05, q25, q50, q75, q95), covers(members[:, i], seen, 0.5),
                               covers(members[:, i], seen, 0.9), crps_of_ensemble(members[:, i], seen), naive))
        return found

    @cached_property
    def held(self) -> list[Held]:
        """Every measure of every stylised fact."""
        return hold(self.results, self.scenario)

    @property
    def facts(self) -> dict[int, bool]:
        """Stylised facts by number: passed or not."""
        return facts_passed(self.held)

    def coverage(self, level: int, validation: bool) -> float:
        """Share of points within the central band of 50 or 90%, of those that validate or of those that calibrate."""
        chosen = [score for score in self.scores if score.point.calibrates != validation]
        return float(np.mean([score.in_50 if level == 50 else score.in_90 for score in chosen]))

    def inside(self, level: int) -> int:
        """How many of the points that validate lie within the central band of 50 or 90%."""
        return sum(score.in_50 if level == 50 else score.in_90 for score in self.validating)

    @property
    def validating(self) -> list[Score]:
        """Scores of the points that calibration has not seen."""
        return [score for score in self.scores if not score.point.calibrates]

    def against_naive(self) -> dict[str, tuple[float, float]]:
        """Mean score of model and naive forecast by series, over the points that validate."""
        found = {}
        for series in record():
            pairs = [(s.crps, s.naive) for s in self.scores if s.series is series and np.isfinite(s.naive)]
            if pairs:
                model, naive = np.mean(pairs, axis=0)
                found[series.name] = (float(model), float(naive))
        return found

def _years(date: str) -> float:
    return int(date[:4]) + (int(date[5:7]) - 1) / 12.0


@dataclass(frozen=True)
class OverSeeds:
    """The back-test repeated with several seeds: what one seed's luck cannot decide. Lists have an entry for each seed.

    `one_point`: series in which the naive forecast knew a single point. `missed`: in how many seeds a fact is missed,
    by its number, where it ever is. `low_by`: the record over the runs' median at a series' last point, by its name,
    for series that grow by multiples. `rare`: measures with fewer than a tenth of the runs within the record's range.
    `lag`: the runs' median of China's lag over the two stretches of fact 11, in months.
    """

    runs: int
    seeds: list[int]
    points: int
    in_50: list[int]
    in_90: list[int]
    series: int
    one_point: int
    better: list[int]
    facts: int
    held: list[int]
    missed: dict[str, int]
    measures: int
    rare: list[int]
    low_by: dict[str, list[float]]
    lag: list[list[float]]


def over_seeds(found: Iterable[Backtest]) -> OverSeeds:
    """Put back-tests of the same scenario and runs with different seeds together; each is let go before the next."""
    rows = [_numbers(each) for each in found]
    first = rows[0]
    missed = [number for row in rows for number, held in row["facts"].items() if not held]
    return OverSeeds(
        first["runs"], [row["seed"] for row in rows], first["points"],
        [row["in_50"] for row in rows], [row["in_90"] for row in rows],
        len(first["better"]), sum(len(_known(series)) == 1 for series in record() if series.name in first["better"]),
        [sum(row["better"].values()) for row in rows],
        len(first["facts"]), [sum(row["facts"].values()) for row in rows],
        {str(number): missed.count(number) for number in sorted(set(missed))},
        first["measures"], [row["rare"] for row in rows],
        {name: [row["low_by"][name] for row in rows] for name in first["low_by"]},
        [row["lag"] for row in rows],
    )


def _numbers(found: Backtest) -> dict[str, Any]:
    counted = [held for held in found.held if not held.given]
    last = {score.series.name: score for score in found.validating if score.series.log}
    return {
        "runs": found.results.values.shape[1], "seed": found.results.seed, "points": len(found.validating),
        "in_50": found.inside(50), "in_90": found.inside(90), "facts": found.facts,
        "better": {name: model < naive for name, (model, naive) in found.against_naive().items()},
        "measures": len(counted), "rare": sum(held.within < RARE for held in counted),
        "low_by": {name: round(score.point.value / max(score.quantiles[2], 1e-12), 3) for name, score in last.items()},
        "lag": [round(held.quartiles[1], 2) for held in found.held if held.fact.number == GAP_FACT],
    }


def _known(series: Series) -> list[Point]:
    return [point for point in series.points if point.calibrates]
