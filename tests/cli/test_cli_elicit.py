"""`airace elicit`: what it prints can be pasted, and what makes no sense is refused."""

from __future__ import annotations

import json
import tomllib

import pytest

import sim

ASK = ("elicit", "short.toml", "--by", "2028-01", "--runs", "20")


def test_the_lines_printed_are_a_scenario_that_loads(airace, folder):
    done = airace(*ASK, "--odds", "0.02", "--odds", "0.005", "--format", "json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert [each["odds"] for each in found["elicited"]] == [0.005, 0.02]
    (folder / "mine.toml").write_text(f'title = "Mine"\n{found["toml"]}')
    low, high = sim.Scenario.load("mine.toml").uncertainty["severe_hazard"]
    assert low == pytest.approx(found["elicited"][0]["hazard"], rel=0.05)
    assert high == pytest.approx(found["elicited"][1]["hazard"], rel=0.05)
    assert tomllib.loads(found["toml"])["uncertainty"]["severe_hazard"] == {"low": low, "high": high}


def test_a_hazard_beyond_its_range_brings_the_word_that_allows_it(airace):
    done = airace(*ASK, "--odds", "0.0001")
    assert done.exit_code == 0, done.stderr
    assert "beyond_range = true\n\n[uncertainty]\nsevere_hazard = " in done.stdout
    assert "--set beyond_range=true" in done.stderr
    assert "As “Short” stands, the chance of at least one before 2028-01 is" in done.stdout.replace("\n", " ")


@pytest.mark.parametrize(("more", "said"), [
    (("--odds", "0"), "between 0 and 1"),
    (("--odds", "1.5"), "between 0 and 1"),
    (("--odds", "nan"), "between 0 and 1"),
    (("--odds", "0.1", "--odds", "0.2", "--odds", "0.3"), "given 3 times: give it once, or twice for a range"),
    (("--odds", "0.1", "--by", "2036"), "'2036' is no month"),
    (("--odds", "0.9999", "--by", "2026-02"), "no hazard gives odds of 0.9999"),
])
def test_what_makes_no_sense_is_refused(airace, more, said):
    done = airace(*ASK, *more)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
