"""Charts of studies for notebooks and scripts: those of their pages, each with its title in it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sim.common.arguments import ArgumentError, unknown_name
from sim.report.pages import backtest, sensitivity, sweep
from sim.report.pages.export import standing_alone
from sim.studies.sweeping.explain import Explanation, explain, is_map

if TYPE_CHECKING:
    from sim.report.charts.style import Chart
    from sim.report.pages.study import Figure
    from sim.studies.forecasting.backtest import Backtest
    from sim.studies.sweeping.sensitivity import Sensitivity
    from sim.studies.sweeping.sweep import Sweep


class SweepPlots:
    """Charts of a sweep, as far as it is done."""

    def __init__(self, found: Sweep) -> None:
        self._sweep = found

    def map(self, outcome: str) -> Chart:
        """An outcome's differences to the first point over both levers; hatched where the interval covers zero.

        ArgumentError unless the design is a grid over two levers of numbers.
        """
        if not (is_map(self._sweep.design) and len(self._sweep.design.axes) == 2):
            raise ArgumentError("a map needs a grid over two levers of numbers; this sweep is none: plot.axes shows "
                                "what goes with an outcome")
        return standing_alone(sweep.map_figure(self._found, self._known(outcome)), self._facts)

    def slices(self, axis: str, outcome: str) -> Chart:
        """An outcome along one lever, with the other at a few of its values; ArgumentError unless all are done."""
        if not self._found.slices:
            raise ArgumentError("slices need a grid over one or two levers of numbers with every point done")
        if axis not in self._sweep.design.axes:
            raise unknown_name("axis", axis, self._sweep.design.axes)
        return standing_alone(sweep.slice_figure(self._found, axis, self._known(outcome)), self._facts)

    def axes(self, outcome: str) -> Chart:
        """Which axes go with an outcome over the points, as rank correlations; ArgumentError for a grid of levers."""
        if not self._found.tied.get(self._known(outcome)):
            raise ArgumentError(f"no axis goes with {outcome} here; of a grid over two levers, plot.map shows it")
        return standing_alone(sweep.tied_figure(self._found, outcome), self._facts)

    @cached_property
    def _found(self) -> Explanation:
        return explain(self._sweep)

    @cached_property
    def _facts(self) -> str:
        return sweep.extent(self._sweep.design)

    def _known(self, outcome: str) -> str:
        if outcome not in self._sweep.design.outcomes:
            raise unknown_name("outcome of this sweep", outcome, self._sweep.design.outcomes)
        return outcome


class SensitivityPlots:
    """Charts of a sensitivity study."""

    def __init__(self, found: Sensitivity) -> None:
        self._told = sensitivity.told(found)

    def shares(self) -> Chart:
        """Whose variance it is: shares in all that an axis acts through, with intervals, and alone."""
        return standing_alone(self._told.figures[0], self._told.facts)

    def screening(self) -> Chart:
        """The mean absolute effect of a step of each axis screened; ArgumentError where nothing was screened."""
        if len(self._told.figures) < 2:
            raise ArgumentError("nothing was screened, since there were no more axes than are kept")
        return standing_alone(self._told.figures[1], self._told.facts)


class BacktestPlots:
    """Charts of a back-test."""

    def __init__(self, found: Backtest) -> None:
        self._backtest = found

    def series(self, name: str) -> Chart:
        """One series: the record, and forecasts of it made a year before; UnknownNameError for an unknown one."""
        if name not in self._figures:
            raise unknown_name("series", name, self._figures)
        return standing_alone(self._figures[name], backtest.extent(self._backtest))

    @cached_property
    def _figures(self) -> dict[str, Figure]:
        return backtest.figures(self._backtest)
