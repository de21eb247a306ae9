"""Games in a real browser: alone by keyboard to the debrief, and six seats in a room that is started again."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from serving import PATIENCE, served
from typer.testing import CliRunner

from sim.app.play.roles import ROLES
from sim.cli.commands import app
from sim.engine.simulate import simulate
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow
WAIT = 1000.0 * PATIENCE
expect.set_options(timeout=WAIT)


def violations(page: Page) -> str:
    """What axe finds wrong with the page; empty if nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return "" if found.violations_count == 0 else str(found.generate_report())


def in_light_dark_and_on_a_phone(page: Page) -> None:
    """Nothing that axe finds, and no scrolling sideways, however the page is looked at."""
    before = page.viewport_size
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 844})
        assert violations(page) == "", (scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size(before or {"width": 1280, "height": 844})


def shorten(page: Page, name: str) -> None:
    """Let the page offer a game of four quarters, which the server plays as well as a longer one."""
    page.locator(f"#{name} option").first.evaluate("option => { option.value = '4' }")


def tab_to(page: Page, wanted: str, most: int = 60) -> None:
    """Press Tab until the element of this id, or a button of this name, has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("[document.activeElement.id, document.activeElement.textContent].join('|')").split("|")[
                0 if wanted.startswith("#") else 1].strip() == wanted.lstrip("#"):
            return
    pytest.fail(f"{wanted} is not reached by Tab")


def test_a_game_alone_is_played_by_keyboard_alone_to_the_debrief_and_its_file_gives_the_same_run(
        page: Page, tmp_path: Path) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    with served("--out", str(tmp_path / "games"), what="play") as (address, _):
        page.set_default_timeout(WAIT)
        page.goto(address)
        expect(page.locator("h1")).to_have_text("Who will you be?")
        in_light_dark_and_on_a_phone(page)
        shorten(page, "quarters")
        page.locator("body").press("Home")
        page.evaluate("document.activeElement.blur()")
        tab_to(page, "#quarters")
        page.keyboard.press("Home")
        tab_to(page, "#run")
        page.keyboard.type("17")
        tab_to(page, "Begin")
        page.keyboard.press("Enter")
        expect(page.locator("#news-title")).to_have_text("The news of 2026 Q1")
        expect(page.locator("#news-title")).to_be_focused()
        tab_to(page, "#regulation.us.strictness")
        page.keyboard.press("End")
        expect(page.locator("#left")).to_contain_text("1 of 2 decisions")
        tab_to(page, "#ask")
        page.keyboard.press("Enter")
        expect(page.locator("#answer")).to_be_focused()
        in_light_dark_and_on_a_phone(page)
        tab_to(page, "#next")
        page.keyboard.press("Enter")
        expect(page.locator("#news-title")).to_have_text("The news of 2026 Q2")
        page.reload()  # the game is where it was
        expect(page.locator("#news-title")).to_have_text("The news of 2026 Q2")
        for quarter in ("2026 Q3", "2026 Q4"):
            tab_to(page, "#next")
            page.keyboard.press("Enter")
            if quarter != "2026 Q4":
                expect(page.locator("#news-title")).to_have_text(f"The news of {quarter}")
        expect(page.locator("#share")).to_contain_text("I played the US in airace, 4 quarters from January 2026.")
        expect(page.locator("#title")).to_be_focused()
        in_light_dark_and_on_a_phone(page)
        assert page.pdf().startswith(b"%PDF")
        with page.expect_download() as downloaded:
            tab_to(page, "Download the game's file")
            page.keyboard.press("Enter")
        game = tmp_path / "game.toml"
        downloaded.value.save_as(game)
        shown = page.locator(".gauge .now").all_inner_texts()
    assert errors == []
    again = simulate(Scenario.load(game), runs=1, first_run=17, seed=0)
    assert '"regulation.us.strictness" = 0.9' in game.read_text()
    lag = again.outcome("us_china_lag_months")[0, 0, -1]
    assert float(re.findall(r"[\d.]+", shown[0])[0]) == pytest.approx(lag, rel=0.005)  # shown with three digits
    told = CliRunner().invoke(app, ["run", str(game), "--seed", "0", "--run", "17"])
    assert told.exit_code == 0
    assert np.isfinite(lag)


def test_six_seats_play_a_room_of_twelve_quarters_to_the_debrief_with_a_lost_connection_and_a_restart(
        browser: Browser, tmp_path: Path) -> None:
    folder = str(tmp_path / "games")
    with ExitStack() as left:
        link, process = left.enter_context(served("--room", "--out", folder, what="play"))
        address, port = link.partition("#")[0], urlsplit(link).port or 0
        host = left.enter_context(browser.new_context(viewport={"width": 1280, "height": 900})).new_page()
        host.set_default_timeout(WAIT)
        host.goto(link)
        host.locator("#roomquarters").select_option("12")
        host.locator("#minutes").fill("0")
        host.locator("#roomrun").fill("17")
        host.get_by_role("button", name="Open the room").click()
        code = host.locator(".code").inner_text()
        wall = left.enter_context(browser.new_context()).new_page()
        wall.set_default_timeout(WAIT)
        wall.goto(address + str(host.get_by_role("link", name="Projector view").get_attribute("href")))
        seats = {role: left.enter_context(browser.new_context()).new_page() for role in ROLES}
        for role, page in seats.items():
            page.set_default_timeout(WAIT)
            page.goto(address)
            page.locator("#code").fill(code.lower())
            page.locator("#player").fill(f"<img src=x onerror=alert(1)> {role}"[:24])
            page.get_by_role("button", name="Show free seats").click()
            page.get_by_role("button", name=f"Sit here: {ROLES[role].opening}").click()
            expect(page.locator("h1")).to_have_text("Waiting for the host to begin")
        expect(host.locator(".seats li")).to_have_count(6)
        assert host.locator(".seats img").count() == 0
        host.get_by_role("button", name="Begin with who is here").click()
        for quarter in range(1, 12):
            for page in seats.values():
                expect(page.locator("#where")).to_contain_text(f"quarter {quarter} of 12")
            if quarter == 4:  # one loses its connection in the middle of a round, and comes back to its seat
                seats["eu"].context.set_offline(True)
                expect(seats["eu"].locator("#trouble")).to_contain_text("connection to the server is lost")
                seats["eu"].context.set_offline(False)
                expect(seats["eu"].locator("#trouble")).to_be_empty()
            if quarter == 6:  # the server ends and is started again; no page is opened anew
                process.kill()
                process.wait()
                expect(seats["us"].locator("#trouble")).to_contain_text("connection to the server is lost")
                _, process = left.enter_context(served("--room", "--out", folder, what="play", port=port))
                expect(seats["us"].locator("#trouble")).to_be_empty()
            for number, page in enumerate(seats.values()):
                if quarter % 6 == number:
                    page.locator(".desk select").first.select_option(index=0)
                expect(page.locator("#next")).to_have_text("I am ready")
                page.locator("#next").click()
                if number < 5:
                    expect(page.locator("#next")).to_have_text("Changed my mind: decide again")
            if quarter == 2:
                expect(wall.locator("#where")).to_contain_text("quarter 3 of 12")
                in_light_dark_and_on_a_phone(wall)
        for role, page in seats.items():
            expect(page.locator("#share")).to_contain_text(f"I played {ROLES[role].name}")
        expect(host.locator("h1")).to_have_text("Debrief: January 2026 to December 2028")
        in_light_dark_and_on_a_phone(host)
        text = next((tmp_path / "games").glob("*/game.toml")).read_text()
        assert 3 <= text.count("[[change]]") <= 11
        scenario = Scenario.load(next((tmp_path / "games").glob("*/game.toml")))
        lag = simulate(scenario, runs=1, first_run=17, seed=0).outcome("us_china_lag_months")[0, 0, -1]
        shown = float(re.findall(r"-?[\d.]+", seats["us"].locator(".gauge .now").first.inner_text())[0])
        assert shown == pytest.approx(lag, rel=0.005)
