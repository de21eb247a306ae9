"""An arena: the players of a game as a PettingZoo environment, so that code can learn, or be written, to play.

    arena = sim.deciding.Arena("us_china_controls")
    observations, infos = arena.reset(seed=0)
    observations, rewards, ended, cut_off, infos = arena.step({"US": [0.3, 0.5, 0.7], "China": [0.3, 0.3, 0.7]})

A step is a quarter: each player chooses its levers, three months are lived, and everyone sees all outcomes of the last.
The engine is that of `simulate`: an arena's run has the bits of a scenario with the same levers as dated changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from sim.common import arguments
from sim.common.arguments import ArgumentError, shown, takes
from sim.engine.labels import month_dates
from sim.engine.live import measure
from sim.engine.simulate import at_once
from sim.engine.uncertainty import believed
from sim.model.asked import Change
from sim.model.outcomes import INDEX, NAMES, summarise
from sim.model.parameters import levers
from sim.model.policies import plans_of
from sim.model.start import build_world
from sim.scenario.scenario import Scenario
from sim.scenario.schema import MAX_CHANGES, levers_in_time
from sim.studies.deciding.players import Player, Profiles, levers_of

try:
    from gymnasium.spaces import Box
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise ImportError('sim.deciding.Arena needs the library pettingzoo: pip install "airace[arena]"') from error

QUARTER = 3  # months


class Arena(ParallelEnv[str, np.ndarray, np.ndarray]):
    """A game's players, who choose the levers that their policies set anew each quarter.

    `game` is a game file, the name of one that comes with airace, or one that is read already. Each player's actions
    are its `levers[player]`, in that order, within their ranges (float64); observations are the outcomes of the last
    month lived, in the order of `outcomes` (float64). Rewards are by the player's aims, in the game's unit, and add up
    to the run's payoff in `airace game`. An episode is cut off after the game's months, three by three. Raises
    ScenarioError for a wrong file, ArgumentError for months that are no quarters.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "airace_v1", "render_modes": [], "is_parallelizable": True}
    render_mode = None
    outcomes = NAMES

    @takes(months=arguments.months)
    def __init__(self, game: str | Path | Profiles = "us_china_controls", months: int | None = None) -> None:
        self.game = game if isinstance(game, Profiles) else Profiles.load(game, months=months)
        self.months = self.game.months if months is None else int(months)
        self.base = self.game.base
        most = QUARTER * (MAX_CHANGES - len(self.base.changes))
        if self.months % QUARTER or self.months > most:
            raise ArgumentError(f"months must be whole quarters, {QUARTER} to {most} months, not {self.months}")
        self.players: Mapping[str, Player] = {player.name: player for player in self.game.players}
        self.possible_agents = list(self.players)
        self.agents: list[str] = []
        self.levers = {name: _numbers_of(player) for name, player in self.players.items()}
        self.action_spaces = {name: Box(*_ends(chosen), dtype=np.float64) for name, chosen in self.levers.items()}
        self.observation_spaces = {name: Box(-np.inf, np.inf, (len(NAMES),), np.float64) for name in self.players}
        self._seed, self._run = self.game.seed, -1

    def observation_space(self, agent: str) -> Box:
        """All outcomes."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Box:
        """The ranges of the player's levers."""
        return self.action_spaces[agent]

    # ---- an episode ------------------------------------------------------------------------------------------------
    def reset(self, seed: int | None = None, options: Mapping[str, Any] | None = None
              ) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Any]]]:
        """Begin an episode: run 0 of a seed, or without one the next run of the last.

        `options` may hold `run`, the number of the run. Observations are those of the start, before any month.
        """
        self._seed, self._run = (self._seed, self._run + 1) if seed is None else (arguments.seed("seed", seed), 0)
        if options and "run" in options:
            self._run = arguments.run("run", options["run"])
        runs = np.array([self._run])
        self._changes: list[Change] = []
        self._dates = month_dates(self.base.start, self.months)
        self.values = np.full((self.months, len(NAMES)), np.nan)
        self._so_far = dict.fromkeys(self.players, 0.0)
        with np.errstate(all="ignore"):
            self._world = build_world([self.base], np.array([0]), runs, self._seed, months=self.months,
                                      believed=believed(self.game.uncertainty, self._seed, runs))
            self._world.log.enabled = False
            now = np.empty((1, len(NAMES)))
            measure(self._world, now)
        self._lived = 0
        self.agents = list(self.possible_agents)
        return {name: now[0].copy() for name in self.agents}, self._infos()

    def step(self, actions: Mapping[str, Any]) -> tuple[
            dict[str, np.ndarray], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Live through a quarter under these levers, by player.

        ArgumentError for a player too many or too few, and for levers outside their ranges; RuntimeError after the end,
        or where the run failed.
        """
        if not self.agents:
            raise RuntimeError("the episode is over, or has not begun: call reset()")
        self._choose(actions)
        first, last = self._lived, self._lived + QUARTER
        world, values = self._world, np.empty((1, QUARTER, len(NAMES)))
        world.month = first
        with np.errstate(all="ignore"):
            failed = at_once(world, values)
        if failed:
            self.agents = []
            month, field, why = failed[0]
            raise RuntimeError(f"run {self._run} of seed {self._seed} failed: {field} {why} in month {month}")
        self.values[first:last], self._lived = values[0], last
        rewards = self._rewards()
        live, over = self.agents, last == self.months
        if over:
            self.agents = []
        return ({name: self.values[last - 1].copy() for name in live}, rewards, dict.fromkeys(live, False),
                dict.fromkeys(live, over), {name: info for name, info in self._infos().items() if name in live})

    def scenario(self) -> Scenario:
        """The base with all that was chosen in this episode as dated changes: run it, and it has this run's bits."""
        entries = [{"name": change.name, "date": change.date, **change.levers} for change in self._changes]
        return self.base.over({"change": entries}, title=f"{self.game.title[:150]}: as played")

    def _choose(self, actions: Mapping[str, Any]) -> None:
        if set(actions) != set(self.agents):
            raise ArgumentError(f"actions must be one for each of {', '.join(self.agents)}, not {shown(list(actions))}")
        chosen: dict[str, float] = {}
        for name in self.agents:
            numbers, space = np.asarray(actions[name], dtype=np.float64), self.action_spaces[name]
            if numbers.shape != space.shape or not np.all((numbers >= space.low) & (numbers <= space.high)):
                each = "; ".join(f"{lever} {low:g} to {high:g}" for lever, low, high in
                                 zip(self.levers[name], space.low, space.high, strict=True))
                raise ArgumentError(f"actions of {name} must be {len(self.levers[name])} numbers ({each}), not "
                                    f"{shown(actions[name])}")
            chosen |= dict(zip(self.levers[name], (numbers + 0.0).tolist(), strict=True))
        quarter = self._lived // QUARTER + 1
        self._changes.append(Change(f"Quarter {quarter}", self._lived, self._dates[self._lived], chosen))
        lived = replace(self.base, changes=(*self.base.changes, *self._changes))
        plans = plans_of([lived], np.array([0]), self.months)
        self._world.settings = self._world.settings._replace(plans=plans)

    def _rewards(self) -> dict[str, float]:
        """What was added to each player's payoff; a total, a peak or a mean is that of the months so far."""
        summary, rewards = summarise(self.values[None, :self._lived]), {}
        for name in self.agents:
            now = float(self.players[name].aims.benefit(summary)[0])
            rewards[name], self._so_far[name] = now - self._so_far[name], now
        return rewards

    def _infos(self) -> dict[str, dict[str, Any]]:
        date = self._dates[self._lived] if self._lived < self.months else ""
        return {name: {"run": self._run, "month": self._lived, "next_month": date} for name in self.possible_agents}

    def render(self) -> None:
        """Nothing is drawn: `scenario()` with `airace run` or `compare` tells what happened."""

    def state(self) -> np.ndarray:
        """The outcomes of the last month lived (outcomes,)."""
        return np.asarray(self.values[max(self._lived - 1, 0)].copy())


def _numbers_of(player: Player) -> tuple[str, ...]:
    """The levers that are numbers among those that a player's policies set."""
    named = dict.fromkeys(lever for part in player.policies.values() for lever in levers_of(part))
    return tuple(lever for lever in named if levers_in_time()[lever].type == "number")


def _ends(chosen: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    ranges = [levers_in_time()[lever] for lever in chosen]
    return np.array([each.low for each in ranges], float), np.array([each.high for each in ranges], float)


# ---- players -------------------------------------------------------------------------------------------------------
class Acts(Protocol):
    """Whoever plays: an action from what it sees."""

    def act(self, observation: np.ndarray) -> np.ndarray: ...


class RandomPlayer:
    """Chooses every lever anew each quarter, evenly within its range."""

    def __init__(self, arena: Arena, name: str, seed: int = 0) -> None:
        self._space, self._luck = arena.action_space(name), np.random.default_rng(seed)

    def act(self, observation: np.ndarray) -> np.ndarray:  # noqa: ARG002 - it looks at nothing
        """An action within the ranges."""
        return np.asarray(self._luck.uniform(self._space.low, self._space.high))


WATCHED: Mapping[str, tuple[str, float]] = {"US": ("retaliation", 0.35), "China": ("export_control", 0.5)}
"""What the rule-based player looks at, and above what it answers: the thresholds of the shipped mutual truce."""


class AnsweringPlayer:
    """Cooperates by its game's policy, and does not while its rival withholds more than a threshold.

    Who has nothing to watch cooperates throughout. Levers that a policy leaves alone stay as the base has them.
    """

    def __init__(self, arena: Arena, name: str) -> None:
        player = arena.players[name]
        self._watched = WATCHED.get(name)
        self._actions = [_levels(arena, player, place) for place in (player.cooperates, player.defects)]

    def act(self, observation: np.ndarray) -> np.ndarray:
        """The levers of one of its two policies."""
        answers = self._watched is not None and observation[INDEX[self._watched[0]]] > self._watched[1]
        return self._actions[int(answers)].copy()


def _levels(arena: Arena, player: Player, place: int) -> np.ndarray:
    """The levers of a policy from the start, in the order of the player's actions."""
    part = {key: value for key, value in list(player.policies.values())[place].items() if key in _SECTIONS}
    return np.array([float(arena.base.over(part).levers[lever]) for lever in arena.levers[player.name]])


_SECTIONS = frozenset(path.partition(".")[0] for path in levers())


def play(arena: Arena, players: Mapping[str, Acts], seed: int = 0) -> dict[str, float]:
    """Play one episode; each player's payoff, the sum of its rewards."""
    observations, _ = arena.reset(seed=seed)
    total = dict.fromkeys(players, 0.0)
    while arena.agents:
        observations, rewards, *_ = arena.step({name: players[name].act(observations[name]) for name in arena.agents})
        for name, reward in rewards.items():
            total[name] += reward
    return total
