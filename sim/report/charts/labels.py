"""Names on charts: measured, broken into lines that fit, and moved apart where they would touch."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font

from sim.report.charts.fonts import HOUSE_FONT
from sim.report.charts.style import FONT_SIZE
from sim.report.words.names import clean


@lru_cache(maxsize=4096)
def text_width(text: str, bold: bool = False, size: float = FONT_SIZE) -> float:
    """Width in points of a line of text in a wide sans serif: seldom less than on a reader's screen."""
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
    return get_font(findfont(FontProperties(family=HOUSE_FONT, weight="bold" if bold else "normal")))


def fit(name: object, width: float, bold: bool = False) -> str:
    """A name cut to `width` points, with an ellipsis where something is missing."""
    text = clean(name)
    if text_width(text, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(text[:middle] + "…", bold) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
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


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near as possible to the wanted ones such that intervals of these sizes do not overlap.

    Intervals keep the order of their wanted centres (of equal ones, the first is uppermost) and stay within
    `low` to `high` if they fit; neighbours that touch form a block centred on the mean of what its members
    want.
    """
    order = sorted(range(len(wanted)), key=lambda item: (wanted[item], -item))
    blocks: list[tuple[float, list[int]]] = []  # lower end, members
    for item in order:
        members = [item]
        start = _best_start(members, wanted, sizes, low, high)
        while blocks and blocks[-1][0] + _size(blocks[-1][1], sizes) > start:
            members = blocks.pop()[1] + members
            start = _best_start(members, wanted, sizes, low, high)
        blocks.append((start, members))
    centres = [0.0] * len(wanted)
    for start, members in blocks:
        offset = start
        for item in members:
            centres[item] = offset + sizes[item] / 2
            offset += sizes[item]
    return centres


def _size(members: Sequence[int], sizes: Sequence[float]) -> float:
    return sum(sizes[item] for item in members)


def _best_start(
    members: Sequence[int], wanted: Sequence[float], sizes: Sequence[float], low: float, high: float
) -> float:
    """Lower end of a block of touching intervals that leaves its members nearest to where they want to be."""
    offset, total = 0.0, 0.0
    for item in members:
        total += wanted[item] - (offset + sizes[item] / 2)
        offset += sizes[item]
    return min(max(total / len(members), low), max(high - offset, low))
