"""Sentences say what the numbers say, and say so when nothing was found."""

import re

import numpy as np
import pytest
from made_up import PLAIN, made_up_results

from sim.engine.results import Results
from sim.engine.uncertainty import DATES
from sim.model.outcomes import HAZARD, INDEX, OUTCOMES, PRIMARY
from sim.report.words import narrative
from sim.report.words.changes import Change, told
from sim.report.words.effects import measured, ranked, rows_to_show
from sim.report.words.main_effects import main_effects
from sim.report.words.names import inside
from sim.studies.comparing.compare import compare


def changed(results: Results, name: str, add: np.ndarray | float) -> Results:
    """Two scenarios, equal in everything except that the second has `add` more of one outcome."""
    values = np.stack([results.values[0], results.values[0]])
    values[1, ..., INDEX[name]] += add
    return Results(results.scenarios[:2], values, None, seed=1, uncertainty="luck")


def test_the_finding_names_a_difference_with_baseline_percent_and_interval(results):
    loss = np.random.default_rng(0).normal(-3.0, 0.5, (results.values.shape[1], 1))
    comparison = compare(changed(results, "small_labs", loss))
    row = comparison.table.set_index("outcome").loc["small_labs"]
    said = narrative.finding(comparison)
    found = re.match(r"Under “Strict rules, rivalry”: small labs in business ([\d.]+) fewer than ([\d.]+), −(\d+)% "
                     r"\(([\d.]+) to ([\d.]+) fewer\)", said)
    size, base, share, low, high = map(float, found.groups())
    assert abs(size + row["difference"]) < 0.06
    assert abs(base - row["baseline_mean"]) < 0.06
    assert abs(share + 100.0 * row["difference"] / row["baseline_mean"]) < 0.6
    assert abs(low + row["high_family"]) < 0.06
    assert abs(high + row["low_family"]) < 0.06


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_finding_names_every_primary_outcome_and_each_clear_one_with_its_numbers(results, count):
    comparison = compare(Results(results.scenarios[:count], results.values[:count], None, uncertainty="luck"))
    sentences, _ = narrative.finding_parts(comparison)
    levers = main_effects(comparison)
    per_scenario = [
        comparison.table[(comparison.table["scenario"] == title) & comparison.table["primary"]]
        for title in comparison.others
    ]
    assert len(sentences) == (2 if levers else len(per_scenario))
    for number, sentence in enumerate(sentences):
        told, _, rest = sentence.partition("; hardly any change in")
        for name in PRIMARY:
            assert inside(OUTCOMES[name].title) in sentence
            if levers is None:
                row = per_scenario[number].set_index("outcome").loc[name]
                noticed = max(abs(row["low_family"]), abs(row["high_family"])) > 0.1 * abs(
                    row["difference"] / (row["effect_sd"] or np.nan))
                if row["clear"] and noticed:
                    assert f"{inside(OUTCOMES[name].summary_title)} " in told, rest


def test_harm_is_told_and_price_comes_last():
    def change(name, difference, low, high):
        return Change(OUTCOMES[name], 10.0, difference, low, high, deviation=1.0)

    said = told([change("compliance_cost_usd_bn", 40.0, 39.0, 41.0), change("small_labs", -1.2, -1.6, -0.8),
                 change("market_hhi", 0.01, -0.05, 0.07), change("us_china_lag_months", 0.2, -1.0, 1.4)])
    harm = said.index("small labs in business 1.2 fewer than 10, −12%")
    assert harm < said.index("cost of compliance in total $40.0bn more than $10bn, ×5")
    assert "hardly any change in market concentration" in said
    assert said.endswith("left open by these runs: China's lag behind the US frontier")


def test_a_mean_of_rare_events_says_in_how_many_runs_nothing_changes(results):
    change = np.zeros((results.values.shape[1], results.values.shape[2]))
    change[::2, -1] = 3.0
    said = narrative.finding(compare(changed(results, "severe_incidents", change)))
    assert "severe incidents in total 1.5 more" in said
    assert "no change in 50% of runs" in said


def test_the_finding_ends_with_what_it_cannot_tell_and_that_all_months_are_simulated(results):
    sentences, limits = narrative.finding_parts(compare(results))
    assert all(re.search(r"\d", sentence) for sentence in sentences)
    assert "The comparison cannot tell how probable" in limits
    assert "Every month from Jan 2025 on is simulated" in limits


