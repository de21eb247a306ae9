"""Fifteen stylised facts on record to the end of 2024, and what a run from December 2015 says of each.

A fact holds when, for every measure of it, the record's range and the central half of the ensemble overlap. A measure
that a run never reaches (no conversion asked for, say) counts as infinite. Facts about a bust are measured without its
date. Contested facts are plausibility checks; nothing here was fitted after 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.common.arguments import ArgumentError
from sim.engine.results import Results
from sim.model.naming import names_told
from sim.model.outcomes import OUTCOMES
from sim.scenario.schema import month_index

Measured = Callable[["Seen"], np.ndarray]
LEADER = "OpenAI"


class Seen:
    """The runs of one scenario, as facts need them."""

    def __init__(self, results: Results, scenario: int = 0) -> None:
        if names_told(results.scenarios).anonymous:
            raise ArgumentError("the record names labs and people: hold results with names against it, "
                                "of a scenario whose `anonymous` is false")
        self.results, self.scenario = results, scenario
        events = results.events
        self.events: pd.DataFrame = events[events["scenario"] == results.titles[scenario]]
        self.runs = results.values.shape[1]

    def month(self, date: str) -> int:
        """Months from the start to a date."""
        return month_index(self.results.start, date)

    def monthly(self, outcome: str) -> np.ndarray:
        """(runs, months)."""
        return np.asarray(self.results.values[self.scenario, :, :, list(OUTCOMES).index(outcome)])

    def at(self, outcome: str, date: str) -> np.ndarray:
        """The value of a month: (runs,)."""
        return self.monthly(outcome)[:, self.month(date)]

    def between(self, outcome: str, first: str, last: str) -> np.ndarray:
        """All months from first to last: (runs, months)."""
        return self.monthly(outcome)[:, max(self.month(first), 0) : self.month(last) + 1]

    def year(self, outcome: str, year: int, how: Callable[..., np.ndarray] = np.mean) -> np.ndarray:
        """Mean, sum or largest of a calendar year: (runs,)."""
        return np.asarray(how(self.between(outcome, f"{year}-01", f"{year}-12"), axis=1))

    def growth(self, outcome: str, first: str, last: str) -> np.ndarray:
        """Growth as a factor a year between two dates: (runs,)."""
        years = (self.month(last) - self.month(first)) / 12.0
        return np.asarray((self.at(outcome, last) / np.maximum(self.at(outcome, first), 1e-12)) ** (1.0 / years))

    def of_kind(self, *kinds: str) -> pd.DataFrame:
        """Events of these kinds."""
        return self.events[self.events["kind"].isin(kinds)]

    def first(self, events: pd.DataFrame) -> np.ndarray:
        """Month of each run's first such event, infinite where there is none: (runs,)."""
        found = events.groupby("run")["month"].min()
        return found.reindex(np.arange(self.runs) + self.results.first_run).to_numpy(float, na_value=np.inf)

    def count(self, events: pd.DataFrame) -> np.ndarray:
        """Number of events of each run: (runs,)."""
        found = events.groupby("run").size()
        return found.reindex(np.arange(self.runs) + self.results.first_run, fill_value=0).to_numpy(float)


# ---- measures that take more than a line ------------------------------------------------------------------------
def _algorithms(seen: Seen) -> np.ndarray:
    """Growth a year of what the frontier owes to more than the compute of its largest run, 2018 to 2024."""
    gain = seen.monthly("frontier_log10_flop") - seen.monthly("largest_run_log10_flop")
    return np.asarray(10.0 ** ((gain[:, seen.month("2024-12")] - gain[:, seen.month("2018-12")]) / 6.0))


def _lowest_capex_growth(seen: Seen) -> np.ndarray:
    yearly = np.stack([seen.year("big4_capex_usd_bn", year) for year in range(2019, 2025)])
    return np.asarray((yearly[1:] / yearly[:-1]).min(axis=0))


def _largest_fall_of_investment(seen: Seen) -> np.ndarray:
    """Percent, from one year to the next, 2017 to 2024."""
    yearly = np.stack([seen.year("capital_raised_usd_bn", year, np.sum) for year in range(2017, 2025)])
    return np.asarray(100.0 * (1.0 - (yearly[1:] / np.maximum(yearly[:-1], 1e-9)).min(axis=0)))


