"""One visitor's desk: what they look at, and the work that fills it in, always for the latest view alone.

Everything here belongs to one visitor; the engine alone is shared. A desk shows what it has by calling `show` with a
new `Screen`: first a quick picture of few runs, then more, then the run's story and the map.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, TimeoutError
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from sim.app import map as maps
from sim.app import outcomes
from sim.app.engine import Engine, Runs, ensemble, joined, summaries
from sim.app.outcomes import Drawn
from sim.app.story import one_run
from sim.app.view import View
from sim.engine.results import Results
from sim.scenario.scenario import Scenario

RUNS = 200
QUICK = 40
"""Runs of the first picture: enough for bands, too few for sentences."""
PIECE = 20
STEPS: tuple[tuple[int, int], ...] = tuple((first, PIECE) for first in range(0, RUNS, PIECE))
"""First run and number of runs of each piece: small, so that workers share them and are soon free for the next move."""
_GLANCE = 0.05
"""Seconds between looks at whether the work is still wanted."""
_AWAY = 0.5
"""Seconds between looks at whether a page is connected again."""
_SETTLED = 0.05
"""Seconds for which a lever has to rest: a worker that has begun on a value passed over is not free for the next."""
_PREPARED = 20.0
"""Seconds for which work is kept that was asked for before its page could ask for it."""


@dataclass(frozen=True)
class Screen:
    """What is to be seen: sentences, charts, how many runs they rest on, what is still under way."""

    view: View
    sentences: tuple[str, ...] = ()
    panels: tuple[dict[str, Any], ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    runs: int = 0
    map: dict[str, Any] = field(default_factory=dict)
    story: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    @property
    def whole(self) -> bool:
        """Whether the charts rest on all runs."""
        return self.runs >= RUNS


def scenarios_of(view: View) -> list[Scenario]:
    """What a view compares: the baseline, and the present scenario where it is another."""
    return [view.baseline] if view.unmoved else [view.baseline, view.scenario]


def ensembles(view: View) -> list[list[tuple[Any, ...]]]:
    """The work behind a view's charts, for `Engine.ask`: a row for each of `STEPS`, in it a piece for each scenario."""
    scenarios = scenarios_of(view)
    return [[(ensemble, scenario, view.seed, first, runs) for scenario in scenarios] for first, runs in STEPS]


def prepare(engine: Engine, view: View, seconds: float = _PREPARED) -> None:
    """Have the work behind a view's charts begun, before its page has come so far as to ask for it."""
    tickets = [engine.ask(*work) for step in ensembles(view) for work in step]

    def leave() -> None:
        for ticket in tickets:
            ticket.leave()

    if seconds < math.inf:
        last = threading.Timer(seconds, leave)
        last.daemon = True
        last.start()


def whole_picture(engine: Engine, view: View) -> Drawn | None:
    """The charts of all runs, if these are there already; nothing is simulated."""
    found = [[engine.peek(*work) for work in step] for step in ensembles(view)]
    if any(piece is None for step in found for piece in step):
        return None
    return _whole(engine, view, lambda: _results(view, found))


def _results(view: View, pieces: Sequence[Sequence[Runs]]) -> Results:
    """Results from pieces: a row for each step, in it one for each scenario."""
    scenarios = scenarios_of(view)
    runs = [joined([step[place] for step in pieces]) for place in range(len(scenarios))]
    return outcomes.results_of(scenarios, runs, view.seed)


def _whole(engine: Engine, view: View, results: Callable[[], Results]) -> Drawn:
    """A view's charts, drawn once for all who look at the same."""
    scenarios = scenarios_of(view)
    key = (tuple(scenarios), tuple(each.title for each in scenarios), view.seed, view.charts, view.difference)
    made: Drawn = engine.once(key, lambda: outcomes.whole(results(), view.charts, view.difference))
    return made


class StaleError(Exception):
    """The visitor looks at something else by now."""


class AwayError(Exception):
    """The visitor's page has no connection at the moment."""


