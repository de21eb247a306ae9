"""Published results beside the rules of the simulator: the same arguments to both, for anyone to compare.

    from sim.model.published import armstrong_risk, armstrong_closed_form
    armstrong_risk(2, enmity=1.0, mu=2.0, information=2)          # Estimate(value=0.4166..., standard_error=0.0006)
    armstrong_closed_form(2, enmity=1.0, mu=2.0, information=2)   # 0.41666...

Each pair is named alike: the first plays the rule that the simulation calls (or, for V2 and V3, the rules of
`sim.model.agents.safety_choice`) and reports what comes out, with the standard error of its draws, 0 where nothing is
drawn; the second is what the paper says. Draws come from Philox with the seed as its key: the same arguments give the
same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import exp, log, log2, sqrt
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from sim.common import arguments
from sim.common.arguments import ArgumentError, Check, number, probability, shown, takes, whole
from sim.model.agents.labs import NO_INFORMATION, PRIVATE_INFORMATION, PUBLIC_INFORMATION, race_safety_of_many
from sim.model.agents.nations import richardson_rate
from sim.model.agents.powers import quantal_response
from sim.model.agents.regulators import complies, detection
from sim.model.agents.safety_choice import (
    contest_safety,
    dsair_payoffs,
    equilibrium_safety,
    safe_is_chosen,
    safe_is_preferred,
)
from sim.model.agents.training import level_before
from sim.model.agents.treaties import cooperation_lasts
from sim.model.institutions.chips import wright_cost
from sim.model.institutions.courts import go_to_trial, screening_offer
from sim.model.institutions.customers import (
    adoption_step,
    choose_again,
    gain_from_choice,
    goodwill_step,
    logit_shares,
)

DRAWS = 100_000
_TIE = 1e-12     # scores equal but for rounding
_MOST_ODDS = 700.0  # that exp still holds
_HALVINGS = 60   # of a bracket of width 1: down to rounding


_REGIMES = {"none": NO_INFORMATION, "private": PRIVATE_INFORMATION, "public": PUBLIC_INFORMATION}


# ---- what may be asked -----------------------------------------------------------------------------------------------
def _regime(name: str, value: Any) -> int:
    """What labs know of abilities: 0, 1, 2, or in words as in `regulation.information`."""
    if isinstance(value, str) and value in _REGIMES:
        return _REGIMES[value]
    if not arguments.is_whole(value) or value not in _REGIMES.values():
        raise ArgumentError(f'{name} must be 0 or "none", 1 or "private", 2 or "public", not {shown(value)}')
    return int(value)


def _range(name: str, value: Any) -> tuple[float, float]:
    """Two numbers, the first at most the second."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ArgumentError(f"{name} must be two numbers, the lowest and the highest, not {shown(value)}")
    low, high = (number()(f"{name}[{place}]", each) for place, each in enumerate(value))
    if low > high:
        raise ArgumentError(f"{name} must be two numbers, the lowest and the highest, not {shown(value)}")
    return low, high


