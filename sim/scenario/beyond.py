"""Values beyond their stated range: refused, unless a scenario says `beyond_range = true`; then marked everywhere.

So that a mechanism can be taken out, or driven further than anybody believes, without a line of Python.
"""

from __future__ import annotations

from sim.model.parameters import JURISDICTIONS, Parameter, Value
from sim.scenario.schema import Loc, sections, uncertainties

KEY = "beyond_range"
FURTHEST = 10.0  # times the highest number of a range
_WHOLES = ("share", "0-1", "probability")  # in units of what cannot exceed a whole


def ranged(loc: Loc) -> Parameter | None:
    """The lever or uncertain parameter that a key sets, if it takes numbers from a range."""
    found: Parameter | None = None
    match loc:
        case ("uncertainty", str() as name, *_):
            found = uncertainties().get(name)
        case (str() as section, str() as name):
            found = sections().get(section, {}).get(name)
        case (str() as section, place, str() as name) if place in JURISDICTIONS:
            found = sections().get(section, {}).get(name)
    return found if found is not None and found.type == "number" else None


def stated(parameter: Parameter) -> tuple[float, float]:
    """The range of a parameter or lever that takes numbers."""
    assert parameter.low is not None
    assert parameter.high is not None
    return float(parameter.low), float(parameter.high)


def furthest(parameter: Parameter) -> tuple[float, float]:
    """How far beyond its range a value may go: down to 0, up to ten times the range, a share to all of it."""
    low, high = stated(parameter)
    whole = any(word in parameter.unit for word in _WHOLES)
    return min(low, 0.0), max(high, 1.0) if whole else max(FURTHEST * high, 0.0)


def how_much_further(loc: Loc) -> str:
    """The end of a message that says how far a key may go with leave; empty where that is no further."""
    parameter = ranged(loc)
    if parameter is None or furthest(parameter) == stated(parameter):
        return ""
    low, high = furthest(parameter)
    return f"; with {KEY} = true from {low:g} to {high:g}"


def is_beyond(parameter: Parameter, value: Value | tuple[float, float]) -> bool:
    """Whether a number, or an end of a range, lies outside what is stated for the parameter."""
    low, high = stated(parameter)
    ends = value if isinstance(value, tuple) else (value,)
    return any(isinstance(end, int | float) and not low <= end <= high for end in ends)
