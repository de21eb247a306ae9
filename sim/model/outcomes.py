"""What is measured: the outcomes' names, units and meaning, and how a run's months become one number.

Names and units are part of the public interface. `sim/model/measure.py` measures them; this file says what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.common.arguments import names, unknown_name

if TYPE_CHECKING:
    import numpy as np

Summary = Literal["last", "sum", "max", "mean"]

SEVERE = "an event caused mainly by AI with at least 50 deaths or USD 100 bn of damage"
HAZARD = (
    f"A severe incident is {SEVERE}. How often one happens is an assumption, since there are no data for the tail; "
    "airace elicit puts somebody's odds in its place."
)
LAG = (
    "The back-test contradicts the direction of China's lag: in 2023 and 2024 it grows in the model, and shrank on "
    "record. The rules can let it shrink; as they are set they do not."
)
AVERTED = (
    "Revenue rests on the assumed hazard of severe incidents: each cuts adoption (incident_chill), so whoever averts "
    "some sells more. Without that cut, what labs gain under the shipped strict rules turns into a loss."
)


@dataclass(frozen=True)
class Outcome:
    """One measured quantity: a value per run and month.

    `summary` says how a run's monthly values become one number: the value at the horizon (`last`), the total
    of a monthly flow (`sum`), the largest (`max`), or the average over the months (`mean`). `caution` is what must be
    said wherever the outcome is shown as a finding.
    """

    name: str
    unit: str
    title: str
    text: str
    summary: Summary = "last"
    primary: bool = False
    log: bool = False
    better: Literal["higher", "lower", ""] = ""
    caution: str = ""

    @property
    def summary_title(self) -> str:
        """The title of a run's one number: "Cost of compliance in total", "Safety effort on average"."""
        return self.title + {"last": "", "sum": " in total", "max": " at its peak", "mean": " on average"}[self.summary]

    @property
    def furthest(self) -> float:
        """The largest difference that two values can have: 1 for what lies between 0 and 1, else infinite."""
        return 1.0 if self.unit in ("share", "0-1", "0 or 1") else float("inf")

    @property
    def running_title(self) -> str:
        """The title of the number at a month on the way: "Cost of compliance so far"."""
        return self.title + (" so far" if self.summary in ("sum", "max") else "")


def _registry(*outcomes: Outcome) -> Mapping[str, Outcome]:
    return names("outcome", {outcome.name: outcome for outcome in outcomes}, "`sim.OUTCOMES`")


