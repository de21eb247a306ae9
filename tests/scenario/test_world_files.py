"""Worlds say what the world is like and decide nothing; a policy in a world is both, and neither overrules either."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.engine.simulate import simulate
from sim.model.outcomes import INDEX
from sim.scenario.scenario import Scenario, ScenarioError
from sim.scenario.shipped import world_files
from sim.scenario.worlds import in_worlds, settings

STRICT = Scenario.from_dict({"title": "Strict rules", "regulation": {"strictness": 0.8}})
LIGHT = Scenario.from_dict({"title": "Light rules", "regulation": {"strictness": 0.1}, "months": 24})
SLOW = Scenario.from_dict({"title": "Slow progress", "industry": {"openness": 2.0},
                           "uncertainty": {"algorithm_growth": {"low": 0.26, "high": 0.3}},
                           "labs": {"xAI": {"openness": 0.9}}})
POLICY_SECTIONS = ("regulation.", "diplomacy.", "trade.", "subsidy.", "litigation.")


def world(**tables: object) -> Scenario:
    return Scenario.from_dict({"title": "A world", **tables})


def test_a_policy_in_a_world_sets_what_either_does_and_is_called_by_both() -> None:
    first, second = in_worlds([STRICT, LIGHT], [SLOW])
    assert (first.title, second.title) == ("Strict rules, in slow progress", "Light rules, in slow progress")
    for found, policy in ((first, STRICT), (second, LIGHT)):
        assert settings(found) == {**settings(policy), **settings(SLOW)}
        assert (found.start, found.months) == (policy.start, policy.months)


def test_titles_of_full_length_make_one_that_a_scenario_may_have() -> None:
    found, = in_worlds([STRICT.with_({}, title="P" * 200)], [world(title="W" * 200)])
    assert len(found.title) == 2 * 97 + len(", in ")
    assert found.title.startswith("PPP")
    assert found.title.endswith("WWW…")


def test_all_policies_of_a_world_stand_together_in_the_order_of_worlds() -> None:
    titles = [each.title for each in in_worlds([STRICT, LIGHT], [SLOW, world(title="US in front")])]
    assert titles == ["Strict rules, in slow progress", "Light rules, in slow progress",
                      "Strict rules, in US in front", "Light rules, in US in front"]


@pytest.mark.parametrize(("tables", "told"), [
    ({"event": [{"date": "2027-01", "kind": "new_law", "actor": "us", "severity": 0.5}]}, "dated events"),
    ({"change": [{"date": "2027-01", "trade.chip_controls": 0.0}]}, "scheduled changes"),
    ({"when": [{"outcome": "severe_incidents", "above": 0, "trade.chip_controls": 0.0}]}, "triggers"),
    ({"start": "2025-01"}, "a start of its own, 2025-01"),
    ({"months": 36}, "a length of its own, 36 months"),
])
def test_a_world_that_says_when_is_refused(tables: dict[str, object], told: str) -> None:
    with pytest.raises(ScenarioError, match=f"the world “A world” holds {told}"):
        in_worlds([STRICT, LIGHT], [world(**tables)])


@pytest.mark.parametrize("tables", [
    {"regulation": {"strictness": 0.5}},
    {"regulation": {"eu": {"strictness": 0.5}}},  # for one jurisdiction what the policy says of all
])
def test_a_key_that_policy_and_world_set_differently_is_refused(tables: dict[str, object]) -> None:
    with pytest.raises(ScenarioError, match="is set by a world and by a policy"):
        in_worlds([STRICT], [world(**tables)])


def test_a_lever_that_a_policy_moves_later_is_the_policys() -> None:
    later = Scenario.from_dict({"title": "Later", "change": [{"date": "2027-01", "trade.chip_controls": 0.0}]})
    with pytest.raises(ScenarioError, match=r"`trade.chip_controls` is set by a world and by a policy"):
        in_worlds([later], [world(trade={"chip_controls": 1.5})])


def test_a_key_that_both_set_alike_is_no_contradiction() -> None:
    found, = in_worlds([STRICT], [world(regulation={"strictness": 0.8})])
    assert found.set_levers["regulation.strictness"] == 0.8


def test_both_places_of_a_contradiction_are_named(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text('title = "Strict"\n[regulation]\nstrictness = 0.8\n')
    (tmp_path / "world.toml").write_text('title = "World"\n\n[regulation]\nstrictness = 0.3\n')
    with pytest.raises(ScenarioError) as refused:
        in_worlds([Scenario.load(tmp_path / "strict.toml")], [Scenario.load(tmp_path / "world.toml")])
    assert f"{tmp_path / 'world.toml'}:4:1" in str(refused.value)
    assert f"“Strict” sets regulation.strictness to 0.8, at {tmp_path / 'strict.toml'}:3:1" in str(refused.value)


def test_a_world_takes_leave_to_go_beyond_ranges_and_names_along() -> None:
    found, = in_worlds([STRICT], [world(beyond_range=True, anonymous=True, uncertainty={"algorithm_growth": 0.9})])
    assert found.beyond() == {"uncertainty.algorithm_growth": 0.9}
    assert found.anonymous


# ---- those that come with airace ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", world_files())
def test_a_shipped_world_decides_nothing_and_names_its_family(name: str) -> None:
    found = Scenario.load(name)
    assert settings(found)
    assert not [key for key in settings(found) if key.startswith(POLICY_SECTIONS)]
    assert found.beyond() == {}
    assert len(in_worlds([STRICT, LIGHT], [found])) == 2
    opening = " ".join(world_files()[name].read_text(encoding="utf-8").partition("title")[0].split("\n# "))
    assert {family for family in ("OECD AI", "LEAP", "Centre for Future") if family in opening} >= {"OECD AI", "LEAP"}


@pytest.mark.slow
def test_each_shipped_world_does_what_its_paragraph_says() -> None:
    names = list(world_files())
    results = simulate([Scenario.load(name) for name in names], runs=24, seed=0, workers=2, events=False)

    def mean(world: str, outcome: str) -> float:
        return float(np.nanmean(results.summaries[names.index(world), :, INDEX[outcome]]))

    def over_time(world: str, outcome: str) -> float:
        return float(np.nanmean(results.outcome(outcome)[names.index(world)]))

    frontier, stock, price = "frontier_log10_flop", "chip_stock_h100e", "chip_price_index"
    assert mean("slow_progress", frontier) + 0.8 < mean("moderate_progress", frontier)
    assert mean("moderate_progress", frontier) + 3.0 < mean("rapid_progress", frontier)
    assert mean("tight_chips", stock) < 0.5 * mean("moderate_progress", stock)
    assert mean("slow_progress", stock) > 1.5 * mean("moderate_progress", stock)
    assert mean("slow_progress", price) < mean("moderate_progress", price) < mean("tight_chips", price)
    raised = "capital_raised_usd_bn"
    assert mean("poor_capital", raised) < 0.6 * mean("moderate_progress", raised)
    assert mean("rapid_progress", raised) > 1.2 * mean("moderate_progress", raised)
    for closer in ("frontier_labs", "releases_decided_by_others"):
        assert over_time("rapid_progress", closer) < over_time("moderate_progress", closer) < over_time(
            "open_models", closer)
    assert mean("open_models", "leader_revenue_usd_bn") < mean("moderate_progress", "leader_revenue_usd_bn")
