"""Differences over time: each run against itself, so that what luck moves alike in both worlds is not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import PLAIN, made_up_results

from sim.engine.results import Results
from sim.model.outcomes import INDEX, OUTCOMES
from sim.report.charts.apart import apart_heading, differences_over_time
from sim.report.pages.sections import apart_section
from sim.report.words import narrative
from sim.report.words.paths import apart
from sim.studies.comparing.compare import Comparison, compare
from sim.studies.comparing.over_time import differences_so_far, over_time

LAG, INCIDENTS, COST = (INDEX[name] for name in ("us_china_lag_months", "severe_incidents", "compliance_cost_usd_bn"))


def shifted(of: int, by: np.ndarray, runs: int = 40, months: int = 12, uncertainty: str = "luck") -> Comparison:
    """Two scenarios on the same luck that differ in one outcome, by (runs, months)."""
    results = made_up_results(PLAIN[:2], runs=runs, months=months)
    values = np.stack([results.values[0], results.values[0]])
    values[1, ..., of] += by
    return compare(Results(results.scenarios, values, None, uncertainty=uncertainty))


def test_what_luck_moves_alike_in_both_worlds_has_no_band():
    shown = apart(shifted(LAG, np.full((40, 12), 2.0)), "us_china_lag_months")
    assert shown.centre == pytest.approx(2.0)
    assert np.ptp(shown.outer, axis=1) == pytest.approx(0.0)
    assert shown.runs.shape == (1, 40, 12)


def test_quantiles_are_of_the_differences_of_single_runs():
    each = np.arange(40.0)[:, None] * np.ones(12)
    shown = apart(shifted(LAG, each), "us_china_lag_months")
    assert shown.centre[0, -1] == pytest.approx(19.5)
    assert shown.outer[0, :, -1] == pytest.approx([1.95, 37.05])


def test_a_flow_counts_as_a_total_so_far_and_ends_at_the_tables_difference():
    comparison = shifted(COST, np.ones((40, 12)))
    assert differences_so_far(comparison, "compliance_cost_usd_bn")[0, 0] == pytest.approx(np.arange(1.0, 13.0))
    row = comparison.table.set_index("outcome").loc["compliance_cost_usd_bn"]
    table = over_time(comparison).query("outcome == 'compliance_cost_usd_bn' and month == 11")
    assert table["mean"].item() == pytest.approx(row["difference"])
    assert table["p50"].item() == pytest.approx(12.0)


def test_where_most_runs_do_not_change_the_mean_is_shown_and_no_interval_passes_what_can_be():
    few = np.zeros((40, 12))
    few[:6, 3] = -1.0
    shown = apart(shifted(INCIDENTS, few), "severe_incidents")
    assert shown.is_mean
    assert shown.centre[0, -1] == pytest.approx(-0.15)
    assert "mean of 40 paired differences" in shown.band
    treaty = apart(shifted(INDEX["treaty_in_force"], np.where(np.arange(40)[:, None] < 2, 1.0, 0.0)), "treaty_in_force")
    assert np.abs(treaty.outer).max() <= OUTCOMES["treaty_in_force"].furthest


def test_runs_that_share_a_draw_count_once_in_the_means_interval():
    few = np.zeros((40, 12))
    few[:8] = -1.0  # pairs of runs: four draws
    alone = apart(shifted(INCIDENTS, few), "severe_incidents")
    shared = apart(shifted(INCIDENTS, few, uncertainty="prior"), "severe_incidents")
    assert np.ptp(shared.outer[0, :, -1]) > 1.2 * np.ptp(alone.outer[0, :, -1])


def test_the_line_of_no_difference_is_on_the_axis_and_ticks_are_signed():
    figure = differences_over_time(shifted(LAG, np.full((40, 12), 2.0)), "us_china_lag_months")
    low, high = figure.axes[0].get_ylim()
    assert low <= 0.0 < high
    assert {label.get_text() for label in figure.axes[0].get_yticklabels()} >= {"0", "+1", "+2"}
    assert "difference to Baseline, months" in figure.texts[0].get_text()


def test_the_section_tells_how_many_runs_end_lower_higher_and_the_same():
    each = np.zeros((40, 12))
    each[:10], each[10:12] = -5.0, 3.0
    comparison = shifted(LAG, each)
    said = narrative.apart_lead(comparison, ["us_china_lag_months"])
    assert "lower in 25% of the runs, higher in 5% and the same in 70%" in said
    assert said.startswith("China's lag behind the US frontier, run by run on the same luck: under")


def test_nothing_is_drawn_where_nothing_differs_clearly():
    assert apart_section(shifted(LAG, np.zeros((40, 12)))) is None
    section = apart_section(shifted(LAG, np.full((40, 12), 2.0)))
    assert section is not None
    shown = apart(shifted(LAG, np.full((40, 12), 2.0)), "us_china_lag_months")
    assert [figure.title for figure in section.figures] == [apart_heading(shown, "Baseline")]
    assert section.figures[0].table.rows[-1][1].startswith("+2 months\n")


def test_a_log_scale_of_the_outcome_is_no_log_scale_of_differences():
    assert replace(OUTCOMES["leader_revenue_usd_bn"]).log
    grows = np.linspace(-50.0, 50.0, 40)[:, None] * np.ones(12)
    comparison = shifted(INDEX["leader_revenue_usd_bn"], grows)
    figure = differences_over_time(comparison, "leader_revenue_usd_bn")
    assert figure.axes[0].get_yscale() == "linear"
