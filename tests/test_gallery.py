"""docs/gallery.md is what its program writes of what was measured, and asks what this version can answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_docs import script

from sim.report.words import brief
from sim.scenario.scenario import Scenario
from sim.scenario.shipped import scenario_files

DOCS = Path(__file__).parents[1] / "docs"
GALLERY = script("draw_gallery")
MEASURED = json.loads((DOCS / "gallery.json").read_text(encoding="utf-8"))
TEXT = (DOCS / "gallery.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_program_writes_of_what_was_measured() -> None:
    assert GALLERY.page(MEASURED) == TEXT, "stale: run `python docs/draw_gallery.py --page`"
    assert [each["name"] for each in MEASURED] == [entry.name for entry in GALLERY.ENTRIES]


def test_there_are_twelve_questions_of_shipped_scenarios_each_asked_once() -> None:
    assert len({entry.question for entry in GALLERY.ENTRIES}) == 12
    assert {name for entry in GALLERY.ENTRIES for name in entry.scenarios} <= set(scenario_files())
    assert TEXT.count("```text\nairace compare ") == 12


def test_each_answer_is_the_briefs_and_has_a_range_beside_its_number() -> None:
    for entry, each in zip(GALLERY.ENTRIES, MEASURED, strict=True):
        told = GALLERY.chosen(entry.sentences, each["answer"])
        assert len(told) == 2
        assert set(told) <= set(each["answer"])
        assert all(said in TEXT for said in told)
        if not entry.worlds:
            assert re.search(r"\([^)]* to [^)]*\)", " ".join(told)), entry.name
        titles = [Scenario.load(name).title for name in entry.scenarios]
        assert all(title in each["title"] for title in titles), "measured of other scenarios"


def test_who_loses_is_told_beside_who_gains() -> None:
    sections = re.split(r"^## ", TEXT, flags=re.M)[1:]
    assert all("- **Who gains**: " in section and "- **Who loses**: " in section for section in sections)
    told = GALLERY.side([f"{letter}." for letter in "ABCDE"] + [brief.BY_SALES])
    assert told == "a. B. C. 2 more in the brief."


@pytest.mark.parametrize("name", [entry.name for entry in GALLERY.ENTRIES])
def test_each_picture_is_small_readable_in_light_and_dark_and_described(name: str) -> None:
    path = DOCS / "images" / "gallery" / f"{name}.svg"
    text = path.read_text(encoding="utf-8")
    assert len(text) < 40_000
    assert "prefers-color-scheme: dark" in text
    root = ElementTree.fromstring(text)
    assert root.findtext("{http://www.w3.org/2000/svg}title")
    assert "200 runs" in "".join(root.itertext())
