"""Folders of a search for advice and of a game, made in a moment, for tests of what is done with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up_futures import ask, live_by, noise

from sim.studies.deciding.advice import Advice
from sim.studies.deciding.advise import advise
from sim.studies.deciding.game import Game
from sim.studies.deciding.game import game as play

QUESTION = """
[[objective]]
outcome = "severe_incidents"
[[objective]]
outcome = "compliance_cost_usd_bn"
better = "lower"
[[limit]]
outcome = "severe_incidents"
at_most = 4.95
[regulation.us]
strictness = { from = 0.0, to = 1.0, step = 0.1 }
[[when]]
name = "after <u>"
off = [true, false]
outcome = "hostility"
above = { from = 0.1, to = 0.9, step = 0.1 }
"regulation.us.strictness" = { from = 0.2, to = 1.0, step = 0.2 }
"""
GAME = """# Asks: who withholds?
title = "Small <u>game</u>"
base = "baseline"
runs = 40
months = 3
uncertainty = "posterior"
[vary]
lever = "diplomacy.treaty_verification"
values = [0.2, 0.8]
[players.US]
aims = "severe_incidents"
[players.US.policies.Ease]
trade.chip_controls = 0.0
[players.US.policies.Tighten]
trade.chip_controls = 1.5
[players.China]
aims = { us_revenue_share = -1.0, severe_incidents = -0.1 }
[players.China.policies.Ease]
trade.mineral_retaliation = 0.0
[players.China.policies.Tighten]
trade.mineral_retaliation = 2.0
"""


def trade_off(scenario, runs):  # type: ignore[no-untyped-def]
    """A law of made-up futures: incidents fall with strictness as costs rise, so that no policy dominates all."""
    strict, luck = float(scenario.levers["regulation.us.strictness"]), noise(runs, 1)
    return {"severe_incidents": 5.0 - strict + luck, "compliance_cost_usd_bn": 2.0 + strict**2 + luck}, np.zeros(
        len(runs), bool)


def made_advice(folder: Path) -> Advice:
    """Advice in `folder`, by the law `trade_off`."""
    with pytest.MonkeyPatch.context() as patched:
        live_by(trade_off, patched)
        return advise(ask(folder.parent, QUESTION), candidates=64, futures=24, judged=96, folder=folder)


def made_game(folder: Path) -> Game:
    """A game of two times two policies at two values in `folder`, played by the model for three months."""
    file = folder.parent / "game.toml"
    file.write_text(GAME, encoding="utf-8")
    return play(file, out=folder)
