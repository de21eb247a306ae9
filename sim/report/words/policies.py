"""Policies that live in time, in words: what is scheduled, what waits for something, and how often that happens."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.common.language import gettext, localised, noted
from sim.common.numbers import percent
from sim.report.words.names import called, clean, listed, quoted, short
from sim.report.words.tables import Table
from sim.scenario.in_time import told

MET = ("trigger_in_force", "trigger_ends")
"""The events between which a trigger is in force."""
EARLY = {"run_hurried": noted("labs hurry models out before licences begin"),
         "round_hurried": noted("labs hurry to raise money while there is more of it"),
         "conversion_hurried": noted("labs hurry to convert while they may")}
"""The events that come early since something is announced, in words."""


def in_force(results: Any, scenario: int) -> np.ndarray:
    """Which of a scenario's triggers are in force: (runs, months, triggers), by the events that the runs told."""
    whens = results.scenarios[scenario].whens
    runs, months = results.values.shape[1:3]
    found = np.zeros((runs, months, len(whens)), bool)
    names = [f"Policy “{when.name}”" for when in whens]
    events = results.events
    mine = events[(events["scenario"] == results.titles[scenario])
                  & events["kind"].isin(MET)]
    for event in mine.itertuples():
        if event.actor in names:
            found[event.run - results.first_run, event.month:, names.index(event.actor)] = event.kind != "trigger_ends"
    return found


def sentences(comparison: Any) -> list[str]:
    """What a comparison says of the policies in time of its scenarios: see `met_in`."""
    return met_in(comparison.results)


def met_in(results: Any) -> list[str]:
    """How often each trigger came into force, when first, and for how long; what came early of what was announced."""
    if not results.kept_events:
        return []
    found = []
    for place, scenario in enumerate(results.scenarios):
        met = in_force(results, place) if scenario.whens else None
        for number, when in enumerate(scenario.whens):
            assert met is not None
            often = _how_often(results, met[..., number])
            found.append(gettext("Under {scenario}, {policy} {often}.", scenario=quoted(results.titles[place]),
                                 policy=quoted(when.name), often=often))
        if any(change.announced is not None for change in scenario.changes):
            found += _what_came_early(results, results.titles[place])
    return found


def _what_came_early(results: Any, title: str) -> list[str]:
    """What labs did sooner since they knew what was to come, how often in a run, and which labs most."""
    mine = results.events[results.events["scenario"] == title]
    found = []
    for kind, what in EARLY.items():
        early = mine[mine["kind"] == kind]
        if len(early):
            runs = results.values.shape[1]
            shares = early.groupby("actor")["run"].nunique().sort_values(ascending=False, kind="stable") / runs
            most = [gettext("{lab} ({share} of the runs)", lab=clean(called(str(lab))), share=percent(share))
                    for lab, share in shares.head(3).items()]
            found.append(gettext("Under {scenario}, {what}: {number} a run in the mean, most often by {labs}.",
                                 scenario=quoted(title), what=gettext(what), labs=listed(most),
                                 number=localised(f"{len(early) / runs:.2g}")))
    return found


def _how_often(results: Any, met: np.ndarray) -> str:
    """As in "comes into force in 62% of the runs, first in 2029-03 in the median of these, ..."."""
    ever = met.any(axis=1)
    if not ever.any():
        return gettext("never comes into force")
    first = int(np.median(met[ever].argmax(axis=1)))
    return gettext("comes into force in {share} of the runs, first in {date} in the median of these, and holds in "
                   "{months} of their months", share=percent(float(ever.mean())), date=results.dates[first],
                   months=percent(float(met[ever].mean())))


def by_year_table(results: Any, scenario: int, met: np.ndarray | None) -> Table | None:
    """In which share of the runs each trigger is in force at the end of each year; None without triggers."""
    whens = results.scenarios[scenario].whens
    if met is None or not whens:
        return None
    months = [month for month, day in enumerate(results.dates) if day.endswith("-12")] or [len(results.dates) - 1]
    shares = met.mean(axis=0)
    rows = [[results.dates[month], *(percent(float(share)) for share in shares[month])] for month in months]
    head = ("Month", *(clean(when.name) for when in whens))
    return Table("Share of the runs in which each trigger is in force", head, rows)


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
    return Table("Policies that live in time", head, rows, prose=True) if rows else None
