"""Luck: named channels of uniform, independent numbers, the same for every scenario, batch and worker."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from sim.model.luck import SMALLEST, Luck, channel_key

RUNS, MONTHS, SLOTS = 400, 30, 32
# Seeds are fixed, so a test passes always or never. Bounds are 4.5 standard errors: over the roughly 150 statistics
# below, sound numbers would go beyond one of them with a chance of 150 x 7e-6, about one in a thousand.
K = 4.5


def drawn(channel, runs=RUNS, months=MONTHS, slots=SLOTS, seed=0):
    """Numbers of one channel: (months, runs, slots)."""
    luck = Luck(seed, np.arange(runs))
    numbers = np.empty((months, runs, slots))
    for month in range(months):
        luck.month = month
        numbers[month] = luck.uniform(channel, slots)
    return numbers


def correlation(a, b):
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


# ---- uniform and independent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["capital.bust", "courts.filing", "labs.run_ends", "nations.treaty", "any other"])
def test_numbers_are_uniform_on_zero_to_one(channel):
    u = drawn(channel).ravel()
    n = len(u)
    assert u.min() >= 0.0
    assert u.max() < 1.0
    # A uniform number has mean 1/2 and variance 1/12; its squared deviation from 1/2 has variance 1/180.
    assert abs(u.mean() - 1 / 2) < K * np.sqrt(1 / 12 / n)
    assert abs(((u - 1 / 2) ** 2).mean() - 1 / 12) < K * np.sqrt(1 / 180 / n)
    # Chi-square over 100 bins of equal chance: mean 99, variance 2 x 99.
    counts = np.histogram(u, bins=100, range=(0.0, 1.0))[0]
    chi_square = ((counts - n / 100) ** 2 / (n / 100)).sum()
    assert abs(chi_square - 99) < K * np.sqrt(2 * 99)


def test_channels_are_independent_of_each_other():
    channels = ["capital.bust", "courts.filing", "labs.run_ends", "nations.treaty", "control.entry"]
    numbers = [drawn(channel) for channel in channels]
    for a, b in combinations(numbers, 2):
        assert abs(correlation(a, b)) < K / np.sqrt(a.size)


@pytest.mark.parametrize("apart", [1, 2, 12])
def test_months_are_independent_of_each_other(apart):
    u = drawn("labs.run_ends")
    assert abs(correlation(u[apart:], u[:-apart])) < K / np.sqrt(u[apart:].size)


@pytest.mark.parametrize("apart", [1, 2, 4, 100])
def test_runs_are_independent_of_each_other(apart):
    u = drawn("labs.run_ends")
    assert abs(correlation(u[:, apart:], u[:, :-apart])) < K / np.sqrt(u[:, apart:].size)


@pytest.mark.parametrize("apart", [1, 2, 4, 8])
def test_slots_are_independent_of_each_other(apart):
    u = drawn("labs.run_ends")
    assert abs(correlation(u[..., apart:], u[..., :-apart])) < K / np.sqrt(u[..., apart:].size)


def test_seeds_are_independent_of_each_other():
    numbers = [drawn("labs.run_ends", seed=seed) for seed in (0, 1, 2, 2**40)]
    for a, b in combinations(numbers, 2):
        assert abs(correlation(a, b)) < K / np.sqrt(a.size)


def test_no_number_comes_twice_over_channels_runs_months_and_slots():
    # 53 random bits: among a million numbers, two are equal with a chance of about 1e12 / 2 / 9e15, one in 18,000.
    numbers = np.concatenate([drawn(channel).ravel()[:330_000] for channel in ("a", "b", "c")])
    assert len(np.unique(numbers)) == len(numbers)


def test_normal_numbers_have_mean_zero_variance_one_and_normal_tails():
    luck = Luck(0, np.arange(100_000))
    z = luck.normal("capital.sentiment", 1).ravel()
    n = len(z)
    assert abs(z.mean()) < K / np.sqrt(n)
    assert abs((z**2).mean() - 1.0) < K * np.sqrt(2.0 / n)
    assert abs((np.abs(z) > 1.959964).mean() - 0.05) < K * np.sqrt(0.05 * 0.95 / n)


def test_a_uniform_of_exactly_zero_has_a_finite_normal_score():
    luck = Luck(0, np.array([0]), {("capital.sentiment", 0, 0, 0): 0.0})
    assert luck.normal("capital.sentiment", 1)[0, 0] == pytest.approx(-8.29, abs=0.01)
    assert SMALLEST > 0.0


def test_what_happens_does_so_with_its_probability():
    luck = Luck(0, np.arange(20_000))
    for probability in (0.01, 0.3, 0.9):
        share = luck.happens("courts.filing", np.full((20_000, 4), probability)).mean()
        assert abs(share - probability) < K * np.sqrt(probability * (1 - probability) / 80_000)
    assert not luck.happens("courts.filing", np.zeros((20_000, 4))).any()
    assert luck.happens("courts.filing", np.ones((20_000, 4))).all()


# ---- a function of seed, channel, run, month and slot alone ----------------------------------------------------------


def test_numbers_are_those_of_numpys_philox():
    """The key is the channel's under the seed; the counter is step and month, in 64 bits each."""
    runs, month, slots = np.array([0, 7, 2**40]), 11, 6  # six slots take two steps of four numbers
    luck = Luck(3, runs)
    luck.month = month
    for run, found in zip(runs, luck.uniform("courts.filing", slots), strict=True):
        bits = np.random.Philox(key=channel_key(3, "courts.filing"), counter=[int(run) * 2, 0, month, 0])
        assert np.array_equal(found, np.random.Generator(bits).random(slots))


