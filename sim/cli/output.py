"""Results in the formats that other programs read."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sim.cli.exits import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.terminal import Terminal

_FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}",
            "\N{FULLWIDTH COMMERCIAL AT}")


def print_json(terminal: Terminal, value: Any) -> None:
    """JSON on stdout; numbers that JSON lacks (nan, inf) become null, and what else it lacks its text."""
    terminal.data(json.dumps(_plain(value), indent=2, allow_nan=False))


def print_csv(terminal: Terminal, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Comma-separated values on stdout, with a header; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_as_cell(value) for value in row] for row in (header, *rows))
    terminal.data(text.getvalue().removesuffix("\n"))


def print_frame(terminal: Terminal, frame: pd.DataFrame) -> None:
    """A pandas table as comma-separated values on stdout."""
    texts = frame.select_dtypes(exclude=["number", "bool"]).columns
    shown = frame.assign(**{name: frame[name].map(_as_cell) for name in texts})
    terminal.data(shown.to_csv(index=False, lineterminator="\n").removesuffix("\n"))


def _as_cell(value: object) -> object:
    """A cell that a spreadsheet shows and never computes: a text that looks like a formula begins with a quote."""
    if not isinstance(value, str) or not value.lstrip().startswith(_FORMULA) or value == "-" or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A pandas table as a list of plain dictionaries, ready for JSON."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in plain.to_dict("records")
    ]


def write_binary(data: bytes) -> None:
    """Bytes on stdout; refused on a terminal, where they would only make a mess."""
    refuse_terminal()
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def refuse_terminal() -> None:
    """UsageError if stdout is a terminal: said before the work, not after it."""
    if sys.stdout.isatty():
        raise UsageError(
            "this format is binary; redirect it to a file, as in --format parquet > table.parquet"
        )


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
