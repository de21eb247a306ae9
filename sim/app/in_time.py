"""Policies in time as the cockpit holds them: what a form or a link may say of one, and what is wrong with it in words.

A policy has a group and a name, ("change", "subsidy"), and a table as a file has it. What a view decides goes over the
policies of the scenario that it starts from, as a file goes over the one that it extends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from sim.app.levers import grouped, shown_in_link
from sim.app.timeline import pictures
from sim.engine.labels import month_dates
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import Value
from sim.report.words.names import opening
from sim.scenario.errors import Problem
from sim.scenario.in_time import table_of_change, table_of_when, told
from sim.scenario.scenario import Scenario, ScenarioError
from sim.scenario.schema import IN_TIME, MAX_CHANGES, MAX_MONTHS, MAX_NAME, MAX_WHENS, levers_in_time
from sim.scenario.sources import split_key

Key = tuple[str, str]
Table = Mapping[str, Any]
Policies = Mapping[Key, Table]
Texts = Mapping[str, str]

OFF: Table = MappingProxyType({"off": True})
"""The table of a policy that the start has and that is taken back."""
MOST = {"change": MAX_CHANGES, "when": MAX_WHENS}
KINDS = {"change": "change", "when": "trigger"}
_SEVERAL = ("all", "any")
_CONDITION = ("outcome", "above", "below", "over_months", "until_below", "until_above")
_PART = re.compile(r"(all|any)\.([1-9][0-9]?)\.([a-z_]+)")
"""A key of one of several conditions, as a form and a link write it: `any.2.above`."""
_INDEX = re.compile(r"\b(change|when)\[(\d+)\]")
_IN_LIST = re.compile(r"^(all|any)\[(\d+)\]\.")
_NUMBER = re.compile(r"[-+]?[0-9]{1,9}")

SENTENCES: tuple[tuple[str, Table], ...] = (
    ("after a severe incident", {"outcome": "severe_incidents", "above": 0}),
    ("for as long as there was a severe incident in the last three years",
     {"outcome": "severe_incidents", "above": 0, "over_months": 36, "until_below": 0.5}),
    ("when China's lag falls under six months, until it is above nine",
     {"outcome": "us_china_lag_months", "below": 6, "over_months": 6, "until_above": 9}),
    ("while China withholds more than a third of its metals",
     {"outcome": "retaliation", "above": 0.35, "until_below": 0.25, "for_months": 2}),
    ("while the US withholds more than half of its chips from China",
     {"outcome": "export_control", "above": 0.5, "until_below": 0.4, "for_months": 2}),
    ("while the largest seller has more than half of the market",
     {"outcome": "leader_share", "above": 0.5, "until_below": 0.45, "for_months": 3}),
    ("while chips hold back more than half of frontier compute",
     {"outcome": "short_of_chips", "above": 0.5, "until_below": 0.4, "for_months": 3}),
    ("when more than half of frontier compute is under state control", {"outcome": "state_control", "above": 0.5}),
    ("while a US-China treaty is in force", {"outcome": "treaty_in_force", "above": 0.5, "until_below": 0.5}),
)
"""What a trigger may wait for, in words that a visitor chooses from; every number can be changed then."""


class FormError(ValueError):
    """A policy is refused: `wrong` has a sentence by the key of its table, "" for what no single key shows."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        self.wrong = dict(wrong)
        super().__init__("; ".join(self.wrong.values()))


# ---- policies and scenarios ------------------------------------------------------------------------------------------
def tables_of(scenario: Scenario) -> dict[Key, Table]:
    """A scenario's policies as tables without their names, changes first, in the order of the file."""
    tables = {("change", each.name): table_of_change(each) for each in scenario.changes}
    tables |= {("when", each.name): table_of_when(each) for each in scenario.whens}
    return {key: {name: value for name, value in table.items() if name != "name"} for key, table in tables.items()}


def scenario_of(start: Scenario, levers: Mapping[str, Value], policies: Policies, title: str | None = None) -> Scenario:
    """The start with levers moved and policies decided; ScenarioError if they cannot be, ValueError if too many are."""
    given: dict[str, Any] = {group: [{"name": name, **table} for (each, name), table in policies.items()
                                     if each == group] for group in IN_TIME}
    found = start.with_({**levers, **{group: tables for group, tables in given.items() if tables}}, title=title)
    for group, kind, policies_there in (("change", "changes", found.changes), ("when", "triggers", found.whens)):
        if len(policies_there) > MOST[group]:
            raise ValueError(f"there are too many {kind}: a scenario holds at most {MOST[group]} {kind}")
    return found


