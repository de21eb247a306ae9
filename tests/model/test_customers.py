"""Customers: segments that begin with the record, choose in turns, and can be won by whoever is better or cheaper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.model.given import given_of
from sim.model.institutions import customers
from sim.model.naming import lab_names
from sim.model.rule import entry
from sim.model.start import build_world
from sim.model.start_files import load_start
from sim.model.state import BLOCS, CHINA, FIRMS, LAB_SLOTS, PEOPLE, SEGMENTS, US, Form
from sim.model.world import World
from sim.scenario.scenario import Scenario

START = load_start("2025-01")
NAMED = len(START["lab"])
OF_RECORD = {row["name"]: row for row in START["lab"]}
GAPS = np.array([row["capability_log10_flop"] for row in START["lab"]])
GAPS = GAPS - GAPS.max()
PACE = START["past_frontier_growth"] / 12.0


def slot(name: str) -> int:
    return lab_names("2025-01").index(name)


@entry
def _choose_in_all(state: Any, settings: Any) -> None:
    for row in range(len(state)):
        customers.choose(state[row], given_of(settings, row))


def world_of(
    runs: int = 8, months: int = 120, start: str = "2025-01", demand: str = "segments", **believed: float
) -> World:
    """The baseline, with this structure of demand and parameters of these values."""
    scenario = Scenario.from_dict({"title": "A", "start": start, "structure": {"demand": demand}})
    return build_world([scenario], np.zeros(runs, int), np.arange(runs), 3,
                       months=months, believed={name: np.full(runs, value) for name, value in believed.items()})


def as_it_is(world: World) -> None:
    """Leave a world as it is."""


def sell(world: World, months: int, each_month: Callable[[World], None] = as_it_is) -> np.ndarray:
    """Let customers alone choose for some months: revenue (runs, months, labs).

    Models keep the distance to the frontier that they have on record, and the frontier its pace, unless `each_month`
    says otherwise: so what becomes of shares is demand's doing.
    """
    revenue = np.empty((world.rows, months, LAB_SLOTS))
    best = max(row["capability_log10_flop"] for row in START["lab"])
    for month in range(months):
        world.month = month
        world.begin_month()
        world.labs.capability[:, :NAMED] = best + PACE * month + GAPS
        each_month(world)
        world.live(_choose_in_all)
        revenue[:, month] = world.labs.revenue
    return revenue


# ---- the start -------------------------------------------------------------------------------------------------------
def test_segments_and_shares_begin_as_on_record():
    """Each lab's customers, people and firms, are as many as its sales and the part that people buy; none is abroad."""
    world = world_of(1)
    shares, size = world.customers.market_share[0], world.customers.segment_size[0]
    given = float(world.p.open_weights_free)
    at_home = np.array([world.blocs[world.labs.nation[0, lab]] for lab in range(NAMED)])
    users = np.array([row["revenue_usd_bn"] / (1.0 - given * row["openness"]) for row in START["lab"]])
    people = np.array([row["people_share"] for row in START["lab"]])
    for bloc in range(BLOCS):
        home = at_home == bloc
        for segment, part in ((PEOPLE, people), (FIRMS, 1.0 - people)):
            bought = np.where(home, users * part, 0.0)
            assert shares[bloc, segment, :NAMED] == pytest.approx(bought / bought.sum(), abs=1e-12)
            assert size[bloc, segment] == pytest.approx(bought.sum() / users[home].sum(), abs=1e-12)


def test_in_the_first_month_shares_hardly_move():
    """Brands are what shares on record ask for, so nobody gains a point of a segment in a month by the start itself."""
    world = world_of(4)
    before = world.customers.market_share.copy()
    sell(world, 1)
    assert np.abs(world.customers.market_share - before).max() < 0.01


def test_where_nobody_sells_yet_all_begin_alike_and_choice_is_by_model():
    world = world_of(1, start="2015-12")
    named = len(load_start("2015-12")["lab"])
    brand = world.customers.brand[0, :, :named]
    assert np.all(brand == world.p.entrant_brand)
    assert world.customers.market_share[0].sum(axis=-1) == pytest.approx(np.ones((BLOCS, SEGMENTS)))
    quality = world.labs.capability[0, :named]
    abroad = np.array([world.blocs[nation] for nation in world.labs.nation[0, :named]]) != US
    firms = np.where(abroad, 0.0, world.customers.market_share[0, US, FIRMS, :named])
    assert np.argmax(firms) == np.argmax(np.where(abroad, 0.0, quality))


# ---- structures ------------------------------------------------------------------------------------------------------
def test_one_market_has_one_set_of_shares_and_two_segments_have_two():
    one, two = world_of(demand="single"), world_of()
    for world in (one, two):
        sell(world, 24)
    share, brand = one.customers.market_share, one.customers.brand
    assert np.array_equal(share[:, :, PEOPLE], share[:, :, FIRMS])
    assert np.array_equal(brand[:, PEOPLE], brand[:, FIRMS])
    assert np.abs(two.customers.market_share[:, US, PEOPLE] - two.customers.market_share[:, US, FIRMS]).max() > 0.05


