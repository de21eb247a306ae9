"""The Mesa lens: the same bits as `simulate`, Mesa's tools, and how a model ends."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import mesa
import numpy as np
import pandas as pd
import pytest
from mesa_runs import BASELINE, SCENARIOS, lived

import sim
from sim.engine.live import STAGES
from sim.engine.mesa_model import IndustryModel, Lab
from sim.engine.simulate import LAB_OUTCOMES
from sim.model.outcomes import NAMES

EVENTFUL = BASELINE.with_(
    {
        "event": [{"date": "2026-04", "kind": "taiwan_disruption", "severity": 0.5}],
        "uncertainty.algorithm_growth": (0.3, 0.6),
    },
    title="Ranges and dates",
)


def halve_openness(world, luck):
    """A user's rule that uses luck of its own: now and then a lab stops publishing."""
    shut = luck.uniform("user.shut", world.labs.openness.shape[1]) < 0.1
    world.labs.openness = np.where(shut, 0.5 * world.labs.openness, world.labs.openness)


def scenario(name):
    return EVENTFUL if name == "ranges_and_dates" else sim.Scenario.load(SCENARIOS / f"{name}.toml")


def assert_same_bits_month_by_month(scenario, run, months, seed, stages=None):
    results = sim.simulate(scenario, runs=1, first_run=run, months=months, seed=seed, labs=True, stages=stages)
    model = IndustryModel(scenario, seed=seed, run=run, months=months, stages=stages)
    for month in range(months):
        model.step()
        assert list(model.outcomes) == list(NAMES)
        assert list(model.outcomes.values()) == results.values[0, 0, month].tolist()
        assert (model.month, model.date) == (month, results.dates[month])
        for lab in model.labs:
            assert [float(getattr(lab, name)) for name in LAB_OUTCOMES] == [
                results.lab_values[name][0, 0, month, lab.slot] for name in LAB_OUTCOMES
            ]
    assert model.events == results.events["text"].tolist()
    return results


# ---- one set of rules --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "run", "seed"),
    [
        ("baseline", 0, 0),
        ("strict_cooperation", 17, 0),
        ("licensing", 3, 5),
        ("small_lab_exemption", 2, 1),
        ("ranges_and_dates", 4, 0),
    ],
)
def test_both_lenses_give_the_same_bits_month_by_month(name, run, seed):
    assert_same_bits_month_by_month(scenario(name), run, months=36, seed=seed)


@pytest.mark.slow
def test_both_lenses_give_the_same_bits_with_a_users_rule_that_changes_the_results():
    stages = [*STAGES, halve_openness]
    changed = assert_same_bits_month_by_month(BASELINE, 1, months=24, seed=0, stages=stages)
    plain = sim.simulate(BASELINE, runs=1, first_run=1, months=24)
    assert not np.array_equal(changed.values, plain.values)


@pytest.mark.slow
def test_reading_every_attribute_and_collecting_changes_no_bit():
    model = lived(12)
    for _ in range(12):
        for agent in model.agents:
            for name, quantity in agent.kind.quantities.items():
                assert quantity.shape or getattr(agent, name) is not Ellipsis
        model.datacollector.collect(model)
        model.agents.shuffle_do("step")
        model.step()
    assert model.outcomes == lived(24).outcomes


# ---- Mesa's tools ------------------------------------------------------------------------------------------------


def test_the_data_collector_holds_every_outcome_and_the_labs_main_quantities():
    results = sim.simulate(BASELINE, runs=1, months=15, labs=True)
    model = lived(15, months=15)
    table = model.datacollector.get_model_vars_dataframe()
    assert list(table.columns) == list(NAMES)
    assert np.array_equal(table.to_numpy(dtype=float), results.values[0, 0])
    labs = model.datacollector.get_agenttype_vars_dataframe(Lab).reset_index()
    last = labs[labs["Step"] == 15].set_index("name")
    assert sorted(last.index) == sorted(lab.name for lab in model.labs)
    for lab in model.labs:
        for name in ("compute", "revenue", "cash"):
            assert last.loc[lab.name, name] == results.lab_values[name][0, 0, -1, lab.slot]