def decided(start: Scenario, policies: Policies) -> dict[Key, Table]:
    """The policies that say something: in the scenario's own words, without those that the start has anyway."""
    before, whole = tables_of(start), tables_of(scenario_of(start, {}, policies))
    return {key: whole.get(key, OFF) for key in policies if whole.get(key) != before.get(key)}


# ---- what a form or a link says --------------------------------------------------------------------------------------
def policy_key(name: str) -> tuple[Key, str] | None:
    """The policy and the key of its table that `change.NAME.KEY` in a link means; None for another name, ValueError
    for one that lacks a part."""
    parts = split_key(name)
    if parts[0] not in IN_TIME:
        return None
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{name[:80]!r} is no key of a policy, as in {parts[0]}.NAME.regulation.strictness")
    return (parts[0], parts[1]), parts[2]


def read_table(before: Table, texts: Texts) -> Table:
    """A policy's table from texts by key over what stood there before; an empty text takes a key away.

    A condition among several is told by its number: `any.2.above`, or `all.1.outcome`.
    """
    for key in texts:
        if key in ("name", *_SEVERAL):
            raise FormError({key: f"`{key}` can be written in a file, not here"})
    texts_there = {**{key: text for key, text in _texts(before).items() if key not in texts},
                   **{key: text for key, text in texts.items() if text != ""}}
    if texts_there.get("off") == "true":
        return OFF
    table: dict[str, Any] = {key: _value(key, text) for key, text in texts_there.items() if not _PART.fullmatch(key)}
    conditions: dict[str, dict[int, dict[str, Any]]] = {}
    for found, text in ((_PART.fullmatch(key), text) for key, text in texts_there.items()):
        if found is not None:
            conditions.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = _value(found[3], text)
    return {**{how: [numbered[number] for number in sorted(numbered)] for how, numbered in conditions.items()}, **table}


def _value(key: str, text: str) -> Any:
    """A text as a value of its kind; one that is of no kind stays a text, for the scenario to refuse."""
    lever = levers_in_time().get(key)
    if key in ("date", "until", "announced", "outcome") or (lever is not None and lever.type == "choice"):
        return text
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


def in_link(start: Scenario, policies: Policies, prefix: str = "") -> dict[str, str]:
    """The keys and values by which a link tells policies: where the start has one of the name, what differs from it."""
    before, found = tables_of(start), dict[str, str]()
    for (group, name), table in policies.items():
        usual, texts = _texts(before.get((group, name), {})), _texts(table)
        differs = {key: text for key, text in texts.items() if usual.get(key) != text}
        gone = {} if table == OFF else {key: "" for key in usual if key not in texts}
        found |= {f"{prefix}{group}.{name}.{key}": text for key, text in {**differs, **gone}.items()}
    return found


def from_link(start: Scenario, asked: Mapping[Key, Texts]) -> tuple[dict[Key, Table], list[str]]:
    """The policies that a link asks for, and a sentence for each that was refused."""
    taken: dict[Key, Table] = {}
    refused = []
    for key, texts in asked.items():
        try:
            taken = {**taken, key: _read_whole(start, taken, key, texts)}
        except FormError as error:
            refused.append(f"{'.'.join(key)}: {next(iter(error.wrong.values()))}")
    return (decided(start, taken) if taken else {}), refused


def from_form(start: Scenario, policies: Policies, key: Key, texts: Texts, new: bool) -> dict[Key, Table]:
    """The policies with one as a form gives it, by a name of its own where the form gives none; FormError."""
    group, name = key
    present = tables_of(scenario_of(start, {}, policies))
    if new and key in present:
        raise FormError({"name": f"there is a {KINDS[group]} named `{name}` already"})
    if new and not name:
        numbers = (f"{KINDS[group]} {number}" for number in range(1, len(present) + 2))
        name = next(each for each in numbers if (group, each) not in present)
    watched = "outcome" in texts or any(map(_PART.fullmatch, texts))
    kept = {each: value for each, value in present.get((group, name), {}).items() if each in _SEVERAL and not watched}
    table = _checked(start, policies, (group, name), {**kept, **read_table({}, texts)})
    return decided(start, {**policies, (group, name): table})


def without(start: Scenario, policies: Policies, key: Key) -> dict[Key, Table]:
    """The policies with one of them taken back."""
    return decided(start, {**policies, key: OFF})


