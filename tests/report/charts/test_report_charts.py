"""Charts show what the numbers say, as SVG that can stand beside others on one page."""

import datetime
import re

import numpy as np
import pytest
from made_up import HOSTILE, PLAIN, made_up_results

from sim.model.outcomes import INDEX, OUTCOMES
from sim.report.charts import charts
from sim.report.charts.axes import axis_label, scale_for
from sim.report.charts.svg import inline
from sim.report.charts.timeline import _LANE_OF, lane, only_here, turning_points
from sim.report.words.effects import rows_to_show
from sim.report.words.paths import date, paths
from sim.studies.comparing.compare import compare


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_fan_ends_at_the_medians_of_the_runs(results):
    shown = paths(results, "us_china_lag_months")
    expected = np.median(results.outcome("us_china_lag_months")[:, :, -1], axis=1)
    np.testing.assert_array_equal(shown.centre[:, -1], expected)


def test_a_flow_is_shown_as_its_total_so_far(results):
    shown = paths(results, "capital_raised_usd_bn")
    totals = results.outcome("capital_raised_usd_bn").sum(axis=-1)
    np.testing.assert_allclose(shown.runs[:, :, -1], totals, rtol=1e-12)
    assert shown.band.startswith("total so far; median")


def test_a_rare_count_is_shown_as_a_mean_because_its_median_is_zero(results):
    shown = paths(results, "severe_incidents")
    assert shown.is_mean
    np.testing.assert_allclose(shown.centre[:, -1], results.summaries[:, :, INDEX["severe_incidents"]].mean(axis=1))


def test_a_yes_or_no_outcome_is_a_share_of_runs_within_0_and_1(results):
    shown = paths(results, "treaty_in_force")
    assert shown.is_mean
    assert shown.outer.min() >= 0.0
    assert shown.outer.max() <= 1.0


def test_scenarios_that_differ_while_their_medians_do_not_are_shown_by_their_means():
    results = made_up_results(PLAIN[:2], runs=40, months=12)
    values = results.values.copy()
    values[..., INDEX["state_control"]] = 0.0
    values[1, :5, 6:, INDEX["state_control"]] = 0.4
    shown = paths(type(results)(results.scenarios, values, None), "state_control")
    assert shown.is_mean
    np.testing.assert_allclose(shown.centre[:, -1], [0.0, 5 * 0.4 / 40])


def test_a_run_that_failed_in_one_scenario_is_left_out_of_all():
    failed = made_up_results(failing=True)
    assert paths(failed, "hostility").runs.shape[1] == failed.values.shape[1] - 1
    assert np.isfinite(paths(failed, "hostility").outer).all()


def test_without_a_complete_run_there_is_nothing_to_draw():
    results = made_up_results(PLAIN[:2], runs=1)
    values = results.values.copy()
    values[0, 0, 5:] = np.nan
    broken = type(results)(results.scenarios, values, results.events)
    with pytest.raises(ValueError, match="nothing to draw"):
        charts.fan(broken, "hostility")


def test_months_are_dated_from_the_start(results):
    assert date(results, 0) == "Jan 2025"
    assert date(results, 26) == "Mar 2027"


@pytest.mark.slow
@pytest.mark.parametrize("name", list(OUTCOMES))
def test_every_outcome_can_be_drawn(name):
    svg = inline(charts.fan(made_up_results(PLAIN[:2], runs=4, months=30), name), "one", name, "")
    assert "Baseline" in texts(svg)


def test_a_single_run_of_a_single_scenario_can_be_drawn():
    results = made_up_results(PLAIN[:1], runs=1, months=7)
    assert "one run" in texts(inline(charts.fan(results, "hostility"), "one", "", ""))


def test_each_line_is_named_and_no_legend_is_needed(results):
    words = " ".join(texts(inline(charts.fan(results, "small_labs"), "fan", "", "")))
    assert all(name in words for name in ("Baseline", "Strict rules,", "Light rules,"))


def test_the_present_is_marked_if_the_chart_covers_it(results):
    for day, marked in ((datetime.date(2026, 7, 1), True), (datetime.date(2050, 1, 1), False)):
        words = texts(inline(charts.fan(results, "hostility", today=day), "fan", "", ""))
        assert ("today" in words) == marked


def test_single_runs_are_drawn_on_request(results):
    plain = charts.fan(results, "hostility")
    with_runs = charts.fan(results, "hostility", highlight_runs=3)
    assert len(with_runs.axes[0].lines) - len(plain.axes[0].lines) == 3 * len(results.titles)


def test_log_axes_carry_plain_numbers():
    scale = scale_for(0.5, 4000.0, OUTCOMES["leader_revenue_usd_bn"])
    assert scale.log
    assert scale.labels == ("$1bn", "$10bn", "$100bn", "$1tn")
    assert axis_label(25.0, "log10 FLOP") == "10²⁵"


def test_an_axis_covers_its_values_and_counts_have_whole_ticks():
    scale = scale_for(10.0, 21.0, OUTCOMES["small_labs"])
    assert scale.limits[0] <= 10.0
    assert scale.limits[1] >= 21.0
    assert all(tick == int(tick) for tick in scale.ticks)