def _offers(name: str, value: Any) -> list[float]:
    """The utility of each offer."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence | np.ndarray) or not len(value):
        raise ArgumentError(f"{name} must be a list of numbers, one for each offer, not {shown(value)}")
    return [number(-700.0, 700.0)(f"{name}[{place}]", each) for place, each in enumerate(value)]


_POSITIVE, _NOT_NEGATIVE = number(above=0.0, most=1e12), number(0.0, 1e12)
_DRAWN: dict[str, Check] = {"draws": whole(1, 10**8), "seed": arguments.seed}
_RACE: dict[str, Check] = {"n": whole(1, 1000), "enmity": number(above=0.0, most=1.0), "mu": _POSITIVE,
                           "information": _regime}
_CHOICE: dict[str, Check] = {"speed": number(1.0, 1e6), "benefit": _NOT_NEGATIVE, "cost": _NOT_NEGATIVE,
                             "prize": _POSITIVE, "rounds": _POSITIVE}
_TAX: dict[str, Check] = {"alpha": number(above=0.0, most=10.0), "beta": number(above=0.0, most=10.0),
                          "theta": number(0.0, 10.0), "price": _POSITIVE, "labs": whole(2, 1000),
                          "productivity": _POSITIVE, "disaster": _NOT_NEGATIVE}
_LOOKS: dict[str, Check] = dict.fromkeys(
    ("audit", "false_negative", "backcheck", "whistleblower", "monitoring"), probability)
_DETERRENCE: dict[str, Check] = {"gains": _range, "penalty": _NOT_NEGATIVE, **_LOOKS}
_SUIT: dict[str, Check] = {"cost": _NOT_NEGATIVE, "stake": _POSITIVE, "low": probability, "high": probability}
_TRIAL: dict[str, Check] = {"signal_sd": number(above=0.0, most=100.0), "standard": number(-10.0, 10.0),
                            "cost_to_stake": number(above=0.0, below=1.0)}
_RIVALS: dict[str, Check] = {**dict.fromkeys(("a", "b", "m", "n"), number(0.0, 10.0)),
                             **dict.fromkeys(("r", "s"), number(-1e6, 1e6))}
_DILEMMA: dict[str, Check] = dict.fromkeys(("temptation", "reward", "punishment"), number(-1e12, 1e12))
_GAME: dict[str, Check] = {"precision": number(0.0, 100.0), **dict.fromkeys(
    ("temptation", "reward", "punishment", "sucker"), number(-1.0, 1.0))}
_LEARNING: dict[str, Check] = {"doublings": number(0.0, 1000.0), "progress_ratio": number(above=0.0, most=1.0)}
_DIFFUSION: dict[str, Check] = {"years": number(0.0, 1000.0), "innovation": number(above=0.0, most=10.0),
                                "imitation": number(0.0, 10.0)}
_HABIT: dict[str, Check] = {"months": whole(0, 10**5), "choosing": number(above=0.0, below=1.0),
                            "advantage": number(-700.0, 700.0)}
_CROWD: dict[str, Check] = {"herding": number(0.0, 100.0)}

_FOLLOWER: dict[str, Check] = {"ratio": number(above=0.0, most=1.0), "delay": number(0.0, 120.0),
                               "growth": number(0.1, 10.0), "algorithms": number(0.0, 10.0)}
_EFFORT: dict[str, Check] = {"labs": whole(2, 1000), "weight": number(0.0, 1e6), "gain": number(1.0, 1e6)}


def _in_order(**values: float) -> None:
    """ArgumentError unless the values fall, as they are named."""
    found = list(values.items())
    for (name, value), (lower, least) in pairwise(found):
        if not value > least:
            raise ArgumentError(f"{name} must be above {lower}, not {value:g} with {lower} {least:g}")


class Estimate(NamedTuple):
    """What a rule gives, and the standard error of its draws; 0 where nothing is drawn."""

    value: float
    standard_error: float = 0.0


def _luck(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


def _mean(values: np.ndarray) -> Estimate:
    return Estimate(float(values.mean()), float(values.std() / sqrt(len(values))))


# ---- V1: the race to the precipice ----------------------------------------------------------------------------------
@takes(**_RACE, **_DRAWN)
def armstrong_risk(
    n: int, enmity: float, mu: float, information: int, draws: int = DRAWS, seed: int = 0
) -> Estimate:
    """The winner's risk in races of `n` labs with abilities drawn from U[0, mu]: one less its safety.

    The lab with the largest ability less safety wins. `information` is 0, 1, 2 for none, private, public, or that word.
    Source: Armstrong, Bostrom and Shulman (2016); rule `race_safety`.
    """
    ability = _luck(seed).uniform(0.0, mu, (draws, n))
    safety = race_safety_of_many(ability, enmity, mu, information)
    score = ability - safety
    # In equilibrium the leader spends its whole lead on safety; the tie is the leader's, as in the paper.
    tied = score >= score.max(axis=1, keepdims=True) - _TIE
    winner = np.where(tied, ability, -np.inf).argmax(axis=1)
    return _mean(1.0 - safety[np.arange(draws), winner])


@takes(**_RACE)
def armstrong_closed_form(n: int, enmity: float, mu: float, information: int) -> float:
    """The paper's expected risk; arguments as in `armstrong_risk`."""
    if information == NO_INFORMATION:
        return max(0.0, 1.0 - mu / (n * enmity))
    if information == PRIVATE_INFORMATION:
        k = 1.0 + enmity * (n - 1)
        return 1.0 - n * mu / ((n + 1) * k) if mu <= k else (k / mu) ** n / (n + 1)
    if mu <= enmity:
        return 1.0 - mu / (enmity * (n + 1))
    return 1.0 - mu / (enmity * (n + 1)) * (1.0 - (1.0 - enmity / mu) ** (n + 1))


