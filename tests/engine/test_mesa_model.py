"""The Mesa lens: the same bits as `simulate`, and agents that read and write the arrays."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.live import STAGES
from sim.engine.mesa_model import Founder, IndustryModel, Lab, Nation, Regulator
from sim.engine.simulate import LAB_OUTCOMES
from sim.model.outcomes import NAMES
from sim.model.state import NATIONS, NOBODY, REGULATORS, Form

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASELINE = sim.Scenario.load(SCENARIOS / "baseline.toml")
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


def lived(steps=0, scenario=BASELINE, **arguments):
    """A model after some months."""
    model = IndustryModel(scenario, **arguments)
    for _ in range(steps):
        model.step()
    return model


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


# ---- agents ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Lab, Founder, Regulator, Nation])
def test_every_quantity_of_a_kind_is_an_attribute_that_reads_the_agents_slot(kind):
    model = lived(6)
    arrays = model.world.tables()[kind.kind.name].arrays()
    assert set(arrays) == set(kind.kind.quantities)
    for agent in model.agents.select(agent_type=kind):
        for name, array in arrays.items():
            if array.ndim > 2:
                assert not hasattr(agent, name)
                continue
            value, cell = getattr(agent, name), array[0, agent.slot]
            if isinstance(value, str):
                assert value == NATIONS[cell], name
            elif value is None or isinstance(value, Lab):
                assert (NOBODY if value is None else value.slot) == cell, name
            else:
                assert value == cell, name


def test_writing_an_attribute_changes_this_agents_slot_and_no_other():
    model = lived(2)
    for kind, name, value in (
        ("labs", "cash", 7.5),
        ("labs", "defence", True),
        ("founders", "wealth", 2.0),
        ("regulators", "strictness", 0.9),
        ("nations", "hostility", 0.25),
    ):
        agent = list(getattr(model, kind))[2]
        array = model.world.tables()[agent.kind.name].arrays()[name]
        expected = array.copy()
        expected[0, agent.slot] = value
        setattr(agent, name, value)
        assert getattr(agent, name) == value
        assert np.array_equal(model.world.tables()[agent.kind.name].arrays()[name], expected)


def test_agents_have_names_nations_forms_and_homes_instead_of_codes():
    model = lived()
    labs = {lab.name: lab for lab in model.labs}
    assert model.agent("OpenAI") is labs["OpenAI"]
    with pytest.raises(KeyError, match="no agent 'OpenAGI' is active"):
        model.agent("OpenAGI")
    assert labs["OpenAI"].nation == "US"
    assert labs["OpenAI"].form is Form.FOR_PROFIT
    assert labs["OpenAI"].patron is labs["Microsoft AI"]
    assert labs["xAI"].patron is None
    homes = {founder.name: founder.home for founder in model.founders}
    assert labs["Anthropic"] in homes.values()
    assert [regulator.name for regulator in model.regulators] == list(REGULATORS)
    assert [nation.name for nation in model.nations] == list(NATIONS)
    founder = next(founder for founder in model.founders if founder.home is labs["OpenAI"])
    founder.home = labs["xAI"]
    assert model.world.founders.home[0, founder.slot] == labs["xAI"].slot
    founder.home = None
    assert model.world.founders.home[0, founder.slot] == NOBODY
    labs["xAI"].form = Form.NONPROFIT
    assert model.world.labs.form[0, labs["xAI"].slot] == Form.NONPROFIT


def test_a_lab_that_moves_to_another_nation_comes_under_that_nations_rules():
    model, twin = lived(), lived()
    model.agent("us").strictness = twin.agent("us").strictness = 0.9
    model.agent("china").strictness = twin.agent("china").strictness = 0.0
    model.agent("OpenAI").nation = "China"
    for each in (model, twin):
        each.step()
    assert model.agent("OpenAI").regulated < 0.2 < twin.agent("OpenAI").regulated


def test_money_given_to_a_lab_from_outside_makes_its_compute_grow_faster_than_in_the_untouched_twin():
    # A lab that sells nothing can grow only by what it has in hand.
    twin, model = lived(3), lived(3)
    poor, rich = (each.agent("Safe Superintelligence") for each in (twin, model))
    for each in (twin, model):
        each.world.customers.brand[:, :, poor.slot] = -200.0
    assert rich.compute == poor.compute
    rich.cash = 1000.0
    for _ in range(12):
        twin.step()
        model.step()
    assert rich.compute > 1.2 * poor.compute


@pytest.mark.parametrize(
    ("kind", "typo", "meant"),
    [("labs", "csh", "cash"), ("founders", "combativness", "combativeness"), ("nations", "hostilty", "hostility")],
)
def test_a_misspelt_attribute_is_refused_and_the_right_one_named(kind, typo, meant):
    agent = next(iter(getattr(lived(), kind)))
    with pytest.raises(AttributeError, match=f"`{typo}`; did you mean `{meant}`"):
        setattr(agent, typo, 1.0)
    with pytest.raises(AttributeError):
        getattr(agent, typo)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("cash", float("nan"), ValueError),
        ("cash", float("inf"), ValueError),
        ("cash", "7", TypeError),
        ("cash", True, TypeError),
        ("defence", 1.0, TypeError),
        ("nation", "Atlantis", ValueError),
        ("form", 2, TypeError),
        ("patron", "Microsoft AI", TypeError),
        ("active", False, AttributeError),
        ("name", "OtherAI", AttributeError),
        ("slot", 3, AttributeError),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_changes_nothing(name, value, error):
    lab = lived().agent("Anthropic")
    before = getattr(lab, name)
    with pytest.raises(error):
        setattr(lab, name, value)
    assert getattr(lab, name) == before


def test_a_lab_of_another_model_is_refused():
    model, other = lived(), lived()
    with pytest.raises(TypeError, match="same model"):
        model.agent("Dario Amodei").home = other.agent("OpenAI")


# ---- agent sets --------------------------------------------------------------------------------------------------


def test_agent_sets_can_be_selected_sorted_and_summed_up():
    model = lived(1)
    chinese = model.labs.select(lambda lab: lab.nation == "China")
    world = model.world
    expected = world.labs.active[0] & (world.labs.nation[0] == NATIONS.index("China"))
    assert {lab.slot for lab in chinese} == set(np.flatnonzero(expected))
    assert model.labs.agg("compute", sum) == pytest.approx(world.labs.compute[0, world.labs.active[0]].sum(), rel=1e-12)
    assert next(iter(model.labs.sort("capability"))).capability == world.labs.capability[0].max()
    model.labs.set("openness", 0.0)
    assert not world.labs.openness[0, world.labs.active[0]].any()
    kinds = {Lab: model.labs, Founder: model.founders, Regulator: model.regulators, Nation: model.nations}
    assert all(set(found) == set(model.agents_by_type[kind]) for kind, found in kinds.items())
    assert len(model.agents) == sum(map(len, kinds.values()))


@pytest.mark.slow
def test_the_agents_are_at_every_moment_the_labs_and_founders_that_are_active():
    model = lived(scenario=BASELINE.with_({"industry.entry": 2.0, "litigation.filing": 2.0}), run=3)
    came, went, numbers = set(), set(), {}
    here = {lab.name for lab in model.labs}
    while model.running:
        model.step()
        now = {lab.name for lab in model.labs}
        came, went, here = came | (now - here), went | (here - now), now
        for kind in ("labs", "founders"):
            active = np.flatnonzero(getattr(model.world, kind).active[0])
            assert sorted(agent.slot for agent in getattr(model, kind)) == active.tolist()
        for agent in model.agents:
            assert numbers.setdefault((type(agent), agent.slot), agent.unique_id) == agent.unique_id
    assert len(set(numbers.values())) == len(numbers)
    assert came, "no lab entered: the test shows nothing"
    assert went, "no lab closed: the test shows nothing"


def test_removing_a_lab_closes_it_frees_its_founders_and_leaves_its_slot_empty():
    model = lived(1)
    lab = model.agent("OpenAI")
    staff = [founder for founder in model.founders if founder.home is lab]
    assert staff
    lab.remove()
    assert not lab.active
    assert lab not in model.agents
    assert lab.compute == lab.revenue == lab.cash == 0.0
    assert all(founder.home is None for founder in staff)
    model.step()
    assert lab not in model.labs
    assert model.outcomes["leader_share"] < 1.0


def test_removing_a_founder_takes_the_founder_out_of_the_home_lab():
    model = lived(1)
    founder = next(founder for founder in model.founders if founder.home is not None)
    founder.remove()
    model.step()
    assert founder not in model.founders
    assert not founder.active
    assert founder.home is None


def test_a_users_own_agent_gets_a_number_of_its_own():
    model = lived()
    own = mesa.Agent(model)
    assert own in model.agents
    assert own.unique_id not in {agent.unique_id for agent in model.agents if agent is not own}


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
