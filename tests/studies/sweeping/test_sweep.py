"""A sweep gives the same bytes whatever stops it and however it is shared out; bad designs say what is wrong."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.simulate import simulate
from sim.engine.uncertainty import believed
from sim.model.outcomes import INDEX, PRIMARY, summarise
from sim.scenario.scenario import Scenario
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping import chunks
from sim.studies.sweeping import sweep as sweep_module
from sim.studies.sweeping.design import Design, DesignError
from sim.studies.sweeping.sweep import Sweep

BASE = 'title = "Base"\nmonths = 6\n'
DESIGN = """
base = "base.toml"
runs = 6
uncertainty = "prior"
[axes]
"regulation.strictness" = { from = 0.0, to = 1.0, steps = 3 }
"diplomacy.us_china_cooperation" = [0.1, 0.8]
"""


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Design:
    """Six points, six runs each, in chunks of two points."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 12)
    return designed(tmp_path, DESIGN)


def designed(folder: Path, text: str) -> Design:
    (folder / "base.toml").write_text(BASE)
    (folder / "design.toml").write_text(text)
    return Design.load(folder / "design.toml")


# ---- designs -----------------------------------------------------------------------------------------------
def test_a_grid_has_every_combination_in_order(design: Design) -> None:
    assert design.points == ((0.0, 0.1), (0.0, 0.8), (0.5, 0.1), (0.5, 0.8), (1.0, 0.1), (1.0, 0.8))
    assert design.outcomes == PRIMARY
    assert Design.from_resolved(json.loads(json.dumps(design.resolved()))).resolved() == design.resolved()


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_axis(tmp_path: Path) -> None:
    drawn = designed(tmp_path, 'base = "base.toml"\n[axes]\n"regulation.strictness" = { from = 0.2, to = 0.6 }\n'
                               '"regulation.capture" = [0.0, 1.0]\n[sample]\npoints = 20\n')
    strictness, capture = np.array(drawn.points).T
    assert sorted(np.floor((strictness - 0.2) / 0.4 * 20).astype(int)) == list(range(20))
    assert sorted(np.floor(capture * 20).astype(int)) == list(range(20))
    assert not drawn.is_grid


def test_months_to_keep_are_dates_or_the_last_of_every_so_many(tmp_path: Path) -> None:
    def kept(line: str) -> tuple[str, ...]:
        return designed(tmp_path, DESIGN.replace("runs = 6", f"runs = 6\n{line}")).months_kept

    assert kept('months_kept = ["2026-06", "2026-02"]') == ("2026-02", "2026-06")
    assert kept("months_kept = { every = 3 }") == ("2026-03", "2026-06")
    assert kept("") == ()


def test_every_uncertainty_is_drawn_from_its_prior(tmp_path: Path) -> None:
    drawn = designed(tmp_path, 'base = "base.toml"\nuncertainty = "luck"\n[axes]\n"uncertainty.*" = "prior"\n'
                               '[sample]\nmethod = "sobol"\npoints = 64\n')
    names = {axis.partition(".")[2] for axis in drawn.axes}
    assert names == set(believed("prior", 0, np.arange(2)))
    herding = np.array(drawn.points)[:, drawn.axes.index("uncertainty.herding")]
    assert np.median(herding) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize(("text", "told"), [
    ("base = ", "is no TOML"),
    ('[axes]\n"regulation.strictness" = [0.0, 1.0]', "`base` is missing"),
    ('base = "base.toml"', "has no axes"),
    ('base = "base.toml"\nrun = 5\n[axes]\n"regulation.strictness" = [0.0]', "no key `run` in a design; did you mean"),
    ('base = "base.toml"\n[axes]\n"regulation.strictnes" = [0.0, 1.0]', "did you mean"),
    ('base = "base.toml"\n[axes]\n"regulation.strictness" = [0.0, 7.0]', "cannot be 7.0"),
    ('base = "base.toml"\n[axes]\n"regulation.strictness" = "high"', "is a list of different numbers"),
    ('base = "base.toml"\n[axes]\n"regulation.strictness" = [0.5, 0.5]', "is a list of different numbers"),
    ('base = "base.toml"\nruns = 0\n[axes]\n"regulation.strictness" = [0.5]', "`runs` is a whole number from 1, not 0"),
    ('base = "base.toml"\noutcomes = ["hostilty"]\n[axes]\n"regulation.strictness" = [0.5]', "did you mean hostility"),
    ('base = "base.toml"\nmonths_kept = ["2026-07"]\n[axes]\n"regulation.strictness" = [0.5]',
     "it goes from 2026-01 to 2026-06"),
    ('base = "base.toml"\nmonths_kept = 12\n[axes]\n"regulation.strictness" = [0.5]', "or { every = 12 }"),
    ('base = "base.toml"\nmonths_kept = { every = 0 }\n[axes]\n"regulation.strictness" = [0.5]', "from 1, not 0"),
    ('base = "base.toml"\nuncertainty = "all"\n[axes]\n"regulation.strictness" = [0.5]', "luck, prior, posterior"),
    ('base = "base.toml"\n[axes]\n"regulation.strictness" = { from = 1.0, to = 0.0 }\n[sample]\npoints = 5',
     "LOW below HIGH"),
    ('base = "base.toml"\n[axes]\n"regulation.strictness" = [0.0, 1.0]\n[sample]\npoints = 5\nmethod = "x"',
     "latin_hypercube"),
    ('base = "base.toml"\n[axes]\n"regulation.strictness" = { from = 0.0, to = 1.0, steps = 2000 }\n'
     '"regulation.capture" = { from = 0.0, to = 1.0, steps = 2000 }', "the grid has 4,000,000 points"),
])  # fmt: skip
def test_a_design_that_cannot_be_run_is_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DesignError) as refused:
        designed(tmp_path, text)
    assert told in str(refused.value)


