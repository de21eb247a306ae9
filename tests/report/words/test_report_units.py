"""Differences in words and figures: sign, direction, rounding by the width of the interval."""

import pytest

from sim.model.outcomes import OUTCOMES
from sim.report.words.units import (
    FLOP,
    heading,
    magnitude,
    relative,
    signed_difference,
    signed_interval,
    size_in_words,
    value,
)


def test_a_loss_of_labs_reads_fewer_with_its_interval_turned_the_same_way():
    assert magnitude(OUTCOMES["small_labs"], -3.1, -3.8, -2.4) == ("3.1 fewer", "2.4 to 3.8 fewer")


@pytest.mark.parametrize(
    ("name", "numbers", "words"),
    [
        ("small_labs", (0.4, -0.3, 1.1), ("0.4 more", "0.3 fewer to 1.1 more")),
        ("severe_incidents", (-2.9, -6.3, 0.6), ("2.9 fewer", "6.3 fewer to 0.6 more")),
        ("us_china_lag_months", (-4.7, -6.5, -2.9), ("4.7 months shorter", "2.9 to 6.5 months shorter")),
        ("leader_share", (0.161, 0.082, 0.241), ("16 points higher", "8 to 24 points higher")),
        ("compliance_cost_usd_bn", (-14.0, -20.0, 3.0), ("$14bn less", "$20bn less to $3bn more")),
        ("frontier_log10_flop", (0.1, -0.1, 0.2), ("1.3 times more", "1.26 times less to 1.58 times more")),
    ],
)
def test_each_end_of_an_interval_has_the_word_of_its_side(name, numbers, words):
    assert magnitude(OUTCOMES[name], *numbers) == words


def test_no_interval_in_words_holds_a_negative_number_of_fewer_things():
    for outcome in OUTCOMES.values():
        for numbers in ((-2.9, -6.3, 0.6), (0.4, -0.3, 1.1), (-3.0, -4.0, -2.0), (0.0, -1.0, 1.0)):
            assert "−" not in " ".join(magnitude(outcome, *numbers))


@pytest.mark.parametrize(
    ("name", "difference", "baseline", "text"),
    [
        ("severe_incidents", -1.1, 4.4, "−25%"),
        ("compliance_cost_usd_bn", 228.0, 63.0, "×4.6"),
        ("state_control", 0.16, 0.03, ""),
        ("frontier_log10_flop", 0.2, 26.0, ""),
        ("us_china_lag_months", -2.0, -1.0, ""),
    ],
)
def test_a_change_relative_to_the_baseline_is_a_percentage_or_a_factor(name, difference, baseline, text):
    assert relative(OUTCOMES[name], difference, baseline) == text


def test_orders_of_magnitude_become_factors():
    # 10^-0.5 = 1/3.16; the interval's ends 10^0.46 = 2.88 and 10^0.54 = 3.47
    size, around = magnitude(OUTCOMES["frontier_log10_flop"], -0.5, -0.54, -0.46)
    assert size == "3.2 times less"
    assert around == "2.88 to 3.47 times less"
    assert signed_difference(OUTCOMES["frontier_log10_flop"], -0.5) == "÷3.2"


@pytest.mark.parametrize(
    ("name", "number", "text"),
    [
        ("leader_revenue_usd_bn", 12.3, "+$12bn"),
        ("leader_revenue_usd_bn", -0.0123, "−$12mn"),
        ("largest_run_cost_usd_mn", 4300.0, "+$4.3bn"),
        ("leader_share", 0.042, "+4.2 points"),
        ("us_china_lag_months", -1.5, "−1.5 months"),
        ("small_labs", 0.0, "0"),
        ("hostility", -0.0, "0"),
    ],
)
def test_a_signed_difference_carries_the_scale_that_reads_best(name, number, text):
    assert signed_difference(OUTCOMES[name], number) == text


def test_a_difference_far_below_the_spread_of_the_runs_is_not_spelt_out():
    assert signed_difference(OUTCOMES["hostility"], 0.00003, effect=0.001) == "≈ 0"
    assert signed_difference(OUTCOMES["hostility"], 0.003, effect=0.1) == "+0.003"


def test_both_ends_of_an_interval_share_scale_and_decimals():
    assert signed_interval(OUTCOMES["leader_revenue_usd_bn"], 8.04, 16.2) == "+$8bn to +$16bn"
    assert signed_interval(OUTCOMES["compliance_cost_usd_bn"], -0.4, 1.6) == "−$0.4bn to +$1.6bn"


def test_an_interval_that_excludes_zero_is_never_rounded_to_zero():
    assert "0.00 " not in magnitude(OUTCOMES["hostility"], 0.5, 0.004, 0.996)[1]


def test_a_value_of_flop_is_written_as_a_power_of_ten():
    assert value(OUTCOMES["largest_run_log10_flop"], 26.3) == "2 × 10²⁶ FLOP"
    assert value(OUTCOMES["frontier_log10_flop"], 26.3) == "2 × 10²⁶ effective FLOP"


def test_no_text_uses_e_notation():
    for outcome in OUTCOMES.values():
        for number in (1e-9, 3.2e-4, 0.5, 27.0, 1e9):
            texts = [
                value(outcome, number),
                signed_difference(outcome, number),
                size_in_words(outcome, number),
            ]
            if outcome.unit not in FLOP:
                assert not any("e-" in text or "e+" in text for text in texts)


def test_a_heading_names_the_unit():
    assert heading(OUTCOMES["leader_revenue_usd_bn"]) == "Revenue of the largest seller, $ a year"
    assert heading(OUTCOMES["us_china_lag_months"]) == "China's lag behind the US frontier, months"
