"""Names as the report shows them: nothing in them can disturb the text, the page or the chart around them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sim.common.text import inside as inside

LONGEST_IN_SENTENCE = 60
LONGEST_IN_HEADING = 90
MOST_NAMED = 5  # labs in a sentence
_JOINERS = "\u200c\u200d"
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(name: object) -> str:
    """A name without control and direction marks and with single spaces; letters of any script stay."""
    kept = (
        " " if character.isspace() else character
        for character in str(name)
        if character.isspace() or character in _JOINERS or unicodedata.category(character) not in _DROPPED
    )
    return " ".join("".join(kept).split()) or "(no title)"


def short(name: object, width: int = LONGEST_IN_HEADING) -> str:
    """A name of at most `width` characters: a longer one keeps its beginning and its last third."""
    text = clean(name)
    if len(text) <= width:
        return text
    tail = width // 3
    return f"{text[: width - tail - 1].rstrip(' ,;:-')}…{text[-tail:].lstrip(' ,;:-')}"


def quoted(name: object) -> str:
    """A name inside a sentence, in quotation marks and not too long."""
    return f"“{short(name, LONGEST_IN_SENTENCE)}”"


def inside_name(name: str) -> str:
    """A lab's or a nation's name inside a sentence."""
    return {"New labs": "new labs", "Rest of world": "the rest of the world", "US": "the US", "UK": "the UK",
            "EU": "the EU", "Gulf": "the Gulf"}.get(name, name)


def opening(text: str) -> str:
    """A phrase at the start of a sentence: its first letter large."""
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str]) -> str:
    """Items as a sentence lists them: "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 run", "1,200 runs"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
