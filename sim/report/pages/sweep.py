"""The report of a sweep: maps, slices, what levers do together, choices and regrets, in words, charts and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.common.numbers import plain
from sim.common.shell import command_line
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.charts.heat import heat_map
from sim.report.charts.points import front_chart
from sim.report.charts.rows import Row, drawn_rows
from sim.report.charts.slices import slice_chart
from sim.report.charts.svg import inline
from sim.report.pages.study import Figure, Section, Study
from sim.report.words import narrative
from sim.report.words import sweep as sweep_words
from sim.report.words.levers import lever_in_words, lever_value, lever_with_unit
from sim.report.words.names import counted, inside, listed, opening
from sim.report.words.sweep import at_point, inner
from sim.report.words.tables import Table
from sim.report.words.trust import own_rules_of, set_beyond
from sim.report.words.units import heading, minus, signed_difference, signed_interval, value
from sim.studies.comparing.grid import Grid, Heat
from sim.studies.sweeping.explain import Explanation, explain, is_map
from sim.studies.sweeping.slices import Slice

if TYPE_CHECKING:
    from sim.studies.sweeping.design import Design
    from sim.studies.sweeping.surface import Surface
    from sim.studies.sweeping.sweep import Sweep

MOST_POINTS_TOLD = 40
MOST_MAPS, MOST_SLICES, MOST_TORNADOS, MOST_POLICIES = 9, 6, 6, 6
_ROUND_DIGITS = 9


def told(sweep: Sweep, found: Explanation | None = None) -> Study:
    """What is done so far as it is told, as `found` explains it."""
    from sim.engine.provenance import versions

    design, found = sweep.design, found or explain(sweep)
    done = int(found.done.sum())
    incomplete = []
    if done < len(found.done):
        incomplete.append(f"Incomplete: {done:,} of {len(found.done):,} points are done; airace resume does the rest.")
    if found.failed:
        incomplete.append(f"{opening(counted(found.failed, 'point or run failed', 'points or runs failed'))} and "
                          "counted nowhere below.")
    rows = [("Seed", str(design.seed)), ("Points and runs", f"{len(design.points):,} x {design.runs:,}"),
            ("Table of all runs", "runs.parquet, beside this file"),
            ("Versions", ", ".join(f"{name} {version}" for name, version in sorted(versions().items())))]
    if design.months_kept:
        rows.insert(2, ("Months kept in the table", listed(design.months_kept)))
    return Study(
        kind="sweep", title=design.title, facts=extent(design),
        claims=[*filter(None, [own_rules_of([sweep.departure])]), *sweep_words.finding(found)],
        incomplete=" ".join(incomplete),
        limits=f"{set_beyond(design.beyond())} {sweep_words.limits(found)}".strip(), sections=_sections(found),
        command=command_line("airace", "resume", Path(sweep.folder.name or ".")), rows=rows)


def extent(design: Design) -> str:
    """What a sweep runs, in a line."""
    return (f"{counted(len(design.points), 'point')} over {counted(len(design.axes), 'axis', 'axes')}, "
            f"{counted(design.runs, 'run')} each on the same luck, {design.months} months from {design.base.start}; "
            f"{in_words(design.uncertainty)}; seed {design.seed}; base: {design.base.title}")


def _sections(found: Explanation) -> list[Section]:
    design, made = found.design, []
    if is_map(design) and len(design.axes) == 2:
        made.append(_maps(found))
        if found.joint:
            made.append(_joint(found))
    if found.slices:
        made += [_slices(found, axis) for axis in design.axes]
    if not is_map(design):
        if design.is_grid and len(design.points) <= MOST_POINTS_TOLD:
            made.append(_points(found))
        made.append(_tornados(found))
    if found.front is not None:
        made.append(_front(found))
    if found.regret is not None:
        made.append(_regret(found))
    made.append(_everything(found))
    return made


# ---- maps ----------------------------------------------------------------------------------------------------
def _heat(found: Explanation, surface: Surface) -> Heat:
    """A surface as a map: rows are the first axis's values, columns the second's."""
    design = found.design
    down, across = (design.along(axis) for axis in (0, 1))
    cells = np.array([[design.points.index((y, x)) for x in across] for y in down])
    grid = Grid(design.axes[0], design.axes[1], down, across, cells)
    titles = np.vectorize(lambda point: "baseline" if point == 0 else f"Point {point}")(cells)
    return Heat(surface.outcome, grid, surface.difference[cells], surface.low[cells], surface.high[cells],
                surface.clear[cells], titles)


def _maps(found: Explanation) -> Section:
    names, figures = found.by_size, []
    for number, name in enumerate(names[:MOST_MAPS]):
        figures.append(map_figure(found, name, number))
    notes = ["Hatched: the 95% interval of the difference, run by run on the same luck, covers zero."]
    if not found.complete:
        notes.append("Empty cells are not done.")
    if len(names) > MOST_MAPS:
        notes.append(f"Also different: {listed([inner(name) for name in names[MOST_MAPS:]])}; the last table has them.")
    notes += narrative.cautions(names[:MOST_MAPS])
    first, second = (lever_in_words(axis) for axis in found.design.axes)
    return Section("maps", "Over both levers", sweep_words.maps_lead(found, first, second), figures, notes=notes)


def map_figure(found: Explanation, name: str, number: int = 0) -> Figure:
    """An outcome's differences to the first point over both levers."""
    map_ = _heat(found, found.surfaces[name])
    svg = inline(heat_map(map_, "baseline", {}, titled=False), f"map{number}", heading(OUTCOMES[name]),
                 f"{sweep_words.extremes(found, name)} Numbers stand in the table below.")
    return Figure(heading(OUTCOMES[name]), f"difference to {at_point(found.design, 0)}", svg, _map_table(map_))


