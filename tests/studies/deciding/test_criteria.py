"""Criteria of robustness on numbers whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.deciding.criteria import KEEPS, MEAN, REGRET, WORST, Standing, regrets, worst_tenth
from sim.studies.deciding.race import beaten, clearly_broken


def standing(costs, excess=None, in_share=(), today=-1):
    """Policies by costs (policies, futures, aims); the last one is today's unless said otherwise."""
    costs = np.asarray(costs, float)
    excess = np.zeros((*costs.shape[:2], 0)) if excess is None else np.asarray(excess, float)
    return Standing(costs, excess, np.array(in_share, float), 2, today % len(costs))


def means(*by_policy, noise=0.01, futures=80, seed=0):
    """Costs with these means by policy and aim, on luck that the policies share, and a little of their own."""
    stream = np.random.default_rng(seed)
    shared = stream.normal(size=(1, futures, len(by_policy[0])))
    own = stream.normal(size=(len(by_policy), futures, len(by_policy[0]))) * noise
    own -= own.mean(axis=1, keepdims=True)
    return np.array(by_policy)[:, None, :] + shared + own


def test_the_worst_tenth_of_a_hundred_numbers_is_the_mean_of_ten():
    assert worst_tenth(np.arange(100.0)) == pytest.approx(94.5)
    assert worst_tenth(np.array([1.0, 5.0])) == 5.0
    assert regrets(np.array([[1.0, 5.0], [2.0, 3.0]])).tolist() == [[0.0, 2.0], [1.0, 0.0]]


def test_no_policy_dominates_where_each_is_best_in_something():
    found = standing(means([0.0, 1.0], [1.0, 0.0], [0.5, 0.5]))
    assert found.dominant is None
    assert not found.dominates.any()
    assert found.moved.all()


def test_a_policy_that_is_better_in_one_aim_and_worse_in_none_dominates():
    found = standing(means([0.0, 0.0], [1.0, 0.0], [1.0, 0.5]))
    assert found.dominant == 0
    assert found.advised == 0
    assert found.dominates[0, 1]
    assert not found.dominates[1, 0]


def test_ties_are_ties_and_today_stays_where_nothing_is_clearly_better():
    found = standing(means([0.0, 0.0], [0.0, 0.0], [0.0, 0.0], noise=1.0))
    assert found.tied.all()
    assert not found.moved.any()
    assert found.dominant is None
    assert found.advised == 2
    assert set(found.level) == {0, 1}


def test_a_policy_that_is_tied_with_the_dominant_one_is_no_rival_to_it():
    found = standing(means([0.0, 0.0], [0.0, 0.0], [1.0, 1.0]))
    assert found.dominant in (0, 1)
    assert found.tied[0, 1]


def test_what_dominates_is_advised_whatever_the_weighing_makes_of_noise():
    """Clearly better in the first aim; the second is moved by a third policy, and too loud for any sum to be clear."""
    costs = means([0.0, 0.0], [1.0, 0.0], [20.0, 9.0])
    loud = np.where(np.arange(80) % 4 < 2, -8.0, 8.0)
    costs[0, :, 1] += loud
    found = standing(costs, today=1)
    assert found.moved.all()
    assert not found.score_pairs.low[0, 1] > 0.0
    assert found.dominates[0, 1]
    assert found.advised == 0


def test_an_aim_that_no_policy_clearly_moves_has_no_say():
    """The second aim is luck alone: stretched to its range it would outweigh the first."""
    costs = means([0.0, 0.0], [1.0, 0.0])
    costs[1, :, 1] += np.where(np.arange(80) % 4 < 2, -3.0, 2.9)  # one draw in two much better, the other much worse
    found = standing(costs)
    assert found.moved.tolist() == [True, False]
    assert found.score_pairs.estimate[0, 1] == pytest.approx(1.0, abs=0.02)


def test_the_best_policy_changes_with_the_criterion():
    """The first is best on average and bad in one draw of twelve; the second never far off."""
    costs = np.zeros((3, 96, 2))
    costs[0, :8], costs[1], costs[2] = 6.0, 0.8, 1.5
    found = standing(costs)
    assert found.best_by(MEAN) == 0
    assert found.best_by(WORST) == 1
    assert found.best_by(REGRET) == 0  # worse than the second in less than a tenth of the futures
    chosen = dict(found.chosen((2,)))
    assert {0, 1} <= set(chosen)


def test_limits_that_are_broken_leave_a_policy_out_of_the_choice():
    """The best policy keeps its limit in half of the futures, where nine of ten are asked."""
    excess = np.where(np.arange(80)[None, :, None] % 4 < [[[2]], [[0]], [[0]]], 1.0, -1.0)
    found = standing(means([0.0, 0.0], [0.5, 0.5], [1.0, 1.0]), excess, [0.9])
    assert found.able.tolist() == [False, True, True]
    assert found.criteria[KEEPS].tolist() == [0.5, 1.0, 1.0]
    assert found.advised == 1
    assert found.dominant == 1
    on_average = standing(means([0.0, 0.0], [0.5, 0.5], [1.0, 1.0]), excess, [np.nan])
    assert on_average.able.tolist() == [True, True, True]  # as much kept as broken is 0 on average


def test_a_race_is_lost_by_what_is_clearly_worse_and_better_in_nothing():
    costs = means([1.0, 1.0], [0.0, 2.0], [0.02, 0.0], noise=0.001)
    lost = beaten(costs[:2], costs[2:], np.array([0.1, 0.1]))
    assert lost.tolist() == [True, True]
    better_in_one = beaten(costs[1:2] - [0.5, 0.0], costs[2:], np.array([0.1, 0.1]))
    assert better_in_one.tolist() == [False]
    assert not beaten(costs, costs, np.array([3.0, 3.0])).any()  # none differs by what counts


def test_a_limit_is_clearly_broken_only_beyond_its_interval():
    excess = np.stack([np.full((40, 1), -1.0), np.full((40, 1), 1.0), np.where(np.arange(40) % 2, 1.0, -1.0)[:, None]])
    assert clearly_broken(excess, np.array([np.nan])).tolist() == [False, True, False]
    assert clearly_broken(excess, np.array([0.9])).tolist() == [False, True, True]
    assert clearly_broken(excess, np.array([0.5])).tolist() == [False, True, False]
