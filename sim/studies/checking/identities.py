"""What must hold in every month whatever policy does and whatever is believed: sums, bounds, and who is where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sim.engine.live import STAGES, Stage, live_one_month, market, measure, quarrels
from sim.engine.simulate import IdentityError, check_books
from sim.model.events import KINDS
from sim.model.luck import Luck
from sim.model.outcomes import NAMES, OUTCOMES
from sim.model.start import build_world
from sim.model.state import KINDS as STATE_KINDS
from sim.model.state import LAB_SLOTS, NOBODY, Form
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.studies.checking.checks import Check, Verdict
from sim.studies.checking.drawn import corner, drawn_scenario

ROUNDING = 1e-9  # relative to the sums compared: far above the error of adding some 40 float64 terms

def world_of(scenarios: Sequence[Scenario], runs: int, months: int) -> World:
    """A world with `runs` rows of each scenario."""
    return build_world(scenarios, np.repeat(np.arange(len(scenarios)), runs), np.tile(np.arange(runs), len(scenarios)),
                       7, months=months)


# ---- living --------------------------------------------------------------------------------------------------
@dataclass
class Watch:
    """What is noted in the course of a month, by stages of its own between those of the model."""

    cash: np.ndarray
    raised: np.ndarray
    capacity: np.ndarray
    domestic_capacity: np.ndarray
    suits: np.ndarray
    suits_heard: np.ndarray
    money_raised: np.ndarray
    money_paid: np.ndarray
    closings: int = 0

    @classmethod
    def begin(cls, world: World) -> Watch:
        """The state of things as the month begins."""
        labs, suits = world.labs, world.docket.active
        return cls(labs.cash.copy(), labs.raised.copy(), world.chips.capacity.copy(),
                   world.nations.domestic_capacity.copy(), suits.copy(), suits.copy(), np.zeros_like(labs.cash),
                   np.zeros_like(labs.cash))

    def after_market(self, world: World, luck: Luck) -> None:  # noqa: ARG002 - a stage takes the world and its luck
        """What labs say that they raised in the month, and what investors, patrons and donors paid."""
        books = world.books
        self.money_raised = world.labs.raised - self.raised
        self.money_paid = books["investors"] + books["patron"] + books["donations"] + world.labs.credits / 12.0

    def after_quarrels(self, world: World, luck: Luck) -> None:  # noqa: ARG002
        """The docket once suits were filed and heard, before labs open and close."""
        self.suits_heard = world.docket.active.copy()


def lived(world: World, months: int) -> Iterator[Watch]:
    """Live month by month and give what was noted of each."""
    for month in range(months):
        world.month = month
        watch = Watch.begin(world)
        told = closing_events(world)
        after: dict[Stage, Stage] = {market: watch.after_market, quarrels: watch.after_quarrels}
        stages = [part for stage in STAGES for part in (stage, after.get(stage)) if part is not None]
        live_one_month(world, stages)
        watch.closings = closing_events(world) - told
        yield watch


def closing_events(world: World) -> int:
    """Suits that the story says have ended, up to now."""
    ends = [KINDS.index(kind) for kind in ("dismissal", "settlement", "verdict_plaintiff", "verdict_defendant")]
    return int(np.isin(world.log.arrays()["kind"], ends).sum())


def close(world: World, claim: str, left: np.ndarray, right: np.ndarray | float,
          scale: np.ndarray | float = 1.0) -> float:
    """The largest gap, relative to the sums compared; IdentityError if it is more than rounding."""
    gap = np.abs(left - right)
    relative = gap / (np.abs(left) + np.abs(right) + np.abs(scale) + 1e-12)
    if np.any(relative > ROUNDING):
        where = np.unravel_index(int(relative.argmax()), relative.shape)
        raise IdentityError(f"{claim}: not so in month {world.month}, at {_place(where)}, by {gap[where]:.3g}")
    return float(relative.max())


def hold(world: World, claim: str, holds: np.ndarray) -> float:
    """0 if all are true; else IdentityError says where the claim fails, with month, row and slot."""
    if not np.all(holds):
        where = _place(index[0] for index in np.nonzero(~holds))
        raise IdentityError(f"{claim}: not so in month {world.month}, at {where}, in {int((~holds).sum())} places")
    return 0.0


def _place(where: Iterable[np.integer]) -> str:
    return f"row and slot {', '.join(str(int(i)) for i in where)}"


# ---- identities ------------------------------------------------------------------------------------------------
def check_cash(world: World, watch: Watch) -> float:
    """Every dollar of every lab's cash is accounted for, and what labs paid for rules and suits is what these cost."""
    now, books = world.now, world.books
    check_books(world, watch.cash)
    moved = sum((np.abs(amount) for amount in books.values()), np.abs(watch.cash))
    gaps = [close(world, "cash is what it was and what was booked", world.labs.cash,
                  watch.cash + sum(books.values(), np.zeros_like(watch.cash)), moved)]
    spent = -(books["compliance"] + books["fines"]).sum(axis=1, keepdims=True)
    gaps.append(close(world, "the cost of compliance is what labs paid", now.compliance_cost, spent))
    law = -(books["lawyers"] + books["damages"]).sum(axis=1, keepdims=True)
    gaps.append(close(world, "the cost of litigation is what labs paid", now.legal_cost, law))
    merged = -books["merged"].sum(axis=1)
    gaps.append(close(world, "cash moves in a merger, none is made", books["merger"].sum(axis=1), merged))
    return max(gaps)


