"""Mechanisms that history asked for: turn one up or down on the same luck, and what it is there for moves."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

from sim.model.given import given_of
from sim.model.luck import CHANNEL, choose_one
from sim.model.rule import rule
from sim.model.start import build_world
from sim.scenario.scenario import Scenario
from sim.scenario.schema import month_index

BEGUN = "2025-01"  # with the conversion ahead, little defence work and no truce: all that turns has room to
pairs_of = partial(Pairs.of, start=BEGUN)

pytestmark = pytest.mark.slow  # ensembles of ten years, shared by the tests of this file

HISTORY = Path(__file__).parents[3] / "scenarios" / "history" / "history_forced.toml"
BUST = {"event": [{"date": "2026-01", "kind": "market_bust", "severity": 1.0}]}
LAW = {"event": [{"date": "2026-01", "kind": "new_law", "actor": "us", "severity": 0.8}]}


def month(date: str) -> int:
    """Months from December 2015."""
    return month_index("2015-12", date)


@pytest.fixture(scope="module")
def today() -> Pairs:
    """Five years from January 2025."""
    return pairs_of({
        BASELINE: {},
        "Sober customers": {"uncertainty.herding": 0.0},
        "A crowd": {"uncertainty.herding": 1.6},
        "Bust, calm builders": {**BUST, "uncertainty.capex_follows_sentiment": 0.5},
        "Bust, nervous builders": {**BUST, "uncertainty.capex_follows_sentiment": 1.2},
        "Bust, steady parents": {**BUST, "uncertainty.parent_cycle": 1.0},
        "Bust, shaken parents": {**BUST, "uncertainty.parent_cycle": 3.5},
        "Patrons hard to find": {"uncertainty.patron_hazard": 0.04},
        "Patrons easily found": {"uncertainty.patron_hazard": 0.2},
        "Weak accelerator": {"uncertainty.accelerator": 0.6},
        "Strong accelerator": {"uncertainty.accelerator": 1.3},
        "A law": LAW,
    }, months=60)


@pytest.fixture(scope="module")
def history() -> Pairs:
    """From December 2015 to the end of 2024, policy as it was."""
    return pairs_of({
        BASELINE: {},
        "Usable early": {"uncertainty.usable_capability": 23.5},
        "Usable late": {"uncertainty.usable_capability": 24.5},
        "Daring runs": {"uncertainty.run_caution": 0.25},
        "Cautious runs": {"uncertainty.run_caution": 0.55},
        "Distracted divisions": {"uncertainty.division_focus": 0.1},
        "Focused divisions": {"uncertainty.division_focus": 0.8},
        "Bold start-ups": {"uncertainty.start_up_boldness": 0.1},
        "Timid start-ups": {"uncertainty.start_up_boldness": 0.8},
        "Slow to learn": {"structure.powers": "hazards", "uncertainty.retaliation_practice": 1.5},
        "Quick to learn": {"structure.powers": "hazards", "uncertainty.retaliation_practice": 4.5},
        "Even patrons": {"uncertainty.patron_growth": 0.05},
        "Late patrons": {"uncertainty.patron_growth": 0.4},
        "Small stakes": {"uncertainty.patron_stake": 0.02},
        "Large stakes": {"uncertainty.patron_stake": 0.12},
        "Reflex": {"trade.control_reflex": 1.0},
    }, base=Scenario.load(HISTORY).with_({}, title=BASELINE), labs=True)


# ---- customers ---------------------------------------------------------------------------------------------
def test_herding_makes_the_leader_larger(today: Pairs) -> None:
    today.rises("leader_share", "A crowd", "Sober customers")
    today.rises("market_hhi", "A crowd", "Sober customers")


def test_nobody_adopts_what_does_not_work_yet(history: Pairs) -> None:
    history.falls("adoption", "Usable late", "Usable early")


# ---- money -------------------------------------------------------------------------------------------------
def test_builders_capex_follows_a_bust_the_more_they_heed_it(today: Pairs) -> None:
    today.falls("big4_capex_usd_bn", "Bust, nervous builders", "Bust, calm builders", 12, 30)


def test_a_bust_slows_the_parents_cash_flow(today: Pairs) -> None:
    today.falls("big4_capex_usd_bn", "Bust, shaken parents", "Bust, steady parents", 24, 60)


def test_patrons_are_found_the_sooner_the_more_look_for_a_lab(today: Pairs) -> None:
    positive(today.counts("Patrons easily found", "patron") - today.counts("Patrons hard to find", "patron"))


def test_patrons_stakes_feed_start_ups(history: Pairs) -> None:
    """Large stakes raise more money; stakes that grow with the market leave less for the years before it."""
    last = month("2021-12")
    history.rises("capital_raised_usd_bn", "Large stakes", "Small stakes")
    history.falls("capital_raised_usd_bn", "Late patrons", "Even patrons", 0, last)


def test_other_buyers_order_more_the_more_they_build_ahead_of_a_growing_market(today: Pairs) -> None:
    today.rises("chip_stock_h100e", "Strong accelerator", "Weak accelerator")


# ---- research ----------------------------------------------------------------------------------------------
def test_caution_keeps_the_largest_run_small(history: Pairs) -> None:
    history.falls("largest_run_log10_flop", "Cautious runs", "Daring runs", 12, 60)


def test_divisions_that_serve_their_parents_train_smaller_models(history: Pairs) -> None:
    history.falls("largest_run_log10_flop", "Distracted divisions", "Focused divisions")


def test_bold_start_ups_have_better_models(history: Pairs) -> None:
    bold, timid = (history.of_lab(title, "capability", "OpenAI")[:, :36].mean(axis=1)
                   for title in ("Bold start-ups", "Timid start-ups"))
    positive(bold - timid)


# ---- politics ----------------------------------------------------------------------------------------------
def test_practice_quickens_retaliation(history: Pairs) -> None:
    """More answers come within two months of the step of October 2023."""
    quick, slow = (history.counts(title, "mineral_ban", first=month("2023-10"), last=month("2023-12"))
                   for title in ("Quick to learn", "Slow to learn"))
    positive(quick - slow)


def test_without_the_reflex_controls_step_up_on_their_dates_alone(history: Pairs) -> None:
    dated = {month(date) for date in ("2019-05", "2020-09", "2022-10", "2023-10", "2024-12", "2025-04")}
    controls = history.monthly(BASELINE, "export_control")
    assert set(np.flatnonzero((np.diff(controls, axis=1) > 1e-9).any(axis=0)) + 1) <= dated
    free = history.monthly("Reflex", "export_control")
    assert len(set(np.flatnonzero((np.diff(free, axis=1) > 1e-9).any(axis=0)) + 1) - dated) > 12


def test_a_dated_law_lasts(today: Pairs) -> None:
    """Four years on, rules still aim at what the law set."""
    today.rises("strictness_us", "A law", first=48)
    assert today.average("A law", "strictness_us", 48).mean() > 0.6


@rule
def _choose_all(state, settings, weight, chosen):
    for row in range(len(state)):
        chosen[row] = choose_one(state[row], given_of(settings, row), CHANNEL.control_entry_where, weight)


# ---- choices -----------------------------------------------------------------------------------------------
def test_choices_fall_in_proportion_to_their_weights() -> None:
    """Of 8,000 choices each share is within four standard errors of its weight; what weighs nothing is never taken."""
    weight = np.array([1.0, 2.0, 0.0, 5.0])
    runs = np.arange(8_000)
    world = build_world([Scenario.from_dict({"title": "Baseline"})], np.zeros(8_000, int), runs, 3, months=1)
    chosen = np.empty(8_000, int)
    _choose_all(world.state, world.settings, weight, chosen)
    shares = np.bincount(chosen, minlength=4) / 8_000
    expected = weight / weight.sum()
    assert (np.abs(shares - expected) <= 4.0 * np.sqrt(expected * (1.0 - expected) / 8_000)).all()
