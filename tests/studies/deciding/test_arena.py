"""The arena: PettingZoo's own test, the bits of a scenario with dated changes, and two players who ship."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import sim
from sim.common.arguments import ArgumentError
from sim.model.outcomes import NAMES, summarise

pytest.importorskip("pettingzoo")
MONTHS = 12


@pytest.fixture(scope="module")
def arena() -> sim.deciding.Arena:
    return sim.deciding.Arena("us_china_controls", months=MONTHS)


def test_pettingzoos_own_test_passes(arena):
    from pettingzoo.test import parallel_api_test

    parallel_api_test(arena, num_cycles=10)


def test_the_same_actions_have_the_bits_of_a_scenario_with_dated_changes(arena):
    players = {name: sim.deciding.RandomPlayer(arena, name, seed) for seed, name in enumerate(("US", "China"))}
    sim.deciding.play(arena, players, seed=3)
    played = arena.values.copy()
    scenario = arena.scenario()
    assert len(scenario.changes) == MONTHS // 3
    simulated = sim.simulate(scenario, runs=1, seed=3, months=MONTHS, uncertainty=arena.game.uncertainty)
    assert np.array_equal(simulated.values[0, 0], played)
    # And other actions have others: the changes are not idle.
    sim.deciding.play(arena, {**players, "US": sim.deciding.AnsweringPlayer(arena, "US")}, seed=3)
    assert not np.array_equal(arena.values, played)


def test_the_same_seed_and_actions_give_the_same_bits_and_another_run_others(arena):
    def lived(**options):
        arena.reset(**options)
        while arena.agents:
            arena.step({name: arena.action_space(name).low for name in arena.agents})
        return arena.values.copy()

    first = lived(seed=5)
    assert np.array_equal(first, lived(seed=5))
    second = lived()
    assert not np.array_equal(first, second)
    assert np.array_equal(second, lived(seed=5, options={"run": 1}))


def test_rewards_add_up_to_the_payoff_that_the_game_tells(arena):
    """By the aims of each, from the run's one number by outcome: totals, means and last values alike."""
    players = {name: sim.deciding.AnsweringPlayer(arena, name) for name in arena.possible_agents}
    total = sim.deciding.play(arena, players, seed=1)
    for player in arena.game.players:
        told = float(player.aims.benefit(summarise(arena.values[None]))[0])
        assert total[player.name] == pytest.approx(told, rel=1e-12)


def test_the_answering_player_cooperates_until_its_rival_withholds_too_much(arena):
    us = sim.deciding.AnsweringPlayer(arena, "US")
    at = dict(zip(arena.levers["US"], us.act(np.zeros(len(NAMES))), strict=True))
    assert at["trade.chip_controls"] == 0.3
    seen = np.zeros(len(NAMES))
    seen[NAMES.index("retaliation")] = 0.5
    at = dict(zip(arena.levers["US"], us.act(seen), strict=True))
    assert at["trade.chip_controls"] == 1.5
    assert at["regulation.us.strictness"] == arena.base.levers["regulation.us.strictness"]


def test_what_cannot_be_played_is_refused_in_words(arena):
    arena.reset(seed=0)
    low = {name: arena.action_space(name).low for name in arena.agents}
    with pytest.raises(ArgumentError, match="one for each of US, China"):
        arena.step({"US": low["US"]})
    with pytest.raises(ArgumentError, match=r"trade.chip_controls 0 to 1.5"):
        arena.step({**low, "US": low["US"] + 7.0})
    with pytest.raises(ArgumentError, match="whole quarters"):
        sim.deciding.Arena("us_china_controls", months=7)
    while arena.agents:
        arena.step(low)
    with pytest.raises(RuntimeError, match="call reset"):
        arena.step(low)


def test_without_the_library_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    monkeypatch.delitem(sys.modules, "sim.studies.deciding.arena")
    with pytest.raises(ImportError, match=r'pip install "airace\[arena\]"'):
        sim.deciding.Arena("us_china_controls")
