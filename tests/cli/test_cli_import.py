"""`airace import epoch`: what it writes can be scored, and no mistake of a user's ends in a traceback."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from sim.studies.forecasting.observations import read_observations

FILES = Path(__file__).parents[1] / "studies" / "forecasting" / "epoch_files"
MODELS = FILES / "notable_ai_models.csv"
REVENUE = FILES / "ai_companies_revenue_reports.csv"
CENTRES = FILES / "data_centers.csv"
HEAVY = ("numpy", "pandas", "scipy", "pyarrow", "numba")


@pytest.mark.slow
def test_what_it_writes_is_scored_against_a_saved_study(airace, folder):
    # The files' observations are of 2025.
    from_2025 = ("--set", "start=2025-01")
    assert airace("compare", "short.toml", "baseline", "--months", "12", *from_2025, "--runs", "8",
                  "--out", "out").exit_code == 0
    done = airace("import", "epoch", MODELS, REVENUE, "--to", "2025-11")
    assert done.exit_code == 0, done.stderr
    assert "airace score observations.csv --study out" in done.stderr
    scored = airace("score", "observations.csv", "--study", "out", "--format", "json")
    assert scored.exit_code == 0, scored.stderr
    seen = read_observations(folder / "observations.csv")
    assert [(row["outcome"], row["month"], row["observed"], row["source"])
            for row in json.loads(scored.stdout)["scores"] if row["scenario"] == "Short"] == [
        (each.outcome, each.month, each.value, each.source) for each in seen]


def test_it_says_what_it_took_what_it_left_out_and_whom_to_credit(airace):
    told = airace("import", "epoch", MODELS, CENTRES, "--out", "mine.csv", "--from", "2025-02").stdout
    assert "AI models, rows: 8, newest date 2025-06-20, SHA-256 " in told
    assert "left out: 1 models whose training compute is not known" in told
    assert "left out: 1 a part of the world's chips, and how large a part is not known" in told
    assert "observations outside the months asked for: 2" in told
    assert "mine.csv: 3 observations" in told
    assert "CC BY 4.0" in told


def test_json_and_csv_hold_the_observations_that_the_file_does(airace, folder):
    found = json.loads(airace("import", "epoch", REVENUE, "--format", "json").stdout)
    seen = read_observations(folder / "observations.csv")
    assert [(row["outcome"], row["month"], row["value"], row["source"]) for row in found["observations"]] == [
        (each.outcome, each.month, each.value, each.source) for each in seen]
    assert found["out"] == "observations.csv"
    assert found["files"][0]["newest_date"] == "2026-01-31"
    assert found["files"][0]["left_out"]["reports of a part of a company"] == 1
    assert airace("import", "epoch", REVENUE, "--force", "--format", "csv").stdout == (
        folder / "observations.csv").read_text(encoding="utf-8")


def test_a_file_that_exists_is_kept_unless_forced_and_one_that_is_read_always(airace, folder):
    (folder / "observations.csv").write_text("mine")
    done = airace("import", "epoch", MODELS)
    assert (done.exit_code, (folder / "observations.csv").read_text()) == (4, "mine")
    assert "observations.csv exists; --force overwrites it" in done.stderr
    assert airace("import", "epoch", MODELS, "--force").exit_code == 0
    (folder / "models.csv").write_bytes(MODELS.read_bytes())
    done = airace("import", "epoch", "models.csv", "--out", "models.csv", "--force")
    assert done.exit_code == 2
    assert "models.csv is one of the files to read" in done.stderr
    assert (folder / "models.csv").read_bytes() == MODELS.read_bytes()


@pytest.mark.parametrize(("arguments", "code", "told"), [
    (("epoch", "missing.csv"), 4, "missing.csv: No such file"),
    (("epoch", "."), 4, ".: Is a directory"),
    (("epoch", "closed.csv"), 4, "closed.csv: Permission denied"),
    (("epoch", "short.toml"), 2, "is none of the files of Epoch AI that are known"),
    (("epoch", MODELS, "--out", "seen.toml"), 2, "ends in .csv, as in seen.csv"),
    (("epoch", MODELS, "--out", "no/such/seen.csv"), 4, "no/such/seen.csv: No such file"),
    (("epoch", MODELS, "--out", "folder.csv", "--force"), 4, "folder.csv: Is a directory"),
    (("epoch", MODELS, "--from", "2025"), 2, "'2025' is no month"),
    (("epoch", MODELS, "--from", "2025-05", "--to", "2025-01"), 2, "give the earlier month first"),
    (("epoch", MODELS, "--from", "2030-01"), 2, "observations outside the months asked for: 5"),
    (("epoch", CENTRES), 2, "how large a part is not known"),
    (("epoch",), 2, "Missing argument"),
    (("others", MODELS), 2, "'others' is not"),
])
def test_what_cannot_be_read_or_written_is_told_without_a_traceback(airace, folder, arguments, code, told):
    (folder / "folder.csv").mkdir()
    (folder / "closed.csv").write_bytes(MODELS.read_bytes())
    (folder / "closed.csv").chmod(0)
    if "closed.csv" in arguments and os.geteuid() == 0:
        pytest.skip("the superuser may read everything")
    done = airace("import", *arguments)
    assert done.exit_code == code
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in folder.glob("*.csv")) == ["closed.csv", "folder.csv"]


def test_it_needs_no_heavy_library(folder):
    from subprocess import run

    code = ("import sys\nfrom sim.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
            "print('loaded:', *sys.modules)")
    done = run([sys.executable, "-c", code, "import", "epoch", str(MODELS)], cwd=folder, capture_output=True, text=True,
               check=True, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])})
    assert (folder / "observations.csv").exists()
    assert not set(done.stdout.rpartition("loaded:")[2].split()) & set(HEAVY)
