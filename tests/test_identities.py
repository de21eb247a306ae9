"""What must hold in every month whatever policy does and whatever is believed: sums, bounds, and who is where.

Worlds are built from scenarios drawn over all levers, all uncertainties and dated events, and from the corners where
every lever stands at its low or its high end. Each month of each run is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from sim.build import build_world
from sim.institutions.capital import raise_rounds
from sim.institutions.chips import allocate, withheld
from sim.luck import Luck
from sim.measure import measure
from sim.month import STAGES, live_one_month, market, quarrels
from sim.outcomes import NAMES, OUTCOMES
from sim.parameters import JURISDICTIONS, Parameter, attributes, levers, parameters, start_rows
from sim.scenario import Scenario
from sim.simulate import check_books, simulate
from sim.state import LAB_SLOTS, NOBODY, Form
from sim.world import World, of_slot

MONTHS = 120
ROUNDING = 1e-9  # relative to the sums compared: far above the error of adding some 40 float64 terms
NON_NEGATIVE = {
    "labs": ("compute", "training_compute", "revenue", "valuation", "raised", "need", "largest_run",
             "largest_run_cost", "run_flop", "run_months", "compliance_cost", "parent_cash_flow", "suits_against",
             "distress_months", "user_cost", "age_months", "barred_months"),
    "founders": ("wealth",),
    "regulators": ("incident_memory", "licences", "queue"),
    "nations": ("imported_stock", "domestic_stock", "domestic_capacity", "domestic_made", "imported", "power",
                "learning", "fab_money", "truce_months", "incidents_seen"),
    "capital": ("pool", "sentiment"),
    "chips": ("capacity", "cumulative", "price", "user_cost", "mineral_price", "sold"),
    "customers": ("potential", "revenue", "market_share", "fixed_price"),
    "docket": ("age", "stakes", "allies"),
    "now": ("capital_raised", "largest_round", "conversions", "departures", "spin_offs", "suits_filed", "injunctions",
            "legal_cost", "incidents", "severe_incidents", "compliance_cost"),
}
BETWEEN_0_AND_1 = {
    "labs": ("share", "parent_share", "funding_gap", "safety", "race_safety", "openness", "reputation", "mission",
             "mission_kept", "access", "regulated", "mission_stake"),
    "founders": ("mission", "combativeness", "access", "grievance"),
    "regulators": ("strictness", "draft"),
    "nations": ("hostility", "trust", "export_control", "mineral_ban", "chip_leverage", "mineral_leverage"),
    "chips": ("disruption", "substitution"),
    "customers": ("adoption", "market_share"),
    "docket": ("merit",),
    "now": ("severe_hazard", "short_of_money", "short_of_power", "short_of_chips", "short_of_customers"),
}
EVENTS = (("taiwan_disruption", ""), ("severe_incident", "OpenAI"), ("market_bust", ""), ("breakthrough", "xAI"),
          ("chip_control_step", "US"), ("chip_control_step", "China"), ("mineral_ban", "China"), ("truce", ""),
          ("new_law", "eu"), ("power_shortage", "US"))


# ---- scenarios ---------------------------------------------------------------------------------------------
def value_between(parameter: Parameter, place: float) -> bool | str | float:
    """A lever's or parameter's value at a place from 0 (its low end) to 1 (its high end)."""
    if parameter.type == "boolean":
        return place >= 0.5
    if parameter.choices:
        return parameter.choices[min(int(place * len(parameter.choices)), len(parameter.choices) - 1)]
    assert parameter.low is not None
    assert parameter.high is not None
    if parameter.unit == "FLOP" and parameter.high > 1e20:  # spread over orders of magnitude, nothing included
        return 0.0 if place < 0.25 else float(10.0 ** (23.0 + 7.0 * place))
    return min(parameter.low + place * (parameter.high - parameter.low), parameter.high)


def corner(title: str, place: float) -> Scenario:
    """Every lever at its low (0) or high (1) end."""
    changes = {path: value_between(lever, place) for path, lever in levers().items()}
    return Scenario.from_dict({"title": title, "months": MONTHS}).with_(changes)


def drawn_scenario(number: int) -> Scenario:
    """A scenario whose levers, uncertainties, jurisdictions and events are drawn; the same for the same number."""
    draw = np.random.default_rng(number)
    changes: dict[str, object] = {}
    for path, lever in levers().items():
        changes[path] = value_between(lever, float(draw.uniform()))
        if lever.per == "jurisdiction":
            section, key = path.split(".")
            own = JURISDICTIONS[draw.integers(len(JURISDICTIONS))]
            changes[f"{section}.{own}.{key}"] = value_between(lever, float(draw.uniform()))
    for name, parameter in parameters().items():
        if parameter.kind == "uncertainty" and draw.uniform() < 0.6:
            changes[f"uncertainty.{name}"] = value_between(parameter, float(draw.uniform()))
    # Each event has a month of its own: some contradict each other in the same month.
    events = [{"date": f"{2025 + month // 12}-{month % 12 + 1:02d}", "kind": kind, "severity": round(draw.uniform(), 2)}
              | ({"actor": actor} if actor else {})
              for (kind, actor), month in zip(EVENTS, draw.permutation(110), strict=False) if draw.uniform() < 0.5]
    return Scenario.from_dict({"title": f"Drawn {number}", "months": MONTHS, "event": events}).with_(changes)


def world_of(scenarios: list[Scenario], runs: int, months: int = MONTHS) -> World:
    """A world with `runs` rows of each scenario, books kept."""
    return build_world(scenarios, np.repeat(np.arange(len(scenarios)), runs), np.tile(np.arange(runs), len(scenarios)),
                       7, months=months, check=True)


# ---- living and checking -------------------------------------------------------------------------------------
@dataclass
class Watch:
    """What is noted in the course of a month, by stages of its own between those of the model."""

    cash: np.ndarray
    raised: np.ndarray
    capacity: np.ndarray
    domestic_capacity: np.ndarray
    suits: np.ndarray
    suits_heard: np.ndarray
    closings: int

    @classmethod
    def begin(cls, world: World) -> Watch:
        """The state of things as the month begins."""
        return cls(world.labs.cash.copy(), world.labs.raised.copy(), world.chips.capacity.copy(),
                   world.nations.domestic_capacity.copy(), world.docket.active.copy(), world.docket.active.copy(), 0)

    def after_market(self, world: World, luck: Luck) -> None:  # noqa: ARG002 - a stage takes the world and its luck
        """Money raised by each lab in rounds, gifts and credits is what its books say."""
        books = world.books
        assert books is not None
        credits = world.labs.credits / 12.0
        paid = books["investors"] + books["patron"] + books["donations"] + credits
        close(world, "money raised is money paid", world.labs.raised - self.raised, paid, world.labs.raised)

    def after_quarrels(self, world: World, luck: Luck) -> None:  # noqa: ARG002
        """The docket once suits were filed and heard, before labs open and close."""
        self.suits_heard = world.docket.active.copy()


def close(world: World, claim: str, left: np.ndarray, right: np.ndarray, scale: np.ndarray | float = 1.0) -> None:
    """Both sides agree but for rounding, or the claim is said to fail, with month, row and slot."""
    gap = np.abs(left - right) - ROUNDING * (np.abs(left) + np.abs(right) + np.abs(scale) + 1e-12)
    hold(world, claim, gap <= 0.0)


def hold(world: World, claim: str, holds: np.ndarray) -> None:
    """All are true, or the claim is said to fail, with month, row and slot."""
    if not np.all(holds):
        where = tuple(int(i[0]) for i in np.nonzero(~holds))
        raise AssertionError(f"{claim}: not so in month {world.month}, at {where}, in {int((~holds).sum())} places")


def lived(world: World, months: int = MONTHS) -> Iterator[Watch]:
    """Live month by month and give what was noted of each."""
    for month in range(months):
        world.month = month
        watch = Watch.begin(world)
        told = closing_events(world)
        stages = []
        for stage in STAGES:
            stages.append(stage)
            stages += {market: [watch.after_market], quarrels: [watch.after_quarrels]}.get(stage, [])
        live_one_month(world, stages)
        watch.closings = closing_events(world) - told
        yield watch


def closing_events(world: World) -> int:
    """Suits that the story says have ended, up to now."""
    from sim.events import KINDS

    ends = [KINDS.index(kind) for kind in ("dismissal", "settlement", "verdict_plaintiff", "verdict_defendant")]
    return int(np.isin(world.log.arrays()["kind"], ends).sum())


def check_sums(world: World, watch: Watch) -> None:
    """Cash, shares, chips and the month's totals."""
    labs, nations, now, books = world.labs, world.nations, world.now, world.books
    assert books is not None
    check_books(world, watch.cash)
    close(world, "market shares sum to one", labs.share.sum(axis=1), 1.0)
    close(world, "each bloc's customers are shared out", world.customers.market_share.sum(axis=2), 1.0)
    close(world, "chips sold are delivered or made at home", world.chips.sold,
          (nations.imported + nations.domestic_made).sum(axis=1, keepdims=True))
    # Capacity is stated at the start's shortage of metals; the end of that shortage adds what it had stopped.
    capacity = watch.capacity * (1.0 + world.p.mineral_drag * world.chips.shortage_start)
    hold(world, "imports stay within capacity",
         nations.imported.sum(axis=1, keepdims=True) <= capacity * (1.0 + ROUNDING))
    hold(world, "plants make no more than they can",
         nations.domestic_made <= watch.domestic_capacity * (1.0 + ROUNDING))
    spent = -(books["compliance"] + books["fines"]).sum(axis=1, keepdims=True)
    close(world, "the cost of compliance is what labs paid", now.compliance_cost, spent)
    law = -(books.get("lawyers", 0.0) + books.get("damages", 0.0) + np.zeros_like(labs.cash)).sum(axis=1, keepdims=True)
    close(world, "the cost of litigation is what labs paid", now.legal_cost, law)
    if "merger" in books:
        close(world, "cash moves in a merger, none is made", books["merger"].sum(axis=1), -books["merged"].sum(axis=1))


