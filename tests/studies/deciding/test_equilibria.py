"""Best replies, equilibria and regret against games whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_games import symmetric

from sim.model.agents.safety_choice import dsair_payoffs
from sim.model.published import armstrong_closed_form, dsair_closed_form
from sim.studies.deciding.equilibria import (
    best_replies,
    gains_by_leaving,
    mixed_equilibria,
    pure_equilibria,
    regret,
)
from sim.studies.deciding.which_game import DIFFERENT, GAMES, kinds, names, shares

KNOWN = {  # reward, sucker, temptation, punishment; then the equilibria of the game
    "harmony": (symmetric(4, 3, 2, 1), {(0, 0)}),
    "stag hunt": (symmetric(4, 0, 3, 2), {(0, 0), (1, 1)}),
    "prisoner's dilemma": (symmetric(3, 0, 5, 1), {(1, 1)}),
    "chicken": (symmetric(3, 2, 4, 0), {(0, 1), (1, 0)}),
    "deadlock": (symmetric(1, 0, 3, 2), {(1, 1)}),
}
PENNIES = np.stack([np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([[-1.0, 1.0], [1.0, -1.0]])], axis=-1)


def found(payoffs: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(map(int, each)) for each in np.argwhere(pure_equilibria(payoffs))}


@pytest.mark.parametrize("name", KNOWN)
def test_a_game_of_two_has_its_name_and_its_equilibria(name):
    payoffs, equilibria = KNOWN[name]
    assert found(payoffs) == equilibria
    assert [GAMES[kind] for kind in kinds(payoffs)] == [name, name]


def test_games_are_told_apart_player_by_player():
    """One in a dilemma, the other in harmony; ties are none of the five."""
    payoffs = symmetric(3, 0, 5, 1)
    payoffs[..., 1] = KNOWN["harmony"][0][..., 1]
    assert [GAMES[kind] for kind in kinds(payoffs)] == ["prisoner's dilemma", "harmony"]
    assert names(kinds(payoffs)) == DIFFERENT
    assert [GAMES[kind] for kind in kinds(symmetric(1, 1, 1, 1))] == ["another game"] * 2
    both = np.stack([KNOWN["chicken"][0]] * 3 + [payoffs])
    assert shares(kinds(both)) == {"chicken": 0.75, DIFFERENT: 0.25}


def test_a_games_name_keeps_under_any_unit_and_constant():
    for payoffs, _ in KNOWN.values():
        assert np.array_equal(kinds(1e-6 * payoffs + 1e3), kinds(payoffs))


def test_nobody_gains_at_an_equilibrium_and_regret_is_the_largest_gain():
    payoffs = symmetric(3, 0, 5, 1)
    assert np.array_equal(gains_by_leaving(payoffs)[..., 0], [[2, 1], [0, 0]])
    assert np.array_equal(regret(payoffs), [[2, 1], [1, 0]])
    assert np.array_equal(best_replies(payoffs)[..., 1], [[False, True], [False, True]])


def test_policies_that_do_the_same_are_both_best_replies_though_sums_round_differently():
    payoffs = symmetric(3, 0, 5, 1)
    payoffs = np.concatenate([payoffs, payoffs[1:]])
    payoffs[2] += 1e-13
    assert found(payoffs) == {(1, 1), (2, 1)}


def test_leading_axes_are_carried_along():
    stacked = np.stack([payoffs for payoffs, _ in KNOWN.values()])
    assert np.array_equal(pure_equilibria(stacked), [pure_equilibria(payoffs) for payoffs, _ in KNOWN.values()])


def test_three_players_who_share_a_common_good_all_free_ride():
    """Each pays 2 for a good that is worth 1 to each of three: nobody pays, and all would gain if all did."""
    pays = 1 - np.stack(np.indices((2, 2, 2)), axis=-1)
    payoffs = pays.sum(axis=-1, keepdims=True) * 1.0 - 2.0 * pays
    assert found(payoffs) == {(1, 1, 1)}
    assert payoffs[0, 0, 0].sum() > payoffs[1, 1, 1].sum()
    assert gains_by_leaving(payoffs)[0, 0, 0].tolist() == [1.0, 1.0, 1.0]


def test_matching_pennies_has_no_pure_equilibrium_and_one_that_is_even():
    assert found(PENNIES) == set()
    (only,) = mixed_equilibria(PENNIES)
    assert np.allclose(only.probabilities, 0.5)
    assert np.allclose(only.payoffs, 0.0)


def test_mixed_chicken_has_its_closed_form():
    """Each swerves with the chance that leaves the other indifferent: (P - S) / ((R - T) + (P - S))."""
    (only,) = mixed_equilibria(symmetric(3, 2, 4, 0))
    assert np.allclose([each[0] for each in only.probabilities], (0 - 2) / ((3 - 4) + (0 - 2)))


def test_rock_paper_scissors_is_played_by_thirds():
    own = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    (only,) = mixed_equilibria(np.stack([own, -own], axis=-1))
    assert np.allclose(only.probabilities, 1.0 / 3.0)


# ---- published games -----------------------------------------------------------------------------------------------
STEPS = 6


def test_armstrongs_race_has_his_safety_and_his_risk():
    """Two labs that know each other's ability: the leader spends its lead on safety; mean risk is 1 - mu / (n + 1).

    Policies are safety of 0, 0.2 ... 1; futures are draws of disaster, the same for all profiles. A lab that loses has
    nothing (enmity of 1). Abilities are even on [0, 1], so the lead has the density 2 (1 - lead), and the integral over
    a line through the six leads is exact.
    """
    grid, futures = np.linspace(0.0, 1.0, STEPS), np.random.default_rng(0).uniform(size=4000)
    risk = []
    for lead in grid:
        ahead = grid[:, None] - lead <= grid[None, :] + 1e-9  # a tie is the leader's, as in the paper
        safe = np.where(ahead, grid[:, None], grid[None, :])
        survived = (futures < safe[..., None]).mean(axis=-1)
        payoffs = np.stack([np.where(ahead, survived, 0.0), np.where(ahead, 0.0, survived)], axis=-1)
        equilibria = [each for each in found(payoffs) if each[1] == 0 and ahead[each]]  # of those that the leader wins
        assert [round(float(grid[mine]), 9) for mine, _ in equilibria] == [round(float(lead), 9)]
        risk.append(1.0 - safe[equilibria[0]])
    fine = np.linspace(0.0, 1.0, 6001)
    expected = np.trapezoid(np.interp(fine, grid, risk) * 2.0 * (1.0 - fine), fine)
    assert expected == pytest.approx(armstrong_closed_form(2, 1.0, 1.0, "public"), abs=1e-6)


@pytest.mark.parametrize("speed", [1.5, 3.0])
def test_safe_or_unsafe_is_a_deadlock_below_the_published_risk_and_a_dilemma_above_it(speed):
    """Both unsafe is better than both safe below the first threshold of DSAIR, and each is unsafe on either side.

    A future is whether an unsafe lab meets disaster: 40,000 leave the risk an error of at most 0.0025, and risks lie
    0.02 off the threshold, eight errors from it.
    """
    preferred, _ = dsair_closed_form(speed)
    spared = np.random.default_rng(3).uniform(size=40_000)
    for risk, name in ((preferred - 0.02, "deadlock"), (preferred + 0.02, "prisoner's dilemma")):
        own = dsair_payoffs(0.0, speed, 4.0, 1.0, 1e4, 100.0)
        own[1] *= (spared >= risk).mean()
        payoffs = np.stack([own, own.T], axis=-1)
        assert [GAMES[kind] for kind in kinds(payoffs)] == [name, name]
        assert found(payoffs) == {(1, 1)}
