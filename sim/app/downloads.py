"""What can be taken along: the present scenario as a file, the runs as data, the comparison as a report.

A download's address holds the whole view, as the page's does, so that a link to it works anywhere and for anybody.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.app.desk import RUNS, STEPS
from sim.app.engine import Engine, ensemble
from sim.app.levers import in_words, label, lever_of
from sim.app.outcomes import results_of
from sim.app.view import View, read
from sim.report.names import inside, listed
from sim.results import Results
from sim.scenario import Scenario
from sim.simulate import simulate
from sim.studies.compare import compare

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

TITLE = "From the cockpit"
Maker = Callable[[Engine, View], bytes]


def scenario_file(_: Engine, view: View) -> bytes:
    """The present scenario as a TOML file that stands alone, so that it works in any folder."""
    start, present = view.baseline, view.scenario
    moved = [f"{inside(label(_world(path)))}{_where(path)} is {in_words(path, value)}" for path, value in
             view.levers.items()]
    asked = f"What happens if {listed(moved)}?" if moved else start.question
    look = f"in what it differs from “{start.title}”: airace compare {view.start} scenario.toml"
    return replace(present.with_({}, title=TITLE), question=asked, look_for=look).to_toml().encode("utf-8")


def _world(path: str) -> str:
    return lever_of(path).path


def _where(path: str) -> str:
    return "" if path == _world(path) else f" ({path.split('.')[1]})"


def runs_as_csv(engine: Engine, view: View) -> bytes:
    """A row per scenario and run, a column per outcome, as CSV."""
    return bytes(_results(engine, view).runs.to_csv(index=False).encode("utf-8"))


def runs_as_parquet(engine: Engine, view: View) -> bytes:
    """A row per scenario and run, a column per outcome, as Parquet."""
    buffer = io.BytesIO()
    _results(engine, view).runs.to_parquet(buffer, index=False)
    return buffer.getvalue()


def report(engine: Engine, view: View) -> bytes:
    """The report of the comparison with the baseline, one HTML file."""
    if view.unmoved:
        raise ValueError("A report compares two scenarios, and no lever is moved: move one first.")
    with engine.ask(report_page, view.baseline, view.scenario, view.seed) as future:
        return bytes(future.result())


def report_page(baseline: Scenario, present: Scenario, seed: int) -> bytes:
    """The report's text; carried out by a worker."""
    from sim.report.html import render

    results = simulate([baseline, present], RUNS, seed)
    return render(compare(results)).encode("utf-8")


def _results(engine: Engine, view: View) -> Results:
    import numpy as np

    scenarios = [view.baseline] if view.unmoved else [view.baseline, view.scenario]
    tickets = [[engine.ask(ensemble, scenario, view.seed, first, runs) for first, runs in STEPS]
               for scenario in scenarios]
    try:
        values = [np.concatenate([ticket.future.result() for ticket in each]) for each in tickets]
    finally:
        for each in tickets:
            for ticket in each:
                ticket.leave()
    return results_of(scenarios, values, view.seed)


FILES: dict[str, tuple[Maker, str]] = {
    "scenario.toml": (scenario_file, "application/toml; charset=utf-8"),
    "runs.csv": (runs_as_csv, "text/csv; charset=utf-8"),
    "runs.parquet": (runs_as_parquet, "application/vnd.apache.parquet"),
    "report.html": (report, "text/html; charset=utf-8"),
}
"""What can be downloaded, by file name: who makes it, and what it is."""


def download(request: Request) -> Response:
    """The file of this name for the view in the address; a bad address is refused with all that is wrong in it."""
    from starlette.responses import PlainTextResponse, Response

    from sim.app.cockpit import engine

    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse(f"There is no file {name[:60]!r}; there are: {', '.join(FILES)}.", 404)
    view, refused = read(request.url.query)
    if refused:
        return PlainTextResponse("\n".join(refused), 400)
    make, kind = FILES[name]
    try:
        content = make(engine, view)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
