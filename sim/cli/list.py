"""`airace list WHAT`: the names that can be used - scenarios, outcomes, events and so on - with a line for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import Format, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.model.parameters import EventKind
    from sim.scenario.shipped import Shipped

Rows = Sequence[Mapping[str, str]]


class What(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    worlds = "worlds"
    outcomes = "outcomes"
    events = "events"
    designs = "designs"
    games = "games"
    questions = "questions"
    levers = "levers"
    channels = "channels"


Listed = Annotated[What, typer.Argument(metavar="WHAT", show_default=False, help=f"One of {', '.join(What)}.")]


def list_(terminal: Terminal, what: Listed, format_: PrintFormat = Format.text) -> None:
    """List names that can be used, a line each: scenarios, worlds, outcomes, designs, games, questions, levers."""
    rows = _ROWS[what]()
    present(terminal, format_, Answer(
        text=lambda: terminal.table(list(rows[0]), [list(row.values()) for row in rows]),
        record=lambda: rows, table=lambda: rows))


def _scenarios() -> Rows:
    from sim.scenario.shipped import scenarios

    return _described(scenarios())


def _worlds() -> Rows:
    from sim.scenario.shipped import worlds

    return _described(worlds())


def _designs() -> Rows:
    from sim.scenario.shipped import designs

    return _described(designs())


def _games() -> Rows:
    from sim.scenario.shipped import games

    return _described(games())


def _questions() -> Rows:
    from sim.scenario.shipped import questions

    return _described(questions())


def _described(shipped: Mapping[str, Shipped]) -> Rows:
    return [{"name": name, "title": about.title, "question": about.question} for name, about in shipped.items()]


def _outcomes() -> Rows:
    from sim.model.outcomes import OUTCOMES

    return [{"name": o.name, "unit": o.unit, "primary": "primary" if o.primary else "", "meaning": o.text}
            for o in OUTCOMES.values()]


def _events() -> Rows:
    from sim.model.parameters import event_kinds

    return [{"kind": kind.name, "actor": _actor(kind), "meaning": kind.text} for kind in event_kinds().values()]


def _actor(kind: EventKind) -> str:
    """Whom an event names: "" for nobody."""
    from sim.model.parameters import JURISDICTIONS, start_rows
    from sim.scenario.schema import DEFAULT_START

    known = {"none": (), "lab": ("a lab",), "founder": ("a founder",), "jurisdiction": JURISDICTIONS,
             "nation": tuple(start_rows(DEFAULT_START)["nations"])}
    return ", ".join(kind.names or known[kind.actor]) + ("" if kind.required or kind.actor == "none" else ", or nobody")


def _levers() -> Rows:
    from sim.model.parameters import levers, show

    return [{"name": lever.path, "default": show(lever.default), "range": lever.range, "meaning": lever.text}
            for lever in levers().values()]


def _channels() -> Rows:
    from sim.model.channels import CHANNELS, FAMILIES

    every = {**CHANNELS} | {f"{prefix}NAME": channel for prefix, channel in FAMILIES.items()}
    return [{"name": name, "slots": channel.slots, "decides": channel.text} for name, channel in every.items()]


_ROWS: Mapping[What, Callable[[], Rows]] = {
    What.scenarios: _scenarios, What.worlds: _worlds, What.outcomes: _outcomes, What.events: _events,
    What.designs: _designs, What.games: _games, What.questions: _questions, What.levers: _levers,
    What.channels: _channels,
}
