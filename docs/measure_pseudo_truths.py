"""Measures whether calibration covers truths that it can know: `python docs/measure_pseudo_truths.py`.

A run of the prior, with a draw of the discrepancy, is taken for the record; the posterior of the other draws is
computed as for the real one. Its parameters should lie within the 90% bands in 90% of such cases, and so should figures
after the origin. `docs/validation.md` has what came out. Runs are those that `make calibrate` has kept.
The mean log kernel says how near a posterior comes to its record, and whether the real one is like the model's own.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.engine.uncertainty import CALIBRATION_SEED, calibration, uncertain
from sim.model.luck import Luck
from sim.scenario.scenario import Scenario
from sim.studies.forecasting import calibrate

TRUTHS = 200
ORIGINS = ("2018-12", "2022-12", "2025-12")
BANDS = (0.5, 0.9)


def main() -> None:
    """Print, for some origins, the shares of parameters and of later figures that the bands hold."""
    scenario = Scenario.load(Path(__file__).parents[1] / "scenarios" / "history" / "history_forced.toml")
    numbers = np.arange(calibrate.DRAWS)
    said = calibrate.simulate_draws(scenario, numbers, kept=calibrate.KEPT)
    sound = np.isfinite(said).all(axis=(1, 2))
    numbers, said = numbers[sound], said[sound]
    luck, names = Luck(CALIBRATION_SEED, numbers), uncertain()
    quantiles = np.stack([luck.uniform(f"prior.{name}", 1)[:, 0] for name in names], axis=1)
    for origin in ORIGINS:
        informed = [names.index(name) for name in calibration()["origin"][origin]["informed"]]
        places, later, fits = held(said, quantiles, origin)
        told = [f"{name} " + ", ".join(f"{np.mean(np.abs(found - 0.5) < band / 2):.3f}" for band in BANDS)
                for name, found in (("parameters", places), ("informed", places[:, informed]), ("later figures", later))
                if found.size]
        aim = calibrate.targets()
        logs = calibrate.log_kernel(said, aim, aim.until(origin))
        own = float(calibrate.tolerance(logs, calibrate.EFFECTIVE)[1] @ logs)
        low, middle, high = np.quantile(fits, (0.0, 0.5, 1.0))
        print(f"{origin}: within the 50 and the 90% band: {'; '.join(told)}; log kernel of the posterior {middle:.0f} "
              f"({low:.0f} to {high:.0f}), of the record's {own:.0f}", flush=True)


def held(said: np.ndarray, quantiles: np.ndarray, origin: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of true parameters and of later figures in their posteriors, (truths, ...), and the mean log kernels."""
    aim = calibrate.targets()
    known = aim.until(origin)
    draw = np.random.default_rng(5)
    root = np.linalg.cholesky(aim.covariance)
    spread = np.sqrt(np.diag(aim.covariance)[~known])
    places, later, fits = [], [], []
    for _ in range(TRUTHS):
        true = int(draw.integers(len(said)))
        truth = said[true, 0] + root @ draw.normal(size=len(aim.observed))
        others = np.arange(len(said)) != true
        logs = calibrate.log_kernel(said[others], replace(aim, observed=truth), known)
        weights = calibrate.tolerance(logs, calibrate.EFFECTIVE)[1]
        fits.append(float(weights @ logs))
        places.append(weights @ (quantiles[others] < quantiles[true]))
        chosen = calibrate.resampled(weights, 1_000)
        members = said[others][chosen, 0][:, ~known] + spread * draw.normal(size=(1_000, len(spread)))
        later.append((members < truth[~known]).mean(axis=0))
    return np.array(places), np.array(later), np.array(fits)


if __name__ == "__main__":
    sys.exit(main())
