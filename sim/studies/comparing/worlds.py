"""Policies across worlds: which does best and worst where, what is regretted, and where the order turns.

Every policy lives in every world on the same luck, so that any two are compared run by run within a world. All
intervals hold together, over primary outcomes, worlds and pairs of policies: so whichever policy turns out best, and by
whichever of many comparisons an order turns, the intervals keep their level.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common import arguments
from sim.common.above import Told
from sim.common.arguments import ArgumentError, takes
from sim.engine.labels import distinct_titles
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.engine.uncertainty import DEFAULT, in_words
from sim.model.outcomes import INDEX, OUTCOMES, PRIMARY
from sim.scenario.worlds import in_worlds, keys_told, settings, title_in
from sim.studies.comparing import intervals
from sim.studies.comparing.compare import Comparison, compare

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

MOST = 64  # policies times worlds
RANKED = tuple(name for name in PRIMARY if OUTCOMES[name].better)
"""The primary outcomes that have a better direction."""


@dataclass(frozen=True)
class World:
    """A world as it is told: its title, what it asks, what to look for, and what it sets, by dotted key, as text."""

    title: str
    question: str
    look_for: str
    sets: Mapping[str, str]


def crossed(policies: Sequence[Scenario], worlds: Sequence[Scenario]) -> list[Scenario]:
    """Every policy in every world, all policies of the first world first.

    ArgumentError for fewer than two policies, without a world, for titles that are not told apart and for more than
    `MOST` pairs; ScenarioError as `sim.scenario.worlds.in_worlds` raises it.
    """
    if len(policies) < 2:
        raise ArgumentError("a comparison across worlds needs two policies or more")
    if not worlds:
        raise ArgumentError("a comparison across worlds needs a world")
    for kind, those in (("policies", policies), ("worlds", worlds)):
        title, count = Counter(each.title for each in those).most_common(1)[0]
        if count > 1:
            raise ArgumentError(f"{count} {kind} have the title “{title}”, so nothing would tell them apart; name each "
                                "once, and give each a title of its own")
    if (pairs := len(policies) * len(worlds)) > MOST:
        raise ArgumentError(f"{len(policies)} policies in {len(worlds)} worlds are {pairs} scenarios, more than the "
                            f"{MOST} that a reader and a machine can hold; leave some out, or use a sweep")
    return in_worlds(policies, worlds)


@takes(policies=arguments.scenarios, worlds=arguments.scenarios, level=arguments.number(above=0.0, below=1.0))
def across_worlds(
    policies: Sequence[Scenario], worlds: Sequence[Scenario], *, runs: int = 200, seed: int = 0,
    months: int | None = None, workers: int = 1, uncertainty: str = DEFAULT,
    progress: Callable[[int, int, int], None] | None = None, level: float = 0.95,
) -> Worlds:
    """Simulate every policy in every world on the same luck; the first policy is the baseline of each world.

    A world is a scenario that decides nothing, such as `Scenario.load("rapid_progress")`. Arguments as those of
    `simulate`; `level` is that of the intervals. ArgumentError and ScenarioError as `crossed` raises them, other errors
    as `simulate` and `compare` do.
    """
    results = simulate(crossed(policies, worlds), runs=runs, seed=seed, months=months, workers=workers, events=False,
                       uncertainty=uncertainty, progress=progress)
    return Worlds(results, [policy.title for policy in policies], told_worlds(worlds), level)


def told_worlds(worlds: Sequence[Scenario]) -> list[World]:
    """Worlds as they are told."""
    return [World(world.title, world.question, world.look_for, keys_told(settings(world))) for world in worlds]


def _nameless(world: World) -> World:
    """A world without what it sets of single labs and people, whose names are its keys."""
    return replace(world, sets={key: told for key, told in world.sets.items()
                                if not key.startswith(("labs.", "founders."))})


class Worlds(Told):
    """Policies across worlds: as tables, as text, and as a page.

    `results` hold every policy in every world, all policies of the first world first; `policies` are the policies'
    titles, of which the first is the baseline, `worlds` the worlds.
    """

    def __init__(self, results: Results, policies: Sequence[str], worlds: Sequence[World], level: float = 0.95) -> None:
        if len(results.titles) != len(policies) * len(worlds):
            raise ValueError(f"{len(policies)} policies in {len(worlds)} worlds need as many scenarios, "
                             f"not {len(results.titles)}")
        self.results, self.level = results, level
        anonymous = any(scenario.anonymous for scenario in results.scenarios)
        self.policies, self.worlds = tuple(policies), tuple(map(_nameless, worlds) if anonymous else worlds)

    @cached_property
    def comparison(self) -> Comparison:
        """All of them as one comparison: its runs are those that reached the horizon everywhere."""
        return compare(self.results, level=self.level)

    @property
    def runs(self) -> int:
        """Runs that reached the horizon under every policy in every world."""
        return self.comparison.runs

    @property
    def baseline(self) -> str:
        """Title of the policy that the others are compared with."""
        return self.policies[0]

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the worlds, in their order."""
        return tuple(world.title for world in self.worlds)

    @property
    def layout(self) -> dict[str, Any]:
        """Policies and worlds as plain tables: with the results, all that there is to know."""
        return {"policies": list(self.policies), "worlds": [asdict(world) for world in self.worlds]}

    def to_json(self) -> str:
        """The layout as text, from which `from_json` brings the whole back beside its results."""
        return json.dumps(self.layout, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, results: Results, text: str) -> Worlds | None:
        """Back from `to_json`; None if it is of other results; ValueError, KeyError or TypeError if it is no layout."""
        layout = json.loads(text)
        policies = [str(title) for title in layout["policies"]]
        worlds = [World(**each) for each in layout["worlds"]]
        wanted = distinct_titles([title_in(policy, world.title) for world in worlds for policy in policies])
        return cls(results, policies, worlds) if wanted == results.titles else None

    # ---- any two policies, run by run ----------------------------------------------------------------------------

    @cached_property
    def _values(self) -> np.ndarray:
        """Each run's primary outcomes: (worlds, policies, runs, outcomes)."""
        paired = self.results.summaries[:, self.results.paired][..., [INDEX[name] for name in PRIMARY]]
        return paired.reshape(len(self.worlds), len(self.policies), *paired.shape[1:])

    @cached_property
    def _pairs(self) -> intervals.Interval:
        """Mean of the column's policy less the row's, and what holds together: each (worlds, row, column, outcomes)."""
        count, shape = len(self.policies), (len(self.worlds), len(self.policies), len(self.policies), len(PRIMARY))
        estimate, low, high = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        pairs = list(combinations(range(count), 2))
        differences = np.stack([self._values[:, b] - self._values[:, a] for a, b in pairs], axis=1)
        independent = np.moveaxis(self.comparison.by_draw(differences), 2, 0)  # draws, worlds, pairs, outcomes
        critical = intervals.family_critical(independent.reshape(len(independent), -1), self.level)
        furthest = np.array([OUTCOMES[name].furthest for name in PRIMARY])
        found = intervals.mean_difference(independent, self.level, critical, furthest)
        for place, (a, b) in enumerate(pairs):
            estimate[:, a, b], estimate[:, b, a] = found.estimate[:, place], -found.estimate[:, place]
            low[:, a, b], low[:, b, a] = found.low[:, place], -found.high[:, place]
            high[:, a, b], high[:, b, a] = found.high[:, place], -found.low[:, place]
        return intervals.Interval(estimate, low, high)

    @cached_property
    def _worse(self) -> intervals.Interval:
        """How much worse the column's policy does than the row's, as `_pairs`; NaN without a better direction."""
        sign = np.array([{"lower": 1.0, "higher": -1.0, "": np.nan}[OUTCOMES[name].better] for name in PRIMARY])
        low, high = sign * self._pairs.low, sign * self._pairs.high
        return intervals.Interval(sign * self._pairs.estimate + 0.0, np.fmin(low, high) + 0.0, np.fmax(low, high) + 0.0)

    # ---- what is found -------------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per primary outcome, world and policy.

        `mean`; `difference` to the baseline policy in that world, `low`, `high`; `clear`: these leave out nil. Where
        the outcome has a better direction, `best` and `worst`: clearly so against each other policy; `regret`: how much
        worse than the best of that world, `regret_low`, `regret_high`; else False and NaN. All intervals hold
        together.
        """
        import pandas as pd

        means = intervals.exact_mean(np.moveaxis(self._values, 2, 0))
        rows = []
        for o, name in enumerate(PRIMARY):
            for w, world in enumerate(self.titles):
                for p, policy in enumerate(self.policies):
                    low, high = self._pairs.low[w, 0, p, o], self._pairs.high[w, 0, p, o]
                    others = [other for other in range(len(self.policies)) if other != p]
                    rows.append({
                        "outcome": name, "unit": OUTCOMES[name].unit, "world": world, "policy": policy,
                        "mean": means[w, p, o], "difference": self._pairs.estimate[w, 0, p, o],
                        "low": low, "high": high, "clear": bool(low > 0.0 or high < 0.0),
                        "best": bool((self._worse.high[w, others, p, o] < 0.0).all()),
                        "worst": bool((self._worse.low[w, others, p, o] > 0.0).all()),
                        **self._regret(w, p, o)})
        return pd.DataFrame(rows).astype(dict.fromkeys(("outcome", "unit", "world", "policy"), "str"))

    def _regret(self, world: int, policy: int, outcome: int) -> dict[str, float]:
        """The most by which any policy does better, which is nothing for the best; its interval covers the choice."""
        worse = self._worse
        ends = (float(part[world, :, policy, outcome].max()) for part in (worse.estimate, worse.low, worse.high))
        return dict(zip(("regret", "regret_low", "regret_high"), ends, strict=True))

    @cached_property
    def regrets(self) -> pd.DataFrame:
        """A row per ranked outcome and policy: its largest regret over the worlds, and in how many it is best or worst.

        `world`: where it is largest; `low`, `high`: its interval; `least`: clearly smaller than that of every other.
        """
        import pandas as pd

        rows = []
        for (outcome, policy), part in self.table[self.table["outcome"].isin(RANKED)].groupby(
                ["outcome", "policy"], sort=False):
            at = part.iloc[int(part["regret"].to_numpy().argmax())]
            rows.append({"outcome": outcome, "policy": policy, "regret": float(at["regret"]), "world": at["world"],
                         "low": float(part["regret_low"].max()), "high": float(part["regret_high"].max()),
                         "best": int(part["best"].sum()), "worst": int(part["worst"].sum())})
        found = pd.DataFrame(rows)
        found["least"] = [all(row["high"] < other["low"] for other in rows if other["outcome"] == row["outcome"]
                              and other["policy"] != row["policy"]) for row in rows]
        return found.astype(dict.fromkeys(("outcome", "policy", "world"), "str"))

    @cached_property
    def flips(self) -> pd.DataFrame:
        """Pairs of policies whose order turns: a row per outcome and pair that differ clearly one way and the other.

        `more_in`, `less_in`: the worlds in which `second` is clearly higher, and lower, than `first`.
        """
        import pandas as pd

        rows = []
        for o, name in enumerate(PRIMARY):
            for a, b in combinations(range(len(self.policies)), 2):
                up, down = self._pairs.low[:, a, b, o] > 0.0, self._pairs.high[:, a, b, o] < 0.0
                if up.any() and down.any():
                    rows.append({"outcome": name, "first": self.policies[a], "second": self.policies[b],
                                 "more_in": [self.titles[w] for w in np.flatnonzero(up)],
                                 "less_in": [self.titles[w] for w in np.flatnonzero(down)]})
        return pd.DataFrame(rows, columns=["outcome", "first", "second", "more_in", "less_in"])

    def tied(self, outcome: str, world: str) -> tuple[str, ...]:
        """The policies that may be best in a world: none does clearly better than these. UnknownNameError for a world
        or a ranked outcome that is not there."""
        if outcome not in RANKED:
            raise arguments.unknown_name("ranked outcome", outcome, RANKED)
        if world not in self.titles:
            raise arguments.unknown_name("world", world, self.titles)
        low = self._worse.low[self.titles.index(world), :, :, PRIMARY.index(outcome)]
        return tuple(policy for p, policy in enumerate(self.policies) if not (low[:, p] > 0.0).any())

    # ---- as text and as a page -----------------------------------------------------------------------------------

    @takes(all=arguments.flag)
    def to_text(self, all: bool = False) -> str:
        """The tables for a terminal of 80 columns; with `all` every mean, difference and regret with its interval."""
        from sim.studies.comparing import world_tables

        return world_tables.as_text(self, everything=all)

    @takes(path=arguments.path)
    def save(self, path: str | Path) -> Path:
        """Write the answer as one page that works offline; returns its path."""
        written: Path = self._told().write(path)
        return written

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return (f"<Worlds: {len(self.policies)} policies in {len(self.worlds)} worlds over {self.runs} runs, baseline "
                f"{self.baseline!r}, seed {self.results.seed}, {in_words(self.results.uncertainty)}>")
