"""`beyond_range`: what lies beyond its range is told wherever a command tells of a scenario."""

from __future__ import annotations

import json

import pytest

BEYOND = """title = "No stakes"
months = 6
beyond_range = true
[uncertainty]
patron_stake = 0.0
herding = { low = 0.5, high = 3.0 }
"""
QUICK = ("--months", 6, "--uncertainty", "luck")
TOLD = "uncertainty.herding = 0.5 to 3 (range 0 to 1.6); uncertainty.patron_stake = 0 (range 0.02 to 0.12)."


@pytest.fixture
def beyond(folder):
    """The folder, with a scenario in it that goes beyond two ranges."""
    (folder / "beyond.toml").write_text(BEYOND)
    return folder


def test_validate_marks_each_value_in_its_place(airace, beyond):  # noqa: ARG001
    done = airace("validate", "beyond.toml")
    assert done.exit_code == 0
    assert "warning[S203]: `uncertainty.patron_stake` lies beyond its range\n  --> beyond.toml:5:16" in done.stderr
    assert "patron_stake = 0.0" in done.stderr
    assert "the range is 0.02 to 0.12" in done.stderr
    (told,) = json.loads(airace("validate", "beyond.toml", "--format", "json").stdout)
    assert told["valid"]
    assert {(p["level"], p["code"], p["line"]) for p in told["problems"]} == {
        ("warning", "S203", 5), ("warning", "S203", 6)}


def test_without_the_word_it_is_refused_and_the_word_is_named(airace, beyond):  # noqa: ARG001
    refused = airace("validate", "beyond.toml", "--set", "beyond_range=false")
    assert refused.exit_code == 3
    assert "error[S106]: `uncertainty.patron_stake` is out of range" in refused.stderr
    refused = airace("validate", "short.toml", "--set", "uncertainty.patron_stake=0")
    assert refused.exit_code == 3
    assert "with beyond_range = true from 0 to 1" in refused.stderr


def test_the_word_alone_is_said_to_change_nothing(airace, folder):  # noqa: ARG001
    done = airace("validate", "short.toml", "--set", "beyond_range=true")
    assert done.exit_code == 0
    assert "warning[S201]: `beyond_range` changes nothing here" in done.stderr


def test_the_story_of_a_run_and_its_page_tell_a_structural_zero(airace, beyond):
    done = airace("run", "beyond.toml", *QUICK, "--out", "run.html")
    assert done.exit_code == 0, done.output
    assert TOLD in " ".join(done.stdout.split())
    assert "warning[S203]" in done.stderr
    assert TOLD in (beyond / "run.html").read_text()
    assert "beyond its range" not in airace("run", "short.toml", *QUICK).output


def test_a_comparison_its_page_and_why_tell_it(airace, beyond):
    done = airace("compare", "short.toml", "beyond.toml", *QUICK, "--runs", 4, "--out", "out")
    assert done.exit_code == 0, done.output
    assert f"Set beyond its range in No stakes: {TOLD}" in " ".join(done.stdout.split())
    page = (beyond / "out" / "report.html").read_text()
    assert "No stakes sets uncertainty.herding to 0.5 to 3; No stakes sets uncertainty.patron_stake to 0" in page
    assert airace("report", "out").exit_code == 0
    assert (beyond / "out" / "report.html").read_text() == page
    done = airace("why", "short.toml", "beyond.toml", *QUICK, "--run", 1, "--out", "why")
    assert done.exit_code == 0, done.output
    assert f"Set beyond its range in No stakes: {TOLD}" in (beyond / "why" / "why.html").read_text()


def test_a_zero_that_a_rule_divides_by_fails_in_words(airace, folder):  # noqa: ARG001
    done = airace("run", "short.toml", *QUICK, "--set", "beyond_range=true", "--set", "uncertainty.lobbying_scale=0")
    assert done.exit_code == 1
    assert "became nan" in done.output


def test_programs_read_it_too(airace, beyond):
    """JSON of a run, of a comparison and of a sensitivity study says what lies beyond its range."""
    marked = {"uncertainty.patron_stake": 0.0, "uncertainty.herding": [0.5, 3.0]}
    assert json.loads(airace("run", "beyond.toml", *QUICK, "--format", "json").stdout)["beyond_range"] == marked
    compared = airace("compare", "short.toml", "beyond.toml", *QUICK, "--runs", 4, "--format", "json").stdout
    assert json.loads(compared)["beyond_range"] == {"No stakes": marked}
    done = airace("sensitivity", "beyond.toml", "--over", "uncertainty.herding", "--over", "regulation.strictness",
                  "--samples", 4, "--runs", 2, "--outcome", "market_hhi", "--format", "json")
    assert json.loads(done.stdout)["beyond_range"] == {"uncertainty.patron_stake": 0.0}
    page = (beyond / "sensitivity" / "report.html").read_text()
    assert "Set beyond its range: uncertainty.patron_stake = 0 (range 0.02 to 0.12)" in page
    assert "beyond_range" not in json.loads(airace("run", "short.toml", *QUICK, "--format", "json").stdout)


def test_a_run_says_which_theories_it_met(airace, folder):  # noqa: ARG001
    imitation = "structure.imitation=gated 0.5, distance 0.5"
    believed = ("--set", "structure.powers=hazards 1, payoffs 0", "--set", imitation)
    told = json.loads(airace("run", "short.toml", *QUICK, *believed, "--format", "json").stdout)
    assert set(told["theories"]) == {"structure.imitation"}
    assert told["theories"]["structure.imitation"] in ("gated", "distance")
    said = airace("run", "short.toml", *QUICK, *believed).stdout
    assert f"this run met imitation: {told['theories']['structure.imitation']}" in " ".join(said.split())
