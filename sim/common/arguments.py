"""What may be given to a public function: each check names the argument, what came, and what would be right.

A check takes the argument's name and its value, and gives back the value as it is used. `takes` puts checks before a
function, so that what it accepts is declared in one line and refused before any work. A value out of place raises
ArgumentError, an object of another kind TypeError.
"""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from sim.common.text import printable, suggest

MOST_RUNS = 1_000_000  # at once
MOST_MONTHS = 600
MOST_WORKERS = 256
LAST_RUN = 10**12  # the highest number that a run may have: with every slot it fits the generator's counter
LAST_SEED = 10**100
_SHOWN_WIDTH = 60

P = ParamSpec("P")
R = TypeVar("R")
Check = Callable[[str, Any], Any]


class RefusedError(ValueError):
    """What cannot be done as it was asked for: why, and what would be right. A command ends with code 2."""


class ArgumentError(RefusedError):
    """An argument that makes no sense: which, what came, and what would be right."""


class UnknownNameError(KeyError):
    """A name that is not there. Unlike a KeyError, it prints as it reads."""

    def __str__(self) -> str:
        return str(self.args[0])


def takes(**checks: Check) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check these arguments of a function before it begins; None passes where it is the default."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        if unknown := set(checks) - set(signature.parameters):
            raise TypeError(f"{function.__qualname__}() has no argument {unknown.pop()}")

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                given = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{function.__qualname__}(): {error}") from None
            for name, check in checks.items():
                if name in given.arguments:
                    value = given.arguments[name]
                    if value is not None or signature.parameters[name].default is not None:
                        given.arguments[name] = check(name, value)
            return function(*given.args, **given.kwargs)

        return checked

    return decorate


def is_whole(value: object) -> bool:
    """Whether it is a whole number; True and 3.0 are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


# ---- values ---------------------------------------------------------------------------------------------------------
def whole(least: int = 0, most: int | None = None) -> Check:
    """A whole number from `least` to `most`; no boolean, no text, no 3.0."""
    ends = f"of at least {least:,}" if most is None else f"from {least:,} to {_written(most)}"
    wanted = str(least) if least == most else f"a whole number {ends}"

    def check(name: str, value: Any) -> int:
        if not is_whole(value) or value < least or (most is not None and value > most):
            raise ArgumentError(f"{name} must be {wanted}, not {shown(value)}")
        return int(value)

    return check


def number(
    least: float = -math.inf, most: float = math.inf, *, above: float = -math.inf, below: float = math.inf
) -> Check:
    """A finite number from `least` to `most`, or `above` one and `below` another, which are left out."""
    ends = [text for bound, text in (
        (least, f"of at least {least:g}"), (above, f"above {above:g}"), (most, f"at most {most:g}"),
        (below, f"below {below:g}")) if math.isfinite(bound)]
    if math.isfinite(least) and math.isfinite(most):
        ends = [f"from {least:g} to {most:g}"]
    wanted = f"a {'' if ends else 'finite '}number {' and '.join(ends)}".rstrip()

    def check(name: str, value: Any) -> float:
        found = _as_float(value)
        if not (math.isfinite(found) and least <= found <= most and above < found < below):
            raise ArgumentError(f"{name} must be {wanted}, not {shown(value)}")
        return found

    return check


def probability(name: str, value: Any) -> float:
    """A number from 0 to 1."""
    found = _as_float(value)
    if not 0.0 <= found <= 1.0:
        raise ArgumentError(f"{name} is a probability, so it must be a number from 0 to 1, not {shown(value)}")
    return found


def flag(name: str, value: Any) -> bool:
    """True or False; no text and no number that would count as one of them."""
    if type(value).__name__ not in ("bool", "bool_"):
        raise ArgumentError(f"{name} must be True or False, not {shown(value)}")
    return bool(value)


def choice(known: Collection[str], listed_by: str = "") -> Check:
    """One of the known names; the message lists them, or says where they are listed, and suggests the nearest."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            if listed_by:
                raise ArgumentError(f"{name} cannot be {shown(value)}{_nearest(value, known, listed_by)}")
            close = suggest(value, list(known)) if isinstance(value, str) else None
            meant = f"; did you mean {close!r}?" if close else ""
            raise ArgumentError(f"{name} is one of {', '.join(known)}, not {shown(value)}{meant}")
        return value

    return check


def title(name: str, value: Any) -> str:
    """A text that names something in tables and charts: one line of 1 to 200 characters that can be shown."""
    fits = isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= 200
    if not fits:
        raise ArgumentError(f"{name} must be one line of ordinary text, of 1 to 200 characters, not {shown(value)}")
    return str(value)


def path(name: str, value: Any) -> Any:
    """The path of a file, as a text or a Path."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be the path of a file, not {shown(value)}")
    return value


def texts(name: str, value: Any) -> list[str]:
    """One text or several, as a list."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
        raise TypeError(f"{name} must be a list of texts, not {shown(value)}")
    return list(found)


