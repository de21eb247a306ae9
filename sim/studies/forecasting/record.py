"""The dated record, and what a run says over the same months (`sim/data/record.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np

from sim.engine.results import Results
from sim.model.outcomes import LAB_QUANTITIES, OUTCOMES
from sim.model.parameters import DATA
from sim.scenario.schema import month_index

GRADES = {"A": 0.1, "B": 0.25, "C": 1.0}
"""What a grade makes of a figure's own error: a share of its series' discrepancy."""
NOTHING = 0.01  # what a run in which nothing happened is taken to say, as a share of the least figure
_READ: dict[str, Any] = {"mean": np.mean, "sum": np.sum, "max": np.max}
_KEYS = {"name", "outcome", "read", "scale", "discrepancy", "definition", "source", "points"}
_MAY = {"factor", "lab", "growth_only", "breaks"}


class RecordError(ValueError):
    """A record that cannot be used: every fault with its place, and what to do."""


@dataclass(frozen=True)
class Point:
    """A figure on record, in the outcome's unit: of the months `first` to `last` ("2025-10"), with its grade A to C."""

    first: str
    last: str
    value: float
    grade: str

    @property
    def date(self) -> str:
        """The last month that it describes."""
        return self.last

    @property
    def year(self) -> float:
        """The end of its last month, in years: 2022.0 is the end of 2021."""
        return month_index("0000-01", self.last) / 12.0 + 1.0 / 12.0


@dataclass(frozen=True)
class Series:
    """Figures of one quantity, by date, and the outcome that they are compared with.

    `lab` names the lab whose quantity it is, "" for an outcome of the whole. `discrepancy` is on the series' scale.
    `growth_only`: levels differ by definition. `definition`, `source` and `breaks` are for the reader.
    """

    name: str
    outcome: str
    read: str
    scale: Literal["log", "root", "linear"]
    discrepancy: float
    definition: str
    source: str
    points: tuple[Point, ...]
    lab: str = ""
    growth_only: bool = False
    breaks: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """Unit of values."""
        return (LAB_QUANTITIES if self.lab else OUTCOMES)[self.outcome].unit

    @property
    def log(self) -> bool:
        """Whether distances are of natural logarithms."""
        return self.scale == "log"

    @cached_property
    def errors(self) -> np.ndarray:
        """Standard deviations of the figures' own errors, on the series' scale: (points,)."""
        return self.discrepancy * np.array([GRADES[point.grade] for point in self.points])

    @cached_property
    def years(self) -> np.ndarray:
        """Ends of the figures' last months, in years: (points,)."""
        return np.array([point.year for point in self.points])

    @cached_property
    def observed(self) -> np.ndarray:
        """The figures on the series' scale: (points,)."""
        return self.scaled(np.array([point.value for point in self.points]))

    def scaled(self, values: np.ndarray | float) -> np.ndarray:
        """Values on the scale on which distances count. One that is no number, as of a lab that is gone, stays none."""
        values = np.asarray(values, float)
        if self.scale == "log":
            return np.log(np.maximum(values, NOTHING * min(point.value for point in self.points)))
        return np.sqrt(np.maximum(values, 0.0)) if self.scale == "root" else values

    def unscaled(self, values: np.ndarray | float) -> np.ndarray:
        """Values of the scale in the outcome's unit."""
        values = np.asarray(values, float)
        if self.scale == "log":
            return np.exp(values)
        return np.maximum(values, 0.0) ** 2 if self.scale == "root" else values

    def simulated(self, results: Results, scenario: int = 0) -> np.ndarray:
        """What each run says of each figure's months: (runs, points), in the outcome's unit; NaN outside the run."""
        return np.stack([self.at(results, point, scenario) for point in self.points], axis=1)

    def at(self, results: Results, point: Point, scenario: int = 0) -> np.ndarray:
        """What each run says of a figure's months: (runs,); NaN outside the run, and where the lab is not in business.

        A lab's quantity needs results with `labs`; ValueError without.
        """
        first, last = (month_index(results.start, month) for month in (point.first, point.last))
        if last >= results.values.shape[2] or last < 0:
            return np.full(results.values.shape[1], np.nan)
        values = self._values(results, scenario)
        return values[:, last] if self.read == "last" else np.asarray(_READ[self.read](
            values[:, max(first, 0) : last + 1], axis=1))

    def _values(self, results: Results, scenario: int) -> np.ndarray:
        if not self.lab:
            return np.asarray(results.values[scenario, :, :, list(OUTCOMES).index(self.outcome)])
        if results.lab_values is None:
            raise ValueError(f"{self.name} is read off a lab: simulate with labs=True")
        if self.lab not in results.lab_names:
            return np.full(results.values.shape[1:3], np.nan)
        lab = results.lab_names.index(self.lab)
        active = results.lab_values["active"][scenario, :, :, lab]
        return np.where(active > 0, results.lab_values[self.outcome][scenario, :, :, lab], np.nan)


