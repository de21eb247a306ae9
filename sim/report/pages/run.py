"""One run as it is told: how it ended, key figures, swim lanes of events, who did what to whom, and every event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.uncertainty import in_words
from sim.model.outcomes import HAZARD
from sim.report.charts.network import Tie, network, ties
from sim.report.charts.story import story
from sim.report.charts.timeline import lane, weight
from sim.report.pages.study import Figure, Section, Study, how_to_repeat
from sim.report.words.names import clean, counted
from sim.report.words.paths import date
from sim.report.words.run import ending, key_figures, moments
from sim.report.words.tables import Table
from sim.report.words.trust import own_rules_of, set_beyond, theories_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results

WEIGHTY = 5
"""Weight from which an event is read aloud with the picture."""
_NETWORK_WIDTH = 760.0


def told(results: Results, command: str = "") -> Study:
    """The one run in `results` as it is told; `command` made it."""
    scenario, events = results.scenarios[0], results.events_of(0, results.first_run)
    limits = (own_rules_of(results.departures), set_beyond(scenario.beyond()), theories_of(results), HAZARD)
    return Study(
        "run", f"{clean(results.titles[0])}: run {results.first_run}",
        f"One run, seed {results.seed}, {date(results, 0)} to {date(results, len(results.dates) - 1)}, "
        f"{in_words(results.uncertainty)}",
        [ending(results, events).replace("`", "")], " ".join(filter(None, limits)),
        [_figures(results), _events(results, events), _ties(results, events)], command, how_to_repeat(results),
        question=clean(scenario.question) if scenario.question else "")


def _figures(results: Results) -> Section:
    head = ("Figure", *(date(results, month) for month in moments(results)))
    table = Table("Key figures at three moments", head, key_figures(results))
    return Section("figures", "Key figures", "", tables=[table])


def _events(results: Results, events: pd.DataFrame) -> Section:
    run = results.first_run
    heavy = " ".join(text for kind, text in zip(events["kind"], events["text"], strict=True) if weight(kind) >= WEIGHTY)
    table = Table(f"All {counted(len(events), 'event')}", ("Month", "Lane", "What happens"),
                  [[date(results, month), lane(kind), clean(text)]
                   for month, kind, text in events[["month", "kind", "text"]].itertuples(index=False)], prose=True)
    figure = Figure.in_two_widths(
        "Events by swim lane",
        "large marks weigh most and are named where there is room; ticks are events without a name here",
        lambda width: story(results, 0, run, width, titled=False), "lanes",
        (f"Events of run {run} by swim lane", heavy or "No event."))
    return Section("events", "What happened, and when", _happened(results, events), [figure], folded=[table])


def _ties(results: Results, events: pd.DataFrame) -> Section:
    run, found = results.first_run, ties(events)
    spoken = " ".join(_spoken(tie) for tie in found)
    figure = Figure.in_two_widths(
        "Ties of founders and labs",
        "founders at the left, labs at the right; an arrow points at whom it is done to; thicker lines were renewed",
        lambda width: network(results, 0, run, None, width, titled=False), "ties",
        (f"Ties of founders and labs in run {run}", spoken or "No ties."), _NETWORK_WIDTH)
    return Section("ties", "Who did what to whom", _relations(found), [figure],
                   notes=["What held before the start is not drawn."])


def _spoken(tie: Tie) -> str:
    times = "" if tie.times == 1 else f" {tie.times} times"
    return f"{tie.actor} {tie.relation.verb} {tie.target}{times}."


def _happened(results: Results, events: pd.DataFrame) -> str:
    """The first of the weightiest events, and how many there were in all."""
    if events.empty:
        return "Nothing of note happens."
    weights = events["kind"].map(weight)
    first = events.iloc[int(weights.to_numpy().argmax())]
    return (f"{counted(len(events), 'event')}, {int((weights >= WEIGHTY).sum())} of them weighty. The first of the "
            f"weightiest comes in {date(results, int(first['month']))}: {clean(first['text'])}")


def _relations(found: list[Tie]) -> str:
    """How many ties there are of each kind, in a sentence."""
    if not found:
        return "Nobody sues, funds, leaves or founds anything."
    counts: dict[str, int] = {}
    for tie in found:
        counts[tie.relation.verb] = counts.get(tie.relation.verb, 0) + 1
    parts = ", ".join(f"{verb} {number}" for verb, number in counts.items())
    busiest = max(found, key=lambda tie: tie.times)
    often = f" Most often: {busiest.actor} {busiest.relation.verb} {busiest.target}, {busiest.times} times." \
        if busiest.times > 1 else ""
    return f"Ties between two, by kind: {parts}.{often}"
