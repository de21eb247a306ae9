"""Two questions about policies in time, built from nothing in a real browser, by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from serving import PATIENCE
from typer.testing import CliRunner

from sim.cli.commands import app
from sim.scenario.scenario import Scenario

pytestmark = pytest.mark.slow
WAIT = 1000.0 * PATIENCE
expect.set_options(timeout=WAIT)


class Keyboard:
    """A visitor who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, page.keyboard
        page.set_default_timeout(WAIT)

    def press(self, button: str) -> None:
        """Press a button."""
        self.tab_to(self.page.get_by_role("button", name=button, exact=True))
        self.keys.press("Enter")

    def write(self, field: str, text: str) -> None:
        """Write into a field; a month as its name and its year, which the tabulator parts."""
        self.tab_to(self.form.get_by_label(field, exact=True))
        first, *rest = text.split() if field in ("From", "Until") else [text]
        self.keys.type(first)
        for part in rest:
            self.keys.press("Tab")
            self.keys.type(part)

    def choose(self, field: str, option: str) -> None:
        """Choose from a list as its first letters do."""
        where = self.form.get_by_label(field, exact=True)
        self.tab_to(where)
        self.keys.type(option)
        expect(where.locator("option:checked")).to_have_text(option)

    def tab_to(self, where: Locator) -> None:
        """Go on with the tabulator, from one thing to the next, until there."""
        for _ in range(200):
            if where.evaluate("element => element === document.activeElement"):
                return
            self.keys.press("Tab")
        raise AssertionError(f"the tabulator does not lead to {where}")

    @property
    def form(self) -> Locator:
        """The form that is open."""
        return self.page.locator(".policies form")

    def sent(self, button: str = "Add") -> None:
        """Send the form, which closes once it is taken."""
        self.press(button)
        expect(self.form).to_have_count(0)

    def downloaded(self, path: Path) -> Scenario:
        """The scenario file of the page."""
        self.tab_to(self.page.get_by_role("link", name="Scenario file"))
        with self.page.expect_download() as coming:
            self.keys.press("Enter")
        coming.value.save_as(path)
        return Scenario.load(path)


def test_a_strict_eu_and_a_us_that_answers_incidents_are_built_by_keyboard(
    page: Page, cockpit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.goto(cockpit)
    visitor = Keyboard(page)
    visitor.press("Add a change")
    visitor.write("From", "January 2027")
    visitor.choose("Lever", "Strictness of rules (EU)")
    visitor.write("Value (0-1)", "0.8")
    visitor.write("Name", "EU strict")
    visitor.sent()
    visitor.press("Add a trigger")
    visitor.choose("When it is in force", "for as long as there was a severe incident in the last three years")
    visitor.choose("Lever", "Strictness of rules (US)")
    visitor.write("Value (0-1)", "0.8")
    visitor.write("Name", "US answers an incident")
    visitor.sent()

    link = page.url
    expect(page.locator(".policies figcaption")).to_have_text(["Strictness of rules (US)", "Strictness of rules (EU)"])
    made = visitor.downloaded(tmp_path / "scenario.toml")
    shipped = Scenario.load("after_an_incident")
    assert (made.changes, made.whens) == (shipped.changes, shipped.whens)
    monkeypatch.chdir(tmp_path)
    command = ["compare", "baseline", "scenario.toml", "--runs", "4", "--months", "24", "--quiet"]
    assert CliRunner().invoke(app, command, prog_name="airace").exit_code == 0

    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".policies li b")).to_have_text(["EU strict", "US answers an incident"])
    assert page.url == link


def test_a_subsidy_phased_in_with_a_sunset_is_built_by_keyboard(page: Page, cockpit: str, tmp_path: Path) -> None:
    page.goto(cockpit)
    visitor = Keyboard(page)
    visitor.press("Add a change")
    visitor.write("From", "January 2027")
    visitor.write("Phased in over, months", "36")
    visitor.write("Until", "January 2034")
    visitor.choose("Lever", "Subsidy in the US")
    visitor.write("Value (USD bn a year)", "50")
    visitor.write("Name", "subsidy")
    visitor.sent()
    made = visitor.downloaded(tmp_path / "scenario.toml")
    shipped = Scenario.load("phase_in")
    assert (made.changes, made.whens) == (shipped.changes, shipped.whens)


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(page: Page, cockpit: str) -> None:
    page.goto(f"{cockpit}?from=phase_in")
    visitor = Keyboard(page)
    visitor.press("Edit subsidy")
    visitor.write("Until", "January 2026")
    visitor.press("Change")
    until = visitor.form.get_by_label("Until", exact=True)
    expect(until).to_have_attribute("aria-invalid", "true")
    expect(until).to_be_focused()
    expect(page.locator("#policy-until-said")).to_contain_text("the change lapses in 2026-01, before it begins")
    assert page.url.endswith("?from=phase_in")
    page.keyboard.press("Escape")
    expect(visitor.form).to_have_count(0)
    expect(page.get_by_role("button", name="Add a change")).to_be_focused()
    visitor.press("Remove subsidy")
    expect(page.locator(".policies li")).to_have_count(1)  # the baseline has it
    expect(page).to_have_url(f"{cockpit}?from=phase_in&change.subsidy.off=true")
    visitor.press("Back to baseline")
    expect(page).to_have_url(f"{cockpit}?from=phase_in")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_forms_and_pictures_are_accessible_and_large_enough_for_a_finger(
    browser: Browser, cockpit: str, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844},  # type: ignore[arg-type]
                                  has_touch=True)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{cockpit}?from=after_an_incident&change.x.date=2028-01&change.x.trade.chip_controls=0.5")
    if width < 720:
        page.get_by_role("button", name="Levers").tap()
    page.get_by_role("button", name="Add a trigger").tap()
    page.get_by_label("Value (0-1)", exact=True).fill("7")
    page.get_by_role("button", name="Add", exact=True).tap()
    expect(page.locator(".policies .wrong")).to_contain_text("must be a number from 0 to 1")
    for summary in page.locator(".policies details:not([open]) > summary").element_handles():
        summary.tap()
    low = page.locator(".policies").locator("button, input, select, summary").evaluate_all(
        "found => found.filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML)")
    assert low == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_a_trigger_on_either_of_two_conditions_is_built_by_keyboard(page: Page, cockpit: str, tmp_path: Path) -> None:
    page.goto(cockpit)
    visitor = Keyboard(page)
    visitor.press("Add a trigger")
    visitor.press("And another condition")
    expect(visitor.form.get_by_label("What is watched 2")).to_be_focused()
    how = visitor.form.get_by_label("When it is in force")
    how.focus()
    page.keyboard.type("while any")
    expect(how.locator("option:checked")).to_have_text("while any of these conditions holds")
    visitor.write("US-China hostility above (0-1)", "0.6")
    visitor.choose("Lever", "Strictness of rules (US)")
    visitor.write("Value (0-1)", "0.8")
    visitor.write("Name", "either")
    visitor.sent()
    made = visitor.downloaded(tmp_path / "scenario.toml").whens[0]
    assert ([each.outcome for each in made.conditions], made.every) == (["severe_incidents", "hostility"], False)
    assert [each.threshold for each in made.conditions] == [0.0, 0.6]
