"""`--anonymous`, and its key in a scenario: every command that tells of labs and people does so without their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.common.shell import command_line
from sim.model.parameters import starts
from sim.model.start_files import load_start

REAL = {row["name"] for start in starts() for kind in ("lab", "founder") for row in load_start(start)[kind]}
WITH_AGENTS = """title = "With agents"
months = 24
[labs.xAI]
combativeness = 1.0
[founders."Elon Musk"]
mission_weight = 0.9
[[event]]
date = "2026-06"
kind = "breakthrough"
severity = 0.8
actor = "DeepSeek"
"""


def named_in(folder: Path, said: str) -> set[str]:
    """The real names in what a command said and wrote, in tables and pages alike; a manifest keeps what was put in."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix in (".html", ".svg", ".parquet")]
    written = said.encode() + b"".join(path.read_bytes() for path in files)
    return {name for name in REAL if name.encode() in written}


@pytest.mark.parametrize("command", [
    ("run", "agents.toml", "--all", "--out", "out"),
    ("run", "agents.toml", "--format", "json"),
    ("run", "agents.toml", "--format", "csv"),
    ("compare", "short.toml", "agents.toml", "--months", 24, "--runs", 12, "--all", "--out", "out"),
    ("compare", "short.toml", "agents.toml", "--months", 24, "--runs", 12, "--format", "json", "--out", "out"),
    ("compare", "short.toml", "agents.toml", "--worlds", "names.toml", "--months", 24, "--runs", 4, "--out", "out"),
    ("why", "short.toml", "agents.toml", "--months", 24, "--run", 5, "--out", "out"),
    ("why", "short.toml", "agents.toml", "--months", 24, "--run", 5, "--format", "json"),
])
def test_no_lab_and_nobody_is_named(command, airace, folder):
    (folder / "agents.toml").write_text(WITH_AGENTS)
    (folder / "names.toml").write_text('title = "A world"\n[labs."Meta AI"]\nopenness = 0.9\n')
    over = ["--force"] if command[0] == "compare" else []
    named, nameless = airace(*command), airace(*command, "--anonymous", *over)
    assert named.exit_code == nameless.exit_code == 0, nameless.output
    assert {name for name in REAL if name in named.stdout} or command[0] == "compare"
    assert not named_in(folder, nameless.output)


def test_the_commands_that_are_suggested_keep_it(airace):
    said = airace("run", "short.toml", "--anonymous").output
    assert command_line("airace", "run", "short.toml", "--run", 1, "--anonymous", "--seed", 0) in said


def test_a_saved_comparison_is_drawn_again_without_names(airace, folder):
    (folder / "agents.toml").write_text(WITH_AGENTS)
    airace("compare", "short.toml", "agents.toml", "--months", 24, "--runs", 12, "--out", "out")
    page = folder / "out" / "report.html"
    assert any(name in page.read_text(encoding="utf-8") for name in REAL)
    assert airace("report", "out", "--anonymous").exit_code == 0
    assert not any(name in page.read_text(encoding="utf-8") for name in REAL)


def test_the_key_works_where_there_is_no_option(airace, folder):
    (folder / "agents.toml").write_text(f"anonymous = true\n{WITH_AGENTS}")
    assert not named_in(folder, airace("run", "agents.toml").output)
    refused = airace("run", "agents.toml", "--set", "anonymous=perhaps")
    assert refused.exit_code == 3
    assert "anonymous" in refused.output


def test_a_report_says_that_people_and_companies_are_stylised(airace, folder):
    airace("compare", "short.toml", "strict.toml", "--runs", 12, "--out", "out")
    assert "stylised agents built from public facts" in (folder / "out" / "report.html").read_text(encoding="utf-8")
