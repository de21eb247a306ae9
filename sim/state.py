"""The state of a batch of runs: one small table of arrays per kind of agent or institution.

Every array has one row per run and one column per slot: shape (rows, slots). Slots are fixed and `active` says
which are in use, so entry and exit never change a shape, and a lab that enters leaves other slots alone. Each kind's
state is changed only by that kind's rules; what passes between kinds goes through the world or a market.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

NATIONS = ("US", "China", "EU", "UK", "Gulf", "Taiwan", "Japan and Korea", "Rest of world")
REGULATORS = ("us", "california", "eu", "uk", "china")
US, CHINA = 0, 1  # the two nations that decide; also the index of the bloc that each leads
CALIFORNIA = REGULATORS.index("california")
LAB_SLOTS = 32
FOUNDER_SLOTS = 40
SUIT_SLOTS = 12
FAB_LAG_MONTHS = 36  # from money to chips; also the length of the delay line `Nations.fab_pipeline`
NOBODY = -1
LONG_AGO = 999.0  # months: for what began before the start


def places(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and slots where a mask (rows, slots) holds: two int arrays (n,), row by row. Fast where little holds."""
    rows, slots = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return rows, slots


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


class Table:
    """What all tables of state share: their fields by name, and a copy."""

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by field name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def copy_from(self, other: Table) -> None:
        """Take over another table's values, in place."""
        for name, array in other.arrays().items():
            getattr(self, name)[...] = array


@dataclass
class Labs(Table):
    """Labs, shape (rows, LAB_SLOTS). Money in USD bn, compute in H100 equivalents, capability in log10 FLOP."""

    active: np.ndarray  # bool: in business
    nation: np.ndarray  # int: index into NATIONS
    form: np.ndarray  # int: Form
    patron: np.ndarray  # int: lab slot of the corporate patron, or NOBODY
    user_cost: np.ndarray  # USD bn a year for one H100e, the patron's credits taken off
    credits: np.ndarray  # USD bn a year of compute from the patron
    mission_kept: np.ndarray  # 0-1 weight of the mission that the legal form leaves
    access: np.ndarray  # 0-1 political access of the founder in control
    big4: np.ndarray  # bool: division of one of the four largest US platforms
    age_months: np.ndarray  # months in business since the start or entry
    cash: np.ndarray  # USD bn
    compute: np.ndarray  # H100e that the lab owns or rents
    training_compute: np.ndarray  # H100e left for research once customers are served
    algorithm: np.ndarray  # log10 efficiency against mid-2023
    capability: np.ndarray  # log10 effective FLOP of the best model
    largest_run: np.ndarray  # log10 FLOP of the largest run so far
    largest_run_cost: np.ndarray  # USD mn, compute of that run
    run_flop: np.ndarray  # FLOP of the run in progress
    run_months: np.ndarray  # months that run has lasted
    revenue: np.ndarray  # USD bn a year, run rate
    share: np.ndarray  # of world revenue
    brand: np.ndarray  # utility that habit and distribution give
    valuation: np.ndarray  # USD bn
    raised: np.ndarray  # USD bn, equity and donations so far
    parent_cash_flow: np.ndarray  # USD bn a year of the parent company's own
    parent_share: np.ndarray  # share of it that the parent puts into the lab
    parent_share_start: np.ndarray  # that share at the start
    burn: np.ndarray  # USD bn a month, smoothed spending less income
    need: np.ndarray  # USD bn over the planning horizon less revenue
    funding_gap: np.ndarray  # 0-1: share of the need that money in sight leaves uncovered
    growth_wanted: np.ndarray  # log growth of compute a year that the lab aims at
    safety: np.ndarray  # 0-1 share of effort on safety
    enmity: np.ndarray  # 0-1: how bad a rival's win would be
    race_safety: np.ndarray  # 0-1: what the race alone would leave
    openness: np.ndarray  # 0-1 openness of weights
    reputation: np.ndarray  # 0-1
    mission: np.ndarray  # 0-1 weight of the mission in the lab's charter
    defence: np.ndarray  # bool: takes defence contracts
    regulated: np.ndarray  # 0-1 strictness that reaches the lab, over jurisdictions
    complies: np.ndarray  # bool: complies with it
    licensed: np.ndarray  # bool: trains under a licence
    held_back: np.ndarray  # bool: licensing is in force and the lab has no licence
    compliance_cost: np.ndarray  # USD bn a month
    converting: np.ndarray  # bool: a conversion is under review
    review_months: np.ndarray  # months of review left
    barred_months: np.ndarray  # months until a conversion may be tried again
    mission_stake: np.ndarray  # share kept by the non-profit after conversion
    enjoined: np.ndarray  # bool: an injunction stops the conversion
    suits_against: np.ndarray  # suits pending against the lab
    distress_months: np.ndarray  # months in a row without cash


