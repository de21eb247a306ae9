"""What was found, in a notebook: sentences, tables and small charts, in light and dark, every name escaped."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.model.outcomes import INDEX, OUTCOMES, PRIMARY
from sim.report.charts.fans import draw
from sim.report.charts.style import DARK, LIGHT, css_variables, roles
from sim.report.charts.svg import inline, with_ids_of
from sim.report.words.effects import largest_clear
from sim.report.words.names import clean, short
from sim.report.words.paths import paths
from sim.report.words.units import heading, value

if TYPE_CHECKING:
    from sim.engine.results import Results
    from sim.studies.comparing.compare import Comparison

MOST_CHARTS = 3
_CSS = """<style>
.airace-out { %(light)s background: var(--paper); color: var(--ink); padding: 8px; }
@media (prefers-color-scheme: dark) { .airace-out { %(dark)s } }
[data-jp-theme-light="true"] .airace-out, .vscode-light .airace-out { %(light)s }
[data-jp-theme-light="false"] .airace-out, .vscode-dark .airace-out { %(dark)s }
.airace-out { overflow-x: auto; font: 14px/1.4 system-ui, sans-serif; }
.airace-out table { border-collapse: collapse; color: inherit; }
.airace-out p { margin: 0 0 8px; max-width: 72ch; }
.airace-out caption { text-align: left; color: var(--muted); padding-bottom: 6px; }
.airace-out :is(td, th) { text-align: right; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--grid);
  background: none; }
.airace-out :is(td, th):first-child, .airace-pairs :is(td, th):nth-child(2) { text-align: left; }
.airace-out .airace-charts { display: flex; flex-wrap: wrap; gap: 12px 24px; margin-top: 12px; }
.airace-out svg { width: 352px; max-width: 100%%; height: auto; overflow: visible; font-family: system-ui, sans-serif; }
</style>"""


def results_html(results: Results) -> str:
    """Runs and means of the primary outcomes by scenario, and fans of the first of them."""
    rows = [["complete runs", *(f"{int(done.sum()):,}" for done in results.complete)],
            ["failed runs", *(f"{int((~done).sum()):,}" for done in results.complete)]]
    for name in PRIMARY:
        runs = [results.summaries[s, done, INDEX[name]] for s, done in enumerate(results.complete)]
        means = [value(OUTCOMES[name], float(each.mean())) if len(each) else "" for each in runs]
        rows.append([OUTCOMES[name].title, *means])
    table = as_table(repr(results).strip("<>"), ["", *results.titles], rows)
    return _framed(table, _charts(results, PRIMARY[:MOST_CHARTS] if results.paired.any() else (), 0))


def comparison_html(comparison: Comparison) -> str:
    """The primary outcomes' differences, and fans of those that differ most."""
    from sim.studies.comparing.tables import as_html

    chosen = largest_clear(comparison)[:MOST_CHARTS]
    charts = _charts(comparison.results, chosen, comparison.baseline_position)
    return _framed(as_html(comparison), charts, "airace-pairs")


def cell(said: Sequence[str], charts: Sequence[str], tables: Sequence[str]) -> str:
    """Sentences, charts as SVG and tables as HTML; ids are told apart from those of other cells."""
    mark = f"nb{hashlib.sha256(repr((said, charts)).encode()).hexdigest()[:10]}"
    told = "".join(f"<p>{html.escape(text)}</p>" for text in said)
    return _framed(told + "".join(tables), [with_ids_of(chart, mark) for chart in charts])


def as_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, all escaped."""
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    names = line("th", [short(name) if name else "" for name in head])
    return f"<table><caption>{html.escape(caption)}</caption><thead>{names}</thead><tbody>{body}</tbody></table>"


def _framed(table: str, charts: Sequence[str], kind: str = "") -> str:
    style = _CSS % {"light": css_variables(LIGHT), "dark": css_variables(DARK)}
    return f'{style}<div class="airace-out {kind}">{table}<div class="airace-charts">{"".join(charts)}</div></div>'


def _charts(results: Results, names: Sequence[str], baseline: int) -> list[str]:
    """Fan charts as inline SVG, with ids that differ between charts of one notebook."""
    role_of = roles(len(results.titles), baseline)
    charts: list[str] = []
    for name in names:
        shown = paths(results, name)
        content = np.ascontiguousarray(shown.centre).tobytes() + repr((results.titles, name, baseline)).encode()
        prefix = f"nb{hashlib.sha256(content).hexdigest()[:10]}"
        description = ", ".join(f"{clean(title)}: {value(shown.outcome, float(end))} at the end"
                                for title, end in zip(results.titles, shown.centre[:, -1], strict=True))
        charts.append(inline(draw(shown, results.titles, role_of), prefix, heading(shown.outcome), description))
    return charts
