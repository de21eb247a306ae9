"""Twin worlds: what should make no difference makes none."""

from __future__ import annotations

import numpy as np
import pytest

from sim import world as world_module
from sim.agents import labs
from sim.build import build_world
from sim.luck import Luck
from sim.measure import measure
from sim.month import STAGES, live_one_month, politics, rules
from sim.outcomes import INDEX, NAMES
from sim.scenario import Scenario
from sim.state import LAB_SLOTS
from sim.world import World, load_start

BASELINE = Scenario.from_dict({"title": "Baseline"})
RUNS, MONTHS = 12, 18


def lived(scenario: Scenario, stages=STAGES, months: int = MONTHS) -> tuple[World, np.ndarray]:
    """The world after some months, and the outcomes on the way (runs, months, outcomes)."""
    world = build_world([scenario], np.zeros(RUNS, int), np.arange(RUNS), 0, months=months)
    values = np.empty((RUNS, months, len(NAMES)))
    for month in range(months):
        world.month = month
        live_one_month(world, stages)
        measure(world, values[:, month])
    return world, values


# ---- an idle regulator ---------------------------------------------------------------------------------------
def without_strictness(world: World, luck: Luck) -> None:  # noqa: ARG001 - a stage takes the world and its luck
    """No rules are in force, at the start either."""
    if world.month == 0:
        world.regulators.strictness[:] = 0.0
        world.regulators.draft[:] = 0.0


def no_regulators(world: World, luck: Luck) -> None:  # noqa: ARG001
    """The month's rules without any regulator: labs take stock, and still pay their lobbyists."""
    labs.take_stock(world)
    labs.lobby(world)


def test_an_idle_regulator_equals_none() -> None:
    """Regulators who ask for nothing, whoever lobbies or fears what, change no bit of any lab or market."""
    idle = BASELINE.with_({"regulation.strictness": 0.0, "regulation.capture": 0.0, "regulation.adaptivity": 0.0})
    idle_stages = [without_strictness, *STAGES]
    none_stages = [without_strictness, *(no_regulators if stage is rules else stage for stage in STAGES)]
    first, by_idle = lived(idle, idle_stages)
    second, by_none = lived(idle, none_stages)
    assert np.array_equal(by_idle, by_none)
    assert np.array_equal(first.labs.cash, second.labs.cash)


def test_the_test_of_an_idle_regulator_would_see_one_that_acts() -> None:
    """The twin is not blind: with rules in force the two worlds part."""
    acting = BASELINE.with_({"regulation.strictness": 0.8})
    none_stages = [no_regulators if stage is rules else stage for stage in STAGES]
    assert not np.array_equal(lived(acting)[1], lived(acting, none_stages)[1])


# ---- labs in another order -----------------------------------------------------------------------------------
@pytest.fixture
def shuffled(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The start's labs in another order, each with its own luck: `order[new slot]` is the old slot."""
    start = load_start("2025-01")
    named = len(start["lab"])
    order = np.concatenate([np.random.default_rng(5).permutation(named), np.arange(named, LAB_SLOTS)])
    moved = {**start, "lab": [start["lab"][old] for old in order[:named]]}
    uniform = Luck.uniform

    def same_luck(self: Luck, channel: str, slots: int) -> np.ndarray:
        numbers = uniform(self, channel, slots)
        return numbers[:, order] if slots == LAB_SLOTS else numbers

    monkeypatch.setattr(world_module, "load_start", lambda _: moved)
    monkeypatch.setattr("sim.build.load_start", lambda _: moved)
    monkeypatch.setattr(Luck, "uniform", same_luck)
    return order


def test_labs_in_another_order_give_the_same_history(shuffled: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permuting the labs' slots, each with its luck, permutes what becomes of them and changes no total.

    Sums over labs are added in another order, so equal means to a relative 1e-8 rather than to the last bit.
    """
    there, by_other_order = lived(BASELINE)
    monkeypatch.undo()
    here, values = lived(BASELINE)
    # Suits filed in one month take the docket's slots, and their luck, in the order of the labs.
    alone = values[..., INDEX["suits_filed"]].max(axis=1) <= 1.0
    assert alone.mean() > 0.5
    for name in ("cash", "compute", "capability", "revenue", "valuation", "raised", "safety", "reputation"):
        expected = getattr(here.labs, name)[alone][:, shuffled]
        np.testing.assert_allclose(getattr(there.labs, name)[alone], expected, rtol=1e-8, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(by_other_order[alone], values[alone], rtol=1e-7, atol=1e-7)
    assert not np.allclose(there.labs.cash, here.labs.cash)  # the labs did change places


# ---- the two powers change places ------------------------------------------------------------------------------
MIRROR = {"nations.hostility": [1, 0], "nations.controls": [1, 0, 3, 2], "nations.retaliation": [1, 0, 3, 2],
          "nations.treaty": [0, 2, 1, 3], "nations.truce": [0]}


def politics_of(scenario: Scenario, mirrored: bool) -> World:
    """A world in which five years of politics pass, its labs standing still; the powers' numbers swapped on request."""
    world = build_world([scenario], np.zeros(RUNS, int), np.arange(RUNS), 0, months=60)
    if mirrored:
        for array in world.nations.arrays().values():
            array[:, :2] = array[:, 1::-1].copy()
        swapped = np.where(world.labs.nation == 0, 1, np.where(world.labs.nation == 1, 0, world.labs.nation))
        world.labs.nation[...] = swapped
    for month in range(60):
        world.month = world.luck.month = month
        politics(world, world.luck)
    return world


@pytest.mark.parametrize("cooperation", [0.1, 0.8])
def test_the_powers_with_each_others_numbers_have_each_others_history(
    cooperation: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rule of politics knows which of the two is the US: swap their numbers and luck, and every bit is swapped."""
    scenario = BASELINE.with_({"diplomacy.us_china_cooperation": cooperation})
    as_they_are = politics_of(scenario, mirrored=False)
    uniform = Luck.uniform
    monkeypatch.setattr(Luck, "uniform", lambda self, channel, slots: uniform(self, channel, slots)[:, MIRROR[channel]])
    swapped = politics_of(scenario, mirrored=True)
    for name, array in as_they_are.nations.arrays().items():
        assert np.array_equal(array[:, 1::-1], getattr(swapped.nations, name)[:, :2]), name
    assert as_they_are.nations.export_control[:, 0].std() > 0  # there was something to swap