@dataclass
class Founders(Table):
    """Founders, shape (rows, FOUNDER_SLOTS). Traits are stylised, 0-1."""

    active: np.ndarray  # bool
    home: np.ndarray  # int: lab slot, or NOBODY
    controls: np.ndarray  # bool: controls the home lab
    mission: np.ndarray  # 0-1
    combativeness: np.ndarray  # 0-1
    wealth: np.ndarray  # USD bn
    access: np.ndarray  # 0-1 political access
    grievance_lab: np.ndarray  # int: lab slot of the main grievance, or NOBODY
    grievance: np.ndarray  # 0-1
    left_lab: np.ndarray  # int: lab slot last left, or NOBODY
    know_how: np.ndarray  # log10 algorithmic efficiency carried out of the last lab


@dataclass
class Regulators(Table):
    """Regulators, shape (rows, len(REGULATORS))."""

    aim: np.ndarray  # 0-1: strictness worked towards
    strictness: np.ndarray  # 0-1 in force
    draft: np.ndarray  # 0-1 in the making
    capture: np.ndarray  # signed: how far lobbying moves the draft
    incident_memory: np.ndarray  # fading count of severe incidents
    licences: np.ndarray  # licences that have been given
    queue: np.ndarray  # reviews pending


@dataclass
class Nations(Table):
    """Nations, shape (rows, len(NATIONS)); the US and China decide, the others follow."""

    hostility: np.ndarray  # 0-1
    trust: np.ndarray  # 0-1
    export_control: np.ndarray  # 0-1 share of chips withheld from the rival
    mineral_ban: np.ndarray  # 0-1 share of minerals withheld from the rival
    answers: np.ndarray  # steps of the rival answered so far
    answer_months: np.ndarray  # months until a decided retaliation comes, or -1
    truce_months: np.ndarray  # months of truce left
    treaty: np.ndarray  # bool: in force with the rival
    breach: np.ndarray  # bool: breaks the treaty in secret
    frontier: np.ndarray  # log10 effective FLOP of the nation's best model ever
    imported_stock: np.ndarray  # H100e of world-traded chips
    domestic_stock: np.ndarray  # H100e of chips from own plants
    domestic_capacity: np.ndarray  # H100e a month from own plants
    domestic_made: np.ndarray  # H100e this month from own plants
    imported: np.ndarray  # H100e this month from the world market
    learning: np.ndarray  # cumulative own output, H100e
    subsidy: np.ndarray  # USD bn a year of public money for chip plants and data centres
    fab_money: np.ndarray  # USD bn of subsidy ripening this month
    power: np.ndarray  # GW available to AI
    power_used: np.ndarray  # GW that the chips in place draw
    power_start: np.ndarray  # GW at the start
    chip_leverage: np.ndarray  # share of traded chips it can withhold from the rival
    mineral_leverage: np.ndarray  # share of traded minerals it can withhold
    market_size: np.ndarray  # share of world spending on AI
    capital_share: np.ndarray  # share of the investors' pool
    incidents_seen: np.ndarray  # fading memory of severe incidents


