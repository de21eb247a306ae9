"""Why one run differs under two scenarios: where it parts, which events lead to the difference, which draws decided.

Both scenarios meet the same luck, so what differs comes from the scenarios alone - at first through levers, which act
from the first month, then through events that happen under one scenario and not under the other. What such an event
does is not read off the calendar: the run is replayed on the same luck with the one draw changed that decided the
event, so that it does not happen, and the difference between the scenarios is taken again. An event leads to another
one if the other is gone in that replay as well.

This is a statement about one run of this model. Effects of single draws do not add up: two events can each be enough,
or need each other. Many draws are drawn again the next month, so that an event prevented may only come later; a replay
says when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.common import arguments
from sim.common.above import Told, above
from sim.common.arguments import takes
from sim.engine.simulate import Task, run_batch, simulate
from sim.engine.uncertainty import DEFAULT, SETTINGS
from sim.model.events import EVENTS
from sim.model.luck import Draw
from sim.model.outcomes import INDEX, NAMES, OUTCOMES, Outcome, so_far, summarise
from sim.studies.comparing.compare import Comparison, compare
from sim.studies.comparing.contrast import contrast
from sim.studies.comparing.draws import record, suspects
from sim.studies.comparing.histories import History, unmatched
from sim.studies.comparing.undone import Undone, undone

if TYPE_CHECKING:
    from sim.engine.results import Results
    from sim.scenario.scenario import Scenario
    from sim.studies.comparing.contrast import Contrast

BASELINE, OTHER = 0, 1
SURROUNDING_RUNS = 60  # runs that say how much an outcome varies with luck, and what is typical
NOTABLE_SHARE = 0.1  # of a standard deviation over runs: from here a difference in an outcome is spoken of
LEAST_WEIGHT = 3  # events that weigh less are routine: no turn of a story
TURNING_WEIGHT = 5  # events from which a story turns, told when a replay brings them
MOST_EVENTS = 25  # events tried of each scenario
ROUTINE_EVENTS = 12  # routine events of each scenario that are prevented as a yardstick
LATER_MONTHS = 24  # an event prevented that comes within so many months is late, not gone


class RunFailedError(ValueError):
    """The run did not reach its end under one of the scenarios."""


@dataclass(frozen=True)
class Event:
    """An event that only one of the two runs has. `side` is 0 for the baseline's run, 1 for the other's."""

    side: int
    position: int
    month: int
    date: str
    kind: str
    text: str

    @property
    def weight(self) -> int:
        """How much its kind matters: 1 routine ... 6 turning point."""
        return EVENTS[self.kind].weight


@dataclass(frozen=True, eq=False)
class Turn:
    """An event and what became of the run when the one draw that decided it was changed.

    `draw` was `number` and was set to `changed_to`; `draw` is None for an event that a scenario dates: there the run
    was replayed without that line. `effect` is the part of the difference in each outcome (outcomes,) that went with
    the event; `path` (months, outcomes) the replay; `late` the months by which the event came later instead, None if
    it did not; `instead` what happened in the replay and had not happened before, the weightiest first; `takes_along`
    the events of the same run that are gone in the replay too.
    """

    event: Event
    draw: Draw | None
    number: float | None
    changed_to: float | None
    effect: np.ndarray
    path: np.ndarray
    late: int | None
    instead: tuple[Event, ...]
    takes_along: tuple[Event, ...]


@dataclass(frozen=True, eq=False)
class _Replay:
    """One row of the batch of replays: a scenario, the draws changed in it, and the event that is to be prevented.

    `undone` says what was taken back in the scenario instead, where no event is prevented.
    """

    side: int
    scenario: Scenario
    changed: Mapping[Draw, float]
    event: Event | None = None
    number: float | None = None
    undone: Undone | None = None


@dataclass(frozen=True, eq=False)
class Why(Told):
    """The answer for one run: prints as a story; `save(path)` writes it as a page.

    `difference` (outcomes,) is the other scenario's less the baseline's, each outcome summed up over the run;
    `spread` (outcomes,) the standard deviation over runs under the baseline; `usual` (runs, outcomes) the same
    difference in other runs. `ripple` (outcomes,) is the effect that 90% of the `routine` events prevented as a
    yardstick stay below. `levers` has what was taken back in the other scenario, and the part (outcomes,) of the
    difference that goes with it. `together` is the part of the difference that goes when all turns shown are prevented.
    """

    results: Results
    outcome: str
    chosen: bool
    contrast: Contrast
    difference: np.ndarray
    spread: np.ndarray
    usual: np.ndarray
    parted: tuple[Event, ...]
    turns: tuple[Turn, ...]
    untried: int
    levers: tuple[tuple[Undone, np.ndarray], ...]
    ripple: np.ndarray
    routine: int
    together: np.ndarray | None
    replays: int

    # ---- the run -------------------------------------------------------------------------------------------
    @property
    def run(self) -> int:
        """The run's number."""
        return self.results.first_run

    @cached_property
    def comparison(self) -> Comparison:
        """The two runs as a comparison, for charts."""
        return compare(self.results)

    @property
    def about(self) -> Outcome:
        """The outcome asked about."""
        return OUTCOMES[self.outcome]

    @property
    def gap(self) -> float:
        """The difference in the outcome in this run, in its unit."""
        return float(self.difference[INDEX[self.outcome]])

    @property
    def notable(self) -> float:
        """From how large on a difference in the outcome is spoken of, in its unit."""
        return NOTABLE_SHARE * float(self.spread[INDEX[self.outcome]])

    @property
    def floor(self) -> float:
        """From how large on an effect counts: beyond what is not notable, and beyond that of routine events."""
        return max(self.notable, float(self.ripple[INDEX[self.outcome]]))

    @property
    def first_month_at_all(self) -> int | None:
        """The first month in which any outcome differs by anything; None if none ever does."""
        return _first((self.results.values[OTHER, 0] != self.results.values[BASELINE, 0]).any(axis=1))

    @property
    def first_month_notable(self) -> int | None:
        """The first month from which on the outcome, so far, differs by more than `notable`; None if it does not."""
        paths = self.path(self.results.values[:, 0])
        return _first(np.abs(paths[OTHER] - paths[BASELINE]) > self.notable)

    def path(self, values: np.ndarray) -> np.ndarray:
        """The outcome so far (..., months), from the values (..., months, outcomes) of runs or replays."""
        return so_far(values[..., INDEX[self.outcome]], self.about)

    # ---- what led to the difference ------------------------------------------------------------------------
    def effect(self, turn: Turn) -> float:
        """The part of the difference in the outcome that goes when the turn's event is prevented, in its unit."""
        return float(turn.effect[INDEX[self.outcome]])

    @cached_property
    def that_mattered(self) -> tuple[Turn, ...]:
        """Turns whose effect is beyond that of routine events and notable, largest first."""
        mattered = [turn for turn in self.turns if abs(self.effect(turn)) > self.floor]
        return tuple(sorted(mattered, key=lambda turn: (-abs(self.effect(turn)), turn.event.month)))

    def causes_of(self, event: Event) -> tuple[Turn, ...]:
        """Turns without which an event of the same run did not happen, in order of time."""
        return tuple(turn for turn in self.turns if any(gone is event for gone in turn.takes_along))

    def chain_of(self, turn: Turn) -> tuple[Turn, ...]:
        """The turns that had to happen for this one, itself, and those that mattered and go with it, in order."""
        onwards = (other for other in self.that_mattered if any(other.event is gone for gone in turn.takes_along))
        return (*self.causes_of(turn.event), turn, *sorted(onwards, key=lambda other: _in_time(other.event)))

    def __str__(self) -> str:
        return str(above("why_in_words")(self))

    def save(self, path: str | Path) -> Path:
        """Write the answer as one page that works offline; returns its path."""
        written: Path = self._told().write(path)
        return written

    def __repr__(self) -> str:
        return f"<Why: run {self.run} under {' and '.join(self.results.titles)}, {len(self.turns)} turns>"


