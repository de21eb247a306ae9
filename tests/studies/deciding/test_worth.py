"""Worth of unknowns in results of made-up numbers; objectives as they are written."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.uncertainty import believed
from sim.model.luck import Luck
from sim.studies.deciding.objective import Objective, ObjectiveError
from sim.studies.deciding.worth import WorthError, check, worth

RUNS = 400


@pytest.fixture(scope="module")
def driver() -> np.ndarray:
    """A parameter's value in each run, as the model draws it, from -1 to 1."""
    values = believed("prior", 0, np.arange(RUNS))["distillation_gap"]
    return np.interp(values, [0.1, 0.4, 0.8], [-1.0, 0.0, 1.0])


def results_of(make_results, driver, mean=0.0, constant=0.0, **more):
    """Two policies whose hostility differs by the driver and a little luck, beside much luck that both share."""
    stream = np.random.default_rng(2)
    shared, own = stream.standard_normal(RUNS), 0.3 * stream.standard_normal(RUNS)
    hostility = (shared + constant - np.stack([0.0 * driver, driver + mean + own]))[:, :, None] * np.ones(6)
    return make_results(runs=RUNS, changes={"hostility": hostility}, uncertainty="prior", **more)


def test_the_parameter_that_turns_the_choice_comes_first_and_is_told_with_its_threshold(make_results, driver):
    """Its gain is uniform from -1 to 1: worth a quarter, known or not what else there is."""
    found = worth(results_of(make_results, driver), "hostility")
    first = found.unknowns[0]
    assert first.name == "uncertainty.distillation_gap"
    assert first.clear
    assert first.worth == pytest.approx(0.25, abs=0.04)
    assert found.everything.worth.estimate == pytest.approx(first.worth, abs=0.03)
    (turn,) = first.flips
    assert turn.at == pytest.approx(0.4, abs=0.03)
    assert turn.low <= 0.4 <= turn.high
    assert (turn.before, turn.after) == (0, 1)
    assert found.tied
    # What it was drawn beside does nothing; in one of twenty studies the luckiest of them all would look clear.
    assert sum(known.clear for known in found.unknowns[1:]) <= 2


def test_a_constant_on_every_policy_changes_nothing(make_results, driver):
    one, other = (worth(results_of(make_results, driver, constant=c), "hostility") for c in (0.0, 64.0))
    assert other.unknowns[0].worth == pytest.approx(one.unknowns[0].worth, abs=1e-9)
    assert other.everything.worth.estimate == pytest.approx(one.everything.worth.estimate, abs=1e-9)


def test_worth_scales_with_the_weight(make_results, driver):
    results = results_of(make_results, driver)
    one, ten = worth(results, "hostility=-1"), worth(results, "hostility=-10")
    assert ten.unknowns[0].worth == pytest.approx(10.0 * one.unknowns[0].worth)


def test_where_one_policy_is_best_throughout_nothing_is_worth_knowing(make_results, driver):
    found = worth(results_of(make_results, driver, mean=5.0), "hostility")
    assert found.policies[found.chosen] == "Strict"
    assert not found.tied
    assert not found.clear
    assert {known.worth for known in found.unknowns} == {0.0}


def test_a_group_that_holds_the_driver_is_worth_as_much(make_results, driver):
    found = worth(results_of(make_results, driver), "hostility", [("distillation_gap", "severe_hazard")])
    (asked,) = [known for known in found.groups if " + " in known.name]
    assert asked.worth == pytest.approx(0.25, abs=0.04)
    assert asked.clear


def test_a_range_that_a_scenario_sets_is_an_unknown_like_any_other(make_results, make_scenario):
    scenarios = [make_scenario(title, uncertainty={"severe_hazard": {"low": 1e-4, "high": 9e-4}})
                 for title in ("Base", "Strict")]
    uniform = Luck(0, np.arange(RUNS)).of_draws().uniform("parameters.severe_hazard", 1)[:, 0]
    hostility = np.stack([0.0 * uniform, 1.0 - 2.0 * uniform])[:, :, None] * np.ones((2, RUNS, 6))
    found = worth(make_results(runs=RUNS, scenarios=scenarios, changes={"hostility": hostility}), "hostility")
    (only,) = found.unknowns
    assert only.worth == pytest.approx(0.25, abs=0.03)
    assert only.worth == pytest.approx(found.everything.worth.estimate, abs=0.02)  # it is all that there is to know
    assert only.flips[0].at == pytest.approx(5e-4, abs=3e-5)


def test_what_scenarios_disagree_in_is_part_of_the_choice(make_results, make_scenario, driver):
    scenarios = [make_scenario("Base"), make_scenario("Strict", uncertainty={"distillation_gap": 0.2})]
    found = worth(results_of(make_results, driver, scenarios=scenarios), "hostility")
    assert found.apart == ("uncertainty.distillation_gap",)
    assert "uncertainty.distillation_gap" not in {known.name for known in found.unknowns}


def test_a_theory_left_open_is_an_unknown(make_results, make_scenario):
    from sim.engine.uncertainty import theories_met

    scenarios = [make_scenario(title, structure={"powers": "any"}) for title in ("Base", "Strict")]
    met = theories_met("structure.powers", scenarios[:1], 0, np.arange(RUNS))[0]
    hostility = np.stack([0.0 * met, np.where(met == 0, 1.0, -1.0)])[:, :, None] * np.ones((2, RUNS, 6))
    found = worth(make_results(runs=RUNS, scenarios=scenarios, changes={"hostility": hostility}), "hostility")
    assert [known.name for known in found.unknowns] == ["structure.powers"]
    assert found.unknowns[0].clear
    assert isinstance(found.unknowns[0].flips[0].at, str)


def test_nothing_to_learn_is_refused(make_scenario):
    pair = [make_scenario("A"), make_scenario("B")]
    for scenarios, setting, runs, together, told in (
        (pair[:1], "prior", 400, (), "two scenarios"),
        (pair, "luck", 400, (), "nothing to learn"),
        (pair, "prior", 8, (), "too few"),
        (pair, "prior", 400, [("severe_hazzard", "hazard_growth")], "did you mean severe_hazard?"),
        (pair, "prior", 400, [("severe_hazard",)], "two names or more"),
    ):
        with pytest.raises(WorthError, match=told.replace("?", r"\?")):
            check(scenarios, setting, runs, together)


# ---- objectives ---------------------------------------------------------------------------------------------------
def test_an_objective_is_an_outcome_by_its_direction_or_weights():
    assert Objective.read("severe_incidents").weights == {"severe_incidents": -1.0}
    assert Objective.read("small_labs").weights == {"small_labs": 1.0}
    weighed = Objective.read(" severe_incidents = -100, compliance_cost_usd_bn=-1e0 , small_labs=0")
    assert weighed.weights == {"severe_incidents": -100.0, "compliance_cost_usd_bn": -1.0}
    assert weighed.outcome == ""
    assert Objective.read("severe_incidents=2").against == ("severe_incidents",)


@pytest.mark.parametrize(("text", "told"), [
    ("severe_incident", "did you mean severe_incident"),
    ("market_hhi", "market_hhi=-1"),
    ("severe_incidents=0, small_labs=0", "weighs nothing"),
    ("severe_incidents=-1, small_labs", "small_labs has no weight"),
    ("severe_incidents=lots", "must be a number"),
    ("severe_incidents=nan", "must be a number"),
    ("small_labs=1, small_labs=2", "twice"),
    (" , ", "names an outcome"),
])
def test_an_objective_that_decides_nothing_is_refused_in_words(text, told):
    with pytest.raises(ObjectiveError, match=told):
        Objective.read(text)
