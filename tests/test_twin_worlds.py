"""Twin worlds: what should make no difference makes none, and a twin that differs is seen (`sim/studies/twins.py`)."""

from __future__ import annotations

import pytest

from sim.scenario import Scenario
from sim.studies.twins import ROUNDING, TWINS, a_lab_without_size

BASELINE = Scenario.from_dict({"title": "Baseline"})
LICENSING = BASELINE.with_({"regulation.strictness": 0.7, "regulation.licensing_above": 0.5, "trade.chip_controls": 1.4,
                            "diplomacy.us_china_cooperation": 0.6, "regulation.us.strictness": 0.9}, title="Licensing")


@pytest.mark.parametrize("scenario", [BASELINE, LICENSING], ids=lambda scenario: scenario.title)
@pytest.mark.parametrize("name", TWINS)
def test_what_should_make_no_difference_makes_none(name: str, scenario: Scenario) -> None:
    _, twin, tolerance = TWINS[name]
    assert twin(scenario) <= tolerance


@pytest.mark.parametrize("name", [name for name in TWINS if name != "a lab of zero size"])
def test_a_twin_that_differs_is_seen(name: str) -> None:
    """Regulators that act, labs or powers without their luck, a price that is not exchanged, later months."""
    _, twin, _ = TWINS[name]
    assert twin(BASELINE, False) > 100 * ROUNDING


def test_a_lab_with_compute_is_seen() -> None:
    assert a_lab_without_size(BASELINE, 1e6) > 100 * ROUNDING
