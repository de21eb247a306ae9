"""The report's tables: plain rows of text for the template to lay out; a line break in a cell stays one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.common.numbers import fixed, percent, plain
from sim.model.outcomes import OUTCOMES
from sim.report.words.effects import interval_of
from sim.report.words.levers import lever_in_words, lever_value
from sim.report.words.names import opening, short
from sim.report.words.paths import Paths
from sim.report.words.units import magnitude, minus, signed_difference, signed_interval, summary_heading, value

ROWS_OVER_TIME = 6


@dataclass(frozen=True)
class Table:
    """A table: caption, heads of the columns, rows whose first cell names the row, cells to stress, whether its cells
    are sentences to be read rather than numbers to be compared."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[tuple[int, int]] = frozenset()
    prose: bool = False


def differences_table(comparison: Any, scenario: str, everything: bool = True) -> Table:
    """Means, difference and interval of every outcome, or of the primary ones, under one scenario."""
    table = comparison.table
    part = table[(table["scenario"] == scenario) & (table["primary"] | everything)]
    rows, strong = [], set()
    for position, row in enumerate(part.to_dict("records")):
        outcome = OUTCOMES[row["outcome"]]
        means = [value(outcome, row["baseline_mean"]), value(outcome, row["mean"])]
        around = signed_interval(outcome, *interval_of(row))
        rows.append(
            [
                summary_heading(outcome),
                *means,
                signed_difference(outcome, row["difference"], row["effect_sd"]),
                around,
            ]
        )
        if row["clear"]:
            strong.add((position, 3))
    names = (short(comparison.baseline), short(scenario))
    head = ("Outcome", *names, "Difference", f"{percent(comparison.level)} interval")
    return Table(f"Means over runs, and the difference of {names[1]} to {names[0]}", head, rows, frozenset(strong))


def risks_table(comparison: Any) -> Table:
    """Share of runs with each bad outcome, and its change where that is clear, in every scenario."""
    risks, rows, strong = comparison.risks, [], set()
    for position, (_, part) in enumerate(risks.groupby("risk", sort=False)):
        cells = [str(part["text"].iloc[0])]
        for column, row in enumerate(part.to_dict("records")):
            cell = f"{percent(row['probability'])}\n{percent(row['low'])} to {percent(row['high'])}"
            if row["scenario"] != comparison.baseline and row["clear"]:
                cell += f"\n{_points(row['difference'])}"
                strong.add((position, column + 1))
            cells.append(cell)
        rows.append(cells)
    caption = f"Share of runs and its {percent(comparison.level)} interval; bold: a clear change to the baseline"
    return Table(caption, ("By the end", *map(short, comparison.titles)), rows, frozenset(strong))


def incidents_table(comparison: Any) -> Table:
    """How severe incidents are spread over the runs of each scenario."""
    rows = [
        [short(row["scenario"]), *(percent(row[share]) for share in ("none", "one", "more")),
         *(plain(row[number]) for number in ("median", "mean", "most"))]
        for row in comparison.severe.to_dict("records")
    ]
    head = ("Severe incidents in a run", "None", "One", "Two or more", "Median", "Mean", "Most")
    return Table("Severe incidents in all: shares of runs, and their number in a run", head, rows)


def _points(share: float) -> str:
    points = fixed(abs(100.0 * share), 0 if abs(share) >= 0.095 else 1, strip=True)
    return f"{'+' if share > 0 else '−'}{points} points"


def months_to_show(months: int) -> list[int]:
    """The last month and whole years before it, so many that the table stays short."""
    step = 12 * max(1, math.ceil(months / 12 / ROWS_OVER_TIME))
    return list(range(months - 1, -1, -step))[::-1]


def fan_table(shown: Paths, titles: Sequence[str], dates: Sequence[str]) -> Table:
    """A fan chart's numbers: centre and outer band, every year or every few."""
    outcome, rows = shown.outcome, []
    for month in months_to_show(shown.centre.shape[1]):
        cells = [
            f"{value(outcome, shown.centre[s, month])}\n{value(outcome, shown.outer[s, 0, month])} to "
            f"{value(outcome, shown.outer[s, 1, month])}"
            for s in range(len(titles))
        ]
        rows.append([dates[month], *cells])
    what = "mean and its 95% interval" if shown.is_mean else "median, and 5% to 95% of the runs"
    return Table(f"{outcome.running_title}: {what}", ("By", *map(short, titles)), rows)


