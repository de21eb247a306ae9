"""Calibration: which draws of the parameters make December 2015 lead to the record, as it is known at each origin.

Approximate Bayesian computation. Draws from the prior are each lived through twice; a draw's weight is a Gaussian
kernel of how far its runs are off the record, by the covariance of the discrepancy (`discrepancy.py`; Wilkinson 2013),
raised to a power. That power is the tolerance: runs of the same parameters differ by luck, and against a hundred
figures at once hardly any would count. It is the largest that leaves an effective sample of `EFFECTIVE`, and stands
beside each posterior. Weights come from simulation alone.

All origins weight the same draws, with the figures known there; runs follow policy as it came, and what is dated after
an origin touches no figure before it. A draw is a number: its parameters follow from it, all of them jointly
(`sim/engine/uncertainty.py`), so that a posterior is a list of numbers. Proposals that an emulator favours were tried
(regression on the parameters, a random walk in prior times its likelihood): at the same cost they left a tenth of the
effective sample, and no better a fit, since what luck does to a draw's weight outweighs what an emulator knows of it.

What was lived through is kept in `build/calibration` until the record, the rules or the scenario change, so that an
interrupted calibration goes on where it was. `make calibrate` does it all.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.linalg import block_diag

from sim.engine.results import Results
from sim.engine.simulate import at_once, compile_rules
from sim.engine.uncertainty import CALIBRATION, CALIBRATION_SEED, POSTERIORS, ranges, uncertain, values_of_draws
from sim.engine.workers import worker_processes
from sim.model.cache import digest
from sim.model.luck import RUNS_PER_DRAW, Luck
from sim.model.outcomes import NAMES
from sim.model.parameters import DATA
from sim.model.start import build_world
from sim.scenario.scenario import Scenario
from sim.studies.forecasting.discrepancy import covariance
from sim.studies.forecasting.protocol import ORIGINS
from sim.studies.forecasting.record import Series, record

DRAWS = 25_600
CHUNK = 256  # draws side by side
EFFECTIVE = 1_000.0
STORED = 1_000
MOVED = 2.5  # standard errors: parameters that the record moves or narrows less count as not informed
KEPT = Path("build") / "calibration"


# ---- what is aimed at ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Targets:
    """Figures that calibration looks at, one a year of each series.

    `places` has their positions in each series, `observed` the values on their scales, `covariance` that of the
    discrepancy and `dates` their last months: (figures,), and (figures, figures).
    """

    series: tuple[Series, ...]
    places: tuple[list[int], ...]
    observed: np.ndarray
    covariance: np.ndarray
    dates: np.ndarray

    def until(self, origin: str) -> np.ndarray:
        """Which figures are known at the end of a month: (figures,)."""
        return np.asarray(self.dates <= origin)


@cache
def targets() -> Targets:
    """The last figure of each year of all series but those of single labs, which repeat others."""
    chosen = tuple(series for series in record() if not series.lab)
    places = tuple(_last_of_years(series) for series in chosen)
    pairs = list(zip(chosen, places, strict=True))
    return Targets(chosen, places, np.concatenate([series.observed[at] for series, at in pairs]),
                   block_diag(*(covariance(series)[np.ix_(at, at)] for series, at in pairs)),
                   np.array([series.points[i].last for series, at in pairs for i in at]))


def _last_of_years(series: Series) -> list[int]:
    return sorted({point.last[:4]: i for i, point in enumerate(series.points)}.values())


def log_kernel(said: np.ndarray, aim: Targets, known: np.ndarray) -> np.ndarray:
    """Log of the kernel over the figures `known`, mean over a draw's runs: (draws,) for (draws, runs, figures)."""
    off = (said - aim.observed)[:, :, known]
    root = np.linalg.cholesky(aim.covariance[np.ix_(known, known)])
    white = np.linalg.solve(root, off.reshape(-1, int(known.sum())).T)
    each = -0.5 * (white**2).sum(axis=0).reshape(off.shape[:2])
    top = each.max(axis=1, keepdims=True)
    return np.asarray(top[:, 0] + np.log(np.exp(each - top).mean(axis=1)))


