"""The explorer in a browser without a network: it shows what was simulated, interpolates as Python does, and says how
far that misses; a link opens the same view; files hold the numbers shown; names do no harm."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from left_in_english import left_in_english
from scipy import stats

from sim.common.language import LANGUAGES, speaking
from sim.engine.simulate import simulate
from sim.model.outcomes import OUTCOMES
from sim.report.pages import explorer
from sim.report.words import units
from sim.report.words.explorer import kind, miss
from sim.scenario.scenario import Scenario
from sim.studies.sweeping import exploring
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.exploring import Explored, ExploringError, explore
from sim.studies.sweeping.sweep import Sweep

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NASTY = "</script><script>document.title='taken'</script><!-- & <b>"
OUTCOME_LINE = '["compliance_cost_usd_bn", "hostility", "frontier_log10_flop", "small_labs", "severe_incidents"]'
DRAWN = f"""title = "Drawn"
base = "base.toml"
runs = 8
outcomes = {OUTCOME_LINE}
months_kept = {{ every = 6 }}
[axes]
world = ["slow.toml", "fast.toml"]
"regulation.us.strictness" = {{ from = 0.0, to = 1.0 }}
"trade.chip_controls" = {{ from = 0.0, to = 1.5 }}
[sample]
points = 24
"""
GRID = f"""title = "{NASTY}"
base = "base.toml"
runs = 5
uncertainty = "luck"
outcomes = {OUTCOME_LINE}
months_kept = {{ every = 6 }}
[axes]
"regulation.strictness" = [0.0, 0.3, 1.0]
"diplomacy.us_china_cooperation" = [0.1, 0.8]
"""
QUICK = 0.05  # seconds, the least of many redraws: a machine that does other things at the same time redraws later


def swept(folder: Path, text: str) -> Explored:
    folder.mkdir()
    (folder / "base.toml").write_text(f'title = "{NASTY}"\nmonths = 24\n[regulation]\nstrictness = 0.4\n')
    (folder / "slow.toml").write_text('title = "Slow"\n[uncertainty]\nalgorithm_growth = { low = 0.26, high = 0.34 }\n')
    (folder / "fast.toml").write_text(f'title = "{NASTY}"\n[uncertainty]\nalgorithm_growth = 0.6\n')
    (folder / "design.toml").write_text(text)
    sweep = Sweep.begin(folder / "out", Design.load(folder / "design.toml"))
    sweep.run()
    return explore(sweep.folder)


@pytest.fixture(scope="module", name="drawn")
def _drawn(tmp_path_factory: pytest.TempPathFactory) -> Explored:
    return swept(tmp_path_factory.mktemp("explorer") / "drawn", DRAWN)


@pytest.fixture(scope="module", name="grid")
def _grid(tmp_path_factory: pytest.TempPathFactory) -> Explored:
    return swept(tmp_path_factory.mktemp("explorer") / "grid", GRID)


@pytest.fixture(scope="module", name="files")
def _files(drawn: Explored, grid: Explored, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("explorer_pages")
    return {name: explorer.write(found, folder / f"{name}.html") for name, found in (("drawn", drawn), ("grid", grid))}


@pytest.fixture(name="show")
def _show(browser: Browser, files: dict[str, Path]) -> Iterator[Any]:
    """Opens a page offline under its own content policy; an error, a refusal, or a request for anything else fails."""
    contexts, told = [], []

    def show(name: str | Path, link: str = "", **how: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "offline": True} | how)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("console", lambda message: told.append(message.text))
        path = files[name] if isinstance(name, str) else name
        page.on("request", lambda request: None if request.url.startswith((path.as_uri(), "blob:"))
                else told.append(request.url))
        page.goto(path.as_uri() + link)
        return page

    yield show
    for context in contexts:
        context.close()
    assert told == []


def until(page: Page, holds: str) -> None:
    """Wait until an expression holds; Playwright's own way evaluates text in the page, which its policy forbids."""
    for _ in range(500):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"after ten seconds it does not hold: {holds}")


def estimated(page: Page, outcome: str, place: dict[str, Any]) -> dict[str, Any]:
    """What the page computes of an outcome at a place."""
    return dict(page.evaluate("""([name, place]) => {
        const {estimate, data} = window.explorer;
        const found = estimate(data.outcomes.findIndex(each => each.name === name), place);
        return {simulated: found.simulated, columns: found.columns.map(each =>
            ({quantiles: each.quantiles, groups: Array.from(each.groups), mean: each.mean}))};
    }""", [outcome, place]))


def at_point(found: Explored, point: int) -> dict[str, Any]:
    return dict(zip(found.design.axes, found.design.points[point], strict=True))