def _months_to(kind: str) -> Measured:
    def measure(seen: Seen) -> np.ndarray:
        events = seen.of_kind(kind)
        return seen.first(events[events["actor"] == LEADER])
    return measure


def _years_to(kind: str) -> Measured:
    return lambda seen: _months_to(kind)(seen) / 12.0


def _founders_who_stayed(seen: Seen) -> np.ndarray:
    """Percent of the lab's founders of 2015 who never left it."""
    founders = [row["name"] for row in _start()["founder"] if row["home"] == LEADER]
    left = seen.of_kind("departure")
    left = left[(left["target"] == LEADER) & left["actor"].isin(founders)].drop_duplicates(["run", "actor"])
    return np.asarray(100.0 * (1.0 - seen.count(left) / len(founders)))


def _start() -> Mapping[str, list[dict[str, str]]]:
    from sim.model.start_files import load_start

    return load_start("2015-12")


def _alumni_labs_above_a_billion(seen: Seen) -> np.ndarray:
    """Labs founded by people who had left the leader, worth a billion at the end."""
    left = seen.of_kind("departure")
    left = left[left["target"] == LEADER][["run", "actor"]].drop_duplicates()
    # Who has left is told as a founder from there.
    called = names_told(seen.results.scenarios)
    left = left.replace({"actor": dict(zip(called.founders, called.elsewhere, strict=True))})
    founded = seen.of_kind("spin_off").merge(left, on=["run", "actor"])
    assert seen.results.lab_values is not None
    worth = seen.results.lab_values["valuation"][seen.scenario][:, -1]
    names = list(seen.results.lab_names)
    found = np.zeros((seen.runs, len(names)), bool)
    for run, lab in zip(founded["run"], founded["target"], strict=True):
        found[run - seen.results.first_run, names.index(lab)] = True
    return np.asarray((found & (worth >= 1.0)).sum(axis=1).astype(float))


def _share_of_injunctions_granted(seen: Seen) -> np.ndarray:
    """Percent of all motions ruled on, over all runs together: one number."""
    granted, denied = len(seen.of_kind("injunction")), len(seen.of_kind("injunction_denied"))
    return np.array([100.0 * granted / max(granted + denied, 1)])


def _months_to_answer(step: str) -> Measured:
    """Months from a dated step in US controls to China's next ban on metals."""
    def measure(seen: Seen) -> np.ndarray:
        bans = seen.of_kind("mineral_ban")
        month = seen.month(step)
        return seen.first(bans[(bans["actor"] == "China") & (bans["month"] >= month)]) - month
    return measure


def _rounds_under_suit(seen: Seen) -> np.ndarray:
    """Percent of runs with an open suit over conversion, antitrust or secrets in which a round of 1 bn then closed."""
    suits = seen.first(seen.of_kind("suit_rivalry", "suit_mission"))
    rounds = seen.of_kind("round")
    after = rounds[rounds["month"] > suits[rounds["run"].to_numpy() - seen.results.first_run]]
    sued = np.isfinite(suits)
    return np.array([100.0 * (sued & (seen.count(after) > 0)).sum() / max(sued.sum(), 1)])


def _us_over_china(seen: Seen) -> np.ndarray:
    """Capital raised by labs outside China's bloc over that within it, 2016 to 2022."""
    raised, china = (
        seen.between(name, "2016-01", "2022-12").sum(axis=1)
        for name in ("capital_raised_usd_bn", "capital_raised_china_usd_bn")
    )
    return np.asarray((raised - china) / np.maximum(china, 1e-6))


def _years_to_eu_rules(seen: Seen) -> np.ndarray:
    strict = seen.monthly("strictness_eu") >= 0.25
    return np.where(strict.any(axis=1), strict.argmax(axis=1) / 12.0, np.inf)


@dataclass(frozen=True)
class Measure:
    """One range on record and how a run is measured against it. `source` is an evidence ID, table, or stated fact."""

    text: str
    unit: str
    low: float
    high: float
    of: Measured
    contested: bool = False
    # Kind and actor of the dated event by which a scenario gives the measure instead of leaving it to the model.
    given_by: tuple[str, str] | None = None


@dataclass(frozen=True)
class Fact:
    """A stylised fact: its number, its text, and its measures."""

    number: int
    text: str
    measures: tuple[Measure, ...]


