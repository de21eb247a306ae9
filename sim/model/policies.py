"""Policies that live in time: what is decided already, on a date, and what is decided in case something happens.

A run's levers stand in its settings, where every rule reads them; at the start of a month this step writes what has
changed there. Without changes and triggers nothing is done and no bit moves. Where both say something of a lever a
trigger in force goes before the schedule, and a later trigger of the scenario before an earlier one. What a change
brings may be announced: rules that look ahead read of it in the run's `announced`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.model.asked import FORESEEN
from sim.model.news import EVENT, tell
from sim.model.outcomes import INDEX, OUTCOMES
from sim.model.parameters import JURISDICTIONS, levers
from sim.model.rule import rule
from sim.model.state import CHINA, NOBODY, REGULATORS, US

if TYPE_CHECKING:
    from sim.model.asked import Change, Condition, ScenarioLike, When

STEP = np.dtype([("slot", "i8"), ("value", "f8")], align=True)
"""A lever, as a place in a run's levers, and what it is from a month on."""
TOLD = np.dtype([("kind", "i8"), ("change", "i8")], align=True)
ANNOUNCEMENT = np.dtype([("known", "i8"), ("month", "i8"), ("slot", "i8"), ("value", "f8")], align=True)
"""From which month on it is known what a lever, as a slot of `announced`, will be from `month` on."""
TRIGGER = np.dtype([("every", "u1"), ("ends", "u1"), ("for_months", "i8"), ("delay", "i8"), ("lag", "i8"),
                    ("first_condition", "i8"), ("last_condition", "i8"), ("first_effect", "i8"),
                    ("last_effect", "i8")], align=True)
CONDITION = np.dtype([("outcome", "i8"), ("above", "u1"), ("flow", "u1"), ("most", "u1"), ("over", "i8"),
                      ("threshold", "f8"), ("until", "f8")], align=True)


class Plans(NamedTuple):
    """The policies in time of a batch's scenarios, as compiled rules take them.

    `of_run` (rows,) is the plan of each run, below 0 for none. What plan k changes in month m stands in `steps` from
    `steps_from[k, m]` to `steps_from[k, m + 1]`, what is told of it in `told` likewise; its triggers stand in
    `triggers` from `triggers_from[k]` to `triggers_from[k + 1]`, with `conditions` and `effects` of each; what is
    announced of it in `announced` from `announced_from[k]` on.
    """

    of_run: np.ndarray
    steps: np.ndarray
    steps_from: np.ndarray
    told: np.ndarray
    told_from: np.ndarray
    triggers: np.ndarray
    triggers_from: np.ndarray
    conditions: np.ndarray
    effects: np.ndarray
    announced: np.ndarray
    announced_from: np.ndarray


# ---- a lever's place -----------------------------------------------------------------------------------------------
def _places() -> dict[str, tuple[int, ...]]:
    """The places of each lever in a run's levers, by dotted key: one for each jurisdiction that it is set for."""
    found: dict[str, tuple[int, ...]] = {}
    place = 0
    for path, section in _in_order():
        if section is None:
            found[path], place = (place,), place + 1
            continue
        name, _, key = path.partition(".")
        for jurisdiction in JURISDICTIONS:
            found[f"{name}.{jurisdiction}.{key}"], place = (place,), place + 1
        found[path] = tuple(range(place - len(JURISDICTIONS), place))
    return found


def _in_order() -> list[tuple[str, str | None]]:
    """Levers as a run's record of policy has them: section by section, with whether jurisdictions have their own."""
    sections: dict[str, list[tuple[str, str | None]]] = {}
    for path, lever in levers().items():
        sections.setdefault(path.partition(".")[0], []).append((path, lever.per))
    return [each for members in sections.values() for each in members]


PLACES: Mapping[str, tuple[int, ...]] = _places()
_STRICTNESS = PLACES["regulation.strictness"][0]
_SUBSIDY_US, _SUBSIDY_CHINA = PLACES["subsidy.us_usd_bn_per_year"][0], PLACES["subsidy.china_usd_bn_per_year"][0]


