"""The sections of a comparison's page: which charts and tables they hold and what they say."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.common.numbers import percent
from sim.model.outcomes import HAZARD, LAB_QUANTITIES, OUTCOMES, PRIMARY
from sim.report.charts.apart import MOST_OUTER, apart_heading, draw_apart
from sim.report.charts.dots import differences
from sim.report.charts.fans import OVERLAID_BANDS, OVERLAID_HALVES, draw
from sim.report.charts.heat import heat
from sim.report.charts.incidence import incidence, top_of
from sim.report.charts.lanes import lanes, lanes_chart
from sim.report.charts.slopes import drawn, slopes_panel
from sim.report.charts.style import hue, roles
from sim.report.charts.svg import inline
from sim.report.charts.timeline import first_turn, timeline, turning_points
from sim.report.pages import gains
from sim.report.pages.study import Figure, Section
from sim.report.words import narrative, policies, tables
from sim.report.words.changes import told
from sim.report.words.commands import why_command
from sim.report.words.effects import largest_clear, measured, rows_to_show, sizes, unmoved
from sim.report.words.levers import lever_in_words
from sim.report.words.main_effects import main_effects
from sim.report.words.names import clean, counted, inside, listed, opening, short
from sim.report.words.paths import apart, date, paths
from sim.report.words.tables import Table
from sim.report.words.theories import theories_sentence, theories_table
from sim.report.words.trust import standing_table
from sim.report.words.units import heading
from sim.studies.comparing.risks import MILESTONES
from sim.studies.comparing.theories import over_theories
from sim.studies.comparing.winners import QUANTITIES

MOST_MAPS = 6


def sections(
    comparison: Any, today: datetime.date | None = None, command: Sequence[str] = (), theories: Any = None
) -> list[Section]:
    """All sections that have something to say, in the report's order; charts over time mark `today`.

    `command` is what made the comparison, from which follow the commands that tell a run of it; `theories` is what
    `across_theories` found, None where nobody asked.
    """
    made = (
        differences_section(comparison),
        risks_section(comparison),
        policies_section(comparison),
        fans_section(comparison, today),
        apart_section(comparison),
        grid_section(comparison, theories),
        when_section(comparison),
        gains_section(comparison),
        why_section(comparison, command),
        None if theories is None else theories_section(theories),
        trust_section(comparison),
    )
    return [section for section in made if section is not None]


def differences_section(comparison: Any) -> Section:
    """Dots and intervals, one panel per scenario."""
    role_of = roles(len(comparison.titles), comparison.baseline_position)
    names, figures = rows_to_show(comparison), []
    for number, position in enumerate(comparison.other_positions if names else ()):
        title = comparison.titles[position]
        spoken = tables.differences_table(comparison, title, everything=False).rows
        svg = inline(
            differences(comparison, title, titled=False),
            f"dots{number}",
            f"{short(title)}: differences to {short(comparison.baseline)}",
            " ".join(f"{row[0]}: {row[3]}, interval {row[4]}." for row in spoken),
        )
        table = tables.differences_table(comparison, title)
        note = f"mean difference to {short(comparison.baseline)} and its {percent(comparison.level)} interval"
        figures.append(Figure(short(title), note, svg, table, hue=hue(role_of[position])))
    still = [name for name, outcome in OUTCOMES.items() if outcome.primary and name not in names]
    notes = [narrative.alike(still)] if still else []
    if figures:
        notes.append(
            f"Filled marks: the {percent(comparison.level)} interval leaves out zero; hollow: it covers "
            "zero. Intervals of the primary outcomes hold together, over outcomes and scenarios; those of "
            "the others hold one by one."
        )
    notes += narrative.cautions(names)
    return Section("differences", "What differs", narrative.differences_lead(comparison), figures, notes=notes)


def risks_section(comparison: Any) -> Section:
    """Bad outcomes: how often they happen."""
    table = tables.risks_table(comparison)
    notes = [f"Shares of {counted(comparison.runs, 'run')}, in this model. {HAZARD}"]
    lead = f"{narrative.risks_lead(comparison)} {narrative.incidents_lead(comparison)}"
    return Section("risks", "How often things go wrong", lead, tables=[table, tables.incidents_table(comparison)],
                   notes=notes)


def policies_section(comparison: Any) -> Section | None:
    """What was policy when, where a scenario schedules something or waits for something; None where none does."""
    results, table = comparison.results, policies.policies_table(comparison)
    if table is None:
        return None
    role_of, figures = roles(len(comparison.titles), comparison.baseline_position), []
    for position, (title, scenario) in enumerate(zip(comparison.titles, results.scenarios, strict=True)):
        if scenario.changes or scenario.whens:
            met = policies.in_force(results, position) if results.kept_events else None
            shown = lanes(results, position, met)
            spoken = " ".join(f"{lane.name}: {lane.said}." for lane in shown)
            svg = inline(lanes_chart(shown, results, role_of[position]), f"lanes{position}", short(title), spoken)
            note = "levers as scheduled, up to the highest they reach; triggers as shares of the runs"
            figures.append(Figure(short(title), note, svg, policies.by_year_table(results, position, met),
                                  hue=hue(role_of[position])))
    return Section("policies", "What was policy when", " ".join(policies.sentences(comparison)), figures, [table])


def fans_section(comparison: Any, today: datetime.date | None = None) -> Section:
    """The main outcomes over time, as far as they differ."""
    role_of = roles(len(comparison.titles), comparison.baseline_position)
    chosen, figures = largest_clear(comparison), []
    for number, name in enumerate(chosen):
        shown = paths(comparison.results, name)
        table = tables.fan_table(shown, comparison.titles, comparison.dates)
        svg = inline(
            draw(shown, comparison.titles, role_of, today=today, titled=False),
            f"fan{number}",
            heading(shown.outcome),
            f"{opening(shown.band)}. {_ends_spoken(table)}",
        )
        figures.append(Figure(heading(shown.outcome), shown.band, svg, table))
    notes = [narrative.alike(unmoved(comparison.table))] if figures and unmoved(comparison.table) else []
    if len(comparison.titles) > OVERLAID_BANDS and figures:
        shaded = "Shaded: the middle half of the runs. " if len(comparison.titles) <= OVERLAID_HALVES else ""
        notes.append(
            f"{shaded}Bars beside the line ends: the middle half (thick) and the middle 90% (thin) of "
            "the runs at the end."
        )
    notes += narrative.cautions(chosen)
    lead = narrative.fans_lead(comparison, chosen)
    return Section("over-time", "How it unfolds", lead, figures, notes=notes)


def apart_section(comparison: Any) -> Section | None:
    """The same outcomes as differences over time, run by run on the same luck; None where nothing differs clearly."""
    chosen, figures = largest_clear(comparison), []
    role_of = [role for position, role in enumerate(roles(len(comparison.titles), comparison.baseline_position))
               if position != comparison.baseline_position]
    for number, name in enumerate(chosen):
        shown = apart(comparison, name)
        table = tables.apart_table(shown, comparison.others, comparison.dates)
        title = apart_heading(shown, comparison.baseline)
        drawn = draw_apart(shown, comparison.others, comparison.baseline, role_of, titled=False)
        # With more scenarios the middle 90% is not shaded, and is left to the table.
        band = shown.band if len(comparison.others) <= MOST_OUTER else shown.band.replace("50% and 90%", "50%")
        svg = inline(drawn, f"apart{number}", title, f"{opening(band)}. {_ends_spoken(table)}")
        figures.append(Figure(title, band, svg, table))
    if not figures:
        return None
    notes = ["Each run is set against itself under the first scenario; bands are quantiles of these differences. The "
             "thick line is no difference; scales are linear."]
    if len(comparison.others) > MOST_OUTER:
        notes.append("The middle 90% of the runs stands in the tables.")
    return Section("apart", "How far apart", narrative.apart_lead(comparison, chosen), figures,
                   notes=[*notes, *narrative.cautions(chosen)])


def _ends_spoken(table: Table) -> str:
    """A table's last row as a sentence, for those who do not see the chart."""
    ends = [f"{head}: {cell.splitlines()[0]}" for head, cell in zip(table.head[1:], table.rows[-1][1:], strict=True)]
    return f"At the end: {'; '.join(ends)}."


