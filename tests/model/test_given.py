"""What compiled rules are given: each run's own parameters, levers, dated events and changed draws."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model.channels import CHANNELS, slots_of
from sim.model.given import DATED_KINDS, POLICY, given_of, settings_of
from sim.model.luck import CHANNEL, Luck, normal, uniform, uniforms
from sim.model.news import EVENT, collect, tell
from sim.model.parameters import levers, parameters
from sim.model.rule import rule
from sim.model.start import build_world
from sim.model.state import MOST_NEWS
from sim.scenario.scenario import Scenario

A = Scenario.from_dict({"title": "A", "event": [
    {"date": "2026-06", "kind": "truce", "severity": 0.4},
    {"date": "2026-03", "kind": "severe_incident", "actor": "xAI", "severity": 0.7},
]})
B = Scenario.from_dict({"title": "B", "regulation": {"eu": {"strictness": 0.9}},
                        "uncertainty": {"algorithm_growth": 0.5}})
RUNS = np.array([4, 5, 4, 5])


def world(**built):
    return build_world([A, B], np.array([0, 0, 1, 1]), RUNS, 3, months=12, **built)


def test_every_parameter_and_lever_of_a_run_is_its_scenarios():
    settings = settings_of(world(believed={"training_luck": np.array([0.1, 0.2, 0.1, 0.2])}))
    p, policy = settings.of_run["p"], settings.of_run["policy"]
    assert p["algorithm_growth"].tolist() == [parameters()["algorithm_growth"].default] * 2 + [0.5] * 2
    assert p["training_luck"].tolist() == [0.1, 0.2, 0.1, 0.2]
    for path, lever in levers().items():
        if lever.per != "jurisdiction":
            section, key = path.split(".")
            number = float(lever.choices.index(A.levers[path])) if lever.choices else float(A.levers[path])
            assert np.all(policy[section][key] == number), path
    assert policy["regulation"]["strictness"][:, 2].tolist() == [A.levers["regulation.eu.strictness"]] * 2 + [0.9] * 2
    assert set(POLICY.names or ()) == {path.split(".")[0] for path in levers()}


def test_what_is_dated_is_given_to_the_runs_of_its_scenario_in_the_order_of_time():
    settings = settings_of(world())
    assert settings.dated_from.tolist() == [0, 2, 4, 4, 4]
    assert [DATED_KINDS[kind] for kind in settings.dated["kind"]] == ["severe_incident", "truce"] * 2
    assert settings.dated["month"].tolist() == [2, 5] * 2
    named = [row["name"] for row in world().start["lab"]]
    assert settings.dated["actor"].tolist() == [named.index("xAI"), -1] * 2


@rule
def _draw_one(state, settings, row, channel, slot):
    return uniform(state[row], given_of(settings, row), channel, slot)


@rule
def _draw_normal(state, settings, row, channel, slot):
    return normal(state[row], given_of(settings, row), channel, slot)


@rule
def _draw_all(state, settings, row, channel, out):
    uniforms(state[row], given_of(settings, row), channel, out)


@pytest.mark.parametrize("channel", CHANNELS)
def test_rules_draw_the_numbers_that_python_draws(channel):
    changed = {(channel, 5, 7, 0): 0.25, (channel, 4, 8, 0): 0.5, ("user.own", 4, 7, 0): 0.5}
    here = world(changed=changed)
    here.month = 7
    here.begin_month()
    place, slots, settings = list(CHANNELS).index(channel), slots_of(channel), here.settings
    assert CHANNEL[place] == place
    expected, out = here.luck.uniform(channel, slots), np.zeros(80)
    assert expected[1, 0] == expected[3, 0] == 0.25
    for row in range(4):
        _draw_all(here.state, settings, row, place, out)
        assert out[:slots].tolist() == expected[row].tolist()
        assert [_draw_one(here.state, settings, row, place, s) for s in range(slots)] == expected[row].tolist()
        assert _draw_normal(here.state, settings, row, place, 0) == here.luck.normal(channel, slots)[row, 0]
    assert Luck(3, RUNS).uniform(channel, slots).shape == (4, slots)


@rule
def _tell_much(run, given, times):  # noqa: ARG001 - as rules have it
    for _ in range(times):
        tell(run, EVENT.bust)


@rule
def _tell_in_every_run(state, settings, times):
    for row in range(len(state)):
        _tell_much(state[row], given_of(settings, row), times)


def test_more_news_than_there_is_room_for_is_refused_and_none_is_lost():
    here = world()
    _tell_in_every_run(here.state, here.settings, MOST_NEWS)
    assert len(collect(here.state)) == 4 * MOST_NEWS
    with pytest.raises(RuntimeError, match="more events in one month of one run than there is room for"):
        _tell_in_every_run(here.state, here.settings, MOST_NEWS + 1)
