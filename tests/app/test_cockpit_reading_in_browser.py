"""What a visitor reads off the charts, shows to others, and moves on a phone, in a real browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect
from serving import PATIENCE

pytestmark = pytest.mark.slow
WAIT = 1000.0 * PATIENCE
STRICT = "?regulation.strictness=0.8"
expect.set_options(timeout=WAIT)


def open_whole(page: Page, address: str) -> None:
    """Open a page and wait until all runs are drawn, and what a month shows is there."""
    page.set_default_timeout(WAIT)
    page.goto(address)
    expect(page.locator("main .outcomes .status")).to_contain_text("200 runs of each")
    page.locator(".reader").first.wait_for()


def test_a_month_is_read_by_mouse_by_keyboard_and_aloud(page: Page, cockpit: str) -> None:
    open_whole(page, f"{cockpit}{STRICT}")
    figure = page.locator('figure[data-outcome="small_labs"]')
    reader = figure.locator(".reader")
    box = reader.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 0.3, box["y"] + 40)
    last = figure.locator(".values")
    expect(last).to_contain_text("Dec 2035")
    expect(last).to_contain_text(re.compile(
        r"Baseline: median [\d.]+, 50% of runs [\d.]+ to [\d.]+, 90% [\d.]+ to [\d.]+.*Your scenario: median"))
    # The same median stands in the chart's table, whose last row is the last month.
    median = str(figure.locator("tbody tr").last.locator("td").first.text_content()).split("\n")[0]
    expect(last).to_contain_text(f"Baseline: median {median},")
    page.mouse.move(2, 2)
    expect(last).to_have_count(0)

    reader.focus()
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    expect(reader).to_have_attribute("aria-valuetext", "Feb 2027")
    aloud = page.locator("#read-out")
    assert page.locator("#read-out[role=status]").count() == 1  # a live region: what comes there is read out
    expect(aloud).to_contain_text(re.compile(r"^Feb 2027\. Baseline: median"))
    page.keyboard.press("Escape")
    expect(last).to_have_count(0)


def test_a_switch_draws_differences_and_the_link_keeps_it(page: Page, cockpit: str) -> None:
    open_whole(page, f"{cockpit}{STRICT}")
    page.get_by_role("button", name="Difference", exact=True).click()
    expect(page).to_have_url(f"{cockpit}{STRICT}&show=difference")
    figure = page.locator('figure[data-outcome="us_china_lag_months"]')
    expect(figure.locator("figcaption b")).to_have_text("China's lag behind the US frontier: difference, months")
    expect(figure.locator("figcaption span")).to_have_text(
        "median, 50% and 90% of 200 paired differences to “Baseline”; linear axis")
    expect(figure.locator(".said")).to_contain_text("No clear difference under “Your scenario”.")
    cost = page.locator('figure[data-outcome="compliance_cost_usd_bn"] .said')
    expect(cost).to_contain_text(re.compile(r"cost of compliance in total: \$\d+bn more than"))
    page.get_by_role("button", name="Back to baseline").click()
    expect(page.locator("main .outcomes")).to_contain_text("Nothing is changed yet, so charts show levels")


def test_one_chart_is_presented_stepped_through_by_arrow_keys_and_shared_by_link(
    browser: Browser, cockpit: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900},
                                  permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_whole(page, f"{cockpit}{STRICT}")
    page.get_by_role("button", name="Present", exact=True).click()
    expect(page.locator(".moved")).to_be_hidden()
    expect(page.locator("main .panels figure")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    shown = page.locator("main .panels figure")
    expect(shown).to_have_attribute("data-outcome", "severe_incidents")
    expect(shown.locator(".said")).to_contain_text("Under “Your scenario”, severe incidents in total:")
    assert shown.locator("figcaption b").evaluate("each => parseFloat(getComputedStyle(each).fontSize)") >= 24.0
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".copied")).to_have_text("The link is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{cockpit}{STRICT}&present=severe_incidents"
    page.keyboard.press("Escape")
    expect(page.locator(".moved")).to_be_visible()
    expect(page.get_by_role("button", name="Present", exact=True)).to_be_focused()

    page.goto(str(link))
    expect(page.locator("main.presenting .panels figure")).to_have_attribute("data-outcome", "severe_incidents")
    context.close()


def test_levers_stay_in_sight_on_a_desk_and_are_a_sheet_over_the_charts_on_a_phone(
    browser: Browser, page: Page, cockpit: str
) -> None:
    open_whole(page, f"{cockpit}{STRICT}")
    page.evaluate("window.scrollTo(0, 700)")
    slider = page.get_by_role("slider", name="Strictness of rules", exact=True)
    expect(slider).to_be_in_viewport()

    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    phone = context.new_page()
    open_whole(phone, f"{cockpit}{STRICT}")
    slider = phone.get_by_role("slider", name="Strictness of rules", exact=True)
    expect(slider).to_be_hidden()
    opens = phone.get_by_role("button", name="Levers: 1 changed")
    opens.tap()
    expect(slider).to_be_in_viewport()
    expect(phone.get_by_role("dialog", name="Levers and policies")).to_be_visible()
    for key in ("Shift+Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):  # from the first back to the last
        phone.keyboard.press(key)
        assert phone.evaluate("!!document.activeElement.closest('.moved, .sheet-bar')"), "the focus left the sheet"
    picture = phone.locator('figure[data-outcome="small_labs"] svg')
    before, ends = picture.inner_html(), time.monotonic() + 60.0
    slider.press("Home")
    expect(phone).to_have_url(re.compile("strictness=0$"))
    while picture.inner_html() == before:  # the link moves before the picture does
        assert time.monotonic() < ends, "nothing is drawn behind"
        phone.wait_for_timeout(50)
    phone.keyboard.press("Escape")
    expect(slider).to_be_hidden()
    expect(phone.locator(".sheet-button")).to_be_focused()
    context.close()


def test_a_page_whose_runs_are_known_comes_with_its_picture_before_any_script(browser: Browser, cockpit: str) -> None:
    known = browser.new_page()
    open_whole(known, f"{cockpit}{STRICT}")
    expect(known.locator("#first-picture")).to_have_count(0)  # taken away once the page's own is there
    drawn = known.locator('main .panels figure[data-outcome="small_labs"] svg path').evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))")
    known.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{cockpit}{STRICT}")
    figure = page.locator("#first-picture figure", has_text="Small labs in business")
    assert [path.get_attribute("d") for path in figure.locator("svg path").all()] == drawn
    context.close()


def test_the_command_below_a_run_copies(browser: Browser, cockpit: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{cockpit}?run=17")
    expect(page.locator(".story figcaption").first).to_contain_text("What happens in run 17 of seed 0")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".story")).to_contain_text("The command is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "airace run baseline --seed 0 --run 17"
    context.close()
