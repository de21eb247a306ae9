"""Calibration: which draws of the parameters make December 2015 lead to the record until the end of 2022.

Approximate Bayesian computation with a Gaussian kernel, which is exact inference where a good model misses the record
by its stated discrepancies (Wilkinson 2013), made affordable in three waves:

1. draws from the prior, each lived through twice; a regression of what runs say at the record's dates on the
   parameters, linear and square, gives an emulator, whose residuals are luck and what regression leaves out;
2. draws from the prior times the emulator's likelihood to the power of `TEMPER`, by a random walk that leaves the prior
   invariant (preconditioned Crank-Nicolson), each lived through twice, and the emulator fitted anew where they are;
3. draws from the prior times the new likelihood to that power. A draw's weight is its kernel, from simulation alone,
   over what it was favoured by in the drawing. The emulator thus chooses where to look and never what to find.

Data after 2022 are not used. `make calibrate` does it all anew.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

from sim.engine.live import live_one_month, measure
from sim.engine.results import Results
from sim.engine.simulate import compile_rules
from sim.engine.uncertainty import CALIBRATION, POSTERIOR, calibration, prior_quantile
from sim.engine.workers import worker_processes
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import NAMES
from sim.model.parameters import parameters
from sim.model.start import build_world
from sim.scenario.scenario import Scenario
from sim.studies.forecasting.record import Series, record

ROWS = 1024  # runs side by side
TEMPER = 0.6
CHAINS, STEPS = 1000, 1600
MOVED = 2.5  # standard errors: parameters that the record moves or narrows less keep their prior


@dataclass(frozen=True)
class Posterior:
    """Weighted draws (draws, parameters) as prior quantiles, and how they came about."""

    names: tuple[str, ...]
    quantiles: np.ndarray
    weights: np.ndarray
    runs: int

    @property
    def effective(self) -> float:
        """Kish's effective sample size of the weights."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    def informed(self) -> list[str]:
        """Parameters that the record moved or narrowed, in the order of how far."""
        w = self.weights / self.weights.sum()
        mean = w @ self.quantiles
        spread = np.sqrt(w @ (self.quantiles - mean) ** 2)
        prior = 1.0 / np.sqrt(12.0)
        moved = np.maximum(np.abs(mean - 0.5) / prior, 1.0 - spread / prior)
        order = np.argsort(-moved)
        return [self.names[i] for i in order if moved[i] > MOVED / np.sqrt(self.effective)]

    def draws(self, count: int, names: Sequence[str], seed: int = 0) -> np.ndarray:
        """Draws of these parameters, in their units, resampled by weight: (count, parameters)."""
        w = self.weights / self.weights.sum()
        # Systematic resampling: each draw as often as its weight says, give or take one.
        places = (np.random.default_rng(seed).uniform() + np.arange(count)) / count
        chosen = np.minimum(np.searchsorted(np.cumsum(w), places), len(w) - 1)
        columns = [self.names.index(name) for name in names]
        values = [prior_quantile(parameters()[self.names[i]], self.quantiles[chosen, i]) for i in columns]
        return np.stack(values, axis=1)


def uncertain(scenario: Scenario) -> tuple[str, ...]:
    """Parameters that are uncertain and not set by the scenario."""
    return tuple(name for name, p in parameters().items()
                 if p.kind == "uncertainty" and name not in scenario.uncertainty)


def targets() -> list[tuple[Series, int]]:
    """Series and position of every point that calibrates."""
    return [(series, i) for series in record() for i, point in enumerate(series.points) if point.calibrates]


def observed() -> tuple[np.ndarray, np.ndarray]:
    """The record's values on their scales, and the discrepancies: both (targets,)."""
    values = [float(series.scaled(series.points[i].value)) for series, i in targets()]
    return np.array(values), np.array([series.discrepancy for series, _ in targets()])


def simulate_draws(
    scenario: Scenario, names: Sequence[str], quantiles: np.ndarray, seed: int, workers: int = 2
) -> np.ndarray:
    """What runs with these draws say at the targets: (draws, RUNS_PER_DRAW, targets), on the targets' scales."""
    count = ROWS // RUNS_PER_DRAW
    chunks = [(scenario, tuple(names), quantiles[i : i + count], seed, i * RUNS_PER_DRAW)
              for i in range(0, len(quantiles), count)]
    compile_rules()
    with worker_processes(workers) as pool:
        return np.concatenate(list(pool.map(_live, chunks)))


def _live(chunk: tuple[Scenario, tuple[str, ...], np.ndarray, int, int]) -> np.ndarray:
    scenario, names, quantiles, seed, first = chunk
    rows = len(quantiles) * RUNS_PER_DRAW
    believed: Mapping[str, np.ndarray] = {
        name: np.repeat(prior_quantile(parameters()[name], quantiles[:, i]), RUNS_PER_DRAW)
        for i, name in enumerate(names)
    }
    wanted = targets()
    months = scenario.months
    values = np.empty((rows, months, len(NAMES)))
    with np.errstate(all="ignore"):
        world = build_world([scenario], np.zeros(rows, int), first + np.arange(rows), seed, months=months,
                            believed=believed)
        world.log.enabled = False
        for month in range(months):
            world.month = month
            live_one_month(world)
            measure(world, values[:, month])
    results = Results([scenario], values[None], uncertainty="prior")
    found = [series.scaled(series.at(results, series.points[i].date)) for series, i in wanted]
    return np.stack(found, axis=1).reshape(len(quantiles), RUNS_PER_DRAW, len(wanted))


