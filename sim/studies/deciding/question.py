"""A question to `airace advise`: who chooses, what may move, what is aimed at, and over which beliefs.

A policy is a place among the levels of each axis, `places` (axes,). Its scenario is the base with the question's own
tables, each range in them replaced by one of its levels; a change or a trigger that a policy does without is left out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sim.model.parameters import JURISDICTIONS, Value, levers
from sim.scenario.scenario import Scenario
from sim.scenario.schema import IN_TIME, Loc, levers_in_time
from sim.scenario.sources import split_key

Better = Literal["lower", "higher"]
Tables = dict[str, Any]
OFF = "off"
TODAY, HANDS_OFF = "Today's policy", "Hands off"

US, CHINA = frozenset({"us"}), frozenset({"china"})
BOTH = US | CHINA
WHOSE: Mapping[str, frozenset[str]] = {
    "trade.chip_controls": US, "trade.control_reflex": US, "trade.enforcement": US,
    "trade.mineral_retaliation": CHINA, "trade.import_refusal": CHINA,
    "subsidy.us_usd_bn_per_year": US, "subsidy.china_usd_bn_per_year": CHINA, "industry.defence_contracts": US,
    "diplomacy.us_china_cooperation": BOTH, "diplomacy.treaty_verification": BOTH, "diplomacy.gap_reaction": BOTH,
    "capital.conversion_allowed": US,
}
"""Levers that are policy and not a jurisdiction's own rules, with those who have to agree to move them."""
LAWMAKERS = frozenset({"us", "eu", "china"})
"""Who has to agree on what holds everywhere."""
NIL: Mapping[str, float] = {"regulation.licensing_above": 1.01}
"""What doing nothing means where it is not 0."""
KEPT = ("exempt_below_flop", "exempt_below_revenue_usd_bn", "capture", "adaptivity", "treaty_verification")
"""Levers, by name, at which nobody does anything: without the rules that they shape they mean nothing."""


def owners(key: str) -> frozenset[str] | None:
    """Who has to agree to move a lever, by dotted key; None where it is nobody's policy but how others behave."""
    parts = split_key(key)
    if parts[0] == "regulation":
        return frozenset({parts[1]}) if len(parts) == 3 and parts[1] in JURISDICTIONS else LAWMAKERS
    return WHOSE.get(key)


@dataclass(frozen=True)
class Axis:
    """One thing that may move: `loc`, where it stands in the question's tables, and its levels in order."""

    loc: Loc
    levels: tuple[Value, ...]

    @property
    def lever(self) -> str:
        """The lever by dotted key, "" for a date, a threshold or a number of months."""
        if self.loc[0] in IN_TIME:
            return str(self.loc[2]) if self.loc[2] in levers_in_time() else ""
        return ".".join(map(str, self.loc))


@dataclass(frozen=True)
class Aim:
    """One objective: an outcome, and which way it is better."""

    outcome: str
    better: Better

    @property
    def sign(self) -> float:
        """What turns the outcome into a cost: less is better."""
        return 1.0 if self.better == "lower" else -1.0


@dataclass(frozen=True)
class Limit:
    """What has to hold: an outcome of a threshold at least, or at most, on average or in a share of the futures.

    `in_share` is that share, None for the average. `than_today`: the threshold is of the difference to today's policy
    on the same luck.
    """

    outcome: str
    at_least: bool
    threshold: float
    in_share: float | None = None
    than_today: bool = False

    def excess(self, values: np.ndarray, today: np.ndarray) -> np.ndarray:
        """By how much it is broken, above 0, of the outcome's `values` (..., futures) and `today`'s (futures,)."""
        found = values - (today if self.than_today else 0.0) - self.threshold
        return np.asarray(-found if self.at_least else found)