def as_number(path: str, value: Any) -> float:
    """A lever's value as rules read it: choices by their place."""
    section, _, rest = path.partition(".")
    lever = levers()[f"{section}.{rest.rpartition('.')[2]}"]
    return float(lever.choices.index(value)) if lever.choices else float(value)


def values_at(given: Mapping[str, Any]) -> dict[int, float]:
    """What levers by dotted key are at their places; a jurisdiction's own value goes before the general one."""
    general_first = sorted(given.items(), key=lambda each: -len(PLACES[each[0]]))
    return {place: as_number(path, value) for path, value in general_first for place in PLACES[path]}


# ---- from scenarios to plans ---------------------------------------------------------------------------------------
def plans_of(scenarios: Sequence[ScenarioLike], scenario_of_row: np.ndarray, months: int) -> Plans:
    """The plans of scenarios; a scenario without changes and triggers has none."""
    numbers = np.full(len(scenarios), NOBODY)
    steps: list[list[list[tuple[int, float]]]] = []
    told: list[list[list[tuple[int, int]]]] = []
    whens: list[Sequence[When]] = []
    announced: list[list[tuple[int, int, int, float]]] = []
    for place, scenario in enumerate(scenarios):
        if scenario.changes or scenario.whens:
            numbers[place] = len(steps)
            steps.append(_steps(scenario, months))
            told.append(_told(scenario.changes, months))
            whens.append(scenario.whens)
            announced.append(_announced(scenario, months))
    triggers, conditions, effects = _triggers(whens)
    return Plans(
        numbers[scenario_of_row], *_by_month(steps, STEP, months), *_by_month(told, TOLD, months), triggers,
        np.cumsum([0, *map(len, whens)]), conditions, effects,
        np.array([each for plan in announced for each in plan], ANNOUNCEMENT), np.cumsum([0, *map(len, announced)]))


def schedule(scenario: ScenarioLike, months: int) -> dict[int, np.ndarray]:
    """What is scheduled for each place of a run's levers that changes: its value in each month, (months,).

    Of changes that hold in a month the one that began last counts.
    """
    of_place: dict[int, list[tuple[Change, float]]] = {}
    for change in scenario.changes:
        for place, value in values_at(change.levers).items():
            of_place.setdefault(place, []).append((change, value))
    base = {place: as_number(path, scenario.levers[path])
            for path, places in PLACES.items() if len(places) == 1 for place in places if place in of_place}
    return {place: _lived(sorted(changes, key=lambda each: each[0].month), base[place], months)
            for place, changes in of_place.items()}


def _lived(changes: Sequence[tuple[Change, float]], base: float, months: int) -> np.ndarray:
    values = np.full(months, base)
    begun: dict[str, float] = {}
    for month in range(months):
        for change, to in changes:
            if change.month <= month and (change.until is None or month < change.until):
                before = begun.setdefault(change.name, float(values[month - 1]) if month else base)
                share = min((month - change.month + 1) / max(change.over_months, 1), 1.0)
                values[month] = to if share == 1.0 else before + share * (to - before)
    return values


def _steps(scenario: ScenarioLike, months: int) -> list[list[tuple[int, float]]]:
    """By month, each place whose scheduled value is another than a month before, with it."""
    path_of = {places[0]: path for path, places in PLACES.items() if len(places) == 1}
    found: list[list[tuple[int, float]]] = [[] for _ in range(months)]
    for place, values in schedule(scenario, months).items():
        base = as_number(path_of[place], scenario.levers[path_of[place]])
        for month, (before, value) in enumerate(pairwise([base, *values.tolist()])):
            if value != before:
                found[month].append((place, value))
    return found


def _announced(scenario: ScenarioLike, months: int) -> list[tuple[int, int, int, float]]:
    """What is announced of the levers that somebody looks ahead to: known from, month, slot, value; lapses too."""
    scheduled, found = schedule(scenario, months), []
    for change in scenario.changes:
        for slot, path in enumerate(FORESEEN):
            if change.announced is not None and path in change.levers:
                found.append((change.announced, change.month, slot, as_number(path, change.levers[path])))
                if change.until is not None and change.until < months:
                    after = float(scheduled[PLACES[path][0]][change.until])
                    found.append((change.announced, change.until, slot, after))
    return found