def _map_table(found: Heat) -> Table:
    outcome = OUTCOMES[found.outcome]
    rows = [[lever_value(row_value),
             *(f"{signed_difference(outcome, float(found.difference[row, column]))}\n"
               f"{signed_interval(outcome, float(found.low[row, column]), float(found.high[row, column]))}"
               for column in range(len(found.columns)))]
            for row, row_value in enumerate(found.rows)]
    head = (f"{lever_in_words(found.row_lever)} (down), {inner_lever(found.column_lever)} (across)",
            *(lever_value(column) for column in found.columns))
    return Table(f"{outcome.title}: difference to the first point and its 95% interval", head, rows)


def inner_lever(axis: str) -> str:
    """A lever's name inside a phrase."""
    return inside(lever_in_words(axis))


# ---- together ------------------------------------------------------------------------------------------------
def _joint(found: Explanation) -> Section:
    rows, strong = [], set()
    for position, (name, joint) in enumerate(found.joint.items()):
        outcome = OUTCOMES[name]
        cells = [f"{signed_difference(outcome, e)}\n{signed_interval(outcome, low, high)}"
                 for e, low, high in (joint.first, joint.second, joint.both, joint.contrast)]
        rows.append([heading(outcome), *cells, joint.verdict.replace(", as far as these runs tell", "")])
        if joint.contrast[1] > 0.0 or joint.contrast[2] < 0.0:
            strong.add((position, 4))
    first, second = (lever_in_words(axis) for axis in found.design.axes)
    table = Table("From the low to the high end of each lever, with 95% intervals; bold: clearly not the sum",
                  ("Outcome", f"{first} alone", f"{second} alone", "Both", "Beyond the sum", "So they"), rows,
                  frozenset(strong))
    return Section("together", "Do the two add up?", sweep_words.joint_lead(found), tables=[table])


# ---- slices --------------------------------------------------------------------------------------------------
def _slices(found: Explanation, axis: str) -> Section:
    moved = [name for name in found.by_size if any(each.moves for each in found.slices[name][axis])]
    zones = [name for name in moved if any(each.worse for each in found.slices[name][axis])]
    chosen = sorted(moved[:MOST_SLICES] + [name for name in zones if name not in moved[:MOST_SLICES]][:3],
                    key=found.by_size.index)
    figures = []
    for number, name in enumerate(chosen):
        figures.append(slice_figure(found, axis, name, number))
    lead = sweep_words.slices_lead(found, axis)
    said = {name: sweep_words.slice_sentence(found.slices[name][axis]) for name in chosen}
    notes = [text for text in said.values() if text]
    if even := [inner(name) for name, text in said.items() if not text]:
        notes.append(f"No step of the lever holds half of the change in {listed(even)}.")
    still = [inner(name) for name in found.surfaces if name not in moved]
    if still:
        notes.append(f"No clear change along this lever in {listed(still)}.")
    if figures:
        notes.append("Bands: 95% intervals of the difference to the lever's lowest value, draw by draw. Filled marks: "
                     "the interval leaves out zero; hollow: it covers zero. A range in which more makes an outcome "
                     "worse is told only if its interval leaves out zero for all pairs of values together.")
    return Section(f"along-{found.design.axes.index(axis)}", f"Along {inner_lever(axis)}", lead, figures,
                   notes=notes)


