"""What a sensitivity study says: no winner that its samples do not show, no share that a share cannot be."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim.report.pages.sensitivity import finding, told
from sim.studies.sweeping.sensitivity import Effect, Index, Indices, Sensitivity

HAZARD, GROWTH, FRIGHT = (f"uncertainty.{name}" for name in ("severe_hazard", "hazard_growth", "incident_fright"))


def made_up(half: float) -> Sensitivity:
    """Shares of three parameters whose intervals are about so wide; of few samples, so beyond what a share can be."""
    wild = half > 0.1
    indices = (Index(HAZARD, 1.21 if wild else 0.62, half, 1.20 if wild else 0.66, half),
               Index(GROWTH, 0.2, half, 0.3, half), Index(FRIGHT, -0.05, half, 0.02, half))
    effects = (Effect(GROWTH, 3.0, 1.0, 2.0), Effect(HAZARD, 2.0, 1.0, 2.0), Effect(FRIGHT, 1.0, 1.0, 2.0))
    return Sensitivity("Severe incidents", "severe_incidents", effects, Indices(indices, 16), 0.4, 100, 4)


def test_a_study_of_enough_samples_says_what_drives_the_outcome_and_by_how_much() -> None:
    said = finding(made_up(0.05))
    assert said.startswith("Severe incidents is driven most by ")
    assert "(66%, 61% to 71%)" in said
    assert "Luck makes 40%" in said
    assert "severe_hazard" not in said


def test_a_study_of_too_few_samples_names_no_winner_and_says_how_many_would_do() -> None:
    said = finding(made_up(5.77))
    assert said.startswith("16 base samples cannot tell what drives severe incidents most")
    assert "driven" not in said
    assert re.search(r"With --samples \d+ all shares should be", said)


def test_a_share_that_stands_out_is_named_though_others_are_uncertain() -> None:
    found = made_up(0.05)
    wide = tuple(replace(index, total_half=0.15) for index in found.indices.indices)
    said = finding(replace(found, indices=Indices(wide, 16)))
    assert said.startswith("Severe incidents is driven most by hazard of a severe incident")
    assert "(66%, 51% to 81%): its share of the variance" in said
    assert "With --samples 64 all shares should be within ±10%" in said


@pytest.mark.parametrize("half", [0.05, 5.77])
def test_no_share_is_below_nothing_or_above_all_and_none_alone_above_in_all(half: float, tmp_path: Path) -> None:
    page = told(made_up(half), "airace sensitivity").write(tmp_path / "report.html").read_text(encoding="utf-8")
    lead = page[page.index("Whose variance it is"):page.index("<svg", page.index("Whose variance it is"))]
    shares = [int(each) for each in re.findall(r"(\d+)%", lead)]
    assert all(share <= 100 for share in shares)
    assert ("has the largest share, 66% in all it acts through and 62% alone" in page) == (half < 0.1)
    assert ("So few samples do not tell which share is the largest" in page) == (half > 0.1)
