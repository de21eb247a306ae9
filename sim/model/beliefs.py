"""What is believed of rival theories: that one holds, or several with weights, of which each draw meets one.

A theory is a lever under `[structure]`. Its value in a scenario is the name of a theory; `any`, which gives all of them
the same weight; or weights, as in "payoffs 0.7, hazards 0.3".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.model.parameters import ANY, Parameter, levers

if TYPE_CHECKING:
    import numpy as np

    from sim.model.luck import Luck

_ROUNDING = 1e-6


class WeightsError(ValueError):
    """Weights that are none: `why`, and `note`, what would be right."""

    def __init__(self, why: str, note: str) -> None:
        super().__init__(f"{why}; {note}")
        self.why, self.note = why, note


def theories() -> dict[str, Parameter]:
    """The levers that choose among theories, by path, as in `structure.powers`."""
    return {path: lever for path, lever in levers().items() if lever.is_theory}


def weights(theory: Parameter, believed: str) -> tuple[float, ...]:
    """The weight of each of a theory's choices, which add up to one. WeightsError for what says no such thing."""
    if believed in theory.choices:
        return tuple(float(choice == believed) for choice in theory.choices)
    if believed == ANY:
        return (1.0 / len(theory.choices),) * len(theory.choices)
    found: dict[str, float] = {}
    for part in believed.split(","):
        name, _, number = part.strip().partition(" ")
        if name not in theory.choices:
            raise WeightsError(f'"{name[:60]}" is no theory of `{theory.path}`', f"must be {theory.describe()}")
        if name in found:
            raise WeightsError(f'"{name}" has two weights', "give each theory one")
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = math.nan
        if not 0.0 <= found[name] <= 1.0:
            raise WeightsError(f'the weight of "{name}" is {number.strip()[:20] or "missing"}',
                               f'a number from 0 to 1 follows each name, as in "{theory.example}"')
    total = sum(found.values())
    if abs(total - 1.0) > _ROUNDING:
        raise WeightsError(f"the weights add up to {total:.6g}", "they are shares of belief: 1 together; "
                           f'what is left out has none, and "{ANY}" gives all the same')
    return tuple(found.get(choice, 0.0) / total for choice in theory.choices)


def is_open(theory: Parameter, believed: object) -> bool:
    """Whether more than one theory is believed possible, so that runs differ in theirs."""
    return max(weights(theory, str(believed))) < 1.0


def open_theories(values: Mapping[str, object]) -> tuple[str, ...]:
    """The theories left open by the values of levers, by path; what has no value holds the default."""
    return tuple(path for path, theory in theories().items() if is_open(theory, values.get(path, theory.default)))


def drawn(theory: Parameter, believed: str, luck: Luck) -> np.ndarray:
    """The place among its choices that each row of `luck` meets (rows,), by the weights believed.

    Runs that share a draw of parameters share their theory, and all scenarios meet the same number: where they believe
    the same, they meet the same theory.
    """
    import numpy as np

    if not is_open(theory, believed):
        return np.full(len(luck.runs), int(np.argmax(weights(theory, believed))))
    number = luck.of_draws().uniform(theory.path, 1)[:, 0]
    place = np.searchsorted(np.cumsum(weights(theory, believed)), number, side="right")
    return np.minimum(place, len(theory.choices) - 1)
