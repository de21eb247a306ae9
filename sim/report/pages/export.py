"""A study as files for other programs: every figure as SVG and PNG, every table as CSV, all tables as one workbook.

The figures are those of the study's page, each with its title in it; the tables are its numbers, in full, and the
page's tables as they are read there. The same study gives the same bytes.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import math
import pickle
import re
import shutil
import tempfile
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import __version__
from sim.common.cells import as_cell
from sim.model.outcomes import LAB_QUANTITIES, OUTCOMES
from sim.report.charts.style import Chart, title_above
from sim.report.pages.study import Figure, Study
from sim.report.pages.told import numbers_of, told_of
from sim.report.words import narrative
from sim.report.words.levers import lever_unit
from sim.report.words.names import clean
from sim.studies.keeping.folders import as_store_error, refuse_full, write_whole

README, WORKBOOK, FIGURES, TABLES = "README.txt", "tables.xlsx", "figures", "tables"
DPI = 144
LONGEST_NAME = 48
MOST_ROWS = 1_048_575
"""Rows of a workbook's sheet below its head; a longer table is in its CSV file alone."""
LONGEST_CELL = 32_767
_MADE = datetime.datetime(1980, 1, 1)
_SHARES = ("none", "one", "more", "probability", "otherwise", "first", "first_half", "total", "total_half")
_AS_IN_UNIT = ("baseline_mean", "mean", "difference", "difference_low", "difference_high", "low", "high", "low_family",
               "high_family", "regret", "regret_low", "regret_high", "luck_sd", "ignorance_sd", "theory_sd", "mc_error",
               "median", "most", "record", "worth", "share", "mu_star", "half_width", "sigma", "effect")
_QUANTILE = re.compile(r"p\d{1,2}")


@dataclass(frozen=True)
class Sheet:
    """A table as it is written: its file's name without ending, what it is, heads with units, and rows."""

    name: str
    about: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def export(found: Any, folder: str | Path) -> Path:
    """Write every figure and table of results or of a study into an empty or a new folder; returns the folder.

    `README.txt` says which file is what and repeats the finding; `figures/` has each picture as SVG and PNG, `tables/`
    each table as CSV, with the unit in its head, and `tables.xlsx` a sheet for each. The folder appears whole: what is
    interrupted leaves nothing that is seen. StoreError for a folder that holds something or cannot be written.
    """
    folder = Path(folder)
    refuse_full(folder)
    study = told_of(found)
    sheets = sheets_of(study, numbers_of(found))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
    except OSError as error:
        raise as_store_error(folder, error, "written") from error
    try:
        figures = _write_figures(study, made / FIGURES)
        for sheet in sheets:
            write_whole(made / TABLES / f"{sheet.name}.csv", as_csv(sheet))
        write_whole(made / WORKBOOK, as_workbook(study, sheets))
        write_whole(made / README, _readme(study, figures, sheets).encode("utf-8"))
        for name in (FIGURES, TABLES, WORKBOOK, README):  # what says that all is there comes last
            if (made / name).exists():
                (made / name).rename(folder / name)
    except OSError as error:
        raise as_store_error(folder, error, "written") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.rmdir()  # empty if something went wrong
    return folder


# ---- figures -------------------------------------------------------------------------------------------------------
def _write_figures(study: Study, folder: Path) -> list[tuple[str, str]]:
    """Write the figures; names without ending, each with what it shows."""
    written = []
    for number, figure in enumerate(study.figures, 1):
        name = f"{number:02d}-{_slug(figure.title)}"
        drawn = standing_alone(figure, study.facts)
        drawn.savefig(folder / f"{name}.svg")
        drawn.savefig(folder / f"{name}.png", dpi=DPI)
        written.append((name, f"{figure.title}: {figure.note}" if figure.note else figure.title))
    return written


def standing_alone(figure: Figure, facts: str) -> Chart:
    """A picture of its own: what the page says around it in its first lines, what was run in its last."""
    drawn: Chart = pickle.loads(pickle.dumps((figure.wide_svg or figure.svg).figure))  # the page keeps its own
    return title_above(drawn, clean(figure.title), clean(figure.note) if figure.note else "", facts)


# ---- tables --------------------------------------------------------------------------------------------------------
def sheets_of(study: Study, numbers: Mapping[str, Any]) -> list[Sheet]:
    """All tables: numbers in full first, then what the page shows, in its order."""
    found: list[Sheet] = []
    for about, frame in numbers.items():
        head, rows = headed(frame)
        found.append(Sheet(f"{len(found) + 1:02d}-{_slug(about)}", f"{about} (numbers in full)", head, rows))
    for table in study.tables:
        found.append(Sheet(f"{len(found) + 1:02d}-{_slug(table.caption)}", table.caption, list(table.head),
                           [list(row) for row in table.rows]))
    return found


