"""How a run begins: nothing jumps because a stock was filled, a budget set or a run begun as if at another time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.agents.training import grown_months, run_age
from sim.model.given import given_of, settings_of
from sim.model.industry import industry_scale
from sim.model.institutions.customers import ahead_of_sales
from sim.model.parameters import parameters, starts
from sim.model.rule import rule
from sim.model.start import build_world
from sim.model.start_files import load_start
from sim.model.state import BLOCS, Form
from sim.model.world import World
from sim.scenario.scenario import Scenario

DEFAULTS = {name: parameter.default for name, parameter in parameters().items()}


def world_of(start: str, runs: int = 4) -> World:
    scenario = Scenario.from_dict({"title": "A", "start": start})
    return build_world([scenario], np.zeros(runs, int), np.arange(runs), 3, months=12)


# ---- sales that follow what is spent ---------------------------------------------------------------------------------
@settings(deadline=None)  # the first call compiles the rule
@given(growth=st.floats(1.0, 1.3), adjustment=st.floats(0.05, 1.0))
def test_sales_grow_from_the_first_month_as_what_is_spent_does(growth: float, adjustment: float) -> None:
    sales, spent = 7.0, 7.0 * ahead_of_sales(growth, adjustment)
    for _ in range(24):
        spent *= growth
        before, sales = sales, sales + adjustment * (spent - sales)
        assert sales / before == pytest.approx(growth)


def test_nothing_is_ahead_of_sales_that_follow_at_once_or_do_not_grow() -> None:
    assert ahead_of_sales(1.2, 1.0) == pytest.approx(1.0)
    assert ahead_of_sales(1.0, 0.25) == 1.0


# ---- runs under way --------------------------------------------------------------------------------------------------
@settings(max_examples=25, deadline=None)  # the first call compiles the rule
@given(shortest=st.floats(2.0, 5.0), wait=st.floats(2.0, 12.0))
def test_ages_of_runs_under_way_are_those_of_a_process_that_has_gone_on_for_long(shortest: float, wait: float) -> None:
    """Share below the shortest length, and the mean of a uniform beginning and an exponential tail, in whole months."""
    luck = (np.arange(20_000) + 0.5) / 20_000
    ages = np.array([run_age(float(x), shortest, wait) for x in luck])
    whole = math.floor(shortest)
    assert np.mean(ages < whole) == pytest.approx(whole / (shortest + wait), abs=0.001)
    beyond = wait / (shortest + wait)
    mean = (1.0 - beyond) * shortest / 2.0 + beyond * (shortest + wait)
    assert mean - 1.0 <= ages.mean() <= mean
    assert (np.diff(ages) >= 0).all()


def test_compute_of_a_run_under_way_is_that_of_months_in_which_the_lab_was_smaller() -> None:
    assert grown_months(6.0, 0.0) == 6.0
    assert grown_months(6.0, 0.1) == pytest.approx(sum(0.9048374180359595**month for month in range(1, 7)))
    assert grown_months(0.0, 0.1) == 0.0


def test_models_come_out_from_the_first_months_as_often_as_later() -> None:
    """Of labs whose last model has no date; before, none could come out until the shortest time had passed."""
    from sim import simulate

    results = simulate(Scenario.from_dict({"title": "A", "start": "2025-01", "months": 24}), runs=400, seed=5,
                       uncertainty="luck")
    told = results.events
    months = told["month"][told["kind"] == "release"]
    early, later = (months < 3).sum() / 3.0, ((months >= 3) & (months < 24)).sum() / 21.0
    assert 0.5 <= early / later <= 2.0


# ---- stocks and budgets ----------------------------------------------------------------------------------------------
@rule
def _scale(state: Any, settings: Any, row: int, elasticity: float) -> float:
    return industry_scale(state[row], given_of(settings, row), elasticity)


@pytest.mark.parametrize("start", starts())
def test_investors_hold_at_the_start_what_idle_money_may_come_to_in_that_market(start: str) -> None:
    world = world_of(start)
    held = world.capital.pool[0]
    nations = {row["name"]: row for row in load_start(start)["nation"]}
    scale = _scale(world.state, settings_of(world), 0, DEFAULTS["pool_growth"])
    in_all = DEFAULTS["pool_usd_bn"] * DEFAULTS["pool_cap_years"] * load_start(start)["sentiment"] * scale
    assert held.sum() == pytest.approx(in_all * sum(row["capital_share"] for row in nations.values()))
    assert len(held) == BLOCS
    assert 0.95 < scale < 1.05 if start == "2025-01" else scale > 1.4 if start == "2026-01" else scale < 0.3


@pytest.mark.parametrize("start", starts())
def test_a_parent_pays_from_the_first_month_what_its_division_costs_beyond_its_sales(start: str) -> None:
    world = world_of(start)
    labs = world.labs
    divisions = labs.active[0] & (labs.form[0] == Form.DIVISION)
    assert divisions.any()
    beyond = (labs.compute * labs.user_cost * (1.0 + DEFAULTS["staff_to_compute"]) - labs.revenue)[0, divisions]
    paid = (labs.parent_share * labs.parent_cash_flow)[0, divisions]
    assert (paid >= np.minimum(np.maximum(beyond, 0.0), labs.parent_cash_flow[0, divisions]) - 1e-9).all()
    assert (labs.parent_share[0, ~divisions] == 0.0).all()


def test_no_division_is_cut_in_the_first_month_for_want_of_a_budget() -> None:
    from sim import simulate

    results = simulate(Scenario.from_dict({"title": "A", "months": 2}), runs=20, seed=5, labs=True, uncertainty="luck")
    start = {row["name"]: row for row in load_start("2026-01")["lab"]}
    for name, row in start.items():
        if row["form"] == "division":
            compute = results.lab_values["compute"][0, :, 0, list(start).index(name)]
            assert np.median(compute) >= 0.99 * row["compute_h100e"], name