def _read_whole(start: Scenario, policies: Policies, key: Key, texts: Texts) -> Table:
    before = tables_of(start)
    table = read_table(before.get(key, {}), texts)
    if table == OFF and key not in before:
        raise FormError({"off": f"there is no {KINDS[key[0]]} of this name to take back"})
    return _checked(start, policies, key, table)


def _checked(start: Scenario, policies: Policies, key: Key, table: Table) -> Table:
    """The table, if the scenario takes it beside the other policies; FormError says by key what it does not take."""
    given = {**policies, key: table}
    try:
        scenario_of(start, {}, given)
    except ScenarioError as error:
        raise FormError(dict(reversed([_wrong(problem, given, key) for problem in error.problems]))) from None
    except ValueError as error:
        raise FormError({"": str(error)}) from None
    return table


def _wrong(problem: Problem, policies: Policies, key: Key) -> tuple[str, str]:
    """The key of the table that a problem is about, and the problem in a sentence, in the words of a file's check."""
    names = {group: [name for each, name in policies if each == group] for group in IN_TIME}

    def by_name(at: re.Match[str]) -> str:
        name = names[at[1]][int(at[2]) - 1:int(at[2])]
        return f"{at[1]}.{name[0]}" if name else at[0]

    def named(text: str) -> str:
        found = _INDEX.sub(by_name, text)
        return found.replace(f"{'.'.join(key)}.", "").replace(" in quotes", "")  # here nothing stands in quotes

    place = named((problem.place.text or "").partition(" = ")[0]) if problem.place.name == "change" else ""
    place = _IN_LIST.sub(r"\1.\2.", place)
    if problem.code == "S108":  # something is missing: its name stands in the message
        missing = re.search(r"`(\w+)`", problem.message)
        place = missing[1] if missing else ""
    known = place in IN_TIME[key[0]] or place in levers_in_time() or _PART.fullmatch(place) is not None
    said = problem.help if problem.code == "S112" else problem.note
    return (place if known else ""), f"{named(problem.message)}: {named(said)}"


# ---- for the page ----------------------------------------------------------------------------------------------------
@cache
def catalogue() -> dict[str, Any]:
    """What a form offers, which does not change while policies do: levers by section, outcomes, ready sentences."""
    ordered = sorted(OUTCOMES.values(), key=lambda outcome: not outcome.primary)
    return {
        "levers": grouped(levers_in_time()),
        "outcomes": [{"name": each.name, "title": each.title, "unit": each.unit} for each in ordered],
        "sentences": [{"said": said, "texts": _texts(table)} for said, table in SENTENCES],
        "condition": list(_CONDITION), "longestName": MAX_NAME, "mostMonths": MAX_MONTHS,
    }


def on_page(scenario: Scenario, baseline: Scenario) -> dict[str, Any]:
    """What the page shows of the policies of the present scenario and of the baseline."""
    mine = list(_shown(scenario))
    theirs = list(_shown(baseline))
    full = {group: sum(each["group"] == group for each in mine) >= most for group, most in MOST.items()}
    months = month_dates(scenario.start, scenario.months)
    return {"policies": mine, "baseline": {"title": baseline.title, "policies": theirs}, "same": mine == theirs,
            "full": full, "first": months[0], "last": months[-1], "pictures": pictures(scenario, baseline),
            "warnings": list(_warnings(scenario)),
            "values": {path: shown_in_link(scenario.levers[path]) for path in levers_in_time()}}


def _warnings(scenario: Scenario) -> Iterator[str]:
    """What a file's check says of policies that can never come into force, or always do."""
    for warning in scenario.warnings:
        if _INDEX.match(warning.place.text or ""):
            yield f"{opening(warning.message)}: {warning.note}."


def _shown(scenario: Scenario) -> Iterator[dict[str, Any]]:
    tables = tables_of(scenario)
    for group, policies in (("change", scenario.changes), ("when", scenario.whens)):
        for policy in policies:
            texts = _texts(tables[group, policy.name])
            yield {"group": group, "name": policy.name, "told": told(policy), "texts": texts}


def _texts(table: Table) -> dict[str, str]:
    """A table as a form holds it, and as a link writes it."""
    single = {key: shown_in_link(value) for key, value in table.items() if key not in _SEVERAL}
    return single | {f"{how}.{number}.{key}": shown_in_link(value) for how in _SEVERAL
                     for number, condition in enumerate(table.get(how, ()), 1) for key, value in condition.items()}
