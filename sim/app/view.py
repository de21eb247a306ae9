"""What a visitor looks at - scenario, pinned baseline, seed, run, charts - and its link: one is made from the other.

A link names only what differs from the defaults: `?from=baseline&regulation.strictness=0.8&pin.trade.chip_controls=0`,
and a policy in time by its name: `?change.subsidy.date=2027-01&change.subsidy.subsidy.us_usd_bn_per_year=50`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sim.app import in_time
from sim.app.in_time import FormError, Policies, policy_key, scenario_of
from sim.app.levers import lever_of, refusal, shown_in_link, value_of
from sim.common.shell import command_line
from sim.common.text import suggest
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import Value
from sim.scenario.scenario import Scenario, ScenarioError
from sim.scenario.shipped import scenario_files

YOURS = "Your scenario"
PINNED = "Pinned baseline"
PIN = "pin."
FILE = "scenario.toml"
CHARTS: tuple[str, ...] = ("us_china_lag_months", "severe_incidents", "safety_effort", "compliance_cost_usd_bn",
                           "small_labs", "state_control")
MOST_CHARTS = 6
MAPPED = "severe_incidents"
LARGEST_SEED = 2**31 - 1
LARGEST_RUN = 9999
LONGEST_QUERY = 8000
Changes = Mapping[str, Value]


@dataclass
class ForEverybody:
    """What this server shows all its visitors, whatever their links ask for."""

    anonymous: bool = False


for_everybody = ForEverybody()


@dataclass(frozen=True, kw_only=True)
class View:
    """All that a link holds. `levers` and `pinned` are changes to the scenario `start`, by a lever's path; `policies`
    and `pinned_policies` go over its policies in time. Charts show levels, or the `difference` to the baseline; where
    one of them is `presented`, it stands alone, large, without levers."""

    start: str = "baseline"
    levers: Changes = field(default_factory=dict)
    policies: Policies = field(default_factory=dict)
    pinned: Changes = field(default_factory=dict)
    pinned_policies: Policies = field(default_factory=dict)
    seed: int = 0
    run: int = 0
    anonymous: bool = False
    mapped: str = MAPPED
    charts: tuple[str, ...] = CHARTS
    difference: bool = False
    presented: str = ""

    def __post_init__(self) -> None:
        for name in ("levers", "policies", "pinned", "pinned_policies"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        if for_everybody.anonymous:
            object.__setattr__(self, "anonymous", True)
        if self.presented and self.presented not in self.charts:
            object.__setattr__(self, "charts", (self.presented, *self.charts[:MOST_CHARTS - 1]))

    @property
    def baseline(self) -> Scenario:
        """The scenario that is compared with: the one chosen, or the one pinned."""
        start = start_scenario(self.start, self.anonymous)
        return scenario_of(start, self.pinned, self.pinned_policies, PINNED) if self.is_pinned else start

    @property
    def is_pinned(self) -> bool:
        """Whether the baseline is another than the scenario chosen."""
        return bool(self.pinned or self.pinned_policies)

    @property
    def scenario(self) -> Scenario:
        """The present scenario; ScenarioError if its levers contradict each other."""
        return scenario_of(start_scenario(self.start, self.anonymous), self.levers, self.policies, YOURS)

    @property
    def unmoved(self) -> bool:
        """Whether the present scenario is the baseline."""
        here, there = self.scenario, self.baseline
        return (here.levers, here.changes, here.whens) == (there.levers, there.changes, there.whens)

    def move(self, path: str, value: object) -> View:
        """This view with a lever moved; None lets it go. KeyError, ValueError, ScenarioError if it cannot be."""
        lever_of(path)
        moved = {name: kept for name, kept in self.levers.items() if name != path}
        if value is not None:
            try:
                moved[path] = value_of(path, value)
            except ValueError as error:
                raise ValueError(refusal(path, value, self.scenario.levers[path]) or str(error)) from None
        return _linked(replace(self, levers=settled(self.start, moved)))

    def pin(self) -> View:
        """This view with the present scenario as the baseline."""
        return _linked(replace(self, pinned=self.levers, pinned_policies=self.policies))

    def reset(self) -> View:
        """This view with levers and policies as in the baseline."""
        return replace(self, levers=self.pinned, policies=self.pinned_policies)

    def decide(self, group: str, name: str, texts: Mapping[str, str], new: bool) -> View:
        """This view with a policy in time as a form gives it; FormError says what is wrong, by key."""
        start = start_scenario(self.start)
        return _linked(replace(self, policies=in_time.from_form(start, self.policies, (group, name), texts, new)))

    def take_back(self, group: str, name: str) -> View:
        """This view without a policy in time."""
        return replace(self, policies=in_time.without(start_scenario(self.start), self.policies, (group, name)))

    def ask(self, **asked: object) -> View:
        """This view with parts as a link would write them (`seed`, `run`, `map`, `charts`); ValueError if refused."""
        given = {_READERS[name][0]: _READERS[name][1](str(text)) for name, text in asked.items()}
        return replace(self, **given)

    @property
    def command(self) -> str:
        """The command that tells the same run of the present scenario; of its file where it has policies of its own."""
        if self.policies:
            return command_line("airace", "run", FILE, "--seed", self.seed, "--run", self.run, *self._nameless)
        levers = [word for path, value in self.levers.items() for word in ("--set", f"{path}={shown_in_link(value)}")]
        which = ("--seed", self.seed, "--run", self.run)
        return command_line("airace", "run", self.start, *levers, *which, *self._nameless)

    @property
    def compare_command(self) -> str:
        """The command that compares the scenario file with the same baseline; "" for a pinned one: it has no file."""
        return "" if self.is_pinned else command_line(
            "airace", "compare", self.start, FILE, "--seed", self.seed, *self._nameless)

    @property
    def _nameless(self) -> list[str]:
        return ["--anonymous"] if self.anonymous else []

    def query(self) -> str:
        """The link's query string, without its question mark; "" where all is as at first."""
        given: dict[str, str] = {} if self.start == "baseline" else {"from": self.start}
        start = start_scenario(self.start)
        given |= {path: shown_in_link(value) for path, value in self.levers.items()}
        given |= in_time.in_link(start, self.policies)
        given |= {f"{PIN}{path}": shown_in_link(value) for path, value in self.pinned.items()}
        given |= in_time.in_link(start, self.pinned_policies, PIN)
        plain: tuple[tuple[str, Any, Any], ...] = (("seed", self.seed, 0), ("run", self.run, 0),
                                                   ("map", self.mapped, MAPPED),
                                                   ("charts", ",".join(self.charts), ",".join(CHARTS)))
        given |= {name: str(value) for name, value, default in plain if value != default}
        given |= {"show": "difference"} if self.difference else {}
        given |= {"present": self.presented} if self.presented else {}
        given |= {"anonymous": "yes"} if self.anonymous else {}
        return urlencode(given, quote_via=quote, safe=",")


