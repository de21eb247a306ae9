"""Capital: sentiment with booms and busts, valuations, rounds, patrons, donations and parents' budgets."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.agents.labs import cost_of_operations, fixed_cost
from sim.model.elementary import exp, log
from sim.model.industry import best_capability, bloc_of, industry_scale, market_in_sight, market_room
from sim.model.luck import CHANNEL, choose_one, normal, uniform, uniforms
from sim.model.money import Purpose, receive
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, NATIONS, NOBODY, US, Form

_TINY = 1e-9  # keeps logarithms and quotients finite
_ABOVE_MAX = 1.05  # keeps the odds of a division at its parent's limit finite
_HUNDRED_BILLION = 100.0  # USD bn: the mark that the article names (S5)


# ---- the industry seen by builders and parents ---------------------------------------------------------------------
@rule
def watch_the_market(run: Any, given: Any) -> None:
    """Builders note how fast the market in sight grows, smoothed over some months."""
    capital, market = run.capital, market_in_sight(run, given)
    growth = 12.0 * log(max(market, _TINY) / max(capital.market_before, _TINY))
    capital.market_growth += given.p.market_watch * (growth - capital.market_growth)
    capital.market_before = market


@rule
def set_parent_budgets(run: Any, given: Any) -> None:
    """Parents widen a division's share of their cash flow as the industry's revenue grows and when it falls behind."""
    labs, capital, p = run.labs, run.capital, given.p
    best, fixed = best_capability(run), fixed_cost(run, given)
    industry = log(max(market_in_sight(run, given) / capital.market_start, _TINY))
    confidence = min(capital.sentiment, p.parents_confidence_max)
    # Parents sell to the same markets: their growth falters when confidence does.
    growth = p.parent_growth * (1.0 + p.parent_cycle * (capital.sentiment - 1.0))
    for lab in range(LAB_SLOTS):
        if run.month == 0:
            gap = cost_of_operations(run, given, lab, fixed) - labs.revenue[lab]
            share = clip(gap / max(labs.parent_cash_flow[lab], _TINY), p.parent_share_min, p.parent_share_max)
            labs.parent_share[lab] = labs.parent_share_start[lab] = (
                share if labs.form[lab] == Form.DIVISION else 0.0)
        if labs.form[lab] == Form.DIVISION:
            behind = clip(best - labs.capability[lab], 0.0, p.race_window)
            start = clip(labs.parent_share_start[lab], _TINY, 1.0)
            odds = start / (p.parent_share_max * _ABOVE_MAX - min(start, p.parent_share_max))
            odds *= exp(p.parent_follows_market * industry + p.parent_catches_up * behind)
            target = p.parent_share_max * odds / (1.0 + odds) * confidence
            labs.parent_share[lab] += p.parent_adjustment * (target - labs.parent_share[lab])
        else:
            labs.parent_share[lab] = 0.0
        labs.parent_cash_flow[lab] *= 1.0 + growth / 12.0


@rule
def big4_capex(run: Any, given: Any) -> float:
    """Annual rate of capital spending of the four largest US platforms, USD bn.

    Their ordinary business takes a share of cash flow, less when confidence is low (`evidence: capex_big4_2023`); they
    build most of the AI data centres of their bloc.
    """
    labs, nations, p = run.labs, run.nations, given.p
    flow = 0.0
    for lab in range(LAB_SLOTS):
        flow += labs.parent_cash_flow[lab] * labs.big4[lab]
    home = nations.imported[US] + nations.domestic_made[US]
    confidence = exp(p.capex_follows_sentiment * log(run.capital.sentiment))
    return p.ordinary_capex * flow * confidence + p.big4_builds * home * run.chips.price * 12.0


# ---- confidence ----------------------------------------------------------------------------------------------------
@rule
def move_sentiment(run: Any, given: Any) -> None:
    """Confidence reverts to normal, wavers, and breaks, sooner when high (`evidence: world_privinv_2022`)."""
    capital, p = run.capital, given.p
    noise = normal(run, given, CHANNEL.capital_sentiment, 0)
    capital.sentiment += p.sentiment_reversion / 12.0 * (1.0 - capital.sentiment) + p.sentiment_noise * noise
    if capital.bust_months > p.bust_recovery_months:
        over = max(capital.sentiment - 1.0, 0.0)
        hazard = p.bust_hazard * given.policy.capital.sentiment_cycles * exp(p.bust_overheating * over)
        if uniform(run, given, CHANNEL.capital_bust, 0) < hazard:
            break_confidence(run, given, 1.0)
    capital.sentiment = max(capital.sentiment, p.sentiment_floor)
    capital.bust_months += 1.0
    _refill_pool(run, given)


@rule
def break_confidence(run: Any, given: Any, severity: float) -> None:
    """Break investors' confidence: it falls by `bust_depth` times `severity`."""
    run.capital.sentiment *= 1.0 - given.p.bust_depth * severity
    run.capital.bust_months = 0.0
    tell(run, EVENT.bust)


