"""The Mesa lens: agents read and write the arrays, and stand in sets while they are active."""

from __future__ import annotations

import mesa
import numpy as np
import pytest
from mesa_runs import BASELINE, lived

from sim.engine.mesa_model import Founder, Lab, Nation, Regulator
from sim.model.state import NATIONS, NOBODY, REGULATORS, Form

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
