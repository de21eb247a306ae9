"""What it is worth to know an unknown before choosing among scenarios: value of perfect and of partial information.

A choice is made once, by the mean over what is not known. Whoever knew a parameter first could choose by it; what that
brings on average is the parameter's worth, in the unit of the objective. It is nil where the same policy is best
whatever the parameter is: a parameter may drive an outcome and be worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.common.above import Told
from sim.common.arguments import RefusedError
from sim.common.text import suggest
from sim.engine.results import Results
from sim.model.luck import RUNS_PER_DRAW
from sim.studies.comparing import intervals
from sim.studies.comparing.intervals import Interval
from sim.studies.deciding.information import (
    BENDS,
    LEVEL,
    Basis,
    Partial,
    Perfect,
    Resampled,
    best,
    of_choice,
    of_number,
    partial,
    perfect,
    shuffled,
)
from sim.studies.deciding.objective import Objective
from sim.studies.deciding.unknowns import Unknown, draws_of, learnable, unknowns

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

FEWEST_DRAWS = 20
AND = " + "  # between the names of a group that was asked about
_PREFIX = "uncertainty."
FEW = 5
BENDS_OF_MANY = (0.5,)
"""Where bends are in fits on more than a few unknowns."""


class WorthError(RefusedError):
    """A choice about which nothing can be learnt: why, and what would be right."""


@dataclass(frozen=True)
class Flip:
    """Where another policy becomes best: `at` a value with its 95% interval, or at a theory's choice by name.

    `before` and `after` are policies by position: below and above the value, or in the choice as made and there.
    """

    at: float | str
    before: int
    after: int
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class Known:
    """What it is worth to know one unknown, or several together (`members`, their number), before choosing.

    `worth` has a 95% interval, which begins at nil where the estimate is not `clear` of what chance makes. `otherwise`
    is the share of draws in which one would choose otherwise; `level`: its worth is clear and cannot be told from the
    largest.
    """

    name: str
    worth: float
    low: float
    high: float
    clear: bool
    level: bool
    otherwise: float
    flips: tuple[Flip, ...] = ()
    members: int = 1


@dataclass(frozen=True)
class Worth(Told):
    """What knowledge is worth before one choice; all worths in the unit of the objective.

    `means` (policies,) is each policy's benefit on average, `chosen` the best by position; `leads` has what the chosen
    is ahead of each policy, with 95% intervals that hold together. `everything` is perfect knowledge of all but luck,
    `unknowns` and `groups` partial knowledge, the most valuable first; groups are the rooms of the model and what was
    asked about together. `floor` and `groups_floor` are the largest worth that chance alone makes of any of them, in 19
    of 20 cases. `apart` names what the policies disagree in.
    """

    objective: Objective
    policies: tuple[str, ...]
    means: np.ndarray
    chosen: int
    leads: Interval
    draws: int
    runs: int
    everything: Perfect
    unknowns: tuple[Known, ...]
    groups: tuple[Known, ...]
    floor: float
    groups_floor: float
    apart: tuple[str, ...]
    results: Results

    @cached_property
    def tied(self) -> tuple[int, ...]:
        """Other policies, by position, than which the chosen one is not clearly better."""
        return tuple(place for place in range(len(self.policies))
                     if place != self.chosen and not self.leads.low[place] > 0.0)

    @property
    def alike(self) -> bool:
        """Whether all policies bring the same in every draw."""
        return not any(part.any() for part in self.leads)

    @property
    def clear(self) -> tuple[Known, ...]:
        """The unknowns that are clearly worth knowing."""
        return tuple(known for known in self.unknowns if known.clear)

    def table(self) -> pd.DataFrame:
        """A row for perfect knowledge, each group and each unknown.

        Columns: kind, name, worth, low, high, clear, otherwise, and flip, the first value or theory at which another
        policy becomes best, None where none does.
        """
        import pandas as pd

        every = self.everything
        share = 1.0 - float(every.best[self.chosen])
        rows = [("everything", "all but luck", *map(float, every.worth), bool(every.worth.low > 0.0), share, None)]
        rows += [(kind, known.name, known.worth, known.low, known.high, known.clear, known.otherwise,
                  known.flips[0].at if known.flips else None)
                 for kind, group in (("group", self.groups), ("unknown", self.unknowns)) for known in group]
        return pd.DataFrame(rows, columns=["kind", "name", "worth", "low", "high", "clear", "otherwise", "flip"])

    def __str__(self) -> str:
        return "\n".join(self._told().claims)


def as_table(found: Sequence[Worth]) -> pd.DataFrame:
    """The tables of several objectives one under the other, with the objective as it was written in front."""
    import pandas as pd

    return pd.concat([each.table().assign(objective=each.objective.text) for each in found], ignore_index=True)[
        ["objective", "kind", "name", "worth", "low", "high", "clear", "otherwise", "flip"]]


def check(scenarios: Sequence[Scenario], uncertainty: str, runs: int, together: Sequence[Sequence[str]] = ()) -> None:
    """WorthError, before anything runs, where so many runs of these scenarios cannot tell what knowledge is worth."""
    if len(scenarios) < 2:
        raise WorthError("a choice needs two scenarios or more: with one there is nothing that knowledge could change")
    names = learnable(uncertainty, scenarios)[0]
    if not names:
        raise WorthError("there is nothing to learn: every parameter has its default and every theory is settled, so "
                         "runs differ by luck alone; draw parameters with --uncertainty posterior, or leave a theory "
                         'open, as in --set structure.powers=any')
    if runs < FEWEST_DRAWS * RUNS_PER_DRAW:
        raise WorthError(f"{runs} runs are too few to tell what knowledge is worth; {FEWEST_DRAWS * RUNS_PER_DRAW} are "
                         "the least, 1,000 a good number")
    for asked in together:
        _refuse_unknown(asked, [name.removeprefix(_PREFIX) for name in names])


def _refuse_unknown(asked: Sequence[str], known: Sequence[str]) -> None:
    """WorthError for less than two names, or one of what cannot be learnt."""
    if len(set(asked)) < 2:
        raise WorthError("to be known together takes two names or more, as in severe_hazard,hazard_growth; each alone "
                         "is weighed anyway")
    for name in asked:
        if name.removeprefix(_PREFIX) not in known:
            close = suggest(name, known)
            raise WorthError(f"{name} is not uncertain here, so it cannot be learnt; "
                             + (f"did you mean {close}? " if close else "") + "`airace params` shows what there is")


def worth(results: Results, objective: str | Objective = "severe_incidents",
          together: Sequence[Sequence[str]] = ()) -> Worth:
    """What it is worth to know each unknown, and all of them, before choosing among the scenarios of these results.

    `objective` is an outcome with a better direction, or weights, as in "severe_incidents=-100, small_labs=5".
    `together` names unknowns to be known all at once, as in [("severe_hazard", "hazard_growth")]. Raises
    ObjectiveError for one that decides nothing, WorthError for results from which nothing can be learnt.
    """
    aim = Objective.read(objective) if isinstance(objective, str) else objective
    rows = _complete_draws(results)
    check(results.scenarios, results.uncertainty, rows.size, together)
    benefit = aim.benefit(results.summaries)
    draws = draws_of(results.uncertainty, results.seed, results.run_numbers)
    choice = _Choice.of(np.moveaxis(benefit[1:] - benefit[0], 0, -1)[rows], draws[rows], rows)
    met = unknowns(results)
    rooms = [(room, members) for room, members in _rooms(met).items() if len(members) > 1]
    rooms += [(AND.join(names), _named(met, names)) for names in together]
    everything, (chosen, leads) = choice.perfect(), _leads(benefit, rows)
    alone, joint = [choice.study([unknown]) for unknown in met], [choice.study(members) for _, members in rooms]
    flips = [_flips(unknown, found.partial, rows, chosen) for unknown, found in zip(met, alone, strict=True)]
    return Worth(
        aim, results.titles, benefit[:, rows.ravel()].mean(axis=1), chosen, leads, len(rows), rows.size, everything,
        _ranked([unknown.name for unknown in met], alone, everything, chosen, flips, [1] * len(met)),
        _ranked([room for room, _ in rooms], joint, everything, chosen, [()] * len(rooms),
                [len(members) for _, members in rooms]),
        _floor(alone), _floor(joint), tuple(learnable(results.uncertainty, results.scenarios)[1]), results)


@dataclass(frozen=True)
class _Studied:
    partial: Partial
    by_chance: np.ndarray


@dataclass(frozen=True)
class _Choice:
    """Gains over the first policy by draw and run of it (draws, runs, others), with which draws are drawn again."""

    gains: np.ndarray
    rows: np.ndarray
    again: Resampled

    @classmethod
    def of(cls, gains: np.ndarray, draws: np.ndarray, rows: np.ndarray) -> _Choice:
        return cls(gains, rows, Resampled.of(draws[:, 0]))

    def perfect(self) -> Perfect:
        return perfect(self.gains, self.again)

    def study(self, members: Sequence[Unknown]) -> _Studied:
        """What these unknowns are worth together, by draw."""
        places, gains = self.rows[:, 0], self.gains.mean(axis=1)
        bends = BENDS if len(members) <= FEW else BENDS_OF_MANY
        basis = Basis.of(np.concatenate([
            of_choice(unknown.values[places]) if unknown.choices else of_number(unknown.values[places], bends)
            for unknown in members], axis=1))
        return _Studied(partial(basis, gains, self.again), shuffled(basis, gains, self.again))


def _named(met: Sequence[Unknown], names: Sequence[str]) -> list[Unknown]:
    """Unknowns by name, with or without `uncertainty.`."""
    known = {unknown.name.removeprefix(_PREFIX): unknown for unknown in met}
    return [known[name.removeprefix(_PREFIX)] for name in dict.fromkeys(names)]


def _complete_draws(results: Results) -> np.ndarray:
    """Places of the runs of each draw of which all reached the end in every scenario (draws, runs of a draw)."""
    numbers, paired = results.run_numbers, results.paired
    first = int(-numbers[0] % RUNS_PER_DRAW)
    whole = (len(numbers) - first) // RUNS_PER_DRAW
    rows = first + np.arange(whole * RUNS_PER_DRAW).reshape(whole, RUNS_PER_DRAW)
    return np.asarray(rows[paired[rows].all(axis=1)])


def _leads(benefit: np.ndarray, rows: np.ndarray) -> tuple[int, Interval]:
    """The best policy on average, and what it is ahead of each (policies,), with intervals that hold together."""
    by_draw = benefit[:, rows].mean(axis=2)
    chosen = int(by_draw.mean(axis=1).argmax())
    ahead = (by_draw[chosen] - by_draw).T
    others = np.delete(ahead, chosen, axis=1)
    return chosen, intervals.mean_difference(ahead, critical=intervals.family_critical(others))


def _rooms(met: Iterable[Unknown]) -> dict[str, list[Unknown]]:
    found: dict[str, list[Unknown]] = {}
    for unknown in met:
        found.setdefault(unknown.room, []).append(unknown)
    return found


def _floor(found: Sequence[_Studied]) -> float:
    """The largest worth of any of these that chance alone makes, in 19 of 20 deals."""
    return float(np.quantile(np.max([each.by_chance for each in found], axis=0), LEVEL)) if found else 0.0


def _flips(unknown: Unknown, found: Partial, rows: np.ndarray, chosen: int) -> tuple[Flip, ...]:
    """Where the best policy changes with the unknown's value, or is another than the chosen under a theory."""
    values = unknown.values[rows[:, 0]]
    policy = best(found.smoothed)
    if unknown.choices:
        under = {choice: policy[values == place] for place, choice in enumerate(unknown.choices)}
        return tuple(Flip(choice, chosen, int(there[0])) for choice, there in under.items()
                     if len(there) and there[0] != chosen)
    order = np.argsort(values, kind="stable")
    values, policy = values[order], policy[order]
    turns = np.flatnonzero(np.diff(policy))
    middles = (values[:-1] + values[1:]) / 2.0
    low, high = np.nan, np.nan
    if len(turns) == 1:
        low, high = _where(middles, np.diff(best(found.smoothed_again)[order], axis=0) != 0)
    return tuple(Flip(float(middles[turn]), int(policy[turn]), int(policy[turn + 1]), low, high) for turn in turns)


