"""Bad scenarios made from the schema: every key misspelt, of a wrong type, not finite, out of range, and more.

A `Bad` is wrong in one place and sets one key; it can come from a file, a parent, `--set` or Python. A file that is
wrong as a file has no such ways: `bad_files` has those.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.model.parameters import JURISDICTIONS, Parameter, attributes, levers, parameters, start_rows
from sim.scenario.scenario import ScenarioError
from sim.scenario.schema import DEFAULT_START

NAMES = {
    "script": "<script>alert(1)</script>",
    "end of script": "</script><img src=x onerror=alert(1)>",
    "formula": '=cmd("calc")',
    "plus": "+1+1",
    "minus": "-1+1",
    "at": "@SUM(A1)",
    "markup": "[/][bold red]",
    "template": "{{ 7 * 7 }}{% raw %}",
    "entity": "&lt;b&gt;",
    "mathematics": r"$\frac{1$",
    "quotes": "\"'`\\",
    "right to left": "\u202egnp.exe",
    "isolate": "a\u2067b\u2069",
    "bell": "a\x07",
    "screen": "\x1b[2J",
    "long": "x" * 10_000,
}
NUMBER_FOR_TYPE: dict[str, Any] = {"true": True, "text": "0.5", "list": [0.5], "table": {"x": 0.5}, "empty text": ""}
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True)
class Bad:
    """A scenario that is wrong in one key: `path` holds its parts, `says` what the message must contain."""

    name: str
    path: tuple[str, ...]
    value: Any
    says: str

    def tables(self) -> dict[str, Any]:
        """Nested tables as `Scenario.from_dict` takes them, without a title."""
        nested: Any = self.value
        for part in reversed(self.path):
            nested = {part: nested}
        return nested

    def toml(self) -> str:
        """The same as a file, without a title."""
        return f"{'.'.join(map(quoted, self.path))} = {literal(self.value)}\n"

    def option(self) -> str:
        """The same as an option of `--set`."""
        return f"{'.'.join(self.path)}={literal(self.value)}"


def quoted(text: str) -> str:
    """A text between quotation marks, escaped for TOML."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)} = {literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return quoted(value) if isinstance(value, str) else repr(value).lower() if isinstance(value, bool) else repr(value)


# ---- from the schema -------------------------------------------------------------------------------------------------


def keys() -> Iterator[tuple[tuple[str, ...], Parameter]]:
    """Every key that a scenario can set, for one jurisdiction or agent where there are several."""
    for number, lever in enumerate(levers().values()):
        section, _, name = lever.path.partition(".")
        yield (section, name), lever
        if lever.per:
            yield (section, JURISDICTIONS[number % len(JURISDICTIONS)], name), lever
    for attribute in attributes().values():
        group, _, name = attribute.path.partition(".")
        yield (
            (group, attribute.names[0] if attribute.names else next(iter(start_rows(DEFAULT_START)[group])), name),
            attribute,
        )
    for name, parameter in parameters().items():
        if parameter.kind == "uncertainty":
            yield ("uncertainty", name), parameter


def good(parameter: Parameter) -> Any:
    """A value that would be right."""
    if parameter.type == "number":
        return parameter.low
    return parameter.choices[0] if parameter.choices else True


def misspelt() -> Iterator[Bad]:
    """Every key with its middle letter doubled, and with a letter of another script in place of the first."""
    for path, parameter in keys():
        name = path[-1]
        middle = len(name) // 2
        for wrong in (name[:middle] + name[middle : middle + 1] + name[middle:], "\u0430" + name[1:]):
            if wrong != name:
                yield Bad(f"{'.'.join(path)} as {wrong}", (*path[:-1], wrong), good(parameter), wrong)


def wrong_types() -> Iterator[Bad]:
    """Every key with values of the types that it does not have."""
    for path, parameter in keys():
        values = dict(NUMBER_FOR_TYPE)
        if parameter.type == "boolean":
            values |= {"true": 1, "text": "true"}
        elif parameter.type == "choice":
            values |= {"text": "no such choice", "empty text": 0.5}
        for kind, value in values.items():
            yield Bad(f"{'.'.join(path)} = {kind}", path, value, path[-1])


def not_finite() -> Iterator[Bad]:
    """Every key with nan and the infinities."""
    for path, _ in keys():
        yield from (Bad(f"{'.'.join(path)} = {word}", path, value, path[-1]) for word, value in NOT_FINITE.items())


