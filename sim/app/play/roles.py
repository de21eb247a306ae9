"""Who can be played: what each decides, in words, which gauges it sees, and what it is after.

A decision is a lever that a scenario can move on a date, so a played game is a scenario file. Attributes of single labs
can be set at the start only: nobody plays one lab, but the labs can be played together, by the levers of industry.
Nobody plays the UK: in this model its rules, however strict, move nothing that could be seen (docs/play.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.app.levers import in_words, lever_of
from sim.common.language import gettext
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import Value
from sim.report.words.names import opening

MOST_DECISIONS = 2
"""Decisions of a role in a quarter: nobody has attention for more."""
OFFER_STEP = 0.1
"""How far an offer of cooperation moves in a quarter where nobody plays the other side, who is taken to follow."""


@dataclass(frozen=True)
class Decision:
    """A lever in the reach of a role: a question, and values with the words for each.

    What is `shared` takes two: each power makes an offer, and the lower of the offers counts.
    """

    lever: str
    title: str
    about: str
    values: tuple[tuple[Value, str], ...]
    shared: bool = False

    def words(self, value: Value) -> str:
        """A value in words with its number: "light (0.15)"; the number alone where it has no words."""
        number = in_words(self.lever, value)
        named = gettext(next((words for known, words in self.values if known == value), ""))
        return gettext("{words} ({number})", words=named, number=number) if named and named != number else number

    def allows(self, value: Value) -> bool:
        """Whether the value is one of those offered, and of their type."""
        return any(known == value and isinstance(known, bool) == isinstance(value, bool) for known, _ in self.values)


@dataclass(frozen=True)
class Aim:
    """What a role is after: an outcome, and which direction is better for it."""

    outcome: str
    better: Literal["higher", "lower"]
    words: str


@dataclass(frozen=True)
class Role:
    """Who is played: `name` in a sentence, `task` in two, `aims` first among its gauges."""

    key: str
    name: str
    task: str
    decisions: tuple[Decision, ...]
    aims: tuple[Aim, ...]
    beside: tuple[str, ...]
    decides: Mapping[str, Decision] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decides", {decision.lever: decision for decision in self.decisions})

    @property
    def gauges(self) -> tuple[str, ...]:
        """The six outcomes that it sees."""
        return (*(aim.outcome for aim in self.aims), *self.beside)

    @property
    def opening(self) -> str:
        """The name at the start of a sentence, in the language in use."""
        return opening(gettext(self.name))


# ---- decisions that several roles have ------------------------------------------------------------------------------
_STRICTNESS = ((0.0, "no rules"), (0.1, "hardly any"), (0.15, "light"), (0.3, "moderate"), (0.45, "firm"),
               (0.6, "strict"), (0.75, "very strict"), (0.9, "a licence to train at the frontier"))
_AUDITS = ((0.0, "none"), (0.1, "one lab in ten each year"), (0.25, "one in four"), (0.5, "every second"),
           (0.75, "three in four"), (1.0, "every lab each year"))
_FINES = ((0.0, "none"), (0.01, "a nuisance"), (0.03, "felt"), (0.07, "as high as EU law goes"), (0.15, "heavy"),
          (0.3, "ruinous"))
_EXEMPT = ((0.0, "nobody"), (1e24, "the smallest"), (1e26, "most"), (1e27, "all but the leaders"),
           (1e28, "nearly everybody"))
_LOBBYISTS = ((0.0, "closed"), (0.5, "half closed"), (1.0, "as on record"), (2.0, "wide open"))
_SUBSIDY = (0.0, 10.0, 15.0, 30.0, 60.0, 100.0, 200.0)
_MULTIPLE = ((0.0, "never"), (0.5, "half as readily"), (1.0, "as on record"), (1.5, "more readily"))


def _rules(place: str, *names: str) -> tuple[Decision, ...]:
    """The decisions of whoever makes rules, of these names."""
    known = {
        "strictness": ("Strictness of your rules", "What law-makers work towards: a bill takes months and may fail.",
                       _STRICTNESS),
        "audit_capacity": ("Audits", "The chance that a lab under your rules is looked at in a year.", _AUDITS),
        "penalty_share_of_revenue": ("Fine for a breach", "Of a year's revenue, where an audit finds one.", _FINES),
        "exempt_below_flop": ("Exempt smaller labs", "Labs whose largest training run stays below this.", _EXEMPT),
        "capture": ("Door for lobbyists", "How far lobbying moves your rules, either way.", _LOBBYISTS),
    }
    return tuple(Decision(f"regulation.{place}.{name}", *known[name]) for name in names)


def _subsidy(place: str) -> Decision:
    return Decision(f"subsidy.{place}_usd_bn_per_year", "Public money for chips and data centres",
                    "Each year; plants take years to build.",
                    tuple((each, "" if each else "none") for each in _SUBSIDY))


_COOPERATION = Decision(
    "diplomacy.us_china_cooperation", "Cooperation of the US and China",
    "What you offer. Alone you move it by 0.1 a quarter, and the other side is taken to follow; with both sides played "
    "the lower offer counts.",
    tuple((round(0.1 * tenth, 1), {0: "open rivalry", 5: "talks on safety", 10: "shared governance"}.get(tenth, ""))
          for tenth in range(11)), shared=True)
_VERIFICATION = Decision(
    "diplomacy.treaty_verification", "Inspections under a treaty",
    "What you accept: the chance in a year that a breach is seen. Alone you move it by 0.1 a quarter; with both sides "
    "played the lower offer counts.", tuple((round(0.1 * tenth, 1), "") for tenth in range(11)), shared=True)

# ---- the roles ------------------------------------------------------------------------------------------------------
ROLES: Mapping[str, Role] = {role.key: role for role in (
    Role("us", "the US",
         "The labs that lead are yours. Keep the lead, keep the public safe, and let people gain from AI.",
         (*_rules("us", "strictness", "audit_capacity", "capture"),
          Decision("trade.chip_controls", "Chips withheld from China",
                   "How readily chips are withheld. China answers with metals.",
                   ((0.0, "repeal the controls"), (0.5, "loosen them"), (1.0, "as on record"), (1.5, "tighten them"))),
          Decision("trade.enforcement", "Customs against smuggled chips", "0 lets chips leak, 1 stops all leakage.",
                   ((0.2, "hardly any"), (0.5, "as on record"), (0.8, "thorough"), (1.0, "no leak at all"))),
          _subsidy("us"),
          Decision("industry.defence_contracts", "Defence work for labs", "How much of it is offered to labs.",
                   ((0.0, "none"), (1.0, "as on record"), (2.0, "twice as much"), (3.0, "three times as much"))),
          _COOPERATION, _VERIFICATION),
         (Aim("us_china_lag_months", "higher", "keep the lead over China"),
          Aim("severe_incidents", "lower", "no severe incident"),
          Aim("user_gain_us_usd_bn", "higher", "people gain from AI")),
         ("hostility", "safety_effort", "market_hhi")),
    Role("china", "China",
         "The chips you need are made elsewhere. Close the gap, stay safe, and let people gain from AI.",
         (*_rules("china", "strictness", "audit_capacity", "exempt_below_flop"),
          Decision("trade.mineral_retaliation", "Metals withheld in answer to chip controls",
                   "Prices of chips rise everywhere, and the other side may give way or harden.",
                   (*_MULTIPLE, (2.0, "twice as readily"))),
          Decision("trade.import_refusal", "Foreign chips refused",
                   "So that your own plants have a market; until they deliver, compute is scarce.",
                   (*_MULTIPLE, (2.0, "twice as readily"))),
          _subsidy("china"), _COOPERATION, _VERIFICATION),
         (Aim("us_china_lag_months", "lower", "close the gap to the US"),
          Aim("severe_incidents", "lower", "no severe incident"),
          Aim("user_gain_china_usd_bn", "higher", "people gain from AI")),
         ("hostility", "china_chip_share", "export_control")),
    Role("eu", "the EU",
         "You make rules for labs that are mostly at home elsewhere. Make them careful, keep the small ones alive, and "
         "see no severe incident.",
         _rules("eu", "strictness", "exempt_below_flop", "audit_capacity", "penalty_share_of_revenue", "capture"),
         (Aim("severe_incidents", "lower", "no severe incident"),
          Aim("safety_effort", "higher", "leading labs take care"),
          Aim("small_labs", "higher", "small labs survive")),
         ("strictness_eu", "compliance_cost_usd_bn", "market_hhi")),
    Role("california", "California",
         "The labs live with you. Keep them safe and many, and keep the largest at home and selling.",
         _rules("california", "strictness", "exempt_below_flop", "audit_capacity", "penalty_share_of_revenue",
                "capture"),
         (Aim("severe_incidents", "lower", "no severe incident"),
          Aim("small_labs", "higher", "small labs survive"),
          Aim("leader_revenue_usd_bn", "higher", "the largest seller sells more")),
         ("safety_effort", "suits_filed", "market_hhi")),
    Role("labs", "the labs",
         "You speak for all labs together. Grow, reach further, and do no severe harm on the way.",
         (Decision("industry.lobbying", "Lobbying", "What labs spend on it.",
                   ((0.0, "none"), (0.5, "half"), (1.0, "as on record"), (3.0, "three times as much"),
                    (6.0, "six times as much"))),
          Decision("industry.openness", "Open weights", "As a multiple of each lab's own openness.",
                   ((0.0, "all kept secret"), (0.5, "half as open"), (1.0, "as on record"), (2.0, "twice as open"))),
          Decision("litigation.filing", "Suits", "How readily labs and others sue.",
                   ((0.0, "no new suits"), (0.5, "half as readily"), (1.0, "as on record"), (2.0, "twice as readily"))),
          Decision("litigation.media_attacks", "Quarrels in public", "How often founders attack rivals.",
                   ((0.0, "never"), (1.0, "as on record"), (3.0, "three times as often"))),
          Decision("people.mission_departures", "Founders who leave over the mission",
                   "How strongly drift from the mission drives them out.",
                   ((0.0, "not at all"), (0.5, "half as much"), (1.0, "as on record"), (2.0, "twice as much")))),
         (Aim("frontier_log10_flop", "higher", "reach further"),
          Aim("leader_revenue_usd_bn", "higher", "sell more"),
          Aim("severe_incidents", "lower", "no severe incident")),
         ("capital_raised_usd_bn", "compliance_cost_usd_bn", "strictness_us")),
    Role("investors", "the investors",
         "The money is yours. Let what you own be worth more, with as little harm as can be and more than one winner.",
         (Decision("capital.investor_pool", "Money held ready for AI", "As a multiple of the record.",
                   ((0.5, "half"), (1.0, "as on record"), (1.5, "half as much again"), (2.0, "twice as much"))),
          Decision("capital.patronage", "Corporate patrons", "How much money and compute they give to labs they back.",
                   ((0.0, "none"), (0.5, "half"), (1.0, "as on record"), (2.0, "twice as much"))),
          Decision("capital.takeovers", "Takeovers", "How often labs bid for each other.",
                   ((0.0, "never"), (1.0, "as on record"), (3.0, "three times as often"))),
          Decision("industry.entry", "New labs", "How readily start-ups find backers and enter.",
                   ((0.0, "none"), (0.5, "half as readily"), (1.0, "as on record"), (2.0, "twice as readily"))),
          Decision("people.founder_seed_capital", "Founders' own money", "What goes into labs that they found.",
                   ((0.0, "none"), (1.0, "as on record"), (2.0, "twice as much")))),
         (Aim("leader_valuation_usd_bn", "higher", "the dearest lab is worth more"),
          Aim("severe_incidents", "lower", "no severe incident"),
          Aim("market_hhi", "lower", "more than one winner")),
         ("capital_raised_usd_bn", "active_labs", "largest_round_usd_bn")),
)}
POWERS = ("us", "china")
"""Roles whose offers meet in what is shared."""


def decision_of(role: str, lever: str) -> Decision:
    """A role's decision on a lever; KeyError where it has none."""
    return ROLES[role].decides[lever]


def told_of(role: Role) -> dict[str, Any]:
    """A role for the page that asks whom to play."""
    return {"key": role.key, "name": role.opening, "task": gettext(role.task),
            "aims": [gettext(aim.words) for aim in role.aims],
            "decisions": [gettext(decision.title) for decision in role.decisions]}


def check() -> None:
    """KeyError or ValueError where a role names no lever or outcome, or a value outside its lever's range."""
    for role in ROLES.values():
        for name in role.gauges:
            OUTCOMES[name]
        for decision in role.decisions:
            lever = lever_of(decision.lever)
            for value, _ in decision.values:
                if lever.type == "number" and not float(lever.low or 0) <= float(value) <= float(lever.high or 0):
                    raise ValueError(f"{decision.lever} cannot be {value}")
