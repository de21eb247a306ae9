"""The back-test keeps to its protocol: nothing leaks, cells and columns are as stated, and what differs is seen."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.common.arguments import ArgumentError
from sim.engine.results import Results
from sim.model.outcomes import INDEX, OUTCOMES
from sim.report.words.backtest import headline, lag_contradicted, missed
from sim.studies.checking.published import reproduced
from sim.studies.forecasting import protocol
from sim.studies.forecasting.backtest import MODEL, Backtest, Cell, Scored, Track, as_of, cells_of
from sim.studies.forecasting.facts import FACTS, Fact, Held, Measure, Seen, hold
from sim.studies.forecasting.record import platforms_trend, record
from sim.studies.forecasting.summary import KEPT, bars, keep, stored, summary

HISTORY = sim.Scenario.load("history_forced")
BY_NAME = {series.name: series for series in record()}
RUNS = 24


def simulate(scenario: sim.Scenario, uncertainty: str) -> Results:
    return sim.simulate(scenario, runs=RUNS, uncertainty=uncertainty, labs=True)


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate(HISTORY, "prior")


@pytest.fixture(scope="module")
def found() -> Backtest:
    return Backtest(HISTORY, simulate, origins=("2021-12", "2022-12", "2023-12"))


# ---- the protocol ------------------------------------------------------------------------------------------------
def test_the_protocol_is_the_one_that_the_results_name(pytestconfig: pytest.Config, found: Backtest) -> None:
    page = (pytestconfig.rootpath / "docs" / "forecasts.md").read_text(encoding="utf-8")
    assert protocol.hashed(page) == protocol.SHA256 == found.protocol == stored()["protocol"]
    assert protocol.hashed(page.replace("eight", "nine", 1)) != protocol.SHA256


def test_the_pages_numbers_are_the_codes(pytestconfig: pytest.Config) -> None:
    text = " ".join((pytestconfig.rootpath / "docs" / "forecasts.md").read_text(encoding="utf-8").split())
    assert "ends of the years 2018 to 2025" in text
    assert [origin[:4] for origin in protocol.ORIGINS] == [str(year) for year in range(2018, 2026)]
    assert "1, 2, 4 and 8 quarters" in text
    assert protocol.HORIZONS == (1, 2, 4, 8)
    assert "0.5, 0.7, 1, 1.4, 2 and 2.8" in text
    assert protocol.FACTORS == (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
    assert protocol.COVERAGE == {0.9: (0.80, 0.97), 0.5: (0.35, 0.65)}
    assert "between 0.80 and 0.97" in text
    assert "between 0.35 and 0.65" in text


def test_no_scenario_of_an_origin_knows_what_came_after() -> None:
    for origin in ("2019-12", "2022-12"):
        known = as_of(HISTORY, origin)
        assert known.events
        assert max(event.date for event in known.events) <= origin
        assert len(known.events) < len(HISTORY.events)
        assert known.uncertainty["parent_growth"] == pytest.approx(platforms_trend(origin))


def test_runs_to_an_origin_are_the_same_with_policy_as_it_stood_and_as_it_came() -> None:
    stood = replace(HISTORY, events=tuple(event for event in HISTORY.events if event.date <= "2022-12"))
    both = [sim.simulate(each, runs=4, uncertainty="luck").values[0] for each in (stood, HISTORY)]
    last = 12 * 7 + 1  # December 2022, from December 2015
    assert np.array_equal(both[0][:, :last], both[1][:, :last])
    assert not np.array_equal(both[0], both[1])


def test_a_cell_is_the_figure_nearest_to_its_horizon_and_within_a_month_of_it() -> None:
    capex = BY_NAME["capital spending of four platforms"]
    assert {capex.points[i].last: q for i, q in cells_of(capex, "2022-12").items()} == {
        "2023-03": 1, "2023-06": 2, "2023-12": 4, "2024-12": 8}
    sales = BY_NAME["sales of AI chips"]  # quarters that end in January
    assert {sales.points[i].last: q for i, q in cells_of(sales, "2022-12").items()} == {
        "2023-04": 1, "2023-07": 2, "2024-01": 4, "2025-01": 8}
    revenue = BY_NAME["leader's revenue"]
    assert {revenue.points[i].last: q for i, q in cells_of(revenue, "2024-12").items()} == {"2025-06": 2, "2025-12": 4}
    assert not cells_of(revenue, "2025-12")


# ---- columns -----------------------------------------------------------------------------------------------------
def test_an_anchored_forecast_is_the_last_figure_and_the_runs_growth(results: Results) -> None:
    """With runs that are twice the record throughout, the level is off by two and the anchored forecast by nothing."""
    values = np.array(results.values)
    for series in record():
        if not series.lab:
            for month in range(values.shape[2]):
                values[0, :, month, INDEX[series.outcome]] = np.nan
    capex = BY_NAME["capital spending of four platforms"]
    for point in capex.points:
        first, last = (12 * (int(m[:4]) - 2015) + int(m[5:]) - 12 for m in (point.first, point.last))
        values[0, :, first : last + 1, INDEX[capex.outcome]] = 2.0 * point.value
    doubled = Results(results.scenarios, values, results.events, results.lab_values, results.lab_names)
    found = Backtest(HISTORY, lambda *_: doubled, origins=("2021-12", "2022-12"))
    cells = [cell for cell in found.tracks["stood"].cells if cell.series is capex]
    assert {cell.column for cell in cells} == {"level", "anchored"}
    for cell in cells:
        off = cell.scores[MODEL].middle - cell.observed
        assert off == pytest.approx(np.log(2.0) if cell.column == "level" else 0.0, abs=0.25)


def test_levels_that_cannot_be_compared_are_not_and_an_old_figure_is_no_anchor(found: Backtest) -> None:
    cells = found.tracks["stood"].cells
    assert {cell.column for cell in cells if cell.series.growth_only} <= {"anchored"}
    for cell in cells:
        if cell.column == "anchored":
            last = max(point.last for point in cell.series.points if point.last <= cell.origin)
            assert int(cell.origin[:4]) * 12 + 12 - (int(last[:4]) * 12 + int(last[5:])) <= 12


def test_rivals_know_the_figures_to_the_origin_and_no_later_one(found: Backtest) -> None:
    series = BY_NAME["capital spending of four platforms"]
    for cell in found.tracks["stood"].cells:
        if cell.series is series:
            last = [point.value for point in series.points if point.last <= cell.origin][-1]
            assert cell.scores["no change"].middle == pytest.approx(np.log(last))


def test_the_factor_is_chosen_by_what_was_known_and_is_one_at_first(found: Backtest) -> None:
    for track in found.tracks.values():
        assert track.factors["2021-12"] == 1.0
        assert set(track.factors.values()) <= set(protocol.FACTORS)


def test_a_labs_series_is_read_off_the_lab_and_says_in_how_many_runs_it_is_there(results: Results) -> None:
    series = BY_NAME["OpenAI's revenue"]
    point = series.points[-1]
    said = series.at(results, point)
    lab = results.lab_names.index("OpenAI")
    month = 12 * 10
    assert point.last == "2025-12"
    there = results.lab_values["active"][0, :, month, lab] > 0
    assert np.array_equal(np.isfinite(said), there)
    assert np.array_equal(said[there], results.lab_values["revenue"][0, there, month, lab])
    with pytest.raises(ValueError, match="simulate with labs=True"):
        series.at(sim.simulate(HISTORY, runs=1), point)


# ---- scores and verdicts -----------------------------------------------------------------------------------------
def made_up(model: float, rival: float, series: int = 6, off: float = 0.0) -> Track:
    """A track whose model and drift are off by so much on every figure of so many series, at three origins."""
    chosen = [each for each in record() if each.log and not each.lab][:series]
    cells = []
    for each in chosen:
        for origin in ("2021-12", "2022-12", "2023-12"):
            for column in ("level", "anchored"):
                seen = float(each.observed[0])
                scores = {MODEL: Scored(model, model, (True, True, True), 0.5, seen - off),
                          **{name: Scored(rival, rival, (True, True, True), 0.5, seen)
                             for name in ("drift", "damped drift")}}
                cells += [Cell(origin, each, 0, quarters, column, scores, (0.0,) * 5, 1.0) for quarters in (4, 8)]
    return Track("made up", cells, {})


def test_the_headline_is_a_geometric_mean_over_series_and_the_sign_test_counts_them() -> None:
    found = made_up(1.0, 2.0).against("drift", "level")
    assert found.value == pytest.approx(0.5)
    assert (found.low, found.high) == pytest.approx((0.5, 0.5))
    assert (found.better, len(found.ratios)) == (6, 6)
    assert found.sign == pytest.approx(0.5**6)
    assert made_up(2.0, 1.0).against("drift", "level").sign == pytest.approx(1.0)


def test_bars_are_passed_or_failed_as_they_come_out() -> None:
    good = {bar.asked: bar.passed for bar in bars(made_up(1.0, 2.0))}
    assert len(good) == 10
    assert sum(good.values()) == 6  # all is covered, which is too much
    poor = bars(made_up(2.0, 1.0, off=0.5))
    assert not any(bar.passed for bar in poor)
    assert all(bar.value == pytest.approx(0.5) for bar in poor[-2:])


def test_a_forecaster_that_is_clearly_worse_leaves_the_confidence_set() -> None:
    rng = np.random.default_rng(0)
    track = made_up(1.0, 1.0, series=9)
    cells = [replace(cell, scores={
        MODEL: replace(cell.scores[MODEL], crps=float(1.0 + 0.1 * rng.normal())),
        "drift": replace(cell.scores["drift"], crps=float(2.0 + 0.1 * rng.normal()))}) for cell in track.cells]
    assert Track("", cells, {}).confidence_set("level") == [MODEL]


def test_the_test_over_origins_sees_a_steady_difference_and_no_difference() -> None:
    track = made_up(1.0, 2.0)
    rng = np.random.default_rng(1)

    def noisy(mean: float) -> Track:
        cells = [replace(cell, scores={**cell.scores, MODEL: replace(cell.scores[MODEL], crps=float(
            np.exp(mean + 0.1 * rng.normal()))), "drift": replace(cell.scores["drift"], crps=1.0)})
            for cell in track.cells]
        return Track("", cells, {})

    assert noisy(-1.0).diebold_mariano("drift", "level") < 0.1
    assert np.isnan(Track("", track.of("level")[:2], {}).diebold_mariano("drift", "level"))


def test_the_summary_is_kept_as_it_is_and_read_back(found: Backtest, tmp_path, monkeypatch) -> None:
    from sim.studies.forecasting import summary as module

    told = summary(found)
    monkeypatch.setattr(module, "KEPT", tmp_path / "backtest.toml")
    keep(told, "1 of 2")
    back = tomllib.loads((tmp_path / "backtest.toml").read_text(encoding="utf-8"))
    assert back.pop("published") == "1 of 2"
    assert json.dumps(back, sort_keys=True) == json.dumps(told, sort_keys=True)  # in which NaN is NaN


def test_the_headline_and_the_misses_say_what_was_found(found: Backtest) -> None:
    told = summary(found)
    track = told["tracks"]["stood"]
    said = headline(told)
    assert "From 3 origins" in said
    assert f"better on {track['level']['against']['drift']['better']} of" in said
    failed = [bar["asked"] for bar in told["bars"] if not bar["passed"]]
    assert all(asked in " ".join(missed(told)) for asked in failed)


def test_what_is_stored_is_whole_and_what_the_lags_caution_says() -> None:
    held = stored()
    assert KEPT.is_file()
    assert held["published"] == reproduced()
    assert held["origins"] == list(protocol.ORIGINS)
    assert len(held["bars"]) == 10
    assert lag_contradicted(held) == ("contradicts the direction" in OUTCOMES["us_china_lag_months"].caution)


@pytest.mark.parametrize("page", ["docs/forecasts.md", "README.md"])
def test_pages_give_the_stored_back_test(page: str, pytestconfig: pytest.Config) -> None:
    held = stored()
    text = " ".join((pytestconfig.rootpath / page).read_text(encoding="utf-8").split())
    passed = sum(bar["passed"] for bar in held["bars"])
    assert f"{passed} of 10 bars" in text
    for column in ("level", "anchored"):
        found = held["tracks"]["stood"][column]["against"]["drift"]
        assert f"{found['ratio']:.2g} times (90% interval over series {found['low']:.2g} to {found['high']:.2g}" in text


# ---- stylised facts ----------------------------------------------------------------------------------------------
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
    assert capped.shape == (RUNS,)
    for run in range(RUNS):
        own = results.events[(results.events["run"] == run) & (results.events["kind"] == "capped_profit")]["month"]
        assert capped[run] == (own.min() if len(own) else np.inf)
    assert (seen.count(seen.of_kind("nothing")) == 0.0).all()


def test_labs_of_people_who_left_are_known_by_where_they_left() -> None:
    """A spin-off tells its founder as one from the lab left, and counts as an alumnus's all the same."""
    results = sim.simulate(HISTORY, runs=12, labs=True)
    events = results.events
    leavers = events[(events["kind"] == "departure") & (events["target"] == "OpenAI")]
    founded = events[(events["kind"] == "spin_off") & events["actor"].str.endswith("from OpenAI")]
    assert len(leavers) > len(founded) > 0
    alumni = next(held for held in hold(results) if "alumni" in held.measure.text)
    assert alumni.quartiles[2] > 0.0
    with pytest.raises(ArgumentError, match="the record names labs and people"):
        Seen(results.anonymous())
