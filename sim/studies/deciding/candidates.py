"""One study of advice on its way: candidates live in futures, race, are searched, and the front is judged.

Every step is an array that `chunks.Steps` keeps, and all that follows is worked out from these arrays alone: a study
that is gone on with takes the same way to the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.model.luck import RUNS_PER_DRAW
from sim.studies.comparing import intervals
from sim.studies.deciding import chunks, race
from sim.studies.deciding.advice import Advice, AdviseError, Size
from sim.studies.deciding.criteria import Standing, by_how_much_broken
from sim.studies.deciding.futures import Futures
from sim.studies.deciding.question import Policy, Question, said
from sim.studies.deciding.search import Judged, Searched, search, typical, unbeaten
from sim.studies.deciding.turning import beliefs, failing_box, turns

MOST_JUDGED = 12  # policies of the front
Progress = Callable[[int, int, int], None]


class Study:
    """One study on its way: what is searched, and what is known of each candidate."""

    def __init__(self, question: Question, size: Size, steps: chunks.Steps, workers: int,
                 progress: Progress | None) -> None:
        self.question, self.size, self.steps, self.workers, self.progress = question, size, steps, workers, progress
        self.seen = Futures.of(question, 0, size.futures, size.seed)
        self.fresh = Futures.of(question, self.seen.after, size.judged, size.seed)
        self.total = self.seen.count * (size.candidates + 2) + self.fresh.count * (MOST_JUDGED + 2)
        self.done = 0
        self.sizes = np.array(question.sizes)
        self.references: np.ndarray | None = None
        self.epsilon: np.ndarray | None = None
        self.best = np.zeros((0, self.seen.count, len(question.outcomes)))
        self.lived = 0
        each = self.seen.per_world
        self.first_runs = -(-each // (race.FIRST * RUNS_PER_DRAW)) * RUNS_PER_DRAW
        self.first = np.flatnonzero(np.arange(self.seen.count) % each < self.first_runs)

    def advice(self) -> Advice:
        """Search, judge, and tell what follows."""
        question = self.question
        start = self.take("start", [question.today(), question.hands_off()], self.seen)
        self.references = start
        found = search(self.candidates, len(question.axes), len(question.aims), self.size.candidates, self.size.seed,
                       self.snap)
        front = self.to_judge(found)
        policies = [question.policy(self.places(found.points[place]), f"Policy {number}")
                    for number, place in enumerate(front, 1)]
        policies += [question.today(), question.hands_off()]
        values, fired = self.judged(policies)
        whole = self.fresh.by_draw(np.isfinite(values).all(axis=(0, 2)).astype(float)) == 1.0
        if not whole.any():
            raise AdviseError("no run of the policies that were judged reached the end")
        kept = np.repeat(whole, RUNS_PER_DRAW)
        standing = Standing(self.costs(values[:, kept]), self.excess(values[:, kept], values[-2, kept]),
                            in_shares(question), RUNS_PER_DRAW, len(policies) - 2)
        today = self.costs(start).mean(axis=1)[0]
        gained = np.concatenate([today - found.costs[front], np.zeros((1, len(question.aims))),
                                 today - self.costs(start).mean(axis=1)[1:]])
        advice = Advice(question, self.size, tuple(policies), standing, values[:, kept], found, gained, fired[:, kept],
                        self.fresh, self.seen.count, today, None, (), int((~kept).sum()))
        return self.with_turns(advice, whole)

    def with_turns(self, advice: Advice, whole: np.ndarray) -> Advice:
        """With where the advice fails and what turns it."""
        standing, known, against = advice.standing, beliefs(self.fresh), advice.against
        if against is None or not standing.moved.any():
            return advice
        known = replace(known, points=known.points[whole])
        score = standing.by_draw(standing.score)
        worse = score[standing.advised] - score[against]
        in_each = np.isfinite(standing.in_share)  # limits that have to hold in futures, not on average
        kept = standing.by_draw(standing.holds[..., in_each].all(axis=2).astype(float))
        broken = kept[standing.advised] == 0.0
        box = failing_box(known, worse, (worse > 0.0) | broken)
        rivals = [place for place in advice.told if standing.able[place] or not standing.able.any()]
        return replace(advice, fails=box, turns=tuple(turns(known, score, standing.advised, rivals)))

    # ---- candidates --------------------------------------------------------------------------------------------
    def places(self, point: np.ndarray) -> tuple[int, ...]:
        """The places among levels that a point of the unit cube means."""
        return tuple(np.minimum((point * self.sizes).astype(int), self.sizes - 1).tolist())

    def snap(self, points: np.ndarray) -> np.ndarray:
        """Points in the middle of what means one policy."""
        places = np.array([self.question.canonical(self.places(point)) for point in np.atleast_2d(points)])
        return (places + 0.5) / self.sizes

    def candidates(self, points: np.ndarray, generation: int) -> Judged:
        """What the search asks: costs and broken limits of a generation."""
        assert self.references is not None
        policies = [self.question.policy(self.places(point)) for point in points]
        values = self.take(f"generation_{generation:03d}", policies, self.seen, self.raced)
        self.a_difference(values[:, self.first])
        self.lived += int(np.isfinite(values).any(axis=2).sum())
        if generation == 0:
            self.refuse_hopeless(np.concatenate([self.references[:, self.first], values[:, self.first]]), policies)
        judged = np.concatenate([self.of_some(values, slice(None)), self.of_some(values, self.first)], axis=1)
        whole = np.isfinite(values).all(axis=(1, 2))
        sound = whole | np.isfinite(values[:, self.first]).all(axis=(1, 2))
        aims = len(self.question.aims)
        found = np.where(whole[:, None], judged[:, : 2 * aims + 1], judged[:, 2 * aims + 1 :])
        costs, errors, broken = found[:, :aims], np.where(whole[:, None], found[:, aims : 2 * aims], 0.0), found[:, -1]
        broken = np.where(sound, np.maximum(broken, np.where(whole, 0.0, race.LOST)), np.inf)
        costs = np.where(sound[:, None], costs, np.nanmax(costs, axis=0))
        self.remember(values[whole & (broken <= 0.0)])
        return Judged(costs, broken, np.nan_to_num(errors))

    def of_some(self, values: np.ndarray, futures: slice | np.ndarray) -> np.ndarray:
        """Costs, their standard errors against today's, and how far limits are broken, in some futures, as columns.

        Costs are today's in all futures and what is more or less in these, so that those of few futures compare.
        """
        assert self.references is not None
        today, all_of_today = self.costs(self.references[:1, futures]), self.costs(self.references[:1])
        against = self.costs(values[:, futures]) - today
        errors = intervals.standard_error(np.moveaxis(draws_of(against), 1, 0))
        mean = all_of_today.mean(axis=1) + against.mean(axis=1)
        excess = self.excess(values[:, futures], self.references[0, futures])
        scale = np.abs(self.excess(self.references, self.references[0])).mean(axis=(0, 1))
        broken = by_how_much_broken(excess, in_shares(self.question), np.where(scale > 0.0, scale, 1.0))
        return np.concatenate([mean, errors, broken[:, None]], axis=1)

    def raced(self, policies: list[Policy], futures: Futures) -> np.ndarray:
        """Outcomes of policies: all in the first futures, and in the others those that do not lose there."""
        assert self.references is not None
        last = self.first_runs
        values = futures.outcomes(policies, self.workers, self.advance, 0, last)
        if last == futures.per_world:
            return values
        there, today = values[:, self.first], self.references[0, self.first]
        lost = race.clearly_broken(self.excess(there, today), in_shares(self.question))
        epsilon = self.a_difference(there)
        able = by_how_much_broken(self.excess(there, today), in_shares(self.question)) <= 0.0
        rivals = np.concatenate([draws_of(self.costs(there[able])), draws_of(self.costs(self.best[:, self.first]))])
        lost |= race.beaten(draws_of(self.costs(there)), rivals, epsilon)
        stay = [policy for policy, out in zip(policies, lost, strict=True) if not out]
        if stay:
            rest = futures.outcomes(stay, self.workers, self.advance, last)
            values[~lost] = np.where(np.isnan(rest), values[~lost], rest)
        return values

    def a_difference(self, there: np.ndarray) -> np.ndarray:
        """What counts as a difference in each aim (aims,): by the outcomes of the first generation's first futures.

        Their standard error is twice that of all futures, so it is two of those.
        """
        assert self.references is not None
        if self.epsilon is None:
            against = draws_of(self.costs(there) - self.costs(self.references[:1, self.first]))
            self.epsilon = typical(np.nan_to_num(intervals.standard_error(np.moveaxis(against, 1, 0))))
        return self.epsilon

    def remember(self, values: np.ndarray) -> None:
        """Keep what is best so far, of those that lived in all futures: the rivals of later generations."""
        self.best = np.concatenate([self.best, values])
        means = self.costs(self.best).mean(axis=1)
        if len(means):
            self.best = self.best[unbeaten(means, np.zeros(len(means)), np.zeros(means.shape[1]))]

    def take(self, name: str, policies: list[Policy], futures: Futures,
             live: Callable[[list[Policy], Futures], np.ndarray] | None = None) -> np.ndarray:
        """Outcomes of policies (policies, futures, outcomes), as kept or lived now."""
        before = self.done

        def work() -> np.ndarray:
            if live is not None:
                return live(policies, futures)
            return futures.outcomes(policies, self.workers, self.advance)

        found = self.steps.take(name, [policy.tables for policy in policies], work)
        self.done = before
        self.advance(len(policies) * futures.count)
        return found

    def advance(self, runs: int) -> None:
        """Tell how far the study is."""
        self.done += runs
        if self.progress is not None:
            self.progress(min(self.done, self.total), self.total, 0)

    def costs(self, values: np.ndarray) -> np.ndarray:
        """Costs (policies, futures, aims) of outcomes (policies, futures, outcomes)."""
        names = self.question.outcomes
        return np.stack([aim.sign * values[..., names.index(aim.outcome)] for aim in self.question.aims], axis=-1)

    def excess(self, values: np.ndarray, today: np.ndarray) -> np.ndarray:
        """By how much each limit is broken (policies, futures, limits)."""
        found = np.full((*values.shape[:2], len(self.question.limits)), -np.inf)
        for place, limit in enumerate(self.question.limits):
            column = self.question.outcomes.index(limit.outcome)
            found[..., place] = limit.excess(values[..., column], today[:, column])
        return found

    def refuse_hopeless(self, values: np.ndarray, policies: list[Policy]) -> None:
        """AdviseError where no candidate meets all limits in any future, with the one that comes nearest."""
        excess = self.excess(values, values[0])
        if not self.question.limits or (excess <= 0.0).all(axis=2).any():
            return
        scale = np.maximum(np.nanmax(np.abs(excess), axis=(0, 1)), 1e-300)
        nearest = int(np.nanargmin(np.nanmean(np.maximum(excess / scale, 0.0).sum(axis=2), axis=1)))
        who = [self.question.today(), self.question.hands_off(), *policies][nearest]
        told = []
        for place, limit in enumerate(self.question.limits):
            mean = float(np.nanmean(excess[nearest, :, place]))
            if mean > 0.0:
                there = limit.threshold + (-mean if limit.at_least else mean)
                beyond = " beyond today" if limit.than_today else ""
                told.append(f"{limit.outcome} {there:.4g} on average{beyond}, where "
                            f"{'at least' if limit.at_least else 'at most'} {limit.threshold:g} is asked")
        nearness = "; ".join(told) or "each limit kept in some futures, but never all"
        raise AdviseError(
            f"no policy meets the limits in any future: none of the {len(values):,} that were tried first, today's and "
            f"doing nothing among them. Nearest comes {_called(who)}, with {nearness}. Ask for "
            "less in [[limit]], or let more move")

    # ---- judged ------------------------------------------------------------------------------------------------
    def to_judge(self, found: Searched) -> list[int]:
        """Places of the points to be judged: the front, and what else may belong to it, up to `MOST_JUDGED`.

        What else: what is beaten by less than counts as a difference. Of more the best in each aim, then those furthest
        from what is chosen.
        """
        kept, none = found.broken <= 0.0, np.zeros(len(found.epsilon))
        front = found.front.tolist()
        if kept.any():
            also = unbeaten(found.costs, found.broken, none).tolist()
            front += [place for place in also if place not in front]
        if len(front) <= MOST_JUDGED:
            return sorted(front)
        costs = found.costs[front]
        scaled = (costs - costs.min(axis=0)) / np.maximum(np.ptp(costs, axis=0), 1e-300)
        chosen = list(dict.fromkeys([int(np.argmin(scaled.sum(axis=1))), *np.argmin(scaled, axis=0).tolist()]))
        while len(chosen) < MOST_JUDGED:
            away = np.min([np.linalg.norm(scaled - scaled[place], axis=1) for place in chosen], axis=0)
            away[chosen] = -1.0
            open_ = [place for place in range(len(found.front)) if place not in chosen] or list(range(len(front)))
            chosen.append(int(open_[np.argmax(away[open_])]))
        return sorted(front[place] for place in chosen)

    def judged(self, policies: list[Policy]) -> tuple[np.ndarray, np.ndarray]:
        """Outcomes and first months of triggers of each policy in the fresh futures."""
        outcomes = len(self.question.outcomes)
        parts = []
        for number, policy in enumerate(policies):
            def work(policy: Policy = policy) -> np.ndarray:
                values, fired = self.fresh.judged([policy], self.workers, self.advance)
                return np.concatenate([values, fired], axis=2)

            before = self.done
            parts.append(self.steps.take(f"judged_{number:02d}", [policy.tables], work))
            self.done = before
            self.advance(self.fresh.count)
        both = np.concatenate(parts)
        return both[..., :outcomes], both[..., outcomes:]


def draws_of(values: np.ndarray) -> np.ndarray:
    """Means over the futures of a draw, along the second axis: (policies, draws, ...)."""
    shape = len(values), values.shape[1] // RUNS_PER_DRAW, RUNS_PER_DRAW, *values.shape[2:]
    return np.asarray(values.reshape(shape).mean(axis=2))


def in_shares(question: Question) -> np.ndarray:
    """In which share of the futures each limit has to hold (limits,), NaN where on average."""
    return np.array([np.nan if limit.in_share is None else limit.in_share for limit in question.limits])


def _called(policy: Policy) -> str:
    """A candidate by what it sets: "regulation.us.strictness 0.9, trade.chip_controls 0"."""
    if policy.name:
        return policy.name[:1].lower() + policy.name[1:]
    return "the one that sets " + ", ".join(f"{key} {value}" for key, value in said(policy)) if policy.tables else (
        "today's policy")
