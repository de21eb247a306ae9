"""`airace run FILE`: one run told as a story - key figures, what happened when, how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ensembles import run_scenarios, tell_failures
from sim.cli.exits import UsageError
from sim.cli.files import load_scenario
from sim.cli.iamc import iamc_table, refuse_without_a_year
from sim.cli.options import (
    DEFAULT_UNCERTAINTY,
    Anonymous,
    CheckBooks,
    Months,
    PrintRunFormat,
    RunFormat,
    ScenarioFile,
    Seed,
    Set,
    Uncertainty,
    settings,
    with_names_or_not,
)
from sim.cli.output import Answer, present, records
from sim.cli.own_rules import Rules, TrustCode, asked_again, own_rules, without_its_folder
from sim.cli.story import tell
from sim.cli.terminal import Terminal
from sim.common.shell import command_line
from sim.report.words.run import KEY_FIGURES, figures

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results

RunNumber = Annotated[
    int, typer.Option("--run", min=0, metavar="N", help="Which run: with the seed, it fixes the luck.")
]
All = Annotated[bool, typer.Option("--all", help="Every event, not only the most important of each year.")]
PAGES = (".html", ".svg", ".png", ".pdf")
OutPicture = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="PATH",
        show_default=False,
        help="Also save the story: as one page into a file ending in .html, one chart into a file ending in .svg, "
        ".png or .pdf, or all into a folder: story.html, timeline, network and a chart of each key figure.",
    ),
]


def run(
    terminal: Terminal,
    file: ScenarioFile,
    set_: Set = None,
    seed: Seed = 0,
    number: RunNumber = 0,
    months: Months = None,
    all_: All = False,
    out: OutPicture = None,
    check: CheckBooks = False,
    anonymous: Anonymous = False,
    format_: PrintRunFormat = RunFormat.text,
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    rules: Rules = None,
    trust_code: TrustCode = False,
) -> int:
    """Tell one run as a story. Key figures, a timeline of events, and how it ended."""
    if out is not None and out.suffix[1:].isalpha() and out.suffix not in PAGES and not out.is_dir():
        raise UsageError(f"{out}: a run is saved into a file ending in {', '.join(PAGES)}, or into a folder, whose "
                         "name has no ending")
    set_ = with_names_or_not(set_, anonymous)
    scenario = load_scenario(file, set_, terminal)
    refuse_without_a_year(format_, [scenario], months)
    stages = own_rules(rules, trust_code)
    results = run_scenarios(
        terminal, [scenario], runs=1, seed=seed, months=months, first_run=number, check=check,
        uncertainty=uncertainty.value, stages=stages,
    )
    events = results.events.assign(date=[results.dates[month] for month in results.events["month"]])
    present(terminal, format_, Answer(text=lambda: tell(terminal, results, events, all_), table=lambda: events,
                                   record=lambda: _record(results, events), iamc=lambda: iamc_table(results)))
    asked = [*settings(set_, seed, months, uncertainty), *asked_again(rules)]
    if out is not None:
        kept = without_its_folder([str(word) for word in asked])  # a page is handed on
        for path in _draw(results, out, command_line("airace", "run", file, "--run", number, *kept)):
            terminal.say(f"written: {path}")
    terminal.suggest(
        ["airace", "run", file, "--run", number + 1, *asked],
        *([] if file == "baseline" else [["airace", "compare", "baseline", file, *asked]]),
        notes=["the same scenario on other luck"],
    )
    return tell_failures(terminal, results)


def _record(results: Results, events: pd.DataFrame) -> dict[str, Any]:
    from sim.report.words.trust import own_rules_of, theories_met_by

    scenario = results.scenarios[0]
    return {
        "scenario": scenario.title, "seed": results.seed, "run": results.first_run, "uncertainty": results.uncertainty,
        **({"own_rules": own} if (own := own_rules_of(results.departures)) else {}),
        **({"beyond_range": beyond} if (beyond := scenario.beyond()) else {}),
        **({"theories": met} if (met := theories_met_by(results)) else {}),
        "figures": figures(results), "events": records(events),
    }


# ---- pages and charts --------------------------------------------------------------------------------


def _draw(results: Results, out: Path, command: str) -> list[Path]:
    """Save the page or one chart into a file, or all of them into a folder; the paths written."""
    from sim.report.pages.run import told

    if out.suffix == ".html":
        return [told(results, command).write(out)]
    if out.suffix in PAGES:
        results.plot.fan(KEY_FIGURES[0]).savefig(out)
        return [out]
    run = results.first_run
    drawn = {"timeline": results.plot.timeline(0, run), "network": results.plot.network(0, run)}
    drawn |= {name: results.plot.fan(name) for name in KEY_FIGURES}
    written = [told(results, command).write(out / "story.html")]
    for name, figure in drawn.items():
        written.append(out / f"{name}.svg")
        figure.savefig(written[-1])
    return written
