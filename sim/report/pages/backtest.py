"""The back-test as one page: what is beaten and what is not, the bars, a figure for each series, and the facts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES
from sim.report.charts.axes import draw_scale, scale_for, time_axis
from sim.report.charts.style import LIGHT, PANEL_WIDTH, Chart, chart, drawing, place
from sim.report.charts.svg import inline
from sim.report.pages.study import Figure, Section, Study
from sim.report.words.backtest import against_all, bars_told, headline, missed
from sim.report.words.names import counted, opening
from sim.report.words.tables import Table
from sim.report.words.units import unit
from sim.studies.forecasting.backtest import COLUMNS, TRACKS
from sim.studies.forecasting.record import record
from sim.studies.forecasting.summary import VERDICTS, summary

if TYPE_CHECKING:
    from sim.studies.forecasting.backtest import Backtest, Cell
    from sim.studies.forecasting.record import Series

HEIGHT = 200.0
YEAR_AHEAD = 4
ASIDE = 0.12
"""Years by which the bars of the two columns stand beside their date."""
FAR_BELOW = 300.0
FAR_ABOVE = 30.0
"""How far below the least figure on record, and above the largest, an axis in logs may reach."""
COLOURS = {"level": LIGHT["s1"], "anchored": LIGHT["s2"]}
_LIMITS = ("People and companies are stylised; a model that fits the past need not be right about the future, and "
           "the record is one draw of luck. The protocol, older than any score, is docs/forecasts.md of the project.")
_FACTS = ("A fact counts as within range when, for each of its measures, the range on record and the middle half of "
          "the runs touch. The last column says how many of the runs lie in the range. What the scenario gives by a "
          "dated event does not count.")
_SCORES = ("The model's error (continuous ranked probability score) over each rival's: geometric mean over series at "
           "four and eight quarters, its 90% interval by resampling series, on how many series the model is better, "
           "and the p-values of a sign test over series and of the Diebold-Mariano test over origins, which has little "
           "power with so few and is unstable.")


def told(found: Backtest, command: str = "") -> Study:
    """The back-test as it is told."""
    numbers = summary(found)
    runs = f"{numbers['runs']:,} runs with seed {numbers['seed']} from each origin"
    series = Section(
        "series", "A year ahead, from every origin", f"{runs}; policy as it stood at the origin.",
        list(figures(found).values()),
        notes=["Dots are the record. A thin bar holds 90% of a forecast made a year before its date, a thick one half "
               "of it, a stroke its median: blue where the model says the level itself, orange where its growth is "
               "added to the last figure."])
    bars = Section("bars", "The protocol's bars", "As they came out; policy as it stood.", tables=[
        Table("Bars", ("Asked", "Found", "Verdict"), [list(row) for row in bars_told(numbers)],
              frozenset((i, 2) for i, bar in enumerate(numbers["bars"]) if not bar["passed"]))])
    rivals = Section("rivals", "Against each rival", _SCORES, tables=[
        Table(f"{opening(name)}, {column}; not told from the best at 10%: "
              + ", ".join(numbers["tracks"][track][column]["confidence_set"]),
              ("Rival", "Ratio", "90% interval", "Better on", "p, signs", "p, origins"),
              [list(row) for row in against_all(numbers, track, column)])
        for track, name in TRACKS.items() for column in COLUMNS])
    labs = Section("labs", "By lab", "Series of OpenAI by name, where it is in business; policy as it came.", tables=[
        Table("Single labs at the last figure that is forecast", (
            "Series", "Date", "Runs in which it is in business", "Record over median", "5% to 95%"),
            [[name, each["date"], percent(each["present"]), plain(each["off"], 2),
              f"{plain(each['low'], 2)} to {plain(each['high'], 2)}"] for name, each in numbers["labs"].items()])])
    facts = Section("facts", "Fifteen stylised facts", _FACTS, tables=[_facts(found)])
    return Study(
        "back-test", "The back-test: eight origins, 2018 to 2025",
        extent(found),
        [headline(numbers), " ".join(missed(numbers))], _LIMITS, [bars, series, rivals, labs, facts], command,
        [("Protocol", f"SHA-256 {numbers['protocol']}"), ("Record", "sim/data/record.toml")])


def extent(found: Backtest) -> str:
    """What a back-test runs, in a line."""
    return (f"Scenario: {found.scenario.title}; parameters as the record to each origin leaves them; "
            f"{found.latest.values.shape[1]:,} runs with seed {found.latest.seed} from each origin")


def figures(found: Backtest) -> dict[str, Figure]:
    """A figure for each series forecast a year ahead, by the series' name."""
    cells = [cell for cell in found.tracks[VERDICTS].cells
             if cell.quarters == YEAR_AHEAD and not cell.series.lab]
    return {series.name: _figure([cell for cell in cells if cell.series is series], series, f"series{number}")
            for number, series in enumerate(record()) if any(cell.series is series for cell in cells)}


