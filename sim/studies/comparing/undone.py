"""Differences between two scenarios taken back one at a time: which line of a file makes a difference in outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.scenario.in_time import told

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Undone:
    """A scenario with one thing as the baseline has it: `key` names it, with both values; None where there is none."""

    key: str
    baseline: Any
    other: Any
    scenario: Scenario


def undone(baseline: Scenario, other: Scenario) -> list[Undone]:
    """The other scenario, with each lever, policy in time, parameter and dated event in turn, as the baseline has it.

    The agents come last, all at once.

    Jurisdictions' own values of a lever are taken back with the general one.
    """
    return [*_levers(baseline, other), *_policies(baseline, other), *_parameters(baseline, other),
            *_events(baseline, other), *_agents(baseline, other)]


def _levers(baseline: Scenario, other: Scenario) -> Iterator[Undone]:
    groups: dict[str, list[str]] = {}
    for path, value in other.levers.items():
        if baseline.levers[path] != value:
            section, *_, name = path.split(".")
            groups.setdefault(f"{section}.{name}", []).append(path)
    for key, paths in groups.items():
        shown = key if key in paths else paths[0]
        levers = {**other.levers, **{path: baseline.levers[path] for path in paths}}
        yield Undone(shown, baseline.levers[shown], other.levers[shown], replace(other, levers=levers))


def _policies(baseline: Scenario, other: Scenario) -> Iterator[Undone]:
    """Scheduled and triggered policies, one by one; those of one name stand for each other."""
    for kind, field in (("change", "changes"), ("trigger", "whens")):
        ours, theirs = ({policy.name: policy for policy in getattr(each, field)} for each in (baseline, other))
        for name in dict.fromkeys([*theirs, *ours]):
            if ours.get(name) != theirs.get(name):
                back = {key: policy for key, policy in theirs.items() if key != name}
                if name in ours:
                    back[name] = ours[name]
                before, now = (None if each is None else told(each) for each in (ours.get(name), theirs.get(name)))
                yield Undone(f"{kind} “{name}”", before, now, _with(other, field, tuple(back.values())))


def _with(scenario: Scenario, field: str, policies: tuple[Any, ...]) -> Scenario:
    return replace(scenario, changes=policies) if field == "changes" else replace(scenario, whens=policies)


def _parameters(baseline: Scenario, other: Scenario) -> Iterator[Undone]:
    ours, theirs = baseline.uncertainty, other.uncertainty
    for name in dict.fromkeys([*theirs, *ours]):
        if ours.get(name) != theirs.get(name):
            back = {key: value for key, value in theirs.items() if key != name}
            if name in ours:
                back[name] = ours[name]
            yield Undone(f"uncertainty.{name}", ours.get(name), theirs.get(name), replace(other, uncertainty=back))


def _events(baseline: Scenario, other: Scenario) -> Iterator[Undone]:
    for event in other.events:
        if event not in baseline.events:
            without = tuple(each for each in other.events if each is not event)
            yield Undone(f"event {event.kind}, {event.date}", None, event.severity, replace(other, events=without))
    for event in baseline.events:
        if event not in other.events:
            yield Undone(f"event {event.kind}, {event.date}", event.severity, None,
                         replace(other, events=(*other.events, event)))


def _agents(baseline: Scenario, other: Scenario) -> Iterator[Undone]:
    if baseline.agents != other.agents:
        yield Undone("agents", None, None, replace(other, agents=baseline.agents))
