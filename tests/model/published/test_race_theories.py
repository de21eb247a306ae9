"""V14 and the month's own forms of V2 and V3: what labs that race choose under each theory of the race."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.agents.safety_choice import (
    contest_safety,
    dsair_payoffs,
    dsair_safety,
    equilibrium_safety,
    safe_is_chosen,
    taxed_safety,
)
from sim.model.published import contest_closed_form, contest_survival


# ---- effort on safety or on capability -----------------------------------------------------------------------------
@pytest.mark.parametrize(("labs", "weight", "gain", "survival"), [(2, 1.0, 10.0, 0.6944), (5, 1.0, 100.0, 0.6546)])
def test_survival_is_the_closed_form(labs, weight, gain, survival):
    assert contest_survival(labs, weight, gain).value == pytest.approx(survival, abs=5e-5)
    expected = contest_closed_form(labs, weight, gain)
    assert contest_survival(labs, weight, gain).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("chance", "enmity", "weight", "gain"), [(0.5, 1.0, 1.0, 10.0), (0.3, 0.6, 2.0, 5.0)])
def test_no_other_division_of_effort_pays_a_lab_more(chance, enmity, weight, gain):
    """By trying them all, against rivals whose effort makes its chance what it is."""
    safe = contest_safety(chance, enmity, weight, gain)
    chosen = safe / (gain * (1.0 - safe) + safe)
    rivals = (1.0 - chosen) ** weight * (1.0 - chance) / chance
    effort = np.linspace(1e-6, 1.0 - 1e-6, 200_001)
    wins = (1.0 - effort) ** weight / ((1.0 - effort) ** weight + rivals)
    payoff = gain * effort / (gain * effort + 1.0 - effort) * (1.0 - enmity * (1.0 - wins))
    assert effort[payoff.argmax()] == pytest.approx(chosen, abs=1e-4)


def test_care_falls_with_rivals_enmity_and_weight_and_rises_with_gain():
    base = contest_safety(0.5, 0.5, 1.0, 10.0)
    assert contest_safety(0.1, 1.0, 1.0, 10.0) < contest_safety(0.5, 1.0, 1.0, 10.0)
    assert contest_safety(0.5, 0.9, 1.0, 10.0) < base
    assert contest_safety(0.5, 0.5, 2.0, 10.0) < base < contest_safety(0.5, 0.5, 1.0, 20.0)
    assert contest_safety(0.5, 0.0, 1.0, 10.0) == pytest.approx(1.0)


# ---- safe or unsafe ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("risk", [0.1, 0.5, 0.77, 0.78, 0.95])
def test_labs_that_never_err_are_safe_where_safe_is_risk_dominant(risk):
    chosen = dsair_safety(risk, 1.5, 1.0, 0.5, 1e4)
    assert (chosen > 0.5) == safe_is_chosen(dsair_payoffs(risk, 1.5, 4.0, 1.0, 1e4, 100.0))


def test_safe_is_chosen_more_with_risk_and_less_with_speed_and_a_toss_without_precision():
    base = dsair_safety(0.6, 1.5, 0.5, 0.5, 5.0)
    assert dsair_safety(0.8, 1.5, 0.5, 0.5, 5.0) > base > dsair_safety(0.6, 2.0, 0.5, 0.5, 5.0)
    assert dsair_safety(0.6, 1.5, 0.5, 0.5, 0.0) == 0.5


# ---- spending on safety or on performance --------------------------------------------------------------------------
@pytest.mark.parametrize("price", [0.02, 0.1, 0.5])
@pytest.mark.parametrize(("alpha", "beta", "theta", "labs"),
                         [(0.1, 0.5, 0.3, 2), (0.2, 0.5, 0.1, 5), (0.02, 0.9, 0.6, 8)])
def test_the_months_form_is_the_published_one(price, alpha, beta, theta, labs):
    odds = float(equilibrium_safety(price, alpha, beta, theta, labs))
    assert taxed_safety(price, alpha, beta, theta, labs) == pytest.approx(odds / (1.0 + odds), abs=1e-9)


def test_dearer_compute_makes_labs_safer_exactly_where_beta_theta_exceeds_alpha():
    for alpha, beta, theta in ((0.1, 0.5, 0.3), (0.2, 0.5, 0.3)):
        dearer = taxed_safety(0.2, alpha, beta, theta, 2) - taxed_safety(0.1, alpha, beta, theta, 2)
        assert (dearer > 0.0) == (beta * theta > alpha)
