"""`airace sensitivity FILE`: which assumptions drive an outcome, or a difference between two scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import completion
from sim.cli.ensembles import cores
from sim.cli.exits import DONE, UsageError
from sim.cli.files import load_scenario
from sim.cli.options import Format, PrintFormat, ScenarioFile, Seed, Set, Workers
from sim.cli.output import Answer, present, tell
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.report.pages.study import Study
    from sim.studies.sweeping.sensitivity import Sensitivity

OutcomeName = Annotated[str, typer.Option("--outcome", metavar="NAME", help="The outcome asked about.",
                                          autocompletion=completion.outcome)]
Against = Annotated[
    str | None, typer.Option("--against", metavar="FILE", show_default=False,
                             help="Ask about the outcome here less that in FILE, on the same luck."),
]
Over = Annotated[
    list[str] | None, typer.Option("--over", metavar="NAME", show_default=False, help="An axis: uncertainty.NAME or a "
                                   "numeric lever, a theory, or a policy's key with its range, as in "
                                   "change.NAME.date=2027-01..2031-12. Repeatable. By default every uncertainty.")
]
Theories = Annotated[bool, typer.Option("--theories", help="Every theory of [structure] as an axis too, each of its "
                                        "choices alike: how much of the variance is which theory holds.")]
Samples = Annotated[int, typer.Option(min=2, metavar="N", help="Base samples of the Sobol' indices, a power of two.")]
Trajectories = Annotated[int, typer.Option(min=2, max=1000, metavar="N", help="Trajectories of the Morris screening.")]
Keep = Annotated[int, typer.Option(min=2, max=100, metavar="N", help="Axes kept after the screening.")]
RunsPerPoint = Annotated[int, typer.Option("--runs", min=2, max=10_000, metavar="N", help="Runs at each point.")]
Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the sweeps; the same command goes on.")]
SHOWN = 12


def sensitivity(
    terminal: Terminal,
    file: ScenarioFile,
    set_: Set = None,
    outcome: OutcomeName = "severe_incidents",
    against: Against = None,
    over: Over = None,
    theories: Theories = False,
    samples: Samples = 256,
    trajectories: Trajectories = 10,
    keep: Keep = 12,
    runs: RunsPerPoint = 4,
    seed: Seed = 0,
    workers: Workers = None,
    out: Folder = Path("sensitivity"),
    format_: PrintFormat = Format.text,
) -> int:
    """Say which assumptions drive an outcome, or a difference: Morris screening, then Sobol' indices."""
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise UsageError('sensitivity needs the library SALib: pip install "airace[sweep]"') from None
    from sim.model.outcomes import OUTCOMES, no_outcome
    from sim.studies.sweeping.kept import keep_asked
    from sim.studies.sweeping.sensitivity import Subject, as_tables, every_theory, every_uncertainty
    from sim.studies.sweeping.sensitivity import sensitivity as analysed

    if outcome not in OUTCOMES:
        raise UsageError(no_outcome(outcome))
    here = load_scenario(file, set_, terminal)
    there = None if against is None else load_scenario(against, set_, terminal)
    if there is not None and (there.start, there.months) != (here.start, here.months):
        raise UsageError("the two scenarios differ in start or months, so they cannot be compared on the same luck")
    # The difference is of the first file less the other one.
    base, other = (here, None) if there is None else (there, here)

    def progress(done: int, total: int, _: int) -> None:
        if done == total:
            terminal.say(f"  {total:,} runs done")

    subject = Subject(base, other, outcome, runs, out, seed, workers or cores(), None, progress)
    axes = dict.fromkeys((*(over or every_uncertainty()), *(every_theory() if theories else ())))
    found = analysed(subject, tuple(axes), trajectories, keep, samples)
    keep_asked(subject, tuple(axes), trajectories=trajectories, keep=keep, samples=samples)
    from sim.report.pages.sensitivity import finding, told

    asked = ["airace", "sensitivity", file, "--outcome", outcome, "--samples", samples, "--runs", runs, "--seed", seed,
             "--out", out, "--trajectories", trajectories, "--keep", keep,
             *(word for each in set_ or () for word in ("--set", each)),
             *(["--against", against] if against else []),
             *(["--theories"] if theories else []), *(word for axis in over or () for word in ("--over", axis))]
    study = told(found, command_line(*asked))
    report = study.write(out / "report.html")
    present(terminal, format_, Answer(
        text=lambda: _tell(terminal, found, study), table=lambda: as_tables(found)["indices"],
        record=lambda: {"finding": finding(found), "luck_share": found.luck_share,
                        **({"beyond_range": dict(found.beyond)} if found.beyond else {}), **as_tables(found)}))
    terminal.say(f"\nwritten: {report}")
    return DONE


def _tell(terminal: Terminal, found: Sensitivity, study: Study) -> None:
    tell(terminal, study, ())
    terminal.data(f"\n{found.points:,} points, {found.runs} runs each on the same luck")
    if found.effects:
        terminal.data("\nscreening (Morris): mean absolute effect of a step | its 95% half-width | spread")
        for effect in found.effects[:SHOWN]:
            terminal.data(f"  {effect.axis:<42} {effect.mu_star:9.3g} | {effect.half_width:.2g} | {effect.sigma:.3g}")
    terminal.data("\nshares of variance (Sobol'), with 95% half-widths: alone | in all")
    for index in found.indices.indices:
        terminal.data(f"  {index.axis:<42} {index.first:6.2f} ± {index.first_half:.2f} | {index.total:6.2f} "
                      f"± {index.total_half:.2f}")
