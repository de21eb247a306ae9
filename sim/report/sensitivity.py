"""The report of a sensitivity study: a tornado of shares of variance with their intervals, and the screening."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.parameters import parameters
from sim.report import page

if TYPE_CHECKING:
    from sim.studies.sensitivity import Sensitivity

_BODY = """<p>{{ finding }}</p>
<p>{{ extent }} Bars are shares of the variance over the parameters' ranges that go back to one of them: pale in all it
acts through, dark alone; lines are 95% intervals. It cannot tell which values are right, nor what the model leaves
out.</p>
<figure><img alt="{{ alt }}" src="{{ figure }}"></figure>
<h2>What they are</h2>
<div class="scroll"><table><thead><tr><th>axis</th><th>meaning</th><th>alone</th><th>in all</th></tr></thead><tbody>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>
{% if screening %}<h2>Screening</h2>
<p>Mean absolute effect of a step of two thirds of the range, in the outcome's unit, with its 95% half-width (Morris).
The strongest went into the indices above, the others stayed at their defaults there.</p>
<div class="scroll"><table><thead><tr><th>axis</th><th>effect</th><th>half-width</th></tr></thead><tbody>
{% for row in screening %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>
</div>{% endif %}"""
SHOWN = 40


def write_page(found: Sensitivity, path: Path) -> Path:
    """Write the report. Returns the path."""
    indices = found.indices.indices
    told = ", ".join(f"{index.axis} {index.total:.2f}" for index in indices)
    return page.write(
        path, f"What drives it: {found.subject}", _BODY, finding=found.finding,
        extent=f"{found.points:,} points, {found.runs} runs each on the same luck.", alt=f"Total shares: {told}",
        figure=_tornado(found),
        rows=[(i.axis, _meaning(i.axis), f"{i.first:.2f} ± {i.first_half:.2f}", f"{i.total:.2f} ± {i.total_half:.2f}")
              for i in indices],
        screening=[(e.axis, f"{e.mu_star:.3g}", f"{e.half_width:.2g}") for e in found.effects[:SHOWN]],
    )


def _meaning(axis: str) -> str:
    group, _, name = axis.partition(".")
    known = parameters().get(name) if group == "uncertainty" else None
    return f"{known.text} ({known.low:g} to {known.high:g} {known.unit})" if known else "a lever"


def _tornado(found: Sensitivity) -> str:
    indices = found.indices.indices[::-1]
    figure, axes = page.figure(8.0, 1.2 + 0.32 * len(indices))
    places = np.arange(len(indices))
    axes.barh(places, [index.total for index in indices], color="#2f6db5", alpha=0.35, height=0.7)
    axes.barh(places, [max(index.first, 0.0) for index in indices], color="#2f6db5", height=0.35)
    axes.hlines(places, [index.total - index.total_half for index in indices],
                [index.total + index.total_half for index in indices], color="#1d2433", linewidth=1.0)
    axes.set_yticks(places, [index.axis.partition(".")[2].replace("_", " ") for index in indices], fontsize=8)
    axes.set_xlim(0.0, None)
    axes.set_xlabel("share of variance", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    return page.embedded(figure)
