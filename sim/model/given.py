"""What a run is given and does not change: parameters, levers, constants of the start, keys of luck, what is dated.

A rule reads it as `given.p.algorithm_growth`, `given.policy.trade.enforcement`, `given.policy.regulation.strictness[k]`
of regulator k, `given.start.blocs[n]` of nation n. Each run has a record of its own, so that no rule asks whether the
runs of a batch differ.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import types

from sim.model.asked import DatedEvent
from sim.model.channels import CHANNELS
from sim.model.luck import channel_key
from sim.model.naming import lab_names
from sim.model.parameters import JURISDICTIONS, event_kinds, levers, parameters
from sim.model.policies import Plans
from sim.model.rule import borrowed, inlined
from sim.model.state import NATIONS, NOBODY, REGULATORS

if TYPE_CHECKING:
    from sim.model.world import World


def _policy_record() -> np.dtype:
    sections: dict[str, list[Any]] = {}
    for path, lever in levers().items():
        section, key = path.split(".")
        width = (len(JURISDICTIONS),) if lever.per == "jurisdiction" else ()
        sections.setdefault(section, []).append((key, "f8", width))
    return np.dtype([(section, np.dtype(keys)) for section, keys in sections.items()], align=True)


PARAMETERS = np.dtype([(name, "f8") for name in parameters()], align=True)
POLICY = _policy_record()
START = np.dtype([
    ("reference_market_usd_bn", "f8"), ("reference_revenue_usd_bn", "f8"), ("reference_chips_h100e", "f8"),
    ("past_frontier_growth", "f8"), ("sentiment", "f8"), ("pool_capacity_per_month", "f8"), ("chip_price_usd", "f8"),
    ("capacity_on_order", "f8"), ("past_market_growth", "f8"),
    ("named_labs", "i8"),
    ("blocs", "i8", (len(NATIONS),)), ("served", "i8", (len(REGULATORS),)),
    ("reach_by_nation", "f8", (len(REGULATORS), len(NATIONS))),
    ("susceptibility", "f8", (len(REGULATORS),)), ("rulemaking_months", "f8", (len(REGULATORS),)),
    ("lets_sue", "u1", (len(NATIONS),)),
], align=True)
"""Constants of a start file, by the names that `World` gives them; `named_labs` slots have names of their own."""
SETTING = np.dtype([("p", PARAMETERS), ("policy", POLICY), ("start", START)], align=True)
_NUMBERS, _LEVERS = SETTING.itemsize // 8, POLICY.itemsize // 8
_FIRST_LEVER = dict(SETTING.fields or {})["policy"][1] // 8
DATED_KINDS = tuple(event_kinds())
DATED = np.dtype([("month", "i8"), ("kind", "i8"), ("actor", "i8"), ("severity", "f8")], align=True)
"""What a scenario dates: its month, its kind as a place in `DATED_KINDS`, whom it names by slot, how severe it is."""


class Given(NamedTuple):
    """What a rule is given beside its run: records `p`, `policy` and `start`, and arrays that belong to the run.

    `keys` (channels, 2) are the keys of luck, `dated` (n,) what its scenario dates, `changed` (n,) its changed draws.
    """

    p: Any
    policy: Any
    start: Any
    keys: Any
    dated: Any
    changed: Any


class Settings(NamedTuple):
    """What the runs of a batch are given, as compiled entries take it.

    `of_run` (rows,) has each run's record. What is dated for run r stands in `dated` from `dated_from[r]` to
    `dated_from[r + 1]`, its changed draws in `changed` from `changed_from[r]` to `changed_from[r + 1]`.
    `numbers` (rows * numbers of a record,) is the same memory as `of_run`, for policy to be written when it changes:
    `levers_of` a run is a part of it. `scheduled` (rows, places) is what levers are by schedule alone, in the order of
    `sim.model.policies.PLACES`; `plans` what changes them.
    """

    of_run: np.ndarray
    keys: np.ndarray
    dated: np.ndarray
    dated_from: np.ndarray
    changed: np.ndarray
    changed_from: np.ndarray
    numbers: np.ndarray
    scheduled: np.ndarray
    plans: Plans


def _short_names() -> None:
    """Let compiled names of rules say `Given` rather than list every field of its records, some 20 kB for each name."""
    named_tuple: Any = types.NamedTuple
    long = named_tuple.mangling_args

    def name(named: Any) -> tuple[str, Any]:
        ours = named.instance_class in (Given, Settings, Plans)
        return (named.instance_class.__name__, named.types) if ours else long.fget(named)

    named_tuple.mangling_args = property(name)


_short_names()


@inlined
def given_of(settings: Any, row: int) -> Given:
    """What the rules of one run are given; `settings` have to outlive it."""
    record = settings.of_run[row]
    return Given(
        record.p, record.policy, record.start, borrowed(settings.keys),
        borrowed(settings.dated[settings.dated_from[row]:settings.dated_from[row + 1]]),
        borrowed(settings.changed[settings.changed_from[row]:settings.changed_from[row + 1]]),
    )


@inlined
def levers_of(settings: Any, row: int) -> Any:
    """One run's levers (places,), to be read and written; flat, so that one run and many are of one type."""
    first = row * _NUMBERS + _FIRST_LEVER
    return settings.numbers[first:first + _LEVERS]


def settings_of(world: World) -> Settings:
    """The settings of a world's runs, from its parameters, levers, start, luck and dated events."""
    of_run = np.zeros(world.rows, SETTING)
    _fill(of_run["p"], world.p)
    for section in POLICY.names or ():
        _fill(of_run["policy"][section], getattr(world.policy, section))
    for name in START.names or ():
        of_run["start"][name] = (len(world.start["lab"]) if name == "named_labs"
                                 else world.start[name] if name in world.start else getattr(world, name))
    keys = np.array([channel_key(world.luck.seed, channel) for channel in CHANNELS])
    numbers = np.frombuffer(of_run, "f8")
    scheduled = numbers.reshape(world.rows, _NUMBERS)[:, _FIRST_LEVER:_FIRST_LEVER + _LEVERS].copy()
    return Settings(of_run, keys, *_dated(world), *world.luck.changed_draws(world.months), numbers, scheduled,
                    world.plans)


def _fill(records: np.ndarray, values: SimpleNamespace) -> None:
    for name in records.dtype.names or ():
        value = getattr(values, name)
        records[name] = value[:, 0] if isinstance(value, np.ndarray) and records[name].ndim == 1 else value


def _dated(world: World) -> tuple[np.ndarray, np.ndarray]:
    """What is dated for each run, run after run, and where each run's begins (rows + 1,)."""
    of_row = np.array([rows for rows, _ in world.dated_events]).reshape(len(world.dated_events), world.rows)
    events = np.array([(event.month, DATED_KINDS.index(event.kind), _slot_named(event, world.start["start"]),
                        event.severity) for _, event in world.dated_events], DATED)
    row, which = np.nonzero(of_row.T)
    return events[which], np.searchsorted(row, np.arange(world.rows + 1))


def _slot_named(event: DatedEvent, start: str) -> int:
    """The slot of whom a dated event names, NOBODY if it names none."""
    if not event.actor:
        return NOBODY
    names = {"lab": lab_names(start), "nation": list(NATIONS), "jurisdiction": list(REGULATORS)}
    return names[event_kinds()[event.kind].actor].index(event.actor)
