"""Do the scenarios span a grid over two levers? If so, differences can be laid out as a map."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

PREFERRED = ("regulation.strictness", "diplomacy.us_china_cooperation")


@dataclass(frozen=True)
class Grid:
    """Two levers, their values in rising order, and which scenario stands in each cell (rows, columns)."""

    row_lever: str
    column_lever: str
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    cells: np.ndarray


@dataclass(frozen=True)
class Heat:
    """Differences of one outcome to the baseline over a grid; arrays (rows, columns) in the outcome's unit.

    `clear` is where the interval leaves out zero; `titles` names the scenario of each cell.
    """

    outcome: str
    grid: Grid
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    clear: np.ndarray
    titles: np.ndarray

    @property
    def row_lever(self) -> str:
        """The lever that changes from row to row."""
        return self.grid.row_lever

    @property
    def column_lever(self) -> str:
        """The lever that changes from column to column."""
        return self.grid.column_lever

    @property
    def rows(self) -> tuple[Any, ...]:
        """The row lever's values, rising."""
        return self.grid.rows

    @property
    def columns(self) -> tuple[Any, ...]:
        """The column lever's values, rising."""
        return self.grid.columns


def find_grid(scenarios: Sequence[Scenario], baseline: int) -> Grid | None:
    """The grid that the scenarios fill, one per cell, with or without the baseline; None if there is none.

    Strictness by cooperation is looked for first. Whatever else differs between the scenarios must follow
    one of the two levers (a row's or a column's scenarios share it), for otherwise a cell would show more
    than its two values.
    """
    everyone = list(range(len(scenarios)))
    for chosen in (everyone, [i for i in everyone if i != baseline]):
        grid = _grid_of(chosen, [_settings(scenarios[i]) for i in chosen])
        if grid is not None:
            return grid
    return None


def _grid_of(chosen: list[int], settings: list[dict[str, Hashable]]) -> Grid | None:
    if len(chosen) < 4:
        return None
    varying = [key for key in settings[0] if len({each[key] for each in settings}) > 1]
    levers = sorted((key for key in varying if "." in key),
                    key=lambda key: (key not in PREFERRED, key.count(".")))
    for pair in combinations(levers, 2):
        ordered = PREFERRED if set(pair) == set(PREFERRED) else pair
        grid = _fill(ordered, chosen, settings, varying)
        if grid is not None:
            return grid
    return None


def _fill(pair: tuple[str, str], chosen: list[int], settings: list[dict[str, Hashable]],
          varying: list[str]) -> Grid | None:
    rows, columns = (_in_order({each[lever] for each in settings}) for lever in pair)
    if len(rows) * len(columns) != len(chosen) or min(len(rows), len(columns)) < 2:
        return None
    cells = np.full((len(rows), len(columns)), -1)
    for position, each in zip(chosen, settings, strict=True):
        cells[rows.index(each[pair[0]]), columns.index(each[pair[1]])] = position
    follows = all(any(_follows(key, lever, settings) for lever in pair) for key in varying)
    return Grid(pair[0], pair[1], rows, columns, cells) if follows and (cells >= 0).all() else None


def _follows(key: str, lever: str, settings: list[dict[str, Hashable]]) -> bool:
    """Whether the lever's value alone decides the key's value in these scenarios."""
    return len({(each[lever], each[key]) for each in settings}) == len({each[lever] for each in settings})


def _settings(scenario: Scenario) -> dict[str, Hashable]:
    """All that a scenario sets, by name; levers have dotted names, the rest is compared as text."""
    rest = {"agents": scenario.agents, "events": scenario.events, "uncertainty": scenario.uncertainty}
    return {**scenario.levers, **{name: json.dumps(_plain(value), sort_keys=True, default=repr)
                                  for name, value in rest.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _in_order(values: set[Hashable]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (isinstance(value, str), value)))