# ---- results -----------------------------------------------------------------------------------------------
def test_rows_are_what_simulate_says_of_the_point_and_the_run(design: Design, tmp_path: Path) -> None:
    sweep = Sweep.begin(tmp_path / "out", design)
    sweep.run()
    frame = sweep.read()
    assert len(frame) == 36
    point = frame[frame["point"] == 3]
    scenario = Scenario.load(tmp_path / "base.toml").with_(
        {"regulation.strictness": 0.5, "diplomacy.us_china_cooperation": 0.8})
    expected = summarise(simulate(scenario, runs=6, uncertainty="prior").values[0])
    for name in design.outcomes:
        assert np.array_equal(point[name].to_numpy(), expected[:, INDEX[name]]), name


def test_months_kept_stand_beside_the_summaries(design: Design, tmp_path: Path) -> None:
    """As columns of the table, with the outcome's unit, equal to what simulate says of that month."""
    import pyarrow.parquet as pq

    lines = 'runs = 6\nmonths_kept = ["2026-02"]\noutcomes = ["hostility"]'
    kept = designed(tmp_path, DESIGN.replace("runs = 6", lines))
    table = pq.read_table(Sweep.begin(tmp_path / "out", kept).run())
    assert table.column_names[-2:] == ["hostility", "hostility@2026-02"]
    assert table.schema.field("hostility@2026-02").metadata == {b"unit": b"0-1"}
    monthly = simulate(design.scenario(3), runs=6, uncertainty="prior").values[0, :, 1, INDEX["hostility"]]
    frame = table.to_pandas()
    assert np.array_equal(frame.loc[frame["point"] == 3, "hostility@2026-02"].to_numpy(), monthly)


def test_values_read_shard_by_shard_are_those_of_the_table(design: Design, tmp_path: Path) -> None:
    """Runs of a point may be shared out over shards; what is not done is empty."""
    def stop(done: int, *_: int) -> None:
        if done >= 12:
            raise KeyboardInterrupt

    sweep = Sweep.begin(tmp_path / "out", design)
    with pytest.raises(KeyboardInterrupt):
        sweep.run(progress=stop)
    assert sweep.points_done().tolist() == [True, True, False, False, False, False]
    assert np.isfinite(sweep.values("hostility")).sum() == 12
    sweep.run()
    frame = sweep.read()
    assert np.array_equal(sweep.values("hostility").ravel(), frame["hostility"].to_numpy())
    assert sweep.points_done().all()


@pytest.mark.slow
def test_runs_of_a_point_may_fill_several_shards(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 4)
    sweep = Sweep.begin(tmp_path / "out", design)
    sweep.run()
    assert len(sweep.chunks) == 12
    assert np.array_equal(sweep.values("market_hhi").ravel(), sweep.read()["market_hhi"].to_numpy())


@pytest.mark.slow
def test_the_engine_changes_no_byte(design: Design, tmp_path: Path) -> None:
    """One process, two processes, threads."""
    tables = [Sweep.begin(tmp_path / "a", design).run(1), Sweep.begin(tmp_path / "b", design).run(2)]
    with ThreadPoolExecutor(2) as pool:
        tables.append(Sweep.begin(tmp_path / "c", design).run(executor=pool))
    assert len({table.read_bytes() for table in tables}) == 1


