"""What labs and founders are called: people in the role of the start alone, nobody in an anonymous scenario."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.app.story import one_run
from sim.model.events import KINDS, event_texts
from sim.model.naming import Names, founder_names, lab_names, names_of, names_told
from sim.model.parameters import starts
from sim.model.start_files import load_start
from sim.scenario.schema import DEFAULT_START

REAL = {start: [row["name"] for kind in ("lab", "founder") for row in load_start(start)[kind]] for start in starts()}
LIVELY = {"title": "Lively", "litigation": {"filing": 2.0}}


def named_in(told: object, start: str = DEFAULT_START) -> list[str]:
    """The labs and people of a start that a text names."""
    return [name for name in REAL[start] if name in str(told)]


def told(called: Names, *events: tuple[str, int, int]) -> list[str]:
    """Sentences for events of one run, each given by kind, actor and target."""
    columns = {"kind": [KINDS.index(kind) for kind, _, _ in events], "actor": [actor for _, actor, _ in events],
               "target": [target for *_, target in events], "amount": [1.0] * len(events)}
    return event_texts({name: np.array(column) for name, column in columns.items()}, called)["text"]


@pytest.mark.parametrize("start", starts())
def test_an_anonymous_name_is_a_letter_or_a_number_and_stands_for_one_alone(start):
    called = names_of(start, anonymous=True)
    assert len(set(called.labs)) == len(called.labs) == len(lab_names(start))
    assert len(set(called.founders)) == len(called.founders) == len(founder_names(start))
    assert not named_in([called.labs, called.founders, called.elsewhere], start)
    assert called.labs[0] == "Lab A"
    assert called.founders[0] == "Founder 1"


@pytest.mark.parametrize("start", starts())
def test_a_person_is_named_in_the_role_of_the_start_alone(start):
    called, people = names_of(start), [row["name"] for row in load_start(start)["founder"]]
    for slot, person in enumerate(people):
        assert called.founder(slot, called.homes[slot]) == person
        for elsewhere in (-1, called.homes[slot] + 1):
            assert called.founder(slot, elsewhere) not in people
    assert len(set(called.elsewhere)) == len(called.elsewhere)


def test_events_tell_of_who_has_moved_by_the_lab_left_and_by_name_after_a_return():
    called = names_of("2025-01")
    musk, xai, new = called.founders.index("Elon Musk"), called.labs.index("xAI"), called.labs.index("New lab 1")
    sentences = told(called, ("media_attack", musk, 0), ("departure", musk, xai), ("spin_off", musk, new),
                     ("media_attack", musk, 0), ("joins", musk, xai), ("media_attack", musk, 0))
    assert [named_in(sentence, "2025-01")[-1] == "Elon Musk" for sentence in sentences] == [
        True, True, False, False, False, True]
    assert sentences[3] == "Founder 1 from xAI attacks OpenAI in public."


@pytest.mark.parametrize(("kind", "actor", "target"), [("takeover", 0, 1), ("acquisition", 0, 1), ("closure", 1, -1)])
def test_the_founders_of_a_lab_that_is_bought_or_closed_have_left_their_role(kind, actor, target):
    called = names_of("2025-01")
    amodei = called.founders.index("Dario Amodei")
    assert told(called, (kind, actor, target), ("media_attack", amodei, 0))[1].startswith("Founder 1 from Anthropic")


def test_runs_are_told_apart_where_events_of_several_stand_in_one_table():
    called = names_of("2025-01")
    musk, xai = called.founders.index("Elon Musk"), called.labs.index("xAI")
    columns = {"run": np.array([0, 1]), "kind": np.array([KINDS.index("departure"), KINDS.index("media_attack")]),
               "actor": np.array([musk, musk]), "target": np.array([xai, 0]), "amount": np.array([1.0, 1.0])}
    assert event_texts(columns, called)["text"][1] == "Elon Musk attacks OpenAI in public."


def test_a_run_tells_of_nobody_in_a_role_that_is_not_theirs():
    # From the log itself: who works where when each event is told.
    scenario = sim.Scenario.from_dict(LIVELY)
    home = {row["name"]: row["home"] for row in load_start(scenario.start)["founder"]}
    events = sim.simulate(scenario, runs=20, seed=3).events
    acts = events[events["kind"].isin(["departure", "spin_off", "joins", "media_attack"])]
    departures = acts[acts["kind"] == "departure"]
    assert len(departures) > 100
    named = departures[departures["actor"].isin(home)]
    assert len(named)
    assert all(home[who] == lab for who, lab in zip(named["actor"], named["target"], strict=True))
    moved = acts[acts["kind"].isin(["spin_off", "joins"])]
    assert len(moved) > 50
    assert not moved["actor"].isin(home).any()


@pytest.mark.parametrize("start", starts())
def test_an_anonymous_scenario_names_nobody_and_changes_no_number(start):
    plain = sim.Scenario.from_dict({**LIVELY, "start": start})
    results = sim.simulate(plain.with_({"anonymous": True}), runs=4, seed=1, labs=True)
    open_ = sim.simulate(plain, runs=4, seed=1, labs=True)
    assert named_in(open_.events.to_csv(), start)
    assert not named_in(results.events.to_csv(), start)
    assert not named_in(results.labs.lab.values.tolist(), start)
    assert np.array_equal(results.values, open_.values)
    assert (results.events["kind"] == open_.events["kind"]).all()


def test_runs_that_were_told_with_names_can_be_told_without():
    plain = sim.Scenario.from_dict(LIVELY)
    results, anonymous = (sim.simulate([each, each.with_({}, title="Two")], runs=3, seed=1)
                          for each in (plain, plain.with_({"anonymous": True})))
    assert results.anonymous().hash() == anonymous.hash() != results.hash()
    assert anonymous.anonymous() is anonymous


def test_one_anonymous_scenario_makes_all_that_is_told_beside_it_anonymous():
    named = sim.Scenario.load("baseline")
    nameless = named.with_({"anonymous": True}, title="Nameless")
    assert names_told([named, nameless]) == names_told([nameless])
    assert not named_in(sim.simulate([named, nameless], runs=1, months=24).events.to_csv())
    assert not named_in(sim.why(named, nameless.with_({"regulation.strictness": 0.9}), run=1, months=36))


def test_an_anonymous_scenario_can_be_read_again_and_inherited(tmp_path):
    (tmp_path / "parent.toml").write_text('title = "Parent"\nanonymous = true\n')
    (tmp_path / "child.toml").write_text('extends = "parent"\ntitle = "Child"\n')
    child = sim.Scenario.load(tmp_path / "child.toml")
    assert child.anonymous
    assert sim.Scenario.from_resolved(child.resolved()).anonymous
    assert sim.Scenario.from_dict({"title": "Child", "anonymous": True}).to_toml() == child.to_toml()
    assert not child.with_({"anonymous": False}).anonymous


def test_mesas_agents_are_called_as_events_call_them_and_found_by_both_names():
    model = sim.IndustryModel(sim.Scenario.from_dict({**LIVELY, "anonymous": True}), seed=3, months=60)
    for _ in range(60):
        model.step()
    table = model.datacollector.get_agenttype_vars_dataframe(type(model.labs[0]))
    assert not named_in([*model.events, *(agent.name for agent in model.agents), table.to_csv(), repr(model.agents)])
    assert model.agent("Lab A") is model.agent("OpenAI")
    with pytest.raises(KeyError, match="Lab A"):
        model.agent("Lab 1")


def test_mesas_founder_who_moves_is_called_by_the_lab_left():
    model = sim.IndustryModel(sim.Scenario.load("baseline"))
    musk = model.agent("Elon Musk")
    assert musk.name == "Elon Musk"
    musk.home = model.agent("OpenAI")
    assert musk.name == "Founder 1 from xAI"
    assert model.agent("Elon Musk") is musk


def test_the_cockpits_table_of_control_names_nobody_in_a_role_that_is_not_theirs():
    scenario = sim.Scenario.load("baseline")
    home = {row["name"]: row["home"] for row in load_start(scenario.start)["founder"]}
    for run in range(6):
        rows = one_run((scenario,), 0, run)["tables"]["control"]["rows"]
        for lab, *_, who, _, _ in rows:
            assert all(home[name] == lab for name in home if name in who.split(", "))
    assert not named_in(one_run((scenario.with_({"anonymous": True}),), 0, 2))
