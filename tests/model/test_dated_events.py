"""Dated events: each kind happens in its month, in its scenario's runs alone, and moves what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.live import STAGES
from sim.model.institutions import control
from sim.model.naming import lab_names
from sim.model.parameters import event_kinds

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASELINE = sim.Scenario.load(SCENARIOS / "baseline.toml")
DATE, MONTH, RUNS, MONTHS = "2026-06", 5, 30, 48

# Kind: what the event names, how severe, the event that it is told as, what it moves, in which month, which way.
CASES = {
    "taiwan_disruption": (None, 0.5, "disruption", "chip_price_index", MONTH + 6, +1),
    "severe_incident": (None, 1.0, "severe_incident", "severe_incidents", MONTH, +1),
    "market_bust": (None, 0.5, "bust", "leader_valuation_usd_bn", MONTH + 3, -1),
    "breakthrough": ("OpenAI", 1.0, "breakthrough", "frontier_log10_flop", MONTH + 18, +1),
    "chip_control_step": ("US", 0.5, "export_control", "export_control", MONTH, +1),
    "mineral_ban": ("China", 0.6, "mineral_ban", "mineral_price_index", MONTH + 3, +1),
    "truce": (None, 1.0, "truce", "export_control", MONTH, -1),
    "new_law": ("us", 0.9, "rules_tightened", "strictness_us", MONTH, +1),
    "power_shortage": ("US", 0.9, "power_shortage", "short_of_power", MONTH + 2, +1),
    # Plants take three years from the money.
    "subsidy_law": ("US", 1.0, "subsidy_law", "us_domestic_chip_share", MONTH + 40, +1),
}


def with_event(kind, actor, severity):
    event = {"date": DATE, "kind": kind, "severity": severity} | ({"actor": actor} if actor else {})
    return BASELINE.with_({"event": [event]}, title=kind)


@pytest.fixture(scope="module")
def results():
    """The baseline and one scenario for each kind of event, in one batch."""
    scenarios = [with_event(kind, *case[:2]) for kind, case in CASES.items()]
    return sim.simulate([BASELINE, *scenarios], runs=RUNS, months=MONTHS, uncertainty="luck")


def told(results, scenario, kind, month):
    """The runs of a scenario in which an event of a kind is told in a month."""
    table = results.events
    chosen = (table["scenario"] == scenario) & (table["kind"] == kind) & (table["month"] == month)
    return set(table[chosen]["run"])


def test_every_kind_of_dated_event_is_tried_here():
    assert set(CASES) == set(event_kinds())


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
def test_a_dated_event_is_told_in_its_month_in_every_run_of_its_scenario(results, kind):
    _, _, word, *_ = CASES[kind]
    assert told(results, kind, word, MONTH) == set(range(RUNS))
    assert told(results, BASELINE.title, word, MONTH) != set(range(RUNS))


@pytest.mark.parametrize("kind", CASES)
def test_a_dated_event_changes_no_bit_before_its_month_and_something_in_every_run_after(results, kind):
    position = results.titles.index(kind)
    assert np.array_equal(results.values[position, :, :MONTH], results.values[0, :, :MONTH])
    differs = (results.values[position, :, MONTH:] != results.values[0, :, MONTH:]).any(axis=(1, 2))
    assert differs.all()


@pytest.mark.parametrize("kind", CASES)
def test_a_dated_event_moves_what_it_should(results, kind):
    _, _, _, outcome, month, sign = CASES[kind]
    difference = results.outcome(outcome)[results.titles.index(kind), :, month] - results.outcome(outcome)[0, :, month]
    assert (sign * difference >= 0.0).mean() >= 0.9, difference
    # Paired on the same luck: the mean lies on its side by at least three standard errors.
    assert sign * difference.mean() > 3.0 * difference.std(ddof=1) / np.sqrt(RUNS)


def test_a_severe_incident_on_a_date_is_one_more_than_luck_brings(results):
    severe = results.outcome("severe_incidents")
    assert (severe[results.titles.index("severe_incident"), :, MONTH] == severe[0, :, MONTH] + 1.0).all()


def test_a_new_law_puts_its_strictness_into_force_at_once(results):
    strictness = results.outcome("strictness_us")[results.titles.index("new_law"), :, MONTH]
    # The regulator's own slow drafting moves it by less than a tenth within the month.
    assert (np.abs(strictness - 0.9) < 0.1).all()


def test_a_truce_of_full_severity_suspends_controls_and_bans_altogether(results):
    position = results.titles.index("truce")
    assert (results.outcome("export_control")[position, :, MONTH] == 0.0).all()
    assert (results.outcome("retaliation")[position, :, MONTH] == 0.0).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["taiwan_disruption", "market_bust", "power_shortage", "breakthrough", "severe_incident"]
)
def test_an_event_of_severity_zero_moves_no_state_that_its_severity_should_move(kind):
    actor, _, _, outcome, month, _ = CASES[kind]
    quiet = sim.simulate([BASELINE, with_event(kind, actor, 0.0)], runs=10, months=month + 1)
    severe = sim.simulate([BASELINE, with_event(kind, actor, 0.9)], runs=10, months=month + 1)
    moved = [np.abs(np.diff(r.outcome(outcome)[:, :, month], axis=0)).mean() for r in (quiet, severe)]
    assert moved[0] <= moved[1]
    if kind in ("taiwan_disruption", "power_shortage", "breakthrough"):
        assert np.array_equal(quiet.values[0], quiet.values[1])


def test_an_event_after_the_last_month_changes_nothing_that_is_simulated():
    late = BASELINE.with_({"event": [{"date": "2031-01", "kind": "market_bust", "severity": 1.0}]}, title="Late")
    results = sim.simulate([BASELINE, late], runs=3, months=24)
    assert np.array_equal(results.values[0], results.values[1])


def test_an_event_in_the_first_and_in_the_last_month_happens():
    first = BASELINE.with_({"event": [{"date": "2026-01", "kind": "market_bust", "severity": 0.5}]}, title="First")
    last = BASELINE.with_({"event": [{"date": "2027-12", "kind": "market_bust", "severity": 0.5}]}, title="Last")
    results = sim.simulate([first, last], runs=3, months=24)
    assert told(results, "First", "bust", 0) == {0, 1, 2}
    assert told(results, "Last", "bust", 23) == {0, 1, 2}


@pytest.mark.parametrize("kind", ["severe_incident", "breakthrough"])
def test_what_is_dated_for_a_lab_that_has_closed_does_not_happen_and_is_told_so(kind):
    def close_openai(world, luck):  # noqa: ARG001 - a stage takes both
        if world.month == 0:
            control.shut_in_all(world.state, world.settings, 0)

    settings = {"runs": 3, "months": MONTH + 1, "stages": (*STAGES, close_openai)}
    assert lab_names(BASELINE.start)[0] == "OpenAI"
    without = sim.simulate(BASELINE, **settings)
    dated = sim.simulate(with_event(kind, "OpenAI", 1.0), **settings)
    assert np.array_equal(dated.values, without.values)
    assert told(dated, kind, "lapsed", MONTH) == {0, 1, 2}
    assert not told(dated, kind, kind, MONTH)


@pytest.mark.slow
def test_a_severe_incident_moves_law_money_care_use_and_hostility():
    """Each beyond four standard errors, on the same luck; hostility at first, law once bills have passed.

    So many runs, since money is uneven: in a month a few labs raise most of what all raise.
    """
    dated = BASELINE.with_({"event": [{"date": "2029-01", "kind": "severe_incident", "severity": 1.0}]}, title="Dated")
    results = sim.simulate([BASELINE, dated], runs=1200, months=61, workers=2, events=False)
    for outcome, month, sign, least in (("strictness_us", 60, 1, 0.02), ("strictness_china", 60, 1, 0.03),
                                        ("safety_effort", 60, 1, 0.04), ("hostility", 37, 1, 0.005),
                                        ("capital_raised_usd_bn", 37, -1, 0.5), ("adoption", 60, -1, 0.03)):
        before, after = results.outcome(outcome)[..., month]
        moved = sign * (after - before).reshape(-1, 2).mean(axis=1)  # two runs share a draw of parameters
        assert moved.mean() > least, outcome
        assert moved.mean() > 4.0 * moved.std(ddof=1) / np.sqrt(len(moved)), outcome
