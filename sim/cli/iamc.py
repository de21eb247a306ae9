"""`--format iamc` of `run` and `compare`: refused before anything runs where no whole year would be simulated."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.results import Results
    from sim.scenario.scenario import Scenario


def iamc_table(results: Results) -> pd.DataFrame:
    """Yearly values of all outcomes in the columns of IAMC."""
    from sim.studies.keeping.iamc import iamc_table as table

    return table(results)


def refuse_without_a_year(format_: StrEnum, scenarios: Sequence[Scenario], months: int | None) -> None:
    """RefusedError if the table of IAMC is asked for and would have no year."""
    if format_.name != "iamc":
        return
    from sim.studies.keeping.iamc import check

    for scenario in scenarios:
        check(scenario.start, months or scenario.months)
