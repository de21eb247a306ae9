"""The engine: what a run's numbers depend on, and what they must not depend on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine import live
from sim.engine.failures import Failure
from sim.engine.live import STAGES, politics
from sim.model.outcomes import INDEX, OUTCOMES
from sim.model.rule import PLAIN
from sim.model.state import BY_NEWCOMER, NOBODY, US

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASELINE = sim.Scenario.load(SCENARIOS / "baseline.toml")

# Scenarios that make every kind of row-by-row difference: levers, jurisdictions, regimes, ranges, agents, dates.
MIXED = [
    BASELINE,
    sim.Scenario.load(SCENARIOS / "small_lab_exemption.toml"),
    sim.Scenario.load(SCENARIOS / "licensing.toml"),
    sim.Scenario.load(SCENARIOS / "strict_cooperation.toml"),
    BASELINE.with_({"labs.OpenAI.form": "capped_profit", "capital.conversion_allowed": False}, title="Not converted"),
    BASELINE.with_({"regulation.information": "none", "regulation.us.strictness": 0.9}, title="No information"),
    BASELINE.with_({"regulation.information": "public", "labs.xAI.combativeness": 1.0}, title="Public information"),
    BASELINE.with_({"uncertainty.algorithm_growth": (0.3, 0.6), "uncertainty.bid_low": 0.5}, title="A range"),
    BASELINE.with_(
        {
            "event": [
                {"date": "2026-03", "kind": "taiwan_disruption", "severity": 0.5},
                {"date": "2026-09", "kind": "severe_incident", "severity": 1.0},
                {"date": "2027-03", "kind": "market_bust", "severity": 0.5},
            ]
        },
        title="Dated events",
    ),
]


def assert_same(a, b):
    """Every bit of two results is the same: values, labs, events, hash."""
    assert np.array_equal(a.values, b.values)
    pd.testing.assert_frame_equal(a.events, b.events, check_exact=True)
    assert (a.lab_values is None) == (b.lab_values is None)
    for name, array in (a.lab_values or {}).items():
        assert np.array_equal(array, b.lab_values[name]), name
    assert a.failures == b.failures
    assert a.hash() == b.hash()


def events_of(results, scenario=0, run=None, before=None):
    """The rows of the table of events of one scenario, as tuples without scenario and run."""
    table = results.events[results.events["scenario"] == results.titles[scenario]]
    if run is not None:
        table = table[table["run"] == run]
    if before is not None:
        table = table[table["month"] < before]
    columns = ["month", "kind", "actor", "target", "amount", "text"]
    return [tuple(map(str, row)) for row in table[columns].itertuples(index=False)]


# ---- batches and workers ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 9, 20, 63, 512])
def test_no_split_into_batches_changes_a_bit(batch):
    arguments = {"runs": 7, "months": 48, "seed": 3, "labs": True}
    assert_same(sim.simulate(MIXED, **arguments, batch=batch), sim.simulate(MIXED, **arguments, batch=45))


@pytest.mark.slow
def test_no_number_of_workers_changes_a_bit():
    arguments = {"runs": 6, "months": 36, "labs": True, "stages": [*STAGES, spoil_run_3]}
    alone = sim.simulate(MIXED, **arguments, workers=1)
    together = sim.simulate(MIXED, **arguments, workers=2, batch=18)
    assert alone.failures
    assert np.array_equal(alone.values, together.values, equal_nan=True)
    pd.testing.assert_frame_equal(alone.events, together.events, check_exact=True)
    assert (alone.failures, alone.hash()) == (together.failures, together.hash())


@pytest.mark.slow
@pytest.mark.parametrize("position", range(len(MIXED)), ids=[scenario.title for scenario in MIXED])
def test_a_run_alone_equals_the_same_run_in_a_batch_of_mixed_scenarios(position, mixed_batch):
    alone = sim.simulate(MIXED[position], runs=1, first_run=5, months=60)
    assert np.array_equal(alone.values[0, 0], mixed_batch.values[position, 2])
    assert events_of(alone) == events_of(mixed_batch, position, run=5)


@pytest.fixture(scope="module")
def mixed_batch():
    return sim.simulate(MIXED, runs=3, first_run=3, months=60)


def test_the_state_of_a_run_alone_is_its_state_in_a_batch_where_licensing_ends():
    """What nobody is waiting for any more is cleared, whatever other runs do: seen in `regulators.queue`."""
    begins = {"date": "2026-02", "kind": "new_law", "actor": "us", "severity": 0.95}
    ends = {"date": "2026-05", "kind": "new_law", "actor": "us", "severity": 0.1}
    short = sim.Scenario.from_dict({"title": "Short", "event": [begins, ends]})
    lasting = sim.Scenario.from_dict({"title": "Lasting", "event": [begins]})
    seen: dict[int, dict[str, np.ndarray]] = {}

    def look(world, luck):  # noqa: ARG001 - a stage takes both
        seen[world.rows] = {f"{name}.{field}": array[0].copy() for name, table in world.tables().items()
                            for field, array in table.arrays().items()}

    for scenarios in ([short], [short, lasting]):
        sim.simulate(scenarios, runs=1, months=6, uncertainty="luck", stages=(*STAGES, look))
    assert seen[1].keys() == seen[2].keys()
    for name, alone in seen[1].items():
        np.testing.assert_array_equal(alone, seen[2][name], err_msg=name)


def test_a_dated_law_is_told_of_each_run_by_itself():
    law = {"event": [{"date": "2026-04", "kind": "new_law", "actor": "us", "severity": 0.5}]}
    arguments = {"runs": 4, "months": 5, "stages": [strict_in_odd_runs, *STAGES]}
    together = sim.simulate(BASELINE.with_(law), **arguments)
    assert_same(together, sim.simulate(BASELINE.with_(law), **arguments, batch=1))
    told = together.events[together.events["text"].str.startswith("US federal") & (together.events["month"] == 3)]
    assert told.groupby("run")["kind"].first().tolist() == ["rules_tightened", "rules_eased"] * 2


def strict_in_odd_runs(world, luck):
    """Before the law of month 3, rules are lighter than it in even runs and stricter in odd ones."""
    if world.month == 2:
        world.regulators.strictness[:, 0] = np.where(luck.runs % 2, 0.9, 0.1)


@pytest.mark.slow
def test_runs_from_a_later_number_on_are_the_runs_of_that_number():
    whole = sim.simulate(BASELINE, runs=6, months=24)
    later = sim.simulate(BASELINE, runs=2, first_run=4, months=24)
    assert np.array_equal(later.values, whole.values[:, 4:])
    assert_same(sim.simulate(BASELINE, runs=4, months=24).followed_by(later), whole)


# ---- months, scenarios, seeds ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_shorter_run_is_the_beginning_of_a_longer_one():
    short, long = (sim.simulate(MIXED, runs=3, months=months) for months in (25, 60))
    assert np.array_equal(short.values, long.values[:, :, :25])
    for position in range(len(MIXED)):
        assert events_of(short, position) == events_of(long, position, before=25)


@pytest.mark.slow
def test_a_scenario_compared_with_itself_differs_by_exactly_zero():
    results = sim.simulate([BASELINE, BASELINE], runs=20, months=36)
    assert np.array_equal(results.values[0], results.values[1])
    assert events_of(results, 0) == events_of(results, 1)
    table = sim.compare(results, baseline=results.titles[0]).table
    assert (table["difference"] == 0.0).all()
    assert (table[["low", "high"]] == 0.0).all(axis=None)
    assert not table["clear"].any()


def test_seed_zero_is_a_seed_like_any_other():
    zero, default, one = (sim.simulate(BASELINE, runs=2, months=12, **seed) for seed in ({"seed": 0}, {}, {"seed": 1}))
    assert_same(zero, default)
    assert zero.seed == 0
    assert np.isfinite(zero.values).all()
    assert not np.array_equal(zero.values, one.values)


@pytest.mark.slow
def test_scenarios_meet_the_same_luck():
    strict = BASELINE.with_({"regulation.strictness": 0.8}, title="Strict")
    results = sim.simulate([BASELINE, strict], runs=60, months=60)
    frontier = results.outcome("frontier_log10_flop")[:, :, -1]
    # On luck of their own the correlation would be 0, give or take 1/sqrt(60) = 0.13.
    assert np.corrcoef(frontier)[0, 1] > 0.5


@pytest.mark.slow
def test_leaving_events_out_or_labs_in_changes_no_value():
    plain = sim.simulate(BASELINE, runs=2, months=24)
    bare = sim.simulate(BASELINE, runs=2, months=24, events=False, labs=True)
    assert np.array_equal(plain.values, bare.values)
    assert len(plain.events) > 0
    assert len(bare.events) == 0


# ---- luck in the world -----------------------------------------------------------------------------------------------


def add_an_entrant(world, luck):  # noqa: ARG001 - a stage takes the world and its luck
    """In month 5 one more lab is founded, in every run."""
    if world.month == 5:
        foundings = world.foundings
        foundings.decided[:, BY_NEWCOMER], foundings.founder[:, BY_NEWCOMER] = True, NOBODY
        foundings.nation[:, BY_NEWCOMER], foundings.cash[:, BY_NEWCOMER] = US, 2.0


@pytest.mark.slow
def test_one_more_lab_is_one_more_lab_and_leaves_what_came_before_as_it_was():
    plain = sim.simulate(BASELINE, runs=4, months=30, stages=STAGES, labs=True)
    more = sim.simulate(BASELINE, runs=4, months=30, stages=[add_an_entrant, *STAGES], labs=True)
    by_luck = plain.events[(plain.events["kind"] == "entry") & (plain.events["month"] == 5)]
    others = [run for run in range(4) if run not in set(by_luck["run"])]  # a month has room for one newcomer
    assert len(others) > 1
    extra = more.lab_values["active"].sum(axis=-1) - plain.lab_values["active"].sum(axis=-1)
    assert (extra[..., :5] == 0).all()
    assert (extra[:, others, 5] == 1).all()
    assert np.array_equal(plain.values[:, :, :5], more.values[:, :, :5])
    assert not np.array_equal(plain.values[:, :, 6:], more.values[:, :, 6:])


HEARD = """
import json, sim.model.luck
from sim.model.luck import SLOTS
heard = {}
def listening(draw):
    def hear(run, given, channel, slot):
        heard[channel] = max(heard.get(channel, 0), int(slot))
        return draw(run, given, channel, slot)
    return hear
