"""Beliefs over rival theories: weights that add up, theories met by draw, and every run that of the theory it met."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.engine.uncertainty import theories_met
from sim.model.beliefs import WeightsError, drawn, open_theories, theories, weights
from sim.model.luck import Luck
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare, variance_between

POWERS = theories()["structure.powers"]
BASE = Scenario.from_dict({"title": "Base", "months": 24})
OPEN = BASE.with_({"structure.powers": "payoffs 0.7, hazards 0.3"}, title="Open")


@pytest.mark.parametrize(("believed", "expected"), [
    ("payoffs", (1.0, 0.0)), ("any", (0.5, 0.5)), ("payoffs 0.7, hazards 0.3", (0.7, 0.3)), ("hazards 1", (0.0, 1.0)),
    ("hazards 0.25,payoffs 0.75", (0.75, 0.25))])
def test_what_may_be_believed(believed: str, expected: tuple[float, ...]) -> None:
    assert weights(POWERS, believed) == pytest.approx(expected)


@pytest.mark.parametrize(("believed", "told"), [
    ("payoffs 0.7, hazards 0.2", "add up to 0.9"), ("payoffs 0.7, hazards 0.7", "add up to 1.4"),
    ("payoffs, hazards", '"payoffs" is missing'), ("payoffs 0.5, payoffs 0.5", "two weights"),
    ("payoffs -1, hazards 2", "is -1"), ("payoffs nan, hazards 1", "is nan"), ("payoffs 0.5 hazards 0.5", "is 0.5 haz"),
    ("gods 1", "no theory of"), ("payofs", 'did you mean "payoffs"'), ("", "cannot be")])
def test_weights_that_say_no_such_thing_are_refused_with_the_way_out(believed: str, told: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        BASE.with_({"structure.powers": believed})
    assert told in str(refused.value)
    assert "S107" in str(refused.value)
    assert refused.value.problems[0].note
    with pytest.raises(WeightsError):
        weights(POWERS, believed)


def test_theories_are_met_as_often_as_they_are_believed() -> None:
    met = drawn(POWERS, "payoffs 0.7, hazards 0.3", Luck(0, np.arange(8000)))
    assert np.array_equal(met[::2], met[1::2])
    assert met.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 4000))
    assert not drawn(POWERS, "hazards 0, payoffs 1", Luck(0, np.arange(100))).any()


def test_who_believes_more_in_a_theory_meets_it_in_more_of_the_same_draws() -> None:
    luck = Luck(3, np.arange(2000))
    some, more = (drawn(POWERS, f"payoffs {1 - p:.1f}, hazards {p:.1f}", luck) for p in (0.2, 0.6))
    assert (more >= some).all()
    assert more.sum() > some.sum()


def test_each_run_is_that_of_the_theory_that_it_met() -> None:
    """A belief mixes whole histories; it does not average rules."""
    sure = [OPEN.with_({"structure.powers": choice}, title=choice) for choice in POWERS.choices]
    found = sim.simulate([OPEN, *sure], runs=12, seed=5)
    met = theories_met("structure.powers", [OPEN], 5, np.arange(12))[0]
    assert 0 < met.sum() < 12
    for run, theory in enumerate(met):
        assert np.array_equal(found.values[0, run], found.values[1 + theory, run], equal_nan=True)


def test_a_belief_survives_being_written_kept_and_taken_back(tmp_path) -> None:
    file = tmp_path / "open.toml"
    file.write_text(OPEN.to_toml())
    assert Scenario.load(file) == OPEN == Scenario.from_resolved(OPEN.resolved())
    assert Scenario.load("baseline", set=["structure.powers=payoffs 0.7, hazards 0.3"]).levers["structure.powers"] \
        == OPEN.levers["structure.powers"]
    assert open_theories(OPEN.levers) == ("structure.powers",)
    assert not open_theories(OPEN.with_({"structure.powers": "hazards"}).levers)


def test_the_share_of_variance_that_is_theory_is_that_of_the_means_it_makes() -> None:
    """The race decides how careful the leader is: nearly all that two theories differ in."""
    open_ = BASE.with_({"structure.safety_race": "armstrong 0.5, contest 0.5"}, title="Open race")
    strict = {"regulation.strictness": 0.9, "structure.safety_race": "armstrong"}
    comparison = compare(sim.simulate([open_, BASE.with_(strict, title="Strict")], runs=60, uncertainty="luck"))
    assert comparison.open_theories == ("structure.safety_race",)
    row = comparison.spread.set_index("outcome").loc["safety_effort"]
    total = row["luck_sd"] ** 2 + row["ignorance_sd"] ** 2
    assert row["theory_sd"] ** 2 / total > 0.8
    means = comparison.by_draw(comparison._differences[0])[:, sim.engine.results.INDEX["safety_effort"]]
    met = theories_met("structure.safety_race", [open_], 0, np.arange(60))[0][::2] == 3
    share = met.mean()
    gap = means[met].mean() - means[~met].mean()
    assert row["theory_sd"] == pytest.approx(np.sqrt(share * (1 - share)) * abs(gap), rel=0.03)
    sure = compare(sim.simulate([BASE, BASE.with_(strict, title="Strict")], runs=8, uncertainty="luck"))
    assert not sure.open_theories
    assert (sure.spread["theory_sd"] == 0.0).all()


def test_intervals_rest_on_draws_where_theories_are_drawn() -> None:
    """Two runs that share a theory are not independent, at default parameters either."""
    comparison = compare(sim.simulate([OPEN, OPEN.with_({"regulation.strictness": 0.9}, title="Strict")], runs=10,
                                      uncertainty="luck"))
    assert len(comparison.by_draw(comparison._differences[0])) == 5


def test_a_third_scenario_moves_no_share_of_the_other_two() -> None:
    """Which theories a difference met is a matter of its two scenarios."""
    open_ = BASE.with_({"structure.safety_race": "any"}, title="Open race")
    strict = open_.with_({"regulation.strictness": 0.9}, title="Strict")
    third = BASE.with_({"structure.safety_race": "armstrong 0.62, contest 0.38"}, title="Third")
    two, three = (compare(sim.simulate(scenarios, runs=40)) for scenarios in ([open_, strict], [open_, strict, third]))
    assert two.theory_parts(0)["structure.safety_race"] == pytest.approx(three.theory_parts(0)["structure.safety_race"])


def test_the_variance_between_classes_is_that_of_their_means_without_what_chance_makes() -> None:
    """A quarter of the draws lie 4 above the others: 3/16 of 16 is 3. Noise alone has none, give or take."""
    draw = np.random.default_rng(2)
    classes = np.arange(8000) % 4 // 3
    noise = draw.normal(size=(8000, 2))
    found = variance_between(noise + np.outer(classes, (4.0, 0.0)), classes)
    assert found[0] == pytest.approx(3.0, rel=0.05)
    assert found[1] < 0.001
    few = [variance_between(draw.normal(size=(40, 1)), np.arange(40) % 4)[0] for _ in range(400)]
    assert np.mean(few) < 0.05  # 0.075 were chance left in
