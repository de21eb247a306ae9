"""Numbers as people write them: two or three significant digits, thousands separated, money with its scale.

Tables, charts, reports and the terminal all use these functions, so that a number looks the same everywhere; with the
signs of the language in use.
"""

from __future__ import annotations

import math

from sim.common.language import DOLLARS, gettext, language, localised, noted, percent_sign

_MOST_DIGITS = 3
_MISSING = noted("n/a")


def plain(value: float, digits: int = 3) -> str:
    """A number to `digits` significant digits: 1,230; 0.042; -3.1. NaN gives "n/a"."""
    value = float(value)
    if math.isnan(value):
        return gettext(_MISSING)
    if math.isinf(value):
        return gettext("infinite") if value > 0 else gettext("-infinite")
    if value == 0.0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if not -6 <= exponent < 15:
        return _power_of_ten(value, exponent, digits)
    return fixed(value, digits - 1 - exponent, strip=True)


def fixed(value: float, decimals: int, strip: bool = False) -> str:
    """A number rounded to `decimals` places (negative: to tens, hundreds), thousands separated, never "-0".

    With `strip`, zeros at the end of the fraction are left out.
    """
    if not math.isfinite(value):
        return plain(value)
    rounded = round(float(value), decimals) + 0.0
    text = f"{rounded:,.{max(decimals, 0)}f}"
    if strip and "." in text:
        text = text.rstrip("0").rstrip(".")
    return localised(text)


def signed(value: float, digits: int = 3) -> str:
    """Like `plain`, with a plus sign before a positive number: a difference."""
    text = plain(value, digits)
    return f"+{text}" if value > 0 and text not in ("0", _MISSING) else text


def percent(share: float, digits: int = 2) -> str:
    """A share of 1 as a percentage: 0.123 gives "12%"; between 0 and 0.1% gives "<0.1%"."""
    if math.isnan(share):
        return gettext(_MISSING)
    if 0.0 < share < 0.001:
        return f"<{localised('0.1')}{percent_sign()}"
    if 0.999 < share < 1.0:
        return f">{localised('99.9')}{percent_sign()}"
    points = 100.0 * share
    return fixed(points, 0 if abs(points) >= 10.0 else digits - 1, strip=True) + percent_sign()


def money(value_usd_bn: float, digits: int = 2) -> str:
    """An amount given in USD bn, with the scale that reads best: $1.2bn, $340mn, $2.5tn, -$3bn."""
    value = float(value_usd_bn)
    if not math.isfinite(value) or value == 0.0:
        return "{1}0{2}".format(*_scale(0.0)) if value == 0.0 else plain(value)
    size = abs(value)
    size = round(size, digits - 1 - math.floor(math.log10(size)))
    scale, before, after = _scale(size)
    sign = "-" if value < 0 else ""
    return f"{sign}{before}{plain(size / scale, max(digits, 3) if size / scale >= 100 else digits)}{after}"


def _scale(size_usd_bn: float) -> tuple[float, str, str]:
    """The scale that reads best, and what stands before and after the number."""
    scales = DOLLARS[language()]
    return next((scale for scale in scales if size_usd_bn >= scale[0]), scales[-1])


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """A number with its unit, as in a sentence: "$1.2bn a year", "12%", "3.1 months", "0.42"."""
    if not math.isfinite(value):
        return plain(value)
    if unit.startswith("USD bn") or unit.startswith("USD mn"):
        amount = value if unit.startswith("USD bn") else value / 1e3
        return money(amount) + unit.removeprefix("USD bn").removeprefix("USD mn")
    if unit == "share":
        return percent(value)
    if unit in ("0-1", "ratio", "0 or 1", "") or "=" in unit:
        return plain(value, digits)
    return f"{plain(value, digits)} {unit}"


def tick(value: float, unit: str) -> str:
    """A label on an axis, without the unit unless it is money: "$1bn", "$100mn", "1,000", "0.01"."""
    if unit.startswith("USD bn"):
        return money(value)
    if unit.startswith("USD mn"):
        return money(value / 1e3)
    return plain(value)


def interval(low: float, high: float, value: float) -> str:
    """An interval in brackets, rounded as the estimate `value` that it stands beside: "[-3.8, -2.4]"."""
    if math.isnan(low) or math.isnan(high):
        return "[no interval]"
    places = decimals(low, high, value)
    if places is None:
        return f"[{plain(low)}, {plain(high)}]"
    return f"[{fixed(low, places)}, {fixed(high, places)}]"


def estimate(value: float, low: float, high: float) -> str:
    """A difference rounded as finely as its interval: "+3.1" beside "[2.4, 3.8]"."""
    places = decimals(low, high, value)
    if places is None or not math.isfinite(value):
        return signed(value)
    text = fixed(value, places)
    return f"+{text}" if round(value, places) > 0 else text


def decimals(low: float, high: float, value: float) -> int | None:
    """Decimal places for an estimate and its interval, in sentences and tables alike; None without a width.

    As fine as the interval: its half width counts with two digits if they are below 36, else with one, as physicists
    round. The estimate has three digits at most, and an end that is not zero is not rounded to zero.
    """
    half = (high - low) / 2.0
    largest = max(abs(low), abs(high))
    if not math.isfinite(half) or half <= 0.0 or largest >= 1e15:
        return None
    most = _MOST_DIGITS - 1 - math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 9
    exponent = math.floor(math.log10(half))
    places = min(most, (1 if half / 10.0**exponent < 3.55 else 0) - exponent)
    for end in (low, high):
        while end != 0.0 and places < most and not round(end, places):
            places += 1
    return None if places > 9 else places


def _power_of_ten(value: float, exponent: int, digits: int) -> str:
    mantissa = fixed(value / 10.0**exponent, digits - 1, strip=True)
    if mantissa.lstrip("-") == "10":
        mantissa, exponent = mantissa.replace("10", "1"), exponent + 1
    return f"{mantissa} x 10^{exponent}"
