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

from sim.common.language import gettext, noted
from sim.common.numbers import percent
from sim.model.outcomes import OUTCOMES, Outcome
from sim.report.words.effects import interval_of
from sim.report.words.names import inside, joined, listed
from sim.report.words.units import COUNTS, magnitude, relative, summary_title, title, value

WORTH_NAMING = 0.1
"""Standard deviations over runs below which nobody would notice a change."""
PRICES = frozenset({"compliance_cost_usd_bn"})
"""What a lever costs by its nature: told after what it changes, however large."""
HARDLY, OPEN = noted("hardly any change in {outcomes}"), noted("left open by these runs: {outcomes}")
"""What is said of the outcomes of a group."""


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
    parts = [in_words(change) for change in clear] or [gettext("no primary outcome changes clearly")]
    if hardly:
        parts.append(gettext(HARDLY, outcomes=_names(hardly)))
    if unclear:
        parts.append(gettext(OPEN, outcomes=_names(unclear)))
    return joined(parts)


def in_words(change: Change) -> str:
    """One change: "severe incidents in total 1.1 fewer than 4.3, −26% (0.6 to 1.6 fewer; none in 52% of runs)"."""
    return gettext("{outcome} {numbers}", outcome=inside(summary_title(change.outcome)), numbers=numbers(change))


def numbers(change: Change) -> str:
    """One change's numbers: "1.1 fewer than 4.3, −26% (0.6 to 1.6 fewer; no change in 52% of runs)"."""
    outcome = change.outcome
    size, around = magnitude(outcome, change.difference, change.low, change.high)
    ratio = "" if math.isnan(change.baseline) else relative(outcome, change.difference, change.baseline)
    if not math.isnan(change.baseline):
        size = gettext("{change} than {baseline}", change=size, baseline=value(outcome, change.baseline))
    # A mean of rare events is carried by a few runs, so the share without any change stands beside it.
    rare = outcome.unit in COUNTS and outcome.summary == "sum"
    said = [around]
    if change.across is not None:
        said.append(gettext("{range} under rival theories", range=magnitude(outcome, change.difference,
                                                                            *change.across)[1]))
    if rare and change.alike > 0.0:
        said.append(gettext("no change in {share} of runs", share=percent(change.alike)))
    if ratio:
        return gettext("{change}, {ratio} ({range})", change=size, ratio=ratio, range=joined(said))
    return gettext("{change} ({range})", change=size, range=joined(said))


def verdict_in_words(change: Change, what: str) -> str:
    """One change, or that there is hardly any, or that it is left open, each with its numbers."""
    if change.difference == change.low == change.high == 0.0:
        return gettext("{outcome}: no change", outcome=what)
    if change.verdict == "changes":
        return gettext("{outcome}: {change}", outcome=what, change=numbers(change))
    around = magnitude(change.outcome, change.difference, change.low, change.high)[1]
    if not np.isnan(change.baseline):
        around = gettext("{change} than {baseline}", change=around, baseline=value(change.outcome, change.baseline))
    return (gettext("{outcome}: hardly any change ({range})", outcome=what, range=around) if change.verdict == "hardly"
            else gettext("{outcome}: left open by these runs ({range})", outcome=what, range=around))


def _names(changes: Sequence[Change]) -> str:
    return listed([inside(title(change.outcome)) for change in changes])