def apart_table(shown: Paths, titles: Sequence[str], dates: Sequence[str]) -> Table:
    """The numbers of a chart of differences: centre and outer band, every year or every few."""
    outcome, rows = shown.outcome, []
    for month in months_to_show(shown.centre.shape[1]):
        low, high = shown.outer[:, 0, month], shown.outer[:, 1, month]
        rows.append([dates[month], *(f"{signed_difference(outcome, float(shown.centre[s, month]))}\n"
                                     f"{signed_interval(outcome, float(low[s]), float(high[s]))}"
                                     for s in range(len(titles)))])
    what = "mean and its 95% interval" if shown.is_mean else "median, and 5% to 95% of the runs"
    return Table(f"{outcome.running_title}, paired differences: {what}", ("By", *map(short, titles)), rows)


def incidence_table(comparison: Any, name: str, curve: pd.DataFrame) -> Table:
    """Share of runs that have reached a milestone, every year or every few."""
    parts = [part[["share", "low", "high"]].to_numpy(float) for _, part in curve.groupby("scenario", sort=False)]
    rows = []
    for month in months_to_show(len(comparison.dates)):
        shares = [part[month].tolist() for part in parts]
        cells = [f"{percent(share)}\n{percent(low)} to {percent(high)}" for share, low, high in shares]
        rows.append([comparison.dates[month], *cells])
    return Table(f"{opening(name)}: share of runs so far", ("By", *map(short, comparison.titles)), rows)


def heat_table(found: Any) -> Table:
    """A heat map's numbers, cell by cell."""
    outcome, rows = OUTCOMES[found.outcome], []
    for row, row_value in enumerate(found.rows):
        for column, column_value in enumerate(found.columns):
            at = (row, column)
            amount = signed_difference(outcome, float(found.difference[at]))
            around = signed_interval(outcome, float(found.low[at]), float(found.high[at]))
            settings = (lever_value(row_value), lever_value(column_value))
            rows.append([short(found.titles[at]), *settings, amount, around])
    levers = (lever_in_words(found.row_lever), lever_in_words(found.column_lever))
    head = ("Scenario", *levers, "Difference", "Interval")
    return Table(f"{outcome.summary_title}: difference to the baseline", head, rows)


def trust_table(comparison: Any) -> Table:
    """Monte Carlo error and what the pairing achieved, for every primary outcome and scenario."""
    table, rows = comparison.table.merge(comparison.spread, on=["scenario", "outcome"]), []
    for row in table[table["primary"]].to_dict("records"):
        outcome = OUTCOMES[row["outcome"]]
        half = (row["high"] - row["low"]) / 2.0
        error = magnitude(outcome, half, half, half)[0].rsplit(" ", 1)[0] if math.isfinite(half) else "unknown"
        correlation = minus(fixed(row["correlation"], 2)) if math.isfinite(row["correlation"]) else "constant"
        worth = plain(row["equivalent_runs"], 2) if math.isfinite(row["equivalent_runs"]) else "any number"
        total = row["luck_sd"] ** 2 + row["ignorance_sd"] ** 2
        ignorance = percent(row["ignorance_sd"] ** 2 / total) if total > 0.0 else "none" if total == 0.0 else "unknown"
        theory = percent(row["theory_sd"] ** 2 / total) if total > 0.0 else ignorance
        rows.append([outcome.summary_title, short(row["scenario"]), error, ignorance,
                     *([theory] if comparison.open_theories else []), correlation, worth])
    head = (
        "Outcome",
        "Scenario",
        f"Half width of its own {percent(comparison.level)} interval",
        "Ignorance's share of the variance",
        *(["Of it, which theory holds"] if comparison.open_theories else []),
        "Correlation of pairs",
        "Unpaired runs as exact",
    )
    return Table("Monte Carlo error, and what running pairs on the same luck is worth", head, rows)


def levers_table(comparison: Any) -> Table | None:
    """What the scenarios set differently from each other; None where nothing does."""
    scenarios = comparison.results.scenarios
    keys = sorted({key for scenario in scenarios for key in scenario.levers})
    rows = []
    for key in keys:
        values = [scenario.levers.get(key) for scenario in scenarios]
        if len({repr(each) for each in values}) > 1:
            rows.append([key, *("default" if each is None else lever_value(each) for each in values)])
    if not rows:
        return None
    return Table("Levers that differ between the scenarios", ("Lever", *map(short, comparison.titles)), rows)
