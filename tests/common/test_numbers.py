"""Numbers as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.common import numbers


@pytest.mark.parametrize(("value", "text"), [
    (1234.0, "1,230"), (0.0423, "0.0423"), (0.042, "0.042"), (-3.1, "-3.1"), (0.0, "0"), (-0.0, "0"),
    (12.0, "12"), (9.996, "10"), (1234567.0, "1,230,000"), (3.2e26, "3.2 x 10^26"), (9.999e26, "1 x 10^27"),
    (4.2e-7, "4.2 x 10^-7"),
    (math.nan, "n/a"), (math.inf, "infinite"), (-math.inf, "-infinite")])
def test_plain_has_three_digits_and_no_exponent_marks(value: float, text: str) -> None:
    assert numbers.plain(value) == text


@given(st.floats(min_value=1e-6, max_value=1e14))
def test_plain_is_within_half_a_unit_of_its_third_digit(value: float) -> None:
    assert float(numbers.plain(value).replace(",", "")) == pytest.approx(value, rel=5.001e-3)
    assert numbers.plain(-value) == "-" + numbers.plain(value)


def test_signed_marks_positive_numbers_only() -> None:
    assert [numbers.signed(x) for x in (3.1, -3.1, 0.0)] == ["+3.1", "-3.1", "0"]


@pytest.mark.parametrize(("amount", "text"), [
    (1.23, "$1.2bn"), (0.34, "$340mn"), (2500.0, "$2.5tn"), (-3.0, "-$3bn"), (0.0, "$0"), (100.0, "$100bn"),
    (0.9999, "$1bn"), (1e-4, "$100k"), (5e-9, "$5"), (math.nan, "n/a")])
def test_money_has_the_scale_that_reads_best(amount: float, text: str) -> None:
    assert numbers.money(amount) == text


@pytest.mark.parametrize(("share", "text"), [
    (0.123, "12%"), (0.0456, "4.6%"), (0.0004, "<0.1%"), (0.9996, ">99.9%"), (0.0, "0%"), (1.0, "100%"),
    (math.nan, "n/a")])
def test_percent_never_rounds_something_to_nothing(share: float, text: str) -> None:
    assert numbers.percent(share) == text


@pytest.mark.parametrize(("value", "unit", "text"), [
    (1.23, "USD bn a year", "$1.2bn a year"), (340.0, "USD mn", "$340mn"), (0.123, "share", "12%"),
    (3.14, "months", "3.14 months"), (0.42, "0-1", "0.42"), (1.5, "start = 1", "1.5"),
    (math.nan, "months", "n/a")])
def test_quantity_says_the_unit_where_a_reader_needs_it(value: float, unit: str, text: str) -> None:
    assert numbers.quantity(value, unit) == text


def test_ticks_are_plain_numbers() -> None:
    ticks = [numbers.tick(value, "USD bn") for value in (0.1, 1.0, 10.0, 1000.0)]
    assert ticks == ["$100mn", "$1bn", "$10bn", "$1tn"]
    assert [numbers.tick(1000.0, unit) for unit in ("USD mn", "labs")] == ["$1bn", "1,000"]


def test_an_interval_is_rounded_by_its_width_and_its_estimate_alike() -> None:
    assert numbers.interval(-3.8123, -2.4049, -3.1086) == "[-3.8, -2.4]"
    assert numbers.estimate(-3.1086, -3.8123, -2.4049) == "-3.1"
    assert numbers.interval(1234.0, 5678.0, 3456.0) == "[1,200, 5,700]"
    assert numbers.interval(0.0, 0.0, 0.0) == "[0, 0]"
    assert numbers.interval(math.nan, math.nan, 1.0) == "[no interval]"
    assert numbers.estimate(0.00001, -1.0, 1.0) == "0.0"
