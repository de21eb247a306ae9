"""Ways in: what comes with airace is found by its name, in any folder, and under the name it is installed by."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.scenario.scenario import Scenario, ScenarioError
from sim.scenario.shipped import design_files, scenario_files
from sim.studies.sweeping.design import Design

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


# ---- names ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["strict_rivalry", "strict_rivalry.toml"])
def test_a_shipped_scenario_is_loaded_and_extended_by_its_name_in_any_folder(folder: Path, name: str) -> None:  # noqa: ARG001
    shipped = Scenario.load(ROOT / "scenarios" / "strict_rivalry.toml")
    assert Scenario.load(name) == shipped
    child = Scenario.load(write("child.toml", f'title = "Child"\nextends = "{name}"\n'))
    assert child.levers == shipped.levers


def test_a_file_beside_it_wins_with_and_without_its_ending(folder: Path) -> None:  # noqa: ARG001
    write("baseline.toml", 'title = "Mine"\nmonths = 7\n')
    for name in ("baseline", "baseline.toml"):
        assert Scenario.load(name).title == "Mine"
        assert Scenario.load(write("child.toml", f'title = "Child"\nextends = "{name}"\n')).months == 7
    Path("sub").mkdir()
    assert Scenario.load(write("sub/child.toml", 'title = "Child"\nextends = "baseline"\n')).months == 120


def test_a_file_of_a_shipped_name_extends_the_shipped_one_and_not_itself(folder: Path) -> None:  # noqa: ARG001
    mine = Scenario.load(write("strict_rivalry.toml", 'title = "Mine"\nextends = "strict_rivalry"\n'))
    assert mine.levers["regulation.strictness"] == 0.8
    with pytest.raises(ScenarioError, match="extends itself"):
        Scenario.load(write("strict_rivalry.toml", 'title = "Mine"\nextends = "strict_rivalry.toml"\n'))


def test_what_a_shipped_scenario_extends_comes_with_airace_too(folder: Path) -> None:  # noqa: ARG001
    write("baseline.toml", 'title = "Mine"\nmonths = 7\n')
    assert Scenario.load(write("child.toml", 'title = "Child"\nextends = "strict_rivalry"\n')).months == 120


def test_a_link_of_a_shipped_name_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    inside = folder / "inside"
    inside.mkdir()
    write("outside.toml", 'title = "Outside"\n')
    (inside / "baseline.toml").symlink_to(folder / "outside.toml")
    with pytest.raises(ScenarioError, match="S118"):
        Scenario.load(write("inside/child.toml", 'title = "Child"\nextends = "baseline"\n'))


def test_a_folder_of_a_shipped_name_does_not_hide_it(folder: Path) -> None:
    (folder / "baseline").mkdir()
    assert Scenario.load("baseline").title == "Baseline"


def test_a_missing_parent_is_not_taken_for_the_file_that_names_it(folder: Path) -> None:  # noqa: ARG001
    with pytest.raises(ScenarioError) as error:
        Scenario.load(write("quay.toml", 'title = "A"\nextends = "quays.toml"\n'))
    assert "did you mean" not in str(error.value)
    assert "airace list scenarios" in str(error.value)


def test_a_design_is_found_by_its_name_and_names_its_base_so(folder: Path) -> None:  # noqa: ARG001
    assert Design.load("strictness_x_cooperation").base == Scenario.load("baseline")
    axes = '[axes]\n"regulation.strictness" = [0.1, 0.2]\n'
    assert Design.load(write("mine.toml", f'base = "strict_rivalry"\n{axes}')).base == Scenario.load("strict_rivalry")
    write("strict_rivalry.toml", 'title = "Mine"\n')
    assert Design.load("mine.toml").base.title == "Mine"
    with pytest.raises(FileNotFoundError, match="airace list designs"):
        Design.load("strictness_x")


def test_what_comes_with_airace_is_listed_with_title_and_question() -> None:
    assert {*sim.scenarios(), *sim.worlds()} == set(scenario_files())
    assert not {*sim.scenarios()} & {*sim.worlds()}
    assert set(design_files()) == {path.stem for path in (ROOT / "scenarios" / "sweeps").glob("*.toml")}
    for name, about in {**sim.scenarios(), **sim.worlds()}.items():
        scenario = Scenario.load(name)
        assert (about.title, about.question) == (scenario.title, scenario.question)


# ---- the import ----------------------------------------------------------------------------------------------------
def test_airace_is_sim_under_the_name_that_it_is_installed_by() -> None:
    import airace.studies.sweeping.design
    from airace.scenario.scenario import Scenario as Same

    import airace

    assert airace is sim
    assert airace.simulate is sim.simulate
    assert sys.modules["airace.studies.sweeping.design"] is sys.modules["sim.studies.sweeping.design"]
    assert Same is Scenario
    with pytest.raises(ModuleNotFoundError, match="nonsense"):
        import airace.nonsense


def test_sim_shows_what_is_public_and_nothing_else() -> None:
    assert [name for name in dir(sim) if not name.startswith("__")] == sorted(set(sim.__all__) - {"__version__"})
    assert all(getattr(sim, name) is not None for name in sim.__all__)


def process(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True,
                          timeout=120, check=False)


@pytest.mark.parametrize("module", ["airace", "sim"])
def test_the_command_runs_as_a_module_in_any_folder(module: str, tmp_path: Path) -> None:
    assert process("-m", module, "--version", cwd=tmp_path).stdout.startswith("airace ")


@pytest.mark.slow
def test_published_results_and_a_file_of_ones_own_that_is_called_sim(tmp_path: Path) -> None:
    fresh = process("-c", "import sim; print(sim.published.__name__, 'numpy' in dir(sim))", cwd=tmp_path)
    assert fresh.stdout == "sim.model.published False\n"
    (tmp_path / "sim.py").write_text("", encoding="utf-8")
    shadowed = process("-c", "import airace", cwd=tmp_path)
    assert "rename it" in shadowed.stderr
