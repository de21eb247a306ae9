"""Outcomes in words: headings with their unit, values, and differences with a direction and an interval."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.common.language import DOLLARS, gettext, language, noted
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
DIRECTIONS: Mapping[str, tuple[str, str]] = {
    "fewer": (noted("{size} fewer"), noted("{near} to {far} fewer")),
    "more": (noted("{size} more"), noted("{near} to {far} more")),
    "less": (noted("{size} less"), noted("{near} to {far} less")),
    "shorter": (noted("{size} shorter"), noted("{near} to {far} shorter")),
    "longer": (noted("{size} longer"), noted("{near} to {far} longer")),
    "earlier": (noted("{size} earlier"), noted("{near} to {far} earlier")),
    "later": (noted("{size} later"), noted("{near} to {far} later")),
    "lower": (noted("{size} lower"), noted("{near} to {far} lower")),
    "higher": (noted("{size} higher"), noted("{near} to {far} higher")),
    "times less": (noted("{size} times less"), noted("{near} to {far} times less")),
    "times more": (noted("{size} times more"), noted("{near} to {far} times more")),
}
"""What a difference is called, and an interval whose ends lie on one side of zero."""
TITLES: Mapping[str, str] = {"sum": noted("{title} in total"), "max": noted("{title} at its peak"),
                             "mean": noted("{title} on average")}
"""The title of a run's one number, by how months become one."""
_MOST_DIGITS = 3
_SUPERSCRIPT = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


def minus(text: str) -> str:
    """A number's text with a true minus sign."""
    return text.replace("-", "−")


def power_of_ten(exponent: float) -> str:
    """A power of ten as people write it: "10²⁶"."""
    return "10" + f"{exponent:.3g}".translate(_SUPERSCRIPT)


def title(outcome: Outcome) -> str:
    """What is measured: "Revenue of the largest seller"."""
    return gettext(outcome.title)


def summary_title(outcome: Outcome) -> str:
    """The title of a run's one number: "Cost of compliance in total", "Safety effort on average"."""
    whole = title(outcome)
    return whole if outcome.summary == "last" else gettext(TITLES[outcome.summary], title=whole)


def running_title(outcome: Outcome) -> str:
    """The title of the number at a month on the way: "Cost of compliance so far"."""
    so_far = outcome.summary in ("sum", "max")
    return gettext("{title} so far", title=title(outcome)) if so_far else title(outcome)


def heading(outcome: Outcome) -> str:
    """Title and unit as a chart's heading: "Revenue of the largest seller, $ a year"."""
    return gettext("{title}, {unit}", title=title(outcome), unit=unit(outcome))


def summary_heading(outcome: Outcome) -> str:
    """Title and unit of a run's one number: "Cost of compliance in total, $"."""
    return gettext("{title}, {unit}", title=summary_title(outcome), unit=unit(outcome))


def unit(outcome: Outcome) -> str:
    """The unit as a heading shows it, beside labels that carry "$" or "%" themselves."""
    if outcome.unit in COUNTS:
        return gettext("number")
    if outcome.unit.startswith("USD "):
        return gettext("$" + outcome.unit[len("USD bn") :])
    if "=" in outcome.unit:
        return gettext("index, {unit}", unit=gettext(outcome.unit))
    return gettext(_HEADINGS.get(outcome.unit, outcome.unit))


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
        return f"{plain(10.0 ** (number - exponent), 2)} × {power_of_ten(exponent)} {gettext(FLOP[outcome.unit])}"
    if outcome.unit in MONTHS:
        return minus(gettext("{number} months", number=plain(number)))
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
        return gettext("no interval")
    if outcome.unit in FLOP:
        ends = [_factor(side, _times(abs(side), 3)) for side in (low, high)]
        return gettext("{low} to {high}", low=ends[0], high=ends[1])
    largest = max(abs(low), abs(high))
    (bottom, before, after), (top, _, _) = (_scaled(outcome, side, largest) for side in (low, high))
    places = _places(bottom, top, max(abs(bottom), abs(top)))
    each = after if before else ""
    return gettext("{low} to {high}", low=f"{_end(bottom, places, before)}{each}",
                   high=f"{_end(top, places, before)}{after}")


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
        return gettext("a factor of {number}", number=_times(abs(size), 3))
    number, before, after = _scaled(outcome, abs(size), abs(size))
    return f"{before}{plain(number, 2)}{after}"


def magnitude(outcome: Outcome, difference: float, low: float, high: float) -> tuple[str, str]:
    """A difference's size in words, and its interval in the same words.

    For -3.1 [-3.8, -2.4] labs: ("3.1 fewer", "2.4 to 3.8 fewer"); an end on the other side of zero has its own word:
    "6.3 fewer to 0.6 more". Orders of magnitude become factors: ("3.2 times less", "2.9 to 3.4 times less").
    """
    after = ""
    if outcome.unit in FLOP:
        size = _times(abs(difference), 2)
        ends = [_times(abs(end), 3) for end in (low, high)]
    else:
        largest = max(abs(difference), abs(low), abs(high))
        scaled, before, after = _scaled(outcome, abs(difference), largest)
        bottom, top = (_scaled(outcome, end, largest)[0] for end in (low, high))
        places = _places(bottom, top, scaled)
        size, *ends = (f"{before}{fixed(abs(number), places)}{after}" for number in (scaled, bottom, top))
        after = after if not before else ""  # the scale of money in dollars stands with both ends
    words = [DIRECTIONS[direction(outcome, number)] for number in (low, high)]
    if low < 0.0 < high:
        sides = [gettext(word, size=end) for (word, _), end in zip(words, ends, strict=True)]
        around = gettext("{low} to {high}", low=sides[0], high=sides[1])
    else:
        near, far = ends if abs(low) <= abs(high) else ends[::-1]
        around = gettext(words[0 if abs(low) > abs(high) else 1][1], near=near.removesuffix(after), far=far)
    return gettext(DIRECTIONS[direction(outcome, difference)][0], size=size), around


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
        scales = DOLLARS[language()]
        limit, before, after = next((scale for scale in scales if size >= scale[0] * 0.9995), scales[-1])
        return usd_bn / limit, before, after
    if outcome.unit in SHARES:
        return 100.0 * number, "", gettext(" points")
    return number, "", gettext(" months") if outcome.unit in MONTHS else ""


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


def direction(outcome: Outcome, difference: float) -> str:
    """Which of `DIRECTIONS` a difference of an outcome takes."""
    down = difference < 0
    if outcome.unit in COUNTS:
        return "fewer" if down else "more"
    if outcome.unit in FLOP:
        return "times less" if down else "times more"
    if outcome.unit.startswith("USD "):
        return "less" if down else "more"
    if outcome.unit in MONTHS:
        shorter, longer = MONTHS[outcome.unit]
        return shorter if down else longer
    return "lower" if down else "higher"
