"""Policies that live in time, in a scenario file: read, written, addressed, taken back, and refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.model.asked import Change, Condition, When
from sim.scenario.in_time import told
from sim.scenario.scenario import Scenario, ScenarioError, diff
from sim.scenario.schema import MAX_CHANGES, MAX_WHENS, json_schema

FILE = """title = "Parent"

[[change]]
name = "phase-in"
date = "2028-01"
"regulation.eu.strictness" = 0.7
over_months = 24
until = "2032-01"

[[change]]
date = "2027-05"
"capital.conversion_allowed" = false

[[when]]
name = "after an incident"
outcome = "severe_incidents"
above = 0
over_months = 36
until_below = 0.5
delay_months = 9
"regulation.strictness" = 0.85
"diplomacy.us_china_cooperation" = 0.6

[[when]]
name = "either"
any = [{ outcome = "hostility", above = 0.8 }, { outcome = "us_china_lag_months", below = 6, until_above = 9 }]
for_months = 3
reporting_lag_months = 2
"trade.chip_controls" = 1.0
"""


def load(folder: Path, text: str, name: str = "parent.toml", set_: tuple[str, ...] = ()) -> Scenario:
    (folder / name).write_text(text, encoding="utf-8")
    return Scenario.load(folder / name, set=set_)


def refused(folder: Path, text: str, *set_: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(folder, text, "bad.toml", set_)
    return str(caught.value)


def test_a_file_says_schedules_and_triggers(tmp_path: Path) -> None:
    found = load(tmp_path, FILE)
    assert found.changes == (
        Change("phase-in", 24, "2028-01", {"regulation.eu.strictness": 0.7}, 24, 72, "2032-01"),
        Change("change 2", 16, "2027-05", {"capital.conversion_allowed": False}))
    assert found.whens == (
        When("after an incident", (Condition("severe_incidents", 0.0, True, 36, 0.5),),
             {"regulation.strictness": 0.85, "diplomacy.us_china_cooperation": 0.6}, delay_months=9),
        When("either", (Condition("hostility", 0.8, True), Condition("us_china_lag_months", 6.0, False, 0, 9.0)),
             {"trade.chip_controls": 1.0}, every=False, for_months=3, reporting_lag_months=2))
    assert [when.ends for when in found.whens] == [True, True]
    assert found.warnings == ()


def test_what_is_written_and_read_again_is_the_same(tmp_path: Path) -> None:
    found = load(tmp_path, FILE)
    assert load(tmp_path, found.to_toml(), "again.toml") == found
    assert Scenario.from_resolved(found.resolved()) == found
    assert Scenario.from_dict({"title": "A"}).resolved().keys() == Scenario.from_dict({"title": "B"}).resolved().keys()
    assert "change" not in Scenario.from_dict({"title": "A"}).resolved()  # so that hashes stay


def test_each_is_told_in_a_line(tmp_path: Path) -> None:
    found = load(tmp_path, FILE)
    assert [told(policy) for policy in (*found.changes, *found.whens)] == [
        "from 2028-01 over 24 months, until 2032-01: regulation.eu.strictness = 0.7",
        "from 2027-05: capital.conversion_allowed = false",
        "when severe_incidents over 36 months is above 0 (until below 0.5), 9 months later: regulation.strictness = "
        "0.85, diplomacy.us_china_cooperation = 0.6; ends when that no longer holds",
        "when hostility is above 0.8 or us_china_lag_months is below 6 (until above 9) for 3 months: "
        "trade.chip_controls = 1; ends when that no longer holds"]
    assert ("change.phase-in", None, told(found.changes[0])) in diff(Scenario.from_dict({"title": "Parent"}), found)


# ---- parents and options -------------------------------------------------------------------------------------------
def test_a_child_adds_replaces_by_name_and_takes_back(tmp_path: Path) -> None:
    load(tmp_path, FILE)
    child = load(tmp_path, """title = "Child"
