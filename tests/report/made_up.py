"""Made-up results shaped like real ones: trends, jumps, constants, failed runs, awkward titles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.failures import Failure
from sim.engine.results import Results
from sim.model.outcomes import INDEX, OUTCOMES

PLAIN = ("Baseline", "Strict rules, rivalry", "Light rules, cooperation", "Strict rules, cooperation")
HOSTILE = (
    "<script>alert(1)</script>",
    '=cmd(\'calc\')!A1 [/] \u202edesrever\u202c & "quoted" id="patch_1" style="fill: #1f2328"',
    "A title that goes on and on, as titles in a long study of many rules and many treaties well may do " * 2,
    "\u05ea\u05e8\u05d7\u05d9\u05e9 </title></svg><img src=x onerror=alert(2)> $a$ {{ 7*7 }}",
)
GRID = ((0.35, 0.2), (0.8, 0.2), (0.35, 0.8), (0.8, 0.8))
LEVEL = {
    "us_china_lag_months": (7.0, 3.0),
    "frontier_log10_flop": (26.3, 4.5),
    "leader_revenue_usd_bn": (5.0, 900.0),
    "market_hhi": (0.3, 0.05),
    "small_labs": (12.0, 4.0),
    "capital_raised_usd_bn": (6.0, 12.0),
    "largest_run_cost_usd_mn": (300.0, 60000.0),
    "compliance_cost_usd_bn": (0.05, 0.9),
    "safety_effort": (0.25, 0.05),
    "hostility": (0.5, 0.15),
    "state_control": (0.02, 0.1),
    "adoption": (0.1, 0.6),
    "export_control": (0.5, 0.2),
    "price_fixed_capability_index": (1.0, -0.999),
    "chip_price_index": (1.0, -0.8),
}
EFFECT = {  # of strictness and of cooperation, as a share of the level's scale at the horizon
    "us_china_lag_months": (-0.15, -0.2),
    "small_labs": (-0.3, 0.02),
    "compliance_cost_usd_bn": (2.5, 0.0),
    "safety_effort": (0.4, 0.3),
    "hostility": (0.02, -0.6),
    "state_control": (1.4, 0.0),
    "export_control": (0.0, -0.5),
    "leader_revenue_usd_bn": (-0.25, 0.05),
    "frontier_log10_flop": (-0.015, 0.0),
}
KINDS = (
    "suit_filed",
    "settlement",
    "conversion",
    "departure",
    "spin_off",
    "round",
    "release",
    "export_control",
    "mineral_ban",
    "truce",
    "treaty",
    "severe_incident",
    "law",
    "entry",
    "closure",
    "defence_contract",
)


@dataclass(frozen=True)
class MadeUpScenario:
    """What the report reads of a scenario."""

    title: str
    start: str = "2025-01"
    months: int = 120
    question: str = ""
    look_for: str = ""
    levers: dict[str, Any] = field(default_factory=dict)
    set_levers: dict[str, Any] = field(default_factory=dict)
    agents: dict[str, Any] = field(default_factory=dict)
    events: tuple[Any, ...] = ()
    changes: tuple[Any, ...] = ()
    whens: tuple[Any, ...] = ()
    uncertainty: dict[str, Any] = field(default_factory=dict)

    def beyond(self) -> dict[str, Any]:
        """Nothing lies beyond its range."""
        return {}


def made_up_scenarios(titles: tuple[str, ...], months: int, grid: tuple[tuple[float, float], ...]) -> list[Any]:
    levers = [{"regulation.strictness": s, "diplomacy.us_china_cooperation": c} for s, c in grid]
    return [
        MadeUpScenario(title, months=months, levers=lever, set_levers=lever)
        for title, lever in zip(titles, levers, strict=False)
    ]


def made_up_values(grid: tuple[tuple[float, float], ...], runs: int, months: int, seed: int) -> np.ndarray:
    """Trending values; a run's luck is the same in every scenario."""
    luck = np.random.default_rng(seed)
    time = np.arange(months) / max(months - 1, 1)
    values = np.zeros((len(grid), runs, months, len(OUTCOMES)))
    for name, outcome in OUTCOMES.items():
        start, rise = LEVEL.get(name, (0.3, 0.2))
        own = luck.normal(0.0, 0.25, (runs, 1))
        noise = luck.normal(0.0, 0.02, (runs, months)).cumsum(axis=1)
        uniform = luck.random((runs, months))
        for s, (strictness, cooperation) in enumerate(grid):
            strict, coop = EFFECT.get(name, (0.0, 0.0))
            change = 1.0 + (strict * (strictness - 0.35) / 0.45 + coop * (cooperation - 0.2) / 0.6) * time
            if outcome.log and rise > 0:
                path = start * np.exp(np.log((start + rise) / start) * time * (1 + 0.2 * own) + noise) * change
            else:
                path = (start + rise * time * (1 + own) + 0.3 * abs(rise) * noise) * change
            values[s, ..., INDEX[name]] = path
        if outcome.unit in {"suits", "conversions", "departures", "injunctions"} or name in {"spin_offs"}:
            values[..., INDEX[name]] = uniform < 0.02
        if name == "severe_incidents":
            for s, (strictness, cooperation) in enumerate(grid):
                values[s, ..., INDEX[name]] = uniform < 0.012 * time * (1.6 - strictness) * (1.2 - cooperation)
        if name == "treaty_in_force":
            for s, (_, cooperation) in enumerate(grid):
                values[s, ..., INDEX[name]] = (own < -0.35 + cooperation) * (time > 0.3 + own)
    values[..., INDEX["small_labs"]] = np.round(values[..., INDEX["small_labs"]])
    values[..., INDEX["active_labs"]] = 20.0
    values[..., INDEX["injunctions"]] = 0.0
    return values


