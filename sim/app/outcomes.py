"""What the cockpit shows of an ensemble: a sentence on what differs, and fan charts with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.app.engine import Runs
from sim.app.fan import fan_svg
from sim.engine.results import Results
from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.report.charts.style import roles
from sim.report.words import narrative, policies
from sim.report.words.names import clean
from sim.report.words.paths import paths
from sim.report.words.tables import Table, differences_table, fan_table
from sim.report.words.units import heading
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare

NOTHING_MOVED = ("Nothing is changed yet: this is “{baseline}” alone.",
                 "Move a lever, and the charts show what it changes on the same luck.")


def results_of(scenarios: Sequence[Scenario], runs: Sequence[Runs], seed: int) -> Results:
    """Ensembles of several scenarios on the same luck as `Results`; of events it has those of triggers alone."""
    told = [each.told.assign(scenario=place) for place, each in enumerate(runs) if each.told is not None]
    return Results(scenarios, np.stack([each.values for each in runs]), pd.concat(told) if told else None, seed=seed,
                   kept_events=bool(told))


def sentences(results: Results) -> tuple[str, ...]:
    """What differs from the first scenario, written from the runs; or that nothing does."""
    if len(results.titles) < 2:
        alone = [part.format(baseline=clean(results.titles[0])) for part in NOTHING_MOVED]
        return (*alone, *policies.met_in(results))
    return tuple(narrative.finding_parts(compare(results))[0])


def remarks(results: Results) -> tuple[str, ...]:
    """What the intervals cover, and what no comparison can tell."""
    covered = narrative.covered_by_intervals(compare(results)) if len(results.titles) > 1 else ""
    return tuple(part for part in (covered, *narrative.cautions(PRIMARY), narrative.WHAT_IF) if part)


def panels(results: Results, charts: Sequence[str]) -> list[dict[str, Any]]:
    """The charts: name, title, what line and band are, the drawing as SVG, and its numbers as a table."""
    role_of = roles(len(results.titles))
    made = []
    for name in charts:
        shown, outcome = paths(results, name), OUTCOMES[name]
        numbers = fan_table(shown, results.titles, results.dates)
        drawn = fan_svg(shown, results.titles, role_of, f"fan-{name}", heading(outcome), _spoken(numbers, shown.band))
        made.append({"name": name, "title": heading(outcome), "note": shown.band, "text": outcome.text, "svg": drawn,
                     "table": as_json(numbers)})
    return made


def _spoken(numbers: Table, band: str) -> str:
    """A chart in words: its last row."""
    when, *cells = numbers.rows[-1]
    ends = "; ".join(f"{title}: {cell.replace(chr(10), ', ')}" for title, cell in zip(numbers.head[1:], cells,
                                                                                     strict=True))
    return f"Fan chart over time, {band}. By {when}: {ends}."


def all_differences(results: Results) -> dict[str, Any] | None:
    """Every outcome's difference as a table; None with one scenario."""
    if len(results.titles) < 2:
        return None
    return as_json(differences_table(compare(results), results.titles[1]))


def as_json(table: Table) -> dict[str, Any]:
    """A table as the page takes it."""
    return {"caption": table.caption, "head": list(table.head), "rows": [list(row) for row in table.rows],
            "strong": sorted(f"{row},{column}" for row, column in table.strong)}


def choices() -> list[dict[str, str]]:
    """The outcomes that can be chosen, by name, the primary ones first."""
    ordered = sorted(OUTCOMES.values(), key=lambda outcome: not outcome.primary)
    return [{"name": outcome.name, "title": outcome.title, "text": outcome.text} for outcome in ordered]


