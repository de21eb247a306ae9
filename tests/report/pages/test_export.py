"""Results and studies as files for other programs: the same bytes, texts as texts, units, nothing overwritten."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from made_up import HOSTILE, PLAIN, made_up_results

from sim.common.arguments import ArgumentError
from sim.report.pages import export as room
from sim.report.pages.export import Sheet, as_csv, as_workbook, headed, sheets_of, standing_alone
from sim.report.pages.study import Study
from sim.report.pages.told import numbers_of, told_of
from sim.studies.comparing.compare import Comparison, compare
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.sensitivity import Effect, Index, Indices, Sensitivity

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module", name="hostile")
def _hostile() -> Comparison:
    """Two scenarios of awkward titles, one of which begins with "="."""
    return compare(made_up_results(HOSTILE[:2], runs=6, months=14))


@pytest.fixture(scope="module", name="awkward")
def _awkward(hostile: Comparison) -> tuple[Study, list[Sheet]]:
    """Its study as it is told, and its tables."""
    study = told_of(hostile)
    return study, sheets_of(study, numbers_of(hostile))


@pytest.fixture(scope="module", name="found")
def _found() -> Sensitivity:
    axis = "uncertainty.severe_hazard"
    return Sensitivity("Severe incidents", "severe_incidents", (Effect(axis, 2.0, 1.0, 2.0),),
                       Indices((Index(axis, 0.6, 0.05, 0.7, 0.05),), 256), 0.4, 100, 4)


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_figure_is_there_twice_every_table_once_and_the_readme_names_each(found, tmp_path):
    folder = found.export(tmp_path / "out")
    study = told_of(found)
    names = {path.name for path in (folder / "figures").iterdir()}
    assert len(names) == 2 * len(study.figures) > 0
    assert {Path(name).suffix for name in names} == {".svg", ".png"}
    tables = sorted((folder / "tables").iterdir())
    assert len(tables) == len(study.tables) + len(numbers_of(found))
    told = (folder / "README.txt").read_text(encoding="utf-8")
    assert [path.stem for path in (*tables, *(folder / "figures").iterdir()) if path.stem not in told] == []
    assert " ".join(study.claims[0].split()) in " ".join(told.split())
    with zipfile.ZipFile(folder / "tables.xlsx") as book:
        assert sum(name.startswith("xl/worksheets/sheet") for name in book.namelist()) == len(tables) + 1


def test_the_same_study_gives_the_same_bytes(found, tmp_path):
    assert digests(found.export(tmp_path / "one")) == digests(found.export(tmp_path / "two"))


def test_numbers_are_written_in_full_with_their_unit_in_the_head(hostile, awkward):
    sheets = {sheet.about: sheet for sheet in awkward[1]}
    sheet = sheets["Differences to the baseline (numbers in full)"]
    lag = next(row for row in sheet.rows if row[1] == "us_china_lag_months")
    assert sheet.head[:5] == ["scenario", "outcome", "unit", "baseline_mean [unit]", "mean [unit]"]
    row = hostile.table.iloc[0]
    assert lag[2] == "months"
    assert lag[sheet.head.index("difference [unit]")] == row["difference"]
    written = next(csv.DictReader(io.StringIO(as_csv(sheet).decode())))
    assert float(written["difference [unit]"]) == row["difference"]
    head, _ = headed(hostile.results.runs)
    assert "us_china_lag_months [months]" in head
    assert "compliance_cost_usd_bn [USD bn]" in head
    assert headed(hostile.spread)[0][:3] == ["scenario", "outcome", "unit"]


def test_a_title_that_begins_like_a_formula_is_text_in_every_table(awkward):
    study, sheets = awkward
    formula = HOSTILE[1]
    cells = [cell for sheet in sheets for row in csv.reader(io.StringIO(as_csv(sheet).decode())) for cell in row]
    assert any(cell == f"'{formula}" for cell in cells)
    assert [cell for cell in cells if cell.startswith("=")] == []
    with zipfile.ZipFile(io.BytesIO(as_workbook(study, sheets))) as book:
        pages = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert all(next(ElementTree.fromstring(book.read(page)).iter(f"{SPREADSHEET}f"), None) is None
                   for page in pages)
        texts = ElementTree.fromstring(book.read("xl/sharedStrings.xml")).itertext()
        assert formula in {"".join(text) for text in texts}


def test_a_table_too_long_for_a_sheet_is_named_there_and_whole_in_its_file(found, monkeypatch):
    monkeypatch.setattr(room, "MOST_ROWS", 2)
    sheet = Sheet("01-long", "Long", ["n"], [[number] for number in range(3)])
    with zipfile.ZipFile(io.BytesIO(as_workbook(told_of(found), [sheet]))) as book:
        assert b"3 rows, more than a sheet holds: tables/01-long.csv" in book.read("xl/sharedStrings.xml")
    assert as_csv(sheet).decode().split() == ["n", "0", "1", "2"]


def test_what_has_no_number_is_an_empty_cell_and_infinity_a_word():
    import pandas as pd

    head, rows = headed(pd.DataFrame({"a": [np.nan, np.inf], "month": [0, 1], "names": [["x", "y"], None]}))
    assert head == ["a", "month [from 0]", "names"]
    assert rows == [[None, 0, "x; y"], [float("inf"), 1, None]]


def test_a_folder_that_holds_something_is_refused_and_left_as_it_was(found, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"holds 'mine.txt' already, and an export overwrites nothing"):
        found.export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(StoreError, match="is not a folder"):
        found.export(tmp_path / "mine.txt")
    with pytest.raises(TypeError, match="folder must be the path"):
        found.export(3)
    with pytest.raises(ArgumentError, match="dict is neither results nor a study"):
        told_of({})


def test_an_export_that_is_broken_off_leaves_nothing(found, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "as_workbook", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        found.export(tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_a_picture_that_stands_alone_says_what_was_run_and_the_page_keeps_its_own(found):
    study = told_of(found)
    figure = study.figures[0]
    before = figure.svg.figure.get_size_inches().tolist()
    alone = standing_alone(figure, study.facts)
    said = " ".join(text.get_text() for text in alone.texts)
    assert figure.title in said
    assert " ".join(study.facts.split()) in said
    assert figure.svg.figure.get_size_inches().tolist() == before


def test_results_without_a_comparison_are_written_with_the_primary_outcomes():
    results = made_up_results(PLAIN[:1], runs=3, months=6)
    assert "Runs: each outcome as one number" in numbers_of(results)
    study = told_of(results)
    assert len(study.figures) == 8
    assert list(study.claims) == []
