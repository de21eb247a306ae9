"""Start files: the world in a month of the record, as `sim/data/starts/` has it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sim.model.parameters import DATA


@cache
def load_start(name: str) -> dict[str, Any]:
    """The start file `sim/data/starts/NAME.toml` as a dictionary. Unknown names raise FileNotFoundError."""
    return tomllib.loads((DATA / "starts" / f"{name}.toml").read_text(encoding="utf-8"))


def in_order(start: Mapping[str, Any], table: str, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows of a table of a start file, in the order of these names."""
    by_name = {row["name"]: row for row in start[table]}
    return [by_name[name] for name in names]
