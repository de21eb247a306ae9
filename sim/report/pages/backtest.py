"""The back-test as one page: what is missed, a figure for each series, record over fan, and the stylised facts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from sim.common.numbers import plain
from sim.engine.results import month_dates
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.charts.axes import draw_scale, scale_for, time_axis
from sim.report.charts.style import LIGHT, PANEL_WIDTH, Chart, chart, drawing, place
from sim.report.charts.svg import inline
from sim.report.pages import page
from sim.report.words.backtest import headline, missed
from sim.report.words.names import opening
from sim.report.words.units import unit

if TYPE_CHECKING:
    from sim.studies.forecasting.backtest import Backtest, OverSeeds
    from sim.studies.forecasting.facts import Held
    from sim.studies.forecasting.record import Series

HEIGHT = 200.0
FAR_BELOW = 300.0
"""How far below the least figure on record an axis in logs may reach."""
_BODY = """<p class="lead">{{ headline }}</p>
<p class="lead">{{ missed }}</p>
<p>Scenario: {{ scenario }}; {{ uncertainty }}. Figures and quartiles below: {{ runs }} runs with seed
{{ seed }}. The band holds 90% of the runs, the darker one half of them, the line is the median. Filled points were used
in calibration, hollow ones were not. People and companies are stylised; a model that fits the past need not be right
about the future.</p>
<div class="figures">{% for figure in figures %}
<figure><figcaption><b>{{ figure.title }}</b></figcaption>{{ figure.svg }}</figure>{% endfor %}</div>
<h2>Fifteen stylised facts</h2>
<p>A fact counts as within range when, for each of its measures, the range on record and the middle half of the runs
touch. The last column says how many of the runs lie in the range. A measure that the scenario gives by a dated event
does not count.</p>
<div class="scroll" role="region" aria-label="Fifteen stylised facts" tabindex="0">
<table><thead><tr><th>fact</th><th>seeds that hold it</th><th>measure</th><th>on record</th>
<th>quartiles of the runs</th><th>runs within</th></tr></thead><tbody>{% for row in facts %}
<tr><td>{{ row.fact }}</td><td>{{ row.seeds }}</td><td>{{ row.measure }}</td><td>{{ row.range }}</td>
<td{% if not row.passed %} class="miss"{% endif %}>{{ row.quartiles }}{% if not row.passed %} (missed){% endif %}</td>
<td>{{ row.within }}</td></tr>{% endfor %}
</tbody></table></div>
"""


def write_page(found: Backtest, every: OverSeeds, path: Path) -> Path:
    """Write the page: `found` is drawn, `every` says what holds over the seeds. Makes its folder. Returns the path."""
    return page.write(
        path, "The back-test: December 2015 to December 2024", _BODY,
        headline=headline(every),
        missed=" ".join(missed(every)),
        scenario=found.results.titles[found.scenario],
        uncertainty=in_words(found.results.uncertainty),
        runs=f"{found.results.values.shape[1]:,}",
        seed=found.results.seed,
        figures=[_figure(found, series, f"series{number}") for number, series in
                 enumerate(dict.fromkeys(score.series for score in found.scores))],
        facts=[_fact(held, every) for held in found.held],
    )


def _fact(held: Held, every: OverSeeds) -> dict[str, object]:
    fact, measure = held.fact, held.measure
    seeds = len(every.seeds)
    return {
        "fact": f"{fact.number}. {fact.text}",
        "seeds": f"{seeds - every.missed.get(str(fact.number), 0)} of {seeds}",
        "measure": measure.text + (" (contested)" if measure.contested else "")
        + (" (given by the scenario, not counted)" if held.given else ""),
        "range": f"{measure.low:g} to {measure.high:g} {measure.unit}",
        "passed": held.passed,
        "quartiles": ", ".join("never" if np.isinf(q) else f"{q:.3g}" for q in held.quartiles),
        "within": f"{held.within:.0%}",
    }


def _figure(found: Backtest, series: Series, name: str) -> dict[str, object]:
    title = f"{opening(series.name)}, {unit(OUTCOMES[series.outcome])}"
    told = ", ".join(f"{point.date} {plain(point.value)}" for point in series.points)
    drawn = Markup(inline(_drawn(found, series), name, title, f"The record ({told}) over the fan of the runs."))
    return {"title": title, "svg": drawn}


def _drawn(found: Backtest, series: Series) -> Chart:
    """The fan of the runs at each December, and the record's points over it."""
    results = found.results
    first = month_dates(results.start, 1)[0]
    dates = [f"{year}-12" for year in range(int(first[:4]) + 1, 2025)]
    said = np.stack([series.at(results, date, found.scenario) for date in dates])
    low, quarter, middle, three, high = np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
    years = [_year(date) for date in dates]
    known = [point.value for point in series.points]
    least = min(min(known), float(low.min()))
    bottom = max(least, min(known) / FAR_BELOW) if series.log else least
    scale = scale_for(bottom, max(max(known), float(high.max())), OUTCOMES[series.outcome])
    with drawing():
        figure = chart(HEIGHT)
        axes = place(figure, scale.margin, 8.0, 8.0, 26.0)
        draw_scale(axes, scale)
        time_axis(axes, [2016.0, 2025.3], PANEL_WIDTH - scale.margin)
        colour = LIGHT["s1"]
        axes.fill_between(years, low, high, color=colour, alpha=0.14, linewidth=0)
        axes.fill_between(years, quarter, three, color=colour, alpha=0.30, linewidth=0)
        axes.plot(years, middle, color=colour, linewidth=2.0)
        for point in series.points:
            axes.plot(_year(point.date), point.value, "o", color=LIGHT["s2"], markersize=6, zorder=4,
                      markerfacecolor=LIGHT["s2"] if point.calibrates else LIGHT["paper"])
    return figure


def _year(date: str) -> float:
    return int(date[:4]) + int(date[5:7]) / 12.0
