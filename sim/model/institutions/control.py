"""The market for control: labs open, close, are bid for and bought."""

from __future__ import annotations

from math import inf
from typing import Any

from numba import literal_unroll

from sim.model.agents.founders import has_feud
from sim.model.elementary import exp, log10
from sim.model.given import given_of
from sim.model.industry import best_capability, bloc_of, cost_of_use, industry_scale
from sim.model.institutions.capital import dilute
from sim.model.luck import CHANNEL, choose_one, uniform, uniforms
from sim.model.money import Owner, Purpose, pay, receive
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import entry, rule, zeros
from sim.model.state import (
    BLOCS,
    BY_NEWCOMER,
    CHINA,
    FOUNDER_SLOTS,
    FOUNDING_SLOTS,
    LAB_SLOTS,
    LABS,
    LONG_AGO,
    NOBODY,
    REGULATORS,
    SEGMENTS,
    SUIT_SLOTS,
    Form,
)
from sim.model.traits import combativeness_of, mission_of

_NOTHING = 1e-30  # keeps 0 / 0 out
_LEAST_SALES = 1e-3  # USD bn a year, so that plans are finite where nobody sells yet
_OF_A_LAB = tuple(LABS.quantities)


# ---- bids ----------------------------------------------------------------------------------------------------------
@rule
def bid_for_control(run: Any, given: Any) -> None:
    """Founders who resent a lab, and rich rivals, bid for it; whoever controls it accepts or rejects (S8).

    A bid is accepted when it tops the lab's value by a premium that grows with the controller's mission, or when the
    lab is running out of money.
    """
    labs, founders, p = run.labs, run.founders, given.p
    bidder, most = NOBODY, 0.0
    for founder in range(FOUNDER_SLOTS):
        if not has_feud(run, founder) or founders.home[founder] == NOBODY:
            continue
        target = founders.grievance_lab[founder]
        means = founders.wealth[founder] * p.bid_share_of_wealth
        able = means > p.bid_least_means * labs.valuation[target] and labs.form[target] != Form.DIVISION
        hazard = p.bid_hazard * given.policy.capital.takeovers
        hazard *= founders.grievance[founder] * combativeness_of(run, given, founder)
        if able and means > most and uniform(run, given, CHANNEL.control_bids, founder) < hazard:
            bidder, most = founder, means
    if bidder == NOBODY:
        return
    lab, buyer = founders.grievance_lab[bidder], founders.home[bidder]
    value, luck = labs.valuation[lab], uniform(run, given, CHANNEL.control_premium, 0)
    price = min(value * (p.bid_low + (p.bid_high - p.bid_low) * luck), most)
    premium = p.premium_base + p.premium_mission * labs.mission_kept[lab]
    tempting = price >= value * (1.0 + premium) or labs.distress_months[lab] > 0.0
    if tempting and labs.nation[lab] == labs.nation[buyer]:
        tell(run, EVENT.takeover, buyer, lab, price)
        founders.wealth[bidder] -= price
        _merge(run, given, lab, buyer)
    else:
        tell(run, EVENT.takeover_bid, buyer, lab, price)
        # A rejected suitor resents it.
        founders.grievance[bidder] = min(founders.grievance[bidder] + p.bid_resentment, 1.0)


@rule
def hire_away(run: Any, given: Any) -> None:
    """A rich rival licenses what a lab that falls behind has made, and hires its people (S8).

    So all frontier labs that left the race until 2025 have ended (`evidence: lab`). At most one lab a month goes, to
    the home rival with the most means that is ahead of it; its owners get a share of its value.
    """
    labs, p, best = run.labs, given.p, best_capability(run)
    luck, target, weakest = zeros(LAB_SLOTS), NOBODY, 0.0
    uniforms(run, given, CHANNEL.control_hires, luck)
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and labs.form[lab] != Form.DIVISION:
            behind = clip((best - labs.capability[lab]) / p.race_window, 0.0, 1.0)
            # Who cannot pay for the next model, or sees others' far ahead, lets itself be hired away.
            weakness = 0.5 * (behind + labs.funding_gap[lab])
            if luck[lab] < p.hire_hazard / 12.0 * given.policy.capital.takeovers * weakness and weakness > weakest:
                target, weakest = lab, weakness
    if target == NOBODY:
        return
    price, buyer, most = p.hire_price * labs.valuation[target], NOBODY, 0.0
    for lab in range(LAB_SLOTS):
        means = labs.parent_cash_flow[lab] if labs.form[lab] == Form.DIVISION else labs.cash[lab]
        ahead = labs.capability[lab] > labs.capability[target] or labs.form[lab] == Form.DIVISION
        rival = labs.active[lab] and lab != target and labs.nation[lab] == labs.nation[target]
        if rival and ahead and means > price and means > most:
            buyer, most = lab, means
    if buyer == NOBODY:
        return
    # A division's parent pays from its own pocket.
    if labs.form[buyer] != Form.DIVISION:
        pay(run, Purpose.takeovers, buyer, price)
    tell(run, EVENT.acquisition, buyer, target)
    _merge(run, given, target, buyer)


