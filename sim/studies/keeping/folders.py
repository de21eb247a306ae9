"""Replace a folder's files all together or not at all, by one process at a time."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pyarrow as pa


class StoreError(RuntimeError):
    """A folder or file that cannot be used: which one, what is wrong, what to do."""

    def __init__(self, path: str | Path, what: str, what_to_do: str) -> None:
        super().__init__(f"{path}: {what}; {what_to_do}")
        self.path, self.what, self.what_to_do = Path(path), what, what_to_do

    def __reduce__(self) -> tuple[Any, ...]:
        return StoreError, (self.path, self.what, self.what_to_do)


def visible_names(folder: Path) -> set[str]:
    """Names in a folder that do not begin with a dot, none if it is missing; StoreError if unreadable."""
    try:
        return {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    except FileNotFoundError:
        return set()
    except NotADirectoryError as error:
        raise StoreError(folder, "is not a folder", "choose another name") from error
    except OSError as error:
        raise as_store_error(folder, error, "read") from error


def read(path: Path) -> bytes:
    """A file's content; StoreError if it is missing or cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(path, "does not exist", "check the name, or save a study there first") from error
    except OSError as error:
        raise as_store_error(path, error, "read") from error


def write_whole(path: str | Path, content: bytes) -> Path:
    """Write a file beside its place and move it there, its folder made if missing: it is the new one or the old one.

    Returns the path. OSError that names the file.
    """
    path = Path(path)
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = str(path)
        raise
    return path


KINDS = {"sweep.json": "a sweep", "game.json": "a game", "advise.json": "a search for advice",
         "indices_a": "a sensitivity analysis", "story.html": "the story of one run", "backtest.html": "a back-test",
         "manifest.json": "a comparison"}
"""What a file in a folder tells of it."""


def refuse_other_kinds(folder: Path, wanted: str) -> None:
    """StoreError that says what a folder holds, where it is not what is wanted but something else of airace's."""
    names = visible_names(folder)
    found = next((kind for name, kind in KINDS.items() if name in names), None)
    if found is not None:
        raise StoreError(folder, f"holds {found}", f"this is for {wanted}: name the folder of one")


def recover(folder: Path, names: Sequence[str]) -> None:
    """Put back the files of a replacement that a kill broke off, unless somebody is at it; what came whole stays."""
    if not any((folder / f".{names[-1]}.{kind}").exists() for kind in ("old", "new")):
        return
    try:
        release = lock(folder)
    except StoreError:
        return
    try:
        recover_locked(folder, names)
    except OSError as error:
        raise as_store_error(folder, error, "put in order") from error
    finally:
        release()


def recover_locked(folder: Path, names: Sequence[str]) -> None:
    """As `recover`, for who holds the lock.

    The last of `names` tells: while its new version has not come to its place, the old files belong there.
    """
    last = names[-1]
    if (folder / f".{last}.new").exists() or not (folder / last).exists():
        for name in reversed(names):
            if (folder / f".{name}.old").exists():
                os.replace(folder / f".{name}.old", folder / name)


def refuse_dangling(folder: Path) -> None:
    """StoreError where a folder, or one that it lies in, is a link to what does not exist."""
    for path in (folder, *folder.parents):
        if path.is_symlink() and not path.exists():
            raise StoreError(path, f"is a link to {os.readlink(path)}, which does not exist",
                             "make that folder, or choose another name")


def refuse_full(folder: Path) -> None:
    """StoreError, before any work, for a folder that holds something already."""
    refuse_dangling(folder)
    if names := visible_names(folder):
        raise StoreError(folder, f"holds {sorted(names)[0]!r} already, and an export overwrites nothing",
                         "choose an empty or a new folder")


