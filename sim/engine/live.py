"""Months of a batch: stage by stage, with a user's own stages in between, or whole lives in one compiled pass.

What happens in a stage stands in `sim/model/month.py`. One compiled entry lives through any part of any months of all
runs, one run after the other, so that a run's record stays in the processor's cache; both ways give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import literal_unroll

from sim.model import month as model
from sim.model.events import RECORD
from sim.model.given import given_of, levers_of
from sim.model.luck import Luck
from sim.model.measure import read_off
from sim.model.news import take_news
from sim.model.outcomes import LAB_QUANTITIES, NAMES
from sim.model.policies import take_effect
from sim.model.rule import entry, rule
from sim.model.state import KINDS, LAB_SLOTS, RUN
from sim.model.world import World

Stage = Callable[[World, Luck], None]

_BEGIN, _MEASURE, _DECIDE = 1 << 6, 1 << 7, 1 << 8
_WHOLE = _BEGIN | _DECIDE | _MEASURE | (_BEGIN - 1)
_ROOM_FOR_EVENTS = 65_536  # taken over at a time: 2 MB
_OF_LABS = tuple(LAB_QUANTITIES)
_NO_VALUES, _NO_LABS = np.empty((0, 0, len(NAMES))), np.empty((0, 0, 0, LAB_SLOTS))
_PROGRESS = np.dtype([("row", "i8"), ("month", "i8"), ("lived", "u1"), ("events", "i8")], align=True)
"""Where a pass has come to: the row, the month, whether it was lived though its events are not taken over yet."""


def _all_infinite() -> np.ndarray:
    """A run's record up to its past (words,), as whole numbers: the bits of infinity where a float of the state stands.

    Only a float that is no finite number has all of them. Elsewhere there are none.
    """
    run, fields = np.zeros(1, RUN), dict(RUN.fields or {})
    for kind in KINDS:
        for name, quantity in kind.quantities.items():
            if quantity.type is float:
                run[kind.name][name] = np.inf
    return run.view(np.uint64)[:fields["past"][1] // 8]


_ALL_INFINITE = _all_infinite()
_WORDS = len(_ALL_INFINITE)
_INFINITE = np.uint64(0x7FF0000000000000)


@rule
def _is_sound(words: Any, outcomes: Any) -> bool:
    """Whether every number of the state, and every outcome, is a finite number."""
    bad = 0
    # Without a branch many numbers are looked at in one instruction.
    for place in range(_WORDS):
        bad |= int(words[place] & _ALL_INFINITE[place] == _INFINITE)
    for outcome in outcomes:
        bad |= int(outcome - outcome != 0.0)
    return bad == 0


@rule
def _keep_labs(run: Any, labs: Any, row: int, month: int) -> None:
    place = 0
    for name in literal_unroll(_OF_LABS):
        values = run.labs[name]
        for lab in range(LAB_SLOTS):
            labs[place, row, month, lab] = values[lab]
        place += 1  # noqa: SIM113 - compiled rules cannot count what they unroll


@entry
def _live(
    state: Any, words: Any, settings: Any, progress: Any, first: int, months: int, parts: int, values: Any, labs: Any,
    failed: Any, events: Any, seen: Any,
) -> bool:
    """Live on from where `progress` says, run by run; whether all is lived, or `events` has to be emptied first.

    `words` (rows, words) is the memory of `state`. `values` (rows, months, outcomes) and `labs` (quantities, rows,
    months, labs) are filled where they have rows; `failed` (rows,) gets the month in which a number of the state is
    none any more, at which a run ends; `seen` (rows, months, outcomes) keeps what triggers look back on, where it has
    months.
    """
    at = progress[0]
    while at.row < len(state):
        row = at.row
        run, given = state[row], given_of(settings, row)
        while at.month < months:
            month = at.month
            if not at.lived:
                if parts & _BEGIN:
                    model.begin(run, first + month)
                if parts & _DECIDE:
                    take_effect(run, settings.plans, row, levers_of(settings, row), settings.scheduled[row], seen[row])
                model.live_through(run, given, parts)
                if parts & _MEASURE:
                    read_off(run, given, values[row, month])
                    if run.month < seen.shape[1]:
                        seen[row, run.month] = values[row, month]
                    if labs.shape[0] > 0:
                        _keep_labs(run, labs, row, month)
                    if len(failed) > 0 and not _is_sound(words[row], values[row, month]):
                        failed[row] = first + month
            at.lived = True
            if run.news.count > len(events) - at.events:
                return False
            at.events = take_news(run, row, events, at.events)
            at.lived = False
            at.month = months if len(failed) > 0 and failed[row] >= 0 else month + 1
        at.row, at.month = row + 1, 0
    return True


def live(
    world: World, parts: int = _WHOLE, months: int = 1, values: np.ndarray = _NO_VALUES, labs: np.ndarray = _NO_LABS,
    failed: np.ndarray | None = None,
) -> None:
    """Let every run live through parts of the next months, and keep what they tell in the world's log."""
    if not len(values):
        parts &= ~_MEASURE  # there is nowhere to write what is measured
    progress = np.zeros(1, _PROGRESS)
    events = np.zeros(_ROOM_FOR_EVENTS if months > 1 else 64 * world.rows + 1024, RECORD)
    none = np.empty(0, np.int64)
    words = world.state.view(np.uint64).reshape(world.rows, -1)
    done = False
    while not done:
        done = _live(world.state, words, world.settings, progress, world.month, months, parts, values, labs,
                     none if failed is None else failed, events, world.seen)
        world.log.extend(events[:progress["events"][0]].copy())
        progress["events"] = 0


