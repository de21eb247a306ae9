"""Claims: what each row of the article must move, and by how much it does, on the same luck.

A direction says that something moves; a claim says that it moves enough to matter. Each has a measure, run by run, a
least size, and three standard errors to beat. A row of the article that moves less after an honest attempt is told as
weak, with the reason: it does not fail the check, and README's table has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.parameters import start_rows
from sim.studies.checking.checks import Check, Verdict
from sim.studies.comparing.paired import BASELINE, STANDARD_ERRORS, Pairs, mean_and_error

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

Measure = Callable[[Pairs, str], np.ndarray]

_STRICT = {"regulation.strictness": 0.9, "regulation.audit_capacity": 0.6, "regulation.penalty_share_of_revenue": 0.1}
_POWERS_STRICT = {"regulation.us.strictness": 0.9, "regulation.china.strictness": 0.9}
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    BASELINE: {},
    "no spin-offs": {"people.spin_offs": 0.0},
    "no departures over the mission": {"people.mission_departures": 0.0},
    "no attacks": {"litigation.media_attacks": 0.0},
    "no rivalry motive": {"litigation.rivalry_motive": 0.0},
    "no political access": {"people.political_access": 0.0},
    "no defence work": {"industry.defence_contracts": 0.0},
    "no patrons": {"capital.patronage": 0.0},
    "poor investors": {"capital.investor_pool": 0.2},
    "poor investors, no patrons": {"capital.investor_pool": 0.2, "capital.patronage": 0.0},
    "no takeovers": {"capital.takeovers": 0.0},
    "rich founders": {"people.founder_seed_capital": 5.0},
    "strict, exempt below 1e24": {**_STRICT, "regulation.licensing_above": 1.01, "regulation.exempt_below_flop": 1e24},
    "strict, exempt below 1e26": {**_STRICT, "regulation.licensing_above": 1.01, "regulation.exempt_below_flop": 1e26},
    "strict, exempt below 1e28": {**_STRICT, "regulation.licensing_above": 1.01, "regulation.exempt_below_flop": 1e28},
    "strict, no licences": {**_STRICT, "regulation.licensing_above": 1.01},
    "licensing": {**_STRICT, "regulation.licensing_above": 0.75},
    "no lobbying": {"industry.lobbying": 0.0},
    "licensing, no lobbying": {**_STRICT, "regulation.licensing_above": 0.75, "industry.lobbying": 0.0},
    "blind to the gap": {"diplomacy.gap_reaction": 0.0},
    "cooperation": {"diplomacy.us_china_cooperation": 0.8},
    "cooperation, powers strict": {"diplomacy.us_china_cooperation": 0.8, **_POWERS_STRICT},
    "US strict": {"regulation.us.strictness": 0.9, "regulation.california.strictness": 0.9},
    "US subsidy": {"subsidy.us_usd_bn_per_year": 100.0},
    "no retaliation": {"trade.mineral_retaliation": 0.0},
}
_FROM_2015: Mapping[str, Mapping[str, Any]] = {
    "as it was": {}, "no donations": {"capital.donations": 0.0}, "no mission": {"people.mission_weight": 0.0},
}
_JANUARY_2025 = "January 2025"
_FROM_2025: Mapping[str, Mapping[str, Any]] = {
    _JANUARY_2025: {},
    "no conversion": {"capital.conversion_allowed": False},
    "many injunctions": {"litigation.injunctions": 2.7},
    "no allies": {"litigation.allies": 0.0},
}


# ---- measures: one number for each run -------------------------------------------------------------------------------
def _mean(outcome: str, first: int = 0, last: int | None = None) -> Measure:
    """Mean of an outcome's months."""
    return lambda pairs, title: pairs.average(title, outcome, first, last)


def _end(outcome: str) -> Measure:
    """An outcome's own summary."""
    return lambda pairs, title: pairs.summary(title, outcome)


def _of_labs(quantity: str, month: int, *labs: str) -> Measure:
    """Total of a quantity of these labs, or of all, in a month."""
    def measure(pairs: Pairs, title: str) -> np.ndarray:
        values = _lab_values(pairs, quantity, title)[:, month]
        chosen = [pairs.results.lab_names.index(lab) for lab in labs] or slice(None)
        return np.asarray(values[:, chosen].sum(axis=1))
    return measure


