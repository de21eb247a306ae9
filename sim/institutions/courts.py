"""Courts: who sues whom and why, allies, injunctions, settlement, verdicts, and the state's review of conversions."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from sim.luck import SMALLEST
from sim.state import (
    CALIFORNIA,
    FOUNDER_SLOTS,
    LAB_SLOTS,
    NOBODY,
    SUIT_SLOTS,
    Claim,
    Form,
    Injunction,
    places,
)
from sim.world import World, at_rows, feuds, first_free, of_slot, one_a_row, row_sum

SLOTS_FOR_RIVALS = 3


# ---- models of settlement and trial ------------------------------------------------------------------------------
def screening_offer(
    cost: np.ndarray | float, stake: np.ndarray | float, low: np.ndarray | float, high: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """The plaintiff's demand and the chance of trial when only the defendant knows the odds.

    The defendant's chance of losing is uniform on [low, high]; `cost` is both sides' cost of a trial, `stake` the
    award. Arguments broadcast. Returns (demand in units of money, probability of trial). Source: Bebchuk (1984):
    P(trial) = 1 - cost / (stake (high - low)).
    """
    spread = np.maximum(np.asarray(stake) * (np.asarray(high) - np.asarray(low)), 1e-12)
    trial = np.clip(1.0 - np.asarray(cost) / spread, 0.0, 1.0)
    indifferent = low + trial * (np.asarray(high) - np.asarray(low))
    return indifferent * np.asarray(stake) + np.asarray(cost) / 2.0, trial


def goes_to_trial(
    truth: np.ndarray,
    plaintiff_error: np.ndarray,
    defendant_error: np.ndarray,
    signal_sd: np.ndarray | float,
    standard: np.ndarray | float,
    cost_to_stake: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    """Which suits are tried, and who would win them, when both sides judge the case with error.

    `truth` is the case's strength, the errors are standard normal, `signal_sd` scales them; the plaintiff wins when
    truth exceeds `standard`. A case is tried when the plaintiff's estimate of the odds exceeds the defendant's by more
    than `cost_to_stake`. Returns bools (tried, plaintiff wins). Source: Priest and Klein (1984).
    """
    by_plaintiff = judged_odds(truth, plaintiff_error, signal_sd, standard)
    by_defendant = judged_odds(truth, defendant_error, signal_sd, standard)
    return by_plaintiff - by_defendant > cost_to_stake, truth > standard


def judged_odds(
    truth: np.ndarray, error: np.ndarray, signal_sd: np.ndarray | float, standard: np.ndarray | float
) -> np.ndarray:
    """A party's estimate of the plaintiff's odds from a noisy look at the case; arguments as in `goes_to_trial`."""
    sd = np.maximum(signal_sd, 1e-9)
    return ndtr((truth + sd * error - standard) / sd)


def filing_hazard(
    grievance: np.ndarray,
    combativeness: np.ndarray,
    mission: np.ndarray,
    drift: np.ndarray,
    market_gap: np.ndarray,
    base: np.ndarray | float,
    mission_part: np.ndarray | float,
    rivalry_part: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    """Monthly hazard of a suit in its two parts, mission and rivalry (S9); arguments broadcast.

    Both need a grievance and a combative founder. The mission part grows with the founder's own mission and the
    defendant's drift from its charter, the rivalry part with how far the defendant leads in the market.
    """
    will = base * grievance * combativeness
    return will * mission_part * mission * drift, will * rivalry_part * np.maximum(market_gap, 0.0)


# ---- filing ---------------------------------------------------------------------------------------------------------
def drift_from_charter(world: World) -> np.ndarray:
    """How far each lab has moved from its founding purpose, 0-1 (rows, labs): conversion in train counts (S3, S5)."""
    p, labs = world.p, world.labs
    by_form = world.by_form(0.0, p.drift_capped, p.drift_for_profit, p.drift_division)
    return np.clip(
        by_form
        + p.drift_converting * labs.converting
        + p.drift_defence * labs.defence
        - p.drift_stake * labs.mission_stake,
        0.0,
        1.0,
    )


def file_suits(world: World) -> None:
    """At most one suit by a founder and one by rights holders is filed in a month (S6, S9)."""
    _sue_rivals(world)
    _rights_holders(world)


def _sue_rivals(world: World) -> None:
    """Founders in control of a lab sue a lab of their own nation that they resent; arrays are (feuds,) or (suits,)."""
    founders, labs, p, policy = world.founders, world.labs, world.p, world.policy
    rows, who, against = feuds(world)
    home = founders.home[rows, who]
    # A suit is brought in the name of a lab, so by whoever controls one, and not twice.
    may = founders.controls[rows, who] & (labs.nation[rows, home] == labs.nation[rows, against])
    may &= ~_has_suit(world)[rows, who]
    rows, who, against, home = rows[may], who[may], against[may], home[may]
    mission, rivalry = filing_hazard(
        founders.grievance[rows, who],
        founders.combativeness[rows, who],
        founders.mission[rows, who],
        drift_from_charter(world)[rows, against],
        labs.share[rows, against] - labs.share[rows, home],
        at_rows(p.filing_hazard, rows) * at_rows(policy.litigation.filing, rows),
        at_rows(p.filing_mission, rows),
        at_rows(p.filing_rivalry, rows) * at_rows(policy.litigation.rivalry_motive, rows),
    )
    files = np.flatnonzero(world.luck.uniform("courts.filing", FOUNDER_SLOTS)[rows, who] < mission + rivalry)
    files = files[one_a_row(rows[files], (mission + rivalry)[files])]
    if not len(files):
        return
    rows, who, against, home = rows[files], who[files], against[files], home[files]
    slot, free = first_free(world.docket.active)
    has_room = free[rows]
    mostly_rivalry = (rivalry > mission)[files][has_room]
    rows, who, against, home = rows[has_room], who[has_room], against[has_room], home[has_room]
    converting = labs.converting[rows, against] | (labs.form[rows, against] == Form.CAPPED_PROFIT)
    kind = np.where(converting, Claim.CONVERSION, np.where(mostly_rivalry, Claim.ANTITRUST, Claim.TRADE_SECRET))
    value = np.maximum(labs.valuation[rows, against], labs.revenue[rows, against])
    stakes = np.minimum(
        at_rows(p.least_stakes, rows) + at_rows(p.stakes_share, rows) * value, at_rows(p.stakes_limit, rows)
    )
    _enter(world, rows, slot[rows], kind, home, who, against, stakes)
    world.log.note(world.month, "suit_rivalry", rows[mostly_rivalry], home[mostly_rivalry], against[mostly_rivalry])
    world.log.note(world.month, "suit_mission", rows[~mostly_rivalry], home[~mostly_rivalry], against[~mostly_rivalry])


def _has_suit(world: World) -> np.ndarray:
    """Founders who already have a suit pending: bool (rows, founders)."""
    docket = world.docket
    busy = np.zeros((world.rows, FOUNDER_SLOTS), bool)
    rows, slots = places(docket.active & (docket.founder >= 0))
    busy[rows, docket.founder[rows, slots]] = True
    return busy


def _rights_holders(world: World) -> None:
    """Copyright suits come with revenue, not with quarrels between rivals (`evidence: ai_copyright_cases_us`)."""
    labs, p = world.labs, world.p
    hazard = p.copyright_hazard * world.policy.litigation.filing * labs.revenue / (labs.revenue + p.copyright_scale)
    files = world.luck.happens("courts.copyright", hazard, labs.active & world.lets_sue[labs.nation])
    rows, labs_sued = places(files)
    if not len(rows):
        return
    # One suit a month, against the largest; the last slots of the docket are kept for suits between rivals.
    slot, free = first_free(world.docket.active[:, :-SLOTS_FOR_RIVALS])
    chosen = one_a_row(rows, labs.revenue[rows, labs_sued])
    chosen = chosen[free[rows[chosen]]]
    rows, lab = rows[chosen], labs_sued[chosen]
    sold = labs.revenue[rows, lab]
    stakes = at_rows(p.copyright_stakes, rows) * sold / (sold + at_rows(p.copyright_scale, rows))
    nobody = np.full(len(rows), NOBODY)
    _enter(world, rows, slot[rows], np.full(len(rows), Claim.COPYRIGHT), nobody, nobody, lab, stakes)
    world.log.note(world.month, "suit_copyright", rows, nobody, lab)


def _enter(
    world: World,
    rows: np.ndarray,
    slot: np.ndarray,
    kind: np.ndarray,
    plaintiff: np.ndarray,
    founder: np.ndarray,
    defendant: np.ndarray,
    stakes: np.ndarray,
) -> None:
    """Put suits on the docket, at most one a row; all arrays (suits,)."""
    docket = world.docket
    at = (rows, slot)
    docket.active[at] = True
    docket.kind[at] = kind
    docket.plaintiff[at] = plaintiff
    docket.founder[at] = founder
    docket.defendant[at] = defendant
    docket.age[at] = 0.0
    docket.merit[at] = world.luck.uniform("courts.merit", SUIT_SLOTS)[at]
    docket.stakes[at] = stakes
    docket.injunction[at] = np.where(kind == Claim.CONVERSION, Injunction.PENDING, Injunction.NONE)
    docket.ruling_due[at] = at_rows(world.p.injunction_month, rows)
    docket.allies[at] = 0.0
    world.now.suits_filed[rows] += 1.0


# ---- the docket's month ----------------------------------------------------------------------------------------------
def hear_suits(world: World) -> None:
    """Suits age: allies join, injunctions are ruled on, weak claims fall, others settle or are tried."""
    docket, p = world.docket, world.p
    if not docket.active.any():
        world.labs.suits_against = np.zeros_like(world.labs.suits_against)
        world.labs.enjoined = np.zeros_like(world.labs.enjoined)
        return
    docket.age += docket.active
    _join_allies(world)
    _rule_on_injunctions(world)
    spread = world.luck.uniform("courts.pace", SUIT_SLOTS)
    dismissed = (
        docket.active
        & (docket.age >= p.dismissal_month)
        & (docket.age < p.dismissal_month + 1)
        & (docket.merit < p.dismissal_share)
    )
    world.log.add(world.month, "dismissal", dismissed, -1, docket.defendant)
    _close(world, dismissed)
    decided = docket.active & (docket.age >= p.trial_month) & (spread < p.trial_pace)
    talks = docket.active & (docket.age >= p.settlement_month) & (docket.age < p.settlement_month + 1)
    _settle_or_try(world, talks, decided)
    cost = _lawyers(world)
    world.now.legal_cost += row_sum(cost)
    defendant = np.where(docket.active, docket.defendant, NOBODY)
    world.labs.suits_against = world.to_lab(defendant, np.ones_like(docket.age))
    stopped = docket.active & (docket.injunction == Injunction.GRANTED)
    world.labs.enjoined = world.to_lab(np.where(stopped, docket.defendant, NOBODY), np.ones_like(docket.age)) > 0


def _join_allies(world: World) -> None:
    """Rivals of the defendant side with the plaintiff of a suit over conversion (S10): the review grows longer."""
    docket, labs, p = world.docket, world.labs, world.p
    contested = docket.active & (docket.kind == Claim.CONVERSION) & of_slot(labs.converting, docket.defendant)
    if not contested.any():
        return
    nation = of_slot(labs.nation, docket.defendant)
    rivals = of_slot(world.by_nation(labs.active), nation) - 2.0
    free = np.maximum(rivals - docket.allies, 0.0)
    hazard = p.ally_hazard * world.policy.litigation.allies * free * of_slot(labs.share, docket.defendant)
    joins = world.luck.happens("courts.allies", hazard, contested)
    if not joins.any():
        return
    docket.allies += joins
    extra = world.to_lab(np.where(joins, docket.defendant, NOBODY), np.full(joins.shape, 1.0))
    labs.review_months += np.where(labs.converting, extra * p.ally_delay_months, 0.0)
    # Allies are the largest labs of the nation that are neither party.
    rows, suits = places(joins)
    same = labs.active[rows] & (labs.nation[rows] == nation[rows, suits][:, None])
    size = np.where(same, labs.revenue[rows] + labs.parent_cash_flow[rows], -1.0)
    each = np.arange(len(rows))
    size[each, docket.defendant[rows, suits]] = -1.0
    size[each, docket.plaintiff[rows, suits]] = -1.0
    ally = np.full(joins.shape, NOBODY)
    # The largest speaks first, then the next.
    before = np.clip(np.nan_to_num(docket.allies[rows, suits]) - 1.0, 0.0, LAB_SLOTS - 1.0).astype(np.int64)
    ally[rows, suits] = np.argsort(-size, axis=1, kind="stable")[each, before]
    world.log.add(world.month, "ally", joins, ally, docket.defendant)


def _rule_on_injunctions(world: World) -> None:
    """Motions are ruled on after some months; 37% are granted (`evidence: pi_grant_all`), more for strong claims."""
    docket, p = world.docket, world.p
    ripe = docket.active & (docket.injunction == Injunction.PENDING) & (docket.age >= docket.ruling_due)
    if not ripe.any():
        return
    chance = p.injunction_rate * world.policy.litigation.injunctions * 2.0 * docket.merit
    granted = ripe & (world.luck.uniform("courts.injunction", SUIT_SLOTS) < chance)
    docket.injunction = np.where(ripe, np.where(granted, Injunction.GRANTED, Injunction.DENIED), docket.injunction)
    world.now.injunctions += granted.sum(axis=1, keepdims=True)
    world.log.add(world.month, "injunction", granted, docket.plaintiff, docket.defendant)
    world.log.add(world.month, "injunction_denied", ripe & ~granted, docket.plaintiff, docket.defendant)


def _settle_or_try(world: World, talks: np.ndarray, decided: np.ndarray) -> None:
    """Settlement by screening, verdict by who is right; damages and settlements are paid by the defendant.

    Worked out only for the suits at issue: arrays below are (suits,).
    """
    docket, p, labs = world.docket, world.p, world.labs
    rows, suits = places(talks | decided)
    if not len(rows):
        return
    at = (rows, suits)
    merit, stakes, defendant = docket.merit[at], docket.stakes[at], docket.defendant[at]
    in_talks, is_decided = talks[at], decided[at]
    cost = 2.0 * (at_rows(p.trial_cost_usd_bn, rows) + at_rows(p.trial_cost_share, rows) * stakes)
    doubt = at_rows(p.private_knowledge, rows)
    demand, trial = screening_offer(cost, stakes, np.maximum(merit - doubt, 0.0), np.minimum(merit + doubt, 1.0))
    settles = in_talks & (world.luck.uniform("courts.settlement", SUIT_SLOTS)[at] >= trial)
    # On the courthouse steps the parties compare their judgement of the case; who still disagree are tried.
    drawn = np.maximum(world.luck.uniform("courts.judgement", 2 * SUIT_SLOTS), SMALLEST)
    truth, sd, standard = (
        ndtri(np.clip(merit, 1e-6, 1.0 - 1e-6)),
        at_rows(p.signal_sd, rows),
        at_rows(p.decision_standard, rows),
    )
    ours, theirs = ndtri(drawn[at]), ndtri(drawn[rows, suits + SUIT_SLOTS])
    tried, right = goes_to_trial(truth, ours, theirs, sd, standard, cost / np.maximum(stakes, 1e-9))
    expected = 0.5 * (judged_odds(truth, ours, sd, standard) + judged_odds(truth, theirs, sd, standard))
    wins, loses, late = is_decided & tried & right, is_decided & tried & ~right, is_decided & ~tried
    owed = np.where(settles, demand, np.where(late, expected * stakes, np.where(wins, stakes, 0.0)))
    # Nobody can be made to pay more than part of the cash at hand.
    paid = np.minimum(owed, at_rows(p.damages_share_of_cash, rows) * np.maximum(labs.cash[rows, defendant], 0.0))

    def spread(values: np.ndarray) -> np.ndarray:
        whole = np.zeros(docket.active.shape, values.dtype)
        whole[at] = values
        return whole

    amount = spread(paid)
    world.log.add(world.month, "settlement", spread(settles | late), -1, docket.defendant, amount)
    world.log.add(world.month, "verdict_plaintiff", spread(wins), -1, docket.defendant, amount)
    world.log.add(world.month, "verdict_defendant", spread(loses), -1, docket.defendant)
    world.pay("damages", world.to_lab(np.where(docket.active, docket.defendant, NOBODY), amount))
    world.receive("damages won", world.to_lab(np.where(docket.active, docket.plaintiff, NOBODY), amount))
    world.now.legal_cost += row_sum(amount)
    # A plaintiff who wins over a conversion stops it for years.
    barred = wins & (docket.kind[at] == Claim.CONVERSION)
    labs.barred_months[rows[barred], defendant[barred]] = at_rows(p.barred_after_verdict, rows[barred])
    labs.converting[rows[barred], defendant[barred]] = False
    _close(world, spread(settles | is_decided))


def _lawyers(world: World) -> np.ndarray:
    """Both sides' lawyers, USD bn this month (rows, labs); `evidence: lit_cost_trial_high_stakes`."""
    docket, p = world.docket, world.p
    monthly = np.where(docket.active, (p.trial_cost_usd_bn + p.trial_cost_share * docket.stakes) / p.trial_month, 0.0)
    bill = world.to_lab(np.where(docket.active, docket.defendant, NOBODY), monthly) + world.to_lab(
        np.where(docket.active, docket.plaintiff, NOBODY), monthly
    )
    world.pay("lawyers", bill)
    return bill