@takes(
    baseline=arguments.scenario,
    other=arguments.scenario,
    run=arguments.run,
    seed=arguments.seed,
    outcome=arguments.choice(OUTCOMES, "`sim.OUTCOMES`"),
    months=arguments.months,
    uncertainty=arguments.choice(SETTINGS),
)
def why(
    baseline: Scenario,
    other: Scenario,
    *,
    run: int = 0,
    seed: int = 0,
    outcome: str | None = None,
    months: int | None = None,
    uncertainty: str = DEFAULT,
) -> Why:
    """Explain why a run differs under two scenarios, by replays with single draws changed.

    Without `outcome`, it is about the primary outcome of whose difference in this run one event carries most, in
    standard deviations over runs under the baseline. Raises ValueError for an unknown outcome, scenarios that begin in
    different months or run for different lengths without `months`, and whatever `simulate` refuses; TypeError for what
    is no scenario; RunFailedError for a run that fails.
    """
    if baseline.start != other.start:
        raise ValueError(f"the scenarios begin in different months, {baseline.start} and {other.start}")
    pair = simulate([baseline, other], runs=1, first_run=run, seed=seed, months=months, uncertainty=uncertainty)
    if pair.failures:
        raise RunFailedError(f"the run failed, so there is nothing to explain: {pair.failures[0]}")
    return _Inquiry(pair, outcome).answer()


