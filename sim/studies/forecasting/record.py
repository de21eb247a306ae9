"""The dated record, and what a run says at the same dates (`sim/data/record.toml`, `sim/data/evidence.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.engine.results import Results
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import DATA, evidence
from sim.scenario.checks import month_index

LAST_CALIBRATION_DATE = "2022-12"  # what is dated later validates
_READ: dict[str, Any] = {"year mean": np.mean, "year sum": np.sum, "year max": np.max}


@dataclass(frozen=True)
class Point:
    """A figure on record: its date ("2022-12") and its value, in the outcome's unit."""

    date: str
    value: float

    @property
    def calibrates(self) -> bool:
        """Whether calibration may use it; else it validates."""
        return self.date <= LAST_CALIBRATION_DATE


@dataclass(frozen=True)
class Series:
    """Figures of one quantity, and the outcome that they are compared with. `discrepancy` is on the series' scale."""

    name: str
    outcome: str
    read: str
    log: bool
    discrepancy: float
    points: tuple[Point, ...]

    @property
    def unit(self) -> str:
        """Unit of values."""
        return OUTCOMES[self.outcome].unit

    def scaled(self, values: np.ndarray | float) -> np.ndarray:
        """Values on the scale on which distances count: natural logarithms, or as they are."""
        # A run in which nothing happened is as far off as one with a hundredth of the least on record.
        least = min(point.value for point in self.points) / 100.0
        return np.log(np.maximum(values, least)) if self.log else np.asarray(values, float)

    def simulated(self, results: Results, scenario: int = 0) -> np.ndarray:
        """What each run says at the points' dates: (runs, points), in the outcome's unit."""
        return np.stack([self.at(results, point.date, scenario) for point in self.points], axis=1)

    def at(self, results: Results, date: str, scenario: int = 0) -> np.ndarray:
        """What each run says at one date: (runs,)."""
        values = results.values[scenario, :, :, list(OUTCOMES).index(self.outcome)]
        month = month_index(results.start, date)
        if self.read == "value":
            return values[:, month]
        january = month_index(results.start, date[:4] + "-01")
        return np.asarray(_READ[self.read](values[:, max(january, 0) : january + 12], axis=1))


@cache
def record() -> tuple[Series, ...]:
    """All series of the record."""
    tables = tomllib.loads((DATA / "record.toml").read_text(encoding="utf-8"))["series"]
    return tuple(
        Series(row["name"], row["outcome"], row["read"], row["scale"] == "log", row["discrepancy"],
               tuple(_from_table(row) if "table" in row else _from_facts(row)))
        for row in tables
    )


def _from_facts(row: Mapping[str, Any]) -> list[Point]:
    points = []
    for point in row["points"]:
        value = evidence()[point["id"]]["value"] * row.get("factor", 1.0)
        value += evidence()[point["plus"]]["value"] if "plus" in point else 0.0
        value /= evidence()[point["over"]]["value"] if "over" in point else 1.0
        points.append(Point(point["date"], value))
    return points


def _from_table(row: Mapping[str, Any]) -> list[Point]:
    """Points from a table of the evidence: each entry, the largest of each year, or the largest so far by December."""
    wanted = row["table"]
    field, factor = wanted["field"], row.get("factor", 1.0)
    entries = [
        (entry["date"][:7], entry[field] * factor)
        for entry in _evidence_tables()[wanted["name"]]
        if entry.get(field) and all(entry.get(key) == wanted[key] for key in ("company", "kind") if key in wanted)
        and entry["date"] <= "2024-12-31"
    ]
    if wanted.get("yearly"):
        years = sorted({date[:4] for date, _ in entries if date > "2015-12"})
        return [Point(f"{year}-12", max(v for date, v in entries if date[:4] == year)) for year in years]
    if "from" not in wanted:
        return [Point(date, value) for date, value in entries]
    first, last = int(wanted["from"][:4]), 2024
    so_far = {year: max(v for date, v in entries if date <= f"{year}-12") for year in range(first, last + 1)}
    return [Point(f"{year}-12", float(np.log10(v)) if wanted.get("log10") else v) for year, v in so_far.items()]


@cache
def _evidence_tables() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((DATA / "evidence.toml").read_text(encoding="utf-8"))
