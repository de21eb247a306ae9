"""A made-up simulator in place of the model's: outcomes by a law of scenario and run, in no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.engine.simulate import Batch, Task
from sim.model.events import KINDS
from sim.model.outcomes import INDEX, NAMES
from sim.scenario.scenario import Scenario
from sim.studies.deciding import futures

Law = Callable[[Scenario, np.ndarray], tuple[Mapping[str, np.ndarray], np.ndarray]]
"""Of a scenario and run numbers: outcomes by name (runs,), and in which runs its first trigger fires (runs,)."""
FIRED_IN = 0  # the month, of the one there is


def noise(runs: np.ndarray, name: int, size: float = 1.0) -> np.ndarray:
    """Numbers spread evenly about nil that belong to the runs, as luck does."""
    return np.array([size * (_uniform(int(run), name) - 0.5) for run in runs])


@cache
def _uniform(run: int, name: int) -> float:
    return float(np.random.default_rng([run, name]).random())


def live_by(law: Law, monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Let futures be lived by a law; the tasks that were carried out."""
    done: list[Task] = []

    def run_batch(task: Task) -> Batch:
        done.append(task)
        values = np.zeros((len(task.scenarios), task.runs, task.months, len(NAMES)))
        runs, told = np.arange(task.first_run, task.first_run + task.runs), []
        for place, scenario in enumerate(task.scenarios):
            outcomes, fires = law(scenario, runs)
            for name, value in outcomes.items():
                values[place, :, :, INDEX[name]] = np.asarray(value)[:, None]
            if task.events and scenario.whens:
                told += [(place, run, FIRED_IN, KINDS.index("trigger_in_force"), 0) for run in runs[fires]]
        columns = np.array(told, dtype=int).reshape(len(told), 5).T
        events = dict(zip(("scenario", "run", "month", "kind", "actor"), columns, strict=True))
        return Batch(task, values, events, [], None, {})

    monkeypatch.setattr(futures, "run_batch", run_batch)
    return done


HEAD = """# Asks: what?
# Look for: that.
title = "Made up"
base = "baseline"
who = "us"
months = 1
"""


def ask(folder: Path, text: str, name: str = "question.toml") -> Path:
    """A question file in a folder."""
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path
