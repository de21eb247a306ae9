"""Keys that are set although another key leaves them nothing, or next to nothing, to act on.

S203 marks a number beyond its stated range, which `beyond_range = true` allows.
S201 says that a key changes nothing: results with and without it are the same to the last bit. S202 says that
it hardly matters: it acts only on what is in force at the start, or after a chain of unlikely events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.model.parameters import AGENT_GROUPS, JURISDICTIONS, Value, levers, show
from sim.scenario import in_time
from sim.scenario.beyond import KEY
from sim.scenario.checks import beyond, resolve
from sim.scenario.errors import Problem
from sim.scenario.schema import DEFAULT_START
from sim.scenario.sources import Merged, Setting

Levers = Mapping[str, Value]
Given = Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Idle:
    """The lever `key` does nothing while the lever `switch` is zero, but for what is `left`."""

    key: str
    switch: str
    left: str = ""


IDLE_WHILE_ZERO: tuple[Idle, ...] = (
    Idle("litigation.rivalry_motive", "litigation.filing"),
    Idle("litigation.allies", "litigation.filing", "only suits already filed at the start are left"),
    Idle("litigation.injunctions", "litigation.filing", "only suits already filed at the start are left"),
    Idle(
        "trade.enforcement",
        "trade.chip_controls",
        "it acts only until the controls of the start are repealed",
    ),
    Idle(
        "trade.mineral_retaliation",
        "trade.chip_controls",
        "it acts only on bans of the start, until the controls that they answer are repealed",
    ),
    Idle("diplomacy.treaty_verification", "diplomacy.us_china_cooperation"),
    Idle("people.founder_seed_capital", "people.spin_offs"),
    Idle("regulation.capture", "industry.lobbying"),
    Idle("regulation.penalty_share_of_revenue", "regulation.audit_capacity"),
    Idle("regulation.exempt_below_flop", "regulation.strictness"),
    Idle("regulation.exempt_below_revenue_usd_bn", "regulation.strictness"),
    Idle("regulation.audit_capacity", "regulation.strictness"),
    Idle("regulation.penalty_share_of_revenue", "regulation.strictness"),
)
# An agent's own trait is multiplied by a lever.
TRAITS = {"combativeness": "people.combativeness", "political_access": "people.political_access",
          "openness": "industry.openness", "mission_weight": "people.mission_weight"}
# Events that bring about what a lever at zero leaves out.
BRINGS = {"trade.chip_controls": {"chip_control_step", "mineral_ban"}, "regulation.strictness": {"new_law"}}
# Events that do nothing at severity 0; others happen all the same: a law of strictness 0 repeals.
NOTHING_AT_ZERO = {"taiwan_disruption", "breakthrough", "mineral_ban", "power_shortage"}


def warnings(merged: Merged) -> Iterator[Problem]:
    """Each key that is set and has nothing, or next to nothing, to act on, with its place."""
    given = {".".join(map(str, loc)): setting for loc, setting in merged.settings.items()}
    values = resolve({key: s.value for key, s in given.items() if key.partition(".")[0] not in AGENT_GROUPS},
                     merged.value("start", default=DEFAULT_START))
    moved = in_time.moved(merged)
    for idle in IDLE_WHILE_ZERO:
        if idle.switch not in moved:
            yield from _idle(idle, merged, given, values)
    yield from in_time.warnings(merged)
    yield from _traits(merged, values)
    if not any(event["kind"].value == "new_law" for event in merged.events) and "regulation.strictness" not in moved:
        yield from _licensing(given, values)
    yield from _overridden(given)
    yield from _beyond(merged)
    for event in merged.events:
        if event["severity"].value == 0 and event["kind"].value in NOTHING_AT_ZERO:
            yield _warning(f"a {event['kind'].value} of severity 0", event["severity"], "nothing happens",
                           "remove the event or raise its severity")


def _warning(what: str, setting: Setting, why: str, help_: str, *, left: bool = False) -> Problem:
    code, verdict = ("S202", "hardly matters here") if left else ("S201", "changes nothing here")
    return Problem(code, f"{what} {verdict}", setting.place("key"), why, help_, level="warning")


def _idle(idle: Idle, merged: Merged, given: Given, values: Levers) -> Iterator[Problem]:
    """The key, general or a jurisdiction's own, where the switch is zero for all whom it concerns."""
    if any(event["kind"].value in BRINGS.get(idle.switch, ()) for event in merged.events):
        return
    left = idle.left
    if idle.switch == "regulation.strictness":
        left = "it acts only until the rules of the start are repealed"
        if values["regulation.adaptivity"] != 0:
            left += ", or if incidents bring rules back"
    for key, switches in _concerned(idle, given):
        if all(values[switch] == 0 for switch in switches):
            switch = next((s for s in (idle.switch, *switches) if s in given), idle.switch)
            why = f"`{switch}` is 0{_where(given, switch)}" + (f": {left}" if left else "")
            yield _warning(f"`{key}`", given[key], why, f"airace params {idle.switch}", left=bool(left))