# ---- simulation ------------------------------------------------------------------------------------------------
def simulate_draws(
    scenario: Scenario, draws: np.ndarray, workers: int = 2, kept: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> np.ndarray:
    """What runs with these draws say of the targets: (draws, RUNS_PER_DRAW, figures), on the targets' scales.

    Parts that are in the folder `kept` are read from there, new ones written.
    """
    stamp = hashlib.blake2b(digest().encode() + (DATA / "record.toml").read_bytes() + scenario.digest().encode(),
                            digest_size=8).hexdigest()
    parts = [draws[i : i + CHUNK] for i in range(0, len(draws), CHUNK)]
    paths = [None if kept is None else kept / f"{stamp}-{part[0]}-{part[-1]}.npy" for part in parts]
    wanted = [i for i, path in enumerate(paths) if path is None or not path.is_file()]
    found: dict[int, np.ndarray] = {}
    compile_rules()
    with worker_processes(workers) as pool:
        lived = pool.map(_live, [(scenario, parts[i]) for i in wanted])
        for done, (i, said) in enumerate(zip(wanted, lived, strict=True)):
            found[i] = said
            if (path := paths[i]) is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                new = path.with_suffix(".part.npy")
                np.save(new, said)
                new.rename(path)
            say(f"{(done + 1) / len(wanted):.0%} of {len(wanted) * CHUNK * RUNS_PER_DRAW:,} runs")
    return np.concatenate([found[i] if i in found else np.load(str(path)) for i, path in enumerate(paths)])


def _live(chunk: tuple[Scenario, np.ndarray]) -> np.ndarray:
    scenario, draws = chunk
    rows = len(draws) * RUNS_PER_DRAW
    runs = (draws[:, None] * RUNS_PER_DRAW + np.arange(RUNS_PER_DRAW)).ravel()
    values = np.empty((rows, scenario.months, len(NAMES)))
    with np.errstate(all="ignore"):
        world = build_world([scenario], np.zeros(rows, int), runs, CALIBRATION_SEED, months=scenario.months,
                            believed=values_of_draws(runs // RUNS_PER_DRAW))
        world.log.enabled = False
        for row, (month, _, _) in at_once(world, values).items():
            values[row, month:] = np.nan
    results = Results([scenario], values[None], uncertainty="prior")
    aim = targets()
    found = [series.scaled(series.at(results, series.points[i]))
             for series, at in zip(aim.series, aim.places, strict=True) for i in at]
    return np.stack(found, axis=1).reshape(len(draws), RUNS_PER_DRAW, -1)


# ---- weights ---------------------------------------------------------------------------------------------------
def effective(weights: np.ndarray) -> float:
    """Kish's effective sample size."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def tolerance(log_kernel: np.ndarray, wanted: float) -> tuple[float, np.ndarray]:
    """The largest power up to 1 that leaves the effective sample that is wanted, and the weights, which add up to 1."""

    def weights(power: float) -> np.ndarray:
        powered = np.exp(power * (log_kernel - log_kernel.max()))
        return np.asarray(powered / powered.sum())

    low, high = 0.0, 1.0
    if effective(weights(high)) >= wanted:
        return high, weights(high)
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(weights(middle)) >= wanted else (low, middle)
    return low, weights(low)


def resampled(weights: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Positions by weight, each as often as its weight says, give or take one: (count,)."""
    places = (np.random.default_rng(seed).uniform() + np.arange(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(weights / weights.sum()), places), len(weights) - 1)


def informed(weights: np.ndarray, draws: np.ndarray) -> list[str]:
    """Parameters that the record moved or narrowed, in the order of how far."""
    names = uncertain()
    luck = Luck(CALIBRATION_SEED, draws)
    quantiles = np.stack([luck.uniform(f"prior.{name}", 1)[:, 0] for name in names], axis=1)
    w = weights / weights.sum()
    mean = w @ quantiles
    spread = np.sqrt(w @ (quantiles - mean) ** 2)
    prior = 1.0 / np.sqrt(12.0)
    moved = np.maximum(np.abs(mean - 0.5) / prior, 1.0 - spread / prior)
    return [names[i] for i in np.argsort(-moved) if moved[i] > MOVED / np.sqrt(effective(weights))]


# ---- all of it -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Posterior:
    """Draws by number with their weights (draws,), the tolerance, and how much of each series is within reach."""

    draws: np.ndarray
    weights: np.ndarray
    power: float
    reach: Mapping[str, float]


def calibrate(
    scenario: Scenario, draws: int = DRAWS, wanted: float = EFFECTIVE, workers: int = 2, kept: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Posterior]:
    """The posterior of each origin, with `wanted` as its effective sample."""
    aim = targets()
    numbers = np.arange(draws)
    said = simulate_draws(scenario, numbers, workers, kept, say)
    sound = np.isfinite(said).all(axis=(1, 2))
    numbers, said = numbers[sound], said[sound]
    found = {}
    for origin in ORIGINS:
        known = aim.until(origin)
        power, weights = tolerance(log_kernel(said, aim, known), wanted)
        found[origin] = Posterior(numbers, weights, power, _reach(said, aim, known))
    return found


def _reach(said: np.ndarray, aim: Targets, known: np.ndarray) -> dict[str, float]:
    """By series the least distance of any run from its last known figure, in standard deviations of the discrepancy.

    Above 3 the series is implausible: no parameter reaches it (Vernon, Goldstein and Bower 2010).
    """
    found, place = {}, 0
    for series, at in zip(aim.series, aim.places, strict=True):
        own = [place + i for i in range(len(at)) if known[place + i]]
        place += len(at)
        if own:
            last = own[-1]
            off = np.abs(said[:, :, last] - aim.observed[last]) / np.sqrt(aim.covariance[last, last])
            found[series.name] = float(np.quantile(off, 0.01))
    return found


def main() -> None:
    """Calibrate with the scenario file named, hold the posteriors against the record, write all into `sim/data/`.

    With `--back-test-only` the posteriors stay, and are held against the record again.
    """
    scenario = Scenario.load(Path(sys.argv[1]))
    if "--back-test-only" not in sys.argv:
        write(calibrate(scenario, kept=KEPT, say=lambda text: print(text, end="\r", file=sys.stderr)))
        # In a process of its own, which reads the posteriors anew.
        sys.exit(subprocess.run([sys.executable, "-m", __spec__.name, sys.argv[1], "--back-test-only"]).returncode)
    hold(scenario)


def hold(scenario: Scenario) -> None:
    """Hold the posteriors against the record, and write what came of it."""
    from sim.engine.simulate import simulate
    from sim.studies.checking.published import reproduced
    from sim.studies.forecasting.backtest import RUNS, Backtest
    from sim.studies.forecasting.summary import keep, summary

    keep(summary(Backtest(scenario, lambda each, uncertainty: simulate(
        each, runs=RUNS, uncertainty=uncertainty, labs=True, workers=2))), reproduced())


def write(found: Mapping[str, Posterior]) -> None:
    """Write the draws of all origins, by number, and how the posteriors came about."""
    columns = {origin: each.draws[resampled(each.weights, STORED)] for origin, each in found.items()}
    rows = [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    POSTERIORS.write_text("\n".join([",".join(columns), *rows]) + "\n", encoding="utf-8")
    lines = ["# How the posteriors came about; `make calibrate` writes this file and posterior.csv.",
             f"draws = {DRAWS}", f"runs = {DRAWS * RUNS_PER_DRAW}", f'ranges = "{ranges()}"']
    for origin, each in found.items():
        lines += ["", f'[origin."{origin}"]', f"tolerance = {each.power:.3g}",
                  f"effective = {effective(each.weights):.1f}",
                  f"informed = {informed(each.weights, each.draws)}".replace("'", '"'),
                  "# how near a hundredth of the runs come to a series' last figure, in discrepancies",
                  "reach = { " + ", ".join(f'"{name}" = {off:.2f}' for name, off in each.reach.items()) + " }"]
    CALIBRATION.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