def steps(found: Explored, outcome: str) -> list[list[float]]:
    return explorer._packed(found)[1][outcome]


# ---- numbers -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["drawn", "grid"])
def test_at_simulated_points_the_page_shows_what_was_simulated(name, show, request):
    found = request.getfixturevalue(name)
    page = show(name)
    for outcome in found.outcomes:
        for point in range(0, len(found.design.points), 3):
            told = estimated(page, outcome, at_point(found, point))
            assert told["simulated"] >= 0
            for column, (_, step, _, group_step) in enumerate(steps(found, outcome)):
                here, exact = told["columns"][column], found.quantiles[outcome][column, point]
                assert here["quantiles"] == pytest.approx(exact, abs=0.501 * step + 1e-12)  # 16 bits, and no more
                assert here["groups"] == pytest.approx(found.groups[outcome][column, point],
                                                       abs=0.501 * group_step + 1e-12)
                assert here["mean"] == pytest.approx(found.means(outcome)[column, point],
                                                     abs=0.501 * group_step + 1e-12)


@pytest.mark.parametrize("name", ["drawn", "grid"])
def test_between_simulated_points_the_page_interpolates_as_python_does(name, show, request):
    found = request.getfixturevalue(name)
    page = show(name)
    for block in found.blocks:
        for share in (0.21, 0.77):
            place = {**block.words, **dict(zip(found.numbers, found.low + share * (found.high - found.low),
                                               strict=True))}
            for outcome in found.outcomes:
                told = estimated(page, outcome, place)
                weights = block.joined[outcome].weights([share] * len(found.numbers))
                assert told["simulated"] == -1
                for column, (*_, step) in enumerate(steps(found, outcome)):
                    exact = weights @ found.means(outcome)[column, block.points]
                    lost = 0.501 * step * np.abs(weights).sum() + 1e-9 * max(1.0, abs(exact))
                    assert told["columns"][column]["mean"] == pytest.approx(exact, abs=lost)


def test_a_difference_is_the_paired_difference_of_the_same_futures_with_its_t_interval(grid, show):
    page = show("grid")
    table = pd.read_parquet(grid.sweep.table)
    first, last = at_point(grid, 0), at_point(grid, 5)
    for outcome in grid.outcomes:
        told = page.evaluate("""([name, place, reference]) => {
            const {state, view, data} = window.explorer;
            Object.assign(state.place, place);
            Object.assign(state.reference, reference);
            return view(data.outcomes.findIndex(each => each.name === name)).differences.at(-1);
        }""", [outcome, last, first])
        runs = [table.loc[table["point"] == point, outcome].to_numpy() for point in (0, 5)]
        change = runs[1] - runs[0]
        half = stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / np.sqrt(len(change))
        lost = 3.0 * steps(grid, outcome)[-1][3] + 1e-12
        assert told["size"] == pytest.approx(change.mean(), abs=lost)
        furthest = OUTCOMES[outcome].furthest
        assert told["low"] == pytest.approx(max(change.mean() - half, -furthest), abs=3.0 * lost)
        assert told["high"] == pytest.approx(min(change.mean() + half, furthest), abs=3.0 * lost)


def test_a_range_between_points_holds_what_the_interpolation_may_miss(drawn, show):
    page = show("drawn")
    block = drawn.blocks[0]
    reference = at_point(drawn, int(block.points[0]))
    place = {**reference, "regulation.us.strictness": 0.5123, "trade.chip_controls": 0.7011}
    told = page.evaluate("""([place, reference]) => {
        const {state, view} = window.explorer;
        Object.assign(state.place, place);
        Object.assign(state.reference, reference);
        const found = view(1);
        return {...found.differences.at(-1), chosen: Array.from(found.chosen.columns.at(-1).groups),
                there: Array.from(found.reference.columns.at(-1).groups)};
    }""", [place, reference])
    change = np.array(told["chosen"]) - np.array(told["there"])
    luck = stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / np.sqrt(len(change))
    half = np.hypot(luck, block.errors["hostility"].within[-1])
    assert (told["high"] - told["low"]) / 2.0 == pytest.approx(half, rel=1e-6)


