"""airace under the name that it is installed by: `import airace` and `import sim` give one and the same package.

Modules are the same too, `airace.studies.sweeping.sweep` and `sim.studies.sweeping.sweep`: nothing is loaded twice.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import sim

if TYPE_CHECKING:
    from sim import *  # noqa: F403


class _SameModules(MetaPathFinder, Loader):
    """Finds `airace.X` as the module `sim.X`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None  # noqa: ARG002 - finders take them
    ) -> ModuleSpec | None:
        """None for what is not below airace, and for `python -m airace`, which runs sim's file."""
        ours = name.startswith("airace.") and name != "airace.__main__"
        return ModuleSpec(name, self) if ours else None

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of sim in the place of the empty one."""
        sys.modules[module.__name__] = import_module("sim" + module.__name__.removeprefix("airace"))


if Path(sim.__file__ or "").resolve().parents[1] != Path(__file__).resolve().parents[1]:
    raise ImportError(f"{sim.__file__} is called sim, as airace's own package is, and stands before it: rename it")
sys.meta_path.insert(0, _SameModules())
sys.modules[__name__] = sim