# ---- V2: safe or unsafe ---------------------------------------------------------------------------------------------
@takes(**_CHOICE)
def dsair_thresholds(
    speed: float, benefit: float = 4.0, cost: float = 1.0, prize: float = 1e4, rounds: float = 100.0
) -> tuple[Estimate, Estimate]:
    """The risk of disaster above which two labs are better off safe, and above which a lab chooses to be.

    Found by halving, from the choices alone. Source: Han et al. (2020); rules `dsair_payoffs`, `safe_is_preferred`,
    `safe_is_chosen`. The arguments are those of `dsair_payoffs`.
    """
    found = []
    for choice in (safe_is_preferred, safe_is_chosen):
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            safe = bool(choice(dsair_payoffs(middle, speed, benefit, cost, prize, rounds)))
            low, high = (low, middle) if safe else (middle, high)
        found.append(Estimate(high))
    return found[0], found[1]


@takes(**_CHOICE)
def dsair_closed_form(
    speed: float, benefit: float = 4.0, cost: float = 1.0, prize: float = 1e4, rounds: float = 100.0
) -> tuple[float, float]:
    """Both thresholds by algebra; as prize/rounds grows they tend to 1 - 1/s and 1 - 1/(3s)."""
    whole = prize / rounds
    social = 1.0 - (whole + benefit - 2.0 * cost) / (speed * whole + benefit)
    safe = whole / 2.0 + benefit / 2.0 - 2.0 * cost + benefit / (speed + 1.0)
    unsafe = 1.5 * speed * whole + speed * benefit / (speed + 1.0) + benefit / 2.0
    return social, 1.0 - safe / unsafe


# ---- V3: the safety tax ---------------------------------------------------------------------------------------------
@takes(**_TAX, span=number(above=1.0, most=1e3))
def safety_tax_slope(
    alpha: float, beta: float, theta: float, price: float = 0.1, labs: int = 2, productivity: float = 10.0,
    disaster: float = 1.0, span: float = 2.0,
) -> Estimate:
    """Percent by which labs' safety changes for a percent of compute's price, from price/span to price x span.

    Source: Jensen, Emery-Xu and Trager (2023); rule `equilibrium_safety`, whose arguments these are.
    """
    prices = np.array([price / span, price * span])
    ends = equilibrium_safety(prices, alpha, beta, theta, labs, productivity, disaster)
    return Estimate(log(ends[1] / ends[0]) / (2.0 * log(span)))


@takes(**_TAX)
def safety_tax_closed_form(
    alpha: float, beta: float, theta: float, price: float = 0.1, labs: int = 2, productivity: float = 10.0,
    disaster: float = 1.0,
) -> float:
    """The slope at `price` by implicit differentiation: beta theta - alpha, the paper's sign, over a positive number.

    The number is 1 - alpha g + beta theta h, with g and h the percents by which spending on safety and on performance
    rise with a percent of safety.
    """
    s = float(equilibrium_safety(price, alpha, beta, theta, labs, productivity, disaster))
    feared = theta * (1.0 / labs + disaster) / (1.0 + s)
    g = labs - (labs + 1) * s / (1.0 + s)
    h = labs / (1.0 + s) + feared * s / (1.0 + s) / ((1.0 - 1.0 / labs) / labs - feared)
    return (beta * theta - alpha) / (1.0 - alpha * g + beta * theta * h)


# ---- V14: effort on safety or on capability --------------------------------------------------------------------------
@takes(**_EFFORT)
def contest_survival(labs: int, weight: float, gain: float) -> Estimate:
    """Chance that all of `labs` equals are safe when each divides its effort between safety and capability.

    Rule `contest_safety`, whose arguments `weight` and `gain` are; to each a rival's win is as bad as disaster.
    """
    return Estimate(contest_safety(1.0 / labs, 1.0, weight, gain) ** labs)


