"""`airace schema`: the JSON Schema of scenario files, for editors that check and complete them."""

from __future__ import annotations

from sim.cli.options import TextOrJson
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal


def schema(terminal: Terminal) -> None:
    """Print the JSON Schema of scenario files. For an editor that checks and completes them."""
    from sim.scenario.schema import json_schema

    present(terminal, TextOrJson.json, Answer(record=json_schema))
