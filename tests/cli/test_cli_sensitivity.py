"""`airace sensitivity`."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("SALib")
SMALL = ("--runs", "2", "--samples", "8", "--trajectories", "2", "--keep", "2", "--workers", "1")
OVER = ("--over", "uncertainty.severe_hazard", "--over", "regulation.strictness", "--over", "uncertainty.herding")


@pytest.mark.slow
def test_what_drives_an_outcome_is_told_and_the_same_command_goes_on(airace, folder):
    command = ("sensitivity", "short.toml", "--outcome", "compliance_cost_usd_bn", *OVER, *SMALL)
    done = airace(*command)
    assert done.exit_code == 0
    assert "regulation.strictness" in done.stdout
    assert "screening (Morris)" in done.stdout
    assert "Luck makes" in " ".join(done.stdout.split())
    assert (folder / "sensitivity" / "indices_a" / "runs.parquet").exists()
    page = (folder / "sensitivity" / "report.html").read_text()
    assert "What drives it: Cost of compliance" in page
    assert page.count('<svg class="chart" role="img"') == 2
    assert page.count("<table>") == page.count("<caption>") == 2
    assert airace(*command).stdout == done.stdout
    found = json.loads(airace(*command, "--format", "json").stdout)
    assert {row["axis"] for row in found["indices"]} < set(OVER)
    assert len(found["indices"]) == 2


@pytest.mark.slow
def test_a_difference_between_two_scenarios_can_be_asked_about(airace, folder):  # noqa: ARG001
    axes = ("--over", "uncertainty.compliance_share", "--over", "uncertainty.herding")
    done = airace("sensitivity", "strict.toml", "--against", "short.toml", "--outcome", "compliance_cost_usd_bn", *axes,
                  *SMALL)
    assert done.exit_code == 0
    assert "under Strict less under Short" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("arguments", "told"), [
    (("--outcome", "hostilty"), "did you mean hostility?"),
    (("--over", "regulation.strictnes"), "airace params"),
    (("--samples", "100"), "samples is a power of two, as in 512, not 100"),
    (("--against", "baseline"), "differ in start or months"),
])
def test_what_cannot_be_asked_is_told_without_a_traceback(airace, folder, arguments, told):  # noqa: ARG001
    options = dict(zip(SMALL[::2], SMALL[1::2], strict=True)) | dict([arguments])
    over = () if "--over" in options else OVER[:4]
    done = airace("sensitivity", "short.toml", *over, *(part for pair in options.items() for part in pair))
    assert done.exit_code == 2
    assert told in done.stderr
    assert "runs done" not in done.stderr  # nothing has begun
    assert "Traceback" not in done.stderr