# ---- the emulator ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Emulator:
    """A regression on parameters: mean (draws, targets), and the covariance of its residuals (targets, targets)."""

    coefficients: np.ndarray
    covariance: np.ndarray

    @classmethod
    def fit(cls, quantiles: np.ndarray, said: np.ndarray) -> Emulator:
        """Fit to draws (draws, parameters) and what their runs said (draws, runs, targets)."""
        features = _features(quantiles)
        coefficients = np.linalg.lstsq(features, said.mean(axis=1), rcond=None)[0]
        residuals = (said - (features @ coefficients)[:, None, :]).reshape(-1, said.shape[2])
        return cls(coefficients, np.cov(residuals.T))

    def log_likelihood(self, quantiles: np.ndarray) -> np.ndarray:
        """Log likelihood of the record, less a constant: (draws,)."""
        values, discrepancy = observed()
        off = _features(quantiles) @ self.coefficients - values
        root = np.linalg.cholesky(self.covariance + np.diag(discrepancy**2))
        return np.asarray(-0.5 * (np.linalg.solve(root, off.T) ** 2).sum(axis=0))


def _features(quantiles: np.ndarray) -> np.ndarray:
    centred = 2.0 * quantiles - 1.0
    return np.hstack([np.ones((len(centred), 1)), centred, centred**2 - 1.0 / 3.0])


def log_kernel(said: np.ndarray) -> np.ndarray:
    """Log of the kernel, mean over a draw's runs: (draws,) for (draws, runs, targets)."""
    values, discrepancy = observed()
    each = -0.5 * (((said - values) / discrepancy) ** 2).sum(axis=2)
    top = each.max(axis=1, keepdims=True)
    return np.asarray(top[:, 0] + np.log(np.exp(each - top).mean(axis=1)))


def walk(emulator: Emulator, dimensions: int, count: int, temper: float, seed: int) -> np.ndarray:
    """Draws from prior times likelihood^temper: quantiles (count, dimensions)."""
    draw = np.random.default_rng(seed)
    z = draw.normal(size=(CHAINS, dimensions))
    score = temper * emulator.log_likelihood(ndtr(z))
    step, wanted = 0.3, -(-count // CHAINS)
    kept: list[np.ndarray] = []
    every = max(1, (STEPS // 2) // wanted)
    for i in range(STEPS):
        proposed = np.sqrt(1.0 - step**2) * z + step * draw.normal(size=z.shape)
        new = temper * emulator.log_likelihood(ndtr(proposed))
        accept = np.log(draw.uniform(size=CHAINS)) < new - score
        z[accept], score[accept] = proposed[accept], new[accept]
        if i < STEPS // 2:  # the step adapts while nothing is kept
            step = float(np.clip(step * np.exp(0.05 * (accept.mean() - 0.3)), 0.01, 0.9))
        elif (i - STEPS // 2) % every == 0 and len(kept) < wanted:
            kept.append(ndtr(z))
    return np.concatenate(kept)[:count]


def calibrate(
    scenario: Scenario, waves: Sequence[int] = (40_000, 60_000, 140_000), seed: int = 2022, workers: int = 2
) -> Posterior:
    """All waves, of so many runs each."""
    names = uncertain(scenario)
    proposed = np.random.default_rng(seed).uniform(size=(waves[0] // RUNS_PER_DRAW, len(names)))
    for wave in range(len(waves)):
        said = simulate_draws(scenario, names, proposed, seed + wave, workers)
        sound = np.isfinite(said).all(axis=(1, 2))
        proposed, said = proposed[sound], said[sound]
        if wave < len(waves) - 1:
            emulator = Emulator.fit(proposed, said)
            count = waves[wave + 1] // RUNS_PER_DRAW
            proposed = walk(emulator, len(names), count, TEMPER, seed + wave)
    log_weight = log_kernel(said) - TEMPER * emulator.log_likelihood(proposed)
    weights = np.exp(log_weight - log_weight.max())
    return Posterior(names, proposed, weights, sum(waves))


def main() -> None:
    """Calibrate with the scenario file named, hold the posterior against the record, write both into `sim/data/`.

    With `--back-test-only` the posterior stays and the back-test is measured again.
    """
    scenario = Scenario.load(Path(sys.argv[1]))
    known = dict(calibration())
    if "--back-test-only" not in sys.argv:
        found = calibrate(scenario)
        save(found, POSTERIOR)
        known = {"runs": found.runs, "effective": round(found.effective, 1), "informed": len(found.informed())}
    write(known, scenario)


def write(known: Mapping[str, Any], scenario: Scenario) -> None:
    """Measure the back-test of the posterior with several seeds, and write all that is known of it as TOML."""
    from sim.engine.simulate import simulate
    from sim.studies.checking.published import reproduced
    from sim.studies.forecasting.backtest import RUNS, SEEDS, Backtest, over_seeds

    measured = over_seeds(
        Backtest(simulate(scenario, runs=RUNS, seed=seed, uncertainty="posterior", labs=True, workers=2))
        for seed in range(SEEDS))
    lines = ["# How posterior.csv came about, and how it stands against the record; `make calibrate` writes both."]
    lines += [f"{name} = {known[name]}" for name in ("runs", "effective", "informed")]
    lines += [f'published = "{reproduced()}"', "", "[backtest]"]
    tables = []
    for name, value in asdict(measured).items():
        if isinstance(value, dict):
            tables += ["", f"[backtest.{name}]", *(f'"{key}" = {each}' for key, each in value.items())]
        else:
            lines.append(f"{name} = {value}")
    CALIBRATION.write_text("\n".join([*lines, *tables]) + "\n", encoding="utf-8")


def save(found: Posterior, path: Path, count: int = 400) -> None:
    """Write draws of the informed parameters as CSV, one row a draw."""
    names = found.informed()
    rows = [",".join(f"{value:.5g}" for value in draw) for draw in found.draws(count, names)]
    path.write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