# ---- stages as users see them --------------------------------------------------------------------------------------
def politics(world: World, luck: Luck) -> None:  # noqa: ARG001 - a stage takes the world and its luck
    """What is dated happens; nations read the race, withhold chips and metals, keep or break treaties."""
    live(world, model.POLITICS)


def rules(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Labs take stock and lobby; regulators draft, bind, audit, fine and license."""
    live(world, model.RULES)


def race(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Labs choose how careful to be, plan their growth, get chips, train, and release."""
    live(world, model.RACE)


def market(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Customers choose; harm is done; bills are paid; investors value labs and fill rounds."""
    live(world, model.MARKET)


def quarrels(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Founders attack, leave and found rivals; suits are filed, heard and settled; conversions are reviewed."""
    live(world, model.QUARRELS)


def comings_and_goings(world: World, luck: Luck) -> None:  # noqa: ARG001
    """Labs are bid for, fail, are founded and enter."""
    live(world, model.COMINGS_AND_GOINGS)


STAGES: tuple[Stage, ...] = (politics, rules, race, market, quarrels, comings_and_goings)


def live_one_month(world: World, stages: Sequence[Stage] = STAGES) -> None:
    """Let the world live through month `world.month`, stage by stage."""
    if world.seen.shape[1] and world.month:
        measure(world, np.empty((world.rows, len(NAMES))))  # as triggers see the month before
    world.begin_month()
    if tuple(stages) == STAGES:
        live(world, _BEGIN | _DECIDE | (_BEGIN - 1))
        return
    live(world, _DECIDE)
    for stage in stages:
        stage(world, world.luck)


def live_all(world: World, values: np.ndarray, labs: np.ndarray | None = None) -> np.ndarray:
    """Let every run live all its months by the model's own stages.

    Returns the month in which each failed, -1 for none: (rows,). `values` (rows, months, outcomes) is filled, and
    `labs` (quantities, rows, months, labs) if it is given.
    """
    failed = np.full(world.rows, -1)
    live(world, _WHOLE, values.shape[1], values, _NO_LABS if labs is None else labs, failed)
    return failed


def measure(world: World, out: np.ndarray) -> None:
    """Write this month's outcomes into `out` (rows, outcomes), in the order of `OUTCOMES`."""
    # A table of one month by itself: for a part of another, which has gaps, all rules would be compiled once more.
    measured = np.empty((len(out), 1, out.shape[1]))
    live(world, _MEASURE, values=measured)
    out[:] = measured[:, 0]
