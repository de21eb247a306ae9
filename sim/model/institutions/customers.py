"""Customers: a market that grows with what models can do, adoption as an S-curve, and choice between labs."""

from __future__ import annotations

from math import floor, inf, sqrt
from typing import Any

from sim.model.elementary import LOG_OF_TEN, exp, log
from sim.model.industry import best_capability, bloc_of, potential_market, size_of, world_hostility
from sim.model.luck import CHANNEL, choose_one, normal, uniform, uniforms
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import rule, zeros
from sim.model.state import BLOCS, FIRMS, LAB_SLOTS, NATIONS, PEOPLE, REGULATORS, SEGMENTS, US
from sim.model.traits import openness_of

LEADERS, ALL_LABS = 0, 1  # structures of the hazard, in the order of their choices
SEGMENTED, SINGLE = 0, 1  # structures of demand
_NOTHING = 1e-30  # keeps 0 / 0 out
_LEAST_SIZE = 1e-6  # USD bn a month
_SQRT_OF_TWELVE = 3.4641016151377544  # a number between 0 and 1 has a standard deviation of one over it
_NEARLY_ALL = 0.9  # a start file's sales cannot exhaust the market that its models could have


# ---- published forms -----------------------------------------------------------------------------------------------
@rule
def logit_shares(utility: Any, offered: Any, shares: Any) -> float:
    """Multinomial logit shares into `shares` (n,); what is not offered gets 0, nothing offered gives zeros.

    `utility` (n,); `offered` (n,) true or false. Returns the log-sum, ln of the sum of exp(utility) over what is
    offered, minus infinity for nothing: what it is worth to choose among it, in utility. Source: McFadden (1974); Small
    and Rosen (1981) for the log-sum.
    """
    best, total = -inf, 0.0
    for option in range(len(utility)):
        if offered[option]:
            best = max(best, utility[option])
    for option in range(len(utility)):
        shares[option] = exp(utility[option] - best) if offered[option] else 0.0
        total += shares[option]
    for option in range(len(utility)):
        shares[option] = shares[option] / total if total > 0.0 else 0.0
    return best + log(total) if total > 0.0 else -inf


@rule
def choose_again(shares: Any, wanted: Any, choosing: float) -> None:
    """Shares (n,) one month on, when a part of all customers choose anew and the others keep what they have.

    Choosing in turns, as in Calvo (1983) for prices; for switching costs in choice, Klemperer (1995). At rest the
    shares are those wanted; the way there halves every ln(1/2) / ln(1 - choosing) months.
    """
    for option in range(len(shares)):
        shares[option] += choosing * (wanted[option] - shares[option])


@rule
def goodwill_step(brand: float, decay: float, earned: float) -> float:
    """A brand one month on: it fades to what present use earns. Source: Nerlove and Arrow (1962)."""
    return brand + decay * (earned - brand)


@rule
def gain_from_choice(log_sum: float, without: float, taste_for_low_price: float) -> float:
    """What a dollar spent gains its user beyond the dollar, against doing without, worth `without` in utility.

    The log-sum with doing without among the offers, over the marginal utility of a dollar, which is the weight of a
    log of price over spending. Source: Small and Rosen (1981).
    """
    return log(1.0 + exp(log_sum - without)) / taste_for_low_price


@rule
def adoption_step(adoption: float, innovation: float, imitation: float, years: float) -> float:
    """Adoption one step on: da/dt = (innovation + imitation a)(1 - a), exact over the step. Source: Bass (1969)."""
    ratio = innovation / imitation
    grown = exp((innovation + imitation) * years) * (adoption + ratio) / max(1.0 - adoption, 1e-12)
    return clip((grown - ratio) / (1.0 + grown), 0.0, 1.0)


@rule
def ahead_of_sales(growth: float, adjustment: float) -> float:
    """What is spent over what is sold, where sales close a share of the gap a month and both grow by a factor a month.

    From r g = r + a (s g - r): s / r = (g - 1 + a) / (a g); 1 without growth, or where sales follow at once.
    """
    return (growth - 1.0 + adjustment) / (adjustment * growth)


