"""`airace sweep FILE` and `airace resume DIR`: designs over levers and uncertainties, which survive what stops them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import advise
from sim.cli.ensembles import cores
from sim.cli.exits import DONE, SOME_RUNS_FAILED, UsageError, going_on
from sim.cli.game import go_on as go_on_with_game
from sim.cli.options import Format, MonthsInstead, PrintFormat, RunsInstead, SeedInstead, Workers
from sim.cli.output import Answer, for_people, present, records, tell
from sim.cli.own_rules import Rules, TrustCode, asked_again, own_rules, rules_again
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.engine.rules_file import FileRules
    from sim.report.pages.study import Study
    from sim.studies.sweeping.design import Design
    from sim.studies.sweeping.explain import Explanation
    from sim.studies.sweeping.sweep import Sweep

BYTES_A_VALUE = 90  # of a design's axes, point by point, while they are held and written, measured
MEASURED_ROWS = 800  # side by side as in a sweep: fewer cost more each
SHOWN_FAILURES = 5
DesignFile = Annotated[
    str, typer.Argument(metavar="FILE", show_default=False, help="A design, or the name of one that comes with airace.")
]
SweepFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the sweep: new, or this sweep's.")]
Dask = Annotated[
    str | None, typer.Option("--dask", metavar="ADDRESS", show_default=False,
                             help="A Dask scheduler to work on, as in tcp://10.0.0.1:8786, instead of --workers.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many runs, how long, memory and disk; run nothing.")]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Do chunks in which something failed once more.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", show_default=False,
                                        help="Folder of a sweep, a game, or a search for advice.")]


def sweep(
    terminal: Terminal,
    file: DesignFile,
    runs: RunsInstead = None,
    seed: SeedInstead = None,
    months: MonthsInstead = None,
    out: SweepFolder = Path("sweep"),
    workers: Workers = None,
    dask: Dask = None,
    dry_run: DryRun = False,
    rules: Rules = None,
    trust_code: TrustCode = False,
    format_: PrintFormat = Format.text,
) -> int:
    """Run a design over levers and uncertainties, and write its report. Stopped, it goes on where it was."""
    from sim.studies.sweeping.design import Design
    from sim.studies.sweeping.sweep import Sweep

    design = Design.load(file, runs=runs, seed=seed, months=months)
    if dry_run and not for_people(format_):
        raise UsageError("--dry-run runs nothing, so it has no table; leave --format out")
    stages = own_rules(rules, trust_code)
    if dry_run:
        _estimate(terminal, design, workers or cores(), stages)
        return DONE
    return _go_on(terminal, Sweep.begin(out, design, stages), workers, dask, format_, rules=rules)


def resume(
    terminal: Terminal, folder: Folder, workers: Workers = None, dask: Dask = None, retry_failed: Retry = False,
    rules: Rules = None, trust_code: TrustCode = False, format_: PrintFormat = Format.text,
) -> int:
    """Go on with a sweep, a game or a search for advice that was stopped: only what is not done is run."""
    from sim.studies.deciding.advise import MANIFEST
    from sim.studies.deciding.playing import Played, is_kept_in
    from sim.studies.keeping.folders import visible_names
    from sim.studies.sweeping.sweep import Sweep

    holds = "a game" if is_kept_in(folder) else "a search for advice" if MANIFEST in visible_names(folder) else ""
    if holds and (rules is not None or trust_code):
        raise UsageError(f"{folder} holds {holds}, which takes no rules from a file; leave --rules out")
    if is_kept_in(folder):
        if dask is not None:
            raise UsageError(f"{folder} holds a game, which runs on this machine; leave --dask out")
        return go_on_with_game(terminal, Played.open(folder), workers, format_, retry_failed)
    if MANIFEST in visible_names(folder):
        if dask is not None or retry_failed:
            raise UsageError(f"{folder} holds a search for advice, which takes neither --dask nor --retry-failed")
        return advise.resume(terminal, folder, workers, format_)
    sweep = Sweep.open(folder)
    sweep.lived_by(rules_again(str(folder), [sweep.departure], rules, trust_code))
    return _go_on(terminal, sweep, workers, dask, format_, retry_failed, rules)


@contextmanager
def _engine(workers: int | None, dask: str | None) -> Iterator[tuple[int, Executor | None]]:
    """Workers, and the executor if it is not processes of this machine. UsageError if the cluster does not answer."""
    if dask is None:
        yield workers or cores(), None
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError('--dask needs the library distributed: pip install "airace[sweep]"') from None
    try:
        client = Client(dask, timeout=10)
    except (OSError, ValueError) as error:
        raise UsageError(f"there is no Dask scheduler at {dask} ({type(error).__name__}); start one with `dask "
                         "scheduler` and workers with `dask worker ADDRESS`") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UsageError(f"the Dask scheduler at {dask} has no workers; start some with `dask worker {dask}`")
        yield threads, client.get_executor()


def _go_on(
    terminal: Terminal, sweep: Sweep, workers: int | None, dask: str | None, format_: Format,
    retry_failed: bool = False, rules: Path | None = None,
) -> int:
    from sim.report.pages.sweep import told
    from sim.studies.sweeping.explain import explain

    total = len(sweep.design.points) * sweep.design.runs
    with going_on(sweep.folder, again=asked_again(rules)):
        with _engine(workers, dask) as (count, executor), terminal.progress("runs", total) as progress:
            table = sweep.run(count, executor, progress, retry_failed)
        found = explain(sweep)
        study = told(sweep, found)
        page = study.write(sweep.folder / "report.html")
    _show(terminal, sweep, found, study, table, format_)
    terminal.say(f"written: {page}")
    failures = sweep.failures()
    for failure in failures[:SHOWN_FAILURES]:
        where = f"point {failure['point']}" + ("" if failure["run"] is None else f", run {failure['run']}")
        terminal.error(f"  {where} failed: {failure['reason'].splitlines()[0]}")
    if failures:
        retry = command_line("airace", "resume", sweep.folder, *asked_again(rules), "--retry-failed")
        terminal.error(f"{len(failures):,} points or runs failed and are empty in the table; {retry} tries them again")
    return SOME_RUNS_FAILED if failures else DONE


def _show(
    terminal: Terminal, sweep: Sweep, found: Explanation, study: Study, table: Path, format_: Format
) -> None:
    from sim.report.words.trust import own_rules_of

    own = own_rules_of([sweep.departure])
    design = sweep.design
    beyond = design.beyond()

    def in_words() -> None:
        tell(terminal, study, ())
        terminal.data(f"\n{len(design.points):,} points, {design.runs:,} runs each, {design.months} months: {table}")

    present(terminal, format_, Answer(text=in_words, table=found.table, record=lambda: {
        "title": design.title, "base": design.base.title, "axes": design.axes, "points": len(design.points),
        "runs": design.runs, "months": design.months, "seed": design.seed, "uncertainty": design.uncertainty,
        **({"own_rules": own} if own else {}), **({"beyond_range": beyond} if beyond else {}),
        "finding": list(study.claims), "failures": sweep.failures(),
        "differences": records(found.table())}))


def _estimate(terminal: Terminal, design: Design, workers: int, stages: FileRules | None) -> None:
    """Time and size from a quick measurement of the design's own first points."""
    from sim.studies.sweeping.chunks import CHUNK_ROWS, Chunk, chunks_of, job_of, run_chunk

    runs = min(design.runs, MEASURED_ROWS)
    points = min(len(design.points), max(1, MEASURED_ROWS // runs))
    small = replace(design, runs=runs)
    run_chunk(job_of(small, Chunk(0, 0, 1, 0, 1), "", stages))  # what is loaded once does not count
    began = time.perf_counter()
    _, content, _ = run_chunk(job_of(small, Chunk(0, 0, points, 0, runs), "", stages))
    rows, total = points * runs, len(design.points) * design.runs
    seconds = (time.perf_counter() - began) / rows * total / workers
    from sim.model.outcomes import NAMES

    memory = workers * CHUNK_ROWS * design.months * len(NAMES) * 8 * 2 / 1e6 + 150 * (workers + 1)
    memory += len(design.points) * len(design.axes) * BYTES_A_VALUE / 1e6
    terminal.data(f"{len(design.points):,} points, {design.runs:,} runs each: {total:,} runs of {design.months} months "
                  f"in {len(chunks_of(design)):,} chunks")
    disk = 2 * len(content) / rows * total / 1e6
    terminal.data(f"about {_duration(seconds)} on {workers} {'core' if workers == 1 else 'cores'} "
                  f"(measured on {rows} runs), {memory:,.0f} MB of memory, {disk:,.1f} MB of disk at most")


def _duration(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
