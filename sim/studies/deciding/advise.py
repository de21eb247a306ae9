"""A search for policies, and advice that rests on futures which the search never saw.

Candidates live in the same futures, generation by generation; the front is then judged on fresh ones, beside today's
policy and doing nothing. What a search finds best on its own futures is partly their luck, so the shrinkage from
searched to fresh is part of the answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common import arguments
from sim.common.above import above
from sim.common.arguments import LAST_SEED, MOST_WORKERS, takes
from sim.model.luck import RUNS_PER_DRAW
from sim.studies.comparing import intervals
from sim.studies.deciding import chunks
from sim.studies.deciding.criteria import Standing, by_how_much_broken
from sim.studies.deciding.futures import Futures
from sim.studies.deciding.question import Policy, Question, said
from sim.studies.deciding.search import FEWEST, Judged, Searched, needed_library, search
from sim.studies.deciding.turning import Fails, Turn, beliefs, failing_box, turns

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "advise.json"
CANDIDATES, FUTURES, JUDGED = 800, 64, 512
FEWEST_FUTURES = 16
MOST_JUDGED = 12  # policies of the front
Progress = Callable[[int, int, int], None]


class AdviseError(ValueError):
    """A question to which there is no advice: why, and what would be right."""


@dataclass(frozen=True)
class Size:
    """How much is looked at: candidates, futures in which each lives, and fresh futures in which the front is judged."""

    candidates: int = CANDIDATES
    futures: int = FUTURES
    judged: int = JUDGED
    seed: int = 0

    def check(self) -> None:
        """AdviseError for a size from which nothing follows."""
        if self.candidates < FEWEST:
            raise AdviseError(f"{self.candidates} candidates are too few to search among; {FEWEST} are the least")
        if self.futures < FEWEST_FUTURES:
            raise AdviseError(f"{self.futures} futures are too few to tell candidates apart; {FEWEST_FUTURES} are the "
                              f"least, {FUTURES} a good number")
        if self.judged < FEWEST_FUTURES:
            raise AdviseError(f"{self.judged} fresh futures are too few to judge by; {JUDGED} are a good number")


@dataclass(frozen=True)
class Advice:
    """What a search found and how it stands on fresh futures.

    `policies` are those that were judged: the front, then today's and doing nothing, by `standing` in this order.
    `gained` (policies, aims) is what each was better than today's on the futures searched. `fired` (policies, futures,
    triggers) has the month in which each trigger of the question came into force first, NaN where it never did.
    `today_searched` (aims,) are today's mean costs on the `searched_futures`.
    """

    question: Question
    size: Size
    policies: tuple[Policy, ...]
    standing: Standing
    values: np.ndarray
    searched: Searched
    gained: np.ndarray
    fired: np.ndarray
    fresh: Futures
    searched_futures: int
    today_searched: np.ndarray
    fails: Fails | None
    turns: tuple[Turn, ...]
    failed: int
    """Runs among the judged that did not reach the end."""

    @property
    def today(self) -> int:
        """Today's policy by place."""
        return self.standing.today

    @property
    def hands_off(self) -> int:
        """Doing nothing by place."""
        return len(self.policies) - 1

    @property
    def advised(self) -> Policy:
        """The policy that is advised: today's where none is clearly better."""
        return self.policies[self.standing.advised]

    @cached_property
    def chosen(self) -> list[tuple[int, str]]:
        """Three to five policies to be told, by place, with what each is best by."""
        return self.standing.chosen((self.today, self.hands_off))

    @property
    def told(self) -> list[int]:
        """Places of the policies that are told: the chosen, then today's and doing nothing where they are not."""
        chosen = [place for place, _ in self.chosen]
        return [*chosen, *(place for place in (self.today, self.hands_off) if place not in chosen)]

    @property
    def against(self) -> int | None:
        """What the advice is held against: today's policy; where that is advised or breaks limits, the next best."""
        standing = self.standing
        able = [place for place in np.argsort(standing.score.mean(axis=1), kind="stable").tolist()
                if (standing.able[place] or not standing.able.any()) and place != standing.advised]
        return self.today if self.today in able else able[0] if able else None

    @cached_property
    def kept_gains(self) -> list[tuple[int, int, float, float]]:
        """For each aim that is moved: aim, the policy that the search thought best, what it gained there, and on fresh.

        Gains over today's policy, in the aim's unit.
        """
        front = len(self.policies) - 2
        fresh = self.standing.costs.mean(axis=1)
        fresh = fresh[self.today] - fresh
        found = []
        for aim in np.flatnonzero(self.standing.moved):
            if front and (best := int(np.argmax(self.gained[:front, aim]))) is not None:
                found.append((int(aim), best, float(self.gained[best, aim]), float(fresh[best, aim])))
        return found

    def table(self) -> pd.DataFrame:
        """A row for each policy that is told and each aim, in the outcome's unit.

        Columns: policy, role, outcome, mean; difference to today's policy with low and high; worst_tenth; regret_90,
        what is exceeded in one future of ten; keeps_limits, the share of futures in which all limits hold.
        """
        import pandas as pd

        roles = dict(self.chosen)
        rows = [{"policy": self.policies[place].name, "role": roles.get(place, ""), **row}
                for place in self.told for row in self._aims_of(place)]
        return pd.DataFrame(rows)

    def _aims_of(self, place: int) -> list[dict[str, Any]]:
        from sim.studies.deciding.criteria import NINETY, regrets, worst_tenth

        standing, rows = self.standing, []
        for number, aim in enumerate(self.question.aims):
            costs = standing.costs[..., number]
            ends = [aim.sign * float(part[standing.today, place, number]) + 0.0 for part in standing.pairs]
            rows.append({
                "outcome": aim.outcome, "mean": aim.sign * float(costs[place].mean()), "difference": ends[0],
                "low": min(ends[1:]), "high": max(ends[1:]),
                "worst_tenth": aim.sign * float(worst_tenth(costs[place])),
                "regret_90": float(np.quantile(regrets(costs)[place], NINETY)),
                "keeps_limits": float(standing.keeps[place])})
        return rows

    def __str__(self) -> str:
        return "\n".join(self._told().claims)

    def _repr_html_(self) -> str:
        return str(self._told()._repr_html_())

    def _told(self) -> Any:
        return above("told_of_advice")(self)


