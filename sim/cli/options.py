"""Options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli import completion
from sim.engine.uncertainty import DEFAULT

Format = StrEnum("Format", "text json csv")
"""How a result is printed."""
RunFormat = StrEnum("RunFormat", "text json csv iamc")
"""How one run is printed; iamc is the table that IAMC's tools read."""
TextOrJson = StrEnum("TextOrJson", "text json")
"""How an answer that is no table is printed."""
TableFormat = StrEnum("TableFormat", "text json csv iamc parquet netcdf")
"""How a study's result is printed; parquet and netcdf are binary, to be redirected to a file."""

ScenarioFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="A scenario file, or the name of a scenario that comes with airace.",
        autocompletion=completion.scenario,
    ),
]
ScenarioFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="Scenario files, or names of scenarios that come with airace.",
        autocompletion=completion.scenario,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        show_default=False,
        help="Set a lever, as in regulation.strictness=0.8, in every scenario named. Repeatable.",
        autocompletion=completion.setting,
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, metavar="N", help="Root of all luck: the same seed gives the same numbers.")
]
Months = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=600,
        metavar="N",
        show_default=False,
        help="Months to simulate, instead of what the scenarios say.",
    ),
]
RunsInstead = Annotated[
    int | None, typer.Option("--runs", min=1, max=1_000_000, metavar="N", show_default=False,
                             help="Runs at each point of a design, futures of each profile of a game, instead of what "
                             "the file says."),
]
SeedInstead = Annotated[
    int | None, typer.Option("--seed", min=0, metavar="N", show_default=False, help="Root of all luck.")
]
MonthsInstead = Annotated[
    int | None, typer.Option("--months", min=1, max=600, metavar="N", show_default=False, help="Months to simulate.")
]
Runs = Annotated[int, typer.Option(min=2, max=1_000_000, metavar="N", help="Runs of each scenario.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=256,
        metavar="N",
        show_default=False,
        help="Threads or processes that share the work; no result depends on their number. By default one, and one a "
        "core for much work.",
    ),
]
CheckBooks = Annotated[
    bool,
    typer.Option(
        "--check",
        help="Account for every dollar of every lab, month by month (slower); exit 5 with lab, month and gap if "
        "one is missing.",
    ),
]


UncertaintySetting = StrEnum("UncertaintySetting", "luck prior posterior")
"""What is believed about parameters."""
DEFAULT_UNCERTAINTY = UncertaintySetting(DEFAULT)
Uncertainty = Annotated[
    UncertaintySetting,
    typer.Option(
        "--uncertainty",
        help="What is believed about parameters: luck, their defaults; prior, their plausible ranges; posterior, what "
        "the record to the end of 2025 leaves of these.",
    ),
]


Anonymous = Annotated[
    bool,
    typer.Option(
        "--anonymous",
        help="Tell of Lab A and Founder 1 instead of companies and people; as `anonymous = true` in a scenario file.",
    ),
]
NAMELESS = "anonymous=true"  # what --anonymous sets


def with_names_or_not(set_: Sequence[str] | None, anonymous: bool) -> list[str]:
    """The changes to scenarios that `--set` and `--anonymous` ask for."""
    return [*(set_ or ()), *([NAMELESS] if anonymous else [])]


def settings(
    set_: Sequence[str] | None, seed: int, months: int | None, uncertainty: UncertaintySetting
) -> list[object]:
    """Options as words that fix a run, as they were given: what a suggested command has to repeat."""
    words: list[object] = [
        word for change in set_ or () for word in (["--anonymous"] if change == NAMELESS else ["--set", change])
    ]
    words += ["--seed", seed, *([] if months is None else ["--months", months])]
    return words if uncertainty is DEFAULT_UNCERTAINTY else [*words, "--uncertainty", uncertainty.value]




def _speak(context: typer.Context, code: str | None) -> str | None:
    """Say what follows in the language that is asked for, until the command ends."""
    if code is None:
        return None
    from sim.common.language import LanguageError, speaking

    try:
        return context.with_resource(speaking(code)).language
    except LanguageError as error:
        raise typer.BadParameter(str(error)) from None


Lang = Annotated[
    str | None,
    typer.Option("--lang", metavar="LANG", callback=_speak, is_eager=True, autocompletion=completion.language,
                 show_default=False, help="Language of what is told: en, zh or fr. English unless given."),
]

StudyFolder = Annotated[
    Path, typer.Argument(metavar="DIR", show_default=False, help="A folder that airace compare wrote.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what is there.")]
PrintTextOrJson = Annotated[TextOrJson, typer.Option("--format", help="How to print the answer on stdout.")]
PrintFormat = Annotated[Format, typer.Option("--format", help="How to print the result on stdout.")]
PrintRunFormat = Annotated[
    RunFormat, typer.Option("--format", help="How to print the result on stdout; iamc: yearly values for IAMC's tools.")
]
PrintTableFormat = Annotated[
    TableFormat,
    typer.Option(
        "--format",
        help="How to print the result on stdout; iamc: yearly values for IAMC's tools; parquet and netcdf are binary, "
        "redirect them to a file.",
    ),
]
OutFolder = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for the report and the tables.")
]
