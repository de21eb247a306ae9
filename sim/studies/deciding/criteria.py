"""Which policy is best, by several criteria of robustness side by side: pure functions of arrays.

Costs are outcomes turned so that less is better. What all aims say together is a score: each aim's cost in shares of
the range that the policies span, all aims that policies clearly move weighed alike. That weighing is a convention, so
it is told, and what each aim alone says stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from sim.studies.comparing import intervals
from sim.studies.comparing.intervals import Interval
from sim.studies.deciding.information import LEVEL, drawn_again

TENTH = 0.1
NINETY = 0.9
AROUND = ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0)
MOST_CHOSEN, FEWEST_CHOSEN = 5, 3
MEAN, WORST, REGRET, KEEPS = "mean", "worst tenth", "regret", "limits"


def worst_tenth(values: np.ndarray) -> np.ndarray:
    """Mean of the worst tenth of the futures (..., futures), the largest values; at least of one."""
    count = max(1, round(values.shape[-1] * TENTH))
    return np.asarray(np.sort(values, axis=-1)[..., -count:].mean(axis=-1))


def regrets(values: np.ndarray) -> np.ndarray:
    """How much worse each policy is than the best in the same future, of values (policies, futures)."""
    return np.asarray(values - values.min(axis=0))


def by_how_much_broken(excess: np.ndarray, in_share: np.ndarray, scale: np.ndarray | float = 1.0) -> np.ndarray:
    """0 where all limits are kept, else how far not (policies,), of what is too much (policies, futures, limits).

    A limit that has to hold in a share of the futures counts by the share that is missing; one on average by the mean
    excess over `scale` (limits,).
    """
    if not excess.shape[2]:
        return np.zeros(len(excess))
    missing = in_share - (excess <= 0.0).mean(axis=1)
    over = np.where(np.isnan(in_share), excess.mean(axis=1) / scale, missing)
    return np.asarray(np.maximum(over, 0.0).sum(axis=1))


@dataclass(frozen=True)
class Standing:
    """How policies stand on futures that no search saw.

    `costs` (policies, futures, aims); `excess` (policies, futures, limits) by how much each limit is broken, above 0;
    `in_share` (limits,) in which share of the futures it has to hold, NaN where on average. `runs_of_a_draw` futures
    stand side by side. `today` is a place.
    """

    costs: np.ndarray
    excess: np.ndarray
    in_share: np.ndarray
    runs_of_a_draw: int
    today: int

    @property
    def policies(self) -> int:
        """How many there are."""
        return len(self.costs)

    def by_draw(self, values: np.ndarray) -> np.ndarray:
        """Means over the futures of a draw, along the second axis: (policies, draws, ...)."""
        shape = values.shape
        return np.asarray(values.reshape(shape[0], -1, self.runs_of_a_draw, *shape[2:]).mean(axis=2))

    # ---- aim by aim --------------------------------------------------------------------------------------------
    @cached_property
    def pairs(self) -> Interval:
        """Cost of the column's policy less the row's: intervals that hold together, each (row, column, aims)."""
        return _pairs(self.by_draw(self.costs))

    @cached_property
    def clearly_better(self) -> np.ndarray:
        """Whether the row's policy is clearly better than the column's in an aim (row, column, aims)."""
        return np.asarray(self.pairs.low > 0.0)

    @cached_property
    def dominates(self) -> np.ndarray:
        """Whether the row's policy is clearly better than the column's in an aim and clearly worse in none."""
        better = self.clearly_better
        return np.asarray(better.any(axis=2) & ~better.any(axis=2).T)

    @cached_property
    def tied(self) -> np.ndarray:
        """Whether nothing tells two policies apart (row, column), in any aim."""
        better = self.clearly_better.any(axis=2)
        return np.asarray(~better & ~better.T)

    @cached_property
    def moved(self) -> np.ndarray:
        """Aims that policies move clearly (aims,): in the others all are one as far as these futures tell."""
        return np.asarray(self.clearly_better.any(axis=(0, 1)))

    @cached_property
    def holds(self) -> np.ndarray:
        """Whether each limit holds (policies, futures, limits)."""
        return np.asarray(self.excess <= 0.0)

    @cached_property
    def shares(self) -> np.ndarray:
        """The share of the futures in which each limit holds (policies, limits)."""
        return np.asarray(self.holds.mean(axis=1))

    @cached_property
    def keeps(self) -> np.ndarray:
        """The share of the futures in which all limits hold (policies,); 1 without limits."""
        return np.asarray(self.holds.all(axis=2).mean(axis=1))

    @cached_property
    def able(self) -> np.ndarray:
        """Whether a policy keeps each limit on average, or in the share of futures that is asked (policies,)."""
        return np.asarray(by_how_much_broken(self.excess, self.in_share) <= 0.0)

    @cached_property
    def dominant(self) -> int | None:
        """The policy that dominates all others but those tied with it; None where no policy does, or nothing differs.

        Of those that keep the limits, if any does: what breaks them is no rival.
        """
        rivals = np.flatnonzero(self.able) if self.able.any() else np.arange(self.policies)
        found = []
        for policy in rivals:
            others = rivals[rivals != policy]
            beaten = self.dominates[policy, others]
            if beaten.any() and (beaten | self.tied[policy, others]).all():
                found.append(int(policy))
        return min(found, key=lambda policy: self.score[policy].mean(), default=None)

    # ---- all aims together -------------------------------------------------------------------------------------
    @cached_property
    def spans(self) -> np.ndarray:
        """The range of the policies' mean costs, by aim (aims,)."""
        return np.asarray(np.ptp(self.costs.mean(axis=1), axis=0))

    @cached_property
    def score(self) -> np.ndarray:
        """What all aims that are moved say together, less being better, in shares of ranges (policies, futures).

        Nil throughout where no aim is clearly moved.
        """
        if not self.moved.any():
            return np.zeros(self.costs.shape[:2])
        return np.asarray((self.costs[..., self.moved] / self.spans[self.moved]).mean(axis=2))

    @cached_property
    def score_pairs(self) -> Interval:
        """Score of the column's policy less the row's, intervals that hold together (row, column)."""
        found = _pairs(self.by_draw(self.score[..., None]))
        return Interval(*(part[..., 0] for part in found))

    @cached_property
    def criteria(self) -> dict[str, np.ndarray]:
        """Each criterion of robustness by policy, less being better, but of `limits`, the share that keeps them."""
        return {MEAN: self.score.mean(axis=1), WORST: worst_tenth(self.score),
                REGRET: np.quantile(regrets(self.score), NINETY, axis=1), KEEPS: self.keeps}

    @cached_property
    def ranges(self) -> dict[str, Interval]:
        """Each criterion by policy with its 95% interval over resamples of the draws; each part is (policies,).

        The mean and the worst tenth are less today's policy's on the same draws. Ranges of aims stay as they are: they
        are the unit.
        """
        again = drawn_again(np.arange(self.costs.shape[1] // self.runs_of_a_draw)).astype(int)
        regret, keeps = regrets(self.score), self.holds.all(axis=2).astype(float)
        found: dict[str, list[np.ndarray]] = {MEAN: [], WORST: [], REGRET: [], KEEPS: []}
        for drawn in again:
            futures = np.repeat(np.arange(self.costs.shape[1]), np.repeat(drawn, self.runs_of_a_draw))
            mean, worst = self.score[:, futures].mean(axis=1), worst_tenth(self.score[:, futures])
            found[MEAN].append(mean - mean[self.today])
            found[WORST].append(worst - worst[self.today])
            found[REGRET].append(np.quantile(regret[:, futures], NINETY, axis=1))
            found[KEEPS].append(keeps[:, futures].mean(axis=1))
        return {key: Interval(self.criteria[key] - (self.criteria[key][self.today] if key in (MEAN, WORST) else 0.0),
                              *np.quantile(np.array(values), AROUND, axis=0)) for key, values in found.items()}

    def dominating(self, place: int) -> list[int]:
        """The policies that dominate one, of those that keep the limits if any does: what breaks them is no rival."""
        return [int(other) for other in np.flatnonzero(self.dominates[:, place] & (self.able | ~self.able.any()))]

    def runner_ups(self, place: int, count: int = 2) -> list[int]:
        """The best in a policy's stead by mean score, of those that keep the limits if any does."""
        order = np.argsort(self.score.mean(axis=1), kind="stable").tolist()
        return [other for other in order if other != place and (self.able[other] or not self.able.any())][:count]

    def best_by(self, criterion: str) -> int:
        """The best policy by a criterion, of those that keep the limits if any does."""
        values = self.criteria[criterion] * (-1.0 if criterion == KEEPS else 1.0)
        return self._least(values)

    def best_in(self, aim: int) -> int:
        """The policy with the least mean cost in an aim, of those that keep the limits if any does."""
        return self._least(self.costs.mean(axis=1)[:, aim])

    def _least(self, values: np.ndarray) -> int:
        able = np.flatnonzero(self.able) if self.able.any() else np.arange(self.policies)
        return int(able[np.argmin(values[able])])

    @cached_property
    def advised(self) -> int:
        """The policy that dominates, if one does; else the best by mean score of those that keep the limits.

        Where that is not clearly better than today's, it is the best of those that dominate today's, and else today's.
        """
        if self.dominant is not None:
            return self.dominant
        best = self.best_by(MEAN)
        if self.able.any() and not self.able[self.today]:
            return best
        if self.score_pairs.low[best, self.today] > 0.0:
            return best
        over = self.dominates[:, self.today] & (self.able | ~self.able.any())
        means = np.where(over, self.score.mean(axis=1), np.inf)
        return int(np.argmin(means)) if over.any() else self.today

    @cached_property
    def level(self) -> tuple[int, ...]:
        """Other policies whose score cannot be told from the advised one's."""
        return tuple(place for place in range(self.policies) if place != self.advised
                     and (self.able[place] or not self.able.any())
                     and not self.score_pairs.low[self.advised, place] > 0.0)

    def chosen(self, references: tuple[int, ...]) -> list[tuple[int, str]]:
        """Three to five policies to be told, with what each is best by; `references` are told beside them anyway.

        First the advised, then the best in each aim if the advised is clearly worse in it, then by other criteria.
        """
        found: dict[int, str] = {self.advised: "advised"}
        for aim in np.flatnonzero(self.moved):
            best = self.best_in(int(aim))
            if self.clearly_better[best, self.advised, aim]:
                found.setdefault(best, f"aim {aim}")
        for criterion in (WORST, REGRET):
            found.setdefault(self.best_by(criterion), criterion)
        order = [int(place) for place in np.argsort(self.score.mean(axis=1), kind="stable")
                 if self.able[place] or not self.able.any()]
        for place in order:
            if sum(each not in references for each in found) < FEWEST_CHOSEN:
                found.setdefault(place, "next")
        return list(found.items())[:MOST_CHOSEN]


def _pairs(by_draw: np.ndarray) -> Interval:
    """Differences of the column's policy less the row's, of values (policies, draws, aims): (row, column, aims)."""
    count, _, columns = by_draw.shape
    shape = (count, count, columns)
    estimate, low, high = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    places = list(combinations(range(count), 2))
    if not places:
        return Interval(estimate, low, high)
    differences = np.stack([by_draw[b] - by_draw[a] for a, b in places], axis=1)
    critical = intervals.family_critical(differences.reshape(len(differences), -1))
    found = intervals.mean_difference(differences, critical=critical)
    for place, (a, b) in enumerate(places):
        estimate[a, b], estimate[b, a] = found.estimate[place], -found.estimate[place]
        low[a, b], low[b, a] = found.low[place], -found.high[place]
        high[a, b], high[b, a] = found.high[place], -found.low[place]
    return Interval(estimate, low, high)