@dataclass
class Capital(Table):
    """The capital market, shape (rows, 1) or (rows, 2): blocs led by the US and by China."""

    sentiment: np.ndarray  # (rows, 1) 1 is normal
    bust_months: np.ndarray  # (rows, 1) months since confidence broke; large when long ago
    pool: np.ndarray  # (rows, 2) USD bn that investors hold ready
    market_start: np.ndarray  # (rows, 1) USD bn a year: the market in sight at the start
    market_before: np.ndarray  # (rows, 1) USD bn a year: the same a month ago
    market_growth: np.ndarray  # (rows, 1) log a year, smoothed: how fast the market in sight grows


@dataclass
class Chips(Table):
    """The chip and metals markets, shape (rows, 1)."""

    capacity: np.ndarray  # H100e a month of world-traded chips
    disruption: np.ndarray  # 0-1 share of that capacity lost at present
    cumulative: np.ndarray  # H100e made so far
    cumulative_start: np.ndarray  # H100e made at the start
    scarcity: np.ndarray  # log of demand over supply, smoothed
    price: np.ndarray  # USD bn for one H100e with its share of the data centre
    price_start: np.ndarray  # the same at the start
    user_cost: np.ndarray  # USD bn a year for the use of one H100e
    mineral_price: np.ndarray  # index, 1 at the start
    substitution: np.ndarray  # 0-1 share of lost minerals replaced from elsewhere
    shortage_start: np.ndarray  # 0-1 metals missing at the start
    sold: np.ndarray  # H100e sold this month, all nations


@dataclass
class Customers(Table):
    """Customers, shape (rows, 1) unless noted."""

    adoption: np.ndarray  # share of potential customers
    potential: np.ndarray  # USD bn a year that the best model could earn
    spending: np.ndarray  # USD bn a year that adopters spend, or would on open weights
    revenue: np.ndarray  # USD bn a year, all labs
    market_share: np.ndarray  # (rows, 2, LAB_SLOTS) shares by bloc
    fixed_price: np.ndarray  # index: price of the start's best capability
    algorithm_start: np.ndarray  # log10 efficiency that customers met at the start
    margin_start: np.ndarray  # mean price over cost at the start


@dataclass
class Docket(Table):
    """Suits pending, shape (rows, SUIT_SLOTS)."""

    active: np.ndarray  # bool
    kind: np.ndarray  # int: Claim
    plaintiff: np.ndarray  # int: lab slot, or NOBODY (rights holders)
    founder: np.ndarray  # int: founder slot behind the suit, or NOBODY
    defendant: np.ndarray  # int: lab slot
    age: np.ndarray  # months since filing
    merit: np.ndarray  # 0-1 strength of the claim
    stakes: np.ndarray  # USD bn
    injunction: np.ndarray  # int: Injunction
    ruling_due: np.ndarray  # age in months at which a pending motion is ruled on
    allies: np.ndarray  # rivals that side with the plaintiff


@dataclass
class Month(Table):
    """What happened in this month, shape (rows, 1): cleared when a month begins."""

    capital_raised: np.ndarray  # USD bn
    raised_in_china: np.ndarray  # USD bn of it by labs of China's bloc
    lobbying: np.ndarray  # USD bn that labs other than divisions spent on it
    largest_round: np.ndarray  # USD bn
    conversions: np.ndarray
    departures: np.ndarray
    spin_offs: np.ndarray
    suits_filed: np.ndarray
    injunctions: np.ndarray
    legal_cost: np.ndarray  # USD bn
    incidents: np.ndarray
    severe_hazard: np.ndarray  # probability this month
    severe_incidents: np.ndarray
    compliance_cost: np.ndarray  # USD bn
    short_of_money: np.ndarray  # share of frontier compute held back by money
    short_of_power: np.ndarray  # by electric power
    short_of_chips: np.ndarray  # by chips
    short_of_customers: np.ndarray  # by a market that is nearly full
