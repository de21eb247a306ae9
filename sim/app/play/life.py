"""The run of a game lived through: as it was played, and side by side with it as it would have been without decisions.

All on the same luck; and the advisor's futures, which share the game's past and its parameters, and meet the luck of
other runs from now on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.app.play.game import MONTHS, Game
from sim.engine.live import live
from sim.engine.simulate import Task, run_batch
from sim.engine.uncertainty import DEFAULT, believed
from sim.model.naming import names_told
from sim.model.outcomes import NAMES
from sim.model.start import build_world
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.studies.comparing.histories import History

ADVISOR_RUNS = 40


@dataclass(frozen=True, eq=False)
class Lives:
    """One run under several scenarios: `values` (scenarios, months, outcomes), and what happened in each."""

    values: np.ndarray
    histories: tuple[History, ...]


def lives(game: Game, scenarios: Sequence[Scenario], months: int) -> Lives:
    """The game's run under each of the scenarios, which begin alike."""
    batch = run_batch(Task(tuple(scenarios), game.run, 1, game.seed, months))
    called = names_told(scenarios)
    histories = []
    for place in range(len(scenarios)):
        here = batch.events["scenario"] == place
        histories.append(History.of({name: column[here] for name, column in batch.events.items()}, called))
    return Lives(batch.values[:, 0], tuple(histories))


def others(game: Game, count: int = ADVISOR_RUNS) -> np.ndarray:
    """The numbers of `count` runs that are not the game's: whole draws of parameters, without the game's own."""
    first = 2 * (game.run // 2)
    found = [run for run in range(count + 2) if run not in (first, first + 1)]
    return np.array(found[:count])


def expected(game: Game, scenarios: Sequence[Scenario], runs: np.ndarray, now: int) -> np.ndarray:
    """How the game goes on from month `now` under each scenario, on the luck of other runs.

    Each future begins where the game stands, keeps its parameters, and meets the luck of one of `runs` (n,). With the
    parameters of other runs what is measured would jump at once, as what users gain does, whose worth is one of them.
    The scenarios are alike before `now`. Returns (scenarios, n, months, outcomes) of the months from `now` to the end.
    """
    count, months = len(runs), game.quarters * MONTHS
    found = np.empty((len(scenarios), count, months - now, len(NAMES)))
    for place, scenario in enumerate(scenarios):
        rows = np.concatenate([[game.run], runs])
        with np.errstate(all="ignore"):
            world = build_world([scenario], np.zeros(count + 1, int), rows, game.seed, months=months,
                                believed=believed(DEFAULT, game.seed, np.full_like(rows, game.run)))
            world.log.enabled = False
            live(world, months=now, values=np.empty((count + 1, now, len(NAMES))), failed=np.full(count + 1, -1))
            _go_on_from_the_first(world)
            world.month = now
            values = np.empty((count + 1, months - now, len(NAMES)))
            live(world, months=months - now, values=values, failed=np.full(count + 1, -1))
        found[place] = values[1:]
    return found


def _go_on_from_the_first(world: World) -> None:
    """Give every row the state of the first one and what it is given; its number, and so its luck, stays its own."""
    state, settings = world.state, world.settings
    numbers = state["number"].copy()
    state[1:] = state[0]
    state["number"] = numbers
    world.seen[1:] = world.seen[0]
    settings.of_run[1:] = settings.of_run[0]
    settings.scheduled[1:] = settings.scheduled[0]
