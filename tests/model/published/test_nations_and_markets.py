"""V7 to V10: arms races, repeated games, choice, learning and adoption reproduce their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from over_arrays import shares

from sim.model.agents.founders import departure_hazard
from sim.model.agents.powers import contest_share, quantal_response
from sim.model.agents.training import semi_endogenous_growth
from sim.model.agents.treaties import cooperation_lasts
from sim.model.industry import potential_market
from sim.model.institutions.chips import market_clearing_price, wright_cost
from sim.model.institutions.customers import adoption_step
from sim.model.published import (
    bass_closed_form,
    logit_choice,
    quantal_closed_form,
    quantal_game,
    richardson_closed_form,
    richardson_race,
    treaty_threshold,
)


# ---- V7: Richardson's arms race ----------------------------------------------------------------------------
@pytest.mark.parametrize(("a", "b", "m", "n", "r", "s"), [
    (0.5, 0.5, 1.0, 1.0, 1.0, 1.0), (0.8, 0.3, 1.2, 0.7, 0.5, 0.2), (0.2, 0.9, 0.9, 1.1, 0.1, 0.4)])
def test_a_stable_race_settles_at_the_published_equilibrium(a, b, m, n, r, s):
    """x' = a y - m x + r, y' = b x - n y + s settle at (n r + a s, m s + b r)/(m n - a b)."""
    equilibrium = np.array([n * r + a * s, m * s + b * r]) / (m * n - a * b)
    assert richardson_closed_form(a, b, m, n, r, s) == pytest.approx(equilibrium, rel=1e-12)
    reached = [hostility.value for hostility in richardson_race(a, b, m, n, r, s)]
    # the slowest of these races forgets its start as exp(-0.33 t): nothing is left of it after 80 years
    assert reached == pytest.approx(equilibrium, abs=1e-6)


def test_the_symmetric_race_settles_at_two():
    reached = [x.value for x in richardson_race(0.5, 0.5, 1.0, 1.0, 1.0, 1.0, years=60.0)]
    assert reached == pytest.approx([2.0, 2.0], abs=1e-6)


def test_a_race_whose_reactions_outweigh_fatigue_runs_away():
    """a = b = 1.2, others 1: growth at the rate 0.2 a year, so tenfold in ln(10)/0.2 = 11.5 years."""
    early, late = (richardson_race(1.2, 1.2, 1.0, 1.0, 1.0, 1.0, years=years)[0].value
                   for years in (40.0, 40.0 + np.log(10.0) / 0.2))
    assert early > 1000.0
    assert late / early == pytest.approx(10.0, rel=0.02)  # steps of 0.01 year


# ---- V8: the repeated prisoner's dilemma -------------------------------------------------------------------
def test_cooperation_lasts_from_a_discount_factor_of_one_half_with_payoffs_four_three_two():
    lasts = [cooperation_lasts(discount, 4.0, 3.0, 2.0) for discount in (0.0, 0.49, 0.5, 0.51, 1.0)]
    assert lasts == [False, False, True, True, True]


@pytest.mark.parametrize(("temptation", "reward", "punishment"), [(4.0, 3.0, 2.0), (5.0, 3.0, 1.0), (2.0, 1.9, 0.0)])
def test_cooperation_lasts_exactly_when_a_betrayal_followed_by_punishment_pays_less(temptation, reward, punishment):
    for discount in np.linspace(0.013, 0.987, 31):
        kept = reward / (1.0 - discount)
        betrayed = temptation + discount * punishment / (1.0 - discount)
        assert bool(cooperation_lasts(discount, temptation, reward, punishment)) == (kept >= betrayed)
    threshold = (temptation - reward) / (temptation - punishment)
    assert treaty_threshold(temptation, reward, punishment).value == pytest.approx(threshold, abs=1e-12)


# ---- V10: logit choice of powers ---------------------------------------------------------------------------
def test_a_choice_without_precision_is_a_toss_between_what_is_open():
    assert quantal_response(5.0, -3.0, 0.0, True, True) == pytest.approx((1 / 3, 1 / 3), abs=1e-15)
    assert quantal_response(5.0, -3.0, 0.0, True, False) == pytest.approx((0.5, 0.0), abs=1e-15)


@pytest.mark.parametrize(("up", "ease", "best"), [(0.2, -0.1, (1, 0)), (-0.2, 0.1, (0, 1)), (-0.2, -0.1, (0, 0))])
def test_a_choice_of_endless_precision_is_the_best_reply(up, ease, best):
    assert quantal_response(up, ease, 1e6, True, True) == pytest.approx(best, abs=1e-12)


def test_odds_of_a_choice_are_the_exponential_of_what_it_gains():
    up, ease = quantal_response(0.3, -0.2, 4.0, True, True)
    hold = 1.0 - up - ease
    assert (up / hold, ease / hold) == pytest.approx((np.exp(1.2), np.exp(-0.8)), rel=1e-12)


def test_two_powers_that_choose_by_logit_meet_at_the_published_equilibrium():
    """Prisoners: 1/(1 + exp(-precision x gain)); chicken at much precision: Nash's mixture."""
    prisoners, chicken = (0.4, 0.3, 0.1, 0.0), (0.4, 0.2, 0.0, 0.1)
    for precision in (0.0, 3.0, 30.0):
        expected = 1.0 / (1.0 + np.exp(-0.1 * precision))
        assert quantal_game(precision, *prisoners).value == pytest.approx(expected, abs=1e-12)
        assert quantal_closed_form(precision, *chicken) == pytest.approx(
            quantal_game(precision, *chicken).value, abs=1e-9)
    assert quantal_game(100.0, *chicken).value == pytest.approx(2.0 / 3.0, abs=0.03)


