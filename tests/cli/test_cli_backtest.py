"""`airace backtest`, and `--uncertainty` of `airace compare`."""

from __future__ import annotations

import json

import pytest

from sim.engine.uncertainty import DATES, DEFAULT


@pytest.mark.slow
def test_the_back_test_prints_bars_rivals_and_facts_and_writes_a_page(airace, tmp_path):
    done = airace("backtest", "--runs", "24", "--out", str(tmp_path / "page"))
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert said.startswith("From 8 origins")
    assert "Bars that are failed" in said
    assert "policy as it came, anchored" in said
    assert "not told from the best at 10%" in said
    assert "China's share of chips" in done.stdout
    page = (tmp_path / "page" / "backtest.html").read_text()
    assert page.count("<img") == 0
    assert page.index("From 8 origins") < page.index("Bars that are failed") < page.index("<svg")
    assert page.count("<figure>") >= 12
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/", "")


@pytest.mark.slow
def test_the_back_test_as_json_has_every_figure_with_every_forecaster(airace):
    done = airace("backtest", "--runs", "24", "--format", "json", "--scenario", "history_free")
    found = json.loads(done.stdout)
    assert len(found["summary"]["bars"]) == 10
    assert {row["series"] for row in found["cells"]} >= {"largest training run", "leader's revenue", "OpenAI's revenue"}
    assert {row["forecaster"] for row in found["cells"]} >= {"model", "drift", "damped drift", "pool", "Theta"}
    assert {row["track"] for row in found["cells"]} == {"stood", "came"}
    assert all(row["to"] > row["origin"] for row in found["cells"])
    assert {row["fact"] for row in found["facts"]} == set(range(1, 16))


def test_a_scenario_of_another_start_is_refused(airace):
    done = airace("backtest", "--scenario", "baseline", "--runs", "4")
    assert done.exit_code == 2
    assert 'the record needs start = "2015-12"' in done.stderr


@pytest.mark.slow
def test_an_anonymous_scenario_is_refused_since_the_record_has_names(airace):
    done = airace("backtest", "--set", "anonymous=true", "--runs", 2)
    assert done.exit_code == 2
    assert "the record names labs and people: add --set anonymous=false" in done.output


def test_uncertainty_is_recorded_and_reproduced(airace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ("compare", "baseline", "licensing", "--runs", "4", "--months", "6")
    assert airace(*arguments, "--uncertainty", "prior").exit_code == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["uncertainty"] == "prior"
    assert airace("reproduce", "out").exit_code == 0
    assert airace(*arguments, "--force").exit_code == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["uncertainty"], manifest["posterior"]) == (DEFAULT, DATES[-1])


def test_an_unknown_setting_is_a_usage_error(airace):
    assert airace("compare", "baseline", "licensing", "--uncertainty", "none").exit_code == 2
