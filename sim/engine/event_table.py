"""Events as a table with the columns and types of the public interface, in order, and none outside its study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

EVENT_COLUMNS: tuple[str, ...] = ("scenario", "run", "month", "kind", "actor", "target", "amount", "text")


def event_table(events: Any, titles: Sequence[str]) -> pd.DataFrame:
    """Events with these columns and types, by scenario (a title or a position), run and month; ValueError if not."""
    import pandas as pd

    if isinstance(events, pd.DataFrame | Mapping):
        table = pd.DataFrame(events)
    else:
        table = pd.DataFrame([] if events is None else list(events), columns=list(EVENT_COLUMNS))
    missing = [column for column in EVENT_COLUMNS if column not in table]
    if missing:
        raise ValueError(f"events lack the column {missing[0]}")
    table = table[list(EVENT_COLUMNS)]
    position = _scenario_positions(table["scenario"], titles)
    run, month = (table[column].to_numpy(dtype=np.int64) for column in ("run", "month"))
    order = np.lexsort((month, run, position))
    texts = {name: table[name].astype(object).where(table[name].notna(), "")
             for name in ("kind", "actor", "target", "text")}
    table = table.assign(scenario=np.array(titles, dtype=object)[position], **texts).iloc[order]
    return table.reset_index(drop=True).astype(
        {"scenario": "str", "run": "int64", "month": "int64", "kind": "str", "actor": "str", "target": "str",
         "amount": "float64", "text": "str"})


def _scenario_positions(scenario: pd.Series, titles: Sequence[str]) -> np.ndarray:
    import pandas as pd

    places: dict[Any, int] = {title: i for i, title in enumerate(titles)}
    if pd.api.types.is_integer_dtype(scenario):
        places = {i: i for i in range(len(titles))}
    position = scenario.map(places)
    if position.isna().any():
        raise ValueError(f"events of an unknown scenario: {scenario[position.isna()].iloc[0]}")
    return position.to_numpy(dtype=np.int64)


def check_places(events: pd.DataFrame, first_run: int, runs: int, months: int) -> None:
    """ValueError if an event lies outside the runs or the months."""
    for name, low, high in (("run", first_run, first_run + runs - 1), ("month", 0, months - 1)):
        outside = events[(events[name] < low) | (events[name] > high)]
        if len(outside):
            raise ValueError(f"an event in {name} {outside[name].iloc[0]}, outside {low} to {high}")
