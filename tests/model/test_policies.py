"""Policies that live in time: what a schedule and a trigger do, to the bit, in both ways of living a month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import IndustryModel, Results, Scenario, simulate
from sim.engine.live import STAGES
from sim.model.given import POLICY, levers_of, settings_of
from sim.model.outcomes import INDEX, OUTCOMES
from sim.model.policies import PLACES, as_a_reader_sees, plans_of, schedule
from sim.model.start import build_world
from sim.scenario.schema import levers_in_time

RUNS, MONTHS, SEED = 6, 60, 4
AFTER_A_SHOCK = {"event": [{"date": "2026-06", "kind": "severe_incident", "severity": 1.0}]}


def idle(_world: Any, _luck: Any) -> None:
    """A stage that does nothing."""


def scenario(title: str = "A", months: int = MONTHS, **tables: Any) -> Scenario:
    return Scenario.from_dict({"title": title, "months": months, **tables})


def lived(*scenarios: Scenario, months: int | None = None, **more: Any) -> Results:
    return simulate(list(scenarios), runs=RUNS, seed=SEED, months=months, uncertainty="luck", **more)


def same(results: Results, a: int = 0, b: int = 1, months: int | None = None) -> bool:
    return np.array_equal(results.values[a, :, :months], results.values[b, :, :months])


def change(date: str, **more: Any) -> dict[str, Any]:
    return {"date": date, **{key.replace("__", "."): value for key, value in more.items()}}


def told(results: Results, which: int, kind: str) -> dict[int, int]:
    """The month of the first event of a kind in each run."""
    events = results.events
    mine = events[(events["scenario"] == results.titles[which]) & (events["kind"] == kind)]
    return dict(mine.groupby("run")["month"].min())


# ---- places ------------------------------------------------------------------------------------------------------
def test_each_lever_has_the_place_at_which_a_runs_record_holds_it() -> None:
    """Written through its place, a lever is what rules read under its name."""
    world = build_world([scenario()], np.zeros(1, int), np.arange(1), SEED, months=2)
    settings = settings_of(world)
    levers = levers_of(settings, 0)
    assert len(levers) * 8 == POLICY.itemsize
    for path, places in PLACES.items():
        section, _, rest = path.partition(".")
        if len(places) == 1 and rest.count(".") == 1:
            continue  # one jurisdiction's own: met with the general one
        for jurisdiction, place in enumerate(places):
            levers[place] = -7.0
            read = settings.of_run[0]["policy"][section][rest]
            assert (read if np.ndim(read) == 0 else read[jurisdiction]) == -7.0, path
            levers[place] = 1.0


# ---- what changes no bit -----------------------------------------------------------------------------------------
def test_a_schedule_that_says_what_holds_already_changes_no_bit() -> None:
    says = {"change": [change("2026-03", regulation__strictness=0.4, over_months=5, until="2028-01"),
                       change("2027-05", trade__chip_controls=0.9)]}
    levers = {"regulation": {"strictness": 0.4}, "trade": {"chip_controls": 0.9}}
    assert same(lived(scenario("A", **levers), scenario("B", **levers, **says)))


def test_a_trigger_that_never_fires_changes_no_bit() -> None:
    silent = {"when": [{"outcome": "severe_incidents", "above": 1000, "regulation.strictness": 1.0}]}
    assert same(lived(scenario("A"), scenario("B", **silent)))


def test_a_scheduled_lever_changes_nothing_before_its_month_and_something_after() -> None:
    results = lived(scenario("A"), scenario("B", change=[change("2028-01", trade__chip_controls=0.0)]))
    assert same(results, months=24)
    assert not same(results)


def test_the_first_months_of_a_longer_run_are_those_of_a_shorter_one() -> None:
    policy = {
        "change": [change("2027-01", regulation__strictness=0.9, over_months=30, until="2029-06")],
        "when": [{"outcome": "hostility", "above": 0.3, "for_months": 6, "trade.chip_controls": 0.1}],
        **AFTER_A_SHOCK}
    long, short = lived(scenario(**policy)), lived(scenario(**policy), months=36)
    assert np.array_equal(long.values[:, :, :36], short.values)


def test_a_lever_that_changes_in_the_first_month_is_as_if_it_had_been_set() -> None:
    """But for what the state was given at the start: strictness, subsidies and market shares are set before."""
    for path, value in (("trade.chip_controls", 0.2), ("diplomacy.us_china_cooperation", 0.9),
                        ("people.combativeness", 0.2), ("litigation.filing", 0.0), ("capital.patronage", 0.3)):
        results = lived(scenario("A").with_({path: value}),
                        scenario("B", change=[{"date": "2026-01", path: value}]))
        assert same(results), path


@pytest.mark.parametrize("path", sorted(levers_in_time()))
def test_every_lever_that_is_scheduled_is_written_in_its_month_and_taken_back(path: str) -> None:
    lever = levers_in_time()[path]
    value: Any = (not lever.default if lever.type == "boolean" else next(c for c in lever.choices if c != lever.default)
                  if lever.choices else lever.high if lever.default != lever.high else lever.low)
    given = scenario(change=[{"date": "2026-03", "until": "2026-05", path: value}])
    plans = plans_of([given], np.zeros(1, int), 6)
    moved = schedule(given, 6)
    assert set(moved) == set(PLACES[path])
    for values in moved.values():
        assert len(set(values[[0, 1, 4, 5]].tolist())) == 1  # as it was before and after
        assert values[2] == values[3]
    assert np.diff(plans.steps_from[0]).tolist() in ([0, 0, n, 0, n, 0] for n in range(len(moved) + 1))


# ---- the shape of a schedule ---------------------------------------------------------------------------------------
def test_a_ramp_rises_in_equal_steps_and_a_sunset_takes_it_back() -> None:
    (values,) = schedule(scenario(
        regulation={"audit_capacity": 0.2},
        change=[change("2026-04", capital__investor_pool=1.8, over_months=4, until="2026-10")]), 12).values()
    assert values == pytest.approx([1, 1, 1, 1.2, 1.4, 1.6, 1.8, 1.8, 1.8, 1, 1, 1])


def test_of_two_changes_the_later_holds_and_its_sunset_gives_way_to_the_earlier() -> None:
    (values,) = schedule(scenario(change=[
        change("2026-02", capital__investor_pool=2.0), change("2026-04", capital__investor_pool=0.5, until="2026-06"),
    ]), 8).values()
    assert values.tolist() == [1, 2, 2, 0.5, 0.5, 2, 2, 2]


def test_a_jurisdictions_own_value_goes_before_the_general_one_of_the_same_change() -> None:
    given = scenario(change=[{"date": "2026-02", "regulation.eu.strictness": 0.9, "regulation.strictness": 0.2}])
    values = [schedule(given, 3)[place][2] for place in PLACES["regulation.strictness"]]
    assert values == [0.2, 0.2, 0.9, 0.2, 0.2]


def test_rule_makers_work_towards_what_is_scheduled_and_the_law_follows() -> None:
    stricter = change("2027-01", regulation__eu__strictness=0.95)
    results = lived(scenario("A", months=120), scenario("B", months=120, change=[stricter]))
    law = results.outcome("strictness_eu")
    assert np.array_equal(law[0, :, :12], law[1, :, :12])
    assert (law[1, :, -1] - law[0, :, -1]).mean() > 0.15


# ---- triggers ----------------------------------------------------------------------------------------------------
def test_a_trigger_sees_what_a_reader_of_the_report_sees() -> None:
    """Totals so far of what is counted, levels of what is not, and sums or means over a window."""
    results = lived(scenario(months=24))
    seen = results.values[0, 0]
    for name in ("severe_incident_hazard", "incidents_reported", "capital_raised_usd_bn", "hostility"):
        for over in (0, 6):
            condition = np.zeros(1, [("outcome", "i8"), ("above", "u1"), ("flow", "u1"), ("most", "u1"), ("over", "i8"),
                                     ("threshold", "f8"), ("until", "f8")]).view(np.recarray)[0]
            condition.outcome, condition.over = INDEX[name], over
            condition.flow, condition.most = OUTCOMES[name].summary == "sum", OUTCOMES[name].summary == "max"
            for known in (1, 3, 10):
                window = seen[max(known - over, 0) if over else 0:known, INDEX[name]]
                expected = window.sum() if condition.flow else window.mean() if over else window[-1]
                assert as_a_reader_sees(condition, seen, known) == pytest.approx(expected), (name, over, known)


@pytest.mark.parametrize(("more", "months_later"), [
    ({}, 1), ({"delay_months": 9}, 10), ({"reporting_lag_months": 4}, 5), ({"for_months": 3}, 3),
    ({"for_months": 3, "delay_months": 2, "reporting_lag_months": 1}, 6)])
def test_a_trigger_comes_into_force_so_many_months_after_its_condition(
    more: Mapping[str, int], months_later: int
) -> None:
    """The incident is dated for June: it is known at June's end, so the month after is the first to act."""
    trigger = {"outcome": "severe_incidents", "above": 0, **more, "regulation.us.strictness": 0.9}
    results = lived(scenario("A", when=[trigger], **AFTER_A_SHOCK))
    incident, force = (told(results, 0, kind) for kind in ("severe_incident", "trigger_in_force"))
    assert len(force) == RUNS
    for run, month in force.items():
        assert month == incident[run] + months_later


