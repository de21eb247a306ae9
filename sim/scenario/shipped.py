"""What comes with airace - scenarios, worlds, designs of sweeps, games, questions - and the file that a name means.

`baseline` and `baseline.toml` mean the file beside whoever names it, and else the one that comes with airace. A name
with a folder in it, as in `./baseline.toml`, is a path and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1]
_LABEL = re.compile(r"^(asks|question|look for|watch)\s*:\s*", re.IGNORECASE)


class Shipped(NamedTuple):
    """What a scenario, design or question that comes with airace is called, and what it asks."""

    title: str
    question: str


def folder() -> Path:
    """The folder of what comes with airace: in the installed package, or beside its source."""
    installed = PACKAGE / "data" / "scenarios"
    return installed if installed.is_dir() else PACKAGE.parent / "scenarios"


def scenario_files() -> dict[str, Path]:
    """The scenarios that come with airace, by name; worlds are scenarios too, and come last."""
    found = {path.stem: path for part in ("*.toml", "history/*.toml") for path in sorted(folder().glob(part))}
    return found | world_files()


def world_files() -> dict[str, Path]:
    """The worlds that come with airace, by name: scenarios that say what the world is like, and decide nothing."""
    return {path.stem: path for path in sorted(folder().glob("worlds/*.toml"))}


def design_files() -> dict[str, Path]:
    """The designs of sweeps that come with airace, by name."""
    return {path.stem: path for path in sorted(folder().glob("sweeps/*.toml"))}


def game_files() -> dict[str, Path]:
    """The games that come with airace, by name: players, their policies and their aims."""
    return {path.stem: path for path in sorted(folder().glob("games/*.toml"))}


def question_files() -> dict[str, Path]:
    """The questions that come with airace, by name, as `airace advise` takes them."""
    return {path.stem: path for path in sorted(folder().glob("questions/*.toml"))}


def scenarios() -> dict[str, Shipped]:
    """The scenarios that come with airace: title and question by name, as `Scenario.load` and `extends` take it.

    Worlds are left out: `worlds` has them.
    """
    return _described({name: path for name, path in scenario_files().items() if name not in world_files()})


def worlds() -> dict[str, Shipped]:
    """The worlds that come with airace: title and question by name, as `airace compare --worlds` takes it."""
    return _described(world_files())


def designs() -> dict[str, Shipped]:
    """The designs of sweeps that come with airace: title and question by name, as `airace sweep` takes it."""
    return _described(design_files())


def games() -> dict[str, Shipped]:
    """The games that come with airace: title and question by name, as `airace game` takes it."""
    return _described(game_files())


def questions() -> dict[str, Shipped]:
    """The questions that come with airace: title and question by name, as `airace advise` takes it."""
    return _described(question_files())


def find(
    name: str | os.PathLike[str], known: Mapping[str, Path], beside: Path = Path(), asks: Path | None = None
) -> Path:
    """The file that `name` means in the folder `beside`; one of `known`, if there is none of that name.

    `asks` is the file that names it: without `.toml` a file never means itself, so that a `baseline.toml` of one's
    own can extend `baseline`. A name that leads nowhere is returned as a path, to be refused by who opens it.
    """
    text = os.fspath(name)
    if not text or os.path.dirname(text):
        return beside / text
    stem = text.removesuffix(".toml")
    for own in (text, f"{stem}.toml"):
        there = beside / own
        if (os.path.isfile(there) or os.path.islink(there)) and (own == text or there != asks):
            return there
    return known.get(stem, beside / text)


def opening_comments(text: str) -> tuple[str, str]:
    """The two lines with which a file opens: what it asks, and what to look for; "" where one is missing."""
    lines = []
    for line in text.split("\n")[:2]:
        if not line.startswith("#"):
            break
        lines.append(_LABEL.sub("", line.lstrip("#").strip()))
    return (*lines, "", "")[0], (*lines, "", "")[1]


def _described(files: Mapping[str, Path]) -> dict[str, Shipped]:
    import tomllib

    found = {}
    for name, path in files.items():
        text = path.read_text(encoding="utf-8")
        found[name] = Shipped(str(tomllib.loads(text)["title"]), opening_comments(text)[0])
    return found
