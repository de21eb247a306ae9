"""The runs behind a comparison, and the folder that keeps them while more are added."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.ensembles import run_scenarios
from sim.cli.exits import UsageError
from sim.cli.own_rules import without_its_folder
from sim.cli.signals import Interrupted
from sim.cli.terminal import Terminal
from sim.common.shell import command_line
from sim.model.outcomes import PRIMARY

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.live import Stage
    from sim.engine.results import Results
    from sim.scenario.scenario import Scenario
    from sim.studies.comparing.compare import Comparison
    from sim.studies.comparing.worlds import Worlds

THEORIES, WORLDS, WORTH = "theories.csv", "worlds.json", "worth.json"
COLUMNS = ("theory", "scenario", "outcome", "difference", "low", "high", "clear")


class SavedRuns:
    """Runs of some scenarios and their folder; what is done is on disk before more begins."""

    def __init__(
        self,
        terminal: Terminal,
        scenarios: Sequence[Scenario],
        *,
        seed: int,
        months: int | None,
        workers: int | None,
        folder: Path,
        force: bool,
        check: bool = False,
        uncertainty: str,
        stages: Sequence[Stage] | None = None,
    ) -> None:
        self.terminal, self.scenarios, self.folder, self.force = terminal, scenarios, folder, force
        self.seed, self.months, self.workers = seed, months, workers
        self.check, self.uncertainty, self.stages = check, uncertainty, stages
        self.results: Results | None = None

    def check_folder(self, runs: int) -> None:
        """StoreError if the folder holds something else: said before the work rather than after it."""
        from sim.engine.provenance import Provenance, departures_of
        from sim.studies.keeping import store

        made_by = Provenance.of(self.scenarios, seed=self.seed, months=self.months or self.scenarios[0].months,
                                uncertainty=self.uncertainty,
                                departures=departures_of(self.stages, None, len(self.scenarios)))
        store.check(self.folder, made_by, runs, self.force)

    def take_up(self) -> Results | None:
        """The runs that the folder has already, which `check_folder` found to be of this study; None if it has none."""
        from sim.engine.results import Results
        from sim.studies.keeping.store import MANIFEST

        if not self.force and (self.folder / MANIFEST).is_file():
            self.results = Results.load(self.folder)
            self.terminal.say(f"{self.folder} has {self.count:,} runs of each scenario already")
        return self.results

    def extend(self, more: int) -> Results:
        """The runs so far and `more` further ones, saved; Interrupted says what was kept."""
        try:
            added = run_scenarios(
                self.terminal,
                self.scenarios,
                runs=more,
                seed=self.seed,
                months=self.months,
                workers=self.workers,
                first_run=self.count,
                check=self.check,
                uncertainty=self.uncertainty,
                stages=self.stages,
            )
            results = added if self.results is None else self.results.followed_by(added)
            results.save(self.folder, force=self.force, command=["airace", *without_its_folder(sys.argv[1:])])
        except KeyboardInterrupt as interrupted:
            raise Interrupted(self._interrupted(), interrupted) from None
        self.results = results
        return results

    def write_report(self, comparison: Comparison, theories: bool = False) -> Path:
        """Write report.html beside the tables, with what rival theories leave of it if asked for; its path."""
        try:
            forget_beside(self.folder)
            if theories:
                keep_theories(self.terminal, comparison, self.folder, self.workers, self.stages)
            return write_report_beside(comparison, self.folder)
        except KeyboardInterrupt as interrupted:
            raise Interrupted(self._interrupted(), interrupted) from None

    def write_worlds(self, found: Worlds) -> Path:
        """Write which runs are of which policy and world, and report.html beside the tables; the report's path."""
        from sim.studies.keeping.folders import write_whole

        try:
            forget_beside(self.folder)
            write_whole(self.folder / WORLDS, found.to_json().encode("utf-8"))
            return write_worlds_beside(found, self.folder)
        except KeyboardInterrupt as interrupted:
            raise Interrupted(self._interrupted(), interrupted) from None

    @property
    def count(self) -> int:
        """Runs of each scenario that are simulated and saved."""
        return 0 if self.results is None else self.results.values.shape[1]

    def _interrupted(self) -> str:
        if not self.count:
            return f"interrupted: nothing was written to {self.folder}; the same command starts again"
        return (
            f"interrupted: {self.folder} keeps the first {self.count:,} runs of each scenario; "
            f"{command_line('airace', 'report', self.folder)} draws their report"
        )


