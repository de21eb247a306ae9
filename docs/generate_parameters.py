"""Writes docs/parameters.md, and the counts of grades in README.md, from the data files in sim/data.

    python docs/generate_parameters.py

The page is never edited by hand; tests/test_docs.py fails when it or the counts are stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from sim.model.parameters import GRADES, Parameter, attributes, event_kinds, evidence, graded, levers, parameters, show

PAGE = Path(__file__).parent / "parameters.md"
README = Path(__file__).parents[1] / "README.md"

GROUPS = {
    "race": "The safety race",
    "compute": "Compute: growth, use and cost",
    "training": "Training runs",
    "algorithms": "Algorithmic efficiency and diffusion",
    "demand": "Customers",
    "incidents": "Harm",
    "capital": "Investors, patrons and parents",
    "conversion": "Conversion of legal form",
    "litigation": "Courts and public quarrels",
    "regulation": "Rules",
    "founders": "Founders",
    "control": "Entry, exit and takeovers",
    "defence": "Defence work",
    "rivalry": "Rivalry of nations",
    "policies": "Policies in time",
    "chips": "Chips, power and metals",
}

INTRODUCTION = """\
# Parameters

Written by `docs/generate_parameters.py` from `sim/data/`; do not edit by hand. `airace params NAME` shows one entry in
full, `airace params --unsourced` lists those without evidence.

- A **lever** is a choice of policy, or of the analyst. A scenario file sets it by its path.
- An **uncertainty** is a number that nobody knows for certain. The `[uncertainty]` table of a scenario file sets a
  value or a range by the bare name; a range is drawn once for each run, evenly.
- A **constant** is fixed by the design: a unit of account, a label, or a number that only the story needs. A scenario
  cannot change it.
- **Grade** is what the evidence says about the number: it *measures it*, it *bears on it* by the step told, it is an
  *analogy* from elsewhere, by the step told, or there is none and the number is an *assumption*, for the reason told.
- **Source** is an ID of `sim/data/evidence.toml`, listed below with its figure. An ID says that the number was chosen
  in the light of that figure, not that it was estimated from it; where the two contradict each other the step says so.
- **Would change our mind** is what, once observed, would move the number.

