"""The report's sections: which charts and tables they hold and what they say, ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.numbers import percent
from sim.outcomes import OUTCOMES
from sim.report import narrative, tables
from sim.report.dots import differences, in_deviations, rows_to_show
from sim.report.fans import draw
from sim.report.heat import heat, lever_in_words
from sim.report.incidence import incidence, top_of
from sim.report.labels import clean
from sim.report.paths import paths
from sim.report.style import WIDE_WIDTH, hue, roles
from sim.report.svg import inline
from sim.report.tables import Table
from sim.report.timeline import timeline, turning_points
from sim.report.units import heading
from sim.studies.risks import MILESTONES

MOST_FANS = 9
MOST_MAPS = 6


@dataclass(frozen=True)
class Figure:
    """A chart with its heading, a second line on what the band is, and its numbers as a table."""

    title: str
    note: str
    svg: str
    table: Table | None = None
    wide_svg: str = ""
    role: int | None = None


@dataclass(frozen=True)
class Section:
    """A part of the report: a heading, what was found, charts, tables, and remarks in small type."""

    name: str
    heading: str
    lead: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = field(default=())


def sections(comparison: Any) -> list[Section]:
    """All sections that have something to show, in the report's order."""
    made = [
        differences_section(comparison),
        risks_section(comparison),
        fans_section(comparison),
        heat_section(comparison),
        incidence_section(comparison),
        why_section(comparison),
        trust_section(comparison),
    ]
    return [section for section in made if section is not None]


def differences_section(comparison: Any) -> Section:
    """Dots and intervals, one panel per scenario."""
    titles = list(comparison.titles)
    role_of = roles(len(titles), comparison.baseline_position)
    names = rows_to_show(comparison.table)
    figures = []
    level = percent(comparison.level)
    for number, title in enumerate(comparison.others):
        table = tables.differences_table(comparison, title, everything=True)
        if not names:
            continue
        svg = inline(
            differences(comparison, title, titled=False),
            f"dots{number}",
            f"{clean(title)}: differences to {clean(comparison.baseline)}",
            " ".join(
                f"{row[0]}: {row[3]}, interval {row[4]}."
                for row in tables.differences_table(comparison, title).rows
            ),
        )
        figures.append(
            Figure(
                clean(title),
                f"difference to {clean(comparison.baseline)} and {level} interval",
                svg,
                table,
                role=hue(role_of[titles.index(title)]),
            )
        )
    still = [name for name, outcome in OUTCOMES.items() if outcome.primary and name not in names]
    notes = [
        f"Filled marks: the {level} interval leaves out zero; hollow: it covers zero. Intervals of the primary outcomes "
        "hold together, over outcomes and scenarios; those of the others hold one by one."
    ]
    return Section(
        "differences",
        "What differs",
        narrative.differences_lead(comparison),
        figures,
        notes=[*filter(None, [narrative.alike(comparison, still)]), *notes],
    )


def risks_section(comparison: Any) -> Section:
    """Bad outcomes: how often they happen."""
    return Section(
        "risks",
        "How often things go wrong",
        narrative.risks_lead(comparison),
        (),
        [tables.risks_table(comparison)],
        [f"Shares of {narrative.counted(comparison.runs, 'run')}, in this model. {narrative.HAZARD}"],
    )


def fans_section(comparison: Any) -> Section:
    """The main outcomes over time, as far as they differ."""
    results = comparison.results
    chosen, still = outcomes_over_time(comparison)
    role_of = roles(len(comparison.titles), comparison.baseline_position)
    titles = list(comparison.titles)
    figures = []
    for number, name in enumerate(chosen):
        shown = paths(results, name)
        table = tables.fan_table(shown, titles)
        ends = "; ".join(
            f"{head}: {cell}" for head, cell in zip(table.head[1:], table.rows[-1][1:], strict=True)
        )
        svg = inline(
            draw(shown, titles, role_of, titled=False),
            f"fan{number}",
            heading(shown.outcome),
            f"{shown.band}. At the end: {ends}.",
        )
        figures.append(Figure(heading(shown.outcome), shown.band, svg, table))
    lead = narrative.fans_lead(comparison, chosen)
    notes = [*filter(None, [narrative.alike(comparison, still)])]
    if len(titles) > 2 and figures:
        notes.append(
            "Bands: the middle half of the runs; the bars beside the line ends: the middle half (thick) and the "
            "middle 90% (thin) at the end."
        )
    if {"severe_incidents", "severe_incident_hazard"} & set(chosen):
        notes.append(narrative.HAZARD)
    return Section("over-time", "How it unfolds", lead, figures, notes=notes)


def outcomes_over_time(comparison: Any) -> tuple[list[str], list[str]]:
    """Outcomes to draw (primary ones first, then the largest others), and primary ones that do not differ clearly."""
    table = in_deviations(comparison.table)
    clear = table[table["clear"]]
    size = clear["dot"].abs().groupby(clear["outcome"]).max()
    primary = [name for name, outcome in OUTCOMES.items() if outcome.primary and name in size.index]
    still = [name for name, outcome in OUTCOMES.items() if outcome.primary and name not in size.index]
    others = sorted(
        (str(name) for name in size.index if not OUTCOMES[str(name)].primary),
        key=lambda name: (-float(size[name]), name),
    )
    room = max(0, MOST_FANS - len(primary))
    return primary + others[: min(room, 9 - len(primary) if primary else 3)], still


