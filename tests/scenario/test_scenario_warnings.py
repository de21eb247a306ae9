"""A key that is set and has nothing to act on is reported, and what the report says is true of the model."""

import os
from pathlib import Path

import numpy as np
import pytest

from sim.engine.simulate import simulate
from sim.model.outcomes import NAMES
from sim.scenario.scenario import Scenario

BASE = Scenario.from_dict({"title": "A", "months": 36})
ALL = ("us", "california", "eu", "uk", "china")
EVENT = {"date": "2026-01", "kind": "power_shortage", "severity": 0.0, "actor": "US"}

# Each row: what is switched off, the key that is set all the same and two values of it, and the reason given.
NOTHING = {
    "motive without suits": ({"litigation.filing": 0.0}, "litigation.rivalry_motive", 0.0, 3.0, "is 0"),
    "verification without cooperation": (
        {"diplomacy.us_china_cooperation": 0.0},
        "diplomacy.treaty_verification",
        0.0,
        1.0,
        "is 0",
    ),
    "seed without spin-offs": ({"people.spin_offs": 0.0}, "people.founder_seed_capital", 0.5, 3.0, "is 0"),
    "capture without lobbying": ({"industry.lobbying": 0.0}, "regulation.capture", 0.0, 3.0, "is 0"),
    "own capture without lobbying": ({"industry.lobbying": 0.0}, "regulation.eu.capture", 0.0, 3.0, "is 0"),
    "penalty without audits": (
        {"regulation.audit_capacity": 0.0},
        "regulation.penalty_share_of_revenue",
        0.01,
        0.5,
        "is 0",
    ),
    "temper times zero": ({"people.combativeness": 0.0}, "labs.xAI.combativeness", 0.1, 1.0, "multiplies it"),
    "founder's temper times zero": (
        {"people.combativeness": 0.0},
        "founders.Elon Musk.combativeness",
        0.1,
        1.0,
        "multiplies it",
    ),
    "access times zero": (
        {"people.political_access": 0.0},
        "founders.Elon Musk.political_access",
        0.1,
        1.0,
        "multiplies it",
    ),
    "openness times zero": ({"industry.openness": 0.0}, "labs.Meta AI.openness", 0.1, 1.0, "multiplies it"),
    "mission times zero": (
        {"people.mission_weight": 0.0},
        "labs.OpenAI.mission_weight",
        0.1,
        1.0,
        "multiplies it",
    ),
    "general value that none takes": (
        {f"regulation.{place}.strictness": 0.5 for place in ALL},
        "regulation.strictness",
        0.1,
        0.9,
        "every jurisdiction has its own value",
    ),
}
HARDLY = {
    "retaliation without controls": (
        {"trade.chip_controls": 0.0},
        "trade.mineral_retaliation",
        2.0,
        "until the controls that they answer are repealed",
    ),
    "licensing out of reach": (
        {"regulation.adaptivity": 0.0},
        "regulation.licensing_above",
        0.9,
        "strictness works towards 0.45 at most",
    ),
    "enforcement without controls": ({"trade.chip_controls": 0.0}, "trade.enforcement", 1.0, "until"),
    "allies without suits": ({"litigation.filing": 0.0}, "litigation.allies", 2.0, "already filed"),
    "injunctions without suits": ({"litigation.filing": 0.0}, "litigation.injunctions", 2.0, "already filed"),
    "exemption without rules": (
        {"regulation.strictness": 0.0},
        "regulation.exempt_below_flop",
        1e25,
        "`regulation.strictness` is 0",
    ),
    "one exemption without rules": (
        {"regulation.eu.strictness": 0.0},
        "regulation.eu.exempt_below_flop",
        1e25,
        "`regulation.eu.strictness` is 0",
    ),
}
MATTERS = {
    "licensing within reach": {"regulation.licensing_above": 0.9, "regulation.eu.strictness": 0.95},
    "licensing switched off": {"regulation.licensing_above": 1.01},
    "licensing under a law to come": {
        "regulation.licensing_above": 0.9,
        "event": [{**EVENT, "kind": "new_law", "severity": 1.0, "actor": "eu"}],
    },
    "exemption from one jurisdiction's rules": {
        "regulation.exempt_below_flop": 1e25,
        "regulation.strictness": 0.0,
        "regulation.uk.strictness": 0.1,
    },
    "retaliation for a control on a date": {
        "trade.mineral_retaliation": 2.0,
        "trade.chip_controls": 0.0,
        "event": [{**EVENT, "kind": "chip_control_step", "severity": 1.0}],
    },
    "allies of suits": {"litigation.allies": 2.0},
    "a law that repeals": {"event": [{**EVENT, "kind": "new_law", "severity": 0.0, "actor": "eu"}]},
}


@pytest.mark.parametrize("case", NOTHING)
def test_a_set_key_that_cannot_change_anything_is_reported(case: str) -> None:
    switch, key, _, value, why = NOTHING[case]
    warnings = BASE.with_({**switch, key: value}).warnings
    assert [warning.code for warning in warnings] == ["S201"]
    shown = str(warnings[0])
    assert shown.startswith(f"warning[S201]: `{key}` changes nothing here")
    assert why in shown


@pytest.mark.slow
def test_what_is_reported_to_change_nothing_changes_no_bit_of_any_outcome() -> None:
    for case, (switch, key, low, high, _) in NOTHING.items():
        both = [BASE.with_({**switch, key: value}, title=str(value)) for value in (low, high)]
        # How well a breach would be seen is an outcome of its own, whether or not there is a treaty to breach.
        others = [place for place, name in enumerate(NAMES) if name != "treaty_verification"]
        values = simulate(both, runs=6, seed=0).values[..., others]
        assert np.array_equal(values[0], values[1], equal_nan=True), case


@pytest.mark.parametrize("case", HARDLY)
def test_a_set_key_that_hardly_matters_is_reported(case: str) -> None:
    switch, key, value, why = HARDLY[case]
    warnings = BASE.with_({**switch, key: value}).warnings
    assert [warning.code for warning in warnings] == ["S202"]
    assert str(warnings[0]).startswith(f"warning[S202]: `{key}` hardly matters here")
    assert why in str(warnings[0])


@pytest.mark.parametrize("case", MATTERS)
def test_a_key_that_can_matter_is_not_reported(case: str) -> None:
    assert BASE.with_(MATTERS[case]).warnings == ()


def test_an_event_that_does_nothing_is_reported() -> None:
    (warning,) = BASE.with_({"event": [EVENT]}).warnings
    assert warning.code == "S201"
    assert "power_shortage of severity 0" in warning.message


def test_a_warning_of_a_file_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text("[litigation]\nrivalry_motive = 2\n")
    path = tmp_path / "a.toml"
    path.write_text('title = "A"\nextends = "b.toml"\n[litigation]\nfiling = 0\n')
    shown = str(Scenario.load(path).warnings[0]).replace(f"{tmp_path}{os.sep}", "")
    assert "--> b.toml:2:1   (extended by a.toml:2)" in shown
    assert "(a.toml:4:10)" in shown
