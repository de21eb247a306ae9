"""Slopes: only what differs clearly is drawn, ends are labelled apart, and results without labs say what to do."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_words import overlaps, words_of
from made_up import PLAIN, made_up_results

from sim.engine.results import Results
from sim.report.charts.slopes import drawn, most_moved, relative_change, slopes, slopes_panel
from sim.report.pages.sections import gains_section
from sim.studies.comparing.compare import compare


@pytest.fixture(scope="module", name="comparison")
def _comparison():
    """Three labs and a newcomer: the first loses a fifth under strict rules, the others move by luck alone."""
    made = made_up_results(PLAIN[:2], runs=40, months=6)
    luck = np.random.default_rng(2)
    own = luck.normal(1.0, 0.1, (1, 40, 4))
    revenue = np.array([100.0, 10.0, 1.0, 0.5]) * own * np.ones((2, 1, 1))
    revenue[1, :, 0] *= 0.8 + luck.normal(0.0, 0.01, 40)
    revenue[1, :, 1:] *= 1.0 + luck.normal(0.0, 0.05, (40, 3))
    at_end = {"revenue": revenue, "active": np.ones_like(revenue), "nation": np.tile([0.0, 1.0, 2.0, 0.0], (2, 40, 1))}
    names = ["OpenAI", "DeepSeek", "Mistral AI", "New lab 1"]
    return compare(Results(made.scenarios, made.values, made.events, lab_names=names, at_end=at_end,
                           uncertainty="luck"))


def test_a_fall_of_a_fifth_is_found_with_its_sign_and_nation(comparison):
    table = comparison.winners("revenue").set_index(["by", "name"])
    row = table.loc[("lab", "OpenAI")]
    assert row["clear"]
    assert row["low"] < row["difference"] < row["high"] < 0.0
    assert row["difference"] == pytest.approx(-20.0, rel=0.05)
    assert row["nation"] == "US"
    assert not table.loc[("lab", "DeepSeek"), "clear"]
    us = table.loc[("nation", "US")]
    assert us["baseline_mean"] == pytest.approx(row["baseline_mean"] + table.loc[("lab", "New labs"), "baseline_mean"])


def test_a_chart_of_a_single_line_becomes_a_sentence(comparison):
    made = comparison.results
    alike = dict.fromkeys(("share", "valuation", "compute"), np.ones_like(made.at_end["revenue"]))
    section = gains_section(compare(Results(made.scenarios, made.values, made.events, lab_names=made.lab_names,
                                            at_end=made.at_end | alike, uncertainty="luck")))
    assert section.figures == []
    said = [note for note in section.notes if note.startswith("Under “Strict rules, rivalry”, one ")]
    assert len(said) == 2
    assert said[0].startswith("Under “Strict rules, rivalry”, one lab's revenue at the end differs clearly. OpenAI: $")
    assert "one nation's revenue at the end differs clearly. US: $" in said[1]
    assert any("by no clear margin" in note for note in section.notes), "what does not differ is said all the same"


def test_only_what_differs_clearly_is_drawn(comparison):
    table = comparison.winners("revenue")
    assert drawn(table, PLAIN[1], "lab")["name"].tolist() == ["OpenAI"]
    assert relative_change(drawn(table, PLAIN[1], "lab")).iloc[0] == pytest.approx(-0.2, abs=0.01)
    assert most_moved(table) == PLAIN[1]
    words = [text for text, _ in words_of(slopes_panel(comparison, "revenue", PLAIN[1], "lab"))]
    assert any(text.startswith("OpenAI $") for text in words)
    assert any("(−20%)" in text for text in words)
    assert not any("DeepSeek" in text for text in words)


@pytest.mark.slow
def test_ends_that_nearly_meet_are_labelled_apart():
    from sim.engine.simulate import simulate
    from sim.scenario.scenario import Scenario

    base = Scenario.from_dict({"title": "Base", "months": 60})
    results = simulate([base, base.with_({"regulation.strictness": 0.9}, title="Strict")], runs=64, seed=0,
                       uncertainty="luck")
    figure = slopes(compare(results))
    assert overlaps(figure) == []
    assert len(words_of(figure)) > 6


def test_what_cannot_be_drawn_is_refused_in_a_sentence(comparison):
    with pytest.raises(KeyError, match="did you mean 'revenue'"):
        comparison.plot.slopes("revenu")
    with pytest.raises(ValueError, match="is the baseline; slopes go from it to one of: Strict rules"):
        comparison.plot.slopes(scenario=0)
    with pytest.raises(ValueError, match="do not hold what labs have at the end"):
        compare(made_up_results(PLAIN[:2], runs=4, months=3, labs=False)).plot.slopes()
    with pytest.raises(ValueError, match="span no grid: a heat map takes every pairing"):
        comparison.plot.heatmap("market_hhi")
    with pytest.raises(KeyError, match="did you mean 'market_hhi'"):
        comparison.plot.heatmap("market_hh")
