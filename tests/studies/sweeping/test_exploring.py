"""A finished sweep as the explorer reads it: quantiles, groups of futures, errors, and what no page can be made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.engine.simulate import simulate
from sim.model.outcomes import INDEX
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping import chunks
from sim.studies.sweeping import sweep as sweeping
from sim.studies.sweeping.design import Design, DesignError
from sim.studies.sweeping.exploring import Error, ExploringError, explore
from sim.studies.sweeping.sweep import Sweep

HEAD = """base = "base.toml"
runs = 6
outcomes = ["severe_incidents", "hostility"]
months_kept = { every = 6 }
"""
WORLDS = HEAD + """
[axes]
world = ["slow.toml", "fast.toml"]
"regulation.us.strictness" = { from = 0.0, to = 1.0 }
"industry.openness" = { from = 0.0, to = 2.0 }
[sample]
points = 20
"""
LINE = HEAD + '[axes]\n"regulation.strictness" = [0.0, 0.5, 1.0]\n'


@pytest.fixture(scope="module", name="place")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explored")
    (folder / "base.toml").write_text('title = "Base"\nmonths = 12\n')
    (folder / "slow.toml").write_text('title = "Slow"\n[uncertainty]\nalgorithm_growth = { low = 0.26, high = 0.34 }\n')
    (folder / "fast.toml").write_text('title = "Fast"\n[industry]\nopenness = 0.2\n'
                                      "[uncertainty]\nalgorithm_growth = 0.6\n")
    return folder


def designed(place: Path, text: str) -> Design:
    (place / "design.toml").write_text(text)
    return Design.load(place / "design.toml")


@pytest.fixture(scope="module", name="folder")
def _folder(place: Path) -> Path:
    sweep = Sweep.begin(place / "worlds", designed(place, WORLDS))
    sweep.run()
    return sweep.folder


# ---- worlds as an axis -------------------------------------------------------------------------------------------
def test_a_point_lies_in_its_world_and_an_axis_holds_there_in_place_of_what_the_world_sets(place, folder):
    design = Sweep.open(folder).design
    for number, point in enumerate(design.points):
        scenario = design.scenario(number)
        assert scenario.levers["industry.openness"] == point[2]
        assert scenario.uncertainty == Scenario.load(place / point[0]).uncertainty
    assert design.along(0) == ("slow.toml", "fast.toml")
    assert Design.from_resolved(design.resolved()) == design
    own = pd.read_parquet(folder / "runs.parquet")
    first = own.loc[own["point"] == 0, "hostility"].to_numpy()
    again = simulate([design.scenario(0)], runs=6, seed=0, months=12, uncertainty=design.uncertainty)
    assert (first == again.summaries[0, :, list(again.outcomes).index("hostility")]).all()


@pytest.mark.parametrize(("axis", "error", "told"), [
    ('world = ["slow.toml", "slow.toml"]', DesignError, "a list of different worlds"),
    ('world = "any"', DesignError, "a list of different worlds"),
    ('world = [0.1, 0.2]', DesignError, "help: airace list worlds"),
    ('world = ["nowhere"]', ScenarioError, "nowhere"),
    ('world = ["long.toml"]', DesignError, "a length of its own"),
])
def test_what_is_no_world_is_refused_before_anything_runs(place, axis, error, told):
    (place / "long.toml").write_text('title = "Long"\nmonths = 24\n')
    with pytest.raises(error, match=told):
        designed(place, HEAD + f"[axes]\n{axis}\n")


# ---- kept months -------------------------------------------------------------------------------------------------
def test_kept_months_of_a_total_are_the_total_so_far_and_a_sweep_begun_before_keeps_its_meaning(place):
    design = designed(place, LINE)
    sweep = Sweep.begin(place / "line", design)
    sweep.run()
    table = pd.read_parquet(sweep.table)
    assert (table["severe_incidents@2026-12"] == table["severe_incidents"]).all()
    path = simulate([design.scenario(0)], runs=6, seed=0, months=12, uncertainty=design.uncertainty).values
    half = path[0, :, :6, INDEX["severe_incidents"]].sum(axis=1)
    assert (table.loc[table["point"] == 0, "severe_incidents@2026-06"].to_numpy() == half).all()
    before = {key: value for key, value in design.resolved().items() if key != "so_far"}
    old = Design.from_resolved(before)
    assert not old.so_far
    assert old.resolved() == before


# ---- what is read ------------------------------------------------------------------------------------------------
def test_quantiles_and_groups_are_those_of_the_runs(folder):
    found = explore(folder)
    table = pd.read_parquet(folder / "runs.parquet")
    assert [block.words for block in found.blocks] == [{"world": "slow.toml"}, {"world": "fast.toml"}]
    assert sorted(np.concatenate([block.points for block in found.blocks])) == list(range(20))
    for name in found.outcomes:
        for column, kept in enumerate([f"{name}@2026-06", f"{name}@2026-12", name]):
            for point in range(20):
                runs = table.loc[table["point"] == point, kept].to_numpy()
                quantiles = np.quantile(runs, [0.05, 0.25, 0.5, 0.75, 0.95])
                assert found.quantiles[name][column, point] == pytest.approx(quantiles)
                assert found.groups[name][column, point] == pytest.approx(runs.reshape(3, 2).mean(axis=1))  # by draw
                assert found.means(name)[column, point] == pytest.approx(runs.mean())
    assert found.sizes.tolist() == [2.0, 2.0, 2.0]


def test_the_reference_is_what_the_base_sets_where_the_axes_hold_it(folder):
    found = explore(folder)
    base = found.design.base.levers
    assert found.reference == {"world": "slow.toml", "regulation.us.strictness": base["regulation.us.strictness"],
                               "industry.openness": base["industry.openness"]}


def test_the_same_sweep_is_joined_the_same_way_and_errors_are_of_points_left_out(folder):
    first, second = explore(folder), explore(Sweep.open(folder))  # either way of naming it
    for one, other in zip(first.blocks, second.blocks, strict=True):
        for name in first.outcomes:
            assert (one.joined[name].lengths == other.joined[name].lengths).all()
            error = one.errors[name]
            means = first.means(name)[-1, one.points]
            missed = np.abs(means - one.joined[name].left_out(means[:, None])[:, 0])
            assert (error.points, error.mean) == (10, pytest.approx(missed.mean()))
            share = 1.0 - (missed**2).mean() / means.var() if means.var() > 0.0 else None  # None: no incident at all
            assert error.told == pytest.approx(share)
            assert (missed <= error.within[-1] * (1.0 + 1e-9)).mean() >= 0.95


def test_one_axis_alone_is_joined_along_it(place):
    sweep = Sweep.begin(place / "line", designed(place, LINE))
    sweep.run()
    found = explore(sweep.folder, ["hostility"])
    error = found.blocks[0].errors["hostility"]
    means = found.means("hostility")[-1]
    assert error.mean == pytest.approx(abs(means[1] - (means[0] + means[2]) / 2.0))
    assert list(found.reference) == ["regulation.strictness"]


def test_a_point_at_which_a_run_failed_is_left_out(folder, monkeypatch):
    whole = Sweep.read

    def failing(sweep: Sweep) -> pd.DataFrame:
        table = whole(sweep)
        table.loc[table["point"] == 3, "hostility"] = np.nan
        return table

    monkeypatch.setattr(Sweep, "read", failing)
    monkeypatch.setattr("sim.studies.sweeping.exploring.fewest", lambda _: 3)
    found = explore(folder)
    assert found.dropped == 1
    assert 3 not in np.concatenate([block.points for block in found.blocks])


# ---- verdicts ----------------------------------------------------------------------------------------------------
def error(told: float | None, mean: float = 1.0, spread: float = 1.0, points: int = 10) -> Error:
    return Error(points, mean, mean, mean, mean, np.array([mean]), told, spread)


@pytest.mark.parametrize(("given", "verdict"), [
    (error(0.9), "good"), (error(None, 0.0), "good"), (error(0.6), "rough"), (error(0.2), "blind"),
    (error(0.2, mean=0.1), "rough"), (error(0.9, points=4), "rough"), (error(None, points=0), "unknown"),
])
def test_an_interpolation_that_tells_little_is_not_drawn_unless_its_misses_are_small_beside_luck(given, verdict):
    assert given.verdict == verdict


# ---- what no page can be made of ---------------------------------------------------------------------------------
def test_an_unfinished_sweep_is_refused_with_the_command_that_finishes_it(place, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 6)
    sweep = Sweep.begin(place / "half", designed(place, LINE))

    def stop(done: int, *_: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep.run(progress=stop)
    with pytest.raises(StoreError, match=r"1 of 3 points are done; finish it with airace resume"):
        explore(sweep.folder)


def test_a_sweep_of_another_model_is_refused(folder, monkeypatch):
    changed = {**Sweep.open(folder).versions, "numpy": "0.1"}
    monkeypatch.setattr(sweeping, "versions", lambda: changed)
    with pytest.raises(StoreError, match="was begun with another model"):
        explore(folder)


@pytest.mark.parametrize(("text", "told"), [
    (HEAD + '[axes]\n"regulation.strictness" = [0.5]\n', "has one point, so there is nothing to move"),
    (HEAD + '[axes]\n"regulation.strictness" = [0.0, 1.0]\n"industry.openness" = { from = 0.0, to = 2.0 }\n'
     "[sample]\npoints = 5\n", "5 points are too few to join over 2 axes, which takes 8"),
])
def test_too_few_points_are_refused_with_what_would_do(place, tmp_path, text, told):
    sweep = Sweep.begin(tmp_path / "few", designed(place, text))
    sweep.run()
    with pytest.raises(ExploringError, match=told):
        explore(sweep.folder)


def test_more_axes_than_a_page_has_sliders_for_are_refused(folder, monkeypatch):
    monkeypatch.setattr("sim.studies.sweeping.exploring.MOST_AXES", 1)
    with pytest.raises(ExploringError, match="moves 2 axes of numbers, and a page has sliders for 1"):
        explore(folder)


@pytest.mark.parametrize(("name", "told"), [("hostilty", "did you mean hostility"),
                                            ("market_hhi", "did not keep market_hhi; it kept severe_incidents")])
def test_an_outcome_that_is_none_or_was_not_kept_is_refused(folder, name, told):
    with pytest.raises(ExploringError, match=told):
        explore(folder, [name])
