"""The back-test: the record is read as it stands, runs are read at its dates, and what differs is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.common.arguments import ArgumentError
from sim.engine.results import Results
from sim.model.outcomes import INDEX, OUTCOMES
from sim.model.parameters import evidence, parameters
from sim.report.words.backtest import headline, lag_contradicted, missed, span, stored
from sim.studies.forecasting import calibrate
from sim.studies.forecasting.backtest import Backtest, OverSeeds, over_seeds
from sim.studies.forecasting.facts import FACTS, Fact, Held, Measure, Seen, hold
from sim.studies.forecasting.record import record

HISTORY = "scenarios/history/history_forced.toml"
BY_NAME = {series.name: series for series in record()}


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Results:
    scenario = sim.Scenario.load(request.config.rootpath / HISTORY)
    return sim.simulate(scenario, runs=12, uncertainty="prior", labs=True)


def test_the_record_says_what_the_evidence_says() -> None:
    revenue = {point.date: point.value for point in BY_NAME["leader's revenue"].points}
    assert revenue["2024-12"] == evidence()["rev_openai_2024-12-31"]["value"]
    share = {point.date: point.value for point in BY_NAME["China's share of chips"].points}
    assert share["2023-12"] == pytest.approx(0.128)
    runs = {point.date: point.value for point in BY_NAME["largest training run"].points}
    assert runs["2020-12"] == pytest.approx(np.log10(3.14e23))
    assert all(a <= b for a, b in zip(list(runs.values()), list(runs.values())[1:], strict=False))
    rounds = {point.date: point.value for point in BY_NAME["largest round of the year"].points}
    assert rounds["2023-12"] == 10.0


def test_calibration_sees_nothing_after_2022() -> None:
    assert {series.points[i].date <= "2022-12" for series, i in calibrate.targets()} == {True}
    assert sum(not point.calibrates for series in record() for point in series.points) >= 15


@pytest.mark.slow
def test_runs_are_read_at_the_records_dates(results: Results) -> None:
    index = list(results.outcomes).index
    capex = results.values[0, :, :, index("big4_capex_usd_bn")]
    month = (2019 - 2015) * 12 + 1 - 12  # January 2019, from December 2015
    assert np.allclose(BY_NAME["capital spending of four platforms"].at(results, "2019-12"),
                       capex[:, month : month + 12].mean(axis=1))
    assert np.allclose(BY_NAME["leader's revenue"].at(results, "2024-12"),
                       results.values[0, :, 108, index("leader_revenue_usd_bn")])


def test_a_model_that_says_what_is_on_record_covers_it_and_scores_well(results: Results) -> None:
    values = np.array(results.values)
    for series in record():
        position = list(results.outcomes).index(series.outcome)
        for point in series.points:
            month = (int(point.date[:4]) - 2015) * 12 + int(point.date[5:]) - 12
            year = slice(month - 11, month + 1) if series.read != "value" else slice(month, month + 1)
            values[0, :, year, position] = point.value / (12.0 if series.read == "year sum" else 1.0)
    said = Backtest(Results(results.scenarios, values, results.events, results.lab_values, results.lab_names))
    assert said.coverage(90, True) == said.coverage(90, False) == 1.0
    assert all(score.crps < score.series.discrepancy for score in said.scores)
    wrong = values.copy()
    wrong[..., list(results.outcomes).index("big4_capex_usd_bn")] *= 10.0
    off = Backtest(Results(results.scenarios, wrong, results.events, results.lab_values, results.lab_names))
    assert off.coverage(90, True) < 1.0
    assert not off.facts[6]


def test_every_fact_is_measured_and_a_range_that_is_far_off_is_missed(results: Results) -> None:
    held = hold(results)
    assert [fact.number for fact in FACTS] == list(range(1, 16))
    assert len(held) == sum(len(fact.measures) for fact in FACTS)
    assert all(not np.isnan(h.quartiles).any() for h in held)
    measure = Measure("", "", 10.0, 20.0, lambda seen: np.zeros(seen.runs))
    fact = Fact(1, "", (measure,))
    assert Held(fact, measure, (9.0, 9.5, 10.0), 0.0).passed
    assert not Held(fact, measure, (0.0, 5.0, 9.9), 0.0).passed
    assert not Held(fact, measure, (20.1, 30.0, np.inf), 0.0).passed


def test_facts_see_events_and_labs(results: Results) -> None:
    seen = Seen(results)
    capped = seen.first(seen.of_kind("capped_profit"))
    assert capped.shape == (12,)
    for run in range(12):
        own = results.events[(results.events["run"] == run) & (results.events["kind"] == "capped_profit")]["month"]
        assert capped[run] == (own.min() if len(own) else np.inf)
    assert (seen.count(seen.of_kind("nothing")) == 0.0).all()


def test_labs_of_people_who_left_are_known_by_where_they_left() -> None:
    """A spin-off tells its founder as one from the lab left, and counts as an alumnus's all the same."""
    results = sim.simulate(sim.Scenario.load("history_forced"), runs=12, labs=True)
    events = results.events
    leavers = events[(events["kind"] == "departure") & (events["target"] == "OpenAI")]
    founded = events[(events["kind"] == "spin_off") & events["actor"].str.endswith("from OpenAI")]
    assert len(leavers) > len(founded) > 0
    alumni = next(held for held in hold(results) if "alumni" in held.measure.text)
    assert alumni.quartiles[2] > 0.0
    with pytest.raises(ArgumentError, match="the record names labs and people"):
        Seen(results.anonymous())


