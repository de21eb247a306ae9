"""Labs: how careful they are in the race, how much compute they aim for, what they spend, and whom they lobby."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np

from sim.model.agents.safety_choice import contest_safety, dsair_safety, taxed_safety
from sim.model.agents.treaties import bound
from sim.model.elementary import exp, log, tanh
from sim.model.industry import (
    at_frontier,
    best_capability,
    bloc_of,
    cost_of_use,
    growth_in_sight,
    industry_scale,
    market_in_sight,
    market_room,
    size_of,
    world_hostility,
    worth_of_sales,
)
from sim.model.luck import CHANNEL, uniform
from sim.model.money import Owner, Purpose, pay, receive
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import entry, flags, full, rule, zeros
from sim.model.state import BLOCS, CHINA, FOUNDER_SLOTS, LAB_SLOTS, NATIONS, NOBODY, REGULATORS, US, Form
from sim.model.traits import access_of, mission_of

NO_INFORMATION, PRIVATE_INFORMATION, PUBLIC_INFORMATION = 0, 1, 2
ARMSTRONG, DSAIR, SAFETY_TAX, CONTEST = 0, 1, 2, 3  # structures of the safety race, in the order of their choices

_REGULATORS = len(REGULATORS)
_LEAST_RIVALS = 2.0  # who is alone at the front reckons with one who could be there


# ---- the safety race ---------------------------------------------------------------------------------------------
@rule
def race_safety(ability: Any, racing: Any, enmity: Any, mu: float, information: int, safety: Any) -> None:
    """Equilibrium safety of labs that race to be first, where the least safe of equals wins: into `safety` (labs,).

    `ability` (labs,) on [0, mu]; `racing` (labs,) true or false; `enmity` (labs,) on [0, 1], how bad it is that a rival
    wins, and `mu`, how far ability outweighs carelessness. `information` is 0 when labs know nobody's ability, 1 when
    each knows its own, 2 when all know all. Labs that do not race get 1, as does one that races alone.

    Source: Armstrong, Bostrom and Shulman (2016), article row S17. With n racing: no information
    min(1, mu/(n e)); private min(1, c/(1 + e(n-1))); public min(1, lead/e) for the leader and (1 - e) times
    that for the others.
    """
    number, leader = 0, NOBODY
    for lab in range(len(ability)):
        if racing[lab]:
            number += 1
            if leader == NOBODY or ability[lab] > ability[leader]:
                leader = lab
    second = -inf
    for lab in range(len(ability)):
        if racing[lab] and lab != leader:
            second = max(second, ability[lab])
    for lab in range(len(ability)):
        e = max(enmity[lab], 1e-9)
        if not racing[lab] or number <= 1:
            safety[lab] = 1.0
        elif information == NO_INFORMATION:
            safety[lab] = min(1.0, mu / (number * e))
        elif information == PRIVATE_INFORMATION:
            safety[lab] = min(1.0, ability[lab] / (1.0 + e * (number - 1)))
        else:
            by_leader = min(1.0, (ability[leader] - second) / e)
            safety[lab] = by_leader if lab == leader else max(0.0, 1.0 - enmity[lab]) * by_leader


@entry
def _race_safety_of_all(ability: Any, racing: Any, enmity: Any, mu: float, information: int, out: Any) -> None:
    for race in range(len(ability)):
        race_safety(ability[race], racing, enmity, mu, information, out[race])


def race_safety_of_many(ability: np.ndarray, enmity: float, mu: float, information: int) -> np.ndarray:
    """`race_safety` of many races of labs that all race, with abilities and result (races, labs)."""
    out = np.empty_like(ability)
    racing, felt = np.ones(ability.shape[1], np.uint8), np.full(ability.shape[1], float(enmity))
    _race_safety_of_all(ability, racing, felt, float(mu), int(information), out)
    return out


@rule
def contend(run: Any, given: Any, racing: Any, ability: Any) -> None:
    """Who races, and how able each is, in the terms of `race_safety`: into `racing` and `ability` (labs,)."""
    labs, p = run.labs, given.p
    best = best_capability(run)
    for lab in range(LAB_SLOTS):
        behind = best - labs.capability[lab]
        racing[lab] = labs.active[lab] > 0 and behind < p.race_window
        ability[lab] = p.race_mu * clip(1.0 - behind / p.race_window, 0.0, 1.0)


@rule
def _feel_enmity(run: Any, given: Any, racing: Any) -> None:
    """How bad each lab thinks a rival's win would be, 0-1.

    Among labs of one bloc it is commercial; across blocs it is the nations' hostility (S16, S17).
    """
    labs, p = run.labs, given.p
    number = chinese = 0
    for lab in range(LAB_SLOTS):
        if racing[lab]:
            number += 1
            chinese += bloc_of(run, given, lab) == CHINA
    chinese_share = chinese / max(number, 1)
    hostility = world_hostility(run)
    for lab in range(LAB_SLOTS):
        bloc = bloc_of(run, given, lab)
        foreign = 1.0 - chinese_share if bloc == CHINA else chinese_share
        felt = (1.0 - foreign) * p.enmity_at_home + foreign * hostility * p.enmity_abroad
        # National rivalry weighs on labs of the same bloc too: they are told that the other side must not win.
        felt += p.enmity_spillover * hostility
        labs.enmity[lab] = clip(felt, p.enmity_floor, 1.0)


@rule
def _race(run: Any, given: Any, racing: Any, ability: Any) -> None:
    """Safety of each lab that races, by the theory of the race that the scenario holds: into `labs.race_safety`."""
    labs, p, theory = run.labs, given.p, given.policy.structure.safety_race
    if theory == ARMSTRONG:
        race_safety(ability, racing, labs.enmity, p.race_mu, int(given.policy.regulation.information), labs.race_safety)
        return
    number, able, careful = 0, 0.0, 0.0
    for lab in range(LAB_SLOTS):
        if racing[lab]:
            number += 1
            able += ability[lab]
            careful += labs.safety[lab]
    # Labs are equals in this one, and the price of compute stands for what winning costs.
    taxed = 1.0
    if theory == SAFETY_TAX and number > 1:
        dear = p.tax_price * run.chips.price / run.chips.price_start
        taxed = taxed_safety(dear, p.tax_alpha, p.tax_beta, p.tax_theta, number)
    for lab in range(LAB_SLOTS):
        if not racing[lab] or number <= 1:
            labs.race_safety[lab] = 1.0
        elif theory == DSAIR:
            rivals = (careful - labs.safety[lab]) / (number - 1)
            speed = 1.0 / (1.0 - p.safety_tax)  # what full safety costs in research, skipped
            labs.race_safety[lab] = dsair_safety(p.dsair_risk, speed, labs.enmity[lab], rivals, p.dsair_precision)
        elif theory == CONTEST:
            chance = ability[lab] / max(able, 1e-9)
            labs.race_safety[lab] = contest_safety(chance, labs.enmity[lab], p.contest_weight, p.contest_gain)
        else:
            labs.race_safety[lab] = taxed


@rule
def take_stock(run: Any, given: Any) -> None:
    """At the month's start each lab notes what compute costs it, what is left of its mission, and who has access.

    A non-profit follows its charter in full; owners' claims leave less of it under each further form (S2, S5). Patrons
    give compute: a share of the bill, up to a share of their cash flow (S4).
    """
    labs, founders, p, patronage = run.labs, run.founders, given.p, given.policy.capital.patronage
    for lab in range(LAB_SLOTS):
        form = labs.form[lab]
        kept = (1.0 if form == Form.NONPROFIT else p.mission_kept_capped if form == Form.CAPPED_PROFIT
                else p.mission_kept_for_profit if form == Form.FOR_PROFIT else p.mission_kept_division)
        labs.mission_kept[lab] = mission_of(run, given, lab) * (kept + (1.0 - kept) * labs.owned[lab, Owner.mission])
        labs.credits[lab] = 0.0
        cost = cost_of_use(run, given, lab)
        patron = labs.patron[lab]
        if patron != NOBODY:
            share = min(p.patron_discount * patronage, 1.0)
            limit = p.patron_credits * patronage * labs.parent_cash_flow[patron]
            labs.credits[lab] = min(share * labs.compute[lab] * cost, limit)
        labs.user_cost[lab] = cost - labs.credits[lab] / max(labs.compute[lab], 1.0)
        labs.access[lab] = 0.0
    for founder in range(FOUNDER_SLOTS):
        home = founders.home[founder]
        if founders.active[founder] and founders.controls[founder] and home != NOBODY:
            labs.access[home] += access_of(run, given, founder)


@rule
def choose_safety(run: Any, given: Any) -> None:
    """Each lab moves its safety effort towards what race, mission, law, treaty and incidents ask for (S2, S12, S17)."""
    labs, nations, p = run.labs, run.nations, given.p
    racing, ability = flags(LAB_SLOTS), zeros(LAB_SLOTS)
    contend(run, given, racing, ability)
    _feel_enmity(run, given, racing)
    _race(run, given, racing, ability)
    fright = p.incident_fright * nations.incidents_seen[US]
    for lab in range(LAB_SLOTS):
        mission = labs.mission_kept[lab]
        in_race = labs.race_safety[lab] if racing[lab] else p.idle_safety
        willing = mission * p.mission_safety + (1.0 - mission) * in_race
        by_law = p.legal_safety_floor * labs.regulated[lab] if labs.complies[lab] else 0.0
        # A licence is given for tests, and can be taken away: its holder keeps to them (S13).
        if labs.licensed[lab]:
            by_law = max(by_law, p.licence_safety)
        labs.safety_unbound[lab] = clip(max(willing + fright, by_law), 0.0, 1.0)
        by_treaty = nations.treaty_care[US] if bound(run, given, lab) else 0.0
        target = max(labs.safety_unbound[lab], by_treaty)
        labs.safety[lab] += p.safety_adjustment * (target - labs.safety[lab])


# ---- growth and money ----------------------------------------------------------------------------------------------
@rule
def fixed_cost(run: Any, given: Any) -> float:
    """Staff and data that even the smallest lab must pay, USD bn a year; dearer as the industry grows."""
    return given.p.fixed_cost_usd_bn * industry_scale(run, given, given.p.fixed_cost_growth)


@rule
def cost_of_operations(run: Any, given: Any, lab: int, fixed: float) -> float:
    """What a lab's present compute and staff cost, USD bn a year; `fixed` as `fixed_cost` has it."""
    labs = run.labs
    return labs.compute[lab] * labs.user_cost[lab] * (1.0 + given.p.staff_to_compute) + fixed * labs.active[lab]


