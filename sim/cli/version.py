"""The version: of the installed distribution, or of the source tree that runs without being installed."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path


def version() -> str:
    """The version, as in "0.1.0"."""
    source = Path(__file__).parents[2] / "pyproject.toml"
    if source.is_file():
        project = tomllib.loads(source.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == "airace":
            return str(project["version"])
    try:
        return installed_version("airace")
    except PackageNotFoundError:
        return "unknown"
