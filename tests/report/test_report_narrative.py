"""Sentences say what the numbers say, and say so when nothing was found."""

import re

import numpy as np
from made_up import PLAIN, made_up_results

from sim.outcomes import INDEX, OUTCOMES
from sim.report import narrative
from sim.report.effects import measured, ranked, rows_to_show
from sim.report.main_effects import main_effects
from sim.results import Results
from sim.studies.compare import compare


def changed(results: Results, name: str, add: np.ndarray | float) -> Results:
    """Two scenarios, equal in everything except that the second has `add` more of one outcome."""
    values = np.stack([results.values[0], results.values[0]])
    values[1, ..., INDEX[name]] += add
    return Results(results.scenarios[:2], values, None, seed=1, uncertainty="luck")


def test_the_finding_names_the_largest_difference_with_its_numbers(results):
    loss = np.random.default_rng(0).normal(-3.0, 0.5, (results.values.shape[1], 1))
    comparison = compare(changed(results, "small_labs", loss))
    row = comparison.table.set_index("outcome").loc["small_labs"]
    said = narrative.finding(comparison)
    assert said.startswith("Under “Strict rules, rivalry”, small labs in business changes most: ")
    size, low, high = re.search(r"([\d.]+) fewer of the .*? interval ([\d.]+) to ([\d.]+)\.", said).groups()
    assert abs(float(size) + row["difference"]) < 0.06
    assert abs(float(low) + row["high_family"]) < 0.06
    assert abs(float(high) + row["low_family"]) < 0.06


def test_the_finding_has_two_sentences_with_numbers_and_one_on_what_it_cannot_tell(results):
    first, second, limits = narrative.finding_parts(compare(results))
    assert re.search(r"\d", first)
    assert re.search(r"\d", second)
    assert "It cannot tell how probable" in limits


def test_a_finding_about_severe_incidents_says_that_their_hazard_is_assumed(results):
    change = np.zeros((results.values.shape[1], results.values.shape[2]))
    change[:, -1] = 1.0
    change[::4, -1] = 2.0
    said = narrative.finding(compare(changed(results, "severe_incidents", change)))
    assert "severe incidents changes most" in said
    assert said.endswith(narrative.HAZARD)


def test_equal_scenarios_are_said_to_be_equal(results):
    said = narrative.finding(compare(changed(results, "small_labs", 0.0)))
    assert "exactly the same results" in said


def test_noise_is_not_a_finding(results):
    noise = np.random.default_rng(1).normal(0.0, 1.0, (results.values.shape[1], 1))
    noise -= noise.mean()
    comparison = compare(changed(results, "small_labs", noise))
    assert narrative.finding(comparison).startswith("None of the 8 primary outcomes differs clearly")
    assert "no outcome" in narrative.fans_lead(comparison, []).lower()


def test_outcomes_that_differ_nowhere_are_named_in_a_sentence(results):
    three = Results(results.scenarios[:3], results.values[:3], None, uncertainty="luck")  # no grid of two levers
    assert "market concentration differs clearly in no scenario" in narrative.finding(compare(three))


def test_the_finding_of_a_two_by_two_tells_each_levers_effect_averaged_over_the_other(results):
    values = results.values.copy()
    runs = values.shape[1]
    luck = np.random.default_rng(2).normal(0.0, 0.01, (4, runs, 1))
    for scenario, (strict, close) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        # Known: strictness adds 0.30 alone and 0.10 with cooperation, 0.20 on average; cooperation +0.10 and -0.10.
        level = 0.5 + 0.30 * strict - 0.20 * strict * close + 0.10 * close
        values[scenario, ..., INDEX["safety_effort"]] = level + luck[scenario]
    comparison = compare(Results(results.scenarios, values, None, uncertainty="luck"))
    by_strictness, by_cooperation = main_effects(comparison)
    assert by_strictness.startswith("Strictness of rules at 0.8 instead of 0.35: ")
    assert "safety effort of the leading lab 0.20" in by_strictness
    assert "no change worth naming in" in by_cooperation
    assert "safety effort" in by_cooperation.split("no change worth naming in")[1]


def test_a_constant_baseline_does_not_make_an_unclear_difference_the_largest(results):
    values = np.stack([results.values[0], results.values[0]])
    values[..., INDEX["state_control"]] = 0.0
    values[1, 0, :, INDEX["state_control"]] = 0.5  # one run of forty: the interval covers zero
    values[1, ..., INDEX["hostility"]] -= 0.4 + np.linspace(0, 0.01, values.shape[1])[:, None]
    comparison = compare(Results(results.scenarios[:2], values, None, uncertainty="luck"))
    assert rows_to_show(comparison)[0] == "hostility"
    rows = measured(comparison).set_index("outcome")
    # in standard deviations of the differences: one of 40 runs at 0.5 has mean / sd = 1 / sqrt(40)
    np.testing.assert_allclose(rows.loc["state_control", "dot"], 1 / np.sqrt(40), rtol=1e-9)


def test_ranking_keeps_the_order_of_equals():
    table = measured(compare(made_up_results(PLAIN[:2], runs=8, grid=((0.35, 0.2), (0.35, 0.2)))))
    assert list(ranked(table)["outcome"]) == list(OUTCOMES)


def test_the_risk_that_changes_most_is_told_with_both_shares(results):
    comparison = compare(results)
    risks = comparison.risks[comparison.risks["clear"]]
    largest = risks.loc[risks["difference"].abs().idxmax()]
    assert str(largest["risk"]) in narrative.risks_lead(comparison)
    assert narrative.risks_lead(comparison).endswith("in this model.")


def test_failed_runs_are_mentioned():
    comparison = compare(made_up_results(failing=True))
    assert "1 run failed in some scenario and is left out of all." in narrative.trust_lead(comparison)


def test_the_report_never_calls_itself_a_forecast():
    assert "not a forecast" in narrative.WHAT_IF
    assert "assumption" in narrative.HAZARD
