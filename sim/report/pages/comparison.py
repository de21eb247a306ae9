"""The report as one HTML file: everything inside, nothing fetched, written whole or not at all."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sim.report.charts.style import dashes, hue, roles
from sim.report.pages import page
from sim.report.pages.page import environment, style_sheet
from sim.report.pages.sections import sections
from sim.report.pages.study import Study
from sim.report.words import tables
from sim.report.words.brief import Brief, brief
from sim.report.words.names import clean
from sim.studies.keeping.folders import write_whole

BRIEF = """{% from "parts.html.j2" import brief_block %}
<p class="facts">{{ brief.facts }}</p>
{{ brief_block(brief) }}"""
"""The page of a brief alone."""


def write_report(
    comparison: Any,
    path: str | Path,
    manifest: Mapping[str, Any] | None = None,
    today: datetime.date | None = None,
    theories: Any = None,
) -> Path:
    """Write the report of a comparison to a file and return its path.

    `manifest` is the study's manifest, whose command and hash tell how to reproduce it; `today`, if given, is
    marked in the charts over time; `theories` is what `across_theories` found of it. The file is written beside its
    place and moved into it, so that a reader never sees half a report. OSError if it cannot be written.
    """
    return write_whole(path, render(comparison, manifest, today, theories).encode("utf-8"))


def write_brief(told: Brief, path: str | Path) -> Path:
    """Write a brief as a page of its own, which prints on one sheet; as `write_report` does."""
    body = Markup(environment().from_string(BRIEF).render(brief=told))
    return page.write(Path(path), told.title, "{{ block }}", block=body)


def render(
    comparison: Any, manifest: Mapping[str, Any] | None = None, today: datetime.date | None = None, theories: Any = None
) -> str:
    """The report as text; the same arguments give the same text, byte for byte."""
    results = comparison.results
    role_of = roles(len(comparison.titles), comparison.baseline_position)
    scenarios = [
        {
            "title": clean(title),
            "role": role,
            "hue": hue(role),
            "is_baseline": role == 0,
            "dash": dash_of(role),
            "question": clean(scenario.question) if scenario.question else "",
        }
        for title, scenario, role in zip(comparison.titles, results.scenarios, role_of, strict=True)
    ]
    told = brief(comparison, theories)
    command = (manifest or {}).get("command")
    return str(
        environment()
        .get_template("report.html.j2")
        .render(
            title=told.title,
            scenarios=scenarios,
            brief=told,
            facts=told.facts,
            sections=sections(comparison, today, command if isinstance(command, list) else [], theories),
            levers=tables.levers_table(comparison),
            reproduce=_reproduce(comparison, manifest or {}),
            style=style_sheet(),
            version=results.versions.get("airace", ""),
        )
    )


def told(comparison: Any, command: str = "") -> Study:
    """A comparison as every study is told: the brief's answer, who loses beside who gains, the report's sections."""
    found = brief(comparison)
    sides = (("Who gains", found.gains), ("Who loses", found.losses))
    stakes = [f"{heading}: {' '.join(said)}" for heading, said in sides if said]
    results = comparison.results
    return Study("comparison", found.title, found.facts.removesuffix("."), [*found.answer, *stakes],
                 " ".join([*found.sure, *found.rests]), sections(comparison), command,
                 [("Seed", str(results.seed)), ("Results hash (SHA-256)", results.hash())])


def _reproduce(comparison: Any, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The command, the seed, the hash and the versions that bring these numbers back."""
    results = comparison.results
    command = manifest.get("command") or []
    command = command if isinstance(command, str) else shlex.join(str(part) for part in command)
    versions = {str(name): str(version) for name, version in (manifest.get("versions") or results.versions).items()}
    return {
        "command": command,
        "from_manifest": bool(manifest),
        "rows": [
            ("Seed", str(results.seed)),
            ("Runs", f"{results.first_run} to {results.first_run + results.values.shape[1] - 1}"),
            ("Months", str(results.values.shape[2])),
            ("Results hash (SHA-256)", str(manifest.get("results_hash") or results.hash())),
            (
                "Versions",
                ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) or "not recorded",
            ),
        ],
    }


def dash_of(role: int) -> str:
    """The scenario's line style as an SVG dash pattern."""
    pattern = dashes(role)
    return "" if pattern == "-" else " ".join(str(2 * part) for part in pattern[1])
