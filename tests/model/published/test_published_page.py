"""docs/published.md and its figures are what their generator makes."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from sim.studies.checking.published import curves

DOCS = Path(__file__).parents[3] / "docs"
STALE = "stale: run `python docs/generate_published.py`"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_published", DOCS / "generate_published.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_page_is_fresh_and_shows_every_figure(generator):
    page = (DOCS / "published.md").read_text(encoding="utf-8")
    assert page == generator.page(), STALE
    shown = re.findall(r"\]\((images/published/v\d+\.svg)\)", page)
    assert shown == [f"images/published/v{n}.svg" for n in range(1, len(curves()) + 1)]
    assert all((DOCS / name).is_file() for name in shown)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(curves())))
def test_a_figure_is_fresh_and_has_a_point_for_every_argument(generator, number):
    curve = curves()[number]
    drawn = generator.figure(curve)
    assert drawn == (DOCS / "images" / "published" / generator.file_name(curve)).read_text(encoding="utf-8"), STALE
    assert drawn.count("<circle") == sum(len(series.points) for series in curve.series)
    assert drawn.count("<polyline") == len(curve.series)
