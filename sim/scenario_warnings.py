"""Keys that are set but cannot change anything in a scenario, because another key switches them off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.parameters import AGENT_GROUPS, JURISDICTIONS, Value, levers, show
from sim.scenario_checks import resolve
from sim.scenario_errors import Problem
from sim.scenario_sources import Merged, Setting

Levers = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Idle:
    """`key` (a lever's path, or the end of an agent's key) does nothing while `switch` is zero."""

    key: str
    switch: str


# Each row: this key is idle while that lever is 0.
IDLE_WHILE_ZERO: tuple[Idle, ...] = (
    Idle("litigation.rivalry_motive", "litigation.filing"),
    Idle("litigation.allies", "litigation.filing"),
    Idle("litigation.injunctions", "litigation.filing"),
    Idle("litigation.media_attacks", "people.combativeness"),
    Idle("trade.enforcement", "trade.chip_controls"),
    Idle("trade.mineral_retaliation", "trade.chip_controls"),
    Idle("diplomacy.treaty_verification", "diplomacy.us_china_cooperation"),
    Idle("people.founder_seed_capital", "people.spin_offs"),
)
# An agent's own trait is multiplied by a lever of the same name.
TRAITS = {"combativeness": "people.combativeness", "political_access": "people.political_access",
          "openness": "industry.openness", "mission_weight": "people.mission_weight"}
# What regulators ask for has no bearing where there are no rules, unless rules can still grow.
NEED_RULES = (
    "regulation.exempt_below_flop",
    "regulation.exempt_below_revenue_usd_bn",
    "regulation.audit_capacity",
    "regulation.penalty_share_of_revenue",
)
# Events that put controls into force whatever the levers say.
CONTROLS = {"chip_control_step", "mineral_ban"}


def warnings(merged: Merged) -> Iterator[Problem]:
    """Each key that is set and cannot change anything, with its place."""
    given = {".".join(map(str, loc)): setting for loc, setting in merged.settings.items()}
    values = resolve({key: s.value for key, s in given.items() if key.split(".")[0] not in AGENT_GROUPS})
    yield from _idle(merged, given, values)
    yield from _traits(merged, values)
    yield from _rules(given, values)
    yield from _overridden(given)
    for event in merged.events:
        if event["severity"].value == 0:
            yield _warning(f"a {event['kind'].value} of severity 0", event["severity"], "nothing happens",
                           "remove the event or raise its severity")


def _warning(what: str, setting: Setting, why: str, help_: str = "") -> Problem:
    return Problem("S201", f"{what} changes nothing here", setting.place("key"), why, help_, level="warning")


def _idle(merged: Merged, given: Mapping[str, Setting], values: Levers) -> Iterator[Problem]:
    kinds = {event["kind"].value for event in merged.events}
    for idle in IDLE_WHILE_ZERO:
        if idle.key not in given or values[idle.switch] != 0:
            continue
        if idle.switch == "trade.chip_controls" and kinds & CONTROLS:
            continue
        yield _warning(f"`{idle.key}`", given[idle.key], f"`{idle.switch}` is 0{_where(given, idle.switch)}",
                       f"airace params {idle.switch}")


def _traits(merged: Merged, values: Levers) -> Iterator[Problem]:
    for loc, setting in merged.settings.items():
        switch = TRAITS.get(str(loc[-1]))
        if loc[0] in AGENT_GROUPS and switch is not None and values[switch] == 0:
            yield _warning(f"`{'.'.join(map(str, loc))}`", setting, f"`{switch}` is 0, which multiplies it",
                           f"airace params {switch}")


def _rules(given: Mapping[str, Setting], values: Levers) -> Iterator[Problem]:
    grow = values["regulation.adaptivity"] != 0
    strictness = {place: float(values[f"regulation.{place}.strictness"]) for place in JURISDICTIONS}
    for key in NEED_RULES:
        name = key.partition(".")[2]
        for place in ("", *JURISDICTIONS):
            own = f"regulation.{place}.{name}" if place else key
            concerned = (
                [place] if place else [p for p in JURISDICTIONS if f"regulation.{p}.{name}" not in given]
            )
            if own in given and concerned and not any(strictness[p] for p in concerned):
                yield _warning(f"`{own}`", given[own], _no_rules(grow), "airace params regulation.strictness")
    above = "regulation.licensing_above"
    if above in given and max(strictness.values()) < float(values[above]) <= 1:
        why = f"strictness is at most {max(strictness.values()):g}"
        yield _warning(f"`{above}`", given[above], why + (", unless incidents raise it" if grow else ""),
                       "raise regulation.strictness above it, or lower it")


def _no_rules(grow: bool) -> str:
    return "strictness is 0" + (", unless incidents raise it" if grow else "")


def _overridden(given: Mapping[str, Setting]) -> Iterator[Problem]:
    """A general value that every jurisdiction overrides."""
    for path, lever in levers().items():
        section, _, name = path.partition(".")
        if path in given and lever.per and all(f"{section}.{p}.{name}" in given for p in JURISDICTIONS):
            yield _warning(
                f"`{path}`",
                given[path],
                "every jurisdiction has its own value",
                f"remove `{name} = {show(given[path].value)}`, or some of the jurisdictions' values",
            )


def _where(given: Mapping[str, Setting], key: str) -> str:
    return f" ({given[key].place()})" if key in given else ""


