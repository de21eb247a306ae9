"""Powers: each quarter the US and China choose what to withhold, what to refuse and what to suspend, by what it gains.

A power weighs what it expects a year, as a share of all that is at stake, market and military weight: the lead that
chips withheld keep for it, trade lost, what the rival's answer costs and what it may win back (Hirschman 1945; Drezner
1999; Farrell and Newman 2019). Lead is worth revenue and military weight, shared as in a contest; hostility raises that
worth, cooperation makes the rival's losses its own (Grieco 1988). The choice is a logit (McKelvey and Palfrey 1995).
"""

from __future__ import annotations

from typing import Any

from sim.model.elementary import LOG_OF_TEN, exp, log10
from sim.model.industry import market_in_sight, market_room
from sim.model.institutions.chips import bloc_leverage, denied
from sim.model.luck import CHANNEL, uniform
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import full, rule, zeros
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, NATIONS, NOBODY, US

QUARTER = 3  # months
_LEAST_ACCESS = 0.02  # of chips abroad: keeps quotients finite where nearly all is withheld
_NOTHING = 1e-30  # keeps 0 / 0 out
_NO_GROWTH = 1e-6  # below which its average is taken to be 1
_TO_BE_ANSWERED = 0.0  # in `answer_months`: the rival has stepped up since the last choice


# ---- published forms ---------------------------------------------------------------------------------------------
@rule
def quantal_response(
    up: float, ease: float, precision: float, may_step_up: bool, may_ease: bool
) -> tuple[float, float]:
    """Chances that a power steps up and that it eases, by what either gains over holding, which gains nothing.

    `precision` is the log-odds that a unit of gain makes: at 0 a toss between what is open, at infinity the best reply.
    Source: McKelvey and Palfrey (1995), logit form.
    """
    best = max(max(up if may_step_up else 0.0, ease if may_ease else 0.0), 0.0)
    stepping = exp(precision * (up - best)) if may_step_up else 0.0
    easing = exp(precision * (ease - best)) if may_ease else 0.0
    total = stepping + easing + exp(-precision * best)
    return stepping / total, easing / total


@rule
def contest_share(lead: float, decisiveness: float) -> float:
    """Share of a prize that falls to who leads by `lead` log10: odds of 10^(m lead). Source: Tullock (1980)."""
    return 1.0 / (1.0 + exp(-decisiveness * LOG_OF_TEN * lead))


# ---- where a power stands ------------------------------------------------------------------------------------------
@rule
def take_bearings(run: Any, given: Any) -> None:
    """What powers read: their labs' share of world revenue, the lead to expect under the rules, military weight (S16).

    Rules, care and licences that slow research on one side alone take from the lead that it can expect.
    """
    nations, labs, p = run.nations, run.labs, given.p
    revenue, compute = full(BLOCS, _NOTHING), full(BLOCS, _NOTHING)
    kept, armed = full(BLOCS, _NOTHING), zeros(BLOCS)
    for lab in range(LAB_SLOTS):
        revenue[given.start.blocs[labs.nation[lab]]] += labs.revenue[lab]
        power = labs.nation[lab]
        if labs.active[lab] and power <= CHINA:
            compute[power] += labs.compute[lab]
            kept[power] += labs.compute[lab] * labs.research_kept[lab]
            armed[power] += labs.compute[lab] * labs.defence[lab]
    ease, arms = zeros(BLOCS), zeros(BLOCS)
    for own in (US, CHINA):
        ease[own] = log10(kept[own] / compute[own])
        nations.armed_share[own] = armed[own] / compute[own]
        # Labs serve their power's defence in part in any case.
        arms[own] = log10(p.dual_use + (1.0 - p.dual_use) * nations.armed_share[own])
    for own in (US, CHINA):
        rival = 1 - own
        nations.revenue_share[own] = revenue[own] / (revenue[own] + revenue[rival])
        lead = nations.frontier[own] - nations.frontier[rival] + (ease[own] - ease[rival])
        nations.lead_expected[own] = lead
        nations.military_weight[own] = contest_share(lead + (arms[own] - arms[rival]), p.lead_decides)


# ---- what things are worth to it -----------------------------------------------------------------------------------
@rule
def regard(run: Any, given: Any, own: int) -> float:
    """Weight of the rival's gains with a power: above 0 in cooperation, below in hostility. Source: Grieco (1988)."""
    coop = given.policy.diplomacy.us_china_cooperation
    return coop - (1.0 - coop) * run.nations.hostility[own]


@rule
def sympathy(run: Any, given: Any, own: int) -> float:
    """Weight of what the rival loses in trade and harm: states hurt each other as a means, not for its own sake."""
    return max(regard(run, given, own), 0.0)


