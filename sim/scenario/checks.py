"""What no single key can tell: whether agents exist, dates fall into the run, and keys agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.common.text import suggest
from sim.model.asked import DatedEvent
from sim.model.parameters import (
    AGENT_GROUPS,
    JURISDICTIONS,
    Parameter,
    Value,
    attributes,
    event_kinds,
    in_force,
    levers,
    start_rows,
)
from sim.scenario import in_time
from sim.scenario.beyond import KEY, is_beyond, ranged
from sim.scenario.errors import Problem
from sim.scenario.schema import DEFAULT_MONTHS, DEFAULT_START, month_index
from sim.scenario.sources import Merged, Setting

RIVALS = {"US": "China", "China": "US"}


def resolve(settings: Mapping[str, Value], start: str = DEFAULT_START) -> dict[str, Value]:
    """Every lever's value from those that are set, by dotted key, jurisdictions' own values included.

    What is in force at the start stays so where nothing is set; the general value is then the jurisdictions' mean.
    """
    values: dict[str, Value] = {}
    for path, lever in levers().items():
        section, _, name = path.partition(".")
        usual: dict[str, Value] = {}
        values[path] = settings.get(path, lever.default)
        if lever.at_start and path not in settings:
            usual = dict(in_force(start, name))
            values[path] = round(sum(map(float, usual.values())) / len(usual), 4)
        if lever.per == "jurisdiction":
            for place in JURISDICTIONS:
                own = f"{section}.{place}.{name}"
                values[own] = settings.get(own, usual.get(place, values[path]))
    return values


def check(merged: Merged) -> Iterator[Problem]:
    """Everything wrong with the merged settings that no single key shows."""
    yield from _title(merged)
    yield from _taken_back(merged)
    yield from _agents(merged)
    for event in merged.events:
        yield from _event(merged, event)
    yield from _repeated(merged.events)
    yield from _truces(merged.events)
    yield from _contradictions(merged)
    yield from in_time.check(merged, merged.value("start", default=DEFAULT_START),
                             merged.value("months", default=DEFAULT_MONTHS))


def dated_events(merged: Merged) -> tuple[DatedEvent, ...]:
    """The events of checked settings in order of date; a later layer's replaces one that it repeats."""
    start = merged.value("start", default=DEFAULT_START)
    found: dict[tuple[str, str, str | None], DatedEvent] = {}
    for fields in merged.events:
        values: dict[str, Any] = {key: setting.value for key, setting in fields.items() if key}
        actor, kind = values.get("actor"), values["kind"]
        target = RIVALS.get(actor or "") if event_kinds()[kind].target == "rival" else None
        event = DatedEvent(
            month_index(start, values["date"]), values["date"], kind, float(values["severity"]), actor, target
        )
        found[_identity(fields)] = event
    return tuple(sorted(found.values(), key=lambda e: (e.month, e.kind, e.actor or "")))


def _identity(event: Mapping[str, Setting]) -> tuple[str, str, str | None]:
    return event["date"].value, event["kind"].value, event["actor"].value if "actor" in event else None


def beyond(merged: Merged) -> Iterator[tuple[Setting, Parameter]]:
    """Settings that lie beyond what is stated for the lever or parameter, with it."""
    for loc, setting in merged.settings.items():
        parameter = ranged(loc)
        if parameter is not None and is_beyond(parameter, setting.value):
            yield setting, parameter


def _taken_back(merged: Merged) -> Iterator[Problem]:
    """Numbers beyond their ranges that a parent allowed, where a child allows none."""
    if not merged.value(KEY, default=False):
        for setting, parameter in beyond(merged):
            yield Problem("S106", f"`{'.'.join(map(str, setting.loc))}` is out of range", setting.place(),
                          f"must be {parameter.describe()}", f"{KEY} = true allows more; here it is taken back")


# ---- one key at a time ------------------------------------------------------------------------------------


def _title(merged: Merged) -> Iterator[Problem]:
    title = merged.settings.get(("title",))
    if title is None:
        return
    if not title.value.isprintable():
        yield Problem("S113", "`title` holds control characters", title.place(), "one line of ordinary text",
                      "write the title on one line, without \\n, \\t or colour codes")
    elif not title.value.strip():
        yield Problem("S113", "`title` is empty", title.place(), "a text of 1 to 200 characters",
                      "the title names the scenario in tables and charts")


def _agents(merged: Merged) -> Iterator[Problem]:
    start = merged.value("start", default=DEFAULT_START)
    for (group, name), setting in merged.named.items():
        if name not in start_rows(start)[group]:
            yield Problem("S110", f"unknown {group[:-1]} `{name[:80]}`", setting.place("key"), _who(start, group, name),
                          f"{group} of {start}: " + ", ".join(start_rows(start)[group]))
    for loc, setting in merged.settings.items():
        if loc[0] not in AGENT_GROUPS or len(loc) != 3:
            continue
        group, name, attribute = str(loc[0]), str(loc[1]), str(loc[2])
        if name in start_rows(start)[group]:
            only = attributes()[f"{group}.{attribute}"].names
            if only and name not in only:
                yield Problem("S110", f"`{attribute}` has no meaning for {name}", setting.place("key"),
                              "only " + " and ".join(only) + " have it", f"airace params {group}.{attribute}")


def _who(start: str, group: str, name: str) -> str:
    rows = start_rows(start)
    if close := suggest(name, list(rows[group])):
        return f"did you mean `{close}`?"
    for other in AGENT_GROUPS:
        if close := suggest(name, list(rows[other])):
            return f"`{close}` is in [{other}]: write [{other}.\"{close}\"]"
    return f"no {group[:-1]} of that name in the start file {start}"


