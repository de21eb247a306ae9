"""`airace register STUDY`: file what an ensemble says before the figures are known, or verify what was filed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion
from sim.cli.ensembles import run_scenarios
from sim.cli.exits import CHECK_FAILED, DONE, UsageError
from sim.cli.options import Force, PrintTextOrJson, TextOrJson, Workers
from sim.cli.output import Answer, present
from sim.cli.terminal import Terminal
from sim.common.shell import command_line

if TYPE_CHECKING:
    from sim.engine.results import Results

Study = Annotated[
    Path,
    typer.Argument(metavar="STUDY", show_default=False, help="A folder that `airace compare --out` or `airace run "
                   "--out` wrote: it is filed. Or a file that this command wrote: it is verified."),
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write what is filed.")]
Outcome = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", show_default=False, autocompletion=completion.outcome,
                 help="File this outcome. Repeatable. By default all that the record has figures of."),
]
Rerun = Annotated[bool, typer.Option("--rerun", help="Of a filed entry, run the ensemble again and compare its hash.")]


def register(
    terminal: Terminal,
    study: Study,
    out: Out = Path("register.toml"),
    outcome: Outcome = None,
    rerun: Rerun = False,
    workers: Workers = None,
    force: Force = False,
    format_: PrintTextOrJson = TextOrJson.text,
) -> int:
    """File an ensemble's forecasts in a text that can be published, or verify one by its hash."""
    if study.is_file() and study.suffix == ".toml":
        if outcome or force:
            raise UsageError(f"{study} is an entry to verify: leave out --outcome and --force, or name a folder")
        return _verify(terminal, study, rerun, workers, format_)
    if rerun:
        raise UsageError(f"--rerun is for an entry that was filed; {study} is a study: `airace reproduce {study}`")
    return _file(terminal, study, out, outcome or [], force, format_)


def _file(terminal: Terminal, study: Path, out: Path, outcomes: list[str], force: bool, format_: TextOrJson) -> int:
    from sim.studies.forecasting.register import ahead, entry, write
    from sim.studies.keeping import store

    if out.exists() and not force:
        raise FileExistsError(f"{out} exists; --force overwrites it")
    tables = entry(store.load(study), datetime.now(UTC).date().isoformat(), outcomes)
    write(tables, out)
    first, last = ahead(tables)

    def tell() -> None:
        terminal.paragraph(f"Filed on {tables['filed']}: {len(tables['forecast']):,} forecasts of {first} to {last}, "
                           f"with those of the rivals, in {out}. Publish the file, or its hash:")
        terminal.data(tables["hash"])
        terminal.say(f"next: {command_line('airace', 'score', 'seen.csv', '--study', out)}")

    present(terminal, format_, Answer(text=tell, record=lambda: {
        "file": str(out), "filed": tables["filed"], "hash": tables["hash"], "forecasts": len(tables["forecast"]),
        "first": first, "last": last}))
    return DONE


def _verify(terminal: Terminal, path: Path, rerun: bool, workers: int | None, format_: TextOrJson) -> int:
    from sim.studies.forecasting.register import ahead, read

    tables = read(path)
    first, last = ahead(tables)
    again = _again(terminal, tables, workers) if rerun else None
    same = again is None or again.hash() == tables["made_by"]["results_hash"]
    then, now = tables["made_by"]["versions"].get("rules", ""), _rules()

    def tell() -> None:
        terminal.paragraph(f"{path} is as it was filed on {tables['filed']}: {len(tables['forecast']):,} forecasts of "
                           f"{first} to {last}, hash {tables['hash']}.")
        if again is not None:
            terminal.paragraph("Run again, its ensemble is the same bit by bit." if same else
                               "Run again, its ensemble is another: "
                               + ("the rules or data of the model have changed since." if then != now else
                                  "versions of what airace needs have changed since."))

    record: dict[str, Any] = {"file": str(path), "filed": tables["filed"], "hash": tables["hash"], "as_filed": True}
    present(terminal, format_, Answer(text=tell, record=lambda: record | (
        {} if again is None else {"same_ensemble": same})))
    return DONE if same else CHECK_FAILED


def _again(terminal: Terminal, tables: dict[str, Any], workers: int | None) -> Results:
    import json

    from sim.scenario.errors import ScenarioError
    from sim.scenario.scenario import Scenario
    from sim.studies.forecasting.register import RegisterError

    made_by = tables["made_by"]
    try:
        scenarios = [Scenario.from_resolved(json.loads(each)) for each in made_by["scenarios"]]
        return run_scenarios(terminal, scenarios, runs=made_by["runs"], seed=made_by["seed"], months=made_by["months"],
                             first_run=made_by["first_run"], workers=workers, uncertainty=made_by["uncertainty"])
    except (ScenarioError, ValueError, KeyError, TypeError) as error:
        raise RegisterError(f"the ensemble cannot be made again by this version of airace ({error}); use the one that "
                            "the entry names") from None


def _rules() -> str:
    from sim.engine.provenance import rules_digest

    return rules_digest()
