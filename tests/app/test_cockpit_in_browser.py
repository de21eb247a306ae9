"""What a visitor does with the cockpit, in a real browser."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from serving import PATIENCE, served
from typer.testing import CliRunner

from sim.cli.commands import app

pytestmark = pytest.mark.slow
WAIT = 1000.0 * PATIENCE
STRICTNESS = "Strictness of rules"
expect.set_options(timeout=WAIT)


def open_whole(page: Page, address: str) -> None:
    """Open a page and wait until all runs are drawn."""
    page.set_default_timeout(WAIT)
    page.goto(address)
    whole(page)


def whole(page: Page) -> None:
    expect(page.locator("main .outcomes .status")).to_contain_text("200 runs of each")


def numbers(page: Page, outcome: str = "compliance_cost_usd_bn") -> list[str]:
    """The last row of a chart's table, as a screen reader finds it."""
    figure = page.locator(f'figure[data-outcome="{outcome}"]')
    return [str(cell) for cell in figure.locator("tbody tr").last.locator("th, td").all_text_contents()]


def violations(page: Page) -> str:
    """What axe finds wrong with the page; empty if nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return "" if found.violations_count == 0 else str(found.generate_report())


def test_a_slider_moved_by_keyboard_changes_charts_and_link_and_the_link_opens_the_same(
    page: Page, cockpit: str
) -> None:
    open_whole(page, cockpit)
    alone = numbers(page)
    assert len(alone) == 2
    slider = page.get_by_role("slider", name=STRICTNESS, exact=True)
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"\?regulation\.strictness=0\.49$"))
    expect(page.locator('figure[data-outcome="compliance_cost_usd_bn"] thead')).to_contain_text("Your scenario")
    whole(page)
    moved = numbers(page)
    assert moved[:2] == alone
    assert moved[2] != alone[1]
    expect(page.locator("main .finding")).to_contain_text("Under “Your scenario”, against “Baseline”:")
    assert page.get_by_label(f"{STRICTNESS}, 0-1").input_value() == "0.49"

    page.reload()
    whole(page)
    assert numbers(page) == moved
    assert slider.input_value() == "0.49"


def test_a_closed_group_says_how_many_of_its_levers_are_changed(page: Page, cockpit: str) -> None:
    page.goto(f"{cockpit}?structure.powers=any&regulation.eu.strictness=0.9")
    expect(page.locator("summary", has_text="More on structure")).to_have_text("More on structure: 1 changed")
    expect(page.locator("summary", has_text="Main levers")).to_have_text("Main levers: 1 changed")
    expect(page.locator("summary", has_text="More on trade")).to_have_text("More on trade")


def test_a_number_typed_into_a_field_moves_the_lever_and_a_bad_one_is_refused_there(page: Page, cockpit: str) -> None:
    open_whole(page, cockpit)
    field = page.get_by_label(f"{STRICTNESS}, 0-1")
    field.fill("0.8")
    field.press("Enter")
    expect(page).to_have_url(re.compile("strictness=0.8$"))
    field.fill("8")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "8 is out of range: Strictness of rules goes from 0 to 1, and stays at 0.8.")
    assert field.input_value() == "8"  # what was written can be mended
    expect(page).to_have_url(re.compile("strictness=0.8$"))
    run = page.get_by_label("Run", exact=True)
    run.fill("99999")
    run.press("Enter")
    expect(run).to_have_accessible_description("Run is a whole number from 0 to 9999, not '99999'.")
    expect(field).not_to_have_attribute("aria-invalid", "true")  # one thing is wrong at a time
    field.fill("0.7")
    field.press("Enter")
    expect(page).to_have_url(re.compile("strictness=0.7$"))
    expect(run).not_to_have_attribute("aria-invalid", "true")


def test_a_bad_link_is_refused_in_a_sentence_and_the_rest_is_kept(page: Page, cockpit: str) -> None:
    open_whole(page, f"{cockpit}?regulation.strictness=7&diplomacy.us_china_cooperation=0.9")
    expect(page.get_by_role("alert")).to_contain_text("regulation.strictness is a number from 0 to 1")
    expect(page).to_have_url(f"{cockpit}?diplomacy.us_china_cooperation=0.9")
    assert page.get_by_role("slider", name="US-China cooperation", exact=True).input_value() == "0.9"


def test_two_visitors_do_not_disturb_each_other(browser: Browser, page: Page, cockpit: str) -> None:
    open_whole(page, f"{cockpit}?regulation.strictness=0.8")
    before = numbers(page)
    other = browser.new_page()
    open_whole(other, cockpit)
    other.get_by_role("slider", name=STRICTNESS, exact=True).press("Home")
    expect(other).to_have_url(re.compile("strictness=0$"))
    whole(other)
    assert page.url.endswith("strictness=0.8")
    assert numbers(page) == before
    assert page.get_by_role("slider", name=STRICTNESS, exact=True).input_value() == "0.8"
    other.close()


def test_a_downloaded_scenario_can_be_compared_on_the_command_line(
    page: Page, cockpit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_whole(page, f"{cockpit}?regulation.strictness=0.8")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Scenario file").click()
    assert coming.value.suggested_filename == "scenario.toml"
    coming.value.save_as(tmp_path / "scenario.toml")
    monkeypatch.chdir(tmp_path)
    command = ["compare", "baseline", "scenario.toml", "--runs", "4", "--months", "12", "--quiet"]
    result = CliRunner().invoke(app, command, prog_name="airace")
    assert result.exit_code == 0, result.stderr
    assert "From the cockpit" in result.stdout
    assert (tmp_path / "out" / "report.html").is_file()


def test_pinning_makes_the_present_scenario_the_baseline(page: Page, cockpit: str) -> None:
    open_whole(page, f"{cockpit}?regulation.strictness=0.8")
    yours = numbers(page)[2]
    page.get_by_role("button", name="Pin as baseline").click()
    expect(page).to_have_url(re.compile(r"pin\.regulation\.strictness=0\.8"))
    expect(page.locator("main .finding")).to_contain_text("Nothing is changed yet")
    whole(page)
    assert numbers(page)[1] == yours


def test_map_and_story_follow_what_is_chosen(page: Page, cockpit: str) -> None:
    open_whole(page, f"{cockpit}?run=3&map=compliance_cost_usd_bn")
    expect(page.locator(".story figcaption").first).to_contain_text("run 3 of seed 0")
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".story figcaption").first).to_contain_text("run 4 of seed 0")
    expect(page).to_have_url(re.compile("run=4"))
    expect(page.locator("svg.map title")).to_have_text("Cost of compliance, $")
    page.get_by_label("Outcome", exact=True).select_option("small_labs")
    expect(page.locator("svg.map title")).to_have_text("Small labs in business, number")
    assert page.locator("svg.map rect").count() >= 25
    assert page.locator(".map tbody tr").count() == 25


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("dark", 390)])
def test_the_page_is_accessible_in_light_and_dark_on_a_desk_and_on_a_phone(
    browser: Browser, cockpit: str, scheme: str, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844})  # type: ignore[arg-type]
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda asked: outside.append(asked.url))
    open_whole(page, f"{cockpit}?regulation.strictness=0.8&run=3")
    expect(page.locator(".story figcaption").first).to_be_visible()
    expect(page.locator("svg.map")).to_be_visible()
    for summary in page.locator("details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert violations(page) == ""
    if width < 720:
        page.get_by_role("button", name="Levers: 1 changed").click()
        assert violations(page) == ""
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 24, 29)")
    assert [url for url in outside if not url.startswith((cockpit, "data:", "blob:"))] == [], "fetched from elsewhere"
    context.close()


def test_interrupting_the_server_ends_it_cleanly() -> None:
    with served() as (_, process):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30.0)
        assert process.returncode == 0, said
        assert "Traceback" not in said
        assert said.rstrip().endswith("ended")


def test_mesas_page_steps_and_resets(page: Page) -> None:
    with served("--mesa") as (address, _):
        page.set_default_timeout(WAIT)
        page.goto(address)
        step = page.get_by_role("button", name="Step")
        for count in (1, 2):
            step.click()
            expect(page.get_by_text(f"Step: {count}", exact=True)).to_be_visible()
        expect(page.get_by_text("2026-02:")).to_be_visible()
        page.get_by_role("button", name="Reset").click()
        expect(page.get_by_text("Step: 0", exact=True)).to_be_visible()
        expect(page.get_by_text("Nothing has been lived yet.")).to_be_visible()
