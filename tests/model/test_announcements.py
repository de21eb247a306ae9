"""Announced policies: who knows of them does sooner what they will bar, by as much as is stated; nobody else does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim import Results, Scenario, simulate
from sim.model.asked import FORESEEN
from sim.model.policies import brought_forward

RUNS, SEED = 24, 4
ANNOUNCED, DATE = 12, 24  # months from January 2026
WARNED = {"announced": "2027-01"}
CLOSING: dict[str, dict[str, Any]] = {
    "regulation.licensing_above": {"base": {"regulation": {"strictness": 0.9}}, "to": 0.3},
    "capital.investor_pool": {"base": {}, "to": 0.1},
    "trade.chip_controls": {"base": {"trade": {"chip_controls": 0.3}}, "to": 1.5},
}


def lived(lever: str, to: Any, base: dict[str, Any], *, believed: float = 1.0, **more: Any) -> Results:
    """The same change overnight and announced, on the same luck."""
    date = {"date": "2028-01", lever: to}
    tables = {"months": 36, "uncertainty": {"announcements_believed": believed}, **base, **more}
    pair = [Scenario.from_dict({"title": title, **tables, "change": [{"name": "it", **date, **known}]})
            for title, known in (("overnight", {}), ("announced", WARNED))]
    return simulate(pair, runs=RUNS, seed=SEED, uncertainty="luck")


def told(results: Results, *kinds: str) -> list[tuple[str, int]]:
    events = results.events
    found = events[events["kind"].isin(kinds)]
    return list(zip(found["scenario"], found["month"], strict=True))


@pytest.mark.parametrize(("horizon", "left", "believed", "factor"), [
    (12.0, 3.0, 1.0, 4.0), (12.0, 3.0, 0.5, 2.5), (12.0, 1.0, 1.0, 12.0), (12.0, 24.0, 1.0, 1.0), (12.0, 3.0, 0.0, 1.0),
    (12.0, 0.0, 1.0, 1.0), (12.0, -1.0, 1.0, 1.0)])
def test_what_a_horizon_would_see_is_done_in_the_months_that_are_left(
    horizon: float, left: float, believed: float, factor: float
) -> None:
    given: Any = SimpleNamespace(p=SimpleNamespace(announcements_believed=believed))
    assert brought_forward.py_func(given, horizon, left) == factor


@pytest.mark.parametrize("lever", CLOSING)
def test_nothing_moves_before_the_announcement_and_something_does_before_the_day(lever: str) -> None:
    results = lived(lever, **CLOSING[lever])
    assert np.array_equal(results.values[0, :, :ANNOUNCED], results.values[1, :, :ANNOUNCED])
    assert not np.array_equal(results.values[0, :, :DATE], results.values[1, :, :DATE])
    assert set(told(results, "policy_announced")) == {("announced", ANNOUNCED)}


@pytest.mark.parametrize("lever", CLOSING)
def test_what_nobody_believes_changes_no_bit(lever: str) -> None:
    results = lived(lever, believed=0.0, **CLOSING[lever])
    assert np.array_equal(results.values[0], results.values[1])


@pytest.mark.parametrize(("lever", "opens"), [
    ("regulation.licensing_above", 1.01), ("capital.investor_pool", 3.0), ("trade.chip_controls", 0.0)])
def test_nobody_hurries_before_a_door_opens(lever: str, opens: float) -> None:
    results = lived(lever, opens, CLOSING[lever]["base"])
    assert np.array_equal(results.values[0, :, :DATE], results.values[1, :, :DATE])


@pytest.mark.parametrize(("lever", "kind"), [
    ("regulation.licensing_above", "run_hurried"), ("capital.investor_pool", "round_hurried")])
def test_what_came_early_is_told_between_announcement_and_day(lever: str, kind: str) -> None:
    early = told(lived(lever, **CLOSING[lever]), kind)
    assert len(early) > RUNS
    assert {title for title, _ in early} == {"announced"}
    assert {month for _, month in early} <= set(range(ANNOUNCED, DATE))
    assert np.mean([month >= DATE - 4 for _, month in early]) > 4 / 12  # the nearer the day the more


def test_more_money_is_raised_before_there_is_less_of_it() -> None:
    results = lived("capital.investor_pool", **CLOSING["capital.investor_pool"])
    raised = results.outcome("capital_raised_usd_bn")[:, :, DATE - 6:DATE].sum(axis=2)
    difference = raised[1] - raised[0]
    assert difference.mean() > 3.0 * difference.std(ddof=1) / np.sqrt(RUNS)


def test_china_stocks_up_before_controls_and_goes_without_after() -> None:
    results = lived("trade.chip_controls", **CLOSING["trade.chip_controls"])
    share = results.outcome("china_traded_chip_share")
    difference = share[1, :, DATE - 1] - share[0, :, DATE - 1]
    assert difference.mean() > 3.0 * difference.std(ddof=1) / np.sqrt(RUNS)


def test_labs_ask_to_convert_while_the_door_is_open() -> None:
    """From December 2015: labs with capped profits, of which some would become companies."""
    door = {"name": "door", "date": "2024-01", "capital.conversion_allowed": False}
    pair = [Scenario.from_dict({
        "title": title, "start": "2015-12", "months": 98, "uncertainty": {"announcements_believed": 1.0},
        "change": [{**door, **known}]}) for title, known in (("A", {}), ("B", {"announced": "2022-01"}))]
    results = simulate(pair, runs=64, seed=SEED, uncertainty="luck")
    asked, done = ([[title for title, _ in told(results, kind)].count(each) for each in "AB"]
                   for kind in ("review_opened", "conversion"))
    assert asked[1] > asked[0]
    assert done[1] > done[0]
    assert {title for title, _ in told(results, "conversion_hurried")} == {"B"}


def test_each_lever_that_somebody_looks_ahead_to_is_tested_here() -> None:
    assert {*CLOSING, "capital.conversion_allowed"} == set(FORESEEN)
