"""Compiled rules are kept between starts, in a folder of the user's cache that is named by all that they depend on.

Numba's own cache looks at the file of the compiled function alone, so a rule that was edited in another file would go
on as it was. Here the folder's name holds a hash of every file that rules are made of: after an edit it is another
folder. Nothing here may stop a run: what cannot be read is compiled anew, what cannot be kept at each start.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import sys
import time
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

ROOT = Path(__file__).parents[1]
SOURCES = ("model/*.py", "model/agents/*.py", "model/institutions/*.py", "engine/live.py", "data/levers.toml",
           "data/parameters.toml", "data/attributes.toml")
"""Files below `sim/` that rules are made of: code, and the names that records and codes follow from."""
FOLDER_VARIABLE = "AIRACE_CACHE"
UNUSED_DAYS = 30
THE_LONG_ONE = "_live"  # the entry of whole months, which takes a minute; the others take a second or two


class NotKept(UserWarning):
    """Compiled rules cannot be kept, so that each start compiles them anew."""


def cache_home() -> Path:
    """The user's folder for what can be made again: `AIRACE_CACHE` if it is set, else as the system has it."""
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "airace" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "airace"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "airace"


@cache
def digest() -> str:
    """A hash of all that compiled rules depend on but the processor, which Numba tells apart itself."""
    found = hashlib.blake2b(f"{numba.__version__} {sys.version}".encode(), digest_size=12)
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.relative_to(ROOT).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()


@cache
def folder() -> Path:
    """Where the rules of this version are kept; nothing is made yet."""
    return cache_home() / f"rules-{digest()}"


class _Locator(_CacheLocator):
    """Tells Numba to keep a function in our folder."""

    _py_file: Any = None  # what Numba names where it says that a function cannot be kept

    def get_cache_path(self) -> str:
        return str(folder())

    def get_source_stamp(self) -> str:
        return digest()

    def get_disambiguator(self) -> str:
        return "rule"

    @classmethod
    def from_function(cls, py_func: Any, py_file: Any) -> _Locator:  # noqa: ARG003 - one folder for all
        found = cls()
        found._py_file = py_file
        return found


class _Reduced(CompileResultCacheImpl):
    _locator_classes: Any = [_Locator]  # noqa: RUF012 - as the class has it

    def reduce(self, data: Any) -> Any:
        """What is kept: not the listing of every line's types, which is as long as the records are wide."""
        return super().reduce(data._replace(type_annotation=""))


class Kept(FunctionCache):
    """Numba's cache of one function, in our folder, which never raises."""

    _impl_class = _Reduced

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kept function, or None where there is none that can be used."""
        try:
            found = super().load_overload(sig, target_context)
        except Exception:  # damaged, or another program's: whatever a pickle may raise
            found = None
        if found is None and self._py_func.__name__ == THE_LONG_ONE:
            _say_that_it_compiles()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a function; where that fails, say so once."""
        try:
            _make(folder())
            try:
                super().save_overload(sig, data)
            except OSError:
                raise
            except Exception:  # what is there cannot be read
                self.flush()
                super().save_overload(sig, data)
        except OSError as error:
            _say(str(folder().parent), error.strerror or str(error))


def _make(where: Path) -> None:
    """Make the folder, and remove those of older versions that nobody has used for long."""
    if where.is_dir():
        return
    where.mkdir(parents=True, exist_ok=True)
    for other in where.parent.glob("rules-*"):
        if other != where and time.time() - other.stat().st_mtime > UNUSED_DAYS * 86400:
            shutil.rmtree(other, ignore_errors=True)


@cache
def _say_that_it_compiles() -> None:
    """Say once, to whoever waits at a terminal or a notebook, why the first run of a version takes so long."""
    somebody_waits = "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
    if somebody_waits and multiprocessing.parent_process() is None:
        print("airace compiles the rules of the model, once for this version: about a minute", file=sys.stderr)


@cache
def _say(where: str, why: str) -> None:
    warnings.warn(
        f"compiled rules cannot be kept in {where} ({why}): each start compiles them anew. Set {FOLDER_VARIABLE} to a "
        "folder that can be written", NotKept, stacklevel=2,
    )
