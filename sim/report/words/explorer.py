"""What the explorer says of its interpolation: how far it misses, in the outcome's unit and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.common.language import gettext, ngettext, noted, percent_sign
from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES, Outcome
from sim.report.words.names import counted
from sim.report.words.units import COUNTS, DIRECTIONS, FLOP, MONTHS, amount, direction
from sim.studies.sweeping.exploring import FEW, Error

SIMULATED = noted("This point was simulated, so nothing is interpolated.")


def missed(error: Error, outcome: str, is_log: bool, is_grid: bool) -> str:
    """How far points left out are missed, and what that makes of the chart between simulated points."""
    about = OUTCOMES[outcome]
    if not error.known:
        return gettext("How far the interpolation misses is not known: with two values on each axis no point can be "
                       "left out and told from those on both sides.")
    fan = gettext("a factor of {number}", number=plain(10.0 ** error.fan, 3)) if is_log else miss(about, error.fan)
    if is_grid:
        said = ngettext(
            "The one point that has neighbours on both sides was left out and told from its neighbours, twice as far "
            "apart as those between which a slider stands: the mean is missed by {mean} on average, in nine of ten by "
            "less than {ninety}; the median line by {fan}.",
            "Each of {number} simulated points was left out in turn and told from its neighbours, twice as far apart "
            "as those between which a slider stands: the mean is missed by {mean} on average, in nine of ten by less "
            "than {ninety}; the median line by {fan}.",
            error.points, mean=miss(about, error.mean), ninety=miss(about, error.mean_ninety), fan=fan)
    else:
        said = ngettext(
            "The one point that has neighbours on both sides was left out: the mean is missed by {mean} on average, in "
            "nine of ten by less than {ninety}; the median line by {fan}.",
            "Each of {number} simulated points was left out in turn: the mean is missed by {mean} on average, in nine "
            "of ten by less than {ninety}; the median line by {fan}.",
            error.points, mean=miss(about, error.mean), ninety=miss(about, error.mean_ninety), fan=fan)
    return f"{standing(error)} {said}"


def standing(error: Error) -> str:
    """How good a guide the interpolation is, in a sentence."""
    if not error.known:
        return gettext("How far the interpolation misses is not known.")
    if error.told is None:
        return gettext("The points do not differ.")
    if error.points < FEW and error.verdict == "rough":
        return gettext("A rough guide: its error is that of {points} alone.", points=counted(error.points, "point"))
    share = percent(max(error.told, 0.0))
    if error.verdict == "good":
        return gettext("A close guide: the interpolation tells {share} of what points differ by.", share=share)
    if error.verdict == "blind":
        return gettext("Too uneven to interpolate: it tells {share} of what points differ by, so nothing is drawn "
                       "between simulated points.", share=share)
    if error.is_small:
        return gettext("A rough guide: the interpolation tells {share} of what points differ by; what it misses is "
                       "small beside what luck does to a run.", share=share)
    return gettext("A rough guide: the interpolation tells {share} of what points differ by.", share=share)


def miss(outcome: Outcome, number: float) -> str:
    """The size of a miss with its unit: "0.2 incidents", "$12bn", "1.3 points", "a factor of 1.2"."""
    text = amount(outcome, number)
    if outcome.unit in COUNTS:
        return gettext("{number} {unit}", number=text, unit=gettext(outcome.unit))
    if outcome.unit == "0-1":
        return gettext("{number} (of a scale from 0 to 1)", number=text)
    return text


def name_of(words: Mapping[str, Any]) -> str:
    """The points that share these words, by axis: "world = slow_progress"."""
    return ", ".join(f"{axis} = {word}" for axis, word in words.items()) or "all"


def cost_of_packing(step: float, outcome: str) -> str:
    """The most that a number loses by being kept in 16 bits; `step` is in the outcome's unit."""
    if OUTCOMES[outcome].unit in FLOP:
        return percent_of(100.0 * (10.0 ** (step / 2.0) - 1.0))
    return miss(OUTCOMES[outcome], step / 2.0)


def percent_of(points: float) -> str:
    """A number of hundredths with its sign."""
    return plain(points, 2) + percent_sign()


def kind(outcome: Outcome) -> tuple[str, float, str, list[list[str]]]:
    """How numbers of an outcome are written: kind, USD bn in one of its unit, what FLOP counts, less and more.

    Less and more are two messages each: of a size, and of a range on one side of zero.
    """
    ways = [[gettext(form) for form in DIRECTIONS[direction(outcome, sign)]] for sign in (-1.0, 1.0)]
    if outcome.unit.startswith("USD "):
        return "usd", 1e-3 if outcome.unit.startswith("USD mn") else 1.0, "", ways
    if outcome.unit in FLOP:
        return "flop", 1.0, gettext(FLOP[outcome.unit]), ways
    if outcome.unit in MONTHS:
        return "months", 1.0, "", ways
    if outcome.unit in ("share", "0 or 1", "probability a month"):
        return "share", 1.0, "", ways
    return "plain", 1.0, "", ways