def grid_section(comparison: Any, theories: Any = None) -> Section:
    """Strictness by cooperation, if the scenarios span such a grid."""
    if comparison.grid is None:
        lead = (
            "These scenarios do not span a grid of strictness and cooperation, so what the two do together "
            "cannot be shown: that takes every pairing of at least two values of each."
        )
        return Section("grid", "Rules and cooperation together", lead)
    table = measured(comparison)
    clear = table[table["clear"] & table["primary"]]
    size = sizes(clear)
    chosen = sorted(size, key=lambda name: (-size[name], name))[:MOST_MAPS]
    found, figures = [comparison.heat(name) for name in chosen], []
    for number, cells in enumerate(found):
        outcome, numbers = OUTCOMES[cells.outcome], tables.heat_table(cells)
        svg = inline(
            heat(comparison, cells.outcome, titled=False),
            f"heat{number}",
            heading(outcome),
            " ".join(f"{row[0]}: {row[3]}." for row in numbers.rows),
        )
        figures.append(Figure(heading(outcome), f"difference to {short(comparison.baseline)}", svg, numbers))
    levers = (comparison.grid.row_lever, comparison.grid.column_lever)
    name_of = {lever: lever_in_words(lever) for lever in levers}
    lead = narrative.heat_lead(found, name_of) or "No primary outcome differs clearly in any cell of the grid."
    effects = main_effects(comparison, theories) or []
    notes = [f"{start}, averaged over the other lever: {told(changes)}." for start, changes in effects]
    notes += ["Hatched: the interval covers zero."] if any(not cells.clear.all() for cells in found) else []
    notes += narrative.cautions(chosen)
    title = f"{name_of[levers[0]]} and {inside(name_of[levers[1]])} together"
    return Section("grid", title, lead, figures, notes=notes)


