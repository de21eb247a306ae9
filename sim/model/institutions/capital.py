"""Capital: sentiment with booms and busts, valuations, rounds, patrons, donations and parents' budgets."""

from __future__ import annotations

from typing import Any

from sim.model.agents.labs import cost_of_operations, fixed_cost
from sim.model.asked import FORESEEN
from sim.model.elementary import exp, log
from sim.model.industry import best_capability, bloc_of, industry_scale, market_in_sight, worth_of_sales
from sim.model.luck import CHANNEL, choose_one, normal, uniform, uniforms
from sim.model.money import Owner, Purpose, receive
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.policies import brought_forward
from sim.model.rule import flags, rule, zeros
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, NATIONS, NOBODY, US, Form

_TINY = 1e-9  # keeps logarithms and quotients finite
_POOL = FORESEEN.index("capital.investor_pool")
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
def set_first_budgets(run: Any, given: Any) -> None:
    """At the start a parent pays what its division costs beyond its sales; so much of its cash flow is for research."""
    labs, fixed = run.labs, fixed_cost(run, given)
    for lab in range(LAB_SLOTS):
        if labs.form[lab] == Form.DIVISION:
            beyond_sales = cost_of_operations(run, given, lab, fixed) - labs.revenue[lab]
            share = clip(beyond_sales / max(labs.parent_cash_flow[lab], _TINY), 0.0, 1.0)
            labs.parent_share[lab] = labs.research_share[lab] = share


@rule
def set_parent_budgets(run: Any, given: Any) -> None:
    """Parents move a division's share of their cash flow to what it means to spend beyond its sales, within limits.

    They judge the prize as investors do; no more than a part of their cash flow is to be had, less when confidence is
    low, and budgets move slowly, as plant is committed for years.
    """
    labs, capital, p = run.labs, run.capital, given.p
    fixed = fixed_cost(run, given)
    most = p.parent_share_max * min(capital.sentiment, p.parents_confidence_max)
    # Parents sell to the same markets: their growth falters when confidence does.
    growth = p.parent_growth * (1.0 + p.parent_cycle * (capital.sentiment - 1.0))
    for lab in range(LAB_SLOTS):
        if labs.form[lab] == Form.DIVISION:
            flow = max(labs.parent_cash_flow[lab], _TINY)
            target = clip((labs.spending_wanted[lab] + fixed - labs.revenue[lab]) / flow, 0.0, most)
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
    fill_pool(run, given, 1.0)


@rule
def break_confidence(run: Any, given: Any, severity: float) -> None:
    """Break investors' confidence: it falls by `bust_depth` times `severity`."""
    run.capital.sentiment *= 1.0 - given.p.bust_depth * severity
    run.capital.bust_months = 0.0
    tell(run, EVENT.bust)


@rule
def fill_pool(run: Any, given: Any, months: float) -> None:
    """Investors set the money of some months aside, more when sentiment is high and the industry sells more.

    Idle money is capped.
    """
    capital, p = run.capital, given.p
    grown = industry_scale(run, given, p.pool_growth)
    shares = zeros(BLOCS)
    for nation in range(len(NATIONS)):
        shares[given.start.blocs[nation]] += run.nations.capital_share[nation]
    for bloc in range(BLOCS):
        yearly = p.pool_usd_bn * given.policy.capital.investor_pool * capital.sentiment * grown * shares[bloc]
        capital.pool[bloc] = min(capital.pool[bloc] + yearly / 12.0 * months, yearly * p.pool_cap_years)


# ---- value ---------------------------------------------------------------------------------------------------------
@rule
def value_labs(run: Any, given: Any) -> None:
    """What investors would pay for each lab, and what it asks: the sales it may have when they sell, discounted (S5).

    Customers who stay bring it what it sells now; those who are open to all go by standing at the frontier and name.
    """
    labs, p = run.labs, given.p
    total, open_to_all = zeros(BLOCS), zeros(BLOCS)
    for lab in range(LAB_SLOTS):
        total[bloc_of(run, given, lab)] += labs.standing[lab] * labs.reputation[lab]
    for nation in range(len(NATIONS)):
        open_to_all[given.start.blocs[nation]] += run.nations.market_size[nation]
    for bloc in range(BLOCS):
        open_to_all[bloc] *= p.contested_share * market_in_sight(run, given) / max(total[bloc], _TINY)
    of_sales = worth_of_sales(run, given)
    for lab in range(LAB_SLOTS):
        worth = 0.0
        if labs.active[lab] and labs.form[lab] != Form.DIVISION:
            chance = labs.standing[lab] * labs.reputation[lab]
            sales = (1.0 - p.contested_share) * labs.revenue[lab] + open_to_all[bloc_of(run, given, lab)] * chance
            worth = sales * of_sales
            # Owners of a lab that caps their profit, and is not about to lift the cap, hold less (S5).
            if labs.form[lab] == Form.CAPPED_PROFIT and not labs.converting[lab]:
                worth *= p.capped_profit_value
        labs.worth[lab] = worth
        labs.valuation[lab] += p.valuation_adjustment * (worth - labs.valuation[lab])


@rule
def share_sold(money: float, value_before: float) -> float:
    """Share of a lab that new owners get for their money, at its value before the round."""
    return money / (value_before + money) if money > 0.0 else 0.0


@rule
def dilute(owned: Any, sold: float, to: int) -> None:
    """New owners `to` get the share `sold`; all shares (owners,) shrink alike, so that they add up to one."""
    for owner in range(len(owned)):
        owned[owner] *= 1.0 - sold
    owned[to] += sold


