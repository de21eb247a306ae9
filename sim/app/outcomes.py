"""What the cockpit shows of an ensemble: a sentence on what differs, and fan charts with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.app import difference as differences
from sim.app.engine import Runs
from sim.app.fan import fan_svg, level_scale, places
from sim.engine.results import Results
from sim.model.outcomes import OUTCOMES, PRIMARY, Outcome
from sim.report.charts.axes import Scale
from sim.report.charts.style import roles
from sim.report.words import brief, narrative, policies
from sim.report.words.changes import Change, change_of
from sim.report.words.effects import measured
from sim.report.words.names import clean, quoted
from sim.report.words.paths import Paths, date, paired_paths, paths
from sim.report.words.tables import Table, fan_table
from sim.report.words.units import heading, signed_difference, value
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import Comparison, compare

NOTHING_MOVED = ("Nothing is changed yet: this is “{baseline}” alone.",
                 "Move a lever, and the charts show what it changes on the same luck.")

FOLLOWS = "What differs is told as soon as all runs are there."


def results_of(scenarios: Sequence[Scenario], runs: Sequence[Runs], seed: int) -> Results:
    """Ensembles of several scenarios on the same luck as `Results`; of events it has those of triggers alone."""
    told = [each.told.assign(scenario=place) for place, each in enumerate(runs) if each.told is not None]
    return Results(scenarios, np.stack([each.values for each in runs]), pd.concat(told) if told else None, seed=seed,
                   kept_events=bool(told))


class Drawn(NamedTuple):
    """What a page shows of an ensemble: sentences, charts, and what the numbers cannot tell."""

    sentences: tuple[str, ...]
    panels: tuple[dict[str, Any], ...]
    remarks: tuple[str, ...]


def quick(results: Results, charts: Sequence[str], difference: bool = False) -> Drawn:
    """A picture of few runs, charts alone: a sentence about them would be another one in a moment."""
    comparison = _compared(results)
    drawn = panels(results, charts, difference, comparison)
    return Drawn((FOLLOWS,) if comparison else sentences(results), tuple(drawn), remarks(comparison))


def whole(results: Results, charts: Sequence[str], difference: bool = False) -> Drawn:
    """The picture with its sentences."""
    comparison = _compared(results)
    changes = _changes(comparison, charts) if comparison else {}
    return Drawn(sentences(results, comparison), tuple(panels(results, charts, difference, comparison, changes)),
                 remarks(comparison))


def _compared(results: Results) -> Comparison | None:
    """The comparison with the first scenario; None where it stands alone."""
    return compare(results) if len(results.titles) > 1 else None


def sentences(results: Results, comparison: Comparison | None = None) -> tuple[str, ...]:
    """What differs from the first scenario, in the sentences of the brief; or that nothing does."""
    if comparison is None:
        alone = [part.format(baseline=clean(results.titles[0])) for part in NOTHING_MOVED]
        return (*alone, *policies.met_in(results))
    return (f"Under {quoted(results.titles[1])}, against {quoted(results.titles[0])}:", *brief.answer(comparison))


def remarks(comparison: Comparison | None) -> tuple[str, ...]:
    """What the intervals cover, and what no comparison can tell."""
    covered = "" if comparison is None else narrative.covered_by_intervals(comparison)
    return tuple(part for part in (covered, *narrative.cautions(PRIMARY), narrative.WHAT_IF) if part)


def panels(results: Results, charts: Sequence[str], difference: bool, comparison: Comparison | None,
           changes: Mapping[str, Change] = MappingProxyType({})) -> list[dict[str, Any]]:
    """The charts: name, title, what line and band are, the drawing as SVG, its finding in a sentence, its numbers.

    `difference` draws paired differences to the first scenario instead of levels, where there are two. `changes` are
    the findings by outcome; a chart without one is told by its last month.
    """
    role_of = roles(len(results.titles))
    made = []
    for name in charts:
        panel = _levels(results, name) if comparison is None or not difference else _difference(comparison, name)
        spoken = _spoken(panel.numbers, panel.note)
        said = differences.sentence(changes[name], results.titles[1]) if name in changes else spoken
        drawn = fan_svg(panel.shown, results.titles, role_of, f"fan-{name}", panel.title, spoken, panel.scale)
        made.append({"name": name, "title": panel.title, "note": panel.note, "text": OUTCOMES[name].text, "svg": drawn,
                     "said": said, "table": as_json(panel.numbers)})
    return made


def values(results: Results, charts: Sequence[str], difference: bool = False) -> dict[str, Any]:
    """What each month of each chart shows: `told`, a row a scenario, and `places`, where that stands in the drawing.

    Apart from the charts, which do not wait for it.
    """
    comparison = _compared(results) if difference else None
    found = {}
    for name in charts:
        panel = _levels(results, name) if comparison is None else _difference(comparison, name)
        told = [{"name": who, "told": readings(panel.shown, line, panel.value, panel.of)} for who, line in panel.lines]
        found[name] = {"told": told, "places": places(panel.shown, panel.scale)}
    return {"dates": [date(results, month) for month in range(results.values.shape[2])], "charts": found}


class _Panel(NamedTuple):
    """A chart before it is drawn; `lines` are those of which a month is told, by name and place in `shown`; `value`
    words a number of the chart, and `of` is what bands are shares of."""

    title: str
    note: str
    shown: Paths
    scale: Scale
    numbers: Table
    lines: Sequence[tuple[str, int]]
    value: Callable[[Outcome, float], str]
    of: str


def _levels(results: Results, name: str) -> _Panel:
    """An outcome in each scenario."""
    shown = paths(results, name)
    lines = [(clean(title), line) for line, title in enumerate(results.titles)]
    return _Panel(heading(shown.outcome), shown.band, shown, level_scale(shown),
                  fan_table(shown, results.titles, results.dates), lines, value, "runs")


def _difference(comparison: Comparison, name: str) -> _Panel:
    """How far an outcome differs from the baseline, which is the line at zero."""
    scenario = comparison.others[0]
    shown = paired_paths(comparison, name, scenario)
    return _Panel(differences.title_of(shown.outcome), differences.note_of(shown, comparison.baseline), shown,
                  differences.scale_of(shown), differences.table_of(shown, scenario, comparison.dates),
                  [(f"{clean(scenario)} against {clean(comparison.baseline)}", 1)], signed_difference, "pairs of runs")


def readings(shown: Paths, line: int, worded: Callable[[Outcome, float], str], of: str) -> list[str]:
    """What each month shows, in words with units: "median 12, 50% of runs 10 to 13, 90% 7 to 18"."""
    def told(number: float) -> str:
        return worded(shown.outcome, number)

    centre, inner, outer = shown.centre[line].tolist(), shown.inner[line].tolist(), shown.outer[line].tolist()
    if shown.is_mean:
        return [f"mean {told(middle)}, 95% interval {told(low)} to {told(high)}"
                for middle, low, high in zip(centre, *inner, strict=True)]
    return [f"median {told(middle)}, 50% of {of} {told(low)} to {told(high)}, 90% {told(lowest)} to {told(highest)}"
            for middle, low, high, lowest, highest in zip(centre, *inner, *outer, strict=True)]


def _changes(comparison: Comparison, charts: Sequence[str]) -> dict[str, Change]:
    """What the scenario changes in each of the outcomes shown, with the intervals of the report."""
    table = measured(comparison)
    rows = table[table["outcome"].isin(charts)].to_dict("records")
    return {row["outcome"]: change_of(comparison, row) for row in rows}


def _spoken(numbers: Table, band: str) -> str:
    """A chart in words: its last row."""
    when, *cells = numbers.rows[-1]
    ends = "; ".join(f"{title}: {cell.replace(chr(10), ', ')}" for title, cell in zip(numbers.head[1:], cells,
                                                                                     strict=True))
    return f"Fan chart over time, {band}. By {when}: {ends}."


def as_json(table: Table) -> dict[str, Any]:
    """A table as the page takes it."""
    return {"caption": table.caption, "head": list(table.head), "rows": [list(row) for row in table.rows],
            "strong": sorted(f"{row},{column}" for row, column in table.strong)}


def choices() -> list[dict[str, str]]:
    """The outcomes that can be chosen, by name, the primary ones first."""
    ordered = sorted(OUTCOMES.values(), key=lambda outcome: not outcome.primary)
    return [{"name": outcome.name, "title": outcome.title, "text": outcome.text} for outcome in ordered]