def _of_new_labs(quantity: str, month: int) -> Measure:
    """Total of a quantity of all labs that the start does not name."""
    def measure(pairs: Pairs, title: str) -> np.ndarray:
        return np.asarray(_lab_values(pairs, quantity, title)[:, month, len(_named(pairs)):].sum(axis=1))
    return measure


def _events(*kinds: str) -> Measure:
    """How often these happen in a run."""
    return lambda pairs, title: pairs.counts(title, *kinds)


def _first(kind: str, lab: str) -> Measure:
    """Month in which this first happens to a lab; the horizon if never."""
    return lambda pairs, title: pairs.first_month(title, kind, lab)


def _lab_values(pairs: Pairs, quantity: str, title: str) -> np.ndarray:
    """A quantity of labs: (runs, months, labs)."""
    assert pairs.results.lab_values is not None
    values: np.ndarray = pairs.results.lab_values[quantity][pairs.results.position(title)]
    return values


def _named(pairs: Pairs) -> list[str]:
    return list(start_rows(pairs.results.scenarios[0].start)["labs"])


# ---- claims ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Claim:
    """A row of the article turned from `low` to `high`, what must rise by it, and by how much at least.

    `least` is a share of the level in `low`, or a difference where `absolute`. `falls` turns the sign. `weak` says why
    a row that does not bite is reported so.
    """

    row: str
    what: str
    measure: Measure
    high: str
    low: str = BASELINE
    least: float = 0.05
    absolute: bool = False
    falls: bool = False
    weak: str = ""

    def check(self, pairs: Pairs) -> Check:
        """Measure it."""
        high, low = (self.measure(pairs, title) for title in (self.high, self.low))
        mean, error = mean_and_error(high - low)
        level = abs(float(low.mean()))
        size = mean if self.absolute else mean / level if level > 0.0 else float("inf") if mean else 0.0
        moved = -size if self.falls else size
        holds = moved >= self.least and abs(mean) > STANDARD_ERRORS * error
        measured = (f"{size:+.3g}" if self.absolute else f"{size:+.1%}") + (
            f" ({abs(mean) / error:.0f} standard errors, {len(high)} runs)" if error > 0.0 else " (in no run)")
        verdict = Verdict.of(holds)
        if not holds and self.weak:
            verdict, measured = Verdict.weak, f"{measured}; weak: {self.weak}"
        way = "falls" if self.falls else "rises"
        least = f"{self.least:g}" if self.absolute else f"{self.least:.0%}"
        claim = f"{way} by {least} or more with {self.high} against {self.low}"
        return Check("claims", f"{self.row} {self.what}", claim, measured, verdict)


