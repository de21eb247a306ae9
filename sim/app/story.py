"""One run of the present scenario as a story: swim lanes of events, who stands how to whom, who controls what."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.app.outcomes import as_json
from sim.common.numbers import money, percent
from sim.engine.live import STAGES
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.model.luck import Luck
from sim.model.state import NATIONS, Form
from sim.model.world import World
from sim.report.charts.network import network, ties
from sim.report.charts.story import story
from sim.report.charts.style import PANEL_WIDTH
from sim.report.charts.svg import inline
from sim.report.charts.timeline import TURNING_POINT, only_here, weight
from sim.report.words.names import counted
from sim.report.words.paths import date
from sim.report.words.tables import Table
from sim.scenario.scenario import Scenario

FORMS = {Form.NONPROFIT: "non-profit", Form.CAPPED_PROFIT: "capped profit", Form.FOR_PROFIT: "for profit",
         Form.DIVISION: "division of a company"}
WIDE = 980.0
MOST_TOLD = 8
MOST_LABS = 12


def one_run(scenarios: tuple[Scenario, ...], seed: int, run: int) -> dict[str, Any]:
    """A run of the last scenario as the page tells it, on the luck that the first, the baseline, met as well.

    Sentences, drawings as SVG, tables; carried out by a worker.
    """
    last, position = _Last(), len(scenarios) - 1
    results = simulate(scenarios, 1, seed, first_run=run, stages=(*STAGES, last.note))
    if results.failures:
        return {"run": run, "lead": f"Run {run} could not go on: {results.failures[0]}.", "told": [], "drawings": {},
                "tables": {}}
    events = results.events_of(position, run)
    title = f"Run {run} under {results.titles[position]}"
    told = f"{counted(len(events), 'event')} in {counted(results.values.shape[2], 'month')}"
    drawings = {name: inline(story(results, position, run, width, titled=False), f"story-{name}", title, told)
                for name, width in (("wide", WIDE), ("narrow", PANEL_WIDTH))}
    drawings["network"] = inline(network(results, position, run, width=PANEL_WIDTH * 1.4, titled=False), "network",
                                 f"Who stands how to whom in run {run}", _ties_in_words(events))
    tables = {"events": as_json(_events(results, position, run)), "ties": as_json(_ties(events)),
              "control": as_json(_control(last.world, position))}
    return {"run": run, "lead": _lead(events), "told": _turning_points(results, position, run), "drawings": drawings,
            "tables": tables}


class _Last:
    """A stage that changes nothing: it keeps the world, to be read when the run is over."""

    world: World

    def note(self, world: World, luck: Luck) -> None:  # noqa: ARG002
        """Keep the world."""
        self.world = world


def _lead(events: Any) -> str:
    """What kind of run it is, in counts of what matters."""
    kinds = events["kind"]
    asked = (("suit", ("suit_rivalry", "suit_mission"), "between labs"), ("conversion", ("conversion",), ""),
             ("severe incident", ("severe_incident",), ""), ("treaty", ("treaty",), ""),
             ("closure", ("closure",), ""))
    parts = [" ".join(filter(None, (counted(int(kinds.isin(names).sum()), noun, plural), where)))
             for noun, names, where in asked for plural in ["treaties" if noun == "treaty" else ""]]
    return f"In this run: {', '.join(parts[:-1])} and {parts[-1]}."


def _turning_points(results: Results, position: int, run: int) -> list[str]:
    """The weightiest events, oldest first, each as month and sentence; said where the baseline's run has it not."""
    events, others = results.events_of(position, run), results.events_of(0, run)
    alone = only_here(events, others) if position else np.zeros(len(events), dtype=bool)
    rows = list(zip(events["month"].tolist(), events["kind"].tolist(), events["text"].tolist(), alone.tolist(),
                    strict=True))
    heavy = sorted((row for row in rows if weight(row[1]) >= TURNING_POINT), key=lambda row: -weight(row[1]))
    return [f"{date(results, month)}: {text}{' (not in the baseline’s run)' if here_alone else ''}"
            for month, _, text, here_alone in sorted(heavy[:MOST_TOLD])]


def _events(results: Results, position: int, run: int) -> Table:
    events = results.events_of(position, run)
    rows = [[date(results, month), text] for month, text in zip(events["month"].tolist(), events["text"].tolist(),
                                                               strict=True)]
    return Table(f"Every event of run {run}", ("Month", "What happened"), rows)


def _ties(events: Any) -> Table:
    rows = [[tie.actor, tie.relation.verb, tie.target, str(tie.times)] for tie in ties(events)]
    return Table("Who sues, funds, left, founded, sides against or buys whom", ("Who", "does what", "to whom", "times"),
                 rows)


def _ties_in_words(events: Any) -> str:
    return "; ".join(f"{tie.actor} {tie.relation.verb} {tie.target}" for tie in ties(events)) or "No ties were made."


def _control(world: World, row: int) -> Table:
    """The largest labs at the end: home, legal form, who decides, share of the market, money raised."""
    labs, names = world.labs, world.called.labs
    order = np.argsort(-np.where(labs.active[row], labs.share[row], -1.0), kind="stable")
    rows = []
    for slot in [int(each) for each in order if labs.active[row, each]][:MOST_LABS]:
        rows.append([names[slot], NATIONS[int(labs.nation[row, slot])], FORMS[Form(int(labs.form[row, slot]))],
                     _who_decides(world, row, slot), percent(float(labs.share[row, slot])),
                     money(float(labs.raised[row, slot]))])
    head = ("Lab", "Home", "Legal form", "Who controls or backs it", "Market share", "Raised so far")
    return Table("Who controls what at the end, the largest sellers first", head, rows)


def _who_decides(world: World, row: int, slot: int) -> str:
    """The founder in control, and the corporate patron, if there are any."""
    founders, called = world.founders, world.called
    inside = np.flatnonzero(founders.active[row] & founders.controls[row] & (founders.home[row] == slot))
    patron = int(world.labs.patron[row, slot])
    who = [called.founder(int(each), slot) for each in inside]
    who += [f"backed by {called.labs[patron]}"] if patron >= 0 else []
    division = world.labs.form[row, slot] == Form.DIVISION
    return ", ".join(who) or ("its parent company" if division else "its board")
