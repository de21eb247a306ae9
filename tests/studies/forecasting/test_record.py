"""The record is read as it stands, one definition a series, and a record that cannot be used is refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.model.parameters import evidence
from sim.studies.forecasting.record import RecordError, months, platforms_trend, read_record, record

BY_NAME = {series.name: series for series in record()}


def at(name: str) -> dict[str, float]:
    """A series' figures by last month."""
    return {point.last: point.value for point in BY_NAME[name].points}


def test_the_record_has_twelve_series_and_two_hundred_figures_none_after_january_2026() -> None:
    whole = [series for series in record() if not series.lab]
    assert len(whole) >= 12
    assert sum(len(series.points) for series in whole) >= 200
    assert max(point.last for series in record() for point in series.points) <= "2026-01"
    assert all(series.definition and series.source for series in record())


def test_where_the_evidence_has_a_figure_too_they_agree() -> None:
    assert at("leader's revenue")["2024-12"] == evidence()["rev_openai_2024-12-31"]["value"]
    share = evidence()["china_share_nv_stock_2023"]["value"]
    assert at("China's share of chips")["2023-12"] == pytest.approx(share / 100)
    counted = evidence()["h100e_nv_world_2024-12-31"]["value"] + evidence()["h100e_tpu_google_2024-12-31"]["value"]
    before = 0.35e6  # sold before the count begins
    assert at("world stock of AI chips")["2024-12"] == pytest.approx(counted + before, rel=1e-4)
    assert at("largest training run")["2020-12"] == pytest.approx(np.log10(3.14e23), abs=1e-3)


def test_capital_spending_is_cash_in_every_quarter_and_the_sum_of_its_parts() -> None:
    """One definition throughout: by year the four platforms' cash purchases, without the jump of leases in 2021."""
    capex = BY_NAME["capital spending of four platforms"]
    assert [point.last for point in capex.points] == [
        f"{year}-{month:02d}" for year in range(2016, 2026) for month in (3, 6, 9, 12)]
    by_year = {year: np.mean([p.value for p in capex.points if p.last.startswith(str(year))])
               for year in range(2016, 2026)}
    assert by_year[2021] == pytest.approx(127.6, abs=0.1)
    assert by_year[2025] == pytest.approx(376.05, abs=0.1)
    assert by_year[2021] / by_year[2020] < 1.4  # 1.52 where leases came in


def test_quarters_of_other_calendars_are_read_over_their_own_months() -> None:
    sales = BY_NAME["sales of AI chips"].points
    assert (sales[0].first, sales[0].last) == ("2016-02", "2016-04")
    assert sales[-1].last == "2025-10"
    assert sales[-1].value == pytest.approx(4 * 51.2)


@pytest.mark.parametrize(("period", "expected"), [
    ("2025", ("2025-01", "2025-12")), ("2025Q3", ("2025-07", "2025-09")), ("2025-07", ("2025-07", "2025-07")),
    ("2025-02..2025-04", ("2025-02", "2025-04")),
])
def test_a_period_has_a_first_and_a_last_month(period: str, expected: tuple[str, str]) -> None:
    assert months(period) == expected


@pytest.mark.parametrize("period", ["2025Q5", "2025-13", "25", "2025-04..2025-02", "", "2025-1"])
def test_what_is_no_period_is_refused_with_the_forms_there_are(period: str) -> None:
    with pytest.raises(ValueError, match='write it as "2025", "2025Q3"'):
        months(period)


def test_platforms_trend_knows_nothing_after_the_origin() -> None:
    assert platforms_trend("2018-12") == pytest.approx(np.log(151.85 / 75.62) / 3)
    assert platforms_trend("2025-12") == pytest.approx(np.log(556.16 / 75.62) / 10)


GOOD: dict[str, Any] = {
    "name": "a", "outcome": "adoption", "read": "last", "scale": "log", "discrepancy": 0.1, "definition": "d",
    "source": "s", "points": [{"period": "2020", "value": 1.0, "grade": "A"}],
}


@pytest.mark.parametrize(("changed", "told"), [
    ({"points": [*GOOD["points"], {"period": "2020", "value": 2.0, "grade": "A"}]},
     "2020 is given twice, with different values"),
    ({"points": [*GOOD["points"], *GOOD["points"]]}, "2020 is given twice; keep one of them"),
    ({"points": [{"period": "2020", "value": -1.0, "grade": "A"}]}, "no place on a scale of logarithms"),
    ({"points": [{"period": "2020", "value": float("nan"), "grade": "A"}]}, "the value is nan; give a number"),
    ({"points": [{"period": "2020", "value": True, "grade": "A"}]}, "the value is True; give a number"),
    ({"points": [{"period": "2020", "value": 1.0, "grade": "D"}]}, "the grade is 'D'; it is one of A, B, C"),
    ({"points": [{"period": "20", "value": 1.0, "grade": "A"}]}, "'20' is no period"),
    ({"points": [{"period": "2020", "grade": "A"}]}, "a figure lacks value"),
    ({"outcome": "adoptions"}, "adoptions is no outcome"),
    ({"outcome": "adoption", "lab": "OpenAI"}, "adoption is no quantity of a lab"),
    ({"read": "median"}, "`read` is 'median'"),
    ({"scale": "cube"}, "`scale` is 'cube'"),
    ({"discrepancy": 0.0}, "`discrepancy` must be above 0"),
    ({"units": "x"}, "does not know units"),
])
def test_a_record_that_cannot_be_used_is_refused_with_its_place(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(RecordError, match=r"series 1 \(a\)") as refused:
        read_record([{**GOOD, **changed}])
    assert told in str(refused.value)


def test_two_series_of_one_name_are_refused() -> None:
    with pytest.raises(RecordError, match="two series are called a"):
        read_record([GOOD, GOOD])
