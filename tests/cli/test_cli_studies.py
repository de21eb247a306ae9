"""Commands that simulate: compare, run, report, reproduce."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray

import sim
from sim.cli import ensembles, run, saved_runs
from sim.cli.saved_runs import widest_interval
from sim.engine.failures import Failure
from sim.engine.results import Results
from sim.model.outcomes import NAMES, OUTCOMES, PRIMARY
from sim.report.words.run import KEY_FIGURES
from sim.studies.comparing.compare import compare as compare_results

FILES = ("short.toml", "strict.toml")
FEW = ("--runs", "4", "--quiet")
WRITTEN = {"report.html", "runs.parquet", "months.parquet", "events.parquet", "manifest.json"}


# ---- compare ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_compare_prints_the_finding_and_the_table_and_writes_the_study(airace):
    result = airace("compare", *FILES, "--runs", "4")
    assert result.exit_code == 0
    assert "in this model" in result.stdout
    assert "Differences to the baseline: Short." in result.stdout
    assert {path.name for path in Path("out").iterdir()} >= WRITTEN
    assert "next: open out/report.html" in result.stderr
    assert "airace run strict.toml" in result.stderr


@pytest.mark.slow
def test_compare_under_rival_theories_says_what_keeps_its_sign_and_the_report_keeps_it(airace):
    result = airace("compare", *FILES, *FEW, "--months", "6", "--theories", "--uncertainty", "luck")
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert "Under 10 theories of how the world works" in told or "No difference of a primary outcome is clear" in told
    kept = pd.read_csv("out/theories.csv")
    assert kept["theory"].nunique() == 10
    assert set(kept["outcome"]) == set(PRIMARY)
    assert airace("report", "out").exit_code == 0
    assert "Under rival theories" in Path("out/report.html").read_text(encoding="utf-8")
    for damaged in ("", "theory,difference\nas it is,much\n", "a,b\n1,2\n"):
        Path("out/theories.csv").write_text(damaged, encoding="utf-8")
        refused = airace("report", "out")
        assert refused.exit_code == 2
        assert "theories.csv is not what compare --theories writes" in " ".join(refused.stderr.split())
    # Another comparison in the same place has nothing to do with them.
    assert airace("compare", *FILES, *FEW, "--months", "6", "--uncertainty", "luck").exit_code == 0
    assert not Path("out/theories.csv").exists()
    assert "Under rival theories" not in Path("out/report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_compare_gives_the_numbers_that_python_gives(airace):
    printed = json.loads(airace("compare", *FILES, *FEW, "--seed", "3", "--format", "json").stdout)
    results = sim.simulate([sim.Scenario.load(name) for name in FILES], runs=4, seed=3, uncertainty="posterior")
    expected = compare_results(results).table.set_index("outcome")["difference"]
    assert printed["baseline"] == "Short"
    assert {row["outcome"]: row["difference"] for row in printed["differences"]} == expected.to_dict()


@pytest.mark.slow
def test_compare_prints_csv_and_parquet_with_a_row_for_each_outcome(airace):
    rows = list(csv.DictReader(io.StringIO(airace("compare", *FILES, *FEW, "--format", "csv").stdout)))
    assert [row["outcome"] for row in rows] == list(NAMES)
    binary = airace("compare", *FILES, *FEW, "--format", "parquet").stdout_bytes
    assert list(pd.read_parquet(io.BytesIO(binary))["outcome"]) == list(NAMES)


@pytest.mark.slow
def test_compare_prints_netcdf_with_every_outcome_by_month(airace):
    binary = airace("compare", *FILES, *FEW, "--format", "netcdf").stdout_bytes
    Path("months.nc").write_bytes(binary)
    with xarray.open_dataset("months.nc", engine="scipy") as months:
        assert set(months.data_vars) == set(NAMES)
        assert dict(months.sizes) == {"scenario": 2, "run": 4, "month": 12}


def test_the_same_file_twice_differs_by_exactly_nothing(airace):
    table = json.loads(airace("compare", "short.toml", "short.toml", *FEW, "--format", "json").stdout)[
        "differences"
    ]
    assert {(row["difference"], row["low"], row["high"]) for row in table} == {(0.0, 0.0, 0.0)}


@pytest.mark.slow
def test_set_months_and_seed_reach_the_study(airace):
    airace("compare", *FILES, *FEW, "--months", "3", "--seed", "5", "--set", "trade.enforcement=0.9")
    results = Results.load("out")
    assert results.values.shape[1:3] == (4, 3)
    assert results.seed == 5
    assert [scenario.levers["trade.enforcement"] for scenario in results.scenarios] == [0.9, 0.9]


@pytest.mark.slow
def test_a_study_is_written_over_itself_but_another_one_only_with_force(airace):
    assert airace("compare", *FILES, *FEW).exit_code == 0
    assert airace("compare", *FILES, *FEW).exit_code == 0
    refused = airace("compare", *FILES, *FEW, "--seed", "1")
    assert refused.exit_code == 4
    assert "--force" in refused.stderr
    assert Results.load("out").seed == 0
    assert airace("compare", *FILES, *FEW, "--seed", "1", "--force").exit_code == 0
    assert Results.load("out").seed == 1


def test_a_foreign_folder_is_refused_before_the_simulation(airace, monkeypatch):
    monkeypatch.setattr(saved_runs, "run_scenarios", lambda *_, **__: pytest.fail("simulated in vain"))
    Path("out").mkdir()
    Path("out/thesis.doc").write_text("years of work")
    assert airace("compare", *FILES, *FEW).exit_code == 4
    assert Path("out/thesis.doc").read_text() == "years of work"


def test_what_is_wrong_in_several_files_is_said_at_once(airace, folder):
    (folder / "bad.toml").write_text('title = "Bad"\nmonths = 0\n')
    result = airace("compare", "wrong.toml", "bad.toml", *FEW)
    assert result.exit_code == 3
    assert "wrong.toml:3" in result.stderr
    assert "bad.toml:2" in result.stderr
    assert not Path("out").exists()


def test_a_wrong_set_is_said_once_for_all_files(airace):
    result = airace("compare", *FILES, *FEW, "--set", "trade.enforcement=9")
    assert result.exit_code == 3
    assert result.stderr.count("error[") == 1


def test_different_lengths_ask_for_months(airace, folder):
    (folder / "long.toml").write_text('title = "Long"\nmonths = 24\n')
    refused = airace("compare", "short.toml", "long.toml", *FEW)
    assert refused.exit_code == 2
    assert "--months 12" in refused.stderr
    assert airace("compare", "short.toml", "long.toml", *FEW, "--months", "6").exit_code == 0


# ---- until the interval is narrow ------------------------------------------------------------------------


@pytest.mark.slow
def test_runs_double_until_every_half_width_is_narrow(airace):
    airace("compare", *FILES, "--runs", "4", "--until-halfwidth", "0.2", "--max-runs", "512", "--quiet")
    results = Results.load("out")
    runs = results.values.shape[1]
    assert runs in (4, 8, 16, 32, 64, 128, 256, 512)  # doublings of 4
    assert widest_interval(compare_results(results))[1] <= 0.2 or runs == 512
    same = sim.simulate(results.scenarios, runs=runs, seed=0, uncertainty="posterior")
    assert results.hash() == same.hash()  # as if asked for at once


@pytest.mark.slow
def test_doubling_stops_at_the_most_runs_and_says_so(airace):
    result = airace("compare", *FILES, "--runs", "4", "--until-halfwidth", "0.000001", "--max-runs", "8")
    assert result.exit_code == 0
    assert Results.load("out").values.shape[1] == 8
    assert "--max-runs" in result.stderr


def test_half_widths_are_in_standard_deviations_of_the_baseline():
    runs, outcome = 400, PRIMARY[0]
    values = np.zeros((2, runs, 1, len(NAMES)))
    draw = np.random.default_rng(0)
    column = NAMES.index(outcome)
    values[0, :, 0, column] = 10.0 * draw.standard_normal(runs)
    values[1, :, 0, column] = values[0, :, 0, column] + 5.0 * draw.standard_normal(runs)
    scenarios = [sim.Scenario.from_dict({"title": title, "months": 1}) for title in ("A", "B")]
    name, width = widest_interval(compare_results(Results(scenarios, values, uncertainty="luck")))
    # differences have standard deviation 5, so the half-width is 1.96 x 5 / sqrt(400) = 0.49, or 0.049 of the
    # baseline's 10; both deviations are estimated from 400 runs, each within 3 x 3.5%
    assert name == outcome
    assert width == pytest.approx(0.049, rel=0.2)


@pytest.mark.slow
def test_an_interruption_after_a_doubling_keeps_the_runs_that_were_done(airace, monkeypatch):
    real, calls = saved_runs.run_scenarios, []

    def second_time_interrupted(*arguments: object, **named: object) -> Results:
        calls.append(named["first_run"])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(saved_runs, "run_scenarios", second_time_interrupted)
    result = airace("compare", *FILES, "--runs", "4", "--until-halfwidth", "0.000001")
    assert result.exit_code == 130
    assert calls == [0, 4]
    assert "out keeps the first 4 runs" in result.stderr
    assert Results.load("out").values.shape[1] == 4
    assert airace("report", "out").exit_code == 0


# ---- failures --------------------------------------------------------------------------------------------


def with_failures(monkeypatch: pytest.MonkeyPatch, failing: range) -> None:
    """Let some runs of the second scenario break off in their third month."""
    real = ensembles.run_scenarios

    def breaking(*arguments: object, **named: object) -> Results:
        results = real(*arguments, **named)
        values = results.values.copy()
        values[-1, list(failing), 2:] = np.nan
        failures = [Failure(results.titles[-1], number, 2, "cash", "is not finite") for number in failing]
        return Results(
            results.scenarios,
            values,
            results.events,
            seed=results.seed,
            first_run=results.first_run,
            failures=failures,
            versions=results.versions,
        )

    for module in (saved_runs, run):
        monkeypatch.setattr(module, "run_scenarios", breaking)


@pytest.mark.slow
def test_failed_runs_are_told_and_the_exit_code_is_1(airace, monkeypatch):
    with_failures(monkeypatch, range(1, 3))
    result = airace("compare", *FILES, "--runs", "6", "--quiet")
    assert result.exit_code == 1
    assert "2 of 12 runs failed" in result.stderr
    assert "Strict, run 1, month 2: cash is not finite" in result.stderr
    assert "4 runs on the same luck" in result.stdout  # the pairs that are left


@pytest.mark.slow
def test_no_run_left_is_not_called_a_bug(airace, monkeypatch):
    with_failures(monkeypatch, range(4))
    result = airace("compare", *FILES, *FEW)
    assert result.exit_code == 1
    assert "nothing to compare" in result.stderr


def test_the_story_of_a_failed_run_says_so(airace, monkeypatch):
    with_failures(monkeypatch, range(1))
    result = airace("run", "short.toml")
    assert result.exit_code == 1
    assert "failed before its end" in result.stdout
    assert "nan" not in result.stdout


# ---- run -------------------------------------------------------------------------------------------------


def test_run_tells_figures_events_and_how_it_ended(airace):
    result = airace("run", "short.toml", "--seed", "2", "--run", "7")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "Short: run 7, seed 2, 2026-01 to 2026-12, parameters drawn as the record leaves them\n"
        "what if little time passes?\n")
    assert all(OUTCOMES[name].title in result.stdout for name in KEY_FIGURES)
    assert "At the end of 2026-12" in result.stdout
    assert "next: airace run short.toml --run 8 --seed 2  # the same scenario on other luck" in result.stderr
    assert "airace compare baseline short.toml --seed 2" in result.stderr


def test_run_number_n_is_run_n_of_the_ensemble(airace):
    told = json.loads(airace("run", "short.toml", "--seed", "2", "--run", "3", "--format", "json").stdout)
    ensemble = sim.simulate(sim.Scenario.load("short.toml"), runs=5, seed=2)
    for name in ("us_china_lag_months", "market_hhi"):
        assert told["figures"][name]["2026-12"] == ensemble.outcome(name)[0, 3, -1]
    expected = ensemble.events[ensemble.events["run"] == 3]
    assert [event["text"] for event in told["events"]] == list(expected["text"])


@pytest.mark.slow
def test_all_shows_every_event_and_the_short_story_the_weightiest_of_each_year(airace):
    everything = airace("run", "short.toml", "--all").stdout
    events = pd.read_csv(io.StringIO(airace("run", "short.toml", "--format", "csv").stdout))
    assert all(text in everything for text in events["text"])
    told = [line for line in airace("run", "short.toml").stdout.splitlines() if line.startswith("  2026-")]
    assert len(told) <= 6


@pytest.mark.slow
def test_run_draws_a_chart_into_a_file_or_one_for_each_figure_into_a_folder(airace):
    assert airace("run", "short.toml", "--out", "charts/lag.svg").exit_code == 0
    assert "<svg" in Path("charts/lag.svg").read_text()
    assert airace("run", "short.toml", "--out", "all").exit_code == 0
    assert {path.stem for path in Path("all").iterdir()} == {*KEY_FIGURES, "story", "timeline", "network"}


def test_a_chart_that_cannot_be_written_exits_4(airace):
    Path("file").write_text("")
    assert airace("run", "short.toml", "--out", "file/chart.svg").exit_code == 4


# ---- report and reproduce --------------------------------------------------------------------------------


@pytest.mark.slow
def test_report_draws_the_saved_study_again(airace):
    airace("compare", *FILES, *FEW)
    report = Path("out/report.html")
    first = report.read_bytes()
    report.unlink()
    assert airace("report", "out").exit_code == 0
    assert report.read_bytes() == first


@pytest.mark.slow
def test_a_brief_of_a_saved_study_is_told_as_text_as_json_and_as_a_page(airace):
    airace("compare", *FILES, *FEW, "--months", "6")
    kept = {path.name for path in Path("out").iterdir()}
    told = airace("brief", "out", "--out", "pages/brief.html")
    assert told.exit_code == 0
    assert max(map(len, told.stdout.splitlines())) <= 80
    heads = ("The question", "The answer", "Who gains", "Who loses", "How sure", "What to watch")
    places = [told.stdout.index(f"\n{head}\n") for head in heads]
    assert places == sorted(places)
    assert "written: pages/brief.html" in told.stderr
    record = json.loads(airace("brief", "out", "--format", "json").stdout)
    assert record["question"] == ["What does “Strict” change against “Short”?"]
    assert " ".join(record["answer"][0].split()) in " ".join(told.stdout.split())
    assert "What does “Strict” change" in Path("pages/brief.html").read_text(encoding="utf-8")
    assert {path.name for path in Path("out").iterdir()} == kept


def test_report_and_reproduce_need_a_study(airace):
    assert airace("brief", "absent").exit_code == 4
    assert airace("report", "absent").exit_code == 4
    assert airace("reproduce", "absent/manifest.json").exit_code == 4
    Path("manifest.json").write_text("{}")
    assert airace("reproduce", "manifest.json").exit_code == 4


@pytest.mark.slow
@pytest.mark.parametrize("path", ["out", "out/manifest.json"])
def test_a_study_is_reproduced_bit_by_bit(airace, path):
    airace("compare", *FILES, *FEW, "--seed", "3", "--set", "trade.enforcement=0.9")
    result = airace("reproduce", path)
    assert result.exit_code == 0
    assert "the same results bit by bit" in result.stdout


@pytest.mark.slow
def test_another_result_exits_5_and_says_what_changed(airace):
    airace("compare", *FILES, *FEW)
    path = Path("out/manifest.json")
    manifest = json.loads(path.read_text())
    manifest["results_hash"] = "0" * 64
    name = next(iter(manifest["parameters"]))
    manifest["parameters"][name]["value"] = -1
    manifest["versions"]["python"] = "0.1"
    path.write_text(json.dumps(manifest))
    result = airace("reproduce", path)
    assert result.exit_code == 5
    assert f"parameter {name}: -1 then" in result.stderr
    assert "version of python: 0.1 then" in result.stderr


# ---- export ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_saved_study_is_exported_and_what_is_none_is_refused_before_anything_is_written(airace):
    assert airace("compare", *FILES, *FEW, "--months", "6", "--uncertainty", "luck").exit_code == 0
    done = airace("export", "out", "files", "--anonymous")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "files\n"
    assert {path.name for path in Path("files").iterdir()} == {"README.txt", "figures", "tables", "tables.xlsx"}
    told = Path("files/README.txt").read_text(encoding="utf-8")
    assert all(path.stem in told for path in Path("files/tables").iterdir())
    refused = airace("export", "out", "files")
    assert refused.exit_code == 4
    assert "files: holds 'README.txt' already, and an export overwrites nothing" in refused.stderr
    for wrong, code in (("nowhere", 4), ("files", 4)):
        assert airace("export", wrong, "new").exit_code == code
        assert not Path("new").exists()


@pytest.mark.slow
def test_the_terminal_says_what_the_brief_says(airace):
    compared = " ".join(airace("compare", *FILES, *FEW, "--months", "6", "--uncertainty", "luck").stdout.split())
    brief = json.loads(airace("brief", "out", "--format", "json").stdout)
    assert compared.startswith(" ".join(f"{brief['title']} {' '.join(brief['answer'])}".split()))
