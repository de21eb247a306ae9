"""One look for every chart: the palette in light and dark, line styles, sizes, figures laid out in points.

A colour means one thing everywhere: the baseline is neutral grey, the other scenarios take Okabe-Ito hues in
the order of the files. Charts are drawn in the light palette; `svg.py` swaps each colour for the CSS variable
of the same role, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import matplotlib
from matplotlib.figure import Figure

from sim.report.charts import fonts
from sim.studies.keeping.folders import write_whole

POINTS_PER_INCH = 72
PANEL_WIDTH = 352.0
"""Width of a small multiple in points: a phone's column, where 12-point text stays about 12 pixels."""
WIDE_WIDTH = 1080.0
FONT_SIZE = 12.0

LIGHT: dict[str, str] = {
    "ink": "#1f2328",
    "muted": "#59616b",
    "grid": "#dde2e7",
    "rule": "#8b949e",
    "paper": "#ffffff",
    "s0": "#6e7781",
    "s1": "#0072b2",
    "s2": "#d55e00",
    "s3": "#cc79a7",
    "s4": "#009e73",
    "s5": "#3a9bd5",
    "s6": "#bf8400",
    "s7": "#978c00",
    "t0": "#586069",
    "t1": "#00619a",
    "t2": "#a84900",
    "t3": "#96466f",
    "t4": "#00704f",
    "t5": "#1b6a9c",
    "t6": "#7c5500",
    "t7": "#635c00",
}
DARK: dict[str, str] = {
    "ink": "#e6edf3",
    "muted": "#a8b2bd",
    "grid": "#2c333b",
    "rule": "#6f7a86",
    "paper": "#14181d",
    "s0": "#97a1ac",
    "s1": "#2b90d4",
    "s2": "#e46c14",
    "s3": "#cc79a7",
    "s4": "#00ab7d",
    "s5": "#56b4e9",
    "s6": "#e69f00",
    "s7": "#f0e442",
    "t0": "#b4bdc7",
    "t1": "#74bdf0",
    "t2": "#ff9f61",
    "t3": "#e6a9ca",
    "t4": "#43d3a5",
    "t5": "#8ecdf4",
    "t6": "#ffc350",
    "t7": "#f4ea6b",
}
"""Colours by role: `sN` lines and marks of scenario N (0 the baseline), `tN` text in the same hue (4.5:1)."""

DASHES: tuple[Any, ...] = (
    "-",
    (0, (7, 2)),
    (0, (4, 1.4, 1, 1.4)),
    (0, (1.4, 1.4)),
    (0, (10, 2, 2, 2)),
    (0, (3, 2)),
    (0, (6, 1.5, 1, 1.5, 1, 1.5)),
    (0, (2, 3)),
)
MARKERS: tuple[str, ...] = ("o", "s", "D", "^", "v", "P", "X", "h")

RC: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "airace",
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": fonts.families(),
    "font.size": FONT_SIZE,
    "axes.titlesize": FONT_SIZE,
    "axes.unicode_minus": True,
    "text.color": LIGHT["ink"],
    "axes.edgecolor": LIGHT["rule"],
    "axes.labelcolor": LIGHT["muted"],
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "xtick.labelsize": FONT_SIZE,
    "ytick.labelsize": FONT_SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": False,
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.major.size": 4,
    "xtick.major.width": 0.8,
    "ytick.major.size": 0,
    "ytick.major.pad": 5,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "axes.facecolor": "none",
    "figure.facecolor": LIGHT["paper"],
    "path.simplify": True,
    "path.simplify_threshold": 0.2,
    "lines.solid_capstyle": "round",
    "lines.dash_capstyle": "butt",
}


_NOT_OF_THE_LOOK = {"backend", "backend_fallback", "datapath", "docstring.hardcopy", "figure.max_open_warning",
                    "interactive", "savefig.directory", "timezone", "toolbar", "tk.window_focus"}
_DEFAULTS: dict[str, Any] = {
    name: value for name, value in dict.items(cast("dict[str, Any]", matplotlib.rcParamsDefault))
    if name not in _NOT_OF_THE_LOOK and not name.startswith(("animation.", "keymap.", "webagg."))
}
"""Matplotlib's own settings, from which every chart begins."""


class Chart(Figure):
    """A matplotlib figure that keeps the house style when saved and shows itself in a notebook."""

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save the figure, whole or not at all; an SVG keeps its text as text and carries no date.

        Warns `MissingLetters` where a picture would show boxes in place of letters.
        """
        as_text = str(options.get("format") or fname).endswith("svg")
        if as_text:
            options.setdefault("metadata", {"Date": None})
        with drawing(), fonts.told_once(boxes=not as_text):
            if not isinstance(fname, str | os.PathLike):
                super().savefig(fname, **options)
                return
            buffer = io.BytesIO()
            options.setdefault("format", Path(fname).suffix[1:] or "png")
            super().savefig(buffer, **options)
        write_whole(Path(fname), buffer.getvalue())

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=144)
        return buffer.getvalue()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the house style, whatever the caller's settings or matplotlibrc say, and without touching them."""
    now = cast("dict[str, Any]", matplotlib.rcParams)
    changed = {name: value for name, value in _DEFAULTS.items() if dict.__getitem__(now, name) != value}
    with matplotlib.rc_context(changed | RC):
        yield


