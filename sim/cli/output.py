"""What a command found, printed in the format that was asked for: the one place that knows all of them."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sim.cli.exits import UsageError
from sim.cli.iamc import iamc_table
from sim.common.cells import as_cell

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.terminal import Terminal
    from sim.report.pages.study import Study
    from sim.report.words.tables import Table
    from sim.studies.comparing.compare import Comparison
    from sim.studies.comparing.worlds import Worlds


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command found, in each form; only the one that is asked for is made.

    `text` prints it for people; nothing if that was done meanwhile. `record` is what JSON holds; `table` what CSV does:
    a pandas table, a list of rows as dictionaries with the same keys, or a header with rows. `iamc` is a table in the
    form of IAMC. `binary` makes bytes, by the name of their format.
    """

    text: Callable[[], None] = lambda: None
    record: Callable[[], Any]
    table: Callable[[], Any] | None = None
    iamc: Callable[[], Any] | None = None
    binary: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)


def for_people(format_: StrEnum) -> bool:
    """Whether the format is text: then what is found may be told as it is found."""
    return format_ == "text"


def refuse_binary_on_a_terminal(format_: StrEnum) -> None:
    """UsageError if the format is binary and stdout a terminal: said before the work, not after it."""
    if format_ not in ("text", "json", "csv", "iamc") and sys.stdout.isatty():
        raise UsageError(
            "this format is binary; redirect it to a file, as in --format parquet > table.parquet"
        )


def present(terminal: Terminal, format_: StrEnum, answer: Answer) -> None:
    """Print an answer on stdout."""
    if format_ == "text":
        answer.text()
    elif format_ == "json":
        terminal.data(json.dumps(_plain(answer.record()), indent=2, allow_nan=False))
    elif format_ == "csv" and answer.table is not None:
        terminal.data(_csv(answer.table()).removesuffix("\n"))
    elif format_ == "iamc" and answer.iamc is not None:
        terminal.data(_csv(answer.iamc()).removesuffix("\n"))
    else:
        refuse_binary_on_a_terminal(format_)
        sys.stdout.flush()
        sys.stdout.buffer.write(answer.binary[format_]())


def tell(terminal: Terminal, study: Study, tables: Iterable[Table]) -> None:
    """Print a study for people: what was found, what that cannot tell, and tables that a terminal has room for."""
    for text in (study.incomplete, *study.claims):
        if text:
            terminal.paragraph(f"{text}\n")
    terminal.paragraph(study.limits)
    for table in tables:
        terminal.data(f"\n{table.caption}")
        terminal.table(table.head, table.rows, right=() if table.prose else range(1, len(table.head)))


def in_tables(found: Comparison | Worlds) -> dict[str, Any]:
    """What an `Answer` holds of differences beside text and JSON: as CSV, for IAMC, Parquet and NetCDF."""
    return {"table": lambda: found.table, "iamc": lambda: iamc_table(found.results), "binary": {
        "parquet": lambda: found.table.to_parquet(index=False),
        "netcdf": lambda: bytes(found.results.months.to_netcdf(engine="scipy"))}}


def _csv(table: Any) -> str:
    """Comma-separated values with a header; no cell is a formula."""
    if hasattr(table, "select_dtypes"):
        texts = table.select_dtypes(exclude=["number", "bool"]).columns
        return str(table.assign(**{name: table[name].map(as_cell) for name in texts}).to_csv(
            index=False, lineterminator="\n"))
    header, rows = table if isinstance(table, tuple) else (list(table[0]) if table else [], map(dict.values, table))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([as_cell(_plain(value)) for value in row] for row in (header, *rows))
    return text.getvalue()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A pandas table as a list of plain dictionaries, ready for JSON."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in plain.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """What JSON can hold: containers, texts, finite numbers; None for nan and inf, text for paths and dates."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, StrEnum) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # numbers and arrays of NumPy
        return _plain(value.tolist())
    return str(value)
