"""Scores of later observations are those of the closed forms, and a file that cannot be used says why."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.results import Results
from sim.model.outcomes import INDEX, NAMES, OUTCOMES
from sim.scenario.scenario import Scenario
from sim.studies.forecasting.observations import Observation, ObservationsError, read_observations
from sim.studies.forecasting.score import score, verdicts

RUNS = 4000


def ensemble(outcome: str, draws: np.ndarray, months: int = 24) -> Results:
    """Results from January 2026 in which every outcome is 1, save this one, which has these draws in every month."""
    values = np.ones((1, len(draws), months, len(NAMES)))
    values[0, :, :, INDEX[outcome]] = draws[:, None]
    return Results([Scenario.from_dict({"title": "Made up"})], values)


def test_the_score_of_a_normal_ensemble_is_the_closed_form() -> None:
    """A standard normal scores (sqrt(2) - 1) / sqrt(pi) at its mean (Gneiting and Raftery 2007)."""
    results = ensemble("hostility", np.random.default_rng(0).normal(size=RUNS))
    found, = score(results, [Observation("hostility", "2027-03", 0.0, "a source")])
    assert found.crps == pytest.approx((np.sqrt(2.0) - 1.0) / np.sqrt(np.pi), abs=0.02)
    assert found.quantiles[2] == pytest.approx(0.0, abs=0.06)
    assert found.in_50
    assert found.in_90


def test_outcomes_that_grow_by_factors_are_scored_in_logarithms() -> None:
    """An ensemble without spread that is off by a factor e scores 1, whatever the unit."""
    assert OUTCOMES["leader_revenue_usd_bn"].log
    results = ensemble("leader_revenue_usd_bn", np.full(10, 5.0))
    found, = score(results, [Observation("leader_revenue_usd_bn", "2027-03", 5.0 * np.e, "a source")])
    assert found.crps == pytest.approx(1.0)
    assert not found.in_90


@pytest.mark.slow
def test_bands_cover_what_the_ensemble_is_drawn_from_as_often_as_they_say() -> None:
    """Of 400 observations drawn from the ensemble itself, 50% and 90% lie within, to three standard errors."""
    draw = np.random.default_rng(1)
    results = ensemble("hostility", draw.normal(size=RUNS), months=400)
    months = [f"{2026 + m // 12}-{m % 12 + 1:02d}" for m in range(400)]
    seen = [Observation("hostility", month, float(draw.normal()), "a source") for month in months]
    verdict, = verdicts(score(results, seen))
    assert verdict.covered_50 == pytest.approx(0.5, abs=3 * np.sqrt(0.25 / 400))
    assert verdict.covered_90 == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / 400))


def test_the_naive_forecast_is_no_change_and_wins_where_nothing_changed() -> None:
    results = ensemble("hostility", np.random.default_rng(2).normal(0.5, 1.0, RUNS))
    start = float(np.median(results.values[0, :, 0, INDEX["hostility"]]))
    still = Observation("hostility", "2026-06", start, "a source")
    found, = score(results, [still])
    assert found.naive_is == "no change"
    assert found.naive < found.crps
    assert verdicts([found])[0].better == 0


def test_a_record_before_the_start_makes_the_naive_forecast_a_drift() -> None:
    results = ensemble("leader_revenue_usd_bn", np.full(10, 5.0))
    found, = score(results, [Observation("leader_revenue_usd_bn", "2026-12", 13.0, "a source")])
    assert found.naive_is == "drift"
    assert set(found.rivals) >= {"no change", "drift", "damped drift", "trend", "pool"}
    assert found.naive == found.rivals["drift"]


def test_csv_and_toml_say_the_same(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("outcome,month,value,unit,source\nhostility,2026-03,0.5,0-1,\"a, source\"\n")
    (tmp_path / "a.toml").write_text('[[observation]]\noutcome = "hostility"\nmonth = "2026-03"\nvalue = 0.5\n'
                                     'unit = "0-1"\nsource = "a, source"\n')
    assert read_observations(tmp_path / "a.csv") == read_observations(tmp_path / "a.toml")
    assert read_observations(tmp_path / "a.csv") == [Observation("hostility", "2026-03", 0.5, "a, source")]


GOOD = "hostility,2026-03,0.5,0-1,a source"


@pytest.mark.parametrize(("rows", "told"), [
    ("", "holds no observation"),
    ("hostility,٢٠٢٥-03,0.5,0-1,a source", "2: "),
    ("hostilty,2026-03,0.5,0-1,a source", "2: there is no outcome 'hostilty'; did you mean hostility?"),
    ("hostility,2026-13,0.5,0-1,a source", "2: the month is '2026-13'; write it as in \"2026-03\""),
    ("hostility,2026-03,nan,0-1,a source", "2: the value is 'nan'; give a number"),
    ("hostility,2026-03,,0-1,a source", "2: the value is ''; give a number"),
    ("hostility,2026-03,0.5,percent,a source", "2: hostility is in '0-1', not in 'percent'; convert the value"),
    ("hostility,2026-03,0.5,0-1,", "2: it has no source; say where the value comes from"),
    (f"{GOOD}\n{GOOD}", "3: hostility of 2026-03 is given twice; keep one of them"),
    ('hostility,2026-03,0.5,0-1,"a source', "is no CSV"),
])
def test_a_fault_in_a_file_is_told_with_its_line(tmp_path, rows: str, told: str) -> None:
    file = tmp_path / "seen.csv"
    file.write_text(f"outcome,month,value,unit,source\n{rows}\n")
    with pytest.raises(ObservationsError) as refused:
        read_observations(file)
    assert told in str(refused.value)


@pytest.mark.parametrize(("name", "content", "told"), [
    ("a.csv", b"month,value\n", "1: the header lacks outcome, unit, source"),
    ("a.csv", b"\xff\xfe\x00", "is not text in UTF-8"),
    ("a.toml", b"outcome = ", "is no TOML"),
    ("a.toml", b"[other]\n", "holds other things than [[observation]] tables"),
    ("a.csv", b" " * (1 << 21), "is larger than 1 MiB"),
])
def test_a_file_of_another_kind_is_refused(tmp_path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ObservationsError) as refused:
        read_observations(tmp_path / name)
    assert told in str(refused.value)


def test_all_faults_are_told_at_once(tmp_path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("outcome,month,value,unit,source\nhostility,2026-3,x,0-1,\n")
    with pytest.raises(ObservationsError) as refused:
        read_observations(file)
    assert len(str(refused.value).splitlines()) == 3


def test_a_month_outside_the_study_is_refused() -> None:
    results = ensemble("hostility", np.zeros(3), months=12)
    with pytest.raises(ObservationsError, match="the study holds 12 months from 2026-01"):
        score(results, [Observation("hostility", "2027-01", 0.5, "a source")])
