"""Odds of a severe incident in the place of an assumed hazard."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.model.outcomes import INDEX
from sim.studies.forecasting.elicit import HAZARD, ElicitError, _first_by_the_end, chance_of_severe, elicit

BASELINE = sim.Scenario.load("baseline")
BY = "2029-01"
INCIDENT = {"date": "2027-01", "kind": "severe_incident", "severity": 1.0}


def test_the_chance_is_as_likely_as_an_incident_and_less_noisy():
    risky = BASELINE.with_({HAZARD: 0.001})
    found = chance_of_severe(risky, "2031-01", runs=2000, uncertainty="luck")
    values = sim.simulate(risky, 2000, 0, 60, events=False, uncertainty="luck").values[0]
    happened = (values[..., INDEX["severe_incidents"]] > 0.0).any(axis=1)
    noise = happened.std() / np.sqrt(2000)
    assert abs(found.value - happened.mean()) < 4.0 * noise
    assert found.standard_error < 0.8 * noise


def test_a_run_counts_until_its_first_incident_and_not_after():
    """By hand: a mean of 0.2 in the first month, then 0.4 in the one run that is still free of an incident."""
    chance, free = np.array([[0.2, 0.9], [0.2, 0.4]]), np.array([[True, False], [True, True]])
    assert _first_by_the_end(chance, free) == pytest.approx(1.0 - 0.8 * 0.6, rel=1e-14)
    assert _first_by_the_end(chance, np.array([[True, False], [True, False]])) == pytest.approx(0.2, rel=1e-14)


@pytest.mark.thorough
@pytest.mark.slow
@pytest.mark.parametrize(("uncertainty", "hazard"), [("luck", 0.001), ("prior", None)])
def test_the_standard_error_is_what_other_seeds_scatter_by(uncertainty, hazard):
    """With 60 seeds the scatter is known to 9%; two runs of a draw taken for two draws would make it 1.4 times."""
    found = [chance_of_severe(BASELINE, "2029-01", hazard, runs=40, seed=seed, uncertainty=uncertainty)
             for seed in range(60)]
    scatter = np.std([each.value for each in found], ddof=1)
    told = np.sqrt(np.mean([each.standard_error**2 for each in found]))
    assert scatter / 1.25 < told < scatter * 1.25


@pytest.mark.parametrize("odds", [0.1, 0.5])
def test_under_the_hazard_found_the_scenario_has_these_odds(odds):
    (found,) = elicit(BASELINE, [odds], BY, runs=200)
    again = chance_of_severe(BASELINE, BY, found.hazard, runs=200)
    assert again.value == pytest.approx(odds, rel=0.01)
    assert found.low < found.hazard < found.high
    (other_luck,) = elicit(BASELINE, [odds], BY, runs=200, seed=1)
    assert found.low / 1.5 < other_luck.hazard < found.high * 1.5


def test_more_careful_worlds_need_a_higher_hazard_for_the_same_odds():
    strict = BASELINE.with_({"regulation.strictness": 0.8, "diplomacy.us_china_cooperation": 0.8})
    light, careful = (elicit(each, [0.3], "2036-01", runs=100, uncertainty="luck")[0].hazard
                      for each in (BASELINE, strict))
    assert careful > 1.1 * light


@pytest.mark.parametrize(("scenario", "by", "said"), [
    (BASELINE, "soon", "'soon' is no month; write one as in 2035-01"),
    (BASELINE, "2035-13", "no month"),
    (BASELINE, "2026-01", "not within 600 months after the scenario's start, 2026-01"),
    (BASELINE, "2095-01", "not within 600 months"),
    (BASELINE.with_({"event": [INCIDENT]}), BY, "dates a severe incident itself"),
])
def test_what_has_no_answer_is_refused_in_words(scenario, by, said):
    with pytest.raises(ElicitError, match=said):
        elicit(scenario, [0.3], by, runs=4)


def test_odds_beyond_the_highest_hazard_are_refused_with_what_it_gives():
    with pytest.raises(ElicitError, match=r"Baseline: no hazard gives odds of 0\.999"):
        elicit(BASELINE, [0.999], "2026-03", runs=10)