def heat_section(comparison: Any) -> Section | None:
    """Strictness by cooperation, if the scenarios span such a grid."""
    if comparison.grid is None:
        return Section(
            "grid",
            "Rules and cooperation together",
            (
                "These scenarios do not span a grid of strictness and cooperation, so how the two combine is not shown: it takes "
                "every pairing of at least two values of each."
            ),
        )
    table = in_deviations(comparison.table)
    clear = table[table["clear"] & table["primary"]]
    size = clear["dot"].abs().groupby(clear["outcome"]).max()
    chosen = sorted(size.index, key=lambda name: (-float(size[name]), name))[:MOST_MAPS]
    found = [comparison.heat(name) for name in chosen]
    row, column = lever_in_words(comparison.grid.row_lever), lever_in_words(comparison.grid.column_lever)
    figures = []
    for number, (name, cells) in enumerate(zip(chosen, found, strict=True)):
        numbers = tables.heat_table(cells, row, column)
        svg = inline(
            heat(comparison, name, titled=False),
            f"heat{number}",
            heading(OUTCOMES[name]),
            " ".join(f"{each[0]}: {each[3]}." for each in numbers.rows),
        )
        figures.append(
            Figure(heading(OUTCOMES[name]), f"difference to {clean(comparison.baseline)}", svg, numbers)
        )
    lead = (
        narrative.heat_lead(comparison, found, lever_in_words)
        or "No primary outcome differs clearly in any cell."
    )
    notes = ["Hatched: the interval covers zero."] if any(not cells.clear.all() for cells in found) else []
    return Section("grid", f"{row} and {_lower(column)} together", lead, figures, notes=notes)


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def incidence_section(comparison: Any) -> Section:
    """When milestones come."""
    curves = [(name, comparison.incidence(name)) for name in MILESTONES]
    drawn, never, same = [], [], []
    for name, curve in curves:
        shares = np.stack([part["share"].to_numpy() for _, part in curve.groupby("scenario", sort=False)])
        (never if shares.max() == 0.0 else same if np.ptp(shares, axis=0).max() == 0.0 else drawn).append(
            (name, curve)
        )
    top = top_of([curve for _, curve in drawn])
    figures = []
    for number, (name, curve) in enumerate(drawn):
        numbers = tables.incidence_table(comparison, name, curve)
        ends = "; ".join(
            f"{head}: {cell}" for head, cell in zip(numbers.head[1:], numbers.rows[-1][1:], strict=True)
        )
        svg = inline(
            incidence(comparison, name, top, titled=False),
            f"when{number}",
            f"{name}, % of runs",
            f"At the end: {ends}",
        )
        figures.append(
            Figure(
                f"{name[0].upper()}{name[1:]}, % of runs",
                f"share so far and its {percent(comparison.level)} interval",
                svg,
                numbers,
            )
        )
    notes = []
    if never:
        notes.append(f"In no run of any scenario: {narrative.listed([name for name, _ in never])}.")
    for name, curve in same:
        notes.append(
            f"The {name} comes in the same month in every scenario's runs alike, in "
            f"{percent(float(curve['share'].iloc[-1]))} of them by the end."
        )
    if any("incident" in name for name, _ in drawn):
        notes.append(narrative.HAZARD)
    return Section(
        "when", "When it happens", narrative.incidence_lead(comparison, drawn), figures, notes=notes
    )


def why_section(comparison: Any) -> Section | None:
    """Two runs on the same luck, and where they part."""
    found = comparison.contrast()
    if not len(found.baseline_events) and not len(found.other_events):
        return None
    points = turning_points(comparison, found)
    table = Table(
        "Weightiest events that happen under one scenario only",
        ("Month", clean(found.baseline), clean(found.other)),
        [
            [when, clean(ours) if ours else "", clean(theirs) if theirs else ""]
            for when, ours, theirs in points
        ],
    )
    title = f"Run {found.run}: {clean(found.baseline)} (upper marks) and {clean(found.other)} (lower marks)"
    about = clean(found.text)
    narrow = inline(timeline(comparison, found, titled=False), "why", title, about)
    wide = inline(timeline(comparison, found, WIDE_WIDTH, titled=False), "whywide", title, about)
    figure = Figure(
        title,
        "solid: only under one scenario; faint: under both; large: turning points; ticks: routine",
        narrow,
        None,
        wide,
    )
    return Section(
        "why",
        "Why: one run, told twice",
        narrative.why_lead(comparison, found),
        [figure],
        [table] if points else [],
        ["One run is an example, not the rule: it is the one whose differences lie nearest to the medians."],
    )


def trust_section(comparison: Any) -> Section:
    """How far the numbers can be trusted."""
    return Section(
        "trust",
        "How far to trust it",
        narrative.trust_lead(comparison),
        (),
        (),
        [
            "The intervals cover luck: what another draw of chance would change. They do not cover ignorance: what other values "
            "of the uncertain parameters would change, nor what the rules of the model leave out.",
            narrative.HAZARD,
            narrative.WHAT_IF,
        ],
    )