@dataclass(frozen=True)
class Policy:
    """A choice: its name, what it sets in tables of a scenario file, and its places among the levels, if it has any."""

    name: str
    tables: Tables
    places: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Question:
    """What is asked. `base` is today's policy; `grounds` hold it in each world, with what is believed there.

    `tables` are the question's own, with the axes' ranges replaced by their first levels; `title`, `asks` and
    `look_for` say what it is about, `worlds` what each ground is called: without worlds there is one, "".
    """

    title: str
    asks: str
    look_for: str
    who: tuple[str, ...]
    base: Scenario
    grounds: tuple[Scenario, ...]
    worlds: tuple[str, ...]
    tables: Tables
    axes: tuple[Axis, ...]
    aims: tuple[Aim, ...]
    limits: tuple[Limit, ...]
    uncertainty: str
    months: int

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes that have to be known: of the aims, then of the limits."""
        return tuple(dict.fromkeys([*(aim.outcome for aim in self.aims), *(limit.outcome for limit in self.limits)]))

    @property
    def triggers(self) -> tuple[str, ...]:
        """Names of the question's own triggers."""
        return tuple(entry["name"] for entry in self.tables.get("when", ()))

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many levels each axis has."""
        return tuple(len(axis.levels) for axis in self.axes)

    # ---- policies ----------------------------------------------------------------------------------------------
    def canonical(self, places: Sequence[int]) -> tuple[int, ...]:
        """The same policy by its first description: of what is off nothing else counts."""
        off = {axis.loc[:2] for axis, place in zip(self.axes, places, strict=True)
               if axis.loc[-1] == OFF and axis.levels[place] is True}
        return tuple(int(place) if axis.loc[:2] not in off or axis.loc[-1] == OFF else 0
                     for axis, place in zip(self.axes, places, strict=True))

    def policy(self, places: Sequence[int], name: str = "") -> Policy:
        """The policy at these places among the levels."""
        tables = copy.deepcopy(self.tables)
        for axis, place in zip(self.axes, places, strict=True):
            put(tables, axis.loc, axis.levels[place])
        return Policy(name, without_off(tables), self.canonical(places))

    def today(self) -> Policy:
        """The base as it is."""
        return Policy(TODAY, {})

    def hands_off(self) -> Policy:
        """Doing nothing: each lever that may move at nil."""
        moved = [axis.lever for axis in self.axes if axis.lever]
        moved += [key for group in IN_TIME for entry in self.tables.get(group, ()) for key in entry
                  if key in levers_in_time()]
        return Policy(HANDS_OFF, {key: NIL.get(key, 0.0) for key in dict.fromkeys(moved) if _has_nil(key)})

    def scenarios(self, policy: Policy) -> list[Scenario]:
        """A policy in each world; ScenarioError where what it sets contradicts itself or the base."""
        return [ground.with_(policy.tables, title=policy.name or "Candidate") for ground in self.grounds]

    def scenario(self, policy: Policy, title: str) -> Scenario:
        """A policy on its own, as a scenario to compare: in no world, theories as the base has them."""
        return self.base.with_(policy.tables, title=title)

    # ---- as plain tables ---------------------------------------------------------------------------------------
    def resolved(self) -> dict[str, Any]:
        """All of it as JSON would hold it, from which `from_resolved` makes the same question."""
        return {
            "title": self.title, "asks": self.asks, "look_for": self.look_for, "who": list(self.who),
            "base": self.base.resolved(),
            "grounds": [ground.resolved() for ground in self.grounds], "worlds": list(self.worlds),
            "tables": self.tables, "axes": [{"loc": list(axis.loc), "levels": list(axis.levels)} for axis in self.axes],
            "aims": [[aim.outcome, aim.better] for aim in self.aims],
            "limits": [list(limit.__dict__.values()) for limit in self.limits],
            "uncertainty": self.uncertainty, "months": self.months,
        }

    @classmethod
    def from_resolved(cls, told: Mapping[str, Any]) -> Question:
        """The question that `resolved()` described."""
        return cls(
            told["title"], told["asks"], told["look_for"], tuple(told["who"]),
            Scenario.from_resolved(told["base"]), tuple(map(Scenario.from_resolved, told["grounds"])),
            tuple(told["worlds"]), told["tables"],
            tuple(Axis(tuple(axis["loc"]), tuple(axis["levels"])) for axis in told["axes"]),
            tuple(Aim(*aim) for aim in told["aims"]), tuple(Limit(*limit) for limit in told["limits"]),
            told["uncertainty"], told["months"])


def _has_nil(key: str) -> bool:
    parts = split_key(key)
    known = levers().get(key) or levers().get(f"{parts[0]}.{parts[-1]}")
    return known is not None and known.type == "number" and parts[-1] not in KEPT


def said(policy: Policy) -> list[tuple[str, Any]]:
    """The levers that a policy sets from the start, by dotted key, with their values."""
    def leaves(tables: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        for key, value in tables.items():
            found += leaves(value, f"{before}{key}.") if isinstance(value, Mapping) else [(before + key, value)]
        return found

    return leaves({key: value for key, value in policy.tables.items() if key not in IN_TIME})


def put(tables: Any, loc: Loc, value: Any) -> None:
    """Set what stands at `loc`, in place."""
    for part in loc[:-1]:
        tables = tables[part]
    tables[loc[-1]] = value


def without_off(tables: Tables) -> Tables:
    """Tables without the changes and triggers that are off, and without the word itself."""
    for group in IN_TIME:
        if group in tables:
            tables[group] = [{key: value for key, value in entry.items() if key != OFF} for entry in tables[group]
                             if not entry.get(OFF, False)]
            if not tables[group]:
                del tables[group]
    return tables
