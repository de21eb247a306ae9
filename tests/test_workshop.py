"""The workshop kit: role sheets are the game's and print on a page each; slides turn by keyboard; axe finds nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
KIT = ROOT / "docs" / "workshop"
SHEETS, SLIDES = KIT / "roles.html", KIT / "slides.html"


def test_the_role_sheets_are_those_of_the_game() -> None:
    spec = importlib.util.spec_from_file_location("generate_roles", ROOT / "docs" / "generate_roles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert SHEETS.read_text(encoding="utf-8") == module.page(), "stale: run `python docs/generate_roles.py`"


def test_the_kit_says_plainly_that_nobody_has_tried_it() -> None:
    for name in ("index.md", "limits.md", "script_90.md", "half_day.md", "slides.html"):
        text = " ".join((KIT / name).read_text(encoding="utf-8").split()).lower()
        assert any(word in text for word in ("no people have", "nobody has tried", "has not been tried")), name


@pytest.mark.slow
def test_each_role_sheet_prints_on_one_page_and_each_slide_on_another(page: Page) -> None:
    for path, pages in ((SHEETS, 6), (SLIDES, 10)):
        page.goto(path.as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.count(b"/Type /Page\n") == pages, path.name


@pytest.mark.slow
@pytest.mark.parametrize("path", [SHEETS, SLIDES], ids=lambda path: path.stem)
def test_axe_finds_nothing_in_the_kit_s_pages_in_light_and_dark_on_a_desk_and_a_phone(page: Page, path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path.as_uri())
        assert Axe().run(page).violations_count == 0, (scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_slides_turn_by_keyboard(page: Page) -> None:
    page.goto(SLIDES.as_uri())
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    page.wait_for_timeout(300)
    assert abs(page.evaluate("document.getElementById('s3').getBoundingClientRect().top")) < 5
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(300)
    assert abs(page.evaluate("document.getElementById('s2').getBoundingClientRect().top")) < 5