{counts}
"""


def cell(text: object) -> str:
    """Text that stands in one cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(headings: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A table in Markdown."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join("| " + " | ".join(cell(entry) for entry in line) + " |" for line in lines)


def values_of(parameter: Parameter) -> str:
    """What may be set: a range, the choices, or true and false."""
    if parameter.choices:
        return ", ".join(parameter.choices)
    if parameter.type == "boolean":
        return "true, false"
    return f"{show(parameter.low)} to {show(parameter.high)}"


def source_of(parameter: Parameter) -> str:
    """Evidence IDs with the step from them to the number, or the reason for an assumption."""
    rows = ", ".join(f"`{row}`" for row in parameter.evidence)
    return ": ".join(part for part in (rows, parameter.step or parameter.assumption) if part)


def parameter_tables() -> str:
    """All uncertainties and constants, a table for each group of the data file."""
    parts = []
    for group, members in groupby(parameters().values(), key=lambda p: p.path.partition(".")[0]):
        rows = [(f"`{p.name}`", p.text, p.unit, show(p.default), values_of(p), p.kind, GRADES[p.grade], source_of(p),
                 p.changes_our_mind) for p in members]
        headings = ("name", "meaning", "unit", "default", "range", "kind", "grade", "source and step, or reason",
                    "would change our mind")
        parts.append(f"### {GROUPS[group]}\n\n{table(headings, rows)}")
    return "\n\n".join(parts)


def lever_tables() -> str:
    """All levers, a table for each section of a scenario file."""
    parts = []
    for section, members in groupby(levers().values(), key=lambda p: p.path.partition(".")[0]):
        rows = [(f"`{p.path}`", p.text, p.unit, show(p.default), values_of(p), p.per or "", ", ".join(p.s_rows),
                 ", ".join(f"`{row}`" for row in p.evidence)) for p in members]
        headings = ("lever", "meaning", "unit", "default", "range", "may differ by", "claims", "evidence")
        parts.append(f"### [{section}]\n\n{table(headings, rows)}")
    return "\n\n".join(parts)


def attribute_table() -> str:
    """What a scenario may change in one agent."""
    rows = [(f"`{p.path}`", p.text, p.unit, values_of(p), ", ".join(p.names) or "all") for p in attributes().values()]
    return table(("attribute", "meaning", "unit", "range", "agents"), rows)


def event_table() -> str:
    """What a scenario may let happen on a date."""
    rows = [(f"`{kind.name}`", kind.text, kind.actor if kind.actor != "none" else "",
             "yes" if kind.required else "", ", ".join(kind.names)) for kind in event_kinds().values()]
    return table(("kind", "meaning", "actor", "must be named", "only"), rows)


def evidence_table() -> str:
    """The figures that an entry above names."""
    named = {row for p in [*parameters().values(), *levers().values()] for row in p.evidence}
    rows = [_fact(row, evidence()[row]) for row in sorted(named) if row in evidence()]
    whole = ", ".join(f"`{row}`" for row in sorted(named) if row not in evidence())
    note = f"\n\nWhole tables of the evidence file that an entry names: {whole}." if whole else ""
    headings = ("ID", "figure", "unit", "period", "source", "confidence", "grade", "note")
    return table(headings, rows) + note


def _fact(row: str, fact: Mapping[str, Any]) -> tuple[object, ...]:
    figure = show(fact["value"]) if isinstance(fact.get("value"), int | float) else fact.get("value", "")
    if "low" in fact and "high" in fact:
        figure = f"{figure} ({show(fact['low'])} to {show(fact['high'])})"
    return (f"`{row}`", figure, fact.get("unit", ""), fact.get("period", fact.get("date", "")), fact["source"],
            fact["confidence"], fact.get("grade", ""), fact.get("note", ""))


def counts() -> str:
    """How much rests on evidence, in one sentence."""
    every = list(parameters().values())
    uncertain = sum(p.kind == "uncertainty" for p in every)
    number = graded()
    return (f"There are {len(levers())} levers, {uncertain} uncertainties and {len(every) - uncertain} constants.\n"
            f"Of the {len(every)} uncertainties and constants evidence measures {number['measures']}, bears on "
            f"{number['bears']} by a stated step,\nand is an analogy for {number['analogy']}; "
            f"{number['assumption']} are assumptions.")


def counted(readme: str) -> str:
    """README with the present counts of grades in its table of them."""
    readme = re.sub(r"(?<=Each of the )\d+(?= parameters is graded)", str(len(parameters())), readme)
    for grade, number in graded().items():
        readme = re.sub(rf"^\| {GRADES[grade]} \| \d+ \|", f"| {GRADES[grade]} | {number} |", readme, flags=re.M)
    return readme


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION.format(counts=counts()),
        f"## Uncertainties and constants\n\n{parameter_tables()}\n",
        f"## Levers\n\nA blank under \"may differ by\" means one value for the world.\n\n{lever_tables()}\n",
        "## Attributes of agents\n\nSet in `[labs.NAME]`, `[founders.NAME]` or `[nations.NAME]` of a scenario file;\n"
        f"without it an agent begins as the start file says.\n\n{attribute_table()}\n",
        "## Dated events\n\nSet in `[[event]]` of a scenario file, with a `severity` from 0 to 1.\n\n"
        f"{event_table()}\n",
        "## Evidence that is named above\n\nConfidence `read`: checked against a public copy; `recalled`: not checked, "
        "weaker.\nGrade A: data set, filing, official, or several agreeing pages; B: one secondary source or recalled; "
        f"C: weak or\ncontested. Addresses stand in `sim/data/evidence.toml`.\n\n{evidence_table()}\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    README.write_text(counted(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE.name, README.name)
