"""What made a result: the rules and data of the model, versions, and what was asked of them.

Results stand together, share a folder or are gone on with only where what made them is the same; where it is not, what
differs is named.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from tokenize import TokenError
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sim.model.luck import Changes
    from sim.scenario.scenario import Scenario

PACKAGE = Path(__file__).parents[1]
SHAPES_NOTHING = ("app", "cli", "report", "studies")  # folders that ask for results and show them
COMPUTES = ("airace", "numpy", "rules")  # versions that numbers depend on; Python's has been measured not to be one
MOST_TOLD = 3  # differences that a message names
_FROM_A_FILE = re.compile(r", from (.+) \(SHA-256 ([0-9a-f]{64})\)")


@cache
def rules_digest() -> str:
    """SHA-256 over every file of the package that shapes results: its rules and its data."""
    digest = hashlib.sha256()
    for path in sorted(path for ending in ("*.py", "*.toml", "*.csv") for path in PACKAGE.rglob(ending)):
        name = path.relative_to(PACKAGE)
        if name.parts[0] not in SHAPES_NOTHING and name.parts[:2] != ("data", "scenarios"):
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name.as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions that a result depends on; `rules` stands for the rules and data of the model."""
    from sim import __version__

    return {"airace": __version__, "numpy": np.__version__, "python": platform.python_version(),
            "rules": rules_digest()[:16]}


def computes(found: Mapping[str, str]) -> dict[str, str]:
    """Those of some versions that numbers depend on."""
    return {name: found[name] for name in COMPUTES if name in found}


@dataclass(frozen=True)
class Provenance:
    """What made runs, all but how many there are. `departures` has a text for each scenario, "" for a plain one."""

    scenarios: tuple[Mapping[str, Any], ...]
    seed: int
    first_run: int
    months: int
    uncertainty: str
    departures: tuple[str, ...]
    events: bool
    versions: Mapping[str, str]

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], *, seed: int, months: int, uncertainty: str, first_run: int = 0,
           departures: Sequence[str] = (), events: bool = True, made_by: Mapping[str, str] | None = None) -> Provenance:
        """That of runs of these scenarios, which may still have to be made; by the present versions unless given."""
        return cls(tuple(scenario.resolved() for scenario in scenarios), int(seed), int(first_run), int(months),
                   uncertainty, tuple(departures) or ("",) * len(scenarios), events,
                   computes(versions() if made_by is None else made_by))

    def tables(self) -> dict[str, Any]:
        """As plain tables, as JSON holds them."""
        return dict(json.loads(json.dumps(asdict(self))))

    def digest(self) -> str:
        """SHA-256 of all of it."""
        return digest_of(self.tables())


def digest_of(tables: Mapping[str, Any]) -> str:
    """SHA-256 of plain tables; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


# ---- what differs ------------------------------------------------------------------------------------------------
def differences(first: Mapping[str, Any], second: Mapping[str, Any], besides: Sequence[str] = ()) -> str:
    """In what two plain tables differ, in words, as in "uncertainty (luck, not prior)"; "" where they are the same."""
    ours, theirs = ({key: value for key, value in tables.items() if key not in besides} for tables in (first, second))
    found = list(_differences(ours, theirs, ()))
    told = [f"{_in_words(path)} ({_short(a)}, not {_short(b)})" for path, a, b in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        told.append(f"{len(found) - MOST_TOLD} more")
    return ", ".join(told[:-1]) + " and " + told[-1] if len(told) > 1 else "".join(told)


def _differences(first: Any, second: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in sorted({*first, *second}, key=lambda key: (key.count("."), key)):
            yield from _differences(first.get(key), second.get(key), (*path, str(key)))
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple) and len(first) == len(second):
        for place, (a, b) in enumerate(zip(first, second, strict=True), 1):
            yield from _differences(a, b, (*path, str(place)))
    elif first != second:
        yield path, first, second


def _in_words(path: Sequence[str]) -> str:
    match list(path):
        case ["versions", "rules"]:
            return "the rules of the model"
        case ["versions", name]:
            return f"the version of {name}"
        case ["departures", number]:
            return f"what departs from the model in scenario {number}"
        case ["scenarios", number, "levers", *keys]:
            return f"{'.'.join(keys)} of scenario {number}"
        case ["scenarios", number, *keys] if keys:
            return f"{'.'.join(keys)} of scenario {number}"
        case ["base", "levers", *keys]:
            return ".".join(keys)
    return ".".join(path).replace("_", " ")


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"{len(value)} of them"
    text = "none" if value is None else "nothing" if value == "" else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


# ---- rules and draws of one's own --------------------------------------------------------------------------------
def departures_of(stages: Sequence[Callable[..., Any]] | None, changed: Changes | Sequence[Changes] | None,
                  count: int) -> tuple[str, ...]:
    """How each of `count` scenarios departs from the model, in words with a hash: rules or draws of one's own."""
    draws = [changed] * count if changed is None or isinstance(changed, Mapping) else list(changed)
    rules = "" if stages is None else _own_rules(stages)
    return tuple("; ".join(filter(None, (rules, _own_draws(each)))) for each in draws)


