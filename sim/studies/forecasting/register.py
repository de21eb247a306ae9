"""Forecasts that are filed before the figures are known: what an ensemble says of dated months, in a text that can be
shown.

An entry is TOML: quantiles of outcomes by scenario and month, the same of the rivals as they stood on that day, and all
that is needed to make the ensemble again. Its hash is over the values, so that spaces and comments may change and
nothing else: years later it still says whether the entry is the one that was filed. `airace score` grades it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.common.arguments import RefusedError
from sim.engine.provenance import digest_of
from sim.engine.results import Results
from sim.engine.uncertainty import dated
from sim.model.outcomes import OUTCOMES, no_outcome
from sim.scenario.schema import month_index
from sim.studies.forecasting.observations import Observation, ObservationsError
from sim.studies.forecasting.record import record
from sim.studies.forecasting.score import Scored, to_beat
from sim.studies.forecasting.scores import crps_of_quantiles
from sim.studies.keeping.folders import write_whole

FORMAT = 1
LEVELS = tuple(round(0.05 * i, 2) for i in range(1, 20))
"""The quantiles that are filed."""
QUARTERLY = 36
"""Months for which quarters' ends are filed; later, Decembers."""
MOST_BYTES = 1 << 24
_KEYS = {"program": str, "format": int, "filed": str, "hash": str, "levels": list, "made_by": dict, "forecast": list}


class RegisterError(RefusedError):
    """An entry that cannot be filed or used: what, where, and what to do."""


# ---- filing ------------------------------------------------------------------------------------------------------
def comparable() -> list[str]:
    """Outcomes that the record knows figures of, so that later ones can be expected."""
    return list(dict.fromkeys(series.outcome for series in record() if not (series.lab or series.growth_only)))


def months_filed(start: str, months: int) -> list[int]:
    """The months after the first that are filed: ends of quarters for three years, then Decembers."""
    first = int(start[5:]) - 1
    return [month for month in range(1, months)
            if (first + month) % 12 == 11 or ((first + month) % 3 == 2 and month <= QUARTERLY)]


def entry(results: Results, filed: str, outcomes: Sequence[str] = ()) -> dict[str, Any]:
    """What an ensemble says, as plain tables with their hash; `filed` is the day, as in "2026-01-31".

    RegisterError for an ensemble that nobody could make again, an unknown outcome, and one that reaches no month.
    """
    if own := next(filter(None, results.departures), ""):
        raise RegisterError(f"the study was made in Python with {own}, so nobody could make it again from an entry; "
                            "file one of the model's own rules")
    if unknown := [name for name in outcomes if name not in OUTCOMES]:
        raise RegisterError(no_outcome(unknown[0]))
    months = months_filed(results.start, results.values.shape[2])
    if not months:
        raise RegisterError(f"the study ends before a quarter does ({results.values.shape[2]} months from "
                            f"{results.start}); file a longer one")
    made_by = results.provenance.tables()
    tables: dict[str, Any] = {
        "program": "airace", "format": FORMAT, "filed": filed, "levels": list(LEVELS),
        "made_by": {"runs": int(results.values.shape[1]), "seed": results.seed, "first_run": results.first_run,
                    "months": int(results.values.shape[2]), "start": results.start,
                    "uncertainty": results.uncertainty, "posterior": dated(results.uncertainty),
                    "results_hash": results.hash(), "study": results.provenance.digest(),
                    "versions": dict(made_by["versions"]),
                    "scenarios": [json.dumps(each, sort_keys=True) for each in made_by["scenarios"]]},
        "forecast": [_forecast(results, scenario, name, month) for scenario in range(len(results.titles))
                     for name in (outcomes or comparable()) for month in months]}
    return {**tables, "hash": digest_of(tables)}


def _forecast(results: Results, scenario: int, name: str, month: int) -> dict[str, Any]:
    values = results.values[scenario, :, :, list(OUTCOMES).index(name)]
    said = values[np.isfinite(values[:, month]), month]
    if not len(said):
        raise RegisterError(f"{results.titles[scenario]}: no run reached {results.dates[month]}; run the study again")
    log = OUTCOMES[name].log
    others = to_beat(results.start, name, results.dates[month], float(np.nanmedian(values[:, 0])), log)
    return {"scenario": results.titles[scenario], "outcome": name, "unit": OUTCOMES[name].unit,
            "month": results.dates[month], "quantiles": _short(np.quantile(said, LEVELS)),
            "rivals": {rival: _short(np.exp(found) if log else found)
                       for rival, members in others.items() for found in [np.quantile(members, LEVELS)]}}


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def write(tables: Mapping[str, Any], path: str | Path) -> Path:
    """Write an entry whole or not at all; OSError if it cannot be written."""
    head = (f"# Forecasts filed with airace on {tables['filed']}, to be graded when the figures are known.\n"
            "# `airace register FILE` says whether it is as it was filed, `airace score SEEN --study FILE` grades "
            "it.\n")
    return write_whole(path, (head + _toml(tables)).encode("utf-8"))


