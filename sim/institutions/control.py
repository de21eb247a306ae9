"""The market for control: labs open, close, are bid for and bought."""

from __future__ import annotations

import numpy as np

from sim.state import FOUNDER_SLOTS, LAB_SLOTS, LONG_AGO, NATIONS, NOBODY, Form, places
from sim.world import (
    Founding,
    World,
    at_rows,
    choose_one,
    column,
    feuds,
    first_free,
    industry_scale,
    of_slot,
    one_a_row,
    set_reach,
)

_NOTHING = 1e-30  # keeps 0 / 0 out


def consider_entry(world: World) -> None:
    """Start-ups enter with market size and sentiment, less where rules burden the small (`evidence: gdpr_app_exit`)."""
    p, policy = world.p, world.policy
    u = world.luck.uniform("control.entry", 3)
    nation = choose_one(world.nations.capital_share, world.luck.uniform("control.entry_where", len(NATIONS)))
    burden = of_slot(_burden_on_entrants(world), nation[:, None])
    grown = industry_scale(world, p.entry_growth)
    hazard = (
        p.entry_hazard * policy.industry.entry * grown * world.capital.sentiment * np.exp(-p.entry_deterred * burden)
    )
    enters = u[:, :1] < 1.0 - np.exp(-hazard)
    if not enters.any():
        return
    rows = np.flatnonzero(enters[:, 0])
    known = np.where(world.labs.active, world.labs.algorithm, -np.inf).max(axis=1)[rows]
    cash = (p.entrant_cash * industry_scale(world, p.cheque_growth))[rows, 0]
    cash *= np.exp(at_rows(p.entrant_cash_spread, rows) * (u[rows, 1] - 0.5))
    world.foundings.append(
        Founding(
            rows=rows,
            founder=np.full(len(rows), NOBODY),
            nation=nation[rows],
            cash=cash,
            algorithm=known - at_rows(p.entrant_algorithm_lag, rows),
            own_money=np.zeros(len(rows)),
            mission=u[rows, 2],
            left=np.full(len(rows), NOBODY),
        )
    )


def _burden_on_entrants(world: World) -> np.ndarray:
    """Strictness that a lab too small for any exemption threshold would meet, by nation: (rows, nations)."""
    reach = world.reach_by_nation
    regulation = world.policy.regulation
    exempt = (regulation.exempt_below_flop > 0.0) | (regulation.exempt_below_revenue_usd_bn > 0.0)
    felt = np.where(exempt, 0.0, world.regulators.strictness)
    return (felt[:, :, None] * reach[None, :, :]).sum(axis=1)


def open_labs(world: World) -> None:
    """Give each founding decided this month a free slot; without one it has to wait for another chance."""
    for founding in world.foundings:
        _open(world, founding)
    world.foundings = []


def _open(world: World, founding: Founding) -> None:
    labs, founders, p = world.labs, world.founders, world.p
    # The named labs' slots keep their names, so a new lab takes one that never had a name of its own.
    unusable = labs.active | (labs.age_months > 0)
    slot, free = first_free(unusable)
    has_place = free[founding.rows]
    rows = founding.rows[has_place]
    if not len(rows):
        return
    at = (rows, slot[rows])
    picked = {
        name: getattr(founding, name)[has_place]
        for name in ("founder", "nation", "cash", "algorithm", "mission", "own_money")
    }
    labs.active[at] = True
    labs.nation[at] = picked["nation"]
    bound = picked["mission"] > at_rows(p.nonprofit_mission, rows)
    labs.form[at] = np.where(bound, Form.NONPROFIT, Form.FOR_PROFIT)
    labs.patron[at] = NOBODY
    labs.algorithm[at] = picked["algorithm"]
    labs.mission[at] = picked["mission"]
    labs.brand[at] = at_rows(p.entrant_brand, rows)
    labs.reputation[at] = at_rows(p.newcomer_reputation, rows)
    labs.openness[at] = world.luck.uniform("control.openness", 1)[rows, 0] ** 2
    labs.complies[at] = True
    labs.safety[at] = at_rows(p.newcomer_safety, rows)
    labs.enmity[at] = at_rows(p.usual_enmity, rows)
    set_reach(world, *at)
    world.receive_at("seed", *at, picked["cash"])
    labs.raised[at] = picked["cash"]
    world.now.capital_raised[rows, 0] += picked["cash"]
    world.now.raised_in_china[rows, 0] += picked["cash"] * world.is_chinese[at]
    labs.valuation[at] = picked["cash"] / at_rows(p.seed_stake, rows)
    first_compute = at_rows(p.seed_to_compute, rows) * picked["cash"] / world.chips.user_cost[rows, 0]
    labs.compute[at] = first_compute
    is_spin_off = np.zeros(world.rows, bool)
    is_spin_off[rows] = picked["founder"] >= 0
    founder = np.full(world.rows, NOBODY)
    founder[rows] = picked["founder"]
    start_ups = picked["founder"] < 0
    founder[rows[start_ups]] = _new_founder(world, rows[start_ups], picked["mission"][start_ups])
    settled = rows[founder[rows] >= 0]
    founders.home[settled, founder[settled]] = slot[settled]
    founders.controls[settled, founder[settled]] = True
    founding_money = np.zeros(world.rows)
    founding_money[rows] = picked["own_money"]
    founders.wealth[settled, founder[settled]] -= founding_money[settled]
    world.now.spin_offs += is_spin_off[:, None]
    opened = np.zeros(world.rows, bool)
    opened[rows] = True
    cash = labs.raised[np.arange(world.rows), slot]
    world.log.add(world.month, "spin_off", is_spin_off, founder, slot, cash)
    world.log.add(world.month, "entry", opened & ~is_spin_off, slot, -1, cash)


