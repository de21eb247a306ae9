"""How far an outcome lies from the baseline, run by run on the same luck: axis, words and what hovering reads out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sim.common.numbers import plain
from sim.model.outcomes import Outcome
from sim.report.charts.axes import Scale, axis_label, scale_for
from sim.report.words.changes import Change, verdict_in_words
from sim.report.words.names import clean, inside, opening, quoted
from sim.report.words.paths import Paths
from sim.report.words.tables import Table, months_to_show
from sim.report.words.units import FLOP, SHARES, minus, signed_difference, unit


def title_of(outcome: Outcome) -> str:
    """Title and unit of a chart of differences: "Small labs in business: difference, number"."""
    of = "factor" if outcome.unit in FLOP else "percentage points" if outcome.unit in SHARES else unit(outcome)
    return f"{outcome.title}: difference, {of}"


def note_of(shown: Paths, baseline: str) -> str:
    """What line, band and axis are: "median, 50% and 90% of 200 paired differences to “Baseline”; linear axis"."""
    axis = "axis in equal factors" if shown.outcome.unit in FLOP else "linear axis"
    return f"{shown.band} to {quoted(baseline)}; {axis}"


def scale_of(shown: Paths) -> Scale:
    """An axis of differences, with a sign before each number: linear, since the baseline's line at zero is on it."""
    found = scale_for(float(shown.outer.min()), float(shown.outer.max()), shown.outcome)
    return replace(found, labels=tuple(_tick(shown.outcome, value) for value in found.ticks))


def _tick(outcome: Outcome, value: float) -> str:
    """A difference on an axis, whose title says the unit: "+$10bn", "−5", "×3.2"."""
    if value == 0.0 or outcome.unit in FLOP:
        return signed_difference(outcome, value)
    size = plain(round(100.0 * value, 9)) if outcome.unit in SHARES else axis_label(value, outcome.unit)
    return minus(size) if value < 0.0 else f"+{size}"


def sentence(change: Change, scenario: str) -> str:
    """What the runs say of one outcome, as the brief says it; in words where the mean's interval includes zero."""
    what = verdict_in_words(change, inside(change.outcome.summary_title))
    if change.difference == change.low == change.high == 0.0:
        return f"{opening(what)} in any run under {quoted(scenario)}."
    if change.low <= 0.0 <= change.high:
        return f"No clear difference under {quoted(scenario)}. {opening(what)}."
    return f"Under {quoted(scenario)}, {what}."


def table_of(shown: Paths, scenario: str, dates: Sequence[str]) -> Table:
    """A chart's numbers: centre and outer band of the differences, every year or every few."""
    def told(number: Any) -> str:
        return signed_difference(shown.outcome, float(number))

    rows = [[dates[m], f"{told(shown.centre[1, m])}\n{told(shown.outer[1, 0, m])} to {told(shown.outer[1, 1, m])}"]
            for m in months_to_show(shown.centre.shape[1])]
    what = "mean and its 95% interval" if shown.is_mean else "median, and 5% to 95% of the paired differences"
    return Table(f"{shown.outcome.running_title}, difference: {what}", ("By", clean(scenario)), rows)
