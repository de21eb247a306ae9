"""V2, V3: safe or unsafe in a race of two, and what dearer compute does to safety."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.agents.safety_choice import (
    contest_spending,
    dsair_payoffs,
    equilibrium_safety,
    safe_is_chosen,
    safe_is_preferred,
)
from sim.model.published import dsair_closed_form, dsair_thresholds, safety_tax_closed_form, safety_tax_slope


# ---- V2: safe or unsafe ------------------------------------------------------------------------------------
def test_the_published_thresholds_at_s_one_and_a_half():
    """b=4, c=1, B=10^4, W=100: 1 - 102/154 and 1 - 51.6/229.4."""
    society, dominance = dsair_thresholds(1.5)
    assert society.value == pytest.approx(0.3377, abs=5e-5)
    assert dominance.value == pytest.approx(0.7751, abs=5e-5)
    assert society.value == pytest.approx(1.0 - 102.0 / 154.0, abs=1e-12)
    assert dominance.value == pytest.approx(1.0 - 51.6 / 229.4, abs=1e-12)


@pytest.mark.parametrize("speed", [1.1, 1.5, 2.0, 4.0])
def test_the_thresholds_tend_to_the_published_limits_as_the_prize_grows(speed):
    society, dominance = dsair_thresholds(speed, prize=1e10)
    assert society.value == pytest.approx(1.0 - 1.0 / speed, abs=1e-6)
    assert dominance.value == pytest.approx(1.0 - 1.0 / (3.0 * speed), abs=1e-6)
    for prize in (1e3, 1e5):
        found = [threshold.value for threshold in dsair_thresholds(speed, 3.0, 0.5, prize, 50.0)]
        assert found == pytest.approx(dsair_closed_form(speed, 3.0, 0.5, prize, 50.0), abs=1e-12)


def test_between_the_thresholds_labs_race_though_both_would_rather_not():
    """The dilemma: both prefer safe and neither chooses it."""
    payoffs = dsair_payoffs(np.array([0.2, 0.5, 0.9]), 1.5, 4.0, 1.0, 1e4, 100.0)
    assert safe_is_preferred(payoffs).tolist() == [False, True, True]
    assert safe_is_chosen(payoffs).tolist() == [False, False, True]


def test_payoffs_of_a_race_without_risk_or_prize_are_shares_of_the_benefit():
    """s=3, b=4, c=1: alike, half of the benefit each; unalike, a quarter for the safe and three for the unsafe."""
    payoffs = dsair_payoffs(0.0, 3.0, 4.0, 1.0, 0.0, 10.0)
    assert payoffs.tolist() == [[1.0, 0.0], [3.0, 2.0]]


# ---- V3: the safety tax ------------------------------------------------------------------------------------
@pytest.mark.parametrize("price", [0.003, 0.1, 0.4])
def test_dearer_compute_moves_safety_as_published(price):
    """alpha = beta = .5: theta .25 falls, 1 flat, 1.5 rises."""
    assert safety_tax_slope(0.5, 0.5, 0.25, price).value < -0.1
    assert abs(safety_tax_slope(0.5, 0.5, 1.0, price).value) < 1e-12
    assert safety_tax_slope(0.5, 0.5, 1.5, price).value > 0.05


@pytest.mark.parametrize("alpha", [0.2, 0.35, 0.5])
@pytest.mark.parametrize("beta", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("theta", [0.2, 0.7, 1.4])
def test_the_sign_is_that_of_beta_theta_less_alpha(alpha, beta, theta):
    slope = safety_tax_slope(alpha, beta, theta, span=1.001).value
    assert np.sign(round(slope, 9)) == np.sign(round(beta * theta - alpha, 9))
    assert slope == pytest.approx(safety_tax_closed_form(alpha, beta, theta), abs=1e-6)  # span: second order


@pytest.mark.parametrize("theta", [0.25, 1.0, 1.5])
@pytest.mark.parametrize("price", [0.01, 0.1, 0.4])
def test_no_lab_does_better_by_spending_otherwise(theta, price):
    """Brute force over both kinds of spending, from a ten-thousandth to a thousand times: a Nash equilibrium."""
    safety = float(equilibrium_safety(price, 0.5, 0.5, theta))
    careful, fast = (float(spent) / price for spent in contest_spending(np.array(safety), 2, 0.5, 0.5, theta, 1.0))
    assert 10.0 * careful**0.5 / fast ** (0.5 * theta) == pytest.approx(safety, rel=1e-9)

    def payoff(on_safety: np.ndarray, on_performance: np.ndarray) -> np.ndarray:
        own = 10.0 * on_safety**0.5 / on_performance ** (0.5 * theta)
        intact = own / (1.0 + own) * safety / (1.0 + safety)
        win = on_performance**0.5 / (on_performance**0.5 + fast**0.5)
        return intact * win - (1.0 - intact) - price * (on_safety + on_performance)

    factors = np.geomspace(1e-4, 1e3, 401)
    best = payoff(careful * factors[:, None], fast * factors[None, :]).max()
    assert float(payoff(np.array(careful), np.array(fast))) >= best - 1e-9
