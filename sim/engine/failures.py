"""Runs that could not go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Failure:
    """A run that could not go on: where, in which field of the state, and why."""

    scenario: str
    run: int
    month: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.scenario}, run {self.run}, month {self.month}: {self.field} {self.reason}"

    def of_lab_called(self, names: Mapping[str, str]) -> Failure:
        """The same, its lab called otherwise, as in "labs.cash of Lab A"."""
        what, of, lab = self.field.partition(" of ")
        return replace(self, field=f"{what}{of}{names.get(lab, lab)}")


def check_failures(failures: Sequence[Failure], titles: Sequence[str], runs: np.ndarray) -> None:
    """ValueError for a failure of a scenario or a run that there is not."""
    for failure in failures:
        if failure.scenario not in titles or not runs[0] <= failure.run <= runs[-1]:
            raise ValueError(f"a failure is of a scenario or run that these results do not have: {failure}")