class Desk:
    """Keeps a visitor's screen in step with their view; `show` is called from a thread of the desk's own.

    `here` tells whether the visitor's page is connected: for one that is not, nothing is computed until it is back.
    """

    def __init__(self, engine: Engine, view: View, show: Callable[[Screen], None],
                 here: Callable[[], bool] = lambda: True) -> None:
        self._engine, self._show, self._here = engine, show, here
        self._lock = threading.Lock()
        self._turn = 0
        self.screen = Screen(view)

    def look(self, view: View) -> None:
        """Begin to fill the screen for a view; what was under way for another is dropped."""
        with self._lock:
            self._turn += 1
            turn = self._turn
        threading.Thread(target=self._fill, args=(view, turn), daemon=True).start()

    def close(self) -> None:
        """Drop what is under way."""
        with self._lock:
            self._turn += 1

    # ---- in the thread ---------------------------------------------------------------------------------------

    def _fill(self, view: View, turn: int) -> None:
        try:
            if turn > 1:
                self._put(turn, view=view, runs=0, trouble="")
                time.sleep(_SETTLED)
            while not self._filled(view, turn):
                self._await_return(turn)
        except (StaleError, CancelledError):  # cancelled: the server ends
            return
        except Exception as error:  # whatever went wrong, the visitor is told and can go on
            self._put_trouble(turn, error)

    def _filled(self, view: View, turn: int) -> bool:
        """Fill the screen; False if the visitor's page lost its connection meanwhile."""
        try:
            self._still(turn)
            self._draw_ensembles(view, turn)
            self._tell_story(view, turn)
            self._draw_map(view, turn)
        except AwayError:
            return False
        return True

    def _await_return(self, turn: int) -> None:
        while not self._here():
            self._still(turn)
            time.sleep(_AWAY)

    def _draw_ensembles(self, view: View, turn: int) -> None:
        with ExitStack() as claims:
            pieces = [[claims.enter_context(self._engine.ask(*work)) for work in step] for step in ensembles(view)]
            known = all(future.done() for step in pieces for future in step)
            if not known:  # else the quick picture would only flicker
                results = _results(view, self._waited(pieces[:QUICK // PIECE], turn))
                drawn = outcomes.quick(results, view.charts, view.difference)
                self._put(turn, **drawn._asdict(), values={}, runs=QUICK)
            results = _results(view, self._waited(pieces, turn))
        drawn = _whole(self._engine, view, lambda: results)
        self._put(turn, **drawn._asdict(), values={}, runs=RUNS)
        # What a month shows can wait until somebody looks at one.
        self._put(turn, values=outcomes.values(results, view.charts, view.difference))

    def _waited(self, pieces: Sequence[Sequence[Future[Runs]]], turn: int) -> list[list[Runs]]:
        return [[self.wait(future, turn) for future in step] for step in pieces]

    def wait(self, future: Future[Any], turn: int) -> Any:
        """The result of a piece of work; StaleError if the visitor moved on meanwhile, AwayError if they left."""
        while True:
            self._still(turn)
            if not self._here():
                raise AwayError
            try:
                return future.result(timeout=_GLANCE)
            except TimeoutError:
                continue

    def _tell_story(self, view: View, turn: int) -> None:
        with self._engine.ask(one_run, tuple(scenarios_of(view)), view.seed, view.run) as future:
            self._put(turn, story=self.wait(future, turn))

    def _draw_map(self, view: View, turn: int) -> None:
        with ExitStack() as claims:
            # Point by point: a worker that has begun on a whole row would not be free for the next move for seconds.
            points = [view.baseline, *(point for row in maps.rows(view.scenario) for point in row)]
            asked = [claims.enter_context(self._engine.ask(summaries, (point,), view.seed, maps.RUNS))
                     for point in points]
            if not all(future.done() for future in asked):
                self._put(turn, map=self.screen.map | {"waiting": True})
            baseline, *others = [self.wait(future, turn) for future in asked]
        found = maps.measure(view.mapped, baseline, others)
        self._put(turn, map=maps.drawn(found, view.scenario) | {"waiting": False})

    def _still(self, turn: int) -> None:
        if turn != self._turn:
            raise StaleError

    def _put(self, turn: int, **parts: Any) -> None:
        with self._lock:
            self._still(turn)
            self.screen = replace(self.screen, **parts)
            screen = self.screen
        self._show(screen)

    def _put_trouble(self, turn: int, error: Exception) -> None:
        told = f"This could not be computed ({type(error).__name__}: {error}). Move a lever to try again."
        try:
            self._put(turn, trouble=told)
        except StaleError:
            return
