"""The back-test: ensembles from December 2015, held against the record from eight origins, beside rivals.

What is scored, how and against what stands in the protocol (`docs/forecasts.md`), which is older than any score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from scipy import stats

from sim.common import arguments
from sim.common.above import Told, above
from sim.common.arguments import takes
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.scenario.scenario import Scenario
from sim.scenario.schema import month_index
from sim.studies.forecasting.discrepancy import anchored_sd, level_sd
from sim.studies.forecasting.protocol import FACTORS, HORIZONS, LEVELS, LONG, ORIGINS, SHA256
from sim.studies.forecasting.record import Series, platforms_trend, record
from sim.studies.forecasting.rivals import USUAL_CHANGE, outside, rivals
from sim.studies.forecasting.scores import covers, crps_of_ensemble, interval_score, place

Column = Literal["level", "anchored"]
COLUMNS: tuple[Column, ...] = ("level", "anchored")
TRACKS = {"stood": "policy as it stood", "came": "policy as it came"}
MODEL = "model"
RUNS = 1_000
FEWEST = 10  # runs that a lab must be in business in for its series to be scored
ANCHORED_WITHIN = 1.0  # years: an older figure is no anchor
NEAR = 1  # months: how far from its horizon a figure may be
RESAMPLES = 10_000
TINY = 1e-12
Simulate = Callable[[Scenario, str], Results]
"""Runs a scenario with a setting of what is believed about parameters; labs kept."""


# ---- cells -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Scored:
    """One forecaster's scores of a figure, on its series' scale; `middle` is its median."""

    crps: float
    interval: float
    covered: tuple[bool, ...]
    place: float
    middle: float

    @classmethod
    def of(cls, members: np.ndarray, observed: float) -> Scored:
        """Scores of equally likely values (members,)."""
        return cls(crps_of_ensemble(members, observed), interval_score(members, observed, LEVELS),
                   tuple(covers(members, observed, level) for level in LEVELS), place(members, observed),
                   float(np.median(members)))


@dataclass(frozen=True)
class Cell:
    """A figure forecast from an origin, in one column: `series.points[point]`, so many quarters ahead.

    `scores` are the model's and its rivals', by name; `quantiles` (5, 25, 50, 75, 95%) the model's on the series'
    scale; `present` the share of runs in which there is anything to say.
    """

    origin: str
    series: Series
    point: int
    quarters: int
    column: Column
    scores: Mapping[str, Scored]
    quantiles: tuple[float, ...]
    present: float

    @property
    def observed(self) -> float:
        """The figure on its scale."""
        return float(self.series.observed[self.point])


def cells_of(series: Series, origin: str) -> dict[int, int]:
    """Positions of the figures that are forecast from an origin, with their horizons in quarters."""
    ahead = [month_index(origin, point.last) for point in series.points]
    found: dict[int, int] = {}
    for quarters in HORIZONS:
        off = [(abs(months - 3 * quarters), i) for i, months in enumerate(ahead) if months > 0 and i not in found]
        if off and min(off)[0] <= NEAR:
            found[min(off)[1]] = quarters
    return found


@dataclass(frozen=True)
class _Forecast:
    """What runs say of one cell before any discrepancy: (runs,) on the scale, and the discrepancy's deviation."""

    origin: str
    series: Series
    point: int
    quarters: int
    column: Column
    said: np.ndarray
    sd: float
    noise: np.ndarray
    present: float

    def members(self, factor: float) -> np.ndarray:
        """The forecast: runs and what they may be off for reasons that are not their parameters."""
        return self.said + factor * self.sd * self.noise

    @cached_property
    def crps(self) -> dict[float, float]:
        """By factor the score, in discrepancies of the series."""
        observed = float(self.series.observed[self.point])
        return {f: crps_of_ensemble(self.members(f), observed) / self.series.discrepancy for f in FACTORS}


