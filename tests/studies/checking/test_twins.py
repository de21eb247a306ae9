"""Twin worlds: what should make no difference makes none, and a twin that differs is seen."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.live import politics
from sim.model.start import build_world
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.studies.checking.twins import ROUNDING, TWINS, DoesNotApplyError, RearrangedLuck, a_lab_without_size

BASELINE = Scenario.from_dict({"title": "Baseline"})
# Jurisdictions and powers are treated differently, by levers, laws, controls and at the start.
LICENSING = Scenario.from_dict({
    "title": "Licensing", "regulation": {"strictness": 0.7, "licensing_above": 0.5, "us": {"strictness": 0.9}},
    "trade": {"chip_controls": 1.4}, "diplomacy": {"us_china_cooperation": 0.6}, "nations": {"US": {"hostility": 0.9}},
    "event": [{"date": "2026-07", "kind": "new_law", "actor": "eu", "severity": 0.9},
              {"date": "2027-02", "kind": "chip_control_step", "actor": "US", "severity": 0.5},
              {"date": "2027-05", "kind": "subsidy_law", "actor": "China", "severity": 0.4}]})


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [BASELINE, LICENSING], ids=lambda scenario: scenario.title)
@pytest.mark.parametrize("name", TWINS)
def test_what_should_make_no_difference_makes_none(name: str, scenario: Scenario) -> None:
    _, twin, tolerance = TWINS[name]
    assert twin(scenario) <= tolerance


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TWINS if name != "a lab of zero size"])
def test_a_twin_that_differs_is_seen(name: str) -> None:
    """Regulators that act, labs or powers without their luck, a price that is not exchanged, later months."""
    _, twin, _ = TWINS[name]
    assert twin(BASELINE, False) > 100 * ROUNDING


@pytest.mark.parametrize(("name", "change"), [
    ("labs in another order", {"labs.xAI.cash_usd_bn": 50.0}),
    ("another currency", {"uncertainty.fixed_cost_usd_bn": 0.03}),
])
def test_a_twin_that_has_no_meaning_in_a_scenario_says_why(name: str, change: dict[str, float]) -> None:
    with pytest.raises(DoesNotApplyError, match="the scenario"):
        TWINS[name][1](BASELINE.with_(change))


@pytest.mark.slow
def test_a_lab_with_compute_is_seen() -> None:
    assert a_lab_without_size(BASELINE, 1e6) > 100 * ROUNDING


# ---- the two powers change places, to the last bit -------------------------------------------------------------
RUNS = 12
MIRROR = {channel: np.array(order) for channel, order in {
    "nations.hostility": [1, 0], "nations.controls": [1, 0, 3, 2], "nations.retaliation": [1, 0, 3, 2],
    "nations.treaty": [0, 2, 1, 3], "nations.choices": [1, 0, 3, 2, 5, 4]}.items()}


def politics_of(scenario: Scenario, mirrored: bool) -> World:
    """A world in which five years of politics pass, its labs standing still; the powers' numbers swapped on request.

    Only the US has allies, so there are none.
    """
    world = build_world([scenario], np.zeros(RUNS, int), np.arange(RUNS), 0, months=60)
    world.nations.chip_leverage[:, 2:] = world.nations.imported_stock[:, 2:] = 0.0
    world.labs.active[world.labs.nation > 1] = False
    world.labs.revenue[world.labs.nation > 1] = 0.0
    world.nations.imported[:, :2] = world.nations.domestic_made[:, :2] = [3e5, 2e4]  # no month of trade has passed
    if mirrored:
        world.luck = RearrangedLuck(world.luck, lambda channel, slots: MIRROR.get(channel))  # noqa: ARG005
        for array in world.nations.arrays().values():
            array[:, :2] = array[:, 1::-1].copy()
        swapped = np.where(world.labs.nation == 0, 1, np.where(world.labs.nation == 1, 0, world.labs.nation))
        world.labs.nation[...] = swapped
    for month in range(60):
        world.month = world.luck.month = month
        politics(world, world.luck)
    return world


@pytest.mark.parametrize("cooperation", [0.1, 0.8])
def test_politics_of_powers_with_each_others_numbers_are_exchanged_to_the_last_bit(cooperation: float) -> None:
    """No rule of politics knows which of the two is the US: no sum over agents here, so no rounding either."""
    scenario = BASELINE.with_({"diplomacy.us_china_cooperation": cooperation})
    as_they_are, swapped = politics_of(scenario, mirrored=False), politics_of(scenario, mirrored=True)
    for name, array in as_they_are.nations.arrays().items():
        assert np.array_equal(array[:, 1::-1], getattr(swapped.nations, name)[:, :2]), name
    assert as_they_are.nations.export_control[:, 0].std() > 0  # there was something to swap