extends = "parent.toml"
[[change]]
name = "phase-in"
off = true
[[change]]
date = "2029-01"
"trade.enforcement" = 0.9
[[when]]
name = "either"
outcome = "trust"
below = 0.1
"trade.chip_controls" = 0.5
""", "child.toml")
    assert [change.date for change in child.changes] == ["2027-05", "2029-01"]
    assert [when.name for when in child.whens] == ["after an incident", "either"]
    assert child.whens[1].conditions == (Condition("trust", 0.1, False),)


def test_an_option_and_a_change_in_python_address_a_policy_by_its_name(tmp_path: Path) -> None:
    found = load(tmp_path, FILE, set_=(
        "change.phase-in.date=2029-03", 'change.phase-in.regulation.eu.strictness=0.9',
        "when.after an incident.delay_months=12"))
    assert found.changes[0] == Change("phase-in", 38, "2029-03", {"regulation.eu.strictness": 0.9}, 24, 72, "2032-01")
    assert found.whens[0].delay_months == 12
    moved = found.with_({"change.phase-in.until": "2033-01", "when.either.off": True})
    assert moved.changes[0].until_date == "2033-01"
    assert [when.name for when in moved.whens] == ["after an incident"]
    assert found.with_({"change": [{"date": "2027-01", "litigation.filing": 0.0}]}).changes[2].month == 12


# ---- refusals ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("keys", "message"), [
    ('date = "2027-01"', "this [[change]] sets no lever"),
    ('"trade.enforcement" = 0.5', "a change needs `date`"),
    ('date = "2025-12"\n"trade.enforcement" = 0.5', "is outside the run"),
    ('date = "2036-01"\n"trade.enforcement" = 0.5', "is outside the run"),
    ('date = "2027-1"\n"trade.enforcement" = 0.5', "is not a month"),
    ('date = "2027-01"\nuntil = "2026-06"\n"trade.enforcement" = 0.5', "lapses in 2026-06, before it begins"),
    ('date = "2027-01"\nannounced = "2027-01"\n"trade.enforcement" = 0.5', "no earlier than it begins"),
    ('date = "2027-01"\nannounced = "soon"\n"trade.enforcement" = 0.5', "is not a month"),
    ('date = "2027-01"\n"trade.enforcment" = 0.5', "did you mean `trade.enforcement`?"),
    ('date = "2027-01"\n"trade.enforcement" = 1.5', "is out of range"),
    ('date = "2027-01"\n"trade.enforcement" = "much"', "is a text, not a number"),
    ('date = "2027-01"\ntrade.enforcement = 0.5', 'write the lever in quotes, as one key: "trade.'),
    ('date = "2027-01"\n"structure.hazard" = "all_labs"', "a theory is what is believed, not what is decided"),
    ('date = "2027-01"\nover_months = 6\n"capital.conversion_allowed" = false', "has no values in between"),
    ('date = "2027-01"\nover_months = -1\n"trade.enforcement" = 0.5', "is out of range"),
    ('name = "a.b"\ndate = "2027-01"\n"trade.enforcement" = 0.5', "holds dots"),
    ('date = "2027-01"\n"regulation.mars.strictness" = 0.5', "unknown key"),
    ('date = "2027-01"\n"trade.enforcement" = 0.5\n[[change]]\ndate = "2027-01"\n"trade.enforcement" = 0.6',
     "`trade.enforcement` changes twice in 2027-01"),
])
def test_a_change_that_makes_no_sense_is_refused_in_words(tmp_path: Path, keys: str, message: str) -> None:
    assert message in refused(tmp_path, f'title = "A"\n[[change]]\n{keys}\n')


@pytest.mark.parametrize(("keys", "message"), [
    ('outcome = "hostility"\nabove = 0.5', "this [[when]] sets no lever"),
    ('"trade.enforcement" = 0.5', "this [[when]] watches nothing"),
    ('outcome = "hostilty"\nabove = 0.5\n"trade.enforcement" = 0.5', 'did you mean "hostility"?'),
    ('outcome = "hostility"\n"trade.enforcement" = 0.5', "needs one of `above` and `below`"),
    ('outcome = "hostility"\nabove = 0.5\nbelow = 0.2\n"trade.enforcement" = 0.5', "needs one of `above` and `below`"),
    ('outcome = "hostility"\nabove = 0.5\nuntil_above = 0.2\n"trade.enforcement" = 0.5', "write until_below = 0.2"),
    ('all = []\n"trade.enforcement" = 0.5', "is empty"),
    ('all = [{ outcome = "hostility" }]\n"trade.enforcement" = 0.5', "needs one of `above` and `below`"),
    ('all = [{ outcome = "hostility", abov = 1 }]\n"trade.enforcement" = 0.5', "did you mean `above`?"),
    ('all = [{ above = 1 }]\n"trade.enforcement" = 0.5', "a condition needs `outcome`"),
    ('outcome = "trust"\nall = [{ outcome = "hostility", above = 1 }]\n"trade.enforcement" = 0.5', "in several ways"),
    ('above = 1\nall = [{ outcome = "hostility", above = 1 }]\n"trade.enforcement" = 0.5', "`above` beside `all`"),
    ('outcome = "hostility"\nabove = 0.5\nfor_months = 0\n"trade.enforcement" = 0.5', "is out of range"),
])
def test_a_trigger_that_makes_no_sense_is_refused_in_words(tmp_path: Path, keys: str, message: str) -> None:
    assert message in refused(tmp_path, f'title = "A"\n[[when]]\n{keys}\n')


@pytest.mark.parametrize(("group", "most"), [("change", MAX_CHANGES), ("when", MAX_WHENS)])
def test_more_than_fit_are_refused(group: str, most: int) -> None:
    entry: dict[str, Any] = {"trade.enforcement": 0.5}
    many = [{**entry, "date": f"{2026 + n // 12}-{n % 12 + 1:02d}"} if group == "change"
            else {**entry, "outcome": "trust", "below": 0.1} for n in range(most + 1)]
    assert len(Scenario.from_dict({"title": "A", group: many[:most]}).resolved()[group]) == most
    with pytest.raises(ScenarioError, match="there are too many"):
        Scenario.from_dict({"title": "A", group: many})


@pytest.mark.parametrize(("option", "message"), [
    ("change.phase.date=2028-01", "did you mean `phase-in`?"),
    ("when.nobody.above=1", "there is no [[when]] named `nobody`"),
    ("change.phase-in.dat=2028-01", "did you mean `date`?"),
    ("change.phase-in.until=2020-01", "before it begins"),
])
def test_an_option_that_addresses_nothing_is_refused_in_words(tmp_path: Path, option: str, message: str) -> None:
    assert message in refused(tmp_path, FILE, option)


@pytest.mark.parametrize(("condition", "said"), [
    ({"outcome": "hostility", "above": 1.0}, "can never hold"),
    ({"outcome": "trust", "below": 1.2}, "always holds"),
    ({"outcome": "severe_incidents", "below": 0.0}, "can never hold"),
    ({"outcome": "severe_incidents", "above": -1.0}, "always holds"),
])
def test_a_condition_that_can_never_hold_or_always_does_is_warned_of(condition: dict[str, Any], said: str) -> None:
    found = Scenario.from_dict({"title": "A", "when": [{**condition, "trade.enforcement": 0.5}]})
    assert [said in str(warning) for warning in found.warnings] == [True]


@pytest.mark.parametrize(("lever", "warned"), [
    ('"regulation.strictness" = 0.5', True), ('"trade.chip_controls" = 1.0', False),
    ('"trade.chip_controls" = 1.0\n"regulation.strictness" = 0.5', False)])
def test_an_announcement_to_which_nobody_looks_ahead_is_warned_of(tmp_path: Path, lever: str, warned: bool) -> None:
    found = load(tmp_path, f'title = "A"\n[[change]]\ndate = "2028-01"\nannounced = "2027-01"\n{lever}\n')
    assert ["nobody looks ahead to" in str(warning) for warning in found.warnings] == [True] * warned


def test_a_lever_at_zero_that_is_scheduled_to_rise_leaves_nothing_idle() -> None:
    idle = {"trade": {"chip_controls": 0.0, "enforcement": 0.9}}
    rises = [{"date": "2028-01", "trade.chip_controls": 1.0}]
    assert Scenario.from_dict({"title": "A", **idle}).warnings
    assert not Scenario.from_dict({"title": "A", **idle, "change": rises}).warnings


def test_the_schema_for_editors_knows_both_tables() -> None:
    text = str(json_schema())
    for key in ("change", "when", "over_months", "until_below", "regulation.eu.strictness", "reporting_lag_months"):
        assert key in text
    assert "structure.hazard" not in str(json_schema()["$defs"]["change"])
