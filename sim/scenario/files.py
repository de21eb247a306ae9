"""Reads a scenario file and the files that it extends, and refuses what is not safe or not TOML.

A file may extend one in the folder of the first file or below it, or one that comes with airace, and nothing else: a
scenario that someone sends along cannot reach for other files of the machine.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

from sim.common.text import suggest
from sim.scenario.errors import Place, Problem, ScenarioError
from sim.scenario.shipped import find, opening_comments, scenario_files
from sim.scenario.sources import MAX_NESTING, FileSource
from sim.scenario.toml_spans import Spans, TooDeepError

MAX_BYTES = 1024 * 1024
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass
class Chain:
    """A scenario file and its parents, the most distant parent first, with what is wrong with the files."""

    file: Path
    layers: list[tuple[dict[str, Any], FileSource]] = field(default_factory=list)
    question: str = ""
    look_for: str = ""
    problems: list[Problem] = field(default_factory=list)


def read_chain(path: str | os.PathLike[str]) -> Chain:
    """Read the file that `path` means and all that it extends; problems are collected, not raised."""
    shipped = scenario_files()
    first = find(path, shipped)
    chain = Chain(first)
    folder = first.parent  # what is extended lies in it or below it, or comes with airace
    place, via = Place(str(path)), ""
    seen: list[Path] = []
    file = first
    while True:
        text, problem = _text(file, place, seen)
        if problem is not None:
            chain.problems.append(problem)
            break
        seen.append(file.resolve())
        data, spans, problem = _tables(file, text, via)
        if problem is not None:
            chain.problems.append(problem)
            break
        source = FileSource(str(file), spans, via)
        if file is first:
            chain.question, chain.look_for = opening_comments(text)
        chain.layers.insert(0, (data, source))
        parent = data.get("extends")
        if not isinstance(parent, str):  # absent, or of a wrong type, which is reported with the other keys
            break
        place = source.place(("extends",), "value")
        found = find(parent, shipped, file.parent, file)
        if found.parent != file.parent and found in shipped.values():
            folder = found.parent
        file = Path(os.path.normpath(found))
        problem = _refused(parent, file, place, folder, seen)
        if problem is not None:
            chain.problems.append(problem)
            break
        via = f"extended by {Path(source.name).name}:{place.line}" + (f", {via}" if via else "")
    return chain


def read_tables(path: str | os.PathLike[str]) -> tuple[dict[str, Any], FileSource, tuple[str, str]]:
    """The tables of one file that extends none, the places of its keys, and its two opening comments.

    As strict as a scenario file, in the same words: ScenarioError.
    """
    text, problem = _text(Path(path), Place(str(path)), [])
    if problem is not None:
        raise ScenarioError([problem])
    data, spans, problem = _tables(Path(path), text, "")
    if problem is not None:
        raise ScenarioError([problem])
    return data, FileSource(str(path), spans), opening_comments(text)


def check_nesting(data: Mapping[str, Any]) -> bool:
    """Whether tables and lists are nested no deeper than the limit; stops at the limit, so cycles end too."""
    level: list[Any] = [data]
    for _ in range(MAX_NESTING + 1):
        level = [inner for value in level
                 for inner in (value.values() if isinstance(value, Mapping) else value)
                 if isinstance(inner, Mapping | list | tuple)]
        if not level:
            return True
        level = list({id(value): value for value in level}.values())
    return False


def _text(file: Path, place: Place, seen: Sequence[Path]) -> tuple[str, Problem | None]:
    """The text of a file, or why it cannot be read. Only regular files are opened, up to the limit.

    `seen` are the files that led here: none of them is what was meant.
    """
    shown = str(file)
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            return "", Problem("S114", f"`{shown}` is a folder", place, "name a file in it", _listing(file))
        if not stat.S_ISREG(status.st_mode):
            return "", Problem("S114", f"`{shown}` is not a file", place, "must be a scenario file (TOML)")
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        beside = [name for name in _neighbours(file.parent)
                  if Path(os.path.realpath(file.parent / name)) not in seen]  # which bears a link to itself
        close = suggest(file.name, beside)
        known = None if close else suggest(file.stem, list(scenario_files()))
        note = (f"did you mean `{file.parent / close}`?" if close else
                f"did you mean `{known}`? It comes with airace" if known else f"no such file in `{file.parent}`")
        help_ = _listing(file.parent) + "; airace list scenarios shows those that come with airace"
        return "", Problem("S114", f"there is no file `{shown}`", place, note, help_)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return "", Problem(
            "S114", f"cannot read `{shown}`", place, reason, "check the file's name and permissions"
        )
    if len(raw) > MAX_BYTES:
        return "", Problem(
            "S115",
            f"`{shown}` is larger than 1 MiB",
            place,
            "a scenario file holds settings only",
            "airace new writes a small one to begin with",
        )
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "", Problem("S117", f"`{shown}` begins with a byte-order mark", Place(shown, 1, 1),
                           "save it as UTF-8 without a byte-order mark")
    try:
        return raw.decode("utf-8").replace("\r\n", "\n"), None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1:error.start].decode("utf-8", "replace")) + 1
        return "", Problem("S117", f"`{shown}` is not UTF-8", Place(shown, line, column),
                           f"the byte 0x{raw[error.start]:02x} is no UTF-8 text", "save the file as UTF-8")


def _tables(file: Path, text: str, via: str) -> tuple[dict[str, Any], Spans, Problem | None]:
    """The tables of a TOML text and the places of its keys, or the mistake that ends the parse."""
    lines = text.split("\n")
    try:
        spans = Spans(text, MAX_NESTING)
    except TooDeepError as error:
        return {}, Spans(""), _too_deep(str(file), text, error.offset, via)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        return {}, spans, _too_deep(str(file), text, 0, via)
    except ValueError as error:
        message, place = str(error), Place(str(file), 1, 1, text=lines[0], via=via)
        if match := _AT.search(message):
            end = match[1] is None
            number = len(lines) if end else int(match[1])
            column = len(lines[-1]) + 1 if end else int(match[2])
            if number > 1 and not lines[number - 1].strip():
                number, column = number - 1, len(lines[number - 2]) + 1
            place = Place(str(file), number, column, 1, lines[number - 1], via)
        return {}, spans, _syntax(message[:match.start()] if match else message, place)
    if not check_nesting(data):
        return {}, spans, _too_deep(str(file), text, 0, via)
    return data, spans, None


def _syntax(message: str, place: Place) -> Problem:
    """tomllib's message in its place; keys that stand twice get a code of their own."""
    if any(
        sign in message
        for sign in ("Cannot overwrite", "Cannot declare", "Duplicate inline", "Cannot mutate")
    ):
        line = place.text or ""
        key = (line.strip("[] \t") if line.lstrip().startswith("[") else line.partition("=")[0]).strip()
        start = len(line) - len(line.lstrip())
        there = Place(
            place.name,
            place.line,
            start + 1,
            len(line.strip() if line[start:].startswith("[") else key),
            line,
            place.via,
        )
        return Problem("S102", f"`{key[:80]}` is set twice", there, "keep one of the two; " + message)
    return Problem("S101", "this is not valid TOML", place, message,
                   "texts stand in quotes, numbers do not; tables begin with [name]")


