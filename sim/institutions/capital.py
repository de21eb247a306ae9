"""Capital: sentiment with booms and busts, valuations, rounds, patrons, donations and parents' budgets."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.labs import cost_of_operations, market_room, patron_cash_flow
from sim.model.news import EVENT, tell
from sim.model.rule import rule
from sim.state import CHINA, LAB_SLOTS, US, Form, places
from sim.world import World, choose_one, industry_scale, largest, market_in_sight, one_a_row, row_sum

_TINY = 1e-9  # keeps logarithms and quotients finite
_ABOVE_MAX = 1.05  # keeps the odds of a division at its parent's limit finite
_HUNDRED_BILLION = 100.0  # USD bn: the mark that the article names (S5)


def move_sentiment(world: World) -> None:
    """Confidence reverts to normal, wavers, and breaks, sooner when high (`evidence: world_privinv_2022`)."""
    capital, p, policy = world.capital, world.p, world.policy
    noise = world.luck.normal("capital.sentiment", 1)
    capital.sentiment += p.sentiment_reversion / 12.0 * (1.0 - capital.sentiment) + p.sentiment_noise * noise
    over = np.maximum(capital.sentiment - 1.0, 0.0)
    settled = capital.bust_months > p.bust_recovery_months
    hazard = p.bust_hazard * policy.capital.sentiment_cycles * np.exp(p.bust_overheating * over) * settled
    breaks = world.luck.happens("capital.bust", hazard)
    bust(world, breaks, 1.0)
    capital.sentiment = np.maximum(capital.sentiment, p.sentiment_floor)
    capital.bust_months += 1.0
    refill_pool(world)


def bust(world: World, breaks: np.ndarray, severity: float) -> None:
    """Break confidence where `breaks` (rows, 1): sentiment falls by `bust_depth` times `severity`."""
    capital = world.capital
    capital.sentiment = np.where(breaks, capital.sentiment * (1.0 - world.p.bust_depth * severity), capital.sentiment)
    capital.bust_months = np.where(breaks, 0.0, capital.bust_months)
    world.log.add(world.month, "bust", breaks)


@rule
def break_confidence(run: Any, given: Any, severity: float) -> None:
    """Break investors' confidence: it falls by `bust_depth` times `severity`."""
    run.capital.sentiment *= 1.0 - given.p.bust_depth * severity
    run.capital.bust_months = 0.0
    tell(run, EVENT.bust)


def refill_pool(world: World) -> None:
    """Investors set money aside, more when sentiment is high and the industry sells more; idle money is capped."""
    capital, p = world.capital, world.p
    grown = industry_scale(world, p.pool_growth)
    shares = world.by_bloc(world.nations.capital_share)
    yearly = p.pool_usd_bn * world.policy.capital.investor_pool * capital.sentiment * grown * shares
    capital.pool = np.minimum(capital.pool + yearly / 12.0, yearly * p.pool_cap_years)


def value_labs(world: World) -> None:
    """Valuations follow revenue at a multiple that narrows as the market fills, plus the option of leading."""
    labs, p, capital = world.labs, world.p, world.capital
    room = market_room(world)
    multiple = (p.mature_multiple + (p.boom_multiple - p.mature_multiple) * room) * capital.sentiment
    best = largest(labs.capability)
    grown = industry_scale(world, p.cheque_growth)
    option = (
        p.option_value
        * capital.sentiment
        * room
        * grown
        * labs.reputation
        * np.exp(-p.option_decay * (best - labs.capability))
    )
    # Owners of a lab that caps their profit, and is not about to lift the cap, hold less (S5).
    capped = (labs.form == Form.CAPPED_PROFIT) & ~labs.converting
    worth = (labs.revenue * multiple + option) * np.where(capped, p.capped_profit_value, 1.0)
    target = np.where(labs.active & (labs.form != Form.DIVISION), worth, 0.0)
    labs.valuation += p.valuation_adjustment * (target - labs.valuation)


def round_terms(world: World) -> np.ndarray:
    """What share of its value a lab can sell in one round, by legal form and open suits: (rows, labs) (S2, S5, S6)."""
    labs, p = world.labs, world.p
    by_form = world.by_form(0.0, p.capped_profit_appeal, 1.0, 0.0)
    pending = np.where(labs.converting & ~labs.enjoined, p.conversion_promise, 1.0)
    overhang = np.exp(-p.suit_overhang * labs.suits_against - p.injunction_overhang * labs.enjoined)
    return p.largest_dilution * by_form * np.minimum(pending, 1.0 / np.maximum(by_form, _TINY)) * overhang