def check_bounds(world: World) -> None:
    """Stocks are never negative; shares, efforts and moods stay within [0, 1]; all is finite."""
    tables = world.tables()
    for table, names in NON_NEGATIVE.items():
        for name in names:
            if name in tables[table].arrays():
                hold(world, f"{table}.{name} is never negative", getattr(tables[table], name) >= -1e-12)
    for table, names in BETWEEN_0_AND_1.items():
        for name in names:
            array = getattr(tables[table], name)
            hold(world, f"{table}.{name} is within 0 and 1", (array >= -1e-12) & (array <= 1.0 + 1e-12))
    for table, arrays in tables.items():
        for name, array in arrays.arrays().items():
            hold(world, f"{table}.{name} is finite", np.isfinite(array))


def check_places(world: World) -> None:
    """People are at labs in business, one controls each at most, and a lab out of business holds nothing."""
    labs, founders, docket = world.labs, world.founders, world.docket
    homed = founders.active & (founders.home >= 0)
    hold(world, "founders' homes are in business", ~homed | of_slot(labs.active, founders.home))
    hold(world, "who controls a lab is at home in it", ~founders.controls | homed)
    in_control = world.to_lab(np.where(founders.controls, founders.home, NOBODY), np.ones(founders.home.shape))
    hold(world, "at most one founder controls a lab", in_control <= 1.0)
    holds_grudge = founders.active & (founders.grievance_lab >= 0)
    hold(world, "grievances are against labs in business", ~holds_grudge | of_slot(labs.active, founders.grievance_lab))
    for name in ("cash", "compute", "training_compute", "revenue", "share", "valuation", "defence", "licensed",
                 "converting", "regulated", "compliance_cost"):
        hold(world, f"a lab out of business has no {name}", labs.active | (getattr(labs, name) == 0))
    gone = world.customers.market_share * ~labs.active[:, None, :]
    hold(world, "a lab out of business has no customers", gone == 0.0)
    hold(world, "suits are against labs in business", ~docket.active | of_slot(labs.active, docket.defendant))
    by_lab = docket.active & (docket.plaintiff >= 0)
    hold(world, "suits are by labs in business, or by rights holders", ~by_lab | of_slot(labs.active, docket.plaintiff))
    mission_bound = (labs.form == Form.NONPROFIT) | (labs.form == Form.CAPPED_PROFIT)
    hold(world, "only mission-bound labs convert", ~labs.converting | mission_bound)
    lead = world.frontier_past[:, world.month + 1, :] - world.frontier_past[:, world.month, :]
    hold(world, "a nation's best model so far never gets worse", lead >= 0.0)


