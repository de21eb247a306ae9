"""Calibration: weights follow the record that an origin knows, and draws are numbers from which parameters follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.engine import uncertainty
from sim.engine.uncertainty import (
    CALIBRATION_SEED,
    believed,
    calibration,
    posterior,
    ranges,
    uncertain,
    values_of_draws,
)
from sim.model.luck import Luck
from sim.scenario.scenario import Scenario
from sim.studies.forecasting import calibrate
from sim.studies.forecasting.discrepancy import anchored_sd, covariance, level_sd
from sim.studies.forecasting.protocol import ORIGINS
from sim.studies.forecasting.record import record


def test_an_origin_knows_nothing_after_it() -> None:
    aim = calibrate.targets()
    for origin in ORIGINS:
        known = aim.until(origin)
        assert max(aim.dates[known]) <= origin
        assert (aim.dates[~known] > origin).all()
    assert aim.until(ORIGINS[0]).sum() < aim.until(ORIGINS[-1]).sum()
    assert len(aim.observed) == len(aim.dates) == len(aim.covariance)


def test_a_kernel_does_not_change_with_figures_that_an_origin_does_not_know() -> None:
    aim = calibrate.targets()
    known = aim.until("2019-12")
    said = aim.observed + np.random.default_rng(0).normal(size=(5, 2, len(aim.observed)))
    other = said.copy()
    other[:, :, ~known] += 10.0
    assert np.array_equal(calibrate.log_kernel(said, aim, known), calibrate.log_kernel(other, aim, known))


def test_the_kernel_is_the_gaussian_of_the_stated_covariance() -> None:
    aim = calibrate.targets()
    known = aim.until("2018-12")
    off = np.random.default_rng(1).normal(size=len(aim.observed))
    said = np.stack([aim.observed + off, aim.observed + off])[None]
    expected = -0.5 * off[known] @ np.linalg.inv(aim.covariance[np.ix_(known, known)]) @ off[known]
    assert calibrate.log_kernel(said, aim, known)[0] == pytest.approx(expected)


def test_discrepancy_is_a_constant_a_walk_and_an_error() -> None:
    series = next(each for each in record() if each.name == "capital spending of four platforms")
    cov, error = covariance(series), series.errors**2
    d = series.discrepancy
    assert cov[0, 1] == pytest.approx(d**2 * (1 + 0.25 * (series.years[0] - 2016.0)))
    assert cov[0, 0] - error[0] == pytest.approx(cov[0, 1])
    assert level_sd(series, 3) == pytest.approx(np.sqrt(cov[3, 3]))
    # An anchored forecast takes what two figures have not in common.
    both = cov[3, 3] + cov[11, 11] - 2.0 * cov[3, 11]
    assert anchored_sd(series, 3, 11) == pytest.approx(np.sqrt(both))


def test_the_tolerance_leaves_the_sample_that_is_wanted() -> None:
    logs = -0.5 * np.random.default_rng(2).normal(size=20_000) ** 2 * 4_000.0
    power, weights = calibrate.tolerance(logs, 1_000.0)
    assert calibrate.effective(weights) == pytest.approx(1_000.0, rel=0.01)
    assert 0.0 < power < 1.0
    assert calibrate.tolerance(np.zeros(50), 10.0)[0] == 1.0
    chosen = calibrate.resampled(weights, 4_000)
    assert np.abs(np.bincount(chosen, minlength=len(logs)) / 4_000 - weights).max() <= 1.0 / 4_000


def test_what_the_weights_favour_is_named() -> None:
    draws = np.arange(4_000)
    name = uncertain()[7]
    quantile = Luck(CALIBRATION_SEED, draws).uniform(f"prior.{name}", 1)[:, 0]
    assert calibrate.informed(np.where(quantile > 0.8, 1.0, 0.0), draws)[0] == name


def test_pseudo_truths_are_covered_as_often_as_the_posterior_says() -> None:
    """200 made-up truths on a line with the same kernel: the 90% band of the weighted draws holds 84 to 96% of them."""
    rng = np.random.default_rng(3)
    slope = np.linspace(0.5, 1.5, 12)
    size = 0.2 * np.eye(12) + 0.3
    root = np.linalg.cholesky(size)
    prior = rng.uniform(size=4_000)
    said = np.repeat((prior[:, None] * slope)[:, None, :], 2, axis=1)
    held = 0
    for _ in range(200):
        truth = rng.uniform()
        aim = calibrate.Targets((), (), truth * slope + root @ rng.normal(size=12), size, np.full(12, "2018-12"))
        logs = calibrate.log_kernel(said, aim, aim.until("2018-12"))
        chosen = prior[calibrate.resampled(np.exp(logs - logs.max()), 2_000)]
        held += np.quantile(chosen, 0.05) <= truth <= np.quantile(chosen, 0.95)
    assert 0.84 <= held / 200 <= 0.96


@pytest.mark.slow
def test_a_calibration_goes_on_where_it_was_and_gives_the_same(tmp_path: Path) -> None:
    scenario = Scenario.load("history_forced")
    numbers = np.arange(2 * calibrate.CHUNK)
    whole = calibrate.simulate_draws(scenario, numbers, kept=tmp_path)
    parts = sorted(tmp_path.glob("*.npy"))
    assert len(parts) == 2
    before = parts[0].stat().st_mtime_ns
    parts[1].unlink()
    assert np.array_equal(calibrate.simulate_draws(scenario, numbers, kept=tmp_path), whole, equal_nan=True)
    assert parts[0].stat().st_mtime_ns == before


# ---- the posteriors that are installed ---------------------------------------------------------------------------
def test_there_is_a_posterior_for_each_origin_with_an_effective_sample_of_a_thousand() -> None:
    assert set(uncertainty.DATES) == set(ORIGINS)
    for origin in ORIGINS:
        assert calibration()["origin"][origin]["effective"] >= 999.0
        assert len(posterior(origin)) == calibrate.STORED
        assert posterior(origin).max() < calibration()["draws"]
    assert calibration()["ranges"] == ranges()


def test_a_posteriors_runs_have_the_parameters_of_its_draws_jointly() -> None:
    values = believed("posterior:2019-12", 0, np.arange(40))
    chosen = {name: set(column) for name, column in values_of_draws(posterior("2019-12")).items()}
    assert all(set(values[name]) <= chosen[name] for name in uncertain())
    pairs = set(zip(*values_of_draws(posterior("2019-12")).values(), strict=True))
    assert set(zip(*values.values(), strict=True)) <= pairs
    assert np.array_equal(values["herding"][::2], values["herding"][1::2])


def test_posterior_is_the_latest() -> None:
    same = believed("posterior", 3, np.arange(6)), believed(f"posterior:{ORIGINS[-1]}", 3, np.arange(6))
    assert all(np.array_equal(same[0][name], same[1][name]) for name in uncertain())


def test_draws_of_other_ranges_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    posterior.cache_clear()
    monkeypatch.setattr(uncertainty, "ranges", lambda: "other")
    with pytest.raises(ValueError, match="made with other ranges of the parameters; `make calibrate`"):
        posterior("2018-12")
    posterior.cache_clear()