def test_the_error_beside_a_chart_is_that_of_points_left_out_one_by_one(drawn, show):
    """Each point's equations solved anew without it, by numpy alone, from the table of the sweep."""
    page = show("drawn", "#world=slow.toml&regulation.us.strictness=0.5&trade.chip_controls=0.7&show=hostility")
    table = pd.read_parquet(drawn.sweep.table)
    own = table[table["world"] == "slow.toml"].groupby("point").mean(numeric_only=True)
    at = (own[list(drawn.numbers)].to_numpy() - drawn.low) / (drawn.high - drawn.low)
    joined = drawn.blocks[0].joined["hostility"]
    missed = []
    for out in range(len(at)):
        rest = np.arange(len(at)) != out
        near = np.exp(-0.5 * (((at[rest][:, None] - at[None]) / joined.lengths) ** 2).sum(axis=2))
        plane = np.column_stack([np.ones(len(at)), at])
        equations = np.block([[near[:, rest] + joined.nugget * np.eye(rest.sum()), plane[rest]],
                              [plane[rest].T, np.zeros((3, 3))]])
        weights = np.linalg.solve(equations, np.append(near[:, out], plane[out]))[: rest.sum()]
        missed.append(abs(own["hostility"].to_numpy()[out] - weights @ own["hostility"].to_numpy()[rest]))
    told = page.locator("figure .error").inner_text()
    assert f"the mean is missed by {miss(OUTCOMES['hostility'], float(np.mean(missed)))} on average" in told
    assert f"Each of {len(at)} simulated points was left out in turn" in told


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_stand_as_in_reports(show, code):
    page = show("grid", f"#lang={code}")
    with speaking(code):
        stand_as_in_reports(page)


def stand_as_in_reports(page: Page) -> None:
    about = {name: dict(zip(("kind", "scale", "noun", "ways"), kind(OUTCOMES[name]), strict=True))
             for name in ("severe_incidents", "compliance_cost_usd_bn", "frontier_log10_flop", "us_china_lag_months",
                          "china_chip_share", "hostility", "largest_run_cost_usd_mn")}
    for name, told in about.items():
        for size, half in ((3.14159, 0.7), (-0.00213, 0.01), (0.0471, 0.012), (-1.5, 0.2), (0.25, 0.26)):
            given = {"size": size, "low": size - half, "high": size + half}
            assert page.evaluate("([about, x]) => window.explorer.magnitude(about, x)", [told, given]) == list(
                units.magnitude(OUTCOMES[name], size, size - half, size + half)), (name, size)
        for number in (0.0, 0.0123, 0.4561, 3.71, 26.43, *(() if told["kind"] == "flop" else (1234.5, -2.2))):
            assert page.evaluate("([about, x]) => window.explorer.valueText(about, x)", [told, number]) == units.value(
                OUTCOMES[name], number), (name, number)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_no_english_is_left_on_the_page_and_the_link_holds_its_language(show, code):
    page = show("drawn", "#show=compliance_cost_usd_bn,hostility,frontier_log10_flop,small_labs&trade.chip_controls=1.3"
                f"&q9=1&lang={code}")
    assert page.evaluate("document.documentElement.lang") == code
    for summary in page.locator("details > summary").all():
        summary.click()
    labels = page.evaluate("""[...document.querySelectorAll('[aria-label], title, desc, [aria-valuetext]')].map(each =>
        [each.ariaLabel, each.textContent, each.ariaValueText].join(' ')).join(' ')""")
    text = f"{page.inner_text('body')} {labels}"
    for theirs in (NASTY, "Slow", "Drawn", "trade.chip_controls", "English", "Français", "months_kept"):
        text = text.replace(theirs, "")
    assert left_in_english(text, code) == []
    assert {"zh": "链接的一部分被略去", "fr": "Une partie de ce lien a été omise"}[code] in page.inner_text("#notice")
    page.locator("#to-reference").click()
    until(page, "location.hash.includes('show=')")
    assert f"lang={code}" in page.url
    assert page.evaluate("window.explorer.csv()").startswith("outcome,unit,month,5%,25%,median")


def test_the_browsers_language_is_taken_and_another_chosen_by_keyboard_with_the_same_view(show):
    page = show("grid", "#regulation.strictness=0.3", locale="fr-CH")
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert "lang" not in page.evaluate("window.explorer.link()")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.lang") == "zh":
            break
    page.keyboard.press("Enter")
    page.locator("html[lang=zh] .languages [aria-current]").get_by_text("中文").wait_for()
    assert page.evaluate("window.explorer.state.place['regulation.strictness']") == 0.3
    assert show("grid", locale="de-DE").evaluate("document.documentElement.lang") == "en"


