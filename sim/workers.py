"""Worker processes of this machine: started, ended, and explained when they cannot start or are killed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

GUARD = (
    "A script that asks for workers has to make that call under `if __name__ == \"__main__\":`, because each worker "
    "process first runs the script's top level again; or use workers=1."
)
_KILLED = (
    "A worker process was killed while it was at work, most often because memory ran out; use fewer workers, or "
    "smaller batches."
)


class WorkersNotStarted(BrokenProcessPool):
    """Worker processes ended before they took on any work."""


@contextmanager
def worker_processes(workers: int) -> Iterator[Executor]:
    """An executor of so many processes; what has not begun when the block is left by an error is dropped.

    Raises WorkersNotStarted where the processes end while they start, as under a script without a main guard, and
    BrokenProcessPool where one is killed later; both say what to do. A script that lacks the guard ends its own
    worker processes with a sentence instead of Python's traceback.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # This is a worker that is still reading the user's script, so nothing of the user's can catch this.
        raise SystemExit(GUARD)
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    pool = ProcessPoolExecutor(workers, context, initializer=started.set)
    try:
        yield pool
    except BrokenProcessPool:
        pool.shutdown(wait=False, cancel_futures=True)
        if started.is_set():
            raise BrokenProcessPool(_KILLED) from None
        raise WorkersNotStarted(f"The worker processes ended before they began. {GUARD}") from None
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
