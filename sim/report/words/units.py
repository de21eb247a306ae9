"""Outcomes in words: headings with their unit, values, and differences with a direction and an interval."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.common.numbers import decimals, fixed, money, percent, plain
from sim.model.outcomes import Outcome

COUNTS = frozenset({"labs", "suits", "conversions", "departures", "injunctions", "incidents"})
"""Units that count things, so that a difference is "fewer" or "more"."""
SHARES = frozenset({"share", "0 or 1", "probability a month"})
"""Units shown as percentages, with differences in percentage points."""
FLOP: Mapping[str, str] = {"log10 FLOP": "FLOP", "log10 effective FLOP": "effective FLOP"}
"""Units of orders of magnitude, and what there are so many of: differences are factors."""
MONTHS: Mapping[str, tuple[str, str]] = {"months": ("shorter", "longer"), "months of delay": ("earlier", "later")}
"""Units of time, and what less and more of it is called."""
_HEADINGS = {
    "0-1": "0 to 1",
    "share": "%",
    "0 or 1": "% of runs",
    "probability a month": "% a month",
    **FLOP,
}
NEGLIGIBLE = 0.01
"""Standard deviations over runs below which a difference is not spelt out."""
_MOST_DIGITS = 3
_SUPERSCRIPT = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


def minus(text: str) -> str:
    """A number's text with a true minus sign."""
    return text.replace("-", "−")


def power_of_ten(exponent: float) -> str:
    """A power of ten as people write it: "10²⁶"."""
    return "10" + f"{exponent:.3g}".translate(_SUPERSCRIPT)


def heading(outcome: Outcome) -> str:
    """Title and unit as a chart's heading: "Revenue of the largest seller, $ a year"."""
    return f"{outcome.title}, {unit(outcome)}"


def summary_heading(outcome: Outcome) -> str:
    """Title and unit of a run's one number: "Cost of compliance in total, $"."""
    return f"{outcome.summary_title}, {unit(outcome)}"


def unit(outcome: Outcome) -> str:
    """The unit as a heading shows it, beside labels that carry "$" or "%" themselves."""
    if outcome.unit in COUNTS:
        return "number"
    if outcome.unit.startswith("USD "):
        return "$" + outcome.unit[len("USD bn") :]
    if "=" in outcome.unit:
        return f"index, {outcome.unit}"
    return _HEADINGS.get(outcome.unit, outcome.unit)


def value(outcome: Outcome, number: float) -> str:
    """A mean or quantile as a table shows it: "$1.2bn", "12%", "3.1 months", "2 × 10²⁶ FLOP"."""
    if not math.isfinite(number):
        return plain(number)
    if outcome.unit.startswith("USD "):
        return minus(money(_usd_bn(outcome, number), 3))
    if outcome.unit in SHARES:
        return minus(percent(number, 3 if abs(number) < 0.1 else 2))
    if outcome.unit in FLOP:
        exponent = math.floor(number)
        return f"{plain(10.0 ** (number - exponent), 2)} × {power_of_ten(exponent)} {FLOP[outcome.unit]}"
    if outcome.unit in MONTHS:
        return minus(f"{plain(number)} months")
    return minus(plain(number))


def quantity_value(unit: str, number: float) -> str:
    """A lab's quantity as a table shows it: "$1.2bn", "12%", "3.4mn" H100 equivalents."""
    if unit.startswith("H100") and abs(number) >= 1e4:
        return f"{plain(number / 1e6)}mn"
    return value(Outcome("", unit, "", ""), number)


def signed_difference(outcome: Outcome, difference: float, effect: float = math.nan) -> str:
    """A difference with its sign, for the end of a row: "−3.1", "+$12bn", "+4.2 points", "÷2.9", "0".

    `effect` is the difference in standard deviations over runs, if known: a tiny one is written as "≈ 0".
    """
    if not math.isfinite(difference):
        return plain(difference)
    if difference != 0.0 and abs(effect) < NEGLIGIBLE:
        return "≈ 0"
    if outcome.unit in FLOP:
        return _factor(difference, _times(abs(difference), 2))
    number, before, after = _scaled(outcome, difference, abs(difference))
    text = plain(abs(number), 2 if abs(number) < 100 else 3)
    return "0" if text == "0" else f"{'−' if number < 0 else '+'}{before}{text}{after}"


def signed_interval(outcome: Outcome, low: float, high: float) -> str:
    """An interval with signs, rounded by its width: "−3.8 to −2.4", "+$8bn to +$16bn"."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "no interval"
    if outcome.unit in FLOP:
        ends = [_factor(side, _times(abs(side), 3)) for side in (low, high)]
        return f"{ends[0]} to {ends[1]}"
    largest = max(abs(low), abs(high))
    (bottom, before, after), (top, _, _) = (_scaled(outcome, side, largest) for side in (low, high))
    places = _places(bottom, top, max(abs(bottom), abs(top)))
    each = after if before else ""
    return f"{_end(bottom, places, before)}{each} to {_end(top, places, before)}{after}"


def _end(number: float, places: int, before: str) -> str:
    text = fixed(abs(number), places)
    sign = "" if not text.strip("0.,") else "−" if number < 0 else "+"
    return f"{sign}{before}{text}"


def size_in_words(outcome: Outcome, difference: float) -> str:
    """A difference's size and direction: "3.1 fewer", "$12bn more", "2.9 times less"."""
    return magnitude(outcome, difference, difference, difference)[0]