def out_of_range() -> Iterator[Bad]:
    """Every number just below and just above its range, and far from it; ranges that reach out of the range."""
    for number, (path, p) in enumerate(keys()):
        if p.type != "number" or p.low is None or p.high is None:
            continue
        step = max(1e-9, 1e-9 * max(abs(p.low), abs(p.high)))
        for value in (p.low - step, p.high + step, -1e300, 10**400):
            yield Bad(f"{'.'.join(path)} = {str(value)[:30]}", path, value, path[-1])
        if path[0] == "uncertainty" and number % 4 == 0:
            for low, high in (
                (p.low - step, p.high),
                (p.low, p.high + step),
                (p.high, p.low),
                (p.low, "x"),
                (math.nan, p.high),
                (p.low, [p.high]),
                (True, p.high),
                (p.low, 10**400),
            ):
                if not (low == high or (low == p.high and p.low == p.high)):
                    between = {"low": low, "high": high}
                    yield Bad(f"{'.'.join(path)} = {str(between)[:60]}", path, between, path[-1])


# ---- names, dates, contradictions ------------------------------------------------------------------------------------


def event(**changes: Any) -> dict[str, Any]:
    """A dated event, with keys changed; None leaves a key out."""
    fields = {"date": "2026-01", "kind": "breakthrough", "severity": 0.5, "actor": "OpenAI"} | changes
    return {key: value for key, value in fields.items() if value is not None}


TO_BE_NAMED: tuple[tuple[str, Callable[[str], tuple[tuple[str, ...], Any]], str], ...] = (
    ("key", lambda name: ((name,), 1), "unknown key"),
    ("lever", lambda name: (("regulation", name), 1), "unknown key"),
    ("start", lambda name: (("start",), name), "there is no start"),
    ("choice", lambda name: (("regulation", "information"), name), "cannot be"),
    ("actor", lambda name: (("event",), [event(actor=name)]), "unknown lab"),
    ("kind", lambda name: (("event",), [event(kind=name)]), "unknown kind of event"),
    ("key of an event", lambda name: (("event",), [event(**{name: 1})]), "unknown key"),
)
"""What a name may be of: its path with a value, and what is said of one that nobody has."""
NO_MONTHS = ("2026-1", "2026-13", "2026-00", "26-01", "2026-01-01", "2026", "", " 2026-01", "2026-01\n", "+026-01",
             "２０２６-０１", "2026/01", "January 2026", "2026-01-", "-2026-01", "0x7e-01")
NO_EVENTS: tuple[Any, ...] = (3, "x", True, {}, {"date": "2026-01"}, [3], ["x"], [[]], [{}], [event(), 3])
CONTRADICTIONS: tuple[tuple[str, tuple[str, ...], Any, str], ...] = (
    *((f"truce and {kind}", ("event",), [event(kind="truce", actor=None), event(kind=kind, actor="US")],
       "in the same month") for kind in ("chip_control_step", "mineral_ban")),
    ("converted though blocked", ("labs", "OpenAI"), {"form": "for_profit"}, "begins converted"),
    ("valued non-profit", ("labs", "xAI"), {"form": "nonprofit", "valuation_usd_bn": 5}, "non-profit"),
    ("two worlds", ("nations",), {name: {"market_size": 0.9} for name in ("US", "China")}, "add up to"),
)
NO_SECTIONS: tuple[Any, ...] = (3, "x", True, [1], [{}])
NO_LENGTHS: tuple[Any, ...] = (0, -1, 601, 10**400, 1.5, 12.0, "12", True, math.nan, math.inf, [12], {})
NO_STARTS: tuple[Any, ...] = ("2024-01", "", 2025, True, ["2025-01"], {})
NO_TITLES: tuple[Any, ...] = (
    "", " ", "\u3000", "x" * 201, *(NAMES[word] for word in ("long", "right to left", "isolate", "bell", "screen")),
    "a\nb", "a\tb", "a\u2028b", "a\x85b", "\ufeff", "a\u200bb", 3, True, ["A"], {}, math.nan)
TOO_DEEP = (("regulation", "us", "strictness", "x"), ("labs", "xAI", "openness", "x"), ("a",) * 20,
            ("regulation", "mars", "strictness"), ("uncertainty", "nobody", "low"), ("event", "0", "date"))


def others() -> Iterator[Bad]:
    """Names of nobody, dates that are none or outside the run, unknown kinds, and keys that disagree."""
    yield from unknown_names()
    yield from bad_events()
    yield from (Bad(*each) for each in CONTRADICTIONS)
    yield from (Bad(f"months = {str(months)[:20]}", ("months",), months, "months") for months in NO_LENGTHS)
    yield from (Bad(f"start = {start!r}", ("start",), start, "start") for start in NO_STARTS)
    yield from (Bad(f"title = {str(title)[:20]!r}", ("title",), title, "title") for title in NO_TITLES)
    yield from (Bad(f"{section} = {value!r}", (section,), value, section)
                for section in ("regulation", "labs", "founders", "nations", "uncertainty")
                for value in NO_SECTIONS)
    yield from (Bad(".".join(path), path, 1, path[0]) for path in TOO_DEEP)


