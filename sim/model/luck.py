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
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import inf
from typing import Any

import numpy as np

from sim.model.channels import CHANNELS, slots_of
from sim.model.elementary import log, normal_quantile
from sim.model.rule import codes, entry, product_high, rule

# Philox yields four numbers a counter step, so a run's slots are padded to a multiple of four.
_NUMBERS_PER_STEP = 4
SMALLEST = 2.0**-54  # stands in for a uniform of exactly 0, whose normal score is minus infinity

CHANNEL: Any = codes(channel.replace(".", "_") for channel in CHANNELS)
"""The place of each channel, as rules name it: `CHANNEL.capital_bust`."""
SLOTS = tuple(slots_of(channel) for channel in CHANNELS)
"""How many numbers each channel has in a month."""
RUNS_PER_DRAW = 2
"""Consecutive runs that share a draw of parameters and theories, so that what luck does can be told from what is not
known."""
MOST_SLOTS = -(-max(SLOTS) // _NUMBERS_PER_STEP) * _NUMBERS_PER_STEP
_PLACE = {channel: place for place, channel in enumerate(CHANNELS)}
CHANGE = np.dtype([("month", "i8"), ("channel", "i8"), ("slot", "i8"), ("value", "f8")], align=True)
"""A changed draw of one run; those of a run stand in this order."""

Draw = tuple[str, int, int, int]  # channel, run, month, slot
Changes = Mapping[Draw, float]  # a uniform number in place of each draw


def channel_key(seed: int, channel: str) -> np.ndarray:
    """The 128-bit Philox key of one channel under one root seed, as two uint64."""
    digest = hashlib.blake2b(f"{seed}/{channel}".encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype=np.uint64).copy()


@lru_cache(maxsize=4096)
def _keys(seed: int, channels: tuple[str, ...]) -> np.ndarray:
    return np.array([channel_key(seed, channel) for channel in channels])


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
        self._changes = _changes(changed or {}, self.runs)

    def of_draws(self) -> Luck:
        """The numbers that runs with the same draw of parameters share."""
        return Luck(self.seed, self.runs // RUNS_PER_DRAW)

    def uniform(self, channel: str, slots: int) -> np.ndarray:
        """Uniform numbers on [0, 1) of this month, shape (rows, slots)."""
        numbers = self._drawn((channel,), slots)[0]
        if self._changes and (channel, self.month) in self._changes:
            numbers = self._with_changes(channel, numbers)
        return numbers

    def first_of_each(self, channels: tuple[str, ...]) -> np.ndarray:
        """The number of this month's first slot in each of many channels, without changes: (channels, rows)."""
        return self._drawn(channels, 1)[..., 0]

    def _drawn(self, channels: tuple[str, ...], slots: int) -> np.ndarray:
        steps = -(-slots // _NUMBERS_PER_STEP)
        drawn = np.empty((len(channels), len(self.runs), steps * _NUMBERS_PER_STEP))
        _uniforms_of_runs(self.runs, self.month, _keys(self.seed, channels), steps, drawn)
        return drawn[..., :slots]

    def normal(self, channel: str, slots: int) -> np.ndarray:
        """Standard normal numbers of this month, shape (rows, slots); one uniform each, by inversion."""
        return normal_quantiles(np.maximum(self.uniform(channel, slots), SMALLEST))

    def happens(self, channel: str, probability: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Whether each slot's event occurs this month, bool (rows, slots): by `probability`, only where `among`."""
        occurs = self.uniform(channel, probability.shape[-1]) < probability
        return occurs if among is None else occurs & among

    def changed_draws(self, months: int) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002 - some change every month
        """The changed draws of the model's channels (n,), row after row, and where each row's begin (rows + 1,)."""
        return in_order([(rows, month, channel, slot, value) for (channel, month), draws in self._changes.items()
                         if channel in _PLACE for slot, rows, value in draws], len(self.runs))

    def _with_changes(self, channel: str, numbers: np.ndarray) -> np.ndarray:
        for slot, rows, value in self._changes[channel, self.month]:
            if slot < numbers.shape[1]:
                numbers[rows, slot] = value
        return numbers


def in_order(draws: Iterable[tuple[Any, int, str, Any, Any]], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Changed draws as rules look them up: `CHANGE` records row by row, and where each row's begin (rows + 1,).

    Each of `draws` is (rows, month, channel, slots, values), arrays of a shape or single ones.
    """
    of_row, found = [np.empty(0, np.int64)], [np.empty(0, CHANGE)]
    for row, month, channel, slot, value in draws:
        row, slot, value = np.broadcast_arrays(row, slot, value)
        some = np.empty(row.size, CHANGE)
        some["month"], some["channel"] = month, _PLACE[channel]
        some["slot"], some["value"] = slot.ravel(), value.ravel()
        of_row.append(row.ravel())
        found.append(some)
    row, changed = np.concatenate(of_row), np.concatenate(found)
    order = np.lexsort((changed["slot"], changed["channel"], changed["month"], row))
    return changed[order], np.searchsorted(row[order], np.arange(rows + 1))


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


# ---- the same numbers, one by one, for rules -------------------------------------------------------------------------
_MULTIPLIER_A, _MULTIPLIER_B = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_STEP_A, _STEP_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_ROUNDS = 10
_ZERO, _ELEVEN = np.uint64(0), np.uint64(11)


@rule
def _four_numbers(step: int, month: int, keys: Any, channel: int) -> tuple[float, float, float, float]:
    """Philox 4x64-10 (Salmon et al. 2011) of one counter: four numbers on [0, 1)."""
    a, b, c, d = np.uint64(step), _ZERO, np.uint64(month), _ZERO
    key_a, key_b = keys[channel, 0], keys[channel, 1]
    for _ in range(_ROUNDS):
        high_a, low_a = product_high(_MULTIPLIER_A, a), _MULTIPLIER_A * a
        high_b, low_b = product_high(_MULTIPLIER_B, c), _MULTIPLIER_B * c
        a, b, c, d = high_b ^ b ^ key_a, low_b, high_a ^ d ^ key_b, low_a
        key_a = key_a + _STEP_A
        key_b = key_b + _STEP_B
    unit = 1.0 / 9007199254740992.0
    return (np.int64(a >> _ELEVEN) * unit, np.int64(b >> _ELEVEN) * unit, np.int64(c >> _ELEVEN) * unit,
            np.int64(d >> _ELEVEN) * unit)


@rule
def uniform(run: Any, given: Any, channel: int, slot: int) -> float:
    """This month's uniform number on [0, 1) of one slot of a channel, as `Luck.uniform` has it."""
    steps = (SLOTS[channel] + 3) // 4
    # The generator moves its counter on before it draws, hence the 1.
    a, b, c, d = _four_numbers(run.number * steps + slot // 4 + 1, run.month, given.keys, channel)
    place = slot % 4
    drawn = a if place == 0 else b if place == 1 else c if place == 2 else d
    return drawn if len(given.changed) == 0 else _as_changed(run, given, channel, slot, drawn)


@rule
def uniforms(run: Any, given: Any, channel: int, out: Any) -> None:
    """This month's uniform numbers of all slots of a channel into `out`, which has room for a multiple of four.

    Six times quicker than one by one, so worth it where more than a few slots are looked at.
    """
    steps = (SLOTS[channel] + 3) // 4
    for step in range(steps):
        a, b, c, d = _four_numbers(run.number * steps + step + 1, run.month, given.keys, channel)
        out[4 * step], out[4 * step + 1], out[4 * step + 2], out[4 * step + 3] = a, b, c, d
    if len(given.changed) > 0:
        for slot in range(SLOTS[channel]):
            out[slot] = _as_changed(run, given, channel, slot, out[slot])


@entry
def _uniforms_of_runs(runs: Any, month: int, keys: Any, steps: int, out: Any) -> None:
    for channel in range(len(keys)):
        for row in range(len(runs)):
            for step in range(steps):
                a, b, c, d = _four_numbers(runs[row] * steps + step + 1, month, keys, channel)
                out[channel, row, 4 * step], out[channel, row, 4 * step + 1] = a, b
                out[channel, row, 4 * step + 2], out[channel, row, 4 * step + 3] = c, d


@rule
def normal(run: Any, given: Any, channel: int, slot: int) -> float:
    """This month's standard normal number of one slot of a channel, as `Luck.normal` has it."""
    return normal_quantile(max(uniform(run, given, channel, slot), SMALLEST))


@rule
def choose_one(run: Any, given: Any, channel: int, weights: Any) -> int:
    """A slot with chance in proportion to its weight, by a channel of its own; 0 where none has any weight.

    The first to arrive of exponential waits, so that the choice does not depend on the order of slots.
    """
    soonest, chosen = inf, 0
    for slot in range(len(weights)):
        if weights[slot] > 0.0:
            wait = -log(max(uniform(run, given, channel, slot), SMALLEST)) / weights[slot]
            if wait < soonest:
                soonest, chosen = wait, slot
    return chosen


@rule
def _as_changed(run: Any, given: Any, channel: int, slot: int, drawn: float) -> float:
    """What stands in the place of a drawn number where it is changed; the changes are searched by halving."""
    low, high = 0, len(given.changed)
    while low < high:
        middle = (low + high) // 2
        change = given.changed[middle]
        before = (change.month < run.month
                  or (change.month == run.month and (change.channel < channel
                                                     or (change.channel == channel and change.slot < slot))))
        if before:
            low = middle + 1
        else:
            high = middle
    if low < len(given.changed):
        change = given.changed[low]
        if change.month == run.month and change.channel == channel and change.slot == slot:
            return change.value
    return drawn


@entry
def _normal_quantiles(p: Any, out: Any) -> None:
    for i in range(len(p)):
        out[i] = normal_quantile(p[i])


def normal_quantiles(p: np.ndarray) -> np.ndarray:
    """`normal_quantile` of every number of an array, same shape."""
    flat = np.ascontiguousarray(p, np.float64).ravel()
    out = np.empty_like(flat)
    _normal_quantiles(flat, out)
    return out.reshape(p.shape)
