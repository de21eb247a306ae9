"""Later observations, and how an ensemble that was saved before them scores against them.

An observation is of one month: an outcome, its value in the outcome's unit, and where it comes from. It is compared
with what the runs of a scenario say of that month. Scores are on the outcome's scale: natural logarithms for outcomes
that grow by factors, else its unit. The naive forecast is the trend of the project's own record to the study's start
where that knows the outcome month by month, else the value of the start month, with an error of a tenth a year.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.results import Results
from sim.model.outcomes import OUTCOMES, no_outcome
from sim.scenario.checks import month_index
from sim.studies.forecasting.record import record
from sim.studies.forecasting.scores import Trend, covers, crps_of_ensemble, crps_of_normal

COLUMNS = ("outcome", "month", "value", "unit", "source")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MOST_BYTES = 1 << 20


class ObservationsError(ValueError):
    """A file of observations that cannot be used: every fault with its place, and what to do."""


@dataclass(frozen=True)
class Observation:
    """What was seen of an outcome in one month, in the outcome's unit."""

    outcome: str
    month: str
    value: float
    source: str


@dataclass(frozen=True)
class Scored:
    """An observation against one scenario: quantiles (5, 25, 50, 75, 95%) of its runs, and scores; lower is better."""

    scenario: str
    observation: Observation
    quantiles: tuple[float, float, float, float, float]
    in_50: bool
    in_90: bool
    crps: float
    naive: float
    naive_is: str


# ---- reading -----------------------------------------------------------------------------------------------------
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
    if not _MONTH.fullmatch(cells["month"]):
        yield f'the month is {cells["month"]!r}; write it as in "2026-03"'
    try:
        finite = not isinstance(row.get("value"), bool) and math.isfinite(float(cells["value"]))
    except ValueError:
        finite = False
    if not finite:
        yield f"the value is {cells['value']!r}; give a number"
    if not cells["source"]:
        yield "it has no source; say where the value comes from"


# ---- scoring -----------------------------------------------------------------------------------------------------
def score(results: Results, observations: Sequence[Observation]) -> list[Scored]:
    """Every observation against every scenario of an ensemble.

    Raises ObservationsError for months outside the ensemble's, and where no run of a scenario reached a month.
    """
    months = results.values.shape[2]
    for seen in observations:
        if not 0 <= month_index(results.start, seen.month) < months:
            raise ObservationsError(f"{seen.outcome} of {seen.month}: the study holds {months} months from "
                                    f"{results.start}; leave the observation out, or score a longer study")
    return [_scored(results, scenario, seen) for scenario in range(len(results.titles)) for seen in observations]


def _scored(results: Results, scenario: int, seen: Observation) -> Scored:
    column = list(OUTCOMES).index(seen.outcome)
    month = month_index(results.start, seen.month)
    values = results.values[scenario, :, :, column]
    said = values[np.isfinite(values[:, month]), month]
    if not len(said):
        raise ObservationsError(f"{results.titles[scenario]}: no run reached {seen.month}; run the study again")
    # A run in which next to nothing happened is as far off as one with a hundredth of what was seen.
    least = abs(seen.value) / 100.0 or 1e-12
    log = OUTCOMES[seen.outcome].log and seen.value > 0.0

    def scaled(numbers: np.ndarray | float) -> np.ndarray:
        return np.asarray(np.log(np.maximum(numbers, least)) if log else numbers, float)

    started = float(np.nanmedian(values[:, 0]))
    mean, sd, naive_is = _naive(results, seen, started, scaled)
    observed = float(scaled(seen.value))
    q05, q25, q50, q75, q95 = (float(q) for q in np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95]))
    return Scored(results.titles[scenario], seen, (q05, q25, q50, q75, q95), covers(said, seen.value, 0.5),
                  covers(said, seen.value, 0.9), crps_of_ensemble(scaled(said), observed),
                  crps_of_normal(mean, sd, observed), naive_is)


def _naive(results: Results, seen: Observation, started: float, scaled: Any) -> tuple[float, float, str]:
    """Mean and standard deviation of the naive forecast on the outcome's scale, and which it is."""
    when = _years(seen.month)
    for series in record():
        known = [point for point in series.points if point.date <= results.start]
        if series.outcome == seen.outcome and series.read == "value" and len(known) > 1:
            trend = Trend(np.array([_years(point.date) for point in known]),
                          np.array([float(scaled(point.value)) for point in known]))
            return *trend.forecast(when), "trend"
    value = float(scaled(started))
    mean, sd = Trend(np.array([_years(results.start)]), np.array([value])).forecast(when)
    # That error is of a factor; on a scale without logarithms it is a tenth of the value.
    is_log = OUTCOMES[seen.outcome].log and seen.value > 0.0
    return mean, sd if is_log else sd * abs(value), "no change"


def _years(date: str) -> float:
    return int(date[:4]) + (int(date[5:7]) - 1) / 12.0


@dataclass(frozen=True)
class Verdict:
    """How one scenario did over all observations."""

    scenario: str
    observations: int
    covered_50: float
    covered_90: float
    outcomes: int
    better: int
    skill: float

    @property
    def text(self) -> str:
        """In a sentence."""
        return (f"{self.scenario}: of {self.observations} observations {self.covered_50:.0%} lie within the 50% band "
                f"and {self.covered_90:.0%} within the 90% band; better than the naive forecast on {self.better} of "
                f"{self.outcomes} outcomes (mean score {self.skill:.2f} of its)")


def verdicts(scored: Sequence[Scored]) -> list[Verdict]:
    """One for each scenario, in their order.

    `skill` is the geometric mean over outcomes of the ensemble's CRPS over the naive one: below 1 is better.
    """
    found = []
    for scenario in dict.fromkeys(s.scenario for s in scored):
        own = [s for s in scored if s.scenario == scenario]
        by_outcome = {name: np.mean([(s.crps, s.naive) for s in own if s.observation.outcome == name], axis=0)
                      for name in dict.fromkeys(s.observation.outcome for s in own)}
        ratios = np.array([max(ours, 1e-12) / max(naive, 1e-12) for ours, naive in by_outcome.values()])
        found.append(Verdict(scenario, len(own), float(np.mean([s.in_50 for s in own])),
                             float(np.mean([s.in_90 for s in own])), len(by_outcome), int((ratios < 1.0).sum()),
                             float(np.exp(np.log(ratios).mean()))))
    return found
