"""Interval estimates: known answers worked by hand, and coverage counted over many data sets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.model.outcomes import OUTCOMES
from sim.studies.comparing import intervals

LEVEL = 0.95


def binomial_error(share: float, trials: int) -> float:
    """Standard error of a share counted over independent trials."""
    return float(np.sqrt(share * (1 - share) / trials))


def holds(found: intervals.Interval, truth: float) -> np.ndarray:
    """Where the interval holds the true value."""
    return np.asarray((found.low <= truth) & (found.high >= truth))


def correlated(runs: int, columns: int, rho: float, seed: int) -> np.ndarray:
    """Normal columns with correlation rho between any two."""
    draw = np.random.default_rng(seed)
    common = draw.standard_normal((runs, 1))
    return np.sqrt(rho) * common + np.sqrt(1 - rho) * draw.standard_normal((runs, columns))


# ---- mean differences ------------------------------------------------------------------------------------


def test_mean_difference_is_the_textbook_t_interval() -> None:
    # mean 2.5, sd sqrt(5/3) = 1.29099, standard error 0.645497, t(0.975, 3) = 3.182446: half width 2.054260
    found = intervals.mean_difference(np.array([1.0, 2.0, 3.0, 4.0]), LEVEL)
    assert found.estimate == 2.5
    assert found.low == pytest.approx(2.5 - 2.054260, abs=1e-5)
    assert found.high == pytest.approx(2.5 + 2.054260, abs=1e-5)


def test_equal_differences_give_exactly_that_difference_and_no_width() -> None:
    for value in (0.0, 0.1, -1 / 3, 1e15):
        found = intervals.mean_difference(np.full((7, 2), value), LEVEL)
        assert (found.estimate == value).all()
        assert (found.low == value).all()
        assert (found.high == value).all()


def test_one_run_gives_an_estimate_without_interval() -> None:
    found = intervals.mean_difference(np.array([[3.0, -1.0]]), LEVEL)
    assert found.estimate.tolist() == [3.0, -1.0]
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()


def test_t_interval_covers_the_mean_of_normal_differences_as_often_as_it_says() -> None:
    trials = 4000
    data = np.random.default_rng(10).normal(1.0, 3.0, (15, trials))
    found = intervals.mean_difference(data, LEVEL)
    covered = holds(found, 1.0).mean()
    assert covered == pytest.approx(LEVEL, abs=4 * binomial_error(LEVEL, trials))


def test_t_interval_still_covers_skewed_differences_of_an_ensemble() -> None:
    # Exponential data, skewness 2: 400,000 other data sets gave 0.9457, a loss of 0.0043 to skewness.
    trials = 4000
    data = np.random.default_rng(11).exponential(1.0, (200, trials))
    found = intervals.mean_difference(data, LEVEL)
    covered = holds(found, 1.0).mean()
    assert covered == pytest.approx(LEVEL, abs=0.0043 + 4 * binomial_error(LEVEL, trials))


def test_order_of_runs_changes_no_interval() -> None:
    data = np.random.default_rng(12).standard_normal((50, 3))
    shuffled = np.random.default_rng(13).permutation(data)
    for one, other in zip(intervals.mean_difference(data), intervals.mean_difference(shuffled), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


# ---- what pairing achieved --------------------------------------------------------------------------------


def test_correlation_is_pearsons() -> None:
    first, second = np.array([1.0, 2.0, 3.0, 5.0]), np.array([2.0, 1.0, 4.0, 6.0])
    # sums of squares 8.75 and 14.75, of products 10.25: 10.25 / sqrt(8.75 x 14.75)
    assert intervals.correlation(first, second) == pytest.approx(10.25 / np.sqrt(8.75 * 14.75))


def test_correlation_of_equal_values_is_one_and_of_constants_undefined() -> None:
    values = np.random.default_rng(14).standard_normal(30)
    assert intervals.correlation(values, values) == 1.0
    assert np.isnan(intervals.correlation(np.full(30, 0.1), values))
    assert np.isnan(intervals.correlation(np.full(30, 0.1), np.full(30, 0.1)))


def test_equivalent_unpaired_runs_by_hand() -> None:
    # variances 1/3 and 1/4, of the differences 1/4: 4 x (1/3 + 1/4) / (1/4) = 9.33
    first, second = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])
    assert intervals.equivalent_unpaired_runs(first, second) == pytest.approx(28 / 3)


def test_pairs_with_correlation_0_9_are_worth_ten_times_the_runs() -> None:
    data = correlated(100_000, 2, 0.9, seed=15)
    worth = intervals.equivalent_unpaired_runs(data[:, 0], data[:, 1]) / len(data)
    assert worth == pytest.approx(10.0, rel=4 * np.sqrt(2 / len(data)))


# ---- proportions ------------------------------------------------------------------------------------------


def test_wilson_by_hand() -> None:
    # 0 of 10: the upper end is z2 / (n + z2) = 3.8415 / 13.8415; 5 of 10: published as 0.2366 to 0.7634
    nothing, half = intervals.wilson(np.array([0, 5]), 10), 1
    assert nothing.low[0] == 0.0
    assert nothing.high[0] == pytest.approx(0.27753, abs=1e-5)
    assert (nothing.low[half], nothing.high[half]) == pytest.approx((0.2366, 0.7634), abs=5e-5)


def test_wilson_mirrors_and_reaches_one() -> None:
    counts = np.arange(21)
    found = intervals.wilson(counts, 20)
    np.testing.assert_allclose(found.low, 1.0 - found.high[::-1], atol=1e-12)
    assert found.high[-1] == 1.0


def test_wilson_covers_on_average_as_often_as_it_says() -> None:
    # Exact: the chance of each count times whether its interval holds the true share, over 99 true shares.
    runs, shares = 200, np.linspace(0.01, 0.99, 99)
    found = intervals.wilson(np.arange(runs + 1), runs)
    covered = [stats.binom.pmf(np.arange(runs + 1), runs, p)[(found.low <= p) & (p <= found.high)].sum()
               for p in shares]
    assert np.mean(covered) == pytest.approx(LEVEL, abs=0.005)
    assert min(covered) > 0.90


def test_paired_proportions_by_hand() -> None:
    # 3 of 10 gained, 1 lost: 4/12 - 2/12 = 0.16667, se sqrt((0.5 - 0.027778) / 12) = 0.198373
    first = np.array([1, 0, 0, 0, 1, 1, 0, 0, 0, 0], dtype=bool)
    second = np.array([0, 1, 1, 1, 1, 1, 0, 0, 0, 0], dtype=bool)
    found = intervals.paired_proportions(first, second)
    assert found.estimate == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((-0.222137, 0.555470), abs=1e-5)


def test_paired_proportions_without_a_discordant_pair_keep_an_honest_width() -> None:
    # No pair of 200 differed; a true difference of up to about 3 / 200 would often look like that.
    found = intervals.paired_proportions(np.zeros(200, dtype=bool), np.zeros(200, dtype=bool))
    assert found.estimate == 0.0
    assert found.high == pytest.approx(1.959964 * np.sqrt(2) / 202, abs=1e-5)
    assert found.low == -found.high


@pytest.mark.parametrize(("gained", "lost", "runs"), [(0.10, 0.04, 50), (0.02, 0.0, 200), (0.3, 0.3, 30)])
def test_paired_proportions_cover_as_often_as_they_say(gained: float, lost: float, runs: int) -> None:
    trials = 4000
    draw = np.random.default_rng(16).random((runs, trials))
    second, first = draw < gained, draw > 1 - lost
    found = intervals.paired_proportions(first, second)
    covered = holds(found, gained - lost).mean()
    assert covered >= LEVEL - 4 * binomial_error(LEVEL, trials)


# ---- first events -----------------------------------------------------------------------------------------


def test_first_month_is_the_first_not_the_last_and_minus_one_for_never() -> None:
    happened = np.array([[False, True, False, True], [False] * 4, [True] * 4])
    assert intervals.first_month(happened).tolist() == [1, -1, 0]


def test_cumulative_incidence_counts_runs_up_to_each_month() -> None:
    found = intervals.cumulative_incidence(np.array([2, -1, 0, 2]), 4)
    assert found.estimate.tolist() == [0.25, 0.25, 0.75, 0.75]
    assert found.low[0] == intervals.wilson(np.array(1), 4).low
    assert found.high[2] == intervals.wilson(np.array(3), 4).high


# ---- many intervals at once -------------------------------------------------------------------------------


def test_family_of_one_is_the_t_interval() -> None:
    data = correlated(50, 1, 0.5, seed=20)
    assert intervals.family_critical(data) == intervals.t_quantile(LEVEL, 49)


def test_family_of_columns_that_move_together_costs_nothing() -> None:
    data = np.repeat(correlated(100, 1, 0.5, seed=21), 6, axis=1) * np.arange(1, 7)
    # Monte Carlo error of a 95% quantile over 20,000 draws: sqrt(0.95 x 0.05 / 20000) / density 0.117 = 0.013
    assert intervals.family_critical(data) == pytest.approx(intervals.t_quantile(LEVEL, 99), abs=4 * 0.013)


def test_family_of_independent_columns_is_sidaks() -> None:
    # Eight independent columns: each has to hold with 0.95 ** (1 / 8) = 0.99361, a normal quantile of 2.7268
    data = np.random.default_rng(22).standard_normal((20_000, 8))
    assert intervals.family_critical(data) == pytest.approx(2.7268, abs=4 * 0.013)


def test_family_lies_between_one_interval_and_bonferroni() -> None:
    for rho in (0.0, 0.5, 0.95):
        critical = intervals.family_critical(correlated(60, 10, rho, seed=23))
        bonferroni = intervals.t_quantile(1 - 0.05 / 10, 59)
        assert intervals.t_quantile(LEVEL, 59) <= critical <= bonferroni


def test_family_falls_back_to_bonferroni_with_few_runs() -> None:
    data = correlated(29, 10, 0.9, seed=24)
    assert intervals.family_critical(data) == pytest.approx(intervals.t_quantile(1 - 0.05 / 10, 28))


def test_family_ignores_columns_that_do_not_vary() -> None:
    data = correlated(60, 4, 0.3, seed=25)
    padded = np.concatenate([data, np.full((60, 3), 0.1)], axis=1)
    assert intervals.family_critical(padded) == intervals.family_critical(data)
    assert intervals.family_critical(np.full((60, 3), 0.1)) == intervals.t_quantile(LEVEL, 59)


def test_family_is_the_same_when_computed_again_and_in_any_order_of_runs() -> None:
    data = correlated(60, 5, 0.4, seed=26)
    once = intervals.family_critical(data)
    assert intervals.family_critical(data) == once
    shuffled = np.random.default_rng(27).permutation(data)
    assert intervals.family_critical(shuffled) == pytest.approx(once, rel=1e-9)


def test_family_hardly_depends_on_the_order_of_columns() -> None:
    data = correlated(60, 5, 0.4, seed=28)
    reverse = intervals.family_critical(data[:, ::-1])
    assert reverse == pytest.approx(intervals.family_critical(data), abs=6 * 0.013)


def test_family_works_with_more_columns_than_runs() -> None:
    data = correlated(40, 300, 0.3, seed=29)
    critical = intervals.family_critical(data)
    assert intervals.t_quantile(LEVEL, 39) < critical <= intervals.t_quantile(1 - 0.05 / 300, 39)


@pytest.mark.slow
@pytest.mark.parametrize("skewed", [False, True])
def test_family_holds_together_as_often_as_it_says(skewed: bool) -> None:
    # 300 data sets of 100 runs, 8 columns with correlation 0.6. Of 3000 other lognormal data sets (skewness
    # 1.75) 0.929 held: skewness costs 0.021.
    trials, draws = 300, 4000
    held = 0
    for trial in range(trials):
        data = correlated(100, 8, 0.6, seed=1000 + trial)
        data = np.exp(0.5 * data) - np.exp(0.125) if skewed else data
        found = intervals.mean_difference(data, LEVEL, intervals.family_critical(data, LEVEL, draws))
        held += bool(holds(found, 0.0).all())
    allowed = 4 * binomial_error(LEVEL, trials) + (0.021 if skewed else 0.0)
    assert held / trials == pytest.approx(LEVEL, abs=allowed)


def test_no_limit_lies_beyond_the_largest_difference_that_there_can_be() -> None:
    shares = np.array([[0.1, 3.0], [0.9, 9.0], [0.8, -4.0]])
    free = intervals.mean_difference(shares)
    held = intervals.mean_difference(shares, furthest=np.array([1.0, np.inf]))
    assert free.high[0] > 1.0 >= held.high[0]
    assert (held.estimate == free.estimate).all()
    assert (held.low[1], held.high[1]) == (free.low[1], free.high[1])
    assert OUTCOMES["state_control"].furthest == 1.0
    assert OUTCOMES["severe_incidents"].furthest == np.inf
