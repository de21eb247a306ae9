"""The cockpit's charts of differences, and what it says of them, are those of the runs and of the report."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sim.app import outcomes
from sim.app.difference import scale_of, sentence, title_of
from sim.app.engine import Runs
from sim.app.view import View, read
from sim.engine.results import Results
from sim.model.outcomes import INDEX, NAMES, OUTCOMES
from sim.report.words.brief import brief
from sim.report.words.changes import Change
from sim.report.words.paths import apart_beside_zero
from sim.studies.comparing.compare import compare

RUNS = 60


@pytest.fixture(scope="module")
def results() -> Results:
    """Small labs: four fewer in the second scenario, give or take one; a cost that grows; all else alike."""
    view = View().move("regulation.strictness", "0.8")
    scenarios = (view.baseline, view.scenario)
    luck = np.random.default_rng(0)
    base = 0.5 + luck.normal(0.0, 0.1, (RUNS, scenarios[0].months, len(NAMES)))
    base[..., INDEX["small_labs"]] = luck.integers(8, 16, (RUNS, 1)) + np.zeros(scenarios[0].months)
    base[..., INDEX["compliance_cost_usd_bn"]] = 1.0
    other = base.copy()
    other[..., INDEX["small_labs"]] -= 4.0 + luck.normal(0.0, 1.0, (RUNS, 1))
    other[..., INDEX["compliance_cost_usd_bn"]] = 3.0
    other[..., INDEX["hostility"]] += luck.normal(0.0, 0.2, (RUNS, 1))
    return outcomes.results_of(scenarios, [Runs(base), Runs(other)], 0)


def test_a_chart_of_differences_shows_what_each_run_differs_by_from_itself(results: Results) -> None:
    comparison = compare(results)
    shown = apart_beside_zero(comparison, "small_labs", "Your scenario")
    column = INDEX["small_labs"]
    pairs = results.values[1, :, :, column] - results.values[0, :, :, column]
    assert shown.centre[0].tolist() == [0.0] * pairs.shape[1]
    assert shown.centre[1] == pytest.approx(np.median(pairs, axis=0))
    assert shown.outer[1] == pytest.approx(np.quantile(pairs, [0.05, 0.95], axis=0))
    # Luck alone spreads levels over eight labs; on the same luck the difference has its own spread, far less.
    assert np.ptp(shown.outer[1][:, -1]) < 0.6 * np.ptp(np.quantile(results.values[1, :, -1, column], [0.05, 0.95]))


def test_a_chart_of_differences_ends_at_the_difference_of_the_report(results: Results) -> None:
    comparison = compare(results)
    cost = apart_beside_zero(comparison, "compliance_cost_usd_bn", "Your scenario")
    row = comparison.table.set_index("outcome").loc["compliance_cost_usd_bn"]
    assert cost.centre[1, -1] == pytest.approx(row["difference"]) == pytest.approx(2.0 * cost.centre.shape[1])


def test_the_axis_of_differences_has_zero_on_it_signs_and_its_unit_in_the_title(results: Results) -> None:
    scale = scale_of(apart_beside_zero(compare(results), "small_labs", "Your scenario"))
    assert 0.0 in scale.ticks
    assert not scale.log
    assert dict(zip(scale.ticks, scale.labels, strict=True))[-4.0] == "−4"
    money = scale_of(apart_beside_zero(compare(results), "compliance_cost_usd_bn", "Your scenario"))
    assert (0.0 in money.ticks, money.log) == (True, False)  # levels of it are drawn in logs
    assert all(label == "0" or re.fullmatch(r"\+\$[\d.]+bn", label) for label in money.labels)
    assert ">+$100bn</text>" in outcomes.whole(results, ("compliance_cost_usd_bn",), difference=True).panels[0]["svg"]
    titles = [title_of(OUTCOMES[name]) for name in ("small_labs", "state_control", "frontier_log10_flop")]
    assert [title.partition(": ")[2] for title in titles] == [
        "difference, number", "difference, percentage points", "difference, factor"]


@pytest.mark.parametrize(("low", "high", "clear"), [(0.5, 1.5, True), (-0.5, 2.5, False), (0.0, 2.0, False)])
def test_no_clear_difference_is_said_where_and_only_where_the_interval_of_the_mean_includes_zero(
    low: float, high: float, clear: bool
) -> None:
    said = sentence(Change(OUTCOMES["small_labs"], 10.0, 1.0, low, high, 4.0), "Strict")
    assert said.startswith("No clear difference under “Strict”.") is not clear
    assert "small labs in business" in said.lower()


def test_the_page_says_the_sentences_of_the_brief(results: Results) -> None:
    told = outcomes.whole(results, ("small_labs",)).sentences
    assert told[1:] == brief(compare(results)).answer
    assert any("small labs in business 4.00 fewer than 11.3" in part.lower() for part in told)


def test_a_month_reads_out_the_numbers_that_its_chart_draws(results: Results) -> None:
    read_out = outcomes.values(results, ("small_labs",), difference=True)
    line = read_out["charts"]["small_labs"]["told"][0]
    shown = apart_beside_zero(compare(results), "small_labs", "Your scenario")
    low, high = shown.inner[1][:, 7]
    assert line["name"] == "Your scenario against Baseline"
    assert read_out["dates"][7] == "Aug 2026"
    said = re.fullmatch(r"median −([\d.]+), 50% of pairs of runs −([\d.]+) to −([\d.]+), 90% .*", line["told"][7])
    assert said is not None
    assert [-float(number) for number in said.groups()] == pytest.approx([shown.centre[1, 7], low, high], abs=0.051)
    places = read_out["charts"]["small_labs"]["places"]
    assert len(places["y"][1]) == len(line["told"])
    assert places["y"][1][7] > places["y"][0][7]  # fewer lies below the zero line


def test_a_quick_picture_has_charts_and_no_sentence_that_the_next_would_contradict(results: Results) -> None:
    drawn = outcomes.quick(results, ("small_labs",))
    assert drawn.sentences == (outcomes.FOLLOWS,)
    assert "fewer" not in drawn.panels[0]["said"]


def test_a_link_holds_what_charts_show_and_which_is_presented() -> None:
    view, refused = read("regulation.strictness=0.8&show=difference&present=hostility")
    assert refused == []
    assert (view.difference, view.presented, view.charts[0]) == (True, "hostility", "hostility")
    assert len(view.charts) == 6
    assert read(view.query()) == (view, [])
    assert view.ask(show="levels", present="").query() == (
        f"regulation.strictness=0.8&charts={','.join(view.charts)}")
    assert "show is levels or difference" in read("show=differences")[1][0]
    assert "did you mean 'small_labs'" in read("present=small_lab")[1][0]