def test_a_contest_is_shared_evenly_by_equals_and_by_powers_of_the_lead():
    assert [contest_share(lead, 0.5) for lead in (0.0, 2.0)] == pytest.approx([0.5, 10.0 / 11.0], rel=1e-12)
    assert contest_share(-0.7, 0.5) == pytest.approx(1.0 - contest_share(0.7, 0.5), rel=1e-12)


# ---- V9: logit, Wright, Bass, logistic ---------------------------------------------------------------------
def test_logit_shares_are_the_closed_form_and_leave_out_what_is_not_offered():
    found = shares(np.log(np.array([[1.0, 2.0, 5.0], [1.0, 3.0, 9.0]])),
                          np.array([[True, True, True], [True, True, False]]))
    assert found == pytest.approx(np.array([[1 / 8, 2 / 8, 5 / 8], [1 / 4, 3 / 4, 0.0]]), abs=1e-15)


def test_logit_shares_do_not_depend_on_the_scale_zero_or_on_irrelevant_offers():
    utility, offered = np.array([[0.3, -0.7, 1.1, 0.2]]), np.array([[True, True, True, True]])
    found = shares(utility, offered)
    assert shares(utility + 700.0, offered) == pytest.approx(found, abs=1e-12)  # exp(700) overflows nothing
    fewer = shares(utility, np.array([[True, True, True, False]]))
    assert fewer[0, 0] / fewer[0, 2] == pytest.approx(found[0, 0] / found[0, 2], rel=1e-12)
    assert shares(utility, np.zeros((1, 4), bool)).tolist() == [[0.0] * 4]


def test_logit_shares_are_what_customers_with_gumbel_tastes_choose():
    for chosen, expected in logit_choice((0.0, 0.5, 1.5), draws=400_000, seed=1):
        assert chosen.value == pytest.approx(expected, abs=4.0 * chosen.standard_error)


def test_every_doubling_of_output_cuts_wrights_cost_by_the_same_share():
    """An exponent of log2(1/0.8) is the 80% curve."""
    cost = [wright_cost(made * 5e6, 5e6, np.log2(1.0 / 0.8)) for made in (1.0, 2.0, 4.0, 8.0)]
    assert cost == pytest.approx([1.0, 0.8, 0.64, 0.512], abs=1e-12)


@pytest.mark.parametrize("step_years", [1.0 / 12.0, 0.5, 7.0])
def test_adoption_follows_basss_curve_whatever_the_step(step_years):
    """From nothing: (1 - exp(-(p+q) t)) / (1 + q/p exp(-(p+q) t)), exact for every step."""
    p, q, adoption = 0.03, 0.5, 0.0
    for _ in range(round(21.0 / step_years)):
        adoption = adoption_step(adoption, p, q, step_years)
    fade = np.exp(-(p + q) * 21.0)
    assert adoption == pytest.approx((1.0 - fade) / (1.0 + q / p * fade), abs=1e-12)
    assert bass_closed_form(21.0, p, q) == pytest.approx(adoption, abs=1e-12)


def test_adoption_never_passes_everybody():
    assert all(0.999999 <= adoption_step(early, 0.06, 0.8, 50.0) <= 1.0 for early in (0.999999, 1.0))


def test_the_potential_market_is_a_logistic_curve_of_capability():
    market = [potential_market(capability, 2500.0, 30.5, 0.85) for capability in (0.0, 30.5, 31.5, 99.0)]
    assert market[1] == pytest.approx(1250.0, abs=1e-9)
    assert market[2] == pytest.approx(2500.0 / (1.0 + np.exp(-0.85)), rel=1e-12)
    assert market[0] < 1e-6
    assert market[3] == pytest.approx(2500.0, rel=1e-12)


# ---- other pure halves -------------------------------------------------------------------------------------
def test_research_gets_harder_the_more_has_been_found():
    """Jones: the gain is rate x effort^returns x 10^(-crowding x level); a rate of .42 a year is .035 a month."""
    gain = [semi_endogenous_growth(effort, level, 0.42, 0.5, 0.3) for effort, level in ((1, 0), (4, 0), (1, 2))]
    assert gain == pytest.approx([0.035, 0.07, 0.035 * 10.0**-0.6], rel=1e-12)


@pytest.mark.parametrize("elasticity", [0.7, 1.2, 2.5])
def test_orders_at_the_clearing_price_are_what_there_is(elasticity):
    """Orders of 40 for 20 at the usual price of 3, with a constant elasticity: what is ordered at the price is 20."""
    price = market_clearing_price(3.0, 40.0, 20.0, elasticity)
    assert 40.0 * (price / 3.0) ** -elasticity == pytest.approx(20.0, rel=1e-12)
    assert market_clearing_price(3.0, 20.0, 20.0, elasticity) == pytest.approx(3.0, rel=1e-12)


def test_departures_need_a_mission_and_a_drift_beyond_the_base():
    hazard = [departure_hazard(*pair, 0.002, 0.03) for pair in ((0.0, 0.5), (0.8, 0.0), (0.8, 0.5))]
    assert hazard == pytest.approx([0.002, 0.002, 0.014], abs=1e-15)