@rule
def market_expected(run: Any, given: Any) -> float:
    """The market that powers expect, USD bn a year: that in sight, growing on, on average to their horizon."""
    grown = max(run.capital.market_growth, 0.0) * given.p.powers_horizon
    now, revenue = market_in_sight(run, given), run.customers.revenue
    most = max(revenue / max(1.0 - market_room(run, given), 1e-9), now)  # when nobody is left to win
    return min(now * ((exp(grown) - 1.0) / grown if grown > _NO_GROWTH else 1.0), most)


@rule
def all_at_stake(run: Any, given: Any) -> float:
    """What powers contend for, USD bn a year: the market that they expect, and military weight from AI."""
    return market_expected(run, given) + given.p.security_worth_usd_bn


@rule
def worth_of_lead(run: Any, given: Any, own: int) -> float:
    """Worth to a power of one more log10 of lead a year, as a share of all at stake: revenue and weight (S16).

    Shares of a contest move most between equals: lead * s (1 - s). What one wins the other loses, so hostility adds
    to it and cooperation takes from it.
    """
    nations, p = run.nations, given.p
    revenue, weight = nations.revenue_share[own], nations.military_weight[own]
    contended = market_expected(run, given) * revenue * (1.0 - revenue)
    contended += p.security_worth_usd_bn * weight * (1.0 - weight)
    slope = p.lead_decides * LOG_OF_TEN * contended / all_at_stake(run, given)
    return given.policy.diplomacy.gap_reaction * slope * (1.0 - regard(run, given, own))


@rule
def _lead_from_chips(run: Any, given: Any, power: int, more: float) -> float:
    """Log10 of compute that a power has more at its horizon if it gets `more` chips a month than now, H100e."""
    nations, p = run.nations, given.p
    stock = nations.imported_stock[power] + nations.domestic_stock[power]
    left = stock * max(1.0 - p.compute_retired * p.powers_horizon, 0.0)
    months = 12.0 * p.powers_horizon
    future = left + (nations.imported[power] + nations.domestic_made[power]) * months + 1.0
    return log10(max(future + more * months, _LEAST_ACCESS * future) / future)


@rule
def _chips_lost(run: Any, given: Any, power: int, change: float) -> float:
    """Chips a month that a power loses when its rival's controls change by `change`, H100e; below 0 it gets more."""
    trade, rival = given.policy.trade, 1 - power
    leak = given.p.leak_without_enforcement * (1.0 - trade.enforcement)
    cut = change * bloc_leverage(run, given, rival) * (1.0 - leak)
    return run.nations.imported[power] * min(cut / max(1.0 - denied(run, given, power), _LEAST_ACCESS), 1.0)


@rule
def _gain_from_trade(run: Any, given: Any, chips: float) -> float:
    """What buyer and seller each gain from so many chips a month, a year, as a share of all at stake."""
    return given.p.gain_from_trade * chips * 12.0 * run.chips.price / all_at_stake(run, given)


@rule
def controls_gain(run: Any, given: Any, own: int, change: float) -> float:
    """What a power gains by a change of its controls, before any answer: lead kept less trade lost (S20).

    Sellers lose, and buyers, whose loss counts with cooperation.
    """
    lost = _chips_lost(run, given, 1 - own, change)
    lead = given.policy.trade.chip_controls * worth_of_lead(run, given, own)
    kept = -lead * _lead_from_chips(run, given, 1 - own, -lost)
    return kept - (1.0 + sympathy(run, given, own)) * _gain_from_trade(run, given, lost)


@rule
def controls_suffered(run: Any, given: Any, own: int, change: float) -> float:
    """What a power loses by a change of its rival's controls: lead and trade."""
    lost = _chips_lost(run, given, own, change)
    lead = -worth_of_lead(run, given, own) * _lead_from_chips(run, given, own, -lost)
    return lead + (1.0 + sympathy(run, given, own)) * _gain_from_trade(run, given, lost)


@rule
def harm_of_bans(run: Any, given: Any, victim: int, ban: float) -> float:
    """What a ban on so large a share of metals costs a power a year, as a share of all at stake.

    Chips are not made, and the wider economy suffers, by the square: what hurts the rival least is withheld first.
    """
    nations, chips, p = run.nations, run.chips, given.p
    bought = 0.0
    for nation in range(len(NATIONS)):
        bought += nations.imported[nation] if given.start.blocs[nation] == victim else 0.0
    not_made = p.mineral_drag * nations.mineral_leverage[1 - victim] * ban * bought * 12.0 * chips.price
    lost = 2.0 * p.gain_from_trade * not_made  # by those who make and those who use them
    return (lost + p.metals_loss_usd_bn * ban * ban) * (1.0 - chips.substitution) / all_at_stake(run, given)


