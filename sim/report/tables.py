"""The report's tables: plain rows of text, for the template to lay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.numbers import fixed, percent, plain
from sim.outcomes import OUTCOMES
from sim.report.labels import clean
from sim.report.narrative import interval_of
from sim.report.paths import Paths
from sim.report.units import signed_difference, signed_interval, unit, value


@dataclass(frozen=True)
class Table:
    """A table: a caption, heads of the columns, rows whose first cell names the row; `strong` are emphasised rows."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[tuple[int, int]] = frozenset()


def differences_table(comparison: Any, scenario: str, everything: bool = False) -> Table:
    """Means, difference and interval of every primary outcome, or of every outcome, under one scenario."""
    table = comparison.table
    part = table[(table["scenario"] == scenario) & (table["primary"] | everything)]
    rows, strong = [], set()
    for position, row in enumerate(part.to_dict("records")):
        outcome = OUTCOMES[row["outcome"]]
        low, high = interval_of(row)
        rows.append(
            [
                f"{outcome.title} ({unit(outcome)})",
                value(outcome, row["baseline_mean"]),
                value(outcome, row["mean"]),
                signed_difference(outcome, row["difference"]),
                signed_interval(outcome, low, high),
            ]
        )
        if row["clear"]:
            strong.add((position, 3))
    head = (
        "Outcome",
        clean(comparison.baseline),
        clean(scenario),
        "Difference",
        f"{percent(comparison.level)} interval",
    )
    return Table(
        f"{clean(scenario)}: means and difference to {clean(comparison.baseline)}",
        head,
        rows,
        frozenset(strong),
    )


def risks_table(comparison: Any) -> Table:
    """Share of runs with each bad outcome, and its change, in every scenario."""
    risks, rows, strong = comparison.risks, [], set()
    for position, name in enumerate(dict.fromkeys(risks["risk"])):
        part = risks[risks["risk"] == name].set_index("scenario")
        cells = [str(part["text"].iloc[0])]
        for column, title in enumerate(comparison.titles):
            row = part.loc[title]
            cell = f"{percent(row['probability'])} ({percent(row['low'])} to {percent(row['high'])})"
            if title != comparison.baseline and row["clear"]:
                cell += f"; {_points(row['difference'])} points"
                strong.add((position, column + 1))
            cells.append(cell)
        rows.append(cells)
    return Table(
        f"Share of runs with {percent(comparison.level)} interval; change in percentage points where it is clear",
        ("Bad outcome", *(clean(title) for title in comparison.titles)),
        rows,
        frozenset(strong),
    )


def _points(share: float) -> str:
    return ("+" if share > 0 else "−") + fixed(
        abs(100.0 * share), 0 if abs(share) >= 0.095 else 1, strip=True
    )


def fan_table(shown: Paths, titles: Sequence[str]) -> Table:
    """A fan chart's numbers: centre and outer band at the end of every second year or so."""
    months = shown.centre.shape[1]
    step = 12 * max(1, -(-months // 12 // 6))
    picked = [month for month in range(months - 1, -1, -step)][::-1]
    rows = [
        [str(int(shown.years[month])) + (" (end)" if month == months - 1 else "")]
        + [
            f"{value(shown.outcome, shown.centre[s, month])} ({value(shown.outcome, shown.outer[s, 0, month])} to "
            f"{value(shown.outcome, shown.outer[s, 1, month])})"
            for s in range(len(titles))
        ]
        for month in picked
    ]
    return Table(f"{shown.outcome.title}: {shown.band}", ("Year", *(clean(title) for title in titles)), rows)


def incidence_table(comparison: Any, name: str, curve: Any) -> Table:
    """Share of runs that have reached a milestone at the end of every second year or so."""
    months = len(comparison.dates)
    step = 12 * max(1, -(-months // 12 // 6))
    picked = [month for month in range(months - 1, -1, -step)][::-1]
    wide = {title: curve[curve["scenario"] == title].set_index("month") for title in comparison.titles}
    rows = [
        [comparison.dates[month]]
        + [
            f"{percent(wide[title].loc[month, 'share'])} ({percent(wide[title].loc[month, 'low'])}"
            f" to {percent(wide[title].loc[month, 'high'])})"
            for title in comparison.titles
        ]
        for month in picked
    ]
    return Table(
        f"{name[0].upper()}{name[1:]}: share of runs so far",
        ("By", *(clean(t) for t in comparison.titles)),
        rows,
    )


def heat_table(found: Any, row_name: str, column_name: str) -> Table:
    """A heat map's numbers, cell by cell."""
    outcome, rows = OUTCOMES[found.outcome], []
    for row, row_value in enumerate(found.rows):
        for column, column_value in enumerate(found.columns):
            rows.append(
                [
                    clean(found.titles[row, column]),
                    plain_value(row_value),
                    plain_value(column_value),
                    signed_difference(outcome, float(found.difference[row, column])),
                    signed_interval(outcome, float(found.low[row, column]), float(found.high[row, column])),
                ]
            )
    return Table(
        f"{outcome.title}: difference to the baseline",
        ("Scenario", row_name, column_name, "Difference", "Interval"),
        rows,
    )


def plain_value(setting: Any) -> str:
    """A lever's value as text."""
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return plain(setting) if isinstance(setting, int | float) else clean(setting)


def trust_table(comparison: Any) -> Table:
    """Monte Carlo error and what the pairing achieved, for every primary outcome and scenario."""
    table, rows = comparison.table, []
    for row in table[table["primary"]].to_dict("records"):
        outcome = OUTCOMES[row["outcome"]]
        half = (row["high"] - row["low"]) / 2.0
        rows.append(
            [
                outcome.title,
                clean(row["scenario"]),
                signed_difference(outcome, half).lstrip("+−"),
                fixed(row["correlation"], 2) if row["correlation"] == row["correlation"] else "constant",
                plain(row["equivalent_runs"], 2)
                if row["equivalent_runs"] == row["equivalent_runs"]
                else "exact",
            ]
        )
    return Table(
        "Monte Carlo error and achieved correlation of pairs",
        (
            "Outcome",
            "Scenario",
            f"Half width of the {percent(comparison.level)} interval",
            "Correlation of pairs",
            "Unpaired runs of the same exactness",
        ),
        rows,
    )


def levers_table(comparison: Any) -> Table | None:
    """What the scenarios set differently from each other; None where nothing does."""
    scenarios = comparison.results.scenarios
    keys = [
        key
        for key in sorted({key for scenario in scenarios for key in scenario.levers})
        if len({repr(scenario.levers.get(key)) for scenario in scenarios}) > 1
    ]
    if not keys:
        return None
    rows = [
        [key, *(plain_value(scenario.levers.get(key, "default")) for scenario in scenarios)] for key in keys
    ]
    return Table(
        "Levers that differ between the scenarios", ("Lever", *(clean(t) for t in comparison.titles)), rows
    )