sim.model.luck.uniform, sim.model.luck.normal = listening(sim.model.luck.uniform), listening(sim.model.luck.normal)
import sim
results = sim.simulate(sim.Scenario.load("baseline"), runs=2, months=30)
print(json.dumps([results.hash(), [[channel, slot, SLOTS[channel]] for channel, slot in heard.items()]]))
"""


@pytest.fixture(scope="module")
def plain_python():
    """The hash of two runs lived in plain Python, and the highest slot drawn of each channel beside how many it has."""
    done = subprocess.run([sys.executable, "-c", HEARD], capture_output=True, text=True, timeout=300, check=True,
                          env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
    return json.loads(done.stdout)


@pytest.mark.slow
def test_rules_run_as_plain_python_give_the_same_bits(plain_python):
    assert plain_python[0] == sim.simulate(BASELINE, runs=2, months=30).hash()


@pytest.mark.slow
def test_no_rule_draws_a_slot_that_its_channel_does_not_have(plain_python):
    """Beyond its slots a channel would give the numbers of another run."""
    heard = plain_python[1]
    assert len(heard) > 20
    assert all(slot < slots for _, slot, slots in heard)


def draw_from_a_channel_of_its_own(world, luck):  # noqa: ARG001
    luck.uniform("user.channel", 100)
    luck.normal("user.another", 3)


@pytest.mark.slow
def test_a_new_channel_moves_nothing_else():
    plain = sim.simulate(BASELINE, runs=3, months=36)
    drawing = [draw_from_a_channel_of_its_own, *STAGES[:3], draw_from_a_channel_of_its_own, *STAGES[3:]]
    assert_same(plain, sim.simulate(BASELINE, runs=3, months=36, stages=drawing))


def test_a_users_stage_sees_the_month_and_changes_the_world():
    months = []

    def free_of_politics(world, luck):
        months.append((world.month, luck.month))
        world.nations.hostility[:] = 0.0

    stages = [free_of_politics if stage is politics else stage for stage in STAGES]
    results = sim.simulate(BASELINE, runs=2, months=5, stages=stages)
    assert months == [(month, month) for month in range(5)]
    assert (results.outcome("hostility") == 0.0).all()


@pytest.mark.slow
@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
def test_every_way_to_live_a_month_is_compiled_once():
    """A table handed over in another layout would compile all rules once more: a minute or more, unseen."""
    def idle(world, luck):
        pass

    for way in ({}, {"labs": True}, {"check": True}, {"stages": (*STAGES, idle)}, {"events": False, "workers": 2}):
        sim.simulate([BASELINE, BASELINE.with_({}, title="Again")], runs=3, months=2, **way)
    model = sim.IndustryModel(BASELINE, stages=(*STAGES, idle))
    model.step()
    assert len(live._live.signatures) == 1


def test_one_draw_changed_replays_the_run_and_leaves_all_before_it_bit_identical():
    run, month = 2, 20
    draw = ("customers.severe_incident", run, month, 0)
    plain = sim.simulate(BASELINE, runs=4, months=40)
    replayed = sim.simulate(BASELINE, runs=4, months=40, changed={draw: 0.0})
    severe = INDEX["severe_incidents"]
    assert plain.values[0, run, month, severe] == 0.0
    assert replayed.values[0, run, month, severe] == 1.0
    assert np.array_equal(replayed.values[0, run, :month], plain.values[0, run, :month])
    assert not np.array_equal(replayed.values[0, run, month + 1], plain.values[0, run, month + 1])
    others = [other for other in range(4) if other != run]
    assert np.array_equal(replayed.values[0, others], plain.values[0, others])
    assert events_of(replayed, run=run, before=month) == events_of(plain, run=run, before=month)
    assert all(events_of(replayed, run=other) == events_of(plain, run=other) for other in others)


@pytest.mark.slow
def test_replays_side_by_side_are_those_made_one_at_a_time():
    run, month = 2, 20
    strict = BASELINE.with_({"regulation.strictness": 0.8}, title="Strict")
    incident, bust = ("customers.severe_incident", run, month, 0), ("capital.bust", run, month, 0)
    scenarios, changes = [BASELINE, strict, BASELINE, strict], [{incident: 0.0}, {}, {}, {bust: 0.0}]
    together = sim.simulate(scenarios, runs=2, first_run=1, months=30, changed=changes)
    for position, (scenario, changed) in enumerate(zip(scenarios, changes, strict=True)):
        alone = sim.simulate(scenario, runs=2, first_run=1, months=30, changed=changed)
        assert np.array_equal(together.values[position], alone.values[0])
    assert together.values[0, 1, month, INDEX["severe_incidents"]] == 1.0
    assert not np.array_equal(together.values[0, 1], together.values[2, 1])
    with pytest.raises(ValueError, match="1 mappings of changed draws for 2 scenarios"):
        sim.simulate(scenarios[:2], runs=1, months=2, changed=[{}])


# ---- failures --------------------------------------------------------------------------------------------------------


def spoil_run_3(world, luck):
    """Run 3 of every scenario loses a number in month 5."""
    if world.month == 5:
        world.labs.cash[luck.runs == 3, 1] = np.nan


@pytest.mark.slow
def test_a_run_that_fails_is_named_ends_there_and_touches_no_other_run():
    strict = BASELINE.with_({"regulation.strictness": 0.8}, title="Strict")
    sound = sim.simulate([BASELINE, strict], runs=6, months=24, labs=True)
    spoilt = sim.simulate([BASELINE, strict], runs=6, months=24, labs=True, stages=[*STAGES, spoil_run_3])
    assert spoilt.failures == tuple(
        Failure(title, 3, 5, "labs.cash of Anthropic", "became nan") for title in ("Baseline", "Strict")
    )
    others = [0, 1, 2, 4, 5]
    assert np.array_equal(spoilt.values[:, others], sound.values[:, others])
    assert np.array_equal(spoilt.values[:, 3, :5], sound.values[:, 3, :5])
    assert np.isnan(spoilt.values[:, 3, 5:]).all()
    for name, array in sound.lab_values.items():
        assert np.array_equal(spoilt.lab_values[name][:, others], array[:, others]), name
    for scenario in (0, 1):
        assert events_of(spoilt, scenario, run=3) == events_of(sound, scenario, run=3, before=5)
        assert all(events_of(spoilt, scenario, run=r) == events_of(sound, scenario, run=r) for r in others)
    assert spoilt.complete.tolist() == [[True, True, True, False, True, True]] * 2


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_number_is_a_failure_too(value):
    def spoil(world, luck):
        if world.month == 1:
            world.chips.price[luck.runs == 0] = value

    (failure,) = sim.simulate(BASELINE, runs=2, months=4, stages=[*STAGES, spoil]).failures
    assert (failure.run, failure.month) == (0, 1)
    assert str(value) in failure.reason


# ---- arguments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["runs", "months", "workers", "batch"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "3", True, float("nan")])
def test_counts_that_are_not_whole_positive_numbers_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number (from 1 to|of at least 1)"):
        sim.simulate(BASELINE, **{name: value})


@pytest.mark.parametrize("name", ["seed", "first_run"])
@pytest.mark.parametrize("value", [-1, 0.0, "0", False, None])
def test_seeds_and_run_numbers_that_are_not_whole_numbers_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number from 0 to"):
        sim.simulate(BASELINE, **{name: value})


def test_no_scenario_is_refused():
    with pytest.raises(ValueError, match="at least one scenario"):
        sim.simulate([])


def test_scenarios_of_different_length_are_compared_only_over_a_time_that_is_given():
    short = BASELINE.with_({"months": 24}, title="Short")
    with pytest.raises(ValueError, match=r"24, 120.*give months="):
        sim.simulate([BASELINE, short])
    assert sim.simulate([BASELINE, short], runs=1, months=6).values.shape == (2, 1, 6, len(OUTCOMES))
    assert sim.simulate(short, runs=1).values.shape[2] == 24
