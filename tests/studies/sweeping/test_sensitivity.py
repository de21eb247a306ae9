"""Sensitivity indices are those of Ishigami's function, and outputs that would mislead are refused."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.scenario import Scenario, ScenarioError
from sim.studies.sweeping.sensitivity import (
    Outputs,
    SensitivityError,
    Subject,
    at_quantile,
    by_kind,
    every_uncertainty,
    morris,
    sensitivity,
    sobol,
)

AXES = ("x1", "x2", "x3")
A, B = 7.0, 0.1


def ishigami(u: np.ndarray) -> Outputs:
    """Ishigami and Homma (1990), on uniform quantiles."""
    x = np.pi * (2.0 * u - 1.0)
    return Outputs.of(u, np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))


def test_indices_of_ishigamis_function_are_the_closed_forms() -> None:
    first_part = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    second_part, joint = A**2 / 8.0, B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    variance = first_part + second_part + joint
    expected = {"x1": (first_part, first_part + joint), "x2": (second_part, second_part), "x3": (0.0, joint)}
    found = sobol(AXES, ishigami, samples=4096)
    assert found.converged
    for index in found.indices:
        first, total = expected[index.axis]
        assert index.first == pytest.approx(first / variance, abs=0.02)
        assert index.total == pytest.approx(total / variance, abs=0.02)
        assert abs(index.total - total / variance) <= 2.0 * index.total_half


def test_few_samples_are_called_not_converged_and_say_how_many_would_do() -> None:
    found = sobol(AXES, ishigami, samples=64)
    assert not found.converged
    assert 64 < found.samples_needed < 100_000


def test_screening_finds_what_acts_and_leaves_what_does_not() -> None:
    effects = morris(("dead", *AXES), lambda u: Outputs.of(u, ishigami(u[:, 1:]).values), trajectories=40)
    assert effects[-1].axis == "dead"
    assert effects[-1].mu_star == 0.0
    assert min(effect.mu_star for effect in effects[:3]) > 1.0


@pytest.mark.parametrize(("run", "told"), [
    (lambda u: Outputs.of(u, np.where(u[:, 0] > 0.9, np.nan, u[:, 0])), "have no finite output"),
    (lambda u: Outputs.of(u, np.full(len(u), np.inf)), "have no finite output"),
    (lambda u: Outputs.of(u, u[:-1, 0]), "do not belong to a sample"),
    (lambda u: Outputs.of(u[::-1], u[:, 0]), "belong to another sample"),
    (lambda u: Outputs.of(u, np.zeros(len(u))), "the same at every point"),
])
def test_outputs_that_would_mislead_are_refused(run, told) -> None:
    with pytest.raises(SensitivityError, match=told):
        sobol(AXES, run, samples=16)
    with pytest.raises(SensitivityError, match=told):
        morris(AXES, run, trajectories=4)


def test_samples_are_a_power_of_two() -> None:
    with pytest.raises(SensitivityError, match="power of two"):
        sobol(AXES, ishigami, samples=100)


def test_axes_are_uncertainties_over_their_priors_and_levers_over_their_ranges() -> None:
    assert at_quantile("uncertainty.herding", np.array([0.0, 0.5, 1.0])).tolist() == [0.0, 0.8, 1.6]
    assert at_quantile("regulation.strictness", np.array([0.0, 0.5, 1.0])).tolist() == [0.0, 0.5, 1.0]
    assert len(every_uncertainty()) > 200
    with pytest.raises(SensitivityError, match="airace params"):
        at_quantile("regulation.strictnes", np.zeros(1))


def test_axes_of_policies_in_time_are_whole_months_or_numbers_of_the_range_that_is_given() -> None:
    u = np.array([0.0, 0.3, 0.5, 0.999, 1.0])
    assert at_quantile("change.it.date=2027-11..2028-02", u).tolist() == [
        "2027-11", "2027-12", "2028-01", "2028-02", "2028-02"]
    assert at_quantile("when.it.delay_months=0..3", u).tolist() == [0, 1, 2, 3, 3]
    assert at_quantile("when.it.above=0..2", u).tolist() == pytest.approx([0.0, 0.6, 1.0, 1.998, 2.0])
    for bad in ("change.it.date", "change.it.date=2028-01..2027-01", "change.it.date=2028-01..5",
                "when.it.above=1..inf", "when.it.above=1", "when.it.above=1..2..3", "change.it.date=2028-13..2029-01"):
        with pytest.raises(SensitivityError, match="needs its range, from low to high"):
            at_quantile(bad, u)


def test_a_policys_date_is_an_axis_and_a_policy_that_is_not_there_is_refused(tmp_path) -> None:
    """What begins later does less by the end: here the US share of chips after a subsidy."""
    base = Scenario.from_dict({"title": "Base", "months": 84, "change": [
        {"name": "subsidy", "date": "2027-01", "subsidy.us_usd_bn_per_year": 80.0}]})
    axes = ("change.subsidy.date=2026-02..2032-12", "uncertainty.herding")
    found = sensitivity(Subject(base, None, "us_domestic_chip_share", 2, tmp_path / "a"), axes, samples=16)
    assert found.indices.indices[0].axis == axes[0]
    assert found.indices.indices[0].total > 0.5
    with pytest.raises(ScenarioError, match="other"):
        sensitivity(Subject(base, None, "hostility", 2, tmp_path / "b"),
                    ("change.other.date=2027-01..2028-01", "uncertainty.herding"), samples=16)


@pytest.mark.thorough
@pytest.mark.slow
def test_the_hazards_of_incidents_drive_incidents_and_luck_does_the_rest(tmp_path) -> None:
    """A difference between scenarios can be asked about as well, and the same question gives the same numbers."""
    base = Scenario.from_dict({"title": "Base", "months": 60})
    strict = base.with_({"regulation.strictness": 0.9}, title="Strict")
    axes = ("uncertainty.severe_hazard", "uncertainty.herding", "uncertainty.truce_months")
    found = sensitivity(Subject(base, None, "severe_incidents", 8, tmp_path / "a"), axes, samples=64)
    assert found.indices.indices[0].axis == "uncertainty.severe_hazard"
    assert found.indices.indices[0].total > 0.8
    assert 0.1 < found.luck_share < 1.0
    again = sensitivity(Subject(base, None, "severe_incidents", 8, tmp_path / "b"), axes, samples=64)
    assert again == found
    cost = ("uncertainty.compliance_share", "uncertainty.herding")
    difference = sensitivity(Subject(base, strict, "compliance_cost_usd_bn", 4, tmp_path / "c"), cost, samples=32)
    assert difference.indices.indices[0].axis == "uncertainty.compliance_share"
    assert "under Strict less under Base" in difference.subject


def test_shares_of_theories_and_of_others_are_the_closed_forms() -> None:
    """Groups of axes: y = a + 2 b + 3 a b' has shares that add up, whatever the axes within a group do together."""
    axes = ("structure.powers", "uncertainty.herding", "uncertainty.severe_hazard")

    def run(u: np.ndarray) -> Outputs:
        hazards = np.where(at_quantile(axes[0], u[:, 0]) == "hazards", 1.0, -1.0)
        x, y = (np.sqrt(12.0) * (u[:, place] - 0.5) for place in (1, 2))
        return Outputs.of(u, 2.0 * hazards + x + y + x * y + hazards * x)

    theories, others = by_kind(axes, run, 4096)
    assert (theories.first, others.first) == pytest.approx((4.0 / 8.0, 3.0 / 8.0), abs=0.03)
    assert (theories.total, others.total) == pytest.approx((5.0 / 8.0, 4.0 / 8.0), abs=0.03)


def test_which_race_holds_decides_how_careful_the_leader_is(tmp_path) -> None:
    base = Scenario.from_dict({"title": "Base", "months": 12})
    axes = ("structure.safety_race", "uncertainty.herding", "regulation.strictness")
    found = sensitivity(Subject(base, None, "safety_effort", 2, tmp_path), axes, samples=128)
    assert found.shares is not None
    assert found.shares.theories - found.shares.theories_half > 0.5
    assert found.shares.luck + found.shares.theories + found.shares.parameters + found.shares.joint == pytest.approx(1)
    assert found.indices.indices[0].axis == "structure.safety_race"
    alone = sensitivity(Subject(base, None, "safety_effort", 2, tmp_path / "b"), axes[1:], samples=16)
    assert alone.shares is None
