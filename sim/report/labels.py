"""Names on charts: made safe to show, broken into short lines, and moved apart where they would touch."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

_JOINERS = "\u200c\u200d"


def clean(name: object) -> str:
    """A name that cannot disturb its surroundings: no control or direction marks, single spaces.

    Characters that reverse or isolate the direction of text, and control characters, are dropped; letters of
    any script stay.
    """
    kept = "".join(
        " " if character.isspace() else character
        for character in str(name)
        if character.isspace() or character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.split()) or "(no title)"


def short(name: object, width: int) -> str:
    """A name cut to `width` characters, with an ellipsis where something is missing."""
    text = clean(name)
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;:-") + "…"


def wrap(name: object, width: int = 16, lines: int = 3) -> list[str]:
    """A name broken into at most `lines` lines of about `width` characters; the rest becomes an ellipsis."""
    broken = textwrap.wrap(clean(name), width=width, break_long_words=True, max_lines=lines, placeholder="…")
    return broken or [short(name, width)]


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
