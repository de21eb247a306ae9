"""Differences under rival theories: the same runs, one theory changed at a time, and signs counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.engine.simulate import simulate
from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.model.parameters import levers
from sim.report.words.changes import Change, in_words
from sim.report.words.main_effects import main_effects
from sim.report.words.theories import ranges, theories_sentence, theories_table
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare
from sim.studies.comparing.theories import AS_IT_IS, across_theories, over_theories, theories

BASE = Scenario.from_dict({"title": "Base", "months": 18})


def table(**differences: float) -> pd.DataFrame:
    """A made-up finding on severe incidents by theory: clear by 0.1 to either side."""
    return pd.DataFrame([
        {"theory": theory.replace("_", " "), "scenario": "Strict", "outcome": "severe_incidents", "difference": mean,
         "low": mean - 0.1, "high": mean + 0.1, "clear": abs(mean) > 0.1} for theory, mean in differences.items()])


def test_theories_are_the_choices_that_are_not_held() -> None:
    choices = sum(len(lever.choices) - 1 for path, lever in levers().items() if path.startswith("structure."))
    assert len(theories()) == choices
    held = BASE.with_({"structure.powers": "hazards"})
    assert {"structure.powers": "payoffs"} in theories((held,)).values()
    assert {"structure.powers": "hazards"} not in theories((held,)).values()
    assert len(theories((BASE, held))) == choices + 1  # both are news to one of them


def test_each_theory_is_compared_on_the_same_runs() -> None:
    scenarios = [BASE, BASE.with_({"regulation.strictness": 0.8}, title="Strict")]
    found = across_theories(compare(simulate(scenarios, runs=4, seed=3, uncertainty="luck")))
    assert found["theory"].iloc[0] == AS_IT_IS
    assert set(found["theory"]) == {AS_IT_IS, *theories()}
    name, theory = list(theories().items())[-1]
    again = compare(simulate([scenario.with_(theory) for scenario in scenarios], runs=4, seed=3, uncertainty="luck"))
    expected = again.table[again.table["primary"]]["difference"].to_numpy()
    assert np.array_equal(found[found["theory"] == name]["difference"].to_numpy(), expected)
    assert [row["outcome"] for row in over_theories(found)] == list(PRIMARY)


def test_signs_are_counted_and_the_range_is_named() -> None:
    row = over_theories(table(as_it_is=-0.5, one=-0.05, two=-0.9, three=0.3))[0]
    assert (row["same_sign"], row["clear"], row["theories"]) == (3, 2, 4)
    assert (row["least"], row["least_theory"], row["most"], row["most_theory"]) == (-0.9, "two", 0.3, "three")


@pytest.mark.parametrize(("differences", "said"), [
    ({"as_it_is": -0.5, "one": -0.2}, "all 1 clear differences keep their sign."),
    ({"as_it_is": -0.5, "one": 0.2}, "0 of 1 clear differences keep their sign in all; 1, of severe incidents, hangs"),
    ({"as_it_is": 0.01, "one": 0.2}, "No difference of a primary outcome is clear as it is"),
])
def test_the_sentence_says_what_hangs_on_a_theory(differences: dict[str, float], said: str) -> None:
    assert said in theories_sentence(over_theories(table(**differences)))


def test_the_table_has_a_row_for_each_difference() -> None:
    found = theories_table(over_theories(table(as_it_is=-0.5, one=-0.2)))
    assert len(found.rows) == 1
    assert found.rows[0][-2:] == ["2 of 2", "2 of 2"]


def test_a_change_says_its_range_over_theories() -> None:
    change = Change(OUTCOMES["severe_incidents"], 2.0, -0.5, -0.7, -0.3, 1.0, 0.7, (-0.6, -0.1))
    assert "(0.30 to 0.70 fewer; 0.10 to 0.60 fewer under rival theories; no change in 70% of runs)" in in_words(change)
    assert "0.60 fewer to 0.10 more under rival theories" in in_words(replace(change, across=(-0.6, 0.1)))


def test_the_range_of_a_levers_effect_is_that_of_its_effect_under_each_theory() -> None:
    """Known answer: each theory's main effects are those of the same four scenarios run under it."""
    grid = [BASE.with_({"regulation.strictness": strict, "diplomacy.us_china_cooperation": shared},
                       title=f"{strict} {shared}") for strict in (0.2, 0.8) for shared in (0.1, 0.9)]
    here = compare(simulate(grid, runs=6, seed=1, uncertainty="luck"))
    found = main_effects(here, across_theories(here))
    assert found is not None
    alone = []
    for theory in ({}, *theories().values()):
        again = compare(simulate([each.with_(theory) for each in grid], runs=6, seed=1, uncertainty="luck"))
        alone.append([[change.difference for change in changes] for _, changes in main_effects(again) or ()])
    for lever, (_, changes) in enumerate(found):
        for place, change in enumerate(changes):
            sizes = [each[lever][place] for each in alone]
            assert change.across == pytest.approx((min(sizes), max(sizes)), abs=1e-12)


def test_the_range_holds_the_effect_as_it_is() -> None:
    assert ranges(table(as_it_is=-0.5, one=-0.2), ["Strict"], ["Base"]) == {"severe_incidents": (-0.5, -0.2)}
    assert ranges(table(as_it_is=-0.5, one=-0.2), ["Base"], ["Strict"]) == {"severe_incidents": (0.2, 0.5)}
