"""The language in which things are said: English as the code has it, others by catalogues in `sim/data/lang/`.

The language is a context's own (`contextvars`), so that two browsers that ask at once are each answered in theirs. What
a catalogue does not have is said in English, and noted, so that a page can say that parts of it are in English. Plural
rules, signs of numbers and percentages are CLDR's, by Babel, which also reads the catalogues; English needs none of it.
"""

from __future__ import annotations

import gettext as standard
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "zh": "中文", "fr": "Français"}
"""Every language that can be asked for, by its code, with its own name."""
WITHOUT_SPACES = frozenset({"zh"})
"""Languages whose lines may end anywhere, since no spaces stand between words."""
DOLLARS: Mapping[str, tuple[tuple[float, str, str], ...]] = {
    ENGLISH: ((1e3, "$", "tn"), (1.0, "$", "bn"), (1e-3, "$", "mn"), (1e-6, "$", "k"), (1e-9, "$", "")),
    "zh": ((1e3, "", "万亿美元"), (0.1, "", "亿美元"), (1e-5, "", "万美元"), (1e-9, "", "美元")),
    "fr": ((1.0, "", "\u202fMd\u202f$"), (1e-3, "", "\u202fM\u202f$"), (1e-6, "", "\u202fk\u202f$"),
           (1e-9, "", "\u202f$")),
}
"""Scales of amounts in USD bn, and what stands before and after the number: in Chinese they go by ten thousands."""


class LanguageError(ValueError):
    """A language that there is no catalogue of: a sentence with those that there are."""


@dataclass
class Spoken:
    """A language in use, and the messages that its catalogue did not have."""

    language: str
    missing: set[str] = field(default_factory=set)


IN_SCRIPT = re.compile(r"""(?<![\w.])(?:_|ngettext)\(\s*("(?:[^"\\]|\\.)*")(?:,\s*("(?:[^"\\]|\\.)*"))?""")
"""A message in a script, and the second form of a plural; Babel's own reader passes over one inside another."""


_IN_USE: ContextVar[Spoken | None] = ContextVar("language", default=None)


def language() -> str:
    """The code of the language in use."""
    spoken = _IN_USE.get()
    return ENGLISH if spoken is None else spoken.language


@contextmanager
def speaking(code: str) -> Iterator[Spoken]:
    """Say everything in this language within the block; LanguageError if there is none of that code."""
    spoken = Spoken(known(code))
    token = _IN_USE.set(spoken)
    try:
        yield spoken
    finally:
        _IN_USE.reset(token)


def known(code: str) -> str:
    """The code of a language as it is asked for, "zh" for "zh-CN" or "ZH"; LanguageError names those that there are."""
    plain = code.strip().lower().replace("_", "-").partition("-")[0]
    if plain not in LANGUAGES:
        listed = ", ".join(f"{each} ({name})" for each, name in LANGUAGES.items())
        raise LanguageError(f"there is no language {code[:40]!r}; there are {listed}")
    return plain


def asked_by_browser(header: str) -> str:
    """The first language of an Accept-Language header that there is; English if there is none of them."""
    wished: list[tuple[float, str]] = []
    for part in header[:400].split(","):
        code, _, weight = part.partition(";q=")
        try:
            wished.append((float(weight or 1.0), known(code)))
        except ValueError:  # another language, or a weight that is no number
            continue
    return max(wished, key=lambda each: each[0])[1] if wished and max(wished)[0] > 0.0 else ENGLISH


# ---- messages --------------------------------------------------------------------------------------------------------
def gettext(message: str, /, **values: object) -> str:
    """The message in the language in use, `values` in the places that it names."""
    spoken = _IN_USE.get()
    said = message
    if message and spoken is not None and spoken.language != ENGLISH:
        said = _translations(spoken.language).gettext(message)
        if message not in _messages(spoken.language):
            spoken.missing.add(message)
    return said.format(**values) if values else said


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """One of the forms that the language has for numbers; `{number}` stands for it, its thousands separated."""
    spoken = _IN_USE.get()
    said = one if number == 1 else many
    if spoken is not None and spoken.language != ENGLISH:
        said = _translations(spoken.language).ngettext(one, many, number)
        if one not in _messages(spoken.language):
            spoken.missing.add(one)
    return said.format(number=localised(f"{number:,}"), **values)


def noted(message: str) -> str:
    """The message as it is: marks what stands in a table, to be said with `gettext` later."""
    return message


@cache
def catalogue(code: str) -> Any:
    """The catalogue of a language, as Babel reads it from `sim/data/lang/`."""
    from babel.messages.pofile import read_po

    text = resources.files("sim").joinpath(f"data/lang/{code}.po").read_bytes()
    return read_po(io.BytesIO(text), locale=code)


@cache
def _translations(code: str) -> standard.NullTranslations:
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, catalogue(code))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)


@cache
def _messages(code: str) -> Mapping[str, tuple[str, ...]]:
    """What is translated, by the English message (of a plural by its first form): each with all its forms."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue(code):
        if message.id and message.string:
            first = message.id[0] if isinstance(message.id, tuple) else message.id
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            if all(forms):
                found[first] = tuple(forms)
    return found


def for_script(scripts: Sequence[str]) -> dict[str, Any]:
    """What a page's scripts need to speak the language in use: their messages, signs of numbers, scales of money."""
    decimal, group, percentage = _signs(language())
    told: dict[str, Any] = {"language": language(), "decimal": decimal, "group": group, "percent": percentage,
                            "dollars": [list(each) for each in DOLLARS[language()]]}
    messages = {}
    if language() != ENGLISH:
        table = _messages(language())
        spoken = _IN_USE.get()
        for message in (each for script in scripts for each in of_script(script)):
            if message in table:
                messages[message] = list(table[message])
            elif spoken is not None:
                spoken.missing.add(message)
    return {**told, "messages": messages}


@cache
def of_script(script: str) -> tuple[str, ...]:
    """The messages that a script says with `_("...")` and `ngettext("...", "...", n)`; of a plural the first form."""
    return tuple(dict.fromkeys(json.loads(found[1]) for found in IN_SCRIPT.finditer(script)))


# ---- numbers and dates -----------------------------------------------------------------------------------------------
@cache
def _signs(code: str) -> tuple[str, str, str]:
    """Decimal sign, sign between thousands, and what follows the number of a percentage."""
    if code == ENGLISH:
        return ".", ",", "%"
    from babel import Locale
    from babel.numbers import get_decimal_symbol, get_group_symbol

    percentage = Locale.parse(code).percent_formats[None]
    return get_decimal_symbol(code), get_group_symbol(code), percentage.suffix[1]


def localised(number: str) -> str:
    """A number that is written the English way, "1,234.5", in the language in use."""
    if (code := language()) == ENGLISH:
        return number
    decimal, group, _ = _signs(code)
    return number.translate({ord(","): group, ord("."): decimal})


def percent_sign() -> str:
    """What follows the number of a percentage."""
    return _signs(language())[2]


class Amount(float):
    """A number that a message formats itself, as in `{amount:,.1f}`: with the signs of the language in use."""

    def __format__(self, spec: str) -> str:
        return localised(super().__format__(spec)).replace("%", percent_sign())


def month_name(year: int, month: int, short: bool = False) -> str:
    """A month with its year as the language has it: "March 2027", "2027年3月", "mars 2027"; `short`: "Mar 2027"."""
    if (code := language()) == ENGLISH:
        return f"{_MONTHS[month - 1][: 3 if short else None]} {year}"
    from datetime import date

    from babel.dates import format_skeleton

    return format_skeleton("yMMM" if short else "yMMMM", date(year, month, 1), locale=code)


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
