"""Rivals are what the protocol says: known answers on made-up series."""

from __future__ import annotations

import numpy as np
import pytest

from sim.studies.forecasting.record import record
from sim.studies.forecasting.rivals import MEMBERS, NAIVE, _outside, outside, rivals
from sim.studies.forecasting.score import to_beat

YEARS = np.arange(2016.0, 2022.0)


def middle(found: dict[str, np.ndarray], name: str) -> float:
    return float(np.median(found[name]))


def test_on_a_straight_line_drift_and_trend_go_on_and_no_change_stays() -> None:
    found = rivals(YEARS, 0.5 * (YEARS - 2016.0), 2.0)
    assert middle(found, "no change") == pytest.approx(2.5)
    assert middle(found, "drift") == pytest.approx(3.5)
    assert middle(found, "trend") == pytest.approx(3.5)
    assert middle(found, "damped drift") == pytest.approx(2.5 + 0.5 * (1 - 0.8**2) / -np.log(0.8))
    assert found["trend"].std() == pytest.approx(0.0, abs=1e-9)  # no residual, no error


def test_variances_are_those_of_the_protocol() -> None:
    """No change: s2 h, with s2 = (2 x 0.3^2 + sum of squared changes over years) / (2 + changes)."""
    seen = np.array([0.0, 1.0, 0.0])
    found = rivals(np.array([2016.0, 2017.0, 2019.0]), seen, 4.0)
    variance = (2 * 0.3**2 + 1.0 + 0.5) / 4
    spread = np.quantile(found["no change"], 0.8413) - np.median(found["no change"])
    assert spread == pytest.approx(np.sqrt(4.0 * variance), rel=0.01)
    drift = np.quantile(found["drift"], 0.8413) - np.median(found["drift"])
    assert drift == pytest.approx(np.sqrt(variance * (4.0 + 16.0 / 3.0)), rel=0.01)  # the drift is 0


def test_the_pool_is_a_quarter_of_each() -> None:
    found = rivals(YEARS, np.array([0.0, 0.4, 0.9, 1.2, 1.9, 2.2]), 2.0)
    assert len(found["pool"]) == MEMBERS
    for name in NAIVE:
        assert np.isin(found["pool"], found[name]).sum() >= MEMBERS // 4
    assert found["pool"].mean() == pytest.approx(np.mean([found[name].mean() for name in NAIVE]), abs=0.01)


def test_theta_needs_ten_figures_at_equal_steps_and_then_is_the_librarys() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    years = np.arange(2016.0, 2020.0, 0.25)
    seen = 0.3 * (years - 2016.0) + 0.1 * np.sin(7.0 * years)
    found = rivals(years, seen, 1.0)
    expected = ThetaModel(seen, period=1, deseasonalize=False, use_test=False).fit().forecast(4)
    assert middle(found, "Theta") == pytest.approx(float(np.asarray(expected)[-1]))
    assert "Theta" not in rivals(years[:9], seen[:9], 1.0)
    assert "Theta" not in rivals(np.append(years, 2021.0), np.append(seen, 1.5), 1.0)


def test_with_two_figures_the_trend_is_the_drift() -> None:
    found = rivals(np.array([2016.0, 2017.0]), np.array([0.0, 1.0]), 1.0)
    assert np.array_equal(found["trend"], found["drift"])
    assert middle(found, "drift") == pytest.approx(2.0)


def test_forecasts_of_others_count_from_their_month_until_they_are_superseded() -> None:
    def names(origin: str) -> set[str]:
        return set(outside("largest training run", origin, YEARS, YEARS - 2016.0, 1.0))

    assert names("2017-12") == set()
    assert names("2018-12") == {"OpenAI, AI and Compute"}
    assert "Epoch AI, three eras" in names("2022-12")
    assert "Epoch AI, three eras" not in names("2024-12")
    assert "Epoch AI, 4 to 5 times a year" in names("2024-12")
    found = outside("largest training run", "2018-12", YEARS, YEARS - 2016.0, 2.0)
    assert middle(found, "OpenAI, AI and Compute") == pytest.approx(5.0 + 2 * 12 / 3.4 * np.log10(2), abs=0.01)


def test_forecasts_of_others_are_of_series_on_record_with_their_source() -> None:
    assert {row["series"] for row in _outside()} <= {series.name for series in record()}
    assert all(row["source"] and row["made"] <= "2025-12" for row in _outside())


def test_later_observations_are_held_against_what_was_known_at_the_start() -> None:
    """The record of the leader's revenue at the end of 2022 ends with 0.028 bn; what came later changes no rival."""
    found = to_beat("2022-12", "leader_revenue_usd_bn", "2024-12", 0.03, True)
    assert middle(found, "no change") == pytest.approx(np.log(0.028))
