"""Scores have their known values."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.forecasting.scores import covers, crps_of_ensemble, crps_of_normal, interval_score, place


def test_the_score_of_a_normal_ensemble_approaches_the_closed_form() -> None:
    members = np.random.default_rng(0).normal(1.0, 2.0, 200_000)
    for observed in (-3.0, 0.0, 1.0, 6.0):
        assert crps_of_ensemble(members, observed) == pytest.approx(crps_of_normal(1.0, 2.0, observed), rel=0.02)


def test_the_ensembles_score_is_the_mean_over_pairs() -> None:
    members, observed = np.array([0.0, 1.0, 4.0]), 2.0
    pairs = np.mean([abs(a - b) for i, a in enumerate(members) for j, b in enumerate(members) if i != j])
    assert crps_of_ensemble(members, observed) == pytest.approx(np.abs(members - observed).mean() - 0.5 * pairs)
    assert crps_of_ensemble(np.array([3.0]), 2.0) == 1.0


def test_the_fair_score_does_not_depend_on_the_number_of_members() -> None:
    draw = np.random.default_rng(1)
    few = np.mean([crps_of_ensemble(draw.normal(size=5), 0.3) for _ in range(20_000)])
    assert few == pytest.approx(crps_of_normal(0.0, 1.0, 0.3), abs=0.01)


def test_a_normal_forecast_without_spread_scores_its_error() -> None:
    assert crps_of_normal(1.0, 0.0, 3.0) == 2.0


def test_the_interval_score_is_that_of_its_definition() -> None:
    """With one 50% band: (|y - m| / 2 + width / 4 + what the band misses by) / 1.5."""
    members = np.linspace(0.0, 1.0, 1001)
    assert interval_score(members, 0.5, (0.5,)) == pytest.approx((0.5 * 0.5 / 2.0) / 1.5, abs=1e-3)
    assert interval_score(members, 1.75, (0.5,)) == pytest.approx((0.5 * 1.25 + 0.125 + 1.0) / 1.5, abs=1e-3)
    many = tuple(np.linspace(0.01, 0.99, 99))
    assert 2.0 * interval_score(members, 0.8, many) == pytest.approx(2.0 * crps_of_ensemble(members, 0.8), rel=0.03)


def test_bands_hold_their_ends_and_places_are_shares() -> None:
    members = np.arange(101.0)
    assert covers(members, 25.0, 0.5)
    assert not covers(members, 24.9, 0.5)
    assert place(members, 50.0) == pytest.approx(0.5)
    assert place(members, -1.0) == 0.0
    assert place(members, 200.0) == 1.0
