"""`airace advise`: refused before anything runs, told in words, gone on with to the same bytes; its policies run."""

from __future__ import annotations

import builtins
import json
from pathlib import Path

import pytest

from sim.scenario.scenario import Scenario
from sim.studies.deciding import candidates as way
from sim.studies.deciding import futures

pytest.importorskip("pymoo")
FEW = ("--candidates", "32", "--futures", "16", "--judged", "32", "--workers", "1")
QUESTION = """# Asks: which rules, for a year?
# Look for: nothing; it is short.
title = "A year of rules"
base = "short.toml"
who = "us"

[beliefs]
theories = "any"

[[objective]]
outcome = "hostility"
[[objective]]
outcome = "compliance_cost_usd_bn"
better = "lower"

[regulation.us]
audit_capacity = { from = 0.0, to = 1.0, step = 0.25 }

[trade]
chip_controls = { from = 0.0, to = 1.5, step = 0.25 }

[[when]]
name = "ease <u>"
off = [true, false]
outcome = "hostility"
above = { from = 0.3, to = 0.9, step = 0.2 }
"trade.chip_controls" = 0.0
"""


@pytest.fixture(name="question")
def _question(folder: Path) -> Path:
    path = folder / "question.toml"
    path.write_text(QUESTION)
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file()}


@pytest.mark.parametrize(("old", "new", "code", "told"), [
    ("from = 0.0, to = 1.5", "from = 0.0, to = 9.0", 3, "must be a number from 0 to 1.5"),
    ("chip_controls", "chip_control", 3, "did you mean `chip_controls`?"),
    ('better = "lower"', "", 3, "say which way is better"),
    ('"us"', '"eu"', 3, "not for eu to choose"),
    ("", "", 2, "32 are the least"),
])
def test_what_cannot_be_answered_is_refused_before_anything_runs(airace, question, monkeypatch, old, new, code, told):
    monkeypatch.setattr(futures, "run_batch", lambda _: pytest.fail("it ran"))
    question.write_text(QUESTION.replace(old, new) if old else QUESTION)
    refused = airace("advise", question.name, *(FEW if old else ("--candidates", "3")))
    assert refused.exit_code == code
    assert told in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr
    assert not Path("advice").exists()


def test_a_missing_library_is_told_in_a_sentence(airace, question, monkeypatch):
    wanted = builtins.__import__

    def missing(name, *rest, **more):
        if name.startswith("pymoo"):
            raise ImportError(name)
        return wanted(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    refused = airace("advise", question.name, *FEW)
    assert refused.exit_code == 2
    assert 'advise needs the library pymoo: pip install "airace[sweep]"' in refused.stderr


@pytest.mark.slow
def test_advice_is_told_written_and_gone_on_with_to_the_same_bytes(airace, question, monkeypatch):
    """Stopped as by kill -9 between two generations; the first time it is done at once."""
    done = airace("advise", question.name, *FEW, "--out", "advice")
    assert done.exit_code == 0, done.stderr
    words = " ".join(done.stdout.split())
    for told in ("This rests on 32 futures that the search had not seen", "open theories, each of which holds in some",
                 "Shrinkage", "By several criteria", "What to watch", "Hands off", "Today's policy"):
        assert told in words, told
    page = Path("advice/report.html").read_text()
    assert page.count("<table>") == page.count("<caption>") >= 4
    assert "<u>" not in page
    before = everything(Path("advice"))
    Path("advice").rename("first")
    take, asked = way.chunks.Steps.take, []

    def stop(self, name, *rest):
        if len(asked) == 2:
            raise RuntimeError("stopped")
        asked.append(name)
        return take(self, name, *rest)

    with monkeypatch.context() as stopped:
        stopped.setattr(way.chunks.Steps, "take", stop)
        assert airace("advise", question.name, *FEW, "--out", "advice").exit_code != 0
    assert not Path("advice/report.html").exists()
    question.unlink()  # a folder holds all that going on takes
    again = airace("resume", "advice", "--workers", "2")
    assert again.exit_code == 0, again.stderr
    assert everything(Path("advice")) == before
    assert again.stdout == done.stdout
    as_json = json.loads(airace("resume", "advice", "--format", "json").stdout)
    assert {row["name"] for row in as_json["policies"]} >= {"Hands off", "Today's policy"}
    assert as_json["searched"]["judged"] == 32
    assert as_json["aims"][1] == {"outcome": "compliance_cost_usd_bn", "better": "lower",
                                  "moved": as_json["aims"][1]["moved"]}
    refused = airace("resume", "advice", "--retry-failed")
    assert refused.exit_code == 2
    assert "takes neither --dask nor --retry-failed" in refused.stderr


@pytest.mark.slow
def test_the_policies_that_are_written_are_what_compare_runs_to_the_same_numbers(airace, question):
    """Without open theories and in no world, a policy's file gives the very runs by which it was judged."""
    question.write_text(QUESTION.replace('theories = "any"', 'uncertainty = "posterior"'))
    as_json = json.loads(airace("advise", question.name, *FEW, "--out", "advice", "--format", "json").stdout)
    paths = sorted(Path("advice/policies").glob("*.toml"))
    assert {Scenario.load(path).title for path in paths} == {row["name"] for row in as_json["policies"]}
    done = airace("compare", *paths, "--runs", "2", "--out", "compared")
    assert done.exit_code == 0, done.stderr
    from sim import simulate

    results = simulate([Scenario.load(path) for path in paths], runs=32, first_run=16)  # after those searched
    for row in as_json["table"]:
        place = results.titles.index(row["policy"])
        mean = results.summaries[place, :, list(results.outcomes).index(row["outcome"])].mean()
        assert row["mean"] == pytest.approx(float(mean), rel=1e-12)


def test_the_shipped_questions_are_listed_and_offered_to_a_shell(airace):
    from sim.cli.completion import question as offered

    listed = airace("list", "questions", "--format", "json")
    assert {row["name"] for row in json.loads(listed.stdout)} == {"eu_small_labs", "us_policy_mix"}
    assert offered("us_p") == ["us_policy_mix"]
