"""How scenarios and months are called."""

from __future__ import annotations

from sim.engine.labels import distinct_titles, month_dates


def test_dates_cross_years() -> None:
    assert month_dates("2015-12", 3) == ("2015-12", "2016-01", "2016-02")


def test_a_title_that_stood_before_is_numbered_and_never_becomes_one_that_is_there() -> None:
    assert distinct_titles(["A", "A", "A (2)", "B"]) == ("A", "A (2)", "A (2) (2)", "B")
