"""What the back-test found, in numbers that can be kept (`sim/data/backtest.toml`), told and held to its bars."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.model.parameters import DATA
from sim.studies.forecasting.backtest import COLUMNS, MODEL, Backtest, Column, Track
from sim.studies.forecasting.protocol import COVERAGE, MOST_BIAS

KEPT = DATA / "backtest.toml"
BARRED = ("drift", "damped drift")
VERDICTS = "stood"
"""The track that the verdicts are on."""
RARE = 0.1  # share of runs within the record's range below which a measure is hardly ever right
GAP_FACT = 11  # the fact that the capability gap narrowed: its two measures are the lag before and after


@dataclass(frozen=True)
class Bar:
    """A bar of the protocol as it came out: what is asked, the number, and whether it is passed."""

    asked: str
    value: float
    passed: bool


def bars(track: Track) -> list[Bar]:
    """The protocol's bars, in its order."""
    found = []
    for rival in BARRED:
        for column in COLUMNS:
            ratio = track.against(rival, column).median
            found.append(Bar(f"score over the {rival}'s on the median series at 4 quarters and more, {column}, below 1",
                             ratio, ratio < 1.0))
    for level, (low, high) in COVERAGE.items():
        for column in COLUMNS:
            share = track.coverage(level, column)
            found.append(Bar(f"share of figures within the {level:.0%} band, {column}, {low:.2f} to {high:.2f}", share,
                             low <= share <= high))
    for column in COLUMNS:
        bias = track.bias(column, 8)
        found.append(Bar(f"bias at 8 quarters on log scales, {column}, within {MOST_BIAS}", bias,
                         bool(abs(bias) <= MOST_BIAS)))
    return found


def summary(found: Backtest) -> dict[str, Any]:
    """All that is told of a back-test, as plain numbers and names."""
    counted = [held for held in found.held if not held.given]
    track = found.tracks[VERDICTS]
    return {
        "protocol": found.protocol, "scenario": found.scenario.title,
        "runs": int(found.latest.values.shape[1]), "seed": found.latest.seed, "origins": list(found.origins),
        "tracks": {name: _of_track(each) for name, each in found.tracks.items()},
        "bars": [{"asked": bar.asked, "value": _short(bar.value), "passed": bar.passed} for bar in bars(track)],
        "off": _off(track),
        "facts": {"of": len(found.facts), "held": sum(found.facts.values()),
                  "missed": [number for number, held in found.facts.items() if not held],
                  "measures": len(counted), "rare": sum(held.within < RARE for held in counted),
                  "lag": [round(held.quartiles[1], 1) for held in found.held if held.fact.number == GAP_FACT]},
        "labs": _of_labs(found.tracks["came"]),
    }


def _of_track(track: Track) -> dict[str, Any]:
    return {"factors": {origin: float(factor) for origin, factor in track.factors.items()},
            **{column: _of_column(track, column) for column in COLUMNS}}


def _of_column(track: Track, column: Column) -> dict[str, Any]:
    cells = track.of(column)
    rivals = [name for name in dict.fromkeys(name for cell in cells for name in cell.scores) if name != MODEL]
    return {
        "cells": len(cells), "series": len({cell.series.name for cell in cells}),
        "against": {rival: _against(track, rival, column) for rival in rivals},
        "coverage": {f"{level:.0%}": _short(track.coverage(level, column)) for level in (0.5, 0.8, 0.9)},
        "bias": {str(quarters): _short(track.bias(column, quarters)) for quarters in (1, 2, 4, 8)},
        "places": [int(count) for count in track.places(column)],
        "confidence_set": track.confidence_set(column),
    }


def _against(track: Track, rival: str, column: Column) -> dict[str, Any]:
    found = track.against(rival, column)
    return {"ratio": _short(found.value), "low": _short(found.low), "high": _short(found.high),
            "median": _short(found.median), "better": found.better, "of": len(found.ratios),
            "sign_p": _short(found.sign), "dm_p": _short(track.diebold_mariano(rival, column)),
            "by_series": {name: _short(ratio) for name, ratio in found.ratios.items()}}


def _off(track: Track) -> dict[str, float]:
    """By series on a log scale the record over the model's median, at the last figure that is four quarters ahead."""
    last = {cell.series.name: cell for cell in track.of("level", (4,)) if cell.series.log}
    return {name: _short(float(np.exp(cell.observed - cell.scores[MODEL].middle))) for name, cell in last.items()}


def _of_labs(track: Track) -> dict[str, Any]:
    """Single labs' series, at their last figures: share of runs in which the lab is there, record over the median."""
    last = {cell.series.name: cell for cell in track.of("level", lab=True)}
    return {name: {"date": cell.series.points[cell.point].last, "present": _short(cell.present),
                   "off": _short(float(np.exp(cell.observed - cell.scores[MODEL].middle))),
                   "low": _short(float(np.exp(cell.quantiles[0]))), "high": _short(float(np.exp(cell.quantiles[4])))}
            for name, cell in last.items()}


def _short(value: float) -> float:
    return float(f"{value:.3g}") if np.isfinite(value) else float("nan")


# ---- kept ------------------------------------------------------------------------------------------------------
@cache
def stored() -> dict[str, Any]:
    """The back-test of the posteriors that are installed; {} without one."""
    return tomllib.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}


def keep(found: Mapping[str, Any], published: str) -> None:
    """Write a summary, and how many published results are reproduced, for pages to tell."""
    lines = ["# How the model stands against the record (docs/forecasts.md), and how many published results it",
             "# reproduces; `make calibrate` writes this file.", f'published = "{published}"', *_toml("", found)]
    KEPT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(path: str, table: Mapping[str, Any]) -> list[str]:
    """Lines of a table: its own values first, then its tables."""
    plain = [f"{_key(name)} = {_value(value)}" for name, value in table.items() if not isinstance(value, Mapping)]
    lines = ["", f"[{path}]", *plain] if path and (plain or not table) else plain
    for name, value in table.items():
        if isinstance(value, Mapping):
            lines += _toml(f"{path}.{_key(name)}" if path else _key(name), value)
    return lines


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else f'"{name}"'


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


