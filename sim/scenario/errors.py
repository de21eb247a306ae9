"""What is wrong with a scenario, where, and what to do about it.

    error[S103]: unknown key `regulation.strictnes`
      --> scenarios/strict.toml:14:1   (extended by strict_coop.toml:2)
       14 | strictnes = 0.8
          | ^^^^^^^^^ did you mean `strictness`? a number from 0 to 1, default 0.4
    help: airace params regulation.strictness

Codes are stable: S101 not TOML, S102 set twice, S103 unknown key, S104 wrong type, S105 not finite,
S106 out of range, S107 not a choice, S108 missing, S109 bad date, S110 unknown agent, S111 unknown kind of
event, S112 contradiction, S113 bad text, S114 cannot be read, S115 too large, S116 nested too deeply,
S117 not UTF-8, S118 outside the folder, S119 cycle, S120 unknown start, S121 malformed --set. Warnings:
S201 a key that changes nothing, S202 one that hardly matters, S203 a number beyond its range.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sim.common.text import printable

SHOWN_PROBLEMS = 50
_SHOWN_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem is: a file with line and columns, or `--set`, or a dotted key given in Python.

    `line` and `column` count from 1, `width` is in characters; `text` is the source line; `via` says which
    files led here.
    """

    name: str
    line: int | None = None
    column: int | None = None
    width: int = 0
    text: str | None = None
    via: str = ""

    def __str__(self) -> str:
        parts = [printable(self.name), *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts) if self.line is not None else parts[0]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scenario: a stable code, message, place, note under the carets, way out."""

    code: str
    message: str
    place: Place
    note: str = ""
    help: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        lines = [f"{self.level}[{self.code}]: {printable(self.message)}"]
        via = f"   ({printable(self.place.via)})" if self.place.via else ""
        lines.append(f"  --> {self.place}{via}")
        if self.place.text is not None:
            lines += _excerpt(self.place, printable(self.note))
        elif self.note:
            lines.append(f"      {printable(self.note)}")
        if self.help:
            lines.append(f"help: {printable(self.help)}")
        return "\n".join(lines)


class ScenarioError(ValueError):
    """A scenario is refused: `problems` lists all that is wrong, and `str()` shows each in its place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if (rest := len(self.problems) - len(shown)) > 0:
            shown.append(f"... and {rest} more problems")
        return "\n\n".join(shown)

    def __reduce__(self) -> tuple[Any, ...]:
        return ScenarioError, (self.problems,)


def _excerpt(place: Place, note: str) -> list[str]:
    """The source line, cut to a window around the carets, and the carets with the note."""
    text, start = printable(place.text or ""), (place.column or 1) - 1
    width = max(1, min(place.width or 1, _SHOWN_WIDTH, max(1, len(text) - start)))
    if len(text) > _SHOWN_WIDTH and start + width > _SHOWN_WIDTH:
        cut = max(0, start - 20)
        text, start = "..." + text[cut:], start - cut + 3
    if len(text) > _SHOWN_WIDTH + 3:
        text = text[:_SHOWN_WIDTH] + "..."
        width = max(1, min(width, len(text) - start))
    number = "" if place.line is None else str(place.line)
    margin = " " * max(5, len(number) + 3)
    lines = [f"{number:>{len(margin)}} | {text.rstrip()}"]
    if place.column is not None or note:
        carets = "^" * _columns(text[start:start + width] or " ") if place.column is not None else ""
        pad = " " * _columns(text[:start]) if place.column is not None else ""
        lines.append(f"{margin} | {pad}{carets} {note}".rstrip() if carets else f"{margin} | {note}")
    return lines


def _columns(text: str) -> int:
    """Columns that `text` takes on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
