"""`airace check`, and `--check` of the commands that simulate."""

from __future__ import annotations

import json

import pytest

from sim.studies.checking.checks import Check, Verdict


@pytest.mark.slow
def test_published_results_are_one_line_each(airace):
    done = airace("check", "--only", "published")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "published"
    assert [line.split()[:2] for line in lines[1:]] == [["pass", f"V{n}"] for n in range(1, 19)]
    assert "18 of 18 checks passed" in done.stderr


@pytest.mark.slow
def test_json_has_every_check_with_claim_numbers_and_verdict(airace):
    found = json.loads(airace("check", "no_litigation", "--only", "identities", "--format", "json").stdout)
    assert found["passed"] is True
    assert len(found["checks"]) == 10
    for check in found["checks"]:
        assert set(check) == {"group", "name", "claim", "measured", "verdict"}
        assert check["verdict"] == "pass"
        assert "10 scenarios" in check["measured"]  # the baseline, eight drawn ones, and the given one


@pytest.mark.slow
def test_a_failed_check_is_exit_5_and_named(airace, monkeypatch):
    from sim.studies.checking import published as checks_published

    right = checks_published.p.armstrong_closed_form
    monkeypatch.setattr(checks_published.p, "armstrong_closed_form", lambda *arguments: right(*arguments) + 0.02)
    done = airace("check", "--only", "published")
    assert done.exit_code == 5
    assert "FAIL  V1 race" in done.stdout
    assert "17 of 18 checks passed; failed: V1 race" in done.stderr


def test_what_cannot_be_told_and_what_does_not_apply_is_said_and_is_no_failure(airace, monkeypatch):
    from sim.studies.checking import directions as checks_directions

    def some(*_):
        for verdict in (Verdict.holds, Verdict.untold, Verdict.void):
            yield Check("directions", f"one that {verdict.name}", "a claim", "measured", verdict)

    monkeypatch.setattr(checks_directions, "checks", some)
    done = airace("check", "--only", "directions", "--runs", "8")
    assert done.exit_code == 0
    assert "  cannot tell  one that untold" in done.stdout
    assert "  does not apply  one that void" in done.stdout
    assert ("1 of 3 checks passed; cannot tell with 8 runs: one that untold; do not apply: one that void"
            in done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["run", "baseline"], ["compare", "baseline", "licensing", "--runs", "2"]])
def test_check_accounts_for_every_dollar(airace, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    assert airace(*command, "--months", "6", "--check").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", [["run", "baseline"], ["compare", "baseline", "licensing", "--runs", "2"]])
def test_a_missing_dollar_is_exit_5_with_lab_month_and_gap(airace, tmp_path, monkeypatch, command):
    from importlib import import_module

    simulate = import_module("sim.engine.simulate")  # `sim.simulate` is the function

    lived = simulate.live_one_month

    def stolen(world, stages):
        lived(world, stages)
        if world.month == 3:
            world.labs.cash[0, 0] -= 0.25

    monkeypatch.setattr(simulate, "live_one_month", stolen)
    monkeypatch.chdir(tmp_path)
    assert airace(*command, "--months", "6").exit_code == 0
    done = airace(*command, "--months", "6", "--check", *(["--force"] if command[0] == "compare" else []))
    assert done.exit_code == 5
    assert "error: cash of OpenAI in month 3, run 0: USD 0.25 bn are not accounted for" in done.stderr
