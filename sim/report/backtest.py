"""The back-test as one page: a figure for each series, record over fan, and the table of stylised facts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.report import page
from sim.results import month_dates

if TYPE_CHECKING:
    from sim.studies.backtest import Backtest
    from sim.studies.record import Series

_BODY = """<p>{{ summary }}</p>
<p>Scenario: {{ scenario }}; parameters: {{ uncertainty }}; {{ runs }} runs. The band holds 90% of the runs, the darker
one half of them. Filled points were used in calibration, hollow ones were not. People and companies are stylised; a
model that fits the past need not be right about the future.</p>
<div class="figures">{% for figure in figures %}
<figure><img alt="{{ figure.alt }}" src="{{ figure.data }}"></figure>{% endfor %}</div>
<h2>Fifteen stylised facts</h2>
<div class="scroll" role="region" aria-label="Fifteen stylised facts" tabindex="0">
<table><thead><tr><th>fact</th><th>measure</th><th>on record</th><th>quartiles of the runs</th><th>runs within</th>
</tr></thead><tbody>{% for row in facts %}
<tr><td>{{ row.fact }}</td><td>{{ row.measure }}</td><td>{{ row.range }}</td>
<td{% if not row.passed %} class="miss"{% endif %}>{{ row.quartiles }}{% if not row.passed %} (missed){% endif %}</td>
<td>{{ row.within }}</td></tr>{% endfor %}
</tbody></table></div>
<p>A fact holds when, for each of its measures, the range on record and the middle half of the runs overlap. A measure
that the scenario gives by a dated event does not count.</p>
"""


def write_page(found: Backtest, path: Path) -> Path:
    """Write the page; makes its folder. Returns the path."""
    return page.write(
        path, "The back-test: December 2015 to December 2024", _BODY,
        summary=found.summary,
        scenario=found.results.titles[found.scenario],
        uncertainty=found.results.uncertainty,
        runs=f"{found.results.values.shape[1]:,}",
        figures=[_figure(found, series) for series in dict.fromkeys(score.series for score in found.scores)],
        facts=[
            {"fact": f"{h.fact.number}. {h.fact.text}",
             "measure": h.measure.text + (" (contested)" if h.measure.contested else "")
             + (" (given by the scenario, not counted)" if h.given else ""),
             "range": f"{h.measure.low:g} to {h.measure.high:g} {h.measure.unit}", "passed": h.passed,
             "quartiles": ", ".join("never" if np.isinf(q) else f"{q:.3g}" for q in h.quartiles),
             "within": f"{h.within:.0%}"}
            for h in found.held
        ],
    )


def _figure(found: Backtest, series: Series) -> dict[str, str]:
    results = found.results
    first = month_dates(results.start, 1)[0]
    dates = [f"{year}-12" for year in range(int(first[:4]) + 1, 2025)]
    said = np.stack([series.at(results, date, found.scenario) for date in dates])
    low, quarter, middle, three, high = np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
    years = [_year(date) for date in dates]
    figure, axes = page.figure(240.0)
    axes.fill_between(years, low, high, color="#2f6db5", alpha=0.18, linewidth=0)
    axes.fill_between(years, quarter, three, color="#2f6db5", alpha=0.3, linewidth=0)
    axes.plot(years, middle, color="#2f6db5", linewidth=1.5)
    for point in series.points:
        axes.plot(_year(point.date), point.value, "o", color="#8a3b00",
                  markerfacecolor="#8a3b00" if point.calibrates else "white", markersize=6)
    if series.log:
        axes.set_yscale("log")
        least = min(p.value for p in series.points)
        axes.set_ylim(bottom=max(min(least, float(low.min())), least / 300.0) / 1.5)
    page.entitle(axes, f"{series.name}, {series.unit}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(2016, 2025.3)
    told = ", ".join(f"{point.date} {point.value:.3g}" for point in series.points)
    return {"data": page.embedded(figure),
            "alt": f"{series.name}: the record ({told}) over the fan of the runs"}


def _year(date: str) -> float:
    return int(date[:4]) + int(date[5:7]) / 12.0
