"""`airace import epoch FILES`: later observations from public data files, to score a saved ensemble against."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.exits import DONE, UsageError
from sim.cli.files import refuse_to_write
from sim.cli.options import Force, Format, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.studies.forecasting.epoch import Imported


class Publisher(StrEnum):
    """Whose files can be read."""

    epoch = "epoch"


Whose = Annotated[
    Publisher, typer.Argument(metavar="WHOSE", show_default=False, help="Whose files they are: epoch, for Epoch AI.")
]
Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", show_default=False, help="CSV files as published: AI models, companies' revenue "
                   "reports and funding rounds, chip owners, chip sales. Others of Epoch AI are named and left out."),
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="The file of observations to write, a CSV.")]
First = Annotated[
    str | None, typer.Option("--from", metavar="MONTH", show_default=False, help="The first month, as in 2026-02.")
]
Last = Annotated[
    str | None, typer.Option("--to", metavar="MONTH", show_default=False, help="The last month, as in 2027-01.")
]
Ignored = Annotated[
    list[str] | None,
    typer.Option("--ignore-column", metavar="NAME", show_default=False, help="A column that is not known, and changes "
                 "nothing in the others. Repeatable."),
]


def import_(
    terminal: Terminal,
    whose: Whose,  # noqa: ARG001 - one publisher so far; the word keeps commands valid when a second comes
    files: Files,
    out: Out = Path("observations.csv"),
    from_: First = None,
    to: Last = None,
    ignore_column: Ignored = None,
    force: Force = False,
    format_: PrintFormat = Format.text,
) -> int:
    """Write the file of observations that `airace score` reads from public data files."""
    from sim.studies.forecasting.epoch import read_epoch
    from sim.studies.keeping.folders import write_whole

    _check(out, files, force)
    found = read_epoch(files, from_, to, ignored=ignore_column or ())
    if not found.observations:
        raise UsageError("\n".join([f"no observation for {out}:", *_left_out(found)]))
    write_whole(out, found.to_csv().encode("utf-8"))
    present(terminal, format_, Answer(
        text=lambda: _tell(terminal, out, found), table=lambda: _rows(found),
        record=lambda: {"out": str(out), "files": _files(found), "outside_months": found.outside,
                        "observations": _rows(found)}))
    terminal.suggest(["airace", "score", out, "--study", "out"])
    return DONE


def _check(out: Path, files: list[Path], force: bool) -> None:
    """Say before the work what keeps the file from being written."""
    if out.suffix.lower() != ".csv":
        raise UsageError(f"a file of observations ends in .csv, as in {out.stem or 'observations'}.csv")
    if out.exists() and any(file.exists() and file.samefile(out) for file in files):
        raise UsageError(f"{out} is one of the files to read; give --out another name")
    refuse_to_write(out, force)


def _rows(found: Imported) -> list[dict[str, Any]]:
    from sim.model.outcomes import OUTCOMES

    return [{"outcome": seen.outcome, "month": seen.month, "value": seen.value, "unit": OUTCOMES[seen.outcome].unit,
             "source": seen.source} for seen in found.observations]


def _files(found: Imported) -> list[dict[str, Any]]:
    return [{"file": str(file.path), "kind": file.kind.title, "newest_date": file.newest, "sha256": file.sha256,
             "rows": file.rows, "left_out": dict(file.left_out)} for file in found.files]


def _left_out(found: Imported) -> list[str]:
    lines = []
    for file in found.files:
        until = f"newest date {file.newest}, " if not file.kind.unused else ""
        lines.append(f"{file.path}: {file.kind.title}, rows: {file.rows}, {until}SHA-256 {file.sha256}")
        lines += [f"  left out: {count} {reason}" for reason, count in sorted(file.left_out.items())]
    return lines + ([f"observations outside the months asked for: {found.outside}"] if found.outside else [])


def _tell(terminal: Terminal, out: Path, found: Imported) -> None:
    for line in _left_out(found):
        terminal.data(line)
    terminal.data(f"\n{out}: {len(found.observations)} observation{'s' * (len(found.observations) > 1)}")
    by_outcome: dict[str, list[str]] = {}
    for seen in found.observations:
        by_outcome.setdefault(seen.outcome, []).append(seen.month)
    terminal.table(["outcome", "observations", "first", "last"],
                   [[name, str(len(months)), months[0], months[-1]] for name, months in by_outcome.items()], right=(1,))
    terminal.paragraph("\nData by Epoch AI (https://epoch.ai/data), CC BY 4.0: credit Epoch AI where you show them.")