def _where(middles: np.ndarray, turned: np.ndarray) -> tuple[float, float]:
    """The 95% interval of a single turn, over the resamples (rows - 1, resamples) that turn at all."""
    some = turned.any(axis=0)
    first = middles[turned[:, some].argmax(axis=0)]
    low, high = np.quantile(first, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0]) if some.any() else (np.nan, np.nan)
    return float(low), float(high)


def _ranked(names: Sequence[str], found: Sequence[_Studied], everything: Perfect, chosen: int,
            flips: Sequence[tuple[Flip, ...]], members: Sequence[int]) -> tuple[Known, ...]:
    """The unknowns, the most valuable first.

    No part of what draws share is worth more than all that they share, so intervals end there.
    """
    if not names:
        return ()
    floor, whole = _floor(found), max(everything.at_most, float(everything.worth.high))
    largest = max((each.partial for each in found), key=lambda part: float(part.worth.estimate))
    ranked = []
    for name, studied, turns, count in zip(names, found, flips, members, strict=True):
        part = studied.partial
        estimate, low, high = (min(float(each), whole) for each in part.worth)
        clear = estimate > floor
        ahead = largest.drawn_again - part.drawn_again
        level = clear and float(np.quantile(ahead, (1.0 - LEVEL) / 2.0)) <= 0.0
        otherwise = float((best(part.smoothed) != chosen).mean())
        ranked.append(Known(name, estimate, low if clear else 0.0, high, clear, level, otherwise, turns, count))
    return tuple(sorted(ranked, key=lambda known: (-known.worth, -known.high, known.name)))
