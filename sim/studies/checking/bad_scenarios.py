"""Bad scenarios made from the schema: every key misspelt, of a wrong type, not finite, out of range, and more.

A `Bad` is wrong in one place and sets one key; it can come from a file, a parent, `--set` or Python. A bad file is
wrong as a file, so it has no such ways.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
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


def others() -> Iterator[Bad]:
    """Names of nobody, dates that are none or outside the run, unknown kinds, and keys that disagree."""
    for group in ("labs", "founders", "nations"):
        for word, name in {**NAMES, "empty": "", "other case": "openAi", "nobody": "Nobody"}.items():
            attribute = next(p.name for p in attributes().values() if p.path.startswith(f"{group}."))
            yield Bad(f"unknown {group}: {word}", (group, name), {attribute: 1.0}, f"unknown {group[:-1]}")
            yield Bad(f"unknown {group}, empty table: {word}", (group, name), {}, f"unknown {group[:-1]}")
    for word, name in NAMES.items():
        yield Bad(f"unknown key: {word}", (name,), 1, "unknown key")
        yield Bad(f"unknown lever: {word}", ("regulation", name), 1, "unknown key")
        yield Bad(f"unknown start: {word}", ("start",), name, "there is no start")
        yield Bad(f"unknown choice: {word}", ("regulation", "information"), name, "cannot be")
        yield Bad(f"unknown actor: {word}", ("event",), [event(actor=name)], "unknown lab")
        yield Bad(f"unknown kind: {word}", ("event",), [event(kind=name)], "unknown kind of event")
        yield Bad(f"unknown key of an event: {word}", ("event",), [event(**{name: 1})], "unknown key")
        yield Bad(f"date: {word}", ("event",), [event(date=name)], "is not a month")
    for date in (
        "2026-1",
        "2026-13",
        "2026-00",
        "26-01",
        "2026-01-01",
        "2026",
        "",
        " 2026-01",
        "2026-01\n",
        "+026-01",
        "２０２６-０１",
        "2026/01",
        "January 2026",
        "2026-01-",
        "-2026-01",
        "0x7e-01",
    ):
        yield Bad(f"date {date!r}", ("event",), [event(date=date)], "is not a month")
    for date in ("2025-12", "2036-01", "0000-01", "9999-12"):
        yield Bad(f"date {date}", ("event",), [event(date=date)], "outside the run")
    for key in ("date", "kind", "severity", "actor"):
        yield Bad(f"event without {key}", ("event",), [event(**{key: None})], key)
        for wrong in (True, 1, [1], {"x": 1}, math.nan):
            if (key, wrong) != ("severity", 1):
                yield Bad(f"{key} of an event = {wrong}", ("event",), [event(**{key: wrong})], key)
    no_events: tuple[Any, ...] = (3, "x", True, {}, {"date": "2026-01"}, [3], ["x"], [[]], [{}], [event(), 3])
    for value in no_events:
        yield Bad(f"event = {value}", ("event",), value, "event")
    yield Bad("the same event twice", ("event",), [event(), event()], "happens twice")
    yield Bad("1001 events", ("event",), [event()] * 1001, "too many events")
    truce = event(kind="truce", actor=None)
    for kind in ("chip_control_step", "mineral_ban"):
        yield Bad(f"truce and {kind}", ("event",), [truce, event(kind=kind, actor="US")], "in the same month")
    yield Bad("converted though blocked", ("labs", "OpenAI"), {"form": "for_profit"}, "begins converted")
    yield Bad("valued non-profit", ("labs", "xAI"), {"form": "nonprofit", "valuation_usd_bn": 5}, "non-profit")
    yield Bad("two worlds", ("nations",), {n: {"market_size": 0.9} for n in ("US", "China")}, "add up to")
    wrong_lengths: tuple[Any, ...] = (0, -1, 601, 10**400, 1.5, 12.0, "12", True, math.nan, math.inf, [12], {})
    for months in wrong_lengths:
        yield Bad(f"months = {str(months)[:20]}", ("months",), months, "months")
    wrong_starts: tuple[Any, ...] = ("2024-01", "", 2025, True, ["2025-01"], {})
    for start in wrong_starts:
        yield Bad(f"start = {start!r}", ("start",), start, "start")
    wrong_titles: tuple[Any, ...] = (
        "",
        " ",
        "\u3000",
        "x" * 201,
        NAMES["long"],
        NAMES["right to left"],
        NAMES["isolate"],
        NAMES["bell"],
        NAMES["screen"],
        "a\nb",
        "a\tb",
        "a\u2028b",
        "a\x85b",
        "\ufeff",
        "a\u200bb",
        3,
        True,
        ["A"],
        {},
        math.nan,
    )
    for title in wrong_titles:
        yield Bad(f"title = {str(title)[:20]!r}", ("title",), title, "title")
    for section in ("regulation", "labs", "founders", "nations", "uncertainty"):
        for value in (3, "x", True, [1], [{}]):
            yield Bad(f"{section} = {value!r}", (section,), value, section)
    for path in (
        ("regulation", "us", "strictness", "x"),
        ("labs", "xAI", "openness", "x"),
        ("a",) * 20,
        ("regulation", "mars", "strictness"),
        ("uncertainty", "nobody", "low"),
        ("event", "0", "date"),
    ):
        yield Bad(".".join(path), path, 1, path[0])


# What else a file needs for these to be wrong.
BESIDE = {"converted though blocked": {"start": "2025-01", "capital": {"conversion_allowed": False}}}


# ---- files -----------------------------------------------------------------------------------------------------------


def bad_files() -> dict[str, tuple[bytes, str]]:
    """Files that are wrong as files: their bytes, below no title, and the code of the refusal."""
    found: dict[str, tuple[str | bytes, str]] = {
        "byte-order mark": (b"\xef\xbb\xbfmonths = 3\n", "S117"),
        "utf-16": ("months = 3\n".encode("utf-16"), "S117"),
        "utf-16 without a mark": ("months = 3\n".encode("utf-16-le"), "S101"),
        "utf-32": ("months = 3\n".encode("utf-32"), "S117"),
        "latin-1": (b'start = "caf\xe9"\n', "S117"),
        "half a character": (b'start = "\xe2\x82"\n', "S117"),
        "overlong": (b'start = "\xc0\xaf"\n', "S117"),
        "surrogate": (b'start = "\xed\xa0\x80"\n', "S117"),
        "zero byte": (b"months = 3\x00\n", "S101"),
        "2 MiB of comment": (b"#" * (2 << 20), "S115"),
        "2 MiB of lines": (b"\n" * (2 << 20), "S115"),
        "2 MiB of text": (b'start = "' + b"x" * (2 << 20) + b'"\n', "S115"),
        "40 nested lists": ("event = " + "[" * 40 + "]" * 40, "S116"),
        "40 nested tables": ("regulation = " + "{a = " * 40 + "1" + "}" * 40, "S116"),
        "40 dotted keys": (".".join("a" * 40) + " = 1", "S116"),
        "a table 40 deep": ("[" + ".".join("a" * 40) + "]", "S116"),
        "40 deep over lines": ("".join(f"[{'.'.join('a' * n)}]\n" for n in range(1, 41)), "S116"),
        "brackets without an end": ("event = " + "[" * 100_000, "S116"),
        "key beyond Unicode": ('"\\UFFFFFFFF" = 1', "S101"),
        "key of half a character": ('"\\uD800" = 1', "S101"),
        "text beyond Unicode": ('start = "\\UFFFFFFFF"', "S101"),
        "number of 5000 digits": ("months = " + "9" * 5000, "S101"),
        "hexadecimal of 5000 digits": ("months = 0x" + "F" * 5000, "S106"),
        "carriage returns": ("months = 3\r[regulation]\r", "S101"),
        "json": ('{"months": 3}', "S101"),
        "yaml": ("months: 3", "S101"),
        "html": ("<script>alert(1)</script>", "S101"),
    }
    for number, (path, parameter) in enumerate(keys()):
        if path[0] == "uncertainty":
            continue
        table, name, value = ".".join(map(quoted, path[:-1])), path[-1], literal(good(parameter))
        twice = [
            f"[{table}]\n{name} = {value}\n{name} = {value}\n",
            f"[{table}]\n{name} = {value}\n[{table}]\n",
            f"{table}.{name} = {value}\n{table}.{name} = {value}\n",
            f"{table} = {{ {name} = {value}, {name} = {value} }}\n",
        ][number % 4]
        syntax = [
            f"[{table}\n{name} = {value}\n",
            f"[{table}]\n{name} = \n",
            f"[{table}]\n{name} {value}\n",
            f"[{table}]\n{name} = {value} {value}\n",
            f"[{table}]\n{name} = [{value}\n",
            f"[{table}]\n{name} = {{ x = {value}\n",
            f'[{table}]\n{name} = "{value}\n',
            f"[{table}]\n= {value}\n",
            f"[{table}]\n{name} = yes\n",
            f"[{table}]\n{name} = 0,5\n",
            f"[{table}]\n{name} = 50%\n",
            f"[{table}]\n{name} = .5\n",
            f"[{table}]\n{name} = 5.\n",
            f"[{table}]\n{name} = 1e\n",
            f"[{table}]\n{name} = 05\n",
            f"[{table}]\n{name} = True\n",
            f"[{table}]\n{name} = null\n",
            f"[[{table}]\n{name} = {value}\n",
            f"[{table}]]\n",
            f"[{table}.]\n{name} = {value}\n",
        ][number % 20]
        found[f"{'.'.join(path)} twice"] = (twice, "S102")
        found[f"{'.'.join(path)}, no TOML ({number % 20})"] = (syntax, "S101")
    return {name: (text if isinstance(text, bytes) else text.encode(), code) for name, (text, code) in found.items()}


def bad_parents(folder: Path) -> dict[str, tuple[Any, str]]:
    """What `extends` may not be, for a file in `folder`, and the code; makes the files and links that it needs."""
    outside = folder.parent / "outside.toml"
    outside.write_text('title = "Outside"\n')
    (folder / "link.toml").symlink_to(outside)
    (folder / "way").symlink_to(folder.parent)
    (folder / "loop.toml").symlink_to("loop.toml")
    (folder / "cycle.toml").write_text('extends = "a.toml"\n')
    (folder / "folder.toml").mkdir()
    cases: dict[str, tuple[Any, str]] = {
        "itself": ("a.toml", "S119"),
        "a cycle": ("cycle.toml", "S119"),
        "itself, the long way": ("./x/../a.toml", "S119"),
        "above": ("../outside.toml", "S118"),
        "far above": ("../" * 30 + "etc/passwd", "S118"),
        "down and above": ("x/../../outside.toml", "S118"),
        "absolute": (str(outside), "S118"),
        "a drive": ("C:\\x.toml", "S118"),
        "a share": ("\\\\host\\x.toml", "S118"),
        "backslash": ("\\x.toml", "S118"),
        "a link out": ("link.toml", "S118"),
        "a linked folder": ("way/outside.toml", "S118"),
        "nothing": ("", "S114"),
        "blank": (" ", "S114"),
        "zero byte": ("a\x00b", "S114"),
        "missing": ("none.toml", "S114"),
        "a folder": ("folder.toml", "S114"),
        "this folder": (".", "S114"),
        "home": ("~/x.toml", "S114"),
        "an address": ("https://example.org/x.toml", "S114"),
        "a variable": ("$HOME/x.toml", "S114"),
        "a number": (3, "S104"),
        "true": (True, "S104"),
        "a list": (["b.toml"], "S104"),
        "a table": ({"x": "b.toml"}, "S104"),
    }
    cases |= {f"a name: {word}": (name, "S1") for word, name in NAMES.items()}
    return cases | {"a link to itself": ("loop.toml", "S1")}


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
