"""Policies across worlds whose outcomes have the means that a test asks for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.engine.results import Results
from sim.model.outcomes import INDEX, OUTCOMES
from sim.scenario.scenario import Scenario
from sim.scenario.worlds import title_in
from sim.studies.comparing.worlds import World, Worlds

RUNS = 60
POLICIES = ("A", "B", "C")
Means = Mapping[str, tuple[tuple[float, ...], ...]]


def made_up(means: Means, policies: tuple[str, ...] = POLICIES, titles: tuple[str, ...] = ()) -> Worlds:
    """Worlds of one month with these means, by outcome, world and policy; all else is nil.

    Luck of width 1 is the same for all policies of an outcome, luck of width 0.1 is a policy's own: a difference of 0.2
    is clear, one of 0.01 is not.
    """
    count = len(next(iter(means.values())))
    named = titles or tuple(f"World {number}" for number in range(1, count + 1))
    worlds = [World(title, f"What if {title}?", "this and that", {"industry.openness": "2"}) for title in named]
    luck = np.random.default_rng(3)
    values = np.zeros((count * len(policies), RUNS, 1, len(OUTCOMES)))
    for name, by_world in means.items():
        shared = luck.normal(0.0, 1.0, RUNS)
        for place, mean in enumerate(mean for row in by_world for mean in row):
            own = luck.normal(0.0, 0.1, RUNS)
            values[place, :, 0, INDEX[name]] = mean + shared + own - own.mean()
    scenarios = [Scenario.from_dict({"title": title_in(policy, world.title), "months": 1})
                 for world in worlds for policy in policies]
    return Worlds(Results(scenarios, values, uncertainty="luck"), policies, worlds)