def test_a_trigger_changes_nothing_before_it_is_in_force_and_the_same_lever_by_date_gives_the_same_bits() -> None:
    trigger = {"outcome": "severe_incidents", "above": 0, "over_months": 1, "delay_months": 3,
               "trade.chip_controls": 0.1}
    results = lived(
        scenario("A", months=24, when=[trigger], **AFTER_A_SHOCK), scenario("B", months=24, **AFTER_A_SHOCK),
        scenario("C", months=24, change=[change("2026-10", trade__chip_controls=0.1)], **AFTER_A_SHOCK))
    force = told(results, 0, "trigger_in_force")
    assert set(force.values()) <= {9, *range(1, 9)}
    for run, month in force.items():
        assert np.array_equal(results.values[0, run, :month], results.values[1, run, :month])
        if month == 9:  # by the dated incident, not by one of luck before it
            assert np.array_equal(results.values[0, run], results.values[2, run])
    assert 9 in force.values()


def test_hysteresis_ends_a_trigger_and_it_does_not_flutter() -> None:
    """While memory of incidents counts, over a window: in force within it, over after it, and in force again."""
    trigger = {"outcome": "severe_incidents", "above": 0, "over_months": 12, "until_below": 0.5,
               "regulation.us.strictness": 0.9}
    results = lived(scenario("A", months=120, when=[trigger], **AFTER_A_SHOCK))
    incidents = results.outcome("severe_incidents")[0]
    events = results.events
    for run in range(RUNS):
        expected, states = [], []
        for month in range(120):
            seen = incidents[run, max(month - 12, 0):month].sum()
            expected.append(seen > 0.5)
        mine = events[(events["run"] == run) & events["kind"].isin(["trigger_in_force", "trigger_ends"])]
        state, changes_at = False, dict(zip(mine["month"], mine["kind"], strict=True))
        for month in range(120):
            state = {"trigger_in_force": True, "trigger_ends": False}.get(changes_at.get(month, ""), state)
            states.append(state)
        assert states == expected