def _told(changes: Sequence[Change], months: int) -> list[list[tuple[int, int]]]:
    found: list[list[tuple[int, int]]] = [[] for _ in range(months)]
    for number, change in enumerate(changes):
        if change.announced is not None and change.month < months:
            found[max(change.announced, 0)].append((EVENT.policy_announced, number))
        if change.month < months:
            found[change.month].append((EVENT.policy_changes, number))
        if change.until is not None and change.until < months:
            found[change.until].append((EVENT.policy_lapses, number))
    return found


def _by_month(plans: Sequence[Sequence[Sequence[Any]]], dtype: np.dtype, months: int) -> tuple[np.ndarray, np.ndarray]:
    """All of it in a row, and from where on what belongs to a plan's month stands there (plans, months + 1)."""
    flat = [each for plan in plans for month in plan for each in month]
    begins, place = np.empty((len(plans), months + 1), int), 0
    for number, plan in enumerate(plans):
        begins[number] = place + np.cumsum([0, *map(len, plan)])
        place = begins[number, -1]
    return np.array(flat, dtype), begins


def _triggers(plans: Sequence[Sequence[When]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    triggers: list[tuple[Any, ...]] = []
    conditions: list[tuple[Any, ...]] = []
    effects: list[tuple[int, float]] = []
    for when in (when for plan in plans for when in plan):
        first = len(conditions), len(effects)
        conditions += [_condition(condition) for condition in when.conditions]
        effects += values_at(when.levers).items()
        triggers.append((when.every, when.ends, when.for_months, when.delay_months, when.reporting_lag_months,
                         first[0], len(conditions), first[1], len(effects)))
    return np.array(triggers, TRIGGER), np.array(conditions, CONDITION), np.array(effects, STEP)


def _condition(condition: Condition) -> tuple[Any, ...]:
    summary = OUTCOMES[condition.outcome].summary
    # Without an end of its own a condition goes on holding by what made it hold. What would end it at once does not
    # make it hold, so that nothing flutters.
    until = condition.threshold if condition.until is None else condition.until
    threshold = max(condition.threshold, until) if condition.above else min(condition.threshold, until)
    return (INDEX[condition.outcome], condition.above, summary == "sum", summary == "max", condition.over_months,
            threshold, until)


# ---- the step of a month -------------------------------------------------------------------------------------------
@rule
def take_effect(run: Any, plans: Any, row: int, levers: Any, scheduled: Any, seen: Any) -> None:
    """Write into `levers` (places,) what schedule and triggers make of them from this month on.

    `scheduled` (places,) keeps what they are by schedule alone, `seen` (months, outcomes) what was measured before.
    """
    plan, month = plans.of_run[row], run.month
    if plan < 0 or month + 1 >= plans.steps_from.shape[1]:
        return
    moved = False
    for place in range(plans.steps_from[plan, month], plans.steps_from[plan, month + 1]):
        step = plans.steps[place]
        scheduled[step.slot] = step.value
        moved = True
    for place in range(plans.told_from[plan, month], plans.told_from[plan, month + 1]):
        tell(run, plans.told[place].kind, plans.told[place].change)
    _hear(run, plans, plan)
    first, last = plans.triggers_from[plan], plans.triggers_from[plan + 1]
    for trigger in range(first, last):
        moved = _watch(run, plans, plans.triggers[trigger], trigger - first, seen) or moved
    if not moved:
        return
    before = levers.copy()
    for place in range(len(levers)):
        levers[place] = scheduled[place]
    for trigger in range(first, last):
        if run.triggers.in_force[trigger - first]:
            each = plans.triggers[trigger]
            for place in range(each.first_effect, each.last_effect):
                levers[plans.effects[place].slot] = plans.effects[place].value
    _hand_on(run, before, levers)


@rule
def _hear(run: Any, plans: Any, plan: int) -> None:
    """Keep, of each lever that somebody looks ahead to, what is announced to come of it next, and when."""
    for slot in range(len(FORESEEN)):
        run.announced.months[slot] = NOBODY
    for place in range(plans.announced_from[plan], plans.announced_from[plan + 1]):
        each = plans.announced[place]
        left, before = each.month - run.month, run.announced.months[each.slot]
        if each.known <= run.month and left > 0 and (before < 0.0 or left < before):
            run.announced.months[each.slot], run.announced.value[each.slot] = left, each.value


@rule
def brought_forward(given: Any, horizon: float, left: float) -> float:
    """By how much what a door's closing bars is done sooner while it is open: a factor on what is done in a month.

    What would be done within `horizon` months is done in the `left` that are left, by those who act on what is
    announced. Doing early what an announced law will bar is the green paradox (Sinclair 1992; Sinn 2008); buyers of
    chip tools and metals did so (`evidence: litho_imports_2023-07`).
    """
    return 1.0 + given.p.announcements_believed * max(horizon / left - 1.0, 0.0) if left > 0.0 else 1.0


@rule
def _hand_on(run: Any, before: Any, levers: Any) -> None:
    """What the state keeps of a lever follows it: what rule-makers work towards, and public money under way.

    A dated law or subsidy law stands until the lever itself moves.
    """
    for regulator in range(len(REGULATORS)):
        if levers[_STRICTNESS + regulator] != before[_STRICTNESS + regulator]:
            run.regulators.aim[regulator] = levers[_STRICTNESS + regulator]
    if levers[_SUBSIDY_US] != before[_SUBSIDY_US]:
        run.nations.subsidy[US] = levers[_SUBSIDY_US]
    if levers[_SUBSIDY_CHINA] != before[_SUBSIDY_CHINA]:
        run.nations.subsidy[CHINA] = levers[_SUBSIDY_CHINA]


@rule
def _watch(run: Any, plans: Any, trigger: Any, slot: int, seen: Any) -> bool:
    """Let a trigger fire, come into force or end; whether what is in force has changed."""
    triggers, known = run.triggers, run.month - trigger.lag
    in_force, due = triggers.in_force[slot] > 0, triggers.due_months[slot]
    if due < 0.0 and not in_force:
        held = known > 0 and _hold(plans, trigger, seen, known, False)
        triggers.held_months[slot] = triggers.held_months[slot] + 1.0 if held else 0.0
        if triggers.held_months[slot] < trigger.for_months:
            return False
        due = trigger.delay
        triggers.fired_month[slot] = run.month
        if due > 0.0:
            tell(run, EVENT.trigger_fires, slot)
    if not in_force:
        if due > 0.0:
            triggers.due_months[slot] = due - 1.0
            return False
        triggers.due_months[slot], triggers.in_force[slot] = NOBODY, True
        triggers.held_months[slot] = 0.0
        tell(run, EVENT.trigger_in_force, slot)
        return True
    if not trigger.ends or known <= 0 or _hold(plans, trigger, seen, known, True):
        return False
    triggers.in_force[slot] = False
    tell(run, EVENT.trigger_ends, slot)
    return True


@rule
def _hold(plans: Any, trigger: Any, seen: Any, known: int, in_force: bool) -> bool:
    """Whether a trigger's conditions hold by what is known of the first `known` months, or still hold if in force."""
    every, some = True, False
    for place in range(trigger.first_condition, trigger.last_condition):
        condition = plans.conditions[place]
        value = as_a_reader_sees(condition, seen, known)
        line = condition.until if in_force else condition.threshold
        holds = value > line if condition.above else value < line
        every, some = every and holds, some or holds
    return every if trigger.every else some


@rule
def as_a_reader_sees(condition: Any, seen: Any, known: int) -> float:
    """An outcome by what is known of the first `known` months: total so far or over a window, level, mean, largest."""
    over = min(condition.over, known) if condition.over > 0 else known if condition.flow or condition.most else 1
    total, largest = 0.0, -inf
    for month in range(known - over, known):
        value = seen[month, condition.outcome]
        total += value
        largest = max(largest, value)
    return total if condition.flow else largest if condition.most else total / over
