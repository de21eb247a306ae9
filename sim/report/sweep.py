"""The report of a sweep: one page that opens offline, with a figure per outcome and what it says in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.numbers import interval as interval_text
from sim.numbers import plain, signed
from sim.outcomes import OUTCOMES
from sim.report import page
from sim.report.heat import lever_in_words
from sim.report.units import minus
from sim.studies.surface import Surface, associations, interaction, surface

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.sweep import Sweep

_BODY = """<p>{{ extent }}</p>
{% if incomplete %}<p><strong>{{ incomplete }}</strong></p>{% endif %}
<p>{{ reading }} It cannot tell how probable any of these worlds is, nor whether the model's assumptions hold. People
and companies are stylised; their traits are assumptions that a scenario can change.</p>
<div class="figures">{% for figure in figures %}
<figure><img alt="{{ figure.alt }}" src="{{ figure.data }}"><figcaption>{{ figure.caption }}
</figcaption></figure>{% endfor %}</div>
{% if joint %}<h2>Do the two levers add up?</h2>
<p>From the low to the high end of each: alone, together, and what both do beyond the sum of each alone; 95%
intervals.</p>
<div class="scroll"><table><thead><tr><th>outcome</th><th>{{ first }} alone</th><th>{{ second }} alone</th>
<th>together</th><th>beyond the sum</th><th>so they</th></tr></thead><tbody>{% for row in joint %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>{% endif %}
"""


def write_page(sweep: Sweep, path: Path) -> Path:
    """Write the report of what is done so far. Returns the path."""
    design, frame = sweep.design, sweep.read()
    done, total = len(frame), len(design.points) * design.runs
    failed = int(frame[list(design.outcomes)].isna().any(axis=1).sum())
    return page.write(
        path, design.title, _BODY,
        extent=f"{len(design.points):,} points over {len(design.axes):,} "
               f"{'axis' if len(design.axes) == 1 else 'axes'}, {design.runs:,} runs each on the same luck, "
               f"{design.months} months from {design.base.start}; parameters: {design.uncertainty}; "
               f"seed {design.seed}. Base: {design.base.title}.",
        incomplete=f"Incomplete: {frame['point'].nunique():,} of {len(design.points):,} points are done, {failed:,} "
                   "runs failed." if done < total or failed else "",
        reading=_reading(sweep),
        figures=[_figure(sweep, frame, outcome) for outcome in design.outcomes],
        joint=_joint(sweep, frame) if design.is_grid and len(design.axes) == 2 and done == total else [],
        first=_words(design.axes[0]), second=_words(design.axes[-1]),
    )


def _reading(sweep: Sweep) -> str:
    design = sweep.design
    if not design.is_grid or len(design.axes) > 2:
        return ("Bars are rank correlations of axes with an outcome's mean over the points, the strongest first, with "
                "95% intervals. Among many axes the weakest shown may be chance.")
    first = ", ".join(f"{_words(axis)} {value:g}" for axis, value in zip(design.axes, design.points[0], strict=True))
    how = "Hatched are points" if len(design.axes) == 2 else "Hollow are points"
    return (f"Differences are to the first point ({first}), run by run on the same luck. {how} whose 95% interval of "
            "that difference covers zero.")


def _words(axis: str) -> str:
    return lever_in_words(axis)


def _joint(sweep: Sweep, frame: pd.DataFrame) -> list[list[str]]:
    rows = []
    for name in sweep.design.outcomes:
        found = interaction(frame, sweep.design, name)
        cells = [minus(f"{signed(e)} {interval_text(low, high)}") for e, low, high in
                 (found.first, found.second, found.both, found.contrast)]
        rows.append([f"{OUTCOMES[name].title}, {OUTCOMES[name].unit}", *cells, found.verdict])
    return rows


def _figure(sweep: Sweep, frame: pd.DataFrame, outcome: str) -> dict[str, Any]:
    design = sweep.design
    figure, axes = page.figure(5.6, 4.2)
    if design.is_grid and len(design.axes) <= 2:
        found = surface(frame, design, outcome)
        caption = (_map if len(design.axes) == 2 else _slice)(figure, axes, sweep, found)
    else:
        caption = _bars(axes, sweep, frame, outcome)
    axes.set_title(f"{OUTCOMES[outcome].title}, {OUTCOMES[outcome].unit}", loc="left", fontsize=10)
    return {"data": page.embedded(figure), "caption": caption,
            "alt": f"{OUTCOMES[outcome].title}: {caption}"}


def _map(figure: Any, axes: Any, sweep: Sweep, found: Surface) -> str:
    design = sweep.design
    down, across = (sorted({point[axis] for point in design.points}, key=float) for axis in (0, 1))
    shape = (len(down), len(across))
    order = np.array([design.points.index((y, x)) for y in down for x in across])
    grid, clear = found.mean[order].reshape(shape), found.clear[order].reshape(shape)
    mesh = axes.imshow(grid, origin="lower", aspect="auto", cmap="cividis")
    figure.colorbar(mesh, ax=axes, shrink=0.9)
    if np.isfinite(grid).all() and np.ptp(grid) > 0.0 and min(shape) > 2:
        lines = axes.contour(grid, levels=5, colors="white", linewidths=0.8)
        axes.clabel(lines, fontsize=7, fmt="%.3g")
    for y, x in zip(*np.nonzero(~clear), strict=True):
        axes.add_patch(_hatch(x, y))
    axes.set_xticks(range(len(across)), [f"{value:g}" for value in across], fontsize=7)
    axes.set_yticks(range(len(down)), [f"{value:g}" for value in down], fontsize=7)
    axes.set_xlabel(_words(design.axes[1]), fontsize=9)
    axes.set_ylabel(_words(design.axes[0]), fontsize=9)
    if not np.isfinite(grid).any():
        return "no point is done"
    low, high = np.nanargmin(found.mean), np.nanargmax(found.mean)
    return (f"least {plain(found.mean[low])} at {_at(sweep, int(low))}; most {plain(found.mean[high])} at "
            f"{_at(sweep, int(high))}")


def _at(sweep: Sweep, point: int) -> str:
    values = zip(sweep.design.axes, sweep.design.points[point], strict=True)
    return ", ".join(f"{_words(axis)} {value:g}" for axis, value in values)


def _hatch(x: int, y: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.5, y - 0.5), 1.0, 1.0, fill=False, hatch="///", linewidth=0.0, edgecolor="#ffffffb0")


def _slice(figure: Any, axes: Any, sweep: Sweep, found: Surface) -> str:  # noqa: ARG001 - as for maps
    values = np.array([float(point[0]) for point in sweep.design.points])
    order = np.argsort(values)
    places = np.arange(len(values))
    axes.fill_between(places, found.low[order], found.high[order], color="#2f6db5", alpha=0.25, linewidth=0)
    axes.plot(places, found.difference[order], color="#2f6db5", linewidth=1.5)
    for place, point in enumerate(order):
        axes.plot(place, found.difference[point], "o", color="#2f6db5",
                  markerfacecolor="#2f6db5" if found.clear[point] else "white", markersize=5)
    axes.axhline(0.0, color="#777777", linewidth=0.8)
    axes.set_xticks(places, [f"{value:g}" for value in values[order]], fontsize=7)
    axes.set_xlabel(_words(sweep.design.axes[0]), fontsize=9)
    axes.set_ylabel("difference to the first point", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    clear = int(found.clear.sum())
    return f"{plain(found.mean[0])} at the first point; the difference is clear at {clear} of {len(values) - 1} others"


def _bars(axes: Any, sweep: Sweep, frame: pd.DataFrame, outcome: str) -> str:
    found = associations(frame, sweep.design, outcome)[::-1]
    if not found:
        axes.set_axis_off()
        return "the same at all points"
    places = np.arange(len(found))
    axes.barh(places, [a.correlation for a in found], color="#2f6db5", height=0.6)
    axes.hlines(places, [a.low for a in found], [a.high for a in found], color="#1d2433", linewidth=1.0)
    axes.axvline(0.0, color="#777777", linewidth=0.8)
    axes.set_yticks(places, [a.axis.partition(".")[2].replace("_", " ") for a in found], fontsize=7)
    axes.set_xlabel("rank correlation", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    top = found[-1]
    return f"goes most closely with {top.axis} ({top.correlation:+.2f}, {top.low:+.2f} to {top.high:+.2f})"
