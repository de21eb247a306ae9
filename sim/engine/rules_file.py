"""Rules of a user's own from a Python file: read, hashed, then carried out; sent to workers as their source.

The file says what `simulate(..., stages=...)` takes: it defines `stages`, the list of a month. It is one file whole, so
that its SHA-256 stands for all that it changes.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from sim.common import arguments
from sim.common.arguments import ArgumentError
from sim.common.text import printable
from sim.engine.live import STAGES

MOST_BYTES = 1_000_000  # a rule is some kB; whatever is larger was named by mistake
MOST_TOLD = 300  # characters of what a rule raised
WANTED = "`stages`, the list of a month, as in stages = (*STAGES, my_rule)"


class RulesError(ArgumentError):
    """A file of rules that cannot be used: which, why, and what it should be."""


class RuleRaised(Exception):  # noqa: N818 - what happened, to be caught and told, and never shown as an error
    """A rule raised in a month: its name, and what, with the line of its file."""

    def __init__(self, rule: str, told: str) -> None:
        super().__init__(rule, told)
        self.rule, self.told = rule, told


class FileRules(tuple[Callable[..., Any], ...]):
    """The stages that a file defines, with its name and SHA-256. It is sent to a worker as the file's content."""

    file: RulesFile

    @classmethod
    def of(cls, stages: Iterable[Callable[..., Any]], file: RulesFile) -> Self:
        """These stages, from that file."""
        rules = cls(stages)
        rules.file = file
        return rules

    def __reduce__(self) -> tuple[Any, ...]:
        return _loaded, (self.file,)

    def guarded(self) -> list[Callable[..., Any]]:
        """The stages; one of the user's own that raises does so as RuleRaised, which names it."""
        return [stage if stage in STAGES else _guarded(stage, self.file) for stage in self]


@dataclass(frozen=True)
class RulesFile:
    """A file of rules as it was read: nothing of it is carried out before `load`."""

    path: str
    content: bytes

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """The file at `path`. RulesError if there is none, or it is none that could hold rules."""
        path = Path(path)
        shown = printable(str(path))
        if path.is_dir():
            raise RulesError(f"{shown} is a folder; rules come from one Python file")
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise RulesError(f"the rules {shown} cannot be read: {why}") from None
        if len(content) > MOST_BYTES:
            raise RulesError(f"{shown} has more than {MOST_BYTES:,} bytes; rules are a Python file of some kB")
        if path.suffix != ".py" or not path.name.isprintable():
            raise RulesError(f"{shown}: a file of rules has a plain name that ends in .py")
        return cls(str(path.resolve()), content)

    @property
    def name(self) -> str:
        """Without its folder."""
        return Path(self.path).name

    @property
    def sha256(self) -> str:
        """Of its bytes, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    def load(self) -> FileRules:
        """Carry the file out, with all the rights of whoever runs it, and take its stages.

        RulesError if it is not Python, raises, or defines no rule: with the line where there is one.
        """
        return _loaded(self)

    def line(self, error: BaseException) -> str:
        """Where in this file it was raised, as in "tax.py, line 12"."""
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.path]
        return f"{self.name}, line {lines[-1]}" if lines else self.name


@lru_cache(maxsize=8)
def _loaded(file: RulesFile) -> FileRules:
    try:
        source = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RulesError(f"{file.name} is not text in UTF-8 (byte {error.start}); save it as UTF-8") from None
    try:
        tree = ast.parse(source, file.path)
        code = compile(tree, file.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        told = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        raise RulesError(f"{file.name}{where}: this is not Python: {told}") from None
    module = ModuleType(f"airace_rules_{file.sha256[:16]}")
    module.__file__ = file.path
    sys.modules[module.__name__] = module  # data classes and pickles look it up there
    try:
        with redirect_stdout(sys.stderr):  # what a file prints is no part of a table
            exec(code, module.__dict__)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a file of rules ends no program
        raise RulesError(f"{file.line(error)}: raised {_told(error)} while it was loaded; a file of rules stands "
                         "alone, with what it needs in itself or installed") from None
    return _checked(file, getattr(module, "stages", None))


def _checked(file: RulesFile, stages: Any) -> FileRules:
    if stages is None:
        raise RulesError(f"{file.name} defines no rule: it has no {WANTED}")
    try:
        found = arguments.stages("stages", stages)
    except (ArgumentError, TypeError) as error:
        raise RulesError(f"{file.name}: {error}; a rule takes the world and its luck") from None
    own = [stage for stage in found if stage not in STAGES]
    if found == STAGES:
        raise RulesError(f"{file.name} defines no rule: its `stages` are the model's own, in their order")
    if len(own) == len(found):
        raise RulesError(f"{file.name}: its `stages` hold none of the model's own, so nothing else would happen; "
                         f"write {WANTED}")
    names = [_name(stage) for stage in found]
    if nameless := next((name for name in names if not name.isidentifier()), ""):
        raise RulesError(f"{file.name}: a rule needs a name to be told by, and one is {nameless}; write it with def")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise RulesError(f"{file.name}: two rules in its `stages` have the name {twice}; each needs its own, and each "
                         "of the model's stands there once")
    return FileRules.of(found, file)


def _guarded(stage: Callable[..., Any], file: RulesFile) -> Callable[..., Any]:
    @wraps(stage)
    def lived(world: Any, luck: Any) -> None:
        try:
            with redirect_stdout(sys.stderr):  # what a rule prints is no part of a table
                stage(world, luck)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # SystemExit too
            raise RuleRaised(_name(stage), f"raised {_told(error)} ({file.line(error)})") from error

    return lived


def _name(stage: Callable[..., Any]) -> str:
    return str(getattr(stage, "__name__", type(stage).__name__))


def _told(error: BaseException) -> str:
    """An exception in one line: what Numba says of a rule that it cannot compile comes after its first."""
    said = textwrap.shorten(printable(" ".join(str(error).split())), MOST_TOLD, placeholder=" ...")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
