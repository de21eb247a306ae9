"""Who gains and loses: what each lab and each nation's labs have at the end, scenario against baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.common.arguments import unknown_name
from sim.model.naming import NEWCOMER
from sim.model.outcomes import LAB_QUANTITIES
from sim.model.state import NATIONS
from sim.studies.comparing import intervals

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results
    from sim.studies.comparing.compare import Comparison

QUANTITIES = ("revenue", "share", "valuation", "compute")
NEW_LABS = "New labs"
FAMILY_DRAWS = 5_000  # the critical value is then known to one part in a hundred, which is as fine as it is used


def winners(comparison: Comparison, quantity: str = "revenue") -> pd.DataFrame:
    """A row per scenario and lab, and per scenario and nation: means at the end and the paired difference.

    Labs that open during a run are one row, "New labs": the second to open in one run is not the second in another.
    Columns: scenario, by ("lab" or "nation"), name, nation (of a lab, at the end of most runs), unit, baseline_mean,
    mean, difference, low, high, clear. Intervals hold together over labs, nations and scenarios. UnknownNameError for
    an unknown quantity; ValueError for results without labs at the end.
    """
    import pandas as pd

    if quantity not in QUANTITIES:
        raise unknown_name("quantity", quantity, QUANTITIES)
    results = comparison.results
    if results.at_end is None:
        raise ValueError(
            "these results do not hold what labs have at the end: an earlier version saved them; simulate them again"
        )
    keys, values = _by_lab_and_nation(results, quantity)
    values = values[:, results.paired]
    base = values[comparison.baseline_position]
    differences = np.stack([values[i] - base for i in comparison.other_positions])
    independent = comparison.by_draw(differences)
    together = independent.transpose(1, 0, 2).reshape(independent.shape[1], -1)
    critical = intervals.family_critical(together, comparison.level, FAMILY_DRAWS)
    parts = []
    for k, title in enumerate(comparison.others):
        found = intervals.mean_difference(independent[k], comparison.level, critical)
        parts.append(pd.DataFrame(keys, columns=["by", "name", "nation"]).assign(
            unit=LAB_QUANTITIES[quantity].unit, baseline_mean=intervals.exact_mean(base),
            mean=intervals.exact_mean(values[comparison.other_positions[k]]), difference=found.estimate,
            low=found.low, high=found.high, clear=(found.low > 0.0) | (found.high < 0.0)))
        parts[-1].insert(0, "scenario", title)
    return pd.concat(parts, ignore_index=True).astype({"scenario": "str", "by": "str", "name": "str", "nation": "str"})


def _by_lab_and_nation(results: Results, quantity: str) -> tuple[list[tuple[str, str, str]], np.ndarray]:
    """Keys (by, name, nation), and the quantity at the end as (scenarios, runs, keys)."""
    assert results.at_end is not None
    nation = results.at_end["nation"]
    amount = results.at_end[quantity] * results.at_end["active"]
    old = [i for i, name in enumerate(results.lab_names) if not name.startswith(NEWCOMER)]
    new = [i for i in range(len(results.lab_names)) if i not in old]
    keys = [("lab", results.lab_names[i], _usual(nation[..., i])) for i in old]
    columns = [amount[..., i] for i in old]
    if new:
        keys.append(("lab", NEW_LABS, ""))
        columns.append(amount[..., new].sum(axis=-1))
    for code, name in enumerate(NATIONS):
        keys.append(("nation", name, name))
        columns.append(np.where(nation == code, amount, 0.0).sum(axis=-1))
    return keys, np.stack(columns, axis=-1)


def _usual(nation: np.ndarray) -> str:
    """The nation that a lab has in most runs."""
    known = nation[np.isfinite(nation)].astype(int)
    return NATIONS[int(np.bincount(known).argmax())] if len(known) else ""
