"""What the small pages share (back-test, sweep, sensitivity): their style, and figures that stand in the page."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>airace: {{ title }}</title><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433;
  background: #fff }
figure { margin: 0 } figure img { width: 100% } figcaption { font-size: .9rem } .figures { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)) }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% } td, th { text-align: left;
  padding: .25rem .6rem; border-bottom: 1px solid #ccd3de; vertical-align: top }
.miss { color: #8a3b00; font-weight: 600 }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #e4e8ee } td, th { border-color: #3a4350 }
  .miss { color: #ffb27a } img { background: #fff; border-radius: 4px } }
</style></head><body>
<h1>{{ title }}</h1>
{{ body }}
</body></html>
"""


def write(path: Path, title: str, body: str, **values: Any) -> Path:
    """Write a page whose body is a template filled with values; makes its folder. Returns the path."""
    environment = Environment(autoescape=True)
    filled = Markup(environment.from_string(body).render(**values))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment.from_string(_FRAME).render(title=title, body=filled), encoding="utf-8")
    return path


def figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure of this size in inches, and its axes, drawn without a screen."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), dpi=130, layout="constrained")


def embedded(drawn: Any) -> Markup:
    """A figure as the source of an image; closes it."""
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png")
    plt.close(drawn)
    return Markup("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode())
