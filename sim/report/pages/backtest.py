"""The back-test as one page: what is missed, a figure for each series, record over fan, and the stylised facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.common.numbers import plain
from sim.engine.results import month_dates
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.charts.axes import draw_scale, scale_for, time_axis
from sim.report.charts.style import LIGHT, PANEL_WIDTH, Chart, chart, drawing, place
from sim.report.charts.svg import inline
from sim.report.pages.sections import Figure, Section
from sim.report.pages.study import Study
from sim.report.words.backtest import headline, missed
from sim.report.words.names import opening
from sim.report.words.tables import Table
from sim.report.words.units import unit
from sim.studies.forecasting.backtest import over_seeds

if TYPE_CHECKING:
    from sim.studies.forecasting.backtest import Backtest, OverSeeds
    from sim.studies.forecasting.record import Series

HEIGHT = 200.0
FAR_BELOW = 300.0
"""How far below the least figure on record an axis in logs may reach."""
_LIMITS = ("People and companies are stylised; a model that fits the past need not be right about the future, and "
           "the record is one draw of luck.")
_FACTS = ("A fact counts as within range when, for each of its measures, the range on record and the middle half of "
          "the runs touch. The last column says how many of the runs lie in the range. What the scenario gives by a "
          "dated event does not count.")


def told(found: Backtest, every: OverSeeds | None = None, command: str = "") -> Study:
    """The back-test as it is told: `found` is drawn, `every` says what holds over the seeds; alone, over its own."""
    results, every = found.results, every or over_seeds([found])
    runs = f"{results.values.shape[1]:,} runs with seed {results.seed}"
    series = dict.fromkeys(score.series for score in found.scores)
    figures = [_figure(found, each, f"series{number}") for number, each in enumerate(series)]
    record = Section("series", "Record and runs", f"Each year's fan of {runs}, and the record's figures over it.",
                     figures, notes=["The band holds 90% of the runs, the darker one half of them, the line is the "
                                     "median. Filled points were used in calibration, hollow ones were not."])
    facts = Section("facts", "Fifteen stylised facts", _FACTS, tables=[_facts(found, every)])
    return Study(
        "back-test", "The back-test: December 2015 to December 2024",
        f"Scenario: {results.titles[found.scenario]}; {in_words(results.uncertainty)}; figures and quartiles below: "
        f"{runs}",
        [headline(every), " ".join(missed(every))], _LIMITS, [record, facts], command,
        [("Seeds", ", ".join(map(str, every.seeds))),
         ("Record", "sim/data/record.toml, with sources in evidence.toml")])


def _facts(found: Backtest, every: OverSeeds) -> Table:
    rows, seeds = [], len(every.seeds)
    for held in found.held:
        fact, measure = held.fact, held.measure
        quartiles = ", ".join("never" if np.isinf(q) else f"{q:.3g}" for q in held.quartiles)
        rows.append([
            f"{fact.number}. {fact.text}", f"{seeds - every.missed.get(str(fact.number), 0)} of {seeds}",
            measure.text + (" (contested)" if measure.contested else "")
            + (" (given by the scenario, not counted)" if held.given else ""),
            f"{measure.low:g} to {measure.high:g} {measure.unit}",
            quartiles if held.passed else f"{quartiles} (missed)", f"{held.within:.0%}"])
    missing = frozenset((number, 4) for number, held in enumerate(found.held) if not held.passed)
    return Table("Stylised facts; missed ones are stressed", (
        "Fact", "Seeds that hold it", "Measure", "On record", "Quartiles of the runs", "Runs within"), rows, missing)


def _figure(found: Backtest, series: Series, name: str) -> Figure:
    title = f"{opening(series.name)}, {unit(OUTCOMES[series.outcome])}"
    points = ", ".join(f"{point.date} {plain(point.value)}" for point in series.points)
    drawn = inline(_drawn(found, series), name, title, f"The record ({points}) over the fan of the runs.")
    seen = [score for score in found.scores if score.series == series]
    numbers = Table(f"{title}: record, and 5%, 50%, 95% of the runs", ("Month", "Record", "5%", "50%", "95%"),
                    [[score.point.date, plain(score.point.value), *(plain(score.quantiles[i]) for i in (0, 2, 4))]
                     for score in seen])
    return Figure(title, f"{len(series.points)} figures on record", drawn, numbers)


def _drawn(found: Backtest, series: Series) -> Chart:
    """The fan of the runs at each December, and the record's points over it."""
    results = found.results
    first = month_dates(results.start, 1)[0]
    dates = [f"{year}-12" for year in range(int(first[:4]) + 1, 2025)]
    said = np.stack([series.at(results, date, found.scenario) for date in dates])
    low, quarter, middle, three, high = np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
    years = [_year(date) for date in dates]
    known = [point.value for point in series.points]
    least = min(min(known), float(low.min()))
    bottom = max(least, min(known) / FAR_BELOW) if series.log else least
    scale = scale_for(bottom, max(max(known), float(high.max())), OUTCOMES[series.outcome])
    with drawing():
        figure = chart(HEIGHT)
        axes = place(figure, scale.margin, 8.0, 8.0, 26.0)
        draw_scale(axes, scale)
        time_axis(axes, [2016.0, 2025.3], PANEL_WIDTH - scale.margin)
        colour = LIGHT["s1"]
        axes.fill_between(years, low, high, color=colour, alpha=0.14, linewidth=0)
        axes.fill_between(years, quarter, three, color=colour, alpha=0.30, linewidth=0)
        axes.plot(years, middle, color=colour, linewidth=2.0)
        for point in series.points:
            axes.plot(_year(point.date), point.value, "o", color=LIGHT["s2"], markersize=6, zorder=4,
                      markerfacecolor=LIGHT["s2"] if point.calibrates else LIGHT["paper"])
    return figure


def _year(date: str) -> float:
    return int(date[:4]) + int(date[5:7]) / 12.0
