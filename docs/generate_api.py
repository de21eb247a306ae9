"""Writes docs/api.md from the signatures and docstrings of the public interface.

    python docs/generate_api.py

The page is never edited by hand; tests/test_pages.py fails when it is stale.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import sim

PAGE = Path(__file__).parent / "api.md"

INTRODUCTION = """\
# API

Written by `docs/generate_api.py` from the docstrings; do not edit by hand.

The package is installed as `airace` and imported as `sim`; `import airace` gives the same. Everything in the first part
is at hand after `import sim` and keeps its name from version to version. The studies are imported from their modules.
What is not on this page may change.
"""

# What comes first of `sim.__all__`; the rest follows.
SIM = ("Scenario", "simulate", "Results", "compare", "Comparison", "IndustryModel", "ScenarioError", "OUTCOMES",
       "levers", "parameters", "scenarios")
# Further parts of the page: heading, module, names.
STUDIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Sweeps", "sim.studies.sweeping.design", ("DesignError",)),
    ("", "sim.studies.sweeping.surface",
     ("surface", "Surface", "interaction", "Interaction", "associations", "Association")),
    ("Sensitivity", "sim.studies.sweeping.sensitivity",
     ("Indices", "Index", "Effect", "every_uncertainty", "SensitivityError")),
    ("Back-test", "sim.studies.forecasting.backtest", ("Track", "Cell", "Scored", "Headline", "as_of")),
    ("Later observations", "sim.studies.forecasting.observations",
     ("read_observations", "Observation", "ObservationsError")),
    ("", "sim.studies.forecasting.epoch", ("read_epoch", "Imported")),
    ("", "sim.studies.forecasting.epoch_files", ("EpochFile",)),
    ("Odds of severe incidents", "sim.studies.forecasting.elicit",
     ("elicit", "chance_of_severe", "Elicited", "Chance", "ElicitError")),
    ("", "sim.studies.sweeping.exploring", ("ExploringError",)),
    ("Value of information", "sim.studies.deciding.worth", ("Known", "Flip", "WorthError")),
    ("", "sim.studies.deciding.information", ("Perfect",)),
    ("Advice", "sim.studies.deciding.question", ("Question", "Policy", "Aim", "Limit", "Axis")),
    ("", "sim.studies.deciding.criteria", ("Standing",)),
    ("", "sim.studies.deciding.advice", ("AdviseError", "Size")),
    ("", "sim.studies.deciding.advise", ("resume",)),
    ("", "sim.studies.deciding.turning", ("Fails", "Turn")),
    ("", "sim.studies.deciding.search", ("search", "Searched", "Judged", "SearchError")),
    ("", "sim.studies.deciding.objective", ("Objective", "ObjectiveError")),
    ("Games between powers", "sim.studies.deciding.game", ("Round", "GameError")),
    ("", "sim.studies.deciding.players", ("Profiles", "Player", "Varied")),
    ("", "sim.studies.deciding.rests", ("Part", "AimRange", "Threshold")),
    ("", "sim.studies.deciding.equilibria", ("Mixed",)),
    ("", "sim.studies.deciding.arena", ("Arena", "RandomPlayer", "AnsweringPlayer", "play")),
    ("Charts", "sim.report.charts.plots", ("ResultsPlots", "ComparisonPlots")),
    ("", "sim.report.pages.plots", ("SweepPlots", "SensitivityPlots", "BacktestPlots")),
    ("Mesa agents", "sim.engine.mesa_model", ("Lab", "Founder", "Regulator", "Nation")),
    ("The month and its luck", "sim.engine.live", ("STAGES",)),
    ("", "sim.model.luck", ("Luck",)),
)


class Bare(str):
    """An annotation that is written without quotes."""

    def __repr__(self) -> str:
        return str(self)


def signature(thing: Any, name: str) -> str:
    """A call as it is written, over several lines where it is long."""
    found = inspect.signature(thing)
    arguments: list[str] = []
    for parameter in found.parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in arguments:
            arguments.append("*")
        known = parameter.annotation is not parameter.empty
        arguments.append(str(parameter.replace(annotation=Bare(parameter.annotation)) if known else parameter))
    result = "" if found.return_annotation in (found.empty, None, "None") else f" -> {found.return_annotation}"
    whole = f"{name}({', '.join(arguments)}){result}"
    if len(whole) <= 100 or not arguments:
        return whole
    return f"{name}(\n    " + ",\n    ".join(arguments) + f",\n){result}"


def documented(thing: Any) -> str:
    """A docstring as paragraphs; indented lines keep their place as code."""
    text = inspect.cleandoc(thing.__doc__ or "").replace("<", "&lt;") if not isinstance(thing, str) else thing
    return re.sub(r"^(?=- )", "\n", text, count=1, flags=re.M)


def members(of: type) -> list[tuple[str, Any]]:
    """Public methods and properties that the class itself defines, in the order of the file."""
    found = []
    for name, value in vars(of).items():
        inner = value.func if hasattr(value, "func") else value  # cached_property
        inner = inner.fget if isinstance(inner, property) else inner
        inner = inner.__func__ if isinstance(inner, classmethod | staticmethod) else inner
        if not name.startswith("_") and inspect.isfunction(inner) and inner.__doc__:
            found.append((name, value))
    return found


def entry(name: str, thing: Any, level: int = 3) -> str:
    """One name: how it is called, what it does, and for a class its parts."""
    mark = "#" * level
    if inspect.isclass(thing):
        parts = [f"{mark} `{name}`", documented(thing)]
        if issubclass(thing, BaseException):
            return "\n\n".join(parts)
        if dataclasses.is_dataclass(thing) or "__init__" in vars(thing):
            parts.insert(1, f"```text\n{signature(thing, name)}\n```")
        return "\n\n".join([*parts, *(part(name, *member) for member in members(thing))])
    if callable(thing):
        return f"{mark} `{name}`\n\n```text\n{signature(thing, name)}\n```\n\n{documented(thing)}"
    return f"{mark} `{name}`\n\n{constant(name)}"


def part(owner: str, name: str, value: Any) -> str:
    """A method or property of a class."""
    inner = value.func if hasattr(value, "func") else value
    is_property = isinstance(inner, property) or hasattr(value, "func")
    inner = inner.fget if isinstance(inner, property) else inner
    kind = "class method" if isinstance(inner, classmethod) else "property" if is_property else "method"
    inner = inner.__func__ if isinstance(inner, classmethod | staticmethod) else inner
    called = f"{owner}.{name}"
    shown = "" if is_property else f"\n\n```text\n{signature(inner, called)}\n```"
    return f"#### `{called}` {kind}{shown}\n\n{documented(inner)}"


def constant(name: str) -> str:
    """What a constant holds."""
    if name == "OUTCOMES":
        names = ", ".join(f"`{outcome}`" for outcome in sim.OUTCOMES)
        return ("Every measured quantity by name, with its `unit`, `title`, `text` and whether it is `primary`: "
                f"{names}. What they mean stands in [The model](model.md).")
    if name == "published":
        return "The published functions that rules are held against, as [Published results](published.md) shows them."
    return "The stages of a month, in order: " + ", ".join(
        f"`{stage.__name__}`" for stage in import_module("sim.engine.live").STAGES) + "."


def page() -> str:
    """The whole page."""
    others = [name for name in sim.__all__ if name not in (*SIM, "__version__")]
    parts = [INTRODUCTION, "## import sim", *(entry(name, getattr(sim, name)) for name in (*SIM, *others))]
    for heading, module, names in STUDIES:
        if heading:
            parts.append(f"## {heading}")
        parts.append(f"From `{module}`:")
        parts += [entry(name, getattr(import_module(module), name)) for name in names]
    return "\n\n".join(text.strip("\n") for text in parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)