@rule
def _bans_gain(run: Any, given: Any, own: int, ban: float, change: float) -> float:
    """What a power gains by itself by a change of its ban: sales lost, and the rival's harm as far as it counts."""
    sales = given.p.gain_from_trade * given.p.metals_sales_usd_bn * change / all_at_stake(run, given)
    harm = harm_of_bans(run, given, 1 - own, ban + change) - harm_of_bans(run, given, 1 - own, ban)
    return -sales - sympathy(run, given, own) * harm


# ---- how it chooses, and expects the rival to ----------------------------------------------------------------------
@rule
def _respond(given: Any, up: float, ease: float, may_step_up: bool, may_ease: bool) -> tuple[float, float]:
    """Chances of a step up and of easing, by what they gain less what any change of policy costs."""
    p = given.p
    cost, precision = 0.01 * p.cost_of_change, 100.0 * p.choice_precision  # both are of a hundredth of all at stake
    return quantal_response(up - cost, ease - cost, precision, may_step_up, may_ease)


@rule
def _room(own_measure: float, most: float, step: float) -> tuple[float, float]:
    """By how much a measure would be stepped up, of what still flows, and eased, of what is withheld."""
    return step * max(most - own_measure, 0.0), step * own_measure


@rule
def _controls_first(run: Any, given: Any, own: int, ban: float) -> tuple[float, float]:
    """Gains from a step up and from easing of controls while the rival withholds `ban` of metals, before any answer.

    Who eases expects as much of the ban to be lifted, as far as it trusts the rival (Kydd 2005).
    """
    nations, p = run.nations, given.p
    up, down = _room(nations.export_control[own], min(given.policy.trade.chip_controls, 1.0), p.measure_step)
    lifted = harm_of_bans(run, given, own, ban) - harm_of_bans(run, given, own, ban * (1.0 - p.measure_step))
    relief = nations.trust[own] * lifted
    return controls_gain(run, given, own, up), controls_gain(run, given, own, -down) + relief


@rule
def _controls_expected(run: Any, given: Any, own: int, ban: float) -> tuple[float, float]:
    """How likely a power steps its controls up, and eases them, in a quarter, with the rival's ban at `ban`."""
    up, ease = _controls_first(run, given, own, ban)
    control = run.nations.export_control[own]
    usable = bloc_leverage(run, given, own) >= given.p.leverage_worth_using
    may_step_up = usable and control < min(given.policy.trade.chip_controls, 1.0)
    return _respond(given, up, ease, may_step_up, usable and control > 0.0)


@rule
def _bans_first(run: Any, given: Any, own: int, answering: bool) -> tuple[float, float]:
    """Gains from a step up and from easing of a ban on metals, with what it wins back of the rival's controls (S20).

    A larger ban makes the rival likelier to ease and less likely to step up, quarter after quarter. A step that has to
    be answered adds what it cost: unanswered, it would be repeated (Fearon 1994). Easing may be repaid.
    """
    nations, p, rival = run.nations, given.p, 1 - own
    ban, lever = nations.mineral_ban[own], given.policy.trade.mineral_retaliation
    up, down = _room(ban, min(lever, 1.0), p.measure_step)
    theirs_up, theirs_down = _room(
        nations.export_control[rival], min(given.policy.trade.chip_controls, 1.0), p.measure_step)
    worse = controls_suffered(run, given, own, theirs_up)
    better = -controls_suffered(run, given, own, -theirs_down)
    quarters = 2.0 * p.powers_horizon  # half of those in sight: what is won late lasts less long
    now_up, now_ease = _controls_expected(run, given, rival, ban)
    more_up, more_ease = _controls_expected(run, given, rival, ban + up)
    less_up, less_ease = _controls_expected(run, given, rival, ban - down)
    won = quarters * ((more_ease - now_ease) * better + (now_up - more_up) * worse)
    given_up = quarters * ((now_ease - less_ease) * better + (less_up - now_up) * worse)
    owed = p.resolve * max(worse, 0.0) if answering else 0.0
    repaid = nations.trust[own] * max(better, 0.0)
    more, less = _bans_gain(run, given, own, ban, up), _bans_gain(run, given, own, ban, -down)
    return more + lever * (won + owed), less - lever * given_up + repaid