def _forecasts(results: Results, origin: str, number: int) -> list[_Forecast]:
    """All cells of an origin, in both columns."""
    found = []
    for place_of_series, series in enumerate(record()):
        known = np.flatnonzero([point.last <= origin for point in series.points])
        if len(known) < 2:
            continue
        anchor = int(known[-1])
        for point, quarters in cells_of(series, origin).items():
            said = series.scaled(series.at(results, series.points[point]))
            before = series.scaled(series.at(results, series.points[anchor]))
            noise = np.random.default_rng((number, place_of_series, point)).normal(size=len(said))
            columns: list[tuple[Column, np.ndarray, float]] = []
            if not series.growth_only:
                columns.append(("level", said, level_sd(series, point)))
            if series.years[anchor] >= month_index("0000-01", origin) / 12.0 + 1.0 / 12.0 - ANCHORED_WITHIN:
                columns.append(("anchored", series.observed[anchor] + said - before,
                                anchored_sd(series, anchor, point)))
            for column, values, sd in columns:
                there = np.isfinite(values)
                if there.sum() >= (FEWEST if series.lab else 2):
                    found.append(_Forecast(origin, series, point, quarters, column, values[there], sd, noise[there],
                                           float(there.mean())))
    return found


def _factor(earlier: Iterable[_Forecast], origin: str) -> float:
    """The factor with the best mean score over cells of earlier origins whose figures are known; 1 without any."""
    seen = [each for each in earlier if each.series.points[each.point].last <= origin and not each.series.lab]
    if not seen:
        return 1.0
    return min(FACTORS, key=lambda factor: float(np.mean([each.crps[factor] for each in seen])))


def _scored(each: _Forecast, factor: float) -> Cell:
    series, observed = each.series, float(each.series.observed[each.point])
    members = each.members(factor)
    known = np.flatnonzero([point.last <= each.origin for point in series.points])
    usual = USUAL_CHANGE if series.log else series.discrepancy
    years, seen = series.years[known], series.observed[known]
    ahead = float(series.years[each.point] - years[-1])
    others = rivals(years, seen, ahead, usual) | outside(series.name, each.origin, years, seen, ahead, usual)
    scores = {MODEL: Scored.of(members, observed)} | {
        name: Scored.of(values, observed) for name, values in others.items()}
    quantiles = tuple(float(q) for q in np.quantile(members, [0.05, 0.25, 0.5, 0.75, 0.95]))
    return Cell(each.origin, series, each.point, each.quarters, each.column, scores, quantiles, each.present)


# ---- the whole -------------------------------------------------------------------------------------------------
def as_of(scenario: Scenario, origin: str) -> Scenario:
    """The scenario as it was known at an origin: nothing dated after it, platforms' trend as it was until then."""
    known = replace(scenario, events=tuple(event for event in scenario.events if event.date <= origin))
    # The range of the trend is for later starts; what it was is a figure.
    return known.with_({"beyond_range": True, "uncertainty.parent_growth": platforms_trend(origin)},
                       title=f"{scenario.title}, to {origin}")


@dataclass(frozen=True)
class Headline:
    """Geometric mean over series of the model's score over a rival's, its 90% interval, and the series' ratios."""

    value: float
    low: float
    high: float
    ratios: Mapping[str, float]

    @property
    def better(self) -> int:
        """Series on which the model is better."""
        return sum(ratio < 1.0 for ratio in self.ratios.values())

    @property
    def median(self) -> float:
        """The ratio of the median series."""
        return float(np.median(list(self.ratios.values())))

    @property
    def sign(self) -> float:
        """One-sided p-value of the sign test that the model is better on more series than by chance."""
        return float(stats.binomtest(self.better, len(self.ratios), alternative="greater").pvalue)


