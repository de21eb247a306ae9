"""Measures what docs/validation.md says of structures: what strict rules and cooperation do under each rival theory.

    python docs/measure_structures.py [--runs 200]

The four core scenarios on the same luck, parameters as the record leaves them; effects averaged over the other lever.
Takes some seconds for each theory. The page is written by hand from what this prints.
"""

from __future__ import annotations

import argparse

import numpy as np

from sim.engine.simulate import simulate
from sim.model.parameters import levers
from sim.scenario.scenario import Scenario
from sim.studies.comparing.paired import mean_and_error

CORE = ("light_rivalry", "light_cooperation", "strict_rivalry", "strict_cooperation")
TOTALS = ("severe_incidents", "compliance_cost_usd_bn")
AVERAGES = ("safety_effort", "hostility")
ENDS = ("us_china_lag_months", "small_labs")


def theories() -> list[dict[str, str]]:
    """The default, then each rival theory by itself, as settings of a scenario."""
    structures = {path: lever for path, lever in levers().items() if path.startswith("structure.")}
    return [{}, *({path: choice} for path, lever in structures.items() for choice in lever.choices
                  if choice != lever.default)]


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
    for theory in theories():
        print(", ".join(f"{path} = {choice}" for path, choice in theory.items()) or "as it is")
        for name, (level, rules, cooperation) in effects(theory, runs).items():
            print(f"  {name:24} {level:9.3g}  strict rules {rules[0]:+.3g} ({rules[1]:.2g})  "
                  f"cooperation {cooperation[0]:+.3g} ({cooperation[1]:.2g})")


if __name__ == "__main__":
    main()
