"""Scatters of policies: every one that has a name is named, no two names on one line, and ticks tell numbers apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model.outcomes import OUTCOMES
from sim.report.charts.choices import Choice, choices_chart

NEAR = [Choice(f"Policy {n}", 0.55, 9250.0 + n, 0.01, 90.0) for n in range(4)]


def axes_of(choices):
    across, up = (replace(OUTCOMES[name], log=False) for name in ("hostility", "user_gain_us_usd_bn"))
    (axes,) = choices_chart(choices, np.zeros((0, 2)), across, up).axes
    return axes


def test_policies_that_lie_on_one_another_are_named_on_lines_of_their_own():
    axes = axes_of([*NEAR, Choice("", 0.6, 9240.0, 0.0, 0.0)])
    named = [text for text in axes.texts if text.get_text().startswith("Policy")]
    assert sorted(text.get_text() for text in named) == [f"Policy {n}" for n in range(4)]
    points = 72.0 / axes.figure.dpi
    lines = sorted(axes.transData.transform(text.xy)[1] * points + text.xyann[1] for text in named)
    assert min(np.diff(lines)) >= 12.9


def test_ticks_far_from_nil_are_told_apart():
    labels = [label.get_text() for label in axes_of(NEAR).get_yticklabels()]
    assert len(set(labels)) == len(labels) > 2
