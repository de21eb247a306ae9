"""Folders that are shown in the cockpit: read once when it starts, refused in words, and never written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.common.shell import command_line
from sim.studies.keeping.folders import KINDS, StoreError, visible_names

MOST_FOLDERS = 20
_TAKEN = "the cockpit shows games and advice: folders of airace game and airace advise"


@dataclass(frozen=True)
class Saved:
    """A study as its page has it: `name` of its folder, `kind` ("front" or "game"), and `shown`, as JSON holds it."""

    name: str
    kind: str
    shown: dict[str, Any]

    @property
    def title(self) -> str:
        """What the study is called."""
        return str(self.shown["title"])


def read_all(folders: Sequence[Path]) -> list[Saved]:
    """The studies of all folders; StoreError, or ValueError in words, for the first that has no page."""
    if len(folders) > MOST_FOLDERS:
        raise ValueError(f"{len(folders)} folders are more than the {MOST_FOLDERS} that the cockpit shows side by side")
    return [read(folder) for folder in folders]


def read(folder: Path) -> Saved:
    """The study of a folder, from what is kept: nothing is run. StoreError for one without a page, unfinished, damaged
    or of another version."""
    from sim.studies.deciding import advise, game, playing

    names = visible_names(folder)
    called = folder.resolve().name
    if playing.MANIFEST in names:
        from sim.app.saved.game import shown as game_shown

        return Saved(called, "game", game_shown(game.kept(folder)))
    if advise.MANIFEST in names:
        from sim.app.saved.front import shown as front_shown

        return Saved(called, "front", front_shown(advise.kept(folder)))
    if not names:
        raise StoreError(folder, "is empty" if folder.exists() else "does not exist", _TAKEN)
    kind = next((kind for name, kind in KINDS.items() if name in names), "no study of airace")
    told = command_line("airace", "report", folder) if kind in ("a comparison", "a sweep") else ""
    raise StoreError(folder, f"holds {kind}, which has no page in the cockpit",
                     f"{told} writes its report; {_TAKEN}" if told else _TAKEN)
