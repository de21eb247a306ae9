"""What can be taken along: the present scenario as a file, the runs as data, the comparison as a report.

A download's address holds the whole view, as the page's does.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.app.desk import RUNS, STEPS, scenarios_of
from sim.app.engine import Engine, Runs, ensemble, joined
from sim.app.in_time import OFF
from sim.app.levers import in_words, label
from sim.app.outcomes import results_of
from sim.app.view import FILE, View, read
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.report.words.names import inside, listed, quoted
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

TITLE = "From the cockpit"
AT_ONCE = 2
"""Downloads that need simulations at the same time; more would leave no worker to those who look at the page."""
_GLANCE = 0.1
"""Seconds between looks at whether the work is done, or nobody waits for it any more."""
Work = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(frozen=True)
class File:
    """A kind of download: what it is, the work that workers do for it, and how its bytes are made from their results.

    Each raises ValueError, with a sentence, where a view has no such file.
    """

    kind: str
    make: Callable[[View, Sequence[Any]], bytes]
    work: Callable[[View], Sequence[Work]] = lambda _: ()


def scenario_file(view: View, _: Sequence[Any] = ()) -> bytes:
    """The present scenario as a TOML file that stands alone, so that it works in any folder."""
    start, present = view.baseline, view.scenario
    look = f"in what it differs from “{start.title}”: airace compare {view.start} {FILE}"
    return replace(present.with_({}, title=TITLE), question=_question(view), look_for=look).to_toml().encode("utf-8")


def _question(view: View) -> str:
    """What the present scenario asks, by what was moved and decided on the page; else what the baseline asks."""
    moved = [f"{inside(label(path))} is {in_words(path, value)}" for path, value in view.levers.items()]
    named = {off: listed([quoted(name) for (_, name), table in view.policies.items() if (table == OFF) is off])
             for off in (False, True)}
    decided = [f"{word} {names}" for word, names in (("with", named[False]), ("without", named[True])) if names]
    if not moved and not decided:
        return view.baseline.question
    return f"{' '.join(['What happens', *([f'if {listed(moved)}'] if moved else []), *decided])}?"


def runs_as_csv(view: View, pieces: Sequence[Runs]) -> bytes:
    """A row per scenario and run, a column per outcome, as CSV."""
    return bytes(_results(view, pieces).runs.to_csv(index=False).encode("utf-8"))


def runs_as_parquet(view: View, pieces: Sequence[Runs]) -> bytes:
    """A row per scenario and run, a column per outcome, as Parquet."""
    buffer = io.BytesIO()
    _results(view, pieces).runs.to_parquet(buffer, index=False)
    return buffer.getvalue()


def ensembles(view: View) -> list[Work]:
    """The runs of the scenarios of a view, in the pieces in which the page asks for them."""
    return [(ensemble, (scenario, view.seed, first, runs)) for scenario in scenarios_of(view) for first, runs in STEPS]


def _results(view: View, pieces: Sequence[Runs]) -> Results:
    runs = [joined(pieces[k:k + len(STEPS)]) for k in range(0, len(pieces), len(STEPS))]
    return results_of(scenarios_of(view), runs, view.seed)


def report(view: View) -> list[Work]:
    """The report of the comparison with the baseline, one HTML file."""
    if view.unmoved:
        raise ValueError("A report compares two scenarios, and nothing is changed: move a lever, or add a policy.")
    return [(report_page, (view.baseline, view.scenario, view.seed))]


def report_page(baseline: Scenario, present: Scenario, seed: int) -> bytes:
    """The report's text; carried out by a worker."""
    from sim.report.pages.comparison import told

    results = simulate([baseline, present], RUNS, seed)
    return told(compare(results)).page().encode("utf-8")


FILES: dict[str, File] = {
    FILE: File("application/toml; charset=utf-8", scenario_file),
    "runs.csv": File("text/csv; charset=utf-8", runs_as_csv, ensembles),
    "runs.parquet": File("application/vnd.apache.parquet", runs_as_parquet, ensembles),
    "report.html": File("text/html; charset=utf-8", lambda _, made: bytes(made[0]), report),
}
"""What can be downloaded, by file name."""


class Downloads:
    """Hands out files: at most so many that need simulations at once, each for as long as somebody waits for it."""

    def __init__(self, engine: Engine, at_once: int = AT_ONCE) -> None:
        self._engine, self._at_once = engine, at_once
        self._under_way: list[list[Future[Any]]] = []

    async def answer(self, request: Request) -> Response:
        """The file of this name for the view in the address; a bad address is refused with all that is wrong in it."""
        from starlette.responses import PlainTextResponse, Response

        name = request.path_params["name"]
        if name not in FILES:
            return PlainTextResponse(f"There is no file {name[:60]!r}; there are: {', '.join(FILES)}.", 404)
        view, refused = read(request.url.query)
        if refused:
            return PlainTextResponse("\n".join(refused), 400)
        file = FILES[name]
        try:
            work = file.work(view)
            with ExitStack() as claims:
                results = await self._results(work, claims, request) if work else ()
            content = await asyncio.to_thread(file.make, view, results)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        except BusyError as error:
            return PlainTextResponse(str(error), 503, {"retry-after": "10"})
        return Response(content, 200, {"content-disposition": f'attachment; filename="{name}"'}, file.kind)

    async def _results(self, work: Sequence[Work], claims: ExitStack, request: Request) -> list[Any]:
        """What the workers found; BusyError if there is no place, or nobody to wait for it any more."""
        # A piece that a worker has begun goes on when its visitor leaves, and holds its place until it is done.
        self._under_way = [futures for futures in self._under_way if not _done(futures)]
        if len(self._under_way) >= self._at_once:
            raise BusyError(f"{self._at_once} downloads are being computed already; try again in a moment.")
        try:
            futures = [claims.enter_context(self._engine.ask(do, *arguments)) for do, arguments in work]
            self._under_way.append(futures)
            while not _done(futures):
                if await request.is_disconnected():
                    raise BusyError("The visitor has left.")
                await asyncio.sleep(_GLANCE)
            return [future.result() for future in futures]
        except (CancelledError, BrokenProcessPool):
            raise BusyError("The work for this download was ended; try again in a moment.") from None


class BusyError(Exception):
    """No download now; the message says why."""


def _done(futures: Sequence[Future[Any]]) -> bool:
    return all(future.done() for future in futures)
