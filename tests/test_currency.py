"""Money is a unit: counted in another currency, the same history happens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim import world as world_module
from sim.outcomes import OUTCOMES
from sim.parameters import parameters
from sim.scenario import Scenario
from sim.simulate import Task, run_batch
from sim.world import load_start

RATE = 4.0  # a power of four, so that its square root is exact too
BASELINE = Scenario.from_dict({"title": "Baseline"})


def in_another_currency(value: object, key: str) -> object:
    """A start file's field, exchanged if it is money."""
    return float(value) * RATE if "usd" in key and isinstance(value, int | float) else value


def test_another_currency_changes_the_money_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every amount of money four times as large, money outcomes are four times as large, all others the same.

    A bare amount of money in a rule would break this. Lobbying works by the square root of money, so the scale of its
    pressure moves by two. Equal means to a relative 1e-9: sums of money round differently.
    """
    before = run_batch(Task((BASELINE,), 0, 8, 0, 48)).values
    rich = {}
    for name, parameter in parameters().items():
        factor = RATE if "USD" in parameter.unit else np.sqrt(RATE) if name == "lobbying_scale" else 1.0
        factor = 1.0 / RATE if name.endswith("_per_subsidy_bn") else factor  # what a unit of money builds
        rich[name] = replace(parameter, default=parameter.default * factor)
    start = load_start("2025-01")
    moved = {key: in_another_currency(value, key) for key, value in start.items()}
    for table in ("lab", "founder", "nation", "suit"):
        moved[table] = [{key: in_another_currency(value, key) for key, value in row.items()} for row in start[table]]
    monkeypatch.setattr("sim.build.parameters", lambda: rich)
    monkeypatch.setattr("sim.build.load_start", lambda _: moved)
    monkeypatch.setattr(world_module, "load_start", lambda _: moved)
    subsidies = {"subsidy.us_usd_bn_per_year": 10.0 * RATE, "subsidy.china_usd_bn_per_year": 15.0 * RATE}
    after = run_batch(Task((BASELINE.with_(subsidies),), 0, 8, 0, 48)).values
    for position, (name, outcome) in enumerate(OUTCOMES.items()):
        expected = before[..., position] * (RATE if "USD" in outcome.unit else 1.0)
        np.testing.assert_allclose(after[..., position], expected, rtol=1e-9, atol=1e-9, err_msg=name)