def chart(height: float, width: float = PANEL_WIDTH) -> Chart:
    """An empty figure, size in points."""
    return Chart(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH))


def place(figure: Figure, left: float, right: float, top: float, bottom: float) -> Any:
    """Axes with these margins in points."""
    width, height = (side * POINTS_PER_INCH for side in figure.get_size_inches())
    sides = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    return figure.add_axes(sides)


def title_lines(figure: Figure, title: str, note: str) -> None:
    """Title and second line at the top left of a figure that stands alone."""
    width, height = (side * POINTS_PER_INCH for side in figure.get_size_inches())
    size = min(FONT_SIZE, FONT_SIZE * (width - 8.0) / (0.68 * FONT_SIZE * max(len(title), 1)))
    figure.text(4.0 / width, 1.0 - 14.0 / height, title, fontsize=size, fontweight="bold", va="center")
    style: dict[str, Any] = {"fontsize": FONT_SIZE - 1.0, "color": LIGHT["muted"], "va": "center"}
    figure.text(4.0 / width, 1.0 - 31.0 / height, note, **style)


def title_above(figure: Chart, title: str, note: str, below: str) -> Chart:
    """A figure made taller for a title and lines that say what it shows and, below it, what was run.

    What is drawn keeps its size; long lines are broken. Changes and returns the figure.
    """
    width, height = (side * POINTS_PER_INCH for side in figure.get_size_inches())
    small, room = FONT_SIZE - 2.0, width - 8.0
    heads = textwrap.wrap(title, max(int(room / (0.62 * FONT_SIZE)), 20))
    notes = textwrap.wrap(note, max(int(room / (0.52 * small)), 24))
    lows = textwrap.wrap(below, max(int(room / (0.52 * small)), 24))
    line, thin = FONT_SIZE + 4.0, small + 3.0
    top, bottom = line * len(heads) + thin * len(notes) + 8.0, thin * len(lows) + 6.0
    whole = height + top + bottom
    for axes in figure.axes:
        left, low, across, up = axes.get_position().bounds
        axes.set_position((left, (low * height + bottom) / whole, across, up * height / whole))
    for text in figure.texts:
        text.set_y((text.get_position()[1] * height + bottom) / whole)
    figure.set_size_inches(width / POINTS_PER_INCH, whole / POINTS_PER_INCH)
    with drawing():
        at = whole - 4.0
        for place_, each in enumerate((*heads, *notes)):
            is_head = place_ < len(heads)
            figure.text(4.0 / width, at / whole, each, fontsize=FONT_SIZE if is_head else small, va="top",
                        fontweight="bold" if is_head else "normal", color=LIGHT["ink" if is_head else "muted"])
            at -= line if is_head else thin
        for row, each in enumerate(lows, 1):
            figure.text(4.0 / width, (4.0 + (len(lows) - row) * thin) / whole, each, fontsize=small, va="bottom",
                        color=LIGHT["muted"])
    return figure


def note_below(figure: Figure, note: str) -> Figure:
    """Make a figure taller by one line and write a note there; what is drawn keeps its size."""
    width, height = (side * POINTS_PER_INCH for side in figure.get_size_inches())
    line = FONT_SIZE + 6.0
    kept = height / (height + line)
    for axes in figure.axes:
        left, bottom, across, up = axes.get_position().bounds
        axes.set_position((left, 1.0 - kept * (1.0 - bottom), across, kept * up))
    for text in figure.texts:
        text.set_y(1.0 - kept * (1.0 - text.get_position()[1]))
    figure.set_size_inches(width / POINTS_PER_INCH, (height + line) / POINTS_PER_INCH)
    with drawing():
        size = min(FONT_SIZE - 2.0, (FONT_SIZE - 2.0) * (width - 8.0) / (0.55 * (FONT_SIZE - 2.0) * len(note)))
        figure.text(4.0 / width, 7.0 / (height + line), note, fontsize=size, color=LIGHT["muted"], va="center")
    return figure


def roles(count: int, baseline: int = 0) -> list[int]:
    """The palette's role of each scenario in file order: 0 for the baseline, 1, 2, 3, ... for the others."""
    order = iter(range(1, count + 1))
    return [0 if position == baseline else next(order) for position in range(count)]


def hue(role: int) -> int:
    """The palette's entry of a role: hues repeat after the seventh, with another line style."""
    return 0 if role == 0 else (role - 1) % 7 + 1


def line_colour(role: int) -> str:
    """Colour of a scenario's lines and marks."""
    return LIGHT[f"s{hue(role)}"]


def text_colour(role: int) -> str:
    """Colour of text that names a scenario: the line's hue with the contrast that text needs."""
    return LIGHT[f"t{hue(role)}"]


def dashes(role: int) -> Any:
    """Line style that repeats what the colour says."""
    return DASHES[(role + (role - 1) // 7 * 3) % len(DASHES)] if role else DASHES[0]


def marker(role: int) -> str:
    """Mark that repeats what the colour says."""
    return MARKERS[(role + (role - 1) // 7 * 3) % len(MARKERS)] if role else MARKERS[0]


def css_variables(palette: dict[str, str]) -> str:
    """The palette as CSS declarations."""
    return " ".join(f"--{role}: {colour};" for role, colour in palette.items())