def _new_founder(world: World, rows: np.ndarray, mission: np.ndarray) -> np.ndarray:
    """A founder slot for a start-up's founder, or NOBODY when none is left: int, one for each of `rows`."""
    founders, p = world.founders, world.p
    slot, free = first_free(founders.active | (founders.grievance > 0))
    u = world.luck.uniform("control.new_founder", 2)
    ok = free[rows]
    at = (rows[ok], slot[rows[ok]])
    founders.active[at] = True
    people = world.policy.people
    founders.mission[at] = np.minimum(mission[ok] * at_rows(people.mission_weight, at[0]), 1.0)
    combative = at_rows(p.newcomer_combativeness * people.combativeness, at[0]) * u[at[0], 0]
    founders.combativeness[at] = np.minimum(combative, 1.0)
    access = at_rows(p.newcomer_access * people.political_access, at[0]) * u[at[0], 1]
    founders.access[at] = np.minimum(access, 1.0)
    founders.grievance_lab[at] = NOBODY
    founders.left_lab[at] = NOBODY
    founders.wealth[at] = at_rows(p.newcomer_wealth, at[0])
    return np.where(ok, slot[rows], NOBODY)


def bid_for_control(world: World) -> None:
    """Founders who resent a lab, and rich rivals, bid for it; whoever controls it accepts or rejects (S8).

    A bid is accepted when it tops the lab's value by a premium that grows with the controller's mission, or when the
    lab is running out of money.
    """
    labs, founders, p = world.labs, world.founders, world.p
    rows, who, target = feuds(world)
    home = founders.home[rows, who]
    means = founders.wealth[rows, who] * at_rows(p.bid_share_of_wealth, rows)
    able = means > at_rows(p.bid_least_means, rows) * labs.valuation[rows, target]
    may = able & (home >= 0) & (labs.form[rows, target] != Form.DIVISION)
    hazard = at_rows(p.bid_hazard, rows) * at_rows(world.policy.capital.takeovers, rows)
    hazard = hazard * founders.grievance[rows, who] * founders.combativeness[rows, who]
    bids = np.flatnonzero(may & (world.luck.uniform("control.bids", FOUNDER_SLOTS)[rows, who] < hazard))
    bids = bids[one_a_row(rows[bids], means[bids])]
    if not len(bids):
        return
    rows, who, lab, bidder, means = rows[bids], who[bids], target[bids], home[bids], means[bids]
    u = world.luck.uniform("control.premium", 1)[rows, 0]
    value = labs.valuation[rows, lab]
    low, high = at_rows(p.bid_low, rows), at_rows(p.bid_high, rows)
    price = np.minimum(value * (low + (high - low) * u), means)
    premium = at_rows(p.premium_base, rows) + at_rows(p.premium_mission, rows) * labs.mission_kept[rows, lab]
    weak = labs.distress_months[rows, lab] > 0
    tempting = (price >= value * (1.0 + premium)) | weak
    accepted = tempting & (labs.nation[rows, lab] == labs.nation[rows, bidder])
    world.log.note(world.month, "takeover_bid", rows[~accepted], bidder[~accepted], lab[~accepted], price[~accepted])
    world.log.note(world.month, "takeover", rows[accepted], bidder[accepted], lab[accepted], price[accepted])
    founders.wealth[rows[accepted], who[accepted]] -= price[accepted]
    # A rejected suitor resents it.
    spurned = (rows[~accepted], who[~accepted])
    founders.grievance[spurned] = np.minimum(founders.grievance[spurned] + at_rows(p.bid_resentment, spurned[0]), 1.0)
    _merge(world, rows[accepted], lab[accepted], bidder[accepted])