RUNS_FOR_ONE = 4  # claims are of effects on single labs, which need more runs than directions
_SALES_PAY = "sales pay for most of it, and where no patrons stand in for investors it falls by 2%"
_BACKED = ("OpenAI", "Anthropic")
_INDEPENDENT = (*_BACKED, "xAI")
CLAIMS: tuple[Claim, ...] = (
    Claim("S1", "labs that founders who left have founded", _end("spin_offs"), BASELINE, "no spin-offs", least=1.0,
          absolute=True),
    Claim("S3", "departures of founders", _end("founder_departures"), BASELINE, "no departures over the mission",
          least=0.1),
    Claim("S4", "compute of the labs with patrons, after three years", _of_labs("compute", 35, *_BACKED), "no patrons",
          least=0.1, falls=True),
    Claim("S5", "all labs' compute, after four years", _of_labs("compute", 47), "poor investors", least=0.1, falls=True,
          weak=_SALES_PAY),
    Claim("S5", "independents' compute, after two years", _of_labs("compute", 23, *_INDEPENDENT),
          "poor investors, no patrons", "no patrons", least=0.1, falls=True, weak="OpenAI and Anthropic live on sales: "
          "with those of January 2025 it falls by 22%, and xAI's, which hardly sells, by 29% as it is"),
    Claim("S5", "all labs' money raised, after three years", _of_labs("raised", 35), "poor investors", least=0.1,
          falls=True),
    Claim("S7", "share of the largest seller", _mean("leader_share"), "no attacks", least=0.01),
    Claim("S8", "acquisitions", _events("acquisition", "takeover"), BASELINE, "no takeovers", least=1.0, absolute=True),
    Claim("S8", "labs in business", _mean("active_labs"), "no takeovers", least=0.03),
    Claim("S9", "suits filed", _end("suits_filed"), BASELINE, "no rivalry motive", least=0.05, weak="most suits are by "
          "rights holders"),
    Claim("S11", "money of labs that were founded, after five years", _of_new_labs("raised", 59), "rich founders",
          least=0.02),
    Claim("S12", "small labs", _mean("small_labs"), "strict, exempt below 1e26", "strict, exempt below 1e24",
          least=0.02, weak="the runs that even small labs plan soon pass a fixed line"),
    Claim("S12", "small labs", _mean("small_labs"), "strict, exempt below 1e28", "strict, no licences", least=0.02),
    Claim("S13", "compute under the state", _end("state_control"), "licensing", "strict, no licences", least=0.2,
          absolute=True),
    Claim("S13", "frontier, orders of magnitude", _mean("frontier_log10_flop", 24), "licensing", "strict, no licences",
          least=0.02, absolute=True, falls=True),
    Claim("S13", "hazard of severe incidents", _mean("severe_incident_hazard"), "licensing", "strict, no licences",
          falls=True),
    Claim("S14", "softening of laws by lobbying", _mean("capture_softens"), BASELINE, "no lobbying", least=0.005,
          absolute=True),
    Claim("S14", "hardening of laws by lobbying", _mean("capture_hardens"), "licensing", "licensing, no lobbying",
          least=0.001, absolute=True),
    Claim("S14", "concentration", _mean("market_hhi"), "no lobbying", least=0.01, weak="compliance is a small part of "
          "costs, and customers move by price only so far"),
    Claim("S15", "softening of laws by lobbying", _mean("capture_softens"), BASELINE, "no political access",
          least=0.05),
    Claim("S16", "hostility", _mean("hostility"), "blind to the gap", least=0.02, absolute=True, falls=True),
    Claim("S16", "export controls", _mean("export_control"), "blind to the gap", least=0.05, falls=True),
    Claim("S17", "verification of treaties", _mean("treaty_verification"), "cooperation, powers strict", "cooperation",
          least=0.02, absolute=True),
    Claim("S17", "treaties in force", _mean("treaty_in_force"), "cooperation, powers strict", "cooperation", least=0.02,
          absolute=True, weak="they get fewer: where law in both powers makes labs careful, a treaty has less to add"),
    Claim("S17", "hostility", _mean("hostility"), "US strict", least=0.005, absolute=True, weak="it falls: what the "
          "rival fears less, as it lags less, outweighs what the power with rules fears more"),
    Claim("S18", "chips made at home", _mean("us_domestic_chip_share", 60), "US subsidy", least=0.2),
    Claim("S18", "the world's chips", _end("chip_stock_h100e"), "US subsidy", least=0.01),
    Claim("S19", "hostility", _mean("hostility"), BASELINE, "no defence work", least=0.005, absolute=True),
    Claim("S20", "price of the metals", _mean("mineral_price_index"), "no retaliation", falls=True),
    Claim("S20", "price of compute", _mean("chip_price_index"), "no retaliation", least=0.01, falls=True,
          weak="metals are a small part of what a chip costs"),
    Claim("S20", "controls, without bans that win them back", _mean("export_control"), "no retaliation", least=0.05),
)
_S2: tuple[Claim, ...] = (
    Claim("S2", "OpenAI's compute, after three years as a non-profit", _of_labs("compute", 35, "OpenAI"),
          "no donations", "as it was", least=0.1, falls=True),
    Claim("S2", "safety effort", _mean("safety_effort"), "no mission", "as it was", least=0.05, falls=True),
)
# OpenAI's conversion was done by the end of 2025: what hinges on it is measured where it lay ahead.
_CONVERSION: tuple[Claim, ...] = (
    Claim("S5", "OpenAI's money raised, after three years", _of_labs("raised", 35, "OpenAI"), "no conversion",
          _JANUARY_2025, falls=True),
    Claim("S6", "injunctions", _events("injunction"), "many injunctions", _JANUARY_2025, least=0.2),
    Claim("S6", "OpenAI's money raised, after two years", _of_labs("raised", 23, "OpenAI"), "many injunctions",
          _JANUARY_2025, least=0.02, falls=True),
    Claim("S6", "months to OpenAI's conversion", _first("conversion", "OpenAI"), "many injunctions", _JANUARY_2025,
          least=1.0, absolute=True),
    Claim("S10", "months to OpenAI's conversion", _first("conversion", "OpenAI"), _JANUARY_2025, "no allies", least=1.0,
          absolute=True, weak="it comes no later in six of ten runs, and runs without one leave the mean uncertain"),
)


