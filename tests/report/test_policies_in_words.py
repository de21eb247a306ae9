"""What a comparison says of policies that live in time, and of what moves where no primary outcome does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import Comparison, Scenario, compare, simulate
from sim.report.words import narrative
from sim.report.words.policies import in_force, policies_table, sentences
from sim.studies.comparing.undone import undone
from sim.studies.comparing.why import why

TRIGGER = {"name": "answer", "outcome": "severe_incidents", "above": 0, "over_months": 12, "until_below": 0.5,
           "regulation.us.strictness": 0.9}
DATED = {"name": "EU strict", "date": "2026-06", "regulation.eu.strictness": 0.9}
SHOCK = [{"date": "2026-04", "kind": "severe_incident", "severity": 1.0}]


def scenario(title: str, **tables: Any) -> Scenario:
    return Scenario.from_dict({"title": title, "months": 36, "event": SHOCK, **tables})


@pytest.fixture(scope="module")
def found() -> Comparison:
    pair = [scenario("As it is"), scenario("In time", when=[TRIGGER], change=[DATED])]
    return compare(simulate(pair, runs=12, seed=3, uncertainty="luck"))


def test_months_in_force_are_those_in_which_an_incident_is_in_memory(found: Comparison) -> None:
    met = in_force(found.results, 1)[..., 0]
    incidents = found.results.outcome("severe_incidents")[1]
    for month in range(36):
        remembered = incidents[:, max(month - 12, 0):month].sum(axis=1) > 0.5
        assert np.array_equal(met[:, month], remembered)


def test_the_finding_says_how_often_a_trigger_came_into_force(found: Comparison) -> None:
    met = in_force(found.results, 1)[..., 0]
    (said,) = sentences(found)
    assert said.startswith("Under “In time”, “answer” comes into force in 100% of the runs, first in 2026-05 ")
    assert f"holds in {100 * met.mean():.0f}% of their months" in said
    assert said in " ".join(narrative.finding_parts(found)[0])
    assert said in narrative.finding(found)


def test_the_report_has_a_row_for_each_policy(found: Comparison) -> None:
    table = policies_table(found)
    assert table is not None
    assert [row[:2] for row in table.rows] == [["In time", "EU strict"], ["In time", "answer"]]
    without = compare(simulate([scenario("A"), scenario("B")], runs=2, months=3, uncertainty="luck"))
    assert policies_table(without) is None


def test_policies_are_taken_back_one_by_one() -> None:
    ours, theirs = scenario("A", change=[{**DATED, "date": "2027-01"}]), scenario("B", when=[TRIGGER], change=[DATED])
    back = {each.key: each.scenario for each in undone(ours, theirs)}
    assert list(back) == ["change “EU strict”", "trigger “answer”"]
    assert back["change “EU strict”"].changes == ours.changes
    assert back["change “EU strict”"].whens == theirs.whens
    assert back["trigger “answer”"].whens == ()


@pytest.mark.slow
def test_why_names_a_policy_as_the_cause_of_what_it_alone_makes() -> None:
    decided = scenario("B", when=[TRIGGER])
    answer = why(scenario("A"), decided, run=1, seed=3, uncertainty="luck", outcome="strictness_us")
    (only,) = answer.levers
    assert only[0].key == "trigger “answer”"
    assert only[1] == pytest.approx(answer.difference)  # without it nothing is left


def test_where_no_primary_outcome_moves_the_finding_says_what_does() -> None:
    subsidised = scenario("Money", change=[{"date": "2026-02", "subsidy.us_usd_bn_per_year": 60.0}])
    pair = [scenario("As it is").with_({"months": 72}), subsidised.with_({"months": 72})]
    said = " ".join(narrative.finding_parts(compare(simulate(pair, runs=60, seed=3, uncertainty="luck")))[0])
    if "None of the" in said:
        assert "What “Money” moves most among the others: US-made chips in US supply" in said
    else:
        assert "“Money”" in said