OUTCOMES: Mapping[str, Outcome] = _registry(
    # ---- who leads ------------------------------------------------------------------------------------------
    Outcome(
        "us_china_lag_months",
        "months",
        "China's lag behind the US frontier",
        "Months since the best US model first matched today's best Chinese one; negative when China leads",
        primary=True,
        caution=LAG,
    ),
    Outcome(
        "us_china_lag_year_months",
        "months",
        "China's lag behind the US frontier, mean of the year",
        "Mean of the lag over the last twelve months, or since the start; negative when China leads",
        caution=LAG,
    ),
    Outcome(
        "us_china_gap_log10",
        "log10 effective FLOP",
        "China's gap behind the US frontier",
        "Effective training compute of the best US model over that of the best Chinese one; negative when China leads",
    ),
    Outcome(
        "labs_following",
        "share",
        "Compute of labs that follow others",
        "Share of labs' compute whose last release owes a tenth or more of its effective compute to others' models",
    ),
    Outcome(
        "releases_decided_by_others",
        "share",
        "Compute of labs whose releases others decide",
        "Share of labs' compute whose last release reached just as far as others' models take it, whatever its own run",
    ),
    Outcome(
        "frontier_log10_flop",
        "log10 effective FLOP",
        "Capability of the best model",
        "Effective training compute of the world's best model, algorithmic progress included",
    ),
    Outcome(
        "largest_run_log10_flop",
        "log10 FLOP",
        "Largest training run",
        "Compute of the largest training run so far, in floating-point operations",
    ),
    Outcome(
        "largest_run_cost_usd_mn",
        "USD mn",
        "Cost of the largest training run",
        "Compute cost of the largest training run so far",
        log=True,
    ),
    Outcome(
        "leader_revenue_usd_bn",
        "USD bn a year",
        "Revenue of the largest seller",
        "Run-rate revenue of the lab that sells most",
        log=True,
        caution=AVERTED,
    ),
    Outcome(
        "challenger_to_leader_revenue",
        "ratio",
        "Second seller's revenue over the first's",
        "Run-rate revenue of the second-largest seller over the largest",
    ),
    # ---- how concentrated -----------------------------------------------------------------------------------
    Outcome(
        "market_hhi",
        "0-1",
        "Market concentration",
        "Herfindahl-Hirschman index of world revenue shares: 1 is a monopoly",
        primary=True,
    ),
    Outcome("leader_share", "share", "Market share of the largest seller", "Largest share of world revenue"),
    Outcome(
        "frontier_labs", "labs", "Labs at the frontier", "Labs whose best model is within 12 months of the frontier"
    ),
    Outcome("active_labs", "labs", "Labs in business", "Labs that have neither closed nor been bought"),
    Outcome(
        "small_labs",
        "labs",
        "Small labs in business",
        "Active independent labs with less than 1% of world revenue and a tenth of the largest lab's compute",
        primary=True,
        better="higher",
    ),
    # ---- what it costs --------------------------------------------------------------------------------------
    Outcome(
        "capital_raised_usd_bn",
        "USD bn",
        "Capital raised",
        "Equity and donations that labs raised in the month; over a run, the total",
        summary="sum",
        log=True,
    ),
    Outcome(
        "capital_raised_china_usd_bn",
        "USD bn",
        "Capital raised in China",
        "The part of it raised by labs of China's bloc",
        summary="sum",
        log=True,
    ),
    Outcome(
        "lobbying_usd_mn",
        "USD mn",
        "Labs' spending on lobbying",
        "What labs other than divisions spent on lobbying in the month; over a run, the total",
        summary="sum",
        log=True,
    ),
    Outcome(
        "largest_round_usd_bn",
        "USD bn",
        "Largest round",
        "Largest single round closed in the month; over a run, the largest",
        summary="max",
    ),
    Outcome(
        "leader_valuation_usd_bn",
        "USD bn",
        "Highest valuation of a lab",
        "Valuation of the most valuable independent lab",
        log=True,
        caution=AVERTED,
    ),
    Outcome(
        "founders_stake",
        "share",
        "What founders and staff own of the dearest lab",
        "Share of the most valuable independent lab that its founders and staff hold, after what rounds, patron and a "
        "conversion have taken",
    ),
    Outcome(
        "top_lab_capital_usd_bn",
        "USD bn",
        "Capital raised by the most-funded lab",
        "All money raised so far by the lab that has raised most",
        log=True,
    ),
    Outcome(
        "big4_capex_usd_bn",
        "USD bn a year",
        "Capital spending of the four largest US platforms",
        "Annual rate of capital expenditure of Microsoft, Google, Amazon and Meta",
        log=True,
    ),
    # ---- mission and quarrels -------------------------------------------------------------------------------
    Outcome(
        "mission_controlled_share",
        "share",
        "Frontier compute under mission control",
        "Share of frontier labs' compute in non-profit or capped-profit labs",
    ),
    Outcome(
        "conversions",
        "conversions",
        "Conversions to for-profit",
        "Conversions of legal form completed in the month; over a run, the total",
        summary="sum",
    ),
    Outcome(
        "founder_departures",
        "departures",
        "Founders who left",
        "Founders who left their lab in the month; over a run, the total",
        summary="sum",
    ),
    Outcome(
        "spin_offs",
        "labs",
        "Labs founded by departed founders",
        "Rival labs founded by people who left another, in the month; over a run, the total",
        summary="sum",
    ),
    Outcome("suits_open", "suits", "Suits pending", "Suits on the docket at the end of the month", summary="mean"),
    Outcome("suits_filed", "suits", "Suits filed", "Suits filed in the month; over a run, the total", summary="sum"),
    Outcome(
        "injunctions",
        "injunctions",
        "Injunctions granted",
        "Injunctions granted in the month; over a run, the total",
        summary="sum",
    ),
    Outcome(
        "legal_cost_usd_bn",
        "USD bn",
        "Cost of litigation",
        "Lawyers, settlements and damages paid in the month; over a run, the total",
        summary="sum",
    ),
    # ---- how safe -------------------------------------------------------------------------------------------
    Outcome(
        "safety_effort",
        "0-1",
        "Safety effort of the leading lab",
        "Share of its effort that the lab with the best model spends on safety",
        summary="mean",
        primary=True,
        better="higher",
    ),
    Outcome(
        "incidents_reported",
        "incidents",
        "Reported incidents",
        "Harm from AI reported in the month; over a run, the total",
        summary="sum",
        log=True,
    ),
    Outcome(
        "severe_incident_hazard",
        "probability a month",
        "Hazard of a severe incident",
        "Chance of a severe incident in the month; its range is an assumption, there are no data for the tail",
        summary="mean",
        better="lower",
        caution=HAZARD,
    ),
    Outcome(
        "severe_incidents",
        "incidents",
        "Severe incidents",
        f"Severe incidents in the month, each {SEVERE}; over a run, the total. How often one happens is an assumption",
        summary="sum",
        primary=True,
        better="lower",
        caution=HAZARD,
    ),
    # ---- rules ----------------------------------------------------------------------------------------------
    Outcome("strictness_us", "0-1", "Strictness of US rules", "Strictness in force in the US", summary="last"),
    Outcome("strictness_eu", "0-1", "Strictness of EU rules", "Strictness in force in the EU"),
    Outcome("strictness_china", "0-1", "Strictness of Chinese rules", "Strictness in force in China"),
    Outcome(
        "compliance_cost_usd_bn",
        "USD bn",
        "Cost of compliance",
        "What labs paid in the month to comply with rules, fines included; over a run, the total",
        summary="sum",
        primary=True,
        log=True,
    ),
    Outcome(
        "capture_softens",
        "0-1",
        "Lobbying that softens the law",
        "How far lobbying made the laws in force softer than the rule-maker wished, averaged over jurisdictions",
        summary="mean",
    ),
    Outcome(
        "capture_hardens",
        "0-1",
        "Lobbying that hardens the law",
        "How far lobbying made the laws in force stricter than the rule-maker wished, averaged over jurisdictions",
        summary="mean",
    ),
    Outcome(
        "state_control",
        "share",
        "Frontier compute under licence or state command",
        "Share of frontier labs' compute that works under a licence or under state command",
        primary=True,
    ),
    # ---- nations --------------------------------------------------------------------------------------------
    Outcome(
        "export_control",
        "0-1",
        "Export controls on chips",
        "Share of chips that the US withholds from China by law, before leakage",
    ),
    Outcome("retaliation", "0-1", "Mineral retaliation", "Share of minerals that China withholds in answer"),
    Outcome(
        "mineral_price_index",
        "start = 1",
        "Price of the metals chips need",
        "Price index of controlled minerals outside the country that withholds them",
    ),
    Outcome("chip_price_index", "start = 1", "Price of compute", "World price of a unit of AI compute", log=True),
    Outcome(
        "china_compute_premium",
        "ratio",
        "What compute costs in China over the world price",
        "How much dearer the use of compute is in China than world prices of chips make it, for want of chips or power",
    ),
    Outcome(
        "chip_stock_h100e",
        "H100 equivalents",
        "World stock of AI chips",
        "Chips at work in all nations, wherever they are made, in H100 equivalents",
        log=True,
    ),
    Outcome(
        "chip_sales_usd_bn",
        "USD bn a year",
        "Sales of AI chips",
        "Chips sold this month, those of nations' own plants included, at the world market's price, as a rate a year",
        log=True,
    ),
    Outcome(
        "china_chip_share",
        "share",
        "China's share of AI chips",
        "China's share of the world's stock of AI chips, wherever they are made, in H100 equivalents",
    ),
    Outcome(
        "china_traded_chip_share",
        "share",
        "China's share of traded AI chips",
        "China's share of the world's stock of chips bought on the world market, own production left out",
    ),
    Outcome(
        "china_domestic_chip_share",
        "share",
        "China's own chips in its new supply",
        "Domestic chips in China's supply of new AI compute",
    ),
    Outcome(
        "us_domestic_chip_share",
        "share",
        "US-made chips in US supply",
        "Chips made at home in the United States' supply of new AI compute",
    ),
    Outcome(
        "hostility",
        "0-1",
        "US-China hostility",
        "Mean hostility between the US and China",
        summary="mean",
        primary=True,
        better="lower",
    ),
    Outcome("trust", "0-1", "US-China trust", "Mutual trust of the US and China", summary="mean", better="higher"),
    Outcome(
        "treaty_in_force", "0 or 1", "Treaty in force", "Whether a US-China treaty on AI is in force", summary="mean"
    ),
    Outcome(
        "defence_labs_share",
        "share",
        "Large US labs with defence work",
        "Share of the five largest US labs that take defence contracts",
    ),
    Outcome(
        "imports_refused",
        "share",
        "Chips that China refuses to buy",
        "Share of the chips that the US and its allies would sell and China refuses",
        summary="mean",
    ),
    Outcome(
        "us_revenue_share",
        "share",
        "Share of AI revenue with the US bloc",
        "Share of the world's revenue from AI that labs of the US bloc earn; China's have the rest",
    ),
    Outcome(
        "us_military_weight",
        "0-1",
        "US weight from military AI",
        "Weight of the US against China, by lead in capability and by defence work of labs; 0.5 between equals",
    ),
    Outcome(
        "treaty_verification",
        "probability",
        "A breach of a treaty seen",
        "Chance in a year that a breach of a treaty would be seen, the lower of the two powers'",
        summary="mean",
        better="higher",
    ),
    # ---- the world ------------------------------------------------------------------------------------------
    Outcome(
        "price_fixed_capability_index",
        "start = 1",
        "Price of a fixed capability",
        "Price of running a model as capable as the best of the start month",
        log=True,
        summary="mean",
    ),
    # ---- what ends growth -------------------------------------------------------------------------------------
    Outcome(
        "short_of_money",
        "share",
        "Frontier compute held back by money",
        "Share of frontier labs' compute whose growth money limits: the lab's own or the builders'",
        summary="mean",
    ),
    Outcome(
        "short_of_chips",
        "share",
        "Frontier compute held back by chips",
        "Share of frontier labs' compute whose growth the supply of chips limits",
        summary="mean",
    ),
    Outcome(
        "short_of_power",
        "share",
        "Frontier compute held back by power",
        "Share of frontier labs' compute whose growth electric power limits",
        summary="mean",
    ),
    Outcome(
        "short_of_customers",
        "share",
        "Frontier compute held back by customers",
        "Share of frontier labs' compute in a market that is nearly full",
        summary="mean",
    ),
    Outcome(
        "adoption", "share", "Adoption", "Share of potential customers that use AI services", caution=AVERTED
    ),
    Outcome(
        "user_gain_us_usd_bn",
        "USD bn a year",
        "Users' gain, bloc led by the US",
        "What users in the bloc that the US leads gain beyond what they pay: the log-sum of their choice against doing "
        "without, whose worth is an assumption, and use of open weights that nobody pays for",
        log=True,
        better="higher",
        caution=AVERTED,
    ),
    Outcome(
        "user_gain_china_usd_bn",
        "USD bn a year",
        "Users' gain, bloc led by China",
        "The same in the bloc that China leads",
        log=True,
        better="higher",
        caution=AVERTED,
    ),
    Outcome(
        "taxes_us_usd_bn",
        "USD bn a year",
        "Taxes on US labs' sales",
        "Taxes that the sales of labs at home in the US bring, an assumed share of them; not paid out of labs' cash",
        log=True,
        caution=AVERTED,
    ),
    Outcome(
        "taxes_china_usd_bn",
        "USD bn a year",
        "Taxes on Chinese labs' sales",
        "The same of labs at home in China",
        log=True,
        caution=AVERTED,
    ),
)