def _close(world: World, closed: np.ndarray) -> None:
    docket = world.docket
    docket.active = docket.active & ~closed
    docket.injunction = np.where(closed, Injunction.NONE, docket.injunction)


# ---- the state's review of a conversion ------------------------------------------------------------------------------
def review_conversions(world: World) -> None:
    """Labs short of capital ask to convert; the attorney general's review takes months and may refuse (S5, S6, S10)."""
    labs, p, policy = world.labs, world.p, world.policy
    _open_reviews(world)
    labs.barred_months = np.maximum(labs.barred_months - 1.0, 0.0)
    if not labs.converting.any():
        return
    runs = labs.converting & ~labs.enjoined
    labs.review_months = np.where(runs, labs.review_months - 1.0, labs.review_months)
    ready = runs & (labs.review_months <= 0.0)
    to_capped = ready & (labs.form == Form.NONPROFIT)
    asks_state = ready & (labs.form == Form.CAPPED_PROFIT)
    allies = world.to_lab(np.where(world.docket.active, world.docket.defendant, NOBODY), world.docket.allies)
    refusal = (
        p.refusal_base
        + p.refusal_per_ally * allies
        + p.refusal_strict
        * world.regulators.strictness[:, CALIFORNIA : CALIFORNIA + 1]
        * (labs.nation == world.served[CALIFORNIA])
    )
    allowed = np.asarray(policy.capital.conversion_allowed) > 0.0
    refused = asks_state & ((world.luck.uniform("courts.review", LAB_SLOTS) < refusal) | ~allowed)
    converts = asks_state & ~refused
    labs.form = np.where(to_capped, Form.CAPPED_PROFIT, np.where(converts, Form.FOR_PROFIT, labs.form))
    labs.mission_stake = np.where(converts, p.mission_stake, labs.mission_stake)
    labs.reputation = np.maximum(labs.reputation - p.conversion_stain * converts, 0.0)
    labs.barred_months = np.where(refused, p.barred_after_refusal, labs.barred_months)
    labs.converting = labs.converting & ~ready
    world.now.conversions += (converts | to_capped).sum(axis=1, keepdims=True)
    slots = np.arange(LAB_SLOTS)
    world.log.add(world.month, "conversion", converts, slots)
    world.log.add(world.month, "capped_profit", to_capped, slots)
    world.log.add(world.month, "conversion_refused", refused, slots)


