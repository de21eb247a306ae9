"""`airace compare FILES`: ensembles on the same luck, and how they differ from the first file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ensembles import check_lengths, tell_failures
from sim.cli.exits import UsageError
from sim.cli.files import load_scenarios
from sim.cli.iamc import refuse_without_a_year
from sim.cli.in_worlds import compare_in_worlds
from sim.cli.options import (
    DEFAULT_UNCERTAINTY,
    Anonymous,
    CheckBooks,
    Force,
    Months,
    OutFolder,
    PrintTableFormat,
    Runs,
    ScenarioFiles,
    Seed,
    Set,
    TableFormat,
    Uncertainty,
    Workers,
    settings,
    with_names_or_not,
)
from sim.cli.output import Answer, in_tables, present, records, refuse_binary_on_a_terminal
from sim.cli.own_rules import Rules, TrustCode, asked_again, own_rules
from sim.cli.saved_runs import SavedRuns, kept_theories, widest_interval
from sim.cli.terminal import Terminal
from sim.common.shell import command_line
from sim.model.outcomes import OUTCOMES
from sim.studies.keeping.folders import claimed

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.comparing.compare import Comparison

UntilHalfwidth = Annotated[
    float | None,
    typer.Option(
        min=1e-6,
        metavar="X",
        show_default=False,
        help="Double the runs until the half-width of every primary outcome's 95% interval is at most X "
        "standard deviations of that outcome over the baseline's runs, or --max-runs is reached. An "
        "outcome that does not vary in the baseline is left out. Try 0.1.",
    ),
]
MaxRuns = Annotated[
    int, typer.Option(min=2, max=1_000_000, metavar="N", help="Runs at which --until-halfwidth stops.")
]
All = Annotated[
    bool, typer.Option("--all", help="Print every outcome and the risks, not only the primary outcomes.")
]
Theories = Annotated[
    bool,
    typer.Option("--theories", help="Compare under each rival theory of [structure] too: in how many a difference "
                 "keeps its sign. Ten times the work."),
]
Worlds = Annotated[
    list[str] | None,
    typer.Option("--worlds", metavar="DIR", show_default=False,
                 help="Compare the scenarios, as policies, in every world of a folder: scenario files that say what "
                 "the world is like and decide nothing. A file or a name means one world, `worlds` all that come with "
                 "airace. Repeatable."),
]


def compare(
    terminal: Terminal,
    files: ScenarioFiles,
    set_: Set = None,
    runs: Runs = 200,
    seed: Seed = 0,
    months: Months = None,
    out: OutFolder = Path("out"),
    workers: Workers = None,
    until_halfwidth: UntilHalfwidth = None,
    max_runs: MaxRuns = 6400,
    all_: All = False,
    theories: Theories = False,
    worlds: Worlds = None,
    format_: PrintTableFormat = TableFormat.text,
    check: CheckBooks = False,
    anonymous: Anonymous = False,
    force: Force = False,
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    rules: Rules = None,
    trust_code: TrustCode = False,
) -> int:
    """Compare scenarios on the same luck. Differences to the first one with 95% intervals, and a report."""
    if len(files) < 2:
        one = command_line("airace", "run", files[0])
        raise UsageError(f"a comparison needs two scenarios or more; {one} shows one")
    if worlds and (theories or until_halfwidth is not None):
        other = "--theories" if theories else "--until-halfwidth"
        raise UsageError(f"{other} and --worlds do not go together: compare across worlds without it, or in one world, "
                         "by scenario files that extend it")
    refuse_binary_on_a_terminal(format_)
    set_ = with_names_or_not(set_, anonymous)
    scenarios = load_scenarios(files, set_, terminal)
    check_lengths(scenarios, months)
    refuse_without_a_year(format_, scenarios, months)
    how: dict[str, Any] = {"seed": seed, "months": months, "workers": workers, "force": force, "check": check,
                           "uncertainty": uncertainty.value, "stages": own_rules(rules, trust_code)}
    if worlds:
        return compare_in_worlds(terminal, scenarios, worlds, runs=runs, everything=all_, format_=format_, folder=out,
                                 **how)
    saved = SavedRuns(terminal, scenarios, folder=out, **how)
    saved.check_folder(runs)
    with claimed(out):
        comparison = _compared(saved, runs, until_halfwidth, max_runs)
        report = saved.write_report(comparison, theories)
    _show(terminal, comparison, format_, all_, kept_theories(out))
    terminal.say(f"\nwritten: {report} and the tables beside it")
    asked = [*settings(set_, seed, months, uncertainty), *asked_again(rules)]
    told = comparison.contrast().run
    terminal.suggest(
        ["open", report],
        ["airace", "brief", out],
        *([["airace", "why", files[0], files[-1], "--run", told, *asked]] if rules is None else []),
        ["airace", "run", files[-1], "--run", told, *asked],
        ["airace", "diff", files[0], files[-1]],
    )
    return tell_failures(terminal, comparison.results)


def _compared(saved: SavedRuns, runs: int, wanted: float | None, most: int) -> Comparison:
    """The comparison after `runs` runs, or after as many doublings as the wanted half-width needs."""
    from sim.studies.comparing.compare import compare as compare_results

    results = saved.extend(runs)
    if not results.paired.any():
        saved.terminal.error("no run reached the end in every scenario, so there is nothing to compare")
        raise typer.Exit(tell_failures(saved.terminal, results))
    comparison = compare_results(results)
    while wanted is not None:
        outcome, width = widest_interval(comparison)
        found = f"{saved.count:,} runs: half-widths are at most {width:.3g} standard deviations"
        widest = f"{OUTCOMES[outcome].title}, {outcome}"
        if width <= wanted:
            saved.terminal.say(f"{found}\n")
            break
        if 2 * saved.count > most:
            saved.terminal.error(
                f"{found} ({widest}), not {wanted:g}; stopped at --max-runs {most}, "
                f"--max-runs {4 * saved.count} goes on\n"
            )
            break
        saved.terminal.say(f"{found} ({widest}), wanted {wanted:g}: doubling")
        comparison = compare_results(saved.extend(saved.count))
    return comparison


def _show(
    terminal: Terminal, comparison: Comparison, format_: TableFormat, everything: bool, theories: pd.DataFrame | None
) -> None:
    from sim.report.words.brief import answer_and_limits
    from sim.report.words.narrative import title_of
    from sim.report.words.trust import all_set_beyond, own_rules_of

    sentences, limits = answer_and_limits(comparison, theories)
    own = own_rules_of(comparison.results.departures)

    def tell() -> None:
        beyond = all_set_beyond(comparison.results.scenarios)
        terminal.paragraph("\n".join([f"{title_of(comparison)}\n", *sentences, *beyond, limits]))
        terminal.data()
        terminal.data(comparison.to_text(all=everything))

    def record() -> dict[str, Any]:
        beyond = {each.title: set_ for each in comparison.results.scenarios if (set_ := each.beyond())}
        return {"baseline": comparison.baseline, "runs": comparison.runs, "finding": " ".join([*sentences, limits]),
                **({"own_rules": own} if own else {}), **({"beyond_range": beyond} if beyond else {}),
                "differences": records(comparison.table), "risks": records(comparison.risks),
                "variance": records(comparison.spread),
                **({} if theories is None else {"theories": records(theories)})}

    present(terminal, format_, Answer(text=tell, record=record, **in_tables(comparison)))
