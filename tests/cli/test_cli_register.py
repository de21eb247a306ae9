"""`airace register`: file, verify, grade, and what goes wrong."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def study(airace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = airace("compare", "baseline", "strict_rivalry", "--runs", "4", "--months", "13", "--out", "out")
    assert done.exit_code == 0
    return tmp_path


def test_a_study_is_filed_verified_run_again_and_graded(airace, study):
    done = airace("register", "out")
    assert done.exit_code == 0
    told = done.stdout.split()
    entry = (study / "register.toml").read_text()
    assert told[-1] in entry
    verified = airace("register", "register.toml", "--rerun")
    assert verified.exit_code == 0
    assert "the same bit by bit" in " ".join(verified.stdout.split())
    (study / "seen.csv").write_text("outcome,month,value,unit,source\n"
                                    "leader_revenue_usd_bn,2026-06,10,USD bn a year,made up\n")
    graded = airace("score", "seen.csv", "--study", "register.toml", "--format", "json")
    assert graded.exit_code == 0
    rows = json.loads(graded.stdout)["scores"]
    assert [row["scenario"] for row in rows] == ["Baseline", "Strict rules, rivalry"]
    assert all(row["crps_drift"] > 0.0 for row in rows)


def test_an_entry_that_was_changed_is_refused(airace, study):
    assert airace("register", "out", "--format", "json").exit_code == 0
    text = (study / "register.toml").read_text()
    (study / "register.toml").write_text(text.replace('"month" = "2026-06"', '"month" = "2026-07"', 1))
    done = airace("register", "register.toml")
    assert done.exit_code == 2
    assert "is not the entry that was filed" in done.stderr


@pytest.mark.usefixtures("study")
def test_what_is_there_is_not_overwritten_and_options_that_do_not_go_together_are_refused(airace):
    assert airace("register", "out").exit_code == 0
    again = airace("register", "out")
    assert again.exit_code != 0
    assert "--force overwrites it" in again.stderr
    assert airace("register", "out", "--force", "--outcome", "hostility").exit_code == 0
    assert "airace reproduce out" in airace("register", "out", "--rerun").stderr
    assert "leave out --outcome" in airace("register", "register.toml", "--outcome", "hostility").stderr
    unknown = airace("register", "out", "--force", "--outcome", "hostilty")
    assert unknown.exit_code == 2
    assert "did you mean hostility" in unknown.stderr
    assert airace("register", "nowhere").exit_code != 0
    assert "Traceback" not in airace("register", "nowhere").stderr