@cache
def record() -> tuple[Series, ...]:
    """All series of the record."""
    tables = tomllib.loads((DATA / "record.toml").read_text(encoding="utf-8"))
    return read_record(tables["series"])


@cache
def platforms_trend(until: str) -> float:
    """Growth of platforms' operating cash flow from 2015 to the year that ends in a month ("2018-12"), log a year."""
    known = tomllib.loads((DATA / "record.toml").read_text(encoding="utf-8"))["platforms_cash_flow_usd_bn"]
    flows = {int(year): float(flow) for year, flow in known.items() if f"{year}-12" <= until}
    first, last = min(flows), max(flows)
    return float(np.log(flows[last] / flows[first]) / (last - first))


def read_record(tables: Iterable[Mapping[str, Any]]) -> tuple[Series, ...]:
    """Series from tables as in `record.toml`. Raises RecordError with every fault that they have."""
    found, faults = [], []
    for number, table in enumerate(tables, 1):
        where = f"series {number} ({table.get('name', 'without a name')})"
        own = list(_faults(table))
        faults += [f"{where}: {fault}" for fault in own]
        if not own:
            found.append(_series(table))
    names = [series.name for series in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [f"two series are called {name}; name them apart" for name in twice]
    if faults:
        raise RecordError("\n".join(faults))
    return tuple(found)


def _series(table: Mapping[str, Any]) -> Series:
    factor = table.get("factor", 1.0)
    points = [Point(*months(each["period"]), each["value"] * factor, each["grade"]) for each in table["points"]]
    points.sort(key=lambda point: point.last)
    return Series(table["name"], table["outcome"], table["read"], table["scale"], table["discrepancy"],
                  table["definition"], table["source"], tuple(points), table.get("lab", ""),
                  table.get("growth_only", False), tuple(table.get("breaks", ())))


def months(period: str) -> tuple[str, str]:
    """First and last month of a period: "2025", "2025Q3", "2025-07" or "2025-02..2025-04". ValueError for another."""
    month = r"\d{4}-(?:0[1-9]|1[0-2])"
    if re.fullmatch(r"\d{4}", period):
        return f"{period}-01", f"{period}-12"
    if re.fullmatch(r"\d{4}Q[1-4]", period):
        last = 3 * int(period[-1])
        return f"{period[:4]}-{last - 2:02d}", f"{period[:4]}-{last:02d}"
    if re.fullmatch(month, period):
        return period, period
    if re.fullmatch(rf"{month}\.\.{month}", period) and period[:7] <= period[-7:]:
        return period[:7], period[-7:]
    raise ValueError(f'{period!r} is no period; write it as "2025", "2025Q3", "2025-07" or "2025-02..2025-04"')


def _faults(table: Mapping[str, Any]) -> Iterable[str]:
    """What is wrong with one series, and what would be right."""
    if missing := sorted(_KEYS - set(table)):
        yield f"lacks {', '.join(missing)}"
        return
    if unknown := sorted(set(table) - _KEYS - _MAY):
        yield f"does not know {', '.join(unknown)}"
    known = LAB_QUANTITIES if table.get("lab") else OUTCOMES
    if table["outcome"] not in known:
        yield f"{table['outcome']} is no {'quantity of a lab' if table.get('lab') else 'outcome'}"
    if table["read"] not in ("last", *_READ):
        yield f"`read` is {table['read']!r}; it is one of last, {', '.join(_READ)}"
    if table["scale"] not in ("log", "root", "linear"):
        yield f"`scale` is {table['scale']!r}; it is log, root or linear"
    if not table["discrepancy"] > 0.0:
        yield "`discrepancy` must be above 0"
    seen: dict[str, float] = {}
    for point in table["points"]:
        yield from _faults_of(point, table["scale"])
        period = str(point.get("period"))
        if period in seen:
            same = seen[period] == point.get("value")
            yield f"{period} is given twice{'' if same else ', with different values'}; keep one of them"
        seen[period] = point.get("value", np.nan)


def _faults_of(point: Mapping[str, Any], scale: str) -> Iterable[str]:
    if missing := [key for key in ("period", "value", "grade") if key not in point]:
        yield f"a figure lacks {', '.join(missing)}"
        return
    try:
        months(str(point["period"]))
    except ValueError as error:
        yield str(error)
    if point["grade"] not in GRADES:
        yield f"{point['period']}: the grade is {point['grade']!r}; it is one of {', '.join(GRADES)}"
    value = point["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        yield f"{point['period']}: the value is {value!r}; give a number"
    elif (scale == "log" and value <= 0.0) or (scale == "root" and value < 0.0):
        yield f"{point['period']}: {value:g} has no place on a scale of {'logarithms' if scale == 'log' else 'roots'}"
