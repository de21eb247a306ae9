"""`airace report DIR`: draw report.html again from a saved comparison."""

from __future__ import annotations

from sim.cli.options import Anonymous, StudyFolder
from sim.cli.saved_runs import kept_worlds, saved_results, write_report_beside, write_worlds_beside
from sim.cli.terminal import Terminal


def report(terminal: Terminal, folder: StudyFolder, anonymous: Anonymous = False) -> None:
    """Write report.html again from a saved comparison."""
    from sim.studies.comparing.compare import compare

    results = saved_results(folder, anonymous)
    worlds = kept_worlds(folder, results)
    path = write_report_beside(compare(results), folder) if worlds is None else write_worlds_beside(worlds, folder)
    terminal.data(str(path))
