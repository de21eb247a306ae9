"""airace: the AI industry as a simulation - labs, founders, courts, capital, regulators, nations.

    import sim                                       # or `import airace`, the same package
    base = sim.Scenario.load("baseline")             # a file, or one of sim.scenarios()
    strict = base.with_({"regulation.strictness": 0.8}, title="Strict")
    results = sim.simulate([base, strict], runs=200, seed=0, workers=2)
    print(sim.compare(results))

Everything below is loaded when it is first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.common.above import offer

if TYPE_CHECKING:
    from sim.engine.mesa_model import IndustryModel
    from sim.engine.results import Results
    from sim.engine.simulate import simulate
    from sim.model import published
    from sim.model.outcomes import OUTCOMES
    from sim.model.parameters import levers, parameters
    from sim.scenario.scenario import Scenario, ScenarioError
    from sim.scenario.shipped import scenarios, worlds
    from sim.studies import deciding
    from sim.studies.comparing.compare import Comparison, compare
    from sim.studies.comparing.why import Why, why
    from sim.studies.comparing.worlds import Worlds, across_worlds
    from sim.studies.deciding.advice import Advice
    from sim.studies.deciding.advise import advise
    from sim.studies.deciding.game import Game, game
    from sim.studies.deciding.worth import Worth, worth
    from sim.studies.forecasting.backtest import Backtest, backtest
    from sim.studies.sweeping.design import Design
    from sim.studies.sweeping.exploring import Explored, explore
    from sim.studies.sweeping.sensitivity import Sensitivity, Subject, sensitivity
    from sim.studies.sweeping.sweep import Sweep

__version__ = "0.1.0"
__all__ = ["OUTCOMES", "Advice", "Backtest", "Comparison", "Design", "Explored", "Game", "IndustryModel", "Results",
           "Scenario", "ScenarioError", "Sensitivity", "Subject", "Sweep", "Why", "Worlds", "Worth", "__version__",
           "across_worlds", "advise", "backtest", "compare", "deciding", "explore", "game", "levers", "parameters",
           "published", "scenarios", "sensitivity", "simulate", "why", "worlds", "worth"]

_NAMES_IN = {
    "engine.mesa_model": ("IndustryModel",),
    "engine.results": ("Results",),
    "engine.simulate": ("simulate",),
    "model.outcomes": ("OUTCOMES",),
    "model.parameters": ("levers", "parameters"),
    "scenario.errors": ("ScenarioError",),
    "scenario.scenario": ("Scenario",),
    "scenario.shipped": ("scenarios", "worlds"),
    "studies.comparing.compare": ("Comparison", "compare"),
    "studies.comparing.why": ("Why", "why"),
    "studies.comparing.worlds": ("Worlds", "across_worlds"),
    "studies.deciding.advice": ("Advice",),
    "studies.deciding.advise": ("advise",),
    "studies.deciding.game": ("Game", "game"),
    "studies.deciding.worth": ("Worth", "worth"),
    "studies.forecasting.backtest": ("Backtest", "backtest"),
    "studies.sweeping.design": ("Design",),
    "studies.sweeping.exploring": ("Explored", "explore"),
    "studies.sweeping.sensitivity": ("Sensitivity", "Subject", "sensitivity"),
    "studies.sweeping.sweep": ("Sweep",),
}
_HOME = {name: room for room, names in _NAMES_IN.items() for name in names}

_ROOMS = {"deciding": "studies.deciding", "published": "model.published"}

# What results and studies offer, and rooms above theirs make.
offer(
    save_results="sim.studies.keeping.store:save",
    load_results="sim.studies.keeping.store:load",
    plots_of_results="sim.report.charts.plots:ResultsPlots",
    plots_of_comparison="sim.report.charts.plots:ComparisonPlots",
    plots_of_sweep="sim.report.pages.plots:SweepPlots",
    plots_of_sensitivity="sim.report.pages.plots:SensitivityPlots",
    plots_of_backtest="sim.report.pages.plots:BacktestPlots",
    export="sim.report.pages.export:export",
    results_in_notebook="sim.report.pages.notebook:results_html",
    comparison_in_notebook="sim.report.pages.notebook:comparison_html",
    game_from_file="sim.studies.deciding.game_file:read_game",
    told_of="sim.report.pages.told:told_of",
    page_of_explored="sim.report.pages.explorer:write",
    why_in_words="sim.report.words.why:story",
)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:  # modules, not names in one
        return import_module(f"{__name__}.{_ROOMS[name]}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