def unknown_names() -> Iterator[Bad]:
    """Agents, keys, starts, choices and kinds that there are not."""
    for group in ("labs", "founders", "nations"):
        for word, name in {**NAMES, "empty": "", "other case": "openAi", "nobody": "Nobody"}.items():
            attribute = next(p.name for p in attributes().values() if p.path.startswith(f"{group}."))
            yield Bad(f"unknown {group}: {word}", (group, name), {attribute: 1.0}, f"unknown {group[:-1]}")
            yield Bad(f"unknown {group}, empty table: {word}", (group, name), {}, f"unknown {group[:-1]}")
    for word, name in NAMES.items():
        yield from (Bad(f"unknown {what}: {word}", *made(name), says) for what, made, says in TO_BE_NAMED)
        yield Bad(f"date: {word}", ("event",), [event(date=name)], "is not a month")


def bad_events() -> Iterator[Bad]:
    """Events without a date, outside the run, of wrong types, twice, and too many."""
    yield from (Bad(f"date {date!r}", ("event",), [event(date=date)], "is not a month") for date in NO_MONTHS)
    for date in ("2025-12", "2036-01", "0000-01", "9999-12"):
        yield Bad(f"date {date}", ("event",), [event(date=date)], "outside the run")
    for key in ("date", "kind", "severity", "actor"):
        yield Bad(f"event without {key}", ("event",), [event(**{key: None})], key)
        for wrong in (True, 1, [1], {"x": 1}, math.nan):
            if (key, wrong) != ("severity", 1):
                yield Bad(f"{key} of an event = {wrong}", ("event",), [event(**{key: wrong})], key)
    yield from (Bad(f"event = {value}", ("event",), value, "event") for value in NO_EVENTS)
    yield Bad("the same event twice", ("event",), [event(), event()], "happens twice")
    yield Bad("1001 events", ("event",), [event()] * 1001, "too many events")


# What else a file needs for these to be wrong.
BESIDE = {"converted though blocked": {"start": "2025-01", "capital": {"conversion_allowed": False}}}


# ---- how a refusal is judged -----------------------------------------------------------------------------------------
KINDS: dict[str, Callable[[], Iterable[Bad]]] = {
    "misspelt": misspelt,
    "of a wrong type": wrong_types,
    "not finite": not_finite,
    "out of range": out_of_range,
    "other": others,
}


def faults(make: Callable[[], Any], place: str, says: str = "", code: str = "S1") -> str:
    """What is wrong with a refusal, "" if nothing: its kind, place, way out, and that it is plain text."""
    try:
        make()
    except ScenarioError as error:
        shown = str(error)
        problems = error.problems
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"[:200]
    else:
        return "is accepted"
    if not any(problem.code.startswith(code) for problem in problems):
        return f"has no {code}: {shown[:200]}"
    for problem in problems:
        if not re.fullmatch(r"S1\d\d", problem.code) or place not in str(problem.place):
            return f"is at {problem.place}, not {place}"
        if not problem.message or not (problem.note or problem.help):
            return f"shows no way out: {shown[:200]}"
    if says and says not in shown:
        return f"does not say {says!r}: {shown[:300]}"
    if len(shown) > 60_000 or any(not c.isprintable() and c != "\n" for c in shown):
        return "is not plain text of some lines"
    return ""


def some(bads: Iterable[Bad]) -> list[Bad]:
    """All but of the hundreds of uncertainties, of which the file's test tries each: every seventh of these."""
    return [bad for i, bad in enumerate(bads) if bad.path[0] != "uncertainty" or i % 7 == 0]


def beside(bad: Bad) -> str:
    """The lines of a file that make this one a contradiction."""
    return "".join(f"{key} = {literal(value)}\n" for key, value in BESIDE.get(bad.name, {}).items())


def titled(bad: Bad) -> dict[str, Any]:
    """The same as a mapping with a title, and with what it contradicts."""
    return {"title": "A", **BESIDE.get(bad.name, {}), **bad.tables()}


def shown(bad: Bad) -> str:
    """What the message must say; names that do not fit are cut, and marks in them replaced."""
    return bad.says if bad.says.isprintable() and len(bad.says) < 60 else ""
