"""What a search for policies found: the policies that were judged, how they stand, where advice fails and turns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common.above import Told
from sim.common.arguments import RefusedError
from sim.studies.deciding.criteria import NINETY, Standing, regrets, worst_tenth
from sim.studies.deciding.futures import Futures
from sim.studies.deciding.question import Policy, Question
from sim.studies.deciding.search import FEWEST, Searched
from sim.studies.deciding.turning import Fails, Turn

if TYPE_CHECKING:
    import pandas as pd

CANDIDATES, FUTURES, JUDGED = 800, 64, 512
FEWEST_FUTURES = 16


class AdviseError(RefusedError):
    """A question to which there is no advice: why, and what would be right."""


@dataclass(frozen=True)
class Size:
    """How much is looked at: candidates, futures in which each lives, fresh futures in which the front is judged."""

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
class Advice(Told):
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
                for place in self.told for row in self.aims_of(place)]
        return pd.DataFrame(rows)

    def aims_of(self, place: int) -> list[dict[str, Any]]:
        """A judged policy by aim: the rows of `table`, without its name."""
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