def check_shares(world: World, watch: Watch) -> float:  # noqa: ARG001 - an identity takes the world and the month
    """Market shares sum to one, in the world and in each segment of each bloc."""
    blocs = close(world, "each segment's customers are shared out", world.customers.market_share.sum(axis=3), 1.0)
    return max(blocs, close(world, "market shares sum to one", world.labs.share.sum(axis=1), 1.0))


def check_chips(world: World, watch: Watch) -> float:
    """Chips sold are those delivered from abroad or made at home, within what plants can make."""
    nations = world.nations
    sold = (nations.imported + nations.domestic_made).sum(axis=1, keepdims=True)
    gap = close(world, "chips sold are delivered or made at home", world.chips.sold, sold)
    # Capacity is stated at the start's shortage of metals; the end of that shortage adds what it had stopped.
    capacity = watch.capacity * (1.0 + world.p.mineral_drag * world.chips.shortage_start)
    hold(world, "imports stay within capacity",
         nations.imported.sum(axis=1, keepdims=True) <= capacity * (1.0 + ROUNDING))
    # Chips in place stay when power is lost; new ones are bought only where it is left.
    fits = (nations.power_used <= nations.power * (1.0 + ROUNDING)) | (nations.imported + nations.domestic_made <= 0.0)
    hold(world, "chips are bought where there is power for them", fits)
    hold(world, "plants make no more than they can",
         nations.domestic_made <= watch.domestic_capacity * (1.0 + ROUNDING))
    return gap


def check_clearing(world: World, watch: Watch) -> float:
    """One price clears the market for chips: all that can be made is sold, unless the price stands at its floor."""
    chips, nations, p = world.chips, world.nations, world.p
    banned = (nations.mineral_ban * nations.mineral_leverage).sum(axis=1, keepdims=True)
    short = np.clip(banned, 0.0, 1.0) * (1.0 - chips.substitution) - chips.shortage_start
    working = 1.0 - chips.disruption / (1.0 - p.disruption_recovery)  # it has healed a little since chips were sold
    supply = watch.capacity * working * (1.0 - p.mineral_drag * short)
    bought = nations.imported.sum(axis=1, keepdims=True)
    at_floor = chips.margin <= -p.deepest_glut + ROUNDING
    hold(world, "no more chips are bought than are made", bought <= supply * (1.0 + ROUNDING))
    return close(world, "the price of chips clears the market", np.where(at_floor, supply, bought), supply)


def check_owners(world: World, watch: Watch) -> float:  # noqa: ARG001
    """Shares in each lab in business add up to one, and nobody owns a lab that is gone."""
    owned, active = world.labs.owned.sum(axis=2), world.labs.active
    return close(world, "who owns a lab adds up to one", owned, active.astype(float))


