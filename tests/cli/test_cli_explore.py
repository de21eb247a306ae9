"""`airace explore`: a page from a finished sweep, and what it cannot be made of, said before anything is written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import sim

DESIGN = """title = "Small"
base = "short.toml"
runs = 4
months = 6
months_kept = { every = 3 }
uncertainty = "luck"
outcomes = ["hostility", "compliance_cost_usd_bn"]
[axes]
"regulation.strictness" = [0.0, 0.5, 1.0]
"""


@pytest.fixture
def swept(airace, folder):
    (folder / "small.toml").write_text(DESIGN)
    assert airace("sweep", "small.toml", "--out", "swept", "--workers", "1").exit_code == 0
    return folder


def test_a_page_is_written_beside_the_sweep_and_its_errors_are_told(airace, swept):
    done = airace("explore", "swept")
    assert done.exit_code == 0
    assert "hostility: missed by" in done.stdout
    assert "written: swept/explorer.html" in done.stderr
    page = (swept / "swept" / "explorer.html").read_text(encoding="utf-8")
    assert "Small" in page
    again = airace("explore", "swept", "--outcome", "hostility", "--out", "deep/one.html", "--format", "json")
    told = json.loads(again.stdout)
    assert [row["outcome"] for row in told["errors"]] == ["hostility"]
    assert told["errors"][0]["left_out"] == 1
    table = list(csv.DictReader(io.StringIO(airace("explore", "swept", "--format", "csv").stdout)))
    assert float(table[0]["missed"]) == pytest.approx(told["errors"][0]["missed"])
    assert len(Path("deep/one.html").read_text(encoding="utf-8")) < len(page)


def test_what_no_page_can_be_made_of_is_told_without_a_traceback(airace, swept):
    (swept / "full").mkdir()
    for arguments, code, told in (
        (("explore", "nowhere"), 4, "does not exist"),
        (("explore", "full"), 4, "does not exist"),
        (("explore", "small.toml"), 4, "is not a folder"),
        (("explore", "swept", "--outcome", "hostilty"), 2, "did you mean hostility"),
        (("explore", "swept", "--outcome", "market_hhi"), 2, "it kept hostility, compliance_cost_usd_bn"),
        (("explore", "swept", "--out", "full"), 2, "is a folder; name the page"),
    ):
        done = airace(*arguments)
        assert done.exit_code == code, arguments
        assert told in done.stderr, arguments
        assert "Traceback" not in done.stderr
    assert not (swept / "swept" / "explorer.html").exists()


def test_a_comparison_is_no_sweep(airace, folder):  # noqa: ARG001
    assert airace("compare", "short.toml", "strict.toml", "--runs", "2", "--months", "2").exit_code == 0
    done = airace("explore", "out")
    assert done.exit_code == 4
    assert "holds a comparison; this is for sweeps" in done.stderr


def test_python_makes_the_page_that_the_command_makes(airace, swept):
    assert airace("explore", "swept").exit_code == 0
    written = sim.explore(swept / "swept").write(swept / "python.html")
    assert written.read_bytes() == (swept / "swept" / "explorer.html").read_bytes()
    with pytest.raises(TypeError, match="sweep must be the path of a file, not 3"):
        sim.explore(3)
