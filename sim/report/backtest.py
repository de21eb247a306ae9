"""The back-test as one page: a figure for each series, record over fan, and the table of stylised facts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment
from markupsafe import Markup

from sim.results import month_dates

if TYPE_CHECKING:
    from sim.studies.backtest import Backtest
    from sim.studies.record import Series

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>airace: the back-test</title><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433;
  background: #fff }
figure { margin: 0 } figure img { width: 100% } .figures { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)) }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .25rem .6rem;
  border-bottom: 1px solid #ccd3de; vertical-align: top } .miss { color: #8a3b00; font-weight: 600 }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #e4e8ee } td, th { border-color: #3a4350 }
  .miss { color: #ffb27a } img { background: #fff; border-radius: 4px } }
</style></head><body>
<h1>The back-test: December 2015 to December 2024</h1>
<p>{{ summary }}</p>
<p>Scenario: {{ scenario }}; parameters: {{ uncertainty }}; {{ runs }} runs. The band holds 90% of the runs, the darker
one half of them. Filled points were used in calibration, hollow ones were not. People and companies are stylised; a
model that fits the past need not be right about the future.</p>
<div class="figures">{% for figure in figures %}
<figure><img alt="{{ figure.alt }}" src="data:image/png;base64,{{ figure.data }}"></figure>{% endfor %}</div>
<h2>Fifteen stylised facts</h2>
<table><thead><tr><th>fact</th><th>measure</th><th>on record</th><th>quartiles of the runs</th><th>runs within</th>
</tr></thead><tbody>{% for row in facts %}
<tr><td>{{ row.fact }}</td><td>{{ row.measure }}</td><td>{{ row.range }}</td>
<td{% if not row.passed %} class="miss"{% endif %}>{{ row.quartiles }}{% if not row.passed %} (missed){% endif %}</td>
<td>{{ row.within }}</td></tr>{% endfor %}
</tbody></table>
<p>A fact holds when, for each of its measures, the range on record and the middle half of the runs overlap. A measure
that the scenario gives by a dated event does not count.</p>
</body></html>
"""


def write_page(found: Backtest, path: Path) -> Path:
    """Write the page; makes its folder. Returns the path."""
    page = Environment(autoescape=True).from_string(_PAGE).render(
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
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def _figure(found: Backtest, series: Series) -> dict[str, str | Markup]:
    import base64

    import matplotlib.pyplot as plt

    results = found.results
    first = month_dates(results.start, 1)[0]
    dates = [f"{year}-12" for year in range(int(first[:4]) + 1, 2025)]
    said = np.stack([series.at(results, date, found.scenario) for date in dates])
    low, quarter, middle, three, high = np.quantile(said, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
    years = [_year(date) for date in dates]
    figure, axes = plt.subplots(figsize=(5.2, 3.4), dpi=130, layout="constrained")
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
    axes.set_title(f"{series.name}, {series.unit}", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(2016, 2025.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    told = ", ".join(f"{point.date} {point.value:.3g}" for point in series.points)
    return {"data": Markup(base64.b64encode(buffer.getvalue()).decode()),
            "alt": f"{series.name}: the record ({told}) over the fan of the runs"}


def _year(date: str) -> float:
    return int(date[:4]) + int(date[5:7]) / 12.0
