"""`airace params [NAME]`: what can be set or is assumed, in which range, on what evidence, and how good that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from sim.cli import completion
from sim.cli.exits import UsageError
from sim.cli.options import Format, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.common.text import suggest
from sim.model.parameters import GRADES, Parameter, attributes, evidence, find, levers, parameters, show

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]",
        show_default=False,
        help="A lever or parameter, as in regulation.strictness; or words to search for.",
        autocompletion=completion.parameter,
    ),
]
Unsourced = Annotated[
    bool,
    typer.Option(
        "--unsourced",
        help="Only those that rest on an assumption, without evidence. Levers are choices, not claims.",
    ),
]

HEADINGS = {
    "lever": "Levers: what policy, or the analyst, chooses",
    "uncertainty": "Uncertainties: what nobody knows; [uncertainty] in a scenario overrides them",
    "constant": "Constants",
    "attribute": "Attributes of agents, as in [labs.NAME]; defaults are in the start file",
}


def params(
    terminal: Terminal, name: Name = None, unsourced: Unsourced = False, format_: PrintFormat = Format.text
) -> None:
    """List or search what can be set or is assumed. One name shows it in full, with its evidence.

    `event`, `change` and `when` show the keys of these tables of a scenario.
    """
    if keys := keys_of_tables(name or ""):
        rows = [{"name": key, "kind": "key", "text": text} for key, text in keys.items()]
        present(terminal, format_, Answer(text=lambda: _tell_keys(terminal, keys), record=lambda: rows,
                                          table=lambda: rows))
        return
    found = _found(name)
    if unsourced:
        found = [p for p in found if p.kind in ("uncertainty", "constant") and not p.evidence]
    present(terminal, format_, Answer(
        text=lambda: _tell(terminal, found, name), record=lambda: [_record(p) for p in found],
        table=lambda: [{key: _cell(value) for key, value in _record(p).items()} for p in found]))


def keys_of_tables(name: str) -> dict[str, str]:
    """What keys of a scenario's tables mean, as `change.until`: of a table, or of one key; {} for another name."""
    from sim.scenario.schema import EVENT_KEYS, IN_TIME

    tables = {"event": EVENT_KEYS, **IN_TIME}
    keys = {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}
    return {key: text for key, text in keys.items() if name in (key, key.partition(".")[0])}


def _tell_keys(terminal: Terminal, keys: Mapping[str, str]) -> None:
    table = next(iter(keys)).partition(".")[0]
    terminal.table([f"[[{table}]]", ""], [[key.partition(".")[2], text] for key, text in keys.items()])
    if table == "event":
        terminal.suggest(["airace", "list", "events"])
    else:
        terminal.paragraph(f"\nand levers in quotes, of a [[{table}]]: airace list levers")


def _tell(terminal: Terminal, found: Sequence[Parameter], name: str | None) -> None:
    if name and found and (len(found) == 1 or name in (found[0].path, found[0].name)):
        _show_one(terminal, found[0])
        if others := [p.path for p in found[1:]]:
            terminal.say(f"\nalso found: {', '.join(others)}")
    else:
        _show_list(terminal, found)
        if not name:
            terminal.suggest(["airace", "params", "regulation.strictness"], ["airace", "params", "--unsourced"])


def _found(name: str | None) -> list[Parameter]:
    everything = [*levers().values(), *parameters().values(), *attributes().values()]
    if name is None:
        return everything
    if found := find(name):
        return found
    close = suggest(name, [p.path for p in everything]) or suggest(name, [p.name for p in everything])
    raise UsageError(
        f"nothing is called or described by `{name}`"
        + (f"; did you mean `{close}`?" if close else "")
        + "\nhelp: airace params lists everything"
    )


def _show_list(terminal: Terminal, found: Sequence[Parameter]) -> None:
    if not found:
        terminal.data("nothing found")
    for kind, heading in HEADINGS.items():
        rows = [
            [p.path, "" if p.default is None else show(p.default), p.range, p.unit, _basis(p)]
            for p in found
            if p.kind == kind
        ]
        if rows:
            terminal.data(f"\n{heading}")
            terminal.table(["name", "default", "range", "unit", "grade"], rows, right=(1,))


def _show_one(terminal: Terminal, parameter: Parameter) -> None:
    terminal.data(f"{parameter.path} ({parameter.kind})")
    terminal.paragraph(parameter.text + ".")
    rows = [["unit", parameter.unit], ["may be", _without_default(parameter)]]
    if parameter.default is not None:
        rows.append(["default", show(parameter.default)])
    if parameter.per:
        places = "us, california, eu, uk, china"
        section, _, key = parameter.path.partition(".")
        rows.append(["may differ", f"by {parameter.per}: [{section}.eu] {key} = ...  ({places})"])
    if parameter.names:
        rows.append(["only for", ", ".join(parameter.names)])
    if rules := _read_by(parameter):
        rows.append(["read by", ", ".join(rules)])
    if parameter.s_rows:
        rows.append(["claims", ", ".join(parameter.s_rows) + " of docs/model.md"])
    if parameter.grade:
        rows.append(["grade", GRADES[parameter.grade]])
    if parameter.step:
        rows.append(["step", parameter.step])
    if parameter.assumption:
        rows.append(["assumption", parameter.assumption])
    if parameter.changes_our_mind:
        rows.append(["would change it", parameter.changes_our_mind])
    terminal.data()
    terminal.table(["", ""], rows)
    for row in _facts(parameter):
        terminal.data(f"\nevidence {row['id']}")
        terminal.table(["", ""], [[key, _cell(value)] for key, value in row.items() if key != "id"])
    if parameter.kind == "lever":
        terminal.suggest(["airace", "run", "baseline", "--set", f"{parameter.path}={_example(parameter)}"])


def _facts(parameter: Parameter) -> list[dict[str, Any]]:
    known: Mapping[str, Mapping[str, Any]] = evidence() if parameter.evidence else {}
    return [
        dict(known.get(i, {"id": i, "text": f"the rows [[{i}]] of evidence.toml"}))
        for i in parameter.evidence
    ]


def _read_by(parameter: Parameter) -> list[str]:
    """The rules that read it, as in "make_rules (sim/model/agents/regulators.py)"."""
    from sim.model.reads import readers

    name = parameter.path if parameter.kind == "lever" else parameter.name
    return [] if parameter.kind == "attribute" else [str(place) for place in readers().get(name, ())]


def _record(parameter: Parameter) -> dict[str, Any]:
    record: dict[str, Any] = {**asdict(parameter), "read_by": _read_by(parameter)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in record.items()}


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else value if isinstance(value, str) else show(value)


def _without_default(parameter: Parameter) -> str:
    return parameter.describe().partition(", default ")[0]


def _basis(parameter: Parameter) -> str:
    if parameter.grade:
        return GRADES[parameter.grade]
    sources = len(parameter.evidence)
    return "" if not sources else "1 source" if sources == 1 else f"{sources} sources"


def _example(parameter: Parameter) -> str:
    if parameter.type == "boolean":
        return show(not parameter.default)
    if parameter.type == "choice":
        return next(choice for choice in parameter.choices if choice != parameter.default)
    return f"{parameter.high if parameter.default != parameter.high else parameter.low:g}"