def _too_deep(name: str, text: str, offset: int, via: str) -> Problem:
    line = text.count("\n", 0, offset) + 1
    start = text.rfind("\n", 0, offset) + 1
    place = Place(name, line, offset - start + 1, 1, text[start:].split("\n", 1)[0], via)
    return Problem("S116", f"keys or brackets are nested more than {MAX_NESTING} deep", place,
                   "a scenario needs three levels at most")


def _refused(name: str, file: Path, place: Place, folder: Path, seen: Sequence[Path]) -> Problem | None:
    """Why `file`, called `name` by who extends it, may not be extended: it lies outside `folder`, or was seen."""
    if not name.strip() or not name.isprintable():
        return Problem("S114", "`extends` does not name a file", place, "must be the name of a file beside this one, "
                       "or of a scenario that comes with airace", "airace list scenarios")
    inside = folder.resolve()
    help_ = f"put the file into `{inside.name or inside}` and extend it by its name"
    if Path(name).is_absolute() or PureWindowsPath(name).drive or PureWindowsPath(name).root:
        return Problem("S118", f"`{name}` is an absolute path", place, "name a file beside this one", help_)
    try:
        real = file.resolve()
    except (OSError, ValueError, RuntimeError):
        return Problem("S118", f"`{name}` leads nowhere: a link points to itself", place, "", help_)
    if not real.is_relative_to(inside):
        outside = os.path.relpath(file, folder).startswith(os.pardir)
        how = "lies outside" if outside else "is a link that leads out of"
        return Problem("S118", f"`{name}` {how} the scenario's folder", place,
                       "a scenario may only extend files in its own folder, and those that come with airace", help_)
    if real in seen:
        names = " -> ".join([*(p.name for p in seen[seen.index(real):]), real.name])
        return Problem("S119", f"`{name}` extends itself in the end", place, names, "remove one `extends`")
    if len(seen) >= MAX_NESTING:
        return Problem("S116", f"more than {MAX_NESTING} files extend one another", place, "shorten the chain")
    return None


def _neighbours(folder: Path) -> list[str]:
    try:
        return sorted(p.name for p in folder.iterdir() if p.suffix == ".toml")
    except OSError:
        return []


def _listing(folder: Path) -> str:
    names = _neighbours(folder)
    if not names:
        return "airace new FILE writes a scenario file to begin with"
    return f"scenario files in `{folder}`: " + ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")