def test_a_sweep_that_was_stopped_goes_on_and_ends_with_the_same_bytes(design: Design, tmp_path: Path) -> None:
    whole = Sweep.begin(tmp_path / "whole", design).run().read_bytes()

    def stop(done: int, *_: int) -> None:
        if done >= 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sweep.begin(tmp_path / "out", design).run(progress=stop)
    again = Sweep.open(tmp_path / "out")
    assert len(again.done()) == 1
    assert again.read()["point"].nunique() == 2
    assert again.run().read_bytes() == whole


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncate", "alter", "no note", "half a note", "no shard"])
def test_a_damaged_shard_is_set_aside_and_done_again(design: Design, tmp_path: Path, damage: str) -> None:
    sweep = Sweep.begin(tmp_path / "out", design)
    whole = sweep.run().read_bytes()
    shard, note = (tmp_path / "out" / "shards" / f"000001.{ending}" for ending in ("parquet", "json"))
    content = shard.read_bytes()
    if damage == "truncate":
        shard.write_bytes(content[:-7])
    elif damage == "alter":
        shard.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    elif damage == "no note":
        note.unlink()
    elif damage == "half a note":
        note.write_text('{"sha')
    else:
        shard.unlink()
    assert set(sweep.done()) == {0, 2}
    assert any((tmp_path / "out" / "set_aside").iterdir())
    assert sweep.run().read_bytes() == whole


@pytest.mark.slow
def test_a_point_that_fails_is_recorded_and_the_rest_go_on(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Sweep.begin(tmp_path / "whole", design).run().read_bytes()
    scenario = Design.scenario

    def fails(self: Design, point: int) -> Scenario:
        if self.points[point] == (0.5, 0.8):
            return self.base.with_({"regulation.strictness": 7.0})
        return scenario(self, point)

    monkeypatch.setattr(Design, "scenario", fails)
    sweep = Sweep.begin(tmp_path / "out", design)
    sweep.run()
    assert [(failure["point"], failure["run"]) for failure in sweep.failures()] == [(3, None)]
    assert "strictness" in sweep.failures()[0]["reason"]
    empty = sweep.read().groupby("point")["hostility"].apply(lambda column: column.isna().all())
    assert empty[empty].index.tolist() == [3]
    monkeypatch.undo()
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 12)
    again = Sweep.open(tmp_path / "out")
    again.run()
    assert len(again.failures()) == 1
    assert again.run(retry_failed=True).read_bytes() == whole
    assert again.failures() == []


# ---- the folder --------------------------------------------------------------------------------------------
def test_a_second_writer_is_refused_in_words(design: Design, tmp_path: Path) -> None:
    sweep = Sweep.begin(tmp_path / "out", design)

    def another(*_: int) -> None:
        with pytest.raises(StoreError, match=rf"is being written by another process \(process {os.getpid()} on "):
            Sweep.open(tmp_path / "out").run()

    sweep.run(progress=another)
    assert not (tmp_path / "out" / "lock.json").exists()


def test_a_folder_that_holds_something_else_is_left_alone(design: Design, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "draft.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"holds 'draft.txt' and no sweep"):
        Sweep.begin(tmp_path / "thesis", design)
    Sweep.begin(tmp_path / "out", design)
    other = designed(tmp_path, DESIGN.replace("runs = 6", "runs = 8"))
    with pytest.raises(StoreError, match="holds another sweep"):
        Sweep.begin(tmp_path / "out", other)
    with pytest.raises(StoreError, match="does not exist"):
        Sweep.open(tmp_path / "nowhere")


@pytest.mark.slow
def test_a_full_disk_leaves_what_was_written(design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Sweep.begin(tmp_path / "whole", design).run().read_bytes()
    sweep = Sweep.begin(tmp_path / "out", design)
    write = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if "000002.parquet" in self.name:
            raise OSError(28, "No space left on device", str(self))
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="no space left on device; free some space"):
        sweep.run()
    monkeypatch.undo()
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 12)
    assert set(sweep.done()) == {0, 1}
    assert sweep.run().read_bytes() == whole


@pytest.mark.slow
def test_a_killed_worker_is_replaced(design: Design, tmp_path: Path) -> None:
    whole = Sweep.begin(tmp_path / "whole", design).run().read_bytes()
    killed: list[int] = []

    def kill(*_: int) -> None:
        if not killed:
            worker = multiprocessing.active_children()[0]
            killed.append(int(worker.pid or 0))
            worker.kill()
            worker.join()

    assert Sweep.begin(tmp_path / "out", design).run(2, progress=kill).read_bytes() == whole
    assert killed