# ---- events ----------------------------------------------------------------------------------------------


def _event(merged: Merged, event: Mapping[str, Setting]) -> Iterator[Problem]:
    start, months = (
        merged.value("start", default=DEFAULT_START),
        merged.value("months", default=DEFAULT_MONTHS),
    )
    date, kind = event["date"], event_kinds()[event["kind"].value]
    month = month_index(start, date.value)
    if not 0 <= month < months:
        last = month_index("0000-01", start) + months - 1
        yield Problem("S109", f"`{date.value}` is outside the run", date.place(),
                      f"the run goes from {start} to {last // 12:04d}-{last % 12 + 1:02d} ({months} months)",
                      "move the date, or set `months` or `start`")
    actor = event.get("actor")
    if actor is None:
        if kind.required:
            yield Problem(
                "S108",
                f"a {kind.name} needs `actor`",
                event[""].place("key"),
                f'add actor = "...", the name of a {kind.actor}',
                f"{kind.actor}s: {_listed(merged, kind)}",
            )
        return
    if kind.actor == "none":
        yield Problem(
            "S103", f"a {kind.name} names no `actor`", actor.place("key"), "remove this key", kind.text
        )
        return
    allowed = _allowed(merged, kind)
    if actor.value not in allowed:
        close = suggest(actor.value, allowed)
        note = f"did you mean \"{close}\"?" if close else f"must be the name of a {kind.actor}"
        yield Problem("S110", f"unknown {kind.actor} \"{actor.value[:80]}\"", actor.place(), note,
                      f"{kind.actor}s: {_listed(merged, kind)}")


def _allowed(merged: Merged, kind: Any) -> list[str]:
    if kind.names:
        return list(kind.names)
    if kind.actor == "jurisdiction":
        return list(JURISDICTIONS)
    return list(start_rows(merged.value("start", default=DEFAULT_START))[kind.actor + "s"])


def _listed(merged: Merged, kind: Any) -> str:
    return ", ".join(_allowed(merged, kind))


def _repeated(events: list[dict[str, Setting]]) -> Iterator[Problem]:
    """The same event twice in one file; in another file of the chain it replaces the first."""
    seen: dict[tuple[object, ...], dict[str, Setting]] = {}
    for event in events:
        key = (id(event[""].source), *_identity(event))
        if key in seen:
            yield Problem("S112", f"the event {_named(event)} happens twice", event[""].place("key"),
                          f"already at {seen[key][''].place('key')}", "keep one of the two")
        seen[key] = event


def _truces(events: list[dict[str, Setting]]) -> Iterator[Problem]:
    """A truce in the month of a new control."""
    truces = {event["date"].value: event for event in events if event["kind"].value == "truce"}
    for event in events:
        truce = truces.get(event["date"].value)
        if truce is not None and event["kind"].value in ("chip_control_step", "mineral_ban"):
            message = f"a truce and a {event['kind'].value} in the same month"
            yield Problem(
                "S112",
                message,
                event[""].place("key"),
                f"the truce is at {truce[''].place('key')}",
                "put them a month or more apart",
            )


def _named(event: Mapping[str, Setting]) -> str:
    date, kind, actor = _identity(event)
    return f"{kind} of {date}" + (f" ({actor})" if actor else "")


# ---- keys against each other ---------------------------------------------------------------------------


def _contradictions(merged: Merged) -> Iterator[Problem]:
    yield from _ranges(merged)
    yield from _forms(merged)
    shares = [s for loc, s in merged.settings.items() if loc[0] == "nations" and loc[-1] == "market_size"]
    if (total := sum(s.value for s in shares)) > 1 + 1e-9:
        yield Problem("S112", f"the nations' market_size add up to {total:.6g}", shares[-1].place(),
                      "shares of the world: at most 1 together", "airace params nations.market_size")


def _ranges(merged: Merged) -> Iterator[Problem]:
    for loc, setting in merged.settings.items():
        if (
            loc[0] == "uncertainty"
            and isinstance(setting.value, tuple)
            and setting.value[0] > setting.value[1]
        ):
            low, high = setting.value
            yield Problem("S112", f"`{loc[1]}` has low above high", setting.place(),
                          f"low is {low:g}, high is {high:g}", "swap the two")


def _forms(merged: Merged) -> Iterator[Problem]:
    start = merged.value("start", default=DEFAULT_START)
    blocked = merged.settings.get(("capital", "conversion_allowed"))
    for loc, setting in merged.settings.items():
        if loc[0] != "labs" or loc[-1] != "form":
            continue
        lab = str(loc[1])
        before = start_rows(start)["labs"].get(lab, {}).get("form")
        if blocked is not None and blocked.value is False and setting.value == "for_profit" \
                and before in ("nonprofit", "capped_profit"):
            yield Problem(
                "S112",
                f"`capital.conversion_allowed` is false, yet {lab} begins converted",
                setting.place(),
                f"{lab} is {before} in {start}; conversion is blocked at {blocked.place()}",
                "remove one of the two",
            )
        valuation = merged.settings.get(("labs", lab, "valuation_usd_bn"))
        if setting.value == "nonprofit" and valuation is not None and valuation.value > 0:
            yield Problem("S112", f"{lab} is a non-profit and has a valuation", valuation.place(),
                          f"nobody owns shares of a non-profit; its form is set at {setting.place()}",
                          "remove valuation_usd_bn, or choose another form")