@takes(candidates=arguments.whole(1), futures=arguments.whole(1), judged=arguments.whole(1),
       seed=arguments.whole(0, LAST_SEED), workers=arguments.whole(1, MOST_WORKERS), progress=arguments.calls(3))
def advise(question: str | os.PathLike[str] | Question, *, candidates: int = CANDIDATES, futures: int = FUTURES,
           judged: int = JUDGED, seed: int = 0, workers: int = 1, folder: str | os.PathLike[str] | None = None,
           progress: Progress | None = None) -> Advice:
    """Search for policies that answer a question, and judge those that none beats on futures not searched.

    `question` is a file, the name of a question that comes with airace, or a `Question`. Every one of about
    `candidates` policies lives in the same `futures`, those of the front in `judged` fresh ones. With a `folder` each
    generation is kept there, and the same call goes on where it was stopped. `progress(done, total, failed)` counts
    runs. ScenarioError for a question that is wrong, AdviseError for a size from which nothing follows or limits that no
    candidate meets in any future, SearchError without pymoo, StoreError for a folder that holds something else.
    """
    from sim.studies.deciding.question_file import read_question

    asked = question if isinstance(question, Question) else read_question(question)
    size = Size(candidates, futures, judged, seed)
    size.check()
    needed_library()
    path = None if folder is None else Path(folder)
    with chunks.at_work(path):
        steps = chunks.Steps(None, "") if path is None else chunks.begin(path, MANIFEST, what_is_asked(asked, size))
        return _Study(asked, size, steps, workers, progress).advice()


def resume(folder: str | os.PathLike[str], *, workers: int = 1, progress: Progress | None = None) -> Advice:
    """Go on with a study of advice that was stopped, from its folder alone; StoreError where there is none."""
    path = Path(folder)
    asked, size, steps = kept_study(path)
    needed_library()
    with chunks.at_work(path):
        return _Study(asked, size, steps, workers, progress).advice()


