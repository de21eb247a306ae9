"""Scenarios drawn over all that a scenario file may say: levers, uncertainties, jurisdictions and dated events."""

from __future__ import annotations

import numpy as np

from sim.model.parameters import JURISDICTIONS, Parameter, levers, parameters
from sim.scenario.scenario import Scenario
from sim.scenario.schema import DEFAULT_START

MONTHS = 120
EVENTS = (("taiwan_disruption", ""), ("severe_incident", "OpenAI"), ("market_bust", ""), ("breakthrough", "xAI"),
          ("chip_control_step", "US"), ("chip_control_step", "China"), ("mineral_ban", "China"), ("truce", ""),
          ("new_law", "eu"), ("power_shortage", "US"), ("subsidy_law", "China"))


def value_between(parameter: Parameter, place: float) -> bool | str | float:
    """A lever's or parameter's value at a place from 0 (its low end) to 1 (its high end)."""
    if parameter.type == "boolean":
        return place >= 0.5
    if parameter.choices:
        return parameter.choices[min(int(place * len(parameter.choices)), len(parameter.choices) - 1)]
    assert parameter.low is not None
    assert parameter.high is not None
    if parameter.unit == "FLOP" and parameter.high > 1e20:  # spread over orders of magnitude, nothing included
        return 0.0 if place < 0.25 else float(10.0 ** (23.0 + 7.0 * place))
    return min(parameter.low + place * (parameter.high - parameter.low), parameter.high)


def corner(title: str, place: float) -> Scenario:
    """Every lever at its low (0) or high (1) end."""
    changes = {path: value_between(lever, place) for path, lever in levers().items()}
    return Scenario.from_dict({"title": title, "months": MONTHS}).with_(changes)


def drawn_scenario(number: int, months: int = MONTHS) -> Scenario:
    """A scenario whose levers, uncertainties, jurisdictions and events are drawn; the same for the same number."""
    draw = np.random.default_rng(number)
    changes: dict[str, object] = {}
    for path, lever in levers().items():
        changes[path] = value_between(lever, float(draw.uniform()))
        if lever.per == "jurisdiction":
            section, key = path.split(".")
            own = JURISDICTIONS[draw.integers(len(JURISDICTIONS))]
            changes[f"{section}.{own}.{key}"] = value_between(lever, float(draw.uniform()))
    for name, parameter in parameters().items():
        if parameter.kind == "uncertainty" and draw.uniform() < 0.6:
            changes[f"uncertainty.{name}"] = value_between(parameter, float(draw.uniform()))
    # Each event has a month of its own: some contradict each other in the same month.
    first = int(DEFAULT_START[:4])
    dates = [f"{first + month // 12}-{month % 12 + 1:02d}" for month in draw.permutation(months - 10)]
    events = [{"date": date, "kind": kind, "severity": round(draw.uniform(), 2)} | ({"actor": actor} if actor else {})
              for (kind, actor), date in zip(EVENTS, dates, strict=False) if draw.uniform() < 0.5]
    return Scenario.from_dict({"title": f"Drawn {number}", "months": months, "event": events}).with_(changes)
