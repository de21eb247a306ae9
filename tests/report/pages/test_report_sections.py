"""Who gains and loses, and how far to trust it: what is said follows the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_up import PLAIN, made_up_results

from sim.model.parameters import graded, parameters
from sim.report.pages import gains
from sim.report.pages.comparison import told as told_of_comparison
from sim.report.pages.sections import gains_section, trust_section
from sim.report.words.backtest import headline
from sim.report.words.names import inside_name
from sim.studies.checking.published import reproduced
from sim.studies.comparing.compare import compare
from sim.studies.forecasting.summary import stored


@pytest.fixture(scope="module", name="comparison")
def _comparison(results):
    return compare(results)


def test_the_lead_names_the_lab_that_changes_most(comparison):
    table = comparison.winners("revenue")
    clear = table[table["clear"] & (table["by"] == "lab")]
    lead = gains.gains_lead(comparison, table)
    title = re.search("“([^”]*)”", lead)[1]
    part = clear[clear["scenario"] == title]
    most = part.loc[(part["difference"] / part["baseline_mean"]).abs().idxmax()]
    assert f"most for {inside_name(most['name'])}:" in lead
    assert f"{int((part['difference'] > 0).sum()) or 'none'} with clearly more" in lead \
        or f"{int((part['difference'] > 0).sum())} lab" in lead


@pytest.mark.slow
def test_slopes_are_drawn_for_what_differs_and_the_rest_is_said(comparison):
    section = gains_section(comparison)
    assert section.figures
    text = " ".join(section.notes)
    assert "by no clear margin" in text
    assert len(section.folded) == 4
    table = comparison.winners("revenue")
    still = table[~table["clear"] & (table["by"] == "lab") & (table["scenario"] == PLAIN[1])]["name"]
    assert all(inside_name(name) in text for name in still)


def test_equal_scenarios_have_no_winners():
    same = compare(made_up_results(PLAIN[:2], runs=6, months=3, grid=((0.35, 0.2),) * 2))
    for values in same.results.at_end.values():
        values[1] = values[0]
    section = gains_section(same)
    assert section.lead.startswith("No lab's and no nation's revenue at the end differs clearly")
    assert section.figures == []


def test_runs_saved_without_labs_say_how_to_get_them():
    section = gains_section(compare(made_up_results(PLAIN[:2], runs=4, months=3, labs=False)))
    assert "--force" in section.lead
    assert not section.folded


def test_trust_has_all_seven_grounds_measured(comparison):
    table = trust_section(comparison).tables[0]
    rows = {row[0]: row[1] for row in table.rows}
    assert list(rows) == ["Monte Carlo error", "Pairs on the same luck", "Uncertain parameters", "Back-test",
                          "Missed by it", "Published results", "Assumptions"]
    found = comparison.table.loc[comparison.table["primary"], "correlation"].dropna()
    assert f"{found.median():.2f} in the median" in rows["Pairs on the same luck"]
    assert headline(stored()) in rows["Back-test"]
    assert "wrong direction" in rows["Missed by it"]
    assumed = sum(bool(parameter.assumption) for parameter in parameters().values())
    assert rows["Assumptions"].startswith(f"{assumed} of {len(parameters())} ")
    assert rows["Assumptions"].endswith(f"; {graded()['measures']} are measured")
    assert "not in the intervals" in rows["Uncertain parameters"]


def test_the_monte_carlo_error_is_the_standard_error_over_the_baselines_spread(comparison):
    results = comparison.results
    base, other = results.summaries[0], results.summaries[1:]
    names = [name for name, outcome in results.outcomes.items() if outcome.primary]
    ratios = []
    for name in names:
        column = list(results.outcomes).index(name)
        for scenario in other:
            error = (scenario - base)[:, column].std(ddof=1) / np.sqrt(len(base))
            if error > 0.0 and base[:, column].std(ddof=1) > 0.0:
                ratios.append(error / base[:, column].std(ddof=1))
    told = trust_section(comparison).tables[0].rows[0][1]
    middle, most = (float(text) for text in re.findall(r"(\d+\.\d+)", told)[:2])
    assert middle == pytest.approx(np.median(ratios), rel=0.05)
    assert most == pytest.approx(max(ratios), rel=0.05)


@pytest.mark.slow
def test_the_published_results_in_the_report_are_those_that_are_measured(comparison):
    assert stored()["published"] == reproduced()
    assert f"{reproduced()} reproduced by the rules" in told_of_comparison(comparison).page()
