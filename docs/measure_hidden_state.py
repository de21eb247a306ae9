"""Measures what the past leaves open of what no figure shows at a start, and what differences owe to it.

    python docs/measure_hidden_state.py

Hostility, trust and care at the start of January 2026 are judgements. Runs from December 2015, with parameters as the
record to the end of 2025 leaves them, say what that past makes of them; then strict rules with cooperation are held
against light rules with rivalry from starts as friendly and as hostile as the middle half of these runs allows.
`docs/forecasts.md` has what came out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import sim
from sim.model.outcomes import INDEX, PRIMARY

SHIPPED = Path(__file__).parents[1] / "scenarios"
PAST_RUNS, RUNS = 300, 200
HIDDEN = ("hostility", "trust", "safety_effort")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
POWERS = ("US", "China")


def main() -> None:
    """Print quantiles of the hidden state at the end of the past, and differences from starts at their quartiles."""
    past = sim.simulate(sim.Scenario.load(SHIPPED / "history" / "history_forced.toml"), runs=PAST_RUNS, events=False)
    found = {name: np.quantile(past.values[0, :, -1, INDEX[name]], QUANTILES) for name in HIDDEN}
    for name, values in found.items():
        told = [f"{share:.0%} {value:.2f}" for share, value in zip(QUANTILES, values, strict=True)]
        print(f"{name}: {', '.join(told)}")
    _, low, _, high, _ = range(len(QUANTILES))
    cases: dict[str, dict[str, float]] = {
        "as the start has it": {},
        "friendly": {"hostility": found["hostility"][low], "trust": found["trust"][high]},
        "hostile": {"hostility": found["hostility"][high], "trust": found["trust"][low]},
    }
    for case, state in cases.items():
        changes = {f"nations.{power}.{key}": float(value) for power in POWERS for key, value in state.items()}
        scenarios = [sim.Scenario.load(name).with_(changes) for name in ("light_rivalry", "strict_cooperation")]
        table = sim.compare(sim.simulate(scenarios, runs=RUNS, events=False)).table.set_index("outcome")
        print(f"{case}: " + "; ".join(
            f"{name} {row.difference:+.3g} ({row.low:.3g} to {row.high:.3g})"
            for name, row in table.loc[list(PRIMARY)].iterrows()))


if __name__ == "__main__":
    main()
