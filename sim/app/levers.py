"""The levers as the cockpit offers them: which come first, short names, reach of a slider, what a link may say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sim.common.language import ENGLISH, gettext, language, localised, percent_sign
from sim.common.numbers import money
from sim.model.beliefs import WeightsError, weights
from sim.model.parameters import ANY, JURISDICTIONS, Parameter, Value, levers, show
from sim.report.words.levers import WORDS, lever_in_words
from sim.report.words.names import opening
from sim.report.words.units import power_of_ten

MAIN: tuple[str, ...] = (
    "regulation.strictness",
    "diplomacy.us_china_cooperation",
    "trade.chip_controls",
    "regulation.exempt_below_flop",
    "subsidy.us_usd_bn_per_year",
    "subsidy.china_usd_bn_per_year",
    "litigation.filing",
    "industry.openness",
)
"""Levers that stand first and always open; the others follow by section, folded away."""
LABELS: Mapping[str, str] = {
    "trade.chip_controls": "Export controls on chips",
    "regulation.exempt_below_flop": "Exempt below training compute of",
    "regulation.exempt_below_revenue_usd_bn": "Exempt below revenue of",
    "regulation.licensing_above": "Licences needed above strictness",
    "regulation.penalty_share_of_revenue": "Fine for a breach",
    "regulation.capture": "Regulators' ear for lobbying",
    "regulation.information": "What labs know of each other",
    "subsidy.us_usd_bn_per_year": "Subsidy in the US",
    "subsidy.china_usd_bn_per_year": "Subsidy in China",
    "litigation.filing": "Litigation",
    "litigation.allies": "Allies of plaintiffs",
    "industry.openness": "Openness of weights",
    "industry.entry": "Entry of start-ups",
    "trade.enforcement": "Enforcement of chip controls",
    "diplomacy.gap_reaction": "Nations' reaction to a gap",
    "capital.patronage": "Corporate patronage",
    "capital.investor_pool": "Investors' money",
    "capital.sentiment_cycles": "Booms and busts",
}
"""Short names where a lever's own name would puzzle; the rest are the names of the scenario file."""
PLACES: Mapping[str, str] = {"us": "US", "california": "California", "eu": "EU", "uk": "UK", "china": "China"}
LOWEST_POWER: Mapping[str, float] = {"FLOP": 22.0, "USD bn a year": -1.0}
"""Units whose levers need a logarithmic slider once they reach over a thousand: the power of ten after zero."""
_STEPS = 100


def lever_of(path: str) -> Parameter:
    """The lever that a path sets, `regulation.us.strictness` as well as `regulation.strictness`; KeyError if none."""
    section, *rest = path.split(".")
    if len(rest) == 2 and rest[0] in JURISDICTIONS and levers()[f"{section}.{rest[1]}"].per == "jurisdiction":
        return levers()[f"{section}.{rest[1]}"]
    return levers()[path]


def label(path: str) -> str:
    """A short name: "Strictness of rules", "Strictness of rules (EU)", "Export controls on chips"."""
    lever = lever_of(path)
    if lever.path != path:
        return f"{label(lever.path)} ({PLACES[path.split('.')[1]]})"
    if path in LABELS:
        return LABELS[path]
    return lever_in_words(path) if path in WORDS else opening(lever.name.replace("_", " "))


def value_of(path: str, text: object) -> Value:
    """The value that a link or a field gives for a lever; ValueError says what may stand there."""
    lever = lever_of(path)
    if lever.type == "boolean" and str(text).lower() in ("true", "false"):
        return str(text).lower() == "true"
    if lever.type == "choice" and text in lever.choices:
        return str(text)
    if lever.is_theory:
        try:
            weights(lever, str(text))
        except WeightsError as error:
            raise ValueError(f"{path}: {error}") from None
        return str(text)
    if lever.type == "number" and not isinstance(text, bool):
        try:
            number = float(str(text))
        except ValueError:
            number = math.nan
        if float(lever.low or 0.0) <= number <= float(lever.high or 0.0):
            return number + 0.0  # -0 is 0
    raise ValueError(f"{path} is {lever.describe()}, not {str(text)[:60]!r}")


