"""Worker processes of this machine: started, ended, and explained when they cannot start or are killed."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any

GUARD = (
    "A script that asks for workers has to make that call under `if __name__ == \"__main__\":`, because each worker "
    "process first runs the script's top level again; or use workers=1."
)
_OWN_FILE = (
    "cannot be sent to worker processes, which know only what they can import: put functions of your own, such as "
    "stages, into a file beside your script or notebook and import them from there; or use workers=1."
)
_KILLED = (
    "A worker process was killed while it was at work, most often because memory ran out; use fewer workers, or "
    "smaller batches."
)
_FROM_THE_TERMINAL = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}
SECONDS_TO_END = 1.0  # of a thread that has nothing left to wait for


class WorkersNotStarted(BrokenProcessPool):
    """Worker processes ended before they took on any work."""


class NotSendableError(ValueError):
    """Work that cannot be taken to another process, or not be found there."""


def begin_worker(started: Any = None) -> None:
    """What each worker process does first, as the `initializer` of its pool; `started` is an event to set.

    From then on it ends with its parent, however that ends, and leaves to the parent what a terminal sends to all its
    processes.
    """
    for number in _FROM_THE_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _FROM_THE_TERMINAL)
    if multiprocessing.parent_process() is not None:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    if started is not None:
        started.set()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


class WorkerPool(ProcessPoolExecutor):
    """So many worker processes, which end with this one; as a context, they are killed where an error leaves it.

    Work that cannot be sent raises NotSendableError: as it is submitted, or from its future if it is not found there.
    """

    def __init__(self, workers: int, method: str = "spawn") -> None:
        context = multiprocessing.get_context(method)
        with _undisturbed():
            self._started = context.Event()
            super().__init__(workers, context, initializer=begin_worker, initargs=(self._started,))

    @property
    def started(self) -> bool:
        """Whether a worker has begun, and so could take on work."""
        return bool(self._started.is_set())

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Have `work(*arguments, **named)` carried out by a worker."""
        try:
            packed = pickle.dumps((work, arguments, named))
        except Exception as error:
            raise NotSendableError(f"{_name(work)} or what it is given {_OWN_FILE} ({error})") from None
        with _undisturbed():
            future = super().submit(_unpack_and_do, packed)
        if self._broken:  # while this was handed in, so that nobody may look at it any more
            raise BrokenProcessPool(_KILLED)
        return future

    def kill_workers(self) -> None:
        """End the workers now; what they were at, and what had not begun, is lost."""
        processes = list((self._processes or {}).values())
        manager: Any = self._executor_manager_thread
        self.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        if manager is not None:
            manager.join(SECONDS_TO_END)  # or Python, at its own end, writes to a pipe that this thread is closing

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.shutdown()
        else:
            self.kill_workers()


def _unpack_and_do(packed: bytes) -> Any:
    """In the worker: here, and not in the pool's own loop, since what cannot be found there would end the worker."""
    try:
        work, arguments, named = pickle.loads(packed)
    except (AttributeError, ModuleNotFoundError) as error:
        raise NotSendableError(f"What is to be done {_OWN_FILE} ({error})") from None
    return work(*arguments, **named)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes that are started here are not interrupted while they load, and meet no `random.py` of the folder."""
    before = os.environ.get("PYTHONSAFEPATH")
    blocks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _FROM_THE_TERMINAL) if blocks else set()
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("PYTHONSAFEPATH", None)
        else:
            os.environ["PYTHONSAFEPATH"] = before
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def worker_processes(workers: int) -> Iterator[WorkerPool]:
    """A pool of so many processes.

    Raises WorkersNotStarted where the processes end while they start, as under a script without a main guard, and
    BrokenProcessPool where one is killed later; both say what to do. A script that lacks the guard ends its own
    worker processes with a sentence instead of Python's traceback.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # This is a worker that is still reading the user's script, so nothing of the user's can catch this.
        raise SystemExit(GUARD)
    _check_main()
    pool = WorkerPool(workers)
    try:
        with pool:
            yield pool
    except BrokenProcessPool:
        if pool.started:
            raise BrokenProcessPool(_KILLED) from None
        raise WorkersNotStarted(f"The worker processes ended before they began. {GUARD}") from None


def _check_main() -> None:
    """NotSendableError where the running script is no file, so that workers could not read it again."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if file is not None and getattr(main, "__spec__", None) is None and not os.path.isfile(file):
        raise NotSendableError(f"A script that is not in a file ({file}) cannot have worker processes, each of which "
                               "reads it again: save it in a file, or use workers=1.")


def _name(work: Callable[..., Any]) -> str:
    return str(getattr(work, "__name__", type(work).__name__))


def cores() -> int:
    """Cores that this process may use, at most eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)
