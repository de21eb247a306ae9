"""What the model is asked: a scenario as far as the world that is built from it needs to know one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """Something that happens anyway: `month` counts from 0 at the start, `severity` is from 0 to 1."""

    month: int
    date: str
    kind: str
    severity: float
    actor: str | None = None
    target: str | None = None


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
    def uncertainty(self) -> Mapping[str, Any]: ...
