"""A comparison as every study is told, and its brief alone."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from sim.common.shell import command_line
from sim.report.charts.style import dashes, hue, roles
from sim.report.pages.sections import sections
from sim.report.pages.study import Key, Section, Study, how_to_repeat
from sim.report.words import tables
from sim.report.words.brief import Brief, brief
from sim.report.words.names import clean


def told(
    comparison: Any, manifest: Mapping[str, Any] | None = None, today: datetime.date | None = None, theories: Any = None
) -> Study:
    """The brief's answer, who loses beside who gains, who is who, and all sections.

    `manifest` is the saved study's, whose command and hash tell how to reproduce it; `today`, if given, is marked in
    the charts over time; `theories` is what `across_theories` found of it.
    """
    results = comparison.results
    recorded = (manifest or {}).get("command") or []
    words = recorded if isinstance(recorded, list) else []
    return opening_with(
        brief(comparison, theories), "comparison",
        [_who_is_who(comparison), *sections(comparison, today, words, theories)],
        command=command_line(*words) if words else str(recorded or ""), rows=how_to_repeat(results, manifest),
        kept=bool(manifest), version=results.versions.get("airace", ""))


def brief_alone(found: Brief) -> Study:
    """A brief as a page of its own, which prints on one sheet."""
    return opening_with(found, "brief", (), command="", rows=())


def opening_with(found: Brief, kind: str, sections: Any, **more: Any) -> Study:
    """A study whose page opens with a brief."""
    sides = (("Who gains", found.gains), ("Who loses", found.losses))
    stakes = [f"{heading}: {' '.join(said)}" for heading, said in sides if said]
    return Study(kind, found.title, found.facts.removesuffix("."), [*found.answer, *stakes],
                 " ".join([*found.sure, *found.rests]), sections, brief=found, **more)


def _who_is_who(comparison: Any) -> Section:
    """Each scenario's colour, line and question, and what it sets that another does not."""
    role_of = roles(len(comparison.titles), comparison.baseline_position)
    key = [Key(clean(title), hue(role), dash_of(role), "(baseline)" if role == 0 else "",
               clean(scenario.question) if scenario.question else "")
           for title, scenario, role in zip(comparison.titles, comparison.results.scenarios, role_of, strict=True)]
    levers = tables.levers_table(comparison)
    return Section("scenarios", "The scenarios", "", folded=[levers] if levers else [], key=key)


def dash_of(role: int) -> str:
    """The scenario's line style as an SVG dash pattern."""
    pattern = dashes(role)
    return "" if pattern == "-" else " ".join(str(2 * part) for part in pattern[1])