def slice_figure(found: Explanation, axis: str, name: str, number: int = 0) -> Figure:
    """An outcome along one lever, with the other at a few of its values."""
    shown = _a_few(found.slices[name][axis])
    spoken = sweep_words.slice_sentence(found.slices[name][axis]) or "It changes evenly; the table has the numbers."
    svg = inline(slice_chart(shown, titled=False), f"slice{found.design.axes.index(axis)}x{number}",
                 f"{heading(OUTCOMES[name])} along {inner_lever(axis)}", spoken)
    return Figure(heading(OUTCOMES[name]), _slice_note(shown), svg, _slice_table(shown))


def _a_few(every: Sequence[Slice]) -> list[Slice]:
    """The slices with the other lever at its low end, in its middle and at its high end."""
    return [every[place] for place in dict.fromkeys((0, len(every) // 2, len(every) - 1))]


def _slice_note(shown: Sequence[Slice]) -> str:
    held = "" if shown[0].held is None else ", other lever as named"
    return f"difference to {lever_value(shown[0].values[0])}{held}"


def _slice_table(shown: Sequence[Slice]) -> Table:
    outcome = OUTCOMES[shown[0].outcome]
    rows = [[lever_value(along), *(f"{signed_difference(outcome, float(each.difference[place]))}\n"
                                   f"{signed_interval(outcome, float(each.low[place]), float(each.high[place]))}"
                                   for each in shown)]
            for place, along in enumerate(shown[0].values)]
    head = [f"other lever at {lever_value(each.held)}" if each.held is not None else "Difference" for each in shown]
    return Table(f"{outcome.title}: difference to the lowest value and its 95% interval",
                 (lever_with_unit(shown[0].axis), *head), rows)


# ---- points of a grid that is no map --------------------------------------------------------------------------
def _points(found: Explanation) -> Section:
    """Every point and its differences to the first one, where axes are of words or more than two."""
    tables = []
    for name in found.by_size or list(found.surfaces):
        surface, outcome = found.surfaces[name], OUTCOMES[name]
        rows = [[at_point(found.design, point, short=True), value(outcome, float(surface.mean[point])),
                 *([signed_difference(outcome, float(surface.difference[point])),
                    signed_interval(outcome, float(surface.low[point]), float(surface.high[point]))]
                   if point else ["", ""])]
                for point in range(len(found.design.points)) if np.isfinite(surface.difference[point])]
        clear = frozenset((place, 2) for place, point in enumerate(np.flatnonzero(np.isfinite(surface.difference)))
                          if surface.clear[point])
        tables.append(Table(f"{heading(outcome)}: bold differences are clear of zero",
                            (sweep_words.axes_short(found.design), "Mean", "Difference", "95% interval"), rows, clear))
    lead = f"Each point against the first, {at_point(found.design, 0)}, run by run on the same luck."
    return Section("points", "Point by point", lead, tables=tables[:1], folded=tables[1:])


# ---- drawn points ------------------------------------------------------------------------------------------------
def _tornados(found: Explanation) -> Section:
    strongest = sorted((name for name, tied in found.tied.items() if tied),
                       key=lambda name: -abs(found.tied[name][0].correlation))
    figures = []
    for number, name in enumerate(strongest[:MOST_TORNADOS]):
        figures.append(tied_figure(found, name, number))
    note = ("Rank correlations (Spearman) of an axis with an outcome's mean over the points. Of "
            f"{len(found.design.axes):,} axes without any influence one in twenty would leave out zero, so the weakest "
            "shown may be chance. What an axis does may hang on others: airace sensitivity tells how much of the "
            "variance is whose.")
    return Section("tornado", "What goes with what", sweep_words.tornado_lead(found, strongest), figures,
                   notes=[note, *narrative.cautions(strongest[:MOST_TORNADOS])])


def tied_figure(found: Explanation, name: str, number: int = 0) -> Figure:
    """The axes that go with an outcome most closely over the points."""
    tied = found.tied[name]
    rows = [Row(lever_in_words(a.axis), minus(f"{a.correlation:+.2f}"), a.correlation, a.low, a.high, bar=True,
                clear=a.low > 0.0 or a.high < 0.0) for a in tied]
    svg = drawn_rows(rows, "rank correlation with its 95% interval", lambda x: minus(f"{x:g}"),
                     f"tornado{number}", f"What goes with {inner(name)}")
    table = Table(f"{OUTCOMES[name].title}: rank correlations over the points",
                  ("Axis", "Name", "Correlation", "95% interval"),
                  [[lever_with_unit(a.axis), a.axis, minus(f"{a.correlation:+.2f}"),
                    minus(f"{a.low:+.2f} to {a.high:+.2f}")] for a in tied])
    return Figure(OUTCOMES[name].title, "axes that go with it most closely", svg, table)


# ---- choices -------------------------------------------------------------------------------------------------
def _front(found: Explanation) -> Section:
    front, design = found.front, found.design
    assert front is not None
    across, up = OUTCOMES[front.across], OUTCOMES[front.up]
    names = [at_point(design, point, short=True) for point in range(len(design.points))]
    order = [int(point) for point in np.argsort(front.x) if front.best[point] or front.open_[point]]
    rows = [[names[point], value(across, float(front.x[point])), value(up, float(front.y[point])),
             "beaten by none" if front.best[point] else "cannot be told apart"] for point in order]
    table = Table("Points that none clearly beats",
                  (sweep_words.axes_short(design), across.title, up.title, "Standing"), rows)
    lead = sweep_words.front_lead(found)
    svg = inline(front_chart(front, names), "front", f"{up.title} against {inner(front.across)}", lead)
    note = ("Each mark is a point of the design. Filled and joined: no other point does better on both in the mean. "
            "Hollow: some do, but not clearly on the same luck. Faint: clearly beaten.")
    better = f"Better is {across.better} {inner(front.across)} and {up.better} {inner(front.up)}."
    figure = Figure(f"{up.title} against {inner(front.across)}", f"named by {sweep_words.axes_short(design)}", svg,
                    table)
    notes = [better, note, *narrative.cautions([front.across, front.up])]
    return Section("front", "What cannot be had together", lead, [figure], notes=notes)


def _regret(found: Explanation) -> Section:
    assert found.regret is not None
    design, outcome = found.design, OUTCOMES[found.regretted]
    shown = list(found.regret[: MOST_POLICIES - 1]) + list(found.regret[-1:])
    rows = []
    for policy in shown:
        low, quarter, three = (float(np.quantile(policy.worse, q)) for q in (0.1, 0.25, 0.75))
        rows.append(Row(opening(at_point(design, int(policy.policy))), plain(policy.ninety, 2), policy.mean, low,
                        policy.ninety, (quarter, three)))
    svg = drawn_rows(rows, f"{inner(found.regretted)}: worse than the best point there", plain, "regret",
                     f"Regret in {inner(found.regretted)}")
    table = Table(f"Regret in {inner(found.regretted)}, {outcome.unit}, over {counted(len(shown[0].worse), 'future')}",
                  ("Point", "Mean", "Exceeded in one of ten", "Largest", "Best in"),
                  [[at_point(design, int(policy.policy)), plain(policy.mean, 2), plain(policy.ninety, 2),
                    plain(policy.largest, 2), f"{policy.best_share:.0%}"] for policy in found.regret])
    note = ("Regret is how much worse a point does than the best point in the same future, a future being one draw of "
            "parameters and luck. Mark: mean; thick: middle half of the futures; thin: middle 80%; number: what is "
            "exceeded in one future of ten. Shown are the five least regretted points and the most regretted one.")
    return Section("regret", "Least bad almost everywhere", sweep_words.regret_lead(found),
                   [Figure(f"Regret in {inner(found.regretted)}", f"over {counted(len(shown[0].worse), 'future')}", svg,
                           table)], notes=[note])


def _everything(found: Explanation) -> Section:
    """The range of every outcome, for those that no chart shows."""
    rows = []
    for name, surface in found.surfaces.items():
        outcome = OUTCOMES[name]
        if np.isfinite(surface.mean).any():
            low, high = int(np.nanargmin(surface.mean)), int(np.nanargmax(surface.mean))
            rows.append([heading(outcome), value(outcome, float(surface.mean[low])),
                         _where(found, low), value(outcome, float(surface.mean[high])), _where(found, high)])
    table = Table("Smallest and largest mean of each outcome over the points",
                  ("Outcome", "Least", "at", "Most", "at"), rows)
    return Section("range", "How far each outcome goes", sweep_words.range_lead(found), tables=[table])


def _where(found: Explanation, point: int) -> str:
    return at_point(found.design, point, short=True) if len(found.design.axes) <= 3 else f"point {point:,}"
