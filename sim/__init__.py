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
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import published
    from sim.mesa_model import IndustryModel
    from sim.outcomes import OUTCOMES
    from sim.parameters import levers, parameters
    from sim.results import Results
    from sim.scenario import Scenario, ScenarioError
    from sim.shipped import scenarios
    from sim.simulate import simulate
    from sim.studies.compare import Comparison, compare
    from sim.studies.why import Why, why

__version__ = "0.1.0"
__all__ = ["OUTCOMES", "Comparison", "IndustryModel", "Results", "Scenario", "ScenarioError", "Why",
           "__version__", "compare", "levers", "parameters", "published", "scenarios", "simulate", "why"]

_HOME = {"OUTCOMES": "outcomes", "Comparison": "studies.compare", "IndustryModel": "mesa_model",
         "Results": "results", "Scenario": "scenario", "ScenarioError": "scenario",
         "compare": "studies.compare", "levers": "parameters", "parameters": "parameters",
         "Why": "studies.why", "scenarios": "shipped", "simulate": "simulate", "why": "studies.why"}


class _Package(ModuleType):
    """Keeps `sim.simulate` and `sim.parameters` the functions, not the files of the same names."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name == "published":  # a module, not a name in one
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
