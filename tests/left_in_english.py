"""What of a text in another language is still English: words that no language but English has there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

_ONLY_ENGLISH = (
    "about against all and are at be below beside both by does each else for from goes has have here higher how if "
    "into is it its labs left less like lower make mean months more most nobody not nothing of once other over own "
    "rules runs same shown so than that the their them there these they this those to under until what when where "
    "which who whole with without would year years you your")
ONLY_ENGLISH = frozenset(_ONLY_ENGLISH.split())
"""Words that are frequent in English and are no French ones."""
_SAME_EVERYWHERE = (
    "airace AI API CSV DSAIR FLOP HBM IA JSON Baseline chill compare elicit explore game incident play run seed "
    "theories toml log armstrong dsair")
SAME_EVERYWHERE = frozenset(_SAME_EVERYWHERE.split())
"""Names of programs, commands, options and formats, which nobody translates."""
QUOTED = re.compile("“[^”]*”|«[^»]*»|<code>.*?</code>|--[a-z]+|[a-z]+_[a-z_]+|[a-z]+\\.toml", re.DOTALL)
"""What somebody else wrote, and keys, options and files."""
WORD = re.compile(r"[^\W\d_]+")


def left_in_english(text: str, code: str) -> list[str]:
    """The words of a text in Chinese or French that are English; names of firms and people are not."""
    words = [word for word in WORD.findall(QUOTED.sub(" ", text)) if word not in _names() | SAME_EVERYWHERE]
    if code == "fr":
        return [word for word in words if word.lower() in ONLY_ENGLISH]
    return [found for word in words for found in re.findall("[A-Za-z]{2,}", word)
            if found not in _names() | SAME_EVERYWHERE]


@cache
def _names() -> frozenset[str]:
    """Every word in the names of the start's labs and founders."""
    from sim.model.naming import founder_names, lab_names

    start = "2026-01"
    named = [name for name in (*lab_names(start), *founder_names(start)) if not name.startswith(("New lab", "Founder"))]
    return frozenset(word for name in named for word in WORD.findall(name))


def texts_in(told: Any, codes: Iterable[str] = ()) -> Iterator[str]:
    """Every text of an answer in JSON, but under the keys `codes`, which pages do not show."""
    if isinstance(told, dict):
        for key, value in told.items():
            if key not in codes:
                yield from texts_in(value, codes)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from texts_in(value, codes)
    elif isinstance(told, str):
        yield told