def when_section(comparison: Any) -> Section:
    """When milestones come."""
    drawn, never, same = [], [], []
    for name in MILESTONES:
        curve = comparison.incidence(name)
        shares = curve["share"].to_numpy(float).reshape(len(comparison.titles), -1)
        if shares.max() == 0.0:
            never.append(name)
        elif np.ptp(shares, axis=0).max() == 0.0:
            same.append((name, float(shares[0, -1])))
        else:
            drawn.append((name, curve))
    top, figures = top_of([curve for _, curve in drawn]), []
    for number, (name, curve) in enumerate(drawn):
        numbers = tables.incidence_table(comparison, name, curve)
        figure = incidence(comparison, name, top, titled=False)
        title = f"{opening(name)}, % of runs"
        svg = inline(figure, f"when{number}", title, _ends_spoken(numbers))
        note = f"share so far and its {percent(comparison.level)} interval"
        figures.append(Figure(title, note, svg, numbers))
    notes = [f"In no run of any scenario: {listed(never)}."] if never else []
    notes += [
        f"The {name} comes in the same months under every scenario, in {percent(share)} of the runs."
        for name, share in same
    ]
    if any("incident" in name for name, _ in drawn):
        notes.append(HAZARD)
    lead = narrative.incidence_lead(comparison, drawn)
    return Section("when", "When it happens", lead, figures, notes=notes)