def refusal(path: str, text: object, kept: Value) -> str:
    """Why a number's field does not take what was written there: what it may be; "" for other fields."""
    lever = lever_of(path)
    if lever.type != "number":
        return ""
    given = str(text)[:40]
    low, high = (in_words(path, float(end or 0.0)) for end in (lever.low, lever.high))
    try:
        what = "is not a number" if math.isnan(float(given)) else "is out of range"
    except ValueError:
        what = "is not a number"
    return f"{given} {what}: {label(path)} goes from {low} to {high}, and stays at {in_words(path, kept)}"


def in_words(path: str, value: Value) -> str:
    """A lever's value with its unit, short: "0.35", "$10bn a year", "10²⁵ FLOP", "nobody"."""
    lever = lever_of(path)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str):
        return gettext(value)
    if lever.name.startswith("exempt_below") and value == 0.0:
        return gettext("nobody exempt")
    if lever.unit == "FLOP":
        return f"{power_of_ten(math.log10(value))} FLOP"
    if lever.unit == "USD bn a year":
        sum_ = f"${value:.3g}bn" if language() == ENGLISH else money(value, 3)
        return gettext("{money} a year", money=sum_)
    if lever.unit.startswith("share"):
        return localised(f"{100.0 * value:.3g}") + percent_sign()
    return localised(f"{value:.3g}") + (" ×" if lever.unit == "multiple" else "")


@cache
def catalogue() -> tuple[dict[str, Any], ...]:
    """Groups of levers as the page draws them; what does not change while levers are moved."""
    groups = [{"title": "Main levers", "levers": [_drawn(path) for path in MAIN]}]
    for section in dict.fromkeys(path.split(".")[0] for path in levers()):
        rest = [path for path in levers() if path.startswith(f"{section}.") and path not in MAIN]
        if rest:
            groups.append({"title": f"More on {section}", "levers": [_drawn(path) for path in rest]})
    return tuple(groups)


def grouped(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Levers by section, jurisdictions' own ones among them, for a list to choose one from."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for path in paths:
        lever = lever_of(path)
        sections.setdefault(path.split(".")[0], []).append({
            "path": path, "label": label(path), "kind": lever.type, "choices": _choices(lever), "unit": lever.unit,
            "low": lever.low, "high": lever.high})
    return [{"title": opening(section), "levers": members} for section, members in sections.items()]


def _drawn(path: str) -> dict[str, Any]:
    lever = levers()[path]
    drawn: dict[str, Any] = {"path": path, "label": label(path), "text": lever.text, "unit": lever.unit,
                             "kind": lever.type, "choices": _choices(lever), "ends": _ends(path)}
    if lever.type == "number":
        drawn |= _slider(lever)
    if lever.per == "jurisdiction":
        section, name = path.split(".")
        drawn["places"] = [{"path": f"{section}.{place}.{name}", "label": PLACES[place]} for place in JURISDICTIONS]
    return drawn


def _choices(lever: Parameter) -> list[str]:
    """The words that the page offers; of theories also that any may hold."""
    return [*lever.choices, *([ANY] if lever.is_theory else [])]


def _ends(path: str) -> list[str]:
    """What the slider's ends mean."""
    lever = levers()[path]
    if path in WORDS:
        return [opening(end) for end in WORDS[path][1:]]
    return [] if lever.type != "number" else [in_words(path, float(end or 0.0)) for end in (lever.low, lever.high)]


def _slider(lever: Parameter) -> dict[str, Any]:
    """Reach and step of the slider; a logarithmic one moves over powers of ten, its lowest place meaning zero."""
    low, high = float(lever.low or 0.0), float(lever.high or 0.0)
    if lever.unit in LOWEST_POWER and high >= 1000.0:
        return {"log": True, "low": low, "high": high, "first": LOWEST_POWER[lever.unit], "last": math.log10(high),
                "step": 0.25}
    return {"log": False, "low": low, "high": high, "first": low, "last": high, "step": _step(high - low)}


def _step(reach: float) -> float:
    """A round step that divides the reach into about a hundred."""
    power = 10.0 ** math.floor(math.log10(reach / _STEPS))
    return next(power * nice for nice in (1.0, 2.0, 5.0, 10.0) if power * nice * _STEPS >= reach * 0.999)


def shown_in_link(value: Value) -> str:
    """A lever's value as a link writes it, all digits that matter kept."""
    return show(value).strip('"')