def test_ids_of_two_charts_on_a_page_never_meet(results):
    first = inline(charts.fan(results, "hostility"), "a", "", "")
    second = inline(charts.fan(results, "hostility"), "b", "", "")
    ids = [re.findall(r'\bid="([^"]+)"', svg) for svg in (first, second)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    for svg, own in zip((first, second), ids, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) <= set(own)


def test_the_same_results_give_the_same_drawing(results):
    assert inline(charts.fan(results, "hostility"), "a", "t", "d") == inline(
        charts.fan(results, "hostility"), "a", "t", "d"
    )


def test_colours_are_css_variables_and_the_page_chooses_the_font(results):
    svg = inline(charts.fan(results, "hostility"), "a", "", "")
    assert "var(--ink)" in svg
    assert "var(--s1)" in svg
    assert not re.search(r"#(?:1f2328|59616b|0072b2|ffffff)", svg)
    assert "font-family" not in svg
    assert "<style" not in svg


@pytest.mark.slow
def test_names_are_escaped_and_may_hold_anything():
    results = made_up_results(HOSTILE, runs=4, months=24)
    for figure in (charts.fan(results, "hostility"), charts.differences(compare(results))):
        svg = inline(figure, "a", HOSTILE[0], HOSTILE[3])
        assert "<script" not in svg
        assert "<img" not in svg
        assert "&lt;script&gt;" in svg
        assert "\u202e" not in svg


def test_text_that_looks_like_markup_is_left_alone():
    results = made_up_results(('id="x" #1f2328', "Other"), runs=4, months=24)
    words = " ".join(texts(inline(charts.fan(results, "hostility"), "a", "", "")))
    assert 'id="x" #1f2328' in words


def test_rows_are_sorted_by_size_and_leave_out_what_does_not_differ(results):
    comparison = compare(results)
    names = rows_to_show(comparison)
    assert "market_hhi" not in names  # made equal in all scenarios
    table = comparison.table[comparison.table["outcome"].isin(names)]
    size = (table["effect_sd"].abs()).groupby(table["outcome"]).max()
    assert list(size[names]) == sorted(size[names], reverse=True)


def test_an_interval_that_covers_zero_is_drawn_hollow(results):
    comparison = compare(results)
    figure = charts.differences(comparison, comparison.others[0], titled=False)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    part = comparison.table[comparison.table["scenario"] == comparison.others[0]].set_index("outcome")
    for name, mark in zip(rows_to_show(comparison), marks, strict=True):
        filled = mark.get_markerfacecolor() == mark.get_color()
        assert filled == bool(part.loc[name, "clear"]), name


def test_cells_are_hatched_where_the_interval_covers_zero(results):
    comparison = compare(results)
    found = comparison.heat("compliance_cost_usd_bn")
    figure = charts.heat(comparison, "compliance_cost_usd_bn")
    hatched = [bool(patch.get_hatch()) for patch in figure.axes[0].patches]
    unclear = (~found.clear).ravel()
    assert hatched == [u and str(t) != comparison.baseline for u, t in zip(unclear, found.titles.ravel(), strict=True)]
    assert any(hatched)


def test_numbers_in_cells_have_a_contrast_of_at_least_four_and_a_half():
    from matplotlib import colormaps

    from sim.report.charts.heat import _DARK_TEXT, _LIGHT_TEXT, _MIDDLE, COLOURS, _luminance

    light, dark = (_luminance(tuple(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5))) for c in (_LIGHT_TEXT, _DARK_TEXT))
    for step in np.linspace(0.1, 0.9, 101):
        cell = _luminance(colormaps[COLOURS](step)[:3])
        contrast = (cell + 0.05) / (dark + 0.05) if cell > _MIDDLE else (light + 0.05) / (cell + 0.05)
        assert contrast >= 4.5


def test_a_map_needs_a_grid(results):
    with pytest.raises(ValueError, match="span no grid"):
        charts.heat(compare(made_up_results(PLAIN[:2], runs=4)), "hostility")
    assert "baseline" in texts(inline(charts.heat(compare(results), "hostility"), "a", "", ""))


def test_incidence_curves_end_at_the_share_of_runs(results):
    comparison = compare(results)
    words = " ".join(texts(inline(charts.incidence(comparison, "first severe incident"), "a", "", "")))
    happened = results.outcome("severe_incidents").any(axis=-1).mean(axis=1)
    for share in happened:
        assert f"{100 * share:.0f}%" in words


def test_every_kind_of_event_has_a_lane():
    from sim.model.events import EVENTS

    assert set(EVENTS) <= set(_LANE_OF)
    assert lane("something new") == "Other"


def test_an_event_is_marked_as_shared_only_as_often_as_the_other_run_has_it(results):
    events = results.events[results.events["run"] == 0].head(3).reset_index(drop=True)
    assert not only_here(events, events).any()
    assert only_here(events, events.head(0)).all()
    twice = events.iloc[[0, 0]].reset_index(drop=True)
    assert list(only_here(twice, events.head(1))) == [False, True]


def test_turning_points_are_events_of_one_run_only_in_order_of_time(results):
    comparison = compare(results)
    found = comparison.contrast()
    points = turning_points(comparison, found)
    assert points
    assert all(bool(ours) != bool(theirs) for _, ours, theirs in points)
    said = {text for events in (found.baseline_events, found.other_events) for text in events["text"]}
    assert all((ours or theirs) in said for _, ours, theirs in points)


def test_a_chart_saves_itself_with_text_as_text_and_no_date(results, tmp_path):
    charts.fan(results, "hostility").savefig(tmp_path / "fan.svg")
    saved = (tmp_path / "fan.svg").read_text()
    assert "Baseline" in saved
    assert "<dc:date>" not in saved
    assert charts.fan(results, "hostility")._repr_png_().startswith(b"\x89PNG")