def raise_rounds(world: World) -> None:
    """Labs short of runway ask for money; value, form, suits and the investors' pool bound what they get (S5)."""
    labs, p, capital, now = world.labs, world.p, world.capital, world.now
    sellable = round_terms(world) * labs.valuation  # which follows sentiment already
    gifts = _donations(world)
    labs.funding_gap = np.where(
        labs.active & (labs.form != Form.DIVISION) & (labs.need > 0.0),
        np.clip(1.0 - (sellable + gifts) / np.maximum(labs.need, _TINY), 0.0, 1.0),
        0.0,
    )
    running = cost_of_operations(world) / 12.0
    runway = np.maximum(labs.cash, 0.0) / np.maximum(np.maximum(labs.burn, p.least_burn * running), _TINY)
    # Labs ask when the runway is short, and ahead of need when they plan to outgrow the cash at hand.
    pressed = np.where(
        runway < p.runway_months, 1.0, labs.need / np.maximum(labs.need + np.maximum(labs.cash, 0.0), _TINY)
    )
    hazard = p.round_hazard * pressed
    asks = world.luck.happens("capital.rounds", hazard, labs.active & (labs.form != Form.DIVISION))
    wanted = np.where(asks, np.minimum(labs.need, sellable), 0.0)
    wanted = np.where(wanted > p.smallest_round, wanted, 0.0)

    chinese = world.is_chinese
    by_bloc = np.hstack([row_sum(wanted * ~chinese), row_sum(wanted * chinese)])
    fill = np.minimum(1.0, capital.pool / np.maximum(by_bloc, _TINY))
    got = wanted * np.where(chinese, fill[:, CHINA : CHINA + 1], fill[:, US : US + 1])
    capital.pool = capital.pool - by_bloc * fill

    patron = _patron_money(world, asks, got)
    given = gifts / 12.0
    credits = labs.credits / 12.0
    world.receive("investors", got)
    world.receive("patron", patron)
    world.receive("donations", given)
    total = got + patron
    before = labs.raised.copy()
    labs.raised = labs.raised + total + given + credits
    now.capital_raised += row_sum(total + given + credits)
    now.raised_in_china += row_sum((total + given + credits) * chinese)
    now.largest_round = np.maximum(now.largest_round, largest(total))
    world.log.add(world.month, "round", total >= p.round_worth_telling, np.arange(LAB_SLOTS), amount=total)
    reached = (before < _HUNDRED_BILLION) & (labs.raised >= _HUNDRED_BILLION)
    world.log.add(world.month, "hundred_billion", reached, np.arange(LAB_SLOTS))


def _patron_money(world: World, asks: np.ndarray, got: np.ndarray) -> np.ndarray:
    """What corporate patrons add to a round, of what it leaves wanting (S4): (rows, labs).

    Their stake is a share of their own cash flow, larger as the market in sight grows (`evidence: funding`).
    """
    p, labs = world.p, world.labs
    given = np.zeros_like(got)
    # To a non-profit a patron can only give; its credits are that gift.
    rows, slots = at = places(asks & (labs.patron >= 0) & (labs.form != Form.NONPROFIT))
    stake = (p.patron_stake * world.policy.capital.patronage * industry_scale(world, p.patron_growth))[rows, 0]
    wanting = np.maximum(labs.need[at] - got[at], 0.0)
    given[at] = np.minimum(stake * patron_cash_flow(world, rows, slots), wanting)
    return given


