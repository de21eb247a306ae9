"""Scenarios compared run by run on the same luck, and what it takes to say that an outcome moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.model.outcomes import INDEX, summarise
from sim.scenario.scenario import Scenario
from sim.scenario.schema import DEFAULT_START

# A direction holds when the mean of the paired differences is beyond three standard errors: by luck alone one test in
# 740 would fail or pass wrongly, and the seed is fixed.
STANDARD_ERRORS = 3.0
BASELINE = "Baseline"


class Pairs:
    """Runs of several scenarios on the same luck; scenarios are named by their titles."""

    def __init__(self, results: Results) -> None:
        if results.failures:
            raise ValueError(f"{len(results.failures)} runs failed, the first: {results.failures[0]}")
        self.results = results

    @classmethod
    def of(
        cls, changes: Mapping[str, Mapping[str, Any]], runs: int = 64, months: int = 120, base: Scenario | None = None,
        start: str = DEFAULT_START, **kwargs: Any,
    ) -> Self:
        """Simulate `base`, or the baseline from `start`, with each of the changes, given by title; {} leaves it alone.

        Parameters are at their defaults: a direction is a claim about the rules as they are written down.
        """
        base = base or Scenario.from_dict({"title": BASELINE, "start": start, "months": months})
        scenarios = [base.with_(change, title=title) for title, change in changes.items()]
        return cls(simulate(scenarios, runs=runs, seed=11, uncertainty="luck", **kwargs))

    def monthly(self, title: str, outcome: str) -> np.ndarray:
        """Monthly values of an outcome: (runs, months)."""
        return self.results.outcome(outcome)[self.results.position(title)]

    def summary(self, title: str, outcome: str, first: int = 0, last: int | None = None) -> np.ndarray:
        """One number per run from the months first to last (excluded), by the outcome's own rule: (runs,)."""
        values = self.results.values[self.results.position(title), :, first:last]
        return summarise(values)[:, INDEX[outcome]]

    def average(self, title: str, outcome: str, first: int = 0, last: int | None = None) -> np.ndarray:
        """Mean of the months first to last (excluded), whatever the outcome's own rule: (runs,)."""
        return self.monthly(title, outcome)[:, first:last].mean(axis=1)

    def difference(self, outcome: str, title: str, than: str, first: int = 0, last: int | None = None) -> np.ndarray:
        """Run by run, by how much the outcome is larger in `title` than in `than`: (runs,)."""
        return self.summary(title, outcome, first, last) - self.summary(than, outcome, first, last)

    def events(self, title: str, *kinds: str) -> pd.DataFrame:
        """The events of these kinds in a scenario."""
        events = self.results.events
        return events[(events["scenario"] == title) & events["kind"].isin(kinds)]

    def counts(self, title: str, *kinds: str, first: int = 0, last: int = 10_000) -> np.ndarray:
        """Number of events of these kinds in each run, in the months first to last (excluded): (runs,)."""
        events = self.events(title, *kinds)
        events = events[(events["month"] >= first) & (events["month"] < last)]
        return np.bincount(events["run"], minlength=len(self.results.run_numbers)).astype(float)

    def first_month(self, title: str, kind: str, actor: str) -> np.ndarray:
        """Month of the first event of this kind and actor in each run, the horizon if there is none: (runs,)."""
        events = self.events(title, kind)
        months = np.full(len(self.results.run_numbers), float(self.results.values.shape[2]))
        np.minimum.at(months, events.loc[events["actor"] == actor, "run"].to_numpy(),
                      events.loc[events["actor"] == actor, "month"].to_numpy(dtype=float))
        return months

    def of_lab(self, title: str, quantity: str, lab: str) -> np.ndarray:
        """Monthly values of a lab's quantity, if they were kept: (runs, months)."""
        assert self.results.lab_values is not None
        return self.results.lab_values[quantity][self.results.position(title), :, :, self.results.lab_names.index(lab)]


def mean_and_error(differences: np.ndarray) -> tuple[float, float]:
    """Mean of paired differences (runs,) and its standard error."""
    return float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(len(differences)))
