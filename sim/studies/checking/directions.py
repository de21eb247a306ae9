"""Directions: one lever moved, the same luck, and what moves with it, for the baseline and for given scenarios.

A direction holds when the mean of the paired differences, run by run, is beyond three standard errors. It is claimed of
effects that 64 runs show so; with fewer runs one that is not seen may be there, and the check cannot tell. Claims that
something never happens, or does not move before a date, are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine.live import STAGES
from sim.engine.simulate import simulate
from sim.model.luck import Luck
from sim.model.world import World
from sim.scenario.scenario import Scenario
from sim.studies.checking.checks import Check, Verdict
from sim.studies.checking.drawn import drawn_scenario
from sim.studies.comparing.paired import BASELINE, STANDARD_ERRORS, Pairs, mean_and_error

CLAIMED_RUNS = 64  # a direction is claimed of effects that so many runs show
DRAWN = range(2)  # numbers of the worlds drawn over all levers, uncertainties and events
DRAWN_RUNS = 24
# Directions that some drawn worlds turn round, and why.
TURNED_ROUND: Mapping[str, str] = {
    "stricter rules bind": "the world's lever does not reach the US where a scenario sets its strictness apart",
    "cooperation and controls": "a truce renewed for ever keeps controls where they stand, and rivals may ease theirs",
    "controls and China's chips (S20)": "where China makes all its own chips, controls on tools make it import longer",
    "mission and care (S2)": "where the theory of the race asks for more care than a mission does, a mission lowers it",
    "cooperation and the lag": "where controls are rare, calm opens China's customers to US labs, and its own shrink",
}
STRICT = "strict rules"
_STRICT = {"regulation.strictness": 0.9, "regulation.audit_capacity": 0.6, "regulation.penalty_share_of_revenue": 0.1}
_EXEMPT = {"regulation.exempt_below_flop": 1e27, "regulation.exempt_below_revenue_usd_bn": 5.0}
_OPEN = {"regulation.exempt_below_flop": 0.0, "regulation.exempt_below_revenue_usd_bn": 0.0}

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "light rules": {"regulation.strictness": 0.1, "regulation.licensing_above": 1.01, **_OPEN},
    STRICT: {**_STRICT, **_OPEN, "regulation.licensing_above": 1.01},
    "strict rules, small exempt": {**_STRICT, **_EXEMPT, "regulation.licensing_above": 1.01},
    "licensing": {**_STRICT, **_OPEN, "regulation.licensing_above": 0.6},
    "rivalry": {"diplomacy.us_china_cooperation": 0.1},
    "cooperation": {"diplomacy.us_china_cooperation": 0.8},
    "nothing verified": {"diplomacy.us_china_cooperation": 0.8, "diplomacy.treaty_verification": 0.0},
    "blind to the gap": {"diplomacy.gap_reaction": 0.0},
    "afraid of the gap": {"diplomacy.gap_reaction": 3.0},
    "no chip controls": {"trade.chip_controls": 0.0},
    "chip controls": {"trade.chip_controls": 1.5},
    "no retaliation": {"trade.mineral_retaliation": 0.0},
    "much retaliation": {"trade.mineral_retaliation": 2.0},
    "no subsidy": {"subsidy.us_usd_bn_per_year": 0.0},
    "subsidy": {"subsidy.us_usd_bn_per_year": 100.0},
    "no spin-offs": {"people.spin_offs": 0.0},
    "no mission": {"people.mission_weight": 0.0},
    "strong mission": {"people.mission_weight": 2.0},
    "no mission departures": {"people.mission_departures": 0.0},
    "many mission departures": {"people.mission_departures": 5.0},
    "no political access": {"people.political_access": 0.0},
    "much political access": {"people.political_access": 3.0},
    "peace": {"people.combativeness": 0.0},
    "no conversion": {"capital.conversion_allowed": False},
    "poor investors": {"capital.investor_pool": 0.1},
    "rich investors": {"capital.investor_pool": 1.0},
    "bids": {"capital.takeovers": 1.0},
    "no bids": {"capital.takeovers": 0.0},
    "no lobbying": {"industry.lobbying": 0.0},
    "much lobbying": {"industry.lobbying": 10.0},
    "no defence work": {"industry.defence_contracts": 0.0},
    "much defence work": {"industry.defence_contracts": 3.0},
    "no new suits": {"litigation.filing": 0.0},
    "many suits": {"litigation.filing": 5.0},
    "no rivalry motive": {"litigation.rivalry_motive": 0.0},
    "much rivalry motive": {"litigation.rivalry_motive": 3.0},
    "no allies": {"litigation.allies": 0.0},
    "no attacks": {"litigation.media_attacks": 0.0},
    "many attacks": {"litigation.media_attacks": 5.0},
}


@dataclass(frozen=True)
class Direction:
    """`outcome` is higher in `high` than in `low`, from month `first` to `last`; averaged over them if `average`."""

    name: str
    outcome: str
    high: str
    low: str
    first: int = 0
    last: int | None = None
    average: bool = False
    not_lower: bool = False

    @property
    def claim(self) -> str:
        """The direction in words."""
        until = f", in the first {self.last} months" if self.last else ""
        return f"{self.outcome} {'not lower' if self.not_lower else 'higher'} with {self.high} than {self.low}{until}"

    def differences(self, pairs: Pairs) -> np.ndarray:
        """High less low, run by run: (runs,)."""
        take = pairs.average if self.average else pairs.summary
        high, low = (take(title, self.outcome, self.first, self.last) for title in (self.high, self.low))
        return high - low

    def score(self, pairs: Pairs) -> float:
        """The mean difference in standard errors; 0 if nothing differs."""
        mean, error = mean_and_error(self.differences(pairs))
        return float(mean / error) if error > 0.0 else float(np.sign(mean)) * STANDARD_ERRORS * 2.0

    def check(self, pairs: Pairs, of: str) -> Check:
        """Measure it on the pairs; `of` names a given scenario, "" the baseline."""
        differences = self.differences(pairs)
        verdict, measured = judged(differences, self.not_lower)
        if of and not differences.any():
            verdict, measured = Verdict.void, "nothing moves: the scenario leaves this lever no effect"
        elif of and verdict is Verdict.fails and self.name in TURNED_ROUND:
            verdict, measured = Verdict.void, f"{measured}; {TURNED_ROUND[self.name]}"
        return Check("directions", f"{self.name}{of}", self.claim, measured, verdict)


@dataclass(frozen=True)
class Never:
    """`what` does not happen in `title`: an outcome that stays 0 from month `first`, or events of these kinds."""

    name: str
    title: str
    what: tuple[str, ...]
    first: int = 0

    def check(self, pairs: Pairs, of: str) -> Check:
        """Count it on the pairs; event kinds and outcomes have different names."""
        count = len(pairs.events(self.title, *self.what))
        for outcome in set(self.what) & set(pairs.results.outcomes):
            count += int(np.count_nonzero(pairs.monthly(self.title, outcome)[:, self.first :]))
        claim = f"no {', '.join(self.what)} with {self.title}" + (f", from month {self.first}" if self.first else "")
        return Check("directions", f"{self.name}{of}", claim, f"{count} found", Verdict.of(count == 0))


def judged(differences: np.ndarray, not_lower: bool = False) -> tuple[Verdict, str]:
    """Whether paired differences (runs,) lie above zero, or not below it; and what was measured."""
    mean, error = mean_and_error(differences)
    beyond, runs = STANDARD_ERRORS * error, len(differences)
    measured = f"{mean:+.4g} with a standard error of {error:.2g}, {runs} runs"
    if mean > beyond or (not_lower and mean >= -beyond):
        return Verdict.holds, measured
    least = beyond * np.sqrt(runs / CLAIMED_RUNS)  # the effect that as many runs as are claimed would just show
    if differences.any() and not not_lower and least < beyond and mean + beyond >= least:
        return Verdict.untold, f"{measured}: too few, {CLAIMED_RUNS} would tell"
    return Verdict.fails, measured


DIRECTIONS: tuple[Direction | Never, ...] = (
    # ---- section 8: rules
    Direction("stricter rules cost", "compliance_cost_usd_bn", STRICT, "light rules"),
    Direction("stricter rules bind", "strictness_us", STRICT, "light rules"),
    # On average: labs pass the line below which they count as small, and come back, by the luck of their brands.
    Direction("exemption (S12)", "small_labs", "strict rules, small exempt", STRICT, average=True),
    Direction("licensing (S13)", "state_control", "licensing", STRICT),
    Direction("licensing slows (S13)", "frontier_log10_flop", STRICT, "licensing", 12, 48, average=True),
    Direction("licensing and harm (S13)", "severe_incident_hazard", STRICT, "licensing", average=True),
    Never("no licensing (S13)", STRICT, ("state_control",)),
    # ---- section 8: diplomacy
    Direction("cooperation calms", "hostility", "rivalry", "cooperation"),
    Direction("cooperation and controls", "export_control", "rivalry", "cooperation", average=True),
    Direction("cooperation and care (S17)", "safety_effort", "cooperation", "rivalry"),
    Direction("cooperation and treaties (S17)", "treaty_in_force", "cooperation", "rivalry", average=True),
    Direction("cooperation and the lag", "us_china_lag_months", "rivalry", "cooperation", not_lower=True),
    Never("unverified treaty (S17)", "nothing verified", ("treaty_in_force",), 1),
    Direction("fear of the gap (S16)", "hostility", "afraid of the gap", "blind to the gap"),
    # ---- section 8: trade and subsidy
    Direction("controls and China's chips (S20)", "china_chip_share", "no chip controls", "chip controls"),
    Direction("controls and China's own chips", "china_domestic_chip_share", "chip controls", "no chip controls",
              last=60),
    Direction("controls are answered (S20)", "retaliation", "chip controls", "no chip controls", 24, average=True),
    Direction("retaliation (S20)", "mineral_price_index", "much retaliation", "no retaliation", average=True),
    Direction("subsidy (S18)", "us_domestic_chip_share", "subsidy", "no subsidy"),
    Direction("subsidy and the world's chips (S18)", "chip_stock_h100e", "subsidy", "no subsidy"),
    # ---- people, forms and capital
    Never("no spin-offs (S1)", "no spin-offs", ("spin_offs",)),
    Direction("mission and care (S2)", "safety_effort", "strong mission", "no mission", average=True),
    Direction("departures (S3)", "founder_departures", "many mission departures", "no mission departures"),
    Direction("capital (S5)", "top_lab_capital_usd_bn", "rich investors", "poor investors"),
    Never("no bids (S8)", "no bids", ("takeover_bid", "takeover")),
    Direction("takeovers (S8)", "active_labs", "no bids", "bids", average=True),
    Direction("access (S15)", "capture_softens", "much political access", "no political access", average=True),
    Direction("lobbying (S14)", "capture_softens", "much lobbying", "no lobbying", average=True),
    Direction("defence work (S19)", "defence_labs_share", "much defence work", "no defence work", average=True),
    # ---- quarrels
    Never("no suits (S6)", "no new suits", ("suits_filed",)),
    Direction("suits cost (S6)", "legal_cost_usd_bn", "many suits", "no new suits"),
    Never("peace between rivals", "peace", ("suit_rivalry", "suit_mission", "media_attack", "takeover_bid")),
    Never("no rivalry motive (S9)", "no rivalry motive", ("suit_rivalry",)),
    Direction("rivalry motive (S9)", "suits_filed", "much rivalry motive", "no rivalry motive"),
    Direction("attacks (S7)", "leader_share", "no attacks", "many attacks", last=60),
)
# The baseline begins after OpenAI's conversion and has none of these in any case: they say something where it lies
# ahead, as in January 2025.
UNCONVERTED: tuple[Never, ...] = (
    Never("no conversion (S5)", "no conversion", ("conversion",)),
    Never("no allies (S10)", "no allies", ("ally",)),
)


def checks(scenarios: Sequence[Scenario] = (), runs: int = 64) -> Iterator[Check]:
    """One check for each direction, on the baseline and then on each given scenario."""
    baseline = Scenario.from_dict({"title": BASELINE})
    for base in [baseline, *scenarios]:
        of = "" if base is baseline else f" [{base.title}]"
        pairs = Pairs.of(VARIANTS, runs=runs, base=base)
        for direction in DIRECTIONS:
            yield direction.check(pairs, of)
        if base is baseline:
            earlier = Scenario.from_dict({"title": "January 2025", "start": "2025-01"})
            titles = [never.title for never in UNCONVERTED]
            pairs_2025 = Pairs.of({title: VARIANTS[title] for title in titles}, runs=runs, base=earlier)
            yield from (never.check(pairs_2025, f" [{earlier.title}]") for never in UNCONVERTED)
        else:
            yield from (never.check(pairs, of) for never in UNCONVERTED)
        yield _before_the_plants(pairs, of)
        yield _race_pressure(base, runs, of)
    for number in DRAWN:
        yield _drawn_world(number)


def _drawn_world(number: int) -> Check:
    """In a world drawn over everything no direction is turned round, but those of which docs/validation.md says why.

    Many are unclear there: a lever may be overridden, or what it moves may be bound by something else.
    """
    pairs = Pairs.of(VARIANTS, runs=DRAWN_RUNS, base=drawn_scenario(number))
    scores = {d.name: d.score(pairs) for d in DIRECTIONS if isinstance(d, Direction)}
    against = [name for name, score in scores.items() if score < -STANDARD_ERRORS]
    right = sum(score > STANDARD_ERRORS for score in scores.values())
    told = f", against it: {', '.join(against)}" if against else ""
    return Check("directions", f"drawn world {number}", "no direction is turned round in a world drawn over everything",
                 f"{right} of {len(scores)} clear{told}, {DRAWN_RUNS} runs",
                 Verdict.of(set(against) <= set(TURNED_ROUND)))


def _before_the_plants(pairs: Pairs, of: str) -> Check:
    """A subsidy moves nothing for the three years that a plant takes."""
    values, position = pairs.results.values, pairs.results.position
    ours, theirs = (values[position(title), :, :36] for title in ("subsidy", "no subsidy"))
    count = int((ours != theirs).sum())
    claim = "nothing differs with subsidy from no subsidy in the 36 months that a plant takes"
    return Check("directions", f"subsidy's lag (S18){of}", claim, f"{count} numbers differ", Verdict.of(count == 0))


class RacePressure:
    """A stage of its own that notes how strongly the labs in the race dread a rival's win, month by month."""

    def __init__(self) -> None:
        self.months: list[np.ndarray] = []

    def __call__(self, world: World, luck: Luck) -> None:  # noqa: ARG002 - a stage takes the world and its luck
        labs = world.labs
        best = labs.capability.max(axis=1, keepdims=True)
        racing = labs.active & (labs.capability > best - world.p.race_window)
        self.months.append((labs.enmity * racing).sum(axis=1) / racing.sum(axis=1))

    def by_scenario(self, scenarios: int) -> np.ndarray:
        """Mean over the months: (scenarios, runs)."""
        return np.asarray(np.mean(self.months, axis=0)).reshape(scenarios, -1)


def _race_pressure(base: Scenario, runs: int, of: str) -> Check:
    pressure = RacePressure()
    pair = [base.with_(VARIANTS[title], title=title) for title in ("rivalry", "cooperation")]
    simulate(pair, runs=runs, seed=11, stages=(*STAGES, pressure), batch=2 * runs, events=False,
             uncertainty="luck")
    rivalry, cooperation = pressure.by_scenario(2)
    verdict, measured = judged(rivalry - cooperation)
    return Check("directions", f"race pressure{of}", "labs dread a rival's win more with rivalry than cooperation",
                 measured, verdict)
