"""One month of a run, read aloud: who acts, in which order. This is the only place that knows it."""

from __future__ import annotations

from typing import Any

from numba import literal_unroll

from sim.model.agents import founders, labs, nations, regulators, training, treaties
from sim.model.institutions import capital, chips, control, courts, customers, dated, plants
from sim.model.rule import rule, zeros
from sim.model.state import LAB_SLOTS, MONTH

POLITICS, RULES, RACE, MARKET, QUARRELS, COMINGS_AND_GOINGS = (1 << place for place in range(6))
"""The stages of a month, as bits: a month can be lived in parts, with a user's own stages in between."""
_OF_THE_MONTH = tuple(MONTH.quantities)


@rule
def begin(run: Any, month: int) -> None:
    """Clear what is counted by the month."""
    run.month = month
    run.books[:] = 0.0
    for name in literal_unroll(_OF_THE_MONTH):
        run.now[name] = 0.0


@rule
def live_through(run: Any, given: Any, stages: int) -> None:
    """Let a run live through some stages of a month, in their order."""
    if stages & POLITICS:
        politics(run, given)
    if stages & RULES:
        rules(run, given)
    if stages & RACE:
        race(run, given)
    if stages & MARKET:
        market(run, given)
    if stages & QUARRELS:
        quarrels(run, given)
    if stages & COMINGS_AND_GOINGS:
        comings_and_goings(run, given)


@rule
def politics(run: Any, given: Any) -> None:
    """What is dated happens; nations read the race, withhold chips and metals, keep or break treaties."""
    dated.happen(run, given)
    nations.read_the_race(run, given)
    nations.withhold_chips(run, given)
    nations.withhold_metals(run, given)
    treaties.keep_or_break_treaties(run, given)


@rule
def rules(run: Any, given: Any) -> None:
    """Labs take stock and lobby; regulators draft, bind, audit, fine and license."""
    labs.take_stock(run, given)
    labs.lobby(run, given)
    regulators.make_rules(run, given)
    regulators.bind_labs(run, given)
    regulators.license_labs(run, given)


@rule
def race(run: Any, given: Any) -> None:
    """Labs choose how careful to be, plan their growth, get chips, train, and release."""
    wanted = zeros(LAB_SLOTS)
    labs.choose_safety(run, given)
    labs.plan_growth(run, given, wanted)
    chips.price_metals(run, given)
    chips.allocate(run, given, wanted)
    plants.expand(run, given)
    training.share_compute(run, given)
    training.improve_algorithms(run, given)
    training.train(run, given)
    training.record_frontiers(run, given)


@rule
def market(run: Any, given: Any) -> None:
    """Customers choose; harm is done; bills are paid; investors value labs and fill rounds."""
    customers.choose(run, given)
    customers.suffer_incidents(run, given)
    capital.watch_the_market(run, given)
    capital.set_parent_budgets(run, given)
    labs.settle_accounts(run, given)
    labs.take_defence_work(run, given)
    capital.move_sentiment(run, given)
    capital.value_labs(run, given)
    capital.find_patrons(run, given)
    capital.raise_rounds(run, given)


@rule
def quarrels(run: Any, given: Any) -> None:
    """Founders attack, leave and found rivals; suits are filed, heard and settled; conversions are reviewed."""
    courts.attack_in_public(run, given)
    founders.leave(run, given)
    courts.file_suits(run, given)
    courts.hear_suits(run, given)
    courts.review_conversions(run, given)


@rule
def comings_and_goings(run: Any, given: Any) -> None:
    """Labs are bid for, fail, are founded and enter."""
    control.bid_for_control(run, given)
    control.hire_away(run, given)
    control.close_failing(run, given)
    founders.found_labs(run, given)
    control.consider_entry(run, given)
    control.open_labs(run, given)
