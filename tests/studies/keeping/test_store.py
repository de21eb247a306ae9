"""A study in a folder: read back as it was, written whole or not at all, never over something else."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.engine.provenance import Provenance
from sim.engine.results import Failure, Results
from sim.model.outcomes import NAMES, OUTCOMES
from sim.scenario.scenario import Scenario
from sim.studies.keeping import folders, parquet, store
from sim.studies.keeping.store import StoreError

Make = Callable[..., Results]
FILES = {"runs.parquet", "months.parquet", "events.parquet", "values.parquet", "manifest.json"}


@pytest.fixture(name="study")
def _study(make_results: Make, events: list[Any]) -> Results:
    values = make_results().values.copy()
    values[1, 7, 3:] = np.nan
    failures = [Failure("Strict", 7, 3, "trust", "is not finite")]
    return make_results(values=values, events=events, seed=3, failures=failures,
                        versions={"airace": "0.1.0"}, elapsed=1.5)


@dataclass
class Snapshot:
    """A folder's files with their content, hidden ones included."""

    folder: Path

    def __call__(self) -> dict[str, bytes]:
        paths = list(self.folder.iterdir()) if self.folder.exists() else []
        return {path.name: path.read_bytes() for path in paths}


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


# ---- whole or not at all ---------------------------------------------------------------------------------


