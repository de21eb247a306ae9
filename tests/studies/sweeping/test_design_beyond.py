"""Axes of a design leave their ranges only where its base says `beyond_range = true`; the report marks it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.report.pages.sweep import told
from sim.studies.sweeping.design import Design, DesignError
from sim.studies.sweeping.sweep import Sweep

ZERO = '"uncertainty.patron_stake" = [0.0, 0.06]\n'
DRAWN = ('"uncertainty.patron_stake" = { from = 0.0, to = 0.5 }\n"uncertainty.herding" = "prior"\n'
         "[sample]\npoints = 4\n")


def designed(folder: Path, axes: str, base: str = "beyond_range = true\n") -> Design:
    (folder / "base.toml").write_text(f'title = "Base"\nmonths = 3\n{base}', encoding="utf-8")
    (folder / "design.toml").write_text(
        f'base = "base.toml"\nruns = 2\nuncertainty = "luck"\n[axes]\n{axes}', encoding="utf-8")
    return Design.load(folder / "design.toml")


@pytest.mark.parametrize("axes", [ZERO, DRAWN])
def test_an_axis_needs_a_base_that_says_so(axes: str, tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="beyond_range = true"):
        designed(tmp_path, axes, base="")
    assert list(designed(tmp_path, axes).beyond()) == ["uncertainty.patron_stake"]


def test_there_is_an_end_to_it_with_the_word_too(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match=r"cannot be 1\.5"):
        designed(tmp_path, '"uncertainty.patron_stake" = [0.0, 1.5]\n')


def test_an_axis_replaces_what_the_base_sets(tmp_path: Path) -> None:
    base = "beyond_range = true\n[uncertainty]\npatron_stake = 0.0\nherding = 3.0\n"
    within = designed(tmp_path, '"uncertainty.patron_stake" = [0.02, 0.06]\n', base)
    assert within.beyond() == {"uncertainty.herding": 3.0}
    assert designed(tmp_path, ZERO).beyond() == {"uncertainty.patron_stake": (0.0, 0.06)}


def test_it_runs_is_kept_and_stands_in_the_report(tmp_path: Path) -> None:
    design = designed(tmp_path, ZERO)
    assert Design.from_resolved(json.loads(json.dumps(design.resolved()))).beyond() == design.beyond()
    sweep = Sweep.begin(tmp_path / "sweep", design)
    sweep.run()
    page = told(sweep).page()
    assert "Set beyond its range: uncertainty.patron_stake = 0 to 0.06 (range 0.02 to 0.12)." in page
