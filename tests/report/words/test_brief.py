"""A brief says what the numbers say: signs, intervals and sides agree, harm stands beside help, open is called open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up import HOSTILE, PLAIN, MadeUpScenario, made_up_results

from sim.engine.results import Results
from sim.model.outcomes import AVERTED, HAZARD, INDEX, LAG
from sim.report.pages.comparison import brief_alone
from sim.report.pages.comparison import told as told_of_comparison
from sim.report.words import brief as words
from sim.report.words.brief import Brief, brief
from sim.studies.comparing.compare import Comparison, compare
from sim.studies.comparing.human_units import chance_in_a_year, compliance_of_revenue, delay_in_months
from sim.studies.comparing.theories import AS_IT_IS

WAYS = "fewer|more|lower|higher|less|shorter|longer|earlier|later"
TOLD = re.compile(rf"[\d.,]+(?:tn|bn|mn|k)?(?: points| months| times)? ({WAYS})(?: than [^()]*?)? \(([^()]*)\)")
Add = Mapping[str, "np.ndarray | float"]


def pair(results: Results, add: Add, count: int = 1, labs: bool = False) -> Comparison:
    """The first scenario against itself with `add` more of some outcomes, as often as `count` says."""
    values = np.stack([results.values[0]] * (1 + count))
    for name, amount in add.items():
        values[1:, ..., INDEX[name]] += amount
    at_end = {name: np.stack([array[0]] * (1 + count)) for name, array in results.at_end.items()} if labs else None
    return compare(Results(results.scenarios[: 1 + count], values, None, seed=1, uncertainty="luck", at_end=at_end,
                           lab_names=results.lab_names if labs else ()))


def noise(results: Results, middle: float, deviation: float) -> np.ndarray:
    """Draws of a run: (runs, 1), of exactly this mean."""
    drawn = np.random.default_rng(0).normal(0.0, deviation, (results.values.shape[1], 1))
    return drawn - drawn.mean() + middle


def asked(results: Results, *scenarios: MadeUpScenario) -> Results:
    return Results(scenarios, results.values[: len(scenarios)], None, uncertainty="luck")


def everything(told: Brief) -> str:
    return "\n".join(paragraph for _, paragraphs in told.parts() for paragraph in paragraphs)


# ---- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 4])
def test_an_interval_has_the_direction_of_its_difference_and_no_sign(results, count):
    told = everything(brief(compare(Results(results.scenarios[:count], results.values[:count], None, uncertainty="luck",
                                            at_end={k: v[:count] for k, v in results.at_end.items()},
                                            lab_names=results.lab_names))))
    found = TOLD.findall(told)
    assert len(found) > 5
    for way, interval in found:
        ends = re.findall(WAYS, interval.partition(";")[0])
        assert way in ends
        assert len(ends) == 1 + (len(set(ends)) > 1), interval
        assert not re.search(r"[-−]\d", interval), interval
        if len(set(ends)) == 1:
            near, far = (float(end.replace(",", "")) for end in re.findall(r"[\d.,]*\d", interval.partition(";")[0]))
            assert near <= far, interval


def test_the_chance_in_a_year_compounds_that_of_a_month(results):
    values = np.stack([results.values[0]] * 2)
    values[0, ..., INDEX["severe_incident_hazard"]] = 0.02
    values[1, ..., INDEX["severe_incident_hazard"]] = 0.01
    comparison = compare(Results(results.scenarios[:2], values, None, uncertainty="luck"))
    found = chance_in_a_year(comparison, PLAIN[1])
    assert found.baseline == pytest.approx(1.0 - 0.98**12)
    assert found.difference == pytest.approx(0.98**12 - 0.99**12)
    assert "the chance of a severe incident in a year: 10.2 points lower than 22%" in everything(brief(comparison))


def test_a_frontier_is_late_by_what_it_lacks_over_the_baselines_own_growth(results):
    comparison = pair(results, {"frontier_log10_flop": noise(results, -0.1, 0.01)})
    path = results.values[0, :, :, INDEX["frontier_log10_flop"]].mean(axis=0)
    months = 0.1 / ((path[-1] - path[-25]) / 24.0)
    found = delay_in_months(comparison, PLAIN[1])
    assert found is not None
    assert found.difference == pytest.approx(months)
    assert found.low < months < found.high
    said = re.search(r"the frontier: ([\d.]+) months later \(([\d.]+) to ([\d.]+) months later\), its best model at "
                     r"the end 1.3 times less than", everything(brief(comparison)))
    assert said
    assert float(said[1]) == pytest.approx(months, abs=0.06)
    sooner = brief(pair(results, {"frontier_log10_flop": noise(results, 0.1, 0.01)}))
    assert "months earlier (" in everything(sooner)


def test_nothing_is_said_of_the_pace_of_a_frontier_that_does_not_grow(results):
    values = np.stack([results.values[0]] * 2)
    values[..., INDEX["frontier_log10_flop"]] = 26.0
    comparison = compare(Results(results.scenarios[:2], values, None, uncertainty="luck"))
    assert delay_in_months(comparison, PLAIN[1]) is None
    assert "frontier's pace" not in everything(brief(comparison))


def test_compliance_is_a_share_of_what_all_labs_earn(results):
    values = np.stack([results.values[0]] * 2)
    for name, amount in (("compliance_cost_usd_bn", 1.0), ("leader_revenue_usd_bn", 60.0), ("leader_share", 0.5)):
        values[..., INDEX[name]] = amount
    values[1, ..., INDEX["compliance_cost_usd_bn"]] = 2.0
    comparison = compare(Results(results.scenarios[:2], values, None, uncertainty="luck"))
    assert compliance_of_revenue(comparison, PLAIN[0]) == pytest.approx(0.1)  # 1 of 10 USD bn a month
    told = everything(brief(comparison))
    assert "What labs pay over 10 years to comply with rules: $120bn more than $120bn, ×2" in told
    assert "that is 20% of what all labs earn, against 10%" in told
    values[..., INDEX["leader_share"]] = 0.0
    broke = compare(Results(results.scenarios[:2], values, None, uncertainty="luck"))
    assert "what all labs earn" not in everything(brief(broke))


# ---- sides -----------------------------------------------------------------------------------


def test_harm_and_help_are_told_of_the_same_change(results):
    """Fewer small labs and dearer rules stand in the answer and among the losses, though incidents become rarer."""
    last = np.zeros(results.values.shape[1:3])
    last[:, -1] = 1.0
    told = brief(pair(results, {
        "severe_incidents": -last * (2.0 + noise(results, 0.0, 0.2)), "severe_incident_hazard": -0.1,
        "small_labs": noise(results, -3.0, 0.3), "compliance_cost_usd_bn": noise(results, 1.0, 0.1)}))
    answer = " ".join(told.answer)
    assert len(told.answer) == 3
    for what in ("Severe incidents over 10 years: 2.0", "fewer than", "to comply with rules: $1",
                 "mall labs in business 3.0"):
        assert what in answer
    assert "Those whom a severe incident would hit" in told.gains[0]
    assert len(told.losses) == 2
    assert told.losses[0].startswith("Small labs (3.0")
    assert told.losses[1].startswith("Labs, by what rules cost ($1")


@pytest.mark.parametrize(("middle", "side"), [(0.0, "neither"), (0.2, "gains"), (-0.2, "losses")])
def test_a_gain_or_loss_is_named_only_where_the_interval_leaves_out_nil(results, middle, side):
    told = brief(pair(results, {"user_gain_us_usd_bn": noise(results, middle, 0.15)}))
    for each in ("gains", "losses", "neither"):
        said = [text for text in getattr(told, each) if "bloc led by the US" in text]
        assert bool(said) == (each == side), each
    if side == "neither":
        assert "Left open by these runs: users' gain, bloc led by the US" in " ".join(told.neither)
        assert told.losses == ("No clear loss.",)


def test_what_lies_within_a_hundredth_of_the_baseline_is_hardly_a_gain(results):
    base = float(results.values[0, :, -1, INDEX["taxes_us_usd_bn"]].mean())
    told = brief(pair(results, {"taxes_us_usd_bn": noise(results, 0.005 * base, 0.0001 * base)}))
    assert told.gains == ("No clear gain.",)
    assert told.neither[0].startswith("Hardly any change in taxes on US labs' sales")


def test_a_longer_lag_is_the_uss_gain_and_chinas_loss_and_comes_with_its_caution(results):
    told = brief(pair(results, {"us_china_lag_months": noise(results, 5.0, 0.5)}))
    assert told.gains == ("The US, by China's lag (5.00 months longer).",)
    assert told.losses == ("China, by its lag (5.00 months longer).",)
    assert LAG in told.rests
    assert LAG not in brief(pair(results, {"small_labs": noise(results, 5.0, 0.5)})).rests


def test_what_hangs_on_sales_is_told_with_its_caution_and_the_hazard_always(results):
    told = brief(pair(results, {"adoption": noise(results, 0.1, 0.01)}))
    assert AVERTED in told.rests
    assert "assumed hazard of incidents" in told.gains[-1]
    without = brief(pair(results, {"small_labs": noise(results, 3.0, 0.1)}))
    assert AVERTED not in without.rests
    assert HAZARD in without.rests


# ---- how sure, and of what ---------------------------------------------------------------------


def theories(changes: Mapping[str, tuple[float, ...]]) -> pd.DataFrame:
    """What rival theories make of some outcomes: the first number is as it is."""
    rows = [{"theory": f"theory {place}" if place else AS_IT_IS, "scenario": PLAIN[1], "outcome": outcome,
             "difference": number, "low": number - 0.1, "high": number + 0.1, "clear": True}
            for outcome, numbers in changes.items() for place, number in enumerate(numbers)]
    return pd.DataFrame(rows)


def test_structures_are_counted_in_which_a_clear_difference_keeps_its_sign(results):
    comparison = pair(results, {"small_labs": noise(results, -3.0, 0.1)})
    found = theories({"small_labs": (-3.0, -2.0, 1.0, -1.0), "market_hhi": (0.3, 0.2, 0.1, 0.2)})
    (said,) = (text for text in brief(comparison, found).sure if text.startswith("Structures"))
    assert said == ("Structures: the sign holds in 4 of 4 structures for market concentration; of small labs in "
                    "business in 3.")
    assert "was not tried" in " ".join(brief(comparison).sure)


def test_equal_scenarios_are_said_to_be_equal_and_nobody_gains_or_loses(results):
    told = brief(pair(results, {}, labs=True))
    assert "gives exactly the same results as" in told.answer[0]
    assert (told.gains, told.losses, told.neither) == (("No clear gain.",), ("No clear loss.",), ())


def test_each_of_several_scenarios_has_its_question_sentence_and_sides(results):
    told = brief(compare(results))
    assert len(told.question) == len(told.answer) == 3
    for place, title in enumerate(PLAIN[1:]):
        assert told.answer[place].startswith(f"Under “{title}”: ")
        assert f"“{title}”" in told.losses[place]
    many = brief(compare(made_up_results(tuple(f"Scenario {number}" for number in range(8)), runs=6, months=24)))
    assert "4 more scenarios stand in the report." in many.answer
    assert len(many.question) == 3


def test_the_largest_clear_change_of_a_scenario_comes_first(results):
    add = {"small_labs": noise(results, -1.0, 0.1), "hostility": noise(results, 0.5, 0.01)}
    told = brief(pair(results, add, count=2))
    assert told.answer[0].index("hostility") < told.answer[0].index("small labs")


def test_the_question_is_the_files_or_else_a_plain_one(results):
    without = brief(compare(asked(results, MadeUpScenario("A"), MadeUpScenario("B"))))
    assert without.question == ("What does “B” change against “A”?",)
    own = MadeUpScenario("B", question="What \u202eif?", look_for="the cost.")
    told = brief(compare(asked(results, MadeUpScenario("A"), own)))
    assert told.question == ("What if?",)
    assert told.watch[0] == "The cost."


def test_failed_runs_are_left_out_and_said_to_be():
    told = brief(compare(made_up_results(PLAIN[:2], runs=8, months=24, failing=True)))
    assert "7 runs each on the same luck (1 that failed left out)" in told.facts
    assert "means over 7 runs" in told.sure[0]
    assert "n/a" not in everything(told)


def test_a_brief_of_one_month_and_two_runs_can_be_told():
    few = made_up_results(PLAIN[:2], runs=2, months=1)
    told = brief(pair(few, {"severe_incidents": 1.0}))
    assert "Severe incidents over 1 month: 1.00 more than" in told.answer[0]


# ---- the page --------------------------------------------------------------------------------


def test_awkward_names_and_questions_are_text_and_no_markup(tmp_path):
    results = made_up_results(HOSTILE[:3], runs=6, months=24)
    awkward = [replace(scenario, question="<b>why</b>?", look_for="{{ 7*7 }}") for scenario in results.scenarios]
    comparison = compare(Results(awkward, results.values, None, uncertainty="luck"))
    alone = brief_alone(brief(comparison)).write(tmp_path / "brief.html").read_text(encoding="utf-8")
    for page in (alone, told_of_comparison(comparison).page()):
        assert "<script" not in page
        assert "&lt;b&gt;why&lt;/b&gt;?" in page
        assert "{{ 7*7 }}" in page
        assert "\u202e" not in page


def test_the_brief_opens_the_report_and_says_there_what_it_says_alone(results, tmp_path):
    comparison = compare(results)
    alone = brief_alone(brief(comparison)).write(tmp_path / "brief.html").read_text(encoding="utf-8")
    block = alone[alone.index('<section id="brief"'):alone.index("</section>")]
    report = told_of_comparison(comparison).page()
    assert block in report
    assert report.index("<section") == report.index(block)
    assert words.BY_SALES.replace("'", "&#39;") in block
