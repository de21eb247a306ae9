"""`airace brief DIR`: a saved comparison on one page, for somebody who has to decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Anonymous, Lang, PrintTextOrJson, StudyFolder, TextOrJson
from sim.cli.output import Answer, present
from sim.cli.saved_runs import kept_theories, kept_worlds, saved_results
from sim.cli.terminal import Terminal

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", show_default=False, help="Write the brief as an HTML page that prints on one "
                 "sheet, too."),
]


def brief(
    terminal: Terminal,
    folder: StudyFolder,
    out: Out = None,
    format_: PrintTextOrJson = TextOrJson.text,
    anonymous: Anonymous = False,
    lang: Lang = None,  # noqa: ARG001 - spoken until the command ends
) -> None:
    """Tell a saved comparison on one page: what is asked, what comes out, for whom, how surely."""
    from dataclasses import asdict

    from sim.report.pages.comparison import brief_alone
    from sim.report.words.brief import brief as brief_of
    from sim.report.words.worlds_brief import brief as brief_of_worlds
    from sim.studies.comparing.compare import compare

    results = saved_results(folder, anonymous)
    worlds = kept_worlds(folder, results)
    told = brief_of(compare(results), kept_theories(folder)) if worlds is None else brief_of_worlds(worlds)

    def tell() -> None:
        terminal.paragraph(f"{told.title}\n{told.facts}")
        for heading, paragraphs in told.parts():
            terminal.data(f"\n{heading}")
            terminal.paragraph("\n".join(paragraphs))

    present(terminal, format_, Answer(text=tell, record=lambda: asdict(told)))
    if out is not None:
        terminal.say(f"written: {brief_alone(told).write(out)}")
