"""Named channels of random numbers: the same luck for every scenario, batch and worker.

A number is a function of the root seed, the channel's name, the run, the month and the slot, and of nothing
else: not of the scenario, not of other channels, not of how runs are split into batches. Two scenarios with the
same seed therefore meet the same luck (common random numbers), a run to 2030 is the beginning of the run to
2035, and a new channel moves nothing else.

The numbers come from Philox (Salmon et al. 2011), a counter-based generator: seed and channel make the key; run,
month and slot make the counter, so any of them can be had without drawing those before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtri

# Philox yields four numbers a counter step, so a run's slots are padded to a multiple of four.
_NUMBERS_PER_STEP = 4
SMALLEST = 2.0**-54  # stands in for a uniform of exactly 0, whose normal score is minus infinity

Draw = tuple[str, int, int, int]  # channel, run, month, slot
Changes = Mapping[Draw, float]  # a uniform number in place of each draw


def channel_key(seed: int, channel: str) -> np.ndarray:
    """The 128-bit Philox key of one channel under one root seed, as two uint64."""
    digest = hashlib.blake2b(f"{seed}/{channel}".encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype=np.uint64).copy()


class Luck:
    """The random numbers of one batch of runs.

    `runs` (rows,) gives each row's run number; rows that share one (under different scenarios) get the same
    numbers. `month` is set by the simulation before each month's rules. `changed` replaces single draws, given
    as {(channel, run, month, slot): uniform}, to replay a run with one piece of luck altered; a sequence of such
    mappings, one for each row, replays one run side by side with another piece altered in each row.
    ValueError if it has another length.
    """

    def __init__(self, seed: int, runs: np.ndarray, changed: Changes | Sequence[Changes] | None = None) -> None:
        self.seed = int(seed)
        self.month = 0
        self.runs = np.asarray(runs, dtype=np.int64)
        distinct, self._row_of = np.unique(self.runs, return_inverse=True)
        breaks = np.flatnonzero(np.diff(distinct) != 1) + 1
        self._stretches = [(int(part[0]), len(part)) for part in np.split(distinct, breaks)]
        self._distinct = len(distinct)
        self._rows_are_runs = self._distinct == len(self.runs) and bool(np.all(np.diff(self.runs) > 0))
        self._keys: dict[str, np.ndarray] = {}
        self._changes = _changes(changed or {}, self.runs)
        self._bits = np.random.Philox(key=np.zeros(2, dtype=np.uint64))
        self._generator = np.random.Generator(self._bits)
        self._state = self._bits.state

    def uniform(self, channel: str, slots: int) -> np.ndarray:
        """Uniform numbers on [0, 1) of this month, shape (rows, slots)."""
        if channel not in self._keys:
            self._keys[channel] = channel_key(self.seed, channel)
        steps = -(-slots // _NUMBERS_PER_STEP)
        drawn = np.empty((self._distinct, steps * _NUMBERS_PER_STEP))
        filled = 0
        for first, count in self._stretches:
            self._seek(self._keys[channel], first * steps)
            self._generator.random(out=drawn[filled : filled + count])
            filled += count
        numbers = drawn[:, :slots] if self._rows_are_runs else drawn.take(self._row_of, axis=0)[:, :slots]
        if self._changes and (channel, self.month) in self._changes:
            numbers = self._with_changes(channel, numbers)
        return numbers

    def normal(self, channel: str, slots: int) -> np.ndarray:
        """Standard normal numbers of this month, shape (rows, slots); one uniform each, by inversion."""
        return ndtri(np.maximum(self.uniform(channel, slots), SMALLEST))

    def happens(self, channel: str, probability: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Whether each slot's event occurs this month, bool (rows, slots): by `probability`, only where `among`."""
        occurs = self.uniform(channel, probability.shape[-1]) < probability
        return occurs if among is None else occurs & among

    def _seek(self, key: np.ndarray, step: int) -> None:
        inner = self._state["state"]
        inner["key"][:] = key
        inner["counter"][:] = (step, 0, self.month, 0)
        self._state["buffer_pos"] = _NUMBERS_PER_STEP  # nothing buffered: the next number starts a fresh step
        self._bits.state = self._state

    def _with_changes(self, channel: str, numbers: np.ndarray) -> np.ndarray:
        numbers = numbers.copy()
        for slot, rows, value in self._changes[channel, self.month]:
            if slot < numbers.shape[1]:
                numbers[rows, slot] = value
        return numbers


def _changes(
    changed: Changes | Sequence[Changes], runs: np.ndarray
) -> dict[tuple[str, int], list[tuple[int, np.ndarray, float]]]:
    """By channel and month: the slot, the rows (n,) and the number of each draw replaced."""
    everywhere = np.arange(len(runs))
    if isinstance(changed, Mapping):
        given = [(everywhere, changed)]
    elif len(changed) == len(runs):
        given = [(everywhere[row : row + 1], of_row) for row, of_row in enumerate(changed)]
    else:
        raise ValueError(f"{len(changed)} mappings of changed draws for {len(runs)} rows: give one for each row")
    changes: dict[tuple[str, int], list[tuple[int, np.ndarray, float]]] = {}
    for rows, draws in given:
        for (channel, run, month, slot), value in draws.items():
            here = rows[runs[rows] == run]
            if len(here):
                changes.setdefault((channel, month), []).append((slot, here, value))
    return changes