@rule
def round_terms(run: Any, given: Any, lab: int) -> float:
    """What share of its value a lab can sell in one round, by legal form, open suits and owners (S2, S5, S6).

    Founders who have little left mind being diluted further.
    """
    labs, p = run.labs, given.p
    by_form = (p.capped_profit_appeal if labs.form[lab] == Form.CAPPED_PROFIT
               else 1.0 if labs.form[lab] == Form.FOR_PROFIT else 0.0)
    pending = p.conversion_promise if labs.converting[lab] and not labs.enjoined[lab] else 1.0
    overhang = exp(-p.suit_overhang * labs.suits_against[lab] - p.injunction_overhang * labs.enjoined[lab])
    held = 1.0 - labs.owned[lab, Owner.investors] - labs.owned[lab, Owner.patron]
    willing = min(1.0, held / p.stake_minded)
    return p.largest_dilution * by_form * min(pending, 1.0 / max(by_form, _TINY)) * overhang * willing


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
    weight, weights = zeros(LAB_SLOTS), 0.0
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
    """Labs whose money does not last ask for more; worth, form, suits, owners and the pool bound what they get (S5).

    Where the pool holds too little of what is asked for, a round fails. What investors and patrons pay buys shares at
    what the lab is worth to them or what it asks, whichever is less.
    """
    labs, capital, now, p = run.labs, run.capital, run.now, given.p
    asks, wanted = flags(LAB_SLOTS), zeros(LAB_SLOTS)
    _ask(run, given, asks, wanted)
    by_bloc, fill = zeros(BLOCS), zeros(BLOCS)
    for lab in range(LAB_SLOTS):
        by_bloc[bloc_of(run, given, lab)] += wanted[lab]
    for bloc in range(BLOCS):
        fill[bloc] = min(1.0, capital.pool[bloc] / max(by_bloc[bloc], _TINY))
        if fill[bloc] < p.least_fill:
            fill[bloc] = 0.0
        capital.pool[bloc] -= by_bloc[bloc] * fill[bloc]
    stake = _patrons_stake(run, given)
    reached = flags(LAB_SLOTS)
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
        if got + patron > 0.0:
            _sell_shares(run, given, lab, got, patron)
        elif wanted[lab] >= p.round_worth_telling:
            tell(run, EVENT.round_fails, lab, NOBODY, wanted[lab])
        reached[lab] = before < _HUNDRED_BILLION <= labs.raised[lab]
    for lab in range(LAB_SLOTS):
        if reached[lab]:
            tell(run, EVENT.hundred_billion, lab)


@rule
def _sell_shares(run: Any, given: Any, lab: int, got: float, patron: float) -> None:
    """Who pays gets shares at the round's price; a price below the last round's is told as such."""
    labs, p = run.labs, given.p
    value = min(labs.valuation[lab], labs.worth[lab])
    sold = share_sold(got + patron, value)
    if labs.form[lab] != Form.NONPROFIT:
        of_patron = sold * patron / (got + patron)
        dilute(labs.owned[lab], sold, Owner.investors)
        labs.owned[lab, Owner.investors] -= of_patron
        labs.owned[lab, Owner.patron] += of_patron
    if got + patron >= p.round_worth_telling:
        lower = value < labs.priced[lab]
        tell(run, EVENT.down_round if lower else EVENT.round, lab, NOBODY, got + patron)
    labs.priced[lab] = value + got + patron


@rule
def _ask(run: Any, given: Any, asks: Any, wanted: Any) -> None:
    """Who asks for money this month, and how much of investors, USD bn: into `asks` and `wanted` (labs,).

    A lab asks when what it has does not last its planning horizon, and no sooner; where investors would pay much
    less than in the last round it waits until its runway is short.
    """
    labs, p, hurry = run.labs, given.p, _before_the_pool_shrinks(run, given)
    fixed, luck = fixed_cost(run, given), zeros(LAB_SLOTS)
    uniforms(run, given, CHANNEL.capital_rounds, luck)
    for lab in range(LAB_SLOTS):
        labs.funding_gap[lab] = 0.0
        if not labs.active[lab] or labs.form[lab] == Form.DIVISION:
            continue
        value = min(labs.valuation[lab], labs.worth[lab])
        sellable = round_terms(run, given, lab) * value  # which follows sentiment already
        if labs.need[lab] > 0.0:
            in_sight = sellable + _donations(run, given, lab)
            labs.funding_gap[lab] = clip(1.0 - in_sight / max(labs.need[lab], _TINY), 0.0, 1.0)
        running = cost_of_operations(run, given, lab, fixed) / 12.0
        cash = max(labs.cash[lab], 0.0)
        runway = cash / max(max(labs.burn[lab], p.least_burn * running), _TINY)
        pressed = runway < p.runway_months
        waits = value < labs.priced[lab] * (1.0 - p.price_cut_borne) and not pressed
        eager = 1.0 if pressed else labs.need[lab] / max(labs.need[lab] + cash, _TINY)
        hazard = p.round_hazard * eager
        asks[lab] = luck[lab] < hazard * hurry and not waits
        amount = min(labs.need[lab], sellable)
        if asks[lab] and amount > p.smallest_round:
            wanted[lab] = amount
            if luck[lab] >= hazard:
                tell(run, EVENT.round_hurried, lab)


@rule
def _before_the_pool_shrinks(run: Any, given: Any) -> float:
    """How much sooner labs ask and investors give, as a factor on the chance, where less money is announced to come."""
    left, capital = run.announced.months[_POOL], given.policy.capital
    if left < 0.0 or run.announced.value[_POOL] >= capital.investor_pool:
        return 1.0
    lost = 1.0 - run.announced.value[_POOL] / capital.investor_pool
    return 1.0 + lost * (brought_forward(given, 12.0 * given.p.planning_years, left) - 1.0)