@takes(**_EFFORT)
def contest_closed_form(labs: int, weight: float, gain: float) -> float:
    """p^n, with p the smaller root of n(k-1) p^2 - (n(2k-1) + w(n-1)) p + nk = 0."""
    terms = (labs * (gain - 1.0), -(labs * (2.0 * gain - 1.0) + weight * (labs - 1)), labs * gain)
    return float(min(np.roots(terms).real)) ** labs


# ---- V4: deterrence -------------------------------------------------------------------------------------------------
@takes(**_DETERRENCE, **_DRAWN)
def deterrence_share(
    gains: tuple[float, float], penalty: float, audit: float, false_negative: float, backcheck: float = 0.0,
    whistleblower: float = 0.0, monitoring: float = 0.0, draws: int = DRAWS, seed: int = 0,
) -> Estimate:
    """Share of firms that comply when their gains from a breach are even between the two `gains`.

    Source: Becker (1968); rules `detection` and `complies`.
    """
    gain = _luck(seed).uniform(*gains, draws)
    found = detection(audit, false_negative, backcheck, whistleblower, monitoring)
    return _mean(np.array([complies(found, penalty, each) for each in gain.tolist()]))


@takes(**_DETERRENCE)
def deterrence_closed_form(
    gains: tuple[float, float], penalty: float, audit: float, false_negative: float, backcheck: float = 0.0,
    whistleblower: float = 0.0, monitoring: float = 0.0,
) -> float:
    """The share whose gain is at most detection times penalty; arguments as in `deterrence_share`."""
    stakes = penalty * audit * (1.0 - false_negative * (1 - backcheck) * (1 - whistleblower) * (1 - monitoring))
    low, high = gains
    return float(stakes >= low) if high == low else min(max((stakes - low) / (high - low), 0.0), 1.0)


@takes(**_LOOKS, **_DRAWN)
def detection_played(
    audit: float, false_negative: float, backcheck: float, whistleblower: float, monitoring: float,
    draws: int = DRAWS, seed: int = 0,
) -> Estimate:
    """Share of breaches found when audits are played out look by look; the rule `detection` is its closed form."""
    looks = _luck(seed).uniform(size=(5, draws))
    saved = (looks[2] < backcheck) | (looks[3] < whistleblower) | (looks[4] < monitoring)
    return _mean((looks[0] < audit) & ((looks[1] >= false_negative) | saved))


# ---- V5: settlement by screening ------------------------------------------------------------------------------------
@takes(**_SUIT, **_DRAWN)
def bebchuk_trials(
    cost: float, stake: float = 1.0, low: float = 0.0, high: float = 1.0, draws: int = DRAWS, seed: int = 0
) -> Estimate:
    """Share of suits that are tried when defendants, whose odds are even on [low, high], meet the plaintiff's demand.

    A defendant pays if a trial would cost it more, half of `cost` being its own. Source: Bebchuk (1984); rule
    `screening_offer`.
    """
    _in_order(high=high, low=low)
    demand, _ = screening_offer(cost, stake, low, high)
    odds = _luck(seed).uniform(low, high, draws)
    return _mean(odds * stake + cost / 2.0 < demand)


@takes(**_SUIT)
def bebchuk_closed_form(cost: float, stake: float = 1.0, low: float = 0.0, high: float = 1.0) -> float:
    """1 - cost / (stake (high - low)), at least 0."""
    _in_order(high=high, low=low)
    return max(0.0, 1.0 - cost / (stake * (high - low)))


# ---- V6: selection for trial ----------------------------------------------------------------------------------------
@takes(**_TRIAL, **_DRAWN)
def priest_klein(
    signal_sd: float, standard: float = 1.0, cost_to_stake: float = 1.0 / 3.0, draws: int = 10 * DRAWS, seed: int = 0
) -> tuple[Estimate, Estimate]:
    """Share of suits that are tried, and the plaintiffs' win rate among them.

    Cases are standard normal; the plaintiff wins above `standard`. Source: Priest and Klein (1984); rule
    `goes_to_trial`.
    """
    tried, wins = go_to_trial(_luck(seed).standard_normal((3, draws)), signal_sd, standard, cost_to_stake)
    return _mean(tried), _mean(wins[tried]) if tried.any() else Estimate(float("nan"))


