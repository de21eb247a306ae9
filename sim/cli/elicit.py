"""`airace elicit FILE --odds P --by MONTH`: put somebody's odds of a severe incident in the place of the assumption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.exits import DONE, UsageError
from sim.cli.files import load_scenario
from sim.cli.options import (
    DEFAULT_UNCERTAINTY,
    PrintTextOrJson,
    ScenarioFile,
    Seed,
    Set,
    TextOrJson,
    Uncertainty,
    Workers,
)
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.common.numbers import percent
from sim.engine.workers import cores
from sim.model.outcomes import SEVERE
from sim.model.parameters import parameters
from sim.scenario.beyond import KEY

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario
    from sim.studies.forecasting.elicit import Chance, Elicited

OddsGiven = Annotated[
    list[float],
    typer.Option("--odds", metavar="P", show_default=False, help="Odds of at least one severe incident, as in 0.3. "
                 "Twice for a range: what the least and the most worried expert says."),
]
By = Annotated[
    str, typer.Option("--by", metavar="MONTH", show_default=False, help="Before which month, as in 2035-01.")
]
Tried = Annotated[int, typer.Option("--runs", min=2, max=1_000_000, metavar="N", help="Runs for each hazard tried.")]


def elicit(
    terminal: Terminal,
    file: ScenarioFile,
    odds: OddsGiven,
    by: By,
    runs: Tried = 1000,
    seed: Seed = 0,
    set_: Set = None,
    uncertainty: Uncertainty = DEFAULT_UNCERTAINTY,
    workers: Workers = None,
    format_: PrintTextOrJson = TextOrJson.text,
) -> int:
    """Find the hazard of severe incidents that goes with odds of one by a month."""
    if len(odds) > 2:
        raise UsageError(f"--odds was given {len(odds)} times: give it once, or twice for a range")
    if wrong := [each for each in odds if not 0.0 < each < 1.0]:
        raise UsageError(f"--odds is a chance between 0 and 1, without these two, as in 0.3, not {wrong[0]:g}")
    from sim.studies.forecasting import elicit as study

    scenario = load_scenario(file, set_, terminal)
    how: dict[str, Any] = {"runs": runs, "seed": seed, "uncertainty": uncertainty.value, "workers": workers or cores()}
    now = study.chance_of_severe(scenario, by, **how)
    found = study.elicit(scenario, sorted(odds), by, progress=_told(terminal), **how)
    hazards = [float(f"{each.hazard:.2g}") for each in found]  # as exact as the search is

    def tell() -> None:
        _tell(terminal, scenario, by, now, found)
        terminal.data(f"\n{_toml(hazards)}")

    present(terminal, format_, Answer(text=tell, record=lambda: {
        "scenario": scenario.title, "by": by, "as_it_is": now.__dict__, "runs": runs, "seed": seed,
        "uncertainty": uncertainty.value, "elicited": [each.__dict__ for each in found], "toml": _toml(hazards)}))
    beyond = ["--set", f"{KEY}=true"] if _is_beyond(hazards) else []
    terminal.suggest(["airace", "compare", file, "--set", f"uncertainty.severe_hazard={_belief(hazards)}", *beyond])
    return DONE


def _told(terminal: Terminal) -> Callable[[float, float], None]:
    """Says each hazard that is tried, so that nobody waits without a word."""
    def tell(hazard: float, chance: float) -> None:
        terminal.say(f"a hazard of {hazard:.2g} gives {percent(chance)}")

    return tell


def _tell(terminal: Terminal, scenario: Scenario, by: str, now: Chance, found: Sequence[Elicited]) -> None:
    terminal.paragraph(
        f"A severe incident is {SEVERE}. As “{scenario.title}” stands, the chance of at least one before {by} is "
        f"{percent(now.value)} (standard error {percent(now.standard_error)}); that rests on an assumed hazard.")
    for each in found:
        terminal.paragraph(f"Odds of {percent(each.odds)} go with a hazard of {each.hazard:.2g} per lab and month at "
                           f"the capability of 2024 without any care ({each.low:.2g} to {each.high:.2g}, 95% over "
                           "the runs' luck).")
    if len(found) > 1:
        terminal.paragraph("As a belief, each draw of parameters takes a hazard between the two, all alike likely.")


def _belief(hazards: Sequence[float]) -> str:
    """What a scenario holds of the hazard: a number, or a range."""
    low, high = hazards[0], hazards[-1]
    return f"{low:g}" if low == high else f"{{ low = {low:g}, high = {high:g} }}"


def _toml(hazards: Sequence[float]) -> str:
    """The lines of a scenario file."""
    first = f"{KEY} = true\n\n" if _is_beyond(hazards) else ""
    return f"{first}[uncertainty]\nsevere_hazard = {_belief(hazards)}"


def _is_beyond(hazards: Sequence[float]) -> bool:
    known = parameters()["severe_hazard"]
    return not all((known.low or 0.0) <= each <= (known.high or 0.0) for each in hazards)
