"""Policies in futures: every policy of a question lives in the same worlds, draws and luck.

Future f is a world and a run of it; runs of one world share draws of parameters two by two. What comes back is an
outcome's one number for each policy and future, so memory does not grow with months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.engine.simulate import Task, run_batch
from sim.model.events import KINDS
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import INDEX, summarise
from sim.studies.deciding.question import Policy, Question

ROWS = 256  # side by side: enough for the rules, some 20 MB, and work for several cores
FIRES = "trigger_in_force"
Advance = Callable[[int], None]
"""Told how many runs more are done."""


@dataclass(frozen=True)
class Futures:
    """So many futures, alike many in each world: runs `first_run` and on, other runs in each world."""

    question: Question
    first_run: int
    per_world: int
    seed: int

    @classmethod
    def of(cls, question: Question, first_run: int, count: int, seed: int) -> Futures:
        """At least so many futures, and whole draws in each world."""
        each = -(-count // len(question.grounds))
        return cls(question, first_run, -(-each // RUNS_PER_DRAW) * RUNS_PER_DRAW, seed)

    @property
    def count(self) -> int:
        """How many futures there are."""
        return self.per_world * len(self.question.grounds)

    @property
    def after(self) -> int:
        """The first run that no future here has."""
        return self.first_run + self.count

    @cached_property
    def draws(self) -> np.ndarray:
        """The number of each future's draw (futures,); futures of one draw stand side by side."""
        return np.arange(self.count) // RUNS_PER_DRAW

    @cached_property
    def worlds(self) -> np.ndarray:
        """The place of each future's world (futures,)."""
        return np.repeat(np.arange(len(self.question.grounds)), self.per_world)

    def runs_of(self, world: int) -> np.ndarray:
        """The numbers of a world's runs."""
        return self.first_run + world * self.per_world + np.arange(self.per_world)

    def by_draw(self, values: np.ndarray) -> np.ndarray:
        """Means over the futures of each draw, along the last axis."""
        return np.asarray(values.reshape(*values.shape[:-1], -1, RUNS_PER_DRAW).mean(axis=-1))

    # ---- living ------------------------------------------------------------------------------------------------
    def outcomes(self, policies: Sequence[Policy], workers: int = 1, advance: Advance | None = None,
                 first: int = 0, last: int | None = None) -> np.ndarray:
        """The question's outcomes (policies, futures, outcomes), NaN where a run failed.

        `first` to `last` are the runs of each world that are lived, whole draws; those of the others stay NaN.
        """
        values = np.full((len(policies), self.count, len(self.question.outcomes)), np.nan)
        for place, futures, part, _ in self._lived(policies, workers, False, (first, last or self.per_world), advance):
            values[place, futures] = part
        return values

    def judged(self, policies: Sequence[Policy], workers: int = 1,
               advance: Advance | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes, and the month in which each of the question's triggers came into force first.

        Outcomes (policies, futures, outcomes); months (policies, futures, triggers), NaN where it never did.
        """
        values = np.full((len(policies), self.count, len(self.question.outcomes)), np.nan)
        fired = np.full((len(policies), self.count, len(self.question.triggers)), np.nan)
        for place, futures, part, months in self._lived(policies, workers, True, (0, self.per_world), advance):
            values[place, futures], fired[place, futures] = part, months
        return values, fired

    def _lived(self, policies: Sequence[Policy], workers: int, events: bool, runs: tuple[int, int],
               advance: Advance | None) -> Iterator[tuple[slice, slice, np.ndarray, np.ndarray]]:
        """Batches with the places of their policies and futures; the order of batches changes no number."""
        tasks = list(self._tasks(policies, events, runs))
        with ThreadPoolExecutor(workers) as pool:
            waiting = [pool.submit(self._live, task) for _, _, task in tasks]
            try:
                for (place, futures, task), each in zip(tasks, waiting, strict=True):
                    yield place, futures, *each.result()
                    if advance is not None:
                        advance(task.runs * len(task.scenarios))
            finally:
                pool.shutdown(cancel_futures=True)

    def _tasks(self, policies: Sequence[Policy], events: bool,
               runs: tuple[int, int]) -> Iterator[tuple[slice, slice, Task]]:
        lived = runs[1] - runs[0]
        together, at_once = max(1, ROWS // lived), min(lived, ROWS)
        for start in range(0, len(policies), together):
            group = policies[start : start + together]
            in_worlds = list(zip(*(self.question.scenarios(policy) for policy in group), strict=True))
            for world, scenarios in enumerate(in_worlds):
                for first in range(runs[0], runs[1], at_once):
                    count = min(at_once, runs[1] - first)
                    at = world * self.per_world + first
                    task = Task(tuple(scenarios), self.first_run + at, count, self.seed, self.question.months,
                                events=events, uncertainty=self.question.uncertainty)
                    yield slice(start, start + len(group)), slice(at, at + count), task

    def _live(self, task: Task) -> tuple[np.ndarray, np.ndarray]:
        """One batch, as far as it is asked about: outcomes and first months of triggers, by policy and run."""
        names, part = self.question.triggers, run_batch(task)
        values = summarise(part.values)[..., [INDEX[name] for name in self.question.outcomes]]
        fired = np.full((len(task.scenarios), task.runs, len(names)), np.nan)
        met = part.events["kind"] == KINDS.index(FIRES)
        for scenario, run, month, slot in zip(*(part.events[key][met].tolist() for key in (
                "scenario", "run", "month", "actor")), strict=True):
            name = task.scenarios[scenario].whens[slot].name
            if name in names:
                at = scenario, run - task.first_run, names.index(name)
                fired[at] = np.fmin(fired[at], month)
        return values, fired
