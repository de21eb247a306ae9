"""A study in a folder: read back as it was, never over something else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from study_folder import FILES, Make, Snapshot

from sim.engine.provenance import Provenance
from sim.engine.results import Results
from sim.model.outcomes import NAMES, OUTCOMES
from sim.scenario.scenario import Scenario
from sim.studies.keeping import folders, store
from sim.studies.keeping.store import StoreError

# ---- there and back --------------------------------------------------------------------------------------


def test_a_study_is_read_back_as_it_was(study: Results, tmp_path: Path) -> None:
    folder = study.save(tmp_path / "out", command=["airace", "compare"])
    again = Results.load(folder)
    assert again.hash() == study.hash()
    np.testing.assert_array_equal(again.values, study.values)
    pd.testing.assert_frame_equal(again.events, study.events)
    pd.testing.assert_frame_equal(again.runs, study.runs)
    assert again.scenarios == study.scenarios
    assert (again.failures, again.versions, again.elapsed) == (study.failures, study.versions, 1.5)
    assert (again.seed, again.first_run, again.titles) == (3, 0, study.titles)


def test_values_by_lab_are_kept_too(make_results: Make, tmp_path: Path) -> None:
    cash = np.random.default_rng(1).standard_normal((2, 40, 6, 3))
    labs = {"cash_usd_bn": cash, "open": cash > 0}
    study = make_results(labs=labs, lab_names=["OpenAI", "xAI", "DeepSeek"])
    again = Results.load(study.save(tmp_path))
    assert again.labs is not None
    assert again.labs["lab"].values.tolist() == ["OpenAI", "xAI", "DeepSeek"]
    np.testing.assert_array_equal(again.labs["cash_usd_bn"].values, cash)
    np.testing.assert_array_equal(again.labs["open"].values, cash > 0)


def test_the_tables_are_those_of_the_results_with_units(study: Results, tmp_path: Path) -> None:
    study.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    pd.testing.assert_frame_equal(runs, study.runs, check_dtype=False)
    months = pd.read_parquet(tmp_path / "months.parquet")
    assert list(months.columns) == ["scenario", "month", "date", "outcome", "mean",
                                    "p5", "p25", "p50", "p75", "p95"]
    assert len(pd.read_parquet(tmp_path / "events.parquet")) == len(study.events)
    values = pd.read_parquet(tmp_path / "values.parquet").set_index(["scenario", "run", "month"])["trust"]
    path = study.months["trust"].sel(scenario="Strict", run=2)
    np.testing.assert_array_equal(values.loc["Strict", 2].to_numpy(), path.values)
    for name in ("runs.parquet", "values.parquet"):
        schema = pq.read_schema(tmp_path / name)
        units = {outcome: schema.field(outcome).metadata[b"unit"].decode() for outcome in NAMES}
        assert units == {outcome: OUTCOMES[outcome].unit for outcome in NAMES}


def test_the_manifest_says_what_made_the_study(study: Results, tmp_path: Path) -> None:
    study.save(tmp_path, command=["airace", "compare", "a.toml"])
    manifest = store.read_manifest(tmp_path / "manifest.json")
    assert manifest == store.read_manifest(tmp_path)
    assert manifest["scenarios"] == [scenario.resolved() for scenario in study.scenarios]
    assert store.scenarios_of(manifest) == list(study.scenarios)
    assert (manifest["seed"], manifest["runs"], manifest["months"], manifest["first_run"]) == (3, 40, 6, 0)
    assert manifest["results_hash"] == study.hash()
    assert manifest["command"] == ["airace", "compare", "a.toml"]
    assert manifest["versions"] == {"airace": "0.1.0"}


def test_the_same_results_give_the_same_bytes(study: Results, tmp_path: Path) -> None:
    one, other = (Snapshot(study.save(tmp_path / name))() for name in ("one", "other"))
    assert one == other


def test_a_study_without_events_or_complete_runs_can_be_kept(make_results: Make, tmp_path: Path) -> None:
    values = np.full((2, 4, 6, len(NAMES)), np.nan)
    study = make_results(values=values)
    assert Results.load(study.save(tmp_path)).hash() == study.hash()


def test_scenarios_keep_their_levers_through_a_manifest(
        make_results: Make, make_scenario: Callable[..., Scenario], tmp_path: Path) -> None:
    strict = make_scenario("Strict", regulation={"strictness": 0.8, "us": {"strictness": 0.6}})
    again = Results.load(make_results(scenarios=[make_scenario("Base"), strict]).save(tmp_path))
    assert again.scenarios[1].levers["regulation.us.strictness"] == 0.6
    assert again.scenarios[1].set_levers == strict.set_levers


# ---- whose folder it is ----------------------------------------------------------------------------------


def test_a_folder_with_another_study_is_refused_unless_forced(make_results: Make, tmp_path: Path) -> None:
    make_results(seed=1).save(tmp_path)
    before = Snapshot(tmp_path)()
    others = {"seed": make_results(seed=2), "title": make_results(("Base", "Loose"), seed=1),
              "months": make_results(months=5, seed=1), "first run": make_results(seed=1, first_run=40),
              "uncertainty": make_results(seed=1, uncertainty="prior"),
              "what departs": make_results(seed=1, departures=("rules of one's own: with tax", "")),
              "the version of numpy": make_results(seed=1, versions={"numpy": "0.1"})}
    for what, other in others.items():
        with pytest.raises(StoreError, match=f"holds another study, which differs in .*{what}") as refusal:
            other.save(tmp_path)
        assert refusal.value.path == tmp_path, what
        assert Snapshot(tmp_path)() == before, what
    others["seed"].save(tmp_path, force=True)
    assert Results.load(tmp_path).seed == 2


def test_more_runs_of_a_study_replace_fewer_but_not_the_reverse(make_results: Make, tmp_path: Path) -> None:
    make_results(runs=10).save(tmp_path)
    make_results(runs=20).save(tmp_path)
    with pytest.raises(StoreError, match="holds 20 runs of this study, more than 10"):
        make_results(runs=10).save(tmp_path)
    assert Results.load(tmp_path).values.shape[1] == 20


def test_a_folder_can_be_checked_before_the_work(make_results: Make, tmp_path: Path) -> None:
    study = make_results()
    planned = Provenance.of(study.scenarios, seed=9, months=6, uncertainty="luck")
    store.check(tmp_path / "new", planned, 40)
    assert not (tmp_path / "new").exists()
    study.save(tmp_path)
    with pytest.raises(StoreError, match="another study"):
        store.check(tmp_path, planned, 40)
    store.check(tmp_path, planned, 40, force=True)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_with_other_things_is_always_refused(study: Results, tmp_path: Path, force: bool) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match=r"holds 'thesis.txt' and no study; choose an empty or a new folder"):
        study.save(tmp_path, force=force)
    page = b'{"name": "a web page"}'
    (tmp_path / "manifest.json").write_bytes(page)
    with pytest.raises(StoreError, match="is not a study of airace"):
        study.save(tmp_path, force=force)
    assert Snapshot(tmp_path)() == {"thesis.txt": b"years of work", "manifest.json": page}


def test_a_report_and_notes_beside_a_study_stay(study: Results, tmp_path: Path) -> None:
    study.save(tmp_path)
    for name in ("report.html", "notes.txt", ".gitignore"):
        (tmp_path / name).write_text("mine")
    study.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"report.html", "notes.txt", ".gitignore"}


def test_tables_that_the_new_study_lacks_do_not_stay(make_results: Make, tmp_path: Path) -> None:
    make_results(labs={"cash": np.zeros((2, 40, 6, 1))}, lab_names=["xAI"]).save(tmp_path)
    assert (tmp_path / "labs.parquet").exists()
    make_results().save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_a_file_in_place_of_the_folder_is_refused(study: Results, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match="is not a folder; choose another name"):
        study.save(tmp_path / "out")
    with pytest.raises(StoreError, match="is not a folder"):
        study.save(tmp_path / "out" / "deeper")


def test_two_processes_do_not_write_one_folder_at_once(study: Results, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    study.save(tmp_path)
    (tmp_path / ".runs.parquet.new").write_bytes(b"being written by the other")
    before = Snapshot(tmp_path)()
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(StoreError, match="is being written by another process; wait for it"):
            study.save(tmp_path)
        assert Snapshot(tmp_path)() == before
    finally:
        os.close(descriptor)
    study.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_a_link_to_nothing_is_named(study: Results, tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "purged" / "by the site")
    with pytest.raises(StoreError, match=r"gone: is a link to .*by the site, which does not exist"):
        study.save(tmp_path / "gone" / "study")


def test_a_folder_is_claimed_by_one_process_for_as_long_as_its_work_takes(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    code = ("import sys; from pathlib import Path; from sim.studies.keeping.folders import StoreError, claimed\n"
            "try:\n    with claimed(Path(sys.argv[1])): print('mine')\nexcept StoreError as error: print(error)")

    def another() -> str:
        return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60,
                              check=True).stdout

    with folders.claimed(folder):
        assert "is being written by another process; wait for it" in another()
        assert folder.is_dir()
    assert not folder.parent.exists()
    assert another() == "mine\n"
    with folders.claimed(folder):
        (folder / "made").touch()
    assert [path.name for path in folder.iterdir()] == ["made"]
    with pytest.raises(KeyboardInterrupt), folders.claimed(folder):
        raise KeyboardInterrupt
    assert [path.name for path in folder.iterdir()] == ["made"]
