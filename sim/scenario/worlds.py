"""Worlds: scenarios that say what the world is like and decide nothing; and policies, each set into a world.

A world holds beliefs about parameters, rival theories, traits of agents, and levers of conduct that no policy beside it
sets. When and how long is the policies' to say, and so are dated events and whatever begins or waits in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.common.text import inside
from sim.model.parameters import JURISDICTIONS, show
from sim.scenario.beyond import KEY
from sim.scenario.errors import Place, Problem, ScenarioError
from sim.scenario.files import read_chain
from sim.scenario.scenario import Scenario
from sim.scenario.schema import DEFAULT_MONTHS, DEFAULT_START
from sim.scenario.sources import Merged, add_layer, split_key

_LONGEST = 97  # characters of either in the title of both, which may have 200


def in_worlds(policies: Sequence[Scenario], worlds: Sequence[Scenario]) -> list[Scenario]:
    """Every policy in every world, all policies of the first world first, titled "Strict rules, in slow progress".

    ScenarioError, with every place, for a world that decides something, and for a key that a policy and a world set to
    different values.
    """
    problems = [problem for world in worlds for problem in _that_decide(world)]
    problems += [problem for world in worlds for policy in policies for problem in _set_by_both(policy, world)]
    if problems:
        raise ScenarioError({(each.code, each.message, each.note): each for each in problems}.values())
    return [_in_world(policy, world) for world in worlds for policy in policies]


def settings(scenario: Scenario) -> dict[str, Any]:
    """What a scenario sets that is neither its title nor in time, by dotted key."""
    return {**scenario.set_levers,
            **{f"{group}.{name}.{attribute}": value for group, named in scenario.agents.items()
               for name, values in named.items() for attribute, value in values.items()},
            **{f"uncertainty.{name}": value for name, value in scenario.uncertainty.items()}}


def _in_world(policy: Scenario, world: Scenario) -> Scenario:
    switches = {key: True for key, on in ((KEY, world.beyond_range), ("anonymous", world.anonymous)) if on}
    return policy.with_({**settings(world), **switches}, title=title_in(policy.title, world.title))


def title_in(policy: str, world: str) -> str:
    """The title of a policy in a world: "Strict rules, in slow progress"; long ones are cut to what a title may be."""
    cut = (title if len(title) <= _LONGEST else f"{title[:_LONGEST - 1]}…" for title in (policy, inside(world)))
    return ", in ".join(cut)


def _that_decide(world: Scenario) -> Iterator[Problem]:
    """What a world may not hold: dated events, policies in time, a start or a length of its own."""
    place = Place(world.source or world.title)
    found = {"dated events": world.events, "scheduled changes": world.changes, "triggers": world.whens,
             f"a start of its own, {world.start}": world.start != DEFAULT_START,
             f"a length of its own, {world.months} months": world.months != DEFAULT_MONTHS}
    for what, there in found.items():
        if there:
            yield Problem("S112", f"the world “{world.title}” holds {what}", place,
                          "a world says what the world is like; what happens when is the policies' to say",
                          "move it into the policies, or compare without --worlds")


def _set_by_both(policy: Scenario, world: Scenario) -> Iterator[Problem]:
    """Keys that policy and world set to different values: neither could be said to hold."""
    decided = _decided(policy)
    for key, value in settings(world).items():
        for other, given in decided:
            if _overlap(key, other) and given != value:
                note = f"“{policy.title}” sets {other} to {_told(given)}, {_where(policy, other)}"
                yield Problem("S112", f"`{key}` is set by a world and by a policy", _place(world, key), note,
                              "take it out of one of them: a world says what policies leave open")


def _decided(policy: Scenario) -> list[tuple[str, Any]]:
    """What a policy sets, now or in time, by dotted key."""
    in_time = [each.levers for each in policy.changes] + [each.levers for each in policy.whens]
    return [pair for given in (settings(policy), *in_time) for pair in given.items()]


def _overlap(key: str, other: str) -> bool:
    """Whether both set one thing: the same key, or one for a jurisdiction and the other for all."""
    return key == other or _general(key) == other or key == _general(other)


def _general(key: str) -> str:
    parts = split_key(key)
    return f"{parts[0]}.{parts[2]}" if len(parts) == 3 and parts[1] in JURISDICTIONS else key


def _told(value: Any) -> str:
    return " to ".join(show(end) for end in value) if isinstance(value, tuple) else show(value)


def _where(scenario: Scenario, key: str) -> str:
    place = _place(scenario, key)
    return f"at {place}" if place.line is not None else f"as {place} has it"


def _place(scenario: Scenario, key: str) -> Place:
    """The line of a scenario's files that sets a key; where none does, as with --set, the scenario itself."""
    merged = Merged()
    if scenario.source is not None:
        for data, source in read_chain(scenario.source).layers:
            add_layer(merged, data, source, complete=False)
    setting = merged.settings.get(split_key(key))
    return Place(scenario.source or scenario.title) if setting is None else setting.place("key")


def keys_told(given: Mapping[str, Any]) -> dict[str, str]:
    """Values by dotted key as text: "0.3", "0.26 to 0.34"."""
    return {key: _told(value) for key, value in given.items()}