def test_a_page_made_in_a_language_begins_in_it_and_says_what_is_not_translated(grid, show, tmp_path, monkeypatch):
    made = tmp_path / "fr.html"
    made.write_text(explorer.page(grid, "fr"), encoding="utf-8")
    page = show(made, locale="zh-CN")
    assert page.evaluate("document.documentElement.lang") == "fr"
    untranslated = "sont en anglais"
    assert untranslated not in page.inner_text("body")
    monkeypatch.setattr(explorer.narrative, "WHAT_IF", "Something quite new.")
    made.write_text(explorer.page(grid, "fr"), encoding="utf-8")
    page = show(made)
    assert "Something quite new." in page.inner_text("body")
    assert untranslated in page.inner_text("body")


# ---- the page ----------------------------------------------------------------------------------------------------
def test_names_are_text_and_the_policy_lets_nothing_but_the_pages_own_script_run(show, files):
    page = show("grid")
    assert page.title() == f"{NASTY} - airace explorer"
    assert page.locator("h1").inner_text() == NASTY
    text = files["grid"].read_text(encoding="utf-8")
    assert text.count("<script") == text.count("</script>") == 3
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    labels = show("drawn").locator("#axis0 option").all_inner_texts()
    assert labels[1].startswith("</script><script>document")


def test_a_link_opens_the_same_view_for_anybody(show):
    page = show("drawn")
    page.locator("#axis1").fill("80")
    page.locator("#axis0").select_option(index=1)
    page.get_by_role("button", name="Make this the reference").click()
    page.locator("#axis2").fill("20")
    page.get_by_text("Outcomes shown").click()
    page.locator("#outcomes input").first.uncheck()
    until(page, "location.hash.includes('ref.') && !location.hash.includes('show=compliance')")
    other = show("drawn", "#" + page.url.partition("#")[2])
    for part in ("#said", "#standing", "#charts"):
        assert other.locator(part).inner_html() == page.locator(part).inner_html()
    assert other.evaluate("window.explorer.state") == page.evaluate("window.explorer.state")
    assert "instead of" in other.locator("#said").inner_text()


def test_what_a_link_holds_that_the_page_does_not_have_is_left_out_and_said(show):
    page = show("drawn", "#world=atlantis&regulation.us.strictness=7&trade.chip_controls=&pigs=fly&__proto__=1"
                         "&show=hostility,fun&ref.world=fast.toml")
    told = page.locator("#notice").inner_text()
    for part in ("World cannot be atlantis", "goes from", "and is not 7", "sets pigs", "sets __proto__", "shows fun"):
        assert part in told, part
    assert page.evaluate("window.explorer.state.reference.world") == "fast.toml"
    assert page.locator("#charts figure").count() == 1


def test_a_slider_moves_by_keyboard_and_the_sentence_follows(show):
    page = show("drawn")
    before = page.locator("#said").inner_text()
    page.locator("#axis1").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    until(page, f"document.getElementById('said').innerText !== {json.dumps(before)}")
    value = page.evaluate("window.explorer.state.place['regulation.us.strictness']")
    assert page.locator("#axis1").get_attribute("aria-valuetext") == units.plain(value)
    assert "With strictness of rules (US) at" in page.locator("#said").inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "axis2"


def test_the_nearest_simulated_point_is_shown_as_simulated(drawn, show):
    page = show("drawn", "#regulation.us.strictness=0.5&trade.chip_controls=0.7")
    assert "is interpolated between 12 simulated points" in page.locator("#standing").inner_text()
    page.get_by_role("button", name="Nearest simulated point").click()
    until(page, "document.getElementById('standing').innerText.includes('chosen point was simulated')")
    place = page.evaluate("window.explorer.state.place")
    own = [at_point(drawn, int(point)) for point in drawn.blocks[0].points]
    far = [((each["regulation.us.strictness"] - 0.5) / (drawn.high - drawn.low)[0]) ** 2
           + ((each["trade.chip_controls"] - 0.7) / (drawn.high - drawn.low)[1]) ** 2 for each in own]
    assert place == own[int(np.argmin(far))]


def test_a_redraw_of_every_outcome_takes_less_than_fifty_milliseconds(show, drawn):
    page = show("drawn", f"#show={','.join(drawn.outcomes)}")
    least = page.evaluate("""() => {
        const {state, draw} = window.explorer, taken = [];
        for (let k = 0; k < 40; k++) {
            state.place["regulation.us.strictness"] = 0.2 + k / 100;
            const begun = performance.now();
            draw();
            taken.push(performance.now() - begun);
        }
        return Math.min(...taken) / 1000;
    }""")
    assert least < QUICK


