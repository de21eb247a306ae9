"""What a study found, told once: claims, figures and tables, from which a page or a notebook's cell is made.

A sweep, a sensitivity study, boxes, regret and the back-test each make a `Study` of what they found; no medium has
words or charts of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from sim import __version__
from sim.report.pages.notebook import MOST_CHARTS, as_table, cell
from sim.report.pages.page import environment, style_sheet
from sim.report.pages.sections import Figure, Section
from sim.report.words import narrative
from sim.report.words.tables import Table
from sim.studies.keeping.folders import write_whole


@dataclass(frozen=True)
class Study:
    """A study as it is told.

    `kind` and `title` name it, `facts` say in one line what was run. `claims` are the finding, in sentences with their
    numbers; `limits` what they cannot tell; `incomplete` what is missing. `sections` hold figures and tables. `command`
    and `rows` (names and texts) tell how to repeat it.
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
            what_if=narrative.WHAT_IF, style=style_sheet(), version=__version__)

    def write(self, path: str | Path) -> Path:
        """Write the page whole or not at all. Returns the path; OSError if it cannot be written."""
        return write_whole(path, self.page().encode("utf-8"))

    def _repr_html_(self) -> str:
        """A notebook's cell: the claims, the first charts, and the first table."""
        said = [text for text in (self.incomplete, *self.claims, self.limits) if text]
        return cell(said, [figure.svg for figure in self.figures[:MOST_CHARTS]],
                    [as_table(table.caption, table.head, table.rows) for table in self.tables[:1]])
