"""What is believed about parameters: the same draw for two runs, for every scenario and however runs are split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine import uncertainty
from sim.engine.uncertainty import believed, draws_are_shared, posterior, prior_quantile
from sim.model.parameters import parameters
from sim.model.start import build_world
from sim.studies.comparing.compare import compare

RUNS = np.arange(4_000)
NAMES = [name for name, parameter in parameters().items() if parameter.kind == "uncertainty"]
SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))
BASELINE = sim.Scenario.from_dict({"title": "Baseline"})
STRICT = sim.Scenario.from_dict({"title": "Strict", "regulation": {"strictness": 0.9}})


def test_luck_believes_in_defaults() -> None:
    assert believed("luck", 0, RUNS) == {}


def test_the_prior_has_the_default_as_median_and_stays_in_its_range() -> None:
    values = believed("prior", 0, RUNS)
    assert set(values) == set(NAMES)
    for name in NAMES:
        p = parameters()[name]
        assert p.low <= values[name].min() <= values[name].max() <= p.high
        if p.low < p.default < p.high:
            assert (values[name] < p.default).mean() == pytest.approx(0.5, abs=0.05), name


def test_the_ends_and_the_middle_of_a_prior() -> None:
    p = parameters()["market_ceiling_usd_bn"]
    assert prior_quantile(p, np.array([0.0, 0.5, 1.0])).tolist() == [p.low, p.default, p.high]


def test_two_runs_share_a_draw_and_two_seeds_do_not() -> None:
    values = believed("prior", 0, RUNS)["herding"]
    assert np.array_equal(values[::2], values[1::2])
    assert len(np.unique(values)) == len(RUNS) / 2
    assert not np.array_equal(values, believed("prior", 1, RUNS)["herding"])
    assert np.array_equal(believed("prior", 0, RUNS[100:200])["herding"], values[100:200])


@pytest.mark.slow
def test_results_do_not_depend_on_batches_or_company() -> None:
    whole = sim.simulate([BASELINE, STRICT], runs=6, months=12, uncertainty="prior")
    split = sim.simulate([BASELINE, STRICT], runs=6, months=12, uncertainty="prior", batch=3)
    alone = sim.simulate(STRICT, runs=6, months=12, uncertainty="prior")
    assert whole.hash() == split.hash()
    assert np.array_equal(alone.values[0], whole.values[1], equal_nan=True)
    assert whole.hash() != sim.simulate([BASELINE, STRICT], runs=6, months=12).hash()
    assert whole.uncertainty == "prior"


def test_a_range_that_a_scenario_gives_is_drawn_once_for_the_runs_that_share_a_draw() -> None:
    """So that its spread counts as ignorance, as that of all beliefs does."""
    ranged = BASELINE.with_({"uncertainty.herding": (0.5, 1.5)}, title="Ranged")
    values = build_world([ranged], np.zeros(8, int), np.arange(8), 0, months=2).p.herding[:, 0]
    assert np.array_equal(values[::2], values[1::2])
    assert len(set(values)) == 4
    assert draws_are_shared("luck", [ranged])
    assert not draws_are_shared("luck", [BASELINE])


def test_a_scenario_that_sets_a_parameter_is_believed_first() -> None:
    fixed = BASELINE.with_({f"uncertainty.{name}": parameters()[name].default for name in NAMES}, title="Fixed")
    a = sim.simulate(fixed, runs=4, months=12, uncertainty="prior")
    assert np.array_equal(a.values, sim.simulate(fixed, runs=4, months=12, uncertainty="luck").values)


@pytest.mark.slow
def test_every_dollar_is_accounted_for_wherever_parameters_lie() -> None:
    scenarios = [sim.Scenario.load(path) for path in SCENARIOS]
    starts = {scenario.start for scenario in scenarios}
    assert len(starts) > 1
    for start in sorted(starts):  # those of one study start in the same month
        together = [scenario for scenario in scenarios if scenario.start == start]
        assert sim.simulate(together, runs=8, months=60, uncertainty="prior", check=True).failures == ()


# ---- the posterior -----------------------------------------------------------------------------------------------
def test_without_a_posterior_or_a_setting_of_that_name_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="uncertainty is one of luck, prior, posterior, posterior:2018-12"):
        believed("none", 0, RUNS)
    with pytest.raises(ValueError, match="not 'posterior:2011-12'"):
        believed("posterior:2011-12", 0, RUNS)
    monkeypatch.setattr(uncertainty, "DATES", ())
    posterior.cache_clear()
    with pytest.raises(ValueError, match=r"posterior\.csv is missing; `make calibrate` makes it"):
        believed("posterior", 0, RUNS)


# ---- luck, ignorance and Monte Carlo error ---------------------------------------------------------------------------
def test_the_parts_of_a_spread_have_known_answers() -> None:
    """Draws with a standard deviation of 3, luck with 2: they come out, and the error is that of draw means."""
    results = sim.simulate([BASELINE, STRICT], runs=4, months=3, uncertainty="prior")
    comparison = compare(results)
    rng = np.random.default_rng(0)
    draws = 2_000
    comparison.by_draw = lambda d: d.reshape(draws, 2, -1).mean(axis=1)
    made_up = np.repeat(3.0 * rng.normal(size=draws), 2)[:, None] + 2.0 * rng.normal(size=(2 * draws, 1))
    luck, ignorance, error = comparison._parts(made_up)
    assert luck[0] == pytest.approx(2.0, rel=0.05)
    assert ignorance[0] == pytest.approx(3.0, rel=0.05)
    assert error[0] == pytest.approx(np.sqrt((9.0 + 2.0) / draws), rel=0.05)


def test_intervals_rest_on_draws_not_on_runs() -> None:
    results = sim.simulate([BASELINE, STRICT], runs=40, months=12, uncertainty="prior")
    comparison = compare(results)
    row = comparison.table.set_index("outcome").loc["compliance_cost_usd_bn"]
    means = comparison.pairs("compliance_cost_usd_bn")[:, 0].reshape(-1, 2).mean(axis=1)
    assert row["difference"] == pytest.approx(means.mean())
    assert row["high"] - row["low"] == pytest.approx(2 * 2.093 * means.std(ddof=1) / np.sqrt(20), rel=0.01)
    spread = comparison.spread.set_index("outcome").loc["compliance_cost_usd_bn"]
    assert spread["ignorance_sd"] > 0.0


def test_at_the_defaults_all_spread_is_luck() -> None:
    spread = compare(sim.simulate([BASELINE, STRICT], runs=6, months=6, uncertainty="luck")).spread
    assert (spread["ignorance_sd"] == 0.0).all()
    assert (spread["luck_sd"] >= spread["mc_error"]).all()
