"""What powers weigh: each mechanism of their choices moves what it should, on the same luck."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

from sim.engine.live import STAGES
from sim.engine.simulate import simulate
from sim.model.luck import Luck
from sim.model.state import CHINA, NATIONS, US
from sim.model.world import World
from sim.scenario.scenario import Scenario

BEGUN = "2025-01"  # with the conversion ahead, little defence work and no truce: all that turns has room to

pytestmark = pytest.mark.slow  # ensembles of ten years, shared by the tests of this file

STRICT = {"regulation.us.strictness": 0.9, "regulation.china.strictness": 0.9}
LAX = {"regulation.us.strictness": 0.0, "regulation.china.strictness": 0.0}
COOPERATION = {"diplomacy.us_china_cooperation": 0.8}
JAPAN = NATIONS.index("Japan and Korea")


def pairs_of(changes: dict[str, dict[str, Any]], base: dict[str, Any]) -> Pairs:
    """Runs on the same luck; parameters may lie beyond their ranges, so that a mechanism can be taken out."""
    scenarios = []
    for title, change in changes.items():
        levers = {path: value for path, value in change.items() if not path.startswith("uncertainty.")}
        beyond = {path.removeprefix("uncertainty."): value for path, value in change.items() if path not in levers}
        scenario = Scenario.from_dict({"title": BASELINE, "start": BEGUN}).with_({**base, **levers}, title=title)
        scenarios.append(replace(scenario, uncertainty={**scenario.uncertainty, **beyond}))
    return Pairs(simulate(scenarios, runs=192, seed=11, uncertainty="luck"))


@pytest.fixture(scope="module")
def powers() -> Pairs:
    """Powers left to themselves."""
    return pairs_of({
        BASELINE: {},
        "No retaliation": {"trade.mineral_retaliation": 0.0},
        "Blind to the gap": {"diplomacy.gap_reaction": 0.0},
        "No refusal": {"trade.import_refusal": 0.0},
        "Much refusal": {"trade.import_refusal": 2.0},
        "Harmless bans": {"uncertainty.metals_loss_usd_bn": 0.0, "uncertainty.mineral_drag": 0.0},
        "Harmful bans": {"uncertainty.metals_loss_usd_bn": 150.0},
        "No talks": {"uncertainty.truce_talks": 0.0},
        "No talks, no retaliation": {"uncertainty.truce_talks": 0.0, "trade.mineral_retaliation": 0.0},
        "No resolve": {"uncertainty.resolve": 0.0},
        "Toss": {"uncertainty.choice_precision": 0.0},
        "Hazards": {"structure.powers": "hazards"},
        "Slow allies": {"uncertainty.allies_delay_months": 600.0, "trade.chip_controls": 0.0},
        "Quick allies": {"uncertainty.allies_delay_months": 1.0, "trade.chip_controls": 0.0},
        "US rules strict": {"regulation.us.strictness": 0.9, "regulation.california.strictness": 0.9},
        "Lax": LAX,
        "Strict": STRICT,
    }, {})


@pytest.fixture(scope="module")
def treaties() -> Pairs:
    """Powers that cooperate, and may sign."""
    return pairs_of({
        "Cooperation": {},
        "No harm": {"uncertainty.harm_usd_bn": 0.0},
        "Great harm": {"uncertainty.harm_usd_bn": 10_000.0},
        "Dear inspections": {"uncertainty.treaty_inspections": 0.2},
        "Nothing verified": {"diplomacy.treaty_verification": 0.0},
        "Lax": LAX,
        "Strict": STRICT,
        "Licences": {**STRICT, "regulation.licensing_above": 0.6},
    }, COOPERATION)


# ---- metals ------------------------------------------------------------------------------------------------
def test_bans_win_back_controls_and_cost_output(powers: Pairs) -> None:
    """Without them the US withholds more, metals are cheaper, and so are chips."""
    powers.rises("export_control", "No retaliation", last=120)
    positive(powers.average("No retaliation", "export_control") - powers.average(BASELINE, "export_control"))
    positive(powers.average(BASELINE, "chip_price_index") - powers.average("No retaliation", "chip_price_index"))
    positive(powers.average(BASELINE, "mineral_price_index") - powers.average("No retaliation", "mineral_price_index"))


def test_bans_deter_steps_without_any_truce(powers: Pairs) -> None:
    """An answer that is expected, and relief that is hoped for, hold controls back by themselves."""
    free, held = (powers.average(title, "export_control") for title in ("No talks, no retaliation", "No talks"))
    positive(free - held)


def test_the_more_bans_hurt_the_less_is_withheld(powers: Pairs) -> None:
    controls = {title: powers.average(title, "export_control") for title in ("Harmless bans", BASELINE, "Harmful bans")}
    positive(controls["Harmless bans"] - controls[BASELINE])
    positive(controls[BASELINE] - controls["Harmful bans"])


def test_who_lets_steps_pass_bans_less(powers: Pairs) -> None:
    positive(powers.average(BASELINE, "retaliation") - powers.average("No resolve", "retaliation"))


# ---- leading -----------------------------------------------------------------------------------------------
def test_leading_pays_and_the_blind_withhold_less(powers: Pairs) -> None:
    """Blind to the gap: less hostility, fewer controls, and less revenue for who leads, as the other has more chips."""
    powers.falls("hostility", "Blind to the gap")
    positive(powers.average(BASELINE, "export_control") - powers.average("Blind to the gap", "export_control"))
    positive(powers.average(BASELINE, "us_revenue_share") - powers.average("Blind to the gap", "us_revenue_share"))


def test_without_precision_every_quarter_is_a_toss(powers: Pairs) -> None:
    """Outside truces each power steps up, holds and eases a third of the time; controls then hover about a half."""
    steps = [powers.counts("Toss", kind, first=60) for kind in ("export_control", "controls_eased")]
    difference = steps[0] - steps[1]
    assert abs(difference.mean()) < 3.0 * difference.std(ddof=1) / np.sqrt(len(difference))
    assert abs(powers.average("Toss", "export_control", first=60).mean() - 0.5) < 0.05


def test_powers_that_act_by_hazards_refuse_no_chips(powers: Pairs) -> None:
    powers.never("imports_refused", "Hazards")
    assert powers.events("Hazards", "bans_eased").empty
    assert len(powers.events("Hazards", "export_control")) > 0


# ---- imports and allies --------------------------------------------------------------------------------------
def test_chips_refused_leave_orders_to_own_plants(powers: Pairs) -> None:
    powers.never("imports_refused", "No refusal")
    powers.rises("imports_refused", "Much refusal")
    powers.rises("china_domestic_chip_share", BASELINE, "No refusal", last=96)
    powers.falls("china_chip_share", BASELINE, "No refusal", last=96)


def test_allies_follow_late(powers: Pairs) -> None:
    """A repeal reaches China in full only when the allies have followed."""
    powers.rises("china_chip_share", "Quick allies", "Slow allies", last=60)


def test_an_ally_closes_a_tenth_of_its_distance_a_month() -> None:
    """With the default delay of ten months."""
    seen = []

    def note(world: World, luck: Luck) -> None:  # noqa: ARG001 - a stage takes the world and its luck
        seen.append(world.nations.export_control[:, [US, JAPAN]].copy())

    base = Scenario.from_dict({"title": BASELINE, "start": BEGUN, "months": 12})
    simulate([base], runs=8, seed=3, stages=(*STAGES, note), batch=8, uncertainty="luck")
    for before, after in pairwise(seen):
        expected = before[:, 1] + (after[:, 0] - before[:, 1]) / 10.0
        # truces are kept after allies have moved, so the leader may have moved once more
        moved = np.isclose(after[:, 1], expected, atol=1e-12)
        assert moved.mean() > 0.5


# ---- truces ------------------------------------------------------------------------------------------------
def test_a_truce_binds_both_sides_for_its_term_and_what_it_suspended_returns() -> None:
    """A dated one of half: both sides' measures halve, nobody moves for twelve months, and then they are back."""
    seen = []

    def note(world: World, luck: Luck) -> None:  # noqa: ARG001
        nations = world.nations
        seen.append((nations.export_control[:, US].copy(), nations.mineral_ban[:, CHINA].copy(),
                     nations.truce_months[:, US].copy(), nations.control_suspended[:, US].copy()))

    event = {"date": "2025-03", "kind": "truce", "severity": 0.5}
    base = Scenario.from_dict(
        {"title": "Truce", "start": BEGUN, "months": 18, "event": [event], "diplomacy": {"gap_reaction": 3.0}})
    simulate([base], runs=32, seed=3, stages=(*STAGES, note), batch=32, uncertainty="luck")
    before, during = seen[1], seen[2]
    free = before[2] <= 0.0  # no truce of their own before
    assert during[0][free] == pytest.approx(before[0][free] / 2.0, rel=1e-12)
    assert during[1][free] == pytest.approx(before[1][free] / 2.0, rel=0.02)  # bans lose their grip month by month
    for month in seen[3:13]:
        assert np.array_equal(month[0][free], during[0][free])
        assert (month[1][free] <= during[1][free]).all()
    ended = free & (seen[14][2] <= 0.0)  # the rest have renewed it
    assert ended.any()
    assert seen[14][0][ended] == pytest.approx(before[0][ended], rel=1e-12)
    assert not seen[14][3][ended].any()