@rule
def _money_in_sight(run: Any, given: Any, lab: int) -> float:
    """What a lab can spend in a year without new investors, USD bn."""
    labs = run.labs
    from_cash = max(labs.cash[lab], 0.0) * (12.0 / given.p.runway_months)
    return labs.revenue[lab] + from_cash + labs.parent_cash_flow[lab] * labs.parent_share[lab]


@rule
def outlay_for_prize(rivals: float, prize: float) -> float:
    """What each of `rivals` equals spends to win a prize in a contest: (n - 1) / n^2 of it. Source: Tullock (1980)."""
    return (rivals - 1.0) / (rivals * rivals) * prize if rivals > 1.0 else 0.0


@rule
def take_standing(run: Any, given: Any) -> None:
    """Each lab's chance in the contest for customers against the best of its bloc: less with distance from it.

    Customers of a bloc buy at home for the most part, so even a bloc that is behind has somebody who is first in it.
    """
    labs, best = run.labs, full(BLOCS, -inf)
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            bloc = bloc_of(run, given, lab)
            best[bloc] = max(best[bloc], labs.capability[lab])
    for lab in range(LAB_SLOTS):
        behind = best[bloc_of(run, given, lab)] - labs.capability[lab]
        labs.standing[lab] = exp(-given.p.option_decay * behind) if labs.active[lab] else 0.0


