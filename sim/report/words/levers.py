"""Levers, attributes and uncertainties in words: their names, units and values on axes and in sentences."""

from __future__ import annotations

import re
from typing import Any

from sim.common.numbers import plain
from sim.model.parameters import levers, parameters
from sim.report.words.names import clean, opening

WORDS: dict[str, tuple[str, str, str]] = {
    "regulation.strictness": ("Strictness of rules", "none", "nuclear-style licensing"),
    "diplomacy.us_china_cooperation": ("US-China cooperation", "open rivalry", "shared governance"),
}
"""Levers whose ends have words: name, meaning of 0 and of 1."""

THEORIES = {"imitation": "imitation", "safety_race": "the safety race", "hazard": "the hazard", "research": "research",
            "demand": "demand", "powers": "powers"}
"""What each theory is of."""


def lever_in_words(axis: str) -> str:
    """A lever, an attribute or `uncertainty.NAME` in words, for an axis or a sentence: "Strictness of rules"."""
    axis, equals, word = axis.partition(" = ")
    if equals:
        return f"{lever_in_words(axis)}: {word.replace('_', ' ')}"
    if axis == "world":  # of a sweep's points
        return "World"
    group, *middle, name = axis.split(".")
    if group == "structure":
        return f"Theory of {THEORIES[name]}"
    whose = f" ({', '.join(each.upper() if len(each) < 3 else opening(each) for each in middle)})" if middle else ""
    lever = f"{group}.{name}"
    if lever in WORDS:
        return WORDS[lever][0] + whose
    known = parameters().get(name) if group == "uncertainty" else levers().get(lever)
    if known is None:
        return opening(name.replace("_", " ")) + whose
    return re.split(r"[;:(]", known.text)[0].strip() + whose


def lever_unit(axis: str) -> str:
    """An axis's unit as a chart shows it: "$bn a year", "months"; nothing for a scale from 0 to 1."""
    group, _, rest = axis.partition(".")
    name = rest.rpartition(".")[2]
    known = parameters().get(name) if group == "uncertainty" else levers().get(f"{group}.{name}")
    unit = known.unit if known else ""
    return "" if unit in ("0-1", "theory", "") else unit.replace("USD ", "$")


def lever_with_unit(axis: str) -> str:
    """An axis in words with its unit, for the edge of a chart: "Mean length of a truce, months"."""
    unit = lever_unit(axis)
    return lever_in_words(axis) + (f", {unit}" if unit else "")


def lever_value(value: Any) -> str:
    """A lever's value as text; of a range both ends."""
    if isinstance(value, tuple):
        return " to ".join(lever_value(end) for end in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, int | float) else clean(value)
