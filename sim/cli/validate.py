"""`airace validate FILES`: is each scenario well formed? One line if so, everything that is wrong if not."""

from __future__ import annotations

from typing import Any

from sim.cli.exits import DONE, FILES, INVALID_SCENARIO, explain
from sim.cli.files import load_scenario
from sim.cli.options import PrintTextOrJson, ScenarioFiles, Set, TextOrJson
from sim.cli.output import Answer, for_people, present
from sim.cli.terminal import Terminal
from sim.scenario.errors import Problem, ScenarioError


def validate(
    terminal: Terminal, files: ScenarioFiles, set_: Set = None, format_: PrintTextOrJson = TextOrJson.text
) -> int:
    """Check scenario files. One line each, or everything that is wrong."""
    worst, found = DONE, []
    for name in files:
        try:
            scenario = load_scenario(name, set_, terminal)
        except ScenarioError as error:
            code, message = explain(error)
            worst = max(worst, code, key=(DONE, FILES, INVALID_SCENARIO).index)
            found.append({"file": name, "valid": False, "problems": [_record(problem) for problem in error.problems]})
            terminal.error(message)
            continue
        found.append({"file": name, "valid": True, "title": scenario.title, "set": sorted(scenario.set_levers),
                      "problems": [_record(warning) for warning in scenario.warnings]})
        if for_people(format_):
            changed = len(scenario.set_levers)
            count = "1 lever set" if changed == 1 else f"{changed} levers set" if changed else "no lever set"
            in_time = [f"{len(policies)} {what}{'s' if len(policies) > 1 else ''}" for policies, what in
                       ((scenario.changes, "scheduled change"), (scenario.whens, "trigger")) if policies]
            terminal.data(f"OK  {name}: {scenario.title} ({', '.join([count, *in_time])})")
    present(terminal, format_, Answer(record=lambda: found))
    return worst


def _record(problem: Problem) -> dict[str, Any]:
    """A problem as plain values: where, what, and the way out."""
    place = problem.place
    return {"level": problem.level, "code": problem.code, "message": problem.message, "file": place.name,
            "line": place.line, "column": place.column, "note": problem.note, "help": problem.help}
