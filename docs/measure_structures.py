"""Measures what docs/validation.md says of structures: what strict rules and cooperation do under each rival theory.

    python docs/measure_structures.py [--runs 200]

The four core scenarios on the same luck, parameters as the record leaves them; effects averaged over the other lever.
Takes some seconds for each theory. The page is written by hand from what this prints.
"""

from __future__ import annotations

import argparse

import numpy as np

from sim.engine.simulate import simulate
from sim.scenario.scenario import Scenario
from sim.studies.comparing.paired import mean_and_error
from sim.studies.comparing.theories import AS_IT_IS, theories

CORE = ("light_rivalry", "light_cooperation", "strict_rivalry", "strict_cooperation")
TOTALS = ("severe_incidents", "compliance_cost_usd_bn")
AVERAGES = ("safety_effort", "hostility")
ENDS = ("us_china_lag_months", "small_labs")


def effects(theory: dict[str, str], runs: int) -> dict[str, tuple[float, tuple[float, float], tuple[float, float]]]:
    """By outcome: its level under light rules and rivalry, what strict rules do, what cooperation does; with errors."""
    results = simulate([Scenario.load(name).with_(theory) for name in CORE], runs=runs, seed=0)
    found = {}
    for name in (*TOTALS, *AVERAGES, *ENDS):
        months = results.outcome(name)
        values = months.sum(-1) if name in TOTALS else months.mean(-1) if name in AVERAGES else months[..., -1]
        light, together, strict, both = values
        by_rules = mean_and_error((strict - light + both - together) / 2.0)
        by_cooperation = mean_and_error((together - light + both - strict) / 2.0)
        found[name] = float(np.mean(light)), by_rules, by_cooperation
    return found


def main() -> None:
    """Print a line for each theory and outcome."""
    parser = argparse.ArgumentParser(description="What strict rules and cooperation do under each rival theory.")
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    for called, theory in {AS_IT_IS: {}, **theories()}.items():
        print(called)
        for name, (level, rules, cooperation) in effects(theory, runs).items():
            print(f"  {name:24} {level:9.3g}  strict rules {rules[0]:+.3g} ({rules[1]:.2g})  "
                  f"cooperation {cooperation[0]:+.3g} ({cooperation[1]:.2g})")


if __name__ == "__main__":
    main()