# ---- law and rivalry -----------------------------------------------------------------------------------------
def test_strict_rules_in_both_powers_make_a_treaty_easier_to_verify(powers: Pairs, treaties: Pairs) -> None:
    powers.rises("treaty_verification", "Strict", "Lax")
    treaties.rises("treaty_verification", "Strict", "Lax")
    treaties.rises("treaty_verification", "Licences", "Strict")


def test_law_moves_treaties_and_hostility(powers: Pairs, treaties: Pairs) -> None:
    """Research that rules slow is a lead at risk; labs that law makes careful leave a treaty less to gain.

    Controls move too, in some runs; on the mean of many not beyond luck.
    """
    powers.rises("hostility", "Strict", "Lax")
    assert (powers.average("Lax", "export_control") != powers.average("Strict", "export_control")).any()
    treaties.rises("treaty_in_force", "Lax", "Strict")
    treaties.rises("hostility", "Strict", "Lax")


def test_rules_on_one_side_alone_take_from_the_lead_that_it_expects(powers: Pairs) -> None:
    powers.falls("us_military_weight", "US rules strict", last=60)


# ---- treaties ------------------------------------------------------------------------------------------------
def test_a_treaty_needs_harm_to_avert_and_a_price_that_is_not_too_high(treaties: Pairs) -> None:
    treaties.never("treaty_in_force", "No harm")
    treaties.never("treaty_in_force", "Nothing verified")
    treaties.rises("treaty_in_force", "Great harm", "Cooperation")
    treaties.falls("treaty_in_force", "Dear inspections", "Cooperation")


def test_a_treaty_makes_incidents_rarer_by_care_alone(treaties: Pairs) -> None:
    """Where it is in force leaders are more careful, and a severe incident is less likely; before, all is the same."""
    treaties.rises("safety_effort", "Cooperation", "Nothing verified", first=60)
    treaties.falls("severe_incident_hazard", "Cooperation", "Nothing verified", first=60)
    without = ~treaties.monthly("Cooperation", "treaty_in_force")[:, :24].any(axis=1)
    same = [treaties.monthly(title, "severe_incident_hazard")[without, :24]
            for title in ("Cooperation", "Nothing verified")]
    assert np.array_equal(*same)
