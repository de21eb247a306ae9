"""A study is told once: its page and a notebook's cell hold the same claims, figures and numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sim.common.arguments import ArgumentError, UnknownNameError
from sim.engine.simulate import simulate
from sim.report.charts.svg import with_ids_of
from sim.report.pages.backtest import told as told_of_backtest
from sim.report.pages.comparison import brief_alone
from sim.report.pages.export import headed
from sim.report.pages.run import told as told_of_run
from sim.report.pages.sensitivity import told as told_of_sensitivity
from sim.report.pages.study import Study
from sim.report.pages.sweep import told as told_of_sweep
from sim.report.pages.told import numbers_of, told_of
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare
from sim.studies.comparing.why import why
from sim.studies.forecasting.backtest import Backtest
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.sensitivity import Effect, Index, Indices, Sensitivity
from sim.studies.sweeping.sweep import Sweep


@pytest.fixture(scope="module")
def sensitivity() -> Sensitivity:
    axis = "uncertainty.severe_hazard"
    return Sensitivity("Severe <b>incidents</b>", "severe_incidents", (Effect(axis, 2.0, 1.0, 2.0),),
                       Indices((Index(axis, 0.6, 0.05, 0.7, 0.05),), 256), 0.4, 100, 4)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    folder = tmp_path_factory.mktemp("study")
    (folder / "base.toml").write_text('title = "Base"\nmonths = 6\n')
    (folder / "design.toml").write_text('base = "base.toml"\nruns = 2\nmonths = 6\nuncertainty = "luck"\n'
                                        'outcomes = ["compliance_cost_usd_bn"]\n'
                                        '[axes]\n"regulation.strictness" = { from = 0.2, to = 0.8, steps = 3 }\n'
                                        '"regulation.audit_capacity" = { from = 0.0, to = 1.0, steps = 3 }\n')
    return Sweep.begin(folder / "sweep", Design.load(folder / "design.toml"))


@pytest.fixture(scope="module")
def backtest() -> Backtest:
    return Backtest(Scenario.load("history_forced"),
                    lambda each, uncertainty: simulate(each, 24, labs=True, uncertainty=uncertainty),
                    origins=("2022-12", "2023-12"))


def assert_told_alike(study: Study, cell: str) -> None:
    """The page has every claim, figure and table; the cell every claim, and ids that no other cell has."""
    page = study.page()
    for claim in study.claims:
        written = claim.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
        assert written in page
        assert written.replace("&#39;", "&#x27;") in cell
    assert study.figures
    for figure in study.figures:
        assert figure.svg in page
    for table in study.tables:
        assert table.caption.split("'")[0].split("&")[0] in page
    assert "<script" not in cell
    ids = re.findall(r' id="([^"]+)"', cell)
    assert ids
    assert len(ids) == len(set(ids))
    assert all(each.startswith("nb") for each in ids)
    assert all(f"{used}" in ids for used in re.findall(r'(?:href="#|url\(#)([^")]+)', cell))


def test_sensitivity(sensitivity: Sensitivity) -> None:
    cell = sensitivity._repr_html_()
    assert_told_alike(told_of_sensitivity(sensitivity, "airace sensitivity"), cell)
    assert "<b>incidents" not in cell


@pytest.mark.slow
def test_a_sweep_shows_nothing_before_a_point_is_done(sweep: Sweep) -> None:
    assert sweep._repr_html_() is None
    sweep.run()
    cell = sweep._repr_html_()
    assert cell is not None
    assert_told_alike(told_of_sweep(sweep), cell)


@pytest.mark.slow
def test_the_back_test(backtest: Backtest) -> None:
    study = told_of_backtest(backtest, command="airace backtest")
    assert_told_alike(study, backtest._repr_html_())
    assert len({row[0] for row in study.tables[-1].rows}) == 15
    missed = [row for place, row in enumerate(study.tables[-1].rows) if (place, 4) in study.tables[-1].strong]
    assert all("(missed)" in row[4] for row in missed)


def test_one_run_is_a_study_with_every_event_and_how_to_repeat_it() -> None:
    scenario = replace(Scenario.from_dict({"title": "Plain & <b>", "months": 8}), question="Who <i>leads</i>?")
    results = simulate(scenario, 1, first_run=3)
    study = told_of_run(results, "airace run plain.toml --run 3")
    assert_told_alike(study, study._repr_html_())
    page = study.page()
    assert [section.name for section in study.sections] == ["figures", "events", "ties"]
    assert len(study.tables[-1].rows) == len(results.events)
    for told in ("Who &lt;i&gt;leads&lt;/i&gt;?", "airace run plain.toml --run 3", results.hash()):
        assert told in page


def test_why_two_runs_differ_is_a_study_that_can_be_exported(tmp_path: Path) -> None:
    base = Scenario.load("baseline")
    found = why(base, base.with_({"litigation.filing": 5.0}, title="Suits"), months=12, uncertainty="luck")
    study = told_of(found)
    assert_told_alike(study, found._repr_html_() or "")
    names = [section.name for section in study.sections]
    assert names[:3] == ["over-time", "parting", "levers"]
    assert names[-1] == "side-by-side"
    assert [key.title for key in study.sections[0].key] == [f"A: {base.title}", "B: Suits"]
    told = [row[0] for section in study.sections if section.name == "levers" for row in section.tables[0].rows]
    assert told[0] == "as it is"
    assert any("litigation.filing" in line for line in told)
    assert "The same scenarios, seed and runs" in study.page()
    assert {name: len(frame) for name, frame in numbers_of(found).items()}["Runs: each outcome as one number"] == 2
    files = sorted(path.name for path in (found.export(tmp_path / "files") / "figures").glob("*.svg"))
    assert [name[:2] for name in files] == ["01", "02"]


def test_a_page_that_opens_with_a_brief_has_it_instead_of_the_finding() -> None:
    base = Scenario.from_dict({"title": "Base", "months": 3})
    results = simulate([base, base.with_({"regulation.strictness": 0.9}, title="Strict")], 4, uncertainty="luck")
    study = told_of(compare(results))
    page = study.page()
    assert 'id="brief"' in page
    assert 'id="finding"' not in page
    assert all(claim.replace("'", "&#39;") in page for claim in study.claims if not claim.startswith("Who "))
    alone = brief_alone(study.brief).page()
    assert "<nav" not in alone
    assert 'id="reproduce"' not in alone


def test_ids_are_told_apart_and_references_follow_them() -> None:
    svg = '<svg aria-labelledby="a-t a-d"><title id="a-t"/><path id="a-p"/><use href="#a-p" fill="url(#a-p)"/></svg>'
    assert with_ids_of(svg, "m") == ('<svg aria-labelledby="m-a-t m-a-d"><title id="m-a-t"/><path id="m-a-p"/>'
                                     '<use href="#m-a-p" fill="url(#m-a-p)"/></svg>')


# ---- charts in Python --------------------------------------------------------------------------------------------


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


def test_a_sweep_is_drawn_as_its_page_draws_it_and_refuses_what_it_has_not(sweep: Sweep) -> None:
    sweep.run()
    map_ = sweep.plot.map("compliance_cost_usd_bn")
    assert "Cost of compliance" in words(map_)
    assert "9 points over 2 axes" in words(map_), "a picture that stands alone says what was run"
    along = sweep.plot.slices("regulation.strictness", "compliance_cost_usd_bn")
    assert len(along.axes[0].get_lines()) > 3
    for wrong, told in ((lambda: sweep.plot.map("hostility"), "no outcome of this sweep"),
                        (lambda: sweep.plot.slices("regulation.strictnes", "compliance_cost_usd_bn"), "no axis"),
                        (lambda: sweep.plot.axes("compliance_cost_usd_bn"), "plot.map shows it")):
        with pytest.raises((ArgumentError, UnknownNameError), match=told):
            wrong()


def test_shares_and_screening_are_drawn_and_screening_only_where_there_was_one(sensitivity: Sensitivity) -> None:
    assert "Shares of variance" in words(sensitivity.plot.shares())
    assert "Effect of a step" in words(sensitivity.plot.screening())
    with pytest.raises(ArgumentError, match="nothing was screened"):
        _ = replace(sensitivity, effects=()).plot.screening()


def test_a_series_of_the_back_test_is_drawn_by_its_name(backtest: Backtest) -> None:
    assert "Leader's revenue" in words(backtest.plot.series("leader's revenue"))
    with pytest.raises(UnknownNameError, match="leader's revenue"):
        backtest.plot.series("leaders revenue")


def test_each_study_has_its_numbers_in_full(sweep: Sweep, sensitivity: Sensitivity, backtest: Backtest) -> None:
    sweep.run()
    assert {name: len(frame) for name, frame in numbers_of(sweep).items()} == {
        "Points: means and differences": 9, "Runs": 18}
    assert set(numbers_of(sensitivity)) == {"Shares of variance", "Screening"}
    head, _ = headed(numbers_of(sensitivity)["Screening"])
    assert head == ["axis", "mu_star [unit]", "half_width [unit]", "sigma [unit]", "unit"]
    forecasts = numbers_of(backtest)["Figures forecast"]
    assert {"record", "median [scale]", "unit", "scale"} <= set(forecasts)
    assert len(forecasts) == sum(len(cell.scores) for track in backtest.tracks.values() for cell in track.cells)
