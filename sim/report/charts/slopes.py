"""Who gains and loses: a line for each lab and each nation, from its mean under the baseline to that under a scenario.

Only those that differ clearly are drawn. US blue and China vermilion; gains are solid, losses dashed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.common.arguments import unknown_name
from sim.common.numbers import fixed
from sim.model.outcomes import LAB_QUANTITIES
from sim.report.charts.labels import fit, spread, text_width
from sim.report.charts.style import FONT_SIZE, LIGHT, PANEL_WIDTH, Chart, chart, drawing, place, title_lines
from sim.report.words.units import minus, quantity_value

MOST_DRAWN = 12
ROW = FONT_SIZE * 1.3
_BETWEEN = 24.0
_NAME = 162.0
_SIDE = 4.0
_BOTTOM = 24.0
_COLOUR = {"US": "1", "China": "2"}
_LOSS: Any = (0, (5, 2))


def slopes(comparison: Any, quantity: str = "revenue", scenario: str | int | None = None) -> Chart:
    """Slopes by lab and, beside them, by nation: the baseline at the left, a scenario at the right.

    Without a scenario, the one under which most differ clearly. Raises UnknownNameError for an unknown quantity or
    scenario, ValueError for the baseline itself and for results without labs at the end.
    """
    table = comparison.winners(quantity)
    title = most_moved(table) if scenario is None else comparison.titles[comparison.results.position(scenario)]
    if title == comparison.baseline:
        raise ValueError(f"{title} is the baseline; slopes go from it to one of: {', '.join(comparison.others)}")
    shown = [drawn(table, title, by) for by in ("lab", "nation")]
    height = max(_height(rows) for rows in shown)
    top, width = 62.0, 2 * PANEL_WIDTH + _BETWEEN
    with drawing():
        figure = chart(top + height + _BOTTOM, width)
        for number, (by, rows) in enumerate(zip(("labs", "nations"), shown, strict=True)):
            left = number * (PANEL_WIDTH + _BETWEEN)
            axes = place(figure, left, width - left - PANEL_WIDTH, top, _BOTTOM)
            _panel(axes, rows, (comparison.baseline, title), height, _limits(table, by[:-1]))
            where = {"fontweight": "bold", "va": "center", "transform": axes.transAxes}
            axes.text(_SIDE / PANEL_WIDTH, 1.0 + 12.0 / height, f"By {by[:-1]}", **where)
        unit = LAB_QUANTITIES[quantity]
        title_lines(figure, fit(f"{unit.title} at the end, {unit.unit}", width - 8.0, bold=True),
                    fit(f"mean; those that differ clearly from {comparison.baseline}", width - 8.0))
    return figure


def slopes_panel(comparison: Any, quantity: str, scenario: str, by: str) -> Chart:
    """One panel for a page: slopes by "lab" or by "nation" from the baseline to a scenario."""
    table = comparison.winners(quantity)
    rows = drawn(table, scenario, by)
    height = _height(rows)
    with drawing():
        figure = chart(8.0 + height + _BOTTOM)
        axes = place(figure, 0.0, 0.0, 8.0, _BOTTOM)
        _panel(axes, rows, (comparison.baseline, scenario), height, _limits(table, by))
    return figure


def drawn(table: pd.DataFrame, scenario: str, by: str) -> pd.DataFrame:
    """The rows to draw: those that differ clearly, if they are many the largest relative changes."""
    if by not in ("lab", "nation"):
        raise unknown_name("grouping", by, ("lab", "nation"))
    part = table[(table["scenario"] == scenario) & (table["by"] == by) & table["clear"]]
    return part.iloc[np.argsort(-relative_change(part).abs().to_numpy(), kind="stable")[:MOST_DRAWN]]


def relative_change(rows: pd.DataFrame) -> pd.Series:
    """The difference as a share of the baseline's mean; infinite where that is zero."""
    base = rows["baseline_mean"].to_numpy(float)
    difference = rows["difference"].to_numpy(float)
    change = np.divide(difference, base, out=np.sign(difference) * np.inf, where=base > 0.0)
    return pd.Series(np.where(difference == 0.0, 0.0, change), index=rows.index)


