"""What the model is asked: a scenario as far as the world that is built from it needs to know one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

FORESEEN = ("regulation.licensing_above", "capital.conversion_allowed", "capital.investor_pool", "trade.chip_controls")
"""The levers that somebody looks ahead to once a change is announced: the slots of a run's `announced`."""


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """Something that happens anyway: `month` counts from 0 at the start, `severity` is from 0 to 1."""

    month: int
    date: str
    kind: str
    severity: float
    actor: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A policy that is decided already: from `month` on (0 is the start) `levers`, by dotted key, have these values.

    They move there in equal steps over `over_months`, at once where that is 0, and are what they would be without the
    change from `until` on, None for ever. From `announced` on, None for never, it is known what is coming.
    """

    name: str
    month: int
    date: str
    levers: Mapping[str, Any]
    over_months: int = 0
    until: int | None = None
    until_date: str | None = None
    announced: int | None = None
    announced_date: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a trigger watches: an outcome as a reader of the report sees it, `above` or `below` a threshold.

    A flow is its total so far; `over_months` looks at the last so many months alone, a flow's total over them, the
    mean of a level. `until` is the threshold at which it no longer holds, once it has: on the same side, or the other.
    """

    outcome: str
    threshold: float
    above: bool
    over_months: int = 0
    until: float | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A policy that is decided for the case that something happens: `levers` have these values while it is in force.

    It comes into force `delay_months` after its conditions, all of them or any, have held for `for_months` in a row, as
    far as is known: figures of a month are known `reporting_lag_months` after its end. It stays in force, or ends once
    the conditions no longer hold by their `until`.
    """

    name: str
    conditions: tuple[Condition, ...]
    levers: Mapping[str, Any]
    every: bool = True
    for_months: int = 1
    delay_months: int = 0
    reporting_lag_months: int = 0

    @property
    def ends(self) -> bool:
        """Whether it ends once its conditions no longer hold."""
        return any(condition.until is not None for condition in self.conditions)


class ScenarioLike(Protocol):
    """A scenario: `sim.Scenario` is one. Its fields mean what they mean there."""

    @property
    def start(self) -> str: ...
    @property
    def anonymous(self) -> bool: ...
    @property
    def levers(self) -> Mapping[str, Any]: ...
    @property
    def agents(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]: ...
    @property
    def events(self) -> Sequence[DatedEvent]: ...
    @property
    def changes(self) -> Sequence[Change]: ...
    @property
    def whens(self) -> Sequence[When]: ...
    @property
    def uncertainty(self) -> Mapping[str, Any]: ...
