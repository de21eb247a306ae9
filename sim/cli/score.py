"""`airace score FILE`: hold a saved ensemble against what was observed since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.exits import DONE
from sim.cli.options import Format, PrintFormat
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.studies.forecasting.score import Scored

FEW = 10  # observations below which bands and scores say next to nothing
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", show_default=False, help="Observations, each of one month: CSV with the columns "
                   "outcome, month, value, unit, source, or TOML with [[observation]] tables of these."),
]
StudyFolder = Annotated[
    Path, typer.Option("--study", metavar="DIR", help="Folder that `airace compare --out` or `airace run --out` wrote, "
                       "or a file that `airace register` wrote.")
]


def score(
    terminal: Terminal,
    file: File,
    study: StudyFolder = Path("out"),
    format_: PrintFormat = Format.text,
) -> int:
    """Score a saved ensemble against later observations: coverage, CRPS, and the naive forecast to beat."""
    from sim.studies.forecasting.observations import read_observations
    from sim.studies.forecasting.register import graded, read
    from sim.studies.forecasting.score import score as score_study
    from sim.studies.forecasting.score import verdicts
    from sim.studies.keeping import store

    seen = read_observations(file)
    filed = study.is_file() and study.suffix == ".toml"
    scored = graded(read(study), seen) if filed else score_study(store.load(study), seen)
    found = verdicts(scored)

    def tell() -> None:
        for verdict in found:
            terminal.paragraph(verdict.text + ".")
        if len(seen) < FEW:
            terminal.paragraph(f"With {len(seen)} observations, some of one outcome, none of this tells a good model "
                               "from a lucky one.")
        _tell(terminal, scored)
        if len(found) > 1:
            best = min(found, key=lambda verdict: verdict.skill)
            terminal.paragraph(f"\nClosest to what was observed: {best.scenario}. Which policy was in force is a fact "
                               "to look up, not to infer from this.")

    present(terminal, format_, Answer(text=tell, table=lambda: _rows(scored), record=lambda: {
        "study": str(study), "scenarios": [verdict.__dict__ for verdict in found], "scores": _rows(scored)}))
    return DONE


def _rows(scored: list[Scored]) -> list[dict[str, Any]]:
    from sim.studies.forecasting.rivals import NAMES

    return [
        {"scenario": s.scenario, "outcome": s.observation.outcome, "month": s.observation.month,
         "observed": s.observation.value, "q05": s.quantiles[0], "q25": s.quantiles[1], "q50": s.quantiles[2],
         "q75": s.quantiles[3], "q95": s.quantiles[4], "in_50": s.in_50, "in_90": s.in_90, "crps": s.crps,
         "crps_naive": s.naive, "naive": s.naive_is,
         **{f"crps_{name.replace(' ', '_').lower()}": s.rivals.get(name) for name in NAMES},
         "source": s.observation.source}
        for s in scored
    ]


def _tell(terminal: Terminal, scored: list[Scored]) -> None:
    terminal.data("\nobserved | 5%, 50%, 95% of the runs; ! outside the 90% band | CRPS, naive; lower is better")
    last = ("", "")
    for s in scored:
        heading = (s.scenario, s.observation.outcome)
        if heading != last:
            terminal.data(f"  {s.observation.outcome}, {s.scenario}")
            last = heading
        low, _, middle, _, high = (_short(q) for q in s.quantiles)
        terminal.data(f"    {s.observation.month} {' ' if s.in_90 else '!'} {_short(s.observation.value):>9} | {low}, "
                      f"{middle}, {high} | {s.crps:.3g}, {s.naive:.3g} ({s.naive_is})")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
