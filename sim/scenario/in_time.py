"""Policies that live in time, in a scenario file: `[[change]]` on a date, `[[when]]` something happens.

Tables become `Change` and `When` of the model; what no single key shows is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.model.asked import FORESEEN, Change, Condition, When
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import JURISDICTIONS, Value
from sim.scenario.errors import Problem
from sim.scenario.schema import IN_TIME, levers_in_time, month_index
from sim.scenario.sources import Merged, Setting

Entry = Mapping[str, Setting]
_UNTIL = {True: ("above", "until_below"), False: ("below", "until_above")}


# ---- from tables to policies -----------------------------------------------------------------------------------------
def changes(merged: Merged, start: str) -> tuple[Change, ...]:
    """The schedule of checked settings, in the order of the file."""
    return tuple(_change(name, values, start) for name, values in _standing(merged.changes, "change"))


def whens(merged: Merged) -> tuple[When, ...]:
    """The triggers of checked settings, in the order of the file."""
    return tuple(_when(name, values) for name, values in _standing(merged.whens, "trigger"))


def _standing(entries: Sequence[Entry], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and values of what is not taken back; who has no name gets one by its place."""
    for place, entry in enumerate(entries, start=1):
        values = {key: setting.value for key, setting in entry.items() if key}
        if not values.pop("off", False):
            yield values.pop("name", f"{kind} {place}"), values


def _levers(values: Mapping[str, Any]) -> dict[str, Value]:
    return {key: float(value) + 0.0 if levers_in_time()[key].type == "number" else value
            for key, value in values.items() if key in levers_in_time()}


def _change(name: str, values: Mapping[str, Any], start: str) -> Change:
    until, announced = values.get("until"), values.get("announced")
    return Change(name, month_index(start, values["date"]), values["date"], _levers(values),
                  values.get("over_months", 0), None if until is None else month_index(start, until), until,
                  None if announced is None else month_index(start, announced), announced)


def _when(name: str, values: Mapping[str, Any]) -> When:
    several = values.get("all", values.get("any"))
    conditions = [_condition(each) for each in (several if several is not None else [values])]
    return When(name, tuple(conditions), _levers(values), "any" not in values, values.get("for_months", 1),
                values.get("delay_months", 0), values.get("reporting_lag_months", 0))


def _condition(values: Mapping[str, Any]) -> Condition:
    above = "above" in values
    line, until = _UNTIL[above]
    return Condition(values["outcome"], float(values[line]), above, values.get("over_months", 0),
                     None if until not in values else float(values[until]))


# ---- and back --------------------------------------------------------------------------------------------------------
def table_of_change(change: Change) -> dict[str, Any]:
    """A change as a table of a file."""
    return {"name": change.name, "date": change.date,
            **({"over_months": change.over_months} if change.over_months else {}),
            **({} if change.until_date is None else {"until": change.until_date}),
            **({} if change.announced_date is None else {"announced": change.announced_date}), **change.levers}


def table_of_when(when: When) -> dict[str, Any]:
    """A trigger as a table of a file."""
    conditions = [_table_of_condition(condition) for condition in when.conditions]
    watched: dict[str, Any] = conditions[0] if len(conditions) == 1 else {"all" if when.every else "any": conditions}
    months = {"for_months": (when.for_months, 1), "delay_months": (when.delay_months, 0),
              "reporting_lag_months": (when.reporting_lag_months, 0)}
    return {"name": when.name, **watched,
            **{key: value for key, (value, usual) in months.items() if value != usual}, **when.levers}


def _table_of_condition(condition: Condition) -> dict[str, Any]:
    line, until = _UNTIL[condition.above]
    return {"outcome": condition.outcome, line: condition.threshold,
            **({"over_months": condition.over_months} if condition.over_months else {}),
            **({} if condition.until is None else {until: condition.until})}


