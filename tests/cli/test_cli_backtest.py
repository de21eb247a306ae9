"""`airace backtest`, and `--uncertainty` of `airace compare`."""

from __future__ import annotations

import json

import pytest

from sim.engine.uncertainty import DEFAULT


@pytest.mark.slow
def test_the_back_test_prints_facts_and_series_and_writes_a_page(airace, tmp_path):
    done = airace("backtest", "--runs", "12", "--seeds", "2", "--uncertainty", "prior", "--out",
                  str(tmp_path / "page"))
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert "stylised facts are within range" in said
    assert "range over seeds 0 to 1, 12 runs each" in said
    assert "A fact counts as within range where" in said
    assert "China's share of chips" in done.stdout
    assert "better" in done.stdout
    page = (tmp_path / "page" / "backtest.html").read_text()
    assert page.count("<img") == 0
    assert page.index("range over seeds 0 to 1") < page.index("fewer than 10% of the runs lie") < page.index("<svg")
    assert page.count("<figure>") == 12
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/", "")


@pytest.mark.slow
def test_the_back_test_as_json_has_every_point_and_measure(airace):
    done = airace("backtest", "--runs", "4", "--seeds", "2", "--uncertainty", "luck", "--format", "json", "--scenario",
                  "history_free")
    found = json.loads(done.stdout)
    assert found["uncertainty"] == "luck"
    assert found["over_seeds"]["seeds"] == [0, 1]
    assert len(found["over_seeds"]["in_90"]) == 2
    assert any("the trend knew one point only" in sentence for sentence in found["missed"])
    assert {row["series"] for row in found["series"]} >= {"largest training run", "leader's revenue"}
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
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["uncertainty"] == DEFAULT


def test_an_unknown_setting_is_a_usage_error(airace):
    assert airace("compare", "baseline", "licensing", "--uncertainty", "none").exit_code == 2
