"""What makes no sense is refused by name: nothing published gives a number for it."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

from sim.common.arguments import ArgumentError
from sim.model import published

SOUND: dict[str, dict[str, Any]] = {
    "armstrong_risk": {"n": 2, "enmity": 1.0, "mu": 2.0, "information": 2, "draws": 50},
    "armstrong_closed_form": {"n": 2, "enmity": 1.0, "mu": 2.0, "information": 2},
    "dsair_thresholds": {"speed": 2.0},
    "dsair_closed_form": {"speed": 2.0},
    "safety_tax_slope": {"alpha": 0.3, "beta": 0.4, "theta": 0.5},
    "safety_tax_closed_form": {"alpha": 0.3, "beta": 0.4, "theta": 0.5},
    "deterrence_share": {"gains": (0.0, 1.0), "penalty": 2.0, "audit": 0.5, "false_negative": 0.2, "draws": 50},
    "deterrence_closed_form": {"gains": (0.0, 1.0), "penalty": 2.0, "audit": 0.5, "false_negative": 0.2},
    "detection_played": {"audit": 0.5, "false_negative": 0.2, "backcheck": 0.1, "whistleblower": 0.1,
                         "monitoring": 0.1, "draws": 50},
    "bebchuk_trials": {"cost": 0.3, "draws": 50},
    "bebchuk_closed_form": {"cost": 0.3},
    "priest_klein": {"signal_sd": 0.5, "draws": 500},
    "priest_klein_closed_form": {"signal_sd": 0.5},
    "richardson_race": {"a": 0.5, "b": 0.5, "m": 1.0, "n": 1.0, "r": 0.1, "s": 0.1, "years": 5.0},
    "richardson_closed_form": {"a": 0.5, "b": 0.5, "m": 1.0, "n": 1.0, "r": 0.1, "s": 0.1},
    "treaty_threshold": {"temptation": 4.0, "reward": 3.0, "punishment": 2.0},
    "treaty_closed_form": {"temptation": 4.0, "reward": 3.0, "punishment": 2.0},
    "logit_choice": {"utility": [1.0, 2.0], "draws": 50},
    "logit_closed_form": {"utility": [1.0, 2.0]},
    "contest_survival": {"labs": 2, "weight": 1.0, "gain": 10.0},
    "contest_closed_form": {"labs": 2, "weight": 1.0, "gain": 10.0},
    "follower_lag": {"ratio": 0.5, "delay": 6.0, "growth": 1.1, "algorithms": 0.5},
    "follower_closed_form": {"ratio": 0.5, "delay": 6.0, "growth": 1.1, "algorithms": 0.5},
    "wright_price": {"doublings": 3.0, "progress_ratio": 0.8},
    "wright_closed_form": {"doublings": 3.0, "progress_ratio": 0.8},
    "bass_adoption": {"years": 5.0, "innovation": 0.03, "imitation": 0.4},
    "bass_closed_form": {"years": 5.0, "innovation": 0.03, "imitation": 0.4},
    "habit": {"months": 5, "choosing": 0.05, "advantage": 1.0},
    "habit_closed_form": {"months": 5, "choosing": 0.05, "advantage": 1.0},
    "crowd": {"herding": 1.0, "months": 5},
    "crowd_closed_form": {"herding": 1.0},
    "choice_value": {"utility": [1.0, 2.0], "draws": 50},
    "choice_log_sum": {"utility": [1.0, 2.0]},
    "choice_closed_form": {"utility": [1.0, 2.0]},
    "users_gain": {"utility": [1.0, 2.0]},
    "users_gain_closed_form": {"utility": [1.0, 2.0]},
    "quantal_game": {"precision": 5.0, "temptation": 0.4, "reward": 0.3, "punishment": 0.1, "sucker": 0.0},
    "quantal_closed_form": {"precision": 5.0, "temptation": 0.4, "reward": 0.3, "punishment": 0.1, "sucker": 0.0},
}
NEVER = (None, "x", b"1", [], {}, object(), 1j, math.nan, math.inf, -math.inf, 10**400, True, np.array([1, 2]), -1e13)
ARGUMENTS = [(name, argument) for name in SOUND for argument in inspect.signature(getattr(published, name)).parameters]


def test_every_public_function_is_here():
    public = {name for name, value in vars(published).items() if inspect.isfunction(value)
              and value.__module__ == "sim.model.published" and not name.startswith("_")}
    assert set(SOUND) == public


@pytest.mark.parametrize("name", SOUND)
def test_what_makes_sense_gives_a_number(name):
    assert getattr(published, name)(**SOUND[name]) is not None


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS, ids=[f"{name}.{argument}" for name, argument in ARGUMENTS])
def test_what_makes_no_sense_is_refused_by_the_arguments_name(name, argument):
    for value in NEVER:
        if argument == "utility" and isinstance(value, np.ndarray):
            continue  # a list of numbers, as good as any
        with pytest.raises(ArgumentError, match=rf"^{argument}\b"):
            getattr(published, name)(**SOUND[name] | {argument: value})


@pytest.mark.parametrize(("name", "change", "told"), [
    ("detection_played", {"audit": 5}, "audit is a probability, so it must be a number from 0 to 1, not 5"),
    ("deterrence_share", {"false_negative": -0.1}, "false_negative is a probability"),
    ("armstrong_risk", {"enmity": -1}, "enmity must be"), ("armstrong_risk", {"n": 0}, "n must be a whole number"),
    ("armstrong_risk", {"information": 3}, 'information must be 0 or "none", 1 or "private", 2 or "public", not 3'),
    ("bass_closed_form", {"innovation": -1}, "innovation must be"),
    ("treaty_closed_form", {"temptation": 0}, "temptation must be above reward, not 0 with reward 3"),
    ("treaty_threshold", {"reward": 1e9}, "temptation must be above reward"),
    ("bebchuk_closed_form", {"low": 0.5, "high": 0.5}, "high must be above low"),
    ("wright_price", {"progress_ratio": 5}, "progress_ratio must be"),
    ("richardson_race", {"step": 5}, "step must be"), ("richardson_race", {"years": 1e9}, "years must be"),
    ("priest_klein", {"draws": 0}, "draws must be"), ("priest_klein", {"seed": None}, "seed must be"),
    ("deterrence_share", {"gains": (1.0, 0.0)}, "gains must be two numbers, the lowest and the highest"),
])
def test_a_value_out_of_place_is_told_with_what_would_be_right(name, change, told):
    with pytest.raises(ArgumentError) as refused:
        getattr(published, name)(**SOUND[name] | change)
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(("word", "code"), [("none", 0), ("private", 1), ("public", 2)])
def test_a_regime_may_be_named_as_in_a_scenario(word, code):
    race = {"n": 3, "enmity": 0.7, "mu": 1.5}
    assert published.armstrong_closed_form(**race, information=word) == published.armstrong_closed_form(
        **race, information=code)
    assert published.armstrong_risk(**race, information=word, draws=100) == published.armstrong_risk(
        **race, information=code, draws=100)
