"""A matplotlib figure becomes inline SVG: ids of its own, colours as CSS variables, described in words."""

from __future__ import annotations

import io
import re
from xml.sax.saxutils import escape

from matplotlib.figure import Figure

from sim.report.charts.style import LIGHT, drawing

_VARIABLES = {colour: f"var(--{role})" for role, colour in LIGHT.items()}
_COLOUR = re.compile("|".join(map(re.escape, _VARIABLES)))
_STYLE = re.compile(r'style="[^"]*"')
_HEAD = re.compile(r"<svg\b[^>]*?viewBox=\"([^\"]*)\"[^>]*>", re.DOTALL)
_STYLE_BLOCK = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BETWEEN_TAGS = re.compile(r"(>)\s*\n\s*(?=<)")
_SPACE = re.compile(r"\s*\n\s*")
_ID = re.compile(r'\s+id="([^"]*)"')
_REFERENCE = re.compile(r'(href="#|url\(#)')
_USED = re.compile(r'(?:href="#|url\(#)([^")]+)')
_NO_ROTATION = re.compile(r' transform="rotate\(-?0(?:\.0)? [^"]*\)"')
_FAMILY = re.compile(r"font-family: [^;\"]*;? ?|font-stretch: [^;\"]*;? ?")
_LONG_NUMBER = re.compile(r"(\d+\.\d{2})\d+")


class Drawn(str):
    """An `<svg>` element of a page that knows the figure it was drawn from, so that it can be kept in other formats."""

    figure: Figure

    @classmethod
    def of(cls, text: str, figure: Figure) -> Drawn:
        """The text of an element with its figure."""
        drawn = cls(text)
        drawn.figure = figure
        return drawn


def inline(figure: Figure, name: str, title: str, description: str) -> Drawn:
    """The figure as an `<svg>` element for a page.

    `name` prefixes every id, so that figures on one page do not take each other's clip paths. `title` and
    `description` are what a screen reader says. The same figure gives the same text, byte for byte.
    """
    buffer = io.StringIO()
    with drawing():
        figure.savefig(
            buffer,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = buffer.getvalue()
    head = _HEAD.search(text)
    if head is None:
        raise ValueError("the drawing has no <svg> element")
    body = text[head.end() : text.rindex("</svg>")]
    for pattern in (_STYLE_BLOCK, _COMMENT):
        body = pattern.sub("", body)
    used = set(_USED.findall(body))
    body = _TAG.sub(lambda tag: _tidy(tag.group(0), name, used), body)
    body = _BETWEEN_TAGS.sub(r"\1", body).strip()
    return Drawn.of(
        f'<svg class="chart" role="img" viewBox="{head.group(1)}" aria-labelledby="{name}-t {name}-d" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
        f"{body}</svg>",
        figure,
    )


def with_ids_of(svg: str, mark: str) -> str:
    """An `<svg>` whose ids all begin with a mark, for a page that may hold the same chart twice."""
    text = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{mark}-", svg)
    return re.sub(r'aria-labelledby="(\S+) (\S+)"', rf'aria-labelledby="{mark}-\1 {mark}-\2"', text)


def _tidy(tag: str, name: str, used: set[str]) -> str:
    """One tag with ids of its own, colours as CSS variables and two decimals."""
    tag = _ID.sub(lambda match: f' id="{name}-{match.group(1)}"' if match.group(1) in used else "", tag)
    tag = _REFERENCE.sub(rf"\g<1>{name}-", tag)
    tag = _NO_ROTATION.sub("", tag)
    tag = _STYLE.sub(_restyle, tag)
    return _SPACE.sub(" ", _LONG_NUMBER.sub(r"\1", tag))


def _restyle(match: re.Match[str]) -> str:
    """One style attribute with the page's colours and the page's font."""
    text = _COLOUR.sub(lambda colour: _VARIABLES[colour.group(0)], match.group(0))
    return _FAMILY.sub("", text).replace('; "', '"')