def _at(outcome: str, date: str) -> Measured:
    return lambda seen: seen.at(outcome, date)


FACTS: tuple[Fact, ...] = (
    Fact(1, "the largest training run grows steadily", (
        Measure("growth 2018 to 2024", "times a year", 4.0, 5.6, lambda s: np.asarray(10.0 ** (
            (s.at("largest_run_log10_flop", "2024-12") - s.at("largest_run_log10_flop", "2018-12")) / 6.0))),
        Measure("2020", "log10 FLOP", 23.3, 23.7, _at("largest_run_log10_flop", "2020-12")),
        Measure("2023", "log10 FLOP", 25.2, 25.8, _at("largest_run_log10_flop", "2023-12")),
    )),
    Fact(2, "the cost of the top run grows more slowly", (
        Measure("growth 2018 to 2024", "times a year", 2.0, 4.3,
                lambda s: s.growth("largest_run_cost_usd_mn", "2018-12", "2024-12"), contested=True),
        Measure("2020", "USD mn", 2.0, 5.0, _at("largest_run_cost_usd_mn", "2020-12")),
        Measure("2023", "USD mn", 30.0, 100.0, _at("largest_run_cost_usd_mn", "2023-12")),
    )),
    Fact(3, "efficiency compounds", (
        Measure("hardware per dollar, 2016 to 2024", "times a year", 1.3, 1.6,
                lambda s: 1.0 / s.growth("chip_price_index", "2016-12", "2024-12")),
        Measure("algorithms, 2018 to 2024", "times a year", 1.8, 5.3, _algorithms),
        Measure("fall of the price of a fixed capability, 2021 to 2024", "times a year", 9.0, 50.0,
                lambda s: 1.0 / s.growth("price_fixed_capability_index", "2021-12", "2024-12"), contested=True),
    )),
    Fact(4, "the leader grows fast, the challenger faster", (
        Measure("leader's run rate, end of 2023", "USD bn", 1.5, 2.2, _at("leader_revenue_usd_bn", "2023-12")),
        Measure("leader's run rate, end of 2024", "USD bn", 4.8, 6.0, _at("leader_revenue_usd_bn", "2024-12")),
        Measure("challenger over leader, end of 2023", "ratio", 0.03, 0.08,
                _at("challenger_to_leader_revenue", "2023-12")),
        Measure("challenger over leader, end of 2024", "ratio", 0.15, 0.22,
                _at("challenger_to_leader_revenue", "2024-12")),
    )),
    Fact(5, "the need of capital escalates", (
        Measure("largest round of 2023", "USD bn", 8.0, 12.0, lambda s: s.year("largest_round_usd_bn", 2023, np.max)),
        Measure("largest round of 2024", "USD bn", 6.0, 8.0, lambda s: s.year("largest_round_usd_bn", 2024, np.max)),
        Measure("leader's valuation, 2021 to 2024", "times a year", 2.0, 3.5,
                lambda s: s.growth("leader_valuation_usd_bn", "2021-12", "2024-12")),
    )),
    Fact(6, "infrastructure is flat, then surges", (
        Measure("big-4 capex 2019", "USD bn", 65.0, 80.0, lambda s: s.year("big4_capex_usd_bn", 2019)),
        Measure("lowest growth of a year, 2020 to 2024", "times a year", 0.88, 1.02, _lowest_capex_growth),
        Measure("big-4 capex 2024, in cash", "USD bn", 220.0, 240.0, lambda s: s.year("big4_capex_usd_bn", 2024)),
    )),
    Fact(7, "the non-profit converts in steps", (
        Measure("capped-profit arm", "years", 2.5, 4.0, _years_to("capped_profit")),
        Measure("full conversion asked for", "years", 8.0, 9.1, _years_to("review_opened")),
    )),
    Fact(8, "founders leave, spin-offs form", (
        Measure("founders who stayed nine years", "percent", 18.0, 36.0, _founders_who_stayed, contested=True),
        Measure("alumni's labs above USD 1 bn, end of 2024", "labs", 3.0, 6.0, _alumni_labs_above_a_billion,
                contested=True),
    )),
    Fact(9, "suits delay, rarely stop", (
        Measure("injunctions granted, of motions", "percent", 30.0, 60.0, _share_of_injunctions_granted),
        Measure("runs with a suit in which a large round closes after it", "percent", 50.0, 100.0, _rounds_under_suit),
    )),
    Fact(10, "controls cut China's share of chips with a delay", (
        Measure("2022 and 2023", "share", 0.10, 0.14,
                lambda s: 0.5 * (s.at("china_traded_chip_share", "2022-12")
                                 + s.at("china_traded_chip_share", "2023-12"))),
        Measure("end of 2024", "share", 0.055, 0.08, _at("china_traded_chip_share", "2024-12")),
    )),
    Fact(11, "the capability gap narrows all the same", (
        Measure("lag, March 2023 to May 2024", "months", 11.0, 15.0,
                lambda s: s.between("us_china_lag_months", "2023-03", "2024-05").mean(axis=1)),
        Measure("lag, second half of 2024", "months", 6.0, 10.0,
                lambda s: s.between("us_china_lag_months", "2024-07", "2024-12").mean(axis=1)),
    )),
    Fact(12, "retaliation in minerals quickens", (
        Measure("answer to the step of October 2022", "months", 6.0, 12.0, _months_to_answer("2022-10"),
                contested=True),
        Measure("answer to the step of October 2023", "months", 0.0, 1.0, _months_to_answer("2023-10"), contested=True),
        Measure("price of metals, end of 2024 over end of 2022", "times", 1.5, 2.6, lambda s: np.asarray(
            s.at("mineral_price_index", "2024-12") / s.at("mineral_price_index", "2022-12"))),
        Measure("controlled exports withheld, end of 2024", "share", 0.70, 0.95, _at("retaliation", "2024-12")),
    )),
    Fact(13, "investment falls in a bust on the way", (
        Measure("largest fall from one year to the next, 2018 to 2024", "percent", 25.0, 35.0,
                _largest_fall_of_investment),
        Measure("US over China, 2016 to 2022", "times", 3.5, 13.0, _us_over_china),
    )),
    Fact(14, "rules are slow, and lobbied over", (
        Measure("EU strictness reaches 0.25", "years", 8.4, 9.1, _years_to_eu_rules, given_by=("new_law", "eu")),
        Measure("labs' lobbying, 2023 to 2024", "times", 1.7, 7.0, lambda s: np.asarray(
            s.year("lobbying_usd_mn", 2024, np.sum) / np.maximum(s.year("lobbying_usd_mn", 2023, np.sum), 1e-9)),
            contested=True),
    )),
    Fact(15, "reported harm and military ties rise", (
        Measure("incidents, 2022 to 2024", "times a year", 1.3, 1.7, lambda s: np.sqrt(
            s.year("incidents_reported", 2024, np.sum) / np.maximum(s.year("incidents_reported", 2022, np.sum), 1.0))),
        Measure("defence work taken on by the leader", "years", 8.0, 9.1, _years_to("defence_contract")),
    )),
)