# ---- the start -----------------------------------------------------------------------------------------------------
@rule
def begin_with_the_record(run: Any, given: Any) -> None:
    """Put adoption, segments, shares and brands where the revenues on record put them: no jump in the first month.

    What customers spend is ahead of sales that follow it, by as much as keeps both growing as sales grew before the
    start. All customers are at home. A brand is what shares on record ask for beyond what the model, its price and the
    lab's standing explain (Berry 1994), on a scale on which customers' mean brand is what use earns it.
    """
    labs, customers, p = run.labs, run.customers, given.p
    users, total = zeros(LAB_SLOTS), 0.0
    ahead = ahead_of_sales(exp(given.start.past_market_growth / 12.0), p.revenue_adjustment)
    for lab in range(LAB_SLOTS):
        users[lab] = ahead * labs.revenue[lab] / max(1.0 - p.open_weights_free * openness_of(run, given, lab), _NOTHING)
        total += users[lab]
    customers.adoption = clip(total / customers.potential, 0.0, _NEARLY_ALL)
    customers.spending = customers.potential * customers.adoption
    _size_segments(run, given, users)
    markup, dear = zeros(LAB_SLOTS), zeros(LAB_SLOTS)
    utility, bought = zeros(LAB_SLOTS), zeros(LAB_SLOTS)
    _ask(run, given, markup, dear)
    for segment in range(SEGMENTS):
        _rate(run, given, segment, dear, utility)
        total = 0.0
        for lab in range(LAB_SLOTS):
            in_segment = labs.people_share[lab] if segment == PEOPLE else 1.0 - labs.people_share[lab]
            bought[lab] = users[lab] * in_segment
            total += bought[lab]
        for bloc in range(BLOCS):
            _brands_at_start(run, given, bloc, segment, bought, total, utility)
        for bloc in range(BLOCS):
            shares = customers.market_share[bloc, segment]
            if total <= 0.0:
                _prefer(run, given, bloc, segment, utility, shares)


@rule
def _size_segments(run: Any, given: Any, users: Any) -> None:
    """Each bloc's segments by what its labs sell to them; where nobody sells yet, labs count alike."""
    labs, size = run.labs, run.customers.segment_size
    for bloc in range(BLOCS):
        by_people = total = 0.0
        for lab in range(LAB_SLOTS):
            if given.policy.structure.demand == SINGLE:
                labs.people_share[lab] = 0.5  # one market, in two halves that are the same
            if labs.active[lab] and bloc_of(run, given, lab) == bloc:
                by_people += (users[lab] + _NOTHING) * labs.people_share[lab]
                total += users[lab] + _NOTHING
        size[bloc, PEOPLE] = by_people / total if total > 0.0 else 0.5
        size[bloc, FIRMS] = 1.0 - size[bloc, PEOPLE]


@rule
def _brands_at_start(
    run: Any, given: Any, bloc: int, segment: int, bought: Any, of_all: float, utility: Any
) -> None:
    """Shares of a bloc's segment on record, and the brands of the bloc's labs that they ask for."""
    labs, p = run.labs, given.p
    shares, brand = run.customers.market_share[bloc, segment], run.customers.brand[segment]
    total = unearned = 0.0
    for lab in range(LAB_SLOTS):
        total += bought[lab] if bloc_of(run, given, lab) == bloc else 0.0
    for lab in range(LAB_SLOTS):
        shares[lab] = bought[lab] / total if bloc_of(run, given, lab) == bloc and total > 0.0 else 0.0
        if shares[lab] > 0.0:
            brand[lab] = log(shares[lab]) - utility[lab]
            unearned += shares[lab] * (brand[lab] - p.herding * bought[lab] / of_all)
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and bloc_of(run, given, lab) == bloc:
            brand[lab] = brand[lab] - unearned if shares[lab] > 0.0 else p.entrant_brand