def find_patrons(world: World) -> None:
    """A lab near the frontier that may sell shares, and cannot pay for its plans, may find a corporate patron (S4).

    The patron is a company of its nation with a division in the race; the larger its cash flow, the likelier. It looks
    for what its own division lacks, so one that supports a lab already, or leads, is not to be had.
    """
    labs, p = world.labs, world.p
    near = labs.capability > largest(labs.capability) - p.race_window
    owned = (labs.form == Form.CAPPED_PROFIT) | (labs.form == Form.FOR_PROFIT)
    seeks = labs.active & owned & near & (labs.patron < 0)
    hazard = p.patron_hazard * world.policy.capital.patronage * labs.funding_gap
    rows, slots = places(seeks & (world.luck.uniform("capital.patrons", LAB_SLOTS) < hazard))
    if not len(rows):
        return
    chosen = one_a_row(rows, labs.capability[rows, slots])
    rows, slots = rows[chosen], slots[chosen]
    taken = np.zeros(labs.active.shape, bool)
    with_patron, patrons = places(labs.active & (labs.patron >= 0))
    taken[with_patron, labs.patron[with_patron, patrons]] = True
    leads = labs.capability >= largest(labs.capability)
    free = (labs.active & (labs.form == Form.DIVISION) & ~taken & ~leads)[rows]
    at_home = labs.nation[rows] == labs.nation[rows, slots][:, None]
    weight = np.where(free & at_home, labs.parent_cash_flow[rows], 0.0)
    patron = choose_one(weight, world.luck.uniform("capital.patron_chosen", LAB_SLOTS)[rows])
    found = weight.any(axis=1)
    labs.patron[rows[found], slots[found]] = patron[found]
    world.log.note(world.month, "patron", rows[found], patron[found], slots[found])


def _donations(world: World) -> np.ndarray:
    """USD bn a year that donors give labs bound to a mission (S2, `evidence: openai_donations_total`): (rows, labs)."""
    labs, p = world.labs, world.p
    yearly = p.donations_usd_bn * world.policy.capital.donations * labs.mission_kept * labs.reputation
    bound = (labs.form == Form.NONPROFIT) | (labs.form == Form.CAPPED_PROFIT)
    return np.where(labs.active & bound, yearly, 0.0)


def watch_the_market(world: World) -> None:
    """Builders note how fast the market in sight grows, smoothed over some months."""
    capital = world.capital
    market = market_in_sight(world)
    growth = 12.0 * np.log(np.maximum(market, _TINY) / np.maximum(capital.market_before, _TINY))
    capital.market_growth += world.p.market_watch * (growth - capital.market_growth)
    capital.market_before = market


def set_parent_budgets(world: World) -> None:
    """Parents widen a division's share of their cash flow as the industry's revenue grows and when it falls behind."""
    labs, p = world.labs, world.p
    if world.month == 0:
        gap = cost_of_operations(world) - labs.revenue
        start = gap / np.maximum(labs.parent_cash_flow, _TINY)
        within = np.clip(start, p.parent_share_min, p.parent_share_max)
        labs.parent_share = np.where(labs.form == Form.DIVISION, within, 0.0)
        labs.parent_share_start = labs.parent_share.copy()
    best = largest(labs.capability)
    behind = np.clip(best - labs.capability, 0.0, p.race_window)
    industry = np.log(np.maximum(market_in_sight(world) / world.capital.market_start, _TINY))
    start = np.clip(labs.parent_share_start, _TINY, 1.0)
    odds = start / (p.parent_share_max * _ABOVE_MAX - np.minimum(start, p.parent_share_max))
    odds = odds * np.exp(p.parent_follows_market * industry + p.parent_catches_up * behind)
    target = p.parent_share_max * odds / (1.0 + odds) * np.minimum(world.capital.sentiment, p.parents_confidence_max)
    labs.parent_share = np.where(
        labs.form == Form.DIVISION, labs.parent_share + p.parent_adjustment * (target - labs.parent_share), 0.0
    )
    # Parents sell to the same markets: their growth falters when confidence does.
    growth = p.parent_growth * (1.0 + p.parent_cycle * (world.capital.sentiment - 1.0))
    labs.parent_cash_flow = labs.parent_cash_flow * (1.0 + growth / 12.0)


def big4_capex(world: World) -> np.ndarray:
    """Annual rate of capital spending of the four largest US platforms, USD bn: (rows, 1).

    Their ordinary business takes a share of cash flow, less when confidence is low (`evidence: capex_big4_2023`); they
    build most of the AI data centres of their bloc.
    """
    labs, p, nations = world.labs, world.p, world.nations
    flow = row_sum(labs.parent_cash_flow * labs.big4)
    home = nations.imported[:, US : US + 1] + nations.domestic_made[:, US : US + 1]
    confidence = np.exp(p.capex_follows_sentiment * np.log(world.capital.sentiment))
    return p.ordinary_capex * flow * confidence + p.big4_builds * home * world.chips.price * 12.0
