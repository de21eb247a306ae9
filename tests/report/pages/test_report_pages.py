"""The report is one safe, offline, accessible file that is written whole or not at all."""

import html.parser
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from made_up import HOSTILE, PLAIN, made_up_results

from sim.report import write_report
from sim.report.pages.comparison import told as told_of_comparison
from sim.studies.comparing.compare import compare

VOID = {"meta", "br", "hr", "img", "input", "link", "path", "use"}


class Page(html.parser.HTMLParser):
    """Counts tags, collects ids, headings and attributes, and checks that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def text(results):
    manifest = {
        "command": ["airace", "compare", "a b.toml", "c.toml"],
        "results_hash": "f00d" * 16,
        "versions": {"airace": "0.1.0", "numpy": "2.1"},
    }
    return told_of_comparison(compare(results), manifest).page()


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


@pytest.mark.slow
def test_tags_close_and_ids_are_unique(page):
    assert page.open == []
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []


def test_references_within_the_page_have_targets(page):
    names = [value for _, name, value in page.attributes if name in ("aria-labelledby", "aria-describedby")]
    targets = {part for value in names for part in value.split()}
    targets |= {value[1:] for _, name, value in page.attributes if name in ("href", "xlink:href")}
    assert targets <= set(page.ids)


def test_nothing_is_fetched_and_nothing_runs(page, text):
    assert page.tags["script"] == page.tags["link"] == page.tags["img"] == page.tags["iframe"] == 0
    assert not any(name.startswith("on") or name == "src" for _, name, _ in page.attributes)
    links = {value for _, name, value in page.attributes if name in ("href", "xlink:href")}
    assert all(link.startswith("#") for link in links)
    without_namespaces = re.sub(r'xmlns(?::xlink)?="[^"]*"', "", text)
    assert "http://" not in without_namespaces
    assert "https://" not in without_namespaces
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_headings_are_in_order(page):
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(page.headings))


def test_landmarks_language_and_skip_link(page):
    assert page.tags["main"] == page.tags["header"] == page.tags["nav"] == page.tags["footer"] == 1
    assert ("html", "lang", "en") in page.attributes
    assert ("a", "class", "skip") in page.attributes


def test_every_chart_has_a_name_a_description_and_its_numbers(page, text):
    charts = re.findall(r'<svg class="chart" role="img".*?</svg>', text, flags=re.DOTALL)
    assert len(charts) >= 12
    for chart in charts:
        assert re.search(r"<title [^>]*>[^<]+</title><desc [^>]*>[^<]+</desc>", chart)
    assert page.tags["details"] >= 12


def test_the_sections_come_in_order(page):
    wanted = ["brief", "scenarios", "differences", "risks", "over-time", "grid", "when", "gains", "why", "trust",
              "reproduce"]
    assert [name for name in page.ids if name in wanted] == wanted


def test_assumptions_are_stated(text):
    assert "not a forecast" in text
    assert "Real people and firms appear as stylised agents" in text
    assert "A severe incident is an event caused mainly by AI with at least 50 deaths or USD 100 bn of damage" in text
    assert "How often one happens is an assumption" in text


@pytest.mark.slow
def test_how_to_reproduce_it_is_told(text, results):
    assert "airace compare &#39;a b.toml&#39; c.toml" in text
    assert "f00d" * 16 in text
    assert results.hash() in told_of_comparison(compare(results), None).page()


@pytest.mark.slow
def test_the_same_comparison_gives_the_same_bytes(results, text):
    manifest = {
        "command": ["airace", "compare", "a b.toml", "c.toml"],
        "results_hash": "f00d" * 16,
        "versions": {"airace": "0.1.0", "numpy": "2.1"},
    }
    assert told_of_comparison(compare(results), manifest).page() == text


@pytest.mark.slow
def test_names_from_files_never_become_markup():
    results = made_up_results(HOSTILE, runs=6, months=24, failing=True)
    manifest = {"command": ["</code><script>x</script>"], "results_hash": "<b>"}
    page = told_of_comparison(compare(results), manifest).page()
    assert Page(page).open == []
    assert Page(page).tags["script"] == 0
    assert Page(page).tags["img"] == 0
    assert "{{ 7*7 }}" in page
    assert "\u202e" not in page


@pytest.mark.slow
def test_scenarios_that_span_no_grid_are_told_so_without_a_map():
    page = told_of_comparison(compare(made_up_results(PLAIN[:2], runs=6, months=24))).page()
    assert "do not span a grid" in page
    assert 'id="heat0' not in page


def test_equal_scenarios_make_a_report_without_charts_of_differences():
    same = ((0.35, 0.2),) * 3
    page = told_of_comparison(compare(made_up_results(PLAIN[:3], runs=6, months=24, grid=same))).page()
    assert "exactly the same results" in page
    assert 'id="dots0' not in page
    assert 'id="fan0' not in page


@pytest.mark.slow
def test_a_report_of_one_month_and_two_runs_can_be_written():
    assert "In brief" in told_of_comparison(compare(made_up_results(PLAIN[:2], runs=2, months=1))).page()


@pytest.mark.slow
def test_a_dozen_scenarios_can_be_drawn():
    titles = tuple(f"Scenario {number} of a long study" for number in range(12))
    assert "Scenario 11" in told_of_comparison(compare(made_up_results(titles, runs=6, months=24))).page()


@pytest.mark.slow
def test_the_file_is_written_whole_and_replaces_the_old_one(results, tmp_path):
    place = tmp_path / "new" / "report.html"
    for _ in range(2):
        assert write_report(compare(results), place) == place
    assert place.read_text(encoding="utf-8").endswith("</html>\n")
    assert [path.name for path in place.parent.iterdir()] == ["report.html"]
    assert place.stat().st_size < 10_000_000


@pytest.mark.slow
def test_a_failed_write_leaves_the_old_report(results, tmp_path, monkeypatch):
    place = tmp_path / "report.html"
    place.write_text("old")

    def full_disk(*_):
        raise OSError("no space left")

    monkeypatch.setattr("sim.studies.keeping.folders.os.replace", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_report(compare(results), place)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert place.read_text() == "old"


@pytest.mark.slow
def test_the_finding_needs_no_drawing_library():
    code = "import sys, sim.report.words.narrative; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
