"""Section 8 of the model's brief: what policy does, run against run on the same luck."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

from sim.engine.live import STAGES, live_one_month, measure
from sim.engine.simulate import simulate
from sim.model.luck import Luck
from sim.model.outcomes import INDEX, NAMES
from sim.model.start import build_world
from sim.model.state import CHINA, LAB_SLOTS, NATIONS, US, Form
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.studies.checking.directions import RacePressure
from sim.studies.checking.twins import RearrangedLuck

BEGUN = "2025-01"  # with the conversion ahead, little defence work and no truce: all that turns has room to
pairs_of = partial(Pairs.of, start=BEGUN)

pytestmark = pytest.mark.slow  # ensembles of ten years, shared by the tests of this file

SCENARIOS = Path(__file__).parents[3] / "scenarios"
GRID = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@pytest.fixture(scope="module")
def core() -> tuple[Pairs, dict[str, np.ndarray]]:
    """The shipped scenarios that policy is compared by, and the pressure of the race in each."""
    names = ("baseline", "light_rivalry", "light_cooperation", "strict_rivalry", "strict_cooperation",
             "small_lab_exemption", "licensing", "sanctions_war")
    scenarios = [Scenario.load(SCENARIOS / f"{name}.toml").with_({"title": name}) for name in names]
    pressure = RacePressure()
    results = simulate(scenarios, runs=64, seed=11, stages=(*STAGES, pressure), batch=64 * len(names),
                       uncertainty="luck")
    return Pairs(results), dict(zip(names, pressure.by_scenario(len(names)), strict=True))


# ---- rules -------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def strictness() -> Pairs:
    """Rules of every strictness, enforced as today."""
    return pairs_of({f"{level:.1f}": {"regulation.strictness": level} for level in GRID})


@pytest.mark.parametrize("nations", ["rivalry", "cooperation"])
def test_strict_rules_cost_more_and_make_labs_more_careful(core, nations):
    pairs, _ = core
    strict, light = f"strict_{nations}", f"light_{nations}"
    pairs.rises("compliance_cost_usd_bn", strict, light)
    pairs.rises("strictness_us", strict, light)
    pairs.rises("strictness_eu", strict, light)
    pairs.rises("strictness_china", strict, light)
    if nations == "rivalry":  # with cooperation the leader is as careful of its own accord
        pairs.rises("safety_effort", strict, light)
    pairs.falls("severe_incident_hazard", strict, light)
    pairs.falls("small_labs", strict, light)


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(GRID)))
def test_every_step_towards_stricter_rules_costs_more(strictness, lower, higher):
    """Ten years: over three, rules of .6 and .8 are too slow in the making to differ in cost."""
    strictness.rises("compliance_cost_usd_bn", f"{higher:.1f}", f"{lower:.1f}")


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(GRID)))
def test_every_step_towards_stricter_rules_makes_severe_incidents_less_likely(strictness, lower, higher):
    strictness.falls("severe_incident_hazard", f"{higher:.1f}", f"{lower:.1f}")


def test_an_exemption_spares_small_labs_under_strict_rules(core):
    pairs, _ = core
    positive(pairs.average("small_lab_exemption", "small_labs") - pairs.average("strict_rivalry", "small_labs"))
    pairs.falls("compliance_cost_usd_bn", "small_lab_exemption", "strict_rivalry", last=36)


def test_licensing_raises_state_control_and_slows_the_frontier(core):
    """The first four years count for progress: later power and chips bound growth with and without licences."""
    pairs, _ = core
    pairs.rises("state_control", "licensing", "baseline")
    for other in ("baseline", "light_rivalry", "light_cooperation"):
        pairs.never("state_control", other)
    pairs.falls("frontier_log10_flop", "licensing", "baseline", last=48)


def test_more_audits_and_penalties_mean_more_compliance():
    """Without lobbying: rules that are kept cost more, are lobbied against more, and end up softer."""
    enforcement = {"regulation.strictness": 0.8, "industry.lobbying": 0.0}
    pairs = pairs_of({
        "None": {**enforcement, "regulation.audit_capacity": 0.0},
        "Some": {**enforcement, "regulation.audit_capacity": 0.2},
        "Frequent": {**enforcement, "regulation.audit_capacity": 0.8},
        "Small fines": {**enforcement, "regulation.penalty_share_of_revenue": 0.005},
        "Large fines": {**enforcement, "regulation.penalty_share_of_revenue": 0.2},
    }, months=96)  # strict laws take some years to come
    for more, less in (("Some", "None"), ("Large fines", "Small fines")):
        pairs.rises("compliance_cost_usd_bn", more, less)
    for more, less in (("Frequent", "None"), ("Large fines", "Small fines")):
        pairs.rises("safety_effort", more, less)


# ---- diplomacy ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rules", ["light", "strict"])
def test_cooperation_lowers_hostility_controls_and_race_pressure(core, rules):
    pairs, pressure = core
    together, apart = f"{rules}_cooperation", f"{rules}_rivalry"
    pairs.falls("hostility", together, apart)
    pairs.falls("export_control", together, apart)
    pairs.falls("retaliation", together, apart)
    pairs.rises("trust", together, apart)
    positive(pressure[apart] - pressure[together], "race pressure")


def test_a_treaty_in_force_eases_the_race():
    """The same cooperation, with treaties that can be verified and with treaties that cannot, and so are not signed."""
    verified = {"With": 1.0, "Without": 0.0}
    base = Scenario.from_dict({"title": BASELINE, "start": BEGUN, "diplomacy": {"us_china_cooperation": 0.8}})
    scenarios = [base.with_({"diplomacy.treaty_verification": seen}, title=title) for title, seen in verified.items()]
    pressure = RacePressure()
    pairs = Pairs(simulate(scenarios, runs=64, seed=11, stages=(*STAGES, pressure), batch=128, uncertainty="luck"))
    with_treaty, without = pressure.by_scenario(2)
    positive(without - with_treaty, "race pressure")
    # The longer a treaty was in force in a run, the more it eased the race there.
    in_force = pairs.summary("With", "treaty_in_force")
    assert np.corrcoef(in_force, without - with_treaty)[0, 1] > 0.5
    pairs.rises("safety_effort", "With", "Without")


@pytest.mark.parametrize("rules", ["light", "strict"])
def test_cooperation_raises_the_leaders_safety_effort(core, rules):
    pairs, _ = core
    pairs.rises("safety_effort", f"{rules}_cooperation", f"{rules}_rivalry")
    pairs.falls("severe_incident_hazard", f"{rules}_cooperation", f"{rules}_rivalry")


@pytest.mark.parametrize("rules", ["light", "strict"])
@pytest.mark.parametrize("months", [36, 60, 120])
def test_cooperation_does_not_lengthen_chinas_lag(core, rules, months):
    pairs, _ = core
    longer = pairs.difference("us_china_lag_months", f"{rules}_cooperation", f"{rules}_rivalry", last=months)
    assert longer.mean() < 3.0 * longer.std(ddof=1) / np.sqrt(len(longer))  # three standard errors


def test_every_step_of_cooperation_calms():
    levels = [f"{level:.1f}" for level in GRID]
    pairs = pairs_of({level: {"diplomacy.us_china_cooperation": float(level)} for level in levels}, runs=96)
    for lower, higher in pairwise(levels):
        pairs.rises("trust", higher, lower)
        pairs.falls("hostility", higher, lower)
        # Over the months: at the horizon controls are gone under either of the highest levels.
        positive(pairs.average(lower, "export_control") - pairs.average(higher, "export_control"))
    for outcome in ("treaty_in_force", "safety_effort"):  # treaties come with much cooperation only, and care with them
        pairs.rises(outcome, levels[-1], levels[0])


# ---- trade and subsidy -------------------------------------------------------------------------------------
def test_export_controls_cut_chinas_chips_raise_its_own_and_are_answered():
    """Own chips count after five years: at the horizon hardly any are bought abroad in either scenario."""
    levels = ("0.0", "0.5", "1.0", "1.5")
    pairs = pairs_of({level: {"trade.chip_controls": float(level)} for level in levels})
    for lower, higher in pairwise(levels):
        pairs.rises("export_control", higher, lower)
        positive(pairs.average(lower, "china_chip_share") - pairs.average(higher, "china_chip_share"))
        pairs.rises("china_domestic_chip_share", higher, lower, last=60)
        more = pairs.average(higher, "retaliation", first=24) - pairs.average(lower, "retaliation", first=24)
        if higher != "1.5":  # controls are near their most at 1 already, and so are answers
            positive(more, f"retaliation: {higher} over {lower}")


def test_protected_demand_makes_chinas_own_plants_grow():
    """Controls leave orders to China's own plants, which outweighs the tools that are withheld with the chips (rule 9).

    Measured with leaky controls: the tighter they are, the more tools are withheld as well.
    """
    plants = []

    def note(world: World, luck: Luck) -> None:  # noqa: ARG001 - a stage takes the world and its luck
        plants.append(world.nations.domestic_capacity[:, CHINA].copy())

    leaky = Scenario.from_dict({"title": BASELINE, "start": BEGUN, "months": 60, "trade": {"enforcement": 0.0}})
    simulate([leaky.with_({"trade.chip_controls": 0.0}), leaky], runs=64, seed=11, stages=(*STAGES, note), batch=128,
             uncertainty="luck")
    free, controlled = np.log(plants[-1]).reshape(2, -1)
    positive(controlled - free, "log of plants")


def test_a_war_of_sanctions_costs_both_sides(core):
    pairs, _ = core
    pairs.rises("export_control", "sanctions_war", "baseline")
    # Within ten years mines and recycling replace what is withheld.
    pairs.rises("mineral_price_index", "sanctions_war", "baseline", last=36)
    pairs.rises("hostility", "sanctions_war", "baseline")
    pairs.falls("china_chip_share", "sanctions_war", "baseline")
    # Compute is no dearer: what China does not buy makes up for what dear metals take from supply.
    price = pairs.difference("chip_price_index", "sanctions_war", "baseline")
    assert abs(price.mean()) < 0.05 * pairs.summary("baseline", "chip_price_index").mean()


@pytest.fixture(scope="module")
def subsidies() -> Pairs:
    """Public money for chips, from either side."""
    return pairs_of({
        BASELINE: {},
        "US none": {"subsidy.us_usd_bn_per_year": 0.0},
        "US more": {"subsidy.us_usd_bn_per_year": 30.0},
        "China none": {"subsidy.china_usd_bn_per_year": 0.0},
        "China more": {"subsidy.china_usd_bn_per_year": 45.0},
    }, runs=32, months=72)


@pytest.mark.parametrize(("less", "more", "share"), [("US none", "US more", "us_domestic_chip_share"),
                                                     ("China none", "China more", "china_domestic_chip_share")])
def test_a_subsidy_does_nothing_for_three_years_and_then_makes_chips_at_home(subsidies, less, more, share):
    """Bit for bit the same for the 36 months that a plant takes; then the domestic share rises with the money."""
    for title in (less, more):
        values = subsidies.results.values[subsidies.results.position(title)]
        assert np.array_equal(values[:, :36], subsidies.results.values[0, :, :36])
    subsidies.rises(share, more)
    subsidies.falls(share, less)
    positive(subsidies.monthly(more, share)[:, 42] - subsidies.monthly(less, share)[:, 42])


# ---- suits -------------------------------------------------------------------------------------------------
def test_an_injunction_delays_the_conversion_and_the_money():
    """One draw changed: the court grants, or denies, the motion pending at the start; the rest is the same luck.

    Two years hold the conversion in most runs and what it brings.
    """
    runs, months = 96, 24
    scenario = Scenario.from_dict({"title": BASELINE, "start": BEGUN, "months": months})

    def ruled(number: float) -> Pairs:
        draws = {("courts.injunction", run, month, 0): number for run in range(runs) for month in range(6)}
        return Pairs(simulate(scenario, runs=runs, seed=11, labs=True, changed=draws, uncertainty="luck"))

    granted, denied = ruled(0.0), ruled(0.999999)
    # A motion is moot where the state decides first, so a few runs have none to grant.
    assert (granted.summary(BASELINE, "injunctions", last=6) >= 1).mean() > 0.9
    assert (denied.counts(BASELINE, "injunction_denied", last=6) >= 1).mean() > 0.9
    granted_in, denied_in = (pairs.first_month(BASELINE, "conversion", "OpenAI") for pairs in (granted, denied))
    positive(granted_in - denied_in, "months to conversion")
    money = [pairs.of_lab(BASELINE, "raised", "OpenAI") for pairs in (granted, denied)]
    positive((money[1] - money[0])[:, -1], "raised in two years")
    assert np.array_equal(money[0][:, 0], money[1][:, 0])  # nothing differs before the ruling


def test_without_combative_founders_rivals_do_not_sue_attack_or_bid():
    """Rights holders go on suing: their quarrel is not with rivals."""
    pairs = pairs_of({BASELINE: {}, "Peace": {"people.combativeness": 0.0}}, runs=32)
    assert pairs.events("Peace", "suit_rivalry", "suit_mission", "media_attack", "takeover_bid", "takeover").empty
    assert len(pairs.events(BASELINE, "suit_rivalry", "suit_mission", "media_attack", "takeover_bid")) > 0
    by_rights_holders = pairs.counts("Peace", "suit_copyright")
    assert (by_rights_holders > 0).all()
    assert np.array_equal(by_rights_holders, pairs.summary("Peace", "suits_filed"))


# ---- symmetry and neutrality -------------------------------------------------------------------------------
def world_of(changes: dict[str, object], runs: int, months: int) -> World:
    """A world with one row for each run of the baseline with changes."""
    scenario = Scenario.from_dict({"title": BASELINE, "start": BEGUN, "months": months}).with_(changes)
    return build_world([scenario], np.zeros(runs, int), np.arange(runs), 11, months=months)


def live(world: World, months: int) -> np.ndarray:
    """Live through the months; returns the outcomes (rows, months, outcomes)."""
    values = np.empty((world.rows, months, len(NAMES)))
    with np.errstate(all="ignore"):
        for month in range(months):
            world.month = month
            live_one_month(world)
            measure(world, values[:, month])
    return values


def test_a_lab_of_no_size_changes_nothing():
    """A division without compute, cash, revenue, staff or parent, where no rule reaches it, leaves all as it was.

    It counts as a lab in business until it is wound up. Tolerance: its share of a logit is below 1e-30, and what is
    computed of it is added to sums of ordinary size, so only rounding may differ.
    """
    months = 36
    without, with_it = world_of({}, 16, months), world_of({}, 16, months)
    last = LAB_SLOTS - 1  # entrants take the lowest free slot
    labs = with_it.labs
    for name in ("compute", "cash", "revenue", "valuation", "capability", "largest_run", "parent_cash_flow"):
        getattr(labs, name)[:, last] = 0.0
    labs.active[:, last], labs.form[:, last] = True, Form.DIVISION
    labs.nation[:, last], with_it.customers.brand[:, :, last] = NATIONS.index("Gulf"), -200.0
    expected, found = live(without, months), live(with_it, months)
    there = found[..., INDEX["active_labs"]] - expected[..., INDEX["active_labs"]]
    assert there[:, 0].tolist() == [1.0] * 16
    others = [i for i, name in enumerate(NAMES) if name != "active_labs"]
    assert found[..., others] == pytest.approx(expected[..., others], rel=1e-9, abs=1e-9)


SWAPPED_LUCK = {channel: np.array(order) for channel, order in {
    "nations.hostility": [1, 0], "nations.controls": [1, 0, 3, 2], "nations.retaliation": [1, 0, 3, 2],
    "nations.treaty": [0, 2, 1, 3], "nations.choices": [1, 0, 3, 2, 5, 4]}.items()}  # by nation; signing is shared


def two_powers(months: int) -> World:
    """A world of two powers alone, without what only one of them has: rules, suits, entrants, other nations."""
    world = world_of({"regulation.strictness": 0.0, "regulation.adaptivity": 0.0, "industry.lobbying": 0.0,
                      "litigation.filing": 0.0, "industry.entry": 0.0, "people.spin_offs": 0.0,
                      "subsidy.us_usd_bn_per_year": 12.0, "subsidy.china_usd_bn_per_year": 12.0}, 12, months)
    nations = world.nations
    world.labs.nation[world.labs.nation > CHINA] = US
    world.regulators.strictness[:] = world.regulators.draft[:] = 0.0
    world.docket.active[:] = False
    for name in ("imported_stock", "domestic_stock", "domestic_capacity", "market_size", "capital_share",
                 "chip_leverage"):
        getattr(nations, name)[:, 2:] = 0.0
    world.nations.fab_pipeline[:, 2:] = 0.0
    for name in ("market_size", "capital_share"):
        array = getattr(nations, name)
        array /= array.sum(axis=1, keepdims=True)
    return world


def swap_powers(world: World) -> None:
    """Give the US what China has and China what the US has: names, numbers, labs, and luck."""
    other = [CHINA, US, *range(2, len(NATIONS))]
    for array in world.nations.arrays().values():
        array[:] = array[:, other]
    world.labs.nation[:] = np.array(other)[world.labs.nation]
    world.past.frontier[:] = world.past.frontier[..., ::-1]
    world.past.algorithm[:] = world.past.algorithm[..., ::-1]
    world.capital.pool[:] = world.capital.pool[:, ::-1]
    for of_blocs in (world.customers.market_share, world.customers.segment_size):
        of_blocs[:] = of_blocs[:, ::-1].copy()
    world.luck = RearrangedLuck(world.luck, lambda channel, slots: SWAPPED_LUCK.get(channel))  # noqa: ARG005


def test_swapping_the_us_and_china_swaps_the_results():
    """Two powers alone, four years: what one is, does and gets is what the other was, did and got.

    Tolerance: sums run over nations and labs in another order, and rounding grows with the months, some 1e-13 each.
    """
    months = 48
    first, second = two_powers(months), two_powers(months)
    swap_powers(second)
    ours, theirs = live(first, months), live(second, months)
    for name, array in first.nations.arrays().items():
        swapped = getattr(second.nations, name)[:, [CHINA, US]]
        assert swapped == pytest.approx(array[:, :2], rel=1e-7, abs=1e-9), name
    for name in ("capability", "compute", "cash", "revenue", "share", "safety", "valuation", "defence"):
        assert getattr(second.labs, name) == pytest.approx(getattr(first.labs, name), rel=1e-7, abs=1e-9), name
    lag = INDEX["us_china_lag_months"]
    assert theirs[..., lag] == pytest.approx(-ours[..., lag], abs=1e-6)
    for name in ("hostility", "trust", "treaty_in_force", "frontier_log10_flop", "chip_price_index", "market_hhi"):
        assert theirs[..., INDEX[name]] == pytest.approx(ours[..., INDEX[name]], rel=1e-7, abs=1e-9), name
    assert np.ptp(first.nations.export_control[:, US]) > 0.0  # something happened
