"""A study is written whole or not at all: errors, a full disk, kills, and a file system without locks."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from study_folder import FILES, Make, Snapshot

from sim.engine.results import Results
from sim.studies.keeping import folders, parquet
from sim.studies.keeping.store import StoreError


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
