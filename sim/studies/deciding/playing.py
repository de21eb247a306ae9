"""A game played: every profile on the same luck, chunk by chunk, in a folder that survives whatever stops it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np

from sim.studies.deciding.players import Profiles
from sim.studies.sweeping.sweep import Sweep

MANIFEST = "game.json"


class Played(Sweep):
    """A game's folder: `runs.parquet` has a row per profile and run, with the policies by name and the outcomes."""

    manifest, noun, design_class = MANIFEST, "game", Profiles

    @property
    def game(self) -> Profiles:
        """What is played."""
        return cast(Profiles, self.design)

    def outcomes(self) -> np.ndarray:
        """The outcomes that somebody weighs (values, policies of each player in order, runs, outcomes).

        NaN where a run failed.
        """
        kept = np.stack([self.values(name) for name in self.design.outcomes], axis=-1)
        return kept.reshape(len(self.game.values), *self.game.shape, *kept.shape[1:])


def is_kept_in(folder: Path) -> bool:
    """Whether a folder holds a game."""
    return (folder / MANIFEST).exists()