@rule
def _refill_pool(run: Any, given: Any) -> None:
    """Investors set money aside, more when sentiment is high and the industry sells more; idle money is capped."""
    capital, p = run.capital, given.p
    grown = industry_scale(run, given, p.pool_growth)
    shares = np.zeros(BLOCS)
    for nation in range(len(NATIONS)):
        shares[given.start.blocs[nation]] += run.nations.capital_share[nation]
    for bloc in range(BLOCS):
        yearly = p.pool_usd_bn * given.policy.capital.investor_pool * capital.sentiment * grown * shares[bloc]
        capital.pool[bloc] = min(capital.pool[bloc] + yearly / 12.0, yearly * p.pool_cap_years)


# ---- value ---------------------------------------------------------------------------------------------------------
@rule
def value_labs(run: Any, given: Any) -> None:
    """Valuations follow revenue at a multiple that narrows as the market fills, plus the option of leading."""
    labs, capital, p = run.labs, run.capital, given.p
    room, best = market_room(run, given), best_capability(run)
    multiple = (p.mature_multiple + (p.boom_multiple - p.mature_multiple) * room) * capital.sentiment
    of_leading = p.option_value * capital.sentiment * room * industry_scale(run, given, p.cheque_growth)
    for lab in range(LAB_SLOTS):
        target = 0.0
        if labs.active[lab] and labs.form[lab] != Form.DIVISION:
            option = of_leading * labs.reputation[lab] * exp(-p.option_decay * (best - labs.capability[lab]))
            target = labs.revenue[lab] * multiple + option
            # Owners of a lab that caps their profit, and is not about to lift the cap, hold less (S5).
            if labs.form[lab] == Form.CAPPED_PROFIT and not labs.converting[lab]:
                target *= p.capped_profit_value
        labs.valuation[lab] += p.valuation_adjustment * (target - labs.valuation[lab])


@rule
def round_terms(run: Any, given: Any, lab: int) -> float:
    """What share of its value a lab can sell in one round, by legal form and open suits (S2, S5, S6)."""
    labs, p = run.labs, given.p
    by_form = (p.capped_profit_appeal if labs.form[lab] == Form.CAPPED_PROFIT
               else 1.0 if labs.form[lab] == Form.FOR_PROFIT else 0.0)
    pending = p.conversion_promise if labs.converting[lab] and not labs.enjoined[lab] else 1.0
    overhang = exp(-p.suit_overhang * labs.suits_against[lab] - p.injunction_overhang * labs.enjoined[lab])
    return p.largest_dilution * by_form * min(pending, 1.0 / max(by_form, _TINY)) * overhang


# ---- patrons -------------------------------------------------------------------------------------------------------
@rule
def find_patrons(run: Any, given: Any) -> None:
    """A lab near the frontier that may sell shares, and cannot pay for its plans, may find a corporate patron (S4).

    The patron is a company of its nation with a division in the race; the larger its cash flow, the likelier. It looks
    for what its own division lacks, so one that supports a lab already, or leads, is not to be had.
    """
    labs, p = run.labs, given.p
    best, seeker = best_capability(run), NOBODY
    for lab in range(LAB_SLOTS):
        owned = labs.form[lab] == Form.CAPPED_PROFIT or labs.form[lab] == Form.FOR_PROFIT
        near = labs.capability[lab] > best - p.race_window
        if labs.active[lab] and owned and near and labs.patron[lab] == NOBODY:
            hazard = p.patron_hazard * given.policy.capital.patronage * labs.funding_gap[lab]
            finds = hazard > 0.0 and uniform(run, given, CHANNEL.capital_patrons, lab) < hazard
            if finds and (seeker == NOBODY or labs.capability[lab] > labs.capability[seeker]):
                seeker = lab
    if seeker == NOBODY:
        return
    weight, weights = np.zeros(LAB_SLOTS), 0.0
    for lab in range(LAB_SLOTS):
        free = labs.active[lab] and labs.form[lab] == Form.DIVISION and labs.capability[lab] < best
        if free and labs.nation[lab] == labs.nation[seeker]:
            weight[lab] = labs.parent_cash_flow[lab]
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and labs.patron[lab] != NOBODY:
            weight[labs.patron[lab]] = 0.0
    for lab in range(LAB_SLOTS):
        weights += weight[lab]
    if weights > 0.0:
        labs.patron[seeker] = choose_one(run, given, CHANNEL.capital_patron_chosen, weight)
        tell(run, EVENT.patron, labs.patron[seeker], seeker)