def check_docket(world: World, watch: Watch) -> None:
    """Suits open now are those of last month, and those filed, less those that ended in court or with a party."""
    filed = world.now.suits_filed.sum()
    ended_with_a_party = (watch.suits_heard & ~world.docket.active).sum()
    change = int(world.docket.active.sum()) - int(watch.suits.sum())
    assert change == filed - watch.closings - ended_with_a_party, f"month {world.month}"
    lost = watch.suits_heard & ~world.docket.active
    # A lab's slot may have gone to a new lab, of age 0, in the same month.
    there = world.labs.active & (world.labs.age_months > 0)
    party_gone = ~of_slot(there, world.docket.defendant)
    party_gone |= (world.docket.plaintiff >= 0) & ~of_slot(there, world.docket.plaintiff)
    hold(world, "a suit ends outside court only with a party", ~lost | party_gone)


def check_outcomes(world: World) -> None:
    """What is measured is finite, and counts and shares are what they are called."""
    values = np.empty((world.rows, len(NAMES)))
    measure(world, values)
    hold(world, "every outcome is finite", np.isfinite(values))
    for i, outcome in enumerate(OUTCOMES.values()):
        if outcome.unit in ("share", "0-1", "0 or 1", "probability a month"):
            hold(world, f"{outcome.name} is within 0 and 1", (values[:, i] >= -1e-12) & (values[:, i] <= 1.0 + 1e-12))
        if outcome.unit in ("labs", "suits", "conversions", "departures", "injunctions", "incidents"):
            hold(world, f"{outcome.name} counts", (values[:, i] >= 0) & (values[:, i] == np.floor(values[:, i])))


