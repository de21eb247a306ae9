"""The state of a run, declared once: one table per kind of agent or institution, one line per quantity.

From these lines follow the record that a run's state is kept in, the arrays that rules and users see, the attributes
of Mesa agents, and the bounds that `airace check` holds. Slots are fixed and `active` says which are in use, so entry
and exit never change a shape, and a lab that enters leaves other slots alone. Each kind's state is changed only by that
kind's rules; what passes between kinds goes through the world or a market.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.asked import FORESEEN

NATIONS = ("US", "China", "EU", "UK", "Gulf", "Taiwan", "Japan and Korea", "Rest of world")
REGULATORS = ("us", "california", "eu", "uk", "china")
US, CHINA = 0, 1  # the two nations that decide; also the index of the bloc that each leads
CALIFORNIA = REGULATORS.index("california")
BLOCS = 2
SEGMENTS = 2
PEOPLE, FIRMS = 0, 1  # the two segments of each bloc's customers; developers count with firms
LAB_SLOTS = 40
FOUNDER_SLOTS = 48
SUIT_SLOTS = 20
TRIGGER_SLOTS = 32  # triggers that a scenario may have
FAB_LAG_MONTHS = 36  # from money to chips; also the length of the delay line `nations.fab_pipeline`
PLANT_LAG_MONTHS = 12  # from a maker's decision to capacity; also the length of `chips.expansion`
MOST_MONTHS = 600  # that a run may last
OWNERS = ("founders", "investors", "patron", "mission")
"""Who owns a lab: founders with staff, investors, its patron or parent, the non-profit that has its mission."""
NOBODY = -1
LONG_AGO = 999.0  # months: for what began before the start


class Form(IntEnum):
    """A lab's legal form."""

    NONPROFIT = 0
    CAPPED_PROFIT = 1
    FOR_PROFIT = 2
    DIVISION = 3


class Claim(IntEnum):
    """What a suit is about."""

    CONVERSION = 0
    ANTITRUST = 1
    TRADE_SECRET = 2
    COPYRIGHT = 3


class Injunction(IntEnum):
    """Where a motion for an injunction stands."""

    NONE = 0
    PENDING = 1
    GRANTED = 2
    DENIED = 3


# ---- how a quantity is declared --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Quantity:
    """One quantity of a kind: what it is, its unit, and the bounds within which it stays in every month.

    `start` is its key in a start file, and in a scenario where that may change it; `blank` what it is where the start
    file says nothing; `shape` follows the slot where there is more than one number in each.
    """

    text: str
    unit: str
    type: type[float] | type[int] | type[bool] = float
    low: float = -inf
    high: float = inf
    start: str = ""
    blank: float | int | bool = 0
    shape: tuple[int, ...] = ()


def _number(unit: str, text: str, start: str = "", **more: Any) -> Quantity:
    """A number that may be below 0."""
    return Quantity(text, unit, start=start, **more)


def _stock(unit: str, text: str, start: str = "", **more: Any) -> Quantity:
    """A number that is never below 0."""
    return Quantity(text, unit, low=0.0, start=start, **more)


def _share(text: str, start: str = "", blank: float = 0.0, **more: Any) -> Quantity:
    """A share, an effort, a mood: from 0 to 1."""
    return Quantity(text, "0-1", low=0.0, high=1.0, start=start, blank=blank, **more)


def _flag(text: str, start: str = "", **more: Any) -> Quantity:
    """True or false."""
    return Quantity(text, "true or false", bool, start=start, blank=False, **more)


def _which(of: str, text: str, blank: int = NOBODY, start: str = "") -> Quantity:
    """Which of some: a whole number."""
    return Quantity(text, of, int, start=start, blank=blank)


