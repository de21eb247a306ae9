"""The pages of saved studies: `/saved/` lists them, `/saved/0` is the first; script, style and numbers beside them.

Each study is known by its place among the folders named when the cockpit started: no request names a file or a folder.
Scripts come from this server alone, none stands in the page, and nothing is computed for a request.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sim.app.saved.folders import Saved
from sim.report.charts.style import DARK, LIGHT, css_variables

if TYPE_CHECKING:
    from jinja2 import Template
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

KINDS = {"front": "a front of policies, from airace advise", "game": "a game, from airace game"}


def routes(studies: Sequence[Saved]) -> Sequence[BaseRoute]:
    """Addresses of the pages; none without studies."""
    from starlette.responses import HTMLResponse, PlainTextResponse
    from starlette.responses import Response as Answered
    from starlette.routing import Route

    numbers = [json.dumps(study.shown, ensure_ascii=False, allow_nan=False).encode("utf-8") for study in studies]

    def listed(_: Request) -> Response:
        return HTMLResponse(page(studies, None), headers={"cache-control": "no-store"})

    def one(request: Request) -> Response:
        place = request.path_params["place"]
        if place >= len(studies):
            return PlainTextResponse(f"There is no study {place} here; /saved/ lists those that there are.", 404)
        if request.url.path.endswith(".json"):
            return Answered(numbers[place], media_type="application/json", headers={"cache-control": "no-store"})
        return HTMLResponse(page(studies, place), headers={"cache-control": "no-store"})

    def script(_: Request) -> Response:
        return Answered(_text("saved.js"), media_type="text/javascript")

    def style(_: Request) -> Response:
        return Answered(_style(), media_type="text/css")

    return (Route("/saved/", listed), Route("/saved/saved.js", script), Route("/saved/saved.css", style),
            Route("/saved/{place:int}", one), Route("/saved/{place:int}.json", one)) if studies else ()


def page(studies: Sequence[Saved], place: int | None) -> str:
    """The page of a study, or of the list of all."""
    shown = None if place is None else studies[place].shown
    return _template().render(studies=studies, kinds=KINDS, place=place, study=shown,
                              kind="" if place is None else studies[place].kind)


def links(studies: Sequence[Saved]) -> str:
    """What stands above the cockpit: where the studies are; "" without any."""
    return "" if not studies else _links().render(studies=studies)


def first_path(studies: Sequence[Saved]) -> str:
    """Where a browser begins: at the study if there is one, at the list of several, at the cockpit without any."""
    return "" if not studies else "saved/0" if len(studies) == 1 else "saved/"


def _text(name: str) -> str:
    return resources.files("sim.app.saved").joinpath(f"page/{name}").read_text(encoding="utf-8")


@cache
def _style() -> str:
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (f":root {{ color-scheme: light dark; {light} }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{_text('saved.css')}")


def _from(text: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined).from_string(
        text)


@cache
def _template() -> Template:
    return _from(_text("saved.html"))


@cache
def _links() -> Template:
    return _from('<nav class="saved-studies" aria-label="Saved studies">Saved: {% for study in studies %}'
                 '<a href="saved/{{ loop.index0 }}">{{ study.title }}</a>{{ " · " if not loop.last }}{% endfor %}'
                 "</nav>")