def _own_rules(stages: Sequence[Callable[..., Any]]) -> str:
    from sim.engine.live import STAGES
    from sim.engine.rules_file import FileRules

    if tuple(stages) == STAGES:
        return ""
    told = [f"{word} {', '.join(_name(stage) for stage in those)}" for word, those in (
        ("with", [stage for stage in stages if stage not in STAGES]),
        ("without", [stage for stage in STAGES if stage not in stages])) if those]
    what = f"rules of one's own: {' and '.join(told) or 'another order'}"
    if isinstance(stages, FileRules):
        return f"{what}, from {stages.file.name} (SHA-256 {stages.file.sha256})"
    digest = hashlib.sha256(repr([_source(stage) for stage in stages]).encode())
    return f"{what} ({digest.hexdigest()[:12]})"


def rules_file_of(departure: str) -> tuple[str, str] | None:
    """Name and SHA-256 of the file that rules came from, as a departure tells them; None if they came from none."""
    found = _FROM_A_FILE.search(departure)
    return None if found is None else (found[1], found[2])


def _own_draws(changed: Changes | None) -> str:
    if not changed:
        return ""
    digest = hashlib.sha256(repr(sorted((repr(draw), float(value)) for draw, value in changed.items())).encode())
    return f"draws replaced: {len(changed)} ({digest.hexdigest()[:12]})"


def _name(rule: Callable[..., Any]) -> str:
    return str(getattr(rule, "__name__", type(rule).__name__))


def _source(rule: Callable[..., Any], told: frozenset[int] = frozenset()) -> str:
    """What a rule does, as text: its source, or its bytecode, with the plain values that it refers to.

    So it is for functions of its own package that it names, since a rule may leave its work to them; `told` are those
    that stand before it.
    """
    rule = getattr(rule, "py_func", rule)  # of what Numba compiled
    if isinstance(rule, partial):
        return f"{_source(rule.func, told)}{rule.args}{rule.keywords}"
    code = getattr(rule, "__code__", None)
    if code is None:  # an object that can be called, of a class written in Python or not
        call = type(rule).__call__
        return f"{type(rule).__qualname__}{vars(rule)}{_source(call, told) if hasattr(call, '__code__') else ''}"
    text, told = _written(rule) or _bytecode(code), told | {id(code)}
    cells = [cell.cell_contents for cell in getattr(rule, "__closure__", None) or ()]
    around = [*cells, *(getattr(rule, "__globals__", {}).get(name) for name in _names(code))]
    plain = [value for value in around if isinstance(value, bool | int | float | str | tuple)]
    helpers = [function for function in (getattr(value, "py_func", value) for value in around)
               if id(getattr(function, "__code__", None)) not in told and _package(function) == _package(rule)
               and isinstance(function, FunctionType)]
    return f"{text}{getattr(rule, '__defaults__', None)}{plain}{''.join(_source(each, told) for each in helpers)}"


def _names(code: CodeType) -> tuple[str, ...]:
    """Names that a function looks up, those of functions inside it included, each once."""
    inside = (name for each in code.co_consts if isinstance(each, CodeType) for name in _names(each))
    return tuple(dict.fromkeys((*code.co_names, *inside)))


def _package(function: Any) -> str:
    return str(getattr(function, "__module__", "")).partition(".")[0]


def _written(rule: Callable[..., Any]) -> str:
    """The rule's source, if its file still holds it; "" if there is none, or it was edited since it was loaded."""
    try:
        loaded = inspect.unwrap(rule)
        text = inspect.getsource(loaded)
        flags = loaded.__code__.co_flags & annotations.compiler_flag
        anew = compile(textwrap.dedent(text), "", "exec", flags, dont_inherit=True)
    except (AttributeError, OSError, SyntaxError, TokenError, TypeError, ValueError):
        return ""
    return text if _outline(loaded.__code__) in map(_outline, _within(anew)) else ""


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _within(constant)


def _outline(code: CodeType) -> tuple[Any, ...]:
    """What the same lines give wherever they are compiled: their names, bound there or not, and their constants."""
    names = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
    constants = [_outline(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return code.co_name, frozenset(names), tuple(constants)


def _bytecode(code: CodeType) -> str:
    constants = [_bytecode(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return f"{code.co_code.hex()}{constants}{code.co_names}"
