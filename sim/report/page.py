"""What the small pages share (run, back-test, sweep, sensitivity): frame, style, figures that stand in the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from sim.report.labels import wrap
from sim.report.style import DARK, FONT_SIZE, LIGHT, PANEL_WIDTH, POINTS_PER_INCH, Chart, css_variables, drawing

SMALL = FONT_SIZE - 1.0

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>{{ title }} - airace</title><style>
{{ style }}
</style></head><body class="page">
<header><p class="kicker">airace</p><h1><bdi>{{ title }}</bdi></h1></header>
<main>
{{ body }}
</main>
<footer><p>This file holds everything it shows; nothing is fetched.</p></footer>
</body></html>
"""


def write(path: Path, title: str, body: str, **values: Any) -> Path:
    """Write a page whose body is a template filled with values; makes its folder. Returns the path."""
    environment = Environment(autoescape=True)
    filled = Markup(environment.from_string(body).render(**values))
    path.parent.mkdir(parents=True, exist_ok=True)
    framed = environment.from_string(_FRAME).render(title=title, body=filled, style=style_sheet())
    path.write_text(framed, encoding="utf-8")
    return path


@cache
def style_sheet() -> Markup:
    """The style of all pages, the palette in front of it; it holds nothing from a scenario."""
    sheet = resources.files("sim.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return Markup(
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{sheet}"
    )


def figure(height: float) -> tuple[Any, Any]:
    """A figure as wide as a small multiple, this high in points, and its axes, drawn without a screen.

    A phone's column shows a point as a pixel, so text of `SMALL` points stays legible there.
    """
    size = (PANEL_WIDTH / POINTS_PER_INCH, height / POINTS_PER_INCH)
    with drawing():
        drawn = Chart(figsize=size, dpi=200, layout="constrained")
        return drawn, drawn.subplots()


def entitle(axes: Any, title: str) -> None:
    """A title over the axes, in two lines if it needs them."""
    axes.set_title("\n".join(wrap(title, PANEL_WIDTH - 40.0, 2)), loc="left", fontsize=FONT_SIZE)


def thinned(labels: Sequence[str], most: int = 8) -> list[str]:
    """Labels of which so many are left empty that at most `most` stay."""
    step = -(-len(labels) // most)
    return [label if place % step == 0 else "" for place, label in enumerate(labels)]


def embedded(drawn: Any) -> Markup:
    """A figure as the source of an image."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png")
    return Markup("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode())