@takes(**_TRIAL)
def priest_klein_closed_form(
    signal_sd: float, standard: float = 1.0, cost_to_stake: float = 1.0 / 3.0
) -> tuple[float, float]:
    """The same two by integration over cases and over the defendant's error; the win rate tends to 1/2 with the sd."""
    z, tried_at = _tried_at(cost_to_stake)
    density = tried_at * np.exp(-((standard + signal_sd * z) ** 2) / 2.0) * signal_sd / sqrt(2.0 * np.pi)
    tried = float(np.trapezoid(density, z))
    return tried, float(np.trapezoid(density[z >= 0.0], z[z >= 0.0])) / tried


@cache
def _tried_at(cost_to_stake: float) -> tuple[np.ndarray, np.ndarray]:
    """A case's distance from the standard, in errors, and the chance that it is tried."""
    z = np.arange(-900, 901) / 100.0
    error = np.arange(-800, 801) / 100.0
    weight = np.exp(-(error**2) / 2.0) * 0.01 / sqrt(2.0 * np.pi)
    odds = cost_to_stake + ndtr(z[:, None] + error[None, :])
    needed = np.where(odds < 1.0, ndtri(np.minimum(odds, 1.0)) - z[:, None], np.inf)
    return z, (ndtr(-needed) * weight).sum(axis=1)


# ---- V7: arms races -------------------------------------------------------------------------------------------------
@takes(**_RIVALS, years=number(0.0, 1000.0), step=number(1e-3, 0.1))
def richardson_race(
    a: float, b: float, m: float, n: float, r: float, s: float, years: float = 80.0, step: float = 0.01
) -> tuple[Estimate, Estimate]:
    """Two rivals' hostility after some years from nothing, by small steps of the rule `richardson_rate`.

    x' = a y - m x + r and y' = b x - n y + s. Source: Richardson (1960).
    """
    x = y = 0.0
    for _ in range(round(years / step)):
        x, y = x + step * richardson_rate(x, y, a, m, r), y + step * richardson_rate(y, x, b, n, s)
    return Estimate(x), Estimate(y)


@takes(**_RIVALS)
def richardson_closed_form(a: float, b: float, m: float, n: float, r: float, s: float) -> tuple[float, float]:
    """The equilibrium of a stable race, and infinity for a race that runs away (a b >= m n)."""
    gap = m * n - a * b
    return ((n * r + a * s) / gap, (m * s + b * r) / gap) if gap > 0.0 else (float("inf"), float("inf"))


# ---- V8: treaties ---------------------------------------------------------------------------------------------------
@takes(**_DILEMMA)
def treaty_threshold(temptation: float, reward: float, punishment: float) -> Estimate:
    """The least discount factor at which the rule `cooperation_lasts` keeps a treaty, found by halving."""
    _in_order(temptation=temptation, reward=reward, punishment=punishment)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        kept = bool(cooperation_lasts(middle, temptation, reward, punishment))
        low, high = (low, middle) if kept else (middle, high)
    return Estimate(high)


@takes(**_DILEMMA)
def treaty_closed_form(temptation: float, reward: float, punishment: float) -> float:
    """Where keeping, reward / (1 - d), equals betraying, temptation + d punishment / (1 - d)."""
    _in_order(temptation=temptation, reward=reward, punishment=punishment)
    return (temptation - reward) / (temptation - punishment)


# ---- V9: choice, learning, adoption ---------------------------------------------------------------------------------
@takes(utility=_offers, **_DRAWN)
def logit_choice(utility: Sequence[float], draws: int = DRAWS, seed: int = 0) -> list[tuple[Estimate, float]]:
    """For each offer: the share of buyers with Gumbel tastes who like it best, and the rule `logit_shares`."""
    liked = np.asarray(utility) + _luck(seed).gumbel(size=(draws, len(utility)))
    chosen = liked.argmax(axis=1)
    rule = np.empty(len(utility))
    logit_shares(np.asarray(utility, float), np.ones(len(utility), np.uint8), rule)
    return [(_mean(chosen == i), float(rule[i])) for i in range(len(utility))]


@takes(utility=_offers)
def logit_closed_form(utility: Sequence[float]) -> list[float]:
    """exp(u) over the sum of exp(u). Source: McFadden (1974)."""
    weights = [exp(u - max(utility)) for u in utility]
    return [weight / sum(weights) for weight in weights]