def headed(frame: Any) -> tuple[list[str], list[list[Any]]]:
    """A table of numbers as heads with units and rows of plain values.

    A column of many units says "[unit]", and a column `unit` tells which; it is added where rows are of outcomes.
    """
    if "outcome" in frame and "unit" not in frame:
        frame = frame.copy()
        frame.insert(list(frame.columns).index("outcome") + 1, "unit",
                     [OUTCOMES[name].unit if name in OUTCOMES else "" for name in frame["outcome"]])
    head = [f"{column} [{unit}]" if (unit := _unit_of(str(column), "unit" in frame)) else str(column)
            for column in frame.columns]
    return head, [[_plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def _unit_of(column: str, has_units: bool) -> str:
    known = OUTCOMES.get(column) or LAB_QUANTITIES.get(column)
    if known is not None:
        return known.unit
    if "." in column:
        return lever_unit(column)
    if column == "month":
        return "from 0"
    if column in _SHARES:
        return "share"
    return "unit" if has_units and (column in _AS_IN_UNIT or _QUANTILE.fullmatch(column)) else ""


def _plain(value: Any) -> Any:
    """Text, a whole number, a number, or None where there is none."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if isinstance(value, float) and math.isnan(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def as_csv(sheet: Sheet) -> bytes:
    """A table as comma-separated values in UTF-8; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([as_cell(value) for value in row] for row in (sheet.head, *sheet.rows))
    return text.getvalue().encode("utf-8")


def as_workbook(study: Study, sheets: Sequence[Sheet]) -> bytes:
    """All tables as an Excel workbook: a first sheet with what each is, texts as texts, no formula."""
    import xlsxwriter

    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                        "strings_to_numbers": False})
    book.set_properties({"title": study.title[:255], "created": _MADE})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    first = book.add_worksheet("contents")
    first.set_column(0, 0, 30)
    first.set_column(1, 1, 100, wrapped)
    names = {sheet.name: sheet.name[:31].rstrip("-") for sheet in sheets}
    said = [("study", study.title), ("what was run", study.facts), *(("finding", claim) for claim in study.claims),
            ("limits", study.limits), *((names[sheet.name], sheet.about) for sheet in sheets)]
    for row, texts in enumerate(said):
        for column, text in enumerate(texts):
            first.write_string(row, column, text[:LONGEST_CELL])
    for sheet in sheets:
        page = book.add_worksheet(names[sheet.name])
        page.freeze_panes(1, 0)
        for column, text in enumerate(sheet.head):
            page.write_string(0, column, text[:LONGEST_CELL], bold)
            page.set_column(column, column, min(max(len(text) + 1, 10), 40))
        if len(sheet.rows) > MOST_ROWS:
            page.write_string(1, 0, f"{len(sheet.rows):,} rows, more than a sheet holds: {TABLES}/{sheet.name}.csv")
            continue
        for row, values in enumerate(sheet.rows, 1):
            for column, value in enumerate(values):
                _write(page, row, column, value)
    book.close()
    return memory.getvalue()


def _write(page: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and math.isfinite(value):
        page.write_number(row, column, value)
    elif value is not None:
        page.write_string(row, column, str(value)[:LONGEST_CELL])


# ---- what is what --------------------------------------------------------------------------------------------------
def _readme(study: Study, figures: Sequence[tuple[str, str]], sheets: Sequence[Sheet]) -> str:
    lines = [study.title, "", study.facts, ""]
    lines += [line for claim in (study.incomplete, *study.claims, study.limits, _what_if(study)) if claim
              for line in (*textwrap.wrap(claim, 100), "")]
    if figures:
        lines += [f"{FIGURES}/: each picture as .svg, with its text as text, and as .png", ""]
        lines += [f"  {name}  {text}" for name, text in figures] + [""]
    lines += [f"{TABLES}/: each table as .csv in UTF-8; {WORKBOOK} has all of them, a sheet each. A unit stands in "
              "[brackets] in the head, or in the column unit.", ""]
    lines += [f"  {sheet.name}  {sheet.about}" for sheet in sheets] + [""]
    if study.command:
        lines += [f"Made by: {study.command}"]
    lines += [f"{name}: {value}" for name, value in study.rows] + [f"airace {__version__}", ""]
    return "\n".join(clean(line) if line.strip() and not line.startswith("  ") else line for line in lines)


def _what_if(study: Study) -> str:
    return "" if narrative.WHAT_IF in study.limits else narrative.WHAT_IF


def _slug(text: str) -> str:
    """A text as a file's name: small letters, digits and hyphens, of any system's alphabet."""
    flat = unicodedata.normalize("NFKD", text.replace("'", "")).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")
    return (words if len(words) <= LONGEST_NAME else words[:LONGEST_NAME].rpartition("-")[0]) or "table"
