"""Every command that prints JSON prints what a strict reader takes."""

from __future__ import annotations

import datetime
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli.commands import COMMANDS
from sim.cli.options import Format
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.studies.checking import statistics as checks_statistics
from sim.studies.checking.checks import Verdict

FEW = ("--runs", "2", "--months", "3")
OVER = ("--over", "uncertainty.severe_hazard", "--over", "regulation.strictness")
DESIGN = """base = "short.toml"
runs = 2
months = 12
uncertainty = "luck"
outcomes = ["compliance_cost_usd_bn"]
[axes]
"regulation.audit_capacity" = { from = 0.0, to = 1.0 }
"regulation.strictness" = { from = 0.0, to = 1.0 }
[sample]
points = 60
"""
GAME = """base = "short.toml"
runs = 40
months = 6
[players.US]
aims = "severe_incidents"
[players.US.policies.Ease]
trade.chip_controls = 0.0
[players.US.policies.Tighten]
trade.chip_controls = 1.5
[players.China]
aims = { us_revenue_share = -1.0 }
[players.China.policies.Ease]
trade.mineral_retaliation = 0.0
[players.China.policies.Tighten]
trade.mineral_retaliation = 2.0
"""
QUESTION = """base = "short.toml"
title = "Short"
who = "us"
months = 3
[[objective]]
outcome = "hostility"
[[objective]]
outcome = "trust"
[trade]
chip_controls = { from = 0.0, to = 1.0 }
"""
REVENUE = Path(__file__).parents[1] / "studies" / "forecasting" / "epoch_files" / "ai_companies_revenue_reports.csv"
SEEN = "outcome,month,value,unit,source\nhostility,2026-02,0.6,0-1,made up\n"
# By command, what to ask; those of one list go on in one folder, in this order.
ASKED: dict[str, tuple[str, ...]] = {
    "compare": ("short.toml", "strict.toml", *FEW),
    "run": ("short.toml", "--months", "3"),
    "why": ("short.toml", "strict.toml", "--months", "3"),
    "worth": ("short.toml", "strict.toml", "--runs", "40", "--months", "3"),
    "game": ("game.toml", "--out", "played"),
    "advise": ("question.toml", "--candidates", "32", "--futures", "16", "--judged", "16", "--workers", "1"),
    "cite": (),
    "validate": ("short.toml", "strict.toml", "wrong.toml"),
    "list": ("outcomes",),
    "params": (),
    "diff": ("short.toml", "strict.toml"),
    "check": ("--only", "statistics"),
    "backtest": ("--runs", "2"),
    "import": ("epoch", str(REVENUE)),
    "register": ("out",),
    "score": ("seen.csv",),
    "elicit": ("short.toml", "--odds", "0.01", "--by", "2027-01", "--runs", "4"),
    "sensitivity": ("short.toml", "--outcome", "compliance_cost_usd_bn", *OVER, "--samples", "2", "--trajectories", "2",
                    "--runs", "2", "--keep", "2", "--workers", "1"),
    "sweep": ("design.toml", "--out", "swept"),
    "resume": ("swept",),
    "explore": ("swept",),
    "discover": ("study", "--fails"),
    "brief": ("out",),
    "reproduce": ("out",),
}
OF_A_SAVED_STUDY = ("register", "score", "discover", "brief", "reproduce")
ENDS_OTHERWISE = {"validate": 3, "check": 5}  # one file is wrong; intervals of so few comparisons miss their level


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_every_command_that_prints_json_is_asked_below() -> None:
    formats = {name for name, body in COMMANDS.items() if "format_" in inspect.signature(body).parameters}
    assert formats == set(ASKED)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ASKED if name not in OF_A_SAVED_STUDY])
def test_what_a_command_prints_as_json_is_strict_json(name, airace, folder, monkeypatch):
    (folder / "design.toml").write_text(DESIGN)
    (folder / "game.toml").write_text(GAME)
    (folder / "question.toml").write_text(QUESTION)
    if name in ("resume", "explore"):
        assert airace("sweep", *ASKED["sweep"]).exit_code == 0
    if name == "sensitivity":
        pytest.importorskip("SALib")
    monkeypatch.setattr(checks_statistics, "COMPARISONS", 20)
    monkeypatch.setattr(checks_statistics, "RUNS", 4)
    more = ("--seeds", "1") if "seeds" in inspect.signature(COMMANDS[name]).parameters else ()
    done = airace(name, *ASKED[name], *more, "--format", "json")
    assert done.exit_code in (0, ENDS_OTHERWISE.get(name, 0)), done.stderr
    assert json.loads(done.stdout, parse_constant=refuse)


@pytest.mark.slow
def test_what_a_command_prints_as_json_of_a_saved_study_is_strict_json(airace, folder):
    (folder / "seen.csv").write_text(SEEN)
    (folder / "design.toml").write_text(DESIGN)
    assert airace("compare", *ASKED["compare"], "--uncertainty", "luck").exit_code == 0
    assert airace("sweep", "design.toml", "--out", "study", "--workers", "1").exit_code == 0
    middle = pd.read_parquet("study/runs.parquet")["compliance_cost_usd_bn"].median()
    for name, more in (("score", ()), ("discover", (f"compliance_cost_usd_bn > {middle}",)), ("reproduce", ()),
                       ("brief", ()), ("register", ())):
        done = airace(name, *ASKED[name], *more, "--format", "json")
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout, parse_constant=refuse)


def test_numbers_of_numpy_dates_and_paths_become_json(capsys):
    given = {"bool": np.bool_(True), "float": np.float64(0.1), "nan": np.float64("nan"), "int": np.int64(3),
             "array": np.array([1.0, np.inf]), "month": datetime.date(2025, 1, 1), "path": Path("a/b"),
             "verdict": Verdict.void, 7: (1, None)}
    present(Terminal(), Format.json, Answer(record=lambda: given))
    assert json.loads(capsys.readouterr().out, parse_constant=refuse) == {
        "bool": True, "float": 0.1, "nan": None, "int": 3, "array": [1.0, None], "month": "2025-01-01", "path": "a/b",
        "verdict": "does not apply", "7": [1, None]}


def test_validate_as_json_has_every_problem_in_its_place(airace):
    good, wrong = json.loads(airace("validate", "strict.toml", "wrong.toml", "--format", "json").stdout)
    assert good["valid"]
    assert good["set"] == ["regulation.strictness"]
    assert not wrong["valid"]
    assert {(p["code"], p["line"]) for p in wrong["problems"]} == {("S103", 3), ("S106", 5)}


def test_no_command_chooses_between_formats_itself():
    """One place knows them, so that no command can forget one or a type that JSON lacks."""
    room = Path(inspect.getfile(present)).parent
    choosing = re.compile(r"format_ (is|==|in|not in|is not) |json\.dumps|csv\.writer")
    assert {path.name for path in room.glob("*.py") if choosing.search(path.read_text())} == {"output.py"}