# ---- habit -----------------------------------------------------------------------------------------------------------
def test_in_a_market_that_does_not_grow_shares_move_by_those_who_choose_again():
    """Half a year ahead from one month to the next: with thrice as many who choose again, thrice as far, exactly."""
    def full_and_better(world: World) -> None:
        world.customers.spending[:] = 1e9  # nobody is new
        ahead("Anthropic", 0.5)(world)

    moved = []
    for rate in (0.03, 0.09):
        world = world_of(choosing_again_people=rate, choosing_again_firms=rate)
        before = world.customers.market_share.copy()
        sell(world, 1, full_and_better)
        moved.append(world.customers.market_share - before)
    assert moved[0].max() > 0.005
    assert moved[1] == pytest.approx(3.0 * moved[0], abs=1e-12)


# ---- who can win -----------------------------------------------------------------------------------------------------
def leads(world: World, name: str, segment: int, bloc: int = US) -> np.ndarray:
    """Whether a lab has the largest share of a bloc's segment: (runs,)."""
    return world.customers.market_share[:, bloc, segment].argmax(axis=-1) == slot(name)


def ahead(name: str, by: float) -> Callable[[World], None]:
    """The lab's model is this much, in log10 FLOP, above the best of all others."""
    def set_it(world: World) -> None:
        capability = world.labs.capability
        others = np.delete(capability, slot(name), axis=1)
        capability[:, slot(name)] = others.max(axis=1) + by
    return set_it


def test_a_better_model_wins_firms_within_two_years_and_people_later():
    """Half a year ahead of all others (0.5 log10 FLOP), from a fifteenth of the market."""
    usual, better = world_of(64), world_of(64)
    sell(usual, 24)
    sell(better, 24, ahead("Anthropic", 0.5))
    assert leads(usual, "Anthropic", FIRMS).mean() < 0.4
    assert leads(better, "Anthropic", FIRMS).mean() > 2.0 / 3.0
    assert leads(better, "Anthropic", PEOPLE).mean() < 1.0 / 3.0


def test_people_too_go_over_to_a_better_model_of_a_lab_they_know():
    """Half a year ahead, from a fifth of what people buy: it leads with them after two years in many more runs."""
    usual, better = world_of(128), world_of(128)
    sell(usual, 24)
    sell(better, 24, ahead("Google DeepMind", 0.5))
    won = leads(better, "Google DeepMind", PEOPLE).astype(float) - leads(usual, "Google DeepMind", PEOPLE)
    assert won.mean() > 0.2


def test_a_newcomer_with_a_better_model_becomes_large():
    """Without a sale in January 2025 and half a year ahead from then on: 5% of the world's sales in two years."""
    usual, better = (sell(world_of(64), 24, each) for each in (as_it_is, ahead("Reflection AI", 0.5)))
    share = [revenue[:, -1, slot("Reflection AI")] / revenue[:, -1].sum(axis=-1) for revenue in (usual, better)]
    assert (share[0] < 0.01).all()
    assert (share[1] > 0.05).mean() > 0.9


def test_a_division_grows_beyond_any_cap_and_shrinks_to_little():
    name = "Google DeepMind"
    assert OF_RECORD[name]["form"] == Form.DIVISION.name.lower()
    up, down = (sell(world_of(16), 60, ahead(name, by)) for by in (1.5, -2.0))
    share = [revenue[:, :, slot(name)] / revenue.sum(axis=-1) for revenue in (up, down)]
    assert share[0][:, -1].min() > 0.6
    assert share[1][:, -1].max() < 0.2 * share[1][:, 0].max()


def test_better_algorithms_sell_more_to_firms_than_to_people_since_they_serve_cheaper():
    """At the same capability, by the rule of cost: utility grows by the taste for low price times half the log."""
    name = "Amazon AGI"
    gain = 0.3

    def efficient(world: World) -> None:
        world.labs.algorithm[:, slot(name)] = OF_RECORD[name]["algorithm_log10"] + gain

    usual, cheap = world_of(16), world_of(16)
    sell(usual, 36)
    sell(cheap, 36, efficient)
    assert gain + OF_RECORD[name]["algorithm_log10"] < max(row["algorithm_log10"] for row in START["lab"])

    def odds(world: World, segment: int) -> np.ndarray:
        share = world.customers.market_share[:, US, segment, slot(name)]
        return np.log(share / (1.0 - share))

    gained = [(odds(cheap, segment) - odds(usual, segment)).mean() for segment in (PEOPLE, FIRMS)]
    expected = [0.5 * np.log(10.0) * gain * taste for taste in (0.8, 1.5)]
    # Three years after, customers have chosen again, most of them more than once, and little of it was by use.
    assert gained == pytest.approx(expected, rel=0.25)