# ---- in words --------------------------------------------------------------------------------------------------------
def told(policy: Change | When) -> str:
    """A policy in a line: what it sets, when, and for how long."""
    sets = ", ".join(f"{key} = {_shown(value)}" for key, value in policy.levers.items())
    if isinstance(policy, Change):
        over = f" over {policy.over_months} months" if policy.over_months else ""
        until = f", until {policy.until_date}" if policy.until_date else ""
        known = f", announced in {policy.announced_date}" if policy.announced_date else ""
        return f"from {policy.date}{over}{until}{known}: {sets}"
    joined = (" and " if policy.every else " or ").join(map(_told_condition, policy.conditions))
    held = f" for {policy.for_months} months" if policy.for_months > 1 else ""
    delay = f", {policy.delay_months} months later" if policy.delay_months else ""
    lasts = "; ends when that no longer holds" if policy.ends else "; for good"
    return f"when {joined}{held}{delay}: {sets}{lasts}"


def _told_condition(condition: Condition) -> str:
    side, other = ("above", "below") if condition.above else ("below", "above")
    over = f" over {condition.over_months} months" if condition.over_months else ""
    until = "" if condition.until is None else f" (until {other} {condition.until:g})"
    return f"{condition.outcome}{over} is {side} {condition.threshold:g}{until}"


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


# ---- what no single key shows ----------------------------------------------------------------------------------------
def check(merged: Merged, start: str, months: int) -> Iterator[Problem]:
    """Everything wrong with the policies in time of merged settings that no single key shows."""
    for group, entries in (("change", merged.changes), ("when", merged.whens)):
        for entry in entries:
            if "off" in entry and entry["off"].value:
                continue
            if not any(key in levers_in_time() for key in entry):
                yield Problem("S108", f"this [[{group}]] sets no lever", entry[""].place("key"),
                              'write the lever in quotes, as in "regulation.eu.strictness" = 0.7', "airace list levers")
            yield from _change_alone(entry, start, months) if group == "change" else _when_alone(entry)
    yield from _against_each_other(merged.changes)


def _change_alone(entry: Entry, start: str, months: int) -> Iterator[Problem]:
    date, until, over, announced = (entry.get(key) for key in ("date", "until", "over_months", "announced"))
    if date is None:
        yield Problem("S108", "a change needs `date`", entry[""].place("key"), f"must be {IN_TIME['change']['date']}",
                      'add date = "..."')
        return
    first = month_index(start, date.value)
    if not 0 <= first < months:
        last = month_index("0000-01", start) + months - 1
        yield Problem("S109", f"`{date.value}` is outside the run", date.place(),
                      f"the run goes from {start} to {last // 12:04d}-{last % 12 + 1:02d} ({months} months)",
                      "move the date, or set `months` or `start`")
    if until is not None and month_index(start, until.value) <= first:
        yield Problem("S112", f"the change lapses in {until.value}, before it begins", until.place(),
                      f"it begins in {date.value}, at {date.place()}", "let `until` be a later month")
    if announced is not None and month_index(start, announced.value) >= first:
        yield Problem("S112", f"the change is announced in {announced.value}, no earlier than it begins",
                      announced.place(), f"it begins in {date.value}, at {date.place()}",
                      "let `announced` be an earlier month, or remove it")
    if over is not None and over.value > 0:
        for key, setting in entry.items():
            if key in levers_in_time() and levers_in_time()[key].type != "number":
                yield Problem("S112", f"`{key}` has no values in between", setting.place("key"),
                              f"{levers_in_time()[key].describe()}, so it changes at once", "remove `over_months`")


def _when_alone(entry: Entry) -> Iterator[Problem]:
    given = [key for key in ("outcome", "all", "any") if key in entry]
    if len(given) != 1:
        what = "watches nothing" if not given else "says what it watches in several ways"
        yield Problem("S108" if not given else "S112", f"this [[when]] {what}",
                      entry[given[1] if given else ""].place("key"), "one of `outcome`, `all`, `any`",
                      'as in outcome = "severe_incidents" and above = 0; airace list outcomes')
        return
    outside = [key for key in IN_TIME["when"] if key in entry and key in (
        "above", "below", "over_months", "until_below", "until_above")]
    if given == ["outcome"]:
        yield from _condition_alone({key: setting.value for key, setting in entry.items() if key}, entry["outcome"])
    else:
        for key in outside:
            yield Problem("S112", f"`{key}` beside `{given[0]}`", entry[key].place("key"),
                          f"each condition of `{given[0]}` has its own", "write it into the conditions")
        for condition in entry[given[0]].value:
            yield from _condition_alone(condition, entry[given[0]])