@rule
def _bans_expected(run: Any, given: Any, own: int, answering: bool) -> tuple[float, float]:
    """How likely a power steps its ban up, and eases it, when it next chooses."""
    nations, p = run.nations, given.p
    ban, most = nations.mineral_ban[own], min(given.policy.trade.mineral_retaliation, 1.0)
    usable = nations.mineral_leverage[own] >= p.leverage_worth_using
    controlled = nations.export_control[1 - own] > p.negligible_control  # else there is nothing to win back
    up, ease = _bans_first(run, given, own, answering)
    return _respond(given, up, ease, usable and controlled and ban < most, usable and ban > 0.0)


# ---- what it does ----------------------------------------------------------------------------------------------------
@rule
def choose_controls(run: Any, given: Any) -> None:
    """Each quarter a power steps its chip controls up, holds or eases them (S16, S20)."""
    if run.month % QUARTER:
        return
    nations, p, trade = run.nations, given.p, given.policy.trade
    up_by, eased_by = [0.0, 0.0], [0.0, 0.0]
    for own in (US, CHINA):
        control, rival = nations.export_control[own], 1 - own
        if nations.truce_months[own] > 0.0 or bloc_leverage(run, given, own) < p.leverage_worth_using:
            continue
        up, down = _room(control, min(trade.chip_controls, 1.0), p.measure_step)
        gain, relief = _controls_first(run, given, own, nations.mineral_ban[rival])
        if nations.mineral_leverage[rival] >= p.leverage_worth_using:
            answered, _ = _bans_expected(run, given, rival, True)
            anyway, _ = _bans_expected(run, given, rival, False)
            ban = nations.mineral_ban[rival]
            more, _ = _room(ban, min(trade.mineral_retaliation, 1.0), p.measure_step)
            harm = harm_of_bans(run, given, own, ban + more) - harm_of_bans(run, given, own, ban)
            gain -= (answered - anyway) * harm
        rising, easing = _respond(given, gain, relief, up > 0.0, control > p.negligible_control)
        # The lever says how often controls come up for a choice at all.
        often = trade.control_reflex / max(trade.control_reflex * (rising + easing), 1.0)
        luck = uniform(run, given, CHANNEL.nations_choices, own)
        up_by[own] = up if luck < often * rising else 0.0
        eased_by[own] = down if luck >= 1.0 - often * easing else 0.0
    for own in (US, CHINA):
        nations.export_control[own] += up_by[own] - eased_by[own]
        if up_by[own] > 0.0:
            tell(run, EVENT.export_control, own, 1 - own, nations.export_control[own])
            ask_for_an_answer(run, own)
        if eased_by[own] > 0.0:
            tell(run, EVENT.controls_eased, own, 1 - own, nations.export_control[own])


@rule
def ask_for_an_answer(run: Any, nation: int) -> None:
    """A power's step up calls for the rival's answer, which comes with its next choice on metals."""
    run.nations.answer_months[1 - nation] = _TO_BE_ANSWERED


@rule
def choose_bans(run: Any, given: Any) -> None:
    """Each quarter, and when there is a step to answer, a power steps up, holds or eases its ban on metals (S20)."""
    nations, p = run.nations, given.p
    most = min(given.policy.trade.mineral_retaliation, 1.0)
    for own in (US, CHINA):
        answering = nations.answer_months[own] == _TO_BE_ANSWERED
        nations.answer_months[own] = NOBODY
        free = nations.truce_months[own] <= 0.0 and nations.mineral_leverage[own] >= p.leverage_worth_using
        if free and (answering or run.month % QUARTER == 0):
            rising, easing = _bans_expected(run, given, own, answering)
            up, down = _room(nations.mineral_ban[own], most, p.measure_step)
            luck = uniform(run, given, CHANNEL.nations_choices, 2 + own)
            if luck < rising:
                nations.mineral_ban[own] += up
                tell(run, EVENT.mineral_ban, own, 1 - own, nations.mineral_ban[own])
            elif luck >= 1.0 - easing:
                nations.mineral_ban[own] -= down
                tell(run, EVENT.bans_eased, own, 1 - own, nations.mineral_ban[own])
        if nations.mineral_ban[own] > most:
            nations.mineral_ban[own] = max(nations.mineral_ban[own] - p.repeal_rate, most)


