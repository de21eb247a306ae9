"""Results as IAMC's tools read them: a row a scenario and variable, a column a year.

The template of the Integrated Assessment Modeling Consortium has the columns Model, Scenario, Region, Variable and
Unit, and then years; pyam and the scenario databases of IPCC reports read it. A variable has one unit, its parts are
set apart by `|`, and no two rows have all five columns in common.

A year's value is the total of a flow over its months, the average of what a run averages, and the value in December of
all else; years that are not simulated whole have no column. Several runs become a mean and five quantiles, as the
climate variables of IPCC scenarios have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.common.arguments import RefusedError
from sim.model.outcomes import OUTCOMES, Outcome, so_far

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results

COLUMNS = ("Model", "Scenario", "Region", "Variable", "Unit")
REGION = "World"
QUANTILES = {"5th Percentile": 0.05, "25th Percentile": 0.25, "Median": 0.5, "75th Percentile": 0.75,
             "95th Percentile": 0.95}
_WITHOUT_UNIT = {"0-1", "share", "ratio", "start = 1", "probability", "0 or 1"}


class WithoutYearError(RefusedError):
    """Results that hold no whole year: what would."""


def whole_years(start: str, months: int) -> list[int]:
    """The calendar years of which a run of so many months from `start` ("2026-01") holds every month."""
    first = int(start[:4]) * 12 + int(start[5:7]) - 1
    return list(range(-(-first // 12), (first + months) // 12))


def check(start: str, months: int) -> None:
    """WithoutYearError where a run of so many months from `start` holds no whole year."""
    if not whole_years(start, months):
        raise WithoutYearError(f"--format iamc has a column for each whole year, and {months} months from {start} hold "
                               "none; ask for more --months")


def iamc_table(results: Results) -> pd.DataFrame:
    """All outcomes of all scenarios by year, in the columns of IAMC; WithoutYearError where there is no whole year.

    Runs that failed are left out. A year is an `int` in the columns; a value that no run has is NaN. Where
    rules or draws of one's own made a scenario, the model is told as "with other rules or draws", so that no database
    takes it for this one.
    """
    import pandas as pd

    months = results.values.shape[2]
    check(results.start, months)
    years = whole_years(results.start, months)
    begins = [(year * 12) - (int(results.start[:4]) * 12 + int(results.start[5:7]) - 1) for year in years]
    model = f"airace {results.versions['airace']}"
    several = results.values.shape[1] > 1
    rows = []
    for scenario, title in enumerate(results.titles):
        ran = np.isfinite(results.summaries[scenario]).all(axis=1)
        by = f"{model} with other rules or draws" if results.departures[scenario] else model
        for place, (name, outcome) in enumerate(OUTCOMES.items()):
            yearly = _yearly(results.values[scenario][ran][:, :, place], outcome, begins)
            for told, values in _told(yearly, several).items():
                rows.append([by, title, REGION, variable(name, told), unit(outcome), *values])
    return pd.DataFrame(rows, columns=[*COLUMNS, *years])


def variable(name: str, told: str = "") -> str:
    """An outcome's name as IAMC has it: "AI|Severe Incidents|Median"."""
    words = OUTCOMES[name].title.replace("|", "/")
    return "|".join(["AI", words, *([told] if told else [])])


def unit(outcome: Outcome) -> str:
    """An outcome's unit: totals are by the year, a scale of numbers has none."""
    own = "dimensionless" if outcome.unit in _WITHOUT_UNIT else outcome.unit
    return f"{own}/yr" if outcome.summary == "sum" else own.replace(" a year", "/yr")


def _yearly(path: np.ndarray, outcome: Outcome, begins: list[int]) -> np.ndarray:
    """Values by run and year (runs, years), from values by run and month."""
    if outcome.summary in ("sum", "mean"):
        fold = np.sum if outcome.summary == "sum" else np.mean
        return np.stack([fold(path[:, begin : begin + 12], axis=1) for begin in begins], axis=1)
    return so_far(path, outcome)[:, [begin + 11 for begin in begins]]


def _told(yearly: np.ndarray, several: bool) -> dict[str, np.ndarray]:
    """What is said of the runs by year (years,): the run's value itself where there is one."""
    if not len(yearly):
        return {"": np.full(yearly.shape[1], np.nan)}
    if not several:
        return {"": yearly[0]}
    return {"Mean": yearly.mean(axis=0), **{name: np.quantile(yearly, q, axis=0) for name, q in QUANTILES.items()}}