@rule
def _want_to_spend(run: Any, given: Any) -> None:
    """What each lab means to spend, USD bn a year: to serve the sales it expects, and to win those open to all.

    Where a bloc's labs contend for customers, each spends on the prize what equals would (Tullock), by its standing;
    the more a rival's win is dreaded, the more (S17). So outlays rise and fall with what investors expect.
    """
    labs, p = run.labs, given.p
    rivals, prize = zeros(BLOCS), zeros(BLOCS)
    for lab in range(LAB_SLOTS):
        rivals[bloc_of(run, given, lab)] += labs.standing[lab]
    for nation in range(len(NATIONS)):
        prize[given.start.blocs[nation]] += run.nations.market_size[nation]
    to_serve = p.serving_cost_share * (1.0 + p.staff_to_compute) * exp(growth_in_sight(run, given, 1.0))
    open_to_all = p.contested_share * market_in_sight(run, given) * worth_of_sales(run, given) / p.planning_years
    for lab in range(LAB_SLOTS):
        labs.spending_wanted[lab] = 0.0
        if labs.active[lab]:
            bloc = bloc_of(run, given, lab)
            spur = 1.0 + p.race_spur * (labs.enmity[lab] / p.usual_enmity - 1.0)
            outlay = outlay_for_prize(max(rivals[bloc], _LEAST_RIVALS), prize[bloc] * open_to_all) * spur
            outlay *= labs.standing[lab]
            wish = to_serve * (1.0 - p.contested_share) * labs.revenue[lab] + outlay
            # Before there is anything to win, companies keep the part of their cash flow that they give to research,
            # and who is bound to a mission spends on it what it is given.
            if labs.form[lab] == Form.DIVISION:
                wish = max(wish, labs.research_share[lab] * labs.parent_cash_flow[lab])
            elif labs.form[lab] == Form.NONPROFIT:
                wish = max(wish, _money_in_sight(run, given, lab))
            labs.spending_wanted[lab] = wish


