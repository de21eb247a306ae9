"""Customers: a market that grows with what models can do, adoption as an S-curve, and choice between labs."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.model.news import EVENT, tell
from sim.model.rule import rule
from sim.state import LAB_SLOTS, NATIONS, REGULATORS, US
from sim.world import World, at_rows, choose_one, largest, row_sum

_NOTHING = 1e-30  # keeps 0 / 0 out
_NEARLY_ALL = 0.9  # a start file's sales cannot exhaust the market that its models could have


def logit_shares(utility: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """Multinomial logit shares over the last axis; what is not offered gets 0, nothing offered gives zeros.

    Shapes: `utility` and bool `offered` (..., labs). Source: McFadden (1974).
    """
    weighed = np.where(offered, utility, -np.inf)
    best = weighed.max(axis=-1, keepdims=True)
    weight = np.exp(weighed - np.where(np.isfinite(best), best, 0.0))
    total = weight.sum(axis=-1, keepdims=True)
    return weight / np.where(total > 0, total, 1.0)


def potential_market(
    capability: np.ndarray, ceiling: np.ndarray | float, midpoint: np.ndarray | float, slope: np.ndarray | float
) -> np.ndarray:
    """USD bn a year that a model of this capability (log10 FLOP) could earn: logistic, up to `ceiling`."""
    return ceiling / (1.0 + np.exp(-slope * (capability - midpoint)))


def adoption_step(
    adoption: np.ndarray, innovation: np.ndarray | float, imitation: np.ndarray | float, years: np.ndarray | float
) -> np.ndarray:
    """Adoption one step on: da/dt = (innovation + imitation a)(1 - a), exact over the step. Source: Bass (1969)."""
    ratio = innovation / imitation
    grown = np.exp((innovation + imitation) * years) * (adoption + ratio) / np.maximum(1.0 - adoption, 1e-12)
    return np.clip((grown - ratio) / (1.0 + grown), 0.0, 1.0)


def choose(world: World) -> None:
    """Customers of both blocs choose labs by quality, reputation, price and habit; revenue follows."""
    labs, customers, p = world.labs, world.customers, world.p
    best = largest(labs.capability)
    customers.potential = potential_market(best, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    if world.month == 0:
        _start_adoption(world)
    shock = p.incident_chill * world.nations.incidents_seen[:, US : US + 1]
    # Nobody adopts what does not work yet: the S-curve's clock runs as models become usable.
    usable = 1.0 / (1.0 + np.exp(-p.usable_slope * (best - p.usable_capability)))
    grown = adoption_step(customers.adoption, p.adoption_innovation, p.adoption_imitation, usable / 12.0)
    customers.adoption = np.clip(grown - shock * customers.adoption / 12.0, 0.0, 1.0)

    markup = 1.0 / (1.0 - np.minimum(p.market_power * labs.share, p.markup_limit))
    quality = p.taste_for_quality * (labs.capability - best) + p.taste_for_reputation * labs.reputation
    utility = quality + labs.brand - p.taste_for_low_price * np.log(markup)
    # A division sells little of what would replace its parent's business, until others have made a market of it.
    held_back = p.incumbent_reluctance * np.exp(-row_sum(labs.revenue) / p.market_worth_entering)
    utility = utility - world.by_form(0.0, 0.0, 0.0, held_back)
    # What many use already is known, trusted and built upon.
    utility = utility + p.herding * np.log(labs.share + p.obscure_share)
    abroad = p.foreign_discount * world.nations.hostility[:, :2].mean(axis=1, keepdims=True)
    chinese = world.is_chinese
    by_market = np.stack([utility - abroad * chinese, utility - abroad * ~chinese], axis=1)
    wanted = logit_shares(by_market, np.broadcast_to(labs.active[:, None, :], by_market.shape))
    before = customers.spending.copy()
    customers.spending = customers.potential * customers.adoption
    if world.month == 0:
        customers.market_share = _shares_at_start(world, wanted)
        before = customers.spending
    # New customers choose freely, old ones seldom switch.
    new = np.clip(1.0 - before / np.maximum(customers.spending, _NOTHING), 0.0, 1.0)
    choosing = 1.0 - (1.0 - p.switching_rate) * (1.0 - new)
    customers.market_share += choosing[:, :, None] * (wanted - customers.market_share)
    customers.market_share *= labs.active[:, None, :]
    total = customers.market_share.sum(axis=2, keepdims=True)
    customers.market_share /= np.where(total > 0, total, 1.0)

    sizes = world.by_bloc(world.nations.market_size)
    sizes = sizes / np.maximum(row_sum(sizes), 1e-9)
    spending = customers.spending * sizes
    # Open weights are used without paying their maker.
    paid = 1.0 - p.open_weights_free * labs.openness
    target = (spending[:, :, None] * customers.market_share).sum(axis=1) * paid
    labs.revenue = np.where(labs.active, labs.revenue + p.revenue_adjustment * (target - labs.revenue), 0.0)
    customers.revenue = row_sum(labs.revenue)
    labs.share = labs.revenue / np.maximum(customers.revenue, _NOTHING)
    _price_of_fixed_capability(world, markup)
    _change_reputation(world)


def _start_adoption(world: World) -> None:
    """Adoption that makes the first month's spending equal to the revenues on record."""
    labs, customers, p = world.labs, world.customers, world.p
    before = world.past.frontier[:, 0].max(axis=1, keepdims=True)
    potential = potential_market(before, p.market_ceiling_usd_bn, p.market_midpoint, p.market_slope)
    users = labs.revenue / (1.0 - p.open_weights_free * labs.openness)
    customers.adoption = np.clip(row_sum(users) / potential, 0.0, _NEARLY_ALL)


