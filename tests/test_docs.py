"""The documentation says what the code does: order, rules, parameters, channels, and examples that run."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from sim.engine.live import STAGES
from sim.model.channels import CHANNELS, FAMILIES
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import DATA, evidence, levers, parameters, start_rows, starts

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MODEL = (DOCS / "model.md").read_text(encoding="utf-8")
WHOLE_TABLES = ("fact", "frontier_model", "lab", "funding", "event", "backtest_target")


# ---- what the code reads -------------------------------------------------------------------------------------
class Reads(dict[str, set[str]]):
    """What one function reads: `parameters`, `levers` (by path) and `channels` of luck."""


def owner(node: ast.expr) -> str:
    """The last name before the dot: `p` of `p.race_mu` and of `world.p.race_mu`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def reads_of(function: ast.FunctionDef) -> Reads:
    found = Reads(parameters=set(), levers=set(), channels=set())
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            if owner(node.value) == "p" and node.attr in parameters():
                found["parameters"].add(node.attr)
            if f"{owner(node.value)}.{node.attr}" in levers():
                found["levers"].add(f"{owner(node.value)}.{node.attr}")
        if isinstance(node, ast.Attribute) and owner(node.value) == "CHANNEL":
            found["channels"].add(node.attr.replace("_", ".", 1))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
                and node.func.attr in ("uniform", "normal", "happens") and owner(node.func.value) == "luck"
                and isinstance(node.args[0], ast.Constant)):
            found["channels"].add(str(node.args[0].value))
    return found


