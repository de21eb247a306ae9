"""`airace sweep` and `airace resume`."""

from __future__ import annotations

import io
import json
import re

import pandas as pd
import pytest

DESIGN = """
title = "Small"
base = "short.toml"
runs = 4
uncertainty = "luck"
[axes]
"regulation.strictness" = [0.0, 0.5, 1.0]
"diplomacy.us_china_cooperation" = [0.1, 0.8]
"""


@pytest.fixture
def design(folder):
    (folder / "small.toml").write_text(DESIGN)
    return folder


def test_a_dry_run_counts_the_memory_of_the_design_itself(airace, folder):
    def told(points: int) -> int:
        axes = "\n".join(f'"{name}" = {{ from = 0.0, to = 1.0 }}' for name in (
            "regulation.strictness", "diplomacy.us_china_cooperation", "trade.enforcement", "people.combativeness"))
        (folder / "drawn.toml").write_text(
            f'title = "Drawn"\nbase = "baseline"\nruns = 1\nmonths = 2\n[sample]\nmethod = "sobol"\n'
            f"points = {points}\n[axes]\n{axes}\n")
        done = airace("sweep", "drawn.toml", "--dry-run", "--workers", 1)
        assert done.exit_code == 0, done.output
        return int(re.search(r"([\d,]+) MB of memory", done.stdout).group(1).replace(",", ""))

    assert told(65_536) - told(64) >= 65_000 * 4 * 80 // 1_000_000


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(airace, design):
    done = airace("sweep", "small.toml", "--dry-run", "--runs", "10")
    assert done.exit_code == 0
    assert "6 points, 10 runs each: 60 runs of 12 months" in done.stdout
    assert "MB of memory" in done.stdout
    assert not (design / "sweep").exists()


SHIPPED = ("strictness_x_cooperation", "controls_x_subsidy", "exemption_threshold", "everything", "explorer")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_design_is_found_by_its_name(airace, design, name):  # noqa: ARG001
    assert airace("sweep", name, "--dry-run", "--runs", "2", "--months", "2").exit_code == 0


@pytest.mark.slow
def test_a_sweep_writes_table_and_report_and_is_not_done_twice(airace, design):
    done = airace("sweep", "small.toml", "--workers", "1")
    assert done.exit_code == 0
    assert "6 points, 4 runs each, 12 months" in done.stdout
    page = (design / "sweep" / "report.html").read_text()
    assert page.count('<svg class="chart"') >= 5
    assert "Do the two add up?" in page
    assert "Incomplete" not in page
    table = design / "sweep" / "runs.parquet"
    before = table.read_bytes()
    assert airace("resume", "sweep").exit_code == 0
    assert table.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize(("axes", "told"), [
    ('"regulation.strictness" = [0.0, 0.5, 1.0]', "Along strictness of rules"),
    ('"regulation.strictness" = { from = 0.0, to = 1.0 }\n"regulation.capture" = [0.0, 1.0]\n[sample]\npoints = 12',
     "these go together most closely"),
])
def test_slices_and_drawn_points_have_reports_of_their_own(airace, design, axes, told):
    text = DESIGN.partition("[axes]")[0] + "[axes]\n" + axes
    (design / "other.toml").write_text(text)
    assert airace("sweep", "other.toml", "--out", "other", "--workers", "1").exit_code == 0
    assert told in (design / "other" / "report.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "code", "told"), [
    (("sweep", "nothing"), 4, "help: airace list designs"),
    (("sweep", "short.toml"), 2, "`base` is missing"),
    (("resume", "nowhere"), 4, "does not exist"),
    (("sweep", "small.toml", "--dask", "tcp://127.0.0.1:1"), 2, "there is no Dask scheduler at tcp://127.0.0.1:1"),
    (("sweep", "small.toml", "--out", "."), 4, "and no sweep; choose an empty or a new folder"),
])
def test_what_cannot_be_swept_is_told_without_a_traceback(airace, design, arguments, code, told):  # noqa: ARG001
    done = airace(*arguments)
    assert done.exit_code == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_sweep_says_what_it_found_and_tells_programs_too(airace, design):  # noqa: ARG001
    """The finding on the terminal; every point, with its difference to the first, in JSON and CSV alone on stdout."""
    done = airace("sweep", "small.toml", "--workers", "1", "--format", "json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["finding"]
    assert told["failures"] == []
    assert (told["points"], told["runs"], told["months"]) == (6, 4, 12)
    table = pd.read_csv(io.StringIO(airace("resume", "sweep", "--format", "csv").stdout))
    assert len(table) == len(told["differences"]) == 6 * table["outcome"].nunique()
    runs = pd.read_parquet("sweep/runs.parquet")
    for row in told["differences"]:
        own, first = (runs.loc[runs["point"] == point, row["outcome"]].mean() for point in (row["point"], 0))
        assert row["mean"] == pytest.approx(own)
        assert row["difference"] == pytest.approx(own - first, abs=1e-9)
    text = " ".join(airace("resume", "sweep").stdout.split())
    assert all(" ".join(sentence.split()) in text for sentence in told["finding"])


@pytest.mark.slow
def test_an_axis_of_worlds_is_swept_and_told(airace, folder):
    worlds = '"world" = ["slow_progress", "rapid_progress"]\n"regulation.strictness" = [0.0, 1.0]\n'
    (folder / "worlds.toml").write_text(DESIGN.partition("[axes]")[0] + "[axes]\n" + worlds)
    done = airace("sweep", "worlds.toml", "--out", "worlds", "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert "World" in (folder / "worlds" / "report.html").read_text()
    assert set(pd.read_parquet("worlds/runs.parquet")["world"]) == {"slow_progress", "rapid_progress"}
