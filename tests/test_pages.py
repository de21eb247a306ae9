"""The documentation site: whatever a page shows runs in the order in which it stands, and the site builds strictly.

A page is read from top to bottom: a `toml` or `python` block that names its file is written, `airace`
commands of a `sh` block are run, other `python` blocks are executed in one namespace. Only `text` blocks are left
alone.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import pytest
from typer.testing import CliRunner

from sim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
# What a reader would let run for long, here with fewer runs, months and axes.
FEW = {"sweep": ["--runs", "2", "--months", "3"],
       "sensitivity": ["--runs", "2", "--samples", "4", "--trajectories", "2", "--keep", "2", "--workers", "1",
                       "--over", "uncertainty.severe_hazard", "--over", "uncertainty.distillation_gap",
                       "--over", "uncertainty.enmity_abroad"],
       "backtest": ["--runs", "24"], "compare": ["--runs", "12"], "elicit": ["--runs", "24"],
       "worth": ["--runs", "40", "--months", "12"], "game": ["--runs", "40", "--months", "12"],
       "advise": ["--candidates", "32", "--futures", "16", "--judged", "16"]}
ELSEWHERE = {
    "app": "it serves until it is stopped; its own tests start it",
    "play": "it serves until it is stopped; its own tests start it",
    "discover": "a few short runs fail too seldom to tell; tests/cli/test_cli_discover.py runs it",
}
INSTALLS = ("make ", "pip install ")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the scenarios, and one as the cockpit lets a reader download it, to work in."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    strict = Scenario.load(ROOT / "scenarios" / "strict_rivalry.toml")
    (tmp_path / "scenario.toml").write_text(strict.to_toml(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    return tmp_path


def blocks(text: str) -> list[tuple[str, str, str]]:
    """Language, content, and the sentence before each block."""
    found, end = [], 0
    for match in FENCE.finditer(text):
        before = text[end : match.start()].rstrip().rsplit("\n\n", 1)[-1]
        found.append((match[1], match[2], before))
        end = match.end()
    return found


def run_command(line: str) -> None:
    from sim.cli.commands import app

    command = shlex.split(line, comments=True)
    if command[1] in ELSEWHERE:
        return
    result = CliRunner().invoke(app, [*command[1:], *FEW.get(command[1], [])], prog_name="airace")
    assert result.exit_code == 0, f"{line}: {result.stderr}"


def read_aloud(page: Path, desk: Path) -> None:
    names: dict[str, object] = {}
    for language, content, before in blocks(page.read_text(encoding="utf-8")):
        if language == "toml":
            named = re.findall(r"`([\w/]+\.toml)`:", before)
            if named:
                (desk / named[-1]).write_text(content, encoding="utf-8")
        elif language == "python" and re.search(r"`\w+\.py`:$", before.strip()):
            (desk / re.findall(r"`(\w+\.py)`:", before)[-1]).write_text(content, encoding="utf-8")
        elif language == "python" and "mpi4py" not in content:  # needs a cluster's own library
            exec(compile(content, str(page.relative_to(ROOT)), "exec"), names)
        elif language == "sh":
            for line in content.splitlines():
                if line.startswith("airace "):
                    run_command(line)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if re.search("^```(sh|python)", page.read_text(), re.M)],
                         ids=lambda page: page.relative_to(DOCS).with_suffix("").as_posix())
def test_what_a_page_shows_runs_from_top_to_bottom(page: Path, desk: Path) -> None:
    read_aloud(page, desk)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).with_suffix("").as_posix())
def test_blocks_say_what_they_are_and_commands_are_those_of_airace(page: Path) -> None:
    for language, content, before in blocks(page.read_text(encoding="utf-8")):
        assert language in ("sh", "python", "toml", "text"), before
        if language == "sh":
            lines = [line for line in content.splitlines() if line.strip()]
            assert [line for line in lines if not line.startswith(("airace ", *INSTALLS, "#")) and line != "make"] == []


@pytest.mark.slow
def test_the_tables_that_the_page_on_sweeps_shows_are_designs(desk: Path) -> None:
    from sim.studies.sweeping.design import Design

    whole, part = (content for language, content, _ in blocks((DOCS / "sweeps.md").read_text()) if language == "toml")
    design = desk / "scenarios" / "sweeps" / "mine.toml"
    design.write_text(whole, encoding="utf-8")
    assert len(Design.load(design).points) == 121
    design.write_text('base = "../baseline.toml"\n' + part, encoding="utf-8")
    assert len(Design.load(design).points) == 2000


# ---- the site ------------------------------------------------------------------------------------------------------
def api_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_api", DOCS / "generate_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_the_api_is_fresh_and_holds_all_that_is_public() -> None:
    import sim

    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert text == api_generator().page(), "stale: run `python docs/generate_api.py`"
    assert [name for name in sim.__all__ if name != "__version__" and f"### `{name}`" not in text] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it: broken links and pages left out of the menu are errors."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)], cwd=ROOT,
                          capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_site_builds_without_a_broken_link_and_holds_every_page(site: Path) -> None:
    built = {page.relative_to(site).with_suffix("").as_posix() for page in site.rglob("*.html")} - {"404"}
    notebooks = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    sheets = {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.html")}  # of the workshop
    assert built == {page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES} | notebooks | sheets


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_notebook_is_a_page_with_its_code_its_tables_and_its_pictures(
    site: Path, browser: Browser, scheme: Literal["light", "dark"],
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto((site / "notebooks" / "01_first_comparison.html").as_uri())
        assert page.locator("h1").inner_text().startswith("A first comparison")
        kept = json.loads((ROOT / "notebooks" / "01_first_comparison.ipynb").read_text(encoding="utf-8"))["cells"]
        pictures = sum("image/png" in output.get("data", {}) for cell in kept for output in cell.get("outputs", ()))
        shown = page.locator("article img")
        assert shown.count() == pictures > 0
        assert shown.evaluate_all("all => all.every(each => each.complete && each.naturalWidth > 0)")
        assert page.locator("article .highlight").count() == sum(cell["cell_type"] == "code" for cell in kept)
        cells = page.locator("div.output .airace-out")
        assert cells.count() > 0
        lightness = sum(map(float, re.findall(r"[0-9.]+", cells.first.evaluate(
            "each => getComputedStyle(each).backgroundColor"))[:3])) / 3
        assert (lightness < 80) == (scheme == "dark"), "tables follow the site's switch"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.slow
def test_an_exercise_is_handed_out_with_its_solution_folded_on_the_screen_and_on_paper(site: Path, page: Page) -> None:
    page.goto((site / "exercises.html").as_uri())
    solutions = page.locator("details")
    questions = page.locator("article h2")
    assert solutions.count() == questions.count() == 7
    for medium in ("screen", "print"):
        page.emulate_media(media=medium)  # type: ignore[arg-type]
        assert all(questions.nth(place).is_visible() for place in range(7))
        assert not any(each.is_visible() for each in page.locator("details > :not(summary)").all()), medium
    page.emulate_media(media="screen")
    solutions.first.locator("summary").click()
    assert page.get_by_text("There are 22 severe incidents under light rules").is_visible()


@pytest.mark.slow
def test_the_site_loads_nothing_from_the_network(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)[^>]* src=[\"']?([^\"' >]+)", text)
        loaded += re.findall(r"<link[^>]* rel=[\"']?(?:stylesheet|icon|preconnect)[^>]*>", text)
        assert [link for link in loaded if "//" in link] == [], page.name
    assert not re.search(r"@import|url\([\"']?https?:", (site / "style.css").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_search_works_from_the_folder_without_a_server(site: Path, page: Page) -> None:
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    page.goto((site / "claims" / "s9.html").as_uri())
    page.locator("input[name=query]").press_sequentially("interval that holds together")
    found = page.locator(".md-search-result__link[href*='glossary.html']").first
    found.wait_for()
    found.click()
    page.wait_for_url("**/glossary.html*")


def test_files_that_the_readme_links_to_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r"`((?:docs|notebooks)/[\w/.-]+\.\w+)`", text)
    assert sorted(name for name in linked if not (ROOT / name).exists()) == []
