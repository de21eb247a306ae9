"""A saved front and a saved game in a real browser: by keyboard alone, on a phone, in the dark, and what axe finds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from made_up_folders import made_advice, made_game
from playwright.sync_api import Browser, Page, expect

from sim.app.guard import Guard
from sim.app.place import Place, listen
from sim.app.saved import pages
from sim.app.saved.folders import Saved, read

pytest.importorskip("pymoo")
pytestmark = pytest.mark.slow
WAIT = 60_000.0
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[Saved]:
    folder = tmp_path_factory.mktemp("saved")
    made_advice(folder / "advice")
    made_game(folder / "game")
    return [read(folder / "advice"), read(folder / "game")]


@pytest.fixture(scope="module")
def address(studies: list[Saved]) -> Iterator[str]:
    """The pages behind their guard, without the cockpit, which takes seconds to start."""
    import uvicorn
    from starlette.applications import Starlette

    listening = listen("127.0.0.1", 0)
    place = Place.of("127.0.0.1", listening.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(Guard(Starlette(routes=pages.routes(studies)), place), log_level="error",
                                           ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield place.address
    server.should_exit = True
    thread.join(10.0)


@pytest.fixture
def errors(page: Page) -> list[str]:
    """What the browser complains of, the content policy among it."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type in ("error", "warning") else None)
    return found


def in_light_dark_and_on_a_phone(page: Page) -> None:
    """Nothing that axe finds, and no scrolling sideways."""
    from axe_playwright_python.sync_playwright import Axe

    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 844})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def tab_until(page: Page, script: str) -> None:
    """Press Tab until the focused element satisfies a script of `element`."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"(element => {script})(document.activeElement)"):
            return
    pytest.fail(f"Tab does not lead to {script}")


def test_a_policy_is_read_and_chosen_by_keyboard_alone_and_its_link_opens_the_cockpit(
        page: Page, address: str, studies: list[Saved], errors: list[str]) -> None:
    shown = studies[0].shown
    page.goto(f"{address}saved/")
    tab_until(page, "element.textContent === 'Made up'")
    page.keyboard.press("Enter")
    advised = shown["policies"][shown["advised"]]
    expect(page.locator("#detail-title")).to_have_text(advised["name"])
    tab_until(page, "element.tagName === 'SELECT'")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#picture svg[role=group]")).to_have_attribute(
        "aria-label", f"Policies by {shown['axes'][1]['title']} and {shown['axes'][1]['title']}")
    tab_until(page, "element.dataset.place === '0'")
    expect(page.locator(".reading")).to_contain_text(shown["axes"][1]["texts"][0])
    page.keyboard.press("ArrowRight")  # the next one to the right
    place = int(page.evaluate("document.activeElement.dataset.place"))
    order = sorted(range(len(shown["policies"])), key=lambda each: (shown["axes"][1]["values"][each], each))
    assert place == order[(order.index(0) + 1) % len(order)]
    page.keyboard.press("Enter")
    chosen = shown["policies"][place]
    expect(page.locator("#detail-title")).to_have_text(chosen["name"])
    expect(page.locator("#detail-title")).to_be_focused()
    expect(page.locator("#detail")).to_contain_text(chosen["detail"]["says"][0])
    assert page.locator("#detail tbody tr").count() == sum(len(table["rows"]) for table in chosen["detail"]["tables"])
    assert page.locator("#detail a.open").get_attribute("href") == f"../?{chosen['detail']['link']['query']}"
    tab_until(page, "element.closest('.others') !== null")
    page.keyboard.press("Enter")
    runner_up = shown["policies"][chosen["detail"]["others"][0]["place"]]
    expect(page.locator("#detail-title")).to_have_text(runner_up["name"])
    page.reload()  # the address keeps what was chosen
    expect(page.locator("#detail-title")).to_have_text(runner_up["name"])
    in_light_dark_and_on_a_phone(page)
    assert errors == []


def test_marks_tell_how_policies_stand_and_touch_shows_one(browser: Browser, address: str,
                                                          studies: list[Saved]) -> None:
    shown = studies[0].shown
    page = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{address}saved/0")
    marks = page.locator("#picture svg[role=group] .mark")
    expect(marks).to_have_count(len(shown["policies"]))
    for place, policy in enumerate(shown["policies"]):
        assert marks.nth(place).locator(f".{policy['status']}").count() == 1
        assert marks.nth(place).locator(".alike").count() == int(place in shown["policies"][shown["advised"]]["tied"])
    last = len(shown["policies"]) - 1
    marks.nth(last).locator(".hit").tap(force=True)
    expect(page.locator("#detail-title")).to_be_in_viewport()
    page.context.close()


def test_a_profile_is_chosen_at_a_value_and_says_who_would_leave(page: Page, address: str, studies: list[Saved],
                                                                errors: list[str]) -> None:
    shown = studies[1].shown
    page.goto(f"{address}saved/1")
    expect(page.locator(".payoffs button")).to_have_count(4)
    for place, cell in enumerate(shown["rounds"][shown["first"]]["cells"]):
        for who, has in cell["lines"]:
            expect(page.locator(".payoffs button").nth(place)).to_contain_text(f"{who} {has}")
    tab_until(page, "element.dataset.at === 'c3'")
    page.keyboard.press("Enter")
    detail = shown["rounds"][shown["first"]]["details"][3]
    expect(page.locator("#detail-title")).to_have_text("Tighten / Tighten")
    expect(page.locator("#detail")).to_contain_text(detail["says"][1])
    other = 1 - shown["first"]
    page.locator("select").select_option(str(other))
    expect(page.locator("#detail")).to_contain_text(shown["rounds"][other]["details"][3]["says"][1])
    page.locator(f'[data-at="p{shown["path"]["drawn"][0]}-{shown["first"]}"]').press("Enter")  # from the path
    expect(page.locator("select")).to_have_value(str(shown["first"]))
    expect(page.locator("#detail-title")).to_have_text(shown["profiles"][shown["path"]["drawn"][0]])
    in_light_dark_and_on_a_phone(page)
    assert errors == []