def kept_study(folder: Path) -> tuple[Question, Size, chunks.Steps]:
    """What was asked in a folder, and its steps."""
    told, steps = chunks.open_(folder, MANIFEST)
    try:
        return Question.from_resolved(told["question"]), Size(**told["size"]), steps
    except (KeyError, TypeError, ValueError) as error:
        raise chunks.StoreError(folder / MANIFEST, f"cannot be read ({error})", "begin anew elsewhere") from error


def what_is_asked(question: Question, size: Size) -> dict[str, Any]:
    """All that fixes a study, as JSON holds it."""
    import pymoo

    return {"question": question.resolved(), "size": dict(size.__dict__), "pymoo": pymoo.__version__}


class _Study:
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
        broken = ~standing.by_draw(standing.holds[..., in_each].all(axis=2).astype(float))[standing.advised].astype(bool)
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
        policies = [self.question.policy(self.places(point)) for point in points]
        values = self.take(f"generation_{generation:03d}", policies, self.seen)
        assert self.references is not None
        if generation == 0:
            self.refuse_hopeless(np.concatenate([self.references, values]), policies)
        costs, today = self.costs(values), self.costs(self.references)[0]
        with np.errstate(invalid="ignore"):
            error = intervals.standard_error(np.moveaxis(self.seen.by_draw(np.moveaxis(costs - today, 1, 2)), 2, 0))
        able = np.isfinite(values).all(axis=(1, 2))
        mean = np.where(able[:, None], costs.mean(axis=1), np.nanmax(costs))
        scale = np.abs(self.excess(self.references, self.references[0])).mean(axis=(0, 1))
        broken = by_how_much_broken(self.excess(values, self.references[0]), in_shares(self.question),
                                    np.where(scale > 0.0, scale, 1.0))
        return Judged(mean, np.where(able, broken, np.inf), np.nan_to_num(error))

    def take(self, name: str, policies: list[Policy], futures: Futures) -> np.ndarray:
        """Outcomes of policies (policies, futures, outcomes), as kept or lived now."""
        runs = len(policies) * futures.count
        before = self.done

        def work() -> np.ndarray:
            return futures.outcomes(policies, self.workers, self.advance)

        found = self.steps.take(name, [policy.tables for policy in policies], work)
        self.done = before
        self.advance(runs)
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
                told.append(f"{limit.outcome} {there:.4g} on average{' beyond today' if limit.than_today else ''}, where "
                            f"{'at least' if limit.at_least else 'at most'} {limit.threshold:g} is asked")
        raise AdviseError(
            f"no policy meets the limits in any future: none of the {len(values):,} that were tried first, today's and "
            f"doing nothing among them. Nearest comes {_called(who)}, with {'; '.join(told) or 'each limit kept in some futures, but never all'}. Ask for less in [[limit]], "
            "or let more move")

    # ---- judged ------------------------------------------------------------------------------------------------
    def to_judge(self, found: Searched) -> list[int]:
        """Places of the front's points to be judged: the best in each aim, then those furthest from what is chosen."""
        front = [int(place) for place in found.front]
        if len(front) <= MOST_JUDGED:
            return front
        costs = found.costs[front]
        scaled = (costs - costs.min(axis=0)) / np.maximum(np.ptp(costs, axis=0), 1e-300)
        chosen = list(dict.fromkeys([int(np.argmin(scaled.sum(axis=1))), *np.argmin(scaled, axis=0).tolist()]))
        while len(chosen) < MOST_JUDGED:
            away = np.min([np.linalg.norm(scaled - scaled[place], axis=1) for place in chosen], axis=0)
            chosen.append(int(np.argmax(away)))
        return [front[place] for place in sorted(chosen)]

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


def in_shares(question: Question) -> np.ndarray:
    """In which share of the futures each limit has to hold (limits,), NaN where on average."""
    return np.array([np.nan if limit.in_share is None else limit.in_share for limit in question.limits])


def _called(policy: Policy) -> str:
    """A candidate by what it sets: "regulation.us.strictness 0.9, trade.chip_controls 0"."""
    if policy.name:
        return policy.name[:1].lower() + policy.name[1:]
    return "the one that sets " + ", ".join(f"{key} {value}" for key, value in said(policy)) if policy.tables else (
        "today's policy")