def close_failing(world: World) -> None:
    """A lab out of cash for months is bought for its people by the richest lab of its nation, or closes."""
    labs, p = world.labs, world.p
    labs.age_months += labs.active
    broke = labs.active & (labs.cash < 0.0)
    labs.distress_months = np.where(broke, labs.distress_months + 1.0, 0.0)
    # A parent can also wind up a division; it does so only when it gave up the race, which this model leaves out.
    alone = (labs.form != Form.DIVISION) | (labs.parent_cash_flow <= 0.0)
    fails = broke & (labs.distress_months >= p.distress_limit) & alone
    if not fails.any():
        return
    rows, failing = places(fails)
    chosen = one_a_row(rows, labs.distress_months[rows, failing])
    rows, lab = rows[chosen], failing[chosen]
    same = labs.nation[rows] == labs.nation[rows, lab][:, None]
    able = (
        labs.active[rows]
        & same
        & (labs.cash[rows] > column(p.acquirer_cash, rows))
        & (np.arange(LAB_SLOTS) != lab[:, None])
    )
    buyer = np.argmax(np.where(able, labs.cash[rows], -1.0), axis=1)
    wants = world.luck.uniform("control.rescue", 1)[rows, 0] < at_rows(p.rescue_chance, rows)
    bought = able[np.arange(len(rows)), buyer] & wants
    world.log.note(world.month, "acquisition", rows[bought], buyer[bought], lab[bought])
    world.log.note(world.month, "closure", rows[~bought], lab[~bought], np.full(int((~bought).sum()), NOBODY))
    _merge(world, rows[bought], lab[bought], buyer[bought])
    shut(world, rows[~bought], lab[~bought])


def _merge(world: World, rows: np.ndarray, lab: np.ndarray, buyer: np.ndarray) -> None:
    """The buyer takes over compute, know-how, customers, cash and staff; arrays (n,), at most one a row."""
    labs, founders = world.labs, world.founders
    if not len(rows):
        return
    to, of = (rows, buyer), (rows, lab)
    for name in ("compute", "revenue", "share"):
        array = getattr(labs, name)
        array[to] += array[of]
    for name in ("algorithm", "capability", "largest_run"):
        array = getattr(labs, name)
        array[to] = np.maximum(array[to], array[of])
    share = world.customers.market_share
    share[rows, :, buyer] += share[rows, :, lab]
    share[rows, :, lab] = 0.0
    moved = labs.cash[of].copy()
    world.receive_at("merger", *to, moved)
    world.receive_at("merged", *of, -moved)
    staff = founders.home[rows] == lab[:, None]
    founders.home[rows] = np.where(staff, buyer[:, None], founders.home[rows])
    founders.controls[rows] &= ~staff
    # Who now works for the lab it resented has no quarrel with it any more.
    appeased = staff & (founders.grievance_lab[rows] == buyer[:, None])
    founders.grievance[rows] = np.where(appeased, 0.0, founders.grievance[rows])
    founders.grievance_lab[rows] = np.where(appeased, NOBODY, founders.grievance_lab[rows])
    shut(world, rows, lab)


def shut(world: World, rows: np.ndarray, lab: np.ndarray) -> None:
    """End a lab: creditors bear what it owes, its suits end, its founders are free; arrays (n,), at most one a row."""
    labs, founders, docket = world.labs, world.founders, world.docket
    if not len(rows):
        return
    at = (rows, lab)
    gone = lab[:, None]
    world.receive_at("written off", *at, -labs.cash[at])
    know_how = labs.algorithm[at][:, None]
    _share_out(world, rows, lab)
    # An empty slot is blank, save its nation and the age that tells whether its name is taken.
    age = np.where(lab >= len(world.start["lab"]), 0.0, LONG_AGO)
    kept = {"nation": labs.nation[at], "age_months": age}
    for name, array in labs.arrays().items():
        array[at] = kept.get(name, 0)
    labs.patron[at] = NOBODY
    labs.form[at] = Form.FOR_PROFIT
    freed = founders.home[rows] == gone
    founders.left_lab[rows] = np.where(freed, gone, founders.left_lab[rows])
    founders.know_how[rows] = np.where(freed, know_how, founders.know_how[rows])
    founders.home[rows] = np.where(freed, NOBODY, founders.home[rows])
    founders.controls[rows] &= ~freed
    # Nobody can hold a grudge against what is gone; the slot of a lab that came later can be used again.
    forgets = founders.grievance_lab[rows] == gone
    founders.grievance_lab[rows] = np.where(forgets, NOBODY, founders.grievance_lab[rows])
    founders.grievance[rows] = np.where(forgets, 0.0, founders.grievance[rows])
    docket.active[rows] &= (docket.defendant[rows] != gone) & (docket.plaintiff[rows] != gone)


def _share_out(world: World, rows: np.ndarray, lab: np.ndarray) -> None:
    """Customers of a lab that closes go to the others; arrays (n,)."""
    labs, customers = world.labs, world.customers
    customers.market_share[rows, :, lab] = 0.0
    left = customers.market_share[rows].sum(axis=2, keepdims=True)
    customers.market_share[rows] /= np.where(left > 0, left, 1.0)
    labs.revenue[rows, lab] = 0.0
    total = labs.revenue[rows].sum(axis=1, keepdims=True)
    customers.revenue[rows] = total
    labs.share[rows] = labs.revenue[rows] / np.maximum(total, _NOTHING)
