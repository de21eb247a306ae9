"""What pages share: their templates and their style."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sim.common.language import gettext, language, ngettext
from sim.report.charts.style import DARK, LIGHT, css_variables


@cache
def environment() -> Environment:
    """Where the templates are found; a value that is missing is an error."""
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
