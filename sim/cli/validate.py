"""`airace validate FILES`: is each scenario well formed? One line if so, everything that is wrong if not."""

from __future__ import annotations

from sim.cli.exits import DONE, FILES, INVALID_SCENARIO, explain
from sim.cli.files import load_scenario
from sim.cli.options import ScenarioFiles, Set
from sim.cli.terminal import Terminal
from sim.scenario_errors import ScenarioError


def validate(terminal: Terminal, files: ScenarioFiles, set_: Set = None) -> int:
    """Check scenario files. One line each, or everything that is wrong."""
    worst = DONE
    for name in files:
        try:
            scenario = load_scenario(name, set_, terminal)
        except (ScenarioError, OSError) as error:
            code, message = explain(error)
            terminal.error(message)
            worst = max(worst, code, key=(DONE, FILES, INVALID_SCENARIO).index)
            continue
        changed = len(scenario.set_levers)
        count = "1 lever set" if changed == 1 else f"{changed} levers set" if changed else "no lever set"
        terminal.data(f"OK  {name}: {scenario.title} ({count})")
    return worst
