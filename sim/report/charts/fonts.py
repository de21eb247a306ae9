"""Fonts of charts that are drawn as pictures: DejaVu Sans, and what the machine has for letters that it lacks."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from matplotlib import font_manager

HOUSE_FONT = "DejaVu Sans"  # comes with matplotlib, so a chart has the same size everywhere
FOR_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR", "Source Han Sans SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB",
    "Hiragino Sans", "Yu Gothic", "Malgun Gothic", "Droid Sans Fallback", "Arial Unicode MS", "Noto Sans Arabic",
    "Noto Sans Devanagari", "Noto Sans Thai", "Noto Emoji",
)
_MISSING = re.compile(r"Glyph (\d+) .*missing from", re.DOTALL)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not that a font for other scripts has no regular weight: its letters are drawn all the same."""
    told = record.getMessage()
    return "font weight" not in told or not any(name in told for name in FOR_OTHER_SCRIPTS)


logging.getLogger("matplotlib.font_manager").addFilter(_worth_telling)


class MissingLetters(UserWarning):
    """Letters that no font of this machine has, so that a picture shows boxes in their place."""


@cache
def families() -> list[str]:
    """The house font and, after it, each font of `FOR_OTHER_SCRIPTS` that this machine has."""
    there = {font.name for font in font_manager.fontManager.ttflist}
    return [HOUSE_FONT, *(name for name in FOR_OTHER_SCRIPTS if name in there)]


@contextmanager
def told_once(boxes: bool) -> Iterator[None]:
    """Missing letters of a block's drawing as one `MissingLetters` instead of a warning for each; none unless `boxes`.

    A drawing that keeps its text as text shows no boxes: the reader's screen has its own fonts.
    """
    missing: dict[str, None] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if found := _MISSING.match(str(warning.message)):
            missing[chr(int(found.group(1)))] = None
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if missing and boxes:
        shown = " ".join(list(missing)[:12]) + (" ..." if len(missing) > 12 else "")
        warnings.warn(
            f"no font of this machine has {shown}; the picture shows boxes. Install a font that has them, such as Noto "
            "Sans CJK, or write a page or an SVG instead, which keep the text as text",
            MissingLetters, stacklevel=4,
        )