@dataclass(frozen=True)
class Kind:
    """A kind of agent or institution: its quantities by name, in `slots` slots, or once a run where that is 0."""

    name: str
    text: str
    slots: int
    quantities: Mapping[str, Quantity]

    @cached_property
    def dtype(self) -> np.dtype:
        """The record of one run: fields by size, so that none straddles a boundary."""
        stored = {float: "f8", int: "i8", bool: "u1"}
        fields = [(name, stored[q.type], (*((self.slots,) if self.slots else ()), *q.shape))
                  for name, q in self.quantities.items()]
        fields.sort(key=lambda field: -np.dtype(field[1]).itemsize)
        return np.dtype(fields, align=True)


LABS = Kind("labs", "Labs", LAB_SLOTS, {
    "active": _flag("in business"),
    "nation": _which("nation", "where it is at home", US, "nation"),
    "form": _which("legal form", "its legal form", Form.FOR_PROFIT, "form"),
    "patron": _which("lab", "its corporate patron, or nobody", start="patron"),
    "user_cost": _stock("USD bn a year", "cost of the use of one H100e, the patron's credits taken off"),
    "credits": _stock("USD bn a year", "compute from the patron"),
    "mission_kept": _share("weight of the mission that the legal form leaves"),
    "access": _share("political access of the founder in control"),
    "big4": _flag("division of one of the four largest US platforms", "big4"),
    "age_months": _stock("months", "in business since the start or entry"),
    "cash": _number("USD bn", "money at hand", "cash_usd_bn"),
    "compute": _stock("H100e", "compute that the lab owns or rents", "compute_h100e"),
    "training_compute": _stock("H100e", "compute left for research once customers are served"),
    "algorithm": _number("log10", "algorithmic efficiency against mid-2023", "algorithm_log10"),
    "capability": _stock("log10 FLOP", "effective training compute of the best model", "capability_log10_flop"),
    "largest_run": _stock("log10 FLOP", "compute of the largest training run so far", "largest_run_log10_flop"),
    "largest_run_cost": _stock("USD mn", "what the compute of that run cost"),
    "run_flop": _stock("FLOP", "compute of the run in progress"),
    "run_months": _stock("months", "that the run in progress has lasted"),
    "followed": _flag("whether its last release owes a tenth or more of its effective compute to others' models"),
    "decided_by_others": _flag("whether its last release reached as far as others' models take it, whatever its run"),
    "revenue": _stock("USD bn a year", "run-rate revenue", "revenue_usd_bn"),
    "share": _share("share of world revenue"),
    "people_share": _share("share of its sales that people buy, the rest developers and firms", "people_share", 0.5),
    "valuation": _stock("USD bn", "price that the lab asks for all of itself, after its worth", "valuation_usd_bn"),
    "worth": _stock("USD bn", "what investors would pay for all of it: its sales in sight, discounted"),
    "priced": _stock("USD bn", "its value by its last round, the new money included"),
    "owned": _share("who owns it, by `OWNERS`; together 1", shape=(len(OWNERS),)),
    "raised": _stock("USD bn", "equity and donations so far", "raised_usd_bn"),
    "parent_cash_flow": _stock("USD bn a year", "cash flow of the parent company", "parent_cash_flow_usd_bn"),
    "parent_share": _share("share of it that the parent puts into the lab"),
    "research_share": _share("of it that the parent gives to research in any case, as at the start"),
    "burn": _number("USD bn a month", "spending less income, smoothed"),
    "standing": _share("chance in the contest for customers, against the best lab of its bloc"),
    "spending_wanted": _stock("USD bn a year", "that its sales and the prize call for"),
    "need": _stock("USD bn", "planned spending over the horizon less revenue and cash"),
    "funding_gap": _share("share of the need that money in sight leaves uncovered"),
    "growth_wanted": _number("log a year", "growth of compute that the lab aims at"),
    "safety": _share("share of effort on safety", "safety_effort"),
    "enmity": _share("how bad a rival's win would be"),
    "race_safety": _share("safety that the race alone would leave"),
    "safety_unbound": _share("safety that race, mission and law leave, without a treaty"),
    "research_kept": _share("share of research that care, rules, licences and inspections leave", blank=1.0),
    "openness": _share("openness of weights", "openness"),
    "reputation": _share("public standing", "reputation", 0.5),
    "mission": _share("weight of the mission in the lab's charter", "mission_weight"),
    "defence": _flag("takes defence contracts", "defence_work"),
    "regulated": _share("strictness that reaches the lab, over jurisdictions"),
    "complies": _flag("complies with the rules"),
    "licensed": _flag("trains under a licence"),
    "held_back": _flag("licensing is in force and the lab has no licence"),
    "compliance_cost": _stock("USD bn a month", "what compliance costs"),
    "converting": _flag("a conversion is under review", "converting"),
    "review_months": _number("months", "of review left"),
    "barred_months": _stock("months", "until a conversion may be tried again"),
    "enjoined": _flag("an injunction stops the conversion"),
    "suits_against": _stock("suits", "pending against the lab"),
    "distress_months": _stock("months", "in a row without cash"),
})

