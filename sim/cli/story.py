"""One run told in the terminal: key figures at three moments, a timeline of events, and how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.terminal import Terminal
from sim.engine.uncertainty import in_words

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results

EVENTS_A_YEAR = 6


def tell(terminal: Terminal, results: Results, events: pd.DataFrame, everything: bool) -> None:
    """Print the story of the one run in `results`; with `everything` each event, not only the weightiest."""
    from sim.report.words.run import ending, key_figures, moments
    from sim.report.words.trust import own_rules_of, set_beyond, theories_of

    scenario = results.scenarios[0]
    terminal.data(
        f"{scenario.title}: run {results.first_run}, seed {results.seed}, "
        f"{results.dates[0]} to {results.dates[-1]}, {in_words(results.uncertainty)}"
    )
    if scenario.question:
        terminal.paragraph(scenario.question)
    if own := own_rules_of(results.departures):
        terminal.paragraph(own)
    if beyond := set_beyond(scenario.beyond()):
        terminal.paragraph(beyond)
    if met := theories_of(results):
        terminal.paragraph(met)
    terminal.data()
    when = moments(results)
    rows = key_figures(results)
    terminal.table(["", *(results.dates[month] for month in when)], rows, right=range(1, len(when) + 1), whole=())
    terminal.data()
    _timeline(terminal, events, everything)
    terminal.data()
    terminal.paragraph(ending(results, events))


def _timeline(terminal: Terminal, events: pd.DataFrame, everything: bool) -> None:
    from sim.model.events import EVENTS

    years: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for date, kind, text in zip(events["date"], events["kind"], events["text"], strict=True):
        weight = EVENTS[kind].weight if kind in EVENTS else 1
        years[date[:4]].append((weight, date, text))
    if not years:
        terminal.data("Nothing of note happened.")
    for year, happened in years.items():
        terminal.data(year)
        kept = happened if everything else _most_important(happened)
        for _, date, text in kept:
            terminal.data(f"  {date}  {text}")
        if (rest := len(happened) - len(kept)) > 0:
            terminal.data(f"           and {rest} lesser event{'s' if rest > 1 else ''} (--all shows them)")


def _most_important(happened: Sequence[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """The weightiest events of a year, in the order in which they happened."""
    ranked = sorted(range(len(happened)), key=lambda i: (-happened[i][0], i))[:EVENTS_A_YEAR]
    return [happened[i] for i in sorted(ranked)]

