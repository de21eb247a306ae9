"""What the explorer says of its interpolation: how far it misses, in the outcome's unit and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES, Outcome
from sim.report.words.names import counted
from sim.report.words.units import COUNTS, FLOP, MONTHS, amount
from sim.studies.sweeping.exploring import FEW, Error

SIMULATED = "This point was simulated, so nothing is interpolated."


def missed(error: Error, outcome: str, is_log: bool, is_grid: bool) -> str:
    """How far points left out are missed, and what that makes of the chart between simulated points."""
    about = OUTCOMES[outcome]
    if not error.known:
        return ("How far the interpolation misses is not known: with two values on each axis no point can be left out "
                "and told from those on both sides.")
    fan = (f"by a factor of {plain(10.0 ** error.fan, 3)}" if is_log else f"by {miss(about, error.fan)}")
    each = ("The one point that has neighbours on both sides was left out" if error.points == 1 else
            f"Each of {counted(error.points, 'simulated point')} was left out in turn")
    said = (each
            + (" and told from its neighbours, twice as far apart as those between which a slider stands"
               if is_grid else "")
            + f": the mean is missed by {miss(about, error.mean)} on average, in nine of ten by less than "
            f"{miss(about, error.mean_ninety)}; the median line {fan}.")
    return f"{standing(error)} {said}"


def standing(error: Error) -> str:
    """How good a guide the interpolation is, in a sentence."""
    if not error.known:
        return "How far the interpolation misses is not known."
    if error.told is None:
        return "The points do not differ."
    if error.points < FEW and error.verdict == "rough":
        return f"A rough guide: its error is that of {counted(error.points, 'point')} alone."
    share = f"tells {percent(max(error.told, 0.0))} of what points differ by"
    return {
        "good": f"A close guide: the interpolation {share}.",
        "rough": (f"A rough guide: the interpolation {share}"
                  + ("; what it misses is small beside what luck does to a run." if error.is_small else ".")),
        "blind": f"Too uneven to interpolate: it {share}, so nothing is drawn between simulated points.",
    }[error.verdict]


def miss(outcome: Outcome, number: float) -> str:
    """The size of a miss with its unit: "0.2 incidents", "$12bn", "1.3 points", "a factor of 1.2"."""
    text = amount(outcome, number)
    if outcome.unit in COUNTS:
        return f"{text} {outcome.unit}"
    if outcome.unit == "0-1":
        return f"{text} (of a scale from 0 to 1)"
    return text


def name_of(words: Mapping[str, Any]) -> str:
    """The points that share these words, by axis: "world = slow_progress"."""
    return ", ".join(f"{axis} = {word}" for axis, word in words.items()) or "all"


def cost_of_packing(step: float, outcome: str) -> str:
    """The most that a number loses by being kept in 16 bits; `step` is in the outcome's unit."""
    if OUTCOMES[outcome].unit in FLOP:
        return f"{plain(100.0 * (10.0 ** (step / 2.0) - 1.0), 2)}%"
    return miss(OUTCOMES[outcome], step / 2.0)


def kind(outcome: Outcome) -> tuple[str, float, str, tuple[str, str]]:
    """How numbers of an outcome are written: kind, USD bn in one of its unit, what FLOP counts, less and more."""
    if outcome.unit.startswith("USD "):
        return "usd", 1e-3 if outcome.unit.startswith("USD mn") else 1.0, "", ("less", "more")
    if outcome.unit in FLOP:
        return "flop", 1.0, FLOP[outcome.unit], ("less", "more")
    if outcome.unit in MONTHS:
        return "months", 1.0, "", MONTHS[outcome.unit]
    if outcome.unit in ("share", "0 or 1", "probability a month"):
        return "share", 1.0, "", ("lower", "higher")
    return "plain", 1.0, "", ("fewer", "more") if outcome.unit in COUNTS else ("lower", "higher")
