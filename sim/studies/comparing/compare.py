"""How scenarios differ: paired differences to a baseline on the same luck, with intervals.

Every figure is about runs that reached the horizon under all scenarios, so that each run is compared with
itself.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common import arguments
from sim.common.above import Told, above
from sim.common.arguments import takes
from sim.engine.labels import month_dates
from sim.engine.results import Results
from sim.engine.uncertainty import draws_are_shared, in_words, theories_met
from sim.model.beliefs import open_theories
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import INDEX, NAMES, OUTCOMES, known_outcome
from sim.studies.comparing import contrast as contrasts
from sim.studies.comparing import grid as grids
from sim.studies.comparing import intervals, risks

if TYPE_CHECKING:
    import pandas as pd


@takes(results=arguments.results, level=arguments.number(above=0.0, below=1.0))
def compare(results: Results, baseline: str | int = 0, level: float = 0.95) -> Comparison:
    """Compare every scenario with the baseline (title or position); intervals hold `level` of the time.

    ValueError with fewer than two scenarios, without a run that is complete in all, or for a level outside
    0..1; TypeError for other things than results.
    """
    if len(results.titles) < 2:
        raise ValueError("a comparison needs at least two scenarios")
    if not results.paired.any():
        raise ValueError("no run reached the horizon in every scenario, so there is nothing to compare")
    return Comparison(results, results.position(baseline), level)


class Comparison(Told):
    """Differences of scenarios to a baseline: as a table, as text, as charts, and run by run."""

    def __init__(self, results: Results, baseline: int, level: float) -> None:
        self.results = results
        self.baseline_position = baseline
        self.level = level
        self.runs = int(results.paired.sum())
        self.left_out = len(results.paired) - self.runs
        self._winners: dict[str, pd.DataFrame] = {}

    # ---- which scenarios and runs ------------------------------------------------------------------------

    @property
    def baseline(self) -> str:
        """Title of the scenario that the others are compared with."""
        return self.results.titles[self.baseline_position]

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of all scenarios, in file order."""
        return self.results.titles

    @property
    def other_positions(self) -> tuple[int, ...]:
        """Positions of the scenarios other than the baseline, in file order."""
        return tuple(i for i in range(len(self.titles)) if i != self.baseline_position)

    @property
    def others(self) -> tuple[str, ...]:
        """Titles of the scenarios other than the baseline, in file order."""
        return tuple(self.titles[i] for i in self.other_positions)

    @property
    def dates(self) -> tuple[str, ...]:
        """Dates of the months, as "2025-01"."""
        return month_dates(self.results.start, self.results.values.shape[2])

    @cached_property
    def _paired_summaries(self) -> np.ndarray:
        return self.results.summaries[:, self.results.paired]

    @cached_property
    def _differences(self) -> np.ndarray:
        """Paired differences (other scenarios, runs, outcomes)."""
        paired = self._paired_summaries
        return paired[list(self.other_positions)] - paired[self.baseline_position]

    def pairs(self, outcome: str) -> np.ndarray:
        """Differences run by run: (runs, other scenarios), columns in the order of `others`."""
        known_outcome(outcome)
        return self._differences[:, :, INDEX[outcome]].T

    # ---- how much ----------------------------------------------------------------------------------------

    def by_draw(self, differences: np.ndarray) -> np.ndarray:
        """Differences (..., runs, outcomes) as means over the runs of each draw of parameters: (..., draws, outcomes).

        Draws are what is independent: two runs that share one are not. Where nothing is drawn each run is its own.
        """
        if not draws_are_shared(self.results.uncertainty, self.results.scenarios):
            return differences
        numbers = self.results.run_numbers[self.results.paired] // RUNS_PER_DRAW
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        count = np.diff(first, append=len(numbers))[:, None]
        return np.asarray(np.add.reduceat(differences, first, axis=-2) / count)

    @cached_property
    def spread(self) -> pd.DataFrame:
        """What the differences' spread comes from: a row per scenario and outcome.

        `luck_sd`: over runs that share a draw. `ignorance_sd`: over draws of parameters and theories, luck taken off
        (one-way analysis of variance; 0 where nothing is drawn). `theory_sd`: of it, what theories do that are left
        open, one by one (`theory_parts`); 0 where none is. `mc_error`: standard error of the mean difference, which
        more runs make smaller.
        """
        import pandas as pd

        parts = []
        for k, title in enumerate(self.others):
            luck, ignorance, error = self._parts(self._differences[k])
            theory = np.sqrt(sum(self.theory_parts(k).values(), np.zeros(len(NAMES))))
            parts.append(pd.DataFrame({"scenario": title, "outcome": list(NAMES), "luck_sd": luck,
                                       "ignorance_sd": ignorance, "theory_sd": np.minimum(theory, ignorance),
                                       "mc_error": error}))
        return pd.concat(parts, ignore_index=True).astype({"scenario": "str", "outcome": "str"})

    def theory_parts(self, other: int) -> dict[str, np.ndarray]:
        """The variance of a difference that each theory left open makes, by its path: (outcomes,), luck taken off.

        `other` is the place of the scenario in `others`. Between the means of draws that meet each theory, by one-way
        analysis of variance: what theories do only together stays with the parameters. 0 where the draws are too few.
        """
        runs = self.results.run_numbers[self.results.paired]
        means = self.by_draw(self._differences[other])
        pair = [self.results.scenarios[place] for place in (self.baseline_position, self.other_positions[other])]
        found: dict[str, np.ndarray] = {}
        for path in self.open_theories:
            met = theories_met(path, pair, self.results.seed, runs)
            classes = met[:, np.flatnonzero(np.diff(runs // RUNS_PER_DRAW, prepend=-1))]
            found[path] = variance_between(means, np.unique(classes, axis=1, return_inverse=True)[1].reshape(-1))
        return found

    @cached_property
    def open_theories(self) -> tuple[str, ...]:
        """The theories that a scenario leaves open, by path."""
        return tuple(dict.fromkeys(path for each in self.results.scenarios for path in open_theories(each.levers)))

    def _parts(self, differences: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        means = self.by_draw(differences)
        if len(means) < 2:  # one draw of parameters says nothing of their spread
            unknown = np.full(differences.shape[1], np.nan)
            return unknown, unknown, unknown
        error = intervals.standard_deviation(means) / np.sqrt(max(len(means), 1))
        if len(means) == len(differences):
            return intervals.standard_deviation(differences), np.zeros(differences.shape[1]), error
        each = len(differences) / len(means)
        total = differences.var(axis=0, ddof=1) * (len(differences) - 1)
        between = each * means.var(axis=0, ddof=1) * (len(means) - 1)
        within = np.maximum(total - between, 0.0) / (len(differences) - len(means))
        component = np.maximum(between / (len(means) - 1) - within, 0.0) / each
        return np.sqrt(within), np.sqrt(component), error

    @cached_property
    def family_critical(self) -> float:
        """Half width, in standard errors, of the intervals that hold together for primary outcomes."""
        primary = [INDEX[name] for name, outcome in OUTCOMES.items() if outcome.primary]
        family = self.by_draw(self._differences[:, :, primary])
        family = family.transpose(1, 0, 2).reshape(family.shape[1], -1)
        return intervals.family_critical(family, self.level)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per scenario and outcome: means, paired difference, intervals, how well the pairing worked.

        `low`, `high`: interval of this difference alone. `low_family`, `high_family`: intervals that hold
        together over primary outcomes and scenarios, NaN for the others. `clear`: zero lies outside (the
        family's interval for primary outcomes). `effect_sd`: difference in standard deviations of the
        baseline's runs. `equivalent_runs`: unpaired runs that would be as exact.
        """
        import pandas as pd

        return pd.concat([self._rows(k) for k in range(len(self.others))], ignore_index=True).astype(
            {"scenario": "str", "outcome": "str", "unit": "str"})

    def _rows(self, k: int) -> pd.DataFrame:
        import pandas as pd

        ours, theirs = (self._paired_summaries[i] for i in (self.baseline_position, self.other_positions[k]))
        difference = self._differences[k]
        primary = np.array([outcome.primary for outcome in OUTCOMES.values()])
        furthest = np.array([outcome.furthest for outcome in OUTCOMES.values()])
        independent = self.by_draw(difference)
        alone = intervals.mean_difference(independent, self.level, furthest=furthest)
        together = intervals.mean_difference(independent, self.level, self.family_critical, furthest)
        low = np.where(primary, together.low, alone.low)
        high = np.where(primary, together.high, alone.high)
        spread = intervals.standard_deviation(ours)
        with np.errstate(invalid="ignore", divide="ignore"):
            effect = np.where(spread > 0.0, alone.estimate / spread,
                              np.where(alone.estimate == 0.0, 0.0, np.nan))
        return pd.DataFrame({
            "scenario": self.others[k], "outcome": list(NAMES),
            "unit": [outcome.unit for outcome in OUTCOMES.values()],
            "baseline_mean": intervals.exact_mean(ours), "mean": intervals.exact_mean(theirs),
            "difference": alone.estimate, "low": alone.low, "high": alone.high,
            "correlation": intervals.correlation(ours, theirs), "n": self.runs, "primary": primary,
            "low_family": np.where(primary, together.low, np.nan),
            "high_family": np.where(primary, together.high, np.nan),
            "clear": (low > 0.0) | (high < 0.0), "effect_sd": effect,
            "equivalent_runs": intervals.equivalent_unpaired_runs(ours, theirs)})

    # ---- how likely, and when ----------------------------------------------------------------------------

    @cached_property
    def risks(self) -> pd.DataFrame:
        """Bad outcomes: a row per scenario (the baseline too) and risk, shares of runs with intervals.

        `probability`, `low`, `high`: Wilson's interval. `difference`, `difference_low`, `difference_high`:
        to the baseline, over pairs. `clear`: the difference's interval leaves out zero.
        """
        import pandas as pd

        values = self.results.values[:, self.results.paired]
        asked = risks.happened(values)
        rows = []
        for s, title in enumerate(self.titles):
            same = s == self.baseline_position or np.array_equal(values[s], values[self.baseline_position])
            for name, yes in asked.items():
                share = intervals.wilson(yes[s].sum(), self.runs, self.level)
                change = intervals.paired_proportions(yes[self.baseline_position], yes[s], self.level)
                low, high = (0.0, 0.0) if same else (float(change.low), float(change.high))
                rows.append((title, name, risks.RISKS[name].text, float(share.estimate), float(share.low),
                             float(share.high), float(change.estimate), low, high, self.runs,
                             low > 0.0 or high < 0.0))
        return pd.DataFrame(rows, columns=[
            "scenario", "risk", "text", "probability", "low", "high", "difference", "difference_low",
            "difference_high", "n", "clear"]).astype({"scenario": "str", "risk": "str", "text": "str"})

    @cached_property
    def severe(self) -> pd.DataFrame:
        """How severe incidents are spread over the runs, a row per scenario: few runs have many, which a mean hides.

        `none`, `one`, `more`: shares of runs with none, one, two or more. `median`, `mean`, `most`: number in a run.
        """
        import pandas as pd

        counts = self._paired_summaries[:, :, INDEX["severe_incidents"]]
        return pd.DataFrame({
            "scenario": list(self.titles), "none": (counts < 0.5).mean(axis=1),
            "one": ((counts >= 0.5) & (counts < 1.5)).mean(axis=1), "more": (counts >= 1.5).mean(axis=1),
            "median": np.median(counts, axis=1), "mean": counts.mean(axis=1), "most": counts.max(axis=1),
        }).astype({"scenario": "str"})

    def incidence(self, kind: str) -> pd.DataFrame:
        """Share of runs in which a milestone has come, by scenario and month, with Wilson's interval.

        `kind` is one of `sim.studies.comparing.risks.MILESTONES`, such as "first treaty". Columns: scenario, month,
        date, share, low, high.
        """
        import pandas as pd

        first = risks.first_months(self.results.values[:, self.results.paired], kind)
        parts = []
        for s, title in enumerate(self.titles):
            share = intervals.cumulative_incidence(first[s], len(self.dates), self.level)
            parts.append(pd.DataFrame({
                "scenario": title, "month": np.arange(len(self.dates)), "date": self.dates,
                "share": share.estimate, "low": share.low, "high": share.high}))
        return pd.concat(parts, ignore_index=True).astype({"scenario": "str", "date": "str"})

    def over_time(self) -> pd.DataFrame:
        """Paired differences so far, month by month: mean and quantiles over runs; see `comparing.over_time`."""
        from sim.studies.comparing.over_time import over_time

        return over_time(self)

    def winners(self, quantity: str = "revenue") -> pd.DataFrame:
        """Who gains and loses at the end, by lab and by nation: revenue, valuation or compute.

        See `sim.studies.comparing.winners` for the columns and errors.
        """
        from sim.studies.comparing.winners import winners

        if quantity not in self._winners:
            self._winners[quantity] = winners(self, quantity)
        return self._winners[quantity].copy()

    # ---- where and why -----------------------------------------------------------------------------------

    @cached_property
    def grid(self) -> grids.Grid | None:
        """The grid over two levers that the scenarios fill, if they do."""
        return grids.find_grid(self.results.scenarios, self.baseline_position)

    def heat(self, outcome: str) -> grids.Heat | None:
        """Differences to the baseline over the grid of two levers; None if the scenarios do not fill one."""
        known_outcome(outcome)
        if self.grid is None:
            return None
        ends = ["low_family", "high_family"] if OUTCOMES[outcome].primary else ["low", "high"]
        rows = self.table[self.table["outcome"] == outcome].set_index("scenario")
        found = {self.baseline: (0.0, 0.0, 0.0)}
        found |= {title: tuple(rows.loc[title, ["difference", *ends]]) for title in self.others}
        titles = np.array(self.titles, dtype=object)[self.grid.cells]
        cells = np.array([[found[title] for title in each] for each in titles])
        difference, low, high = np.moveaxis(cells, 2, 0)
        clear = (low > 0.0) | (high < 0.0)
        return grids.Heat(outcome, self.grid, difference, low, high, clear, titles)

    def contrast(self, scenario: str | int | None = None, run: int | None = None) -> contrasts.Contrast:
        """One run under the baseline and another scenario, and the first events at which the two part.

        Without a scenario, the one whose primary outcomes differ most; without a run, the most typical one:
        its differences in primary outcomes are nearest to the medians.
        """
        position = self._most_different() if scenario is None else self.results.position(scenario)
        if run is None and position != self.baseline_position:
            primary = [INDEX[name] for name, outcome in OUTCOMES.items() if outcome.primary]
            differences = self._differences[self.other_positions.index(position)][:, primary]
            run = int(self.results.run_numbers[self.results.paired][contrasts.most_typical(differences)])
        run = int(self.results.run_numbers[self.results.paired][0]) if run is None else run
        self.results.check_run(run)
        return contrasts.contrast(self.results, self.baseline_position, position, run)

    def _most_different(self) -> int:
        primary = self.table[self.table["primary"]]
        sizes = primary["effect_sd"].abs().fillna(0.0).groupby(primary["scenario"]).mean()
        return self.results.position(max(self.others, key=lambda title: float(sizes[title])))

    # ---- as text and pictures ----------------------------------------------------------------------------

    @property
    def plot(self) -> Any:
        """Charts, a `ComparisonPlots`: `comparison.plot.differences()`."""
        return above("plots_of_comparison")(self)

    @takes(all=arguments.flag)
    def to_text(self, all: bool = False) -> str:
        """The table for a terminal of 80 columns: primary outcomes; with `all` all and the risks."""
        from sim.studies.comparing import tables

        return tables.as_text(self, everything=all)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return (f"<Comparison of {len(self.titles)} scenarios over {self.runs} runs, baseline {self.baseline!r}, "
                f"seed {self.results.seed}, {in_words(self.results.uncertainty)}>")

    def _repr_html_(self) -> str:
        return str(above("comparison_in_notebook")(self))


def variance_between(means: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The variance (outcomes,) that classes of draws make, from means (draws, outcomes), without what chance makes."""
    members = [means[classes == each] for each in range(classes.max() + 1)]
    free = len(means) - len(members)
    if free < 1:
        return np.zeros(means.shape[1])
    between = sum(len(part) * (part.mean(axis=0) - means.mean(axis=0)) ** 2 for part in members)
    within = sum(((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in members) / free
    return np.asarray(np.maximum(between - (len(members) - 1) * within, 0.0) / len(means))
