"""Assertions about scenarios that were compared run by run on the same luck."""

from __future__ import annotations

import numpy as np

from sim.studies.comparing.paired import BASELINE, STANDARD_ERRORS, mean_and_error
from sim.studies.comparing.paired import Pairs as PairsOfRuns

__all__ = ["BASELINE", "Pairs", "positive"]


class Pairs(PairsOfRuns):
    """Runs of several scenarios on the same luck, with claims to assert."""

    # ---- claims --------------------------------------------------------------------------------------------
    def rises(self, outcome: str, title: str, than: str = BASELINE, first: int = 0, last: int | None = None) -> None:
        """Assert that the outcome is larger in `title` than in `than`."""
        positive(self.difference(outcome, title, than, first, last), f"{outcome}: {title} over {than}")

    def falls(self, outcome: str, title: str, than: str = BASELINE, first: int = 0, last: int | None = None) -> None:
        """Assert that the outcome is smaller in `title` than in `than`."""
        positive(-self.difference(outcome, title, than, first, last), f"{outcome}: {title} under {than}")

    def never(self, outcome: str, title: str) -> None:
        """Assert that the outcome is exactly zero in every run and month."""
        assert not self.monthly(title, outcome).any(), f"{outcome} is not zero in {title}"


def positive(differences: np.ndarray, claim: str = "") -> None:
    """Assert that paired differences are positive beyond the standard errors of their mean."""
    mean, error = mean_and_error(differences)
    assert mean > STANDARD_ERRORS * error, f"{claim}: {mean:.4g} with a standard error of {error:.2g}"