@rule
def choose_imports(run: Any, given: Any) -> None:
    """Each quarter a power refuses more of the chips that it could buy from its rival, or fewer (S20).

    What it refuses leaves orders to its own plants, and it loses less when the rival cuts it off (Hirschman 1945).
    """
    nations, p, lever = run.nations, given.p, given.policy.trade.import_refusal
    for own in (US, CHINA):
        most, refused = min(lever, 1.0), nations.imports_refused[own]
        if bloc_leverage(run, given, 1 - own) >= p.leverage_worth_using and run.month % QUARTER == 0:
            up, down = _room(refused, most, p.measure_step)
            more, less = _refusal_gain(run, given, own, up), _refusal_gain(run, given, own, -down)
            rising, easing = _respond(given, more, less, up > 0.0, refused > 0.0)
            luck = uniform(run, given, CHANNEL.nations_choices, 4 + own)
            if luck < rising:
                nations.imports_refused[own] += up
                tell(run, EVENT.imports_refused, own, 1 - own, nations.imports_refused[own])
            elif luck >= 1.0 - easing:
                nations.imports_refused[own] -= down
                tell(run, EVENT.imports_readmitted, own, 1 - own, nations.imports_refused[own])
        if nations.imports_refused[own] > most:
            nations.imports_refused[own] = max(nations.imports_refused[own] - p.repeal_rate, most)


@rule
def _refusal_gain(run: Any, given: Any, own: int, change: float) -> float:
    """What a power gains by refusing `change` more of the chips on offer: plants grown, less chips and trade lost."""
    nations, p, rival = run.nations, given.p, 1 - own
    leverage, lever = bloc_leverage(run, given, rival), given.policy.trade.import_refusal
    refused = nations.imports_refused[own] * leverage
    kept_out = denied(run, given, own)
    lost = nations.imported[own] * change * leverage / max(1.0 - refused, _LEAST_ACCESS)
    # What the rival is about to withhold anyway is no loss.
    threat, _ = _controls_expected(run, given, rival, nations.mineral_ban[own])
    step_up, _ = _room(nations.export_control[rival], min(given.policy.trade.chip_controls, 1.0), p.measure_step)
    sure = 1.0 - min(2.0 * p.powers_horizon * threat * step_up / max(1.0 - kept_out, _LEAST_ACCESS), 1.0)
    access = max((1.0 - kept_out) * (1.0 - refused), _LEAST_ACCESS)
    ordered = nations.domestic_made[own] + nations.imported[own] / access
    protected = lost / max(ordered, 1.0)
    growth = p.protected_growth * protected * (1.0 - p.tool_controls * kept_out) * p.powers_horizon
    won = nations.domestic_made[own] * (exp(clip(growth, -1.0, 1.0)) - 1.0) / 2.0
    worth = worth_of_lead(run, given, own)
    cost = -worth * _lead_from_chips(run, given, own, -lost * sure)
    cost += (1.0 + sympathy(run, given, own)) * _gain_from_trade(run, given, lost * sure)
    plants = worth * _lead_from_chips(run, given, own, won) + _gain_from_trade(run, given, won)
    return lever * plants - cost


# ---- truces --------------------------------------------------------------------------------------------------------
@rule
def _accepts(run: Any, given: Any, own: int, share: float) -> float:
    """How likely a power agrees that both suspend a share of controls and bans (Fearon 1995: both must gain)."""
    nations, rival = run.nations, 1 - own
    gain = controls_gain(run, given, own, -share * nations.export_control[own])
    gain -= controls_suffered(run, given, own, -share * nations.export_control[rival])
    mine, theirs = nations.mineral_ban[own], nations.mineral_ban[rival]
    gain += _bans_gain(run, given, own, mine, -share * mine)
    gain += harm_of_bans(run, given, own, theirs) - harm_of_bans(run, given, own, (1.0 - share) * theirs)
    return 1.0 / (1.0 + exp(-100.0 * given.p.choice_precision * gain))


@rule
def chance_of_accord(run: Any, given: Any) -> float:
    """Chance that both powers agree to a truce when they talk of one."""
    share = given.p.truce_suspends
    return _accepts(run, given, US, share) * _accepts(run, given, CHINA, share)


@rule
def chance_of_renewal(run: Any, given: Any) -> float:
    """Chance that both agree to go on with a truce that ends, before what was suspended comes back."""
    nations, together = run.nations, 1.0
    for own in (US, CHINA):
        rival = 1 - own
        back = controls_gain(run, given, own, nations.control_suspended[own])
        back -= controls_suffered(run, given, own, nations.control_suspended[rival])
        theirs = nations.mineral_ban[rival]
        back += _bans_gain(run, given, own, nations.mineral_ban[own], nations.ban_suspended[own])
        back -= harm_of_bans(run, given, own, theirs + nations.ban_suspended[rival])
        back += harm_of_bans(run, given, own, theirs)
        together *= 1.0 / (1.0 + exp(100.0 * given.p.choice_precision * back))
    return together