def _facts(found: Backtest) -> Table:
    rows = []
    for held in found.held:
        fact, measure = held.fact, held.measure
        quartiles = ", ".join("never" if np.isinf(q) else f"{q:.3g}" for q in held.quartiles)
        rows.append([
            f"{fact.number}. {fact.text}", "within range" if found.facts[fact.number] else "missed",
            measure.text + (" (contested)" if measure.contested else "")
            + (" (given by the scenario, not counted)" if held.given else ""),
            f"{measure.low:g} to {measure.high:g} {measure.unit}",
            quartiles if held.passed else f"{quartiles} (missed)", f"{held.within:.0%}"])
    missing = frozenset((number, 4) for number, held in enumerate(found.held) if not held.passed)
    return Table("Stylised facts, policy as it came; missed ones are stressed", (
        "Fact", "Verdict", "Measure", "On record", "Quartiles of the runs", "Runs within"), rows, missing)


def _figure(cells: list[Cell], series: Series, name: str) -> Figure:
    title = f"{opening(series.name)}, {unit(OUTCOMES[series.outcome])}"
    drawn = inline(_drawn(cells, series), name, title, "The record, and forecasts of it made a year before.")
    numbers = Table(f"{title}: record, and 5%, 50%, 95% of forecasts a year before", (
        "Origin", "Date", "Column", "Record", "5%", "50%", "95%"),
        [[cell.origin, series.points[cell.point].last, cell.column, plain(series.points[cell.point].value),
          *(plain(float(series.unscaled(cell.quantiles[i]))) for i in (0, 2, 4))] for cell in cells])
    return Figure(title, counted(len(series.points), "figure") + " on record", drawn, numbers)


def _drawn(cells: list[Cell], series: Series) -> Chart:
    """The record's figures, and at each date that was forecast a year ahead a bar of each column."""
    said = series.unscaled(np.array([cell.quantiles for cell in cells]))
    known = [point.value for point in series.points]
    least, most = min(min(known), float(said.min())), max(max(known), float(said.max()))
    bottom = max(least, min(known) / FAR_BELOW) if series.log else least
    top = min(most, max(known) * FAR_ABOVE) if series.log else most
    scale = scale_for(bottom, top, replace(OUTCOMES[series.outcome], log=series.log))
    with drawing():
        figure = chart(HEIGHT)
        axes = place(figure, scale.margin, 8.0, 8.0, 26.0)
        draw_scale(axes, scale)
        time_axis(axes, [2016.0, 2026.3], PANEL_WIDTH - scale.margin)
        for cell, quantiles in zip(cells, said, strict=True):
            when = series.years[cell.point] + (-ASIDE if cell.column == "level" else ASIDE)
            colour = COLOURS[cell.column]
            axes.plot([when, when], quantiles[[0, 4]], color=colour, linewidth=1.2, alpha=0.7)
            axes.plot([when, when], quantiles[[1, 3]], color=colour, linewidth=4.0, alpha=0.5)
            axes.plot(when, quantiles[2], "_", color=colour, markersize=8, markeredgewidth=2.0)
        axes.plot(series.years, known, "o", color=LIGHT["ink"], markersize=3, zorder=4)
    return figure
