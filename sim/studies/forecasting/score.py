"""How an ensemble scores against observations of later months.

An observation is compared with what the runs of a scenario say of its month. Scores are on the outcome's scale: natural
logarithms for outcomes that grow by factors, else its unit. The rivals are those of the back-test (`rivals.py`), from
the project's own record to the study's start where that knows two figures of the outcome or more; else the value of the
start month, with an error of a tenth a year. The drift is the one that the verdict is on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine.results import Results
from sim.model.outcomes import OUTCOMES
from sim.scenario.schema import month_index
from sim.studies.forecasting.observations import Observation, ObservationsError
from sim.studies.forecasting.record import record
from sim.studies.forecasting.rivals import USUAL_CHANGE, normal_members, rivals
from sim.studies.forecasting.scores import covers, crps_of_ensemble

TINY = 1e-12


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
    least = abs(seen.value) / 100.0 or TINY
    log = OUTCOMES[seen.outcome].log and seen.value > 0.0

    def scaled(numbers: np.ndarray | float) -> np.ndarray:
        return np.asarray(np.log(np.maximum(numbers, least)) if log else numbers, float)

    observed = float(scaled(seen.value))
    forecasts = to_beat(results.start, seen.outcome, seen.month, float(np.nanmedian(values[:, 0])), log)
    others = {name: crps_of_ensemble(members, observed) for name, members in forecasts.items()}
    naive_is = "drift" if "drift" in others else "no change"
    q05, q25, q50, q75, q95 = (float(q) for q in np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95]))
    return Scored(results.titles[scenario], seen, (q05, q25, q50, q75, q95), covers(said, seen.value, 0.5),
                  covers(said, seen.value, 0.9), crps_of_ensemble(scaled(said), observed), others[naive_is], naive_is,
                  others)


def to_beat(start: str, outcome: str, month: str, started: float, log: bool) -> dict[str, np.ndarray]:
    """The rivals' forecasts of an outcome's month, from the record known at a start: name to (members,).

    They are natural logarithms with `log`, else in the outcome's unit. Where the record does not know two figures, no
    change from the value `started` of the start month, with an error of a tenth a year: of a factor, or without
    logarithms of the value.
    """
    for series in record():
        known = [point for point in series.points if point.last <= start]
        comparable = series.outcome == outcome and series.read == "last" and not (series.lab or series.growth_only)
        if comparable and len(known) > 1:
            when = _years(month) + 1.0 / 12.0
            return rivals(np.array([point.year for point in known]),
                          np.array([np.log(point.value) if log else point.value for point in known]),
                          max(when - known[-1].year, 1.0 / 12.0), USUAL_CHANGE if series.log else series.discrepancy)
    mean = float(np.log(max(started, TINY))) if log else started
    ahead = max(_years(month) - _years(start), 0.25)
    return {"no change": normal_members(mean, 0.1 * float(np.sqrt(ahead)) * (1.0 if log else abs(mean)))}


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
