"""Levers, attributes and uncertainties in words: their names, units and values on axes and in sentences."""

from __future__ import annotations

import re
from typing import Any

from sim.common.language import gettext, noted
from sim.common.numbers import plain
from sim.model.parameters import levers, parameters
from sim.report.words.names import clean, opening

WORDS: dict[str, tuple[str, str, str]] = {
    "regulation.strictness": (noted("Strictness of rules"), noted("none"), noted("nuclear-style licensing")),
    "diplomacy.us_china_cooperation": (noted("US-China cooperation"), noted("open rivalry"),
                                       noted("shared governance")),
}
"""Levers whose ends have words: name, meaning of 0 and of 1."""

THEORIES = {"imitation": noted("Theory of imitation"), "safety_race": noted("Theory of the safety race"),
            "hazard": noted("Theory of the hazard"), "research": noted("Theory of research"),
            "demand": noted("Theory of demand"), "powers": noted("Theory of powers")}
"""What each theory is of."""
PLACES = {"us": "US", "uk": "UK", "eu": "EU", "china": "China", "california": "California"}


def lever_in_words(axis: str) -> str:
    """A lever, an attribute or `uncertainty.NAME` in words, for an axis or a sentence: "Strictness of rules"."""
    axis, equals, word = axis.partition(" = ")
    if equals:
        return gettext("{lever}: {value}", lever=lever_in_words(axis), value=gettext(word.replace("_", " ")))
    if axis == "world":  # of a sweep's points
        return gettext("World")
    group, *middle, name = axis.split(".")
    if group == "structure":
        return gettext(THEORIES[name])
    places = [gettext(PLACES[each]) if each in PLACES else opening(each) for each in middle]
    said = _in_words(group, name)
    return gettext("{lever} ({place})", lever=said, place=", ".join(places)) if places else said


def _in_words(group: str, name: str) -> str:
    lever = f"{group}.{name}"
    if lever in WORDS:
        return gettext(WORDS[lever][0])
    known = parameters().get(name) if group == "uncertainty" else levers().get(lever)
    return gettext(beginning(known.text) if known else opening(name.replace("_", " ")))


def beginning(text: str) -> str:
    """What a lever or a parameter is, without what its ends mean: the beginning of its text."""
    return re.split(r"[;:(]", text)[0].strip()


def lever_unit(axis: str) -> str:
    """An axis's unit as a chart shows it: "$bn a year", "months"; nothing for a scale from 0 to 1."""
    unit = _unit(axis)
    return "" if unit in ("0-1", "theory", "") else gettext(unit.replace("USD ", "$"))


def is_multiple(axis: str) -> bool:
    """Whether an axis is a multiple of something, which its name tells."""
    return _unit(axis) == "multiple"


def _unit(axis: str) -> str:
    group, _, rest = axis.partition(".")
    name = rest.rpartition(".")[2]
    known = parameters().get(name) if group == "uncertainty" else levers().get(f"{group}.{name}")
    return known.unit if known else ""


def lever_with_unit(axis: str) -> str:
    """An axis in words with its unit, for the edge of a chart: "Mean length of a truce, months"."""
    unit = lever_unit(axis)
    return gettext("{title}, {unit}", title=lever_in_words(axis), unit=unit) if unit else lever_in_words(axis)


def lever_value(value: Any) -> str:
    """A lever's value as text; of a range both ends."""
    if isinstance(value, tuple):
        low, high = (lever_value(end) for end in value)
        return gettext("{low} to {high}", low=low, high=high)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return plain(value) if isinstance(value, int | float) else clean(value)
