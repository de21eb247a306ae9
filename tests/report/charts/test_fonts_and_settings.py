"""A chart is the same whatever the user's matplotlib is set to, and says which letters the machine cannot draw."""

from __future__ import annotations

import io
import warnings

import matplotlib
import pytest

from sim.model.outcomes import OUTCOMES
from sim.report.charts import charts, fonts
from sim.report.charts.axes import scale_for
from sim.report.charts.style import chart, drawing

USERS = {"savefig.bbox": "tight", "xtick.direction": "in", "path.sketch": (1.0, 2.0, 3.0), "figure.autolayout": True,
         "figure.constrained_layout.use": True, "savefig.dpi": 300, "axes.formatter.use_locale": True,
         "lines.linewidth": 9.0, "font.size": 30.0}


def picture(results, form: str) -> bytes:
    written = io.BytesIO()
    charts.fan(results, "us_china_lag_months").savefig(written, format=form)
    return written.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_users_settings_of_matplotlib_change_no_byte_and_stay_as_they_are(results, form) -> None:
    plain = picture(results, form)
    with matplotlib.rc_context(USERS), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert picture(results, form) == plain
        assert {name: matplotlib.rcParams[name] for name in USERS} == USERS


def test_letters_that_no_font_has_are_named_in_one_sentence() -> None:
    with drawing():
        figure = chart(60.0)
        figure.text(0.1, 0.5, "strict \N{CUNEIFORM SIGN A}\N{CUNEIFORM SIGN AB}\N{CUNEIFORM SIGN A}")
    with pytest.warns(fonts.MissingLetters, match="\N{CUNEIFORM SIGN A} \N{CUNEIFORM SIGN AB};") as told:
        figure.savefig(io.BytesIO(), format="png")
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = io.StringIO()
        figure.savefig(text, format="svg")
    assert "\N{CUNEIFORM SIGN A}" in text.getvalue()


def test_a_font_of_the_machine_is_asked_for_other_scripts(monkeypatch) -> None:
    class Font:
        name = "Noto Sans CJK SC"

    monkeypatch.setattr(fonts.font_manager.fontManager, "ttflist", [Font])
    assert fonts.families.__wrapped__() == [fonts.HOUSE_FONT, "Noto Sans CJK SC"]


@pytest.mark.parametrize("low", [0.0, 1.0, -3.0, 1e-14, 1e6, 1e-300])
@pytest.mark.parametrize("span", [0.0, 1e-17, 1e-14, 1e-9, 1e-3, 1.0])
def test_an_axis_has_two_ends_and_different_ticks_however_close_the_values(low, span) -> None:
    for outcome in OUTCOMES.values():
        scale = scale_for(low, low + span, outcome)
        assert scale.limits[0] < scale.limits[1]
        assert len(set(scale.ticks)) == len(scale.ticks)
        assert scale.limits[0] <= low or scale.log


def test_a_font_for_other_scripts_without_a_regular_weight_is_used_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    log = logging.getLogger("matplotlib.font_manager")
    log.warning("findfont: Failed to find font weight %s for %s, now using %s.", "normal", "WenQuanYi Zen Hei", 500)
    log.warning("findfont: Font family %r not found.", "A font that a user wants")
    assert [record.getMessage() for record in caplog.records] == [
        "findfont: Font family 'A font that a user wants' not found."
    ]
