"""Two runs on the same luck, side by side: which run shows the difference best, and where they part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.studies.comparing import intervals

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results


@dataclass(frozen=True)
class Contrast:
    """One run under two scenarios, and the first month in which their events are not the same.

    `month` is None when the histories never part. `only_baseline` and `only_other` hold the sentences of that
    month's events that happen under one scenario and not under the other.
    """

    run: int
    baseline: str
    other: str
    month: int | None
    date: str | None
    only_baseline: tuple[str, ...]
    only_other: tuple[str, ...]
    baseline_events: pd.DataFrame
    other_events: pd.DataFrame

    @property
    def text(self) -> str:
        """Where the two histories part, in one or two sentences."""
        if self.month is None:
            return f"In run {self.run}, the same events happen under {self.baseline} and {self.other}."
        pair = f"under {self.baseline} and {self.other}"
        parts = [f"Run {self.run} is the same {pair} until {self.date}." if self.month > 0 else
                 f"Run {self.run} parts in its first month, {self.date}, {pair}."]
        for title, sentences in ((self.other, self.only_other), (self.baseline, self.only_baseline)):
            if sentences:
                parts.append(f"Then only under {title}: {sentences[0].rstrip('.')}.")
        return " ".join(parts)


def most_typical(differences: np.ndarray) -> int:
    """Row of paired differences (runs, outcomes) nearest to the medians, in standard deviations."""
    spread = intervals.standard_deviation(differences)
    scale = np.where(spread > 0.0, spread, np.inf)
    distance = (((differences - np.median(differences, axis=0)) / scale) ** 2).sum(axis=1)
    return int(distance.argmin())


def contrast(results: Results, baseline: int, other: int, run: int) -> Contrast:
    """The events of one run (by its number) under two scenarios, and the first month in which they differ."""
    ours, theirs = (_of_run(results, position, run) for position in (baseline, other))
    month = _parting(ours, theirs)
    only_ours, only_theirs = ((), ()) if month is None else (
        _surplus(ours, theirs, month), _surplus(theirs, ours, month))
    return Contrast(run, results.titles[baseline], results.titles[other], month,
                    None if month is None else results.dates[month], only_ours, only_theirs, ours, theirs)


def _of_run(results: Results, scenario: int, run: int) -> pd.DataFrame:
    events = results.events
    mine = events[events["run"] == run]
    return mine[mine["scenario"] == results.titles[scenario]].reset_index(drop=True)


def _what(events: pd.DataFrame, month: int) -> list[tuple[str, str, str]]:
    now = events[events["month"] == month]
    return list(zip(now["kind"], now["actor"], now["target"], strict=True))


def _parting(ours: pd.DataFrame, theirs: pd.DataFrame) -> int | None:
    counts = [Counter(zip(each["month"], each["kind"], each["actor"], each["target"], strict=True))
              for each in (ours, theirs)]
    differing = (counts[0] - counts[1]) + (counts[1] - counts[0])
    return min((int(event[0]) for event in differing), default=None)


def _surplus(events: pd.DataFrame, others: pd.DataFrame, month: int) -> tuple[str, ...]:
    """Sentences of a month's events beyond those that the others have too."""
    shared = Counter(_what(others, month))
    sentences = []
    for what, text in zip(_what(events, month), events.loc[events["month"] == month, "text"], strict=True):
        if shared[what] > 0:
            shared[what] -= 1
        else:
            sentences.append(str(text))
    return tuple(sentences)
