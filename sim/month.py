"""One month, read aloud: who acts, in which order. This is the only place that knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.agents import founders, labs, nations, regulators, training
from sim.given import given_of
from sim.institutions import capital, chips, control, courts, customers, dated
from sim.luck import Luck
from sim.model.rule import entry, rule
from sim.world import World

Stage = Callable[[World, Luck], None]


# ---- the world's politics ------------------------------------------------------------------------------------------
@rule
def _politics(run: Any, given: Any) -> None:
    dated.happen(run, given)
    nations.read_the_race(run, given)
    nations.withhold_chips(run, given)
    nations.withhold_metals(run, given)
    nations.keep_or_break_treaties(run, given)


@entry
def _politics_of_all(state: Any, settings: Any) -> None:
    for row in range(len(state)):
        _politics(state[row], given_of(settings, row))


def politics(world: World, luck: Luck) -> None:  # noqa: ARG001 - a stage takes the world and its luck
    """What is dated happens; nations read the race, withhold chips and metals, keep or break treaties."""
    world.live(_politics_of_all)


@rule
def _rules(run: Any, given: Any) -> None:
    labs.take_stock(run, given)
    labs.lobby(run, given)
    regulators.make_rules(run, given)
    regulators.bind_labs(run, given)
    regulators.license_labs(run, given)


@entry
def _rules_of_all(state: Any, settings: Any) -> None:
    for row in range(len(state)):
        _rules(state[row], given_of(settings, row))


def rules(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Labs take stock and lobby; regulators draft, bind, audit, fine and license."""
    world.live(_rules_of_all)


# ---- the race ------------------------------------------------------------------------------------------------------
def race(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Labs choose how careful to be, plan their growth, get chips, train, and release."""
    labs.choose_safety(world)
    wanted = labs.plan_growth(world)
    chips.price_metals(world)
    chips.allocate(world, wanted)
    training.share_compute(world)
    training.improve_algorithms(world)
    training.train(world)
    training.record_frontiers(world)


# ---- the market ----------------------------------------------------------------------------------------------------
def market(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Customers choose; harm is done; bills are paid; investors value labs and fill rounds."""
    customers.choose(world)
    customers.suffer_incidents(world)
    capital.watch_the_market(world)
    capital.set_parent_budgets(world)
    labs.settle_accounts(world)
    labs.take_defence_work(world)
    capital.move_sentiment(world)
    capital.value_labs(world)
    capital.find_patrons(world)
    capital.raise_rounds(world)


# ---- quarrels ------------------------------------------------------------------------------------------------------
def quarrels(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Founders attack, leave and found rivals; suits are filed, heard and settled; conversions are reviewed."""
    courts.attack_in_public(world)
    founders.leave(world)
    courts.file_suits(world)
    courts.hear_suits(world)
    courts.review_conversions(world)


def comings_and_goings(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Labs are bid for, fail, are founded and enter."""
    control.bid_for_control(world)
    control.close_failing(world)
    founders.found_labs(world)
    control.consider_entry(world)
    control.open_labs(world)


STAGES: tuple[Stage, ...] = (politics, rules, race, market, quarrels, comings_and_goings)


def live_one_month(world: World, stages: Sequence[Stage] = STAGES) -> None:
    """Let the world live through month `world.month`, stage by stage."""
    world.begin_month()
    for stage in stages:
        stage(world, world.luck)
