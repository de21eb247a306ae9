"""`airace diff A B`: in what two scenarios differ once everything is resolved."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.files import load_scenario
from sim.cli.options import Format, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.model.parameters import levers, parameters, show

First = Annotated[str, typer.Argument(metavar="A", show_default=False, help="A scenario file or name.")]
Second = Annotated[str, typer.Argument(metavar="B", show_default=False, help="Another.")]


def diff(terminal: Terminal, first: First, second: Second, format_: PrintFormat = Format.text) -> None:
    """Show in what two scenarios differ. Parents and defaults are resolved."""
    from sim.scenario.scenario import diff as differences

    found = differences(load_scenario(first, None, terminal), load_scenario(second, None, terminal))
    header = ["key", first, second, "unit"]
    rows = [[key, _cell(a), _cell(b), _unit(key)] for key, a, b in found]

    def tell() -> None:
        if not rows:
            terminal.data("no difference")
            return
        terminal.table(header, rows)
        terminal.suggest(["airace", "compare", first, second])

    present(terminal, format_, Answer(
        text=tell, table=lambda: (header, rows),
        record=lambda: [{"key": key, "a": a, "b": b, "unit": _unit(key)} for key, a, b in found]))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return " to ".join(show(part) for part in value)
    return value if isinstance(value, str) else show(value)


def _unit(key: str) -> str:
    """The unit of a lever, also where one jurisdiction has its own value, or of an uncertain parameter."""
    section, _, name = key.rpartition(".")
    for path in (key, f"{section.partition('.')[0]}.{name}"):
        if path in levers():
            return levers()[path].unit
    return parameters()[name].unit if section == "uncertainty" and name in parameters() else ""