def _concerned(idle: Idle, given: Given) -> Iterator[tuple[str, list[str]]]:
    """Each key that is set for `idle`, and the switches of all the jurisdictions that it concerns."""

    def at(path: str, place: str) -> str:
        section, _, name = path.partition(".")
        return f"{section}.{place}.{name}" if levers()[path].per else path

    if levers()[idle.key].per is None:
        if idle.key in given:
            yield idle.key, [idle.switch]
        return
    followers = [place for place in JURISDICTIONS if at(idle.key, place) not in given]
    if idle.key in given and followers:
        yield idle.key, [at(idle.switch, place) for place in followers]
    for place in JURISDICTIONS:
        if at(idle.key, place) in given:
            yield at(idle.key, place), [at(idle.switch, place)]


def _traits(merged: Merged, values: Levers) -> Iterator[Problem]:
    for loc, setting in merged.settings.items():
        switch = TRAITS.get(str(loc[-1]))
        if loc[0] in AGENT_GROUPS and switch is not None and values[switch] == 0:
            yield _warning(f"`{'.'.join(map(str, loc))}`", setting, f"`{switch}` is 0, which multiplies it",
                           f"airace params {switch}")


def _licensing(given: Given, values: Levers) -> Iterator[Problem]:
    """A licensing level that no jurisdiction works towards; above 1 means never, and is left alone."""
    key = "regulation.licensing_above"
    highest = max(float(values[f"regulation.{place}.strictness"]) for place in JURISDICTIONS)
    if key in given and highest < float(values[key]) <= 1:
        why = f"strictness works towards {highest:g} at most"
        if values["regulation.adaptivity"] != 0:
            why += ": only incidents can raise it further"
        yield _warning(
            f"`{key}`", given[key], why, "raise regulation.strictness above it, or lower it", left=True
        )


def _overridden(given: Given) -> Iterator[Problem]:
    """A general value that every jurisdiction overrides."""
    for path, lever in levers().items():
        section, _, name = path.partition(".")
        if path in given and lever.per and all(f"{section}.{p}.{name}" in given for p in JURISDICTIONS):
            help_ = f"remove `{name} = {show(given[path].value)}`, or some of the jurisdictions' values"
            yield _warning(f"`{path}`", given[path], "every jurisdiction has its own value", help_)


def _beyond(merged: Merged) -> Iterator[Problem]:
    """Each number beyond its range, and a leave to go there that nothing takes."""
    found = list(beyond(merged))
    for setting, parameter in found:
        key = ".".join(map(str, setting.loc))
        yield Problem("S203", f"`{key}` lies beyond its range", setting.place(),
                      f"the range is {parameter.low:g} to {parameter.high:g}", f"airace params {parameter.name}",
                      level="warning")
    if merged.value(KEY, default=False) and not found:
        yield _warning(f"`{KEY}`", merged.settings[(KEY,)], "every number lies within its range", "remove it")


def _where(given: Given, key: str) -> str:
    return f" ({given[key].place()})" if key in given else ""
