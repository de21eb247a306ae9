"""`airace worth`: refused before anything runs, told in words, and gone on with to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import worth as command
from sim.cli.saved_runs import SavedRuns

FEW = ("--runs", "80", "--months", "12", "--workers", "1")
WEIGHED = "severe_incidents=-100, compliance_cost_usd_bn=-1"
FILES = ("runs.parquet", "months.parquet", "events.parquet", "values.parquet", "worth.csv", "worth.html")


@pytest.mark.parametrize(("arguments", "told"), [
    (("short.toml", *FEW), "two scenarios or more"),
    (("short.toml", "strict.toml", *FEW, "--objective", "sever_incidents"), "did you mean severe_incidents"),
    (("short.toml", "strict.toml", *FEW, "--objective", "market_hhi"), "market_hhi has no better direction"),
    (("short.toml", "strict.toml", *FEW, "--objective", "small_labs=0"), "weighs nothing"),
    (("short.toml", "strict.toml", *FEW, "--uncertainty", "luck"), "nothing to learn"),
    (("short.toml", "strict.toml", "--runs", "10"), "too few"),
    (("short.toml", "strict.toml", *FEW, "--know", "hazard_growth,severe_hazrd"), "did you mean severe_hazard"),
])
def test_what_decides_nothing_is_refused_before_anything_runs(airace, folder, monkeypatch, arguments, told):
    monkeypatch.setattr(SavedRuns, "extend", lambda *_: pytest.fail("it ran"))
    refused = airace("worth", *arguments)
    assert refused.exit_code == 2
    assert told in " ".join(refused.stderr.split())
    assert not (folder / "worth").exists()


@pytest.mark.slow
def test_several_objectives_are_told_side_by_side(airace, folder):
    done = airace("worth", "short.toml", "strict.toml", *FEW, "--objective", WEIGHED, "--objective", "hostility",
                  "--know", "severe_hazard,hazard_growth")
    assert done.exit_code == 0, done.stderr
    words = " ".join(done.stdout.split())
    for told in ("is best on average", "Knowing everything but luck before choosing would be worth",
                 "Known together, severe_hazard and hazard_growth", "This rests on 80 runs of each scenario",
                 "By US-China hostility on average (lower is better)"):
        assert told in words
    page = (folder / "worth" / "worth.html").read_text()
    assert "What is worth knowing together (objective 2)" in page
    assert page.count("<table>") == page.count("<caption>") >= 4
    found = json.loads(airace("worth", "short.toml", "strict.toml", *FEW, "--objective", WEIGHED, "--format",
                              "json").stdout)
    (one,) = found["objectives"]
    assert one["unit"] == "points"
    assert {row["kind"] for row in one["worth"]} == {"everything", "group", "unknown"}


@pytest.mark.slow
def test_the_same_file_twice_is_no_choice_and_is_told_so(airace, folder):
    (folder / "again.toml").write_text((folder / "short.toml").read_text())
    done = airace("worth", "short.toml", "again.toml", *FEW)
    assert done.exit_code == 0, done.stderr
    assert "nothing to choose, and nothing worth knowing" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_what_was_stopped_goes_on_to_the_same_bytes(airace, folder, monkeypatch):
    """Stopped as by kill -9 after the first chunk: the folder has half of the runs and no page."""
    monkeypatch.setattr(command, "CHUNK", 40)
    whole = ("worth", "short.toml", "strict.toml", *FEW, "--objective", WEIGHED)
    assert airace(*whole, "--out", "study").exit_code == 0
    before = {name: (folder / "study" / name).read_bytes() for name in FILES}
    (folder / "study").rename(folder / "first")
    extend, asked = SavedRuns.extend, []

    def stop_after_one(self: SavedRuns, more: int):
        if asked:
            raise RuntimeError("stopped")
        asked.append(more)
        return extend(self, more)

    with monkeypatch.context() as stopped:
        stopped.setattr(SavedRuns, "extend", stop_after_one)
        assert airace(*whole, "--out", "study").exit_code != 0
    assert not (folder / "study" / "worth.html").exists()
    again = airace(*whole, "--out", "study")
    assert again.exit_code == 0
    assert "study has 40 runs of each scenario already" in again.stderr
    assert {name: (folder / "study" / name).read_bytes() for name in FILES} == before


@pytest.mark.slow
def test_it_goes_on_from_what_compare_saved_and_leaves_its_report(airace):
    assert airace("compare", "short.toml", "strict.toml", *FEW, "--out", "both").exit_code == 0
    report = Path("both/report.html").read_bytes()
    done = airace("worth", "short.toml", "strict.toml", *FEW, "--out", "both")
    assert done.exit_code == 0, done.stderr
    assert "both has 80 runs of each scenario already" in done.stderr
    assert Path("both/report.html").read_bytes() == report
