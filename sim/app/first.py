"""The first picture: what a page will show, drawn into it before its scripts run, if the runs are there already.

A browser needs seconds for the scripts of Solara's page on its first visit; a person wants to see the charts. The
picture has the place and the style of the page's own, which takes it away as soon as it has drawn itself.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sim.app.desk import RUNS, prepare, whole_picture
from sim.app.view import read
from sim.engine.uncertainty import DEFAULT
from sim.engine.uncertainty import in_words as beliefs_in_words

if TYPE_CHECKING:
    from jinja2 import Template

    from sim.app.engine import Engine


def first_picture(engine: Engine, query: str) -> str:
    """The page of a link as HTML without scripts; "" where its runs are not there yet, and then they are begun."""
    view = read(query)[0]
    shown = whole_picture(engine, view)
    if shown is None:
        prepare(engine, view)
        return ""
    panels = [panel for panel in shown.panels if view.presented in ("", panel["name"])]
    said = bool(view.presented) or (view.difference and not view.unmoved)
    status = f"{RUNS} runs of each scenario on the same luck, {beliefs_in_words(DEFAULT)}."
    return _template().render(presented=view.presented, sentences=shown.sentences, panels=panels, said=said,
                              status=status)


@cache
def _template() -> Template:
    from jinja2 import Environment

    text = resources.files("sim.app").joinpath("page/first.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)