def test_too_uneven_an_outcome_is_told_in_words_and_drawn_at_simulated_points_alone(drawn, show, tmp_path):
    blocks = [replace(block, errors={**block.errors, "hostility": replace(block.errors["hostility"], told=0.1,
                                                                        mean=9.0)}) for block in drawn.blocks]
    path = explorer.write(replace(drawn, blocks=tuple(blocks)), tmp_path / "blind.html")
    page = show(path, "#regulation.us.strictness=0.5&trade.chip_controls=0.7&show=hostility")
    assert page.locator("#charts path").count() == 0
    assert "too uneven to interpolate" in page.locator("#charts").inner_text()
    assert "Too uneven to interpolate here: " in page.locator("#said").inner_text()
    assert page.evaluate("window.explorer.csv()").count("\n") == 1
    point = at_point(drawn, int(drawn.blocks[0].points[2]))
    both = "&".join(f"{key}={value}&ref.{key}={value}" for key, value in point.items())
    assert show(path, f"#{both}&show=hostility").locator("#charts path").count() > 0


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_axe_finds_no_violation_and_a_phone_needs_no_sideways_scrolling(show, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = show("drawn", "#world=fast.toml&regulation.us.strictness=0.9", viewport={"width": width, "height": 844},
                color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_selector("#charts table")
    found = Axe().run(page)
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found.response["violations"]]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_the_settings_in_words_and_no_slider(show):
    page = show("drawn", "#world=fast.toml")
    page.emulate_media(media="print")
    assert not page.locator("#axis1").is_visible()
    assert page.locator("output[for=axis0]").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


# ---- files -------------------------------------------------------------------------------------------------------
def test_the_file_of_numbers_holds_the_numbers_of_the_tables(show):
    page = show("drawn", "#world=fast.toml&regulation.us.strictness=0.9&show=hostility,small_labs")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    until(page, "document.querySelectorAll('#charts table').length === 2")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save numbers").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    tables = page.eval_on_selector_all("#charts table tbody tr", "rows => rows.map(row => [...row.children].map("
                                       "cell => cell.textContent.replace('−', '-')))")
    assert rows[0][:3] == ["outcome", "unit", "month"]
    assert [row[2:] for row in rows[1:]] == tables
    assert {row[0] for row in rows[1:]} == {"hostility", "small_labs"}
    place = page.evaluate("window.explorer.state.place")
    for outcome in ("hostility", "small_labs"):
        own = [row for row in rows if row[0] == outcome]
        for row, here in zip(own, estimated(page, outcome, place)["columns"], strict=True):
            assert [float(text) for text in row[3:9]] == pytest.approx([*here["quantiles"], here["mean"]], rel=5.1e-4)


@pytest.mark.parametrize(("name", "point"), [("drawn", 7), ("grid", 4)])
def test_the_scenario_file_runs_and_gives_what_the_page_shows(name, point, show, request, tmp_path):
    found = request.getfixturevalue(name)
    design, place = found.design, at_point(found, point)
    page = show(name, "#" + "&".join(f"{key}={value}" for key, value in place.items()))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as scenario file").click()
    path = tmp_path / "explorer.toml"
    path.write_bytes(Path(download.value.path()).read_bytes())
    scenario = Scenario.load(path)
    assert replace(scenario, title="", question="", look_for="") == replace(
        design.scenario(point), title="", question="", look_for="")
    results = simulate([scenario], runs=design.runs, seed=design.seed, months=design.months,
                       uncertainty=design.uncertainty)
    for outcome in found.outcomes:
        mean = results.summaries[0, :, list(results.outcomes).index(outcome)].mean()
        step = steps(found, outcome)[-1][3]
        assert estimated(page, outcome, place)["columns"][-1]["mean"] == pytest.approx(mean, abs=0.501 * step + 1e-12)


def test_the_same_sweep_gives_the_same_page_and_one_too_large_names_outcomes_that_fit(drawn, files, monkeypatch):
    text = files["drawn"].read_text(encoding="utf-8")
    assert explorer.page(drawn) == text
    assert len(text) < exploring.MOST_BYTES
    for most, told in ((60_000, r"choose fewer outcomes, as in --outcome compliance_cost_usd_bn --outcome hostility"),
                       (6_000, "for one outcome alone: sweep fewer points, or keep fewer months")):
        monkeypatch.setattr(exploring, "MOST_BYTES", most)
        with pytest.raises(ExploringError, match=told):
            explorer.page(drawn)
    with pytest.raises(ExploringError, match="choose fewer outcomes"):  # before anything is read
        explore(drawn.sweep.folder)


def test_data_can_end_no_script_and_is_json(grid):
    data = str(explorer._as_script({"title": NASTY, "more": "\u2028"}))
    assert not re.search("[<>&\u2028]", data)
    assert json.loads(data) == {"title": NASTY, "more": "\u2028"}
    assert str(grid.design.title) == NASTY