@pytest.mark.parametrize(("setting", "said"), [
    ("luck", "The intervals cover luck: what other draws"),
    ("prior", "ignorance of the parameters over their plausible ranges."),
    ("posterior", f"as far as the record to the end of {DATES[-1][:4]} and"),
    ("posterior:2018-12", "as far as the record to the end of 2018 and"),
])
def test_what_intervals_cover_is_said_by_what_was_believed(results, setting, said):
    comparison = compare(Results(results.scenarios[:2], results.values[:2], None, uncertainty=setting))
    assert said in narrative.covered_by_intervals(comparison)


def test_a_finding_about_severe_incidents_defines_one_and_says_that_their_hazard_is_assumed(results):
    change = np.zeros((results.values.shape[1], results.values.shape[2]))
    change[:, -1] = 1.0
    change[::4, -1] = 2.0
    said = narrative.finding(compare(changed(results, "severe_incidents", change)))
    assert "at least 50 deaths or USD 100 bn of damage" in said
    assert "is an assumption" in said


def test_a_finding_about_chinas_lag_says_that_the_back_test_contradicts_its_direction(results):
    longer = np.random.default_rng(0).normal(5.0, 0.5, (results.values.shape[1], 1))
    said = narrative.finding(compare(changed(results, "us_china_lag_months", longer)))
    assert "The back-test contradicts the direction of China's lag" in said
    labs = narrative.finding(compare(changed(results, "small_labs", longer)))
    assert "back-test" not in labs


def test_the_spread_of_severe_incidents_is_counted_over_the_runs(results):
    values = np.stack([results.values[0], results.values[0]])
    values[..., INDEX["severe_incidents"]] = 0.0
    counts = np.array([0, 0, 1, 5] * (values.shape[1] // 4))
    values[0, :, 3, INDEX["severe_incidents"]] = counts
    comparison = compare(Results(results.scenarios[:2], values, None, uncertainty="luck"))
    found = comparison.severe.set_index("scenario").loc["Baseline"].to_dict()
    assert found == {"none": 0.5, "one": 0.25, "more": 0.25, "median": 0.5, "mean": 1.5, "most": 5.0}
    assert "50%, 25% and 25% under “Baseline” (median 0.5, mean 1.5)" in narrative.incidents_lead(comparison)
    assert re.search(r"Baseline +50% +25% +25% +0.5", str(comparison))


def test_equal_scenarios_are_said_to_be_equal(results):
    said = narrative.finding(compare(changed(results, "small_labs", 0.0)))
    assert "exactly the same results" in said


def test_noise_is_not_a_finding(results):
    noise = np.random.default_rng(1).normal(0.0, 1.0, (results.values.shape[1], 1))
    noise -= noise.mean()
    comparison = compare(changed(results, "small_labs", noise))
    assert narrative.finding(comparison).startswith("None of the 8 primary outcomes differs clearly")
    assert "no outcome" in narrative.fans_lead(comparison, []).lower()


def test_the_finding_of_a_two_by_two_tells_each_levers_effect_averaged_over_the_other(results):
    values = results.values.copy()
    runs = values.shape[1]
    luck = np.random.default_rng(2).normal(0.0, 0.01, (4, runs, 1))
    for scenario, (strict, close) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        # Known: strictness adds 0.30 alone and 0.10 with cooperation, 0.20 on average; cooperation +0.10 and -0.10.
        level = 0.5 + 0.30 * strict - 0.20 * strict * close + 0.10 * close
        values[scenario, ..., INDEX["safety_effort"]] = level + luck[scenario]
    comparison = compare(Results(results.scenarios, values, None, uncertainty="luck"))
    (strictness, by_strictness), (_, by_cooperation) = main_effects(comparison)
    assert strictness == "Strictness of rules at 0.8 instead of 0.35"
    strict, close = ({change.outcome.name: change for change in changes} for changes in (by_strictness, by_cooperation))
    assert strict["safety_effort"].difference == pytest.approx(0.2, abs=0.01)
    assert strict["safety_effort"].baseline == pytest.approx(0.55, abs=0.01)
    assert strict["safety_effort"].verdict == "changes"
    assert close["safety_effort"].verdict != "changes"


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
    assert "assumption" in HAZARD
