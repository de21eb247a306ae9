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
    from sim.studies.comparing.compare import Comparison, compare
    from sim.studies.comparing.why import Why, why
    from sim.studies.comparing.worlds import Worlds, across_worlds
    from sim.studies.deciding.advice import Advice
    from sim.studies.deciding.advise import advise
    from sim.studies.deciding.worth import Worth, worth

__version__ = "0.1.0"
__all__ = ["OUTCOMES", "Advice", "Comparison", "IndustryModel", "Results", "Scenario", "ScenarioError", "Why",
           "Worlds", "Worth", "__version__", "across_worlds", "advise", "compare", "levers", "parameters", "published",
           "scenarios", "simulate", "why", "worlds", "worth"]

_HOME = {"OUTCOMES": "model.outcomes", "Advice": "studies.deciding.advice",
         "Comparison": "studies.comparing.compare", "IndustryModel": "engine.mesa_model",
         "Results": "engine.results", "Scenario": "scenario.scenario", "ScenarioError": "scenario.errors",
         "Why": "studies.comparing.why", "Worlds": "studies.comparing.worlds", "Worth": "studies.deciding.worth",
         "across_worlds": "studies.comparing.worlds", "advise": "studies.deciding.advise",
         "compare": "studies.comparing.compare",
         "levers": "model.parameters", "parameters": "model.parameters", "scenarios": "scenario.shipped",
         "simulate": "engine.simulate", "why": "studies.comparing.why", "worlds": "scenario.shipped",
         "worth": "studies.deciding.worth"}

# What results and studies offer, and rooms above theirs make.
offer(
    save_results="sim.studies.keeping.store:save",
    load_results="sim.studies.keeping.store:load",
    plots_of_results="sim.report.charts.plots:ResultsPlots",
    plots_of_comparison="sim.report.charts.plots:ComparisonPlots",
    results_in_notebook="sim.report.pages.notebook:results_html",
    comparison_in_notebook="sim.report.pages.notebook:comparison_html",
    told_of_sensitivity="sim.report.pages.sensitivity:told",
    told_of_sweep="sim.report.pages.sweep:told",
    told_of_backtest="sim.report.pages.backtest:told",
    told_of_worlds="sim.report.pages.worlds:told",
    told_of_advice="sim.report.pages.advise:told",
    told_of_worth="sim.report.pages.worth:told",
    why_in_words="sim.report.words.why:story",
    why_as_page="sim.report.pages.why:write_page",
)


def __getattr__(name: str) -> Any:
    if name == "published":  # a module, not a name in one
        return import_module(f"{__name__}.model.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
