"""V4, V5, V6: compliance under audits, settlement by screening, and the selection of suits for trial."""

from __future__ import annotations

import numpy as np
import pytest
from over_arrays import wins

from sim.model.agents.regulators import complies, detection
from sim.model.institutions.courts import filing_hazard, screening_offer
from sim.model.published import bebchuk_closed_form, bebchuk_trials, detection_played, priest_klein

CASES = 1_000_000
STANDARD_ERRORS = 4.0  # one false alarm in 16,000 comparisons; the seeds are fixed


# ---- V4: deterrence ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("whistleblower", "found", "share_that_complies"), [(0.0, 0.05, 0.0), (0.5, 0.075, 1.0)])
def test_whistleblowers_turn_nobody_into_everybody_complying(whistleblower, found, share_that_complies):
    """Gain 1, penalty 15, audits .1, half of the breaches missed: .05 x 15 < 1 < .075 x 15."""
    detected = detection(0.1, 0.5, 0.0, whistleblower, 0.0)
    assert float(detected) == pytest.approx(found, abs=1e-15)
    assert complies(np.full(100, detected), np.full(100, 15.0), np.ones(100)).mean() == share_that_complies


def test_compliance_begins_where_detection_times_stakes_equals_the_gain():
    gain = np.array([0.75, 0.75, 0.75])
    assert complies(np.array([0.05]), np.array([14.9, 15.0, 15.1]), gain).tolist() == [False, True, True]


def test_an_audit_finds_a_breach_as_often_as_audits_played_out():
    """A breach that the first look misses is still found if it is checked again, reported or seen by monitoring."""
    chances = (0.3, 0.6, 0.2, 0.15, 0.1)
    found = detection_played(*chances, draws=CASES, seed=1)
    assert found.value == pytest.approx(float(detection(*chances)), abs=STANDARD_ERRORS * found.standard_error)


# ---- V5: Bebchuk's screening -------------------------------------------------------------------------------
def test_four_in_five_go_to_trial_with_odds_on_zero_to_one_and_costs_of_a_fifth():
    _, trial = screening_offer(0.2, 1.0, 0.0, 1.0)
    assert float(trial) == pytest.approx(0.80, abs=1e-12)


@pytest.mark.parametrize(("cost", "stake", "low", "high"), [
    (0.2, 1.0, 0.0, 1.0), (0.1, 1.0, 0.3, 0.6), (2.0, 10.0, 0.2, 0.9), (0.5, 1.0, 0.4, 0.6)])
def test_the_plaintiffs_demand_earns_it_the_most(cost, stake, low, high):
    """Brute force: each side bears half of the cost; a defendant pays if a trial would cost it more."""
    demand, trial = screening_offer(cost, stake, low, high)
    odds = np.linspace(low, high, 20_001)

    def earned(asked: float) -> float:
        pays = odds * stake + cost / 2.0 >= asked - 1e-12
        return float(np.where(pays, asked, odds * stake - cost / 2.0).mean())

    best = max(earned(asked) for asked in np.linspace(low * stake, high * stake + cost, 2001))
    assert earned(float(demand)) >= best - 2e-4 * stake  # the grid's step
    tried = (odds * stake + cost / 2.0 < demand - 1e-12).mean()
    assert float(trial) == pytest.approx(tried, abs=2e-4)
    assert float(trial) == pytest.approx(max(0.0, 1.0 - cost / (stake * (high - low))), abs=1e-12)
    played = bebchuk_trials(cost, stake, low, high)
    assert played.value == pytest.approx(float(trial), abs=STANDARD_ERRORS * played.standard_error + 1e-12)
    assert bebchuk_closed_form(cost, stake, low, high) == pytest.approx(float(trial), abs=1e-12)


# ---- V6: Priest and Klein's selection ----------------------------------------------------------------------
STANDARD = 1.0  # one standard deviation: 16% of all suits would win


def tried_suits(signal_sd: float, cost_to_stake: float = 1.0 / 3.0) -> tuple[float, float, float]:
    """Share of suits that are tried, the plaintiffs' win rate among these, and its standard error."""
    tried, won = priest_klein(signal_sd, STANDARD, cost_to_stake, CASES, seed=2)
    return tried.value, won.value, won.standard_error


def test_one_suit_in_six_would_win_if_all_were_tried():
    truth = np.random.default_rng(2).standard_normal(CASES)
    share = wins(truth, truth, truth, 0.1, STANDARD, 0.0).mean()
    assert share == pytest.approx(0.1587, abs=STANDARD_ERRORS * 0.3654 / np.sqrt(CASES))


@pytest.mark.slow
def test_sharper_signals_mean_fewer_trials_and_a_win_rate_that_tends_to_one_half():
    shares, rates, errors = zip(*(tried_suits(sd) for sd in (1.0, 0.5, 0.2, 0.1, 0.05, 0.02)), strict=True)
    assert np.all(np.diff(shares) < 0.0)
    assert np.all(np.diff(rates) > 0.0)
    assert rates[0] < 0.25
    assert rates[-1] == pytest.approx(0.5, abs=0.01 + STANDARD_ERRORS * errors[-1])  # first order: 0.5 - 0.45 x 0.02


def test_at_a_signal_error_of_one_twentieth_nearly_half_of_the_tried_suits_win():
    """To first order the rate is 1/2 - standard x sd x E|z| / 2, z the tried suits' distance from the standard in
    errors; E|z| is about 0.9, so .478 at .05 and .49 at .02: both "near .49" and far from the 16% of all suits."""
    share, rate, error = tried_suits(0.05)
    assert share < 0.01
    assert rate == pytest.approx(0.4775, abs=0.003 + STANDARD_ERRORS * error)  # 0.003: second order, (standard x sd)^2
    assert rate == pytest.approx(0.49, abs=0.02)


def test_dearer_trials_are_rarer_and_the_stronger_case_wins():
    cheap, dear = tried_suits(0.4, 0.1)[0], tried_suits(0.4, 0.5)[0]
    assert dear < 0.5 * cheap
    assert wins([0.9, 1.1], [0.0, 0.0], [0.0, 0.0], 0.4, STANDARD, 0.1).tolist() == [False, True]


# ---- filing ------------------------------------------------------------------------------------------------
def test_a_suits_two_motives_are_told_apart():
    """Row S9: rivalry needs a lead of the defendant, mission needs a mission and a drift; both need a grievance."""
    grievance, combativeness = np.array([0.5, 0.5, 0.5, 0.0]), np.array([0.8, 0.8, 0.8, 0.8])
    mission, rivalry = np.vectorize(filing_hazard.py_func)(grievance, combativeness, np.array([0.6, 0.0, 0.6, 0.6]),
                                     np.array([0.5, 0.5, 0.5, 0.5]), np.array([0.4, 0.4, -0.2, 0.4]), 0.1, 0.6, 1.0)
    assert mission == pytest.approx([0.1 * 0.4 * 0.6 * 0.6 * 0.5, 0.0, 0.1 * 0.4 * 0.6 * 0.6 * 0.5, 0.0], abs=1e-15)
    assert rivalry == pytest.approx([0.1 * 0.4 * 0.4, 0.1 * 0.4 * 0.4, 0.0, 0.0], abs=1e-15)