class WithMesasOwnCollector(IndustryModel):
    """The same model with a collector as Mesa has it."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        made = self.datacollector
        self.datacollector = mesa.DataCollector(dict(made.model_reporters), None, {Lab: {
            name: name for name in made.agenttype_reporters[Lab]}})


def test_the_data_collector_gives_the_tables_that_mesas_own_gives():
    ours, mesas = (kind(BASELINE, seed=3, months=40) for kind in (IndustryModel, WithMesasOwnCollector))
    for model in (ours, mesas):
        for month in range(40):
            model.step()
            if month == 20:
                model.labs[2].remove()
                model.datacollector.collect(model)
    for told in ("get_model_vars_dataframe", "get_agenttype_vars_dataframe"):
        arguments = () if "model" in told else (Lab,)
        left, right = (getattr(model.datacollector, told)(*arguments) for model in (ours, mesas))
        assert len(left) > 39
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    assert ours.datacollector.model_vars == mesas.datacollector.model_vars


def test_a_reporter_of_ones_own_is_collected_beside_the_models():
    model = IndustryModel(BASELINE, months=6)
    model.step()
    model.datacollector._new_model_reporter("labs", lambda model: len(model.labs))
    model.datacollector.model_vars["labs"].append(None)  # for the month before
    for _ in range(3):
        model.step()
    table = model.datacollector.get_model_vars_dataframe()
    assert len(table) == 4
    assert table["labs"].iloc[-1] == len(model.labs)


def test_a_lab_that_is_removed_and_comes_back_is_seated_again():
    model = IndustryModel(BASELINE, months=6)
    model.step()
    lab = model.labs[1]
    lab.remove()
    assert lab not in model.agents
    model.world.labs.active[0, lab.slot] = True  # as a rule would that opens it anew
    model.step()
    assert lab in model.agents


def test_a_model_runs_to_its_end_and_refuses_to_go_on():
    model = IndustryModel(BASELINE, months=5)
    assert model.outcomes == {}
    assert (model.running, model.month, model.date) == (True, 0, "2026-01")
    model.run_model()
    assert (model.running, model.month, model.date, model.steps) == (False, 4, "2026-05", 5)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="all 5 months have been lived"):
            model.step()
    assert model.steps == 5
    assert len(model.datacollector.get_model_vars_dataframe()) == 5


def test_a_model_lives_as_many_months_as_its_scenario_says():
    assert IndustryModel(BASELINE).months == BASELINE.months
    assert IndustryModel(BASELINE).scenario is BASELINE


def spoil(world, luck):  # noqa: ARG001 - a stage takes the world and its luck
    if world.month == 2:
        world.labs.cash[0, 1] = np.nan


def test_a_run_whose_numbers_fail_stops_and_names_the_failure_that_simulate_names():
    stages = [*STAGES, spoil]
    results = sim.simulate(BASELINE, runs=1, months=6, stages=stages)
    model = IndustryModel(BASELINE, months=6, stages=stages)
    model.run_model()
    assert model.steps == 3
    assert (model.failure,) == results.failures
    assert np.isnan(list(model.outcomes.values())).all()
    assert model.events == results.events["text"].tolist()
    with pytest.raises(RuntimeError, match=r"run has failed.*labs\.cash of Anthropic"):
        model.step()


def test_a_rule_that_raises_ends_the_model_instead_of_leaving_half_a_month_behind():
    def breaks(world, luck):  # noqa: ARG001
        raise ZeroDivisionError

    model = IndustryModel(BASELINE, stages=[*STAGES, breaks])
    with pytest.raises(ZeroDivisionError):
        model.step()
    assert not model.running
    for _ in range(2):
        with pytest.raises(RuntimeError, match="month 0 broke off"):
            model.step()


@pytest.mark.parametrize(
    "arguments", [{"seed": -1}, {"seed": True}, {"run": -1}, {"run": 1.0}, {"months": 0}, {"months": "12"}]
)
def test_arguments_that_make_no_sense_are_refused_by_name(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        IndustryModel(BASELINE, **arguments)


def test_a_model_takes_one_scenario():
    with pytest.raises(TypeError, match="scenario must be a Scenario"):
        IndustryModel([BASELINE, BASELINE])


@pytest.mark.slow
def test_models_that_are_dropped_leave_no_memory_behind():
    def use_one():
        model = lived(2, months=6)
        model.labs.agg("cash", sum)
        mesa.Agent(model)
        return weakref.ref(model)

    use_one()
    gc.collect()
    tracemalloc.start()
    try:
        model = lived(2, months=6)
        size_of_one = tracemalloc.get_traced_memory()[0]
        del model
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        dropped = [use_one() for _ in range(30)]
        gc.collect()
        growth = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert [reference() for reference in dropped] == [None] * 30
    # The list of references itself takes a few kB; thirty models that stayed would take thirty times one.
    assert growth < 0.5 * size_of_one