FOUNDERS = Kind("founders", "Founders; traits are stylised", FOUNDER_SLOTS, {
    "active": _flag("in the story"),
    "home": _which("lab", "where they work, or nobody", start="home"),
    "controls": _flag("controls the home lab"),
    "mission": _share("weight of the mission", "mission_weight"),
    "combativeness": _share("how ready to attack and to sue", "combativeness"),
    "wealth": _stock("USD bn", "own money", "wealth_usd_bn"),
    "access": _share("political access", "political_access"),
    "grievance_lab": _which("lab", "against which the main grievance is, or nobody", start="grievance_against"),
    "grievance": _share("how strong it is", "grievance"),
    "left_lab": _which("lab", "last left, or nobody"),
    "know_how": _number("log10", "algorithmic efficiency carried out of the last lab"),
})

REGULATORS_KIND = Kind("regulators", "Regulators", len(REGULATORS), {
    "aim": _share("strictness that policy wants"),
    "strictness": _share("strictness in force", "strictness"),
    "draft": _share("strictness that a law passed now would put into force"),
    "bill_months": _number("months", "until a bill is decided, or -1 without one", blank=NOBODY),
    "capture": _number("signed", "how lobbying bears on drafts; below 0 it softens", low=-1.0, high=1.0),
    "captured": _number("0-1, signed", "how far lobbying moved the law in force", low=-1.0, high=1.0),
    "gap_accepted": _number("log10 FLOP", "by which its nation lagged when the policy of the start was made"),
    "incident_memory": _stock("incidents", "fading count of severe incidents", "incident_memory"),
    "licences": _stock("licences", "that have been given"),
    "queue": _stock("labs", "whose reviews are pending"),
})

