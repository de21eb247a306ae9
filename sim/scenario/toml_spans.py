"""Where each key and value of a TOML text stands, for messages that point at it.

`tomllib` gives values without positions, so this scanner reads the text a second time and only remembers
places; no value ever comes from here. It expects a text that `tomllib` accepts. Anything it cannot follow
ends the scan, and what lies beyond is looked up by its nearest known table.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Literal

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}#][^,\]}#\n]*")
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


class TooDeepError(Exception):
    """Keys or brackets are nested beyond the limit; `offset` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line: line and column count from 1."""

    line: int
    column: int
    width: int


class Spans:
    """The places of a text's keys and values."""

    def __init__(self, text: str, limit: int = 32) -> None:
        """Scan `text`; raises TooDeepError when keys or brackets are nested more than `limit` deep."""
        self.lines = text.split("\n")
        self._scanner = _Scanner(text, limit)
        self._scanner.run()
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def find(self, path: Path, at: Literal["key", "value"] = "key") -> Span | None:
        """The place of a key or of its value, or of the nearest table around it; None if unknown."""
        while path:
            table = self._scanner.values if at == "value" else self._scanner.keys
            place = table.get(path) or self._scanner.keys.get(path)
            if place is not None:
                return self._span(*place)
            path, at = path[:-1], "key"
        return None

    def at(self, offset: int) -> Span:
        """The line and column of a character of the text."""
        return self._span(offset, offset + 1)

    def paths(self) -> set[Path]:
        """Every path that has been seen, tables included."""
        return set(self._scanner.keys)

    def _span(self, start: int, end: int) -> Span:
        import bisect

        index = bisect.bisect_right(self._starts, start) - 1
        width = min(end, self._starts[index] + len(self.lines[index])) - start
        return Span(index + 1, start - self._starts[index] + 1, max(1, width))


class _LostError(Exception):
    """The scanner meets something it cannot follow."""


class _Scanner:
    """One pass over the text, left to right; `keys` and `values` map a path to (start, end) offsets."""

    def __init__(self, text: str, limit: int) -> None:
        self.text, self.limit, self.position = text, limit, 0
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.arrays: dict[Path, int] = {}

    def run(self) -> None:
        base: Path = ()
        try:
            while True:
                self.skip(_BLANK)
                if self.position >= len(self.text):
                    return
                if self.peek("["):
                    base = self.table()
                else:
                    self.pair(base, 0)
                    self.skip(_SPACE)
        except (_LostError, RecursionError):
            return

    def peek(self, what: str) -> bool:
        return self.text.startswith(what, self.position)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        if match is None:
            raise _LostError
        self.position = match.end()
        return match.group()

    def expect(self, what: str) -> None:
        if not self.peek(what):
            raise _LostError
        self.position += len(what)

    def resolve(self, path: Path) -> Path:
        """The path with the index of the latest element after each array of tables on the way."""
        found: Path = ()
        for part in path:
            found = (*found, part)
            if found in self.arrays:
                found = (*found, self.arrays[found])
        return found

    def table(self) -> Path:
        start = self.position
        double = self.peek("[[")
        self.position += 2 if double else 1
        parts = [part for part, _, _ in self.key()]
        self.expect("]]" if double else "]")
        head = (*self.resolve(tuple(parts[:-1])), parts[-1])
        if double:
            self.keys.setdefault(head, (start, self.position))
            self.arrays[head] = self.arrays.get(head, -1) + 1
        path = (*head, self.arrays[head]) if head in self.arrays else head
        for length in range(1, len(path) + 1):
            self.keys.setdefault(path[:length], (start, self.position))
        self.keys[path] = (start, self.position)
        return path

    def key(self) -> list[tuple[str, int, int]]:
        """The parts of a dotted key with their offsets."""
        parts = []
        while True:
            self.skip(_SPACE)
            start = self.position
            if self.peek('"'):
                part = _ESCAPE.sub(_unescape, self.take(_BASIC)[1:-1])
            elif self.peek("'"):
                part = self.take(_LITERAL)[1:-1]
            else:
                part = self.take(_BARE)
            parts.append((part, start, self.position))
            if len(parts) > self.limit:
                raise TooDeepError(start)
            self.skip(_SPACE)
            if not self.peek("."):
                return parts
            self.position += 1

    def pair(self, base: Path, depth: int) -> None:
        parts = self.key()
        path = base
        for part, _start, end in parts:
            path = (*path, part)
            self.keys.setdefault(path, (parts[0][1], end))
        if len(path) > self.limit:
            raise TooDeepError(parts[0][1])
        self.keys[path] = (parts[0][1], parts[-1][2])
        self.expect("=")
        self.skip(_SPACE)
        start = self.position
        self.value(path, depth)
        self.values[path] = (start, self.position)

    def value(self, path: Path, depth: int) -> None:
        if depth > self.limit:
            raise TooDeepError(self.position)
        for opening, pattern in (
            ('"""', _LONG_BASIC),
            ("'''", _LONG_LITERAL),
            ('"', _BASIC),
            ("'", _LITERAL),
        ):
            if self.peek(opening):
                self.take(pattern)
                return
        if self.peek("["):
            self.array(path, depth + 1)
        elif self.peek("{"):
            self.inline_table(path, depth + 1)
        else:
            scalar = self.take(_SCALAR)
            self.position -= len(scalar) - len(scalar.rstrip())

    def array(self, path: Path, depth: int) -> None:
        self.expect("[")
        index = 0
        while True:
            self.skip(_BLANK)
            if self.peek("]"):
                break
            start = self.position
            self.value((*path, index), depth)
            self.keys[(*path, index)] = self.values[(*path, index)] = (start, self.position)
            index += 1
            self.skip(_BLANK)
            if not self.peek(","):
                break
            self.position += 1
        self.expect("]")

    def inline_table(self, path: Path, depth: int) -> None:
        self.expect("{")
        while True:
            self.skip(_BLANK)
            if self.peek("}"):
                break
            self.pair(path, depth)
            self.skip(_BLANK)
            if not self.peek(","):
                break
            self.position += 1
        self.expect("}")


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number <= sys.maxunicode else match[0]
    return _ESCAPED.get(match[3], match[3])