# ---- over seeds --------------------------------------------------------------------------------------------------
def test_over_seeds_keeps_each_seeds_numbers_and_counts_how_often_a_fact_is_missed(results: Results) -> None:
    first = Backtest(results)
    values = np.array(results.values)
    values[..., [INDEX["leader_revenue_usd_bn"], INDEX["big4_capex_usd_bn"]]] *= 1e-3
    second = Backtest(Results(results.scenarios, values, results.events, results.lab_values, results.lab_names, seed=1))
    found = over_seeds(iter([first, second]))
    assert (found.runs, found.seeds, found.points, found.series) == (12, [0, 1], 26, 10)
    assert found.in_90 == [first.inside(90), second.inside(90)]
    assert found.in_90[1] < found.in_90[0]
    assert found.held == [sum(each.facts.values()) for each in (first, second)]
    for number in range(1, 16):
        assert found.missed.get(str(number), 0) == sum(not each.facts[number] for each in (first, second))
    low = found.low_by["leader's revenue"]
    middle = np.median(results.values[0, :, 108, INDEX["leader_revenue_usd_bn"]])
    assert low[0] == pytest.approx(BY_NAME["leader's revenue"].points[-1].value / middle, rel=1e-3)
    assert low[1] == pytest.approx(1e3 * low[0], rel=1e-2)


def test_a_rival_that_knew_one_point_is_counted() -> None:
    known = {series.name: sum(point.calibrates for point in series.points) for series in record()}
    held = stored()
    assert held is not None
    assert held.one_point == sum(count == 1 for count in known.values())


def test_the_headline_is_a_range_and_the_misses_are_named() -> None:
    found = OverSeeds(1_000, [0, 1], 26, [7, 8], [24, 22], 10, 5, [10, 10], 15, [12, 11], {"4": 2, "6": 1}, 38, [11, 9],
                      {"leader's revenue": [4.7, 5.2], "challenger over leader": [0.25, 0.2], "incidents": [1.7, 1.6]},
                      [[8.0, 9.9], [8.2, 10.1]])
    said = headline(found)
    assert "22 to 24 lie within the 90% band" in said
    assert "11 to 12 of 15" in said
    assert "range over seeds 0 to 1, 1,000 runs each" in said
    told = " ".join(missed(found))
    assert "too low by a factor of 4.7 to 5.2 for the leader's revenue" in told
    assert "too high by a factor of 4 to 5 for the challenger over leader" in told
    assert "incidents" not in told
    assert "on record it shrinks" in told
    assert "fact 4 (the leader grows fast, the challenger faster); missed with some seeds: 6" in told
    assert "in 9 to 11 of 38 measures fewer than 10% of the runs" in told
    assert "In 5 of the 10 series the trend knew one point only" in told
    agreed = replace(found, lag=[[13.0, 8.0], [13.0, 8.0]])
    assert "wrong direction" not in " ".join(missed(agreed))


def test_what_the_back_test_says_of_the_lag_is_what_its_caution_says() -> None:
    held = stored()
    assert held is not None
    assert lag_contradicted(held) == ("contradicts the direction" in OUTCOMES["us_china_lag_months"].caution)


@pytest.mark.parametrize("page", ["docs/validation.md"])
def test_pages_give_the_stored_back_test_as_a_range(page: str, pytestconfig: pytest.Config) -> None:
    held = stored()
    assert held is not None
    text = " ".join((pytestconfig.rootpath / page).read_text(encoding="utf-8").split())
    for said in (f"{span(held.in_90)} of {held.points}", f"{span(held.held)} of {held.facts}"):
        assert said in text


# ---- calibration -------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_emulator_finds_a_line_and_the_walk_keeps_the_prior_without_evidence() -> None:
    rng = np.random.default_rng(0)
    count = len(calibrate.targets())
    quantiles = rng.uniform(size=(3_000, 4))
    truth = rng.normal(size=(4, count))
    said = ((2.0 * quantiles - 1.0) @ truth)[:, None, :] + 0.1 * rng.normal(size=(3_000, 2, count))
    emulator = calibrate.Emulator.fit(quantiles, said)
    assert np.allclose(emulator.coefficients[1:5], truth, atol=0.02)
    assert np.allclose(np.diag(emulator.covariance), 0.01, rtol=0.2)
    flat = calibrate.walk(emulator, 4, 2_000, 0.0, 1)
    assert np.allclose(flat.mean(axis=0), 0.5, atol=0.05)
    assert np.allclose(flat.std(axis=0), np.sqrt(1 / 12), atol=0.03)


def test_the_kernel_favours_what_is_near_the_record() -> None:
    values, discrepancy = calibrate.observed()
    near = np.stack([values, values + 0.1 * discrepancy])[None]
    far = np.stack([values + discrepancy, values + 2.0 * discrepancy])[None]
    assert calibrate.log_kernel(near)[0] > calibrate.log_kernel(far)[0]
    assert calibrate.log_kernel(np.stack([values, values])[None])[0] == pytest.approx(0.0)


def test_draws_of_a_posterior_follow_its_weights_and_name_what_moved() -> None:
    names = ("herding", "foresight")
    quantiles = np.random.default_rng(0).uniform(size=(4_000, 2))
    found = calibrate.Posterior(names, quantiles, np.where(quantiles[:, 0] > 0.8, 1.0, 0.0), 8_000)
    assert found.informed() == ["herding"]
    assert found.effective == pytest.approx((quantiles[:, 0] > 0.8).sum())
    draws = found.draws(300, names)
    p = parameters()["herding"]
    assert draws[:, 0].min() >= p.default
    assert draws.shape == (300, 2)
