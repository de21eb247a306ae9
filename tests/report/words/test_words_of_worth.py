"""Worths in words: each with its unit once, and where the choice turns."""

from __future__ import annotations

import pytest

from sim.report.words.worth import amount, between, turn_at
from sim.studies.deciding.objective import Objective
from sim.studies.deciding.worth import Flip, Known


@pytest.mark.parametrize(("objective", "number", "told", "around"), [
    ("severe_incidents", 0.801, "0.8 incidents", "0.65 to 0.95"),
    ("severe_incidents=-100", 0.801, "0.8 points", "0.65 to 0.95"),
    ("user_gain_us_usd_bn", 0.801, "$800mn a year", "$650mn to $950mn"),
    ("severe_incidents", 1e-9, "0 incidents", "0.65 to 0.95"),
])
def test_a_worth_has_its_unit_once(objective, number, told, around):
    aim = Objective.read(objective)
    assert amount(aim, number) == told
    assert between(aim, 0.65, 0.95) == around


def test_a_threshold_has_its_unit_and_its_interval():
    known = Known("uncertainty.delay_at_home", 1.0, 0.5, 1.5, True, False, 0.3)
    assert turn_at(known, Flip(7.04, 0, 1, 6.1, 8.2)) == "7 months (6.1 to 8.2)"
    assert turn_at(known, Flip("moral_hazard", 0, 1)) == "moral hazard"
