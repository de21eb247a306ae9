"""`airace game`: refused before anything runs, told in words, and gone on with to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.studies.deciding.players import Profiles
from sim.studies.deciding.playing import Played

GAME = """# Asks: who withholds?
title = "Small <game>"
base = "short.toml"
runs = 40
months = 3
[vary]
lever = "diplomacy.treaty_verification"
values = [0.2, 0.8]
[players.US]
aims = "severe_incidents"
[players.US.policies.Ease]
trade.chip_controls = 0.0
[players.US.policies.Tighten]
trade.chip_controls = 1.5
[players.China]
aims = { us_revenue_share = -1.0, severe_incidents = -0.1 }
[players.China.policies.Ease]
trade.mineral_retaliation = 0.0
[players.China.policies.Tighten]
trade.mineral_retaliation = 2.0
"""


@pytest.fixture(autouse=True)
def _files(folder: Path) -> None:
    (folder / "game.toml").write_text(GAME)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("severe_incidents = -0.1", "sever_incidents = -0.1", "did you mean severe_incidents"),
    ('"severe_incidents"', '"market_hhi"', "market_hhi has no better direction"),
    ('"severe_incidents"', "{ severe_incidents = 0.0 }", "weighs nothing"),
    ("players.China", "players.Chine", "did you mean `China`"),
    ("trade.chip_controls = 1.5", "trade.mineral_retaliation = 1.5", "as US does"),
])
def test_a_wrong_game_is_refused_before_anything_runs(airace, folder, monkeypatch, old, new, told):
    (folder / "game.toml").write_text(GAME.replace(old, new))
    monkeypatch.setattr(Played, "run", lambda *_, **__: pytest.fail("it ran"))
    refused = airace("game", "game.toml")
    assert refused.exit_code == 3
    assert told in " ".join(refused.stderr.split())
    assert "game.toml:" in refused.stderr
    assert not (folder / "game").exists()


def test_no_game_of_that_name_is_said_with_what_there_is(airace):
    refused = airace("game", "us_china_control")
    assert refused.exit_code == 4
    assert "did you mean `us_china_controls`?" in refused.stderr
    assert "us_china_controls" in airace("list", "games").stdout


@pytest.mark.slow
def test_a_game_is_told_in_words_as_a_page_and_as_numbers(airace, folder):
    done = airace("game", "game.toml", "--workers", "1")
    assert done.exit_code == 0, done.stderr
    words = " ".join(done.stdout.split())
    for told in ("By the stated aims, with chance in a year that a breach of a treaty is seen at 0.8",
                 "Between “Ease” and “Tighten” of both", "cooperation (“Ease” for the US with “Ease” for China)",
                 "This rests on 40 futures"):
        assert told in words
    page = (folder / "game" / "game.html").read_text()
    assert "Small &lt;game&gt;" in page
    assert page.count("<table>") == page.count("<caption>") >= 6
    found = json.loads(airace("resume", "game", "--format", "json").stdout)
    assert [each["value"] for each in found["rounds"]] == [0.2, 0.8]
    profile = found["rounds"][1]["profiles"][2]
    assert (profile["US"], profile["China"]) == ("Tighten", "Ease")
    rows = airace("resume", "game", "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("value,US,China,player,payoff")
    assert len(rows) == 1 + 2 * 4 * 2
    refused = airace("game", "game.toml", "--seed", "1")
    assert refused.exit_code == 4
    assert "holds another game, which differs in" in " ".join(refused.stderr.split())
    assert airace("resume", "game", "--dask", "tcp://nowhere:1").exit_code == 2


@pytest.mark.slow
def test_stopped_and_resumed_it_has_the_bytes_of_one_that_was_not(airace, folder, monkeypatch):
    """Stopped once its first chunk is done; what SIGKILL leaves of such a folder is tested with sweeps."""
    from sim.studies.sweeping import chunks

    def stop(done: int, total: int, failed: int) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    monkeypatch.setattr(chunks, "CHUNK_ROWS", 40)
    assert airace("game", "game.toml", "--workers", "1", "--out", "whole").exit_code == 0
    played = Played.begin("stopped", Profiles.load("game.toml"))
    with pytest.raises(KeyboardInterrupt):
        played.run(progress=stop)
    assert len(played.done()) == 1
    assert airace("resume", "stopped", "--workers", "1").exit_code == 0
    for name in ("runs.parquet", "game.csv", "game.json"):
        assert (folder / "stopped" / name).read_bytes() == (folder / "whole" / name).read_bytes()
