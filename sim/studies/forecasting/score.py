"""How an ensemble scores against observations of later months.

An observation is compared with what the runs of a scenario say of its month. Scores are on the outcome's scale: natural
logarithms for outcomes that grow by factors, else its unit. The rivals are those of the back-test (`rivals.py`), from
the project's own record to the study's start where that knows two figures of the outcome or more; else the value of the
start month, with an error of a tenth a year. The drift is the one that the verdict is on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine.results import Results
from sim.model.outcomes import OUTCOMES
from sim.scenario.checks import month_index
from sim.studies.forecasting.observations import Observation, ObservationsError
from sim.studies.forecasting.record import record
from sim.studies.forecasting.rivals import USUAL_CHANGE, rivals
from sim.studies.forecasting.scores import covers, crps_of_ensemble, crps_of_normal


@dataclass(frozen=True)
class Scored:
    """An observation against one scenario: quantiles (5, 25, 50, 75, 95%) of its runs, and scores; lower is better.

    `naive` is the score of the rival called `naive_is`; `rivals` has those of all, by name.
    """

    scenario: str
    observation: Observation
    quantiles: tuple[float, float, float, float, float]
    in_50: bool
    in_90: bool
    crps: float
    naive: float
    naive_is: str
    rivals: Mapping[str, float]


def score(results: Results, observations: Sequence[Observation]) -> list[Scored]:
    """Every observation against every scenario of an ensemble.

    Raises ObservationsError for months outside the ensemble's, and where no run of a scenario reached a month.
    """
    months = results.values.shape[2]
    for seen in observations:
        if not 0 <= month_index(results.start, seen.month) < months:
            raise ObservationsError(f"{seen.outcome} of {seen.month}: the study holds {months} months from "
                                    f"{results.start}; leave the observation out, or score a longer study")
    return [_scored(results, scenario, seen) for scenario in range(len(results.titles)) for seen in observations]


def _scored(results: Results, scenario: int, seen: Observation) -> Scored:
    column = list(OUTCOMES).index(seen.outcome)
    month = month_index(results.start, seen.month)
    values = results.values[scenario, :, :, column]
    said = values[np.isfinite(values[:, month]), month]
    if not len(said):
        raise ObservationsError(f"{results.titles[scenario]}: no run reached {seen.month}; run the study again")
    # A run in which next to nothing happened is as far off as one with a hundredth of what was seen.
    least = abs(seen.value) / 100.0 or 1e-12
    log = OUTCOMES[seen.outcome].log and seen.value > 0.0

    def scaled(numbers: np.ndarray | float) -> np.ndarray:
        return np.asarray(np.log(np.maximum(numbers, least)) if log else numbers, float)

    started = float(np.nanmedian(values[:, 0]))
    observed = float(scaled(seen.value))
    others = {name: crps_of_ensemble(members, observed) for name, members in _rivals(results, seen, scaled).items()}
    naive_is = "drift" if others else "no change"
    if not others:
        mean = float(scaled(started))
        ahead = max(_years(seen.month) - _years(results.start), 0.25)
        # That error is of a factor; on a scale without logarithms it is a tenth of the value.
        others = {"no change": crps_of_normal(mean, 0.1 * np.sqrt(ahead) * (1.0 if log else abs(mean)), observed)}
    q05, q25, q50, q75, q95 = (float(q) for q in np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95]))
    return Scored(results.titles[scenario], seen, (q05, q25, q50, q75, q95), covers(said, seen.value, 0.5),
                  covers(said, seen.value, 0.9), crps_of_ensemble(scaled(said), observed), others[naive_is], naive_is,
                  others)


def _rivals(results: Results, seen: Observation, scaled: Any) -> dict[str, np.ndarray]:
    """The rivals' forecasts of an observation on the outcome's scale, where the record knows enough; else none."""
    for series in record():
        known = [point for point in series.points if point.last <= results.start]
        comparable = series.outcome == seen.outcome and series.read == "last" and not (series.lab or series.growth_only)
        if comparable and len(known) > 1:
            when = _years(seen.month) + 1.0 / 12.0
            return rivals(np.array([point.year for point in known]),
                          np.array([float(scaled(point.value)) for point in known]),
                          max(when - known[-1].year, 1.0 / 12.0), USUAL_CHANGE if series.log else series.discrepancy)
    return {}


def _years(date: str) -> float:
    return month_index("0000-01", date) / 12.0


@dataclass(frozen=True)
class Verdict:
    """How one scenario did over all observations."""

    scenario: str
    observations: int
    covered_50: float
    covered_90: float
    outcomes: int
    better: int
    skill: float

    @property
    def text(self) -> str:
        """In a sentence."""
        return (f"{self.scenario}: of {self.observations} observations {self.covered_50:.0%} lie within the 50% band "
                f"and {self.covered_90:.0%} within the 90% band; better than the naive forecast on {self.better} of "
                f"{self.outcomes} outcomes (mean score {self.skill:.2f} of its)")


def verdicts(scored: Sequence[Scored]) -> list[Verdict]:
    """One for each scenario, in their order.

    `skill` is the geometric mean over outcomes of the ensemble's CRPS over the naive one: below 1 is better.
    """
    found = []
    for scenario in dict.fromkeys(s.scenario for s in scored):
        own = [s for s in scored if s.scenario == scenario]
        by_outcome = {name: np.mean([(s.crps, s.naive) for s in own if s.observation.outcome == name], axis=0)
                      for name in dict.fromkeys(s.observation.outcome for s in own)}
        ratios = np.array([max(ours, 1e-12) / max(naive, 1e-12) for ours, naive in by_outcome.values()])
        found.append(Verdict(scenario, len(own), float(np.mean([s.in_50 for s in own])),
                             float(np.mean([s.in_90 for s in own])), len(by_outcome), int((ratios < 1.0).sum()),
                             float(np.exp(np.log(ratios).mean()))))
    return found
