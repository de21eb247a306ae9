"""The report of a sweep: every figure described and with its numbers, what is incomplete said, names harmless."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.report.pages.sweep import told
from sim.studies.sweeping import chunks
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.sweep import Sweep

GRID = """
title = "Small <script>alert(1)</script>"
base = "base.toml"
runs = 12
uncertainty = "luck"
outcomes = ["severe_incidents", "compliance_cost_usd_bn", "small_labs", "hostility"]
[axes]
"regulation.strictness" = { from = 0.0, to = 1.0, steps = 4 }
"""
SECOND = '"diplomacy.us_china_cooperation" = [0.0, 0.5, 1.0]\n'
DRAWN = GRID.replace(", steps = 4", "") + '"uncertainty.severe_hazard" = "prior"\n[sample]\npoints = 16\n'


def swept(folder: Path, text: str) -> Sweep:
    (folder / "base.toml").write_text('title = "Base"\nmonths = 24\n')
    (folder / "design.toml").write_text(text)
    return Sweep.begin(folder / "out", Design.load(folder / "design.toml"))


def page_of(sweep: Sweep) -> str:
    return told(sweep).write(sweep.folder / "report.html").read_text()


def check_figures(page: str) -> None:
    """Text stays text, colours are variables, each drawing has a title and a description, each table a caption."""
    drawings = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    assert drawings
    for drawing in drawings:
        assert 'role="img"' in drawing
        assert re.search(r"<title id=[^>]*>[^<]+</title>", drawing)
        assert re.search(r"<desc id=[^>]*>[^<]+</desc>", drawing)
        assert "<text" in drawing
        assert "var(--" in drawing
    assert page.count("<table>") == page.count("<caption>")
    assert "<img" not in page
    identities = re.findall(r'\bid="([^"]+)"', page)
    assert len(identities) == len(set(identities))
    assert "http" not in page.replace("http://www.w3.org/", "").replace("http-equiv", "")
    assert "<script" not in page


@pytest.mark.slow
def test_a_map_of_two_levers_is_told_drawn_and_tabled(tmp_path: Path) -> None:
    sweep = swept(tmp_path, GRID + SECOND)
    sweep.run()
    page = page_of(sweep)
    check_figures(page)
    assert "both together" in page
    for heading in ("Over both levers", "Do the two add up?", "Along strictness of rules",
                    "Along US-China cooperation", "What cannot be had together", "Least bad almost everywhere"):
        assert heading in page, heading
    assert "Incomplete" not in page
    assert page == page_of(sweep)


@pytest.mark.slow
def test_what_is_not_done_is_said_and_left_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 24)

    def stop(done: int, *_: int) -> None:
        if done >= 72:
            raise KeyboardInterrupt

    sweep = swept(tmp_path, GRID + SECOND)
    with pytest.raises(KeyboardInterrupt):
        sweep.run(progress=stop)
    page = page_of(sweep)
    check_figures(page)
    assert "Incomplete: 6 of 12 points are done" in page
    assert "Empty cells are not done." in page
    assert "Do the two add up?" not in page


@pytest.mark.slow
def test_one_lever_gives_slices_and_drawn_points_give_a_tornado(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, drawn = swept(tmp_path / "a", GRID), swept(tmp_path / "b", DRAWN)
    one.run()
    drawn.run()
    page = page_of(one)
    check_figures(page)
    assert "Strictness of rules at 1 instead of 0" in page
    page = page_of(drawn)
    check_figures(page)
    assert "these go together most closely" in page
    assert "What cannot be had together" not in page  # an assumption is nobody's choice
