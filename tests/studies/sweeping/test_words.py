"""Axes of words: rival theories as points of a grid or drawn beside numbers, kept as words, told in the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.model.beliefs import theories
from sim.report.pages.discovery import limit_in_words, told_of_boxes
from sim.report.pages.sweep import told
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.discovery import Condition, boxes, means_of
from sim.studies.sweeping.surface import associations
from sim.studies.sweeping.sweep import Sweep


def design(tmp_path: Path, axes: str, rest: str = "") -> Design:
    """A small design with these axes."""
    path = tmp_path / "design.toml"
    path.write_text(f'title = "Words"\nbase = "baseline"\nruns = 2\nmonths = 6\n[axes]\n{axes}\n{rest}')
    return Design.load(path)


def test_a_grid_takes_words_in_the_order_of_the_lever_and_any_for_all(tmp_path: Path) -> None:
    listed = design(tmp_path, '"structure.powers" = ["hazards", "payoffs"]\n"regulation.strictness" = [0.9, 0.1]')
    assert listed.points == (("payoffs", 0.9), ("payoffs", 0.1), ("hazards", 0.9), ("hazards", 0.1))
    assert (listed.along(0), listed.along(1)) == (("payoffs", "hazards"), (0.1, 0.9))
    every = design(tmp_path, '"structure.safety_race" = "any"')
    assert every.points == tuple((choice,) for choice in theories()["structure.safety_race"].choices)
    assert design(tmp_path, '"regulation.information" = ["private", "none"]').points[0] == ("none",)


def test_a_sample_draws_each_word_as_often(tmp_path: Path) -> None:
    drawn = design(tmp_path, '"structure.*" = "any"\n"regulation.strictness" = { from = 0.0, to = 1.0 }',
                   '[sample]\nmethod = "sobol"\npoints = 64')
    assert drawn.axes == (*theories(), "regulation.strictness")
    races = [point[drawn.axes.index("structure.safety_race")] for point in drawn.points]
    assert [races.count(choice) for choice in theories()["structure.safety_race"].choices] == [16] * 4
    names, columns = drawn.columns()
    assert columns.shape == (64, sum(len(theory.choices) - 1 for theory in theories().values()) + 1)
    assert names[0] == "structure.imitation = gated"
    assert set(np.unique(columns[:, :-1])) == {0.0, 1.0}


def test_words_are_kept_and_each_point_is_the_run_of_its_theory(tmp_path: Path) -> None:
    of = design(tmp_path, '"structure.imitation" = "any"')
    sweep = Sweep.begin(tmp_path / "sweep", of)
    sweep.run()
    table = sweep.read()
    assert list(table["structure.imitation"].unique()) == ["delay", "gated", "distance"]
    assert Sweep.open(tmp_path / "sweep").design == of
    for point, word in enumerate(of.along(0)):
        alone = sim.simulate(of.base.with_({"structure.imitation": word}), runs=2, months=6)
        kept = table.loc[table["point"] == point, "us_china_lag_months"]
        assert kept.to_numpy() == pytest.approx(alone.outcome("us_china_lag_months")[0, :, -1])
    page = told(sweep).page()
    assert "Point by point" in page
    assert "gated" in page


def test_an_association_names_the_word_that_goes_with_an_outcome(tmp_path: Path) -> None:
    drawn = design(tmp_path, '"structure.safety_race" = "any"\n"regulation.strictness" = { from = 0.0, to = 1.0 }',
                   '[sample]\nmethod = "sobol"\npoints = 64')
    means = np.array([float(point[0] == "contest") for point in drawn.points])
    first = associations(means, drawn)[0]
    assert (first.axis, round(first.correlation, 6)) == ("structure.safety_race = contest", 1.0)


def test_boxes_say_which_theory_fails(tmp_path: Path) -> None:
    """Care under the contest is greater than under the race: a box of low care leaves the contest out."""
    drawn = design(tmp_path, '"structure.safety_race" = ["armstrong", "contest"]\n'
                   '"regulation.strictness" = { from = 0.0, to = 1.0 }', '[sample]\nmethod = "sobol"\npoints = 64')
    sweep = Sweep.begin(tmp_path / "sweep", drawn)
    sweep.run()
    found = boxes(sweep, Condition("safety_effort", False, float(np.median(means_of(sweep, "safety_effort")))))
    limit = found.boxes[-1].limits[0]
    assert (limit.axis, limit.where) == ("structure.safety_race = contest", "no")
    assert limit_in_words(limit, found) == "Theory of the safety race is not contest"
    page = told_of_boxes(found, drawn, tmp_path / "sweep", "airace discover sweep").page()
    assert "Theory of the safety race is not contest" in page
