"""Law: it stands still until a bill passes; bills fail as often as they should; lobbying's gain has its sign."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.live import STAGES, live_one_month
from sim.engine.simulate import simulate
from sim.model.agents.labs import gain_from_rule
from sim.model.agents.regulators import law_passes
from sim.model.institutions.control import plans_above
from sim.model.parameters import in_force, parameters
from sim.model.start import build_world
from sim.model.state import REGULATORS
from sim.scenario.scenario import Scenario

NOT_LOBBIED = {"industry.lobbying": 0.0}


def test_policy_is_as_it_was_until_a_law_changes_it() -> None:
    """In every month of every run strictness moves exactly where a law is told, and begins at what is in force."""
    scenario = Scenario.from_dict({"title": "Baseline"})
    results = simulate(scenario, runs=32, seed=5, uncertainty="luck")
    told = results.events[results.events["kind"].isin(["rules_tightened", "rules_eased"])]
    for place, actor in (("us", "US federal"), ("eu", "EU"), ("china", "Chinese")):
        strictness = results.outcome(f"strictness_{place}")[0]
        assert (strictness[:, 0] == in_force(scenario.start, "strictness")[place]).all()
        moved = set(zip(*np.nonzero(np.diff(strictness, axis=1)), strict=True))
        laws = told[told["actor"] == actor]
        assert moved == set(zip(laws["run"], laws["month"] - 1, strict=True))
        assert moved


def test_a_law_that_is_wanted_comes_by_a_bill_and_not_before_its_time() -> None:
    scenario = Scenario.from_dict({"title": "Strict", "regulation": {"strictness": 0.8, "adaptivity": 0.0}})
    results = simulate(scenario.with_(NOT_LOBBIED), runs=64, seed=5, uncertainty="luck")
    strictness = results.outcome("strictness_us")[0]
    least = 24.0 * (1.0 - parameters()["bill_delay_spread"].default)  # rule-making months of the start file
    assert (strictness[:, : int(least)] == strictness[:, :1]).all()
    assert (strictness[:, -1] > strictness[:, 0]).mean() > 0.8
    assert strictness[:, -1].max() <= 0.8 + 1e-12


def test_bills_fail_as_often_as_their_chance_where_nobody_lobbies() -> None:
    """Those that lapse since they are not needed any more are told as failed too, so adaptivity is off."""
    scenario = Scenario.from_dict({"title": "Strict", "regulation": {"strictness": 0.8, "adaptivity": 0.0}})
    results = simulate(scenario.with_(NOT_LOBBIED), runs=128, seed=5, uncertainty="luck")
    kinds = results.events["kind"].value_counts()
    failed, passed = kinds["bill_fails"], kinds.get("rules_tightened", 0) + kinds.get("rules_eased", 0)
    chance = parameters()["bill_fails"].default
    error = np.sqrt(chance * (1.0 - chance) / (failed + passed))
    assert abs(failed / (failed + passed) - chance) < 3.0 * error


def test_opposition_kills_bills_and_support_carries_them() -> None:
    assert law_passes(0.0, 0.3, 0.3)
    assert not law_passes(0.0, 0.3, 0.29)
    assert not law_passes(1.0, 0.5, 0.999)
    assert law_passes(-1.0, 0.6, 0.0)


@pytest.mark.parametrize("moves_share", [0.5, 2.0, 4.0])
@pytest.mark.parametrize("passed_on", [0.0, 0.5, 0.9])
def test_a_lab_presses_for_a_rule_exactly_below_the_burden_at_which_rivals_pay_for_it(moves_share, passed_on) -> None:
    even = 0.1 * moves_share / (moves_share + 1.0 - passed_on)
    assert gain_from_rule(even, 0.1, moves_share, passed_on) == pytest.approx(0.0, abs=1e-12)
    assert gain_from_rule(0.99 * even, 0.1, moves_share, passed_on) > 0.0
    assert gain_from_rule(1.01 * even, 0.1, moves_share, passed_on) < 0.0


def test_a_higher_line_binds_fewer_plans() -> None:
    shares = [plans_above(line, 26.0, 1.0) for line in (23.0, 24.0, 25.0, 26.0, 27.0)]
    assert shares == [1.0, 1.0, 0.5, 0.0, 0.0]


def test_there_is_no_injunction_without_a_conversion_to_stop() -> None:
    """OpenAI as an ordinary company is sued all the same, and never enjoined, though one asks for it at the start."""
    scenario = Scenario.from_dict({"title": "For profit", "start": "2025-01", "months": 60}).with_(
        {"labs.OpenAI.form": "for_profit"})
    events = simulate(scenario, runs=48, seed=5, uncertainty="luck").events
    against = events[events["target"] == "OpenAI"]["kind"]
    assert against.isin(["suit_rivalry", "suit_mission"]).any()
    assert not against.isin(["injunction", "injunction_denied"]).any()


def test_who_holds_a_licence_keeps_to_what_it_asks() -> None:
    """Labs with a licence move to its care within a year or two, whatever the race leaves them."""
    scenario = Scenario.from_dict({"title": "Licensing", "regulation": {"strictness": 0.95, "licensing_above": 0.0}})
    world = build_world([scenario], np.zeros(16, int), np.arange(16), 5, months=48)
    held = np.zeros_like(world.labs.licensed, float)
    for month in range(48):
        world.month = month
        live_one_month(world, STAGES)
        held = (held + 1.0) * world.labs.licensed
    long = held >= 36
    assert long.sum() > 16
    assert (world.labs.safety[long] > 0.9 * parameters()["licence_safety"].default).all()
    assert len(REGULATORS) == world.regulators.licences.shape[1]
