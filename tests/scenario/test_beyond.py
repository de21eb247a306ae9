"""Numbers beyond their stated ranges: refused without the word for it, marked with it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import sim
from sim.report.words.trust import all_set_beyond, standing_table
from sim.scenario.beyond import furthest, stated
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario, diff
from sim.scenario.schema import sections, uncertainties

BEYOND = {"title": "No stakes, and a crowd", "beyond_range": True, "uncertainty": {"patron_stake": 0.0, "herding": 3.0}}


def codes(error: ScenarioError) -> list[str]:
    return [problem.code for problem in error.problems]


def test_a_number_beyond_its_range_needs_the_word_for_it() -> None:
    given = {key: value for key, value in BEYOND.items() if key != "beyond_range"}
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_dict(given)
    assert codes(refused.value) == ["S106", "S106"]
    assert all("with beyond_range = true from 0 to" in problem.help for problem in refused.value.problems)
    scenario = Scenario.from_dict(BEYOND)
    assert scenario.beyond() == {"uncertainty.patron_stake": 0.0, "uncertainty.herding": 3.0}
    assert [warning.code for warning in scenario.warnings] == ["S203", "S203"]


def test_the_word_by_itself_changes_nothing_and_says_so() -> None:
    scenario = Scenario.from_dict({"title": "As believed", "beyond_range": True})
    assert [warning.code for warning in scenario.warnings] == ["S201"]
    assert scenario.beyond() == {}


@pytest.mark.parametrize("change", [
    {"uncertainty.herding": 30.0},                # more than ten times the range
    {"uncertainty.patron_stake": -0.1},           # nothing is below nothing
    {"uncertainty.tax_share_of_revenue": 1.5},    # a share of more than all
    {"regulation.strictness": 1.1},
    {"months": 100_000},                          # no belief
    {"uncertainty.herding": float("nan")},
    {"labs.xAI.combativeness": 2.0},              # what agents are is not believed, but set
])
def test_there_is_an_end_to_it(change: dict[str, float]) -> None:
    with pytest.raises(ScenarioError):
        Scenario.from_dict(BEYOND).with_(change)


def test_what_a_parent_allows_a_child_may_take_back(tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text(Scenario.from_dict(BEYOND).to_toml(), encoding="utf-8")
    (tmp_path / "heir.toml").write_text('title = "Heir"\nextends = "parent.toml"\n', encoding="utf-8")
    assert Scenario.load(tmp_path / "heir.toml").beyond_range
    (tmp_path / "child.toml").write_text(
        'title = "Child"\nextends = "parent.toml"\nbeyond_range = false\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        Scenario.load(tmp_path / "child.toml")
    assert codes(refused.value) == ["S106", "S106"]
    assert "parent.toml" in str(refused.value)


def test_it_survives_every_way_that_a_scenario_is_kept(tmp_path: Path) -> None:
    scenario = Scenario.from_dict(BEYOND)
    (tmp_path / "kept.toml").write_text(scenario.to_toml(), encoding="utf-8")
    for again in (Scenario.load(tmp_path / "kept.toml"), Scenario.from_resolved(scenario.resolved()),
                  pickle.loads(pickle.dumps(scenario)), scenario.with_({})):
        assert again == scenario
        assert again.beyond() == scenario.beyond()
    plain = Scenario.from_dict({"title": scenario.title})
    assert ("beyond_range", True, False) in diff(scenario, plain)
    assert "beyond_range" not in plain.resolved()  # scenarios without it are what they were


def test_an_option_can_say_it() -> None:
    scenario = Scenario.load("baseline", set=["beyond_range=true", "uncertainty.herding=3"])
    assert scenario.beyond() == {"uncertainty.herding": 3.0}


def test_what_nobody_can_count_is_refused_with_the_word_too() -> None:
    for value in ("much", float("inf"), True, (0.0, 30.0), {"low": 3.0, "high": 0.5}):
        with pytest.raises(ScenarioError):
            Scenario.from_dict(BEYOND).with_({"uncertainty.herding": value})


def test_the_ends_of_a_range_may_lie_beyond_the_stated_one() -> None:
    scenario = Scenario.from_dict(BEYOND).with_({"uncertainty.herding": (0.5, 3.0)})
    assert scenario.beyond()["uncertainty.herding"] == (0.5, 3.0)
    assert Scenario.from_resolved(scenario.resolved()) == scenario
    assert all_set_beyond([scenario]) == [
        "Set beyond its range in No stakes, and a crowd: uncertainty.herding = 0.5 to 3 (range 0 to 1.6); "
        "uncertainty.patron_stake = 0 (range 0.02 to 0.12)."]


def test_a_lever_of_one_jurisdiction_may_lie_beyond_its_range() -> None:
    scenario = Scenario.from_dict(BEYOND).with_({"regulation.eu.penalty_share_of_revenue": 0.9})
    assert scenario.beyond()["regulation.eu.penalty_share_of_revenue"] == 0.9


def test_every_range_lies_within_how_far_it_may_be_left() -> None:
    numbers = [*uncertainties().values(), *(lever for keys in sections().values() for lever in keys.values())]
    for parameter in numbers:
        if parameter.type == "number":
            (low, high), (least, most) = stated(parameter), furthest(parameter)
            assert least <= low <= high <= most, parameter.path


def test_a_mechanism_is_taken_out_and_the_report_says_so() -> None:
    """Without stakes patrons pay in compute alone; what the comparison rests on names what was set."""
    base = Scenario.from_dict({"title": "As believed"})
    without = base.with_({"beyond_range": True, "uncertainty.patron_stake": 0.0}, title="No stakes")
    comparison = sim.compare(sim.simulate([base, without], runs=8, months=36, uncertainty="luck"))
    raised = comparison.results.outcome("capital_raised_usd_bn").sum(axis=(1, 2))
    assert raised[1] < raised[0]
    rows = standing_table(comparison).rows
    assert rows[-1][1] == "No stakes sets uncertainty.patron_stake to 0"
