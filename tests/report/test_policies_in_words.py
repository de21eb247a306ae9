"""What a comparison says of policies that live in time, and of what moves where no primary outcome does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import Comparison, Scenario, compare, simulate
from sim.report.charts.lanes import lanes, lanes_chart
from sim.report.pages.comparison import told as told_of_comparison
from sim.report.pages.sections import policies_section
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


def test_lanes_show_the_schedule_and_the_share_of_runs_in_force(found: Comparison) -> None:
    met = in_force(found.results, 1)
    strict, answer = lanes(found.results, 1, met)
    assert (strict.name, strict.said) == ("Strictness of rules (EU)", "0.45, then 0.9")
    assert strict.level.tolist() == pytest.approx([0.5] * 5 + [1.0] * 31)  # of the highest that it reaches
    assert (answer.name, answer.said) == ("“answer” in force", "ever in 100% of the runs")
    assert np.array_equal(answer.level, met[..., 0].mean(axis=0))
    assert lanes(found.results, 0, None) == []
    assert lanes_chart([strict, answer], found.results, 1).axes[0].lines


def test_the_report_draws_what_was_policy_when_and_has_the_shares_by_year(found: Comparison) -> None:
    section = policies_section(found)
    assert section is not None
    assert [figure.title for figure in section.figures] == ["In time"]
    table = section.figures[0].table
    assert table is not None
    met = in_force(found.results, 1)[..., 0]
    assert [row[0] for row in table.rows] == ["2026-12", "2027-12", "2028-12"]
    assert [row[1] for row in table.rows] == [f"{100 * met[:, month].mean():.0f}%" for month in (11, 23, 35)]
    assert "What was policy when" in told_of_comparison(found).page()


def test_the_report_says_what_came_early_of_what_was_announced_and_whose_it_is() -> None:
    law = [{"date": "2026-02", "kind": "new_law", "actor": "us", "severity": 0.8}]
    licences = {"name": "licences", "date": "2027-06", "announced": "2026-06", "regulation.licensing_above": 0.6}
    warned = scenario("Warned", regulation={"strictness": 0.8}, change=[licences], event=law)
    pair = [scenario("As it is"), warned]
    found = compare(simulate(pair, runs=24, seed=3, uncertainty="luck"))
    (said,) = sentences(found)
    early = found.results.events[found.results.events["kind"] == "run_hurried"]
    assert said.startswith(f"Under “Warned”, labs hurry models out before licences begin: {len(early) / 24:.2g} a run")
    assert early["actor"].mode()[0] in said


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