NATIONS_KIND = Kind("nations", "Nations; the US and China decide, the others follow", len(NATIONS), {
    "hostility": _share("hostility to the rival", "hostility"),
    "trust": _share("trust in the rival", "trust"),
    "export_control": _share("share of chips withheld from the rival, or from its power's", "export_control"),
    "mineral_ban": _share("share of minerals withheld from the rival", "mineral_ban"),
    "imports_refused": _share("share of the rival's chips that it could buy and refuses", "imports_refused"),
    "control_suspended": _share("share of chips that it would withhold but for a truce", "control_suspended"),
    "ban_suspended": _share("share of minerals that it would withhold but for a truce", "ban_suspended"),
    "revenue_share": _share("share of world revenue that its bloc's labs earn"),
    "lead_expected": _number("log10 FLOP", "lead over the rival, less what rules on one side alone cost"),
    "armed_share": _share("share of its labs' compute that does defence work"),
    "military_weight": _share("weight against the rival, by lead and by defence work"),
    "answers": _number("steps", "of the rival answered so far", "answers"),
    "answer_months": _number("months", "until a decided retaliation comes, or -1", blank=NOBODY),
    "truce_months": _stock("months", "of truce left", "truce_months"),
    "treaty": _flag("a treaty with the rival is in force", "treaty"),
    "breach": _flag("breaks the treaty in secret"),
    "treaty_care": _share("safety effort that a treaty asks of labs", "treaty_care"),
    "frontier": _number("log10 FLOP", "effective compute of the nation's best model ever"),
    "imported_stock": _stock("H100e", "world-traded chips in place", "imported_stock"),
    "domestic_stock": _stock("H100e", "chips from own plants in place", "domestic_stock"),
    "domestic_capacity": _stock("H100e a month", "that own plants can make", "domestic_capacity"),
    "ordered": _stock("H100e", "that could be powered and paid for this month, at the world's price"),
    "domestic_made": _stock("H100e", "made this month by own plants"),
    "imported": _stock("H100e", "bought this month on the world market"),
    "subsidy": _number("USD bn a year", "public money for chip plants and data centres"),
    "fab_money": _stock("USD bn", "subsidy ripening this month"),
    "power": _stock("GW", "available to AI", "power_gw"),
    "power_used": _number("GW", "that the chips in place draw"),
    "power_reference": _number("GW", "available to AI in January 2025", "power_2025_gw"),
    "chip_leverage": _share("share of traded chips it can withhold from the rival", "chip_leverage"),
    "mineral_leverage": _share("share of traded minerals it can withhold", "mineral_leverage"),
    "market_size": _number("share", "of world spending on AI", "market_size"),
    "market_closed": _share("how far the law closes its market to labs of the rival", "market_closed"),
    "capital_share": _number("share", "of the investors' pool", "capital_share"),
    "incidents_seen": _stock("incidents", "fading memory of severe incidents", "incidents_seen"),
    "fab_pipeline": _number("USD bn a month", "subsidy between money and plant, a delay line", shape=(FAB_LAG_MONTHS,)),
})

CAPITAL = Kind("capital", "The capital market", 0, {
    "sentiment": _stock("1 is normal", "investors' confidence"),
    "bust_months": _number("months", "since confidence broke; large when long ago"),
    "pool": _stock("USD bn", "that investors hold ready, by bloc", shape=(BLOCS,)),
    "market_start": _number("USD bn a year", "the market in sight at the start"),
    "market_before": _number("USD bn a year", "the market in sight a month ago"),
    "market_growth": _number("log a year", "how fast the market in sight grows, smoothed"),
})

CHIPS = Kind("chips", "The chip and metals markets", 0, {
    "capacity": _stock("H100e a month", "of world-traded chips"),
    "disruption": _share("share of that capacity lost at present"),
    "cumulative": _stock("H100e", "made so far"),
    "cumulative_start": _number("H100e", "made by the start"),
    "expansion": _number("log a year", "growth of capacity under way, by month of decision", shape=(PLANT_LAG_MONTHS,)),
    "margin": _number("log", "of the price over the usual price"),
    "margin_seen": _number("log", "the same as makers have noticed it"),
    "usual_start": _stock("USD bn", "the usual price at the start"),
    "price": _stock("USD bn", "of one H100e with its share of the data centre"),
    "premium": _stock("ratio", "of what compute costs in a bloc to what the world's price makes it", shape=(BLOCS,)),
    "price_start": _number("USD bn", "the same at the start"),
    "user_cost": _stock("USD bn a year", "for the use of one H100e"),
    "mineral_price": _stock("index", "of the metals, 1 at the start"),
    "substitution": _share("share of lost minerals replaced from elsewhere"),
    "shortage_start": _number("0-1", "metals missing at the start"),
    "sold": _stock("H100e", "sold this month, all nations"),
})

