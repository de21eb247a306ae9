"""Boxes find what made points fail and regret is that of the definition; what would mislead is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.scenario.scenario import Scenario
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.discovery import Condition, DiscoveryError, boxes, regret
from sim.studies.sweeping.sweep import Sweep

AXES = ("regulation.strictness", "diplomacy.us_china_cooperation", "trade.chip_controls")
POINTS = 800


class MadeUp(Sweep):
    """A sweep whose runs are a function of the points."""

    def __init__(self, title: str, function, outcome: str = "severe_incidents", is_grid: bool = False) -> None:
        drawn = np.random.default_rng(5).uniform(size=(POINTS, 3)).round(6)
        base = Scenario.from_dict({"title": title, "months": 12})
        design = Design(title, base, AXES, tuple(map(tuple, drawn.tolist())), is_grid, 1, 0, 12, "luck", (outcome,))
        super().__init__(Path(title), design)
        self.made_up = np.array(function(*drawn.T), float)[:, None]

    def values(self, outcome: str) -> np.ndarray:  # noqa: ARG002 - there is one
        return self.made_up


def lax_and_hostile(strictness, cooperation, _):
    """Ten incidents where rules are lax and powers do not cooperate, else none."""
    return 10.0 * ((strictness < 0.4) & (cooperation < 0.5))


def test_a_box_finds_the_corner_in_which_points_fail() -> None:
    found = boxes(MadeUp("Corner", lax_and_hostile), Condition.read("severe_incidents > 5"))
    assert found.share == pytest.approx(0.2, abs=0.05)
    narrow = found.boxes[-1]
    assert narrow.density > 0.9
    assert narrow.coverage > 0.9
    limits = {limit.axis: limit for limit in narrow.limits if limit.chance < 0.05}
    assert set(limits) == set(AXES[:2])
    assert limits[AXES[0]].high == pytest.approx(0.4, abs=0.05)
    assert limits[AXES[1]].high == pytest.approx(0.5, abs=0.05)
    coverages = [box.coverage for box in found.boxes]
    assert coverages == sorted(coverages, reverse=True)


def test_below_is_a_condition_too() -> None:
    low = Condition.read(" severe_incidents<=1 ")
    assert not low.above
    found = boxes(MadeUp("Corner", lambda *point: 10.0 - lax_and_hostile(*point)), low)
    assert found.boxes[-1].density > 0.9


def test_regret_is_the_distance_to_the_best_policy_of_each_future() -> None:
    steady = MadeUp("Steady", lambda s, *_: 2.0 + 0.0 * s)
    daring = MadeUp("Daring", lambda s, *_: np.where(s < 0.5, 1.0, 6.0))
    first, second = regret([daring, steady], "severe_incidents")
    assert (first.policy, second.policy) == ("Steady", "Daring")
    assert first.largest == pytest.approx(1.0)
    assert second.largest == pytest.approx(4.0)
    assert second.ninety == pytest.approx(4.0)
    assert first.best_share + second.best_share == pytest.approx(1.0)
    assert second.mean == pytest.approx(4.0 * first.best_share)


def test_where_more_is_better_regret_is_what_is_missing() -> None:
    poor = MadeUp("Poor", lambda s, *_: s, "safety_effort")
    rich = MadeUp("Rich", lambda s, *_: s + 0.25, "safety_effort")
    first, second = regret([poor, rich], "safety_effort")
    assert (first.policy, first.largest) == ("Rich", 0.0)
    assert second.mean == pytest.approx(0.25)


@pytest.mark.parametrize(("text", "told"), [
    ("many incidents", "is no condition"),
    ("severe_incident > 5", "did you mean severe_incidents?"),
    ("severe_incidents > five", "is no number"),
])
def test_a_condition_that_cannot_be_read_is_refused(text: str, told: str) -> None:
    with pytest.raises(DiscoveryError) as refused:
        Condition.read(text)
    assert told in str(refused.value)


def test_what_would_mislead_is_refused() -> None:
    condition = Condition.read("severe_incidents > 5")
    with pytest.raises(DiscoveryError, match="fewer than 20 on either side"):
        boxes(MadeUp("Never", lambda s, *_: 0.0 * s), condition)
    with pytest.raises(DiscoveryError, match="this sweep is a grid"):
        boxes(MadeUp("Grid", lax_and_hostile, is_grid=True), condition)
    with pytest.raises(DiscoveryError, match="did not keep hostility"):
        boxes(MadeUp("Corner", lax_and_hostile), Condition.read("hostility > 0.5"))
    with pytest.raises(DiscoveryError, match="has no better direction"):
        regret([MadeUp(title, lax_and_hostile, "active_labs") for title in "AB"], "active_labs")
    other = MadeUp("B", lax_and_hostile)
    other.design = Design(**{**other.design.__dict__, "seed": 1})
    with pytest.raises(DiscoveryError, match="another seed"):
        regret([MadeUp("A", lax_and_hostile), other], "severe_incidents")
