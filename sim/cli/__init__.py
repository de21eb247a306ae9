"""The command `airace`: one file per command, a table of them in `commands.py`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and leave with its exit code (`sim.cli.exits` lists the codes)."""
    from sim.cli.signals import all_is_said, answer_signals

    # Nothing here is large enough for linear algebra on several cores, whose threads then wait for each other.
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    _open_streams()
    answer_signals()
    from sim.cli.commands import app
    from sim.cli.exits import FILES, silence_stdout
    from sim.cli.surroundings import settle

    settle()
    try:
        app(prog_name="airace")
        code: int | str | None = 0
    except SystemExit as leaving:
        code = leaving.code
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError:  # said by the command already
        silence_stdout()
        code = code or FILES
    all_is_said()
    sys.exit(code)


def _open_streams() -> None:
    """A stream that the shell has closed leads nowhere; a letter that a terminal lacks is shown as its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
