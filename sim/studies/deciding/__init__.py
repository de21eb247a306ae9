"""What to choose, and what it would be worth to know first; `Arena` is where code plays the game between powers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.studies.deciding.arena import AnsweringPlayer, Arena, RandomPlayer, play

__all__ = ["AnsweringPlayer", "Arena", "RandomPlayer", "play"]


def __getattr__(name: str) -> Any:
    """The arena and its players, loaded when asked for: they need a library that is optional."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.arena"), name)
