"""Scenarios times seeds become results: batches of runs side by side, on one core or several.

A run's numbers depend on the seed, its run number and its scenario, not on the batch or the worker that it fell to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common import arguments
from sim.common.arguments import ArgumentError, flag, takes
from sim.engine.changes import check_changes
from sim.engine.failures import Failure
from sim.engine.labels import distinct_titles
from sim.engine.live import STAGES, Stage, live_all, live_one_month, measure
from sim.engine.memory import check_memory
from sim.engine.provenance import departures_of, versions
from sim.engine.results import Results
from sim.engine.rules_file import FileRules, RuleRaised
from sim.engine.uncertainty import DEFAULT, SETTINGS, believed
from sim.engine.workers import worker_processes
from sim.model.events import event_texts
from sim.model.naming import names_told
from sim.model.outcomes import LAB_QUANTITIES, NAMES
from sim.model.start import build_world
from sim.model.state import LAB_SLOTS
from sim.model.world import World

if TYPE_CHECKING:
    from sim.model.luck import Changes
    from sim.scenario.scenario import Scenario

Progress = Callable[[int, int, int], None]
BATCH_ROWS = 512  # a second's work: what is interrupted ends soon, and more rows share no cost worth naming
LAB_OUTCOMES = tuple(LAB_QUANTITIES)
AT_THE_END = ("nation", "active", "revenue", "share", "valuation", "compute")  # of each lab; cheap, so always kept


@dataclass(frozen=True)
class Task:
    """One batch: runs `first_run` to `first_run + runs` of all scenarios. Can be sent to another process."""

    scenarios: tuple[Scenario, ...]
    first_run: int
    runs: int
    seed: int
    months: int
    labs: bool = False
    events: bool = True
    check: bool = False
    stages: tuple[Stage, ...] | None = None
    changed: Changes | tuple[Changes, ...] | None = None
    uncertainty: str = DEFAULT


@dataclass
class Batch:
    """What a batch gives back.

    `values` (scenarios, runs, months, outcomes); `events` columns with `scenario` and `run` in place of the row;
    `failures` as (scenario, run, month, field, reason); `labs` by quantity (scenarios, runs, months, labs); `at_end`
    by quantity (scenarios, runs, labs).
    """

    task: Task
    values: np.ndarray
    events: dict[str, np.ndarray]
    failures: list[tuple[int, int, int, str, str]]
    labs: dict[str, np.ndarray] | None
    at_end: dict[str, np.ndarray]


class IdentityError(AssertionError):
    """An identity of the model does not hold: `--check` names what, where and by how much."""


@takes(
    scenarios=arguments.scenarios,
    runs=arguments.runs,
    seed=arguments.seed,
    months=arguments.months,
    workers=arguments.workers,
    first_run=arguments.run,
    labs=flag,
    events=flag,
    check=flag,
    stages=arguments.stages,
    uncertainty=arguments.choice(SETTINGS),
    progress=arguments.calls(3),
    batch=arguments.whole(1),
    executor=arguments.executor,
)
def simulate(
    scenarios: Scenario | Sequence[Scenario],
    runs: int = 200,
    seed: int = 0,
    months: int | None = None,
    workers: int = 1,
    *,
    first_run: int = 0,
    labs: bool = False,
    events: bool = True,
    check: bool = False,
    stages: Sequence[Stage] | None = None,
    changed: Changes | Sequence[Changes] | None = None,
    uncertainty: str = DEFAULT,
    progress: Progress | None = None,
    batch: int | None = None,
    executor: Executor | None = None,
) -> Results:
    """Run every scenario `runs` times on the same luck and return the `Results`.

    Run r of one scenario meets the same luck as run r of another. `labs` keeps the quantities of each lab month by
    month (what labs have at the end is kept in any case); `events=False` leaves the stories out; `check` verifies every
    payment each month (slow); `stages` replaces the month's list of stages, to add a rule; `changed` replays runs with
    single draws replaced, the same in all scenarios, or as a sequence with the changes of each scenario;
    `uncertainty` says what is believed about parameters, as in every command: `luck` their defaults, `prior` draws from
    their ranges, `posterior` draws that the record left (`sim/engine/uncertainty.py`); `batch` is the number of rows
    computed side by side and changes no result; `workers` share the batches: threads, or processes where stages of
    one's own or a check have to be lived in Python. `progress(done, total, failed)` is called after each batch.
    Raises ValueError or TypeError for arguments that make no sense, a changed draw that is never made among them;
    MemoryError where it could not fit, before it begins; BrokenProcessPool in words where workers cannot start.
    """
    chosen = list(scenarios) if isinstance(scenarios, Sequence) else [scenarios]
    length = _length(chosen) if months is None else months
    changed = check_changes(changed, chosen, range(first_run, first_run + runs), length, stages is not None)
    check_memory(len(chosen), runs, length, labs)
    began = time.perf_counter()
    rows = batch or BATCH_ROWS
    chunk = max(1, rows // len(chosen))
    if batch is None and workers > 1:
        chunk = max(1, min(chunk, -(-runs // workers)))
    tasks = [
        Task(
            tuple(chosen),
            first,
            min(chunk, first_run + runs - first),
            seed,
            length,
            labs,
            events,
            check,
            stages if stages is None or isinstance(stages, tuple) else tuple(stages),
            changed,
            uncertainty,
        )
        for first in range(first_run, first_run + runs, chunk)
    ]
    batches: list[Batch] = []
    failed = done = 0
    with closing(_carry_out(tasks, workers, executor)) as parts:  # so that an interruption here ends its workers too
        for part in parts:
            batches.append(part)
            failed += len(part.failures)
            done += part.task.runs * len(chosen)
            if progress is not None:
                progress(done, runs * len(chosen), failed)
    batches.sort(key=lambda part: part.task.first_run)
    return _gather(chosen, batches, time.perf_counter() - began)


def compile_rules() -> None:
    """Compile the model's rules, or find them compiled, before workers share them: else each would compile its own."""
    from sim.scenario.scenario import Scenario

    first = Scenario.from_dict({"title": "First", "months": 1})
    run_batch(Task((first,), 0, 1, 0, 1, events=False, uncertainty="luck"))


