"""Published results on money and chips beside the rules of the simulator, as in `sim/model/published.py`."""

from __future__ import annotations

from math import exp, log, sin

import numpy as np
from scipy.optimize import minimize_scalar

from sim.common.arguments import number, takes, whole
from sim.model.agents.labs import outlay_for_prize
from sim.model.institutions.capital import dilute, share_sold
from sim.model.institutions.chips import market_clearing_price
from sim.model.institutions.plants import expansion_wanted
from sim.model.money import Owner
from sim.model.published import DRAWS, Estimate
from sim.model.state import OWNERS, PLANT_LAG_MONTHS

_NO_LIMIT = 1e9  # on how fast plant is given up
_HALVINGS = 40
_LONG = 1200     # months after which what grows has grown
_ROUNDING = 1e-12  # of a log of capacity that has come to rest
_RUN_AWAY = 50.0  # a log at which capacity has exploded

_BUILDING = {"response": number(0.0, 20.0), "elasticity": number(0.01, 100.0)}
_AUCTION = {"scarcity": number(1.0, 1e6), "elasticity": number(above=0.0, most=100.0)}
_ROUNDS = {"rounds": whole(0, 1000), "sold": number(0.0, below=1.0)}
_PRIZE = {"rivals": whole(2, 10**6), "prize": number(0.0, 1e12)}


# ---- V15: time to build ---------------------------------------------------------------------------------------------
@takes(**_BUILDING, months=whole(0, 10**5))
def plant_path(response: float, elasticity: float, months: int) -> Estimate:
    """Log of capacity over what it settles at, some months after it was 0.01 above, with orders as they are.

    Makers answer the margin by `expansion_wanted`, the price is `market_clearing_price`, and plant takes
    `PLANT_LAG_MONTHS` to build. Source: Kydland and Prescott (1982), time to build.
    """
    return Estimate(_path(response, elasticity, months)[-1])


def _path(response: float, elasticity: float, months: int) -> list[float]:
    capacity, under_way, path = exp(0.01), [0.0] * PLANT_LAG_MONTHS, [0.01]
    for month in range(months):
        if abs(path[-1]) > _RUN_AWAY:
            return path
        margin = log(market_clearing_price(1.0, 1.0, capacity, elasticity))
        ripe = under_way[month % PLANT_LAG_MONTHS]
        under_way[month % PLANT_LAG_MONTHS] = expansion_wanted(0.0, 0.0, 0.0, response, margin, _NO_LIMIT)
        capacity *= exp(ripe / 12.0)
        path.append(log(capacity))
    return path


@takes(**_BUILDING, months=whole(0, 10**5))
def plant_closed_form(response: float, elasticity: float, months: int) -> float:
    """x of x[t+1] = x[t] - k x[t-L], x = 0.01 up to the start: sums of powers of the roots of z^(L+1) = z^L - k.

    k = response / (12 elasticity), L = `PLANT_LAG_MONTHS`. The first L months stand still, as nothing was under way.
    """
    lag, strength = PLANT_LAG_MONTHS, response / (12.0 * elasticity)
    if months <= lag or strength == 0.0:
        return 0.01
    roots = np.roots([1.0, -1.0, *[0.0] * (lag - 1), strength])
    before = np.vander(roots, lag + 1, increasing=True).T  # x at lag + 1 months in a row, all 0.01
    weights = np.linalg.solve(before, np.full(lag + 1, 0.01))
    return float(np.real(weights @ roots ** months))


@takes(lag=whole(1, 1000))
def overshoots_from(lag: int) -> float:
    """The strength k of an answer, per month, from which capacity overshoots: L^L / (L+1)^(L+1)."""
    return float(lag ** lag / (lag + 1.0) ** (lag + 1))


@takes(lag=whole(1, 1000))
def explodes_from(lag: int) -> float:
    """The strength k from which booms and gluts grow: 2 sin(pi / (2 (2 L + 1))). Source: Levin and May (1976)."""
    return 2.0 * sin(np.pi / (2.0 * (2.0 * lag + 1.0)))


def measured_thresholds() -> tuple[float, float]:
    """The same two, per month, found by halving on the paths of the rules."""
    overshoot = _halve(lambda k: min(_path(12.0 * k, 1.0, _LONG)) < -_ROUNDING)
    explode = _halve(lambda k: max(map(abs, _path(12.0 * k, 1.0, _LONG)[-100:])) > 0.01)
    return overshoot, explode


def _halve(happens: object) -> float:
    low, high = 0.0, 0.3
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if happens(middle) else (middle, high)  # type: ignore[operator]
    return (low + high) / 2.0


# ---- V16: a scarce good, and shares ---------------------------------------------------------------------------------
@takes(**_AUCTION, draws=whole(100, 10**7), seed=whole(0))
def auction_price(scarcity: float, elasticity: float, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Price over the lowest bid at which buyers' bids are as many as there is to sell, in a uniform-price auction.

    `scarcity` times as many buyers as goods bid what the good is worth to them, which is spread by Pareto's law with
    `elasticity` as its exponent. Bids are drawn; the price is the lowest that is served.
    """
    luck = np.random.Generator(np.random.Philox(key=seed))
    bids = np.sort(1.0 + luck.pareto(elasticity, draws))[::-1]
    served = max(round(draws / scarcity), 1)
    # The error of an order statistic: that of its rank, over how dense bids are there.
    rank_error = (served / draws * (1.0 - served / draws) / draws) ** 0.5
    return Estimate(float(bids[served - 1]), float(bids[served - 1] * rank_error * scarcity / elasticity))


@takes(**_AUCTION)
def auction_closed_form(scarcity: float, elasticity: float) -> float:
    """scarcity^(1 / elasticity): the rule `market_clearing_price`, by which the simulator prices chips."""
    return float(market_clearing_price(1.0, scarcity, 1.0, elasticity))


@takes(**_ROUNDS)
def founders_share(rounds: int, sold: float) -> Estimate:
    """Founders' share after rounds that each sell the share `sold`, by the rules `share_sold` and `dilute`."""
    owned = np.zeros(len(OWNERS))
    owned[Owner.founders] = 1.0
    for _ in range(rounds):
        # Of a lab worth 1 before the round, this much money buys that share.
        dilute(owned, share_sold(sold / (1.0 - sold), 1.0), Owner.investors)
    return Estimate(float(owned[Owner.founders]))


@takes(**_ROUNDS)
def founders_closed_form(rounds: int, sold: float) -> float:
    """(1 - sold)^rounds. Source: any text on venture finance, as Metrick and Yasuda (2010)."""
    return float((1.0 - sold) ** rounds)


# ---- V17: what a prize is worth fighting for ------------------------------------------------------------------------
@takes(**_PRIZE)
def best_outlay(rivals: int, prize: float = 1.0) -> Estimate:
    """The best reply to rivals who each spend what the rule `outlay_for_prize` says, found by search: the same."""
    others = (rivals - 1.0) * outlay_for_prize(float(rivals), 1.0)
    found = minimize_scalar(lambda x: x - x / (x + others), bounds=(1e-12, 1.0), method="bounded",
                            options={"xatol": 1e-10})
    return Estimate(float(found.x) * prize)


@takes(**_PRIZE)
def outlay_closed_form(rivals: int, prize: float = 1.0) -> float:
    """(n - 1) / n^2 of the prize. Source: Tullock (1980), Efficient rent seeking."""
    return (rivals - 1.0) / rivals**2 * prize