@rule
def _patrons_stake(run: Any, given: Any) -> float:
    """Share of its cash flow that a patron puts in: larger as the market in sight grows (`evidence: funding`)."""
    p = given.p
    return p.patron_stake * given.policy.capital.patronage * industry_scale(run, given, p.patron_growth)


@rule
def _patron_money(run: Any, lab: int, stake: float, got: float) -> float:
    """What a corporate patron adds to a round that brought `got`, of what it leaves wanting (S4).

    Its stake is a share of its own cash flow. To a non-profit a patron can only give; its credits are that gift.
    """
    labs = run.labs
    if labs.patron[lab] == NOBODY or labs.form[lab] == Form.NONPROFIT:
        return 0.0
    return min(stake * labs.parent_cash_flow[labs.patron[lab]], max(labs.need[lab] - got, 0.0))


@rule
def _donations(run: Any, given: Any, lab: int) -> float:
    """USD bn a year that donors give a lab bound to a mission (S2, `evidence: openai_donations_total`)."""
    labs = run.labs
    if labs.form[lab] != Form.NONPROFIT and labs.form[lab] != Form.CAPPED_PROFIT:
        return 0.0
    return given.p.donations_usd_bn * given.policy.capital.donations * labs.mission_kept[lab] * labs.reputation[lab]


# ---- rounds --------------------------------------------------------------------------------------------------------
@rule
def raise_rounds(run: Any, given: Any) -> None:
    """Labs short of runway ask for money; value, form, suits and the investors' pool bound what they get (S5)."""
    labs, capital, now, p = run.labs, run.capital, run.now, given.p
    asks, wanted = np.zeros(LAB_SLOTS, np.uint8), np.zeros(LAB_SLOTS)
    _ask(run, given, asks, wanted)
    by_bloc, fill = np.zeros(BLOCS), np.zeros(BLOCS)
    for lab in range(LAB_SLOTS):
        by_bloc[bloc_of(run, given, lab)] += wanted[lab]
    for bloc in range(BLOCS):
        fill[bloc] = min(1.0, capital.pool[bloc] / max(by_bloc[bloc], _TINY))
        capital.pool[bloc] -= by_bloc[bloc] * fill[bloc]
    stake = _patrons_stake(run, given)
    reached = np.zeros(LAB_SLOTS, np.uint8)
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        bloc = bloc_of(run, given, lab)
        got = wanted[lab] * fill[bloc]
        patron = _patron_money(run, lab, stake, got) if asks[lab] else 0.0
        donated = _donations(run, given, lab) / 12.0
        receive(run, Purpose.investors, lab, got)
        receive(run, Purpose.patron, lab, patron)
        receive(run, Purpose.donations, lab, donated)
        everything = got + patron + donated + labs.credits[lab] / 12.0
        before = labs.raised[lab]
        labs.raised[lab] += everything
        now.capital_raised += everything
        if bloc == CHINA:
            now.raised_in_china += everything
        now.largest_round = max(now.largest_round, got + patron)
        if got + patron >= p.round_worth_telling:
            tell(run, EVENT.round, lab, NOBODY, got + patron)
        reached[lab] = before < _HUNDRED_BILLION <= labs.raised[lab]
    for lab in range(LAB_SLOTS):
        if reached[lab]:
            tell(run, EVENT.hundred_billion, lab)


@rule
def _ask(run: Any, given: Any, asks: Any, wanted: Any) -> None:
    """Who asks for money this month, and how much of investors, USD bn: into `asks` and `wanted` (labs,)."""
    labs, p = run.labs, given.p
    fixed, luck = fixed_cost(run, given), np.empty(LAB_SLOTS)
    uniforms(run, given, CHANNEL.capital_rounds, luck)
    for lab in range(LAB_SLOTS):
        labs.funding_gap[lab] = 0.0
        if not labs.active[lab] or labs.form[lab] == Form.DIVISION:
            continue
        sellable = round_terms(run, given, lab) * labs.valuation[lab]  # which follows sentiment already
        if labs.need[lab] > 0.0:
            in_sight = sellable + _donations(run, given, lab)
            labs.funding_gap[lab] = clip(1.0 - in_sight / max(labs.need[lab], _TINY), 0.0, 1.0)
        running = cost_of_operations(run, given, lab, fixed) / 12.0
        cash = max(labs.cash[lab], 0.0)
        runway = cash / max(max(labs.burn[lab], p.least_burn * running), _TINY)
        # Labs ask when the runway is short, and ahead of need when they plan to outgrow the cash at hand.
        pressed = 1.0 if runway < p.runway_months else labs.need[lab] / max(labs.need[lab] + cash, _TINY)
        asks[lab] = luck[lab] < p.round_hazard * pressed
        amount = min(labs.need[lab], sellable)
        if asks[lab] and amount > p.smallest_round:
            wanted[lab] = amount