# ---- objects --------------------------------------------------------------------------------------------------------
def of_class(kind: str, way: str = "") -> Check:
    """An object of a class given as "module.Class"; `way` says how to come by one."""
    module, _, wanted = kind.rpartition(".")

    def check(name: str, value: Any) -> Any:
        from importlib import import_module

        if not isinstance(value, getattr(import_module(module), wanted)):
            raise TypeError(f"{name} must be a {wanted}{f', {way}' if way else ''}, not {shown(value)}")
        return value

    return check


def scenarios(name: str, value: Any) -> list[Any]:
    """One Scenario or several, as a list."""
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    found = list(value) if several else [value]
    if not found:
        raise ArgumentError(f"{name} must hold at least one scenario")
    return [scenario(f"{name}[{place}]" if several else name, each) for place, each in enumerate(found)]


def calls(arguments: int) -> Check:
    """A function that can be called with so many arguments."""

    def check(name: str, value: Any) -> Any:
        if not callable(value):
            raise TypeError(f"{name} must be a function of {arguments} arguments, not {shown(value)}")
        try:
            inspect.signature(value).bind(*[None] * arguments)
        except TypeError:
            wanted = f"a function of {arguments} arguments"
            raise TypeError(f"{name} must be {wanted}; {shown(value)} takes others") from None
        except ValueError:  # built in, without a signature
            pass
        return value

    return check


def stages(name: str, value: Any) -> tuple[Any, ...]:
    """The stages of a month, each a function of the world and its luck."""
    wanted = "a list of functions, as in [*sim.engine.live.STAGES, my_rule]"
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        raise TypeError(f"{name} must be {wanted}, not {shown(value)}")
    found = tuple(value)
    if not found:
        raise ArgumentError(f"{name} must be {wanted}; it is empty, so nothing would ever happen")
    for place, stage in enumerate(found):
        calls(2)(f"{name}[{place}]", stage)
    return value if isinstance(value, tuple) else found  # a tuple may know more of them: their file


def executor(name: str, value: Any) -> Any:
    """What carries out work elsewhere, as `concurrent.futures` has it."""
    if not callable(getattr(value, "submit", None)):
        raise TypeError(f"{name} must be a concurrent.futures.Executor, not {shown(value)}")
    return value


# ---- tables of names ------------------------------------------------------------------------------------------------
V = TypeVar("V")


class _Names(dict[str, V]):
    """A table that meets an unknown name with the nearest one, as UnknownNameError."""

    kind = listed_by = ""

    def __missing__(self, name: object) -> V:
        raise unknown_name(self.kind, name, self, self.listed_by)


def names(kind: str, entries: Mapping[str, V], listed_by: str = "") -> Mapping[str, V]:
    """A table that cannot be changed, and says which name may have been meant where one is not there."""
    table = _Names(entries)
    table.kind, table.listed_by = kind, listed_by
    return MappingProxyType(table)


def unknown_name(kind: str, name: object, known: Iterable[str], listed_by: str = "") -> UnknownNameError:
    """The error for a name that is not known: which, what may have been meant, and where the names are."""
    return UnknownNameError(f"no {kind} {shown(name)}{_nearest(name, list(known), listed_by)}")


def _nearest(name: object, known: Collection[str], listed_by: str) -> str:
    close = suggest(name, list(known)) if isinstance(name, str) else None
    meant = f"; did you mean {close!r}?" if close else ";"
    where = f"{listed_by} lists them" if listed_by else f"there are: {', '.join(known)}"
    return f"{meant} {where}"


# ---- words ----------------------------------------------------------------------------------------------------------
def shown(value: object) -> str:
    """What came, as it would be written in Python, on one line and cut where it is long."""
    try:
        text = repr(value)
    except Exception:  # such as a whole number of 5,000 digits, or a list nested a thousand deep
        return f"something too large to show ({type(value).__name__})"
    text = printable(" ".join(text.split()))
    return text if len(text) <= _SHOWN_WIDTH else text[: _SHOWN_WIDTH - 3] + "..."


def _as_float(value: Any) -> float:
    """A number as a float; NaN for what is none."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _written(count: int) -> str:
    return f"{count:,}" if count < 10**15 else f"10^{len(str(count)) - 1}"


# ---- what many functions take ---------------------------------------------------------------------------------------
runs = whole(1, MOST_RUNS)
months = whole(1, MOST_MONTHS)
workers = whole(1, MOST_WORKERS)
run = whole(0, LAST_RUN)
seed = whole(0, LAST_SEED)
scenario = of_class("sim.scenario.scenario.Scenario", "as Scenario.load gives it")
results = of_class("sim.engine.results.Results", "as simulate gives it")