def run_batch(task: Task) -> Batch:
    """Carry out one task in this process."""
    groups: dict[str, list[int]] = {}
    for i, scenario in enumerate(task.scenarios):
        groups.setdefault(scenario.start, []).append(i)
    count = len(task.scenarios)
    values = np.empty((count, task.runs, task.months, len(NAMES)))
    kept: dict[str, np.ndarray] = {}
    ends: dict[str, np.ndarray] = {}
    failures: list[tuple[int, int, int, str, str]] = []
    logs: list[dict[str, np.ndarray]] = []
    for members in groups.values():
        part = _apart_if_raised(task, members)
        values[members] = part.values
        position = np.array(members)
        failures += [(int(position[s]), run, month, field, reason) for s, run, month, field, reason in part.failures]
        part.events["scenario"] = position[part.events["scenario"]]
        logs.append(part.events)
        for store, found in ((kept, part.labs or {}), (ends, part.at_end)):
            for name, array in found.items():
                store.setdefault(name, np.empty((count, *array.shape[1:])))[members] = array
    events = {name: np.concatenate([log[name] for log in logs]) for name in logs[0]}
    order = np.lexsort((np.arange(len(events["month"])), events["month"], events["run"], events["scenario"]))
    events = {name: column[order] for name, column in events.items()}
    return Batch(task, values, events, failures, kept or None, ends)


def _apart_if_raised(task: Task, members: list[int]) -> Batch:
    """As `_run_rows`; where a rule from a file raises, in halves, until the runs in which it does stand alone."""
    try:
        return _run_rows(task, members)
    except RuleRaised:
        if task.runs > 1:
            half = task.runs // 2
            later = replace(task, first_run=task.first_run + half, runs=task.runs - half)
            parts, axis = [_apart_if_raised(each, members) for each in (replace(task, runs=half), later)], 1
        else:
            half = len(members) // 2
            parts, axis = [_apart_if_raised(task, each) for each in (members[:half], members[half:])], 0
            parts[1].events["scenario"] += half
            parts[1].failures = [(s + half, run, month, field, why) for s, run, month, field, why in parts[1].failures]
    one, two = parts

    def joined(first: dict[str, np.ndarray], second: dict[str, np.ndarray], axis: int) -> dict[str, np.ndarray]:
        return {name: np.concatenate([first[name], second[name]], axis=axis) for name in first}

    return Batch(task, np.concatenate([one.values, two.values], axis=axis), joined(one.events, two.events, 0),
                 sorted(one.failures + two.failures), joined(one.labs or {}, two.labs or {}, axis) or None,
                 joined(one.at_end, two.at_end, axis))


