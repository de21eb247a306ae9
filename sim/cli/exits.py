"""How a command ends: the exit codes, and what is said about an error.

Every command is wrapped by `command`, which adds `--quiet` and `--debug`, hands it a `Terminal`, and turns
what it raises into a message and an exit code. No traceback is shown without `--debug`.
"""

from __future__ import annotations

import errno
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.signals import Interrupted, at_work
from sim.cli.terminal import Terminal
from sim.common.arguments import RefusedError
from sim.common.shell import command_line

DONE = 0
SOME_RUNS_FAILED = 1
USAGE = 2
INVALID_SCENARIO = 3
FILES = 4
CHECK_FAILED = 5
BUG = 70
INTERRUPTED = 130
HUNG_UP = 129
TERMINATED = 143

EXIT_CODES: dict[int, str] = {
    DONE: "done",
    SOME_RUNS_FAILED: "some runs failed, or a worker process was killed",
    USAGE: "the command line is wrong, or asks for more memory than there is",
    INVALID_SCENARIO: "a scenario is invalid",
    FILES: "a file, a lock or the disk",
    CHECK_FAILED: "a check or a reproduction failed",
    BUG: "a bug in airace",
    HUNG_UP: "interrupted, by a terminal that was closed (SIGHUP)",
    INTERRUPTED: "interrupted, by Ctrl-C (SIGINT)",
    TERMINATED: "interrupted, by another program (SIGTERM)",
}

WORKER_KILLED = "a worker process was killed, most often because memory ran out"

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


class UsageError(RefusedError):
    """What a command line asks for cannot be done as asked: exit code 2, without the command's usage line."""


class WorkersKilledError(Exception):
    """A worker process was killed, and what goes on with what is kept: exit code 1."""


@contextmanager
def going_on(folder: Path, kept: str = "what is done", again: Sequence[object] = ()) -> Iterator[None]:
    """Within, whatever stops a study that is kept in a folder is told with what is kept and what goes on with it.

    `again` are the options that going on needs.
    """
    goes_on = command_line("airace", "resume", folder, *again)
    try:
        yield
    except KeyboardInterrupt as interrupted:
        raise Interrupted(f"interrupted: {kept} is kept; {goes_on} goes on", interrupted) from None
    except Exception as error:
        if not _is(error, "concurrent.futures.process", "BrokenProcessPool"):
            raise
        raise WorkersKilledError(f"{WORKER_KILLED}: {kept} is kept; {goes_on} --workers 1 goes on with less") from None


def command(body: Callable[..., int | None]) -> Callable[..., None]:
    """Make a typer command of `body(terminal, ...)`, which returns an exit code or None for done."""
    signature = inspect.signature(body, eval_str=True)
    own = list(signature.parameters.values())[1:]
    common = [
        inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet),
        inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug),
    ]

    @wraps(body)
    def guarded(*, quiet: bool, debug: bool, **arguments: Any) -> None:
        terminal = Terminal(quiet=quiet)
        try:
            with at_work():
                code = body(terminal, **arguments) or DONE
                sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough, as in `airace params | head`
            silence_stdout()
            code = DONE
        except (typer.Exit, typer.BadParameter):
            raise
        except (Exception, KeyboardInterrupt) as error:
            if debug:
                terminal.error(traceback.format_exc())
            code, message = explain(error)
            terminal.error(message)
        raise typer.Exit(code)

    del guarded.__wrapped__  # typer would read the parameters of `body` instead of these
    parameters = own + common
    guarded.__signature__ = signature.replace(parameters=parameters, return_annotation=None)  # type: ignore[attr-defined]
    guarded.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return guarded


def explain(error: BaseException) -> tuple[int, str]:
    """Exit code and message for what a command raised."""
    from sim.scenario.errors import ScenarioError

    if isinstance(error, KeyboardInterrupt):
        interrupted = error if isinstance(error, Interrupted) else Interrupted()
        return interrupted.code, str(interrupted)
    if isinstance(error, ScenarioError):
        unreadable = all(problem.code == "S114" for problem in error.problems)
        return FILES if unreadable else INVALID_SCENARIO, str(error)
    if isinstance(error, RefusedError):
        return USAGE, f"error: {error}"
    if _is(error, "sim.engine.simulate", "IdentityError"):
        return CHECK_FAILED, f"error: {error}"
    if isinstance(error, WorkersKilledError):
        return SOME_RUNS_FAILED, f"error: {error}"
    if _is(error, "concurrent.futures.process", "BrokenProcessPool"):
        return SOME_RUNS_FAILED, f"error: {WORKER_KILLED}; ask for fewer --workers, --runs or --months"
    if _is(error, "sim.engine.memory", "NotEnoughMemoryError"):
        return USAGE, f"error: {error}"
    if _memory_ran_out(error):
        told = f" ({error})" if str(error) else ""
        return USAGE, f"error: memory ran out{told}; ask for fewer --runs or --months, or --workers 1"
    if isinstance(error, OSError) or _is(error, "sim.studies.keeping.folders", "StoreError"):
        return FILES, f"error: {_file_trouble(error)}"
    kind = type(error).__name__
    return BUG, (
        f"error: airace stopped on something that it did not expect ({kind}: {error}); this is a bug in "
        "airace, not in your input.\nThe same command with --debug shows the details for a report."
    )


def silence_stdout() -> None:
    """Send the rest of stdout nowhere, so that closing it at exit raises nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is(error: BaseException, module: str, name: str) -> bool:
    """Whether it is of a class of a module, which is not loaded for this: if it never was, it raised nothing."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(error, getattr(loaded, name))


def _memory_ran_out(error: BaseException) -> bool:
    """Also where a library could not be loaded, or a thread not be started, for lack of it."""
    if isinstance(error, ImportError | RuntimeError):
        signs = ("failed to map segment", "Cannot allocate memory", "start new thread")
        return any(sign in str(error) for sign in signs)
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


def _file_trouble(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
