"""The map: how far one outcome differs from the baseline over strictness and cooperation, all else as at present."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex

from sim.app.outcomes import as_json
from sim.common.numbers import plain
from sim.model.luck import RUNS_PER_DRAW
from sim.model.outcomes import INDEX, OUTCOMES
from sim.report.charts.heat import COLOURS
from sim.report.words.levers import WORDS, lever_in_words
from sim.report.words.narrative import cautions, heat_lead
from sim.report.words.tables import heat_table
from sim.report.words.units import heading, signed_difference
from sim.scenario.scenario import Scenario
from sim.studies.comparing.grid import PREFERRED, Grid, Heat
from sim.studies.comparing.intervals import mean_difference

VALUES: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
RUNS = 40
ROW_LEVER, COLUMN_LEVER = PREFERRED
_WIDTH, _SIDE = 430.0, 66.0
_LEFT, _TOP = 92.0, 6.0
_DEPTH = 0.30
"""How far from the middle of the palette the largest difference lies: pale enough for dark text everywhere."""


def rows(present: Scenario) -> list[tuple[Scenario, ...]]:
    """The present scenario at every point of the map: rows of strictness, in each the columns of cooperation."""
    return [tuple(present.with_({ROW_LEVER: row, COLUMN_LEVER: column}) for column in VALUES) for row in VALUES]


def measure(outcome: str, baseline: np.ndarray, points: Sequence[np.ndarray]) -> Heat:
    """Differences with intervals from summaries of the same runs.

    `baseline` (1, runs, outcomes); `points` a row of the map each, (columns, runs, outcomes).
    """
    column = INDEX[outcome]
    shape = (len(VALUES), len(VALUES))
    differences = (np.concatenate(list(points)) - baseline)[:, :, column].T
    found = mean_difference(_by_draw(differences))
    low, high = found.low.reshape(shape), found.high.reshape(shape)
    titles = np.array([f"{plain(row)} and {plain(other)}" for row in VALUES for other in VALUES], dtype=object)
    grid = Grid(ROW_LEVER, COLUMN_LEVER, VALUES, VALUES, np.arange(len(VALUES) ** 2).reshape(shape))
    return Heat(outcome, grid, found.estimate.reshape(shape), low, high, (low > 0.0) | (high < 0.0),
                titles.reshape(shape))


def _by_draw(differences: np.ndarray) -> np.ndarray:
    """Differences (runs, points) as means over runs that share a draw of parameters; failed runs left out."""
    whole = np.isfinite(differences).all(axis=1)
    pairs = differences.reshape(-1, RUNS_PER_DRAW, differences.shape[1])
    return pairs[whole.reshape(-1, RUNS_PER_DRAW).all(axis=1)].mean(axis=1)


def drawn(found: Heat, present: Scenario) -> dict[str, Any]:
    """The map as the page takes it: title, sentence, drawing, table, remarks."""
    outcome = OUTCOMES[found.outcome]
    names = {lever: lever_in_words(lever) for lever in PREFERRED}
    at = [float(present.levers[lever]) for lever in (ROW_LEVER, COLUMN_LEVER)]
    note = (f"difference to the baseline, {RUNS} runs a point on the same luck; hatched: the 95% interval covers zero; "
            "all other levers as they are now")
    return {"title": heading(outcome), "note": note, "lead": heat_lead([found], names),
            "svg": svg(found, at[0], at[1]), "table": as_json(heat_table(found)),
            "remark": " ".join(cautions([found.outcome]))}


def svg(found: Heat, strictness: float, cooperation: float) -> str:
    """The map as an `<svg>` element with a ring at the present point."""
    bottom = _TOP + len(VALUES) * _SIDE
    outcome = OUTCOMES[found.outcome]
    described = (f"{heading(outcome)}: map of {len(VALUES)} by {len(VALUES)} points; the ring marks strictness "
                 f"{plain(strictness)} and cooperation {plain(cooperation)}. The table below has the numbers.")
    parts = [*_cells(found), *_axes(bottom), *_ring(strictness, cooperation, bottom)]
    return (f'<svg class="chart map" role="img" viewBox="0 0 {_WIDTH:g} {bottom + 46:g}" aria-labelledby="map-t map-d">'
            f'<title id="map-t">{escape(heading(outcome))}</title><desc id="map-d">{escape(described)}</desc>'
            '<defs><pattern id="map-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><path d="M0 0V7" stroke="#6b7178" stroke-width="1.4"/></pattern></defs>'
            f'{"".join(parts)}</svg>')


def _cells(found: Heat) -> Iterable[str]:
    outcome, largest = OUTCOMES[found.outcome], float(np.abs(found.difference).max()) or 1.0
    for (row, column), difference in np.ndenumerate(found.difference):
        x, y = _LEFT + column * _SIDE, _TOP + (len(VALUES) - 1 - row) * _SIDE
        fill = to_hex(colormaps[COLOURS](0.5 + _DEPTH * float(difference) / largest))
        box = f'x="{x + 1:g}" y="{y + 1:g}" width="{_SIDE - 2:g}" height="{_SIDE - 2:g}"'
        yield f'<rect {box} fill="{fill}"/>'
        if not found.clear[row, column]:
            yield f'<rect {box} fill="url(#map-hatch)"/>'
        text = signed_difference(outcome, float(difference))
        middle = f'x="{x + _SIDE / 2:g}" y="{y + _SIDE - 9:g}" text-anchor="middle"'
        yield (f'<text {middle} fill="#000" stroke="{fill}" stroke-width="4" stroke-linejoin="round" '
               f'paint-order="stroke">{escape(text)}</text>')


def _axes(bottom: float) -> Iterable[str]:
    for number, value in enumerate(VALUES):
        x, y = _LEFT + (number + 0.5) * _SIDE, bottom - (number + 0.5) * _SIDE
        yield f'<text x="{x:g}" y="{bottom + 15:g}" text-anchor="middle" fill="var(--muted)">{plain(value)}</text>'
        yield f'<text x="{_LEFT - 6:g}" y="{y + 4:g}" text-anchor="end" fill="var(--muted)">{plain(value)}</text>'
    middle = _LEFT + len(VALUES) * _SIDE / 2
    for lever, place in ((COLUMN_LEVER, f'x="{middle:g}" y="{bottom + 33:g}"'),
                         (ROW_LEVER, f'transform="translate(52 {bottom / 2:g}) rotate(-90)"')):
        name, lowest, highest = WORDS[lever]
        yield (f'<text {place} text-anchor="middle" fill="var(--ink)">{escape(name)}: 0 {escape(lowest)} … '
               f"1 {escape(highest)}</text>")


def _ring(strictness: float, cooperation: float, bottom: float) -> Iterable[str]:
    """Where the levers are now: points of the map stand in the middle of their cells."""
    steps = len(VALUES) - 1
    x = _LEFT + (0.5 + cooperation * steps) * _SIDE
    y = bottom - (0.5 + strictness * steps) * _SIDE
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="#fff" stroke-width="6"/>'
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="#0072b2" stroke-width="3.5"/>'