@dataclass(frozen=True)
class Track:
    """All cells of one track, and the factor on the discrepancy at each origin."""

    name: str
    cells: Sequence[Cell]
    factors: Mapping[str, float]

    def of(self, column: Column, horizons: Sequence[int] = HORIZONS, lab: bool = False) -> list[Cell]:
        """Cells of a column at some horizons, of series of the whole or, with `lab`, of single labs."""
        return [cell for cell in self.cells
                if cell.column == column and cell.quarters in horizons and bool(cell.series.lab) == lab]

    def against(self, rival: str, column: Column, horizons: Sequence[int] = LONG, lab: bool = False) -> Headline:
        """The model against a rival, series by series, over the cells that both have scored."""
        own: dict[str, list[tuple[float, float]]] = {}
        for cell in self.of(column, horizons, lab):
            if rival in cell.scores:
                own.setdefault(cell.series.name, []).append((cell.scores[MODEL].crps, cell.scores[rival].crps))
        means = {name: np.maximum(np.mean(pairs, axis=0), TINY) for name, pairs in own.items()}
        ratios = {name: float(model / other) for name, (model, other) in means.items()}
        if not ratios:
            return Headline(np.nan, np.nan, np.nan, {})
        logs = np.log(list(ratios.values()))
        chosen = np.random.default_rng(0).integers(len(logs), size=(RESAMPLES, len(logs)))
        low, high = np.quantile(logs[chosen].mean(axis=1), [0.05, 0.95])
        return Headline(float(np.exp(logs.mean())), float(np.exp(low)), float(np.exp(high)), ratios)

    def coverage(self, level: float, column: Column, forecaster: str = MODEL) -> float:
        """Share of figures within a central band."""
        at = LEVELS.index(level)
        return float(np.mean([cell.scores[forecaster].covered[at] for cell in self.of(column)
                              if forecaster in cell.scores]))

    def places(self, column: Column) -> np.ndarray:
        """How many figures lie in each tenth of the model's forecast: (10,)."""
        return np.histogram([cell.scores[MODEL].place for cell in self.of(column)], bins=10, range=(0.0, 1.0))[0]

    def bias(self, column: Column, quarters: int) -> float:
        """Record less median, mean over series on log scales at one horizon: above 0 the model says too little."""
        own: dict[str, list[float]] = {}
        for cell in self.of(column, (quarters,)):
            if cell.series.log:
                own.setdefault(cell.series.name, []).append(cell.observed - cell.scores[MODEL].middle)
        return float(np.mean([np.mean(values) for values in own.values()])) if own else np.nan

    def confidence_set(self, column: Column) -> list[str]:
        """Forecasters that cannot be told from the best at 10%, over origins and series (Hansen and others 2011)."""
        from arch.bootstrap import MCS

        own: dict[tuple[str, str], list[Cell]] = {}
        for cell in self.of(column, LONG):
            own.setdefault((cell.series.name, cell.origin), []).append(cell)
        names = [name for name in self.of(column, LONG)[0].scores
                 if all(name in cell.scores for cell in self.of(column, LONG))]
        losses = np.array([[np.mean([cell.scores[name].crps for cell in cells]) for name in names]
                           for _, cells in sorted(own.items())])
        found = MCS(losses / losses.mean(axis=1, keepdims=True), size=0.1, reps=2_000, block_size=3, seed=0)
        found.compute()
        return [name for i, name in enumerate(names) if i in found.included]

    def diebold_mariano(self, rival: str, column: Column) -> float:
        """Two-sided p-value of equal scores over origins, corrected for few of them (Harvey and others 1997)."""
        own: dict[str, list[float]] = {}
        for cell in self.of(column, LONG):
            if rival in cell.scores:
                own.setdefault(cell.origin, []).append(
                    float(np.log(max(cell.scores[MODEL].crps, TINY) / max(cell.scores[rival].crps, TINY))))
        loss = np.array([np.mean(values) for _, values in sorted(own.items())])
        count, ahead = len(loss), 2  # eight quarters are two origins
        if count <= ahead:
            return np.nan
        off = loss - loss.mean()
        variance = (off @ off + 2.0 * sum(off[lag:] @ off[:-lag] for lag in range(1, ahead))) / count
        if variance <= 0.0:
            return np.nan
        corrected = np.sqrt((count + 1 - 2 * ahead + ahead * (ahead - 1) / count) / count)
        statistic = corrected * loss.mean() / np.sqrt(variance / count)
        return float(2.0 * stats.t.sf(abs(statistic), count - 1))