def test_a_runs_numbers_do_not_depend_on_the_runs_beside_it():
    whole = drawn("control.entry", runs=50, months=3, slots=5)
    for chosen in ([7], [3, 4, 5], [49, 0, 20, 20], [10, 30, 11, 31, 10]):
        luck = Luck(0, np.array(chosen))
        for month in range(3):
            luck.month = month
            assert np.array_equal(luck.uniform("control.entry", 5), whole[month, chosen])


def test_numbers_do_not_depend_on_the_order_in_which_months_and_channels_are_drawn():
    forwards = {name: drawn(name, runs=4, months=6, slots=7) for name in ("a", "b")}
    luck = Luck(0, np.arange(4))
    for month in reversed(range(6)):
        luck.month = month
        for name in ("b", "a", "b"):
            assert np.array_equal(luck.uniform(name, 7), forwards[name][month])


def test_seed_channel_run_month_and_slot_each_make_a_difference():
    base = drawn("a", runs=3, months=3, slots=3)
    assert not np.any(base == drawn("a", runs=3, months=3, slots=3, seed=1))
    assert not np.any(base == drawn("b", runs=3, months=3, slots=3))
    for axis in range(3):
        for here, there in pairwise(np.moveaxis(base, axis, 0)):
            assert not np.any(here == there)


def test_a_changed_draw_replaces_one_number_and_no_other():
    runs = np.array([4, 5, 4])
    plain, altered = Luck(0, runs), Luck(0, runs, {("a", 4, 2, 1): 0.125})
    for month in range(4):
        plain.month = altered.month = month
        expected = plain.uniform("a", 6)
        if month == 2:
            expected[[0, 2], 1] = 0.125  # run 4 stands in two rows: two scenarios that meet the same luck
        assert np.array_equal(altered.uniform("a", 6), expected)
        assert np.array_equal(altered.uniform("b", 6), plain.uniform("b", 6))


def test_each_row_of_one_run_can_have_draws_of_its_own_changed():
    runs = np.array([4, 4, 4, 5])
    draw, other_run = ("a", 4, 2, 1), ("a", 9, 2, 1)
    plain = Luck(0, runs)
    altered = Luck(0, runs, [{draw: 0.125}, {}, {draw: 0.5, ("b", 4, 3, 0): 0.75}, {draw: 0.25, other_run: 0.25}])
    for month in range(4):
        plain.month = altered.month = month
        expected, elsewhere = plain.uniform("a", 6), plain.uniform("b", 6)
        if month == 2:
            expected[[0, 2], 1] = 0.125, 0.5  # the last row is run 5, of which nothing is changed
        if month == 3:
            elsewhere[2, 0] = 0.75
        assert np.array_equal(altered.uniform("a", 6), expected)
        assert np.array_equal(altered.uniform("b", 6), elsewhere)


def test_changes_of_draws_that_do_not_fit_the_rows_are_refused():
    with pytest.raises(ValueError, match="2 mappings of changed draws for 3 rows"):
        Luck(0, np.array([1, 1, 1]), [{}, {}])
