"""Row S21 of the claims table: every lever acts, at each end of its range, in every jurisdiction that has it."""

from __future__ import annotations

import numpy as np
import pytest
from test_article_claims import BEGUN, LICENSING

from sim.engine.simulate import simulate
from sim.model.parameters import JURISDICTIONS, Parameter, levers
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow


def end_values(lever: Parameter) -> list[bool | str | float]:
    """The ends of a lever's range, other than its default."""
    if lever.type == "boolean":
        return [not lever.default]
    if lever.choices:
        return [choice for choice in lever.choices if choice != lever.default]
    middle = {"FLOP": 1e27, "USD bn a year": 5.0}
    return [middle.get(lever.unit, end) if lever.default == 0.0 else end
            for end in (lever.low, lever.high) if end is not None and end != lever.default]


# What a lever does may need strict rules, a licence in force or a treaty to show.
GROUNDS = {"Baseline": {}, "Licensing": LICENSING, "Cooperation": {"diplomacy.us_china_cooperation": 0.9}}


def without_effect(changes: dict[str, dict[str, object]], runs: int, months: int) -> set[str]:
    """The changes that move no outcome in any run, on any of the grounds; bit for bit."""
    still = set(changes)
    for ground in GROUNDS.values():
        base = Scenario.from_dict({"title": "Base", "start": BEGUN, "months": months}).with_(ground)
        scenarios = [base, *(base.with_(changes[title], title=title) for title in sorted(still))]
        values = simulate(scenarios, runs=runs, seed=3, events=False, uncertainty="luck").values
        still = {scenario.title for scenario, moved in zip(scenarios, values, strict=True)
                 if scenario is not base and np.array_equal(moved, values[0])}
    return still


def test_s21_every_lever_moves_an_outcome() -> None:
    changes = {f"{path} = {value}": {path: value} for path, lever in levers().items() for value in end_values(lever)}
    assert without_effect(changes, runs=8, months=60) == set()


def test_s21_every_jurisdictions_own_levers_move_an_outcome() -> None:
    changes = {}
    for path, lever in levers().items():
        if lever.per == "jurisdiction":
            section, key = path.split(".")
            for jurisdiction in JURISDICTIONS:
                for value in end_values(lever):
                    changes[f"{section}.{jurisdiction}.{key} = {value}"] = {f"{section}.{jurisdiction}.{key}": value}
    assert without_effect(changes, runs=8, months=48) == set()
