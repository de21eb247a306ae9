"""The page's scripts and fonts, all from this machine: found when the server starts, or said to be missing."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

EXTENSIONS = ("jupyter-vue/extension", "jupyter-vuetify/extension")
"""What Solara's page needs of the files that pip puts beside Python, in etc/jupyter and share/jupyter."""


class MissingAssetsError(Exception):
    """The page would stay empty: files that belong to the installed packages are not where they are looked for."""


def check_assets() -> None:
    """MissingAssetsError if the page could not be drawn."""
    from solara.server import server

    try:
        there = server.get_nbextension_names()
    except KeyError:  # no nbconfig at all, as in a copy of site-packages
        there = []
    missing = [name.split("/")[0] for name in EXTENSIONS if name not in there]
    try:
        assets_folder()
    except PackageNotFoundError:
        missing.append("solara-assets")
    if missing:
        raise MissingAssetsError(
            f"files of the cockpit's page are not where Python looks for them: {', '.join(missing)}; pip puts them "
            "beside Python, so install airace with its extra [app] into an environment of its own (python -m venv)")


def assets_folder() -> Path:
    """Where the package solara-assets put scripts and fonts; PackageNotFoundError if it is not installed."""
    package = distribution("solara-assets")
    marks = [file for file in package.files or () if file.match("cdn/requirejs@*/require.js")]
    if not marks or not Path(str(marks[0].locate())).exists():
        raise PackageNotFoundError("solara-assets")
    return Path(str(marks[0].locate())).resolve().parents[1]


def local_assets(folder: Path) -> Any:
    """Scripts and fonts from the package solara-assets, never from a network.

    That package is released less often than Solara: where the version that Solara names is not there, the version
    that is there is served.
    """
    from starlette.staticfiles import StaticFiles

    class Assets(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            return super().lookup_path(installed_version(folder, path))

    return Assets(directory=folder, check_dir=False)


def installed_version(folder: Path, path: str) -> str:
    """The path with the version of its package that lies in `folder`, if the one asked for does not."""
    found = re.fullmatch(r"((?:@[^/]+/)?[^/@]+)@[^/]+/(.*)", path)
    if found is None or (folder / path).exists():
        return path
    package, rest = found.groups()
    versions = sorted(folder.glob(f"{package}@*"))
    return f"{versions[-1].relative_to(folder).as_posix()}/{rest}" if versions else path
