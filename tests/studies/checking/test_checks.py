"""Checks that users run pass, fail when they should, and are the ones promised."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.engine.simulate import IdentityError
from sim.model.published import Estimate
from sim.scenario.scenario import Scenario
from sim.studies.checking import (
    directions as checks_directions,
)
from sim.studies.checking import (
    engine as checks_engine,
)
from sim.studies.checking import (
    input as checks_input,
)
from sim.studies.checking import (
    statistics as checks_statistics,
)
from sim.studies.checking.checks import Verdict, run_checks
from sim.studies.checking.directions import DIRECTIONS, UNCONVERTED, VARIANTS, Direction, Never
from sim.studies.checking.identities import IDENTITIES, check_shares, lived, world_of
from sim.studies.checking.published import Curve, Series, curves
from sim.studies.comparing.paired import Pairs


@pytest.mark.slow
@pytest.mark.parametrize("curve", curves(), ids=lambda curve: curve.name.partition(" ")[0])
def test_a_published_result_is_reproduced(curve):
    found = curve.check()
    assert found.verdict is Verdict.holds, found.measured


def test_there_is_one_curve_for_each_published_result():
    assert [curve.name.partition(" ")[0] for curve in curves()] == [f"V{n}" for n in range(1, 19)]


def test_a_point_off_its_line_and_a_wrong_number_fail():
    on_line = Series("line", (1.0, 2.0), lambda x: Estimate(x), lambda x: x)
    off_line = Series("line", (1.0, 2.0), lambda x: Estimate(x + 0.1, 0.02), lambda x: x)
    assert Curve("V", "", "", "", (on_line,)).check().verdict is Verdict.holds
    assert Curve("V", "", "", "", (on_line, off_line)).check().verdict is Verdict.fails
    assert Curve("V", "", "", "", (on_line,), (("number", lambda: 0.5, 0.6, 0.05),)).check().verdict is Verdict.fails


@pytest.mark.slow
def test_the_engine_and_the_identities_pass_on_a_given_scenario():
    scenario = Scenario.from_dict({"title": "Strict", "months": 24, "regulation": {"strictness": 0.9}})
    found = list(run_checks([scenario], only=["identities", "engine"]))
    assert [check.name for check in found if check.group == "identities"] == list(IDENTITIES)
    assert [check.name for check in found if check.verdict is not Verdict.holds] == []


@pytest.mark.thorough
@pytest.mark.slow
def test_every_direction_holds_in_the_baseline():
    found = list(run_checks(only=["directions"]))
    assert len(found) == len(DIRECTIONS) + len(UNCONVERTED) + 2 + len(checks_directions.DRAWN)
    assert [(check.name, check.measured) for check in found if check.verdict is not Verdict.holds] == []


def test_directions_name_variants_and_a_wrong_one_fails():
    for direction in (*DIRECTIONS, *UNCONVERTED):
        titles = {direction.title} if isinstance(direction, Never) else {direction.high, direction.low}
        assert titles <= set(VARIANTS)
    pairs = Pairs.of({title: VARIANTS[title] for title in ("rivalry", "cooperation")}, runs=16, months=24)
    assert Direction("right", "hostility", "rivalry", "cooperation").check(pairs, "").verdict is Verdict.holds
    assert Direction("wrong", "hostility", "cooperation", "rivalry").check(pairs, "").verdict is Verdict.fails
    assert Direction("nothing", "hostility", "rivalry", "rivalry").check(pairs, "").verdict is Verdict.fails
    not_lower = Direction("nothing", "hostility", "rivalry", "rivalry", not_lower=True)
    assert not_lower.check(pairs, "").verdict is Verdict.holds
    assert Never("happens", "rivalry", ("round",)).check(pairs, "").verdict is Verdict.fails


def noisy(mean: float, runs: int) -> np.ndarray:
    """Differences of `runs` runs with this mean and a standard deviation of 1."""
    spread = np.resize([-1.0, 1.0], runs)
    return mean + spread / spread.std(ddof=1)


@pytest.mark.parametrize(("mean", "runs", "verdict"), [
    (0.5, 64, Verdict.holds),     # three standard errors are 0.375
    (0.3, 64, Verdict.fails),     # as many runs as are claimed would show it
    (0.5, 16, Verdict.untold),    # here they are 0.75: an effect of 0.375 may well be there
    (1.0, 16, Verdict.holds),
    (-0.3, 16, Verdict.untold),
    (-0.5, 16, Verdict.fails),    # nor may it: the interval ends at 0.25
    (0.0, 1024, Verdict.fails),
])
def test_too_few_runs_cannot_tell_and_enough_runs_decide(mean, runs, verdict):
    assert checks_directions.judged(noisy(mean, runs))[0] is verdict
    assert checks_directions.judged(np.zeros(runs))[0] is Verdict.fails  # on the same luck nothing at all moves


def test_a_lever_without_effect_in_a_given_scenario_does_not_apply_there():
    pairs = Pairs.of({title: VARIANTS[title] for title in ("rivalry", "cooperation")}, runs=8, months=2)
    nothing = Direction("nothing", "hostility", "rivalry", "rivalry")
    assert nothing.check(pairs, "").verdict is Verdict.fails
    assert nothing.check(pairs, " [Mine]").verdict is Verdict.void


def test_a_broken_identity_says_where_and_by_how_much():
    world = world_of([Scenario.from_dict({"title": "Baseline"})], 2, 1)
    with np.errstate(all="ignore"):
        for watch in lived(world, 1):
            world.labs.share[1, 0] += 0.01
            with pytest.raises(IdentityError, match=r"market shares sum to one: not so in month 0, at .* 1, by 0.01"):
                check_shares(world, watch)


@pytest.mark.slow
@pytest.mark.parametrize("group", ["twins", "engine", "input"])  # statistics over longer runs: test_statistics.py
def test_every_check_of_a_group_passes(group):
    found = list(run_checks(only=[group]))
    assert [(check.name, check.measured) for check in found if check.verdict is not Verdict.holds] == []
    assert len(found) > 1


def test_intervals_that_are_too_narrow_fail(monkeypatch):
    differences = np.random.default_rng(0).normal(size=(400, 20, 4))
    names = ["hostility", "trust", "adoption", "market_hhi"]
    assert all(check.verdict is Verdict.holds for check in checks_statistics.judged(differences, names))
    right = checks_statistics.intervals.mean_difference

    def narrow(*arguments, **options):
        found = right(*arguments, **options)
        middle = (found.low + found.high) / 2.0
        return SimpleNamespace(low=middle + 0.7 * (found.low - middle), high=middle + 0.7 * (found.high - middle))

    monkeypatch.setattr(checks_statistics.intervals, "mean_difference", narrow)
    assert not any(check.verdict is Verdict.holds for check in checks_statistics.judged(differences, names))


def test_a_bad_scenario_that_is_accepted_fails(monkeypatch):
    monkeypatch.setattr(checks_input.Scenario, "from_dict", lambda tables: tables)
    found = {check.name: check for check in checks_input.checks_of(["bad mappings", "what is no scenario file"])}
    assert found["bad mappings"].verdict is Verdict.fails
    assert "is accepted" in found["bad mappings"].measured
    assert found["what is no scenario file"].verdict is Verdict.holds


def test_another_hash_fails():
    assert checks_engine._same("", "", "a", {"one": "a", "two": "a"}).verdict is Verdict.holds
    assert "two" in checks_engine._same("", "", "a", {"one": "a", "two": "b"}).measured
    assert checks_engine._same("", "", "a", {"one": "a", "two": ""}).verdict is Verdict.fails


@pytest.mark.thorough
@pytest.mark.slow
def test_a_direction_that_is_turned_round_in_a_drawn_world_fails(monkeypatch):
    assert checks_directions._drawn_world(0).verdict is Verdict.holds
    wrong = tuple(Direction(d.name, d.outcome, d.low, d.high) for d in DIRECTIONS if isinstance(d, Direction))
    monkeypatch.setattr(checks_directions, "DIRECTIONS", wrong)
    assert checks_directions._drawn_world(0).verdict is Verdict.fails


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="no such group of checks: nonsense"):
        list(run_checks(only=["nonsense"]))
