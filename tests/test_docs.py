"""The documentation says what the code does: order, rules, parameters, channels, and examples that run."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sim.engine.live import STAGES
from sim.engine.simulate import simulate
from sim.model.channels import CHANNELS, FAMILIES
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import DATA, GRADES, evidence, graded, levers, parameters, start_rows, starts
from sim.model.reads import Place, functions, readers
from sim.scenario.scenario import Scenario

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MODEL = (DOCS / "model.md").read_text(encoding="utf-8")
WHOLE_TABLES = ("fact", "frontier_model", "lab", "funding", "event", "backtest_target")


# ---- what docs/model.md says -----------------------------------------------------------------------------------
def script(name: str) -> ModuleType:
    """A script of `docs/` as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


GENERATOR = script("generate_model")
RULES = GENERATOR.rules(MODEL)


def test_there_are_rules_and_each_names_functions_that_exist() -> None:
    assert len(RULES) > 40
    assert [rule.heading for rule in RULES if not rule.code] == []
    missing = {rule.heading: gone for rule in RULES if (gone := [place for place in rule.code if not exists(place)])}
    assert missing == {}


def test_the_page_lists_what_each_rule_reads_as_its_code_has_it() -> None:
    assert GENERATOR.written(MODEL) == MODEL, "run: python docs/generate_model.py"


def test_everything_that_a_function_of_the_model_reads_stands_in_a_rule() -> None:
    told = GENERATOR.read_by(MODEL)
    everything = {name for found in told.values() for names in found for name in names}
    silent = {str(place): sorted(left) for place, (own, _) in functions().items()
              if (left := {name for names in own for name in names} - everything)}
    assert silent == {}, f"read, but in no rule of docs/model.md: {silent}"


def test_every_parameter_and_every_lever_is_read_somewhere() -> None:
    assert sorted({*parameters(), *levers()} - set(readers())) == [], "these change nothing"


def test_contributing_walks_through_functions_that_exist() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    walks = told[told.index("**One lever"):told.index("## House rules")]
    named = [(file, name) for file, names in re.findall(r"`(sim/[a-z_/]+\.py)`: ((?:`\w+`(?:, )?)+)", walks)
             for name in re.findall(r"`(\w+)`", names)]
    assert len(named) >= 25
    assert [pair for pair in named if not exists(Place(*pair))] == []


def exists(place: Place) -> bool:
    """Whether the file defines a function or class of that name."""
    text = (ROOT / place.file).read_text(encoding="utf-8")
    return f"def {place.function}(" in text or f"class {place.function}" in text


def test_the_documented_order_is_the_order_of_the_month() -> None:
    tree = ast.parse((ROOT / "sim" / "model" / "month.py").read_text(encoding="utf-8"))
    calls = {node.name: [f"{owner(call.func.value)}.{call.func.attr}" for call in ast.walk(node)
                         if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
                         and call.args and owner(call.args[0]) == "run"]
             for node in tree.body if isinstance(node, ast.FunctionDef)}
    told = MODEL[MODEL.index("## Order of one month"):].partition("```text\n")[2].partition("```")[0]
    assert re.findall(r"\b[a-z]+\.[a-z_]+\b", told) == [call for stage in STAGES for call in calls[stage.__name__]]
    assert re.findall(r"^([a-z_]+)", told, re.M) == [stage.__name__ for stage in STAGES]


def owner(node: ast.expr) -> str:
    """The last name before the dot."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_every_outcome_and_every_claim_has_its_place() -> None:
    assert [name for name in OUTCOMES if f"`{name}`" not in MODEL] == []
    table = MODEL[MODEL.index("## The claims"):]
    assert re.findall(r"^\| (S\d+) ", table, re.M) == [f"S{n}" for n in range(1, 22)]


def test_the_claims_table_names_levers_and_functions_that_exist() -> None:
    table = MODEL[MODEL.index("## The claims"):]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| S")]
    assert {len(row) for row in rows} == {6}
    for claim, _, _, lever, code, test in rows:
        named = re.findall(r"`([a-z]+\.[a-z_0-9]+)[ `=]", lever)
        assert set(named) <= set(levers()), claim
        assert named or claim == "S21", claim
        places = re.findall(r"`(sim/[a-z_/]+\.py)`: ((?:`\w+`(?:, )?)+)", code)
        assert places, claim
        for file, names in places:
            assert all(exists(Place(file, name)) for name in re.findall(r"`(\w+)`", names)), claim
        assert test == f"tests/model/directions/test_article_claims.py, {claim}"


# ---- the lesson: what causes what --------------------------------------------------------------------------------
CAUSES, PICTURE = script("causes"), script("draw_causes")  # in this order: the second imports the first
LESSON = (DOCS / "lesson.md").read_text(encoding="utf-8")
HANDED_ON = """
def give(run, amount, wanted):
    labs = run.labs
    share = amount * labs.mission[0]
    if labs.cash[0] > 0.0:
        labs.safety[0] = share
    wanted[0] = run.capital.sentiment
