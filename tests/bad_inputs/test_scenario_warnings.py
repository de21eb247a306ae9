"""A key that is set and cannot change anything in the scenario is reported, and no other."""

import os
from pathlib import Path

import pytest

from sim.scenario import Scenario

TITLE = 'title = "A"\n'
IDLE = {
    "licensing out of reach": (
        {"regulation.licensing_above": 0.9, "regulation.adaptivity": 0.0},
        "regulation.licensing_above",
        "strictness is at most 0.35",
    ),
    "retaliation without controls": (
        {"trade.mineral_retaliation": 2.0, "trade.chip_controls": 0.0},
        "trade.mineral_retaliation",
        "`trade.chip_controls` is 0",
    ),
    "enforcement without controls": (
        {"trade.enforcement": 1.0, "trade.chip_controls": 0.0},
        "trade.enforcement",
        "`trade.chip_controls` is 0",
    ),
    "allies without suits": (
        {"litigation.allies": 2.0, "litigation.filing": 0.0},
        "litigation.allies",
        "`litigation.filing` is 0",
    ),
    "injunctions without suits": (
        {"litigation.injunctions": 2.0, "litigation.filing": 0.0},
        "litigation.injunctions",
        "`litigation.filing` is 0",
    ),
    "motive without suits": (
        {"litigation.rivalry_motive": 2.0, "litigation.filing": 0.0},
        "litigation.rivalry_motive",
        "`litigation.filing` is 0",
    ),
    "verification without cooperation": (
        {"diplomacy.treaty_verification": 1.0, "diplomacy.us_china_cooperation": 0.0},
        "diplomacy.treaty_verification",
        "`diplomacy.us_china_cooperation` is 0",
    ),
    "exemption without rules": (
        {"regulation.exempt_below_flop": 1e25, "regulation.strictness": 0.0},
        "regulation.exempt_below_flop",
        "strictness is 0",
    ),
    "one exemption without rules": (
        {"regulation.eu.exempt_below_flop": 1e25, "regulation.eu.strictness": 0.0},
        "regulation.eu.exempt_below_flop",
        "strictness is 0",
    ),
    "trait times zero": (
        {"labs.xAI.combativeness": 1.0, "people.combativeness": 0.0},
        "labs.xAI.combativeness",
        "`people.combativeness` is 0",
    ),
    "general value that none takes": (
        {
            "regulation.strictness": 0.1,
            **{f"regulation.{place}.strictness": 0.5 for place in ("us", "california", "eu", "uk", "china")},
        },
        "regulation.strictness",
        "every jurisdiction has its own value",
    ),
    "event without severity": (
        {"event": [{"date": "2026-01", "kind": "truce", "severity": 0.0}]},
        "truce",
        "nothing happens",
    ),
}


@pytest.mark.parametrize("case", IDLE)
def test_a_set_key_that_cannot_change_anything_is_reported(case: str) -> None:
    changes, key, why = IDLE[case]
    warnings = Scenario.from_dict({"title": "A"}).with_(changes).warnings
    assert [w.code for w in warnings] == ["S201"]
    shown = str(warnings[0])
    assert shown.startswith("warning[S201]")
    assert key in shown
    assert "changes nothing here" in shown
    assert why in shown


@pytest.mark.parametrize("changes", [
    {"regulation.licensing_above": 0.9, "regulation.eu.strictness": 0.95},
    {"regulation.licensing_above": 1.01},
    {"regulation.exempt_below_flop": 1e25, "regulation.strictness": 0.0, "regulation.uk.strictness": 0.1},
    {"trade.mineral_retaliation": 2.0, "trade.chip_controls": 0.0,
     "event": [{"date": "2026-01", "kind": "chip_control_step", "severity": 1.0, "actor": "US"}]},
    {"litigation.allies": 2.0},
])
def test_a_key_that_can_matter_is_not_reported(changes: dict) -> None:
    assert Scenario.from_dict({"title": "A"}).with_(changes).warnings == ()


def test_a_warning_of_a_file_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text("[litigation]\nallies = 2\n")
    path = tmp_path / "a.toml"
    path.write_text(TITLE + 'extends = "b.toml"\n[litigation]\nfiling = 0\n')
    shown = str(Scenario.load(path).warnings[0]).replace(f"{tmp_path}{os.sep}", "")
    assert "--> b.toml:2:1   (extended by a.toml:2)" in shown
    assert "(a.toml:4:10)" in shown
