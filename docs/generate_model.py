"""Writes into `docs/model.md` what each rule reads: parameters, levers and luck, as its code has them.

    python docs/generate_model.py

A rule names its functions on its line "Code"; the lists follow from these. What a function reads that several rules
name stands in those whose text speaks of it, and in all of them where none does; a channel of luck stands where the
table of channels says.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from sim.model.reads import Place, Reads, functions, reads

PAGE = Path(__file__).parent / "model.md"
LABELS = {"Reads": "parameters", "Levers": "levers", "Luck": "channels"}
_HEADING = re.compile(r"^#{1,4} ", re.M)
_LIST = re.compile(r"^- (?:Reads|Levers|Luck): .+(?:\n  .+)*\n", re.M)
_CODE = re.compile(r"^- Code: (.+(?:\n  .+)*)", re.M)
_CHANNELS = re.compile(r"^\| ((?:`[a-z_.]+`(?:, )?)+) \|[^|\n]*\| ([A-Z]\d+(?:, [A-Z]\d+)*) \|$", re.M)
_TO_SPEAK_OF = re.compile(r"\w+")


class Rule(NamedTuple):
    """One rule of the page: its heading, its text without lists, the functions that it names."""

    heading: str
    text: str
    code: tuple[Place, ...]

    @property
    def number(self) -> str:
        """As in "D5"."""
        return self.heading.partition(" ")[0]


def parts(page: str) -> list[str]:
    """The page, cut before every heading."""
    starts = [0, *(found.start() for found in _HEADING.finditer(page) if found.start()), len(page)]
    return [page[start:end] for start, end in pairwise(starts)]


def rule_of(part: str) -> Rule | None:
    """The rule of a part, None where it is none."""
    if not part.startswith("#### ") or not (code := _CODE.search(part)):
        return None
    places, file = [], ""
    for name in re.findall(r"`([^`]+)`", code[1]):
        if name.endswith(".py"):
            file = name
        else:
            places.append(Place(file, name))
    return Rule(part.partition("\n")[0].removeprefix("#### "), _LIST.sub("", part), tuple(places))


def rules(page: str) -> list[Rule]:
    """All rules of the page."""
    return [found for part in parts(page) if (found := rule_of(part))]


def read_by(page: str) -> dict[str, Reads]:
    """What each rule of the page reads, by its heading."""
    told = rules(page)
    named = frozenset(place for rule in told for place in rule.code)
    drawn = {channel: numbers.split(", ") for channels, numbers in _CHANNELS.findall(page)
             for channel in re.findall(r"`([^`]+)`", channels)}
    sharing: dict[Place, list[Rule]] = defaultdict(list)
    for rule in told:
        for place in dict.fromkeys(rule.code):
            sharing[place].append(rule)
    found: dict[str, Reads] = {rule.heading: Reads() for rule in told}
    for place, those in sharing.items():
        if place not in functions():
            continue
        of_all = reads(place, named)
        for rule in those:
            found[rule.heading] |= Reads(*(frozenset(
                name for name in names if _tells(rule, name, drawn) or not any(_tells(r, name, drawn) for r in those))
                for names in of_all))
    return found


def _tells(rule: Rule, name: str, drawn: Mapping[str, Sequence[str]]) -> bool:
    if name in drawn:
        return rule.number in drawn[name]
    return name.rpartition(".")[2] in _TO_SPEAK_OF.findall(rule.text)


def lists(found: Reads, order: str) -> str:
    """The lines of a rule's lists; names in the order in which its text has them, then by the alphabet."""
    place = {name: order.find(name.rpartition(".")[2]) % (len(order) + 1) for names in found for name in names}
    lines = []
    for label, kind in LABELS.items():
        if names := sorted(getattr(found, kind), key=lambda name: (place[name], name)):
            text = f"- {label}: " + ", ".join(f"`{name}`" for name in names)
            lines.append(textwrap.fill(text, 116, subsequent_indent="  ", break_on_hyphens=False) + "\n")
    return "".join(lines)


def written(page: str) -> str:
    """The page with its lists as the code has them."""
    known = read_by(page)
    told = []
    for part in parts(page):
        if rule := rule_of(part):
            first = re.search(r"^- ", rule.text, re.M)
            at = first.start() if first else len(rule.text)
            part = rule.text[:at] + lists(known[rule.heading], rule.text) + rule.text[at:]
        told.append(part)
    return "".join(told)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE.name)
