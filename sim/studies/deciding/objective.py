"""What a choice is made for: one outcome by its better direction, or several with weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.common.arguments import RefusedError
from sim.model.outcomes import INDEX, OUTCOMES, no_outcome


class ObjectiveError(RefusedError):
    """An objective that decides nothing: which part, and what would be right."""


@dataclass(frozen=True)
class Objective:
    """What counts, by outcome: benefit is the sum of outcomes times `weights`, and more of it is better.

    `outcome` is the one outcome whose unit benefit has, "" where several are weighed: then benefit is in points, or in
    the unit that the weights were meant in. `text` is how it was written.
    """

    text: str
    weights: Mapping[str, float]
    outcome: str = ""

    @classmethod
    def read(cls, text: str) -> Objective:
        """An objective as it is written: `severe_incidents`, or `severe_incidents=-100, small_labs=5`.

        ObjectiveError for an outcome that there is not, one without a better direction and without a weight, and for
        weights that weigh nothing.
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not parts:
            raise ObjectiveError("an objective names an outcome, as in severe_incidents; `airace list outcomes` shows "
                                 "what there is")
        given: dict[str, str] = {}
        for part in parts:
            name, _, weight = (side.strip() for side in part.partition("="))
            if name not in OUTCOMES:
                raise ObjectiveError(no_outcome(name))
            if name in given:
                raise ObjectiveError(f"{name} is in the objective {text!r} twice; give it one weight")
            given[name] = weight if "=" in part else "unweighed"
        if list(given.values()) == ["unweighed"]:
            return cls._of_one(next(iter(given)), text.strip())
        weights = {name: _weight(name, weight) for name, weight in given.items()}
        if not any(weights.values()):
            raise ObjectiveError(f"the objective {text!r} weighs nothing: every weight is 0, so every choice is as "
                                 "good as every other; give one outcome a weight")
        return cls(text.strip(), {name: weight for name, weight in weights.items() if weight})

    @classmethod
    def _of_one(cls, name: str, text: str) -> Objective:
        better = OUTCOMES[name].better
        if not better:
            raise ObjectiveError(f"{name} has no better direction; say which way is better by a weight, as in "
                                 f"{name}=1 if more is better or {name}=-1 if less is")
        return cls(text, {name: 1.0 if better == "higher" else -1.0}, name)

    @property
    def against(self) -> tuple[str, ...]:
        """Outcomes that the weights take to be better the other way than they are known to be."""
        return tuple(name for name, weight in self.weights.items()
                     if OUTCOMES[name].better == ("lower" if weight > 0.0 else "higher"))

    def benefit(self, summaries: np.ndarray) -> np.ndarray:
        """Benefit of each run (scenarios, runs) from its outcomes (scenarios, runs, outcomes)."""
        return np.asarray(sum(weight * summaries[..., INDEX[name]] for name, weight in self.weights.items()))


def _weight(name: str, text: str) -> float:
    if text == "unweighed":
        raise ObjectiveError(f"{name} has no weight; with several outcomes each needs one, as in {name}=-1, or ask "
                             "about each in an --objective of its own")
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise ObjectiveError(f"the weight of {name} must be a number, not {text!r}")
    return weight
