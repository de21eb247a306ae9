"""What is kept of sweeps, games and advice is done again to the same bits, or what differs is said; and is exported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_up_folders import made_advice, made_game, trade_off
from made_up_futures import live_by

from sim.engine import provenance
from sim.studies.deciding import chunks, information
from sim.studies.deciding.playing import Played
from sim.studies.sweeping import again as sweeps_again

pytest.importorskip("pymoo")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    made_game(folder / "game")
    made_advice(folder / "advice")
    return folder


@pytest.fixture
def game(kept: Path, folder: Path) -> Path:
    return Path(shutil.copytree(kept / "game", folder / "game"))


@pytest.fixture
def advice(kept: Path, folder: Path) -> Path:
    return Path(shutil.copytree(kept / "advice", folder / "advice"))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ---- reproduce -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["game", "game/game.json", "game/manifest.json"])
def test_a_game_is_played_again_to_the_same_bits_and_its_folder_is_left_as_it_was(airace, game, path):
    before = everything(game)
    done = airace("reproduce", path, "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert "the same results bit by bit: a game of 8 points, 40 runs at each, hash " in done.stdout
    assert everything(game) == before


def test_a_game_of_other_numbers_exits_5_and_says_which_differ_and_by_how_much(airace, game, monkeypatch):
    values = Played.values
    monkeypatch.setattr(Played, "values", lambda self, name: values(self, name) + (
        np.eye(8, 40) * 0.25 if name == "us_revenue_share" and self.folder == game.relative_to(Path.cwd()) else 0.0))
    done = airace("reproduce", "game", "--workers", "1", "--format", "json")
    assert done.exit_code == 5
    told = json.loads(done.stdout)
    assert told["same"] is False
    assert told["recorded"] != told["now"]
    assert told["changes"][0] == "us_revenue_share differs in 8 of 320 runs, by 0.25 at most"
    assert "versions of rules and libraries are as recorded" in told["changes"][1]


def test_an_answer_that_was_changed_by_hand_is_said(airace, game):
    (game / "game.csv").write_text("mine\n")
    done = airace("reproduce", "game", "--workers", "1")
    assert done.exit_code == 5
    assert "the answer, game.csv, is not as it was written" in done.stderr


def test_advice_is_searched_again_to_the_same_bits_and_another_simulator_is_found_out(airace, advice, monkeypatch):
    before = everything(advice)
    live_by(trade_off, monkeypatch)
    done = airace("reproduce", "advice", "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert "the same results bit by bit: a search of 64 candidates" in done.stdout

    def other(scenario, runs):
        outcomes, fires = trade_off(scenario, runs)
        return {**outcomes, "compliance_cost_usd_bn": outcomes["compliance_cost_usd_bn"] * 1.5}, fires

    live_by(other, monkeypatch)
    real = provenance.versions()
    monkeypatch.setattr(chunks, "versions", lambda: {**real, "rules": "others"})
    monkeypatch.setattr(sweeps_again, "versions", lambda: {**real, "rules": "others"})
    done = airace("reproduce", "advice/advise.json", "--workers", "1")
    assert done.exit_code == 5
    assert "  start differs in " in done.stderr
    assert f"version of rules: {real['rules']} then, others now" in done.stderr
    assert everything(advice) == before


def test_what_is_not_finished_or_no_study_is_refused_before_anything_runs(airace, game, advice, monkeypatch):
    from sim.studies.deciding import futures

    monkeypatch.setattr(futures, "run_batch", lambda _: pytest.fail("it ran"))
    for path in (*game.glob("shards/*"), *advice.glob("steps/judged_*")):
        path.unlink()
    for name, told in (("game", "0 of 8 profiles are done"), ("advice", "no policy was judged yet")):
        refused = airace("reproduce", name)
        assert refused.exit_code == 4
        assert told in " ".join(refused.stderr.split())
        assert "airace resume" in refused.stderr


@pytest.mark.slow
def test_a_sweep_and_the_runs_behind_a_study_of_worth_are_reproduced(airace, folder, monkeypatch):
    (folder / "design.toml").write_text('base = "short.toml"\nruns = 4\nmonths = 3\nuncertainty = "luck"\n'
                                        'outcomes = ["severe_incidents"]\n[axes]\n"trade.chip_controls" = [0.0, 1.0]\n')
    assert airace("sweep", "design.toml", "--out", "swept", "--workers", "1").exit_code == 0
    done = airace("reproduce", "swept", "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert "a sweep of 2 points, 4 runs at each" in done.stdout
    monkeypatch.setattr(information, "PERMUTATIONS", 5)  # time is theirs, and nothing here is about what they find
    monkeypatch.setattr(information, "BOOTSTRAPS", 10)
    done = airace("worth", "short.toml", "strict.toml", "--runs", "40", "--months", "3", "--out", "worth")
    assert done.exit_code == 0, done.stderr
    done = airace("reproduce", "worth")
    assert done.exit_code == 0, done.stderr
    assert "2 scenarios, 40 runs each" in done.stdout
    assert airace("export", "worth", "files").exit_code == 0
    told = Path("files/README.txt").read_text(encoding="utf-8")
    table = (Path("files/tables") / "01-worth-of-knowing.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == len(Path("worth/worth.csv").read_text(encoding="utf-8").splitlines())
    assert json.loads(Path("worth/worth.json").read_text()) == {"objectives": ["severe_incidents"], "know": []}
    assert "Worth of knowing (numbers in full)" in told
    Path("worth/worth.json").write_text('{"objectives": ["weather"], "know": []}')
    refused = airace("export", "worth", "more")
    assert refused.exit_code == 2
    assert "worth.json is not what airace worth writes" in " ".join(refused.stderr.split())


# ---- export ----------------------------------------------------------------------------------------------------------
def test_a_game_and_advice_are_exported_with_the_numbers_of_their_tables(airace, game, advice, monkeypatch):
    from sim.studies.deciding import futures

    monkeypatch.setattr(futures, "run_batch", lambda _: pytest.fail("it ran"))
    for name in ("game", "advice"):
        done = airace("export", name, f"files_of_{name}")
        assert done.exit_code == 0, done.stderr
        assert list(Path(f"files_of_{name}/figures").glob("*.svg"))
    payoffs = (folder_of_tables("game") / "01-payoffs-by-profile.csv").read_text(encoding="utf-8").splitlines()
    assert len(payoffs) == 1 + 2 * 4 * 2  # values, profiles, players
    policies = (folder_of_tables("advice") / "01-policies-by-aim.csv").read_text(encoding="utf-8")
    assert "Today's policy" in policies
    refused = airace("export", "game", "named", "--anonymous")
    assert refused.exit_code == 2
    for path in (*game.glob("shards/*"), *advice.glob("steps/judged_00*")):
        path.unlink()
    for name in ("game", "advice"):
        refused = airace("export", name, "never")
        assert refused.exit_code == 4
        assert "airace resume" in refused.stderr
        assert not Path("never").exists()


def folder_of_tables(name: str) -> Path:
    return Path(f"files_of_{name}") / "tables"


@pytest.mark.slow
def test_a_sensitivity_analysis_is_exported_and_done_again_from_its_folder(airace, folder):
    pytest.importorskip("SALib")
    axes = ("--over", "uncertainty.compliance_share", "--over", "uncertainty.herding")
    done = airace("sensitivity", "short.toml", "--outcome", "compliance_cost_usd_bn", *axes, "--runs", "2",
                  "--samples", "4", "--workers", "1", "--out", "found", "--format", "json")
    assert done.exit_code == 0, done.stderr
    again = airace("reproduce", "found", "--workers", "1")
    assert again.exit_code == 0, again.stderr
    assert "the same results bit by bit: 1 sweep of an analysis" in again.stdout
    assert airace("export", "found", "files").exit_code == 0
    table = (folder / "files" / "tables" / "01-shares-of-variance.csv").read_text(encoding="utf-8").splitlines()
    for row, line in zip(json.loads(done.stdout)["indices"], table[1:], strict=True):
        assert line.startswith(f"{row['axis']},{row['first']}")
    (folder / "found" / "sensitivity.json").unlink()
    refused = airace("export", "found", "more")
    assert refused.exit_code == 4
    assert "which says what was asked" in " ".join(refused.stderr.split())
