"""What the cockpit's server adds to Solara's: downloads, its style in the palette of every chart, how it copies."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from sim.report.charts.style import DARK, LIGHT, css_variables

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


def routes() -> Sequence[BaseRoute]:
    """Addresses of the cockpit's own."""
    from starlette.routing import Route

    from sim.app.cockpit import engine
    from sim.app.downloads import Downloads

    return (Route("/download/{name}", endpoint=Downloads(engine).answer),)


def head() -> str:
    """The style sheet with the palette in front of it, light and dark; and the script that copies."""
    sheet, copying = (resources.files("sim.app").joinpath(f"page/{name}").read_text(encoding="utf-8")
                      for name in ("cockpit.css", "copy.html"))
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (f"<style>:root {{ color-scheme: light dark; {light} }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{sheet}</style>\n{copying}")
