"""Pages on where a policy fails, as boxes, and on which of several policies is least regretted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.common.numbers import percent, plain
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.charts.points import box_axes, box_chart, tradeoff_chart
from sim.report.charts.rows import Row, drawn_rows
from sim.report.charts.svg import inline
from sim.report.pages.study import Figure, Section, Study
from sim.report.words import narrative
from sim.report.words.levers import lever_in_words, lever_unit, lever_value
from sim.report.words.names import counted, inside, listed, short
from sim.report.words.tables import Table
from sim.report.words.trust import set_beyond
from sim.studies.sweeping.discovery import CHANCE, Box, Boxes, Limit, is_word

if TYPE_CHECKING:
    from sim.studies.sweeping.design import Design
    from sim.studies.sweeping.regret import Regret

_LIMITS = ("A box says in which part of the space that was searched the points fail, not how probable that part is. "
           "Points stand for ranges that someone chose.")


# ---- boxes -------------------------------------------------------------------------------------------------------
def condition_in_words(found: Boxes) -> str:
    """What counts as failure: "severe incidents above 4"."""
    condition = found.condition
    title = inside(OUTCOMES[condition.outcome].title)
    return f"{title} {'above' if condition.above else 'below'} {plain(condition.threshold)}"


def limit_in_words(limit: Limit, found: Boxes) -> str:
    """One limit of a box, a side that does not bind left out: "US-China cooperation at most 0.4"."""
    column = found.drawn[:, found.axes.index(limit.axis)]
    unit = f" {lever_unit(limit.axis)}".rstrip()
    if is_word(limit.axis):
        lever, word = lever_in_words(limit.axis).rsplit(": ", 1)
        return f"{lever} {'is' if limit.low > 0.0 else 'is not'} {word}"
    low, high = limit.low > float(column.min()), limit.high < float(column.max())
    if low and high:
        words = f"from {lever_value(limit.low)} to {lever_value(limit.high)}"
    else:
        words = f"at least {lever_value(limit.low)}" if low else f"at most {lever_value(limit.high)}"
    return f"{lever_in_words(limit.axis)} {words}{unit}"


def boxes_finding(found: Boxes) -> list[str]:
    """How much fails, and where."""
    told = [f"{percent(found.share)} of {counted(found.points, 'point')} fail: {condition_in_words(found)}."]
    if not found.boxes:
        return [*told, "No box is denser than half: failures are spread over the axes."]
    box = found.boxes[-1]
    sure = [limit_in_words(limit, found) for limit in box.limits if limit.chance <= CHANCE]
    where = listed([inside(words) for words in sure]) if sure else "no limit that is clear of chance"
    return [*told, f"They gather where these hold together: {where}. There {percent(box.density)} of the points fail, "
                   f"and {percent(box.coverage)} of all failures lie there."]


def told_of_boxes(found: Boxes, design: Design, folder: Path, command: str) -> Study:
    """Boxes as they are told: of a sweep by this design, in this folder."""
    figures = [_box_figure(found, box, number) for number, box in enumerate(found.boxes, 1)]
    numbers = Table("The boxes: coverage is the share of all failures in the box, density the share of its points "
                    "that fail", ("Box", "Coverage", "Density", "Points"),
                    [[f"Box {n}", percent(b.coverage), percent(b.density), f"{b.points:,}"]
                     for n, b in enumerate(found.boxes, 1)])
    sections = []
    if figures:
        trade = inline(tradeoff_chart(found), "tradeoff", "Coverage against density",
                       " ".join(f"Box {n}: coverage {percent(b.coverage)}, density {percent(b.density)}."
                                for n, b in enumerate(found.boxes, 1)))
        wide, narrow = found.boxes[0], found.boxes[-1]
        sections.append(Section(
            "boxes", "Where it fails", f"The wider box holds {percent(wide.coverage)} of the failures and "
            f"{percent(wide.density)} of its points fail; of the narrowest {percent(narrow.density)} do."
            if narrow is not wide else f"One box: {percent(wide.density)} of its points fail.", figures,
            notes=["Filled diamonds: points that fail; faint dots: the others; frame: the box, seen along the two axes "
                   "that bound it most surely. Its other limits stand in the table. A limit that “may be chance” has a "
                   f"quasi-p value above {CHANCE:g}.", *narrative.cautions([found.condition.outcome])]))
        sections.append(Section(
            "tradeoff", "Holding more, or failing more surely",
            "A narrower box fails more surely and holds fewer of the failures; the line has every box on the way.",
            [Figure("Coverage against density", "every box of the search", trade, numbers)]))
    return Study(
        "discovery", f"Where it fails: {condition_in_words(found)}",
        f"{counted(found.points, 'point')} over {counted(len(found.axes), 'axis', 'axes')}, "
        f"{counted(design.runs, 'run')} each, {in_words(design.uncertainty)}; sweep: {design.title}; "
        f"base: {design.base.title}",
        boxes_finding(found), f"{set_beyond(design.beyond())} {_LIMITS}".strip(), sections, command,
        [("Sweep", folder.name or "."), ("Method", "PRIM (Friedman and Fisher 1999)")])


def _box_figure(found: Boxes, box: Box, number: int) -> Figure:
    rows = [[lever_in_words(limit.axis), limit.axis,
             *((limit.where, limit.where, "") if is_word(limit.axis) else
               (lever_value(limit.low), lever_value(limit.high), lever_unit(limit.axis) or "0 to 1")),
             "may be chance" if limit.chance > CHANCE else "clear"] for limit in box.limits]
    table = Table(f"Limits of box {number}", ("Axis", "Name", "From", "To", "Unit", "Limit"), rows)
    across, up = box_axes(found, box)
    title = f"Box {number}: {percent(box.density)} fail, {percent(box.coverage)} of all failures"
    spoken = " ".join(f"{limit_in_words(limit, found)}." for limit in box.limits)
    svg = inline(box_chart(found, box), f"box{number}", title, spoken or "No limits.")
    return Figure(title, f"{lever_in_words(up)} over {inside(lever_in_words(across))}", svg, table)


_REGRET_LIMITS = "Regret says what is at stake in the choice between these policies, not which future is probable."


# ---- regret ------------------------------------------------------------------------------------------------------
def told_of_regret(found: Sequence[Regret], outcome: str, designs: Sequence[Design], command: str) -> Study:
    """Regret of policies as it is told, each a sweep by its design."""
    name, unit = inside(OUTCOMES[outcome].title), OUTCOMES[outcome].unit
    beyond = [told for design in designs
              if (told := set_beyond(design.beyond(), short(design.base.title)))]
    futures = len(found[0].worse)
    rows, quantiles = [], (0.1, 0.25, 0.5, 0.75, 0.9)
    for policy in found:
        low, quarter, _, three, high = np.quantile(policy.worse, quantiles).tolist()
        rows.append(Row(short(policy.policy), plain(policy.ninety, 2), policy.mean, low, high, (quarter, three)))
    svg = drawn_rows(rows, f"{name}: worse than the best policy there, {unit}", plain, "regret", f"Regret in {name}")
    table = Table(f"Regret in {name}, {unit}, over {counted(futures, 'future')}",
                  ("Policy", "Mean", "Median", "Exceeded in one of ten", "Largest", "Best in"),
                  [[short(p.policy), plain(p.mean, 2), plain(float(np.median(p.worse)), 2), plain(p.ninety, 2),
                    plain(p.largest, 2), percent(p.best_share)] for p in found])
    first, last = found[0], found[-1]
    finding = [f"Least bad almost everywhere: {short(first.policy)}. In nine of ten futures its {name} are at most "
               f"{plain(first.ninety, 2)} worse than under the best of these policies; under {short(last.policy)} they "
               f"are up to {plain(last.ninety, 2)} worse."]
    lead = f"{short(first.policy)} is best in {percent(first.best_share)} of the futures."
    note = ("A future is a point of the sweeps: one set of values of the axes, with the same luck under every policy. "
            "Mark: mean regret; thick: middle half of the futures; thin: middle 80%; number: what is exceeded in one "
            "future of ten.")
    section = Section("regret", "Regret over the futures", lead,
                      [Figure(f"Regret in {name}", f"over {counted(futures, 'future')}", svg, table)],
                      notes=[note, *narrative.cautions([outcome])])
    return Study("discovery", f"Which policy is least regretted: {name}",
                 f"{counted(len(found), 'policy', 'policies')}, {counted(futures, 'future')}, "
                 f"{counted(designs[0].runs, 'run')} in each", finding,
                 " ".join([*beyond, _REGRET_LIMITS]),
                 [section], command, [("Outcome", outcome), ("Measure", "Savage's regret (1951)")])
