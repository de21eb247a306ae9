"""Runs for all visitors: one pool of processes, one cache of finished work that is never changed.

A piece of work is asked for by its key. Visitors who ask for the same share it; work that nobody waits for any more is
taken back before it begins, so that a slider in motion does not fill the queue.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.engine.simulate import simulate
from sim.engine.workers import WorkerPool, cores
from sim.model.outcomes import summarise
from sim.report.words.policies import EARLY, MET
from sim.scenario.scenario import Scenario

MOST_KEPT_BYTES = 400 * 2**20
"""Bytes of finished work that are kept; the least recently used goes first."""
MOST_MADE = 32
"""Pictures that are kept drawn, of a hundred kilobytes each."""


def content(argument: Any) -> Any:
    """A key for an argument; for a scenario, what it does, whatever its title and comments say."""
    if isinstance(argument, tuple):
        return tuple(map(content, argument))
    if not isinstance(argument, Scenario):
        return argument
    resolved = {key: value for key, value in argument.resolved().items()
                if key not in ("title", "question", "look_for", "set")}
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()


class Runs(NamedTuple):
    """Some runs of a scenario: monthly outcomes (runs, months, outcomes), NaN from where a run failed, and the events
    that tell of its policies in time what is asked of many runs; None for a scenario without."""

    values: np.ndarray
    told: pd.DataFrame | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the outcomes, beside which the events are few."""
        return int(self.values.nbytes)


def joined(pieces: Sequence[Runs]) -> Runs:
    """Pieces of one scenario's runs, one after the other."""
    told = [piece.told for piece in pieces if piece.told is not None]
    return Runs(np.concatenate([piece.values for piece in pieces]), pd.concat(told) if told else None)


def ensemble(scenario: Scenario, seed: int, first_run: int, runs: int) -> Runs:
    """Some runs; carried out by a worker."""
    asked = bool(scenario.whens) or any(change.announced is not None for change in scenario.changes)
    results = simulate(scenario, runs, seed, first_run=first_run, events=asked)
    told = results.events[results.events["kind"].isin((*MET, *EARLY))] if asked else None
    return Runs(np.asarray(results.values[0]), told)


def summaries(scenarios: tuple[Scenario, ...], seed: int, runs: int) -> np.ndarray:
    """One number per scenario, run and outcome: (scenarios, runs, outcomes); NaN for a run that failed.

    Scenarios side by side cost little more than one alone.
    """
    results = simulate(scenarios, runs, seed, events=False)
    return summarise(results.values)


@dataclass
class _Job:
    """Work under way or done, and how many wait for it."""

    future: Future[Any]
    waiting: int
    size: int = 0


class Engine:
    """A pool of worker processes, started when work is first asked for, and what they have found.

    `pool` makes another kind of executor in its place.
    """

    def __init__(self, pool: Callable[[], Executor] | None = None) -> None:
        self._new_pool = pool or (lambda: WorkerPool(cores()))
        self._pool: Executor | None = None
        self._jobs: OrderedDict[tuple[Any, ...], _Job] = OrderedDict()
        self._made: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = threading.RLock()
        self._closed = False

    def ask(self, work: Callable[..., Any], *arguments: Any) -> Ticket:
        """Ask for `work(*arguments)`, which a worker carries out unless it is known or under way.

        The future is cancelled if the engine is closed meanwhile; CancelledError if it was before.
        """
        key = (work.__qualname__, *map(content, arguments))
        with self._lock:
            if self._closed:
                raise CancelledError
            job = self._jobs.get(key)
            if job is None or job.future.cancelled() or _failed(job.future):
                job = self._jobs[key] = _Job(self._submit(work, arguments), 0)
                job.future.add_done_callback(lambda future: self._weigh(job, future))
            self._jobs.move_to_end(key)
            job.waiting += 1
        return Ticket(self, key, job)

    def peek(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What `work(*arguments)` gave, if it is done already; None if not."""
        with self._lock:
            job = self._jobs.get((work.__qualname__, *map(content, arguments)))
        done = job is not None and job.future.done() and not job.future.cancelled() and not _failed(job.future)
        return job.future.result() if done and job is not None else None

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What `make()` gives, made here and now unless it was made for this key of late."""
        known = tuple(map(content, key))
        with self._lock:
            if known in self._made:
                self._made.move_to_end(known)
                return self._made[known]
        made = make()
        with self._lock:
            self._made[known] = made
            while len(self._made) > MOST_MADE:
                self._made.popitem(last=False)
        return made

    def _submit(self, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
        for _ in range(2):
            if self._pool is None:
                self._pool = self._new_pool()
            try:
                return self._pool.submit(work, *arguments)
            except BrokenProcessPool:  # a worker was killed: begin anew with others
                self._pool = None
        raise BrokenProcessPool("workers are killed as soon as they start")

    def leave(self, key: tuple[Any, ...], job: _Job) -> None:
        """One visitor less waits for a piece of work; what nobody waits for is taken back if it has not begun."""
        with self._lock:
            job.waiting -= 1
            if job.waiting == 0 and job.future.cancel() and self._jobs.get(key) is job:
                del self._jobs[key]

    def _weigh(self, job: _Job, future: Future[Any]) -> None:
        """Note how large a result is, and let go of the oldest results over the limit."""
        if future.cancelled() or future.exception() is not None:
            return
        with self._lock:
            job.size = getattr(future.result(), "nbytes", 2**16)
            total = sum(each.size for each in self._jobs.values())
            for key in list(self._jobs):
                if total <= MOST_KEPT_BYTES:
                    break
                if self._jobs[key].waiting == 0 and self._jobs[key].size:
                    total -= self._jobs.pop(key).size

    def close(self) -> None:
        """End the workers for good; what they were at is lost."""
        with self._lock:
            self._closed = True
            if isinstance(self._pool, WorkerPool):
                self._pool.kill_workers()
            elif self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
            self._jobs.clear()


class Ticket:
    """A visitor's claim on a piece of work; use it as a context, so that the claim ends."""

    def __init__(self, engine: Engine, key: tuple[Any, ...], job: _Job) -> None:
        self._engine, self._key, self._job = engine, key, job

    @property
    def future(self) -> Future[Any]:
        """The work, which several visitors may share: wait for it, but do not cancel it."""
        return self._job.future

    def leave(self) -> None:
        """Wait no longer."""
        self._engine.leave(self._key, self._job)

    def __enter__(self) -> Future[Any]:
        return self.future

    def __exit__(self, *_: object) -> None:
        self.leave()


def _failed(future: Future[Any]) -> bool:
    return future.done() and future.exception() is not None