def _run_rows(task: Task, members: list[int]) -> Batch:
    """Run the task's scenarios at these positions, which share a start: rows are scenario by scenario, run by run."""
    scenarios = [task.scenarios[i] for i in members]
    count, runs = len(scenarios), task.runs
    scenario_of_row = np.repeat(np.arange(count), runs)
    changed: Changes | Sequence[Changes] | None = task.changed
    if isinstance(task.changed, tuple):
        changed = [task.changed[members[s]] for s in scenario_of_row]
    run_of_row = np.tile(np.arange(task.first_run, task.first_run + runs), count)
    with np.errstate(all="ignore"):
        world = build_world(
            scenarios,
            scenario_of_row,
            run_of_row,
            task.seed,
            months=task.months,
            changed=changed,
            believed=believed(task.uncertainty, task.seed, run_of_row),
        )
        world.log.enabled = task.events
        values = np.empty((count * runs, task.months, len(NAMES)))
        labs = np.empty((len(LAB_OUTCOMES), *values.shape[:2], LAB_SLOTS)) if task.labs else None
        failed = at_once(world, values, labs) if _in_one_pass(task) else _month_by_month(world, task, values, labs)
        kept = {} if labs is None else dict(zip(LAB_OUTCOMES, labs, strict=True))
        at_end = {name: np.array(getattr(world.labs, name), dtype=np.float64) for name in AT_THE_END}
        last_month = np.full(count * runs, task.months)
        for failing, (month, _, _) in failed.items():
            values[failing, month:] = np.nan
            for array in kept.values():
                array[failing, month:] = np.nan
            for array in at_end.values():
                array[failing] = np.nan
            last_month[failing] = month
    columns = world.log.arrays()
    rows = columns.pop("row")
    alive = columns["month"] < last_month[rows]
    columns = {"scenario": scenario_of_row[rows], "run": run_of_row[rows], **columns}
    failures = [(int(scenario_of_row[r]), int(run_of_row[r]), m, f, why) for r, (m, f, why) in sorted(failed.items())]
    return Batch(
        task,
        values.reshape(count, runs, task.months, -1),
        {k: v[alive] for k, v in columns.items()},
        failures,
        {k: v.reshape(count, runs, task.months, -1) for k, v in kept.items()} or None,
        {k: v.reshape(count, runs, -1) for k, v in at_end.items()},
    )


Failed = dict[int, tuple[int, str, str]]  # by row: the month, the field, and what became of it


def at_once(world: World, values: np.ndarray, labs: np.ndarray | None = None) -> Failed:
    """Live the next months by the model's own stages in one pass; `values` (rows, months, outcomes) is filled."""
    failed: Failed = {}
    months = live_all(world, values, labs)
    for row in np.flatnonzero(months >= 0):
        field, value = _find_fault(world, int(row), values[row, months[row] - world.month])
        failed[int(row)] = (int(months[row]), field, f"became {value}")
    return failed


def _month_by_month(world: World, task: Task, values: np.ndarray, labs: np.ndarray | None) -> Failed:
    """Live with stages of one's own, or with a look at the books after each month."""
    failed: Failed = {}
    stages = task.stages.guarded() if isinstance(task.stages, FileRules) else task.stages or STAGES
    for month in range(task.months):
        world.month = month
        opening = world.labs.cash.copy() if task.check else None
        try:
            live_one_month(world, stages)
        except RuleRaised as raised:
            if world.rows > 1:  # whose run it was is found by living them apart
                raise
            failed.setdefault(0, (month, f"rule {raised.rule}", raised.told))
            return failed
        measure(world, values[:, month])
        if labs is not None:
            labs[:, :, month] = [getattr(world.labs, name) for name in LAB_OUTCOMES]
        if opening is not None:
            check_books(world, opening)
        note_failures(world, values[:, month], failed)
    return failed


def note_failures(world: World, row: np.ndarray, failed: Failed) -> None:
    """Note runs in which a number of the state or an outcome is no number any more; `row` (rows, outcomes)."""
    sound = np.isfinite(row).all(axis=1)
    for table in world.tables().values():
        for array in table.arrays().values():
            # A sum is finite only if all its terms are, and quicker to take than a look at each.
            if array.dtype.kind == "f" and not np.isfinite(array.sum()):
                sound &= np.isfinite(array).reshape(world.rows, -1).all(axis=1)
    for index in np.flatnonzero(~sound):
        if int(index) not in failed:
            field, value = _find_fault(world, int(index), row[index])
            failed[int(index)] = (world.month, field, f"became {value}")


def _find_fault(world: World, row: int, outcomes: np.ndarray) -> tuple[str, float]:
    """The first field of the state that is not a finite number in this row, else the outcome that is not."""
    labs = world.called.labs
    for table_name, table in world.tables().items():
        for name, array in table.arrays().items():
            if array.dtype.kind == "f" and not np.isfinite(array[row]).all():
                slot = int(np.flatnonzero(~np.isfinite(array[row].ravel()))[0])
                who = f" of {labs[slot]}" if table_name == "labs" else ""
                return f"{table_name}.{name}{who}", float(array[row].ravel()[slot])
    worst = int(np.flatnonzero(~np.isfinite(outcomes))[0])
    return NAMES[worst], float(outcomes[worst])