KILLED = """
import sys, time
from sim.studies.sweeping import chunks
from sim.studies.sweeping.sweep import Sweep
if __name__ == "__main__":
    chunks.CHUNK_ROWS = 6
    Sweep.open(sys.argv[1]).run(progress=lambda *_: time.sleep(0.1))
"""


@pytest.mark.slow
def test_kills_at_any_moment_cost_only_what_was_in_flight(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes killed at random moments of their work, then one that is left alone: the same bytes, no lock left."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 6)
    whole = Sweep.begin(tmp_path / "whole", design).run().read_bytes()
    (tmp_path / "killed.py").write_text(KILLED)
    Sweep.begin(tmp_path / "out", design)
    draw = np.random.default_rng(4)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    kept = [0]
    while kept[-1] < 5 and len(kept) < 6:
        process = subprocess.Popen([sys.executable, "killed.py", "out"], cwd=tmp_path, env=environment)
        while process.poll() is None and len(Sweep.open(tmp_path / "out").done()) == kept[-1]:
            time.sleep(0.02)
        time.sleep(float(draw.uniform(0.0, 0.15)))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        kept.append(len(Sweep.open(tmp_path / "out").done()))
        assert kept[-1] > kept[-2]
    assert Sweep.open(tmp_path / "out").run().read_bytes() == whole
    assert len(list((tmp_path / "out").rglob(".*.new"))) <= 1


# ---- what made a chunk ---------------------------------------------------------------------------------------------
def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    manifest = json.loads((folder / "sweep.json").read_text())
    change(manifest)
    (folder / "sweep.json").write_text(json.dumps(manifest))


def test_a_sweep_that_other_rules_began_is_not_gone_on_with(design: Design, tmp_path: Path) -> None:
    begun = Sweep(tmp_path / "sweep", design, {"airace": "0.0.9", "numpy": "1.26.4", "rules": "feed"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.studies.sweeping.sweep.versions", lambda: begun.versions)
        Sweep.begin(tmp_path / "sweep", design).run()
    assert len(Sweep.open(tmp_path / "sweep").read())  # it can be read
    for go_on in (lambda: Sweep.begin(tmp_path / "sweep", design), lambda: Sweep.open(tmp_path / "sweep").run()):
        with pytest.raises(StoreError, match="begun with another model, which differs in the version of airace"):
            go_on()


@pytest.mark.parametrize("change", [
    lambda told: told["design"].update(seed=99), lambda told: told["design"].update(months=3),
    lambda told: told["design"].update(uncertainty="luck"), lambda told: told["versions"].update(rules="0" * 16),
    lambda told: told["design"].update(runs=10**400), lambda told: told.pop("digest"),
])
def test_a_manifest_that_was_changed_by_hand_is_refused(
    design: Design, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    Sweep.begin(tmp_path / "sweep", design)
    edited(tmp_path / "sweep", change)
    with pytest.raises(StoreError, match=r"sweep\.json: cannot be read"):
        Sweep.open(tmp_path / "sweep")


def test_another_sweep_is_refused_by_what_differs(design: Design, tmp_path: Path) -> None:
    Sweep.begin(tmp_path / "sweep", design)
    with pytest.raises(StoreError, match=r"holds another sweep, which differs in seed \(0, not 7\)"):
        Sweep.begin(tmp_path / "sweep", replace(design, seed=7))


def test_a_chunk_of_another_sweep_is_refused(design: Design, tmp_path: Path) -> None:
    Sweep.begin(tmp_path / "ours", design).run()
    Sweep.begin(tmp_path / "theirs", replace(design, seed=7)).run()
    for name in ("000000.parquet", "000000.json"):
        shutil.copy(tmp_path / "theirs" / "shards" / name, tmp_path / "ours" / "shards" / name)
    with pytest.raises(StoreError, match=r"000000\.parquet: was made by another sweep"):
        Sweep.open(tmp_path / "ours").run()


def test_a_kill_before_the_first_file_leaves_what_can_be_begun(design: Design, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sweep, "_write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            Sweep.begin(tmp_path / "new", design)
    assert Sweep.begin(tmp_path / "new", design).run().is_file()


def test_a_table_that_cannot_be_put_together_leaves_no_half_behind(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = Sweep.begin(tmp_path / "out", design)

    def full(path: Path) -> None:
        if path.name == f".{sweep_module.TABLE}.new":
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sweep_module, "_force", full)
        with pytest.raises(StoreError, match="free some space"):
            sweep.run()
    assert not [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
    assert sweep.run().exists()