CUSTOMERS = Kind("customers", "Customers", 0, {
    "adoption": _share("share of potential customers"),
    "potential": _stock("USD bn a year", "that the best model could earn"),
    "spending": _number("USD bn a year", "that adopters spend, or would on open weights"),
    "revenue": _stock("USD bn a year", "of all labs"),
    "segment_size": _share("share of a bloc's spending, by segment", shape=(BLOCS, SEGMENTS)),
    "market_share": _share("shares by bloc and segment", shape=(BLOCS, SEGMENTS, LAB_SLOTS)),
    "brand": _number("utility", "what a lab's name and reach are worth to a segment", shape=(SEGMENTS, LAB_SLOTS)),
    "user_gain": _stock("USD bn a year", "what users gain beyond what they pay, by bloc", shape=(BLOCS,)),
    "fixed_price": _stock("index", "price of the start's best capability"),
    "algorithm_start": _number("log10", "efficiency that customers met at the start"),
    "margin_start": _number("ratio", "mean price over cost at the start"),
})

DOCKET = Kind("docket", "Suits pending", SUIT_SLOTS, {
    "active": _flag("pending"),
    "kind": _which("claim", "what it is about", Claim.CONVERSION),
    "plaintiff": _which("lab", "who sues, or nobody for rights holders", 0),
    "founder": _which("founder", "who is behind it, or nobody", 0),
    "defendant": _which("lab", "who is sued", 0),
    "age": _stock("months", "since filing"),
    "merit": _share("strength of the claim"),
    "stakes": _stock("USD bn", "what is at stake"),
    "injunction": _which("injunction", "where the motion stands", Injunction.NONE),
    "ruling_due": _number("months", "age at which a pending motion is ruled on"),
    "allies": _stock("rivals", "that side with the plaintiff"),
})

FOUNDINGS = Kind("foundings", "Labs about to open: at most one of a founder's and one of a newcomer's a month", 2, {
    "decided": _flag("whether one is to open"),
    "founder": _which("founder", "who founds it, or nobody for a start-up with a new founder"),
    "nation": _which("nation", "where it will be at home", US),
    "cash": _stock("USD bn", "seed money"),
    "algorithm": _number("log10", "algorithmic efficiency to begin with"),
    "mission": _share("weight of the mission in its charter"),
    "own_money": _stock("USD bn", "the founder's own in it"),
})
BY_FOUNDER, BY_NEWCOMER = 0, 1  # the slots of `foundings`
FOUNDING_SLOTS = FOUNDINGS.slots

TRIGGERS = Kind("triggers", "Policies that are decided for the case that something happens", TRIGGER_SLOTS, {
    "held_months": _stock("months", "in a row in which the conditions have held"),
    "due_months": _number("months", "until it comes into force, or -1", blank=NOBODY),
    "in_force": _flag("in force"),
    "fired_month": _number("month", "in which its conditions were met last, or -1", blank=NOBODY),
})

ANNOUNCED = Kind("announced", "What is known to come of the levers that somebody looks ahead to", len(FORESEEN), {
    "months": _number("months", "until the lever changes, or -1", blank=NOBODY),
    "value": _number("as the lever", "what it will be, once changed"),
})

MONTH = Kind("now", "What happened in this month; cleared when a month begins", 0, {
    "capital_raised": _stock("USD bn", "capital raised"),
    "raised_in_china": _stock("USD bn", "of it, by labs of China's bloc"),
    "lobbying": _stock("USD bn", "that labs other than divisions spent on lobbying"),
    "largest_round": _stock("USD bn", "the largest round"),
    "conversions": _stock("conversions", "to a for-profit company"),
    "departures": _stock("departures", "of founders"),
    "spin_offs": _stock("labs", "that founders who left have founded"),
    "suits_filed": _stock("suits", "filed"),
    "injunctions": _stock("injunctions", "granted"),
    "legal_cost": _stock("USD bn", "of suits"),
    "incidents": _stock("incidents", "reported"),
    "severe_hazard": _share("probability of a severe incident"),
    "severe_incidents": _stock("incidents", "severe ones"),
    "compliance_cost": _stock("USD bn", "of all labs"),
    "short_of_money": _share("share of frontier compute held back by money"),
    "short_of_power": _share("share of it held back by electric power"),
    "short_of_chips": _share("share of it held back by chips"),
    "short_of_customers": _share("share of it held back by a market that is nearly full"),
})

