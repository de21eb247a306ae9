"""Fan charts as text: the picture of `sim.report.charts.fans` without matplotlib, because a slider waits for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

import numpy as np

from sim.report.charts.axes import Scale, scale_for
from sim.report.charts.labels import spread, wrap
from sim.report.charts.style import FONT_SIZE, dashes, hue
from sim.report.words.paths import Paths

WIDTH = 300.0
HEIGHT = 172.0
_TOP, _BOTTOM = 8.0, 22.0
_LABEL, _LINE = 62.0, FONT_SIZE * 1.15
_YEAR = 40.0
"""Pixels that a year needs below the axis."""


def fan_svg(shown: Paths, names: Sequence[str], roles: Sequence[int], ident: str, title: str, description: str,
            scale: Scale | None = None) -> str:
    """An outcome's paths as an `<svg>` element: bands and median of each scenario, named at the end of its line.

    `roles` are the scenarios' roles in the palette; `ident` prefixes ids; `title` and `description` are what a screen
    reader says; `scale` is the value axis, by default one that suits levels. Colours are CSS variables, so that the
    page decides on light and dark.
    """
    scale = scale or level_scale(shown)
    labels = [wrap(name, _LABEL - 4.0, 3) for name in names]
    box = _Box(scale, shown.years, WIDTH - _LABEL)
    parts = [*_grid(box, scale), *_years(box)]
    for scenario, role in enumerate(roles):
        parts += _scenario(box, shown, scenario, role)
    parts += _names(box, shown.centre[:, -1].tolist(), labels, roles)
    return (f'<svg class="chart" role="img" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" aria-labelledby="{ident}-t {ident}-d">'
            f'<title id="{ident}-t">{escape(title)}</title><desc id="{ident}-d">{escape(description)}</desc>'
            f'{"".join(parts)}</svg>')


def places(shown: Paths, scale: Scale) -> dict[str, list[float]]:
    """Where the months and the lines stand in the drawing, as shares of its width and height, for a reader's mark.

    `x` has the first and the last month, `y` the line of each scenario, month by month.
    """
    box = _Box(scale, shown.years, WIDTH - _LABEL)
    ends = [float(box.x(shown.years[place])) / WIDTH for place in (0, -1)]
    return {"x": ends, "y": (np.round(box.y(shown.centre) / HEIGHT, 4)).tolist()}


class _Box:
    """From years and values to pixels."""

    def __init__(self, scale: Scale, years: np.ndarray, right: float) -> None:
        self.left, self.right = scale.margin, right
        self.log = scale.log
        self.start, self.end = float(years[0]) - 1.0 / 24.0, float(years[-1]) + 1.0 / 24.0
        self.low, self.high = (self._height(limit) for limit in scale.limits)

    def _height(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.log else value

    def x(self, year: np.ndarray | float) -> np.ndarray:
        """Pixels from the left."""
        share = (np.asarray(year) - self.start) / (self.end - self.start)
        return np.asarray(self.left + share * (self.right - self.left))

    def y(self, value: np.ndarray | float) -> np.ndarray:
        """Pixels from the top, kept inside the axes."""
        raised = np.log10(np.maximum(value, 1e-300)) if self.log else np.asarray(value)
        share = np.clip((raised - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.asarray(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM))


def level_scale(shown: Paths) -> Scale:
    """The value axis; in logs it leaves out what lies far below all typical values."""
    low, high = float(shown.outer.min()), float(shown.outer.max())
    typical = shown.centre[shown.centre > 0.0]
    if shown.outcome.log and typical.size:
        low = max(low, float(typical.min()) / 10.0)
    return scale_for(low, high, shown.outcome)


def _grid(box: _Box, scale: Scale) -> Iterable[str]:
    for value, text in zip(scale.ticks, scale.labels, strict=True):
        y = float(box.y(value))
        colour = "rule" if value == 0.0 and scale.limits[0] < 0.0 else "grid"
        yield f'<path d="M{box.left:.1f} {y:.1f}H{box.right:.1f}" stroke="var(--{colour})" stroke-width=".8"/>'
        yield (f'<text x="{box.left - 5:.1f}" y="{y + 4:.1f}" text-anchor="end" fill="var(--muted)">'
               f"{escape(text)}</text>")


def _years(box: _Box) -> Iterable[str]:
    first, last = math.ceil(box.start - 0.02), math.floor(box.end + 0.02)
    room = max(2, int((box.right - box.left) // _YEAR))
    step = next((step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= room), 100)
    for year in range(first, last + 1, step):
        x = float(box.x(float(year)))
        if box.left - 1.0 <= x <= box.right + 1.0:
            yield (f'<text x="{x:.1f}" y="{HEIGHT - 6:.1f}" text-anchor="middle" fill="var(--muted)">{year}</text>'
                   f'<path d="M{x:.1f} {HEIGHT - _BOTTOM:.1f}v4" stroke="var(--rule)" stroke-width=".8"/>')
    yield f'<path d="M{box.left:.1f} {HEIGHT - _BOTTOM:.1f}H{box.right:.1f}" stroke="var(--rule)" stroke-width=".8"/>'


def _scenario(box: _Box, shown: Paths, scenario: int, role: int) -> Iterable[str]:
    x, colour = box.x(shown.years), f"var(--s{hue(role)})"
    if shown.runs.shape[1] > 1:
        bands = [(shown.inner[scenario], 0.30)] if shown.is_mean else [(shown.outer[scenario], 0.12),
                                                                       (shown.inner[scenario], 0.30)]
        for (low, high), opacity in bands:
            there, back = _points(x, box.y(high)), _points(x[::-1], box.y(low)[::-1])
            yield f'<path d="M{there}L{back}Z" fill="{colour}" fill-opacity="{opacity}"/>'
    pattern = dashes(role)
    dash = "" if pattern == "-" else f' stroke-dasharray="{" ".join(str(2 * part) for part in pattern[1])}"'
    line = _points(x, box.y(shown.centre[scenario]))
    yield f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"{dash} stroke-linejoin="round"/>'


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _names(box: _Box, ends: Sequence[float], labels: Sequence[Sequence[str]], roles: Sequence[int]) -> Iterable[str]:
    """Names beside the line ends, moved apart where they would touch, with a thin line to an end moved away from."""
    wanted = [float(box.y(end)) for end in ends]
    sizes = [len(label) * _LINE + 3.0 for label in labels]
    places = spread(wanted, sizes, 0.0, HEIGHT - 4.0)
    for want, place, label, role in zip(wanted, places, labels, roles, strict=True):
        x, top = box.right + 5.0, place - (len(label) - 1) * _LINE / 2.0 + 4.0
        if abs(want - place) > 6.0:
            yield (f'<path d="M{box.right:.1f} {want:.1f}L{x - 1.0:.1f} {place:.1f}" stroke="var(--s{hue(role)})" '
                   f'stroke-width=".8"/>')
        for number, line in enumerate(label):
            weight = "" if role == 0 else ' font-weight="600"'
            yield (f'<text x="{x:.1f}" y="{top + number * _LINE:.1f}" fill="var(--t{hue(role)})"{weight}>'
                   f"{escape(line)}</text>")


