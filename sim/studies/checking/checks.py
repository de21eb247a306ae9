"""Checks that a user can run: one line each, in groups; `airace check` prints them.

`published`: the rules give published results. `identities`: what must add up does, month by month. `directions`: what
policy moves, it moves the way that the model claims. `claims`: what the article's rows move, they move by enough to
matter. `twins`: what should make no difference makes none. `statistics`:
intervals hold their level. `engine`: results depend on what they may depend on. `input`: bad scenarios are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

GROUPS = ("published", "identities", "directions", "claims", "twins", "statistics", "engine", "input")


class Verdict(StrEnum):
    """What a check says of its claim."""

    holds = "pass"
    fails = "fail"
    untold = "cannot tell"  # with so few runs
    void = "does not apply"  # to this scenario
    weak = "weak"  # a row of the article that moves less than it should, told with the reason

    @classmethod
    def of(cls, holds: object) -> Verdict:
        """Pass or fail."""
        return cls.holds if holds else cls.fails


@dataclass(frozen=True)
class Check:
    """One line: what is claimed, what was measured or why it was not, and whether the claim holds."""

    group: str
    name: str
    claim: str
    measured: str
    verdict: Verdict


Checks = Callable[[Sequence["Scenario"], int], Iterator[Check]]


def run_checks(
    scenarios: Sequence[Scenario] = (), runs: int | None = None, only: Sequence[str] = GROUPS
) -> Iterator[Check]:
    """Carry out the groups named in `only`, check by check, on the baseline and on `scenarios`.

    `runs` is the number of runs on which a direction is judged, 64 by default. Raises ValueError for an unknown group.
    """
    if unknown := sorted(set(only) - set(GROUPS)):
        raise ValueError(f"no such group of checks: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    for group in GROUPS:
        if group in only:
            checks: Checks = import_module(f"sim.studies.checking.{group}").checks
            yield from checks(scenarios, runs or 64)
