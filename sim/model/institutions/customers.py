"""Customers: a market that grows with what models can do, adoption as an S-curve, and choice between labs."""

from __future__ import annotations

from math import floor, inf, sqrt
from typing import Any

import numpy as np

from sim.model.elementary import LOG_OF_TEN, exp, log
from sim.model.industry import best_capability, bloc_of, world_hostility
from sim.model.luck import CHANNEL, choose_one, normal, uniform
from sim.model.news import EVENT, tell
from sim.model.numbers import clip
from sim.model.rule import rule
from sim.model.state import BLOCS, CHINA, LAB_SLOTS, NATIONS, REGULATORS, US, Form

_NOTHING = 1e-30  # keeps 0 / 0 out
_NEARLY_ALL = 0.9  # a start file's sales cannot exhaust the market that its models could have


# ---- published forms -----------------------------------------------------------------------------------------------
@rule
def logit_shares(utility: Any, offered: Any, shares: Any) -> None:
    """Multinomial logit shares into `shares` (n,); what is not offered gets 0, nothing offered gives zeros.

    `utility` (n,); `offered` (n,) true or false. Source: McFadden (1974).
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


@rule
def potential_market(capability: float, ceiling: float, midpoint: float, slope: float) -> float:
    """USD bn a year that a model of this capability (log10 FLOP) could earn: logistic, up to `ceiling`."""
    return ceiling / (1.0 + exp(-slope * (capability - midpoint)))


@rule
def adoption_step(adoption: float, innovation: float, imitation: float, years: float) -> float:
    """Adoption one step on: da/dt = (innovation + imitation a)(1 - a), exact over the step. Source: Bass (1969)."""
    ratio = innovation / imitation
    grown = exp((innovation + imitation) * years) * (adoption + ratio) / max(1.0 - adoption, 1e-12)
    return clip((grown - ratio) / (1.0 + grown), 0.0, 1.0)


# ---- choice --------------------------------------------------------------------------------------------------------
@rule
def choose(run: Any, given: Any) -> None:
    """Customers of both blocs choose labs by quality, reputation, price and habit; revenue follows."""
    customers, p = run.customers, given.p
    best = best_capability(run)
    customers.potential = potential_market(best, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    if run.month == 0:
        _start_adoption(run, given)
    shock = p.incident_chill * run.nations.incidents_seen[US]
    # Nobody adopts what does not work yet: the S-curve's clock runs as models become usable.
    usable = 1.0 / (1.0 + exp(-p.usable_slope * (best - p.usable_capability)))
    grown = adoption_step(customers.adoption, p.adoption_innovation, p.adoption_imitation, usable / 12.0)
    customers.adoption = clip(grown - shock * customers.adoption / 12.0, 0.0, 1.0)
    markup, utility = np.zeros(LAB_SLOTS), np.zeros(LAB_SLOTS)
    _rate(run, given, best, markup, utility)
    _divide_markets(run, given, utility)
    _sell(run, given)
    _price_of_fixed_capability(run, given, markup)
    _change_reputation(run, given)


@rule
def _start_adoption(run: Any, given: Any) -> None:
    """Adoption that makes the first month's spending equal to the revenues on record."""
    labs, p = run.labs, given.p
    before = max(run.past.frontier[0, US], run.past.frontier[0, CHINA])
    potential = potential_market(before, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    users = 0.0
    for lab in range(LAB_SLOTS):
        users += labs.revenue[lab] / (1.0 - p.open_weights_free * labs.openness[lab])
    run.customers.adoption = clip(users / potential, 0.0, _NEARLY_ALL)


@rule
def _rate(run: Any, given: Any, best: float, markup: Any, utility: Any) -> None:
    """What each lab asks over its costs, and what it is to customers at home: into `markup` and `utility` (labs,)."""
    labs, p = run.labs, given.p
    sold = 0.0
    for lab in range(LAB_SLOTS):
        sold += labs.revenue[lab]
    reluctance = p.incumbent_reluctance * exp(-sold / p.market_worth_entering)
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            continue
        markup[lab] = 1.0 / (1.0 - min(p.market_power * labs.share[lab], p.markup_limit))
        quality = p.taste_for_quality * (labs.capability[lab] - best) + p.taste_for_reputation * labs.reputation[lab]
        utility[lab] = quality + labs.brand[lab] - p.taste_for_low_price * log(markup[lab])
        # A division sells little of what would replace its parent's business, until others have made a market of it.
        if labs.form[lab] == Form.DIVISION:
            utility[lab] -= reluctance
        # What many use already is known, trusted and built upon.
        utility[lab] += p.herding * log(labs.share[lab] + p.obscure_share)


@rule
def _divide_markets(run: Any, given: Any, utility: Any) -> None:
    """Each bloc's customers move towards the labs that they like best; abroad hostility stands between."""
    labs, customers, p = run.labs, run.customers, given.p
    before = customers.spending
    customers.spending = customers.potential * customers.adoption
    if run.month == 0:
        before = customers.spending
    # New customers choose freely, old ones seldom switch.
    new = clip(1.0 - before / max(customers.spending, _NOTHING), 0.0, 1.0)
    choosing = 1.0 - (1.0 - p.switching_rate) * (1.0 - new)
    abroad = p.foreign_discount * world_hostility(run)
    felt, wanted = np.zeros(LAB_SLOTS), np.zeros(LAB_SLOTS)
    for bloc in range(BLOCS):
        for lab in range(LAB_SLOTS):
            felt[lab] = utility[lab] - abroad if bloc_of(run, given, lab) != bloc else utility[lab]
        logit_shares(felt, labs.active, wanted)
        shares = customers.market_share[bloc]
        if run.month == 0:
            _shares_at_start(run, given, bloc, wanted, shares)
        total = 0.0
        for lab in range(LAB_SLOTS):
            shares[lab] += choosing * (wanted[lab] - shares[lab])
            shares[lab] *= labs.active[lab]
            total += shares[lab]
        for lab in range(LAB_SLOTS):
            shares[lab] /= total if total > 0.0 else 1.0


@rule
def _shares_at_start(run: Any, given: Any, bloc: int, wanted: Any, shares: Any) -> None:
    """Shares that give the revenues on record: each lab starts with its home bloc's customers."""
    labs, total = run.labs, 0.0
    for lab in range(LAB_SLOTS):
        paid = max(1.0 - given.p.open_weights_free * labs.openness[lab], 1e-6)
        shares[lab] = labs.revenue[lab] / paid if bloc_of(run, given, lab) == bloc else 0.0
        total += shares[lab]
    for lab in range(LAB_SLOTS):
        shares[lab] = shares[lab] / total if total > 0.0 else wanted[lab]


@rule
def _sell(run: Any, given: Any) -> None:
    """Revenue follows what the customers of both blocs spend on each lab."""
    labs, customers, p = run.labs, run.customers, given.p
    sizes = np.zeros(BLOCS)
    for nation in range(len(NATIONS)):
        sizes[given.start.blocs[nation]] += run.nations.market_size[nation]
    spending = customers.spending / max(sizes[US] + sizes[CHINA], 1e-9)
    customers.revenue = 0.0
    for lab in range(LAB_SLOTS):
        if not labs.active[lab]:
            labs.revenue[lab] = 0.0
            continue
        # Open weights are used without paying their maker.
        paid = 1.0 - p.open_weights_free * labs.openness[lab]
        bought = sizes[US] * customers.market_share[US, lab] + sizes[CHINA] * customers.market_share[CHINA, lab]
        labs.revenue[lab] += p.revenue_adjustment * (spending * bought * paid - labs.revenue[lab])
        customers.revenue += labs.revenue[lab]
    for lab in range(LAB_SLOTS):
        labs.share[lab] = labs.revenue[lab] / max(customers.revenue, _NOTHING)


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
def hazard_of(run: Any, given: Any, lab: int, safety: float) -> float:
    """Rate a month of severe incidents with a lab's models at this safety: up with capability, down with care."""
    p, beyond = given.p, run.labs.capability[lab] - given.p.hazard_reference
    return p.severe_hazard * exp(p.hazard_growth * LOG_OF_TEN * beyond - p.hazard_safety * safety)


@rule
def suffer_incidents(run: Any, given: Any) -> None:
    """Reported harm grows with use; severe incidents come with capability and go with safety (section 4, rule 10).

    Nothing is known of the tail: the hazard's range is an assumption, labelled so wherever it is shown.
    """
    labs, now, p = run.labs, run.now, given.p
    near = best_capability(run) - p.race_window
    hazard, total, careless = np.zeros(LAB_SLOTS), 0.0, 0.0
    for lab in range(LAB_SLOTS):
        if labs.active[lab] and labs.capability[lab] > near:
            hazard[lab] = hazard_of(run, given, lab, labs.safety[lab])
        total += hazard[lab]
        careless += labs.share[lab] * (1.0 - labs.safety[lab])
    now.severe_hazard = 1.0 - exp(-total)
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
    """Let a severe incident happen that involves a model of the lab `culprit`."""
    run.now.severe_incidents += 1.0
    for nation in range(len(NATIONS)):
        run.nations.incidents_seen[nation] += severity
    for regulator in range(len(REGULATORS)):
        run.regulators.incident_memory[regulator] += severity
    run.labs.reputation[culprit] *= 1.0 - given.p.severe_stain * severity
    tell(run, EVENT.severe_incident, culprit)