def amount(outcome: Outcome, size: float) -> str:
    """A size without a direction: "$12bn", "4.2 points", "1.3 months", "0.21", "a factor of 1.3"."""
    if outcome.unit in FLOP:
        return f"a factor of {_times(abs(size), 3)}"
    number, before, after = _scaled(outcome, abs(size), abs(size))
    return f"{before}{plain(number, 2)}{after}"


def magnitude(outcome: Outcome, difference: float, low: float, high: float) -> tuple[str, str]:
    """A difference's size in words, and its interval in the same words.

    For -3.1 [-3.8, -2.4] labs: ("3.1 fewer", "2.4 to 3.8 fewer"); an end on the other side of zero has its own word:
    "6.3 fewer to 0.6 more". Orders of magnitude become factors: ("3.2 times less", "2.9 to 3.4 times less").
    """
    if outcome.unit in FLOP:
        size = f"{_times(abs(difference), 2)} times"
        ends = [f"{_times(abs(end), 3)} times" for end in (low, high)]
    else:
        largest = max(abs(difference), abs(low), abs(high))
        scaled, before, after = _scaled(outcome, abs(difference), largest)
        bottom, top = (_scaled(outcome, end, largest)[0] for end in (low, high))
        places = _places(bottom, top, scaled)
        size, *ends = (f"{before}{fixed(abs(number), places)}{after}" for number in (scaled, bottom, top))
    words = [_direction(outcome, number) for number in (low, high)]
    if low < 0.0 < high:
        around = f"{ends[0]} {words[0]} to {ends[1]} {words[1]}"
    else:
        near, far = ends if abs(low) <= abs(high) else ends[::-1]
        around = f"{_without_unit(near, far)} to {far} {words[0] if abs(low) > abs(high) else words[1]}"
    return f"{size} {_direction(outcome, difference)}", around


def _without_unit(near: str, far: str) -> str:
    """The nearer end of an interval without what stands after the number, where the farther end says it."""
    for after in (" points", " months", " times"):
        if near.endswith(after) and far.endswith(after):
            return near.removesuffix(after)
    return near


def relative(outcome: Outcome, difference: float, baseline: float) -> str:
    """A difference as a share of the baseline: "−26%", or "×2.3" from twice on; "" for shares and factors."""
    if outcome.unit in SHARES or outcome.unit in FLOP or baseline <= 0.0 or not math.isfinite(difference):
        return ""
    change = difference / baseline
    if change >= 1.0:
        return f"×{plain(1.0 + change, 2)}"
    return f"{'−' if change < 0 else '+'}{percent(abs(change))}"


def _usd_bn(outcome: Outcome, number: float) -> float:
    return number / 1e3 if outcome.unit.startswith("USD mn") else number


def _scaled(outcome: Outcome, number: float, largest: float) -> tuple[float, str, str]:
    """A difference in the scale that suits the largest of its kind, and what stands before and after it."""
    if outcome.unit.startswith("USD "):
        usd_bn, size = _usd_bn(outcome, number), _usd_bn(outcome, largest)
        for limit, suffix in ((1e3, "tn"), (1.0, "bn"), (1e-3, "mn"), (1e-6, "k")):
            if size >= limit * 0.9995:
                return usd_bn / limit, "$", suffix
        return usd_bn * 1e9, "$", ""
    if outcome.unit in SHARES:
        return 100.0 * number, "", " points"
    return number, "", " months" if outcome.unit in MONTHS else ""


def _places(low: float, high: float, size: float) -> int:
    """Decimals for a difference and its interval, or three digits where there is no width."""
    places = decimals(low, high, size)
    if places is not None:
        return places
    return _MOST_DIGITS - 1 - math.floor(math.log10(size)) if size > 0.0 else 2


def _times(exponent: float, digits: int) -> str:
    """Ten to a power as a plain factor, or as a power of ten where that would be too long.

    One near 1 has three digits, since two would tell of "1 times less".
    """
    if abs(exponent) >= 6.0:
        return power_of_ten(exponent)
    return plain(10.0**exponent, digits if exponent > 0.04 else 3)


def _factor(exponent: float, text: str) -> str:
    return "0" if exponent == 0.0 else f"{'÷' if exponent < 0 else '×'}{text}"


def _direction(outcome: Outcome, difference: float) -> str:
    down = difference < 0
    if outcome.unit in COUNTS:
        return "fewer" if down else "more"
    if outcome.unit.startswith("USD ") or outcome.unit in FLOP:
        return "less" if down else "more"
    if outcome.unit in MONTHS:
        shorter, longer = MONTHS[outcome.unit]
        return shorter if down else longer
    return "lower" if down else "higher"
