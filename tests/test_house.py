"""The house around the model: pins, packages, scenarios, versions, and words that do not belong."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import sim
from sim.cli.version import version
from sim.scenario.scenario import Scenario
from sim.scenario.shipped import scenario_files

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
EXTRAS = PROJECT["project"]["optional-dependencies"]
DEPENDENCIES = [text for text in [*PROJECT["project"]["dependencies"], *EXTRAS["dev"], *EXTRAS["app"], *EXTRAS["arena"],
                *EXTRAS["sweep"]]
                if not text.startswith("airace[")]
SCENARIOS = sorted(path for part in ("*.toml", "worlds/*.toml") for path in (ROOT / "scenarios").glob(part))


def canonical(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def project_files() -> list[Path]:
    """The files under version control, or, outside a checkout, those of the known folders."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [
            path
            for part in ("sim", "scenarios", "tests", "docs")
            for path in (ROOT / part).rglob("*")
            if path.is_file()
        ]


# ---- pins --------------------------------------------------------------------------------------------


def test_constraints_hold_exact_versions_and_nothing_else():
    wrong = [line for line in PINS if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9_.!+-]*( ; .+)?", line)]
    assert wrong == []
    requirements = [Requirement(line) for line in PINS]
    names = [canonical(each.name) for each in requirements]
    for each in requirements:  # twice only where markers tell apart for which Python a version is
        assert each.marker is not None or names.count(canonical(each.name)) == 1, each


def test_the_lock_has_the_versions_of_the_constraints_each_with_hashes():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", lock) if block]
    locked = {block.partition(" \\")[0] for block in blocks}
    assert set(PINS) <= locked
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    needed = {canonical(Requirement(text).name) for text in DEPENDENCIES}
    assert needed <= {canonical(name.partition("==")[0]) for name in locked}


def test_every_dependency_is_pinned_within_its_range():
    pinned = {canonical(name): found.partition(" ")[0] for name, _, found in (line.partition("==") for line in PINS)}
    for text in DEPENDENCIES:
        requirement = Requirement(text)
        assert pinned[canonical(requirement.name)] in requirement.specifier, text