@lru_cache(maxsize=64)
def start_scenario(name: str, anonymous: bool = False) -> Scenario:
    """A scenario that comes with airace, by name; KeyError if there is none."""
    scenario = Scenario.load(scenario_files()[name])
    return scenario.with_({"anonymous": True}) if anonymous else scenario


def settled(start: str, changes: Changes) -> dict[str, Value]:
    """The changes that say something: a value that the start has anyway is left out. ScenarioError if they clash."""
    whole = start_scenario(start).with_(changes)
    kept = dict(changes)
    for path in changes:
        without = {name: value for name, value in kept.items() if name != path}
        if start_scenario(start).with_(without).levers == whole.levers:
            kept = without
    return kept


def _linked(view: View) -> View:
    """The view, if a link can hold it; FormError if not."""
    if len(view.query()) > LONGEST_QUERY:
        raise FormError({"": f"the page's link would be longer than {LONGEST_QUERY} characters: remove a policy first, "
                             "or write this into the scenario file"})
    return view


# ---- from a link -------------------------------------------------------------------------------------------


def read(query: str) -> tuple[View, list[str]]:
    """The view that a link's query string asks for, and a sentence for each part of it that was refused."""
    if len(query) > LONGEST_QUERY:
        return View(), [f"The link is longer than {LONGEST_QUERY} characters and was ignored."]
    refused: list[str] = []
    given = parse_qsl(query.lstrip("?"), keep_blank_values=True, max_num_fields=LONGEST_QUERY)
    start = next((value for name, value in given if name == "from"), "baseline")
    if start not in scenario_files():
        refused.append(f"from: no scenario {start[:60]!r} comes with airace{_did_you_mean(start)}; "
                       "the baseline is used.")
        start = "baseline"
    levers: dict[str, Value] = {}
    pinned: dict[str, Value] = {}
    asked: dict[str, dict[in_time.Key, dict[str, str]]] = {"": {}, PIN: {}}
    other: dict[str, Any] = {}
    for name, text in given:
        if name == "from":
            continue
        try:
            if name in _READERS:
                field_name, reader = _READERS[name]
                other[field_name] = reader(text)
                continue
            prefix = PIN if name.startswith(PIN) else ""
            path = name.removeprefix(prefix)
            if policy := policy_key(path):
                asked[prefix].setdefault(policy[0], {})[policy[1]] = text
            else:
                _take(start, pinned if prefix else levers, path, text)
        except (ValueError, ScenarioError) as error:
            refused.append(f"{_first_line(error)}; it is left as it was.")
    (policies, one), (pinned_policies, other_refused) = (
        in_time.from_link(start_scenario(start), texts) for texts in asked.values())
    refused += [f"{said}; it is left as it was." for said in (*one, *other_refused)]
    return View(start=start, levers=levers, policies=policies, pinned=pinned, pinned_policies=pinned_policies,
                **other), refused


