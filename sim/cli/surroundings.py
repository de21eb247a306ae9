"""What a command takes from its surroundings, and what it does not: windows, libraries' warnings, a home."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any


def settle() -> None:
    """Make the command the same wherever it is called: in a notebook's shell, in a container, without a home.

    A backend that a Jupyter kernel hands down is not asked for: no command opens a window. What libraries warn of is
    shown with --debug, since a user can do nothing about it; what airace itself warns of is one sentence.
    """
    os.environ["MPLBACKEND"] = "agg"
    if "--debug" in sys.argv or sys.warnoptions:
        return
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # of a cache folder that it has to make
    warnings.showwarning = _tell


def _tell(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if category.__module__.partition(".")[0] == "sim":
        from sim.cli.terminal import Terminal

        Terminal().error(f"warning: {message}")