class Backtest(Told):
    """Both tracks over all origins, and the ensemble with policy as it came to the end of the record.

    `scenario` begins in December 2015 and reaches the record's end; `simulate` runs it with a setting of what is
    believed about parameters. `latest` has events and labs.
    """

    def __init__(self, scenario: Scenario, simulate: Simulate, origins: Sequence[str] = ORIGINS) -> None:
        self.scenario, self.protocol = scenario, SHA256
        self.origins = tuple(origins)
        self.latest: Results
        self.tracks = {name: self._track(name, simulate) for name in TRACKS}

    def _track(self, name: str, simulate: Simulate) -> Track:
        every: list[list[_Forecast]] = []
        factors: dict[str, float] = {}
        for number, origin in enumerate(self.origins):
            chosen = as_of(self.scenario, origin) if name == "stood" else self.scenario
            results = simulate(chosen, f"posterior:{origin}")
            if name == "came":
                self.latest = results
            factors[origin] = _factor((each for own in every for each in own), origin)
            every.append(_forecasts(results, origin, number))
        cells = [_scored(each, factors[origin])
                 for origin, own in zip(self.origins, every, strict=True) for each in own]
        return Track(TRACKS[name], cells, factors)

    def __repr__(self) -> str:
        """What it is, in a line."""
        cells = sum(len(track.cells) for track in self.tracks.values())
        return (f"<Backtest of {self.scenario.title}: {len(self.origins)} origins, {len(self.tracks)} tracks, "
                f"{cells:,} figures forecast>")

    @property
    def plot(self) -> Any:
        """Charts, a `BacktestPlots`: `backtest.plot.series("stock of AI chips")`."""
        return above("plots_of_backtest")(self)

    @cached_property
    def held(self) -> Any:
        """Every measure of every stylised fact, in the ensemble with policy as it came."""
        from sim.studies.forecasting.facts import hold

        return hold(self.latest, 0)

    @property
    def facts(self) -> dict[int, bool]:
        """Stylised facts by number: passed or not."""
        from sim.studies.forecasting.facts import facts_passed

        return facts_passed(self.held)


@takes(runs=arguments.runs, seed=arguments.seed, workers=arguments.workers)
def backtest(scenario: Scenario | None = None, runs: int = RUNS, seed: int = 0, workers: int = 1) -> Backtest:
    """Hold the model, or a scenario that starts in December 2015, against the record from all origins.

    `runs` of each origin and track; without a scenario, with policy as it was (`history_forced`). As `airace backtest`.
    """
    return Backtest(scenario or Scenario.load("history_forced"), lambda each, uncertainty: simulate(
        each, runs, seed=seed, workers=workers, labs=True, uncertainty=uncertainty))


# ---- as rows ---------------------------------------------------------------------------------------------------
def cells_as_rows(found: Backtest) -> list[dict[str, Any]]:
    """A row for every figure forecast, column and forecaster, with its scores; `record` and `unit` as on record."""
    return [row for name, track in found.tracks.items() for cell in track.cells for row in _rows(name, cell)]


def _rows(track: str, cell: Cell) -> list[dict[str, Any]]:
    point = cell.series.points[cell.point]
    same = {"track": track, "origin": cell.origin, "series": cell.series.name, "from": point.first, "to": point.last,
            "quarters": cell.quarters, "column": cell.column, "record": point.value, "unit": cell.series.unit,
            "scale": cell.series.scale, "observed": cell.observed, "runs_in_business": cell.present}
    return [{**same, "forecaster": name, "median": each.middle, "crps": each.crps, "interval_score": each.interval,
             "in_50": each.covered[0], "in_80": each.covered[1], "in_90": each.covered[2], "place": each.place}
            for name, each in cell.scores.items()]


def facts_as_rows(found: Backtest) -> list[dict[str, Any]]:
    """A row for every measure of a stylised fact: its range on record and the runs' quartiles, in `unit`."""
    return [
        {"fact": h.fact.number, "text": h.fact.text, "measure": h.measure.text, "unit": h.measure.unit,
         "low": h.measure.low, "high": h.measure.high, "contested": h.measure.contested,
         "q25": _finite(h.quartiles[0]), "q50": _finite(h.quartiles[1]), "q75": _finite(h.quartiles[2]),
         "runs_within": h.within, "passed": h.passed, "given": h.given}
        for h in found.held
    ]


def _finite(value: float) -> float | str:
    return value if abs(value) < float("inf") else "never"