@cache
def own_reads() -> dict[tuple[str, str], tuple[Reads, set[str]]]:
    """Every function of the model by file and name: what it reads itself, which functions of its file it calls."""
    found = {}
    for path in sorted((ROOT / "sim").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                calls = {call.func.id for call in ast.walk(node)
                         if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
                found[path.relative_to(ROOT).as_posix(), node.name] = reads_of(node), calls
            if isinstance(node, ast.ClassDef):
                nothing = Reads(parameters=set(), levers=set(), channels=set())
                found[path.relative_to(ROOT).as_posix(), node.name] = nothing, set()
    return found


@cache
def functions() -> dict[tuple[str, str], Reads]:
    """Every function of the model by file and name, with what it reads.

    A private one that no rule names is part of those that call it.
    """
    named = {pair for rule in rules().values() for pair in code_of(rule)}
    found: dict[tuple[str, str], Reads] = {}
    for (file, name), (own, _) in own_reads().items():
        if name.startswith("_") and (file, name) not in named:
            continue
        reads, waiting, seen = Reads({kind: set(some) for kind, some in own.items()}), [name], {name}
        while waiting:
            for called in own_reads()[file, waiting.pop()][1] - seen:
                if called.startswith("_") and (file, called) in own_reads() and (file, called) not in named:
                    seen.add(called)
                    waiting.append(called)
                    for kind, some in own_reads()[file, called][0].items():
                        reads[kind] |= some
        found[file, name] = reads
    return found


# ---- what docs/model.md says -----------------------------------------------------------------------------------
class Rule(dict[str, list[str]]):
    """One rule of docs/model.md: names in back quotes by label ("Reads", "Levers", "Luck", "Code")."""


@cache
def rules() -> dict[str, Rule]:
    """The rules by heading, as in "L1 The safety race"."""
    found = {}
    for part in re.split(r"^#### ", MODEL, flags=re.M)[1:]:
        heading, _, body = part.partition("\n")
        body = re.split(r"^#{1,3} ", body, flags=re.M)[0]
        rule = Rule()
        for label, text in re.findall(r"^- (Reads|Levers|Luck|Code): (.+(?:\n  .+)*)", body, re.M):
            rule[label] = re.findall(r"`([^`]+)`", text)
        found[heading.strip()] = rule
    return found


def code_of(rule: Rule) -> list[tuple[str, str]]:
    """File and function of everything on a rule's Code line: a file, then its functions."""
    pairs, file = [], ""
    for name in rule["Code"]:
        if name.endswith(".py"):
            file = name
        else:
            pairs.append((file, name))
    return pairs


RULES = rules()


def test_there_are_rules_and_each_says_where_its_code_is() -> None:
    assert len(RULES) > 40
    assert [heading for heading, rule in RULES.items() if not code_of(rule)] == []


@pytest.mark.slow
@pytest.mark.parametrize("heading", RULES, ids=lambda heading: heading.partition(" ")[0])
def test_a_rule_names_functions_that_exist_and_all_that_they_read(heading: str) -> None:
    """Its lists are what its functions read, no more; what is missing may stand in another rule of that function."""
    rule = RULES[heading]
    missing = [pair for pair in code_of(rule) if pair not in functions()]
    assert missing == [], f"docs/model.md, {heading}: no such function"
    for label, kind in (("Reads", "parameters"), ("Levers", "levers"), ("Luck", "channels")):
        read = set().union(*(functions()[pair][kind] for pair in code_of(rule)))
        assert set(rule.get(label, ())) - read == set(), f"docs/model.md, {heading}: its code does not read these"


@pytest.mark.parametrize(("label", "kind"), [("Reads", "parameters"), ("Levers", "levers"), ("Luck", "channels")])
def test_everything_that_a_function_of_the_model_reads_stands_in_one_of_its_rules(label: str, kind: str) -> None:
    said = defaultdict(set)
    for rule in RULES.values():
        for pair in code_of(rule):
            said[pair] |= set(rule.get(label, ()))
    silent = {f"{file}: {name}": sorted(reads[kind] - said[file, name])
              for (file, name), reads in functions().items() if reads[kind] - said[file, name]}
    assert silent == {}, f"read, but in no rule of docs/model.md on its line {label}: {silent}"


def test_every_parameter_is_read_somewhere() -> None:
    read = set().union(*(reads["parameters"] for reads in functions().values()))
    assert sorted(set(parameters()) - read) == [], "parameters that change nothing"


def test_every_lever_is_read_somewhere() -> None:
    read = set().union(*(reads["levers"] for reads in functions().values()))
    assert sorted(set(levers()) - read) == [], "levers that change nothing"


def test_the_documented_order_is_the_order_of_the_month() -> None:
    tree = ast.parse((ROOT / "sim" / "model" / "month.py").read_text(encoding="utf-8"))
    calls = {node.name: [f"{owner(call.func.value)}.{call.func.attr}" for call in ast.walk(node)
                         if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
                         and call.args and owner(call.args[0]) == "run"]
             for node in tree.body if isinstance(node, ast.FunctionDef)}
    told = MODEL[MODEL.index("## Order of one month"):].partition("```text\n")[2].partition("```")[0]
    assert re.findall(r"\b[a-z]+\.[a-z_]+\b", told) == [call for stage in STAGES for call in calls[stage.__name__]]
    assert re.findall(r"^([a-z_]+)", told, re.M) == [stage.__name__ for stage in STAGES]


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
            assert all((file, name) in functions() for name in re.findall(r"`(\w+)`", names)), claim
        assert test == f"tests/model/directions/test_article_claims.py, {claim}"


# ---- parameters and evidence -------------------------------------------------------------------------------------
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_parameters", DOCS / "generate_parameters.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_parameters_is_fresh() -> None:
    page = (DOCS / "parameters.md").read_text(encoding="utf-8")
    assert page == generator().page(), "stale: run `python docs/generate_parameters.py`"


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


# ---- words ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_files_that_a_page_names_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:sim|scenarios|tests|docs)/[\w/.-]+\.(?:py|toml|md))`", text))
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


def test_the_channels_of_luck_that_are_listed_are_those_that_the_model_draws_from() -> None:
    drawn = set().union(*(reads["channels"] for reads in functions().values()))
    assert drawn == set(CHANNELS)
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sim").rglob("*.py"))
    assert set(re.findall(r'uniform\(f"(\w+\.)\{', code)) == set(FAMILIES)