def _toml(tables: Mapping[str, Any]) -> str:
    lines = [f"{key} = {json.dumps(tables[key])}" for key in ("program", "format", "filed", "hash", "levels")]
    lines += ["", "[made_by]", *(_line(key, value) for key, value in tables["made_by"].items()
                                 if not isinstance(value, Mapping))]
    lines += ["", "[made_by.versions]", *(_line(*pair) for pair in tables["made_by"]["versions"].items())]
    for forecast in tables["forecast"]:
        rivals = ", ".join(_line(*pair) for pair in forecast["rivals"].items())
        lines += ["", "[[forecast]]", *(_line(*pair) for pair in forecast.items() if pair[0] != "rivals"),
                  f"rivals = {{ {rivals} }}"]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    # JSON's texts, numbers and lists are TOML's too.
    return f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=True)}"


# ---- reading -----------------------------------------------------------------------------------------------------
def read(path: str | Path) -> dict[str, Any]:
    """An entry from its file, as it was filed. RegisterError if it is none, or was changed; OSError."""
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise RegisterError(f"{path}: is larger than 16 MiB, which no entry is")
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RegisterError(f"{path}: is no entry of a register ({error}); `airace register STUDY` files one"
                            ) from None
    wrong = next((key for key, kind in _KEYS.items() if not isinstance(tables.get(key), kind)), None)
    if wrong or tables["program"] != "airace":
        raise RegisterError(f"{path}: is no entry of a register: it lacks a valid {wrong or 'program'!r}; "
                            "`airace register STUDY` files one")
    if tables["format"] != FORMAT:
        raise RegisterError(f"{path}: is an entry in format {tables['format']}; use the version of airace that wrote "
                            "it")
    if digest_of({key: value for key, value in tables.items() if key != "hash"}) != tables["hash"]:
        raise RegisterError(f"{path}: is not the entry that was filed on {tables['filed']}: its values do not give its "
                            "hash; look for the text as it was published")
    return tables


# ---- grading -----------------------------------------------------------------------------------------------------
def graded(tables: Mapping[str, Any], observations: Sequence[Observation]) -> list[Scored]:
    """Every observation against every scenario of an entry; the score is the mean over the quantiles filed.

    ObservationsError for an outcome or a month that was not filed, with those that were.
    """
    filed = {(row["scenario"], row["outcome"], row["month"]): row for row in tables["forecast"]}
    scenarios = list(dict.fromkeys(row["scenario"] for row in tables["forecast"]))
    for seen in observations:
        if (scenarios[0], seen.outcome, seen.month) not in filed:
            known = [month for _, outcome, month in filed if outcome == seen.outcome]
            raise ObservationsError(
                f"{seen.outcome} of {seen.month}: the entry has "
                + (f"it of other months ({', '.join(dict.fromkeys(known))})" if known else "nothing of it")
                + "; leave the observation out")
    return [_graded(filed[scenario, seen.outcome, seen.month], seen, scenario)
            for scenario in scenarios for seen in observations]


def _graded(row: Mapping[str, Any], seen: Observation, scenario: str) -> Scored:
    log = OUTCOMES[seen.outcome].log and seen.value > 0.0
    # One in which next to nothing happens is as far off as a hundredth of what was seen.
    least = abs(seen.value) / 100.0 or 1e-12

    def error(quantiles: Sequence[float]) -> float:
        values = np.asarray(quantiles, float)
        return crps_of_quantiles(np.log(np.maximum(values, least)) if log else values, LEVELS,
                                 float(np.log(seen.value)) if log else seen.value)

    others = {name: error(quantiles) for name, quantiles in row["rivals"].items()}
    naive = "drift" if "drift" in others else next(iter(others))
    q05, q25, q50, q75, q95 = (float(row["quantiles"][LEVELS.index(level)]) for level in (0.05, 0.25, 0.5, 0.75, 0.95))
    return Scored(scenario, seen, (q05, q25, q50, q75, q95), q25 <= seen.value <= q75, q05 <= seen.value <= q95,
                  error(row["quantiles"]), others[naive], naive, others)


def ahead(tables: Mapping[str, Any]) -> tuple[str, str]:
    """First and last month that an entry forecasts."""
    months = sorted((row["month"] for row in tables["forecast"]), key=lambda month: month_index("0000-01", month))
    return months[0], months[-1]