def test_what_would_end_a_trigger_at_once_does_not_fire_it() -> None:
    trigger = {"outcome": "hostility", "above": 0.0, "until_below": 0.99, "regulation.us.strictness": 0.9}
    results = lived(scenario("A", when=[trigger]))
    assert not (results.events["kind"] == "trigger_in_force").any()


def test_of_two_triggers_in_force_on_one_lever_the_later_of_the_file_holds_and_both_go_before_the_schedule() -> None:
    at_once = {"outcome": "hostility", "above": 0.0}
    first, second = ({**at_once, "name": name, "trade.chip_controls": value}
                     for name, value in (("one", 0.1), ("two", 0.7)))
    dated = [change("2026-02", trade__chip_controls=0.4)]
    both, last = (scenario(title, when=whens) for title, whens in (("A", [first, second]), ("B", [second])))
    assert same(lived(both, last))
    assert same(lived(scenario("A", when=[second], change=dated), last))
    assert not same(lived(scenario("A", when=[second, first]), last))


def test_all_conditions_or_any() -> None:
    true, false = {"outcome": "hostility", "above": 0.0}, {"outcome": "hostility", "above": 0.999}
    joined_fires = (({"all": [true, false]}, False), ({"any": [false, true]}, True), ({"all": [true, true]}, True))
    for joined, fires in joined_fires:
        results = lived(scenario("A", months=6, when=[{**joined, "regulation.us.strictness": 0.9}]))
        assert (results.events["kind"] == "trigger_in_force").any() == fires


