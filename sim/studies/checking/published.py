"""Published results: curves of the simulator's rules beside the papers', and the numbers that papers give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sim.model import published as p
from sim.model import published_hazard as severe
from sim.model import published_markets as markets
from sim.model.published import Estimate
from sim.model.state import PLANT_LAG_MONTHS
from sim.studies.checking.checks import Check, Verdict

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

STANDARD_ERRORS = 4.0  # one false alarm in 16,000 comparisons; the seeds are fixed
ROUNDING = 1e-6        # for rules without draws, which iterate


@dataclass(frozen=True)
class Series:
    """One line of theory, `expected`, and the points that a rule, `measured`, is asked for on it."""

    label: str
    points: tuple[float, ...]
    measured: Callable[[float], Estimate]
    expected: Callable[[float], float]
    tolerance: float = ROUNDING

    def distances(self) -> list[tuple[float, float]]:
        """How far each point is from the line, and how far it may be."""
        found = [(self.measured(x), self.expected(x)) for x in self.points]
        return [(abs(e.value - line), STANDARD_ERRORS * e.standard_error + self.tolerance) for e, line in found]


@dataclass(frozen=True)
class Curve:
    """One published result: its curves, and numbers that papers or the brief give, as (what, measured, expected)."""

    name: str
    claim: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    numbers: tuple[tuple[str, Callable[[], float], float, float], ...] = ()

    def check(self) -> Check:
        """Every point on its line, and every number as published."""
        distances = [pair for series in self.series for pair in series.distances()]
        worst, allowed = max(distances, key=lambda pair: pair[0] / pair[1])
        passed = all(distance <= allowance for distance, allowance in distances)
        parts = []
        for what, measure, expected, tolerance in self.numbers:
            found = measure()
            passed &= abs(found - expected) <= tolerance
            parts.append(f"{what}: {found:.4g} (published {expected:.4g})")
        parts.append(f"{len(distances)} points, furthest from its line {worst:.2g}, allowed {allowed:.2g}")
        return Check("published", self.name, self.claim, "; ".join(parts), Verdict.of(passed))


def checks(scenarios: Sequence[Scenario] = (), runs: int = 0) -> Iterator[Check]:  # noqa: ARG001 - rules alone
    """One check for each published result."""
    for curve in curves():
        yield curve.check()


def reproduced() -> str:
    """How many of the published results the rules reproduce, measured: "10 of 10"."""
    found = [check.verdict is Verdict.holds for check in checks()]
    return f"{sum(found)} of {len(found)}"


def curves() -> list[Curve]:
    """One of each published result, in the order of their numbers."""
    return [_armstrong(), _dsair(), _safety_tax(), _deterrence(), _bebchuk(), _priest_klein(), _richardson(), _treaty(),
            _markets(), _habit(), _users_gain(), _powers(),
            _catching_up(), _contest(), _time_to_build(), _scarce_and_shared(), _prize(), _elicited()]


def _number(what: str, measure: Callable[[], Estimate], expected: float, tolerance: float) -> tuple[
    str, Callable[[], float], float, float
]:
    return what, lambda: measure().value, expected, tolerance


def _armstrong() -> Curve:
    names = ("no information", "private", "public")
    places = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
    series = tuple(Series(name, places, partial(_armstrong_at, code), partial(_armstrong_line, code))
                   for code, name in enumerate(names))
    listed = ((1.0, (0.5, 0.6667, 0.6667)), (2.0, (0.0, 0.3333, 0.4167)))
    numbers = tuple(_number(f"risk at mu={mu:g}, {name}", partial(_armstrong_at, code, mu), risks[code], 5e-3)
                    for mu, risks in listed for code, name in enumerate(names))
    return Curve("V1 race", "labs' safety in a race gives Armstrong, Bostrom and Shulman's risk (2 labs, enmity 1)",
                 "mu: how far ability outweighs carelessness", "risk of the winner", series, numbers)


def _armstrong_at(code: int, mu: float) -> Estimate:
    return p.armstrong_risk(2, 1.0, mu, code)


def _armstrong_line(code: int, mu: float) -> float:
    return p.armstrong_closed_form(2, 1.0, mu, code)


def _dsair() -> Curve:
    places = (1.25, 1.5, 2.0, 3.0, 4.0, 5.0)
    names = ("society prefers safe above", "safe is risk-dominant above")
    series = tuple(Series(name, places, lambda s, i=i: p.dsair_thresholds(s)[i],  # type: ignore[misc]
                          lambda s, i=i: p.dsair_closed_form(s)[i]) for i, name in enumerate(names))  # type: ignore[misc]
    far = 1e9  # B/W is 10 million: what depends on it is gone but for 1e-6
    numbers = (
        _number("society at s=1.5", lambda: p.dsair_thresholds(1.5)[0], 0.3377, 5e-5),
        _number("risk dominance", lambda: p.dsair_thresholds(1.5)[1], 0.7751, 5e-5),
        _number("society as B/W grows", lambda: p.dsair_thresholds(1.5, prize=far)[0], 1.0 - 1.0 / 1.5, 1e-6),
        _number("risk dominance", lambda: p.dsair_thresholds(1.5, prize=far)[1], 1.0 - 1.0 / 4.5, 1e-6),
    )
    return Curve("V2 safe or unsafe", "safe is preferred by society above 1-1/s and dominant in risk above 1-1/(3s), "
                 "as B/W grows (Han et al.)", "s: how much faster the unsafe are", "risk of disaster", series, numbers)


def _safety_tax() -> Curve:
    series = tuple(Series(f"alpha {alpha:g}, beta 0.5", (0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
                          partial(_tax_slope, alpha), partial(_tax_line, alpha)) for alpha in (0.25, 0.5))
    numbers = tuple(_number(f"sign at theta={theta:g}", partial(_tax_sign, theta), sign, 0.0)
                    for theta, sign in ((0.25, -1.0), (1.0, 0.0), (1.5, 1.0)))
    return Curve("V3 safety tax", "dearer compute makes labs safer exactly when beta theta > alpha (Jensen, Emery-Xu, "
                 "Trager; alpha=beta=0.5)", "theta: safety tax on performance", "% of safety for 1% of price", series,
                 numbers)


def _tax_slope(alpha: float, theta: float) -> Estimate:
    return p.safety_tax_slope(alpha, 0.5, theta, span=1.001)


def _tax_line(alpha: float, theta: float) -> float:
    return p.safety_tax_closed_form(alpha, 0.5, theta)


def _tax_sign(theta: float) -> Estimate:
    slope = p.safety_tax_slope(0.5, 0.5, theta).value
    return Estimate(0.0 if abs(slope) < 1e-12 else float(np.sign(slope)))


def _deterrence() -> Curve:
    places = (2.0, 6.0, 10.0, 14.0, 18.0, 22.0, 26.0, 30.0)
    series = tuple(Series(f"whistleblowers {w:g}", places, partial(_deterred, w), partial(_deterred_line, w))
                   for w in (0.0, 0.5))
    one = (1.0, 1.0)
    numbers = (
        _number("comply at penalty 15", lambda: p.deterrence_share(one, 15.0, 0.1, 0.5), 0.0, 0.0),
        _number("with whistleblowers", lambda: p.deterrence_share(one, 15.0, 0.1, 0.5, whistleblower=0.5), 1.0, 0.0),
    )
    return Curve("V4 deterrence", "firms comply when detection times stakes is at least the gain (gains from 0 to 2)",
                 "penalty", "share that complies", series, numbers)


def _deterred(whistleblower: float, penalty: float) -> Estimate:
    return p.deterrence_share((0.0, 2.0), penalty, 0.1, 0.5, whistleblower=whistleblower)


def _deterred_line(whistleblower: float, penalty: float) -> float:
    return p.deterrence_closed_form((0.0, 2.0), penalty, 0.1, 0.5, whistleblower=whistleblower)


def _bebchuk() -> Curve:
    places = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
    series = (
        Series("odds on 0 to 1", places, lambda c: p.bebchuk_trials(c), lambda c: p.bebchuk_closed_form(c)),
        Series("odds on 0.3 to 0.8", places, lambda c: p.bebchuk_trials(c, 1.0, 0.3, 0.8),
               lambda c: p.bebchuk_closed_form(c, 1.0, 0.3, 0.8)),
    )
    numbers = (_number("tried at C=0.2", lambda: p.bebchuk_trials(0.2), 0.8, 6e-3),)
    return Curve("V5 settlement", "P(trial) = 1 - C/(W(b-a)) (Bebchuk)", "cost of a trial, per stake", "share tried",
                 series, numbers)


def _priest_klein() -> Curve:
    places = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
    names = ("plaintiffs' win rate", "share tried")
    series = tuple(Series(name, places, lambda sd, i=i: p.priest_klein(sd, seed=round(1000 * sd))[i],  # type: ignore[misc]
                          lambda sd, i=i: p.priest_klein_closed_form(sd)[i])  # type: ignore[misc]
                   for name, i in zip(names, (1, 0), strict=True))
    numbers = (_number("win rate at sd 0.05", lambda: p.priest_klein(0.05)[1], 0.49, 0.03),)
    return Curve("V6 selection", "sharper signals mean fewer trials and a win rate that tends to 1/2, when 16% of all "
                 "would win (Priest and Klein)", "sd of the parties' signals", "share", series, numbers)


def _richardson() -> Curve:
    series = (
        Series("rivals alike", (0.0, 0.2, 0.4, 0.6, 0.8), lambda a: p.richardson_race(a, a, 1, 1, 1, 1)[0],
               lambda a: p.richardson_closed_form(a, a, 1, 1, 1, 1)[0]),
        Series("one-sided", (0.0, 0.4, 0.8, 1.2), lambda a: p.richardson_race(a, 0.3, 1, 1, 1, 0.5)[0],
               lambda a: p.richardson_closed_form(a, 0.3, 1, 1, 1, 0.5)[0]),
    )
    numbers = (
        _number("both at", lambda: p.richardson_race(0.5, 0.5, 1, 1, 1, 1)[0], 2.0, 1e-6),
        # at reactions of 1.2 hostility grows by 0.2 a year, so over ten years by exp(2)
        ("growth over ten years at a=b=1.2", _runaway, float(np.exp(2.0)), 0.2),
    )
    return Curve("V7 arms race", "stable when fatigue outweighs reaction, at (n r + a s)/(m n - a b); runaway "
                 "otherwise (Richardson)", "reaction a", "hostility reached", series, numbers)


def _runaway() -> float:
    late, early = (p.richardson_race(1.2, 1.2, 1, 1, 1, 1, years=years)[0].value for years in (50.0, 40.0))
    return late / early


def _treaty() -> Curve:
    series = tuple(Series(f"punishment {low:g}", (3.25, 3.5, 4.0, 5.0, 6.0, 8.0), partial(_treaty_at, low),
                          partial(_treaty_line, low)) for low in (0.0, 2.0))
    numbers = (_number("threshold at (4,3,2)", lambda: p.treaty_threshold(4.0, 3.0, 2.0), 0.5, 1e-12),)
    return Curve("V8 treaties", "cooperation lasts when the discount factor is at least (T-R)/(T-P)",
                 "temptation T (R=3)", "least discount factor", series, numbers)


def _treaty_at(punishment: float, temptation: float) -> Estimate:
    return p.treaty_threshold(temptation, 3.0, punishment)


def _treaty_line(punishment: float, temptation: float) -> float:
    return p.treaty_closed_form(temptation, 3.0, punishment)


def _markets() -> Curve:
    def chosen(utility: float) -> Estimate:
        return p.logit_choice((utility, 0.0, 0.5))[0][0]

    series = (
        Series("logit: share, by utility", (0.0, 1.0, 2.0, 3.0, 4.0, 5.0), chosen,
               lambda u: p.logit_closed_form((u, 0.0, 0.5))[0]),
        Series("Wright: cost, by doublings", (0.0, 1.0, 2.0, 3.0, 4.0, 5.0),
               lambda x: p.wright_price(x, 0.8), lambda x: p.wright_closed_form(x, 0.8)),
        Series("Bass: adoption, by pairs of years", (0.5, 1.0, 2.0, 3.0, 4.0, 5.0),
               lambda x: p.bass_adoption(2.0 * x, 0.03, 0.5), lambda x: p.bass_closed_form(2.0 * x, 0.03, 0.5)),
    )
    return Curve("V9 markets", "logit shares, Wright's learning and Bass's adoption follow their closed forms",
                 "utility; doublings; pairs of years", "share", series)


def _habit() -> Curve:
    months = tuple(12.0 * year for year in range(6))
    series = (
        *(Series(f"newcomer's share, {each:.0%} choose a month", months, partial(_habit_after, each),
                 partial(_habit_line, each)) for each in (0.05, 0.08)),
        Series("two alike, by a twentieth of herding", (0.0, 20.0, 36.0, 44.0, 50.0, 60.0),
               lambda x: p.crowd(x / 20.0), lambda x: p.crowd_closed_form(x / 20.0)),
    )
    halved = float(np.log(0.5) / np.log(1.0 - 0.05))
    numbers = (
        ("half-life at 5% a month", lambda: float(np.log(0.5) / np.log(1.0 - _habit_after(0.05, 1.0).value / _won())),
         halved, 1e-9),
        ("a lead below the tipping value", lambda: p.crowd(1.9).value, 0.5, 1e-6),
        ("a lead at twice it", lambda: p.crowd(4.0).value, p.crowd_closed_form(4.0), 1e-6),
    )
    return Curve("V10 habit", "customers who choose in turns bring a better offer to its logit share, the gap halving "
                 "every ln(1/2)/ln(1-r) months; a crowd keeps a lead for ever only above a herding of 2 (Brock and "
                 "Durlauf)", "months; herding times 20", "share", series, numbers)


def _won() -> float:
    """The logit share of an offer better by 1."""
    return p.logit_closed_form((1.0, 0.0))[0]


def _habit_after(choosing: float, months: float) -> Estimate:
    return p.habit(round(months), choosing, 1.0)


def _habit_line(choosing: float, months: float) -> float:
    # Between whole months the line is drawn on.
    return p.habit_closed_form(1, 1.0 - (1.0 - choosing) ** months, 1.0) if months > 0.0 else 0.0


def _users_gain() -> Curve:
    places = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
    series = (
        Series("best of three offers, by the first", places, lambda u: p.choice_value((u, 0.0, 0.5)),
               lambda u: p.choice_closed_form((u, 0.0, 0.5))),
        Series("gain for a dollar, doing without at -3", places, lambda u: p.users_gain((u, 0.0, 0.5), -3.0, 1.5),
               lambda u: p.users_gain_closed_form((u, 0.0, 0.5), -3.0, 1.5)),
    )
    step = 1e-5
    numbers = (
        _number("ten equal offers", lambda: p.choice_log_sum([0.0] * 10), float(np.log(10.0)), 1e-12),
        ("gain for a small gain of one", lambda: (p.choice_log_sum((step, 0.0, 0.5)).value
                                                  - p.choice_log_sum((-step, 0.0, 0.5)).value) / (2.0 * step),
         p.logit_closed_form((0.0, 0.0, 0.5))[0], 1e-9),
    )
    return Curve("V11 users' gain", "what choice is worth is the log-sum: ln n for n equal offers, and what the gain "
                 "of one adds is its share (Small and Rosen)", "utility of the first offer", "utility; USD", series,
                 numbers)


def _catching_up() -> Curve:
    series = tuple(Series(f"compute {ratio:g} of the leader's", (0.0, 3.0, 6.0, 9.5, 12.0, 18.0),
                          partial(_follower, ratio), partial(_follower_line, ratio)) for ratio in (0.5, 0.25))
    # On record at once: a smaller share of chips, and a lag that does not grow.
    numbers = (_number("half the compute, 18 months", lambda: p.follower_lag(0.5, 18.0, 1.1, 0.47), 10.98, 0.01),
               _number("a quarter, 6 months", lambda: p.follower_lag(0.25, 6.0, 1.1, 0.47), 9.13, 0.01))
    return Curve("V13 catching up", "a follower's lag is what compute leaves plus what the delay of algorithms leaves",
                 "months of delay", "months of lag", series, numbers)


def _follower(ratio: float, delay: float) -> Estimate:
    return p.follower_lag(ratio, delay, 1.1, 0.47)


def _follower_line(ratio: float, delay: float) -> float:
    return p.follower_closed_form(ratio, delay, 1.1, 0.47)


def _contest() -> Curve:
    series = tuple(Series(f"{labs} labs", (0.0, 1.0, 3.0, 10.0, 30.0, 100.0), partial(_survival, labs),
                          partial(_survival_line, labs)) for labs in (2, 5))
    numbers = (_number("2 labs, w=10, k=1", lambda: p.contest_survival(2, 10.0, 1.0), 1.0 / 36.0, 1e-9),
               _number("2 labs, w=1, k=10", lambda: p.contest_survival(2, 1.0, 10.0), 0.6944, 5e-5),
               _number("5 labs, w=1, k=100", lambda: p.contest_survival(5, 1.0, 100.0), 0.6546, 5e-5))
    return Curve("V14 contest", "labs that divide their effort survive with p^n, p the smaller root of n(k-1)p^2 - "
                 "(n(2k-1) + w(n-1))p + nk (k=10)", "w: how much capability decides", "chance that all are safe",
                 series, numbers)


def _survival(labs: int, weight: float) -> Estimate:
    return p.contest_survival(labs, weight, 10.0)


def _survival_line(labs: int, weight: float) -> float:
    return p.contest_closed_form(labs, weight, 10.0)


_RACE = (0.4, 0.3, 0.1, 0.0)  # each gains a tenth by stepping up, whatever the other does
_CHICKEN = (0.4, 0.2, 0.0, 0.1)  # two tenths alone, minus one against one that steps up: Nash's chance is two thirds


def _powers() -> Curve:
    series = tuple(Series(name, (0.0, 5.0, 10.0, 20.0, 40.0), partial(_stepping, game), partial(_stepping_line, game))
                   for name, game in (("arms race", _RACE), ("chicken", _CHICKEN)))
    numbers = (
        _number("no precision: a toss", partial(_stepping, _RACE, 0.0), 0.5, ROUNDING),
        _number("race, much precision: the best reply", partial(_stepping, _RACE, 100.0), 1.0, 1e-4),
        _number("chicken: Nash's mixture", partial(_stepping, _CHICKEN, 100.0), 2.0 / 3.0, 0.03),
    )
    return Curve("V12 powers", "two powers that choose by logit meet at McKelvey and Palfrey's equilibrium, from a "
                 "toss to Nash's", "precision", "chance of a step up", series, numbers)


def _stepping(game: tuple[float, float, float, float], precision: float) -> Estimate:
    return p.quantal_game(precision, *game)


def _stepping_line(game: tuple[float, float, float, float], precision: float) -> float:
    return p.quantal_closed_form(precision, *game)


def _time_to_build() -> Curve:
    months = (0.0, 13.0, 24.0, 36.0, 60.0, 96.0, 120.0)
    series = tuple(Series(f"response {response:g} a year", months, partial(_plant, response),
                          partial(_plant_line, response), 1e-9) for response in (0.3, 1.2, 2.0))
    lag = PLANT_LAG_MONTHS
    numbers = (
        ("overshoots from", lambda: markets.measured_thresholds()[0], markets.overshoots_from(lag), 4e-4),
        ("explodes from", lambda: markets.measured_thresholds()[1], markets.explodes_from(lag), 2e-3),
    )
    return Curve("V15 time to build", "capacity that takes a year to build overshoots from answers of L^L/(L+1)^(L+1) "
                 "a month, and its cycles grow from 2 sin(pi/(2(2L+1)))", "months, orders answering the price by 1.2",
                 "log of capacity over its rest", series, numbers)


def _plant(response: float, months: float) -> Estimate:
    return markets.plant_path(response, 1.2, round(months))


def _plant_line(response: float, months: float) -> float:
    return markets.plant_closed_form(response, 1.2, round(months))


def _scarce_and_shared() -> Curve:
    series = (
        Series("auction, elasticity 1.2", (1.0, 1.5, 2.0, 3.0, 4.0, 5.0), lambda x: markets.auction_price(x, 1.2),
               lambda x: markets.auction_closed_form(x, 1.2), 1e-4),
        Series("founders after rounds of a fifth", (0.0, 1.0, 2.0, 3.0, 4.0, 5.0),
               lambda x: markets.founders_share(round(x), 0.2), lambda x: 0.8**x),
    )
    numbers = (_number("five rounds of a fifth", lambda: markets.founders_share(5, 0.2),
                       markets.founders_closed_form(5, 0.2), 1e-12),)
    return Curve("V16 scarce chips and shares", "a uniform price clears Pareto bids at (orders/supply)^(1/e), and "
                 "rounds leave founders (1-s)^n", "orders over supply; rounds", "price; share", series, numbers)


def _prize() -> Curve:
    series = (Series("best reply to what others spend", (2.0, 3.0, 4.0, 6.0, 8.0, 10.0),
                     lambda n: markets.best_outlay(round(n), 1.0), lambda n: (n - 1.0) / n**2),)
    numbers = (_number("two rivals", lambda: markets.best_outlay(2, 1.0), 0.25, 1e-6),)
    return Curve("V17 prize", "rivals for a prize each spend (n-1)/n^2 of it (Tullock)", "rivals",
                 "outlay over the prize", series, numbers)


def _elicited() -> Curve:
    def line(growth: float) -> Series:
        return Series(f"growth {growth:g} per order", (0.05, 0.2, 0.4, 0.6, 0.8, 0.95),
                      lambda odds: severe.elicited_hazard(odds, 120, growth=growth),
                      lambda odds: severe.elicited_closed_form(odds, 120, growth=growth), 1e-9)

    numbers = (_number("odds at a hazard of 1e-4", lambda: severe.odds_of_incident(1e-4, 120),
                       severe.odds_closed_form(1e-4, 120), 1e-12),)
    return Curve("V18 elicited odds", "odds of an event by a date fix its hazard: -log(1-p) over the months, weighted "
                 "by capability and care (Kaplan and Garrick)", "odds within ten years", "hazard a month",
                 (line(0.0), line(0.05), line(0.1)), numbers)