@rule
def plan_growth(run: Any, given: Any, wanted: Any) -> None:
    """How much more compute each lab wants this month, H100e, into `wanted` (labs,), negative where it must shrink.

    Labs move towards the compute that they mean to spend on, within the money in sight. Also sets the need for capital
    (S5): what is to be spent over the planning horizon, growing as the market is seen to grow, less what is to be sold,
    by the same foresight, and cash.
    """
    labs, now, p = run.labs, run.now, given.p
    fixed = fixed_cost(run, given)
    best = best_capability(run)
    take_standing(run, given)
    _want_to_spend(run, given)
    grown, in_a_year = exp(growth_in_sight(run, given, p.planning_years)), growth_in_sight(run, given, 1.0)
    frontier = short_of_money = 0.0
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            wanted[lab] = labs.growth_wanted[lab] = labs.need[lab] = 0.0
            continue
        running = cost_of_operations(run, given, lab, fixed)
        behind = log(max(labs.spending_wanted[lab] + fixed, 1e-9) / max(running, 1e-9))
        growth = labs.growth_wanted[lab] = clip(behind / p.years_to_adjust, -p.growth_most, p.growth_most)
        aimed_at = labs.compute[lab] * exp(growth / 12.0)
        spendable = max(_money_in_sight(run, given, lab) - fixed, 0.0)
        affordable = spendable / (labs.user_cost[lab] * (1.0 + p.staff_to_compute))
        if at_frontier(run, given, lab, best):
            frontier += labs.compute[lab]
            short_of_money += labs.compute[lab] * (affordable < aimed_at)
        # Spending and sales move in a straight line to where the horizon has them; what is wanted keeps moving, so
        # that spending stays as far behind it as it takes to follow.
        closed = max(behind - p.years_to_adjust * in_a_year, 0.0)
        planned = 0.5 * running * (1.0 + grown * exp(min(closed, p.growth_most * p.planning_years)))
        sold = 0.5 * labs.revenue[lab] * (1.0 + grown)
        labs.need[lab] = max((planned - sold) * p.planning_years - labs.cash[lab], 0.0)
        keep = labs.compute[lab] * (1.0 - p.compute_retired / 12.0)
        wanted[lab] = max(min(aimed_at, affordable), labs.compute[lab] * (1.0 - p.fastest_shrinking)) - keep
    now.short_of_money = short_of_money / max(frontier, 1e-9)
    now.short_of_customers = 1.0 if market_room(run, given) < p.full_market else 0.0


@rule
def settle_accounts(run: Any, given: Any) -> None:
    """The month's income and bills. Every dollar goes through `receive` and `pay`."""
    labs, p = run.labs, given.p
    fixed = fixed_cost(run, given)
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        bill = labs.compute[lab] * labs.user_cost[lab] / 12.0
        before = labs.cash[lab]
        receive(run, Purpose.revenue, lab, labs.revenue[lab] / 12.0)
        pay(run, Purpose.compute, lab, bill)
        pay(run, Purpose.staff, lab, bill * p.staff_to_compute + fixed / 12.0)
        pay(run, Purpose.compliance, lab, labs.compliance_cost[lab])
        burnt = before - labs.cash[lab]
        labs.burn[lab] += p.burn_smoothing * (burnt - labs.burn[lab])
        # A parent lends what is wanting this month, up to what it has set aside; the rest stays with the parent.
        if labs.form[lab] == Form.DIVISION:
            set_aside = labs.parent_cash_flow[lab] * labs.parent_share[lab] / 12.0
            receive(run, Purpose.parent, lab, clip(burnt + p.parent_buffer * set_aside, 0.0, set_aside))
        spare = max(labs.cash[lab] - p.reserve_years * cost_of_operations(run, given, lab, fixed), 0.0)
        pay(run, Purpose.owners, lab, p.payout_rate * spare)


