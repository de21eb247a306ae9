"""What a class offers and a room above it makes: the public API says where it stands (`sim/__init__.py`).

Results can be drawn, written as a page and kept in a folder; what draws, writes and keeps stands in rooms above that of
results and uses them. So the class has the method, the room above the work, and no import points up.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from sim.common import arguments
from sim.common.arguments import takes

_HOMES: dict[str, str] = {}


def offer(**homes: str) -> None:
    """Say where what is offered stands: "module:name" by the name that it is asked for."""
    _HOMES.update(homes)


def above(name: str) -> Any:
    """What is offered by this name, loaded when it is first asked for."""
    module, _, found = _HOMES[name].partition(":")
    return getattr(import_module(module), found)


class Told:
    """What is told as a study: results, and every study of them. In a notebook's cell, and as figures and tables."""

    def _told(self) -> Any:
        """Claims, figures and tables, a `Study`."""
        return above("told_of")(self)

    def _repr_html_(self) -> str | None:
        """The finding with its first charts, in a notebook."""
        return str(self._told()._repr_html_())

    @takes(folder=arguments.path)
    def export(self, folder: str | Path) -> Path:
        """Write every figure (SVG and PNG) and table (CSV, and one workbook) into an empty or a new folder.

        Its `README.txt` says which file is what. Returns the folder; StoreError for one that holds something.
        """
        written: Path = above("export")(self, folder)
        return written
