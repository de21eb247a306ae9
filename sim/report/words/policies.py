"""Policies that live in time, in words: what is scheduled, what waits for something, and how often that happens."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.common.numbers import percent
from sim.report.words.names import clean, quoted, short
from sim.report.words.tables import Table
from sim.scenario.in_time import told


def in_force(results: Any, scenario: int) -> np.ndarray:
    """Which of a scenario's triggers are in force: (runs, months, triggers), by the events that the runs told."""
    whens = results.scenarios[scenario].whens
    runs, months = results.values.shape[1:3]
    found = np.zeros((runs, months, len(whens)), bool)
    names = [f"Policy “{when.name}”" for when in whens]
    events = results.events
    mine = events[(events["scenario"] == results.titles[scenario])
                  & events["kind"].isin(["trigger_in_force", "trigger_ends"])]
    for event in mine.itertuples():
        if event.actor in names:
            found[event.run - results.first_run, event.month:, names.index(event.actor)] = event.kind != "trigger_ends"
    return found


def sentences(comparison: Any) -> list[str]:
    """How often each trigger came into force, when first, and for how long: a sentence for each."""
    results = comparison.results
    if not results.kept_events:
        return []
    found = []
    for place, scenario in enumerate(results.scenarios):
        met = in_force(results, place) if scenario.whens else None
        for number, when in enumerate(scenario.whens):
            assert met is not None
            often = _how_often(results, met[..., number])
            found.append(f"Under {quoted(results.titles[place])}, {quoted(when.name)} {often}.")
    return found


def _how_often(results: Any, met: np.ndarray) -> str:
    """As in "comes into force in 62% of the runs, first in 2029-03 in the median of these, ..."."""
    ever = met.any(axis=1)
    if not ever.any():
        return "never comes into force"
    first = int(np.median(met[ever].argmax(axis=1)))
    return (f"comes into force in {percent(float(ever.mean()))} of the runs, first in {results.dates[first]} in the "
            f"median of these, and holds in {percent(float(met[ever].mean()))} of their months")


def policies_table(comparison: Any) -> Table | None:
    """What each scenario schedules and what it waits for; None where none does."""
    results = comparison.results
    rows = []
    for place, (title, scenario) in enumerate(zip(results.titles, results.scenarios, strict=True)):
        met = in_force(results, place) if scenario.whens and results.kept_events else None
        rows += [[short(title), clean(change.name), told(change), "as dated"] for change in scenario.changes]
        for number, when in enumerate(scenario.whens):
            often = "" if met is None else _how_often(results, met[..., number])
            rows.append([short(title), clean(when.name), told(when), often])
    head = ("Scenario", "Policy", "What it says", "In these runs")
    return Table("Policies that live in time", head, rows) if rows else None