def _open_reviews(world: World) -> None:
    labs, p = world.labs, world.p
    bound = labs.active & ((labs.form == Form.NONPROFIT) | (labs.form == Form.CAPPED_PROFIT))
    allowed = np.asarray(world.policy.capital.conversion_allowed) > 0.0
    may = bound & ~labs.converting & (labs.barred_months <= 0.0) & (allowed | (labs.form == Form.NONPROFIT))
    hazard = p.conversion_hazard * (p.conversion_floor + labs.funding_gap) * (1.0 - labs.mission)
    opens = world.luck.happens("courts.review_opened", hazard, may)
    if not opens.any():
        return
    months = np.where(labs.form == Form.NONPROFIT, p.capped_profit_months, p.review_months)
    labs.converting = labs.converting | opens
    labs.review_months = np.where(opens, months, labs.review_months)
    world.log.add(world.month, "review_opened", opens & (labs.form == Form.CAPPED_PROFIT), np.arange(LAB_SLOTS))


# ---- quarrels in public ---------------------------------------------------------------------------------------------
def attack_in_public(world: World) -> None:
    """Feuding founders attack their rival's reputation, at some cost to their own (S7)."""
    founders, labs, p = world.founders, world.labs, world.p
    rows, who, against = feuds(world)
    hazard = at_rows(p.attack_hazard, rows) * at_rows(world.policy.litigation.media_attacks, rows)
    hazard = hazard * founders.combativeness[rows, who] * founders.grievance[rows, who]
    attacks = world.luck.uniform("founders.attacks", FOUNDER_SLOTS)[rows, who] < hazard
    rows, who, against = rows[attacks], who[attacks], against[attacks]
    if not len(rows):
        return
    home = founders.home[rows, who]
    hurt = np.zeros_like(labs.reputation)
    np.add.at(hurt, (rows, against), at_rows(p.attack_damage, rows) * (1.0 + founders.access[rows, who]))
    np.add.at(hurt, (rows[home >= 0], home[home >= 0]), at_rows(p.attack_backlash, rows[home >= 0]))
    labs.reputation = np.clip(labs.reputation - hurt, 0.0, 1.0)
    world.log.note(world.month, "media_attack", rows, who, against)
