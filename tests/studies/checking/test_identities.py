"""What must hold in every month whatever policy does and whatever is believed: sums, bounds, and who is where.

Worlds are built from scenarios drawn over all levers, all uncertainties and dated events, and from the corners where
every lever stands at its low or its high end. Each month of each run is checked by `sim.studies.checking.identities`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sim.engine.simulate import check_books, simulate
from sim.model.given import Given
from sim.model.industry import growth_in_sight
from sim.model.institutions.capital import raise_rounds
from sim.model.institutions.chips import allocate, withheld
from sim.model.parameters import attributes, parameters, start_rows
from sim.model.state import CHINA, LAB_SLOTS, NATIONS
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.scenario.schema import DEFAULT_START
from sim.studies.checking.drawn import MONTHS, corner, drawn_scenario, value_between
from sim.studies.checking.identities import check_every_month as check_all
from sim.studies.checking.identities import lived
from sim.studies.checking.identities import world_of as build


def world_of(scenarios: list[Scenario], runs: int, months: int = MONTHS) -> World:
    return build(scenarios, runs, months)


def runs_of(world: World) -> Iterator[tuple[Any, Given]]:
    """Each run's record, and what its rules are given, to play single rules on."""
    settings = world.settings
    for row in range(world.rows):
        of_run = settings.of_run[row]
        yield world.state[row], Given(of_run["p"], of_run["policy"], of_run["start"], settings.keys,
                                      settings.dated[:0], settings.changed[:0])


def by_nation(world: World, of_labs: np.ndarray) -> np.ndarray:
    """The sum of a quantity of labs (rows, labs) by nation: (rows, nations)."""
    return np.stack([(of_labs * (world.labs.nation == nation)).sum(axis=1) for nation in range(len(NATIONS))], axis=1)


def check_every_month(world: World, months: int = MONTHS) -> None:
    check_all(world, months)


@pytest.mark.slow
def test_identities_hold_in_the_baseline():
    check_every_month(world_of([Scenario.from_dict({"title": "Baseline"})], 24))


@pytest.mark.slow
@pytest.mark.parametrize("place", [0.0, 1.0], ids=["all levers low", "all levers high"])
def test_identities_hold_with_every_lever_at_its_end(place):
    check_every_month(world_of([corner("Corner", place)], 12))


@pytest.mark.slow
@pytest.mark.parametrize("place", [0.0, 1.0], ids=["all parameters low", "all parameters high"])
def test_identities_hold_with_every_uncertainty_at_its_end(place):
    beliefs = {name: value_between(p, place) for name, p in parameters().items() if p.kind == "uncertainty"}
    check_every_month(world_of([Scenario.from_dict({"title": "Corner", "uncertainty": beliefs})], 12))


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 8, 16, 24])
def test_identities_hold_in_scenarios_drawn_over_all_levers_and_beliefs(first):
    check_every_month(world_of([drawn_scenario(number) for number in range(first, first + 8)], 3))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(attributes()))
def test_identities_hold_with_an_attribute_of_everybody_at_its_ends(path):
    """Labs without cash, all non-profits, founders without wealth, nations without power, and so on.

    An industry without any revenue or market is none: there one lab, or one nation, is at the end.
    """
    group, key = path.split(".")
    attribute = attributes()[path]
    names = attribute.names or tuple(start_rows(DEFAULT_START)[group])
    names = names[:1] if key in ("revenue_usd_bn", "market_size") else names
    ends = attribute.choices or tuple(value_between(attribute, place) for place in (0.0, 1.0))
    scenarios = [Scenario.from_dict({"title": str(end), "months": 36, group: {name: {key: end} for name in names}})
                 for end in ends]
    check_every_month(world_of(scenarios, 3, 36), 36)


@pytest.mark.slow
def test_simulate_with_check_accounts_for_every_dollar():
    """`check=True` raises IdentityError with lab, month and gap otherwise."""
    results = simulate([drawn_scenario(40), drawn_scenario(41)], runs=3, months=60, check=True)
    assert results.failures == ()


@pytest.mark.slow
def test_scenarios_side_by_side_give_bit_for_bit_what_each_gives_alone():
    """A lever or belief that differs by row is an array, otherwise a number: the results are the same."""
    scenarios = [drawn_scenario(number) for number in range(70, 76)] + [corner("Low", 0.0), corner("High", 1.0)]
    together = simulate(scenarios, runs=2, months=60)
    for i, scenario in enumerate(scenarios):
        alone = simulate(scenario, runs=2, months=60)
        assert np.array_equal(together.values[i], alone.values[0]), scenario.title


