"""Charts in one call: `results.plot.fan("market_hhi")`, `comparison.plot.heatmap("market_hhi")`.

Each returns a matplotlib figure that shows itself in a notebook. An unknown outcome, scenario or quantity raises
UnknownNameError (a KeyError) with the nearest name; a run, a month or a chart that these results do not have raises
ValueError with what there is. The drawing library is loaded when something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.common.arguments import takes, whole
from sim.engine.uncertainty import in_words
from sim.model.outcomes import known_outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.engine.results import Results
    from sim.studies.comparing.compare import Comparison


def noted(figure: Figure, results: Results) -> Figure:
    """A figure that stands alone with a last line: how many runs of which seed, and what is believed of parameters."""
    from sim.report.charts.style import note_below

    runs = results.values.shape[1]
    told = f"run {results.first_run}" if runs == 1 else f"{runs:,} runs each"
    return note_below(figure, f"{told}, seed {results.seed}, {in_words(results.uncertainty)}")


class ResultsPlots:
    """Charts of results."""

    def __init__(self, results: Results) -> None:
        self._results = results

    @takes(highlight_runs=whole())
    def fan(self, outcome: str, highlight_runs: int = 0) -> Figure:
        """One outcome over time, scenarios overlaid: median, 50% and 90% of runs, and single runs as hairlines."""
        from sim.report.charts import charts

        return noted(charts.fan(self._results, outcome, highlight_runs), self._results)

    def timeline(self, scenario: str | int = 0, run: int = 0) -> Figure:
        """One run's events by swim lane: the weightiest named, the others as marks."""
        from sim.report.charts import charts

        return noted(charts.story(self._results, scenario, run), self._results)

    def network(self, scenario: str | int = 0, run: int = 0, month: int | None = None) -> Figure:
        """Who sues, funds, left, founded, sides against or buys whom in one run, up to a month counted from 0."""
        from sim.report.charts import charts

        return noted(charts.network(self._results, scenario, run, month), self._results)


class ComparisonPlots:
    """Charts of a comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def differences(self, scenario: str | int | None = None) -> Figure:
        """Primary outcomes' differences to the baseline as dots with intervals, for all scenarios or one."""
        from sim.report.charts import charts

        position = None if scenario is None else self._comparison.results.position(scenario)
        title = None if position is None else self._comparison.titles[position]
        return noted(charts.differences(self._comparison, title), self._comparison.results)

    def heatmap(self, outcome: str) -> Figure:
        """Differences to the baseline over a grid of two levers; hatched where the interval covers zero.

        ValueError if the scenarios span no grid.
        """
        from sim.report.charts import charts

        known_outcome(outcome)
        return noted(charts.heat(self._comparison, outcome), self._comparison.results)

    def slopes(self, quantity: str = "revenue", scenario: str | int | None = None) -> Figure:
        """Who gains and loses: mean at the end by lab and by nation, from the baseline to another scenario.

        `quantity` is revenue, valuation or compute; without a scenario, the one that differs most. ValueError for
        results that do not hold what labs have at the end.
        """
        from sim.report.charts import charts

        return noted(charts.slopes(self._comparison, quantity, scenario), self._comparison.results)
