"""Games of made-up payoffs: each future is the payoffs plus luck, some of it shared by all profiles."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from sim.model.outcomes import NAMES
from sim.scenario.scenario import Scenario
from sim.studies.deciding.objective import Objective
from sim.studies.deciding.players import Player, Profiles, Varied

COUNTED = {"US": "user_gain_us_usd_bn", "China": "user_gain_china_usd_bn", "EU": "small_labs"}
"""The one outcome that each player weighs, with weight 1."""


def profiles(shape: Sequence[int], runs: int, values: Sequence[float] = (), base: Scenario | None = None,
             aims: Sequence[str] = ()) -> Profiles:
    """A game of so many policies of each player, that weighs one outcome each."""
    names = list(COUNTED)[: len(shape)]
    weighed = [Objective.read(text) for text in (aims or [f"{COUNTED[name]}=1" for name in names])]
    players = tuple(Player(name, {f"{name} {place}": {"subsidy": {"us_usd_bn_per_year": 1.0 + place}}
                                  for place in range(count)},
                           weighed[who], 0, count - 1)
                    for who, (name, count) in enumerate(zip(names, shape, strict=True)))
    outcomes = tuple(name for name in NAMES if any(name in aim.weights for aim in weighed))
    base = base or Scenario.from_dict({"title": "Base", "months": 6})
    varied = Varied("diplomacy.treaty_verification", tuple(values)) if values else None
    axes = ("diplomacy.treaty_verification",) if values else ()
    points = tuple(itertools.product(*((tuple(values),) if values else ()), *(tuple(player.policies)
                                                                              for player in players)))
    return Profiles("Made up", base, (*axes, *names), points, True, runs, 0, 6, "luck",
                    outcomes, players=players, varied=varied)


def outcomes(game: Profiles, payoffs: np.ndarray, own: float = 0.0, shared: float = 0.0, seed: int = 1) -> np.ndarray:
    """Outcomes (values, policies ..., runs, outcomes) whose means are payoffs ([values,] policies ..., players).

    `shared` is the standard deviation of luck that all profiles of a future share, `own` that of the rest.
    """
    stream = np.random.default_rng(seed)
    means = np.asarray(payoffs, float).reshape(len(game.values), *game.shape, -1)
    order = [list(COUNTED).index(next(player for player, name in COUNTED.items() if name == counted))
             for counted in game.outcomes]
    luck = shared * stream.standard_normal((game.runs, means.shape[-1]))
    rest = own * stream.standard_normal((*means.shape[:-1], game.runs, means.shape[-1]))
    return np.asarray((means[..., None, :] + luck + rest)[..., order])


def symmetric(reward: float, sucker: float, temptation: float, punishment: float) -> np.ndarray:
    """Payoffs (2, 2, 2) of a game that is the same for both; the first policy is cooperation."""
    own = np.array([[reward, sucker], [temptation, punishment]], float)
    return np.stack([own, own.T], axis=-1)