def test_first_leaders_lead_no_longer_than_leaders_of_young_markets_did():
    """Of pioneers half led for 5 years (evidence `pioneer_leadership_years`), of leaders of grown markets 95% lead a
    year later (`leadership_kept_a_year`); as rates that do not change, 0.76 to 0.90 after two years, 0.50 to 0.77
    after five, 0.25 to 0.60 after ten. Tolerance: four standard errors of 256 runs.
    """
    revenue = sell(world_of(256), 120)
    first = revenue[:, 0].argmax(axis=-1)
    for months, low, high in ((24, 0.76, 0.90), (60, 0.50, 0.77), (120, 0.25, 0.60)):
        kept = (revenue[:, months - 1].argmax(axis=-1) == first).mean()
        error = 4.0 * np.sqrt(kept * (1.0 - kept) / 256)
        assert low - error <= kept <= high + error, (months, kept)


# ---- brands ----------------------------------------------------------------------------------------------------------
def test_without_the_crowd_brands_spread_as_their_luck_and_decay_say():
    """At rest the standard deviation is s / sqrt(1 - (1 - d)^2). Tolerance: four standard errors of 64 x 22 brands."""
    world = world_of(64, herding=0.0)
    sell(world, 120)
    decay, luck = float(world.p.brand_decay), float(world.p.brand_luck_people)
    left = (1.0 - decay) ** 240  # of the variance that was not there at the start
    expected = luck * np.sqrt((1.0 - left) / (1.0 - (1.0 - decay) ** 2))
    spread = world.customers.brand[:, PEOPLE, :NAMED].std(axis=0, ddof=1)
    assert np.sqrt((spread**2).mean()) == pytest.approx(expected, rel=4.0 / np.sqrt(2.0 * 64 * NAMED))


def test_a_lead_that_nothing_renews_is_halved_in_the_half_life_of_brands():
    """23 months at 3%: ln(1/2) / ln(0.97)."""
    brand, months = 1.0, round(np.log(0.5) / np.log(0.97))
    for _ in range(months):
        brand = customers.goodwill_step(brand, 0.03, 0.0)
    assert brand == pytest.approx(0.5, abs=0.01)


# ---- abroad, gains, taxes --------------------------------------------------------------------------------------------
def test_a_market_closed_by_law_is_served_by_labs_at_home():
    world, ajar = world_of(), world_of(foreign_barrier=2.0)
    for each in (world, ajar):
        sell(each, 60)
    home = [world.blocs[nation] == CHINA for nation in world.labs.nation[0]]
    shut_out, let_in = (1.0 - each.customers.market_share[:, CHINA][:, :, home].sum(axis=-1) for each in (world, ajar))
    assert shut_out.max() < 0.2
    assert (let_in > shut_out).all()


def test_what_users_gain_of_a_single_lab_is_the_published_sum():
    """One lab at the frontier, without brand, foreign to one bloc: spending / taste * ln(1 + exp(u - without))."""
    world = world_of(1)
    only = slot("OpenAI")
    world.labs.active[:] = False
    world.labs.active[:, only] = True
    world.customers.brand[:] = 0.0
    world.labs.openness[:] = 0.0
    sell(world, 1)
    p = world.p
    markup = 1.0 / (1.0 - min(p.market_power * OF_RECORD["OpenAI"]["revenue_usd_bn"] / sum(
        row["revenue_usd_bn"] for row in START["lab"]), p.markup_limit))
    size = sum(row["market_size"] for row in START["nation"] if row["bloc"] == "US")
    expected = 0.0
    for segment, thrift in ((PEOPLE, p.taste_for_low_price_people), (FIRMS, p.taste_for_low_price_firms)):
        utility = p.taste_for_reputation * OF_RECORD["OpenAI"]["reputation"] - thrift * np.log(markup)
        spent = world.customers.spending[0, 0] * size * world.customers.segment_size[0, US, segment]
        expected += spent / thrift * np.log1p(np.exp(utility - p.doing_without))
    assert world.customers.user_gain[0, US] == pytest.approx(expected, rel=1e-9)


def test_users_gain_from_more_labs_and_from_better_ones():
    def without_the_second(world: World) -> None:
        world.labs.active[:, [slot("Google DeepMind"), slot("Anthropic")]] = False

    def twice_as_good(world: World) -> None:
        world.labs.capability[:, :NAMED] += np.log10(2.0)

    gain = []
    for each in (without_the_second, as_it_is, twice_as_good):
        world = world_of()
        sell(world, 6, each)
        gain.append(world.customers.user_gain[:, US])
    assert (gain[0] < 0.97 * gain[1]).all()
    assert (gain[2] > 1.05 * gain[1]).all()
