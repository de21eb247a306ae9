"""`airace compare --worlds`: every policy in every world, kept in one folder, told in one table and one page."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from sim.model.outcomes import PRIMARY
from sim.scenario.shipped import world_files

POLICIES = ("short.toml", "strict.toml")
FEW = ("--runs", "4", "--months", "6", "--uncertainty", "luck")
TWO = ("--worlds", "slow_progress", "--worlds", "open_models")


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_policies_are_compared_in_every_world_and_the_page_can_be_drawn_again(airace) -> None:
    done = airace("compare", *POLICIES, *TWO, *FEW)
    assert done.exit_code == 0, done.stderr
    assert "2 policies in 2 worlds, 4 runs on the same luck, 6 months" in done.stdout
    assert max(map(len, done.stdout.partition("2 policies in")[2].splitlines())) <= 80
    titles = ["Short, in slow progress", "Strict, in slow progress", "Short, in open models", "Strict, in open models"]
    assert list(pd.read_parquet("out/runs.parquet")["scenario"].unique()) == titles
    page = Path("out/report.html").read_bytes()
    assert b"Who is best where" in page
    assert airace("report", "out").exit_code == 0
    assert Path("out/report.html").read_bytes() == page
    brief = airace("brief", "out", "--out", "brief.html")
    assert brief.exit_code == 0, brief.stderr
    answer = " ".join(brief.stdout.partition("The answer")[2].partition("Who gains")[0].split())
    assert answer in " ".join(done.stdout.split()), "the terminal says what the brief says"
    assert "In brief" in Path("brief.html").read_text(encoding="utf-8")
    # The runs so far are gone on with, in the same folder; another comparison there has nothing to do with worlds.
    assert airace("compare", *POLICIES, *TWO, *FEW[2:], "--runs", "5").exit_code == 0
    assert airace("compare", *POLICIES, *FEW).exit_code == 4
    assert airace("compare", *POLICIES, *FEW, "--force").exit_code == 0
    assert not Path("out/worlds.json").exists()
    assert b"Who is best where" not in Path("out/report.html").read_bytes()


def test_the_answer_is_strict_json_and_a_table(airace) -> None:
    asked = ("compare", *POLICIES, *TWO, *FEW, "--quiet", "--format")
    answer = json.loads(airace(*asked, "json").stdout, parse_constant=refuse)
    assert answer["policies"] == ["Short", "Strict"]
    assert [world["title"] for world in answer["worlds"]] == ["Slow progress", "Open models"]
    assert len(answer["differences"]) == len(PRIMARY) * 2 * 2
    assert {"best", "worst", "regret", "regret_low", "regret_high", "clear"} <= set(answer["differences"][0])
    table = pd.read_csv(io.StringIO(airace(*asked, "csv").stdout))
    assert table["difference"].tolist() == pytest.approx([row["difference"] for row in answer["differences"]])


def test_all_prints_every_interval(airace) -> None:
    done = airace("compare", *POLICIES, "--worlds", "slow_progress", *FEW, "--all", "--quiet")
    assert done.stdout.count("[interval]") == 2 * len(PRIMARY)


def test_a_folder_of_worlds_means_its_files_and_the_name_worlds_those_that_come_with_airace(airace, folder) -> None:
    (folder / "mine").mkdir()
    refused = airace("compare", *POLICIES, "--worlds", "mine", *FEW)
    assert refused.exit_code == 2
    assert "the folder mine holds no world" in refused.stderr
    for name in ("a", "b"):
        (folder / "mine" / f"{name}.toml").write_text(f'title = "World {name}"\n[industry]\nopenness = 1.5\n')
    answer = json.loads(airace("compare", *POLICIES, "--worlds", "mine", *FEW, "--format", "json").stdout)
    assert [world["title"] for world in answer["worlds"]] == ["World a", "World b"]
    assert answer["worlds"][0]["sets"] == {"industry.openness": "1.5"}
    refused = airace("compare", "open_weights", "strict.toml", "--worlds", "worlds", *FEW)
    assert refused.exit_code == 3
    assert str(world_files()["rapid_progress"]) in refused.stderr


@pytest.mark.parametrize(("asked", "code", "told"), [
    (("short.toml", "--worlds", "worlds"), 2, "a comparison needs two scenarios or more"),
    ((*POLICIES, "--worlds", "slow_progress", "--theories"), 2, "--theories and --worlds do not go together"),
    ((*POLICIES, "--worlds", "slow_progress", "--until-halfwidth", "0.1"), 2, "--until-halfwidth and --worlds"),
    ((*POLICIES, *TWO, "--worlds", "slow_progress"), 2, "2 worlds have the title “Slow progress”"),
    ((*POLICIES, "short.toml", *TWO), 2, "2 policies have the title “Short”"),
    ((*POLICIES, "--worlds", "strict_rivalry"), 0, ""),  # what no policy sets otherwise decides nothing here
    ((*POLICIES, "--worlds", "licensing"), 3, "`regulation.strictness` is set by a world and by a policy"),
    ((*POLICIES, "--worlds", "if_china_catches_up"), 3, "holds scheduled changes"),
    ((*POLICIES, "--worlds", "rapid_progres"), 4, "did you mean `rapid_progress`?"),
])
def test_what_makes_no_sense_is_refused_in_words(airace, asked, code, told) -> None:
    done = airace("compare", *asked, *FEW)
    assert done.exit_code == code, done.stderr
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_worlds_that_were_damaged_in_a_folder_are_refused_in_words(airace) -> None:
    assert airace("compare", *POLICIES, "--worlds", "slow_progress", *FEW).exit_code == 0
    for damaged in ("", "[]", '{"policies": 1}'):
        Path("out/worlds.json").write_text(damaged, encoding="utf-8")
        refused = airace("report", "out")
        assert refused.exit_code == 2
        assert "worlds.json is not what compare --worlds writes" in " ".join(refused.stderr.split())