PAST = Kind("past", "What lags and delays are read from", 0, {
    "frontier": _number("log10 FLOP", "best US and Chinese model, in each month, before the first included",
                        shape=(MOST_MONTHS + 1, 2)),
    "algorithm": _number("log10", "best algorithms of each bloc, in each month, before the first included",
                         shape=(MOST_MONTHS + 1, BLOCS)),
})

PURPOSES = (
    "compliance", "compute", "damages", "damages won", "defence", "donations", "fines", "investors", "lawyers",
    "lobbying", "merged", "merger", "owners", "parent", "patron", "revenue", "seed", "staff", "takeovers",
    "written off",
)
"""What cash is received or paid for; `books` holds it of each lab, USD bn this month, paid below 0."""
MOST_NEWS = 1024  # events of one run in one month: far more than all labs and founders together can cause
NEWS = np.dtype([("count", "i8"), ("amount", "f8", (MOST_NEWS,)), ("kind", "i2", (MOST_NEWS,)),
                 ("actor", "i2", (MOST_NEWS,)), ("target", "i2", (MOST_NEWS,))], align=True)
"""Events of the month until they are collected, as `sim.model.events` describes them."""

KINDS: tuple[Kind, ...] = (
    LABS, FOUNDERS, REGULATORS_KIND, NATIONS_KIND, CAPITAL, CHIPS, CUSTOMERS, DOCKET, FOUNDINGS, TRIGGERS,
    ANNOUNCED, MONTH, PAST
)
RUN = np.dtype([
    ("number", "i8"), ("month", "i8"), *((kind.name, kind.dtype) for kind in KINDS),
    ("books", "f8", (len(PURPOSES), LAB_SLOTS)), ("news", NEWS),
], align=True)
"""The record of one run: its number, the month that it is in, a nested record per kind, its books and its news."""


# ---- how rules and users see it --------------------------------------------------------------------------------------
class Table:
    """One kind in all runs of a batch: its quantities as arrays (rows, slots, ...), (rows, 1) where there are no slots.

    The arrays are views of the runs' records. Writing to one, or assigning to its name, writes the records; an unknown
    name raises AttributeError, so that a typo is not swallowed.
    """

    def __init__(self, kind: Kind, records: np.ndarray) -> None:
        views = {}
        for name, quantity in kind.quantities.items():
            view = records[name]
            if not kind.slots and not quantity.shape:
                view = view[:, None]
            views[name] = view.view(bool) if quantity.type is bool else view
        vars(self).update(views)
        vars(self)["_kind"] = kind

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._kind.quantities:
            raise AttributeError(f"{self._kind.name} have no {name}; there are: {', '.join(self._kind.quantities)}")
        array = vars(self)[name]
        if value is not array:
            array[...] = value

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by name."""
        return {name: vars(self)[name] for name in self._kind.quantities}

    def copy_from(self, other: Table) -> None:
        """Take over another table's values."""
        for name, array in other.arrays().items():
            setattr(self, name, array)


def blank_state(rows: int) -> np.ndarray:
    """Records (rows,) in which every quantity has its blank value."""
    state = np.zeros(rows, RUN)
    for kind in KINDS:
        for name, quantity in kind.quantities.items():
            if quantity.blank:
                state[kind.name][name] = quantity.blank
    return state


def tables_of(state: np.ndarray) -> dict[str, Table]:
    """The tables of records (rows,), by name."""
    return {kind.name: Table(kind, state[kind.name]) for kind in KINDS}