class Interruptions:
    """Replaces functions by ones that raise at the n-th call of any of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: BaseException, at: int) -> None:
        self.calls, self.at, self.error = 0, at, error
        for owner, name in ((os, "replace"), (os, "fsync"), (parquet, "write")):
            monkeypatch.setattr(owner, name, self._guard(getattr(owner, name)))

    def _guard(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any) -> Any:
            self.calls += 1
            if self.calls == self.at:
                raise self.error
            return real(*args)

        return guarded


# 4 tables written and forced to disk, the manifest forced, 5 moves (10 with old files), the folder forced.
STEPS = {True: 4 * 2 + 1 + 5 + 1, False: 4 * 2 + 1 + 10 + 1}


@pytest.mark.slow
@pytest.mark.parametrize("at", range(1, STEPS[False] + 2))
@pytest.mark.parametrize("first", [True, False])
def test_whatever_stops_a_save_leaves_the_folder_as_it_was(
        make_results: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, first: bool) -> None:
    folder = tmp_path / "out"
    if not first:
        make_results(runs=10).save(folder)
    before = Snapshot(folder)()
    with monkeypatch.context() as patch:
        stopped = Interruptions(patch, KeyboardInterrupt(), at)
        try:
            make_results(runs=20).save(folder)
        except KeyboardInterrupt:
            assert Snapshot(folder)() == before
            assert folder.exists() != first
        else:
            assert stopped.calls == STEPS[first] < at
            assert set(Snapshot(folder)()) == FILES
    make_results(runs=20).save(folder)
    assert Results.load(folder).values.shape[1] == 20


@pytest.mark.parametrize(("code", "message"), [
    (errno.ENOSPC, "no space left on device; free some space"),
    (errno.EROFS, "read-only file system; check its permissions"),
    (errno.EACCES, "permission denied; check its permissions")])
@pytest.mark.parametrize("at", [1, 5, 9, 11])
def test_a_full_or_read_only_disk_loses_nothing_and_says_what_to_do(
        make_results: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str,
        at: int) -> None:
    make_results(runs=10).save(tmp_path)
    before = Snapshot(tmp_path)()
    with monkeypatch.context() as patch:
        Interruptions(patch, OSError(code, os.strerror(code)), at)
        with pytest.raises(StoreError, match=f"cannot be written: {message}") as refusal:
            make_results(runs=20).save(tmp_path)
    assert str(refusal.value).startswith(str(tmp_path))
    assert Snapshot(tmp_path)() == before


def test_a_disk_that_fills_while_parquet_writes_is_reported_too(
        study: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = parquet.write

    class Full:
        """A file on a full disk."""

        closed = False

        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def flush(self) -> None:
            """Nothing to do."""

        def tell(self) -> int:
            return 0

    full: Any = Full()
    monkeypatch.setattr(parquet, "write", lambda table, _: real(table, full))
    with pytest.raises(StoreError, match="free some space"):
        study.save(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_a_killed_process_left_behind_is_cleared_away(study: Results, tmp_path: Path) -> None:
    (tmp_path / ".values.parquet.new").write_bytes(b"half")
    (tmp_path / "runs.parquet").write_bytes(b"moved in, but no manifest yet")
    study.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES


# ---- damage ----------------------------------------------------------------------------------------------


def test_a_missing_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*does not exist; check the name"):
        Results.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_changed_or_missing_file_is_noticed(study: Results, tmp_path: Path, name: str) -> None:
    study.save(tmp_path)
    data = bytearray((tmp_path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / name).write_bytes(bytes(data))
    with pytest.raises(StoreError, match=f"{name}: is not the file that the manifest describes"):
        Results.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(StoreError, match=f"{name}: does not exist"):
        Results.load(tmp_path)


@pytest.mark.parametrize(("change", "message"), [
    ({"program": "other"}, "is not a study of airace"), ({"format": 99}, "is not in format 2"),
    ({"seed": "0"}, "lacks a valid 'seed'"), ({"runs": True}, "lacks a valid 'runs'"),
    ({"scenarios": None}, "lacks a valid 'scenarios'"), ({"runs": 41}, "cannot be read by this version"),
    ({"runs": 0}, "lacks a valid 'runs'"), ({"runs": 10**12}, "lacks a valid 'runs'"),
    ({"scenarios": []}, "lacks a valid 'scenarios'"), ({"seed": -1}, "lacks a valid 'seed'"),
    ({"months": 0}, "lacks a valid 'months'"), ({"uncertainty": "nope"}, "lacks a valid 'uncertainty'"),
    ({"uncertainty": 5}, "lacks a valid 'uncertainty'"), ({"first_run": -5}, "lacks a valid 'first_run'"),
    ({"seed": 1}, "was changed after it was written"), ({"uncertainty": "prior"}, "was changed after it was written"),
    ({"scenarios": [{"title": "Base"}]}, "was changed after it was written"),
    ({"files": {"../../secrets": "0"}}, "names an unknown file '../../secrets'")])
def test_a_manifest_that_cannot_be_right_is_refused(study: Results, tmp_path: Path, change: dict[str, Any],
                                                    message: str) -> None:
    study.save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(StoreError, match=message):
        Results.load(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\ufeffnull", "\x00", "[" * 100_000])
def test_a_damaged_manifest_is_refused(study: Results, tmp_path: Path, text: str) -> None:
    study.save(tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(StoreError, match=r"manifest\.json: is "):
        Results.load(tmp_path)


def test_every_message_is_one_sentence_with_the_way_out() -> None:
    message = str(folders.StoreError("out", "holds another study", "choose another folder"))
    assert message == "out: holds another study; choose another folder"
    assert "\n" not in message


def test_scenarios_keep_their_levers_through_a_manifest(
        make_results: Make, make_scenario: Callable[..., Scenario], tmp_path: Path) -> None:
    strict = make_scenario("Strict", regulation={"strictness": 0.8, "us": {"strictness": 0.6}})
    again = Results.load(make_results(scenarios=[make_scenario("Base"), strict]).save(tmp_path))
    assert again.scenarios[1].levers["regulation.us.strictness"] == 0.6
    assert again.scenarios[1].set_levers == strict.set_levers


# ---- kills ---------------------------------------------------------------------------------------------------------
class Killed(BaseException):
    """Stands for a kill: what runs afterwards to put things in order does not run either."""


def killed_at(number: int, save: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Save, but be killed before the file operation of this number; whether it came so far."""
    done, locks, lock = 0, list[Callable[[], None]](), folders.lock

    def locked(folder: Path) -> Callable[[], None]:
        locks.append(lock(folder))
        return locks[-1]

    def kill(function: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            if done >= number:
                raise Killed
            done += 1
            return function(*args, **kwargs)

        return operation

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", kill(os.replace))
        patch.setattr(Path, "unlink", kill(Path.unlink))
        patch.setattr(folders, "lock", locked)
        try:
            save()
        except Killed:
            for release in locks:  # a lock ends with its process
                with contextlib.suppress(OSError):
                    release()
            return True
    return False


@pytest.mark.slow
def test_a_kill_between_any_two_operations_leaves_the_old_study_or_the_new_one(
    make_results: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is found in order by who reads it next, and by who saves next."""
    old, new = make_results(seed=1), make_results(seed=2)
    kills = 0
    for reads in (True, False):
        for number in range(100):
            folder = tmp_path / f"{reads}{number}"
            old.save(folder)
            killed = killed_at(number, lambda folder=folder: new.save(folder, force=True), monkeypatch)
            kills += killed
            if reads:
                assert Results.load(folder).hash() in (old.hash(), new.hash()), number
            else:
                new.save(folder, force=True)
                assert Results.load(folder).hash() == new.hash(), number
            if not killed:
                assert Results.load(folder).hash() == new.hash()
                break
    assert kills >= 20


def test_a_link_to_nothing_is_named(study: Results, tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "purged" / "by the site")
    with pytest.raises(StoreError, match=r"gone: is a link to .*by the site, which does not exist"):
        study.save(tmp_path / "gone" / "study")


def test_without_locks_a_file_stands_in_for_one_and_a_dead_writers_is_taken_over(
    make_results: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def no_locks(*_: Any) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    study = make_results()
    with pytest.warns(folders.NoLocks, match="has no locks"):
        study.save(tmp_path)
    assert Results.load(tmp_path).hash() == study.hash()
    with pytest.warns(folders.NoLocks):
        release = folders.lock(tmp_path)
    with pytest.raises(StoreError, match=r"is being written by another process, as .*\.lock says"):
        study.save(tmp_path)
    release()
    finished = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True,
                              check=True)
    (tmp_path / ".lock").write_text(f"{platform.node()} {finished.stdout.strip()}")
    with pytest.warns(folders.NoLocks):
        study.save(tmp_path)
    assert not (tmp_path / ".lock").exists()


def test_a_table_that_unpacks_to_gigabytes_is_refused_unread(study: Results, tmp_path: Path) -> None:
    import hashlib
    import resource

    import pyarrow as pa

    study.save(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for name, bomb in (("values.parquet", pa.table({"hostility": np.zeros(20_000_000, np.int8)})),
                       ("events.parquet", pa.table({"text": pa.array(["a" * 1000]).take(pa.array([0] * 300_000))}))):
        good = (tmp_path / name).read_bytes()
        pq.write_table(bomb, tmp_path / name, compression="zstd")
        data = (tmp_path / name).read_bytes()
        assert len(data) < 1_000_000
        files = manifest["files"] | {name: hashlib.sha256(data).hexdigest()}
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"files": files}))
        with pytest.raises(StoreError, match=r"rows and .* bytes, where there can be"):
            Results.load(tmp_path)
        (tmp_path / name).write_bytes(good)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB


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
