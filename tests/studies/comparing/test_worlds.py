"""Policies across worlds: best, worst, ties, regrets and turns, on made-up numbers with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_worlds import POLICIES, made_up

from sim.common.arguments import ArgumentError, UnknownNameError
from sim.engine.simulate import simulate
from sim.model.outcomes import PRIMARY
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare
from sim.studies.comparing.world_tables import best_told, worst_told
from sim.studies.comparing.worlds import MOST, RANKED, Worlds, across_worlds, crossed


def row(found: Worlds, outcome: str, policy: str, world: str = "World 1") -> dict[str, float]:
    table = found.table
    part = table[(table["outcome"] == outcome) & (table["policy"] == policy) & (table["world"] == world)]
    return {str(key): value for key, value in part.iloc[0].items()}


# ---- best, worst, regret -----------------------------------------------------------------------------------------
def test_the_lowest_is_best_where_lower_is_better_and_the_highest_worst() -> None:
    found = made_up({"severe_incidents": ((3.0, 2.0, 1.0),)})
    told = [row(found, "severe_incidents", policy) for policy in POLICIES]
    assert [(each["best"], each["worst"]) for each in told] == [(False, True), (False, False), (True, False)]
    assert [each["difference"] for each in told] == pytest.approx([0.0, -1.0, -2.0])
    assert [each["regret"] for each in told] == pytest.approx([2.0, 1.0, 0.0])


def test_the_highest_is_best_where_higher_is_better() -> None:
    found = made_up({"safety_effort": ((0.9, 0.6, 0.3),)})
    assert [bool(row(found, "safety_effort", policy)["best"]) for policy in POLICIES] == [True, False, False]
    assert [row(found, "safety_effort", policy)["regret"] for policy in POLICIES] == pytest.approx([0.0, 0.3, 0.6])


def test_without_a_better_direction_there_is_neither_best_nor_regret() -> None:
    found = made_up({"compliance_cost_usd_bn": ((3.0, 2.0, 1.0),)})
    told = row(found, "compliance_cost_usd_bn", "C")
    assert told["clear"]
    assert not told["best"]
    assert np.isnan(told["regret"])
    assert "compliance_cost_usd_bn" not in RANKED


def test_where_the_interval_to_the_next_holds_nil_no_policy_is_best() -> None:
    found = made_up({"severe_incidents": ((3.0, 1.001, 1.0),)})
    assert not any(row(found, "severe_incidents", policy)["best"] for policy in POLICIES)
    assert found.tied("severe_incidents", "World 1") == ("B", "C")
    assert row(found, "severe_incidents", "A")["worst"]
    assert (best_told(found, "severe_incidents", "World 1"), worst_told(found, "severe_incidents", "World 1")) == (
        "B=C", "A")


def test_policies_that_are_alike_to_the_last_bit_are_all_tied_and_none_is_regretted() -> None:
    found = made_up({"severe_incidents": ((3.0, 2.0, 1.0),)})
    assert found.tied("hostility", "World 1") == POLICIES
    part = found.regrets[found.regrets["outcome"] == "hostility"]
    assert part[["regret", "low", "high", "best", "worst"]].to_numpy(float).tolist() == [[0.0] * 5] * 3
    assert not part["least"].any()


def test_a_regret_lies_in_its_interval_which_never_goes_below_nothing() -> None:
    found = made_up({"severe_incidents": ((1.02, 1.0, 1.01), (1.0, 3.0, 2.0)),
                     "safety_effort": ((0.1, 0.4, 0.7), (0.7, 0.4, 0.1))})
    part = found.table[found.table["outcome"].isin(RANKED)]
    assert (part["regret_low"] >= 0.0).all()
    assert (part["regret_low"] <= part["regret"]).all()
    assert (part["regret"] <= part["regret_high"]).all()
    assert (part.loc[part["best"], "regret_high"] == 0.0).all()
    assert (part.loc[part["worst"], "regret_low"] > 0.0).all()


def test_the_largest_regret_is_told_with_its_world_and_the_least_regretted_by_it() -> None:
    found = made_up({"severe_incidents": ((1.0, 2.0, 9.0), (9.0, 3.0, 1.0))})
    told = found.regrets[found.regrets["outcome"] == "severe_incidents"].set_index("policy")
    assert told["regret"].to_dict() == pytest.approx({"A": 8.0, "B": 2.0, "C": 8.0})
    assert told["world"].to_dict() == {"A": "World 2", "B": "World 2", "C": "World 1"}
    assert told["least"].to_dict() == {"A": False, "B": True, "C": False}
    assert told[["best", "worst"]].to_numpy().tolist() == [[1, 1], [0, 0], [1, 1]]


# ---- turns of the order ------------------------------------------------------------------------------------------
def test_an_order_that_is_clear_one_way_and_clear_the_other_turns() -> None:
    found = made_up({"severe_incidents": ((1.0, 2.0, 5.0), (2.0, 1.0, 5.0), (2.0, 1.0, 5.0))}).flips
    assert found.to_dict("records") == [{"outcome": "severe_incidents", "first": "A", "second": "B",
                                         "more_in": ["World 1"], "less_in": ["World 2", "World 3"]}]


def test_an_order_that_is_unclear_in_one_world_does_not_turn() -> None:
    assert made_up({"severe_incidents": ((1.0, 2.0, 5.0), (1.001, 1.0, 5.0))}).flips.empty


def test_an_order_turns_for_outcomes_without_a_better_direction_too() -> None:
    assert list(made_up({"market_hhi": ((1.0, 2.0, 2.0), (2.0, 1.0, 2.0))}).flips["outcome"].unique()) == ["market_hhi"]


# ---- as a comparison has it --------------------------------------------------------------------------------------
LIGHT = Scenario.from_dict({"title": "Light", "months": 9})
STRICT = LIGHT.with_({"regulation.strictness": 0.9}, title="Strict")
SLOW = Scenario.from_dict({"title": "Slow", "uncertainty": {"algorithm_growth": 0.26}})
OPEN = Scenario.from_dict({"title": "Open", "industry": {"openness": 2.0}})


@pytest.fixture(scope="module")
def simulated() -> Worlds:
    return across_worlds([LIGHT, STRICT], [SLOW, OPEN], runs=8, seed=4)


def test_within_a_world_differences_are_those_of_the_plain_comparison_to_the_last_bit(simulated: Worlds) -> None:
    for world in (SLOW, OPEN):
        plain = compare(simulate([each.with_(settings) for settings in (
            {**world.set_levers, **{f"uncertainty.{key}": value for key, value in world.uncertainty.items()}},)
            for each in (LIGHT, STRICT)], runs=8, seed=4)).table
        ours = simulated.table
        ours = ours[(ours["world"] == world.title) & (ours["policy"] == "Strict")]
        plain = plain[plain["primary"]]
        assert list(ours["outcome"]) == list(plain["outcome"]) == list(PRIMARY)
        assert ours[["mean", "difference"]].to_numpy().tolist() == plain[["mean", "difference"]].to_numpy().tolist()


def test_two_policies_in_one_world_are_a_plain_comparison_intervals_included() -> None:
    ours = across_worlds([LIGHT, STRICT], [OPEN], runs=8, seed=4).table
    plain = compare(simulate([LIGHT.with_({"industry.openness": 2.0}), STRICT.with_({"industry.openness": 2.0})],
                             runs=8, seed=4)).table
    ours, plain = ours[ours["policy"] == "Strict"], plain[plain["primary"]]
    assert ours[["difference", "low", "high", "clear"]].to_numpy().tolist() == (
        plain[["difference", "low_family", "high_family", "clear"]].to_numpy().tolist())


def test_the_layout_brings_them_back_and_is_no_layout_of_other_results(simulated: Worlds) -> None:
    again = Worlds.from_json(simulated.results, simulated.to_json())
    assert again is not None
    assert again.table.equals(simulated.table)
    assert again.worlds == simulated.worlds
    assert Worlds.from_json(simulated.results, simulated.to_json().replace("Light", "Lax")) is None
    with pytest.raises(KeyError):
        Worlds.from_json(simulated.results, '{"policies": []}')


def test_the_text_fits_a_terminal_however_many_policies_there_are() -> None:
    policies = tuple(f"A policy with a title that is long, number {number}, and then some" for number in range(7))
    found = made_up({"severe_incidents": (tuple(range(7)), tuple(range(7, 0, -1)))}, policies)
    for text in (found.to_text(), found.to_text(all=True), str(found)):
        assert max(map(len, text.splitlines())) <= 80
        assert "G  A policy" in text
    assert "largest regret" in found.to_text()


# ---- what is refused ---------------------------------------------------------------------------------------------
def test_too_few_and_too_many_and_what_cannot_be_told_apart_is_refused() -> None:
    for policies, worlds, told in (
            ([LIGHT], [SLOW], "two policies or more"),
            ([LIGHT, LIGHT], [SLOW], "2 policies have the title “Light”"),
            ([LIGHT, STRICT], [SLOW, OPEN, SLOW], "2 worlds have the title “Slow”"),
            ([LIGHT, STRICT], [], "needs a world"),
            ([LIGHT, STRICT], [SLOW.with_({}, title=f"{number}") for number in range(MOST)], "are 128 scenarios")):
        with pytest.raises(ArgumentError, match=told):
            crossed(policies, worlds)


def test_who_is_tied_is_asked_of_ranked_outcomes_and_worlds_that_are_there(simulated: Worlds) -> None:
    with pytest.raises(UnknownNameError, match="no ranked outcome 'market_hhi'"):
        simulated.tied("market_hhi", "Slow")
    with pytest.raises(UnknownNameError, match="no world 'slow'; did you mean 'Slow'"):
        simulated.tied("hostility", "slow")
