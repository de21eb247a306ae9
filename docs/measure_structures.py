"""Measures what docs/validation.md says of structures: what strict rules and cooperation do under each rival theory.

    python docs/measure_structures.py [--runs 200]

The four core scenarios on the same luck, parameters as the record leaves them; effects averaged over the other lever.
Then the shares of a single run's variance that luck, parameters and theories make, each theory drawn with the same
weight, from ten times as many runs. Takes some seconds for each theory, and half a minute for the shares. The
page is written by hand from what this prints.
"""

from __future__ import annotations

import argparse

import numpy as np

from sim.engine.simulate import simulate
from sim.engine.uncertainty import theories_met
from sim.model.beliefs import theories as rival_theories
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import INDEX, PRIMARY
from sim.model.parameters import ANY
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare, variance_between
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


def shares(runs: int) -> None:
    """Print whose the variance of two differences is: luck's, ignorance's (theories among it), theories' alone."""
    believed = dict.fromkeys(rival_theories(), ANY)
    comparison = compare(simulate([Scenario.load(name).with_(believed) for name in CORE[:3]], runs=runs, workers=2))
    results, paired = comparison.results, comparison.results.paired
    numbers = results.run_numbers[paired]
    met = {path: theories_met(path, results.scenarios[:1], results.seed, numbers)[0][::RUNS_PER_DRAW]
           for path in believed}
    for name in PRIMARY:
        level = results.summaries[0, paired, INDEX[name]][:, None]
        means = comparison.by_draw(level)
        parts = {path: variance_between(means, theory)[0] / level.var() for path, theory in met.items()}
        print(f"  level under {CORE[0]:16} {name:24} "
              + "  ".join(f"{path.removeprefix('structure.')} {part:.1%}" for path, part in parts.items()))
    for row in comparison.spread[comparison.spread["outcome"].isin(PRIMARY)].to_dict("records"):
        luck, ignorance, theory = (row[name] ** 2 for name in ("luck_sd", "ignorance_sd", "theory_sd"))
        total = luck + ignorance
        if total > 0.0:
            print(f"  {row['scenario']:28} {row['outcome']:24} luck {luck / total:4.0%}  ignorance "
                  f"{ignorance / total:4.0%}  of it theories {theory / total:6.1%}")


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
    print("shares of a single run's variance, each theory alike")
    shares(10 * runs)


if __name__ == "__main__":
    main()