def most_moved(table: pd.DataFrame) -> str:
    """The scenario under which most labs and nations differ clearly; the first of equals."""
    counts = table.groupby("scenario", sort=False)["clear"].sum()
    return str(counts.index[int(counts.to_numpy().argmax())])


def _height(rows: pd.DataFrame) -> float:
    return max(ROW * len(rows) + 16.0, 120.0)


def _limits(table: pd.DataFrame, by: str) -> tuple[float, float]:
    """Least and largest mean of all that differ clearly in any scenario, so that panels share a scale."""
    means = table.loc[table["clear"] & (table["by"] == by), ["baseline_mean", "mean"]].to_numpy(float)
    means = means[means > 0.0]
    return (float(means.min()), float(means.max())) if means.size else (1.0, 1.0)


def _panel(
    axes: Any, rows: pd.DataFrame, titles: tuple[str, str], height: float, limits: tuple[float, float]
) -> None:
    """Two columns of labelled ends and the lines between them, laid out in points."""
    axes.set_xlim(0.0, PANEL_WIDTH)
    axes.set_ylim(0.0, height)
    axes.set_axis_off()
    left, right = _NAME, PANEL_WIDTH - 118.0
    if rows.empty:
        axes.text(_SIDE, height / 2.0, "None differs clearly.", va="center", color=LIGHT["muted"])
        return
    ends = _places(rows[["baseline_mean", "mean"]].to_numpy(float), height, limits)
    sides = [spread(ends[:, side].tolist(), [ROW] * len(rows), 0.0, height) for side in (0, 1)]
    for x in (left, right):
        axes.plot([x, x], [0.0, height], color=LIGHT["grid"], linewidth=0.8)
    change = relative_change(rows)
    for number, row in enumerate(rows.to_dict("records")):
        role = _COLOUR.get(str(row["nation"]), "0")
        line, text = LIGHT[f"s{role}"], LIGHT[f"t{role}"]
        gains = row["difference"] > 0.0
        axes.plot([left, right], ends[number], color=line, linewidth=1.8, linestyle="-" if gains else _LOSS)
        axes.plot([left, right], ends[number], linestyle="none", marker="o", markersize=4.5, color=line)
        before = quantity_value(row["unit"], row["baseline_mean"])
        after = f"{quantity_value(row['unit'], row['mean'])} ({percent_change(float(change.iloc[number]))})"
        name = fit(row["name"], _NAME - 20.0 - text_width(f" {before}"))
        for x, side, label in ((left, 0, f"{name} {before}"), (right, 1, after)):
            away = -1.0 if side == 0 else 1.0
            label_y = sides[side][number]
            axes.plot([x + away * 5.0, x + away * 11.0], [ends[number, side], label_y], color=line, linewidth=0.8)
            axes.text(x + away * 14.0, label_y, label, va="center_baseline", ha="right" if side == 0 else "left",
                      color=text)
    for x, align, title in ((left, "right", titles[0]), (right, "left", titles[1])):
        away = 14.0 if align == "left" else -14.0
        room = _NAME - 18.0 if align == "right" else PANEL_WIDTH - right - 14.0
        axes.text(x + away, -12.0, fit(title, room), va="center", ha=align, color=LIGHT["muted"], clip_on=False)


def _places(means: np.ndarray, height: float, limits: tuple[float, float]) -> np.ndarray:
    """Heights of the ends (rows, 2) in points, in logs: a slope is a relative change, the same in every panel."""
    low, high = np.log10(limits[0] / 1.5), np.log10(limits[1] * 1.5)
    return 6.0 + (height - 12.0) * (np.log10(np.maximum(means, limits[0] / 1.5)) - low) / (high - low)


def percent_change(change: float) -> str:
    """A relative change as text: "+8%", "−12%", "new" where there was nothing."""
    if not np.isfinite(change):
        return "new"
    points = 100.0 * change
    return minus(f"{'+' if points > 0 else ''}{fixed(points, 0 if abs(points) >= 9.5 else 1, strip=True)}%")