def _first(holds: np.ndarray) -> int | None:
    return int(holds.argmax()) if holds.any() else None


class _Inquiry:
    """The steps of `why`, over one pair of runs."""

    def __init__(self, pair: Results, outcome: str | None) -> None:
        self.pair = pair
        self.asked = outcome
        self.scenarios = pair.scenarios
        self.run, self.seed, self.months = pair.first_run, pair.seed, pair.values.shape[2]
        self.summary = pair.summaries[:, 0]
        self.difference = self.summary[OTHER] - self.summary[BASELINE]
        self.records = record(self.scenarios, self.run, self.seed, self.months, pair.uncertainty)
        self.histories = [recorded.history for recorded in self.records]

    def answer(self) -> Why:
        """Find the events that only one run has, replay the run without each, and take the differences again."""
        spread, usual = self._surroundings()
        parted = self._parted()
        tried, routine = self._worth_trying(parted), self._routine(parted)
        back = [_Replay(OTHER, each.scenario, {}, undone=each) for each in undone(*self.scenarios)]
        replays = [*self._preventing(tried), *self._preventing(routine), *back]
        summaries, paths, histories = self._replay(replays)
        effects = self.difference - np.array([
            self._difference_with(replay.side, row) for replay, row in zip(replays, summaries, strict=True)
        ]).reshape(-1, len(NAMES))
        first = self._first_that_prevent(replays, summaries, histories)
        turns = [self._turn(replays[row], effects[row], paths[row], histories[row], parted)
                 for row in first if replays[row].event in tried]
        yardstick = np.abs([effects[row] for row in first if replays[row].event in routine]).reshape(-1, len(NAMES))
        levers = [(replay.undone, effects[row]) for row, replay in enumerate(replays) if replay.undone is not None]
        found = Why(
            results=self.pair,
            outcome=self.asked or _carried_by_one(self.difference, spread, turns),
            chosen=self.asked is not None,
            contrast=contrast(self.pair, BASELINE, OTHER, self.run),
            difference=self.difference,
            spread=spread,
            usual=usual,
            parted=tuple(parted),
            turns=tuple(sorted(turns, key=lambda turn: _in_time(turn.event))),
            untried=len(tried) - len(turns),
            levers=tuple(levers),
            ripple=np.quantile(yardstick, 0.9, axis=0) if len(yardstick) else np.zeros(len(NAMES)),
            routine=len(yardstick),
            together=None,
            replays=len(replays),
        )
        return replace(found, together=self._together(found.that_mattered))

    # ---- what is there ---------------------------------------------------------------------------------------
    def _surroundings(self) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviation over runs under the baseline (outcomes,), and paired differences (runs, outcomes)."""
        around = simulate(self.scenarios, runs=SURROUNDING_RUNS, seed=self.seed, months=self.months, events=False,
                          uncertainty=self.pair.uncertainty)
        sound = around.summaries[:, around.paired]
        return sound[BASELINE].std(axis=0, ddof=1), sound[OTHER] - sound[BASELINE]

    def _parted(self) -> list[Event]:
        """Events of either run that have no counterpart in the other one, in order of time."""
        alone = unmatched(*self.histories)
        ours, theirs = (self._events(side, np.flatnonzero(alone[side])) for side in (BASELINE, OTHER))
        return sorted([*ours, *theirs], key=_in_time)

    def _events(
        self, side: int, positions: Sequence[int] | np.ndarray, told: History | None = None
    ) -> list[Event]:
        told = told or self.histories[side]
        return [
            Event(side, int(at), int(told.months[at]), self.pair.dates[told.months[at]], told.kind(at), text)
            for at, text in zip(positions, told.texts(positions), strict=True)
        ]

    def _worth_trying(self, parted: Sequence[Event]) -> list[Event]:
        """The weightiest events that only one run has, of each run at most `MOST_EVENTS`."""
        weighty = sorted((event for event in parted if event.weight >= LEAST_WEIGHT),
                         key=lambda event: (-event.weight, *_in_time(event)))
        return [event for side in (BASELINE, OTHER)
                for event in [each for each in weighty if each.side == side][:MOST_EVENTS]]

    def _routine(self, parted: Sequence[Event]) -> list[Event]:
        """Routine events of each run, spread evenly over the months from which the runs part."""
        first = min((event.month for event in parted), default=self.months)
        chosen: list[Event] = []
        for side, told in enumerate(self.histories):
            routine = [at for at in range(len(told))
                       if EVENTS[told.kind(at)].weight < LEAST_WEIGHT and told.months[at] >= first]
            spread = np.linspace(0, len(routine) - 1, min(ROUTINE_EVENTS, len(routine))).astype(int)
            chosen += self._events(side, [routine[at] for at in spread])
        return chosen

    # ---- replays ---------------------------------------------------------------------------------------------
    def _preventing(self, events: Sequence[Event]) -> list[_Replay]:
        """A replay for each draw that may have decided one of the events, and without the line that dates it."""
        replays = []
        for event in events:
            scenario = self.scenarios[event.side]
            for dated in (each for each in scenario.events if each.month == event.month):
                without = replace(scenario, events=tuple(each for each in scenario.events if each is not dated))
                replays.append(_Replay(event.side, without, {}, event))
            for draw, number, away in suspects(self.records[event.side], event.position):
                replays.append(_Replay(event.side, scenario, {draw: away}, event, number))
        return replays

    def _replay(self, replays: Sequence[_Replay]) -> tuple[np.ndarray, np.ndarray, list[History]]:
        """Carry out replays: summaries (replays, outcomes), paths (replays, months, outcomes), and their histories.

        A replay that fails has nan for a summary.
        """
        if not replays:
            return np.empty((0, len(NAMES))), np.empty((0, self.months, len(NAMES))), []
        batch = run_batch(Task(
            tuple(replay.scenario for replay in replays), self.run, 1, self.seed, self.months,
            changed=tuple(replay.changed for replay in replays), uncertainty=self.pair.uncertainty,
        ))
        ends = np.searchsorted(batch.events["scenario"], np.arange(len(replays) + 1))
        histories = [
            History.of({name: column[ends[row] : ends[row + 1]] for name, column in batch.events.items()},
                       self.histories[0].called)
            for row in range(len(replays))
        ]
        paths = batch.values[:, 0]
        return summarise(paths), paths, histories

    def _difference_with(self, side: int, summary: np.ndarray) -> np.ndarray:
        """The difference between the scenarios with the replay's summary (outcomes,) in place of one side's."""
        return summary - self.summary[BASELINE] if side == OTHER else self.summary[OTHER] - summary

    def _first_that_prevent(
        self, replays: Sequence[_Replay], summaries: np.ndarray, histories: Sequence[History]
    ) -> list[int]:
        """The first replay of each event in which it is gone, as rows."""
        first: dict[Event, int] = {}
        for row, replay in enumerate(replays):
            if replay.event is not None and replay.event not in first and np.isfinite(summaries[row]).all():
                before = self.histories[replay.event.side]
                key, month = before.keys[replay.event.position], replay.event.month
                if histories[row].happenings(key, month) < before.happenings(key, month):
                    first[replay.event] = row
        return list(first.values())

    def _turn(
        self, replay: _Replay, effect: np.ndarray, path: np.ndarray, told: History, parted: Sequence[Event]
    ) -> Turn:
        event = replay.event
        assert event is not None  # only replays of events make turns
        before = self.histories[event.side]
        lost, new = unmatched(before, told)
        draw, changed_to = next(iter(replay.changed.items()), (None, None))
        instead = (each for each in self._events(event.side, np.flatnonzero(new), told)
                   if each.weight >= TURNING_WEIGHT)
        gone = tuple(other for other in parted if other.side == event.side and other != event
                     and _in_time(other) >= _in_time(event) and lost[other.position])
        return Turn(event, draw, replay.number, changed_to, effect, path, _late(before, event, told),
                    tuple(sorted(instead, key=lambda each: (-each.weight, each.month))), gone)

    def _together(self, turns: Sequence[Turn]) -> np.ndarray | None:
        """What goes of the difference when all these turns are prevented at once; None with fewer than two."""
        drawn = [turn for turn in turns if turn.draw is not None]
        if len(drawn) < 2:
            return None
        replays = [
            _Replay(side, self.scenarios[side],
                    {turn.draw: turn.changed_to for turn in drawn
                     if turn.event.side == side and turn.draw is not None and turn.changed_to is not None})
            for side in (BASELINE, OTHER)
        ]
        summaries, _, _ = self._replay(replays)
        return self.difference - (summaries[OTHER] - summaries[BASELINE])


def _in_time(event: Event) -> tuple[int, int, int]:
    return event.month, event.side, event.position


def _carried_by_one(difference: np.ndarray, spread: np.ndarray, turns: Sequence[Turn]) -> str:
    """The primary outcome of whose difference one event carries most, in standard deviations over runs.

    The one with the largest difference, if no event carries a notable part.
    """
    scale = np.where(spread > 0.0, spread, np.inf)
    gap = np.abs(difference) / scale
    along = np.array([turn.effect * np.sign(difference) for turn in turns]).reshape(-1, len(NAMES))
    carried = np.minimum(along.max(axis=0, initial=0.0) / scale, gap)
    carried = np.where(carried > NOTABLE_SHARE, carried, 0.0)
    primary = [name for name, outcome in OUTCOMES.items() if outcome.primary]
    return max(primary, key=lambda name: (float(carried[INDEX[name]]), float(gap[INDEX[name]])))


def _late(before: History, event: Event, replayed: History) -> int | None:
    """Months by which the event comes later in the replay, None if it does not come within `LATER_MONTHS`."""
    key = before.keys[event.position]
    usual = {int(before.months[at]) for at in before.when[key]}
    coming = (int(replayed.months[at]) for at in replayed.when.get(key, ()))
    late = [month - event.month for month in coming if month not in usual and 0 < month - event.month <= LATER_MONTHS]
    return min(late, default=None)