# ---- choice --------------------------------------------------------------------------------------------------------
@rule
def choose(run: Any, given: Any) -> None:
    """People and firms of both blocs choose labs by quality, price, standing, brand and habit; revenue follows."""
    customers, p = run.customers, given.p
    best, before = best_capability(run), customers.spending
    customers.potential = potential_market(best, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    shock = p.incident_chill * run.nations.incidents_seen[US]
    # Nobody adopts what does not work yet: the S-curve's clock runs as models become usable.
    usable = 1.0 / (1.0 + exp(-p.usable_slope * (best - p.usable_capability)))
    grown = adoption_step(customers.adoption, p.adoption_innovation, p.adoption_imitation, usable / 12.0)
    customers.adoption = clip(grown - shock * customers.adoption / 12.0, 0.0, 1.0)
    customers.spending = customers.potential * customers.adoption
    new = clip(1.0 - before / max(customers.spending, _NOTHING), 0.0, 1.0)
    markup, dear = zeros(LAB_SLOTS), zeros(LAB_SLOTS)
    _ask(run, given, markup, dear)
    _divide_markets(run, given, dear, new)
    _sell(run, given)
    _price_of_fixed_capability(run, given, markup)
    _change_reputation(run, given)


@rule
def _of_segment(given: Any, segment: int, people: float, firms: float) -> float:
    """What holds for a segment: its own, or the mean of both where structure takes the market to be one."""
    if given.policy.structure.demand == SINGLE:
        return 0.5 * (people + firms)
    return people if segment == PEOPLE else firms


@rule
def _ask(run: Any, given: Any, markup: Any, dear: Any) -> None:
    """What each lab asks: over its costs into `markup`, and in logs over the least cost of all into `dear` (labs,)."""
    labs, p, efficient = run.labs, given.p, -inf
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            efficient = max(efficient, labs.algorithm[lab])
    for lab in range(LAB_SLOTS):
        if labs.active[lab]:
            markup[lab] = 1.0 / (1.0 - min(p.market_power * labs.share[lab], p.markup_limit))
            # The better the algorithms, the smaller and the cheaper to serve is a model of the same capability.
            dear[lab] = log(markup[lab]) + p.cost_of_size * LOG_OF_TEN * (efficient - labs.algorithm[lab])
            # Rules that cost a lab more than its rivals make it dearer: what labs lobby about (S14).
            burden = labs.compliance_cost[lab] / max(size_of(run, lab), _LEAST_SIZE)
            dear[lab] += log(1.0 + p.burden_passed_on * burden)


@rule
def _rate(run: Any, given: Any, segment: int, dear: Any, utility: Any) -> None:
    """What each lab is to a segment's customers at home but for its brand, into `utility` (labs,).

    A model as good as the best, at the least cost, of a lab without standing, is worth 0.
    """
    labs, p, best = run.labs, given.p, best_capability(run)
    quality = _of_segment(given, segment, p.taste_for_quality_people, p.taste_for_quality_firms)
    thrift = _of_segment(given, segment, p.taste_for_low_price_people, p.taste_for_low_price_firms)
    for lab in range(LAB_SLOTS):
        utility[lab] = 0.0
        if labs.active[lab]:
            utility[lab] = (quality * (labs.capability[lab] - best) + p.taste_for_reputation * labs.reputation[lab]
                            - thrift * dear[lab])


@rule
def _prefer(run: Any, given: Any, bloc: int, segment: int, utility: Any, wanted: Any) -> float:
    """Shares that a bloc's segment would choose now, into `wanted` (labs,), and its log-sum.

    Abroad a brand is worth as much as at home; hostility and the law stand between.
    """
    p, felt = given.p, zeros(LAB_SLOTS)
    abroad = p.foreign_discount * world_hostility(run) + p.foreign_barrier * run.nations.market_closed[bloc]
    for lab in range(LAB_SLOTS):
        felt[lab] = utility[lab] + run.customers.brand[segment, lab]
        if bloc_of(run, given, lab) != bloc:
            felt[lab] -= abroad
    return logit_shares(felt, run.labs.active, wanted)


@rule
def _divide_markets(run: Any, given: Any, dear: Any, new: float) -> None:
    """Each segment's new customers, and those of the old who choose again, go where they like it best."""
    labs, customers, p = run.labs, run.customers, given.p
    utility, wanted = zeros(LAB_SLOTS), zeros(LAB_SLOTS)
    for bloc in range(BLOCS):
        customers.user_gain[bloc] = 0.0
    for segment in range(SEGMENTS):
        _rate(run, given, segment, dear, utility)
        again = _of_segment(given, segment, p.choosing_again_people, p.choosing_again_firms)
        thrift = _of_segment(given, segment, p.taste_for_low_price_people, p.taste_for_low_price_firms)
        for bloc in range(BLOCS):
            log_sum = _prefer(run, given, bloc, segment, utility, wanted)
            shares, total = customers.market_share[bloc, segment], 0.0
            choose_again(shares, wanted, 1.0 - (1.0 - again) * (1.0 - new))
            for lab in range(LAB_SLOTS):
                shares[lab] *= labs.active[lab]
                total += shares[lab]
            for lab in range(LAB_SLOTS):
                shares[lab] /= total if total > 0.0 else 1.0
            customers.user_gain[bloc] += (_spent(run, given, bloc, segment)
                                          * gain_from_choice(log_sum, p.doing_without, thrift))


@rule
def _spent(run: Any, given: Any, bloc: int, segment: int) -> float:
    """What a bloc's segment spends, or would on open weights, USD bn a year."""
    here = world = 0.0
    for nation in range(len(NATIONS)):
        size = run.nations.market_size[nation]
        world += size
        here += size if given.start.blocs[nation] == bloc else 0.0
    return run.customers.spending * here / max(world, _NOTHING) * run.customers.segment_size[bloc, segment]


@rule
def _sell(run: Any, given: Any) -> None:
    """Revenue follows what customers spend on each lab, and brands what use earns."""
    labs, customers, p = run.labs, run.customers, given.p
    bought, by_people, luck = zeros(LAB_SLOTS), zeros(LAB_SLOTS), zeros(LAB_SLOTS)
    for segment in range(SEGMENTS):
        in_segment, total = zeros(LAB_SLOTS), 0.0
        for bloc in range(BLOCS):
            spent = _spent(run, given, bloc, segment)
            total += spent
            for lab in range(LAB_SLOTS):
                use = spent * customers.market_share[bloc, segment, lab]
                in_segment[lab] += use
                # Open weights are used without paying their maker.
                customers.user_gain[bloc] += use * p.open_weights_free * openness_of(run, given, lab)
        for lab in range(LAB_SLOTS):
            bought[lab] += in_segment[lab]
            by_people[lab] += in_segment[lab] if segment == PEOPLE else 0.0
            in_segment[lab] /= max(total, _NOTHING)
        _change_brands(run, given, segment, in_segment, luck)
    customers.revenue = 0.0
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.revenue[lab] = 0.0
            continue
        labs.people_share[lab] = by_people[lab] / bought[lab] if bought[lab] > 0.0 else labs.people_share[lab]
        paid = bought[lab] * (1.0 - p.open_weights_free * openness_of(run, given, lab))
        labs.revenue[lab] += p.revenue_adjustment * (paid - labs.revenue[lab])
        customers.revenue += labs.revenue[lab]
    for lab in range(LAB_SLOTS):
        labs.share[lab] = labs.revenue[lab] / max(customers.revenue, _NOTHING)


@rule
def _change_brands(run: Any, given: Any, segment: int, use: Any, luck: Any) -> None:
    """A segment's brands fade to what use (labs,), a share of the segment, earns them, and have their luck."""
    brand, p = run.customers.brand[segment], given.p
    # Where the market is one, both segments hear the same news: the numbers drawn for people stay in `luck`.
    if segment == PEOPLE:
        uniforms(run, given, CHANNEL.customers_brand_people, luck)
    elif given.policy.structure.demand != SINGLE:
        uniforms(run, given, CHANNEL.customers_brand_firms, luck)
    spread = _SQRT_OF_TWELVE * _of_segment(given, segment, p.brand_luck_people, p.brand_luck_firms)
    for lab in range(LAB_SLOTS):
        if run.labs.active[lab]:
            brand[lab] = goodwill_step(brand[lab], p.brand_decay, p.herding * use[lab]) + spread * (luck[lab] - 0.5)


@rule
def _price_of_fixed_capability(run: Any, given: Any, markup: Any) -> None:
    """Price of running a model as capable as the best of the start month: it falls with chips and algorithms."""
    labs, customers, chips = run.labs, run.customers, run.chips
    algorithm = margin = 0.0
    for lab in range(LAB_SLOTS):
        algorithm += labs.algorithm[lab] * labs.share[lab]
        margin += markup[lab] * labs.share[lab]
    if run.month == 0:
        customers.algorithm_start, customers.margin_start = algorithm, margin
    gain = exp(-LOG_OF_TEN * given.p.serving_gain * (algorithm - customers.algorithm_start))
    customers.fixed_price = chips.price / chips.price_start * gain * margin / customers.margin_start


@rule
def _change_reputation(run: Any, given: Any) -> None:
    """Reputation drifts back to what safety and mission earn; attacks and incidents push it down elsewhere."""
    labs, p = run.labs, given.p
    for lab in range(LAB_SLOTS):
        earned = p.reputation_base + p.reputation_of_safety * labs.safety[lab]
        drifted = labs.reputation[lab] + p.reputation_recovery * (earned - labs.reputation[lab])
        labs.reputation[lab] = clip(drifted, 0.0, 1.0)


# ---- harm ----------------------------------------------------------------------------------------------------------
@rule
def severe_rate(hazard: float, growth: float, beyond: float, prevented: float, safety: float) -> float:
    """Rate a month of severe incidents with a model so many orders of FLOP beyond the reference, at this safety."""
    return hazard * exp(growth * LOG_OF_TEN * beyond - prevented * safety)


@rule
def chance_of_incident(rate: float) -> float:
    """Probability of at least one event in a month with this rate."""
    return 1.0 - exp(-rate)


@rule
def hazard_of(run: Any, given: Any, lab: int, safety: float) -> float:
    """Rate a month of severe incidents with a lab's models at this safety: up with capability, down with care."""
    p, beyond = given.p, run.labs.capability[lab] - given.p.hazard_reference
    return severe_rate(p.severe_hazard, p.hazard_growth, beyond, p.hazard_safety, safety)


@rule
def suffer_incidents(run: Any, given: Any) -> None:
    """Reported harm grows with use; severe incidents come with capability and go with safety (section 4, rule 10).

    Nothing is known of the tail: the hazard's range is an assumption, labelled so wherever it is shown.
    """
    labs, now, p = run.labs, run.now, given.p
    near = best_capability(run) - p.race_window
    hazard, total, careless = zeros(LAB_SLOTS), 0.0, 0.0
    for lab in range(LAB_SLOTS):
        # Whoever has a capable model can do harm with it; under the rival theory the race's leaders alone.
        if labs.active[lab] and (labs.capability[lab] > near or given.policy.structure.hazard == ALL_LABS):
            hazard[lab] = hazard_of(run, given, lab, labs.safety[lab])
        total += hazard[lab]
        careless += labs.share[lab] * (1.0 - labs.safety[lab])
    now.severe_hazard = chance_of_incident(total)
    if uniform(run, given, CHANNEL.customers_severe_incident, 0) < now.severe_hazard:
        severe_incident(run, given, choose_one(run, given, CHANNEL.customers_culprit, hazard), 1.0)
    # Use of AI relative to January 2025: sales of models, and the use of AI before there were any.
    use = (run.customers.revenue + p.early_use_usd_bn) / given.start.reference_revenue_usd_bn
    expected = p.incidents_per_month * exp(p.incidents_growth * log(max(use, 1e-9))) * (p.incidents_floor + careless)
    # A count near its mean, with Poisson spread, from one normal number.
    noise = normal(run, given, CHANNEL.customers_incidents, 0)
    now.incidents = max(floor(expected + sqrt(expected) * noise + 0.5), 0.0)
    for lab in range(LAB_SLOTS):
        stain = p.incident_stain * labs.share[lab] * (1.0 - labs.safety[lab])
        labs.reputation[lab] = max(labs.reputation[lab] - stain, 0.0)


@rule
def severe_incident(run: Any, given: Any, culprit: int, severity: float) -> None:
    """Let a severe incident happen that involves a model of the lab `culprit`.

    It frightens labs, law and users for years, takes investors' confidence at once, and the power across blames the
    lab's: its hostility moves what it withholds.
    """
    run.now.severe_incidents += 1.0
    for nation in range(len(NATIONS)):
        run.nations.incidents_seen[nation] += severity
    for regulator in range(len(REGULATORS)):
        run.regulators.incident_memory[regulator] += severity
    run.labs.reputation[culprit] *= 1.0 - given.p.severe_stain * severity
    run.capital.sentiment *= 1.0 - given.p.incident_shock * severity
    across = 1 - bloc_of(run, given, culprit)
    blamed = run.nations.hostility[across] + given.p.incident_blame * severity
    run.nations.hostility[across] = clip(blamed, 0.0, 1.0)
    tell(run, EVENT.severe_incident, culprit)
