"""A model in Mesa that has lived some months."""

from __future__ import annotations

from pathlib import Path

import sim
from sim.engine.mesa_model import IndustryModel

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASELINE = sim.Scenario.load(SCENARIOS / "baseline.toml")


def lived(steps=0, scenario=BASELINE, **arguments):
    """A model after some months."""
    model = IndustryModel(scenario, **arguments)
    for _ in range(steps):
        model.step()
    return model
