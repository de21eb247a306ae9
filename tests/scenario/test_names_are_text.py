"""A name from a file is text wherever it is shown: in the page of a report, in CSV, on a terminal."""

from __future__ import annotations

import csv
import html.parser
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim
from sim.cli.commands import app
from sim.report import write_report
from sim.studies.checking.bad_scenarios import NAMES, quoted

ODD = {word: name for word, name in NAMES.items() if name.isprintable() and len(name) <= 200}
ODD |= {"longest": "<b>" + "x" * 197, "tab lookalike": "\uff1d1+1", "space first": " =1+1", "number": "-5"}


class Page(html.parser.HTMLParser):
    """The elements, attributes and visible text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario for each odd name, as title and in the opening comments."""
    folder = tmp_path_factory.mktemp("odd")
    for number, name in enumerate(ODD.values()):
        text = f"# Asks: {name}\n# Look for: {name}\ntitle = {quoted(name)}\nmonths = 3\n"
        (folder / f"{number}.toml").write_text(text)
    (folder / "plain.toml").write_text('title = "Plain"\nmonths = 3\n')
    (folder / "=1+1.toml").write_text('title = "Plain, too"\nmonths = 4\n')
    return folder


def invoke(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, list(arguments), prog_name="airace")
    assert result.exit_code == 0, result.stderr
    assert not [c for c in result.output if not c.isprintable() and c != "\n"]
    return result.stdout


def assert_no_formula(text: str) -> None:
    """No cell begins like a formula, unless it is a number or a dash."""
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "@", "\uff1d")), cell
            assert cell == "-" or not cell.startswith("-") or float(cell) < 0, cell


@pytest.mark.slow
def test_a_report_shows_odd_names_as_text_and_runs_nothing(folder: Path, tmp_path: Path) -> None:
    plain = sim.Scenario.load(folder / "plain.toml")
    odd = [sim.Scenario.load(folder / f"{number}.toml") for number in range(len(ODD))]
    pages = {}
    for scenarios in ([plain, *odd[:7]], [odd[7], plain, *odd[8:]], [plain, plain, *[plain] * 6]):
        results = sim.simulate(scenarios, runs=4)
        path = write_report(sim.compare(results), tmp_path / "report.html")
        pages[scenarios[1].title] = page = Page(path.read_text(encoding="utf-8"))
        assert "script" not in page.elements
        assert not [name for name in page.attributes if name.startswith("on")]
        for scenario in scenarios:
            assert " ".join(scenario.title.split())[:40] in page.text
    harmless = pages.pop("Plain")
    for page in pages.values():
        assert set(page.elements) <= set(harmless.elements)
        assert page.attributes <= harmless.attributes


@pytest.mark.slow
def test_tables_in_a_notebook_show_odd_names_as_text(folder: Path) -> None:
    """They hold the elements that the same tables and charts have under ordinary names, and no other."""
    odd = [sim.Scenario.load(folder / f"{number}.toml") for number in range(len(ODD))]
    plain = [scenario.with_({}, title=f"Scenario {number}") for number, scenario in enumerate(odd)]
    own, found = ([{*Page(shown).elements} for shown in (results._repr_html_(), sim.compare(results)._repr_html_())]
                  for results in (sim.simulate(plain, runs=3), sim.simulate(odd, runs=3)))
    for ours, theirs in zip(own, found, strict=True):
        assert theirs <= ours
        assert not ours & {"script", "img", "iframe", "object", "embed", "link", "foreignobject"}



@pytest.mark.slow
@pytest.mark.parametrize("word", ODD)
def test_no_cell_of_a_table_for_spreadsheets_is_a_formula(
    word: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"{list(ODD).index(word)}.toml"
    for arguments in (
        ["compare", "plain.toml", file, "--runs", "2", "--out", str(folder / f"out_{file}"), "--force"],
        ["run", file],
        ["diff", file, "=1+1.toml"],
    ):
        assert_no_formula(invoke(folder, monkeypatch, *arguments, "--format", "csv"))


@pytest.mark.slow
@pytest.mark.parametrize("word", ODD)
def test_a_terminal_shows_an_odd_name_as_it_is(word: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, name = f"{list(ODD).index(word)}.toml", ODD[word]
    assert name.strip()[:40] in invoke(folder, monkeypatch, "run", file)
    assert name.strip()[:40] in invoke(folder, monkeypatch, "diff", file, "plain.toml")


@pytest.mark.slow
def test_the_titles_of_commands_come_back_unchanged_as_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    for number, name in enumerate(ODD.values()):
        assert json.loads(invoke(folder, monkeypatch, "run", f"{number}.toml", "--format", "json"))["scenario"] == name
