"""Draws docs/images/ten_years_*.png: every outcome over ten years in twenty runs; prints simple tests of each.

    python docs/draw_ten_years.py [--runs 20] [--months 120]

Outcomes find their picture by their name, new ones that no theme knows under "other". What docs/ten_years.md says of
the pictures is written by hand.
"""

from __future__ import annotations

import argparse
import io
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from sim.common.numbers import plain
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.model.outcomes import OUTCOMES, Outcome
from sim.report.charts.axes import Scale, draw_scale, scale_for, time_axis
from sim.report.charts.labels import text_width
from sim.report.charts.style import FONT_SIZE, LIGHT, PANEL_WIDTH, POINTS_PER_INCH, Chart, chart, drawing
from sim.report.words.paths import years
from sim.report.words.units import power_of_ten, unit
from sim.scenario.scenario import Scenario
from sim.studies.forecasting.record import Point, Series, record

ROOT = Path(__file__).parents[1]
IMAGES = Path(__file__).parent / "images"
SCENARIO = ROOT / "scenarios" / "baseline.toml"

OTHER = "other"
THEMES: Mapping[str, str] = {  # the first whose pattern is found in an outcome's name has it
    "limits": r"^short_of_",
    "suits": r"mission|conversion|founder_departures|spin_off|suits|injunction|legal",
    "incidents": r"safety|incident",
    "law": r"strictness|capture|lobbying|compliance|state_control|licen",
    "powers": r"export_control|retaliation|mineral|hostility|trust|treaty|defence|military|refused|taxes",
    "chips": r"chip|premium",
    "progress": r"flop|largest_run|us_china|labs|price_fixed|follow|releases",
    "market": r"revenue|hhi|leader_share|adoption|user_gain|demand",
    "money": r"capital|round|valuation|capex|stake|usd",
}
TITLES: Mapping[str, str] = {
    "money": "Money", "chips": "Chips", "progress": "Progress and labs", "market": "Demand and market",
    "limits": "What limits growth", "powers": "Powers", "law": "Law", "suits": "Missions and suits",
    "incidents": "Safety and incidents", OTHER: "Other",
}

COLUMNS = 3
HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 206.0, 42.0, 24.0, 56.0, 22.0  # of a panel and its margins, in points
DPI = 100
COLOURS = 256  # of a picture's palette
BEFORE = 6.0  # years of record shown before the first month at most
YEAR = 12
BLOCKS: Mapping[str, str] = {"sum": "total of each year", "max": "largest of each year"}
AT_BOUND = 1e-6
CAN_BE_NEGATIVE = ("months", "log10 effective FLOP")


def theme_of(name: str) -> str:
    """The picture that an outcome stands in."""
    return next((theme for theme, pattern in THEMES.items() if re.search(pattern, name)), OTHER)


def groups() -> dict[str, tuple[str, ...]]:
    """Every outcome by theme, in the order of `TITLES`; themes without outcomes are left out."""
    found = {theme: tuple(name for name in OUTCOMES if theme_of(name) == theme) for theme in TITLES}
    return {theme: names for theme, names in found.items() if names}


def picture(theme: str) -> Path:
    """The file of a theme's picture."""
    return IMAGES / f"ten_years_{theme}.png"


# ---- pictures ----------------------------------------------------------------------------------------------------
class Lines(NamedTuple):
    """An outcome's paths as drawn: (places,), (runs, places), and what a place stands for if not a month."""

    years: np.ndarray
    runs: np.ndarray
    each: str


def lines(results: Results, outcome: Outcome) -> Lines:
    """Months as they are; flows and peaks by whole years of twelve months, as the record has them."""
    runs, when = results.outcome(outcome.name)[0], years(results, results.values.shape[2])
    if outcome.summary not in BLOCKS or runs.shape[1] < 2 * YEAR:
        return Lines(when, runs, "")
    whole = runs.shape[1] // YEAR
    parts = runs[:, : whole * YEAR].reshape(len(runs), whole, YEAR)
    folded = parts.sum(axis=2) if outcome.summary == "sum" else parts.max(axis=2)
    return Lines(when[: whole * YEAR].reshape(whole, YEAR).mean(axis=1), folded, BLOCKS[outcome.summary])