@takes(**_LEARNING)
def wright_price(doublings: float, progress_ratio: float) -> Estimate:
    """Unit cost relative to the start after output has doubled so often, by the rule `wright_cost`."""
    return Estimate(wright_cost(2.0**doublings, 1.0, log2(1.0 / progress_ratio)))


@takes(**_LEARNING)
def wright_closed_form(doublings: float, progress_ratio: float) -> float:
    """Each doubling leaves `progress_ratio` of the cost. Source: Wright (1936)."""
    return float(progress_ratio**doublings)


@takes(**_FOLLOWER)
def follower_lag(ratio: float, delay: float, growth: float, algorithms: float) -> Estimate:
    """Months by which a follower lags that has `ratio` of the leader's compute and learns its algorithms late.

    The leader's effective compute grows by `growth`, its algorithms by `algorithms` orders of magnitude a year, at most
    `growth`; the follower knows by the rule `level_before` what was known `delay` months before.
    """
    if algorithms > growth:
        raise ArgumentError(f"algorithms must be at most growth, {growth:g}, not {algorithms:g}")
    months = np.arange(601)
    known = algorithms / 12.0 * months
    leader = growth / 12.0 * months
    last = int(months[-1])
    own = leader[last] - known[last] + np.log10(ratio) + level_before(known, last, delay, algorithms / 12.0)
    return Estimate(float(last - np.interp(own, leader, months)))


@takes(**_FOLLOWER)
def follower_closed_form(ratio: float, delay: float, growth: float, algorithms: float) -> float:
    """12 log10(1/ratio)/growth + delay algorithms/growth: the lag that compute and that delay leave, in months."""
    if algorithms > growth:
        raise ArgumentError(f"algorithms must be at most growth, {growth:g}, not {algorithms:g}")
    return 12.0 * float(np.log10(1.0 / ratio)) / growth + delay * algorithms / growth


@takes(**_DIFFUSION, steps=whole(1, 10**6))
def bass_adoption(years: float, innovation: float, imitation: float, steps: int = 60) -> Estimate:
    """Adoption after some years from nothing, by so many steps of the rule `adoption_step`."""
    adoption = 0.0
    for _ in range(steps):
        adoption = adoption_step(adoption, innovation, imitation, years / steps)
    return Estimate(adoption)


@takes(**_DIFFUSION)
def bass_closed_form(years: float, innovation: float, imitation: float) -> float:
    """(1 - exp(-(p+q) t)) / (1 + q/p exp(-(p+q) t)). Source: Bass (1969)."""
    fade = exp(-(innovation + imitation) * years)
    return (1.0 - fade) / (1.0 + imitation / innovation * fade)


# ---- V10: habit and the crowd ---------------------------------------------------------------------------------------
def _two_choose(months: int, choosing: float, advantage: float, herding: float, share: float) -> float:
    """The first of two labs' share when customers choose in turns, and use earns brands that fade within a month."""
    shares, brand, wanted = np.array([share, 1.0 - share]), np.zeros(2), np.empty(2)
    offered = np.ones(2, np.uint8)
    for _ in range(months):
        for lab in range(2):
            brand[lab] = goodwill_step(brand[lab], 1.0, herding * shares[lab])
        logit_shares(brand + np.array([advantage, 0.0]), offered, wanted)
        choose_again(shares, wanted, choosing)
    return float(shares[0])


@takes(**_HABIT)
def habit(months: int, choosing: float, advantage: float) -> Estimate:
    """Share, after some months, of a newcomer whose offer is better by `advantage`, where some choose anew each month.

    Rules `logit_shares` and `choose_again`. Source: logit with customers who choose in turns (Calvo 1983).
    """
    return Estimate(_two_choose(months, choosing, advantage, 0.0, 0.0))


@takes(**_HABIT)
def habit_closed_form(months: int, choosing: float, advantage: float) -> float:
    """L (1 - (1 - choosing)^months), L the logit share: the gap halves every ln(1/2) / ln(1 - choosing) months."""
    return (1.0 - (1.0 - choosing) ** months) / (1.0 + exp(-advantage))


@takes(**_CROWD, months=whole(1, 10**6))
def crowd(herding: float, months: int = 4000) -> Estimate:
    """Where the share of the larger of two like labs, at first 0.99, comes to rest if use by all earns `herding`.

    Rules `goodwill_step`, `logit_shares`, `choose_again`. Source: Brock and Durlauf (2001).
    """
    return Estimate(_two_choose(months, 0.1, 0.0, herding, 0.99))


