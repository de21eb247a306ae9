"""Names on charts: made safe to show, broken into short lines, and moved apart where they would touch."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font

from sim.report.style import FONT_SIZE

_JOINERS = "\u200c\u200d"
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(name: object) -> str:
    """A name that cannot disturb its surroundings: no control or direction marks, single spaces.

    Characters that reverse or isolate the direction of text, and control characters, are dropped; letters of
    any script stay.
    """
    kept = "".join(
        " " if character.isspace() else character
        for character in str(name)
        if character.isspace() or character in _JOINERS or unicodedata.category(character) not in _DROPPED
    )
    return " ".join(kept.split()) or "(no title)"


def short(name: object, width: int) -> str:
    """A name cut to `width` characters, with an ellipsis where something is missing."""
    text = clean(name)
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;:-") + "…"


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near as possible to the wanted ones such that intervals of these sizes do not overlap.

    Intervals keep the order of their wanted centres and stay within `low` to `high` if they fit; neighbours
    that touch form a block centred on the mean of what its members want.
    """
    order = sorted(range(len(wanted)), key=lambda item: (wanted[item], item))
    blocks: list[tuple[float, list[int]]] = []  # (lower end, members)

    def size(members: list[int]) -> float:
        return sum(sizes[item] for item in members)

    def best_start(members: list[int]) -> float:
        offset, total = 0.0, 0.0
        for item in members:
            total += wanted[item] - (offset + sizes[item] / 2)
            offset += sizes[item]
        return min(max(total / len(members), low), max(high - size(members), low))

    for item in order:
        members = [item]
        start = best_start(members)
        while blocks and blocks[-1][0] + size(blocks[-1][1]) > start:
            members = blocks.pop()[1] + members
            start = best_start(members)
        blocks.append((start, members))
    centres = [0.0] * len(wanted)
    for start, members in blocks:
        offset = start
        for item in members:
            centres[item] = offset + sizes[item] / 2
            offset += sizes[item]
    return centres


@lru_cache(maxsize=4096)
def text_width(text: str, bold: bool = False, size: float = FONT_SIZE) -> float:
    """Width in points that a line of text takes in a wide sans serif: seldom less than on a reader's screen."""
    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WF")
    known = "".join(character if ord(character) < 0x2100 else "n" for character in text)
    font = _font(bold)
    font.set_size(size, 72)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        font.set_text(known, 0.0)
    return float(font.get_width_height()[0]) / 64.0 + wide * size * 0.5


@lru_cache(maxsize=2)
def _font(bold: bool) -> FT2Font:
    return get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))


def fit(name: object, width: float, bold: bool = False) -> str:
    """A name cut to `width` points, with an ellipsis where something is missing."""
    text = clean(name)
    if text_width(text, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_width(text[:middle] + "…", bold) <= width else (low, middle - 1)
    return text[:low].rstrip(" ,;:-") + "…"


def wrap(name: object, width: float, lines: int = 3) -> list[str]:
    """A name broken into at most `lines` lines of at most `width` points; the rest becomes an ellipsis."""
    words = clean(name).split(" ")
    broken = [words[0]]
    for word in words[1:]:
        if text_width(f"{broken[-1]} {word}") <= width:
            broken[-1] += f" {word}"
        else:
            broken.append(word)
    if len(broken) > lines:
        broken = [*broken[: lines - 1], " ".join(broken[lines - 1 :])]
    return [fit(line, width) for line in broken]
