"""The claims group: what bites passes with its size, what does not is told as weak with the reason, or fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.studies.checking.checks import Verdict
from sim.studies.checking.claims import _CONVERSION, _FROM_2015, _FROM_2025, _S2, CLAIMS, VARIANTS, Claim, _mean, checks
from sim.studies.comparing.paired import BASELINE, Pairs


def test_claims_name_variants() -> None:
    for claims, variants in ((CLAIMS, VARIANTS), (_S2, _FROM_2015), (_CONVERSION, _FROM_2025)):
        assert {title for claim in claims for title in (claim.high, claim.low)} <= set(variants)


@pytest.mark.thorough
@pytest.mark.slow
def test_every_claim_bites_or_is_told_as_weak_with_the_reason() -> None:
    found = list(checks())
    assert [(check.name, check.measured) for check in found if check.verdict not in (Verdict.holds, Verdict.weak)] == []
    assert all("; weak: " in check.measured for check in found if check.verdict is Verdict.weak)
    held = [check for check in found if check.verdict is Verdict.holds]
    assert len(held) >= 2 * len(found) / 3
    assert {check.name.partition(" ")[0] for check in held} >= {"S2", "S5", "S8", "S12", "S13", "S14", "S16", "S17",
                                                                 "S18", "S20"}


@pytest.mark.slow
def test_a_claim_of_the_wrong_sign_or_size_fails_unless_it_says_why_it_is_weak() -> None:
    pairs = Pairs.of({title: VARIANTS[title] for title in (BASELINE, "US subsidy")}, runs=16)
    right = Claim("S18", "chips made at home", _mean("us_domestic_chip_share", 60), "US subsidy")
    assert right.check(pairs).verdict is Verdict.holds
    for wrong in (replace(right, falls=True), replace(right, least=1e6), replace(right, high=BASELINE)):
        assert wrong.check(pairs).verdict is Verdict.fails
        assert replace(wrong, weak="for once").check(pairs).verdict is Verdict.weak
