"""What is not known where a choice is made: the parameters and theories that runs drew, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine.results import Results
from sim.engine.uncertainty import believed, theories_met, uncertain
from sim.model.beliefs import is_open, theories
from sim.model.luck import RUNS_PER_DRAW, Luck
from sim.model.parameters import parameters
from sim.scenario.scenario import Scenario

THEORIES = "theories"


@dataclass(frozen=True)
class Unknown:
    """One unknown: `name` as a scenario file sets it, `room` the part of the model it is of, `values` by run (runs,).

    Runs that share a draw share the value. `choices` names a theory's, whose values are their places.
    """

    name: str
    room: str
    values: np.ndarray
    choices: tuple[str, ...] = ()


def learnable(uncertainty: str, scenarios: Sequence[Scenario]) -> tuple[list[str], list[str]]:
    """Names of what could be learnt before choosing among these scenarios, and of what they themselves disagree in.

    Where scenarios set a parameter or a theory to different values, it is part of the choice and no unknown.
    """
    names, apart = [], []
    for name in uncertain():
        key, given = f"uncertainty.{name}", {scenario.uncertainty.get(name) for scenario in scenarios}
        if len(given) > 1:
            apart.append(key)
        elif _is_range(first := given.pop()) or (first is None and uncertainty != "luck"):
            names.append(key)
    for path, theory in theories().items():
        beliefs = {str(scenario.levers[path]) for scenario in scenarios}
        if len(beliefs) > 1:
            apart.append(path)
        elif is_open(theory, beliefs.pop()):
            names.append(path)
    return names, apart


def unknowns(results: Results) -> list[Unknown]:
    """What could be learnt before choosing among the scenarios of these results, with its values in each run."""
    names, _ = learnable(results.uncertainty, results.scenarios)
    return met_by(names, results.scenarios[0], results.uncertainty, results.seed, results.run_numbers)


def met_by(names: Sequence[str], scenario: Scenario, uncertainty: str, seed: int, runs: np.ndarray) -> list[Unknown]:
    """The values of these unknowns, as `learnable` names them, that runs by number (runs,) meet in a scenario."""
    drawn = believed(uncertainty, seed, runs)
    found = []
    for key in names:
        name = key.removeprefix("uncertainty.")
        if key in theories():
            met = theories_met(key, [scenario], seed, runs)[0]
            found.append(Unknown(key, THEORIES, met, theories()[key].choices))
        elif _is_range(given := scenario.uncertainty.get(name)):
            low, high = given  # type: ignore[misc]  # a range has two ends
            uniform = Luck(seed, runs).of_draws().uniform(f"parameters.{name}", 1)[:, 0]
            found.append(Unknown(key, _room(name), low + (high - low) * uniform))
        else:
            found.append(Unknown(key, _room(name), drawn[name]))
    return found


def draws_of(uncertainty: str, seed: int, runs: np.ndarray) -> np.ndarray:
    """Which draw of parameters each run has (runs,): draws of a posterior may be the same one."""
    values = next(iter(believed(uncertainty, seed, runs).values()), None)
    return runs // RUNS_PER_DRAW if values is None else np.unique(values, return_inverse=True)[1]


def _is_range(given: object) -> bool:
    return isinstance(given, tuple) and given[1] > given[0]


def _room(name: str) -> str:
    return parameters()[name].path.split(".")[0]