def check_books(world: World, opening: np.ndarray, tolerance: float = 1e-9) -> None:
    """Every dollar of every lab's cash is accounted for this month, or IdentityError names lab, month and gap.

    `opening` (rows, labs) is the cash at the start of the month, USD bn; the tolerance is relative to the sums moved.
    """
    books = world.books
    booked = sum(books.values(), np.zeros_like(opening))
    moved = sum((np.abs(amount) for amount in books.values()), np.abs(opening))
    gap = np.abs(world.labs.cash - opening - booked)
    if np.any(gap > tolerance * (1.0 + moved)):
        row, slot = np.unravel_index(int(gap.argmax()), gap.shape)
        lab = world.called.labs[slot]
        raise IdentityError(
            f"cash of {lab} in month {world.month}, run {world.luck.runs[row]}: "
            f"USD {gap[row, slot]:.3g} bn are not accounted for"
        )


# ---- many batches ------------------------------------------------------------------------------------------------
def _carry_out(tasks: list[Task], workers: int, executor: Executor | None) -> Generator[Batch]:
    if executor is None and (workers == 1 or len(tasks) == 1):
        yield from map(run_batch, tasks)
        return
    if executor is None and _in_one_pass(tasks[0]):
        yield from _in_threads(tasks, workers)
        return
    if executor is None:
        compile_rules()
    own: Any = worker_processes(min(workers, len(tasks))) if executor is None else nullcontext(executor)
    with own as pool:
        waiting = [pool.submit(run_batch, task) for task in tasks]
        for future in as_completed(waiting):
            yield future.result()


def _in_one_pass(task: Task) -> bool:
    """Whether whole lives are lived in one compiled pass, which needs no interpreter."""
    return task.stages is None and not task.check


def _in_threads(tasks: list[Task], workers: int) -> Generator[Batch]:
    """Compiled rules run side by side in threads of this process: nothing has to be started or sent."""
    pool = ThreadPoolExecutor(min(workers, len(tasks)))
    try:
        for future in as_completed([pool.submit(run_batch, task) for task in tasks]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _gather(scenarios: list[Scenario], batches: list[Batch], elapsed: float) -> Results:
    task = batches[0].task
    values = np.concatenate([part.values for part in batches], axis=1)
    columns = {name: np.concatenate([part.events[name] for part in batches]) for name in batches[0].events}
    order = np.lexsort((columns["run"], columns["scenario"]))
    columns = {name: column[order] for name, column in columns.items()}
    labs = None
    if batches[0].labs is not None:
        labs = {
            name: np.concatenate([part.labs[name] for part in batches if part.labs], axis=1) for name in batches[0].labs
        }
    titles = distinct_titles([scenario.title for scenario in scenarios])
    failures = [
        Failure(titles[s], run, month, field, reason)
        for part in batches
        for s, run, month, field, reason in part.failures
    ]
    return Results(
        scenarios,
        values,
        partial(_named_events, scenarios, columns),
        labs,
        names_told(scenarios).labs,
        at_end={name: np.concatenate([part.at_end[name] for part in batches], axis=1) for name in batches[0].at_end},
        seed=task.seed,
        first_run=task.first_run,
        failures=failures,
        versions=versions(),
        elapsed=elapsed,
        uncertainty=task.uncertainty,
        departures=departures_of(task.stages, task.changed, len(scenarios)),
        kept_events=task.events,
        checked=task.check,
    )


def _named_events(scenarios: list[Scenario], columns: dict[str, np.ndarray]) -> dict[str, Any]:
    """Events with names and sentences; slots have the names of their scenario's start."""
    starts = {scenario.start for scenario in scenarios}
    texts: dict[str, list[str]] = {
        "kind": [""] * len(columns["run"]),
        "actor": [""] * len(columns["run"]),
        "target": [""] * len(columns["run"]),
        "text": [""] * len(columns["run"]),
    }
    for start in starts:
        members = [i for i, scenario in enumerate(scenarios) if scenario.start == start]
        here = np.flatnonzero(np.isin(columns["scenario"], members))
        told = event_texts({name: column[here] for name, column in columns.items()},
                           names_told(scenarios, start), scenarios)
        if len(starts) == 1:
            texts = told
            break
        for name, column in told.items():
            for place, text in zip(here.tolist(), column, strict=True):
                texts[name][place] = text
    return {
        "scenario": columns["scenario"],
        "run": columns["run"],
        "month": columns["month"],
        "kind": texts["kind"],
        "actor": texts["actor"],
        "target": texts["target"],
        "amount": columns["amount"],
        "text": texts["text"],
    }


def _length(scenarios: Sequence[Scenario]) -> int:
    """The number of months that all scenarios run for; ArgumentError where they differ."""
    lengths = {scenario.months for scenario in scenarios}
    if len(lengths) > 1:
        raise ArgumentError(
            f"the scenarios run for different numbers of months ({', '.join(map(str, sorted(lengths)))}): "
            "give months= to compare them over the same time"
        )
    return lengths.pop()