@dataclass(frozen=True)
class Held:
    """A measure held against the record: quartiles of the ensemble, and the share of runs within the range."""

    fact: Fact
    measure: Measure
    quartiles: tuple[float, float, float]
    within: float
    given: bool = False  # by the scenario, so no feat of the model

    @property
    def passed(self) -> bool:
        """Whether the record's range and the central half of the ensemble overlap."""
        low, _, high = self.quartiles
        return bool(low <= self.measure.high and high >= self.measure.low)


def hold(results: Results, scenario: int = 0) -> list[Held]:
    """Hold every measure of every fact against the runs; needs events and labs."""
    seen = Seen(results, scenario)
    dated = {(event.kind, event.actor) for event in results.scenarios[scenario].events}
    held = []
    for fact in FACTS:
        for measure in fact.measures:
            values = np.asarray(measure.of(seen), float)
            low, middle, high = (float(q) for q in np.quantile(values, [0.25, 0.5, 0.75], method="nearest"))
            within = float(((values >= measure.low) & (values <= measure.high)).mean())
            held.append(Held(fact, measure, (low, middle, high), within, measure.given_by in dated))
    return held


def facts_passed(held: list[Held]) -> dict[int, bool]:
    """Fact by number: whether all of its measures passed, save those that the scenario gives."""
    return {fact.number: all(h.passed for h in held if h.fact is fact and not h.given) for fact in FACTS}