def test_a_missing_dollar_is_found():
    """The check is not empty: cash that changes without an entry in the books is reported with its lab."""
    world = world_of([Scenario.from_dict({"title": "Baseline"})], 2)
    for watch in lived(world, 1):
        check_books(world, watch.cash)
        world.labs.cash[1, 0] += 1e-6
        with pytest.raises(AssertionError, match="cash of OpenAI in month 0, run 1: USD 1e-06 bn"):
            check_books(world, watch.cash)


@pytest.mark.parametrize("number", [50, 51, 52])
def test_chips_delivered_to_labs_and_others_are_the_chips_sold(number):
    """At the price that clears the market labs and others get what each orders at it, within power and money.

    A price below the usual one makes others order more, by the elasticity, and labs no more than they planned.
    """
    world = world_of([drawn_scenario(number)], 4, 30)
    with np.errstate(all="ignore"):
        for _ in lived(world, 29):
            pass
        world.month = 29
        labs, nations, chips, p = world.labs, world.nations, world.chips, world.p
        wanted = np.random.default_rng(number).uniform(0.0, 5e4, labs.compute.shape) * labs.active
        # Clouds and firms replace what is retired and grow with the market that they see ahead.
        elsewhere = nations.imported_stock + nations.domestic_stock - by_nation(world, labs.compute)
        ahead = np.array([[growth_in_sight(run, given, 1.0)] for run, given in runs_of(world)])
        others = np.maximum(p.compute_retired + p.accelerator * ahead, 0.0) / 12.0 * np.maximum(elsewhere, 0.0)
        kept = labs.compute * (1.0 - p.compute_retired / 12.0)
        access = 1.0 - np.array([[withheld(run, given, nation) for nation in range(len(NATIONS))]
                                 for run, given in runs_of(world)])
        capacity = chips.capacity * (1.0 + p.mineral_drag * chips.shortage_start)
        for row, (run, given) in enumerate(runs_of(world)):
            allocate(run, given, wanted[row])
    delivered = np.where(labs.active, labs.compute - kept, 0.0)
    supply = nations.domestic_made + nations.imported
    cheap = np.exp(-p.chip_price_elasticity * chips.margin)
    by_labs, by_others = by_nation(world, wanted) * np.minimum(cheap, 1.0), others * cheap
    to_labs = supply * by_labs / np.maximum(by_labs + by_others, 1e-9)
    assert by_nation(world, delivered) == pytest.approx(to_labs, rel=1e-9, abs=1e-6)
    assert np.all(delivered <= wanted * (1.0 + 1e-9) + 1e-6)
    assert np.all(nations.ordered <= (by_labs + by_others) * (1.0 + 1e-9))
    assert nations.imported == pytest.approx((nations.ordered - nations.domestic_made) * access, rel=1e-9, abs=1e-9)
    assert np.all(nations.imported.sum(axis=1, keepdims=True) <= capacity * (1.0 + 1e-9))
    assert chips.sold == pytest.approx(supply.sum(axis=1, keepdims=True), rel=1e-12)


@pytest.mark.parametrize("number", [60, 61, 62])
def test_investors_pool_pays_what_rounds_bring_and_no_more(number):
    """Bloc by bloc, the pool falls by what its labs get from investors, and is never overdrawn."""
    world = world_of([drawn_scenario(number)], 24, 30)
    with np.errstate(all="ignore"):
        for _ in lived(world, 24):
            pass
        world.month = 24
        world.begin_month()
        pool, raised = world.capital.pool.copy(), world.labs.raised.copy()
        for run, given in runs_of(world):
            raise_rounds(run, given)
    got = world.books["investors"]
    chinese = world.blocs[world.labs.nation] == CHINA
    by_bloc = np.stack([(got * ~chinese).sum(axis=1), (got * chinese).sum(axis=1)], axis=1)
    assert got.sum() > 0.0
    assert pool - world.capital.pool == pytest.approx(by_bloc, rel=1e-9, abs=1e-9)
    assert np.all(world.capital.pool >= -1e-9)
    assert np.all(world.labs.raised >= raised)


@pytest.mark.slow
def test_slots_beyond_the_known_labs_stay_empty_when_nobody_enters():
    shut = Scenario.from_dict({"title": "Nobody enters", "industry": {"entry": 0.0}, "people": {"spin_offs": 0.0}})
    world = world_of([shut], 8)
    named = len(world.start["lab"])
    with np.errstate(all="ignore"):
        for _ in lived(world, MONTHS):
            assert not world.labs.active[:, named:LAB_SLOTS].any()
