"""`airace score`: a saved comparison against a file of observations."""

from __future__ import annotations

import json

import pytest

SEEN = ("outcome,month,value,unit,source\n"
        "leader_revenue_usd_bn,2026-06,10,USD bn a year,made up\nhostility,2026-06,0.6,0-1,made up\n")


@pytest.fixture
def study(airace, folder):
    """A saved comparison of two short scenarios, and observations beside it."""
    assert airace("compare", "short.toml", "strict.toml", "--runs", "8", "--out", "out").exit_code == 0
    (folder / "seen.csv").write_text(SEEN)
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("study")
def test_a_saved_comparison_is_scored_scenario_by_scenario(airace):
    done = airace("score", "seen.csv")
    assert done.exit_code == 0
    told = " ".join(done.stdout.split())
    assert "Short: of 2 observations" in told
    assert "Strict: of 2 observations" in told
    assert "Closest to what was observed" in told
    assert "With 2 observations" in told
    found = json.loads(airace("score", "seen.csv", "--study", "out", "--format", "json").stdout)
    assert [row["scenario"] for row in found["scores"]] == ["Short", "Short", "Strict", "Strict"]
    assert {row["naive"] for row in found["scores"]} == {"drift", "no change"}
    assert airace("score", "seen.csv", "--format", "csv").stdout.count("\n") == 5


@pytest.mark.slow
@pytest.mark.usefixtures("study")
def test_a_study_scored_twice_scores_the_same(airace):
    assert airace("score", "seen.csv").stdout == airace("score", "seen.csv").stdout


@pytest.mark.slow
@pytest.mark.parametrize(("file", "options", "code", "told"), [
    ("missing.csv", (), 4, "No such file"),
    ("seen.csv", ("--study", "nowhere"), 4, "does not exist"),
    ("late.csv", (), 2, "the study holds 12 months from 2026-01"),
    ("wrong.csv", (), 2, "did you mean hostility?"),
])
def test_what_cannot_be_scored_is_told_without_a_traceback(airace, study, file, options, code, told):
    (study / "late.csv").write_text(SEEN.replace("2026-06", "2027-06"))
    (study / "wrong.csv").write_text(SEEN.replace("hostility", "hostilty"))
    done = airace("score", file, *options)
    assert done.exit_code == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
