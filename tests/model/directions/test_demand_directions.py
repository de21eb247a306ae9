"""Demand in whole runs: turn one of its numbers up or down on the same luck, and shares, gains and taxes follow."""

from __future__ import annotations

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

from sim.model.outcomes import INDEX
from sim.model.parameters import parameters
from sim.model.start_files import load_start
from sim.model.state import CHINA, US

pytestmark = pytest.mark.slow  # ensembles of ten years, shared by the tests of this file

NAMED = len(load_start("2025-01")["lab"])
ENDS = {
    "choosing again": ("choosing_again_people", "choosing_again_firms"),
    "brand luck": ("brand_luck_people", "brand_luck_firms"),
    "brand decay": ("brand_decay",),
    "quality": ("taste_for_quality_people", "taste_for_quality_firms"),
    "barrier": ("foreign_barrier",),
    "doing without": ("doing_without",),
    "tax": ("tax_share_of_revenue",),
}


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    """Ten years from January 2025, with numbers of demand at either end of their ranges."""
    changes: dict[str, dict[str, float]] = {BASELINE: {}}
    for title, names in ENDS.items():
        for end in ("low", "high"):
            changes[f"{title}, {end}"] = {f"uncertainty.{name}": getattr(parameters()[name], end) for name in names}
    changes["No entry"] = {"industry.entry": 0.0, "people.spin_offs": 0.0}
    changes["Much entry"] = {"industry.entry": 2.0}
    return Pairs.of(changes, labs=True)


def share_of_newcomers(pairs: Pairs, title: str) -> np.ndarray:
    """Share of the world's sales that labs make which were not there at the start, over the last year: (runs,)."""
    sales = pairs.results.lab_values["revenue"][pairs.results.position(title)][:, -12:]
    return (sales[:, :, NAMED:].sum(axis=2) / sales.sum(axis=2)).mean(axis=1)


def changes_of_leader(pairs: Pairs, title: str) -> np.ndarray:
    """How often another lab comes to sell most: (runs,)."""
    leader = pairs.results.lab_values["revenue"][pairs.results.position(title)].argmax(axis=2)
    return (np.diff(leader, axis=1) != 0).sum(axis=1)


def test_newcomers_become_large(pairs: Pairs) -> None:
    """In most runs one passes 1% of the world's sales; none did while brands were for ever."""
    sales = pairs.results.lab_values["revenue"][pairs.results.position(BASELINE)]
    largest = (sales[:, :, NAMED:] / sales.sum(axis=2, keepdims=True)).max(axis=(1, 2))
    assert (largest > 0.01).mean() > 0.5
    assert (largest > 0.05).any()


def test_newcomers_sell_more_the_less_a_lead_in_quality_counts(pairs: Pairs) -> None:
    """That they sell more the faster old brands fade is not clear beside luck: many are hired away first."""
    positive(share_of_newcomers(pairs, "quality, low") - share_of_newcomers(pairs, "quality, high"))


def test_leaders_change_more_often_the_more_luck_brands_have_and_the_sooner_people_choose_again(pairs: Pairs) -> None:
    for more, less in (("brand luck, high", "brand luck, low"), ("choosing again, high", "choosing again, low")):
        positive(changes_of_leader(pairs, more) - changes_of_leader(pairs, less), more)


def test_the_better_model_has_the_larger_share_the_more_quality_counts(pairs: Pairs) -> None:
    pairs.rises("leader_share", "quality, high", "quality, low")
    pairs.rises("market_hhi", "quality, high", "quality, low")


def test_a_law_that_closes_a_market_feeds_the_labs_at_home(pairs: Pairs) -> None:
    positive(pairs.average("barrier, high", "taxes_china_usd_bn") - pairs.average("barrier, low", "taxes_china_usd_bn"))


def test_taxes_are_a_share_of_sales_and_move_nothing(pairs: Pairs) -> None:
    low, high = (pairs.results.values[pairs.results.position(f"tax, {end}")] for end in ("low", "high"))
    of_taxes = [INDEX["taxes_us_usd_bn"], INDEX["taxes_china_usd_bn"]]
    rest = np.delete(np.arange(len(INDEX)), of_taxes)
    assert np.array_equal(low[..., rest], high[..., rest])
    assert not low[..., of_taxes].any()
    place = pairs.results.position("tax, high")
    sales, home = pairs.results.lab_values["revenue"][place][:, -1], pairs.results.at_end["nation"][place]
    for nation, outcome in ((US, of_taxes[0]), (CHINA, of_taxes[1])):
        at_home = (sales * (home == nation)).sum(axis=1)
        assert high[:, -1, outcome] == pytest.approx(parameters()["tax_share_of_revenue"].high * at_home)


def test_users_gain_more_where_doing_without_is_worse_and_it_moves_nothing_else(pairs: Pairs) -> None:
    low, high = (pairs.results.values[pairs.results.position(f"doing without, {end}")] for end in ("low", "high"))
    gains = [INDEX["user_gain_us_usd_bn"], INDEX["user_gain_china_usd_bn"]]
    rest = np.delete(np.arange(len(INDEX)), gains)
    assert np.array_equal(low[..., rest], high[..., rest])
    assert (low[..., gains] > high[..., gains]).all()
    assert high[..., gains].min() > 0.0


def test_users_gain_from_entry(pairs: Pairs) -> None:
    pairs.rises("user_gain_us_usd_bn", "Much entry", "No entry")
