"""A comparison as a table of words and numbers: for a terminal, and for a notebook."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.common import numbers
from sim.model.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sim.studies.comparing.compare import Comparison

WIDTH = 80
_NARROWEST_NAME = 20
Row = tuple[str, str, str, str, str]


def as_text(comparison: Comparison, everything: bool = False) -> str:
    """The comparison in plain text, at most 80 columns wide."""
    blocks = [_head(comparison)]
    columns: Row = ("outcome (unit)", "baseline", "difference", _level(comparison), "")
    rows = {title: outcome_rows(comparison, title, everything) for title in comparison.others}
    widths = _widths([columns, *(row for each in rows.values() for row in each)])
    for title, each in rows.items():
        lines = textwrap.wrap(printable(title), WIDTH)
        blocks.append("\n".join([*lines, _line(columns, widths), *(_line(row, widths) for row in each)]))
    blocks.append(_severe_block(comparison))
    if everything:
        blocks.append(_risk_block(comparison))
    blocks.append(textwrap.fill(_foot(comparison, everything), WIDTH))
    return "\n\n".join(blocks)


def as_html(comparison: Comparison) -> str:
    """The primary outcomes as an HTML table; names are escaped."""
    heads = ("scenario", "outcome (unit)", "baseline", "difference", _level(comparison), "")
    cells = [(title, *row) for title in comparison.others for row in outcome_rows(comparison, title)]
    body = "".join(f"<tr>{_html_cells('td', row)}</tr>" for row in cells)
    head = _html_cells("th", heads)
    caption = html.escape(_head(comparison).replace("\n", " "))
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def outcome_rows(comparison: Comparison, scenario: str, everything: bool = False) -> list[Row]:
    """Cells of a scenario's table: outcome with unit, baseline's mean, difference, interval, verdict."""
    table = comparison.table
    chosen = table[(table["scenario"] == scenario) & (table["primary"] | everything)]
    return [_cells(row) for row in chosen.to_dict("records")]


def printable(name: str) -> str:
    """A name without characters that could move a terminal's cursor or hide text."""
    return "".join(c if c.isprintable() else " " for c in name).strip() or "(no title)"


def _html_cells(tag: str, cells: Sequence[str]) -> str:
    return "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)


def _cells(row: dict[Any, Any]) -> Row:
    low, high = (row["low_family"], row["high_family"]) if row["primary"] else (row["low"], row["high"])
    outcome = OUTCOMES[row["outcome"]]
    return (f"{outcome.summary_title} ({outcome.unit})", numbers.plain(row["baseline_mean"]),
            numbers.estimate(row["difference"], low, high), numbers.interval(low, high, row["difference"]),
            "clear" if row["clear"] else "not clear")


def _head(comparison: Comparison) -> str:
    results = comparison.results
    left_out = f" ({comparison.left_out} that failed left out)" if comparison.left_out else ""
    return textwrap.fill(
        f"{len(comparison.titles)} scenarios, {comparison.runs:,} runs on the same luck{left_out}, "
        f"{len(comparison.dates)} months from {results.start}, seed {results.seed}. "
        f"Differences to the baseline: {printable(comparison.baseline)}.", WIDTH)


def _foot(comparison: Comparison, everything: bool) -> str:
    level = numbers.percent(comparison.level)
    text = (f"Clear: the {level} interval leaves out zero, in this model. The intervals of the primary "
            "outcomes hold together, over outcomes and scenarios.")
    return f"{text} The others hold one by one." if everything else text


def _level(comparison: Comparison) -> str:
    return f"[{numbers.percent(comparison.level)} interval]"


def _severe_block(comparison: Comparison) -> str:
    """How severe incidents are spread over the runs: their mean is carried by few."""
    columns: Row = ("severe incidents in a run", "none", "one", "two or more", "median")
    rows: list[Row] = [
        (f"  {printable(row['scenario'])}", numbers.percent(row["none"]), numbers.percent(row["one"]),
         numbers.percent(row["more"]), numbers.plain(row["median"]))
        for row in comparison.severe.to_dict("records")
    ]
    widths = _widths([columns, *rows])
    return "\n".join([_line(columns, widths), *(_line(row, widths) for row in rows)])


def _risk_block(comparison: Comparison) -> str:
    columns: Row = ("share of runs, changes in points", "share", "change", _level(comparison), "")
    by_risk: dict[str, list[Row]] = {}
    for row in comparison.risks.to_dict("records"):
        by_risk.setdefault(row["risk"], []).append(_risk_cells(row, row["scenario"] == comparison.baseline))
    widths = _widths([columns, *(row for rows in by_risk.values() for row in rows)])
    lines = ["Bad outcomes", _line(columns, widths)]
    for risk, rows in by_risk.items():
        lines += [risk, *(_line(row, widths) for row in rows)]
    return "\n".join(lines)


def _risk_cells(row: dict[Any, Any], is_baseline: bool) -> Row:
    name, share = f"  {printable(row['scenario'])}", numbers.percent(row["probability"])
    if is_baseline:
        return (name, share, "", "", "")
    low, high = 100.0 * row["difference_low"], 100.0 * row["difference_high"]
    change = 100.0 * row["difference"]
    return (name, share, numbers.estimate(change, low, high), numbers.interval(low, high, change),
            "clear" if row["clear"] else "not clear")


def _widths(rows: Sequence[Row]) -> list[int]:
    """Widths of the five columns: figures as wide as they need, the name takes what is left of 80."""
    figures = [max(len(row[c]) for row in rows) for c in range(1, 5)]
    longest = max(len(row[0]) for row in rows)
    room = max(WIDTH - sum(figures) - 2 * len(figures), _NARROWEST_NAME)
    return [min(longest, room), *figures]


def _line(row: Row, widths: Sequence[int]) -> str:
    name = _wrapped(row[0], widths[0])
    figures = "  ".join([row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3].rjust(widths[3]), row[4]])
    return "\n".join([*name[:-1], f"{name[-1]:<{widths[0]}}  {figures}".rstrip()])


def _wrapped(name: str, width: int) -> list[str]:
    indent = " " * (len(name) - len(name.lstrip()))
    return textwrap.wrap(name.strip(), width, initial_indent=indent, subsequent_indent=indent + "  ") or [""]