def check_every_month(world: World, months: int = MONTHS) -> None:
    """Live and check everything, month by month."""
    with np.errstate(all="ignore"):
        for watch in lived(world, months):
            check_sums(world, watch)
            check_bounds(world)
            check_places(world)
            check_docket(world, watch)
            check_outcomes(world)


# ---- tests -------------------------------------------------------------------------------------------------
def test_identities_hold_in_the_baseline():
    check_every_month(world_of([Scenario.from_dict({"title": "Baseline"})], 24))


@pytest.mark.parametrize("place", [0.0, 1.0], ids=["all levers low", "all levers high"])
def test_identities_hold_with_every_lever_at_its_end(place):
    check_every_month(world_of([corner("Corner", place)], 12))


@pytest.mark.parametrize("place", [0.0, 1.0], ids=["all parameters low", "all parameters high"])
def test_identities_hold_with_every_uncertainty_at_its_end(place):
    beliefs = {name: value_between(p, place) for name, p in parameters().items() if p.kind == "uncertainty"}
    check_every_month(world_of([Scenario.from_dict({"title": "Corner", "uncertainty": beliefs})], 12))


@pytest.mark.parametrize("first", [0, 8, 16, 24])
def test_identities_hold_in_scenarios_drawn_over_all_levers_and_beliefs(first):
    check_every_month(world_of([drawn_scenario(number) for number in range(first, first + 8)], 3))