def checks(scenarios: Sequence[Scenario] = (), runs: int = 64) -> Iterator[Check]:  # noqa: ARG001 - of the baseline
    """One check for each claim, and two of what ten years bring."""
    from sim.scenario.scenario import Scenario

    runs *= RUNS_FOR_ONE
    pairs = Pairs.of(VARIANTS, runs=runs, labs=True)
    past = Scenario.from_dict({"title": "as it was", "start": "2015-12", "months": 60})
    from_2015 = Pairs.of(_FROM_2015, runs=runs, base=past, labs=True)
    unconverted = Scenario.from_dict({"title": _JANUARY_2025, "start": "2025-01"})
    from_2025 = Pairs.of(_FROM_2025, runs=runs, base=unconverted, labs=True)
    for claims, measured_on in ((_S2, from_2015), (_CONVERSION, from_2025), (CLAIMS, pairs)):
        for claim in claims:
            yield claim.check(measured_on)
    yield _money_binds(pairs)
    yield _first_leader(pairs)
    yield _newcomers(pairs)


def _money_binds(pairs: Pairs) -> Check:
    """Money, not chips, power or customers, holds frontier labs back part of the time."""
    share = float(pairs.average(BASELINE, "short_of_money", 0, 36).mean())
    return _reported("S5 money binds", "money holds back a fifth of frontier compute in years one to three or more",
                     f"{share:.1%}", share >= 0.2, "chips hold back nearly all of it in the first year, power after "
                     "that, and leaders live on sales")


def _first_leader(pairs: Pairs) -> Check:
    """The first leader need not lead for ever: on record 25 to 60% still do after ten years in young markets."""
    revenue = _lab_values(pairs, "revenue", BASELINE)
    first = revenue[:, 0].argmax(axis=1)
    still = [float((revenue[:, month].argmax(axis=1) == first).mean()) for month in (23, 59, 119)]
    told = ", ".join(f"{share:.0%} after {years} years" for share, years in zip(still, (2, 5, 10), strict=True))
    return _reported("ten years: the first leader", "it still leads after ten years in 60% of runs or fewer", told,
                     still[-1] <= 0.6, "its lead in compute, not its customers, keeps it first: where the gaps in "
                     "capability stay as at the start it leads after ten years in three of ten runs")


def _newcomers(pairs: Pairs) -> Check:
    """A lab that is not there at the start may become large."""
    revenue = _lab_values(pairs, "revenue", BASELINE)
    new = revenue[:, :, len(_named(pairs)):].max(axis=2) / np.maximum(revenue.sum(axis=2), 1e-9)
    large = float((new.max(axis=1) > 0.05).mean())
    return _reported("ten years: newcomers", "one passes 5% of revenue in a fifth of runs or more",
                     f"{large:.0%} of runs", large >= 0.2, "nobody gains more than half an order from others' models, "
                     "and the best newcomer is two behind after five years; under imitation = gated it is six of ten "
                     "runs")


def _reported(name: str, claim: str, measured: str, holds: bool, weak: str) -> Check:
    return Check("claims", name, claim, measured if holds else f"{measured}; weak: {weak}",
                 Verdict.holds if holds else Verdict.weak)
