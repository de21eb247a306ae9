"""One run drawn: swim lanes whose names do not touch, and a network whose ties are those of the events."""

from __future__ import annotations

import pytest
from drawn_words import overlaps, words_of
from made_up import made_up_results

from sim.engine.simulate import simulate
from sim.model.events import EVENTS
from sim.report.charts.network import RELATIONS, network, ties
from sim.report.charts.story import SHORT, in_short, story
from sim.report.charts.svg import inline
from sim.report.charts.timeline import LANES
from sim.scenario.scenario import Scenario


@pytest.fixture(scope="module", name="run")
def _run():
    return simulate(Scenario.from_dict({"title": "Base <b>", "months": 120}), runs=2, seed=3)


def test_every_kind_of_event_has_a_short_name_and_a_lane():
    assert set(SHORT) == set(EVENTS)
    assert set(EVENTS) <= {kind for _, kinds in LANES for kind in kinds}
    assert in_short("suit_rivalry", "xAI", "OpenAI", float("nan")) == "xAI sues OpenAI"


@pytest.mark.slow
@pytest.mark.parametrize("width", [352.0, 760.0, 1080.0])
def test_names_in_the_lanes_do_not_touch_and_stay_inside(run, width):
    figure = story(run, 0, 1, width)
    assert overlaps(figure) == []
    assert len(words_of(figure)) > 20
    assert all(box.x0 >= 0.0 and box.x1 <= width for _, box in words_of(figure))


@pytest.mark.slow
@pytest.mark.parametrize("width", [352.0, 528.0, 1080.0])
def test_names_in_the_network_do_not_touch_and_stay_inside(run, width):
    for number in (0, 1):
        figure = network(run, 0, number, width=width)
        assert overlaps(figure) == []
        assert all(box.x0 >= 0.0 and box.x1 <= width for _, box in words_of(figure))


@pytest.mark.slow
def test_the_network_has_a_tie_for_each_pair_that_events_name(run):
    events = run.events_of(0, 0)
    wanted = {(kind, actor, target) for kind, actor, target in
              events[["kind", "actor", "target"]].itertuples(index=False)
              if any(kind in relation.kinds for relation in RELATIONS) and actor and target}
    found = ties(events)
    assert {(tie.relation.verb, tie.actor, tie.target) for tie in found} == {
        (next(r.verb for r in RELATIONS if kind in r.kinds), actor, target) for kind, actor, target in wanted}
    names = [text for text, _ in words_of(network(run, 0, 0, width=1080.0))]
    assert {tie.target for tie in found} <= set(names)


def test_the_network_grows_month_by_month(run):
    early, late = (ties(run.events_of(0, 0, month)) for month in (12, 119))
    assert {(t.relation.verb, t.actor, t.target) for t in early} < {(t.relation.verb, t.actor, t.target) for t in late}


@pytest.mark.slow
def test_the_same_run_gives_the_same_picture_and_names_are_text(run):
    for draw in (story, network):
        first, second = (inline(draw(run, 0, 0), "x", "title", "text") for _ in range(2))
        assert first == second
        assert "<b>" not in first
        assert "Base &lt;b&gt;" in first


def test_a_run_without_events_says_so():
    quiet = made_up_results(("Base",), runs=2, months=3)
    quiet.events = quiet.events.iloc[:0]
    assert any("Nothing of note" in text for text, _ in words_of(story(quiet)))
    assert any("Nobody sues" in text for text, _ in words_of(network(quiet)))