# ---- ends ----------------------------------------------------------------------------------------------------------
@rule
def close_failing(run: Any, given: Any) -> None:
    """A lab out of cash for months is bought for its people by the richest lab of its nation, or closes."""
    labs, p, failing = run.labs, given.p, NOBODY
    for lab in range(LAB_SLOTS):
        labs.age_months[lab] += labs.active[lab]
        broke = labs.active[lab] and labs.cash[lab] < 0.0
        labs.distress_months[lab] = labs.distress_months[lab] + 1.0 if broke else 0.0
        # A parent can also wind up a division; it does so only when it gave up the race, which this model leaves out.
        alone = labs.form[lab] != Form.DIVISION or labs.parent_cash_flow[lab] <= 0.0
        fails = broke and alone and labs.distress_months[lab] >= p.distress_limit
        if fails and (failing == NOBODY or labs.distress_months[lab] > labs.distress_months[failing]):
            failing = lab
    if failing == NOBODY:
        return
    buyer = NOBODY
    for lab in range(LAB_SLOTS):
        able = labs.active[lab] and lab != failing and labs.cash[lab] > p.acquirer_cash
        at_home = labs.nation[lab] == labs.nation[failing]
        if able and at_home and (buyer == NOBODY or labs.cash[lab] > labs.cash[buyer]):
            buyer = lab
    if buyer != NOBODY and uniform(run, given, CHANNEL.control_rescue, 0) < p.rescue_chance:
        tell(run, EVENT.acquisition, buyer, failing)
        _merge(run, given, failing, buyer)
    else:
        tell(run, EVENT.closure, failing)
        shut(run, given, failing)


@rule
def _merge(run: Any, given: Any, lab: int, buyer: int) -> None:
    """The buyer takes over compute, know-how, customers, cash and staff."""
    labs, founders, shares = run.labs, run.founders, run.customers.market_share
    labs.compute[buyer] += labs.compute[lab]
    labs.revenue[buyer] += labs.revenue[lab]
    labs.share[buyer] += labs.share[lab]
    labs.algorithm[buyer] = max(labs.algorithm[buyer], labs.algorithm[lab])
    labs.capability[buyer] = max(labs.capability[buyer], labs.capability[lab])
    labs.largest_run[buyer] = max(labs.largest_run[buyer], labs.largest_run[lab])
    for bloc in range(BLOCS):
        for segment in range(SEGMENTS):
            shares[bloc, segment, buyer] += shares[bloc, segment, lab]
            shares[bloc, segment, lab] = 0.0
    moved = labs.cash[lab]
    receive(run, Purpose.merger, buyer, moved)
    receive(run, Purpose.merged, lab, -moved)
    for founder in range(FOUNDER_SLOTS):
        if founders.home[founder] == lab:
            founders.home[founder], founders.controls[founder] = buyer, False
            # Who now works for the lab it resented has no quarrel with it any more.
            if founders.grievance_lab[founder] == buyer:
                founders.grievance[founder], founders.grievance_lab[founder] = 0.0, NOBODY
    shut(run, given, lab)


