"""The page of policies across worlds: one file that holds all, whatever the titles are."""

from __future__ import annotations

import html.parser
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_up import HOSTILE
from made_up_worlds import made_up

from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.report.pages.worlds import told
from sim.studies.comparing.worlds import Worlds

MEANS = {"severe_incidents": ((3.0, 2.0, 1.0), (1.0, 2.0, 3.0)), "hostility": ((0.1, 0.5, 0.8), (0.1, 0.5, 0.8)),
         "state_control": ((0.1, 0.4, 0.6), (0.1, 0.4, 0.6))}


class Tags(html.parser.HTMLParser):
    """The tags and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]


@pytest.fixture(scope="module")
def found() -> Worlds:
    return made_up(MEANS)


def test_a_page_has_claims_a_picture_and_numbers_of_each_outcome_that_differs(found: Worlds, tmp_path: Path) -> None:
    study = told(found, "airace compare A B C --worlds worlds")
    assert [figure.title.partition(",")[0] for figure in study.figures] == [
        "Severe incidents in total", "Frontier compute under licence or state command", "US-China hostility on average"]
    assert [section.name for section in study.sections] == ["best", "differences", "regret", "turns", "worlds"]
    page = study.write(tmp_path / "report.html").read_text(encoding="utf-8")
    for figure in study.figures:
        assert figure.svg in page
    assert "airace compare A B C --worlds worlds" in page
    assert "What if World 2?" in page
    assert page == told(found, "airace compare A B C --worlds worlds").page()


def test_every_primary_outcome_has_its_numbers_drawn_or_not(found: Worlds) -> None:
    captions = {table.caption for table in told(found).tables}
    assert captions >= {OUTCOMES[name].summary_title for name in PRIMARY}


def test_an_axis_leaves_its_unit_to_the_label_beside_it(found: Worlds) -> None:
    figure = next(figure for figure in told(found).figures if figure.title.startswith("Frontier compute"))
    written = re.findall(r"<text[^>]*>([^<]+)</text>", figure.svg)
    assert "difference to A, points" in written
    assert "+20" in written
    assert "+30 points" in written  # amounts at the right have none beside them


def test_awkward_titles_do_no_harm(tmp_path: Path) -> None:
    titles = tuple(title.replace("\u202e", "").replace("\u202c", "")[:190] for title in HOSTILE)
    awkward = made_up({"severe_incidents": ((3.0, 2.0, 1.0),) * 2}, titles[:3], (titles[3], "B"))
    page = told(awkward).write(tmp_path / "report.html").read_text(encoding="utf-8")
    tags = Tags(page)
    assert not {"script", "img"} & set(tags.names)
    assert len(tags.ids) == len(set(tags.ids))
    assert "{{ 7*7 }}" in page


def test_without_names_a_page_is_silent_about_labs_that_a_world_sets_apart(found: Worlds) -> None:
    worlds = [replace(world, sets={"labs.xAI.openness": "0.9", "industry.openness": "2"}) for world in found.worlds]
    named = Worlds(found.results, found.policies, worlds)
    nameless = Worlds(found.results.anonymous(), found.policies, worlds)
    assert "labs.xAI" in told(named).page()
    assert "xAI" not in told(nameless).page()
    assert "industry.openness" in told(nameless).page()