def _condition_alone(values: Mapping[str, Any], setting: Setting) -> Iterator[Problem]:
    sides = [key for key in ("above", "below") if key in values]
    if "outcome" not in values:
        yield Problem("S108", "a condition needs `outcome`", setting.place("key"), "the name of an outcome",
                      "airace list outcomes")
        return
    if len(sides) != 1:
        yield Problem("S112" if sides else "S108", f"{values['outcome']} needs one of `above` and `below`",
                      setting.place("key"), "a threshold on one side", "write two conditions into `all` for a band")
        return
    side, right = sides[0], _UNTIL[sides[0] == "above"][1]
    wrong = "until_above" if right == "until_below" else "until_below"
    if wrong in values:
        yield Problem("S112", f"`{wrong}` with `{side}`", setting.place("key"),
                      f"what holds {side} a threshold ends by `{right}`", f"write {right} = {values[wrong]:g}")


def _against_each_other(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Two changes of one lever in one month."""
    seen: dict[tuple[str, str], tuple[Entry, str]] = {}
    for entry in entries:
        if "date" not in entry or ("off" in entry and entry["off"].value):
            continue
        for key in entry:
            if key not in levers_in_time():
                continue
            at = (entry["date"].value, key)
            if at in seen:
                yield Problem("S112", f"`{key}` changes twice in {at[0]}", entry[key].place("key"),
                              f"already at {seen[at][0][key].place('key')}", "keep one of the two")
            seen[at] = (entry, key)


# ---- what can never happen -------------------------------------------------------------------------------------------
def warnings(merged: Merged) -> Iterator[Problem]:
    """Announcements to which nobody looks ahead; conditions that can never hold, or always do, by their range."""
    for entry in merged.changes:
        if "announced" in entry and not any(key in FORESEEN for key in entry):
            yield Problem("S201", "`announced` changes nothing here: nobody looks ahead to these levers",
                          entry["announced"].place("key"), f"they do to {', '.join(FORESEEN)}",
                          "remove it", level="warning")
    for entry in merged.whens:
        several = entry["all" if "all" in entry else "any"] if "all" in entry or "any" in entry else None
        conditions = [{key: s.value for key, s in entry.items() if key}] if several is None else several.value
        for values in conditions:
            setting = several or entry.get("outcome")
            if setting is None or "outcome" not in values:
                continue
            said = _verdict(values)
            if said:
                yield Problem("S201", f"a condition on {values['outcome']} {said}", setting.place("key"),
                              f"the outcome lies {_extent(values)}", "move the threshold", level="warning")


def _extent(values: Mapping[str, Any]) -> str:
    whole = OUTCOMES[values["outcome"]].furthest == 1.0 and OUTCOMES[values["outcome"]].summary != "sum"
    return "between 0 and 1" if whole else "at or above 0"


def _verdict(values: Mapping[str, Any]) -> str:
    outcome = OUTCOMES[values["outcome"]]
    high = outcome.furthest if outcome.summary != "sum" else float("inf")
    low = 0.0 if high == 1.0 or outcome.summary == "sum" else float("-inf")
    above, below = values.get("above"), values.get("below")
    if (above is not None and above >= high) or (below is not None and below <= low):
        return "can never hold"
    return "always holds" if (above is not None and above < low) or (below is not None and below > high) else ""


def moved(merged: Merged) -> set[str]:
    """The levers that some change or trigger moves, general names for those of one jurisdiction included."""
    found: set[str] = set()
    for entry in (*merged.changes, *merged.whens):
        for key in entry:
            if key in levers_in_time():
                section, _, rest = key.partition(".")
                own, _, name = rest.partition(".")
                found |= {key, f"{section}.{name}"} if own in JURISDICTIONS else {key}
    return found
