"""How fast the simulator is: `make bench`, or `python benchmarks/bench.py --runs 128 --repeats 1` for a quick look.

Every figure is for all outcomes recorded, and the best of several repeats, so that other work on the machine counts
least. A plain Mesa model of the same number of agents runs in the same process, for scale.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import sim

SCENARIOS = Path(__file__).parents[1] / "scenarios"
CORE = ("light_rivalry", "light_cooperation", "strict_rivalry", "strict_cooperation")
WORKERS = 2


def seconds(task: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Least wall and processor time of `repeats` runs of a task, in seconds."""
    wall, processor = [], []
    for _ in range(repeats):
        gc.collect()
        began, began_processor = time.perf_counter(), time.process_time()
        task()
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - began_processor)
    return min(wall), min(processor)


def lens(scenario: sim.Scenario, months: int) -> None:
    """One run as Mesa agents over the arrays."""
    sim.IndustryModel(scenario, months=months).run_model()


def plain(agents: dict[str, int], months: int) -> None:
    """One run of the plain Mesa model."""
    from plain_mesa import Industry

    model = Industry(**agents)
    for _ in range(months):
        model.step()


def count_up(steps: int) -> int:
    """Keep one core busy."""
    return sum(range(steps))


def speed_up(scenarios: list[sim.Scenario], runs: int, months: int, repeats: int) -> dict[str, float]:
    """Wall time of one thread over that of two; beside it, what the machine has to give: two cores that only count."""

    def simulate(**workers: Any) -> float:
        return seconds(lambda: sim.simulate(scenarios, runs=runs, months=months, **workers), repeats)[0]

    one, threads = simulate(), simulate(workers=WORKERS)
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        pool.submit(count_up, 1).result()
        steps = [20_000_000] * WORKERS
        alone = seconds(lambda: list(map(count_up, steps)), repeats)[0]
        shared = seconds(lambda: list(pool.map(count_up, steps)), repeats)[0]
    return {
        "Two threads over one": one / threads,
        "Two processes that only count, over one": alone / shared,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the simulator.")
    parser.add_argument("--runs", type=int, default=2048, help="runs in all, shared among the scenarios (default 2048)")
    parser.add_argument("--months", type=int, default=120, help="months of each run (default 120)")
    parser.add_argument("--repeats", type=int, default=3, help="repeats, of which the fastest counts (default 3)")
    given = parser.parse_args()
    runs, months, repeats = max(given.runs, len(CORE)), given.months, given.repeats
    baseline = sim.Scenario.load(SCENARIOS / "baseline.toml")
    core = [sim.Scenario.load(SCENARIOS / f"{name}.toml") for name in CORE]
    each = runs // len(core)
    start = sim.IndustryModel(baseline)
    agents = {kind: len(getattr(start, kind)) for kind in ("labs", "founders", "regulators", "nations")}

    measured = {
        "One scenario, in batches": (runs, seconds(lambda: sim.simulate(baseline, runs=runs, months=months), repeats)),
        "Four core scenarios on the same luck": (
            each * len(core),
            seconds(lambda: sim.simulate(core, runs=each, months=months), repeats),
        ),
        "One run alone": (1, seconds(lambda: sim.simulate(baseline, runs=1, months=months), 3 * repeats)),
        "Mesa lens on the same arrays, run by run": (1, seconds(lambda: lens(baseline, months), repeats)),
        "Plain Mesa model, run by run": (1, seconds(lambda: plain(agents, months), 2 * repeats)),
    }
    per_run = {name: [1e3 * value / count for value in times] for name, (count, times) in measured.items()}
    reference = per_run["Plain Mesa model, run by run"][1]

    print(f"airace {sim.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
          f"Mesa {version('mesa')}, {os.cpu_count()} cores")  # fmt: skip
    print(f"{months} months, {', '.join(f'{count} {kind}' for kind, count in agents.items())}; best of {repeats}\n")
    print(f"{'':42}{'runs':>6}{'wall':>13}{'processor':>13}{'plain Mesa':>13}")
    print(f"{'':42}{'':>6}{'ms per run':>13}{'ms per run':>13}{'over this':>13}")
    for name, (wall, processor) in per_run.items():
        print(f"{name:42}{measured[name][0]:>6}{wall:>13.2f}{processor:>13.2f}{reference / processor:>12.2g}x")
    print()
    for name, ratio in speed_up(core, 2 * each, months, repeats).items():
        print(f"{name:52}{ratio:>9.2f}x")


if __name__ == "__main__":
    main()