def _take(start: str, changes: dict[str, Value], path: str, text: str) -> None:
    """Add a lever's value to changes that go together; ValueError or ScenarioError if it is refused."""
    try:
        lever_of(path)
    except KeyError:
        raise ValueError(f"nothing is called {path[:80]!r}{_did_you_mean(path)}") from None
    value = value_of(path, text)
    start_scenario(start).with_({**changes, path: value})
    changes[path] = value


def _first_line(error: Exception) -> str:
    return str(error.problems[0].message) if isinstance(error, ScenarioError) else str(error)


def _did_you_mean(name: str) -> str:
    from sim.model.parameters import levers

    close = suggest(name, [*levers(), *scenario_files(), *_READERS])
    return f"; did you mean {close!r}?" if close else ""


def _whole(name: str, highest: int) -> Callable[[str], int]:
    def reader(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= highest):
            raise ValueError(f"{name} is a whole number from 0 to {highest}, not {text[:40]!r}")
        return int(text)

    return reader


def _outcome(name: str) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if text not in OUTCOMES:
            close = suggest(text, list(OUTCOMES))
            hint = f"; did you mean {close!r}?" if close else f", such as {MAPPED}"
            raise ValueError(f"{name} is the name of an outcome{hint}, not {text[:60]!r}")
        return text

    return reader


def _presented(text: str) -> str:
    return text and _outcome("present")(text)


def _is_difference(text: str) -> bool:
    if text not in ("levels", "difference"):
        raise ValueError(f"show is levels or difference, not {text[:40]!r}")
    return text == "difference"


def _charts(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if not 1 <= len(names) <= MOST_CHARTS or set(names) - set(OUTCOMES):
        raise ValueError(f"charts is a list of 1 to {MOST_CHARTS} outcomes, such as {','.join(CHARTS[:2])}, "
                         f"not {text[:80]!r}")
    return names


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"anonymous is yes or no, not {text[:40]!r}")
    return text == "yes"


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "seed": ("seed", _whole("seed", LARGEST_SEED)),
    "run": ("run", _whole("run", LARGEST_RUN)),
    "map": ("mapped", _outcome("map")),
    "show": ("difference", _is_difference),
    "present": ("presented", _presented),
    "charts": ("charts", _charts),
    "anonymous": ("anonymous", _yes_or_no),
}
