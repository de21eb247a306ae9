"""Progress and catching up: what reaches China's lag, how far others' models take a lab, and the rival theories."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

from sim.engine.live import STAGES, live_one_month
from sim.model.published import follower_closed_form, follower_lag
from sim.model.start import build_world
from sim.model.state import CHINA
from sim.scenario.scenario import Scenario

BEGUN = "2025-01"  # with the conversion ahead, little defence work and no truce: all that turns has room to
pairs_of = partial(Pairs.of, start=BEGUN)

pytestmark = pytest.mark.slow

DELAYS = ("uncertainty.delay_at_home", "uncertainty.delay_abroad")
SHORT, LONG = dict(zip(DELAYS, (3.0, 0.0), strict=True)), dict(zip(DELAYS, (14.0, 9.0), strict=True))


@pytest.fixture(scope="module")
def progress() -> Pairs:
    return pairs_of({
        BASELINE: {},
        "Short delays": SHORT,
        "Long delays": LONG,
        "Many chips": {"trade.chip_controls": 0.0},
        "Few chips": {"trade.chip_controls": 1.5, "trade.enforcement": 1.0},
        "Quick to learn": {**SHORT, "uncertainty.learning_speed": 0.4, "uncertainty.distillation_gap": 0.1},
        "Gated": {"structure.imitation": "gated"},
        "Distance": {"structure.imitation": "distance"},
        "Feedback": {"structure.research": "ai_feedback"},
        "No feedback": {"structure.research": "ai_feedback", "uncertainty.ai_research_gain": 0.0},
        "All labs": {"structure.hazard": "all_labs"},
    })


def test_the_delay_reaches_chinas_lag(progress: Pairs) -> None:
    gap = {title: progress.average(title, "us_china_gap_log10") for title in (BASELINE, "Short delays", "Long delays")}
    positive(gap["Long delays"] - gap["Short delays"], "log10")


def test_chips_reach_chinas_lag(progress: Pairs) -> None:
    for outcome in ("us_china_gap_log10", "us_china_lag_months"):
        positive(progress.average("Few chips", outcome) - progress.average("Many chips", outcome), outcome)


def test_who_learns_sooner_lags_less_with_as_few_chips(progress: Pairs) -> None:
    """At the same controls. That quick learning outweighs chips lost, as on record, the whole model does not show."""
    for outcome in ("us_china_lag_months", "us_china_gap_log10"):
        positive(progress.average("Long delays", outcome) - progress.average("Quick to learn", outcome), outcome)


def test_a_followers_lag_is_its_closed_form() -> None:
    for ratio, delay in ((1.0, 0.0), (0.5, 18.0), (0.25, 6.0), (0.1, 7.5)):
        expected = follower_closed_form(ratio, delay, 1.1, 0.47)
        assert follower_lag(ratio, delay, 1.1, 0.47).value == pytest.approx(expected, abs=1e-9)
    assert follower_closed_form(0.25, 6.0, 1.1, 0.47) < follower_closed_form(0.5, 18.0, 1.1, 0.47)


def test_no_release_exceeds_its_own_run_by_more_than_others_can_give() -> None:
    """When a model comes out it is worth at most the lab's run, its algorithms, five sigma and the bound.

    The last month of a run is taken to be as large as those before it, on average.
    """
    rows, released = 16, 0
    scenario = Scenario.from_dict({"title": BASELINE, "start": BEGUN, "uncertainty": {"training_luck": 0.03}})
    world = build_world([scenario], np.zeros(rows, int), np.arange(rows), 11, months=60)
    labs, gains = world.labs, []
    for month in range(60):
        world.month = month
        before, active = labs.capability.copy(), labs.active.copy()
        months = np.maximum(labs.run_months, 1.0)
        run = np.log10(np.maximum(labs.run_flop, 1.0) * (months + 1.0) / months)
        live_one_month(world, STAGES)
        # A lab that was there and still is; one that took over another has the better of both models.
        bought = world.books["merger"] != 0.0
        out = active & labs.active & (labs.capability > before) & ~bought & (months >= 2.0)
        gains.append((labs.capability - run - labs.algorithm)[out])
        released += int(out.sum())
    assert released > 20 * rows
    gained = np.concatenate(gains)
    assert gained.max() <= world.p.borrowed_most + 5.0 * world.p.training_luck + 0.1
    assert np.quantile(gained, 0.9) > world.p.borrowed_most - 0.1  # the bound is reached
    assert 0.2 < labs.followed[labs.active & (labs.nation == CHINA)].mean() <= 1.0


def test_rival_theories_of_imitation_move_the_lag(progress: Pairs) -> None:
    gaps = {title: progress.average(title, "us_china_gap_log10") for title in (BASELINE, "Gated", "Distance")}
    positive(gaps[BASELINE] - gaps["Gated"], "a floor without bound keeps followers nearer")
    positive(gaps[BASELINE] - gaps["Distance"], "without delay they are nearer")


def test_ai_that_speeds_up_research_raises_the_frontier_and_at_no_gain_changes_nothing(progress: Pairs) -> None:
    progress.rises("frontier_log10_flop", "Feedback")
    assert not progress.difference("frontier_log10_flop", "No feedback", BASELINE).any()


def test_where_all_labs_can_do_harm_there_is_more_of_it(progress: Pairs) -> None:
    positive(progress.average("All labs", "severe_incident_hazard")
             - progress.average(BASELINE, "severe_incident_hazard"))
