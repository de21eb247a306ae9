"""Safety chosen from payoffs: three published small models of the choice that labs make in a race.

The monthly model plays one of four races, by `structure.safety_race`: that of `sim.model.agents.labs.race_safety`, or
one of these, with payoffs in and the choice out. All say the same thing of a lab: the chance that its own work meets no
disaster.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from sim.model.elementary import exp, log
from sim.model.rule import rule

_HALVINGS = 200  # of a bracket on log safety: far below rounding
_WIDEST_LOG_SAFETY = 60.0
_HALVINGS_A_MONTH = 48  # of a bracket of at most 60: a chance is right to ten digits
# The published examples' units, in which the parameters of the monthly model's races are stated.
_BENEFIT, _COST, _PRIZE, _ROUNDS = 4.0, 1.0, 1e4, 100.0
_PRODUCTIVITY, _DISASTER = 10.0, 1.0


# ---- two labs, safe or unsafe ------------------------------------------------------------------------------------
def dsair_payoffs(
    risk: np.ndarray | float, speed: float, benefit: float, cost: float, prize: float, rounds: float
) -> np.ndarray:
    """A lab's payoff a round in a race of two, for each pair of (own, other's) choice: (..., 2, 2), safe first.

    Safety costs `cost` a round; who skips it is `speed` times as fast and loses all with probability `risk` (...,).
    Each round's `benefit` is shared by speed; the `prize` goes to the first after `rounds` rounds of safe work, and is
    shared by equals. Source: Han, Pereira, Santos and Lenaerts (2020), the DSAIR model without detection.
    """
    kept = 1.0 - np.asarray(risk, dtype=float)
    a_round = prize / rounds
    payoffs = np.empty((*kept.shape, 2, 2))
    payoffs[..., 0, 0] = a_round / 2.0 + benefit / 2.0 - cost
    payoffs[..., 0, 1] = benefit / (speed + 1.0) - cost
    payoffs[..., 1, 0] = kept * (speed * a_round + speed * benefit / (speed + 1.0))
    payoffs[..., 1, 1] = kept * (speed * a_round / 2.0 + benefit / 2.0)
    return payoffs


def safe_is_preferred(payoffs: np.ndarray) -> np.ndarray:
    """Whether two labs are better off both safe than both unsafe: bool (...,) from payoffs (..., 2, 2)."""
    return payoffs[..., 0, 0] > payoffs[..., 1, 1]


def safe_is_chosen(payoffs: np.ndarray) -> np.ndarray:
    """Whether a lab that knows nothing of the other's choice is safe, as safe is risk-dominant: bool (...,).

    Safe pays more against a rival that is as likely to be safe as unsafe. Source: Harsanyi and Selten (1988).
    """
    return payoffs[..., 0, :].sum(axis=-1) > payoffs[..., 1, :].sum(axis=-1)


@rule
def dsair_safety(risk: float, speed: float, enmity: float, rivals: float, precision: float) -> float:
    """Chance that a lab chooses safe in `dsair_payoffs` when rivals do with chance `rivals`, and errs as in a logit.

    `precision` is per payoff of a round won alone; `enmity` (0-1) scales the prize, as a rival's win is as bad as that.
    Where nobody errs it is the best answer; against rivals as likely safe as not, `safe_is_chosen`. Source: Han and
    others (2020), who let labs imitate by the same logistic function.
    """
    a_round = _PRIZE / _ROUNDS * enmity
    alone, kept = speed * a_round + speed * _BENEFIT / (speed + 1.0), 1.0 - risk
    safe = rivals * (a_round / 2.0 + _BENEFIT / 2.0) + (1.0 - rivals) * _BENEFIT / (speed + 1.0) - _COST
    unsafe = kept * (rivals * alone + (1.0 - rivals) * (speed * a_round / 2.0 + _BENEFIT / 2.0))
    return 1.0 / (1.0 + exp(-precision * (safe - unsafe) / (a_round + _BENEFIT)))


# ---- spending on safety or on performance --------------------------------------------------------------------------
def contest_spending(
    safety: np.ndarray, labs: int, alpha: float, beta: float, theta: float, disaster: float
) -> tuple[np.ndarray, np.ndarray]:
    """What equal labs in a contest want to spend on safety and on performance when each is this safe: both (...,).

    A lab wins with its share of performance, keeps the win with the chance that no lab meets a disaster,
    (safety/(1 + safety)) of each, and else bears `disaster`; money is in units of the win. These are the first-order
    conditions of `equilibrium_safety`; spending on performance is negative where safety is too low to go on.
    """
    intact = (safety / (1.0 + safety)) ** labs
    marginal = intact / (1.0 + safety) * (1.0 / labs + disaster)
    on_safety = alpha * marginal
    on_performance = beta * (intact * (1.0 - 1.0 / labs) / labs - theta * marginal)
    return on_safety, on_performance


def equilibrium_safety(
    price: np.ndarray | float,
    alpha: float,
    beta: float,
    theta: float,
    labs: int = 2,
    productivity: float = 10.0,
    disaster: float = 1.0,
) -> np.ndarray:
    """Safety that equal labs choose at a price of compute, in the odds of no disaster: (...,) as `price`.

    Compute x on performance gives x^beta, compute z on safety gives `productivity` z^alpha / performance^theta: theta
    is the safety tax on performance. Spending is `contest_spending`, so safety s solves
    s = productivity (spent on safety / price)^alpha (spent on performance / price)^(-beta theta).
    Source: Jensen, Emery-Xu and Trager (2023). One solution at most where alpha x labs is at most 1.
    """
    price = np.asarray(price, dtype=float)
    # Below this safety a lab gains nothing by performance: the disaster it risks outweighs the win it gets nearer to.
    least = max(theta * (1.0 / labs + disaster) * labs / (1.0 - 1.0 / labs) - 1.0, 0.0)
    low = np.full(price.shape, np.log(max(least, np.exp(-_WIDEST_LOG_SAFETY))))
    high = np.full(price.shape, _WIDEST_LOG_SAFETY)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        on_safety, on_performance = contest_spending(np.exp(middle), labs, alpha, beta, theta, disaster)
        got = np.log(productivity) + alpha * np.log(on_safety / price)
        got = got - beta * theta * np.log(np.maximum(on_performance, 1e-300) / price)
        low, high = np.where(got > middle, middle, low), np.where(got > middle, high, middle)
    return np.exp((low + high) / 2.0)


@rule
def taxed_safety(price: float, alpha: float, beta: float, theta: float, labs: int) -> float:
    """Chance that no disaster comes from one of equal labs: `equilibrium_safety` s at this price as s/(1 + s)."""
    least = max(theta * (1.0 / labs + _DISASTER) * labs / (1.0 - 1.0 / labs) - 1.0, 1e-9)
    low, high = log(least), _WIDEST_LOG_SAFETY
    for _ in range(_HALVINGS_A_MONTH):
        middle = (low + high) / 2.0
        # `contest_spending`, in logs where powers are taken.
        odds = exp(middle)
        intact = exp(labs * (middle - log(1.0 + odds)))
        marginal = intact / (1.0 + odds) * (1.0 / labs + _DISASTER)
        on_safety = alpha * marginal
        on_performance = beta * (intact * (1.0 - 1.0 / labs) / labs - theta * marginal)
        got = log(_PRODUCTIVITY) + alpha * log(max(on_safety, 1e-300) / price)
        got -= beta * theta * log(max(on_performance, 1e-300) / price)
        if got > middle:
            low = middle
        else:
            high = middle
    return 1.0 - 1.0 / (1.0 + exp((low + high) / 2.0))


# ---- a share of effort on safety, the rest on capability -------------------------------------------------------------
@rule
def contest_safety(chance: float, enmity: float, weight: float, gain: float) -> float:
    """Chance p that a lab is safe when it divides its effort: s on safety, 1 - s on capability.

    p = k s/(k s + 1 - s) with `gain` k; the lab wins with `chance` c, its share of all labs' (1 - s)^w with `weight` w
    (Tullock 1980); all lose unless all are safe; if a rival wins, 1 - `enmity` e of the win is left to it. The first
    order condition, given c, is (k-1) p^2 - (2k - 1 + w q) p + k = 0 with q = e c (1-c)/(1 - e (1-c)), smaller root.
    With n equals and e = 1 it is n(k-1) p^2 - (n(2k-1) + w(n-1)) p + nk = 0.
    """
    felt = enmity * chance * (1.0 - chance) / max(1.0 - enmity * (1.0 - chance), 1e-9)
    b = 2.0 * gain - 1.0 + weight * felt
    return 2.0 * gain / (b + sqrt(max(b * b - 4.0 * (gain - 1.0) * gain, 0.0)))
