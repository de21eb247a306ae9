"""One run as a page: how it ended, key figures, swim lanes of events, who did what to whom, and every event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.engine.uncertainty import in_words
from sim.model.outcomes import HAZARD
from sim.report.charts.network import Tie, network, ties
from sim.report.charts.story import story
from sim.report.charts.style import PANEL_WIDTH, WIDE_WIDTH
from sim.report.charts.svg import inline
from sim.report.charts.timeline import lane, weight
from sim.report.pages import page
from sim.report.words.names import clean, counted
from sim.report.words.narrative import WHAT_IF
from sim.report.words.paths import date
from sim.report.words.run import ending, key_figures, moments
from sim.report.words.trust import own_rules_of, set_beyond, theories_of

if TYPE_CHECKING:
    from sim.engine.results import Results

WEIGHTY = 5
"""Weight from which an event is read aloud with the picture."""
_NETWORK_WIDTH = 760.0
_BODY = """<p class="facts">{{ facts }}</p>
{% if question %}<p><bdi>{{ question }}</bdi></p>{% endif %}
{% if beyond %}<p>{{ beyond }}</p>{% endif %}
<p class="lead">{{ ending }}</p>
<h2>Key figures</h2>
<div class="scroll numbers" role="region" aria-label="Key figures" tabindex="0">
<table><thead><tr><th scope="col">Figure</th>{% for when in moments %}<th scope="col">{{ when }}</th>{% endfor %}</tr>
</thead><tbody>{% for row in figures %}
<tr>{% for cell in row %}{% if loop.first %}<th scope="row">{{ cell }}</th>{% else %}<td>{{ cell }}</td>{% endif %}
{% endfor %}</tr>{% endfor %}</tbody></table></div>
<h2>What happened, and when</h2>
<p>{{ happened }}</p>
<figure class="spread"><div class="narrow">{{ lanes }}</div><div class="wide">{{ wide_lanes }}</div></figure>
<p class="note">Large marks weigh most and are named where there is room; ticks are events without a name here.</p>
<details><summary>All {{ count }}</summary>
<div class="scroll" role="region" aria-label="All events" tabindex="0">
<table><thead><tr><th scope="col">Month</th><th scope="col">Lane</th><th scope="col">What happens</th></tr></thead>
<tbody>{% for row in events %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div></details>
<h2>Who did what to whom</h2>
<p>{{ relations }}</p>
<figure class="spread"><div class="narrow">{{ ties }}</div><div class="wide">{{ wide_ties }}</div></figure>
<p class="note">Founders at the left, labs at the right; an arrow points at whom it is done to, and thicker lines were
renewed. What held before the start is not drawn.</p>
<p class="note">{{ limits }}</p>
"""


def write_page(results: Results, path: Path) -> Path:
    """Write the page of the one run in `results`; makes its folder. Returns the path."""
    run, title = results.first_run, clean(results.titles[0])
    events = results.events_of(0, run)
    found = ties(events)
    heavy = " ".join(text for kind, text in zip(events["kind"], events["text"], strict=True) if weight(kind) >= WEIGHTY)
    lanes, network_title = f"Events of run {run} by swim lane", f"Ties of founders and labs in run {run}"
    spoken = " ".join(_spoken(tie) for tie in found)

    def of_lanes(name: str, width: float) -> Markup:
        return Markup(inline(story(results, 0, run, width, titled=False), name, lanes, heavy or "No event."))

    def of_ties(name: str, width: float) -> Markup:
        drawn = network(results, 0, run, None, width, titled=False)
        return Markup(inline(drawn, name, network_title, spoken or "No ties."))

    return page.write(
        path, f"{title}: run {run}", _BODY,
        facts=f"One run, seed {results.seed}, {date(results, 0)} to {date(results, len(results.dates) - 1)}, "
              f"{in_words(results.uncertainty)}.",
        question=clean(results.scenarios[0].question) if results.scenarios[0].question else "",
        beyond=" ".join(filter(None, (own_rules_of(results.departures), set_beyond(results.scenarios[0].beyond()),
                                      theories_of(results)))),
        ending=ending(results, events).replace("`", ""),
        moments=[date(results, month) for month in moments(results)],
        figures=key_figures(results),
        happened=_happened(results),
        lanes=of_lanes("lanes", PANEL_WIDTH), wide_lanes=of_lanes("laneswide", WIDE_WIDTH),
        count=counted(len(events), "event"),
        events=[(date(results, month), lane(kind), clean(text))
                for month, kind, text in events[["month", "kind", "text"]].itertuples(index=False)],
        relations=_relations(found),
        ties=of_ties("ties", PANEL_WIDTH), wide_ties=of_ties("tieswide", _NETWORK_WIDTH),
        limits=f"{WHAT_IF} {HAZARD}",
    )


def _spoken(tie: Tie) -> str:
    times = "" if tie.times == 1 else f" {tie.times} times"
    return f"{tie.actor} {tie.relation.verb} {tie.target}{times}."


def _happened(results: Results) -> str:
    """The first of the weightiest events, and how many there were in all."""
    events = results.events_of(0, results.first_run)
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
