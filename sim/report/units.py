"""Outcomes in words: headings with their unit, values, and differences with a direction and an interval."""

from __future__ import annotations

import math

from sim.numbers import decimals, fixed, money, percent, plain
from sim.outcomes import Outcome

COUNTS = frozenset({"labs", "suits", "conversions", "departures", "injunctions", "incidents"})
"""Units that count things, so that a difference is "fewer" or "more"."""
_HEADINGS = {
    "0-1": "scale from 0 to 1",
    "share": "%",
    "0 or 1": "% of runs",
    "ratio": "ratio",
    "probability a month": "% a month",
    "log10 FLOP": "FLOP",
}


def heading(outcome: Outcome) -> str:
    """Title and unit as a chart's heading: "Revenue of the largest seller, $ a year"."""
    return f"{outcome.title}, {unit(outcome)}"


def unit(outcome: Outcome) -> str:
    """The unit as a heading shows it, beside labels that carry "$" or "%" themselves."""
    if outcome.unit in COUNTS:
        return "number"
    if outcome.unit.startswith("USD "):
        return "$" + outcome.unit.removeprefix("USD bn").removeprefix("USD mn")
    if "=" in outcome.unit:
        return f"index, {outcome.unit}"
    return _HEADINGS.get(outcome.unit, outcome.unit)


def value(outcome: Outcome, number: float) -> str:
    """A mean or quantile with its unit, as in a table: "$1.2bn a year", "12%", "3.1 months", "10^26.3 FLOP"."""
    if not math.isfinite(number):
        return plain(number)
    if outcome.unit in COUNTS:
        return plain(number)
    if outcome.unit.startswith("USD "):
        return money(number / (1e3 if "mn" in outcome.unit else 1.0)).replace("-", "−")
    if outcome.unit in {"share", "0 or 1", "probability a month"}:
        return percent(number).replace("-", "−")
    if outcome.unit == "log10 FLOP":
        return f"10^{number:.2f} FLOP"
    if outcome.unit == "months":
        return f"{plain(number)} months".replace("-", "−")
    return plain(number).replace("-", "−")


def _scale(outcome: Outcome) -> tuple[float, str]:
    """Factor and suffix for differences of this outcome."""
    if outcome.unit in {"share", "0 or 1", "probability a month"}:
        return 100.0, " points"
    if outcome.unit == "months":
        return 1.0, " months"
    return 1.0, ""


def _money_scale(outcome: Outcome, size: float) -> tuple[float, str]:
    """Factor and suffix that suit an amount of this size, in the outcome's unit."""
    usd_bn = size / (1e3 if "mn" in outcome.unit else 1.0)
    for limit, factor, suffix in ((1e3, 1e-3, "tn"), (1.0, 1.0, "bn"), (1e-3, 1e3, "mn")):
        if usd_bn >= limit * 0.9995:
            return factor * usd_bn / size if size else factor, suffix
    return 1e6 * usd_bn / size if size else 1.0, "k"


def _numbers(outcome: Outcome, *numbers: float) -> tuple[list[float], str, str]:
    """Differences in the scale in which they read best, with what stands before and after each."""
    if outcome.unit.startswith("USD "):
        factor, suffix = _money_scale(outcome, max(abs(number) for number in numbers))
        return [number * factor for number in numbers], "$", suffix
    factor, suffix = _scale(outcome)
    return [number * factor for number in numbers], "", suffix


def signed_difference(outcome: Outcome, difference: float) -> str:
    """A difference with its sign, for the end of a row: "−3.1", "+$12bn", "+4.2 points"."""
    if not math.isfinite(difference):
        return plain(difference)
    (number,), before, after = _numbers(outcome, difference)
    text = plain(abs(number), 2 if abs(number) < 100 else 3)
    sign = "" if text == "0" else "−" if number < 0 else "+"
    return f"{sign}{before}{text}{after}"


def signed_interval(outcome: Outcome, low: float, high: float) -> str:
    """An interval with signs, rounded by its width: "−3.8 to −2.4", "+$8bn to +$16bn"."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "no interval"
    (bottom, top), before, after = _numbers(outcome, low, high)
    places = decimals(bottom, top)

    def side(number: float) -> str:
        text = plain(abs(number)) if places is None else fixed(abs(number), places)
        sign = "−" if number < 0 and text.strip("0.,") else "+" if number > 0 and text.strip("0.,") else ""
        return f"{sign}{before}{text}"

    ends = f"{side(bottom)}{after if before else ''} to {side(top)}{after}"
    return ends


def magnitude(outcome: Outcome, difference: float, low: float, high: float) -> tuple[str, str]:
    """A difference's size in words and its 95% interval in the same direction.

    For -3.1 [-3.8, -2.4] labs: ("3.1 fewer", "2.4 to 3.8"). Orders of magnitude become a factor: ("3.2 times less",
    "2.9 to 3.4 times").
    """
    if outcome.unit == "log10 FLOP":
        sign = -1.0 if difference < 0 else 1.0
        factors = [10.0 ** (sign * number) for number in (difference, low, high)]
        size, (bottom, top) = factors[0], sorted(factors[1:])
        return (
            f"{plain(size, 2)} times {'less' if difference < 0 else 'more'}",
            f"{plain(bottom, 2)} to {plain(top, 2)} times",
        )
    (number, one, other), before, after = _numbers(outcome, difference, low, high)
    sign = -1.0 if number < 0 else 1.0
    bottom, top = sorted((sign * one, sign * other))
    places = decimals(bottom, top)
    shown = [plain(side) if places is None else fixed(side, places) for side in (abs(number), bottom, top)]
    shown = [f"−{before}{text[1:]}" if text.startswith("-") else before + text for text in shown]
    return (
        f"{shown[0]}{after} {_direction(outcome, number)}",
        f"{shown[1]}{after if before else ''} to {shown[2]}{after}",
    )


def _direction(outcome: Outcome, number: float) -> str:
    if outcome.unit in COUNTS:
        return "fewer" if number < 0 else "more"
    if outcome.unit.startswith("USD "):
        return "less" if number < 0 else "more"
    if outcome.unit == "months":
        return "shorter" if number < 0 else "longer"
    return "lower" if number < 0 else "higher"


def in_sentence(outcome: Outcome) -> str:
    """The outcome's title inside a sentence: lower case unless it opens with a name."""
    first = outcome.title.split()[0]
    if first.startswith(("US", "China", "EU", "AI", "Chinese")):
        return outcome.title
    return outcome.title[0].lower() + outcome.title[1:]