def test_the_oldest_versions_that_are_tried_are_the_lower_bounds():
    oldest = (ROOT / ".ci" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    assert oldest == [text.replace(">=", "==").partition(",")[0] for text in PROJECT["project"]["dependencies"]]


# ---- package -----------------------------------------------------------------------------------------


def test_every_folder_with_code_or_scenarios_is_in_the_wheel():
    folders = {path.parent.relative_to(ROOT).as_posix().replace("/", ".")
               for part in ("airace", "sim") for path in (ROOT / part).rglob("*.py")}
    packages = set(PROJECT["tool"]["setuptools"]["packages"])
    assert folders | {"sim.data.scenarios"} == packages
    assert PROJECT["tool"]["setuptools"]["package-dir"] == {"sim.data.scenarios": "scenarios"}
    in_folders = {f"{path.parent.name}/*.toml" for path in (ROOT / "scenarios").glob("*/*.toml")}
    assert {"*.toml", *in_folders} == set(PROJECT["tool"]["setuptools"]["package-data"]["sim.data.scenarios"])


def test_versions_agree_in_package_metadata_change_log_and_citation():
    expected = PROJECT["project"]["version"]
    inside = ROOT / "sim" / "data" / "CITATION.cff"  # an installed airace cites itself by this one
    assert inside.read_bytes() == (ROOT / "CITATION.cff").read_bytes()
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    cited = re.search(r"^version: (\S+)", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    assert newest is not None
    assert cited is not None
    assert {sim.__version__, version(), newest[1], cited[1]} == {expected}


# ---- scenarios ---------------------------------------------------------------------------------------


def test_the_core_scenarios_of_the_makefile_are_there():
    named = re.findall(r"scenarios/\w+\.toml", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(named) == 4
    assert all((ROOT / name).is_file() for name in named)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_valid_says_what_it_asks_and_warns_of_nothing(path):
    scenario = Scenario.load(path)
    assert scenario.question
    assert scenario.look_for
    assert scenario.warnings == ()
    assert scenario_files()[path.stem] == path


def test_shipped_scenarios_have_titles_of_their_own():
    titles = [Scenario.load(path).title for path in SCENARIOS]
    assert len(titles) == len(set(titles))


# ---- numbers ---------------------------------------------------------------------------------------------

RULES = [*(ROOT / "sim" / "agents").glob("*.py"), *(ROOT / "sim" / "institutions").glob("*.py"),
         ROOT / "sim" / "model" / "month.py"]
FORMS = {0.0, 1.0, 2.0, 0.5, 10.0, 12.0, 1000.0}  # halves and squares, log10, months in a year, billions in millions
GUARD = 1e-6  # smaller numbers keep quotients and logarithms finite
MOST_COLUMNS = 4  # whole numbers up to this one count draws or columns
NAMED = {"_TINY", "_NOTHING", "_ROUNDING", "_NEARLY_ALL", "_ABOVE_MAX",  # keep formulas finite
         "_GW_PER_KW", "_HUNDRED_BILLION",  # units, and the mark that an event reports
         "_NEWS_STEP", "_OFF_ROUND_FIGURES",  # what is told as an event
         "SLOTS_FOR_RIVALS", "_HALVINGS", "_WIDEST_LOG_SAFETY"}  # sizes of tables and searches


def bare_numbers(source: str) -> list[tuple[int, float]]:
    """Line and value of each number in a function's body that only the parameter file should hold."""
    found = []
    for function in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)):
        for part in function.body:
            for node in ast.walk(part):
                if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
                    continue
                size = abs(node.value)
                counts = isinstance(node.value, int) and size <= MOST_COLUMNS
                if not (counts or size in FORMS or size <= GUARD):
                    found.append((node.lineno, node.value))
    return found


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_no_number_that_shapes_behaviour_stands_in_a_rule(path):
    assert bare_numbers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_numbers_with_a_name_in_a_file_of_rules_are_guards_units_or_sizes(path):
    named = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(
                isinstance(part, ast.Constant) and isinstance(part.value, float) for part in ast.walk(node.value)):
            named |= {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    assert named <= NAMED


def test_a_bare_number_in_a_rule_would_be_found():
    assert bare_numbers("def rule(world):\n    return 0.35 * world.labs.cash") == [(2, 0.35)]


# ---- words -------------------------------------------------------------------------------------------


def test_the_readme_documents_every_command_option_and_exit_code():
    from sim.cli.commands import COMMANDS
    from sim.cli.exits import EXIT_CODES

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"| `airace {name}" in text for name in COMMANDS)
    assert all(f"| {code} | {meaning} |" in text for code, meaning in EXIT_CODES.items())


def test_the_scenario_in_the_readme_is_valid_in_any_folder(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = text[text.index("```toml\n") + 8 :].partition("```")[0]
    (tmp_path / "example.toml").write_text(example, encoding="utf-8")
    scenario = Scenario.load(tmp_path / "example.toml")
    assert scenario.levers["regulation.us.strictness"] == 0.6
    assert scenario.warnings == ()


def test_continuous_integration_runs_the_command_that_the_readme_names():
    script = ROOT / ".ci" / "run"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search("^make test", readme, re.M)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"
    assert os.access(script, os.X_OK)


def test_every_dependency_has_its_reason_in_contributing():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("## Dependencies") :]
    for requirement in [*PROJECT["project"]["dependencies"], *(text for extra in EXTRAS.values() for text in extra)]:
        assert re.search(rf"\b{re.split('[<>=!~;[ ]', requirement)[0]}\b", table), requirement


def test_no_machine_path_and_no_registry_address_in_any_file():
    # built from pieces, so that this file does not contain them
    unwanted = [f"/{word}/" for word in ("work", "root", "tmp/venv", "opt/wheels")] + [
        "pypi" + ".org",
        "pythonhosted" + ".org",
    ]
    found = []
    for path in project_files():
        if path == Path(__file__) or path.suffix in (".png", ".parquet", ".ipynb"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [(path.relative_to(ROOT).as_posix(), word) for word in unwanted if word in text]
    assert found == []


def test_notebooks_and_json_files_parse():
    for path in project_files():
        if path.suffix in (".ipynb", ".json"):
            json.loads(path.read_text(encoding="utf-8"))