NAMES: tuple[str, ...] = tuple(OUTCOMES)
INDEX: Mapping[str, int] = names("outcome", {name: at for at, name in enumerate(NAMES)}, "`sim.OUTCOMES`")
PRIMARY: tuple[str, ...] = tuple(name for name, outcome in OUTCOMES.items() if outcome.primary)


@dataclass(frozen=True)
class LabQuantity:
    """A quantity of each lab: `additive` ones can be summed over labs, to a nation's. `caution` as of outcomes."""

    unit: str
    title: str
    text: str
    additive: bool = False
    caution: str = ""


LAB_QUANTITIES: Mapping[str, LabQuantity] = names("quantity of a lab", {
    "active": LabQuantity("0 or 1", "In business", "1 while the lab is in business, else 0"),
    "capability": LabQuantity(
        "log10 effective FLOP", "Capability", "Effective training compute of the lab's best model"
    ),
    "compute": LabQuantity("H100 equivalents", "Compute", "Compute that the lab owns or rents", additive=True),
    "revenue": LabQuantity("USD bn a year", "Revenue", "Run-rate revenue", additive=True, caution=AVERTED),
    "share": LabQuantity("share", "Market share", "Share of world revenue", additive=True),
    "safety": LabQuantity("0-1", "Safety effort", "Share of effort on safety"),
    "valuation": LabQuantity("USD bn", "Valuation", "What investors take the lab to be worth", additive=True,
                             caution=AVERTED),
    "raised": LabQuantity("USD bn", "Capital raised", "Equity and donations so far", additive=True),
    "cash": LabQuantity("USD bn", "Cash", "Cash in hand", additive=True),
})


