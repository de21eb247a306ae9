"""What a sweep's report finds, on made-up runs whose truth is known: interaction, slices, fronts, regret."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.scenario.scenario import Scenario
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.fronts import front, rivals
from sim.studies.sweeping.regret import regret_of
from sim.studies.sweeping.slices import slices
from sim.studies.sweeping.surface import NOTHING, OPEN, by_draw, interaction, surface

STEPS = tuple(np.linspace(0.0, 1.0, 6).round(6).tolist())
AXES = ("regulation.strictness", "diplomacy.us_china_cooperation")
DRAWS = 40


def grid(axes: int = 2, uncertainty: str = "luck", runs: int = DRAWS) -> Design:
    """A grid of six values along each axis."""
    points = tuple(itertools.product(STEPS, repeat=axes))
    base = Scenario.from_dict({"title": "Base", "months": 12})
    return Design("Made up", base, AXES[:axes], points, True, runs, 0, 12, uncertainty, ("severe_incidents",))


def runs_of(design: Design, truth, noise: float = 0.3) -> np.ndarray:
    """Runs whose luck is mostly shared by all points: (points, runs)."""
    draw = np.random.default_rng(4)  # one seed in twenty shows an interaction where there is none
    means = np.array([truth(*point) for point in design.points])
    shared = draw.normal(size=design.runs)
    return means[:, None] + shared + noise * draw.normal(size=(len(means), design.runs))


def test_runs_that_share_a_draw_of_the_parameters_count_once() -> None:
    design = grid(1, "posterior", runs=8)
    values = np.arange(48.0).reshape(6, 8)
    assert by_draw(values, design)[0].tolist() == [0.5, 2.5, 4.5, 6.5]
    assert by_draw(values, grid(1, "luck", runs=8)) is values


def test_differences_are_as_exact_as_shared_luck_makes_them() -> None:
    """The standard error is that of the noise of two points, 0.3 x sqrt(2 / 40), not of the luck of runs."""
    found = surface(runs_of(grid(), lambda s, _: 2.0 * s), "severe_incidents")
    half = (found.high - found.low)[1:] / 2.0
    assert half.mean() == pytest.approx(2.02 * 0.3 * np.sqrt(2.0 / DRAWS), rel=0.1)
    assert found.difference[-1] == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize(("truth", "verdict"), [
    (lambda s, c: 4.0 - s - c, "add up"),
    (lambda s, c: 4.0 - s - c - s * c, "reinforce each other"),
    (lambda s, c: 4.0 - s - c + s * c, "partly replace each other"),
    (lambda s, c: 4.0 - s - c + 3.0 * s * c, "undo each other"),
])
def test_what_two_levers_do_together_is_named(truth, verdict: str) -> None:
    design = grid()
    assert interaction(runs_of(design, truth, noise=0.05), design, "severe_incidents").verdict == verdict


def test_too_few_runs_to_tell_are_no_evidence_that_two_levers_add_up() -> None:
    design = grid(runs=6)
    assert interaction(runs_of(design, lambda s, c: 4.0 - s - c), design, "severe_incidents").verdict == OPEN


def test_levers_that_move_nothing_are_not_said_to_add_up() -> None:
    """No run with an incident is no evidence of a sum."""
    design = grid()
    found = interaction(0.0 * runs_of(design, lambda s, c: s + c), design, "severe_incidents")
    assert found.verdict == NOTHING


def test_a_lever_that_helps_and_then_harms_backfires_from_its_turning_point() -> None:
    design = grid()
    found = slices(runs_of(design, lambda s, c: 5.0 - c + 8.0 * (s - 0.4) ** 2), design, "severe_incidents", 0)
    assert len(found) == 6
    for each in found:
        assert each.worse is not None
        assert not each.worse.throughout
        assert each.worse.start == pytest.approx(0.4, abs=0.2)
        assert each.worse.end == 1.0
        assert each.worse.low < 8.0 * 0.36 < each.worse.high
    helpful = runs_of(design, lambda _, c: 5.0 - c)
    assert all(each.worse is None for each in slices(helpful, design, "severe_incidents", 1))


def test_chance_makes_no_backfire_zone_in_nineteen_of_twenty_slices() -> None:
    """200 slices without any effect: at most 5% may be called worse, with room for three standard errors (1.5%)."""
    draw, design = np.random.default_rng(8), grid(1)
    called = [slices(draw.normal(size=(6, DRAWS)), design, "severe_incidents", 0)[0].worse is not None
              for _ in range(200)]
    assert np.mean(called) < 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / 200)


def test_more_of_what_is_wanted_is_never_called_worse() -> None:
    design = grid(1)
    rising = runs_of(design, lambda s: 3.0 * s)
    assert slices(rising, design, "severe_incidents", 0)[0].worse is not None
    assert slices(rising, design, "small_labs", 0)[0].worse is None
    assert slices(rising, design, "active_labs", 0)[0].worse is None


def test_a_step_is_a_threshold_and_what_follows_has_levelled_off() -> None:
    design = grid(1)
    found = slices(runs_of(design, lambda s: 4.0 * (s > 0.3), noise=0.01), design, "severe_incidents", 0)[0]
    assert found.threshold == (0.2, 0.4)
    assert found.levels_off == 0.4
    even = slices(runs_of(design, lambda s: 4.0 * s, noise=0.01), design, "severe_incidents", 0)[0]
    assert (even.threshold, even.levels_off) == (None, None)


def test_a_step_that_nobody_would_notice_is_no_threshold() -> None:
    design = grid(1)
    (found,) = slices(runs_of(design, lambda s: 4.0 - 0.05 * (s > 0.3), noise=0.001), design, "severe_incidents", 0)
    assert (found.low > 0.0).any() or (found.high < 0.0).any()
    assert (found.moves, found.threshold, found.levels_off) == (False, None, None)


def test_a_step_that_luck_alone_could_make_is_no_threshold() -> None:
    """The lever clearly moves the outcome by 0.3; the largest step, of 1, is +11 in one run and -9 in the next."""
    design = grid(1, runs=20)
    values = np.tile(np.linspace(-1.5, 1.5, 20), (6, 1))
    values[1:] += 0.3
    values[5] += np.tile([11.0, -9.0], 10)
    (found,) = slices(values, design, "severe_incidents", 0)
    assert found.moves
    assert np.abs(np.diff(found.mean)).argmax() == 4
    assert found.threshold is None


def test_the_front_is_of_points_that_none_beats_and_doubt_is_kept() -> None:
    """Points A and B trade off; C is beaten by A by far, D by B by less than the luck that they do not share."""
    draw = np.random.default_rng(2)
    means = {"incidents": [1.0, 3.0, 4.0, 3.001], "labs": [2.0, 9.0, 1.0, 8.999]}
    first, second = (np.array(each)[:, None] + 0.2 * draw.normal(size=(4, DRAWS)) for each in means.values())
    first[3], second[3] = first[3] - first[3].mean() + 3.001, second[3] - second[3].mean() + 8.999
    first[1], second[1] = first[1] - first[1].mean() + 3.0, second[1] - second[1].mean() + 9.0
    found = front(("severe_incidents", first), ("small_labs", second))
    assert found.best.tolist() == [True, True, False, False]
    assert found.open_.tolist() == [False, False, False, True]


def test_rivals_are_the_outcomes_most_at_odds() -> None:
    point = np.linspace(0.0, 1.0, 9)
    means = {"severe_incidents": 1.0 - point, "safety_effort": point, "small_labs": 9.0 - point, "active_labs": -point}
    assert rivals(means, "severe_incidents") == ("severe_incidents", "small_labs")
    assert rivals({"active_labs": point}) is None
    assert rivals({"severe_incidents": point, "small_labs": np.ones(9)}) is None


def test_regret_is_measured_future_by_future() -> None:
    values = np.array([[1.0, 5.0, 2.0], [2.0, 2.0, 2.0], [np.nan, 0.0, 4.0]])
    found = {each.policy: each.worse.tolist() for each in regret_of(["a", "b", "c"], values, "severe_incidents")}
    assert found == {"a": [5.0, 0.0], "b": [2.0, 0.0], "c": [0.0, 2.0]}
    with pytest.raises(ValueError, match="has no better direction"):
        regret_of(["a"], values[:1], "active_labs")
