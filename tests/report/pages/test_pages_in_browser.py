"""Every page in a real browser: no violation that axe finds, no sideways scrolling, nothing fetched, and it prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from sim.cli.commands import app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
CORE = ("light_rivalry", "light_cooperation", "strict_rivalry", "strict_cooperation")
SWEEP = """
title = "Small"
base = "baseline.toml"
runs = 4
uncertainty = "luck"
[axes]
"regulation.strictness" = [0.0, 0.5, 1.0]
"diplomacy.us_china_cooperation" = [0.1, 0.8]
"""
QUESTION = """
title = "Small <b>"
base = "baseline"
who = "us"
months = 24
[[objective]]
outcome = "hostility"
[[objective]]
outcome = "us_china_lag_year_months"
better = "higher"
[trade]
chip_controls = { from = 0.0, to = 1.5, step = 0.25 }
[[when]]
name = "ease"
off = [true, false]
outcome = "hostility"
above = { from = 0.3, to = 0.7, step = 0.2 }
"trade.chip_controls" = 0.0
"""
SHORT = ("--months", "36")
COMMANDS: dict[str, tuple[str, ...]] = {
    "comparison": ("compare", *CORE, "--runs", "40", *SHORT, "--out", "comparison"),
    "brief": ("brief", "comparison", "--out", "brief.html"),
    "run": ("run", "strict_rivalry", "--out", "run"),
    "why": ("why", "baseline", "strict_rivalry", "--run", "1", "--months", "24", "--out", "why"),
    "sweep": ("sweep", "small.toml", "--out", "sweep", "--workers", "1"),
    "sensitivity": (
        "sensitivity", "baseline.toml", "--over", "uncertainty.compliance_share", "--over", "uncertainty.herding",
        "--outcome", "compliance_cost_usd_bn", "--samples", "16", "--runs", "2", "--out", "sensitivity"),
    "worth": ("worth", "light_rivalry", "strict_rivalry", "--runs", "80", *SHORT, "--objective",
              "severe_incidents=-10, compliance_cost_usd_bn=-1", "--know", "severe_hazard,hazard_growth",
              "--out", "worth"),
    "game": ("game", "us_china_controls", "--runs", "40", "--months", "12", "--workers", "1", "--out", "game"),
    "advice": ("advise", "question.toml", "--candidates", "32", "--futures", "16", "--judged", "80", "--out", "advice"),
    "explorer": ("explore", "sweep", "--out", "explorer.html"),
    "back-test": ("backtest", "--runs", "24", "--out", "backtest"),
}
PAGES = {"comparison": "comparison/report.html", "brief": "brief.html", "run": "run/story.html", "why": "why/why.html",
         "sweep": "sweep/report.html", "sensitivity": "sensitivity/report.html",
         "worth": "worth/worth.html", "game": "game/game.html", "advice": "advice/report.html",
         "explorer": "explorer.html", "back-test": "backtest/backtest.html"}
MADE_FROM = {"brief": "comparison", "explorer": "sweep"}
WIDTHS = (1280, 390)


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder in which each page is written when it is first asked for."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "baseline.toml").write_text('title = "Base <b>"\nmonths = 24\n')
    (folder / "small.toml").write_text(SWEEP)
    (folder / "question.toml").write_text(QUESTION)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(name="written", params=list(COMMANDS))
def _written(request: pytest.FixtureRequest, folder: Path) -> Path:
    return page_of(folder, request.param)


def page_of(folder: Path, name: str) -> Path:
    """The page of this name, written if it is not there yet; a brief and the explorer tell a study that is saved."""
    path = folder / PAGES[name]
    if not path.exists():
        if name in MADE_FROM:
            page_of(folder, MADE_FROM[name])
        done = CliRunner().invoke(app, [*COMMANDS[name], "--quiet"])
        assert done.exit_code == 0, done.output
    return path


def opened(browser: Browser, path: Path, width: int = 1280, scheme: str = "light") -> Page:
    """The page without a network, all that is folded unfolded; a request for anything but the file fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True,
                                  bypass_csp=True)
    page = context.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert [url for url in fetched if not url.startswith("data:")] == [path.as_uri()]
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation_and_the_page_never_scrolls_sideways(
    browser: Browser, written: Path, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, written, width, scheme)
    found = Axe().run(page)
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found.response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert told == []
    assert wide <= width


def test_it_prints_in_black_on_white(browser: Browser, written: Path) -> None:
    page = opened(browser, written, scheme="dark")
    page.emulate_media(media="print")
    paper, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    printed = page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"})
    page.context.close()
    assert paper == "rgb(255, 255, 255)"
    assert all(int(part) < 60 for part in ink.removeprefix("rgb(").removesuffix(")").split(","))
    assert printed.startswith(b"%PDF")


def test_a_brief_prints_as_one_sheet_and_is_the_first_of_its_report(browser: Browser, folder: Path) -> None:
    page = opened(browser, page_of(folder, "brief"))
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    page.context.close()
    assert printed.count(b"/Type /Page\n") == 1
    report = opened(browser, page_of(folder, "comparison"))
    report.emulate_media(media="print")
    breaks = "id => getComputedStyle(document.getElementById(id)).breakBefore"
    assert [report.evaluate(breaks, name) for name in ("brief", "scenarios")] == ["auto", "page"]
    report.context.close()


def test_it_is_one_small_file(written: Path) -> None:
    assert written.stat().st_size < 10_000_000


def test_every_section_of_the_report_can_be_reached_from_its_top_by_keyboard(browser: Browser, folder: Path) -> None:
    page = opened(browser, page_of(folder, "comparison"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the brief"
    names = page.eval_on_selector_all("nav a", "links => links.map(link => link.hash)")
    reached = []
    for _ in names:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.hash"))
    page.keyboard.press("Enter")
    assert reached == names
    page.wait_for_url("**#reproduce")
    assert [page.locator(name).count() for name in names] == [1] * len(names)
    page.context.close()
