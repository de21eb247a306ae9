"""What a shell offers when a name is begun: scenarios, outcomes, levers and parameters, designs."""

from __future__ import annotations

from glob import escape, glob
from pathlib import Path


def scenario(incomplete: str) -> list[str]:
    """Names of scenarios that come with airace, and scenario files and folders from here on."""
    from sim.scenario.shipped import scenario_files

    found = sorted(name for name in scenario_files() if name.startswith(incomplete))
    paths = [Path(path) for path in sorted(glob(f"{escape(incomplete)}*"))]
    return found + [f"{path}/" if path.is_dir() else str(path) for path in paths
                    if path.is_dir() or path.suffix == ".toml"]


def question(incomplete: str) -> list[str]:
    """Names of questions that come with airace, and files and folders from here on."""
    from sim.scenario.shipped import question_files

    return sorted(name for name in question_files() if name.startswith(incomplete)) + [
        found for found in scenario(incomplete) if found.endswith(("/", ".toml"))]


def outcome(incomplete: str) -> list[str]:
    """Names of outcomes."""
    from sim.model.outcomes import OUTCOMES

    return [name for name in OUTCOMES if name.startswith(incomplete)]


def parameter(incomplete: str) -> list[str]:
    """Levers, parameters and attributes by dotted path, or by name where the path is not begun."""
    from sim.model.parameters import attributes, levers, parameters

    everything = [*levers().values(), *parameters().values(), *attributes().values()]
    begun = [each.path for each in everything if each.path.startswith(incomplete)]
    return begun or [each.name for each in everything if each.name.startswith(incomplete)]


def setting(incomplete: str) -> list[str]:
    """Keys of `--set`: levers, and uncertainties, each with its equals sign."""
    from sim.model.parameters import levers, parameters

    keys = [*levers(), *(f"uncertainty.{name}" for name, each in parameters().items() if each.kind == "uncertainty")]
    return [f"{key}=" for key in keys if key.startswith(incomplete)]


def language(incomplete: str) -> list[str]:
    """Codes of languages."""
    from sim.common.language import LANGUAGES

    return [code for code in LANGUAGES if code.startswith(incomplete)]
