"""Capital and chips: what owners would pay, who asks, what dilutes, what clears the market, where it can be known."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from sim.engine.live import live_one_month, market
from sim.model.agents.labs import outlay_for_prize
from sim.model.industry import best_time_to_sell
from sim.model.institutions.capital import dilute, share_sold
from sim.model.institutions.plants import expansion_wanted
from sim.model.money import Owner
from sim.model.start import build_world
from sim.model.state import PLANT_LAG_MONTHS, US, Form
from sim.model.world import World
from sim.scenario.scenario import Scenario


def world(rows: int = 8, months: int = 60, **uncertainty: float) -> World:
    """A world in January 2025, with parameters at their defaults but for those given."""
    scenario = Scenario.from_dict({"title": "A world", "uncertainty": uncertainty})
    built = build_world([scenario], np.zeros(rows, int), np.arange(rows), 3, months=months)
    built.log.enabled = False
    return built


def live_on(of: World, months: int) -> None:
    """Live through the next months."""
    for month in range(of.month, of.month + months):
        of.month = month
        live_one_month(of)
    of.month += 1


# ---- shares ----------------------------------------------------------------------------------------------------
def test_money_buys_its_share_of_the_lab_with_the_money_in_it() -> None:
    """25 for a lab worth 75 before is a quarter; nothing buys nothing, even of a lab that is worth nothing."""
    assert share_sold(25.0, 75.0) == pytest.approx(0.25)
    assert share_sold(0.0, 0.0) == 0.0
    assert share_sold(1.0, 0.0) == 1.0


def test_rounds_shrink_all_owners_alike() -> None:
    owned = np.array([0.5, 0.2, 0.2, 0.1])
    dilute(owned, 0.2, Owner.investors)
    assert owned == pytest.approx([0.4, 0.36, 0.16, 0.08])
    assert owned.sum() == pytest.approx(1.0, abs=1e-15)


def test_owners_of_the_start_are_those_of_its_legal_forms() -> None:
    labs = world().labs
    for lab in np.flatnonzero(labs.active[0]):
        owned, form = labs.owned[0, lab], labs.form[0, lab]
        assert owned.sum() == pytest.approx(1.0)
        if form == Form.DIVISION:
            assert owned[Owner.patron] == 1.0
        else:
            assert 0.1 < owned[Owner.founders] < 0.9
            assert (owned[Owner.patron] > 0.0) == (labs.patron[0, lab] >= 0)


def test_founders_own_less_of_a_lab_the_more_it_has_raised() -> None:
    lived = world(32)
    before = lived.labs.owned[:, :, Owner.founders].copy()
    raised = lived.labs.raised.copy()
    live_on(lived, 36)
    independent = (lived.labs.form == Form.FOR_PROFIT) & lived.labs.active.astype(bool) & (before > 0.0)
    sold = 1.0 - lived.labs.owned[:, :, Owner.founders][independent] / before[independent]
    money = (lived.labs.raised - raised)[independent] / lived.labs.valuation[independent]
    assert (sold >= -1e-12).all()
    assert np.corrcoef(sold, money)[0, 1] > 0.3


# ---- prices of shares ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value"), [("required_return", 0.35), ("mature_multiple", 4.0), ("growth_fades", 0.45)])
def test_investors_who_ask_for_more_pay_less(name: str, value: float) -> None:
    """Or see less growth ahead. At the start, before anything else can differ."""
    usual, changed = world(2), world(2, **{name: value})
    for each in (usual, changed):
        live_on(each, 1)
    independent = (usual.labs.form != Form.DIVISION) & usual.labs.active.astype(bool)
    assert (changed.labs.worth[independent] < usual.labs.worth[independent]).all()


def test_worth_is_in_proportion_to_confidence() -> None:
    usual, keen = world(2), world(2)
    keen.capital.sentiment = keen.capital.sentiment * 1.1
    for each in (usual, keen):
        market(each, each.luck)
    # Confidence has moved on by the same luck in both, and reverts a little: a tenth less what a month takes from it.
    ratio = keen.capital.sentiment / usual.capital.sentiment
    assert ((ratio > 1.05) & (ratio < 1.1)).all()
    expected = usual.labs.worth * ratio
    assert keen.labs.worth == pytest.approx(expected, rel=1e-9)


def test_owners_sell_when_the_discounted_market_is_worth_most() -> None:
    """The best time found by search over a logistic market, and none where it grows by less than they ask for."""
    years = np.linspace(0.0, 60.0, 600_001)
    for pace, asked, below in ((1.1, 0.25, 13.3), (1.0, 0.4, 4.4), (0.5, 0.2, 9.0), (1.0, 0.25, -3.0)):
        worth = -np.log1p(np.exp(-0.85 * (pace * years - below))) - asked * years
        found = best_time_to_sell(pace, asked, 0.85, below)
        assert found == pytest.approx(years[worth.argmax()], abs=2e-4)
    assert best_time_to_sell(0.2, 0.25, 0.85, 10.0) == 0.0


# ---- what labs mean to spend ---------------------------------------------------------------------------------------
def test_rivals_together_spend_less_than_the_prize_and_more_the_more_they_are() -> None:
    together = [n * outlay_for_prize(float(n), 1.0) for n in (2, 3, 5, 10, 100)]
    assert together == sorted(together)
    assert together[0] == pytest.approx(0.5)
    assert together[-1] < 1.0


def test_a_contested_market_calls_for_outlays_beyond_sales() -> None:
    """With nothing to win labs spend what serving takes; the larger the prize the more."""
    spent = []
    for share in (0.15, 0.35, 0.6):
        there = world(2, contested_share=share)
        live_on(there, 1)
        spent.append(float(there.labs.spending_wanted[0, :3].sum()))
    assert spent == sorted(spent)
    assert spent[-1] > 1.5 * spent[0]


def test_nobody_asks_for_money_that_lasts() -> None:
    """Labs with cash for their whole horizon raise nothing, whatever they are worth."""
    rich = world(8)
    rich.labs.cash[:] = 1e4
    before = rich.labs.raised.copy()
    live_on(rich, 6)
    of_investors = rich.labs.raised - before
    # Patrons' credits and gifts flow on; nobody has sold a share.
    assert (of_investors[rich.labs.form == Form.FOR_PROFIT] <= 6 * 1.5).all()
    assert rich.labs.need.max() == 0.0


# ---- chips ---------------------------------------------------------------------------------------------------------
def test_makers_expand_by_progress_growth_and_margin_and_shed_no_faster_than_they_can() -> None:
    assert expansion_wanted(0.3, 0.4, 1.0, 1.2, 0.25, 0.9) == pytest.approx(0.3 + 0.4 + 0.3)
    assert expansion_wanted(0.3, 0.4, 0.0, 1.2, -5.0, 0.9) == pytest.approx(0.3 - 0.9)


def test_what_makers_decide_is_capacity_a_year_later() -> None:
    """Makers who follow the market more have the same capacity for a year, and more after it."""
    slow, quick = world(4, makers_follow=0.1), world(4, makers_follow=0.8)
    for each in (slow, quick):
        live_on(each, PLANT_LAG_MONTHS)
    assert quick.chips.capacity == pytest.approx(slow.chips.capacity, rel=1e-12)
    for each in (slow, quick):
        live_on(each, 6)
    assert (quick.chips.capacity > slow.chips.capacity * 1.05).all()


def test_the_first_months_price_is_the_one_on_record() -> None:
    for elasticity in (0.7, 1.2, 2.5):
        there = world(2, chip_price_elasticity=elasticity)
        live_on(there, 1)
        assert there.chips.price == pytest.approx(there.chips.price_start)


def test_controls_make_compute_dearer_for_those_who_are_shut_out() -> None:
    there = world(4)
    live_on(there, 24)
    china, us = there.chips.premium[:, 1], there.chips.premium[:, US]
    assert (china > 1.1).all()
    free = world(4)
    free.nations.export_control[:] = 0.0
    free.nations.imports_refused[:] = 0.0
    live_on(free, 1)
    assert (free.chips.premium[:, 1] < china - 0.1).all()
    assert (us >= 1.0).all()


def test_power_that_runs_out_makes_compute_dearer_than_chips_are() -> None:
    there = world(4, power_ceiling=4.0)
    live_on(there, 48)
    assert (there.chips.premium[:, US] > 1.2).all()


def test_a_price_at_its_floor_leaves_plants_idle() -> None:
    """Ten times the chips: their price falls to the floor, and not all are made."""
    glut = world(4)
    live_on(glut, 1)
    glut.chips.capacity[:] *= 10.0
    live_on(glut, 1)
    assert glut.chips.margin == pytest.approx(-0.5)
    assert (glut.nations.imported.sum(axis=1) < 0.9 * glut.chips.capacity[:, 0]).all()
    assert glut.chips.price[0, 0] < glut.chips.usual_start[0, 0] * exp(-0.45)
