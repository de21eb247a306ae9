"""The back-test: an ensemble from December 2015 against the record to the end of 2024."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.results import Results
from sim.studies.facts import Held, facts_passed, hold
from sim.studies.record import LAST_CALIBRATION_DATE, Point, Series, record
from sim.studies.scoring import Trend, covers, crps_of_ensemble, crps_of_normal

# The record itself is known only so well: half of what a good model may be off is taken to be the record's own error.
RECORD_ERROR = 0.5


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

    @cached_property
    def scores(self) -> list[Score]:
        """Every point of the record, in its order."""
        return [score for series in record() for score in self._of(series)]

    def _of(self, series: Series) -> list[Score]:
        said = series.simulated(self.results, self.scenario)
        noise = np.random.default_rng(0).normal(size=said.shape) * RECORD_ERROR * series.discrepancy
        members = series.scaled(said) + noise
        known = [point for point in series.points if point.calibrates]
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

    def against_naive(self) -> dict[str, tuple[float, float]]:
        """Mean score of model and naive forecast by series, over the points that validate."""
        found = {}
        for series in record():
            pairs = [(s.crps, s.naive) for s in self.scores if s.series is series and np.isfinite(s.naive)]
            if pairs:
                model, naive = np.mean(pairs, axis=0)
                found[series.name] = (float(model), float(naive))
        return found

    @property
    def summary(self) -> str:
        """The back-test in two sentences."""
        scores = self.against_naive()
        better = sum(model < naive for model, naive in scores.values())
        return (
            f"{sum(self.facts.values())} of {len(self.facts)} stylised facts within range; of the points after "
            f"{LAST_CALIBRATION_DATE[:4]}, which calibration has not seen, {self.coverage(50, True):.0%} lie within "
            f"the 50% band and {self.coverage(90, True):.0%} within the 90% band. "
            f"The model forecast {better} of {len(scores)} series better than a trend drawn through what was known."
        )


def _years(date: str) -> float:
    return int(date[:4]) + (int(date[5:7]) - 1) / 12.0
