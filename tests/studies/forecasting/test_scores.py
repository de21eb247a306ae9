"""Scores have known answers, and are proper: who forecasts what is true scores best."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.studies.forecasting.scores import Trend, covers, crps_of_ensemble, crps_of_normal


def test_the_score_of_a_point_forecast_is_its_absolute_error() -> None:
    assert crps_of_ensemble(np.array([3.0]), 5.0) == 2.0
    assert crps_of_ensemble(np.full(50, 3.0), 5.0) == pytest.approx(2.0)
    assert crps_of_normal(3.0, 0.0, 5.0) == 2.0


def test_the_score_of_a_large_normal_ensemble_is_the_closed_form() -> None:
    members = np.random.default_rng(0).normal(1.0, 2.0, 200_000)
    for observed in (-3.0, 1.0, 4.0):
        assert crps_of_ensemble(members, observed) == pytest.approx(crps_of_normal(1.0, 2.0, observed), abs=0.01)


def test_the_closed_form_is_the_integral_over_thresholds() -> None:
    x = np.linspace(-30.0, 30.0, 600_001)
    squared = (stats.norm.cdf(x, 1.0, 2.0) - (x >= 2.5)) ** 2
    assert crps_of_normal(1.0, 2.0, 2.5) == pytest.approx(float(squared.sum() * (x[1] - x[0])), abs=1e-3)


@pytest.mark.slow
def test_the_ensemble_score_is_fair_a_few_members_score_like_many_on_average() -> None:
    draw = np.random.default_rng(1)
    few = np.mean([crps_of_ensemble(draw.normal(size=4), 0.7) for _ in range(20_000)])
    assert few == pytest.approx(crps_of_normal(0.0, 1.0, 0.7), abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("mean", "sd"), [(0.5, 1.0), (0.0, 0.5), (0.0, 2.0)])
def test_the_true_distribution_scores_best(mean: float, sd: float) -> None:
    truth = np.random.default_rng(2).normal(size=4_000)
    right, wrong = (np.mean([crps_of_normal(m, s, y) for y in truth]) for m, s in ((0.0, 1.0), (mean, sd)))
    assert right < wrong


@pytest.mark.slow
def test_bands_hold_what_they_promise_for_a_calibrated_forecaster() -> None:
    draw = np.random.default_rng(3)
    for level in (0.5, 0.9):
        held = np.mean([covers(draw.normal(size=400), draw.normal(), level) for _ in range(3_000)])
        assert held == pytest.approx(level, abs=0.03)


def test_the_naive_forecast_goes_on_along_the_line_and_knows_less_the_further_ahead() -> None:
    times = np.array([2018.0, 2019.0, 2020.0, 2021.0])
    exact = Trend(times, 2.0 * times)
    assert exact.forecast(2024.0) == (pytest.approx(4048.0), pytest.approx(0.0, abs=1e-6))
    noisy = Trend(times, np.array([0.0, 1.2, 1.8, 3.1]))
    assert noisy.forecast(2022.0)[1] < noisy.forecast(2030.0)[1]
    assert Trend(times[:1], np.array([5.0])).forecast(2024.0)[0] == 5.0
    assert Trend(times[:2], np.array([1.0, 2.0])).forecast(2021.0)[0] == pytest.approx(4.0)
