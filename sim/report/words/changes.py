"""What changes, what stays and what cannot be told, outcome by outcome, as a sentence of the finding.

Every primary outcome is in one of three groups. It *changes*: the interval leaves out zero. It *hardly changes*: the
whole interval lies within a tenth of the standard deviation over runs, so that there is evidence of little change. Or
the runs *leave it open*: no clear change was seen, which is no evidence that there is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sim.common.numbers import percent
from sim.model.outcomes import OUTCOMES, Outcome
from sim.report.words.effects import interval_of
from sim.report.words.names import inside, listed
from sim.report.words.units import COUNTS, magnitude, relative, value

WORTH_NAMING = 0.1
"""Standard deviations over runs below which nobody would notice a change."""
PRICES = frozenset({"compliance_cost_usd_bn"})
"""What a lever costs by its nature: told after what it changes, however large."""


@dataclass(frozen=True)
class Change:
    """One outcome's mean without the change, its difference with interval, and the standard deviation over runs.

    The mean is NaN of a difference to the baseline's own clock, a delay. `alike` is the share of the runs in which
    nothing changes; `across` the least and most difference under rival theories, where these were tried.
    """

    outcome: Outcome
    baseline: float
    difference: float
    low: float
    high: float
    deviation: float
    alike: float = 0.0
    across: tuple[float, float] | None = None

    @property
    def size(self) -> float:
        """The difference in standard deviations over runs; infinite where runs do not vary and it is not zero."""
        if self.difference == 0.0:
            return 0.0
        return abs(self.difference) / self.deviation if self.deviation > 0.0 else float("inf")

    @property
    def verdict(self) -> Literal["changes", "hardly", "open"]:
        """The outcome's group."""
        if max(abs(self.low), abs(self.high)) <= WORTH_NAMING * self.deviation:
            return "hardly"
        return "open" if self.low <= 0.0 <= self.high else "changes"


def change_of(comparison: Any, row: Any, across: tuple[float, float] | None = None) -> Change:
    """A row of the table of `measured` as a change to tell."""
    unchanged = comparison.pairs(row["outcome"])[:, comparison.others.index(row["scenario"])] == 0.0
    return Change(OUTCOMES[row["outcome"]], float(row["baseline_mean"]), float(row["difference"]), *interval_of(row),
                  abs(row["difference"] / row["dot"]) if row["dot"] and np.isfinite(row["dot"]) else 0.0,
                  float(unchanged.mean()), across)


def of_verdict(changes: Sequence[Change], verdict: str) -> list[Change]:
    """The changes of one group, the largest first and prices last."""
    chosen = [change for change in changes if change.verdict == verdict]
    return sorted(chosen, key=lambda change: (change.outcome.name in PRICES, -change.size))


def told(changes: Sequence[Change]) -> str:
    """All changes with their numbers, then what hardly changes, then what is left open, without a full stop."""
    clear, hardly, unclear = (of_verdict(changes, verdict) for verdict in ("changes", "hardly", "open"))
    parts = [in_words(change) for change in clear] or ["no primary outcome changes clearly"]
    if hardly:
        parts.append(f"hardly any change in {_names(hardly)}")
    if unclear:
        parts.append(f"left open by these runs: {_names(unclear)}")
    return "; ".join(parts)


def in_words(change: Change) -> str:
    """One change: "severe incidents in total 1.1 fewer than 4.3, −26% (0.6 to 1.6 fewer; none in 52% of runs)"."""
    return f"{inside(change.outcome.summary_title)} {numbers(change)}"


def numbers(change: Change) -> str:
    """One change's numbers: "1.1 fewer than 4.3, −26% (0.6 to 1.6 fewer; no change in 52% of runs)"."""
    outcome = change.outcome
    size, around = magnitude(outcome, change.difference, change.low, change.high)
    ratio = "" if math.isnan(change.baseline) else relative(outcome, change.difference, change.baseline)
    than = "" if math.isnan(change.baseline) else f" than {value(outcome, change.baseline)}"
    # A mean of rare events is carried by a few runs, so the share without any change stands beside it.
    rare = outcome.unit in COUNTS and outcome.summary == "sum"
    alike = f"; no change in {percent(change.alike)} of runs" if rare and change.alike > 0.0 else ""
    theories = ("" if change.across is None else
                f"; {magnitude(outcome, change.difference, *change.across)[1]} under rival theories")
    return f"{size}{than}{f', {ratio}' if ratio else ''} ({around}{theories}{alike})"


def verdict_in_words(change: Change, what: str) -> str:
    """One change, or that there is hardly any, or that it is left open, each with its numbers."""
    if change.difference == change.low == change.high == 0.0:
        return f"{what}: no change"
    if change.verdict == "changes":
        return f"{what}: {numbers(change)}"
    around = magnitude(change.outcome, change.difference, change.low, change.high)[1]
    than = "" if np.isnan(change.baseline) else f" than {value(change.outcome, change.baseline)}"
    said = "hardly any change" if change.verdict == "hardly" else "left open by these runs"
    return f"{what}: {said} ({around}{than})"


def _names(changes: Sequence[Change]) -> str:
    return listed([inside(change.outcome.title) for change in changes])
