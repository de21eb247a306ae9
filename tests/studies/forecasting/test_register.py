"""A filed forecast is the ensemble's, verifies by its hash, and is graded beside its rivals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.live import STAGES
from sim.engine.results import Results
from sim.model.outcomes import INDEX
from sim.studies.forecasting.observations import Observation, ObservationsError
from sim.studies.forecasting.record import record
from sim.studies.forecasting.register import LEVELS, RegisterError, comparable, entry, graded, months_filed, read, write
from sim.studies.forecasting.score import score
from sim.studies.forecasting.scores import crps_of_ensemble, crps_of_quantiles


@pytest.fixture(scope="module")
def results() -> Results:
    scenarios = [sim.Scenario.load("baseline"), sim.Scenario.load("strict_rivalry")]
    return sim.simulate(scenarios, runs=30, months=40)


@pytest.fixture
def path(results: Results, tmp_path: Path) -> Path:
    return write(entry(results, "2026-01-31"), tmp_path / "register.toml")


def test_what_is_filed_is_what_the_ensemble_says(results: Results, path: Path) -> None:
    tables = read(path)
    assert {row["outcome"] for row in tables["forecast"]} == set(comparable())
    for row in tables["forecast"][::17]:
        scenario, month = results.titles.index(row["scenario"]), results.dates.index(row["month"])
        values = results.values[scenario, :, month, INDEX[row["outcome"]]]
        assert row["quantiles"] == pytest.approx(np.quantile(values, LEVELS), rel=1e-5)
    assert tables["made_by"]["results_hash"] == results.hash()
    assert tables["made_by"]["posterior"] == "2025-12"


def test_quarters_are_filed_for_three_years_and_then_decembers() -> None:
    found = months_filed("2026-01", 120)
    assert found[:4] == [2, 5, 8, 11]
    assert [month for month in found if month > 36] == [47, 59, 71, 83, 95, 107, 119]
    assert months_filed("2026-01", 2) == []


def test_an_entry_verifies_however_it_is_laid_out_and_not_when_a_value_is_changed(path: Path) -> None:
    text = path.read_text()
    path.write_text("# published on a page\n\n" + text.replace(" = ", "  =  "))
    assert read(path)["filed"] == "2026-01-31"
    first = read(path)["forecast"][0]["quantiles"][0]
    path.write_text(text.replace(f"[{first},", f"[{first * 2},", 1))
    with pytest.raises(RegisterError, match="is not the entry that was filed on 2026-01-31"):
        read(path)
    path.write_text(text.replace('filed = "2026-01-31"', 'filed = "2020-01-31"'))
    with pytest.raises(RegisterError, match="do not give its hash"):
        read(path)


def test_an_entry_is_graded_as_the_study_is_to_the_width_of_its_quantiles(results: Results, path: Path) -> None:
    seen = [Observation("leader_revenue_usd_bn", "2026-12", 12.0, "a source")]
    by_entry, by_study = graded(read(path), seen), score(results, seen)
    for ours, theirs in zip(by_entry, by_study, strict=True):
        assert ours.scenario == theirs.scenario
        assert ours.quantiles == pytest.approx(theirs.quantiles, rel=1e-4)
        assert (ours.in_50, ours.in_90, ours.naive_is) == (theirs.in_50, theirs.in_90, theirs.naive_is)
        assert ours.crps == pytest.approx(theirs.crps, rel=0.15)
        assert ours.naive == pytest.approx(theirs.naive, rel=0.15)


def test_the_score_of_quantiles_approaches_the_ensembles() -> None:
    members = np.random.default_rng(0).normal(size=20_000)
    for observed in (-2.0, 0.1, 1.0):
        levels = np.linspace(0.005, 0.995, 100)
        assert crps_of_quantiles(np.quantile(members, levels), levels, observed) == pytest.approx(
            crps_of_ensemble(members, observed), rel=0.02)
    assert crps_of_quantiles(np.array([3.0]), [0.5], 5.0) == pytest.approx(2.0)


def test_what_was_not_filed_is_refused_with_what_was(path: Path) -> None:
    tables = read(path)
    with pytest.raises(ObservationsError, match=r"hostility of 2026-12: the entry has nothing of it"):
        graded(tables, [Observation("hostility", "2026-12", 0.5, "s")])
    with pytest.raises(ObservationsError, match=r"2026-11: the entry has it of other months \(2026-03, 2026-06"):
        graded(tables, [Observation("leader_revenue_usd_bn", "2026-11", 0.5, "s")])


def test_an_ensemble_that_nobody_could_make_again_is_not_filed() -> None:
    base = sim.Scenario.load("baseline")
    own = sim.simulate(base, runs=2, months=4, stages=STAGES[1:])
    with pytest.raises(RegisterError, match=r"made in Python with .* so nobody could make it again"):
        entry(own, "2026-01-31")
    with pytest.raises(RegisterError, match="ends before a quarter does"):
        entry(sim.simulate(base, runs=2, months=2), "2026-01-31")
    with pytest.raises(RegisterError, match="there is no outcome 'hostilty'; did you mean hostility"):
        entry(sim.simulate(base, runs=2, months=4), "2026-01-31", ["hostilty"])


@pytest.mark.parametrize(("content", "told"), [
    (b"\xff\xfe", "is no entry of a register"), (b"a = ", "is no entry of a register"),
    (b'program = "airace"\n', "it lacks a valid 'format'"), (b"", "it lacks a valid 'program'"),
    (b'program = "other"\nformat = 1\nfiled = "a"\nhash = "b"\nlevels = []\nforecast = []\n[made_by]\n',
     "it lacks a valid 'program'"),
    (b'program = "airace"\nformat = 9\nfiled = "a"\nhash = "b"\nlevels = []\nforecast = []\n[made_by]\n', "format 9"),
])
def test_a_file_that_is_no_entry_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(RegisterError) as refused:
        read(tmp_path / "a.toml")
    assert told in str(refused.value)


def test_outcomes_that_are_filed_have_figures_on_record() -> None:
    known = {series.outcome for series in record()}
    assert len(comparable()) >= 12
    assert set(comparable()) <= known
