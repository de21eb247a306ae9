"""Names as the report shows them: nothing in them can disturb the text, the page or the chart around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sim.common.language import ENGLISH, gettext, language, ngettext
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
    return " ".join("".join(kept).split()) or gettext("(no title)")


def short(name: object, width: int = LONGEST_IN_HEADING) -> str:
    """A name of at most `width` characters: a longer one keeps its beginning and its last third."""
    text = clean(name)
    if len(text) <= width:
        return text
    tail = width // 3
    return f"{text[: width - tail - 1].rstrip(' ,;:-')}…{text[-tail:].lstrip(' ,;:-')}"


def quoted(name: object) -> str:
    """A name inside a sentence, in quotation marks and not too long."""
    return gettext("“{name}”", name=short(name, LONGEST_IN_SENTENCE))


def as_written(text: object) -> str:
    """What a scenario's author wrote, inside our own words; in another language it is said to be the author's."""
    return clean(text) if language() == ENGLISH else gettext("“{text}” (the file's own words)", text=clean(text))


def inside_name(name: str) -> str:
    """A lab's or a nation's name inside a sentence."""
    if language() != ENGLISH:
        return called(name)
    return {"New labs": "new labs", "Rest of world": "the rest of the world", "US": "the US", "UK": "the UK",
            "EU": "the EU", "Gulf": "the Gulf"}.get(name, name)


def opening(text: str) -> str:
    """A phrase at the start of a sentence: its first letter large."""
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str]) -> str:
    """Items as a sentence lists them: "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return gettext("{first} and {last}", first=gettext(", ").join(items[:-1]), last=items[-1])


def joined(clauses: Sequence[str]) -> str:
    """Clauses of a sentence, apart: "a; b; c"."""
    return gettext("; ").join(clauses)


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 run", "1,200 runs"."""
    if language() == ENGLISH:
        return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
    return ngettext(f"{{number}} {noun}", f"{{number}} {plural or noun + 's'}", number)


PLACES = ("US", "China", "EU", "UK", "Gulf", "Rest of world", "California", "US federal", "California's", "Chinese",
          "New labs", "Taiwan", "Israel", "Japan", "South Korea", "Japan and Korea")
"""Names of nations, jurisdictions and groups, as events and tables have them."""
_NUMBERED = re.compile(r"(New lab|Lab|Founder|The founder|Scheduled policy|Trigger)( \w+)?( from (.+))?")


def called(name: str) -> str:
    """A name in the language in use: of nations by the catalogue, "New lab 3" by its number; firms and people as is."""
    if language() == ENGLISH:
        return name
    if name in PLACES:
        return gettext(name)
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return name
    kind, number, home = found[1], (found[2] or "").strip(), found[4]
    told = {"New lab": gettext("New lab {number}", number=number), "Lab": gettext("Lab {number}", number=number),
            "Founder": gettext("Founder {number}", number=number), "The founder": gettext("The founder"),
            "Trigger": gettext("Trigger {number}", number=number),
            "Scheduled policy": gettext("Scheduled policy {number}", number=number)}[kind]
    return gettext("{founder} from {lab}", founder=told, lab=called(home)) if home else told
