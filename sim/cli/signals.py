"""What ends a command from outside: Ctrl-C, SIGTERM from a batch system, SIGHUP of a closed terminal.

While modules load there is nothing to put in order, and the process ends at once. While a command is at work the first
signal is raised in the main thread as `Interrupted`, so that files and locks are left in order; later ones change
nothing. Where the main thread cannot answer soon, as within a long call of a library, the process ends all the same.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
PATIENCE_SECONDS = 1.5
AGAIN = "interrupted: the same command starts again, or goes on where it can"
_came: list[int] = []  # the signal that ended this process
_working = threading.Event()
_all_said = threading.Event()


class Interrupted(KeyboardInterrupt):
    """Interrupted: the exit code that tells by what, and a sentence on what was kept and how to go on."""

    def __init__(self, message: str = AGAIN, by: KeyboardInterrupt | None = None, code: int = 128 + signal.SIGINT):
        super().__init__(message)
        self.code: int = by.code if isinstance(by, Interrupted) else code


def answer_signals() -> None:
    """Answer signals that end from now on; one that is ignored already, as under nohup, stays so."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _answer)
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(target=_end_at_last, args=(heard,), daemon=True).start()


@contextmanager
def at_work() -> Iterator[None]:
    """Within, a signal raises Interrupted, and so does an error in its wake; after it all is done, and none matters."""
    _working.set()
    try:
        yield
    except Exception as error:
        if _came:
            raise Interrupted(code=128 + _came[0]) from error
        raise
    finally:
        _working.clear()
        _ignore()


def all_is_said() -> None:
    """The command has written what it has to write."""
    _all_said.set()


def _answer(number: int, _: FrameType | None) -> None:
    _ignore()
    _came.append(number)
    if _working.is_set():
        raise Interrupted(code=128 + number)
    _end(number)


def _ignore() -> None:
    for number in ENDING:
        if signal.getsignal(number) is _answer:
            signal.signal(number, signal.SIG_IGN)


def _end_at_last(heard: int) -> None:
    while (number := os.read(heard, 1)[0]) not in ENDING:
        pass
    if _all_said.wait(PATIENCE_SECONDS):
        time.sleep(PATIENCE_SECONDS)
        os._exit(128 + number)
    _end(number)


def _end(number: int) -> None:
    os.write(2, f"{AGAIN}\n".encode())
    os._exit(128 + number)
