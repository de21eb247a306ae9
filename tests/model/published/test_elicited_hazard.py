"""V18: odds of a severe incident by a date, and the hazard that goes with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.common.arguments import ArgumentError
from sim.model.institutions.customers import chance_of_incident, severe_rate
from sim.model.odds import MOST, UnreachableOddsError, hazard_at
from sim.model.published_hazard import elicited_closed_form, elicited_hazard, odds_closed_form, odds_of_incident


def test_even_odds_in_a_year_at_a_steady_rate_are_log_two_over_twelve():
    assert elicited_closed_form(0.5, 12, 0.0, 0.0, 0.0, 0.0) == pytest.approx(math.log(2.0) / 12.0, rel=1e-14)


@pytest.mark.parametrize("growth", [0.0, 0.22, 0.5])
@pytest.mark.parametrize("odds", [0.01, 0.3, 0.9])
def test_the_rule_gives_back_the_odds_that_its_hazard_was_found_for(odds, growth):
    hazard = elicited_hazard(odds, 120, growth=growth).value
    assert hazard == pytest.approx(elicited_closed_form(odds, 120, growth=growth), rel=1e-9)
    assert odds_of_incident(hazard, 120, growth=growth).value == pytest.approx(odds, rel=1e-9)


def test_events_drawn_at_the_rules_rate_come_as_often_as_the_closed_form_says():
    chance = [chance_of_incident(severe_rate(2e-3, 0.3, month / 12.0, 2.5, 0.4)) for month in range(120)]
    drawn = (np.random.default_rng(5).random((200_000, 120)) < chance).any(axis=1).mean()
    expected = odds_closed_form(2e-3, 120, 1.0, 0.3, 2.5, 0.4)
    assert abs(drawn - expected) < 4.0 * math.sqrt(expected * (1.0 - expected) / 200_000)


def test_care_of_one_unit_is_worth_its_exponent():
    careless, careful = (elicited_closed_form(0.3, 60, prevented=2.5, care=care) for care in (0.0, 1.0))
    assert careful / careless == pytest.approx(math.exp(2.5), rel=1e-12)


def test_odds_that_no_hazard_gives_are_refused_with_what_there_is():
    with pytest.raises(UnreachableOddsError, match=r"odds of 0\.99: from 1e-09 to 0\.01 .* from 5e-08 to 0\.5"):
        hazard_at(lambda hazard: 0.5 * hazard / MOST, 0.99)


@pytest.mark.parametrize("odds", [0.0, 1.0, -0.1, math.nan, "x"])
def test_odds_are_chances_between_nought_and_one(odds):
    with pytest.raises(ArgumentError, match="odds"):
        elicited_hazard(odds, 120)
