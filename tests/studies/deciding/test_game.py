"""Games found again in noisy payoffs: equilibria, how surely, which game, thresholds, aims, and the price."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_games import outcomes, profiles, symmetric

from sim.scenario.scenario import Scenario
from sim.studies.deciding.game import GameError, solve
from sim.studies.deciding.rests import threshold
from sim.studies.deciding.unknowns import met_by

FUTURES = 400
OWN, SHARED = 4.0, 40.0
"""Luck of a profile alone and luck that all share: steps of 1 have a standard error of 4 sqrt(2 / 400) = 0.28."""
KNOWN = {
    "harmony": (symmetric(4, 3, 2, 1), {(0, 0)}),
    "stag hunt": (symmetric(4, 0, 3, 2), {(0, 0), (1, 1)}),
    "prisoner's dilemma": (symmetric(3, 0, 5, 1), {(1, 1)}),
    "chicken": (symmetric(3, 2, 4, 0), {(0, 1), (1, 0)}),
    "deadlock": (symmetric(1, 0, 3, 2), {(1, 1)}),
}
PENNIES = np.stack([np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([[-1.0, 1.0], [1.0, -1.0]])], axis=-1)


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_game_is_found_in_noise_forty_times_its_steps(name):
    """Smallest step 1, three and a half standard errors: a resample errs in one of some thousands on each step."""
    payoffs, equilibria = KNOWN[name]
    game = profiles((2, 2), FUTURES)
    found = solve(game, outcomes(game, payoffs, OWN, SHARED)).told_first
    assert set(found.equilibria) == equilibria
    assert found.game == name
    assert found.kinds_resampled[name] > 0.9
    assert all(found.stable[each] > 0.95 for each in equilibria)
    assert all(found.stable[each] < 0.05 for each in np.ndindex(2, 2) if each not in equilibria)
    assert found.none == pytest.approx(0.0, abs=0.02)
    # Luck that all share is in the payoffs' intervals and not in their differences'.
    assert np.all((found.high - found.low) > 4.0)
    assert np.all((found.over_high - found.over_low)[1:] < 2.0)
    assert found.over_low[1, 1, 0] < payoffs[1, 1, 0] - payoffs[0, 0, 0] < found.over_high[1, 1, 0]


def test_no_stable_pair_is_said_where_there_is_none():
    game = profiles((2, 2), FUTURES)
    made = solve(game, outcomes(game, 5.0 * PENNIES, OWN, SHARED))
    found = made.told_first
    assert found.equilibria == ()
    assert found.none > 0.99
    assert np.allclose(found.mixed[0].probabilities, 0.5, atol=0.1)
    assert made.aims == ()
    assert "no pair of policies is stable" in str(made)
    assert "fragile" in str(made)


def test_intervals_hold_their_level_and_so_does_the_bound_of_regret():
    """95% intervals of differences hold the truth in 95% of 150 studies, and leaving (1, 1) gains less than its bound.

    The allowance is two and a half standard errors of a share among 150: 0.045.
    """
    game = profiles((2, 2), 100)
    payoffs = symmetric(3, 0, 5, 1)
    truth = payoffs - payoffs[0, 0]
    studies = [solve(game, outcomes(game, payoffs, OWN, SHARED, seed)).told_first for seed in range(150)]
    held = np.mean([(each.over_low <= truth) & (truth <= each.over_high) for each in studies], axis=0)
    assert np.all(held[~np.isclose(truth, 0.0)] > 0.95 - 0.045)
    near = symmetric(3, 0, 5, 0.2)  # leaving (0, 1) gains the first player 0.2 and no more
    bounds = [solve(game, outcomes(game, near, OWN, SHARED, seed)).told_first.at_most[0, 1] for seed in range(40)]
    assert np.mean(np.array(bounds) >= 0.2) > 0.9


def test_profiles_that_tie_share_the_resamples_and_nobody_gains_much():
    game = profiles((2, 2), FUTURES)
    found = solve(game, outcomes(game, np.zeros((2, 2, 2)), 1.0)).told_first
    assert found.stable.max() < 0.9
    assert found.at_most.max() < 0.4  # four standard errors of a difference of means, sqrt(2 / 400)


def test_a_failed_run_is_left_out_of_every_profile():
    game = profiles((2, 2), FUTURES)
    made = outcomes(game, KNOWN["harmony"][0], OWN, SHARED)
    whole = solve(game, made)
    made[0, 1, 0, 17] = np.nan
    without = solve(game, made)
    assert (without.futures, without.failed) == (FUTURES - 1, 1)
    assert np.all(without.told_first.means != whole.told_first.means)
    made[0, 1, 0, 20:] = np.nan
    with pytest.raises(GameError, match="20 draws are the least"):
        solve(game, made)


def test_a_player_whose_policies_move_nothing_that_it_aims_at_is_told_to_be_idle():
    payoffs = KNOWN["deadlock"][0].copy()
    payoffs[..., 1] = payoffs[:, :1, 1]
    game = profiles((2, 2), FUTURES)
    found = solve(game, outcomes(game, payoffs, 0.0, SHARED))
    assert found.idle == ("China",)
    assert set(found.told_first.equilibria) == {(1, 0), (1, 1)}
    assert "moves nothing that it aims at" in str(found)
    assert solve(game, outcomes(game, KNOWN["deadlock"][0], 0.0, SHARED)).idle == ()


def test_three_players_are_solved_like_two():
    game = profiles((2, 2, 2), FUTURES)
    pays = 1 - np.stack(np.indices((2, 2, 2)), axis=-1)
    made = solve(game, outcomes(game, 5.0 * (pays.sum(axis=-1, keepdims=True) - 2.0 * pays), OWN, SHARED))
    assert made.told_first.equilibria == ((1, 1, 1),)
    assert made.told_first.best_together == (0, 0, 0)
    assert made.told_first.game == "prisoner's dilemma"
    assert "set of three policies is stable" in str(made)


# ---- what is varied ------------------------------------------------------------------------------------------------
def test_the_least_value_at_which_cooperation_stands_is_found():
    """Temptation falls from 5 through 3.2 to 1: cooperation stands from the last value on."""
    values = (0.1, 0.5, 0.9)
    game = profiles((2, 2), FUTURES, values)
    payoffs = np.stack([symmetric(3, 0, temptation, 1) for temptation in (5.0, 4.0, 1.0)])
    made = solve(game, outcomes(game, payoffs, OWN, SHARED))
    assert made.threshold is not None
    assert (made.threshold.in_half, made.threshold.in_nine_tenths) == (0.9, 0.9)
    assert made.threshold.rises
    assert made.rounds[made.main].value == 0.5  # the base's own is 0.6
    assert [(0, 0) in each.equilibria for each in made.rounds] == [False, False, True]


@pytest.mark.parametrize(("shares", "half", "tenths", "rises", "steady"), [
    ((0.1, 0.6, 0.95), 2.0, 3.0, True, True),
    ((0.95, 0.6, 0.1), 2.0, 1.0, False, True),
    ((0.6, 0.4, 0.7), 3.0, None, True, False),
    ((0.0, 0.0, 0.0), None, None, True, True),
    ((1.0, 1.0, 1.0), 1.0, 1.0, True, True),
])
def test_a_threshold_is_where_all_that_lies_beyond_it_holds(shares, half, tenths, rises, steady):
    found = threshold(shares, (1.0, 2.0, 3.0))
    assert (found.in_half, found.in_nine_tenths, found.rises, found.steady) == (half, tenths, rises, steady)


# ---- on what it rests ----------------------------------------------------------------------------------------------
def test_aims_stand_as_far_as_algebra_says():
    """The US weighs a first outcome of 4 against 1 by leaving, at 1, and a second of 2 less, at 1: it stays while
    3 f >= 2, so down to two thirds, and while 3 >= 2 f, so up to one and a half."""
    aims = ("user_gain_us_usd_bn=1, compliance_cost_usd_bn=-1", "user_gain_china_usd_bn=1")
    game = profiles((2, 2), FUTURES, aims=aims)
    made = np.zeros((1, 2, 2, FUTURES, len(game.outcomes)))
    at = {name: place for place, name in enumerate(game.outcomes)}
    made[0, 0, :, :, at["user_gain_us_usd_bn"]], made[0, 1, :, :, at["user_gain_us_usd_bn"]] = 4.0, 1.0
    made[0, 0, :, :, at["compliance_cost_usd_bn"]] = 2.0
    made[0, :, 0, :, at["user_gain_china_usd_bn"]] = 1.0
    found = {(each.player, each.outcome): (each.low, each.high) for each in solve(game, made).aims}
    assert found["US", "user_gain_us_usd_bn"] == pytest.approx((2.0 / 3.0, np.inf))
    assert found["US", "compliance_cost_usd_bn"] == pytest.approx((0.0, 1.5))
    assert found["China", "user_gain_china_usd_bn"] == (0.0, np.inf)


def test_a_theory_that_turns_the_game_is_named():
    base = Scenario.from_dict({"title": "Base", "months": 6, "structure": {"powers": "any"}})
    game = profiles((2, 2), FUTURES, base=base)
    (theory,) = met_by(["structure.powers"], base, "luck", 0, np.arange(FUTURES))
    harmony, deadlock = (KNOWN[name][0].reshape(1, 8) for name in ("harmony", "deadlock"))
    turned = np.where((theory.values == 0)[:, None], harmony, deadlock)
    made = outcomes(game, np.zeros((2, 2, 2)), 1.0) + np.moveaxis(turned.reshape(FUTURES, 2, 2, 2), 0, -2)[None]
    parts = {part.choice: part for part in solve(game, made).parts if part.name == "structure.powers"}
    assert parts["payoffs"].answer == (0, 0)
    assert parts["hazards"].answer == (1, 1)


def test_the_price_of_no_agreement_is_what_the_best_sum_has_more():
    game = profiles((2, 2), FUTURES)
    found = solve(game, outcomes(game, KNOWN["prisoner's dilemma"][0], 1.0, SHARED)).told_first
    assert found.best_together == (0, 0)
    assert found.price.estimate == pytest.approx(4.0, abs=0.3)
    assert found.price.low < 4.0 < found.price.high
    at_best = solve(game, outcomes(game, KNOWN["harmony"][0], 1.0, SHARED)).told_first
    assert at_best.price.estimate == 0.0


def test_a_game_is_written_as_figures_and_tables_like_every_study(tmp_path):
    game = profiles((2, 2), 40)
    made = solve(game, outcomes(game, KNOWN["chicken"][0], OWN, SHARED))
    folder = made.export(tmp_path / "files")
    assert list(folder.glob("figures/*.svg"))
    head, *rows = (folder / "tables" / "01-payoffs-by-profile.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == len(made.table()) == 8
    assert "payoff" in head


def test_where_aims_are_opposed_rounding_is_no_price_of_no_agreement():
    game = profiles((2, 2), 40)
    deadlock = np.array([[0.1, 0.7], [0.3, 0.2]])
    for payoffs in (np.stack([deadlock, -deadlock], axis=-1), np.stack([deadlock / 3.0, -deadlock / 3.0], axis=-1)):
        found = solve(game, outcomes(game, payoffs, 0.0, 0.0)).told_first
        assert found.best_together == found.answer
        assert found.price.estimate == pytest.approx(0.0, abs=1e-12)


def test_three_players_without_a_stable_set_are_told_what_a_go_between_could_draw():
    """Jordan's game in noise: the lots are told in the first paragraph, and how much disobeying may bring."""
    payoffs = np.zeros((2, 2, 2, 3))
    for one, two, three in np.ndindex(2, 2, 2):
        payoffs[one, two, three] = (10.0 * (one == two), 10.0 * (two == three), 10.0 * (three != one))
    game = profiles((2, 2, 2), FUTURES)
    made = solve(game, outcomes(game, payoffs, OWN, SHARED))
    met = made.told_first
    assert met.equilibria == ()
    assert met.correlated is not None
    # Drawing lots alone gives the mean of all profiles; a sum of three has a standard error of a half by its own luck.
    assert met.correlated.payoffs.sum() > met.means.sum(axis=-1).mean() - 1.0
    assert 0.0 < met.disobeying.max() < 2.0
    first = str(made).splitlines()[0]
    assert "are not looked for" in first
    assert "go-between" in first
    two = profiles((2, 2), FUTURES)
    assert solve(two, outcomes(two, 5.0 * PENNIES, OWN, SHARED)).told_first.correlated is None
