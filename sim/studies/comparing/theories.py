"""The same scenarios under each rival theory: whether a difference keeps its sign, and how far its size moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.engine.simulate import simulate
from sim.model.beliefs import theories as rival_theories
from sim.model.outcomes import PRIMARY
from sim.studies.comparing.compare import Comparison, compare

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.live import Stage
    from sim.scenario.scenario import Scenario

AS_IT_IS = "as it is"


def theories(scenarios: tuple[Scenario, ...] = ()) -> dict[str, dict[str, str]]:
    """Rival theories one at a time, as settings of a scenario, by name; what the scenarios hold already is left out."""
    found: dict[str, dict[str, str]] = {}
    for path, theory in rival_theories().items():
        held = {scenario.levers[path] for scenario in scenarios} or {theory.default}
        for choice in theory.choices:
            if held != {choice}:
                found[f"{path.removeprefix('structure.').replace('_', ' ')}: {choice}"] = {path: choice}
    return found


def across_theories(
    comparison: Comparison, workers: int = 1, progress: Callable[[int, int], None] | None = None,
    stages: Sequence[Stage] | None = None,
) -> pd.DataFrame:
    """Differences of the primary outcomes under each theory.

    Columns: theory, scenario, outcome, difference, low, high, clear.

    The runs of the comparison, with their seed, months and beliefs; "as it is" comes first. Intervals hold together, as
    in the comparison. `progress(done, total)` is called after each theory; `stages` are those that the comparison was
    made with, where they are not the model's alone. A theory under which runs fail raises
    ValueError as `simulate` and `compare` do.
    """
    import pandas as pd

    results = comparison.results
    others = theories(tuple(results.scenarios))
    parts = [_rows(AS_IT_IS, comparison, comparison.titles)]
    for done, (name, theory) in enumerate(others.items(), start=1):
        again = simulate(
            [scenario.with_(theory) for scenario in results.scenarios], runs=results.values.shape[1], seed=results.seed,
            months=results.values.shape[2], workers=workers, first_run=results.first_run, events=False,
            uncertainty=results.uncertainty, stages=stages)
        parts.append(_rows(name, compare(again, comparison.baseline_position, comparison.level), comparison.titles))
        if progress is not None:
            progress(done, len(others))
    return pd.concat(parts, ignore_index=True)


def _rows(theory: str, comparison: Comparison, titles: tuple[str, ...]) -> pd.DataFrame:
    table = comparison.table[comparison.table["primary"]][
        ["scenario", "outcome", "difference", "low_family", "high_family", "clear"]]
    table = table.rename(columns={"low_family": "low", "high_family": "high"})
    # Titles may be told apart anew where scenarios differ in nothing else.
    named = dict(zip(comparison.titles, titles, strict=True))
    table["scenario"] = [named[title] for title in table["scenario"]]
    table.insert(0, "theory", theory)
    return table


def over_theories(table: pd.DataFrame) -> list[Mapping[str, Any]]:
    """For each scenario and primary outcome: the difference as it is, the least and most with their theory, and signs.

    `same_sign` of `theories` have the sign of "as it is", that one among them; `clear` of them have an interval
    without nil, too. A difference of nil has no sign, so none has the same.
    """
    rows: list[Mapping[str, Any]] = []
    for (scenario, outcome), part in table.groupby(["scenario", "outcome"], sort=False):
        found = part.to_dict("records")
        own = next(row for row in found if row["theory"] == AS_IT_IS)
        least, most = (pick(found, key=lambda row: row["difference"]) for pick in (min, max))
        same = [row for row in found if row["difference"] * own["difference"] > 0.0]
        rows.append({
            "scenario": scenario, "outcome": outcome,
            "difference": own["difference"], "clear_as_it_is": bool(own["clear"]),
            "least": least["difference"], "least_theory": least["theory"],
            "most": most["difference"], "most_theory": most["theory"],
            "same_sign": len(same), "clear": sum(bool(row["clear"]) for row in same), "theories": len(found)})
    order = {name: place for place, name in enumerate(PRIMARY)}
    return sorted(rows, key=lambda row: order[row["outcome"]])
