"""Observations: what was seen of an outcome in a month, and the file that holds them.

An observation is of one month: an outcome, its value in the outcome's unit, and where it comes from.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.common.arguments import RefusedError
from sim.model.outcomes import OUTCOMES, no_outcome

COLUMNS = ("outcome", "month", "value", "unit", "source")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MOST_BYTES = 1 << 20


class ObservationsError(RefusedError):
    """A file of observations that cannot be used: every fault with its place, and what to do."""


@dataclass(frozen=True)
class Observation:
    """What was seen of an outcome in one month, in the outcome's unit."""

    outcome: str
    month: str
    value: float
    source: str


def read_observations(path: str | Path) -> list[Observation]:
    """The observations of a CSV file with the header `outcome,month,value,unit,source`, or of TOML `[[observation]]`.

    Raises ObservationsError with every fault of the file, OSError if it cannot be read.
    """
    path = Path(path)
    if path.stat().st_size > _MOST_BYTES:
        raise ObservationsError(f"{path}: is larger than 1 MiB; give the observations in several files")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ObservationsError(f"{path}: is not text in UTF-8; save it as UTF-8") from None
    rows = list(_toml(path, text) if path.suffix.lower() == ".toml" else _csv(path, text))
    if not rows:
        raise ObservationsError(f"{path}: holds no observation; give rows of {', '.join(COLUMNS)}")
    faults: list[str] = []
    found: dict[tuple[str, str], Observation] = {}
    for place, row in rows:
        wrong = list(_faults(row))
        key = (str(row.get("outcome", "")).strip(), str(row.get("month", "")).strip())
        if not wrong and key in found:
            wrong = [f"{key[0]} of {key[1]} is given twice; keep one of them"]
        faults += [f"{place}: {fault}" for fault in wrong]
        if not wrong:
            found[key] = Observation(*key, float(row["value"]), str(row["source"]).strip())
    if faults:
        raise ObservationsError("\n".join(faults))
    return list(found.values())


def _csv(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        if header and (missing := [name for name in COLUMNS if name not in header]):
            raise ObservationsError(f"{path}:1: the header lacks {', '.join(missing)}; it is {','.join(COLUMNS)}")
        reader.fieldnames = header
        for row in reader:
            yield f"{path}:{reader.line_num}", {key: "" if cell is None else cell for key, cell in row.items() if key}
    except csv.Error as error:
        where = f"{path}:{reader.line_num}"
        raise ObservationsError(f"{where}: is no CSV ({error}); put text with commas in quotes") from None


def _toml(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ObservationsError(f"{path}: is no TOML: {error}") from None
    rows = tables.get("observation", [])
    if set(tables) - {"observation"} or not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise ObservationsError(
            f"{path}: holds other things than [[observation]] tables; each has {', '.join(COLUMNS)}"
        )
    for number, row in enumerate(rows, 1):
        yield f"{path}: observation {number}", row


def _faults(row: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one row, and what would be right."""
    cells = {name: str(row.get(name, "")).strip() for name in COLUMNS}
    outcome = OUTCOMES.get(cells["outcome"])
    if outcome is None:
        yield no_outcome(cells["outcome"])
    elif cells["unit"] != outcome.unit:
        yield f"{outcome.name} is in {outcome.unit!r}, not in {cells['unit']!r}; convert the value and give that unit"
    if not MONTH.fullmatch(cells["month"]):
        yield f'the month is {cells["month"]!r}; write it as in "2026-03"'
    try:
        finite = not isinstance(row.get("value"), bool) and math.isfinite(float(cells["value"]))
    except ValueError:
        finite = False
    if not finite:
        yield f"the value is {cells['value']!r}; give a number"
    if not cells["source"]:
        yield "it has no source; say where the value comes from"
