"""From a scenario of a study to the cockpit's own link, so that a policy is opened with its levers and is run there."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

from sim.app.in_time import OFF, Key, Table, decided, tables_of
from sim.app.levers import shown_in_link, value_of
from sim.app.view import LARGEST_SEED, LONGEST_QUERY, View, start_scenario
from sim.model.parameters import Value
from sim.scenario.scenario import Scenario
from sim.scenario.shipped import scenario_files

NO_LINK = ("The cockpit cannot open this: beside levers and policies in time the study's base sets what no link holds "
           "(dated events, agents, or ranges of what is not known). Its scenario file runs with airace compare.")
_SAID_OTHERWISE = ("title", "question", "look_for", "months", "levers", "set", "change", "when", "anonymous")


class Link(NamedTuple):
    """A link's query, and how many months the cockpit draws there."""

    query: str
    months: int


def link(scenario: Scenario, before: Scenario, seed: int) -> Link | None:
    """The cockpit's link to a scenario beside `before`; None where no link holds them.

    It begins at the scenario that comes with airace from which the fewest levers and policies lead to `before`, and is
    given only if it opens these very levers, changes and triggers.
    """
    name = nearest(before)
    if name is None:
        return None
    try:
        (levers, policies), (pinned, pinned_policies) = _moved(name, scenario), _moved(name, before)
        view = View(start=name, levers=levers, policies=policies, pinned=pinned, pinned_policies=pinned_policies,
                    seed=min(seed, LARGEST_SEED))
        query = view.query()
        same = _does(view.scenario) == _does(scenario) and _does(view.baseline) == _does(before)
    except (KeyError, ValueError):  # ScenarioError among them: a lever that a link cannot hold
        return None
    return Link(query, start_scenario(name).months) if same and len(query) <= LONGEST_QUERY else None


@lru_cache(maxsize=64)
def nearest(scenario: Scenario) -> str | None:
    """The scenario that comes with airace from which the fewest levers and policies lead to this one; None for none.

    Of those alike the baseline, else the one that is listed first.
    """
    here, found = _apart(scenario), {}
    for name, apart in _shipped().items():
        if apart == here:
            start = start_scenario(name)
            there, wanted = tables_of(start), tables_of(scenario)
            found[name] = sum(value != start.levers[path] for path, value in scenario.levers.items()) + sum(
                there.get(key) != wanted.get(key) for key in {**there, **wanted})
    return min(found, key=lambda name: (found[name], name != "baseline"), default=None)


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    return {name: _apart(start_scenario(name)) for name in scenario_files()}


def _apart(scenario: Scenario) -> dict[str, Any]:
    """What of a scenario no link can change."""
    return {key: value for key, value in scenario.resolved().items() if key not in _SAID_OTHERWISE}


def _moved(name: str, scenario: Scenario) -> tuple[dict[str, Value], dict[Key, Table]]:
    """Levers and policies in time in which a scenario differs from the one of this name; ValueError, KeyError for a
    lever or a value that no link holds."""
    start = start_scenario(name)
    differs = {path: value for path, value in scenario.levers.items() if value != start.levers[path]}
    if any(value_of(path, shown_in_link(value)) != value for path, value in differs.items()):
        raise ValueError("a value is lost when it is written")
    there, here = tables_of(start), tables_of(scenario)
    return differs, decided(start, {**dict.fromkeys(there, OFF), **here}) if there or here else {}


def _does(scenario: Scenario) -> tuple[Any, ...]:
    return dict(scenario.levers), scenario.changes, scenario.whens
