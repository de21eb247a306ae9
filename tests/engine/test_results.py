"""What a simulation gives back: labels, tables, the hash, and what happens to failed runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.common.numbers import plain
from sim.engine.failures import Failure
from sim.engine.results import EVENT_COLUMNS, Results
from sim.engine.simulate import LAB_OUTCOMES, simulate
from sim.model.outcomes import INDEX, LAB_QUANTITIES, NAMES, OUTCOMES
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare as sim_compare

EVENTS = [
    (1, 1, 2, "treaty_signed", "US", "China", np.nan, "The US and China sign a treaty."),
    (0, 1, 1, "round", "OpenAI", None, 6.5, "OpenAI raises USD 6.5 bn."),
    (0, 0, 3, "suit_filed", "xAI", "OpenAI", np.nan, "xAI sues OpenAI."),
]
Make = Callable[..., Results]


@pytest.fixture(name="make")
def _make() -> Make:
    """Makes results of normal values: by default two scenarios, three runs, four months, three events."""

    def make(titles: tuple[str, ...] = ("Base", "Strict"), runs: int = 3, months: int = 4,
             events: Any = EVENTS, values: np.ndarray | None = None, **kwargs: Any) -> Results:
        scenarios = [Scenario.from_dict({"title": title, "months": months}) for title in titles]
        if values is None:
            values = np.random.default_rng(5).standard_normal((len(titles), runs, months, len(NAMES)))
        kwargs.setdefault("uncertainty", "luck")  # each run is independent of the others
        return Results(scenarios, values, events, **kwargs)

    return make


def broken(values: np.ndarray) -> np.ndarray:
    """The same values, with run 1 of the second scenario failing in month 2."""
    values = values.copy()
    values[1, 1, 2:] = np.nan
    return values


# ---- labels ----------------------------------------------------------------------------------------------


def test_months_carry_units_descriptions_and_dates(make: Make) -> None:
    results = make(first_run=100, events=None)
    months = results.months
    assert list(months.data_vars) == list(NAMES)
    lag = months["us_china_lag_months"]
    assert lag.dims == ("scenario", "run", "month")
    assert lag.attrs["units"] == "months"
    assert lag.attrs["description"] == OUTCOMES["us_china_lag_months"].text
    assert months["run"].values.tolist() == [100, 101, 102]
    assert months["date"].values.tolist() == ["2026-01", "2026-02", "2026-03", "2026-04"]
    picked = months["market_hhi"].sel(scenario="Strict", run=101, month=2).item()
    assert picked == results.values[1, 1, 2, INDEX["market_hhi"]]


def test_labs_are_labelled_by_name_or_absent(make: Make) -> None:
    assert make().labs is None
    cash = np.arange(2 * 3 * 4 * 2, dtype=float).reshape(2, 3, 4, 2)
    labs = make(labs={"cash_usd_bn": cash}, lab_names=["OpenAI", "xAI"]).labs
    assert labs is not None
    last = labs["cash_usd_bn"].sel(scenario="Strict", run=2, month=3, lab="xAI")
    assert last.item() == cash[-1, -1, -1, -1]


def test_scenarios_of_one_title_are_told_apart(make: Make) -> None:
    results = make(("Base", "Base", "Base (2)"))
    assert results.titles == ("Base", "Base (2)", "Base (2) (2)")
    assert results.events["scenario"].tolist() == ["Base", "Base", "Base (2)"]


def test_a_scenario_is_found_by_title_or_position_and_an_unknown_one_is_named(make: Make) -> None:
    results = make()
    assert [results.position(key) for key in ("Strict", 1, np.int64(1))] == [1, 1, 1]
    with pytest.raises(KeyError, match="no scenario 'Loose'; there are: Base, Strict"):
        results.position("Loose")
    with pytest.raises(KeyError, match="no scenario 2"):
        results.position(2)


def test_wrong_shapes_and_mixed_starts_are_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="values need the shape"):
        make(values=np.zeros((2, 3, 4, 5)))
    with pytest.raises(ValueError, match="cash by lab needs the shape"):
        make(labs={"cash": np.zeros((2, 3, 4, 1))}, lab_names=["OpenAI", "xAI"])
    scenarios: Any = [SimpleNamespace(title=start, start=start) for start in ("2015-12", "2025-01")]
    with pytest.raises(ValueError, match="start in the same month"):
        Results(scenarios, make().values)


def test_values_cannot_be_changed_by_accident(make: Make) -> None:
    with pytest.raises(ValueError, match="read-only"):
        make().values[0, 0, 0, 0] = 1.0


# ---- tables ----------------------------------------------------------------------------------------------


def test_runs_have_one_summary_per_outcome(make: Make) -> None:
    results = make()
    row = results.runs[(results.runs["scenario"] == "Strict") & (results.runs["run"] == 2)].iloc[0]
    path = results.values[1, 2]
    assert row["market_hhi"] == path[-1, INDEX["market_hhi"]]
    assert row["suits_filed"] == pytest.approx(path[:, INDEX["suits_filed"]].sum())
    assert row["largest_round_usd_bn"] == path[:, INDEX["largest_round_usd_bn"]].max()
    assert row["hostility"] == pytest.approx(path[:, INDEX["hostility"]].mean())


def test_failed_runs_are_left_out_of_tables_and_pairs_but_kept_in_months(make: Make) -> None:
    failures = [Failure("Strict", 1, 2, "cash_usd_bn", "is not finite")]
    results = make(values=broken(make().values), failures=failures)
    kept = list(zip(results.runs["scenario"], results.runs["run"], strict=True))
    assert kept == [("Base", 0), ("Base", 1), ("Base", 2), ("Strict", 0), ("Strict", 2)]
    assert results.paired.tolist() == [True, False, True]
    assert np.isfinite(results.months["market_hhi"].values[1, 1]).tolist() == [True, True, False, False]
    assert "1 failed run" in repr(results)


def test_a_reported_failure_counts_even_in_the_last_month(make: Make) -> None:
    results = make(failures=[Failure("Base", 12, 3, "trust", "left 0..1")], first_run=10, events=None)
    assert results.complete.tolist() == [[True, True, False], [True, True, True]]
    assert np.isnan(results.summaries[0, 2]).all()


def test_month_quantiles_are_numpys_over_complete_runs(make: Make) -> None:
    values = np.random.default_rng(6).standard_normal((2, 21, 3, len(NAMES)))
    values[0, 4, 1:] = np.nan
    table = make(months=3, events=None, values=values).month_quantiles()
    assert len(table) == 2 * 3 * len(NAMES)
    row = table[(table["scenario"] == "Base") & (table["month"] == 2) & (table["outcome"] == "trust")].iloc[0]
    runs = np.delete(values[0, :, 2, INDEX["trust"]], 4)
    assert row["mean"] == pytest.approx(runs.mean())
    expected = np.quantile(runs, [0.05, 0.25, 0.5, 0.75, 0.95])
    found = row[["p5", "p25", "p50", "p75", "p95"]].to_numpy(dtype=float)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_month_quantiles_of_a_scenario_whose_runs_all_failed_are_missing(make: Make) -> None:
    values = make().values.copy()
    values[0, :, -1] = np.nan
    table = make(values=values).month_quantiles()
    assert table[table["scenario"] == "Base"]["p50"].isna().all()
    assert table[table["scenario"] == "Strict"]["p50"].notna().all()


# ---- events ----------------------------------------------------------------------------------------------


def test_events_stand_in_order_of_scenario_run_and_month_with_plain_types(make: Make) -> None:
    events = make().events
    assert list(events.columns) == list(EVENT_COLUMNS)
    assert events["kind"].tolist() == ["suit_filed", "round", "treaty_signed"]
    assert events["scenario"].tolist() == ["Base", "Base", "Strict"]
    assert events["target"].tolist() == ["OpenAI", "", "China"]
    assert events["amount"].dtype == np.float64
    assert events["run"].dtype == np.int64


def test_events_may_name_scenarios_by_title_and_come_as_columns(make: Make) -> None:
    by_title = [("Strict" if row[0] else "Base", *row[1:]) for row in EVENTS]
    as_columns = {name: [row[i] for row in by_title] for i, name in enumerate(EVENT_COLUMNS)}
    for events in (by_title, as_columns, pd.DataFrame(as_columns)):
        pd.testing.assert_frame_equal(make(events=events).events, make().events)


def test_events_of_unknown_scenarios_or_without_a_column_are_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="unknown scenario: Other"):
        make(events=[("Other", *EVENTS[0][1:])])
    for position in (2, -1):
        with pytest.raises(ValueError, match=f"unknown scenario: {position}"):
            make(events=[(position, *EVENTS[0][1:])])
    with pytest.raises(ValueError, match="lack the column target"):
        make(events=pd.DataFrame(EVENTS, columns=list(EVENT_COLUMNS)).drop(columns="target"))


def test_events_outside_the_runs_and_months_are_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="in month 4, outside 0 to 3"):
        make(events=[(0, 0, 4, *EVENTS[0][3:])])
    with pytest.raises(ValueError, match="in run 0, outside 5 to 7"):
        make(first_run=5)


# ---- the hash --------------------------------------------------------------------------------------------


def test_equal_results_have_equal_hashes_whatever_batch_their_events_came_from(make: Make) -> None:
    assert make().hash() == make().hash()
    assert make(events=EVENTS[::-1]).hash() == make().hash()
    assert make(elapsed=9.0, versions={"airace": "9"}).hash() == make().hash()


def test_the_hash_ignores_the_sign_of_zero_and_how_a_nan_is_written(make: Make) -> None:
    one, other = broken(make().values), broken(make().values)
    one[0, 0, 0, 0], other[0, 0, 0, 0] = 0.0, -0.0
    other[1, 1, 3] = np.frombuffer(np.uint64(0xFFF8000000000123).tobytes(), dtype=np.float64)[0]
    assert make(values=one).hash() == make(values=other).hash()


def test_the_hash_notices_the_last_bit_and_every_event_title_seed_and_run(make: Make) -> None:
    values = make().values.copy()
    values[1, 2, 3, 4] = np.nextafter(values[1, 2, 3, 4], np.inf)
    others = [make(values=values), make(seed=1), make(first_run=1, events=None), make(("Base", "Strict!")),
              make(events=EVENTS[:2])]
    for column, change in ((2, 3), (4, "USA"), (6, 1.0), (7, "Signed.")):
        row = (*EVENTS[0][:column], change, *EVENTS[0][column + 1:])
        others.append(make(events=[row, *EVENTS[1:]]))
    hashes = {results.hash() for results in [make(), *others]}
    assert len(hashes) == 1 + len(others)


# ---- as a whole ------------------------------------------------------------------------------------------


def test_runs_added_later_make_the_same_results_as_all_at_once(make: Make) -> None:
    whole = make(runs=3)
    events = [row for row in EVENTS if row[1] < 1], [row for row in EVENTS if row[1] >= 1]
    first = make(values=whole.values[:, :1], events=events[0])
    rest = make(values=whole.values[:, 1:], events=events[1], first_run=1)
    together = first.followed_by(rest)
    assert together.hash() == whole.hash()
    pd.testing.assert_frame_equal(together.runs, whole.runs)


def test_only_the_next_runs_of_the_same_study_can_follow(make: Make) -> None:
    with pytest.raises(ValueError, match="only runs from 3 on can follow these, not runs from 0 on"):
        make().followed_by(make())
    for differs, other in (("seed (1, not 0)", make(first_run=3, seed=1, events=None)),
                           ("title of scenario 2 (Other, not Strict)",
                            make(("Base", "Other"), first_run=3, events=None)),
                           ("months", make(first_run=3, months=3, events=None))):
        with pytest.raises(ValueError, match=re.escape(differs)):
            make().followed_by(other)


def test_results_beside_others_are_those_of_both_simulated_together() -> None:
    base = Scenario.from_dict({"title": "Base", "months": 4})
    strict = base.with_({"regulation.strictness": 0.8}, title="Strict")
    alone = [simulate(scenario, runs=3, seed=7, first_run=2, labs=True) for scenario in (base, strict)]
    together = simulate([base, strict], runs=3, seed=7, first_run=2, labs=True)
    beside = alone[0].beside(alone[1])
    assert beside.hash() == together.hash()
    assert beside.labs is not None
    assert beside.labs.identical(together.labs)


def test_only_runs_of_the_same_luck_and_of_other_titles_stand_beside_each_other(make: Make) -> None:
    new = ("New", "Other")
    for differs, other in (("seed (1, not 0)", make(new, seed=1)),
                           ("first run (1, not 0)", make(new, first_run=1, events=None)),
                           ("there are 4 of each scenario, not 3", make(new, runs=4))):
        with pytest.raises(ValueError, match=re.escape(differs)):
            make().beside(other)
    with pytest.raises(ValueError, match="give one another title"):
        make().beside(make())


def test_results_print_what_they_hold(make: Make) -> None:
    assert repr(make()) == (f"<Results: 2 scenarios x 3 runs x 4 months from 2026-01, {len(NAMES)} outcomes, "
                            "3 events, seed 0, parameters at their defaults, no failed runs>")


def test_names_are_escaped_in_notebooks(make: Make) -> None:
    page = make(("<script>alert(1)</script>", "A & B"))._repr_html_()
    assert "<script>" not in page
    assert "A &amp; B" in page


def test_results_load_without_pandas_xarray_or_matplotlib() -> None:
    code = ("import sys, sim.engine.results; "
            "print(sorted({'pandas', 'xarray', 'matplotlib', 'pyarrow'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- one run ---------------------------------------------------------------------------------------------


def test_events_of_one_run_end_with_the_month_asked_for(make: Make) -> None:
    results = make()
    assert results.events_of("Base", 1)["kind"].tolist() == ["round"]
    assert results.events_of("Strict", 1, month=1).empty
    assert results.events_of(1, 1, month=2)["kind"].tolist() == ["treaty_signed"]


@pytest.mark.parametrize(("asked", "message"), [
    ({"run": 3}, "no run 3; these results have runs 0 to 2"),
    ({"run": -1}, "no run -1; these results have runs 0 to 2"),
    ({"run": 0, "month": 4}, r"no month 4; these results have months 0 \(2026-01\) to 3 \(2026-04\)"),
])
def test_a_run_or_month_that_is_not_there_is_refused_with_what_is(make: Make, asked: Any, message: str) -> None:
    for draw in (make().events_of, make().plot.network):
        with pytest.raises(ValueError, match=message):
            draw("Base", **asked)


@pytest.mark.parametrize(("call", "message"), [
    (lambda plot: plot.fan("hostilty"), "no outcome 'hostilty'; did you mean 'hostility'?"),
    (lambda plot: plot.timeline("Strickt"), "no scenario 'Strickt'; did you mean 'Strict'? there are: Base, Strict"),
    (lambda plot: plot.network(5), "no scenario 5; there are: Base, Strict"),
])
def test_an_unknown_name_is_refused_with_the_nearest_one(make: Make, call: Any, message: str) -> None:
    with pytest.raises(KeyError) as caught:
        call(make().plot)
    assert str(caught.value).startswith(message)


def test_labs_carry_units_and_descriptions(make: Make) -> None:
    labs = make(labs={"revenue": np.ones((2, 3, 4, 1))}, lab_names=["xAI"]).labs
    assert labs is not None
    told = {"units": "USD bn a year", "long_name": "Revenue", "description": "Run-rate revenue"}
    assert labs["revenue"].attrs == told
    assert set(LAB_OUTCOMES) == set(LAB_QUANTITIES)
    assert all(quantity.unit and quantity.title and quantity.text for quantity in LAB_QUANTITIES.values())


def test_what_labs_have_at_the_end_is_the_last_month_of_their_paths() -> None:
    scenario = Scenario.from_dict({"title": "Base", "months": 7})
    results = simulate(scenario, runs=3, seed=1, labs=True)
    assert results.at_end is not None
    assert results.lab_values is not None
    for name in ("revenue", "share", "valuation", "compute"):
        np.testing.assert_array_equal(results.at_end[name], results.lab_values[name][:, :, -1])
    again = simulate(scenario, runs=2, seed=1).followed_by(simulate(scenario, runs=1, seed=1, first_run=2))
    assert again.at_end is not None
    np.testing.assert_array_equal(again.at_end["revenue"], results.at_end["revenue"])
    assert again.hash() == results.hash()


# ---- there and back --------------------------------------------------------------------------------------


@pytest.fixture(name="kept", scope="module")
def _kept() -> Results:
    """Two scenarios with events and labs, a title that is not plain English, a seed beyond 32 bits."""
    base = Scenario.from_dict({"title": "Basis é, 中", "months": 5})
    strict = base.with_({"regulation.strictness": 0.8}, title='"Strict", 2')
    return simulate([base, strict], runs=3, seed=2**40 + 1, first_run=7, labs=True)


@pytest.mark.parametrize("name", ["months", "labs"])
def test_netcdf_gives_back_values_coordinates_and_attributes(kept: Results, name: str, tmp_path: Path) -> None:
    import xarray as xr

    written = getattr(kept, name)
    written.to_netcdf(tmp_path / "x.nc", engine="scipy")
    again = xr.load_dataset(tmp_path / "x.nc", engine="scipy")
    xr.testing.assert_identical(written, again)
    assert int(again.attrs["seed"]) == kept.seed
    for variable in written.data_vars:
        assert again[variable].attrs == written[variable].attrs
        assert {"units", "long_name", "description"} <= set(again[variable].attrs)
        assert again[variable].dtype == np.float64
    assert again["scenario"].values.tolist() == list(kept.titles)


@pytest.mark.parametrize("name", ["months", "labs"])
def test_pandas_gives_back_what_xarray_holds(kept: Results, name: str) -> None:
    import xarray as xr

    held = getattr(kept, name)
    frame = held.drop_vars("date").to_dataframe()
    again = xr.Dataset.from_dataframe(frame).sel(scenario=list(kept.titles), **(
        {"lab": list(kept.lab_names)} if name == "labs" else {}))
    for variable in held.data_vars:
        np.testing.assert_array_equal(again[variable].values, held[variable].values)


@pytest.mark.parametrize("name", ["runs", "events"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_csv_and_parquet_give_back_the_tables(kept: Results, name: str, form: str, tmp_path: Path) -> None:
    table = getattr(kept, name)
    path = tmp_path / f"table.{form}"
    if form == "csv":
        table.to_csv(path, index=False)
        again = pd.read_csv(path, keep_default_na=False, float_precision="round_trip",
                            na_values={"amount": [""]}, dtype=table.dtypes.to_dict())
    else:
        table.to_parquet(path, index=False)
        again = pd.read_parquet(path)
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def test_a_saved_study_gives_back_labs_units_and_hash(kept: Results, tmp_path: Path) -> None:
    import xarray as xr

    again = Results.load(kept.save(tmp_path / "study"))
    assert again.hash() == kept.hash()
    xr.testing.assert_identical(again.months, kept.months)
    xr.testing.assert_identical(again.labs, kept.labs)
    assert again.at_end is not None
    assert kept.at_end is not None
    assert again.at_end.keys() == kept.at_end.keys()
    for name, array in kept.at_end.items():
        np.testing.assert_array_equal(again.at_end[name], array)
    pd.testing.assert_frame_equal(again.events, kept.events)


def test_results_without_labs_have_the_same_hash(kept: Results) -> None:
    bare = Results(kept.scenarios, kept.values, kept.events, seed=kept.seed, first_run=kept.first_run)
    assert bare.hash() == kept.hash()


# ---- printed ---------------------------------------------------------------------------------------------


def test_printed_results_stay_within_80_columns_with_a_line_for_each_scenario(make: Make) -> None:
    results = make(("Base", "A very long title " * 5, "Strange"))
    results.titles = (*results.titles[:2], "Stra\x1bnge\u202e")
    text = str(results)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.count("3 runs\n") + text.endswith("3 runs") == 3


@pytest.mark.slow
def test_notebooks_show_means_and_fans_in_both_palettes(kept: Results) -> None:
    for shown in (kept, sim_compare(kept)):
        page = shown._repr_html_()
        assert "prefers-color-scheme: dark" in page
        assert "#1f2328" not in page.split("</style>")[1]
        assert "<script" not in page
        assert "&quot;Strict&quot;, 2" in page
    assert kept._repr_html_().count("<svg") == 3
    ids = re.findall(r' id="([^"]*)"', kept._repr_html_())
    assert len(ids) == len(set(ids))
    mean = kept.summaries[1, :, INDEX["small_labs"]].mean()
    assert f">{plain(mean)}<" in kept._repr_html_()
