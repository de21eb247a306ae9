"""One run under two scenarios as it is told: where it parts, the outcome in both and in replays, what led to what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.uncertainty import in_words
from sim.report.charts.axes import draw_scale, scale_for, time_axis
from sim.report.charts.labels import spread
from sim.report.charts.style import Chart, chart, dashes, drawing, line_colour, place, text_colour
from sim.report.charts.timeline import timeline
from sim.report.pages.comparison import dash_of
from sim.report.pages.study import Chain, Figure, Key, Section, Step, Study, how_to_repeat
from sim.report.words.names import clean, short
from sim.report.words.paths import years
from sim.report.words.tables import Table
from sim.report.words.trust import all_set_beyond
from sim.report.words.units import heading
from sim.report.words.why import (
    CAVEATS,
    LETTERS,
    LEVERS_LEAD,
    aftermath,
    chains_lead,
    difference,
    drawn,
    left_without,
    lever_rows,
    parting,
    paths,
    together,
)

if TYPE_CHECKING:
    from sim.studies.comparing.why import Why

HEIGHT = 240.0
LABEL_ROOM = 22.0


def told(why: Why, command: str = "") -> Study:
    """The answer for one run as it is told; `command` asked for it."""
    dates = why.results.dates
    limits = [*all_set_beyond(why.results.scenarios), CAVEATS, why.about.caution]
    return Study(
        "why", f"Why run {why.run} differs",
        f"Run {why.run}, seed {why.results.seed}, {dates[0]} to {dates[-1]}, {in_words(why.results.uncertainty)}",
        [clean(difference(why))], " ".join(filter(None, limits)), list(_sections(why)), command,
        how_to_repeat(why.results))


# ---- sections ------------------------------------------------------------------------------------------------------
def _sections(why: Why) -> Iterator[Section]:
    """The parts of the answer, as far as the two runs differ at all."""
    titles = [short(title) for title in why.results.titles]
    over_time = Figure.in_two_widths(heading(why.about), _lines(why), lambda width: paths_chart(why, width), "paths",
                                     (heading(why.about), difference(why)))
    yield Section("over-time", "The two runs", "", [over_time], key=[
        Key(f"{letter}: {title}", side, dash_of(side))
        for side, (title, letter) in enumerate(zip(titles, LETTERS, strict=True))])
    yield Section("parting", "Where they part", "", said=[clean(part) for part in parting(why)])
    if why.levers:
        yield Section("levers", "Which lines of the scenarios make it", LEVERS_LEAD, tables=[
            Table("Lines of the scenarios", ("Line", "Difference left"), lever_rows(why), prose=True)])
    if why.first_month_at_all is None:
        return
    yield Section("chains", "From event to event", "", said=chains_lead(why), chains=[
        Chain([Step(turn.event.date, LETTERS[turn.event.side], turn.event.side, clean(turn.event.text))
               for turn in chain], list(aftermath(why, chain))) for chain in paths(why)])
    if why.that_mattered:
        rows = [[f"{turn.event.date} {LETTERS[turn.event.side]}", clean(turn.event.text), drawn(turn),
                 left_without(why, turn)] for turn in why.that_mattered]
        yield Section("draws", "Which draws decided", "", notes=together(why), tables=[
            Table("Draws that decided", ("Month, run", "Event", "Draw", "Difference left"), rows, prose=True)])
    yield Section("side-by-side", "The two runs side by side", "", [Figure.in_two_widths(
        "Events by swim lane, A above and B below",
        "solid: in one run only; faint: in both; large: weighty; ticks: routine",
        lambda width: timeline(why.comparison, why.contrast, width, titled=False), "lanes",
        (f"Run {why.run} under {titles[0]} (upper marks) and {titles[1]} (lower marks)", why.contrast.text))])


def _replayed(why: Why) -> list[tuple[str, np.ndarray]]:
    """The chains by number, and the outcome in the replay without their first event."""
    return [(str(number), why.path(chain[0].path)) for number, chain in enumerate(paths(why), 1)]


def _lines(why: Why) -> str:
    told = "A and B: the two runs"
    replays = _replayed(why)
    if replays:
        numbers = ", ".join(number for number, _ in replays)
        told += f"; {numbers}: replayed without the first event of that chain below"
    return told + {"sum": "; totals so far", "max": "; largest so far"}.get(why.about.summary, "")


def paths_chart(why: Why, width: float) -> Chart:
    """The outcome over time in both runs and in the replays of the chains told, labelled at the line ends."""
    both = why.path(why.results.values[:, 0])
    lines = [*zip(LETTERS, both, strict=True), *_replayed(why)]
    time = years(why.results, both.shape[-1])
    everything = np.concatenate([line for _, line in lines])
    with drawing():
        figure = chart(HEIGHT, width)
        axes = place(figure, 58.0, LABEL_ROOM, 10.0, 26.0)
        draw_scale(axes, scale_for(float(everything.min()), float(everything.max()), why.about))
        time_axis(axes, time.tolist(), width - 80.0)
        for role, (_, line) in reversed(list(enumerate(lines))):
            style = {"color": line_colour(role), "linestyle": dashes(role), "linewidth": 2.0 if role < 2 else 1.3}
            axes.plot(time, line, clip_on=False, zorder=4 - min(role, 2), **style)
        _name_ends(axes, lines)
    return figure


def _name_ends(axes: Any, lines: list[tuple[str, np.ndarray]]) -> None:
    low, high = axes.get_window_extent().y0, axes.get_window_extent().y1
    ends = [float(axes.transData.transform((0.0, line[-1]))[1]) for _, line in lines]
    scale = axes.figure.dpi / 72.0
    for role, ((name, _), at) in enumerate(
        zip(lines, spread(ends, [13.0 * scale] * len(lines), low - 8.0 * scale, high + 8.0 * scale), strict=True)
    ):
        axes.annotate(name, (1.0, (at - low) / (high - low)), xycoords="axes fraction", xytext=(6.0, 0.0),
                      textcoords="offset points", va="center", color=text_colour(role), fontweight="bold",
                      annotation_clip=False)


