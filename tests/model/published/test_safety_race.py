"""V1: labs' safety in a race reproduces Armstrong, Bostrom and Shulman (2016).

The race is played by the paper's rule: abilities are drawn from U[0, mu], the lab with the largest ability less safety
wins, and the risk is one less the winner's safety. The mean risk is compared with the paper's closed forms.
"""

from __future__ import annotations

import numpy as np
import pytest
from over_arrays import races

from sim.model.agents.labs import NO_INFORMATION, PRIVATE_INFORMATION, PUBLIC_INFORMATION
from sim.model.published import Estimate, armstrong_closed_form, armstrong_risk

RACES = 200_000
STANDARD_ERRORS = 4.0  # one false alarm in 16,000 comparisons; the seed is fixed


def played_risk(n: int, e: float, mu: float, information: int) -> Estimate:
    """Mean risk of races with the simulator's safety, and its standard error."""
    return armstrong_risk(n, e, mu, information, draws=RACES, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("information", [NO_INFORMATION, PRIVATE_INFORMATION, PUBLIC_INFORMATION],
                         ids=["no information", "private", "public"])
@pytest.mark.parametrize(("n", "e", "mu"), [(2, 1.0, 1.0), (2, 1.0, 2.0), (2, 0.5, 1.0), (2, 0.3, 0.2), (3, 1.0, 0.5),
                                            (3, 0.4, 3.0), (5, 0.7, 1.5), (5, 1.0, 6.0), (8, 0.2, 1.0)])
def test_the_winners_risk_is_the_published_one(n, e, mu, information):
    risk, error = played_risk(n, e, mu, information)
    assert risk == pytest.approx(armstrong_closed_form(n, e, mu, information), abs=STANDARD_ERRORS * error + 1e-9)


@pytest.mark.parametrize(("mu", "none", "private", "public"), [(1.0, 0.5, 0.6667, 0.6667), (2.0, 0.0, 0.3333, 0.4167)])
def test_two_teams_at_full_enmity_run_the_risks_that_the_paper_tabulates(mu, none, private, public):
    for information, expected in enumerate((none, private, public)):
        risk, error = played_risk(2, 1.0, mu, information)
        # the table has four digits
        assert risk == pytest.approx(expected, abs=STANDARD_ERRORS * error + 5e-5), information


@pytest.mark.parametrize("information", [NO_INFORMATION, PRIVATE_INFORMATION, PUBLIC_INFORMATION])
def test_more_enmity_never_makes_a_race_safer(information):
    ability = np.random.default_rng(2).uniform(0.0, 1.5, (1000, 4))
    racing = np.ones_like(ability, bool)
    safety = np.array([races(ability, racing, e, 1.5, information) for e in (0.1, 0.3, 0.6, 1.0)])
    assert np.all(np.diff(safety, axis=0) <= 1e-12)
    assert safety[0].mean() > safety[-1].mean()


@pytest.mark.parametrize("information", [NO_INFORMATION, PRIVATE_INFORMATION])
def test_more_rivals_make_a_race_less_safe_when_labs_know_little_of_each_other(information):
    """With public information the number of rivals counts through the leader's lead alone."""
    ability = np.full((1, 6), 0.8)
    means = [races(ability, np.arange(6)[None, :] < n, 0.9, 1.5, information)[0, 0] for n in (2, 3, 4, 6)]
    assert np.all(np.diff(means) < 0.0)


def test_no_information_safety_is_the_best_reply_to_itself():
    """Deviating from the common safety gains nothing: payoff P(win) s + (1 - P(win)) (1 - e) s of the winner."""
    n, e, mu = 2, 0.8, 1.0
    common = float(races(np.full((1, n), 0.5), np.ones((1, n), bool), e, mu, NO_INFORMATION)[0, 0])

    def payoff(own: float) -> float:
        # ability of two teams from U[0, mu]: their difference is triangular
        edge = np.clip((common - own) / mu, -1.0, 1.0)
        wins = 1.0 - 0.5 * (1.0 - edge) ** 2 if edge >= 0 else 0.5 * (1.0 + edge) ** 2
        return wins * own + (1.0 - wins) * (1.0 - e) * common

    others = [payoff(s) for s in np.linspace(0.0, 1.0, 201)]
    assert payoff(common) >= max(others) - 1e-4  # the grid's step squared


def test_a_lab_without_rivals_is_as_safe_as_can_be():
    ability = np.array([[0.4, 1.0, 0.7]])
    for information in range(3):
        alone = races(ability, np.array([[False, True, False]]), 0.9, 1.5, information)
        assert alone.tolist() == [[1.0, 1.0, 1.0]]


def test_runs_may_differ_in_enmity_and_in_mu():
    """What the simulator passes, arrays over runs and labs, gives what single numbers give."""
    ability = np.random.default_rng(4).uniform(0.0, 1.0, (3, 4))
    racing = np.array([[True] * 4, [True, True, False, False], [True, False, True, True]])
    e, mu = np.array([[0.2], [0.5], [0.9]]), np.array([[1.0], [1.5], [2.5]])
    for information in range(3):
        together = races(ability, racing, e, mu, information)
        for row in range(3):
            single = races(ability[row : row + 1], racing[row], float(e[row, 0]), float(mu[row, 0]), information)[0]
            assert together[row].tolist() == single.tolist()