def made_up_events(grid: tuple[tuple[float, float], ...], runs: int, months: int, seed: int) -> pd.DataFrame:
    luck = np.random.default_rng(seed + 1)
    rows = []
    for run in range(runs):
        count = 60
        kind, month = luck.integers(0, len(KINDS), count), np.sort(luck.integers(0, months, count))
        actor, needed = luck.integers(0, 5, count), luck.random(count)
        for s, (strictness, cooperation) in enumerate(grid):
            for k, m, a, n in zip(kind, month, actor, needed, strict=True):
                name = KINDS[k]
                chance = {
                    "severe_incident": 0.25 * (1.5 - strictness),
                    "treaty": 0.1 + cooperation,
                    "export_control": 1.1 - cooperation,
                    "entry": 1.2 - strictness,
                }.get(name, 0.6)
                if n < chance:
                    lab = ("OpenAI", "Anthropic", "xAI", "DeepSeek", "Google DeepMind")[a]
                    rows.append(
                        (
                            s,
                            run,
                            m,
                            name,
                            lab,
                            "Microsoft" if k % 2 else "",
                            float(k),
                            f"{lab}: {name.replace('_', ' ')}",
                        )
                    )
    return pd.DataFrame(rows, columns=["scenario", "run", "month", "kind", "actor", "target", "amount", "text"])


LABS = ("OpenAI", "Anthropic", "DeepSeek", "Mistral AI", "New lab 1")
NATION_OF = (0.0, 0.0, 1.0, 2.0, 0.0)


def made_up_at_end(grid: tuple[tuple[float, float], ...], runs: int, seed: int) -> dict[str, np.ndarray]:
    """What labs have at the end: strictness takes from newcomers and from DeepSeek, cooperation gives to DeepSeek."""
    luck = np.random.default_rng(seed + 2)
    own = np.exp(luck.normal(0.0, 0.3, (runs, len(LABS))))
    revenue = np.stack([
        np.array([300.0, 80.0, 9.0 * (1.1 - 0.4 * s + 0.5 * c), 4.0, 3.0 * (1.2 - s)]) * own
        * luck.normal(1.0, 0.01, own.shape)
        for s, c in grid
    ])
    filled = np.ones_like(revenue)
    share = revenue / revenue.sum(axis=-1, keepdims=True)
    return {"nation": filled * NATION_OF, "active": filled, "revenue": revenue, "share": share,
            "valuation": 12.0 * revenue, "compute": 2e5 * np.sqrt(revenue)}


def made_up_results(
    titles: tuple[str, ...] = PLAIN,
    runs: int = 40,
    months: int = 120,
    seed: int = 5,
    grid: tuple[tuple[float, float], ...] = GRID,
    failing: bool = False,
    labs: bool = True,
) -> Results:
    grid = tuple(grid[i % len(grid)] for i in range(len(titles)))
    values = made_up_values(grid, runs, months, seed)
    failures = []
    if failing:
        values[1, 3, months // 2 :] = np.nan
        failures.append(Failure(titles[1], 3, months // 2, "cash", "is not finite"))
    return Results(
        made_up_scenarios(titles, months, grid),
        values,
        made_up_events(grid, runs, months, seed),
        lab_names=LABS if labs else (),
        at_end=made_up_at_end(grid, runs, seed) if labs else None,
        failures=failures,
        seed=seed,
        uncertainty="luck",
        versions={"airace": "0.1.0", "python": "3.11", "numpy": "2.1"},
    )