@rule
def shut(run: Any, given: Any, lab: int) -> None:
    """End a lab: creditors bear what it owes, its suits end, its founders are free."""
    labs, founders, docket = run.labs, run.founders, run.docket
    receive(run, Purpose.written_off, lab, -labs.cash[lab])
    know_how, nation = labs.algorithm[lab], labs.nation[lab]
    _share_out(run, lab)
    # An empty slot is blank, save its nation and the age that tells whether its name is taken.
    _blank(labs, lab)
    labs.nation[lab], labs.patron[lab], labs.form[lab] = nation, NOBODY, Form.FOR_PROFIT
    labs.age_months[lab] = 0.0 if lab >= given.start.named_labs else LONG_AGO
    for founder in range(FOUNDER_SLOTS):
        if founders.home[founder] == lab:
            founders.left_lab[founder], founders.know_how[founder] = lab, know_how
            founders.home[founder], founders.controls[founder] = NOBODY, False
        # Nobody can hold a grudge against what is gone; the slot of a lab that came later can be used again.
        if founders.grievance_lab[founder] == lab:
            founders.grievance_lab[founder], founders.grievance[founder] = NOBODY, 0.0
    for suit in range(SUIT_SLOTS):
        if docket.defendant[suit] == lab or docket.plaintiff[suit] == lab:
            docket.active[suit] = False


@entry
def shut_in_all(state: Any, settings: Any, lab: int) -> None:
    """End a lab in every run of a batch."""
    for row in range(len(state)):
        shut(state[row], given_of(settings, row), lab)


@rule
def _blank(labs: Any, lab: int) -> None:
    for name in literal_unroll(_OF_A_LAB):
        labs[name][lab] = 0


@rule
def _share_out(run: Any, gone: int) -> None:
    """Customers of a lab that closes go to the others."""
    labs, customers = run.labs, run.customers
    for segment in range(SEGMENTS):
        customers.brand[segment, gone] = 0.0
        for bloc in range(BLOCS):
            shares, left = customers.market_share[bloc, segment], 0.0
            shares[gone] = 0.0
            for lab in range(LAB_SLOTS):
                left += shares[lab]
            for lab in range(LAB_SLOTS):
                shares[lab] /= left if left > 0.0 else 1.0
    labs.revenue[gone] = customers.revenue = 0.0
    for lab in range(LAB_SLOTS):
        customers.revenue += labs.revenue[lab]
    for lab in range(LAB_SLOTS):
        labs.share[lab] = labs.revenue[lab] / max(customers.revenue, _NOTHING)


# ---- beginnings ----------------------------------------------------------------------------------------------------
@rule
def consider_entry(run: Any, given: Any) -> None:
    """Start-ups enter with market size and sentiment, less where rules burden the small (`evidence: gdpr_app_exit`)."""
    labs, foundings, p = run.labs, run.foundings, given.p
    nation = choose_one(run, given, CHANNEL.control_entry_where, run.nations.capital_share)
    burden = _burden_on_entrants(run, given, nation)
    grown = industry_scale(run, given, p.entry_growth)
    hazard = p.entry_hazard * given.policy.industry.entry * grown * run.capital.sentiment
    hazard *= exp(-p.entry_deterred * burden)
    if uniform(run, given, CHANNEL.control_entry, 0) >= 1.0 - exp(-hazard):
        return
    known = -inf
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            known = max(known, labs.algorithm[lab])
    luck = uniform(run, given, CHANNEL.control_entry, 1)
    cash = p.entrant_cash * industry_scale(run, given, p.cheque_growth) * exp(p.entrant_cash_spread * (luck - 0.5))
    foundings.decided[BY_NEWCOMER], foundings.founder[BY_NEWCOMER] = True, NOBODY
    foundings.nation[BY_NEWCOMER], foundings.cash[BY_NEWCOMER] = nation, cash
    foundings.algorithm[BY_NEWCOMER] = known - p.entrant_algorithm_lag
    foundings.mission[BY_NEWCOMER] = uniform(run, given, CHANNEL.control_entry, 2)
    foundings.own_money[BY_NEWCOMER] = 0.0


@rule
def _burden_on_entrants(run: Any, given: Any, nation: int) -> float:
    """Strictness that a start-up expects to meet in a nation once it has grown to what it plans (S12).

    It plans runs and sales some powers of ten below today's largest, more or less; only plans above both of a
    regulator's lines are bound, as labs are. So the size of an exemption counts, and none at all binds every plan.
    """
    regulation, p, burden, largest, most = given.policy.regulation, given.p, 0.0, -inf, 0.0
    for lab in range(LAB_SLOTS):
        largest, most = max(largest, run.labs.largest_run[lab]), max(most, run.labs.revenue[lab])
    sales = log10(max(most, _LEAST_SALES))
    for regulator in range(len(REGULATORS)):
        bound = 1.0
        if regulation.exempt_below_flop[regulator] > 0.0:
            bound *= plans_above(log10(max(regulation.exempt_below_flop[regulator], 1.0)), largest, p.plan_gap)
        if regulation.exempt_below_revenue_usd_bn[regulator] > 0.0:
            bound *= plans_above(log10(regulation.exempt_below_revenue_usd_bn[regulator]), sales, p.plan_gap)
        burden += bound * run.regulators.strictness[regulator] * given.start.reach_by_nation[regulator, nation]
    return burden


