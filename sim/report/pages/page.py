"""What pages share: templates, the frame of the small ones (run, why), and the style."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sim.common.language import gettext, language, ngettext
from sim.report.charts.style import DARK, LIGHT, css_variables
from sim.studies.keeping.folders import write_whole

_FRAME = """<!doctype html>
<html lang="{{ code }}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{{ title }} - airace</title><style>
{{ style }}
</style></head><body class="page">
<header><p class="kicker">airace</p><h1><bdi>{{ title }}</bdi></h1></header>
<main>
{{ body }}
</main>
<footer><p>{{ _("This file holds everything it shows; nothing is fetched.") }}</p></footer>
</body></html>
"""


def write(path: Path, title: str, body: str, **values: Any) -> Path:
    """Write a page whose body is a template filled with values, whole or not at all. Returns the path."""
    environment = Environment(autoescape=True)
    environment.globals |= {"_": gettext, "code": language()}
    filled = Markup(environment.from_string(body).render(**values))
    framed = environment.from_string(_FRAME).render(title=title, body=filled, style=style_sheet())
    return write_whole(path, framed.encode("utf-8"))


@cache
def environment() -> Environment:
    """Where the templates of large pages are found; a value that is missing is an error."""
    made = Environment(
        loader=PackageLoader("sim.report.pages"),
        autoescape=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": gettext, "ngettext": ngettext, "language": language}
    return made


@cache
def style_sheet() -> Markup:
    """The style of all pages, the palette in front of it; it holds nothing from a scenario."""
    sheet = resources.files("sim.report.pages").joinpath("templates/report.css").read_text(encoding="utf-8")
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return Markup(
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{sheet}"
    )
