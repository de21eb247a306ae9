"""Writes docs/published.md and its figures: points of the simulator's rules on the lines of published theory.

    python docs/generate_published.py

Neither page nor figures are edited by hand; tests/model/published/test_published_page.py fails when they are stale.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from sim.studies.checking.published import Curve, Series, curves

PAGE = Path(__file__).parent / "published.md"
IMAGES = Path(__file__).parent / "images" / "published"

WIDTH, HEIGHT = 640.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 430.0, 44.0, 264.0  # the plot; the names of the lines stand to its right
COLOURS = ("#0072b2", "#d55e00", "#59616b")
DASHES = ("", "7 4", "2 4")
LINE_POINTS = 61
LEAST_GAP = 16.0  # pixels between the names of two lines
STANDARD_ERRORS = 2.0

INTRODUCTION = """\
# Published results

Written by `docs/generate_published.py`; do not edit by hand. `airace check --only published` measures it again.

Each figure has the line of the published theory and, as points, what the simulator's own rule gives for the same
arguments, with all else switched off. Bars are two standard errors of the draws; where none is seen it is smaller than
the point, or nothing is drawn by lot. `sim.published` has each rule and its closed form for any arguments,
`sim.model.published_markets` those of money and chips (V15 to V17), `sim.model.published_hazard` that of odds (V18):

```python
from sim.model.published import armstrong_closed_form, armstrong_risk
armstrong_risk(5, enmity=0.7, mu=1.5, information=2)
armstrong_closed_form(5, enmity=0.7, mu=1.5, information=2)
```

V2 and V3 test the rules of `sim/model/agents/safety_choice.py`, with payoffs in and the choice out, which the monthly
model does not call: labs there race as in V1. All others test the functions that the simulation calls.
"""


def file_name(curve: Curve) -> str:
    """As in v1.svg."""
    return f"{curve.name.partition(' ')[0].lower()}.svg"


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for curve in curves():
        found = curve.check()
        measured = found.measured.replace("; ", ";\n")
        picture = f"![{curve.name}: {curve.y_label} by {curve.x_label}](images/published/{file_name(curve)})"
        parts.append(f"## {curve.name}\n\n{sentence(curve.claim)}\n\n{picture}\n\n{sentence(measured)}\n")
    return "\n".join(parts)


def sentence(text: str) -> str:
    """A capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


# ---- one figure --------------------------------------------------------------------------------------------------
def figure(curve: Curve) -> str:
    """A curve as SVG: lines of theory, points of the rule."""
    lines = [[(x, series.expected(x)) for x in _places(series)] for series in curve.series]
    points = [[(x, *series.measured(x)) for x in series.points] for series in curve.series]
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line] + [y for group in points for _, y, _ in group]
    x_ticks, y_ticks = ticks(min(0.0, *xs), max(xs)), ticks(min(0.0, *ys), max(ys))

    def at(x: float, y: float) -> tuple[float, float]:
        across, up = ((value - scale[0]) / (scale[-1] - scale[0]) for value, scale in ((x, x_ticks), (y, y_ticks)))
        return LEFT + across * (RIGHT - LEFT), BOTTOM - up * (BOTTOM - TOP)

    parts = [*_frame(curve, x_ticks, y_ticks, at)]
    ends = _apart([at(*line[-1])[1] for line in lines])
    for i, (series, line, group) in enumerate(zip(curve.series, lines, points, strict=True)):
        colour = COLOURS[i]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (at(*place) for place in line))
        dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        for x, y, error in group:
            (across, up), reach = at(x, y), STANDARD_ERRORS * error
            if at(x, y - reach)[1] - at(x, y + reach)[1] > 8.0:
                parts.append(f'<path d="M{across:.1f},{at(x, y - reach)[1]:.1f}V{at(x, y + reach)[1]:.1f}" '
                             f'stroke="{colour}"/>')
            parts.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="4" fill="#ffffff" stroke="{colour}" '
                         'stroke-width="2"/>')
        parts.append(_text(RIGHT + 10.0, ends[i] + 4.0, series.label, colour))
    title = f"{curve.name}: points of the simulator's rule on the line of theory"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
            f'height="{HEIGHT:g}" role="img" font-family="system-ui, sans-serif" font-size="12">\n'
            f"<title>{escape(title)}</title>\n<desc>{escape(curve.claim)}</desc>\n"
            f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n")


def _places(series: Series) -> list[float]:
    first, last = min(series.points), max(series.points)
    return [first + (last - first) * i / (LINE_POINTS - 1) for i in range(LINE_POINTS)]


def _frame(curve: Curve, x_ticks: list[float], y_ticks: list[float], at) -> list[str]:  # type: ignore[no-untyped-def]
    parts = [_text(12.0, 20.0, f"{curve.name}: {curve.y_label}", "#1f2328", "600", size=14)]
    for y in y_ticks:
        height = at(x_ticks[0], y)[1]
        parts.append(f'<path d="M{LEFT:g},{height:.1f}H{RIGHT:g}" stroke="{"#8b949e" if y == 0.0 else "#dde2e7"}"/>')
        parts.append(_text(LEFT - 8.0, height + 4.0, f"{y:g}".replace("-", "\u2212"), "#59616b", anchor="end"))
    for x in x_ticks:
        parts.append(_text(at(x, y_ticks[0])[0], BOTTOM + 18.0, f"{x:g}", "#59616b", anchor="middle"))
    parts.append(_text((LEFT + RIGHT) / 2.0, BOTTOM + 40.0, curve.x_label, "#59616b", anchor="middle"))
    return parts


def _text(
    x: float, y: float, text: str, colour: str, weight: str = "400", anchor: str = "start", size: int = 12
) -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-weight="{weight}" font-size="{size}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from below `low` to above `high`, some five of them."""
    rough = (high - low) / 5.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(round_step * power for round_step in (1.0, 2.0, 2.5, 5.0, 10.0) if round_step * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _apart(heights: list[float]) -> list[float]:
    """The heights, moved down where two would touch, and up again together where they would leave the plot."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    moved = list(heights)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + LEAST_GAP)
    too_low = max(0.0, max(moved) - BOTTOM)
    return [height - too_low for height in moved]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for drawn in curves():
        (IMAGES / file_name(drawn)).write_text(figure(drawn), encoding="utf-8")
    print(PAGE.name)