@rule
def plans_above(line: float, largest: float, gap: float) -> float:
    """Share of start-ups' plans that lie above a line, all log10: plans are spread evenly from `largest` - 2 `gap` up.

    `gap` is how far the mean plan stays below the largest of today.
    """
    return clip((largest - line) / (2.0 * gap), 0.0, 1.0)


@rule
def open_labs(run: Any, given: Any) -> None:
    """Give each founding decided this month a free slot; without one it has to wait for another chance."""
    for founding in range(FOUNDING_SLOTS):
        if run.foundings.decided[founding]:
            run.foundings.decided[founding] = False
            _open(run, given, founding)


@rule
def _open(run: Any, given: Any, founding: int) -> None:
    labs, founders, foundings, p = run.labs, run.founders, run.foundings, given.p
    lab = 0
    # The named labs' slots keep their names, so a new lab takes one that never had a name of its own.
    while lab < LAB_SLOTS and (labs.active[lab] or labs.age_months[lab] > 0.0):
        lab += 1
    if lab == LAB_SLOTS:
        return
    cash, mission, founder = foundings.cash[founding], foundings.mission[founding], foundings.founder[founding]
    labs.active[lab], labs.nation[lab], labs.patron[lab] = True, foundings.nation[founding], NOBODY
    labs.algorithm[lab], labs.mission[lab] = foundings.algorithm[founding], mission
    labs.form[lab] = Form.NONPROFIT if mission_of(run, given, lab) > p.nonprofit_mission else Form.FOR_PROFIT
    labs.reputation[lab] = p.newcomer_reputation
    for segment in range(SEGMENTS):
        run.customers.brand[segment, lab] = p.entrant_brand
    openness = uniform(run, given, CHANNEL.control_openness, 0)
    labs.openness[lab] = openness * openness
    labs.complies[lab], labs.safety[lab], labs.enmity[lab] = True, p.newcomer_safety, p.usual_enmity
    receive(run, Purpose.seed, lab, cash)
    labs.raised[lab], labs.valuation[lab] = cash, cash / p.seed_stake
    labs.worth[lab] = labs.priced[lab] = labs.valuation[lab]
    labs.owned[lab, Owner.mission if labs.form[lab] == Form.NONPROFIT else Owner.founders] = 1.0
    if labs.form[lab] != Form.NONPROFIT:
        dilute(labs.owned[lab], p.seed_stake, Owner.investors)
    run.now.capital_raised += cash
    if bloc_of(run, given, lab) == CHINA:
        run.now.raised_in_china += cash
    labs.compute[lab] = p.seed_to_compute * cash / cost_of_use(run, given, lab)
    if founder != NOBODY:
        run.now.spin_offs += 1.0
        tell(run, EVENT.spin_off, founder, lab, cash)
    else:
        tell(run, EVENT.entry, lab, NOBODY, cash)
        founder = _new_founder(run, given, mission)
    if founder != NOBODY:
        founders.home[founder], founders.controls[founder] = lab, True
        founders.wealth[founder] -= foundings.own_money[founding]


@rule
def _new_founder(run: Any, given: Any, mission: float) -> int:
    """A founder slot for a start-up's founder, or NOBODY when none is left."""
    founders, p = run.founders, given.p
    founder = 0
    while founder < FOUNDER_SLOTS and (founders.active[founder] or founders.grievance[founder] > 0.0):
        founder += 1
    if founder == FOUNDER_SLOTS:
        return NOBODY
    combative, connected = (uniform(run, given, CHANNEL.control_new_founder, 0),
                            uniform(run, given, CHANNEL.control_new_founder, 1))
    founders.active[founder] = True
    founders.mission[founder] = mission
    founders.combativeness[founder] = min(p.newcomer_combativeness * combative, 1.0)
    founders.access[founder] = min(p.newcomer_access * connected, 1.0)
    founders.grievance_lab[founder] = founders.left_lab[founder] = NOBODY
    founders.wealth[founder] = p.newcomer_wealth
    return founder