"""


def test_the_picture_of_causes_and_its_list_are_those_of_the_code() -> None:
    stale = "stale: run `python docs/draw_causes.py`"
    assert PICTURE.PICTURE.read_text(encoding="utf-8") == PICTURE.picture(), stale
    assert PICTURE.written(LESSON) == LESSON, stale


def test_every_quantity_of_the_state_is_in_one_box_or_left_out_by_name() -> None:
    assert PICTURE.unplaced() == set()
    placed = [name for group in PICTURE.GROUPS.values() for name in group.quantities.split()]
    assert len(placed) == len(set(placed))


def test_an_arrow_that_no_rule_makes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ("Lobbying", "Compute") not in PICTURE.links()
    monkeypatch.setitem(PICTURE.LOOPS, "Capital", ("#000", "#fff", "Lobbying Compute"))
    PICTURE.arrows.cache_clear()
    with pytest.raises(ValueError, match="no rule reads Lobbying to write Compute"):
        PICTURE.arrows()
    monkeypatch.undo()
    PICTURE.arrows.cache_clear()


def test_causes_are_followed_through_local_names_conditions_and_arguments() -> None:
    function = ast.parse(HANDED_ON).body[0]
    found = CAUSES._Reader("labs", function).read()
    assert found.writes["labs.safety"] == {"=amount", "labs.mission", "labs.cash"}
    assert found.writes["=wanted"] == {"capital.sentiment"}


def test_known_causes_are_found_and_known_non_causes_are_not() -> None:
    pairs = {(cause.source, cause.target) for cause in CAUSES.causes()}
    assert {("nations.hostility", "labs.enmity"), ("labs.safety", "now.severe_hazard"),
            ("regulators.incident_memory", "regulators.draft"), ("labs.funding_gap", "labs.converting"),
            ("nations.export_control", "labs.compute"), ("labs.safety", "labs.capability")} <= pairs
    targets = {target for source, target in pairs if source == "now.lobbying"}
    assert targets == set(), "what is only counted for the reader moves nothing"


def test_the_lesson_is_of_about_twenty_minutes() -> None:
    prose = re.sub(r"```.*?```|<details.*?</details>", "", LESSON, flags=re.S)
    assert 1200 < len(prose.split()) <= 2000
    assert LESSON.count("```sh") >= 7


# ---- the glossary ------------------------------------------------------------------------------------------------
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
PLAIN = {"active_labs", "largest_run_cost_usd_mn", "chip_price_index", "chip_sales_usd_bn", "us_revenue_share",
         "price_fixed_capability_index", "taxes_us_usd_bn", "taxes_china_usd_bn"}
"""Outcomes whose titles need no glossary."""


def test_the_glossary_has_every_outcome_that_does_not_explain_itself_and_every_unit() -> None:
    terms, _, units = GLOSSARY.partition("## Units")
    assert set(re.findall(r"`([a-z0-9_]+)`", terms)) == set(OUTCOMES) - PLAIN
    assert set(re.findall(r"`([^`]+)`", units)) == {outcome.unit for outcome in OUTCOMES.values()}


def test_the_glossary_is_in_alphabetical_order_and_each_term_can_be_linked_to() -> None:
    terms = re.findall(r"^\*\*(.+?)\.\*\* .+\n\{ #([a-z0-9-]+) \}$", GLOSSARY, re.M)
    assert len(terms) == GLOSSARY.count("\n**") > 70
    names = [name.partition(",")[0].lower() for name, _ in terms]
    assert names == sorted(names)
    assert len({anchor for _, anchor in terms}) == len(terms)


# ---- a page for each claim ---------------------------------------------------------------------------------------
PAGES_OF_CLAIMS = script("generate_claims")


def test_the_pages_of_claims_are_fresh_and_there_are_no_others() -> None:
    pages = PAGES_OF_CLAIMS.pages()
    stale = [path.name for path, text in pages.items()
             if not path.is_file() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "stale: run `python docs/generate_claims.py`"
    assert {path for path in pages if path.parent.name == "claims"} == set((DOCS / "claims").glob("*.md"))


def test_how_to_read_a_claim_holds_no_measured_number_and_is_told_of_each() -> None:
    told = PAGES_OF_CLAIMS.told()
    assert list(told) == [f"S{n}" for n in range(1, 22)]
    measured = {number: found for number, entry in told.items() if (found := re.findall(
        r"\d[\d.,]*(?:%| times| points)|[$+-]\d[\d.]*", entry["reading"]))}
    assert measured == {}, "sizes stand in README.md and are measured by `airace check --only claims`"


def test_every_claim_but_the_last_has_a_rule_a_lever_and_parameters() -> None:
    for row in PAGES_OF_CLAIMS.rows()[:-1]:
        assert PAGES_OF_CLAIMS.rules_of(row.number), row.number
        assert any(PAGES_OF_CLAIMS.read_in(row.number).values()), row.number
        assert set(PAGES_OF_CLAIMS.told()[row.number]["set"]) <= {
            path for path, lever in levers().items() if row.number in lever.s_rows}, row.number


# ---- parameters and evidence -------------------------------------------------------------------------------------
def test_the_page_of_parameters_is_fresh() -> None:
    page = (DOCS / "parameters.md").read_text(encoding="utf-8")
    assert page == script("generate_parameters").page(), "stale: run `python docs/generate_parameters.py`"


def test_the_readme_counts_what_parameters_rest_on() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([a-z ]+) \| (\d+) \|", readme, re.M))
    stale = "stale: run `python docs/generate_parameters.py`"
    assert told == {GRADES[grade]: str(number) for grade, number in graded().items()}, stale
    assert f"Each of the {len(parameters())} parameters is graded" in readme, stale


def test_every_evidence_id_exists() -> None:
    known = {*evidence(), *WHOLE_TABLES}
    named = {row for p in [*parameters().values(), *levers().values()] for row in p.evidence}
    for start in starts():
        for group in start_rows(start).values():
            named |= {row for fields in group.values() for row in fields.get("sources", ())}
    for path in (ROOT / "sim").rglob("*.py"):
        named |= set(re.findall(r"`evidence: ([\w-]+)`", path.read_text(encoding="utf-8")))
    for path in DOCS.glob("*.md"):
        listed = re.findall(r"evidence(?: tables?)? ((?:`[\w-]+`(?:,\s+)?)+)", path.read_text(encoding="utf-8"))
        named |= {row for row_list in listed for row in re.findall(r"`([\w-]+)`", row_list)}
    assert sorted(named - known) == []


def test_every_row_of_the_evidence_has_an_id_of_its_own() -> None:
    text = (DATA / "evidence.toml").read_text(encoding="utf-8")
    rows = re.findall(r'^id = "([^"]+)"', text, re.M)
    assert len(rows) == len(set(rows))


# ---- ten years -----------------------------------------------------------------------------------------------------
def test_every_outcome_stands_in_one_picture_and_the_page_shows_each_picture() -> None:
    pictures = script("draw_ten_years")
    drawn = [name for names in pictures.groups().values() for name in names]
    assert sorted(drawn) == sorted(OUTCOMES)
    page = (DOCS / "ten_years.md").read_text(encoding="utf-8")
    for theme in set(pictures.groups()) - {pictures.OTHER}:  # a new outcome may wait there for its theme
        assert f"(images/{pictures.picture(theme).name})" in page, theme
        assert pictures.picture(theme).is_file(), "run: python docs/draw_ten_years.py"
    assert sum(path.stat().st_size for path in pictures.IMAGES.glob("ten_years_*.png")) < 1.5e6


def test_a_picture_of_ten_years_is_drawn_and_its_tests_name_every_outcome(tmp_path: Path) -> None:
    pictures = script("draw_ten_years")
    results = simulate(Scenario.load(pictures.SCENARIO), runs=2, months=3)
    pictures.save(pictures.draw(results, "incidents"), tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").stat().st_size > 5000
    assert [line.split()[0] for line in pictures.table(results).splitlines()[1:]] == list(OUTCOMES)
    still = pictures.tested(np.array([[0.0, 0.0], [-1.0, np.nan]]), OUTCOMES["adoption"])
    assert (still.infinite, still.negative, still.still) == (1, 1, 1)


# ---- words ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_files_that_a_page_names_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:sim|scenarios|tests|docs)/[\w/.-]+\.(?:py|toml|md))`", text))
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


def test_the_channels_of_luck_that_are_listed_are_those_that_the_model_draws_from() -> None:
    drawn = set().union(*(own.channels for own, _ in functions().values()))
    assert drawn == set(CHANNELS)
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sim").rglob("*.py"))
    assert set(re.findall(r'uniform\(f"(\w+\.)\{', code)) == set(FAMILIES)