def check_money(world: World, watch: Watch) -> float:
    """What labs raise in rounds, gifts and credits is what investors, patrons and donors pay."""
    return close(world, "money raised is money paid", watch.money_raised, watch.money_paid, watch.raised)


def check_bounds(world: World, watch: Watch) -> float:  # noqa: ARG001
    """Every quantity stays within the bounds that `sim/model/state.py` declares, and is finite."""
    for kind in STATE_KINDS:
        for name, array in world.tables()[kind.name].arrays().items():
            quantity = kind.quantities[name]
            hold(world, f"{kind.name}.{name} is finite", np.isfinite(array))
            if quantity.type is float:
                hold(world, f"{kind.name}.{name} is at least {quantity.low:g}", array >= quantity.low - 1e-12)
                hold(world, f"{kind.name}.{name} is at most {quantity.high:g}", array <= quantity.high + 1e-12)
    return 0.0


def _at(values: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Values (rows, n) at slots (rows, k), NOBODY reading slot 0 (mask it): (rows, k)."""
    return np.take_along_axis(values, np.maximum(slots, 0), axis=1)


def _counted(slots: np.ndarray) -> np.ndarray:
    """How often each lab slot is named by slots (rows, k), NOBODY left out: (rows, labs)."""
    return (slots[:, :, None] == np.arange(LAB_SLOTS)).sum(axis=1)


def check_places(world: World, watch: Watch) -> float:  # noqa: ARG001
    """People are at labs in business, one controls each at most, and a lab out of business holds nothing."""
    labs, founders, docket = world.labs, world.founders, world.docket
    homed = founders.active & (founders.home >= 0)
    hold(world, "founders' homes are in business", ~homed | _at(labs.active, founders.home))
    hold(world, "who controls a lab is at home in it", ~founders.controls | homed)
    in_control = _counted(np.where(founders.controls, founders.home, NOBODY))
    hold(world, "at most one founder controls a lab", in_control <= 1.0)
    holds_grudge = founders.active & (founders.grievance_lab >= 0)
    hold(world, "grievances are against labs in business", ~holds_grudge | _at(labs.active, founders.grievance_lab))
    for name in ("cash", "compute", "training_compute", "revenue", "share", "valuation", "defence", "licensed",
                 "converting", "regulated", "compliance_cost"):
        hold(world, f"a lab out of business has no {name}", labs.active | (getattr(labs, name) == 0))
    gone = world.customers.market_share * ~labs.active[:, None, None, :]
    hold(world, "a lab out of business has no customers", gone == 0.0)
    hold(world, "suits are against labs in business", ~docket.active | _at(labs.active, docket.defendant))
    by_lab = docket.active & (docket.plaintiff >= 0)
    hold(world, "suits are by labs in business, or by rights holders", ~by_lab | _at(labs.active, docket.plaintiff))
    mission_bound = (labs.form == Form.NONPROFIT) | (labs.form == Form.CAPPED_PROFIT)
    hold(world, "only mission-bound labs convert", ~labs.converting | mission_bound)
    lead = world.past.frontier[:, world.month + 1, :] - world.past.frontier[:, world.month, :]
    return hold(world, "a nation's best model so far never gets worse", lead >= 0.0)


def check_docket(world: World, watch: Watch) -> float:
    """Suits open now are those of last month, and those filed, less those that ended in court or with a party."""
    filed = world.now.suits_filed.sum()
    ended_with_a_party = (watch.suits_heard & ~world.docket.active).sum()
    change = int(world.docket.active.sum()) - int(watch.suits.sum())
    counted = np.array([change == filed - watch.closings - ended_with_a_party])
    hold(world, "open suits change by those filed and those ended", counted)
    lost = watch.suits_heard & ~world.docket.active
    # A lab's slot may have gone to a new lab, of age 0, in the same month.
    there = world.labs.active & (world.labs.age_months > 0)
    party_gone = ~_at(there, world.docket.defendant)
    party_gone |= (world.docket.plaintiff >= 0) & ~_at(there, world.docket.plaintiff)
    return hold(world, "a suit ends outside court only with a party", ~lost | party_gone)


def check_outcomes(world: World, watch: Watch) -> float:  # noqa: ARG001
    """What is measured is finite, and counts and shares are what they are called."""
    values = np.empty((world.rows, len(NAMES)))
    measure(world, values)
    hold(world, "every outcome is finite", np.isfinite(values))
    for i, outcome in enumerate(OUTCOMES.values()):
        if outcome.unit in ("share", "0-1", "0 or 1", "probability a month"):
            hold(world, f"{outcome.name} is within 0 and 1", (values[:, i] >= -1e-12) & (values[:, i] <= 1.0 + 1e-12))
        if outcome.unit in ("labs", "suits", "conversions", "departures", "injunctions", "incidents"):
            hold(world, f"{outcome.name} counts", (values[:, i] >= 0) & (values[:, i] == np.floor(values[:, i])))
    return 0.0


# What is held, by name: a claim, and the function that returns the largest gap or raises IdentityError.
IDENTITIES: dict[str, tuple[str, Callable[[World, Watch], float]]] = {
    "cash": ("every dollar of every lab's cash is accounted for", check_cash),
    "shares": ("market shares sum to one, in the world and in each bloc", check_shares),
    "chips": ("chips sold are delivered or made at home, within capacity", check_chips),
    "market clearing": ("one price clears the market for chips, unless it stands at its floor", check_clearing),
    "owners": ("shares in each lab add up to one, whoever holds them", check_owners),
    "investors' money": ("money raised by labs is money paid by investors, patrons and donors", check_money),
    "docket": ("open suits change by those filed and those ended", check_docket),
    "stocks": ("no stock is negative, every share and mood lies within 0 and 1, all is finite", check_bounds),
    "places": ("people, suits and shares are with labs in business", check_places),
    "outcomes": ("every outcome is finite; counts count, shares lie within 0 and 1", check_outcomes),
}


def check_every_month(world: World, months: int) -> None:
    """Live and check everything, month by month; IdentityError at the first claim that fails."""
    with np.errstate(all="ignore"):
        for watch in lived(world, months):
            for _, identity in IDENTITIES.values():
                identity(world, watch)


# ---- as checks ----------------------------------------------------------------------------------------------------
ROWS = 8           # runs of the baseline and of each given scenario
DRAWN = range(6)   # numbers of the scenarios drawn over all levers, uncertainties and events


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - few rows suffice
    """One check for each identity, over all worlds."""
    baseline = Scenario.from_dict({"title": "Baseline"})
    drawn = [drawn_scenario(number) for number in DRAWN]
    ends = [corner("All levers low", 0.0), corner("All levers high", 1.0)]
    worlds = [(chosen, ROWS) for chosen in alike([baseline, *scenarios])] + [([*drawn, *ends], 2)]
    largest = dict.fromkeys(IDENTITIES, 0.0)
    faults: dict[str, str] = {}
    months = 0
    for chosen, rows in worlds:
        length = max(scenario.months for scenario in chosen)
        months += length * rows * len(chosen)
        _live(world_of(chosen, rows, length), length, largest, faults)
    over = f"{months:,} months of {sum(len(chosen) for chosen, _ in worlds)} scenarios"
    for name, (claim, _) in IDENTITIES.items():
        sound = f"{over}, largest gap {largest[name]:.1g} of the sum" if largest[name] else f"{over}, no exception"
        yield Check("identities", name, claim, faults.get(name, sound), Verdict.of(name not in faults))


def alike(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """Scenarios that can live side by side: with the same start and length."""
    ranked = sorted(scenarios, key=lambda scenario: (scenario.start, scenario.months))
    return [list(members) for _, members in groupby(ranked, key=lambda scenario: (scenario.start, scenario.months))]


def _live(world: World, months: int, largest: dict[str, float], faults: dict[str, str]) -> None:
    """Live through the months; note each identity's largest gap, or the first place where it fails."""
    with np.errstate(all="ignore"):
        for watch in lived(world, months):
            for name, (_, identity) in IDENTITIES.items():
                try:
                    largest[name] = max(largest[name], identity(world, watch))
                except IdentityError as error:
                    faults.setdefault(name, str(error))
