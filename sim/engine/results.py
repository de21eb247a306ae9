"""What a simulation gives back: values, events and failures of every run, as labelled arrays and tables.

`Results` holds numbers and knows how to name, summarise, print, draw and save them. It runs nothing.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sim.common import arguments
from sim.common.above import Told, above
from sim.common.arguments import ArgumentError, is_whole, shown, takes, unknown_name
from sim.engine.arrays import as_floats, canonical_floats, check_shapes, joined, mean_and_quantiles
from sim.engine.event_table import EVENT_COLUMNS, check_places, event_table
from sim.engine.failures import Failure, check_failures
from sim.engine.labels import distinct_titles, month_dates
from sim.engine.provenance import Provenance, differences
from sim.engine.uncertainty import DEFAULT, in_words
from sim.model.events import EVENTS, LAB, sentence
from sim.model.naming import without_names
from sim.model.outcomes import INDEX, LAB_QUANTITIES, NAMES, OUTCOMES, Outcome, known_outcome, summarise

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.scenario.scenario import Scenario

Events: TypeAlias = "pd.DataFrame | Mapping[str, Any] | Iterable[Sequence[Any]] | None"
QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.50, 0.75, 0.95)


class Results(Told):
    """Runs of one or more scenarios on the same luck.

    `values` (scenarios, runs, months, outcomes), float64, in the order of `OUTCOMES`; a failed run is NaN from its
    failing month on. `events` has the columns of `EVENT_COLUMNS`; its scenario is a title or a position, its run counts
    from `first_run`; a function is called when they are first asked for. `labs` maps the name of a lab's quantity to
    (scenarios, runs, months, labs), `at_end` that of what they have in the last month to (scenarios, runs, labs).
    Scenarios of one title are told apart as "Title", "Title (2)", also in `failures`. `departures` says of each
    scenario how it departs from the model, "" for not at all; `kept_events` and `checked`, whether events were kept and
    books checked.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        values: np.ndarray,
        events: Events | Callable[[], Events] = None,
        labs: Mapping[str, np.ndarray] | None = None,
        lab_names: Sequence[str] = (),
        *,
        seed: int = 0,
        first_run: int = 0,
        failures: Sequence[Failure] = (),
        versions: Mapping[str, str] | None = None,
        elapsed: float = 0.0,
        uncertainty: str = DEFAULT,
        at_end: Mapping[str, np.ndarray] | None = None,
        departures: Sequence[str] = (),
        kept_events: bool = True,
        checked: bool = False,
    ) -> None:
        values = np.asarray(values, dtype=np.float64)
        check_shapes(scenarios, values, labs, at_end, lab_names)
        self.scenarios: tuple[Scenario, ...] = tuple(scenarios)
        self.titles: tuple[str, ...] = distinct_titles([scenario.title for scenario in scenarios])
        self.values = values.view()
        self.values.flags.writeable = False
        self.seed, self.first_run = int(seed), int(first_run)
        self.failures: tuple[Failure, ...] = tuple(failures)
        self.versions: dict[str, str] = dict(versions or {})
        self.elapsed = float(elapsed)
        self.uncertainty = uncertainty
        self.departures: tuple[str, ...] = tuple(departures) or ("",) * len(scenarios)
        self.kept_events, self.checked = bool(kept_events), bool(checked)
        self.lab_values = as_floats(labs)
        self.at_end = as_floats(at_end)
        self.lab_names: tuple[str, ...] = tuple(lab_names)
        self._tell: Callable[[], Events] | None = None
        if callable(events):
            self._tell = events
        else:
            self.events = self._table_of(events)
        check_failures(self.failures, self.titles, self.run_numbers)

    # ---- what is in it -----------------------------------------------------------------------------------

    @cached_property
    def events(self) -> pd.DataFrame:
        """What happened, a row for each event; sentences are made when it is first asked for."""
        table = self._table_of(self._tell() if self._tell else None)
        self._tell = None  # not before: what is interrupted can be asked for again
        return table

    def _table_of(self, events: Events) -> pd.DataFrame:
        table = event_table(events, self.titles)
        check_places(table, self.first_run, *self.values.shape[1:3])
        return table

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Every measured quantity by name: unit, title, meaning."""
        return OUTCOMES

    @property
    def start(self) -> str:
        """First month, as "2025-01"."""
        return str(self.scenarios[0].start)

    @property
    def run_numbers(self) -> np.ndarray:
        """The runs' numbers: with the seed, they fix a run's luck."""
        return np.arange(self.first_run, self.first_run + self.values.shape[1])

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """The months' dates, as "2025-01"."""
        return month_dates(self.start, self.values.shape[2])

    @cached_property
    def complete(self) -> np.ndarray:
        """Which runs reached the horizon: (scenarios, runs), boolean."""
        complete = np.isfinite(self.values).all(axis=(2, 3))
        for failure in self.failures:
            complete[self.titles.index(failure.scenario), failure.run - self.first_run] = False
        return complete

    @cached_property
    def provenance(self) -> Provenance:
        """What made these runs, all but how many there are."""
        return Provenance.of(
            self.scenarios, seed=self.seed, months=self.values.shape[2], uncertainty=self.uncertainty,
            first_run=self.first_run, departures=self.departures, events=self.kept_events, made_by=self.versions)

    @property
    def paired(self) -> np.ndarray:
        """Which runs reached the horizon in every scenario, and so can be compared: (runs,), boolean."""
        return np.asarray(self.complete.all(axis=0))

    def position(self, scenario: str | int) -> int:
        """Position of a scenario by title or position from 0; UnknownNameError, with the titles, if there is none."""
        if isinstance(scenario, str):
            if scenario in self.titles:
                return self.titles.index(scenario)
        elif is_whole(scenario) and 0 <= scenario < len(self.titles):
            return int(scenario)
        raise unknown_name("scenario", scenario, self.titles)

    def outcome(self, name: str) -> np.ndarray:
        """Monthly values of one outcome: (scenarios, runs, months); UnknownNameError if there is none."""
        known_outcome(name)
        return self.values[..., INDEX[name]]

    def events_of(self, scenario: str | int = 0, run: int = 0, month: int | None = None) -> pd.DataFrame:
        """What happened in one run, by its number, up to a month (counted from 0, included; None: to the end).

        ValueError for a run or a month that these results do not have.
        """
        title = self.titles[self.position(scenario)]
        last = self.values.shape[2] - 1
        self.check_run(run)
        if month is not None and (not is_whole(month) or not 0 <= month <= last):
            meant = f"; {month} is month {self.dates.index(month)}" if month in self.dates else ""
            raise ArgumentError(f"no month {shown(month)}; these results have months 0 ({self.dates[0]}) to {last} "
                                f"({self.dates[last]}){meant}")
        events = self.events
        mine = (events["run"] == run) & (events["scenario"] == title)
        return events[mine & (events["month"] <= (last if month is None else month))].reset_index(drop=True)

    def check_run(self, run: int) -> None:
        """ValueError, with the runs that there are, unless there is a run of this number."""
        numbers = self.run_numbers
        if not is_whole(run) or not numbers[0] <= run <= numbers[-1]:
            only = len(numbers) == 1
            there = f"only run {numbers[0]}" if only else f"runs {numbers[0]} to {numbers[-1]}"
            raise ArgumentError(f"no run {shown(run)}; these results have {there}")

    @cached_property
    def summaries(self) -> np.ndarray:
        """One number per run and outcome, NaN for failed runs: (scenarios, runs, outcomes)."""
        summaries = summarise(self.values)
        summaries[~self.complete] = np.nan
        return summaries

    # ---- labelled ----------------------------------------------------------------------------------------

    @cached_property
    def months(self) -> xr.Dataset:
        """Monthly values, one variable per outcome with dims (scenario, run, month); units in `attrs`."""
        import xarray as xr

        dims = ("scenario", "run", "month")
        variables = {
            name: (dims, self.values[..., INDEX[name]],
                   {"units": outcome.unit, "long_name": outcome.title, "description": outcome.text})
            for name, outcome in OUTCOMES.items()
        }
        return xr.Dataset(variables, self._coordinates(), {"seed": str(self.seed), "start": self.start})

    @cached_property
    def labs(self) -> xr.Dataset | None:
        """Monthly values by lab, dims (scenario, run, month, lab); None unless the simulation kept them."""
        import xarray as xr

        if self.lab_values is None:
            return None
        dims = ("scenario", "run", "month", "lab")
        variables = {name: (dims, array, _lab_attributes(name)) for name, array in self.lab_values.items()}
        return xr.Dataset(variables, coords={**self._coordinates(), "lab": list(self.lab_names)},
                          attrs={"seed": str(self.seed), "start": self.start})

    def _coordinates(self) -> dict[str, Any]:
        months = np.arange(self.values.shape[2])
        return {"scenario": list(self.titles), "run": self.run_numbers,
                "month": ("month", months, {"long_name": "months since the start"}),
                "date": ("month", list(self.dates))}

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row per scenario and run that reached the horizon; a column per outcome, summed up."""
        import pandas as pd

        scenario, run = np.nonzero(self.complete)
        table = pd.DataFrame(self.summaries[scenario, run], columns=list(NAMES))
        table.insert(0, "scenario", np.array(self.titles, dtype=object)[scenario])
        table.insert(1, "run", self.run_numbers[run])
        return table.astype({"scenario": "str"})

    def month_quantiles(self) -> pd.DataFrame:
        """Mean and quantiles over runs: a row per scenario, month and outcome; failed runs left out."""
        import pandas as pd

        scenarios, _, months, outcomes = self.values.shape
        shape = (scenarios, months, outcomes)
        figures = np.stack([mean_and_quantiles(values[done], QUANTILES)
                            for values, done in zip(self.values, self.complete, strict=True)])
        where = np.indices(shape).reshape(3, -1)
        table = pd.DataFrame({"scenario": np.array(self.titles, dtype=object)[where[0]], "month": where[1],
                              "date": np.array(self.dates, dtype=object)[where[1]],
                              "outcome": np.array(NAMES, dtype=object)[where[2]]}).astype(
                                  {"scenario": "str", "date": "str", "outcome": "str"})
        names = ["mean", *(f"p{round(100 * q)}" for q in QUANTILES)]
        return pd.concat([table, pd.DataFrame(figures.reshape(-1, len(names)), columns=names)], axis=1)

    # ---- as a whole --------------------------------------------------------------------------------------

    def hash(self) -> str:
        """SHA-256 over values, events, titles, start, seed and first run: equal for equal results everywhere.

        Zero's sign and NaN's payload do not count, nor does whether values by lab were kept.
        """
        digest = hashlib.sha256()
        head = {"titles": self.titles, "start": self.start, "seed": self.seed, "first_run": self.first_run,
                "shape": self.values.shape, "outcomes": NAMES, "events": len(self.events)}
        digest.update(json.dumps(head, sort_keys=True).encode())
        for scenario in self.values:
            digest.update(canonical_floats(scenario))
        for column in EVENT_COLUMNS:
            cells = self.events[column]
            if column == "amount":
                digest.update(canonical_floats(cells.to_numpy(dtype=np.float64)))
            elif column in ("run", "month"):
                digest.update(cells.to_numpy(dtype="<i8").tobytes())
            else:
                digest.update(json.dumps(cells.tolist()).encode())
        return digest.hexdigest()

    @takes(more=arguments.results)
    def followed_by(self, more: Results) -> Results:
        """These runs and the next of the same scenarios, as one; ValueError naming what differs where they do not."""
        next_run = self.first_run + self.values.shape[1]
        if more.first_run != next_run:
            raise ValueError(f"only runs from {next_run} on can follow these, not runs from {more.first_run} on")
        self._refuse(more, "these runs cannot follow", besides=("first_run",))
        return self._with(more, self.scenarios, axis=1)

    @takes(other=arguments.results)
    def beside(self, other: Results) -> Results:
        """These scenarios and another's as one, so that runs of rules of one's own can be compared with the rest.

        ValueError, naming what differs, unless both lived the same runs and months on the same luck and were made by
        the same model, each scenario under a title of its own.
        """
        if shared := set(self.titles) & set(other.titles):
            raise ValueError(f"both have a scenario {shared.pop()!r}; give one another title: `with_({{}}, title=...)`")
        if (ours := self.values.shape[1]) != (theirs := other.values.shape[1]):
            raise ValueError(f"these runs cannot stand beside the others: there are {theirs:,} of each scenario, "
                             f"not {ours:,}")
        if other.start != self.start:
            raise ValueError(f"these runs cannot stand beside the others: they start in {other.start}, "
                             f"not in {self.start}")
        self._refuse(other, "these runs cannot stand beside the others", besides=("scenarios", "departures"))
        return self._with(other, self.scenarios + other.scenarios, axis=0)

    def anonymous(self) -> Results:
        """The same runs told without names: Lab A, Founder 1. Their scenarios say that they are anonymous."""
        if any(scenario.anonymous for scenario in self.scenarios):
            return self
        new = {title: without_names(scenario.start)
               for title, scenario in zip(self.titles, self.scenarios, strict=True)}
        events = self.events.copy()
        for column in ("actor", "target"):
            events[column] = [
                new[title].get(getattr(EVENTS[kind], column), {}).get(name, name)
                for title, kind, name in events[["scenario", "kind", column]].itertuples(index=False, name=None)]
        events["text"] = [sentence(*row) for row in events[["kind", "actor", "target", "amount"]].itertuples(
            index=False, name=None)]
        labs = new[self.titles[0]][LAB]
        failures = [failure.of_lab_called(new[failure.scenario][LAB]) for failure in self.failures]
        return Results(
            [replace(scenario, anonymous=True) for scenario in self.scenarios], self.values, events, self.lab_values,
            [labs.get(name, name) for name in self.lab_names], seed=self.seed, first_run=self.first_run,
            failures=failures, versions=self.versions, elapsed=self.elapsed, uncertainty=self.uncertainty,
            at_end=self.at_end, departures=self.departures, kept_events=self.kept_events, checked=self.checked)

    def _refuse(self, other: Results, what: str, besides: Sequence[str]) -> None:
        """ValueError if something made the other results that did not make these, but for what is named."""
        differ = differences(other.provenance.tables(), self.provenance.tables(), besides)
        if not differ and (self.lab_values is None) != (other.lab_values is None):
            differ = "whether values by lab were kept"
        if differ:
            raise ValueError(f"{what}: they differ in {differ}")

    def _with(self, other: Results, scenarios: Sequence[Scenario], axis: int) -> Results:
        """Both joined along runs (axis 1) or scenarios (axis 0)."""
        import pandas as pd

        labs, at_end = (joined(a, b, axis) for a, b in (
            (self.lab_values, other.lab_values), (self.at_end, other.at_end)))
        return Results(
            scenarios, np.concatenate([self.values, other.values], axis=axis),
            pd.concat([self.events, other.events], ignore_index=True), labs, self.lab_names, seed=self.seed,
            first_run=self.first_run, failures=self.failures + other.failures, versions=self.versions,
            elapsed=self.elapsed + other.elapsed, uncertainty=self.uncertainty, at_end=at_end,
            departures=self.departures if axis == 1 else self.departures + other.departures,
            kept_events=self.kept_events, checked=self.checked and other.checked)

    def save(self, folder: str | Path, force: bool = False, command: Sequence[str] = ()) -> Path:
        """Write the runs, monthly quantiles, events and manifest into `folder`; see `sim.studies.keeping.store`."""
        saved: Path = above("save_results")(self, folder, force=force, command=command)
        return saved

    @classmethod
    def load(cls, folder: str | Path) -> Results:
        """Read back what `save` wrote."""
        loaded: Results = above("load_results")(folder)
        return loaded

    @property
    def plot(self) -> Any:
        """Charts, a `ResultsPlots`: `results.plot.fan("us_china_lag_months")`."""
        return above("plots_of_results")(self)

    def __repr__(self) -> str:
        scenarios, runs, months, outcomes = self.values.shape
        size = " x ".join((_count(scenarios, "scenario"), _count(runs, "run"), _count(months, "month")))
        return (f"<Results: {size} from {self.start}, {_count(outcomes, 'outcome')}, "
                f"{_count(len(self.events), 'event')}, seed {self.seed}, {in_words(self.uncertainty)}, "
                f"{_failed_in_words(int((~self.complete).sum()))}>")

    def __str__(self) -> str:
        """The same in lines of at most 80 columns, with a line for each scenario."""
        lines = [textwrap.fill(repr(self).strip("<>"), 80, subsequent_indent="  ")]
        for title, done in zip(self.titles, self.complete, strict=True):
            name = "".join(character if character.isprintable() else " " for character in title)
            lines.append(f"  {textwrap.shorten(name, 58, placeholder='...'):<58}  {int(done.sum()):>11,} runs")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return str(above("results_in_notebook")(self))


def _lab_attributes(name: str) -> dict[str, str]:
    """Unit and meaning of a lab's quantity, as far as it is one of the model's."""
    known = LAB_QUANTITIES.get(name)
    return {} if known is None else {"units": known.unit, "long_name": known.title, "description": known.text}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _failed_in_words(failed: int) -> str:
    return "no failed runs" if failed == 0 else f"{_count(failed, 'failed run')}"
