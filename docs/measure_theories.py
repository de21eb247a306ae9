"""Measures what the record says of rival theories, and whether parameters drawn with them differ from those in use.

    python docs/measure_theories.py

The draws of `make calibrate` live through the history again, each with theories of its own, all of `[structure]` open
and all choices alike to begin with: parameters and theories are drawn together, and weighted by the same kernel.
Prints, for each origin, the share of the weight that each choice is left with, and for the latest how far the
parameters' means lie from those of the posterior in use, which knows the default theories alone. 51,200 runs, about
eight minutes on two cores; `docs/forecasts.md` has what came out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from sim.engine.uncertainty import CALIBRATION_SEED, posterior, uncertain
from sim.model.beliefs import drawn, theories
from sim.model.luck import RUNS_PER_DRAW, Luck
from sim.model.parameters import ANY
from sim.scenario.scenario import Scenario
from sim.studies.forecasting.calibrate import EFFECTIVE, KEPT, STORED, Posterior, calibrate

HISTORY = Path(__file__).parents[1] / "scenarios" / "history" / "history_forced.toml"


def main() -> None:
    """Print the shares of theories by origin, and how far the latest posterior's parameters lie from those in use."""
    scenario = Scenario.load(HISTORY).with_(dict.fromkeys(theories(), ANY))
    found = calibrate(scenario, kept=KEPT, say=lambda text: print(text, end="\r", file=sys.stderr))
    print(f"standard error of a half {0.5 / np.sqrt(EFFECTIVE):.3f}")
    for origin, each in found.items():
        told = [f"{choice} {share:.2f}" for path in theories() for choice, share in left(each, path).items()]
        print(f"{origin}: {', '.join(told)}", flush=True)
    latest = max(found)
    off = moved(found[latest], posterior(latest))
    most = int(np.abs(off).argmax())
    print(f"{latest}: parameters' means lie {np.sqrt((off**2).mean()):.2f} standard errors from those in use "
          f"(root mean square of {len(off)}), at most {abs(off[most]):.1f}, {uncertain()[most]}")


def left(found: Posterior, path: str) -> dict[str, float]:
    """The share of a posterior's weight by choice of one theory."""
    theory = theories()[path]
    met = drawn(theory, ANY, Luck(CALIBRATION_SEED, found.draws * RUNS_PER_DRAW))
    return {choice: float(found.weights[met == place].sum()) for place, choice in enumerate(theory.choices)}


def moved(found: Posterior, others: np.ndarray) -> np.ndarray:
    """Differences of parameters' mean places in their ranges, in standard errors of two such samples (parameters,)."""
    here, there = (
        np.stack([Luck(CALIBRATION_SEED, draws).uniform(f"prior.{name}", 1)[:, 0] for name in uncertain()], axis=1)
        for draws in (found.draws, others))
    return np.asarray((found.weights @ here - there.mean(axis=0)) / np.sqrt((1.0 / EFFECTIVE + 1.0 / STORED) / 12.0))


if __name__ == "__main__":
    main()