def saved_results(folder: Path, anonymous: bool = False) -> Results:
    """The runs of a saved comparison, without names if asked; UsageError where there is nothing to compare."""
    from sim.engine.results import Results

    results = Results.load(folder)
    if len(results.titles) < 2:
        raise UsageError(f"{folder} holds one scenario; a comparison needs two or more: save them together")
    return results.anonymous() if anonymous else results


def write_report_beside(comparison: Comparison, folder: Path) -> Path:
    """Write report.html into the folder of a saved study; its path."""
    from sim.report import write_report
    from sim.studies.keeping.store import read_manifest

    return write_report(comparison, folder / "report.html", read_manifest(folder), theories=kept_theories(folder))


def write_worlds_beside(found: Worlds, folder: Path) -> Path:
    """Write report.html of policies across worlds into the folder of a saved study; its path."""
    from sim.report.pages.worlds import told
    from sim.studies.keeping.store import read_manifest

    return told(found, command_line(*read_manifest(folder)["command"])).write(folder / "report.html")


def kept_worlds(folder: Path, results: Results) -> Worlds | None:
    """What `compare --worlds` kept of these results; None where it kept nothing; UsageError if it is something else."""
    from sim.studies.comparing.worlds import Worlds

    path = folder / WORLDS
    if not path.is_file():
        return None
    try:
        return Worlds.from_json(results, path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError):
        told = f"{path} is not what compare --worlds writes; delete it, or compare again with --force"
        raise UsageError(told) from None


# ---- rival theories ------------------------------------------------------------------------------------------------
def keep_theories(terminal: Terminal, comparison: Comparison, folder: Path, workers: int | None,
                  stages: Sequence[Stage] | None = None) -> None:
    """Compare anew under each rival theory, and keep the table in the study's folder."""
    from sim.engine.workers import cores
    from sim.studies.comparing.theories import across_theories, theories
    from sim.studies.keeping.folders import write_whole

    with terminal.progress("theories", len(theories(tuple(comparison.results.scenarios)))) as progress:
        table = across_theories(comparison, workers or cores(),
                                None if progress is None else lambda done, total: progress(done, total, 0), stages)
    write_whole(folder / THEORIES, table.to_csv(index=False).encode("utf-8"))


def kept_theories(folder: Path) -> pd.DataFrame | None:
    """The table that `keep_theories` kept, None where there is none; UsageError if it is something else."""
    import pandas as pd

    path = folder / THEORIES
    if not path.is_file():
        return None
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(("difference", "low", "high"), float))
        sound = set(COLUMNS) <= set(table) and set(table["outcome"]) <= set(PRIMARY) and len(table) > 0
    except (ValueError, OSError):
        sound = False
    if not sound:
        raise UsageError(f"{path} is not what compare --theories writes; delete it, or compare again with --force")
    return table


def forget_beside(folder: Path) -> None:
    """Take away what theories, worlds and worth left of an earlier study in this folder."""
    for name in (THEORIES, WORLDS, WORTH):
        (folder / name).unlink(missing_ok=True)


def widest_interval(comparison: Comparison) -> tuple[str, float]:
    """The primary outcome with the widest interval, and the interval's half-width.

    Half-widths are of the interval of each difference alone, in standard deviations of the outcome over the
    baseline's runs. An outcome that does not vary in the baseline is left out.
    """
    from sim.studies.comparing.intervals import standard_deviation

    results = comparison.results
    baseline = results.summaries[comparison.baseline_position][results.paired]
    spread = dict(zip(results.outcomes, standard_deviation(baseline).tolist(), strict=True))
    rows = comparison.table[comparison.table["primary"]]
    widths = {PRIMARY[0]: 0.0}
    for outcome, low, high in zip(rows["outcome"], rows["low"], rows["high"], strict=True):
        if spread[outcome] > 0.0:
            widths[outcome] = max(widths.get(outcome, 0.0), (high - low) / 2 / spread[outcome])
    widest = max(widths, key=lambda outcome: widths[outcome])
    return widest, widths[widest]