def no_outcome(name: object) -> str:
    """What to say of a name that is no outcome's: the nearest one, and where all are listed."""
    from sim.common.text import suggest

    close = suggest(str(name), NAMES)
    return f"there is no outcome {name!r}; " + (f"did you mean {close}? " if close else "") + (
        "`airace list outcomes` shows what there is")


def known_outcome(name: str) -> Outcome:
    """The outcome of this name; UnknownNameError with the nearest one if there is none."""
    if not isinstance(name, str):
        raise unknown_name("outcome", name, NAMES, "`sim.OUTCOMES`")
    return OUTCOMES[name]


def summarise(values: np.ndarray) -> np.ndarray:
    """One number per run and outcome from monthly values.

    Shapes: `values` (..., months, outcomes) in the order of `OUTCOMES`; returns (..., outcomes). A run with a
    missing month (it failed) gives NaN.
    """
    import numpy as np

    rules = {
        "last": lambda v: v[..., -1, :],
        "sum": lambda v: v.sum(axis=-2),
        "max": lambda v: v.max(axis=-2),
        "mean": lambda v: v.mean(axis=-2),
    }
    result = np.empty(values.shape[:-2] + values.shape[-1:])
    for summary, rule in rules.items():
        columns = [i for i, outcome in enumerate(OUTCOMES.values()) if outcome.summary == summary]
        result[..., columns] = rule(values[..., columns])
    return result


def so_far(path: np.ndarray, outcome: Outcome) -> np.ndarray:
    """An outcome's path (..., months) as a total so far or a peak so far, where its summary is one; else as it is."""
    import numpy as np

    if outcome.summary == "sum":
        return path.cumsum(axis=-1)
    return np.maximum.accumulate(path, axis=-1) if outcome.summary == "max" else path