# ---- every way of living a month gives the same bits ---------------------------------------------------------------
POLICIES: Mapping[str, Any] = {
    "change": [change("2026-03", regulation__strictness=0.9, over_months=12, until="2028-01"),
               change("2026-05", people__mission_weight=0.3, industry__openness=1.5),
               change("2026-07", subsidy__us_usd_bn_per_year=60.0)],
    "when": [{"name": "calm", "outcome": "retaliation", "above": 0.1, "for_months": 3, "trade.chip_controls": 0.2,
              "until_below": 0.05},
             {"outcome": "severe_incidents", "above": 0, "delay_months": 6, "regulation.us.strictness": 1.0}],
    **AFTER_A_SHOCK}


def test_one_pass_stage_by_stage_and_mesa_give_the_same_bits() -> None:
    decided = scenario(months=30, **POLICIES)
    at_once = lived(decided)
    # A stage of one's own that does nothing: months are lived one by one, with the model's own stages around it.
    by_stage = lived(decided, stages=[*STAGES, idle])
    assert np.array_equal(at_once.values, by_stage.values)
    for stages in (None, [*STAGES, idle]):
        own: dict[str, Any] = {} if stages is None else {"stages": stages}
        model = IndustryModel(decided, seed=SEED, run=2, uncertainty="luck", **own)
        for month in range(30):
            model.step()
            assert list(model.outcomes.values()) == at_once.values[0, 2, month].tolist(), month


def test_batches_workers_and_neighbours_change_no_bit() -> None:
    decided, other = scenario("A", **POLICIES), scenario("B")
    alone = lived(decided)
    for more in ({"batch": 1}, {"batch": 4, "workers": 2}):
        assert np.array_equal(alone.values[0], lived(other, decided, **more).values[1])


@settings(max_examples=12, deadline=None)
@given(month=st.integers(0, 30), over=st.integers(0, 12), lasts=st.one_of(st.none(), st.integers(1, 24)),
       value=st.floats(0.0, 1.0))
def test_the_schedule_that_rules_meet_is_the_one_that_is_told(
    month: int, over: int, lasts: int | None, value: float
) -> None:
    date = f"{2026 + month // 12}-{month % 12 + 1:02d}"
    until = {} if lasts is None else {"until": f"{2026 + (month + lasts) // 12}-{(month + lasts) % 12 + 1:02d}"}
    given_ = scenario(months=36, change=[{"date": date, "over_months": over, **until, "trade.chip_controls": value}])
    values = next(iter(schedule(given_, 36).values()), np.ones(36))
    plans = plans_of([given_], np.zeros(1, int), 36)
    level, replayed = 1.0 * given_.levers["trade.chip_controls"], []
    for each in range(36):
        for place in range(plans.steps_from[0, each], plans.steps_from[0, each + 1]):
            level = plans.steps[place]["value"]
        replayed.append(level)
    assert replayed == values.tolist()