@pytest.mark.parametrize("path", sorted(attributes()))
def test_identities_hold_with_an_attribute_of_everybody_at_its_ends(path):
    """Labs without cash, all non-profits, founders without wealth, nations without power, and so on.

    An industry without any revenue or market is none: there one lab, or one nation, is at the end.
    """
    group, key = path.split(".")
    attribute = attributes()[path]
    names = attribute.names or tuple(start_rows("2025-01")[group])
    names = names[:1] if key in ("revenue_usd_bn", "market_size") else names
    ends = attribute.choices or tuple(value_between(attribute, place) for place in (0.0, 1.0))
    scenarios = [Scenario.from_dict({"title": str(end), "months": 36, group: {name: {key: end} for name in names}})
                 for end in ends]
    check_every_month(world_of(scenarios, 3, 36), 36)


def test_simulate_with_check_accounts_for_every_dollar():
    """`check=True` raises IdentityError with lab, month and gap otherwise."""
    results = simulate([drawn_scenario(40), drawn_scenario(41)], runs=3, months=60, check=True)
    assert results.failures == ()


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
    """Orders of each nation's labs and of its other buyers are filled alike, from its plants and its imports."""
    world = world_of([drawn_scenario(number)], 4, 30)
    with np.errstate(all="ignore"):
        for _ in lived(world, 29):
            pass
        world.month = 29
        labs, nations = world.labs, world.nations
        wanted = np.random.default_rng(number).uniform(0.0, 5e4, labs.compute.shape) * labs.active
        # Clouds and firms order in proportion to what they hold, less when the market is nearly full.
        elsewhere = nations.imported_stock + nations.domestic_stock - world.by_nation(labs.compute)
        room = np.clip(1.0 - world.customers.revenue / world.p.market_ceiling_usd_bn, 0.0, 1.0)
        others = world.p.other_buyers_growth / 12.0 * room * np.maximum(elsewhere, 0.0)
        kept = labs.compute * (1.0 - world.p.compute_retired / 12.0)
        access = 1.0 - withheld(world)
        capacity = world.chips.capacity * (1.0 + world.p.mineral_drag * world.chips.shortage_start)
        allocate(world, wanted)
    delivered = np.where(labs.active, labs.compute - kept, 0.0)
    supply = nations.domestic_made + nations.imported
    ordered = world.by_nation(wanted)
    to_labs = supply * ordered / np.maximum(ordered + others, 1e-9)
    assert world.by_nation(delivered) == pytest.approx(to_labs, rel=1e-9, abs=1e-6)
    assert np.all(delivered <= wanted * (1.0 + 1e-9) + 1e-6)
    assert np.all(nations.imported <= (ordered + others) * access * (1.0 + 1e-9))
    assert np.all(nations.imported.sum(axis=1, keepdims=True) <= capacity * (1.0 + 1e-9))
    assert world.chips.sold == pytest.approx(supply.sum(axis=1, keepdims=True), rel=1e-12)


@pytest.mark.parametrize("number", [60, 61, 62])
def test_investors_pool_pays_what_rounds_bring_and_no_more(number):
    """Bloc by bloc, the pool falls by what its labs get from investors, and is never overdrawn."""
    world = world_of([drawn_scenario(number)], 24, 30)
    with np.errstate(all="ignore"):
        for _ in lived(world, 24):
            pass
        world.month = world.luck.month = 24
        assert world.books is not None
        world.books.clear()
        pool, raised = world.capital.pool.copy(), world.labs.raised.copy()
        raise_rounds(world)
    got = world.books["investors"]
    chinese = world.is_chinese
    by_bloc = np.stack([(got * ~chinese).sum(axis=1), (got * chinese).sum(axis=1)], axis=1)
    assert got.sum() > 0.0
    assert pool - world.capital.pool == pytest.approx(by_bloc, rel=1e-9, abs=1e-9)
    assert np.all(world.capital.pool >= -1e-9)
    assert np.all(world.labs.raised >= raised)


def test_slots_beyond_the_known_labs_stay_empty_when_nobody_enters():
    shut = Scenario.from_dict({"title": "Nobody enters", "industry": {"entry": 0.0}, "people": {"spin_offs": 0.0}})
    world = world_of([shut], 8)
    named = len(world.start["lab"])
    with np.errstate(all="ignore"):
        for _ in lived(world):
            assert not world.labs.active[:, named:LAB_SLOTS].any()
