"""Games as files: read like scenario files, and refused in words before anything runs."""

from __future__ import annotations

import json

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.shipped import game_files
from sim.studies.deciding.players import Profiles, levers_of

GAME = """# Asks: who gives way?
# Look for: the stable pair.
title = "Two powers"
base = "baseline"
runs = 40
months = 12
unit = "USD bn"

[vary]
lever = "diplomacy.treaty_verification"
values = [0.9, 0.1]

[players.US.aims]
severe_incidents = -100
us_military_weight = 400.0

[players.US.policies.Ease]
trade.chip_controls = 0.3

[[players.US.policies.Later.change]]
name = "later"
date = "2026-06"
"trade.chip_controls" = 0.2

[players.China]
aims = "severe_incidents"

[players.China.policies.Ease]
trade.mineral_retaliation = 0.3

[players.China.policies.Answer]
trade.mineral_retaliation = 1.0
[[players.China.policies.Answer.when]]
name = "answer"
outcome = "export_control"
above = 0.5
"trade.mineral_retaliation" = 2.0
"""


@pytest.fixture
def read(tmp_path):
    """A function that reads the game with texts replaced."""

    def read(*replaced: tuple[str, str]) -> Profiles:
        text = GAME
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "game.toml").write_text(text)
        return Profiles.load(tmp_path / "game.toml")

    return read


def test_a_game_has_a_point_for_each_value_and_each_policy_of_each_player(read):
    game = read()
    assert game.axes == ("diplomacy.treaty_verification", "US", "China")
    assert len(game.points) == 8
    assert game.points[5] == (0.9, "Ease", "Answer")
    scenario = game.scenario(5)
    assert scenario.levers["diplomacy.treaty_verification"] == 0.9
    assert scenario.levers["trade.chip_controls"] == 0.3
    assert [when.name for when in scenario.whens] == ["answer"]
    assert [change.name for change in game.scenario(6).changes] == ["later"]
    assert game.outcomes == ("severe_incidents", "us_military_weight")
    assert game.question == "who gives way?"


def test_what_a_folder_keeps_of_a_game_makes_the_same_game(read):
    game = read()
    again = Profiles.from_resolved(json.loads(json.dumps(game.resolved())))
    assert again == game
    assert [again.scenario(point) for point in range(8)] == [game.scenario(point) for point in range(8)]


@pytest.mark.parametrize(("old", "new", "told", "line"), [
    ("[players.US.aims]", "[players.USA.aims]", "did you mean `US`", 0),
    ("[players.China]\n", "[players.Russia]\n", "there is no player `Russia`", 25),
    ("severe_incidents = -100\nus_military_weight = 400.0", "severe_incidents = 0", "weighs nothing", 13),
    ("severe_incidents = -100", "sever_incidents = -100", "did you mean severe_incidents", 0),
    ('aims = "severe_incidents"', 'aims = "market_hhi"', "market_hhi has no better direction", 26),
    ('aims = "severe_incidents"', "", "China needs `aims`", 0),
    ("trade.chip_controls = 0.3", "trade.chip_control = 0.3", "did you mean `chip_controls`", 18),
    ("trade.chip_controls = 0.3", "trade.chip_controls = 7", "error[S106]", 18),
    ("trade.chip_controls = 0.3", "structure.powers = 'payoffs'", "key `players.US.policies.Ease.structure`", 18),
    ("trade.chip_controls = 0.3", "title = 'Ease'", "unknown key `players.US.policies.Ease.title`", 18),
    ("trade.chip_controls = 0.3", "trade.mineral_retaliation = 0.3", "as US does", 0),
    ("trade.chip_controls = 0.3", "regulation.china.strictness = 0.3", "that is for China to set", 0),
    ("trade.chip_controls = 0.3", "diplomacy.treaty_verification = 0.3", "as [vary] does", 0),
    ('name = "later"', 'name = "answer"\nfrom = 3', "unknown key", 22),
    ('date = "2026-06"', 'date = "2046-06"', "outside the run", 22),
    ("values = [0.9, 0.1]", "values = [0.9]", "two or more different numbers", 11),
    ("values = [0.9, 0.1]", "values = [0.9, 7.1]", "cannot set `diplomacy.treaty_verification` to 7.1", 11),
    ("runs = 40", "runs = 10", "a whole number from 40", 5),
    ("runs = 40", "runs = 900_000", "7,200,000 runs in all are more than 2,000,000", 0),
    ('base = "baseline"', 'base = "baselin"', "did you mean", 0),
    ('base = "baseline"', "", "a game needs `base`", 0),
    ("months = 12", "month = 12", "did you mean `months`", 6),
    ('title = "Two powers"', "title = Two powers", "not valid TOML", 3),
    ('[players.China]\naims', "[players.China]\ncooperates = 'Eas'\naims", "did you mean `Ease`", 26),
    ('[players.China]\naims', "[players.China]\ncooperates = 'Answer'\naims", "by the same policy", 26),
])
def test_a_game_that_makes_no_sense_is_refused_in_its_place(read, old, new, told, line):
    with pytest.raises(ScenarioError) as refused:
        read((old, new))
    words = " ".join(str(refused.value).split())
    assert told in words
    if line:
        assert f"game.toml:{line}:" in words


def test_two_policies_that_are_the_same_are_refused(read):
    ease = "trade.chip_controls = 0.3"
    same = (ease, f"{ease}\n[players.US.policies.Same]\n{ease}")
    with pytest.raises(ScenarioError, match="the policies `Ease` and `Same` of US are the same"):
        read(same)


def test_a_player_whose_levers_change_nothing_is_refused(read):
    """Without controls there is nothing to enforce and nobody to answer: known of the model, and told as such."""
    with pytest.raises(ScenarioError, match="no policy of US can change any outcome here"):
        read(("[vary]", '[settings]\nlitigation.filing = 0.0\ndiplomacy.us_china_cooperation = 0.5\n[vary]'),
             ("trade.chip_controls = 0.3", "litigation.rivalry_motive = 0.5"),
             ('[[players.US.policies.Later.change]]\nname = "later"\ndate = "2026-06"\n"trade.chip_controls" = 0.2',
              "[players.US.policies.Later]\nlitigation.rivalry_motive = 2.0"))


def test_one_player_alone_is_no_game(read):
    text = GAME[:GAME.index("[players.China]")]
    with pytest.raises(ScenarioError, match="two or three players, not 1"):
        read((GAME, text))


def test_levers_of_changes_and_triggers_count_as_set():
    part = {"trade": {"chip_controls": 0.3}, "regulation": {"us": {"strictness": 0.7}},
            "change": [{"date": "2027-01", "trade.enforcement": 0.9}], "when": [{"outcome": "trust", "above": 0.5,
                                                                                "subsidy.us_usd_bn_per_year": 5.0}]}
    assert levers_of(part) == ["trade.chip_controls", "regulation.us.strictness", "trade.enforcement",
                               "subsidy.us_usd_bn_per_year"]


@pytest.mark.parametrize("name", game_files())
def test_a_shipped_game_reads_and_says_what_it_asks(name):
    game = Profiles.load(name)
    assert game.question
    assert game.look_for
    assert all(game.scenario(point).warnings == () for point in range(len(game.points)))
