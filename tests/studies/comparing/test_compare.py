"""Comparisons: paired differences, what is clear, risks, first events, maps, contrasting runs, the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.common import numbers
from sim.engine.results import Results
from sim.model.outcomes import INDEX, NAMES, OUTCOMES, PRIMARY
from sim.scenario.scenario import Scenario
from sim.studies.comparing import contrast, intervals, risks
from sim.studies.comparing.compare import Comparison, compare

Make = Callable[..., Results]
MakeScenario = Callable[..., Scenario]
FIGURES = ["baseline_mean", "mean", "difference", "low", "high", "correlation", "effect_sd",
           "equivalent_runs"]


def row(comparison: Comparison, scenario: str, outcome: str) -> pd.Series:
    """A row of the table."""
    table = comparison.table
    return table[(table["scenario"] == scenario) & (table["outcome"] == outcome)].iloc[0]


# ---- differences -----------------------------------------------------------------------------------------


def test_a_row_holds_the_paired_difference_of_the_runs_table(make_results: Make) -> None:
    results = make_results()
    runs = results.runs.set_index(["scenario", "run"])["suits_filed"].unstack("scenario")
    difference = runs["Strict"] - runs["Base"]
    found = row(compare(results), "Strict", "suits_filed")
    half = intervals.t_quantile(0.95, 39) * difference.std() / np.sqrt(40)
    assert found["difference"] == pytest.approx(difference.mean())
    assert found["low"] == pytest.approx(difference.mean() - half)
    assert found["high"] == pytest.approx(difference.mean() + half)
    assert found["baseline_mean"] == pytest.approx(runs["Base"].mean())
    assert found["mean"] == pytest.approx(runs["Strict"].mean())
    assert found["correlation"] == pytest.approx(runs["Base"].corr(runs["Strict"]))
    assert found["effect_sd"] == pytest.approx(difference.mean() / runs["Base"].std())
    assert found["unit"] == "suits"
    assert found["n"] == 40


def test_a_scenario_does_not_differ_from_itself_at_all(make_results: Make) -> None:
    values = make_results().values[:1]
    comparison = compare(make_results(("Base", "Same"), values=np.concatenate([values, values])))
    table = comparison.table
    for column in ("difference", "low", "high"):
        assert (table[column] == 0.0).all()
    assert (table.loc[table["primary"], ["low_family", "high_family"]] == 0.0).all(axis=None)
    assert not table["clear"].any()
    assert table["correlation"].dropna().eq(1.0).all()
    changes = comparison.risks[["difference", "difference_low", "difference_high"]]
    assert (changes == 0.0).all(axis=None)
    assert "not clear" in str(comparison)


def test_an_outcome_that_never_varies_has_no_correlation_and_no_width(make_results: Make) -> None:
    levels = np.stack([np.full((40, 6), 0.25), np.full((40, 6), 0.75)])
    changes = {"adoption": np.full((2, 40, 6), 0.1), "trust": levels}
    comparison = compare(make_results(changes=changes))
    adoption, trust = (row(comparison, "Strict", name) for name in ("adoption", "trust"))
    assert np.isnan(adoption["correlation"])
    assert (adoption["difference"], adoption["effect_sd"], adoption["clear"]) == (0.0, 0.0, False)
    assert (trust["difference"], trust["low"], trust["high"], trust["clear"]) == (0.5, 0.5, 0.5, True)
    assert np.isnan(trust["effect_sd"])


def test_swapping_the_baseline_changes_only_the_sign(make_results: Make) -> None:
    results = make_results()
    there, back = compare(results).table, compare(results, baseline="Strict").table
    np.testing.assert_allclose(there["difference"], -back["difference"], rtol=1e-12)
    np.testing.assert_allclose(there["low"], -back["high"], rtol=1e-9, atol=1e-12)
    assert (there["clear"] == back["clear"]).all()


def test_order_of_files_changes_no_scenarios_figures(make_results: Make) -> None:
    values = make_results(("A", "B", "C")).values
    one = compare(make_results(("A", "B", "C"), values=values.copy()), baseline="A").table
    other = compare(make_results(("C", "B", "A"), values=values[::-1].copy()), baseline="A").table
    for scenario in ("B", "C"):
        left, right = (table.loc[table["scenario"] == scenario, FIGURES].to_numpy() for table in (one, other))
        np.testing.assert_array_equal(left, right)


def test_order_of_runs_changes_no_figure(make_results: Make) -> None:
    values = make_results().values
    shuffled = values[:, np.random.default_rng(3).permutation(values.shape[1])]
    columns = [*FIGURES, "low_family", "high_family"]
    tables = [compare(make_results(values=each.copy())).table for each in (values, shuffled)]
    one, other = (table[columns].to_numpy() for table in tables)
    np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-12)


def test_a_run_that_failed_in_one_scenario_counts_in_none(make_results: Make) -> None:
    values = make_results(("A", "B", "C")).values.copy()
    values[2, 7, 3:] = np.nan
    comparison = compare(make_results(("A", "B", "C"), values=values))
    without = compare(make_results(("A", "B", "C"), runs=39, values=np.delete(values, 7, axis=1)))
    assert (comparison.runs, comparison.left_out) == (39, 1)
    pd.testing.assert_frame_equal(comparison.table, without.table)
    pd.testing.assert_frame_equal(comparison.risks, without.risks)
    assert "(1 that failed left out)" in str(comparison)


def test_primary_outcomes_are_clear_only_if_their_family_interval_is(make_results: Make) -> None:
    comparison = compare(make_results(("A", "B", "C"), runs=60, shift=0.25))
    primary = comparison.table[comparison.table["primary"]]
    others = comparison.table[~comparison.table["primary"]]
    assert set(primary["outcome"]) == set(PRIMARY)
    assert (primary["low_family"] < primary["low"]).all()
    assert (primary["high_family"] > primary["high"]).all()
    assert (primary["clear"] == ((primary["low_family"] > 0) | (primary["high_family"] < 0))).all()
    assert ((primary["low"] > 0) & ~primary["clear"]).any(), "the data should hold a case to tell them apart"
    assert others[["low_family", "high_family"]].isna().all(axis=None)
    assert (others["clear"] == ((others["low"] > 0) | (others["high"] < 0))).all()


def test_a_wider_level_gives_wider_intervals(make_results: Make) -> None:
    results = make_results()
    narrow, wide = compare(results, level=0.8).table, compare(results, level=0.99).table
    assert (wide["low"] <= narrow["low"]).all()
    assert (wide["high_family"].dropna() > narrow["high_family"].dropna()).all()


def test_pairs_are_the_differences_run_by_run(make_results: Make) -> None:
    results = make_results(("A", "B", "C"))
    pairs = compare(results, baseline="B").pairs("market_hhi")
    last = results.values[..., -1, INDEX["market_hhi"]]
    np.testing.assert_array_equal(pairs, np.stack([last[0] - last[1], last[2] - last[1]], axis=1))


def test_what_cannot_be_compared_is_refused_with_the_reason(make_results: Make) -> None:
    with pytest.raises(ValueError, match="at least two scenarios"):
        compare(make_results(("A",)))
    with pytest.raises(KeyError, match="there are: Base, Strict"):
        compare(make_results(), baseline="Other")
    with pytest.raises(ValueError, match="level must be a number above 0 and below 1, not 95"):
        compare(make_results(), level=95)
    with pytest.raises(ValueError, match="no run reached the horizon"):
        compare(make_results(changes={"trust": np.full((2, 40, 6), np.nan)}))
    with pytest.raises(KeyError, match="no outcome 'luck'"):
        compare(make_results()).pairs("luck")


# ---- risks and first events ------------------------------------------------------------------------------


def monthly(**outcomes: list[list[float]]) -> np.ndarray:
    """Values (runs, months, outcomes), zero but for the outcomes given (runs, months)."""
    shape = np.shape(next(iter(outcomes.values())))
    values = np.zeros((*shape, len(NAMES)))
    for name, each in outcomes.items():
        values[..., INDEX[name]] = each
    return values


@pytest.mark.parametrize(("risk", "outcomes", "expected"), [
    ("any severe incident", {"severe_incidents": [[0, 1, 0], [0, 0, 0], [2, 0, 0]]}, [True, False, True]),
    ("treaty broken", {"treaty_in_force": [[0, 1, 0], [0, 1, 1], [0, 0, 0]]}, [True, False, False]),
    ("no treaty at the end", {"treaty_in_force": [[0, 1, 0], [0, 1, 1], [0, 0, 0]]}, [True, False, True]),
    ("one lab above half of the market", {"leader_share": [[0.9, 0.5], [0.2, 0.51]]}, [False, True]),
    ("a lab needs USD 100 bn", {"top_lab_capital_usd_bn": [[50, 100], [50, 99.9]]}, [True, False]),
    ("state controls most frontier compute", {"state_control": [[0.9, 0.4], [0.1, 0.6]]}, [False, True]),
])
def test_each_risk_means_what_its_text_says(risk: str, outcomes: dict[str, Any],
                                            expected: list[bool]) -> None:
    assert risks.happened(monthly(**outcomes))[risk].tolist() == expected


def test_risks_are_shares_of_runs_with_paired_changes(make_results: Make) -> None:
    severe = np.zeros((2, 40, 6))
    severe[0, :10, 2] = 1.0
    severe[1, 5:30, 4] = 1.0
    comparison = compare(make_results(changes={"severe_incidents": severe}))
    table = comparison.risks.set_index(["risk", "scenario"]).loc["any severe incident"]
    assert table["probability"].to_dict() == {"Base": 0.25, "Strict": 0.625}
    # 20 runs gained an incident, 5 lost one
    change = intervals.paired_proportions(severe[0].any(axis=1), severe[1].any(axis=1))
    assert table.loc["Strict", "difference"] == (20 - 5) / 40
    assert table.loc["Strict", "difference_low"] == change.low
    assert table.loc["Strict", "clear"]
    assert table.loc["Base", "difference_high"] == 0.0


def test_incidence_rises_to_the_share_of_runs_that_had_the_event(make_results: Make) -> None:
    comparison = compare(make_results())
    assert list(risks.MILESTONES) == ["first severe incident", "first lab to raise USD 100 bn",
                                      "first treaty", "first conversion", "first injunction"]
    for kind in risks.MILESTONES:
        table = comparison.incidence(kind)
        assert len(table) == 2 * 6
        for title, part in table.groupby("scenario"):
            assert part["share"].is_monotonic_increasing
            assert (part["low"] <= part["share"]).all()
            assert (part["share"] <= part["high"]).all()
            milestone = risks.MILESTONES[kind]
            path = comparison.results.outcome(milestone.outcome)[comparison.results.position(str(title))]
            assert part["share"].iloc[-1] == (path >= milestone.level).any(axis=1).mean()


def test_an_unknown_milestone_is_refused_with_those_there_are(make_results: Make) -> None:
    with pytest.raises(KeyError, match="there are: first severe incident"):
        compare(make_results()).incidence("first contact")


# ---- maps ------------------------------------------------------------------------------------------------


def square(make_scenario: MakeScenario, **more: dict[str, Any]) -> list[Scenario]:
    """Strictness 0.2 or 0.8 by cooperation 0.1 or 0.7, with further settings by title."""
    return [make_scenario(title, **{"regulation": {"strictness": s}, "diplomacy": {"us_china_cooperation": c},
                                    **more.get(title, {})})
            for title, s, c in (("LR", 0.2, 0.1), ("SR", 0.8, 0.1), ("LC", 0.2, 0.7), ("SC", 0.8, 0.7))]


def test_heat_places_each_scenario_by_its_levers(make_results: Make, make_scenario: MakeScenario) -> None:
    comparison = compare(make_results(("LR", "SR", "LC", "SC"), scenarios=square(make_scenario)))
    heat = comparison.heat("market_hhi")
    assert heat is not None
    assert (heat.row_lever, heat.column_lever) == ("regulation.strictness", "diplomacy.us_china_cooperation")
    assert (heat.rows, heat.columns) == ((0.2, 0.8), (0.1, 0.7))
    assert heat.titles.tolist() == [["LR", "LC"], ["SR", "SC"]]
    found = row(comparison, "SC", "market_hhi")
    cell = heat.difference[1, 1], heat.low[1, 1], heat.high[1, 1], heat.clear[1, 1]
    assert cell == tuple(found[["difference", "low_family", "high_family", "clear"]])
    own = [array[0, 0] for array in (heat.difference, heat.low, heat.high, heat.clear)]
    assert own == [0.0, 0.0, 0.0, False]


def test_heat_leaves_out_a_baseline_that_is_not_in_the_grid(make_results: Make,
                                                            make_scenario: MakeScenario) -> None:
    scenarios = [make_scenario("Base"), *square(make_scenario)]
    heat = compare(make_results([s.title for s in scenarios], scenarios=scenarios)).heat("adoption")
    assert heat is not None
    assert heat.titles.tolist() == [["LR", "LC"], ["SR", "SC"]]


def test_there_is_no_heat_without_a_full_grid(make_results: Make, make_scenario: MakeScenario) -> None:
    scenarios = square(make_scenario)[:3]
    assert compare(make_results([s.title for s in scenarios], scenarios=scenarios)).heat("adoption") is None
    assert compare(make_results(("A", "B", "C", "D"))).heat("adoption") is None


def test_what_follows_an_axis_may_differ_and_anything_else_may_not(make_results: Make,
                                                                   make_scenario: MakeScenario) -> None:
    strict = {"regulation": {"strictness": 0.8, "licensing_above": 0.7}}
    along = square(make_scenario, SR=strict, SC=strict)
    across = square(make_scenario, SR=strict)
    titles = ("LR", "SR", "LC", "SC")
    assert compare(make_results(titles, scenarios=along)).heat("adoption") is not None
    assert compare(make_results(titles, scenarios=across)).heat("adoption") is None


# ---- contrasting runs ------------------------------------------------------------------------------------


def test_histories_part_at_the_first_event_that_only_one_has(make_results: Make, events: list[Any]) -> None:
    found = compare(make_results(events=events)).contrast("Strict", run=3)
    # The rounds of month 1 differ in size only; in month 2 one world sues, the other signs.
    assert (found.run, found.month, found.date) == (3, 2, "2026-03")
    assert found.only_baseline == ("xAI sues OpenAI.",)
    assert found.only_other == ("The US and China sign a treaty.",)
    assert found.text == (
        "Run 3 is the same under Base and Strict until 2026-03. Then only under Strict: The US and China "
        "sign a treaty. Then only under Base: xAI sues OpenAI.")
    assert len(found.baseline_events) == 2


def test_a_second_event_of_the_same_kind_is_a_difference(make_results: Make) -> None:
    suit = (3, "suit_filed", "xAI", "OpenAI", np.nan, "xAI sues OpenAI.")
    found = compare(make_results(events=[(0, 0, *suit), (1, 0, *suit), (1, 0, *suit)])).contrast(run=0)
    assert (found.month, found.only_baseline, found.only_other) == (3, (), ("xAI sues OpenAI.",))


def test_histories_that_part_at_once_are_not_said_to_have_been_the_same(make_results: Make) -> None:
    found = compare(make_results(events=[(1, 0, 0, "export_control", "US", "China", np.nan, "The US acts.")]))
    assert found.contrast(run=0).text == ("Run 0 parts in its first month, 2026-01, under Base and Strict. "
                                          "Then only under Strict: The US acts.")


def test_histories_that_never_part_are_said_to_be_the_same(make_results: Make, events: list[Any]) -> None:
    found = compare(make_results(events=events)).contrast(run=1)
    assert (found.month, found.date, found.only_other) == (None, None, ())
    assert found.text == "In run 1, the same events happen under Base and Strict."


def test_the_typical_run_is_nearest_to_the_medians_whatever_the_units() -> None:
    # Medians 0 and 5, standard deviations 8 and 700: run 1 is off by 0 and 25, run 4 by 5 and 0.
    differences = np.array([[10.0, 0.0], [0.0, 30.0], [-10.0, 1000.0], [5.0, -1000.0], [-5.0, 5.0]])
    differences = np.column_stack([differences, np.full(5, 7.0)])
    assert contrast.most_typical(differences) == 1
    assert contrast.most_typical(differences * [1.0, 1e-6, 1.0]) == 1


def test_the_contrast_takes_the_scenario_that_differs_most_and_a_complete_run(make_results: Make) -> None:
    values = make_results(("A", "B", "C"), shift=1.0).values.copy()
    values[1, ::2, -1] = np.nan
    found = compare(make_results(("A", "B", "C"), values=values, first_run=10)).contrast()
    assert (found.baseline, found.other) == ("A", "C")
    assert (found.run - 10) % 2 == 1


# ---- the table as text -----------------------------------------------------------------------------------


def test_the_text_fits_80_columns_and_names_units_and_intervals(make_results: Make) -> None:
    titles = ("Light rules and open rivalry between the powers, as things stood in January of 2025", "B")
    comparison = compare(make_results(titles))
    for text in (str(comparison), comparison.to_text(all=True)):
        assert max(len(line) for line in text.splitlines()) <= 80
        assert "[95% interval]" in text
        assert "\x1b" not in text
    lines = str(comparison).splitlines()
    found = row(comparison, "B", "market_hhi")
    line = next(line for line in lines if line.startswith("Market concentration (0-1)"))
    assert numbers.estimate(found["difference"], found["low_family"], found["high_family"]) in line
    assert line.endswith("clear" if found["clear"] else "not clear")


def test_the_text_shows_primary_outcomes_and_with_all_every_outcome_and_risk(make_results: Make) -> None:
    comparison = compare(make_results())
    short, long = (" ".join(text.split()) for text in (str(comparison), comparison.to_text(all=True)))
    for name, outcome in OUTCOMES.items():
        title = f"{outcome.summary_title} ({outcome.unit})"
        words = " ".join(title.split()[:3])
        assert words in long, name
        assert outcome.primary == (words in short) or outcome.title.split()[0] in short
    assert all(risk in long for risk in risks.RISKS)
    assert "Bad outcomes" not in short


def test_titles_cannot_steer_a_terminal_or_a_page(make_results: Make, make_scenario: MakeScenario) -> None:
    results = make_results(scenarios=[make_scenario("Base"), make_scenario("<b>Bold</b> & Co")])
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in compare(results)._repr_html_()
    results.titles = ("Base\x1b[2J", "Strict\u202e")
    assert all(character.isprintable() or character == "\n" for character in str(compare(results)))


def test_charts_are_drawn_for_results_and_comparison(make_results: Make) -> None:
    comparison = compare(make_results(shift=0.1))
    for figure in (comparison.results.plot.fan("trust"), comparison.plot.differences()):
        assert isinstance(figure, Figure)
        assert figure.axes


def test_one_run_has_differences_but_no_intervals(make_results: Make) -> None:
    comparison = compare(make_results(runs=1))
    assert comparison.table["low"].isna().all()
    assert not comparison.table["clear"].any()
    assert "[no interval]" in str(comparison)
