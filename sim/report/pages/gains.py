"""Who gains and loses, in words and tables: labs and nations at the end, against the baseline."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.common.numbers import percent
from sim.model.outcomes import LAB_QUANTITIES, Outcome
from sim.report.charts.slopes import MOST_DRAWN, drawn, most_moved, percent_change, relative_change
from sim.report.words.names import MOST_NAMED, counted, inside_name, listed, quoted, short
from sim.report.words.tables import Table
from sim.report.words.units import quantity_value, signed_interval

MOST_SCENARIOS = 3
"""Scenarios with slopes; with more, those under which most differ."""
MEANS = (
    "Means over runs: runs in which the market grows large weigh most. A lab that is no longer in business counts "
    "with nothing; labs that open during a run are counted together."
)
MISSING = (
    "These runs were saved without what labs have at the end, so who gains and loses cannot be told; the same command "
    "with --force runs them again."
)


def gains_lead(comparison: Any, table: pd.DataFrame) -> str:
    """Under which scenario most labs' revenue changes, whose most, and with which interval."""
    title = most_moved(table)
    labs = table[(table["scenario"] == title) & (table["by"] == "lab") & table["clear"]]
    if not table["clear"].any():
        return "No lab's and no nation's revenue at the end differs clearly in any scenario."
    if labs.empty:
        return f"No single lab's revenue at the end differs clearly; by nation, {quoted(title)} changes most."
    more, less = int((labs["difference"] > 0.0).sum()), int((labs["difference"] < 0.0).sum())
    first, other, word = (more, less, "more") if more >= less else (less, more, "less")
    change = relative_change(labs)
    place = int(change.abs().to_numpy().argmax())
    row = labs.iloc[place]
    outcome = Outcome("", row["unit"], "", "")
    return (
        f"Under {quoted(title)}, {counted(first, 'lab')} {'ends' if first == 1 else 'end'} with clearly {word} revenue "
        f"than under {quoted(comparison.baseline)}, and {other or 'none'} with clearly "
        f"{'less' if word == 'more' else 'more'}. In proportion it changes most for {inside_name(row['name'])}: "
        f"{percent_change(float(change.iloc[place]))}, {signed_interval(outcome, row['low'], row['high'])} a year "
        f"({percent(comparison.level)} interval)."
    )


def scenarios_shown(comparison: Any, table: pd.DataFrame) -> list[str]:
    """The scenarios whose slopes are drawn, in file order."""
    counts = table.groupby("scenario", sort=False)["clear"].sum()
    chosen = counts[counts > 0].sort_values(ascending=False, kind="stable").index[:MOST_SCENARIOS]
    return [title for title in comparison.others if title in set(chosen)]


def not_drawn(comparison: Any, table: pd.DataFrame) -> list[str]:
    """Sentences on what is left out of the drawings, scenario by scenario."""
    said, shown = [], scenarios_shown(comparison, table)
    for title in comparison.others:
        part = table[table["scenario"] == title]
        still = part[~part["clear"] & (part["baseline_mean"] + part["mean"] > 0.0)]
        if title not in shown:
            word = "differs clearly" if not part["clear"].any() else "is drawn here; the tables have the numbers"
            said.append(f"Under {quoted(title)}, no lab and no nation {word}.")
            continue
        parts = []
        for by in ("lab", "nation"):
            names = [inside_name(name) for name in still.loc[still["by"] == by, "name"]]
            over = int((part["clear"] & (part["by"] == by)).sum()) - len(drawn(table, title, by))
            if names:
                who = listed(names) if len(names) <= MOST_NAMED else f"{len(names)} {by}s"
                parts.append(f"{who} {'differs' if len(names) == 1 else 'differ'} by no clear margin")
            if over > 0:
                parts.append(f"{over} that differ less in proportion than the {MOST_DRAWN} drawn are left to the table")
        if parts:
            said.append(f"Under {quoted(title)}, {'; '.join(parts)}.")
    return said


def spoken(row: Any) -> str:
    """A slope in words, for those who do not see it."""
    ends = [quantity_value(row["unit"], row[column]) for column in ("baseline_mean", "mean")]
    return f"{row['name']}: {ends[0]} to {ends[1]}."


def alone(scenario: str, by: str, row: Any) -> str:
    """The only clear change, where a chart would have a single line."""
    return f"Under {quoted(scenario)}, one {by}'s revenue at the end differs clearly. {spoken(row)}"


def gains_table(comparison: Any, table: pd.DataFrame, quantity: str) -> Table:
    """Means at the end by lab and nation, and the interval of each scenario's difference to the baseline."""
    known = LAB_QUANTITIES[quantity]
    outcome = Outcome("", known.unit, "", "")
    parts = {title: part.reset_index(drop=True) for title, part in table.groupby("scenario", sort=False)}
    first = parts[comparison.others[0]]
    rows: list[list[str]] = []
    strong = set()
    for position in range(len(first)):
        found = [part.iloc[position] for part in parts.values()]
        if all(row["baseline_mean"] == 0.0 and row["mean"] == 0.0 for row in found):
            continue
        cells = [found[0]["name"], quantity_value(known.unit, found[0]["baseline_mean"])]
        for column, row in enumerate(found, start=2):
            if row["clear"]:
                strong.add((len(rows), column))
            around = signed_interval(outcome, row["low"], row["high"])
            cells.append(f"{quantity_value(known.unit, row['mean'])}\n{around}")
        rows.append(cells)
    head = ("At the end", short(comparison.baseline), *map(short, comparison.others))
    unit = "" if known.unit == "share" else f", {known.unit}"
    caption = (
        f"{known.title}{unit}: means, and the {percent(comparison.level)} interval of the difference "
        "to the first column (bold: it leaves out zero)"
    )
    return Table(caption, head, rows, frozenset(strong))