# ---- politics ------------------------------------------------------------------------------------------------------
@rule
def _borne(run: Any, given: Any, lab: int) -> float:
    """What the rules in force cost a lab, USD bn a month: paid for compliance, and research slowed or not allowed."""
    labs, p = run.labs, given.p
    idle = p.compliance_drag * labs.regulated[lab] * labs.complies[lab]
    if labs.held_back[lab]:
        idle = 1.0 - (1.0 - idle) * p.unlicensed_training
    return labs.compliance_cost[lab] + idle * labs.compute[lab] * cost_of_use(run, given, lab) / 12.0


@rule
def gain_from_rule(burden: float, of_market: float, moves_share: float, passed_on: float) -> float:
    """What a rule is worth to a lab, as a share of its size: what rivals lose to it, less what the lab bears itself.

    `burden` is the lab's cost of the rule over its size, `of_market` the market's mean; customers move by `moves_share`
    times the difference (the first order of a logit market), and `passed_on` of the lab's own burden is paid by them.
    Positive exactly where burden < of_market moves_share / (moves_share + 1 - passed_on).
    Source: Salop and Scheffman (1983), article row S14.
    """
    return moves_share * (of_market - burden) - (1.0 - passed_on) * burden


@rule
def lobby(run: Any, given: Any) -> None:
    """Labs press for rules that cost rivals more than themselves, against those that cost themselves more (S14, S15).

    A lab's weight is the square root of what it spends (`evidence: lobby_openai_2024`), raised by the political access
    of its controlling founder. The regulators read the pressure from their `capture`.
    Source: Salop and Scheffman (1983), raising rivals' costs.
    """
    labs, regulators, p = run.labs, run.regulators, given.p
    costs = sizes = 0.0
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            costs += _borne(run, given, lab)
            sizes += size_of(run, lab)
    of_market = costs / max(sizes, 1e-6)
    pressure = zeros(_REGULATORS)
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        base = labs.revenue[lab] * p.lobbying_share_of_revenue + labs.parent_cash_flow[lab] * p.lobbying_share_of_parent
        spent = base * given.policy.industry.lobbying / 12.0
        pay(run, Purpose.lobbying, lab, spent)
        # On record is what labs spend that are no divisions: their parents lobby over much else.
        if labs.form[lab] != Form.DIVISION:
            run.now.lobbying += spent
        burden = _borne(run, given, lab) / max(size_of(run, lab), 1e-6)
        gain = gain_from_rule(burden, of_market, p.burden_moves_share, p.burden_passed_on)
        weight = sqrt(spent * 1e3) * (1.0 + p.access_lobbying * labs.access[lab])
        wish = weight * tanh(gain / p.burden_scale)
        for regulator in range(_REGULATORS):
            pressure[regulator] += given.start.reach_by_nation[regulator, labs.nation[lab]] * wish
    for regulator in range(_REGULATORS):
        taken = given.start.susceptibility[regulator] * given.policy.regulation.capture[regulator]
        target = clip(tanh(pressure[regulator] / p.lobbying_scale) * taken, -1.0, 1.0)
        regulators.capture[regulator] += p.capture_adjustment * (target - regulators.capture[regulator])


@rule
def take_defence_work(run: Any, given: Any) -> None:
    """Labs take defence contracts when need and hostility outweigh the mission (S19)."""
    labs, p, contracts = run.labs, given.p, given.policy.industry.defence_contracts
    for lab in range(LAB_SLOTS):
        hostility = run.nations.hostility[labs.nation[lab]]
        serves = labs.defence[lab] > 0
        if labs.active[lab] and not serves and labs.nation[lab] <= CHINA:
            pull = hostility * (p.defence_need + labs.funding_gap[lab]) * (1.0 + p.access_contracts * labs.access[lab])
            hazard = p.defence_hazard * contracts * pull * (1.0 - labs.mission_kept[lab])
            if uniform(run, given, CHANNEL.labs_defence, lab) < hazard:
                serves = True
                tell(run, EVENT.defence_contract, lab)
        elif serves and hostility < p.defence_peace:
            serves = uniform(run, given, CHANNEL.labs_defence, lab) <= 1.0 - p.defence_exit
        labs.defence[lab] = serves and contracts > 0.0
        if labs.defence[lab] and labs.active[lab]:
            base = labs.revenue[lab] + p.defence_least_base
            receive(run, Purpose.defence, lab, p.defence_income * contracts * hostility * base / 12.0)