def _shares_at_start(world: World, wanted: np.ndarray) -> np.ndarray:
    """Shares by bloc that give the revenues on record: each lab starts with its home bloc's customers."""
    labs = world.labs
    paid = 1.0 - world.p.open_weights_free * labs.openness
    users = labs.revenue / np.maximum(paid, 1e-6)
    shares = np.stack([users * ~world.is_chinese, users * world.is_chinese], axis=1)
    total = shares.sum(axis=2, keepdims=True)
    return np.where(total > 0, shares / np.where(total > 0, total, 1.0), wanted)


def _price_of_fixed_capability(world: World, markup: np.ndarray) -> None:
    """Price of running a model as capable as the best of the start month: it falls with chips and algorithms."""
    labs, p, chips = world.labs, world.p, world.chips
    algorithm = row_sum(labs.algorithm * labs.share)
    margin = row_sum(markup * labs.share)
    if world.month == 0:
        world.customers.algorithm_start[:] = algorithm
        world.customers.margin_start[:] = margin
    gain = np.exp(-np.log(10.0) * p.serving_gain * (algorithm - world.customers.algorithm_start))
    world.customers.fixed_price = chips.price / chips.price_start * gain * margin / world.customers.margin_start


def _change_reputation(world: World) -> None:
    """Reputation drifts back to what safety and mission earn; attacks and incidents push it down elsewhere."""
    labs, p = world.labs, world.p
    earned = p.reputation_base + p.reputation_of_safety * labs.safety
    labs.reputation += p.reputation_recovery * (earned - labs.reputation)
    labs.reputation = np.clip(labs.reputation, 0.0, 1.0)


def suffer_incidents(world: World) -> None:
    """Reported harm grows with use; severe incidents come with capability and go with safety (section 4, rule 10).

    Nothing is known of the tail: the hazard's range is an assumption, labelled so wherever it is shown.
    """
    labs, p, nations, now = world.labs, world.p, world.nations, world.now
    best = largest(labs.capability)
    exposure = np.where(
        labs.active,
        np.exp(p.hazard_growth * np.log(10.0) * (labs.capability - p.hazard_reference) - p.hazard_safety * labs.safety),
        0.0,
    )
    near = labs.capability > best - p.race_window
    hazard = p.severe_hazard * exposure * near * (1.0 - p.treaty_hazard_cut * nations.treaty[:, US : US + 1])
    total = row_sum(hazard)
    now.severe_hazard = 1.0 - np.exp(-total)
    struck = world.luck.happens("customers.severe_incident", now.severe_hazard)[:, 0]
    if struck.any():
        severe(world, struck, choose_one(hazard, world.luck.uniform("customers.culprit", LAB_SLOTS)), 1.0)

    careless = row_sum(labs.share * (1.0 - labs.safety))
    use = customers_use(world)
    expected = (
        p.incidents_per_month
        * np.exp(p.incidents_growth * np.log(np.maximum(use, 1e-9)))
        * (p.incidents_floor + careless)
    )
    # A count near its mean, with Poisson spread, from one normal number.
    noise = world.luck.normal("customers.incidents", 1)
    now.incidents = np.maximum(np.floor(expected + np.sqrt(expected) * noise + 0.5), 0.0)
    labs.reputation = np.maximum(labs.reputation - p.incident_stain * labs.share * (1.0 - labs.safety), 0.0)


def customers_use(world: World) -> np.ndarray:
    """Use of AI relative to January 2025: sales of models, and the use of AI before there were any: (rows, 1)."""
    return (world.customers.revenue + world.p.early_use_usd_bn) / world.start["reference_revenue_usd_bn"]


def severe(world: World, struck: np.ndarray, culprit: np.ndarray, severity: float) -> None:
    """Let a severe incident happen: bool `struck` and lab slot `culprit`, both (rows,)."""
    world.now.severe_incidents += struck[:, None]
    world.nations.incidents_seen += struck[:, None] * severity
    world.regulators.incident_memory += struck[:, None] * severity
    where = np.flatnonzero(struck)
    world.labs.reputation[where, culprit[where]] *= 1.0 - at_rows(world.p.severe_stain, where) * severity
    world.log.add(world.month, "severe_incident", struck, culprit)


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