class Replacement:
    """New versions of some of a folder's files, moved into place together by `move_in`.

    A context: the folder is made and locked on entry; on exit whatever was not moved in is removed, and if
    moving was interrupted, the old files are put back. Files among `names` that are not written are removed
    by `move_in`. An OSError inside, such as a full disk, becomes a StoreError.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._names = folder, tuple(names)
        self._made: list[Path] = []
        self._written: list[str] = []
        self._moves: list[tuple[Path, Path]] = []
        self._release: Callable[[], None] | None = None
        self._mine = False
        self._done = False

    def __enter__(self) -> Self:
        try:
            refuse_dangling(self._folder)
            missing = [path for path in (self._folder, *self._folder.parents) if not path.exists()]
            for path in reversed(missing):
                path.mkdir()
                self._made.append(path)
            self._release = lock(self._folder)
            self._mine = True
            recover_locked(self._folder, self._names)
            self._remove_leftovers()
        except BaseException as error:
            self._clear()
            if isinstance(error, OSError):
                raise as_store_error(self._folder, error, "written") from error
            raise
        return self

    def write(self, name: str, content: bytes | pa.Table) -> str:
        """Write a file's new version beside its place and force it to disk; returns its SHA-256."""
        from sim.studies.keeping import parquet

        path = self._beside(name, "new")
        self._written.append(name)
        with path.open("w+b") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                parquet.write(content, file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def move_in(self) -> None:
        """Put the new versions in the place of the old ones, in the order of `names`."""
        for name in self._names:
            place = self._folder / name
            if os.path.lexists(place):
                self._move(place, self._beside(name, "old"))
            if name in self._written:
                self._move(self._beside(name, "new"), place)
        force_to_disk(self._folder)
        self._done = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if not self._done:
            for origin, target in reversed(self._moves):
                with contextlib.suppress(FileNotFoundError):
                    os.replace(target, origin)
        self._clear()
        if isinstance(error, OSError):
            raise as_store_error(self._folder, error, "written") from error

    def _move(self, origin: Path, target: Path) -> None:
        self._moves.append((origin, target))
        os.replace(origin, target)

    def _beside(self, name: str, kind: str) -> Path:
        return self._folder / f".{name}.{kind}"

    def _remove_leftovers(self) -> None:
        for name in self._names:
            for kind in ("new", "old"):
                with contextlib.suppress(OSError):
                    self._beside(name, kind).unlink()

    def _clear(self) -> None:
        if self._mine:
            self._remove_leftovers()
        if self._release is not None:
            self._release()
        if not self._done:
            for path in reversed(self._made):
                with contextlib.suppress(OSError):
                    path.rmdir()


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """A folder for as long as work for it takes, so that no other process does it too; StoreError if one is at it.

    Made if missing, and gone again if nothing came to lie in it. It spares work: what is written takes the lock.
    """
    refuse_dangling(folder)
    made: list[Path] = []
    claim = folder / ".claim"
    try:
        try:
            for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
                path.mkdir(exist_ok=True)
                made.append(path)
            descriptor = os.open(claim, os.O_CREAT | os.O_WRONLY)
        except OSError as error:
            raise as_store_error(folder, error, "written") from error
        try:
            _claim(descriptor, folder)
            try:
                yield
            finally:
                claim.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
    finally:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir()


def _claim(descriptor: int, folder: Path) -> None:
    """Lock the file, where the system has locks; StoreError if another process has it."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise _busy(folder) from None


class NoLocks(UserWarning):
    """A file system without locks, on which a file stands in for one."""


def lock(folder: Path) -> Callable[[], None]:
    """Lock a folder until the function that comes back is called, or the process ends; StoreError if somebody has it.

    Where the file system has no locks, as on some clusters, a file `.lock` says who writes; one that a dead process of
    this machine left is taken over.
    """
    try:
        import fcntl
    except ImportError:
        return _lock_by_file(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise _busy(folder) from None
        return _lock_by_file(folder)
    return lambda: os.close(descriptor)


def _busy(folder: Path) -> StoreError:
    return StoreError(folder, "is being written by another process", "wait for it, or choose another folder")


def _lock_by_file(folder: Path) -> Callable[[], None]:
    path, here = folder / ".lock", platform.node()
    for _ in range(2):
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            host, _, process = path.read_text(encoding="utf-8").partition(" ")
            if host != here or not process.isdecimal() or _alive(int(process)):
                raise StoreError(folder, f"is being written by another process, as {path} says",
                                 "wait for it, choose another folder, or remove that file if there is none") from None
            path.unlink(missing_ok=True)
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{here} {os.getpid()}")
        warnings.warn(f"the file system of {folder} has no locks: {path} stands in for one", NoLocks, stacklevel=3)
        return lambda: path.unlink(missing_ok=True)
    raise _busy(folder)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def force_to_disk(folder: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def as_store_error(path: Path, error: OSError, verb: str) -> StoreError:
    reason = (error.strerror or str(error)).lower()
    remedies = {errno.ENOSPC: "free some space, or choose another folder",
                errno.EDQUOT: "free some space, or choose another folder"}
    remedy = remedies.get(error.errno or 0, "check its permissions, or choose another folder")
    return StoreError(path, f"cannot be {verb}: {reason}", remedy)