@takes(**_CROWD)
def crowd_closed_form(herding: float) -> float:
    """The largest s with s = 1 / (1 + exp(-herding (2 s - 1))): one half up to a herding of 2, where leads last."""
    low, high = 0.5, 1.0
    for _ in range(_HALVINGS if herding > 2.0 else 0):
        middle = (low + high) / 2.0
        low, high = (middle, high) if middle < 1.0 / (1.0 + exp(-herding * (2.0 * middle - 1.0))) else (low, middle)
    return low


# ---- V11: what users gain -------------------------------------------------------------------------------------------
@takes(utility=_offers, **_DRAWN)
def choice_value(utility: Sequence[float], draws: int = DRAWS, seed: int = 0) -> Estimate:
    """What the best offer is worth, in utility, to users with Gumbel tastes of mean 0, on average.

    Source: McFadden (1974).
    """
    tastes = _luck(seed).gumbel(size=(draws, len(utility))) - np.euler_gamma
    return _mean((np.asarray(utility) + tastes).max(axis=1))


@takes(utility=_offers)
def choice_log_sum(utility: Sequence[float]) -> Estimate:
    """The same by the rule `logit_shares`, which simulated users' gains come from."""
    shares = np.empty(len(utility))
    return Estimate(logit_shares(np.asarray(utility, float), np.ones(len(utility), np.uint8), shares))


@takes(utility=_offers)
def choice_closed_form(utility: Sequence[float]) -> float:
    """ln of the sum of exp(u). Source: Small and Rosen (1981)."""
    best = max(utility)
    return best + log(sum(exp(u - best) for u in utility))


@takes(utility=_offers, without=number(-700.0, 700.0), thrift=number(above=0.0, most=100.0))
def users_gain(utility: Sequence[float], without: float = 0.0, thrift: float = 1.0) -> Estimate:
    """What users gain for a dollar spent, against doing without: the rule `gain_from_choice`.

    `thrift` is the weight of the log of price in utility, so thrift over spending the marginal utility of a dollar.
    """
    return Estimate(gain_from_choice(choice_log_sum(utility).value, without, thrift))


@takes(utility=_offers, without=number(-700.0, 700.0), thrift=number(above=0.0, most=100.0))
def users_gain_closed_form(utility: Sequence[float], without: float = 0.0, thrift: float = 1.0) -> float:
    """(ln of the sum of exp(u), doing without among the offers, less what doing without is worth) / thrift."""
    return (choice_closed_form([*utility, without]) - without) / thrift


# ---- V12: logit choice in games -------------------------------------------------------------------------------------
@takes(**_GAME)
def quantal_game(
    precision: float, temptation: float, reward: float, punishment: float, sucker: float
) -> Estimate:
    """Chance that each of two powers steps up in the game of these payoffs, when both choose by `quantal_response`.

    Stepping up pays `temptation` against one that holds and `punishment` against one that steps up, holding `reward`
    and `sucker`. Found by halving, as the chance that is the answer to itself. Source: McKelvey and Palfrey (1995).
    """
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        chance = (low + high) / 2.0
        gain = (1.0 - chance) * (temptation - reward) + chance * (punishment - sucker)
        answer, _ = quantal_response(gain, 0.0, precision, True, False)
        low, high = (chance, high) if answer > chance else (low, chance)
    return Estimate((low + high) / 2.0)


@takes(**_GAME)
def quantal_closed_form(
    precision: float, temptation: float, reward: float, punishment: float, sucker: float
) -> float:
    """The logit equilibrium: log(p / (1 - p)) = precision x gain(p); at 0 a toss, at infinity Nash's equilibrium.

    Where the gain is the same whatever the other does, p = 1 / (1 + exp(-precision x gain)).
    """
    alone, against = temptation - reward, punishment - sucker
    if alone == against:
        return 1.0 / (1.0 + exp(-min(max(precision * alone, -_MOST_ODDS), _MOST_ODDS)))
    odds = brentq(lambda x: x - precision * (alone + (against - alone) / (1.0 + exp(-x))), -_MOST_ODDS, _MOST_ODDS,
                  xtol=1e-13)
    return 1.0 / (1.0 + exp(-odds))
