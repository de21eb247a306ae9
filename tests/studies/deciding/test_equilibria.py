"""Best replies, equilibria and regret against games whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_games import symmetric

from sim.model.agents.safety_choice import dsair_payoffs
from sim.model.published import armstrong_closed_form, dsair_closed_form
from sim.studies.deciding.equilibria import (
    best_replies,
    correlated_equilibrium,
    gain_by_disobeying,
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


# ---- correlated equilibria -------------------------------------------------------------------------------------------
def gains_from_doing_otherwise(payoffs: np.ndarray, chances: np.ndarray) -> float:
    """The most that anybody gains by another policy than the one told, profile by profile, told by told."""
    most = 0.0
    for who in range(payoffs.shape[-1]):
        for told, taken in np.ndindex(payoffs.shape[who], payoffs.shape[who]):
            gain = 0.0
            for profile in np.ndindex(chances.shape):
                if profile[who] == told:
                    other = (*profile[:who], taken, *profile[who + 1 :])
                    gain += chances[profile] * (payoffs[other][who] - payoffs[profile][who])
            most = max(most, gain)
    return most


def test_the_best_correlated_equilibrium_of_chicken_is_aumanns():
    """Payoffs 6, 2, 7 and 0: both dare never, both yield in half, 5.25 for each, more than any Nash equilibrium."""
    payoffs = symmetric(6, 2, 7, 0)
    agreed = correlated_equilibrium(payoffs)
    assert agreed is not None
    assert np.allclose(agreed.probabilities, [[0.5, 0.25], [0.25, 0.0]], atol=1e-9)
    assert np.allclose(agreed.payoffs, 5.25)
    assert gains_from_doing_otherwise(payoffs, agreed.probabilities) == pytest.approx(0.0, abs=1e-9)
    assert correlated_equilibrium(1e6 * payoffs + 5.0).payoffs == pytest.approx(5.25e6 + 5.0)


def test_a_dilemma_and_matching_pennies_have_no_other_correlated_equilibrium_than_nashs():
    assert np.allclose(correlated_equilibrium(symmetric(3, 0, 5, 1)).probabilities, [[0, 0], [0, 1]])
    assert np.allclose(correlated_equilibrium(PENNIES).probabilities, 0.25)


def test_three_players_share_what_no_lots_of_their_own_could_give():
    """Osborne and Rubinstein (1994), exercise 48.1: 2 for each, where one of three sees less than the other two."""
    payoffs = np.zeros((2, 2, 3, 3))
    payoffs[0, 0, 0], payoffs[1, 0, 0] = (0, 0, 3), (1, 0, 0)
    payoffs[0, 0, 1] = payoffs[1, 1, 1] = (2, 2, 2)
    payoffs[1, 0, 2], payoffs[1, 1, 2] = (0, 1, 0), (0, 0, 3)
    assert not pure_equilibria(payoffs)[:, :, 1].any(), "in the policy that pays all of them nothing is stable"
    agreed = correlated_equilibrium(payoffs)
    assert np.allclose(agreed.payoffs, 2.0)
    assert agreed.probabilities[0, 0, 1] + agreed.probabilities[1, 1, 1] == pytest.approx(1.0)
    assert 1.0 / 3.0 - 1e-9 <= agreed.probabilities[0, 0, 1] <= 2.0 / 3.0 + 1e-9


def test_where_three_have_no_stable_set_nobody_gains_by_disobeying_and_what_one_would_gain_is_found():
    """Jordan's game (1993): the first matches the second, the second the third, the third mismatches the first."""
    payoffs = np.zeros((2, 2, 2, 3))
    for one, two, three in np.ndindex(2, 2, 2):
        payoffs[one, two, three] = (one == two, two == three, three != one)
    assert not pure_equilibria(payoffs).any()
    agreed = correlated_equilibrium(payoffs)
    assert gains_from_doing_otherwise(payoffs, agreed.probabilities) == pytest.approx(0.0, abs=1e-9)
    assert agreed.payoffs.sum() >= 1.5 - 1e-9, "no less than each drawing lots alone, an equilibrium too"
    assert np.allclose(gain_by_disobeying(payoffs, agreed.probabilities), 0.0, atol=1e-9)
    certain = np.zeros((2, 2, 2))
    certain[0, 0, 0] = 1.0  # the third is told to match the first, and would gain 1
    assert np.allclose(gain_by_disobeying(np.stack([payoffs, 2.0 * payoffs]), certain), [[0, 0, 1], [0, 0, 2]])
