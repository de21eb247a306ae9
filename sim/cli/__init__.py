"""The command `airace`: one file per command, a table of them in `commands.py`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code (`sim.cli.exits` lists the codes)."""
    from sim.cli.commands import app
    from sim.cli.exits import INTERRUPTED, close_broken_pipe
    from sim.cli.surroundings import settle

    settle()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter shows its number
    try:
        app(prog_name="airace")
        code: int | str | None = 0
    except SystemExit as leaving:
        code = leaving.code
    except KeyboardInterrupt:  # while the modules load, before a command has begun
        code = INTERRUPTED
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        close_broken_pipe()
    sys.exit(code)
