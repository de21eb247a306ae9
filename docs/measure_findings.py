"""Measures what docs/validation.md says of the rules as they are: its findings so far, and where directions fail.

    python docs/measure_findings.py [--runs 200] [--worlds 40]

Takes some minutes on two cores. The page is written by hand from what this prints.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.model.outcomes import INDEX
from sim.scenario.scenario import Scenario
from sim.studies.checking.directions import Direction
from sim.studies.checking.drawn import drawn_scenario
from sim.studies.comparing.paired import STANDARD_ERRORS, Pairs, mean_and_error

BASE = "as it is"
CHANGES: Mapping[str, Mapping[str, Any]] = {
    BASE: {},
    "strict, no audits": {"regulation.strictness": 0.8, "regulation.audit_capacity": 0.0},
    "strictness 0": {"regulation.strictness": 0.0},
    "strictness 0.5": {"regulation.strictness": 0.5},
    "strictness 1, no licences": {"regulation.strictness": 1.0, "regulation.licensing_above": 1.01},
    "strictness 1": {"regulation.strictness": 1.0},
    "half the investors' pool": {"capital.investor_pool": 0.5},
    "no information": {"regulation.information": "none"},
    "public information": {"regulation.information": "public"},
    "twice as open": {"industry.openness": 2.0},
    "no injunctions": {"litigation.injunctions": 0.0},
    "no allies": {"litigation.allies": 0.0},
}
SHOWN = ("safety_effort", "compliance_cost_usd_bn", "severe_incidents", "state_control", "market_hhi", "small_labs",
         "frontier_log10_flop", "us_china_lag_months")
LIMITS = ("short_of_money", "short_of_chips", "short_of_power", "short_of_customers")

STRICT, LIGHT = {"regulation.strictness": 0.8}, {"regulation.strictness": 0.15}
TOGETHER, APART = {"diplomacy.us_china_cooperation": 0.8}, {"diplomacy.us_china_cooperation": 0.1}
TURNED_UP: tuple[tuple[str, Mapping[str, Any], Mapping[str, Any], tuple[tuple[str, str, bool], ...]], ...] = (
    ("strictness 0.15 to 0.8", LIGHT, STRICT, (
        ("raise compliance cost", "compliance_cost_usd_bn", True),
        ("raise the leader's safety effort", "safety_effort", True),
        ("lower severe incidents", "severe_incidents", False),
        ("lower the number of small labs", "small_labs", False))),
    ("cooperation 0.1 to 0.8", APART, TOGETHER, (
        ("lower hostility", "hostility", False), ("lower export controls", "export_control", False),
        ("raise the leader's safety effort", "safety_effort", True),
        ("shorten China's lag", "us_china_lag_months", False), ("bring treaties", "treaty_in_force", True))),
    ("chip controls 0 to 1.2", {"trade.chip_controls": 0.0}, {"trade.chip_controls": 1.2}, (
        ("lower China's share of chips at the end", "china_chip_share", False),
        ("raise China's own chips in its supply at the end", "china_domestic_chip_share", True),
        ("be answered by withheld minerals", "retaliation", True))),
    ("US subsidy 0 to 60 bn", {"subsidy.us_usd_bn_per_year": 0.0}, {"subsidy.us_usd_bn_per_year": 60.0}, (
        ("raise the share of US-made chips", "us_domestic_chip_share", True),)),
    ("media attacks 0 to 3", {"litigation.media_attacks": 0.0}, {"litigation.media_attacks": 3.0}, (
        ("lower the leader's share", "leader_share", False),)),
    ("lobbying 0 to 3", {"industry.lobbying": 0.0}, {"industry.lobbying": 3.0}, (
        ("raise capture", "capture_softens", True),)),
)


def findings(runs: int) -> None:
    """Print differences to the baseline, what held growth back, the lag's course, and conversions."""
    pairs = Pairs.of(CHANGES, runs=runs)
    for title in CHANGES:
        print(f"\n{title}" + ("" if title == BASE else f", less {BASE}"))
        for outcome in SHOWN:
            values = pairs.summary(BASE, outcome) if title == BASE else pairs.difference(outcome, title, BASE)
            mean, error = mean_and_error(values)
            print(f"  {outcome}: {mean:+.4g} (standard error {error:.2g})")
        converted = [float((pairs.counts(title, "conversion", last=months) > 0).mean()) for months in (12, 60, 120)]
        print(f"  runs with a conversion within 1, 5, 10 years: {', '.join(f'{share:.0%}' for share in converted)}")
    years = pairs.results.values[0].reshape(runs, -1, 12, len(INDEX))
    print("\nwhat held frontier compute back, by year")
    for name in LIMITS:
        print(f"  {name}: {np.round(years[..., INDEX[name]].mean(axis=(0, 2)), 2)}")
    print("\nChina's lag, months, by year:", np.round(years[..., INDEX["us_china_lag_months"]].mean(axis=(0, 2)), 1))


def directions(worlds: int, runs: int = 24) -> None:
    """Print, for worlds drawn over everything, how often each direction is right, wrong or unclear."""
    counts: dict[tuple[str, str], np.ndarray] = {}
    for number in range(worlds):
        world: Scenario = drawn_scenario(number, months=120)
        ends = {f"{turned}, {end}": change for turned, low, high, _ in TURNED_UP
                for end, change in (("low", low), ("high", high))}
        pairs = Pairs.of(ends, runs=runs, base=world)
        for turned, _, _, claims in TURNED_UP:
            low, high = f"{turned}, low", f"{turned}, high"
            for should, outcome, rises in claims:
                at_end = outcome.startswith("china_")
                direction = Direction(should, outcome, *((high, low) if rises else (low, high)),
                                      first=119 if at_end else 0)
                score = direction.score(pairs)
                place = 0 if score > STANDARD_ERRORS else 1 if score < -STANDARD_ERRORS else 2
                counts.setdefault((turned, should), np.zeros(3, int))[place] += 1
    print("\n| turned up | should | right | wrong | unclear |\n|---|---|---:|---:|---:|")
    for (turned, should), count in counts.items():
        print(f"| {turned} | {should} | {count[0]} | {count[1]} | {count[2]} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--worlds", type=int, default=40)
    given = parser.parse_args()
    findings(given.runs)
    directions(given.worlds)
