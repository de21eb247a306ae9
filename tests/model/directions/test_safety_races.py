"""Each theory of the safety race moves labs' care with its published sign; severe incidents move what they should."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from paired import BASELINE, Pairs, positive

BEGUN = "2025-01"  # with the conversion ahead, little defence work and no truce: all that turns has room to
pairs_of = partial(Pairs.of, start=BEGUN)

pytestmark = pytest.mark.slow

RACES = {"dsair": ("dsair_risk", 0.3, 0.9, +1), "safety_tax": ("tax_price", 0.05, 0.3, +1),
         "contest": ("contest_weight", 0.3, 4.0, -1), "armstrong": ("race_mu", 0.8, 3.0, +1)}
MONTH, DATE = 12, "2026-01"


def _race(theory: str, name: str, value: float) -> dict[str, object]:
    return {"structure.safety_race": theory, f"uncertainty.{name}": value}


@pytest.fixture(scope="module")
def races() -> Pairs:
    variants: dict[str, dict[str, object]] = {BASELINE: {}}
    for theory, (name, low, high, _) in RACES.items():
        variants |= {f"{theory} low": _race(theory, name, low), f"{theory} high": _race(theory, name, high)}
    return pairs_of(variants)


@pytest.mark.parametrize("theory", RACES)
def test_labs_care_answers_with_the_published_sign(races: Pairs, theory: str) -> None:
    sign = RACES[theory][3]
    high, low = (races.average(f"{theory} {end}", "safety_effort") for end in ("high", "low"))
    positive(sign * (high - low))


def test_the_first_theory_is_what_ships() -> None:
    armstrong = pairs_of({BASELINE: {}, "Named": {"structure.safety_race": "armstrong"}})
    assert not armstrong.difference("safety_effort", "Named", BASELINE).any()


# ---- severe incidents ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def incidents() -> Pairs:
    def one(**of: float) -> dict[str, object]:
        return {"event": [{"date": DATE, "kind": "severe_incident", "severity": 1.0}],
                **{f"uncertainty.{name}": value for name, value in of.items()}}

    return pairs_of({
        BASELINE: {}, "One": one(),
        "Blamed": one(incident_blame=0.1), "Unblamed": one(incident_blame=0.0),
        "Shock": one(incident_shock=0.3), "No shock": one(incident_shock=0.0),
    })


def _two_years_after(pairs: Pairs, outcome: str, title: str) -> np.ndarray:
    return pairs.monthly(title, outcome)[:, MONTH + 1:MONTH + 25].mean(axis=1)


def test_blame_raises_hostility(incidents: Pairs) -> None:
    blamed, unblamed = (_two_years_after(incidents, "hostility", title) for title in ("Blamed", "Unblamed"))
    positive(blamed - unblamed)


def test_a_shock_takes_confidence_and_money(incidents: Pairs) -> None:
    for outcome in ("capital_raised_usd_bn", "leader_valuation_usd_bn"):
        calm, shaken = (_two_years_after(incidents, outcome, title) for title in ("No shock", "Shock"))
        positive(calm - shaken, outcome)


def test_one_makes_labs_more_careful(incidents: Pairs) -> None:
    care = [_two_years_after(incidents, "safety_effort", title) for title in ("One", BASELINE)]
    positive(care[0] - care[1])
