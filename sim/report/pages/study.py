"""What a study found, told once: claims, figures and tables, from which a page or a notebook's cell is made.

A run, a comparison, why two runs differ, a sweep, what drives it, a game, advice and the back-test each make a `Study`
of what they found; no medium has words or charts of its own, and there is one template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import __version__
from sim.report.charts.style import PANEL_WIDTH, WIDE_WIDTH, Chart
from sim.report.charts.svg import Drawn, inline
from sim.report.pages.notebook import MOST_CHARTS, as_table, cell
from sim.report.pages.page import environment, style_sheet
from sim.report.words import narrative
from sim.report.words.tables import Table
from sim.studies.keeping.folders import write_whole

if TYPE_CHECKING:
    from sim.engine.results import Results
    from sim.report.words.brief import Brief


@dataclass(frozen=True)
class Figure:
    """A chart with its heading, a line on what it shows, its numbers as a table, a wide version if any."""

    title: str
    note: str
    svg: Drawn
    table: Table | None = None
    wide_svg: Drawn | None = None
    hue: int | None = None

    @classmethod
    def in_two_widths(
        cls, title: str, note: str, draw: Callable[[float], Chart], name: str, spoken: tuple[str, str],
        wide: float = WIDE_WIDTH
    ) -> Figure:
        """A chart that is drawn anew for wide screens; `spoken` is its name and what it shows, for a screen reader."""
        return cls(title, note, inline(draw(PANEL_WIDTH), name, *spoken),
                   wide_svg=inline(draw(wide), f"{name}wide", *spoken))


@dataclass(frozen=True)
class Key:
    """Who is meant by a colour and a line: a title, its hue and dashes, what stands behind it and below it."""

    title: str
    hue: int
    dash: str = ""
    remark: str = ""
    question: str = ""


@dataclass(frozen=True)
class Step:
    """An event of a chain: its date, the letter and hue of the run it happens in, what happens."""

    date: str
    letter: str
    hue: int
    text: str


@dataclass(frozen=True)
class Chain:
    """Events of which each needs the one before, and what is said of them."""

    steps: Sequence[Step]
    said: Sequence[str]


@dataclass(frozen=True)
class Section:
    """A part of a page: what was found, who is who, sentences, charts, chains of events, tables, tables behind a
    disclosure, remarks."""

    name: str
    heading: str
    lead: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()
    notes: Sequence[str] = ()
    key: Sequence[Key] = ()
    said: Sequence[str] = ()
    chains: Sequence[Chain] = ()


@dataclass(frozen=True)
class Study:
    """A study as it is told.

    `kind` and `title` name it, `facts` say in one line what was run. `claims` are the finding, in sentences with their
    numbers; `limits` what they cannot tell; `incomplete` what is missing; `question` what a scenario's file asks. Where
    there is a `brief`, the page opens with it and says the claims there, by who gains and who loses. `sections` hold
    figures and tables. `command` and `rows` (names and texts) tell how to repeat it, `kept` that a manifest lies beside
    the page; `version` is of the airace that ran it.
    """

    kind: str
    title: str
    facts: str
    claims: Sequence[str]
    limits: str
    sections: Sequence[Section]
    command: str
    rows: Sequence[tuple[str, str]]
    incomplete: str = ""
    question: str = ""
    brief: Brief | None = None
    kept: bool = False
    version: str = __version__

    @property
    def figures(self) -> list[Figure]:
        """All charts, in their order, each with its numbers if they stand nowhere else."""
        return [figure for section in self.sections for figure in section.figures]

    @property
    def tables(self) -> list[Table]:
        """All tables, those behind charts included."""
        return [table for section in self.sections
                for table in (*(figure.table for figure in section.figures if figure.table), *section.tables,
                              *section.folded)]

    def page(self) -> str:
        """The page as text, everything inside; the same study gives the same text."""
        return environment().get_template("study.html.j2").render(
            **{field.name: getattr(self, field.name) for field in fields(self)},
            what_if=narrative.WHAT_IF, style=style_sheet())

    def write(self, path: str | Path) -> Path:
        """Write the page whole or not at all. Returns the path; OSError if it cannot be written."""
        return write_whole(path, self.page().encode("utf-8"))

    def _repr_html_(self) -> str:
        """A notebook's cell: the claims, the first charts, and the first table."""
        said = [text for text in (self.incomplete, self.question, *self.claims, self.limits) if text]
        return cell(said, [figure.svg for figure in self.figures[:MOST_CHARTS]],
                    [as_table(table.caption, table.head, table.rows) for table in self.tables[:1]])


def how_to_repeat(results: Results, manifest: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    """The seed, the runs, the hash and the versions that bring results back, as rows; a manifest's where it says so."""
    recorded = manifest or {}
    versions = sorted((recorded.get("versions") or results.versions).items())
    first, count = results.first_run, results.values.shape[1]
    return [("Seed", str(results.seed)),
            ("Runs", f"{first} to {first + count - 1}") if count > 1 else ("Run", str(first)),
            ("Months", str(results.values.shape[2])),
            ("Results hash (SHA-256)", str(recorded.get("results_hash") or results.hash())),
            ("Versions", ", ".join(f"{name} {version}" for name, version in versions) or "not recorded")]