def observed(outcome: Outcome, first: float) -> list[tuple[Series, list[Point]]]:
    """Points on record of an outcome, those of the last years before the first month and later."""
    of_it = [series for series in record() if series.outcome == outcome.name]
    return [(series, [point for point in series.points if _year(point, series) > first - BEFORE]) for series in of_it]


def _year(point: Point, series: Series) -> float:
    """The middle of what a figure describes; the end of its last month where it is a level."""
    year, month = (int(part) for part in point.first.split("-"))
    begins = year + (month - 1) / YEAR
    return point.year - 0.5 / YEAR if series.read == "last" else (begins + point.year) / 2.0


def draw(results: Results, theme: str) -> Chart:
    """One picture: a panel for each outcome of the theme."""
    names = groups()[theme]
    rows = math.ceil(len(names) / COLUMNS)
    width, height = COLUMNS * PANEL_WIDTH, rows * HEIGHT + 26.0
    with drawing():
        figure = chart(height, width)
        note = (f"{TITLES[theme]}: {results.scenarios[0].title.lower()}, {results.values.shape[1]} runs (thin) and "
                "their median (bold); orange: on record")
        figure.text(6.0 / width, 1.0 - 13.0 / height, note, fontsize=FONT_SIZE, color=LIGHT["muted"], va="center")
        for place, name in enumerate(names):
            _panel(figure, results, OUTCOMES[name], (place % COLUMNS, place // COLUMNS))
    return figure


def _panel(figure: Chart, results: Results, outcome: Outcome, cell: tuple[int, int]) -> None:
    width, height = (side * POINTS_PER_INCH for side in figure.get_size_inches())
    left, top = cell[0] * PANEL_WIDTH, 26.0 + cell[1] * HEIGHT
    shown = lines(results, outcome)
    start = float(years(results, 1)[0])
    points = [(series, point) for series, some in observed(outcome, start) for point in some]
    known = shown.runs[np.isfinite(shown.runs)]
    if not known.size:
        known = np.zeros(1)
    values = np.concatenate([known, [point.value for _, point in points]])
    low, high = float(values.min()), float(values.max())
    if outcome.log and (values > 0.0).any():
        low = max(low, float(values[values > 0.0].min()), high * 1e-12)
    scale = _with_powers(scale_for(low, high, outcome))
    margin = max(LEFT, scale.margin)
    across = PANEL_WIDTH - margin - RIGHT
    axes = figure.add_axes(((left + margin) / width, 1.0 - (top + HEIGHT - BOTTOM) / height, across / width,
                            (HEIGHT - TOP - BOTTOM) / height))
    draw_scale(axes, scale)
    first = min([start, *(math.floor(_year(point, series)) for series, point in points)])
    time_axis(axes, [first, float(shown.years[-1])], across)
    drawn = np.maximum(shown.runs, scale.limits[0])  # nothing of a log scale is 0
    axes.plot(shown.years, drawn.T, color=LIGHT["s1"], linewidth=0.6, alpha=0.55)
    axes.plot(shown.years, np.nanmedian(drawn, axis=0), color=LIGHT["ink"], linewidth=2.0)
    for series, point in points:
        year = _year(point, series)
        if series.read.startswith("year"):
            axes.plot([year - 0.5, year + 0.5], [point.value] * 2, color=LIGHT["s2"], linewidth=2.4)
        else:
            axes.plot([year], [point.value], color=LIGHT["s2"], marker="o", markersize=4.5, linestyle="none")
    if points:
        axes.axvline(start - 0.5 / YEAR, color=LIGHT["rule"], linewidth=0.8)
    below = unit(outcome) + (f", {shown.each}" if shown.each else "") + (", log scale" if scale.log else "")
    at = (left + 6.0) / width
    room = PANEL_WIDTH - 16.0
    size = FONT_SIZE * min(1.0, room / text_width(outcome.title, bold=True))
    figure.text(at, 1.0 - (top + 14.0) / height, outcome.title, fontweight="bold", fontsize=size, va="center")
    figure.text(at, 1.0 - (top + 30.0) / height, below, fontsize=FONT_SIZE - 1.0, color=LIGHT["muted"], va="center")


def _with_powers(scale: Scale) -> Scale:
    """A scale in logs over many decades with powers of ten as labels."""
    if not scale.log or scale.limits[1] < 1e6 * scale.limits[0]:
        return scale
    return replace(scale, labels=tuple(power_of_ten(round(math.log10(tick), 6)) for tick in scale.ticks))


def save(figure: Chart, path: Path) -> None:
    """A picture with few colours, so that the file is small."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(buffer) as drawn:
        drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


# ---- tests -------------------------------------------------------------------------------------------------------
class Tested(NamedTuple):
    """What simple tests find of one outcome: counts of runs, but for `infinite` and `negative` of months."""

    infinite: int
    negative: int
    still: int
    rises: bool
    falls: bool
    at_zero: int
    at_one: int
    start: float
    end: tuple[float, float, float]
    ratio: tuple[float, float, float]
    same: bool


def tested(runs: np.ndarray, outcome: Outcome) -> Tested:
    """Tests of an outcome's months, (runs, months)."""
    steps, first, last = np.diff(runs, axis=1), runs[:, 0], runs[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = last / first
    finite = ratio[np.isfinite(ratio)]
    middle = (5.0, 50.0, 95.0)
    return Tested(
        infinite=int((~np.isfinite(runs)).sum()),
        negative=0 if outcome.unit in CAN_BE_NEGATIVE else int((runs < 0.0).sum()),
        still=int((steps == 0.0).all(axis=1).sum()),
        rises=bool((steps >= 0.0).all() and (steps > 0.0).any()),
        falls=bool((steps <= 0.0).all() and (steps < 0.0).any()),
        at_zero=int((last <= (AT_BOUND if math.isfinite(outcome.furthest) else 0.0)).sum()),
        at_one=int((last >= outcome.furthest - AT_BOUND).sum()) if math.isfinite(outcome.furthest) else 0,
        start=float(np.nanmedian(first)),
        end=tuple(np.nanpercentile(last, middle).tolist()),
        ratio=tuple(np.percentile(finite, middle).tolist()) if finite.size else (math.nan,) * 3,
        same=bool(np.nanmax(np.ptp(runs, axis=0)) <= 1e-9 * max(1.0, float(np.nanmax(np.abs(runs))))),
    )


def table(results: Results) -> str:
    """The tests of every outcome, a line each."""
    head = ["outcome", "not finite", "negative", "still runs", "monotone", "ends at 0", "ends at 1", "first",
            "last 5-50-95%", "last/first 5-50-95%", "runs alike"]
    rows = [head]
    for name, outcome in OUTCOMES.items():
        found = tested(results.outcome(name)[0], outcome)
        rows.append([
            name, str(found.infinite), str(found.negative), str(found.still),
            "up" if found.rises else "down" if found.falls else "-", str(found.at_zero), str(found.at_one),
            plain(found.start), " ".join(plain(value) for value in found.end),
            " ".join(plain(value) for value in found.ratio), "yes" if found.same else "-",
        ])
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines_of = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines_of)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--months", type=int, default=120)
    given = parser.parse_args()
    simulated = simulate(Scenario.load(SCENARIO), runs=given.runs, months=given.months)
    for left_over in set(IMAGES.glob("ten_years_*.png")) - {picture(theme) for theme in groups()}:
        left_over.unlink()
    for drawn_theme in groups():
        save(draw(simulated, drawn_theme), picture(drawn_theme))
    print(table(simulated))
