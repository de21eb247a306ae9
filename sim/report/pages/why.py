"""One run under two scenarios as a page: the story, the two timelines, and the outcome in both runs and in replays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from sim.engine.uncertainty import in_words
from sim.report.charts.axes import draw_scale, scale_for, time_axis
from sim.report.charts.labels import spread
from sim.report.charts.style import (
    DARK,
    LIGHT,
    PANEL_WIDTH,
    WIDE_WIDTH,
    Chart,
    chart,
    css_variables,
    dashes,
    drawing,
    line_colour,
    place,
    text_colour,
)
from sim.report.charts.svg import inline
from sim.report.charts.timeline import timeline
from sim.report.pages import page
from sim.report.words.names import clean, short
from sim.report.words.paths import years
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
_STYLE = Markup(f"""<style>:root {{ color-scheme: light dark; {css_variables(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {css_variables(DARK)} }} }}
svg.chart {{ display: block; width: 100%; height: auto; overflow: visible }} svg.chart text {{ font-family: inherit }}
.wide {{ display: none }} @media (min-width: 720px) {{ .wide {{ display: block }} .narrow {{ display: none }} }}
.narrow {{ max-width: 26rem }} .muted {{ color: var(--muted) }} ol > li {{ margin-bottom: 1rem }}
.chain {{ list-style: none; padding: 0 }} .date {{ color: var(--muted); white-space: nowrap }}
td.number {{ white-space: nowrap; text-align: right }} td code {{ display: block; min-width: 15em }}
{" ".join(f".t{n} {{ color: var(--t{n}); font-weight: 600 }}" for n in range(5))}</style>
""")
_BODY = """{{ style }}
<p>{{ span }}: <b class="t0">A</b> {{ titles[0] }}; <b class="t1">B</b> {{ titles[1] }}.</p>
{% for sentence in beyond %}<p>{{ sentence }}</p>
{% endfor %}
<p>{{ difference }}</p>
<figure><figcaption><b>{{ heading }}</b><br><span class="muted">{{ key }}</span></figcaption>
<div class="narrow">{{ narrow_paths }}</div><div class="wide">{{ wide_paths }}</div></figure>
<h2>Where they part</h2>
{% for sentence in parting %}<p>{{ sentence }}</p>
{% endfor %}
{% if levers %}<h2>Which lines of the scenarios make it</h2>
<p>{{ levers_lead }}</p>
<div class="scroll" role="region" aria-label="Lines of the scenarios" tabindex="0"><table><tbody>
{% for line, left in levers %}<tr><td>{{ line }}</td><td class="number">{{ left }}</td></tr>
{% endfor %}</tbody></table></div>{% endif %}
{% if not same %}<h2>From event to event</h2>
{% for sentence in lead %}<p>{{ sentence }}</p>
{% endfor %}
<ol>{% for chain in chains %}<li><ul class="chain">
{% for event in chain.events %}<li>{{ event.mark }} {% if not loop.first %}→ {% endif %}{{ event.text }}</li>
{% endfor %}</ul>{% for sentence in chain.sentences %}{{ sentence }} {% endfor %}</li>
{% endfor %}</ol>
{% if draws %}<h2>Which draws decided</h2>
<div class="scroll" role="region" aria-label="Draws that decided" tabindex="0"><table>
<thead><tr><th>month</th><th>event</th><th>draw</th><th>difference left</th></tr></thead><tbody>
{% for row in draws %}<tr><td class="date">{{ row.mark }}</td><td>{{ row.text }}</td>
<td><code>{{ row.draw }}</code></td><td class="number">{{ row.left }}</td></tr>
{% endfor %}</tbody></table></div>
{% for sentence in together %}<p>{{ sentence }}</p>{% endfor %}{% endif %}
<h2>The two runs side by side</h2>
<figure><figcaption class="muted">A above, B below in each lane. Solid: in one run only; faint: in both; large: weighty;
ticks: routine.</figcaption>
<div class="narrow">{{ narrow_timeline }}</div><div class="wide">{{ wide_timeline }}</div></figure>{% endif %}
<h2>How to read this</h2>
<p>{{ caveats }}</p>
"""


def write_page(why: Why, path: Path) -> Path:
    """Write the answer as one page that works offline. Returns its path."""
    titles = [short(title) for title in why.results.titles]
    dates = why.results.dates
    spoken = difference(why)
    lanes = [inline(timeline(why.comparison, why.contrast, width, titled=False), name,
                    f"Run {why.run} under {titles[0]} (upper marks) and {titles[1]} (lower marks)", why.contrast.text)
             for width, name in ((PANEL_WIDTH, "lanes"), (WIDE_WIDTH, "laneswide"))]
    over_time = [inline(paths_chart(why, width), name, heading(why.about), spoken)
                 for width, name in ((PANEL_WIDTH, "paths"), (WIDE_WIDTH, "pathswide"))]
    return page.write(
        path, f"Why run {why.run} differs", _BODY, style=_STYLE, titles=titles,
        span=f"Run {why.run}, seed {why.results.seed}, {dates[0]} to {dates[-1]}, "
        f"{in_words(why.results.uncertainty)}", difference=clean(spoken),
        beyond=all_set_beyond(why.results.scenarios),
        heading=heading(why.about), key=_key(why), narrow_paths=Markup(over_time[0]), wide_paths=Markup(over_time[1]),
        narrow_timeline=Markup(lanes[0]), wide_timeline=Markup(lanes[1]),
        parting=[clean(part) for part in parting(why)],
        same=why.first_month_at_all is None, levers=lever_rows(why) if why.levers else [], levers_lead=LEVERS_LEAD,
        lead=chains_lead(why), caveats=CAVEATS, together=together(why),
        chains=[{"events": [_shown(turn.event) for turn in chain], "sentences": list(aftermath(why, chain))}
                for chain in paths(why)],
        draws=[_shown(turn.event) | {"draw": drawn(turn), "left": left_without(why, turn)}
               for turn in why.that_mattered],
    )


def _shown(event: Any) -> dict[str, Any]:
    mark = Markup('<span class="date">{}</span> <b class="t{}">{}</b>')
    mark = mark.format(event.date, event.side, LETTERS[event.side])
    return {"mark": mark, "text": clean(event.text)}


def _replayed(why: Why) -> list[tuple[str, np.ndarray]]:
    """The chains by number, and the outcome in the replay without their first event."""
    return [(str(number), why.path(chain[0].path)) for number, chain in enumerate(paths(why), 1)]


def _key(why: Why) -> str:
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