def gains_section(comparison: Any) -> Section:
    """Who gains and loses: slopes of revenue by lab and by nation, with tables of what else they have at the end."""
    name, title = "gains", "Who gains and loses"
    if comparison.results.at_end is None:
        return Section(name, title, gains.MISSING)
    found = {quantity: comparison.winners(quantity) for quantity in QUANTITIES}
    revenue, figures, single = found["revenue"], [], []
    for number, scenario in enumerate(gains.scenarios_shown(comparison, revenue)):
        for by in ("lab", "nation"):
            rows = drawn(revenue, scenario, by)
            if len(rows) == 1:  # a chart of one line says less than a sentence
                single.append(gains.alone(scenario, by, rows.to_dict("records")[0]))
            if len(rows) < 2:
                continue
            heading = f"Revenue by {by} under {short(scenario)}, $ a year"
            spoken = " ".join(gains.spoken(row) for row in rows.to_dict("records"))
            svg = inline(slopes_panel(comparison, "revenue", scenario, by), f"{by}{number}", heading, spoken)
            figures.append(Figure(heading, f"mean at the end; left {short(comparison.baseline)}", svg))
    folded = [gains.gains_table(comparison, table, quantity) for quantity, table in found.items()]
    notes = [*single, *(gains.not_drawn(comparison, revenue) if figures or single else []), gains.MEANS]
    notes += [LAB_QUANTITIES["revenue"].caution, HAZARD]
    notes.append(
        "US blue, China orange, others grey; solid: more than under the first scenario, dashed: less. Intervals of one "
        "quantity hold together over labs, nations and scenarios."
    )
    return Section(name, title, gains.gains_lead(comparison, revenue), figures, folded=folded, notes=notes)


def why_section(comparison: Any, command: Sequence[str] = ()) -> Section | None:
    """Two runs on the same luck, where they part, and the command that tells more of them."""
    found = comparison.contrast()
    if found.baseline_events.empty and found.other_events.empty:
        return None
    months = {day: date(comparison.results, month) for month, day in enumerate(comparison.dates)}
    lead = narrative.why_lead(comparison, found, months, first_turn(comparison, found))
    names = (short(found.baseline), short(found.other))
    title = f"Run {found.run} under {names[0]} (upper marks) and {names[1]} (lower marks)"
    figure = Figure.in_two_widths(
        title, "solid: under one scenario only; faint: under both; large: weighty; ticks: routine",
        lambda width: timeline(comparison, found, width, titled=False), "why", (title, lead))
    points = turning_points(comparison, found)
    rows = [[when, *(clean(text) if text else "" for text in sides)] for when, *sides in points]
    table = Table("Weightiest events that happen under one scenario only", ("Month", *names), rows, prose=True)
    pair = comparison.titles.index(found.baseline), comparison.titles.index(found.other)
    more = why_command(command, pair, found.run)
    notes = ["One run is an example. It is the one whose differences lie nearest to the medians."]
    return Section(
        "why",
        "Why: one run, told twice",
        lead,
        [figure],
        [table] if rows else [],
        notes=[*notes, *([f"What led to what in it: {more}"] if more else [])],
    )


def theories_section(found: Any) -> Section:
    """What is left of the differences under each rival theory."""
    rows = over_theories(found)
    notes = ["Each theory is a published alternative to one rule of the model (`[structure]`), all else as it is. No "
             "weights of belief stand behind them: they are a list, not a sample."]
    return Section("theories", "Under rival theories", theories_sentence(rows), tables=[theories_table(rows)],
                   notes=notes)


def trust_section(comparison: Any) -> Section:
    """How far the numbers can be trusted."""
    notes = [narrative.covered_by_intervals(comparison), *narrative.cautions(PRIMARY),
             narrative.simulated_from(comparison.results), narrative.WHAT_IF]
    table = tables.trust_table(comparison)
    lead = narrative.trust_lead(comparison)
    grounds = standing_table(comparison)
    return Section("trust", "How far to trust it", lead, tables=[grounds], folded=[table], notes=notes)
