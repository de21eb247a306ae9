"""`airace reproduce MANIFEST`: do a saved study again and compare the hash of its results.

A comparison and the runs behind a study of worth have a `manifest.json`, a sweep, a game and a search for advice a
manifest of their own; the folder of any of them will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ensembles import run_scenarios
from sim.cli.exits import CHECK_FAILED, DONE
from sim.cli.options import PrintTextOrJson, TextOrJson, Workers
from sim.cli.output import Answer, present
from sim.cli.own_rules import Rules, TrustCode, rules_again
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.engine.results import Results
    from sim.studies.sweeping.again import Again

Manifest = Annotated[
    Path,
    typer.Argument(metavar="MANIFEST", show_default=False, help="manifest.json of a study, or the folder of one: a "
                   "comparison, worth, a sweep, sensitivity, a game, or advice."),
]


def reproduce(
    terminal: Terminal, manifest: Manifest, workers: Workers = None, rules: Rules = None,
    trust_code: TrustCode = False, format_: PrintTextOrJson = TextOrJson.text,
) -> int:
    """Do a saved study again. Says whether its results are the same bit by bit, and if not, what differs."""
    from sim.studies.keeping.store import read_manifest, scenarios_of

    again = _again(terminal, manifest, workers, rules, trust_code)
    if again is not None:
        return _tell(terminal, again, format_)
    recorded = read_manifest(manifest)
    stages = rules_again(str(manifest), recorded["departures"], rules, trust_code)
    results = run_scenarios(
        terminal,
        scenarios_of(recorded),
        runs=recorded["runs"],
        seed=recorded["seed"],
        months=recorded["months"],
        workers=workers,
        first_run=recorded["first_run"],
        uncertainty=recorded["uncertainty"],
        stages=stages,
    )
    same = results.hash() == recorded["results_hash"]
    changes = [] if same else _changes(recorded, results)
    then, now = recorded["results_hash"], results.hash()

    from sim.report.words.trust import own_rules_of

    def tell() -> None:
        count = f"{len(results.titles)} scenarios, {recorded['runs']:,} runs each"
        terminal.data(f"the same results bit by bit: {count}, hash {now}" if same else
                      f"different results: {count}\n  recorded  {then}\n  now       {now}")
        if own := own_rules_of(results.departures):
            terminal.paragraph(own)
        for line in changes:
            terminal.say(line)

    present(terminal, format_, Answer(text=tell, record=lambda: {
        "same": same, "scenarios": list(results.titles), "runs": recorded["runs"], "recorded": then, "now": now,
        "changes": changes}))
    return DONE if same else CHECK_FAILED


def _again(
    terminal: Terminal, manifest: Path, workers: int | None, rules: Path | None, trust_code: bool
) -> Again | None:
    """A sweep, those of a sensitivity analysis, a game or a search for advice done again; None for what has a
    manifest.json of its own."""
    from sim.engine.workers import cores
    from sim.studies.deciding import advise, playing
    from sim.studies.keeping.folders import visible_names
    from sim.studies.sweeping import sweep

    folder = manifest if manifest.is_dir() else manifest.parent
    names = visible_names(folder)
    own = next((name for name in (playing.MANIFEST, advise.MANIFEST, sweep.MANIFEST) if name in names), None)
    if own is None and "indices_a" in names:
        own = "indices_a"
    if own is None or not (manifest.is_dir() or manifest.name in (own, "manifest.json")):
        return None
    from sim.studies.deciding.again import repeat_advice, repeat_game
    from sim.studies.sweeping.again import repeat, repeat_all

    count = workers or cores()
    departure = sweep.Sweep.open(folder).departure if own == sweep.MANIFEST else ""
    stages = rules_again(str(folder), [departure], rules, trust_code)
    with terminal.progress("runs", 1) as progress:
        if own == playing.MANIFEST:
            return repeat_game(folder, count, progress)
        if own == advise.MANIFEST:
            return repeat_advice(folder, count, progress)
        if own == sweep.MANIFEST:
            return repeat(sweep.Sweep.open(folder).lived_by(stages), count, progress)
        kept = [folder / name for name in sorted(names) if (folder / name / sweep.MANIFEST).is_file()]
        return repeat_all([sweep.Sweep.open(each) for each in kept], count, progress)


def _tell(terminal: Terminal, again: Again, format_: TextOrJson) -> int:
    """Say whether a study is the same, and what differs. The exit code."""
    def tell() -> None:
        terminal.data(f"the same results bit by bit: {again.what}, hash {again.now}" if again.same else
                      f"different results: {again.what}\n  recorded  {again.then}\n  now       {again.now}")
        for line in again.differs:
            terminal.say(f"  {line}")

    present(terminal, format_, Answer(text=tell, record=lambda: {
        "same": again.same, "study": again.what, "recorded": again.then, "now": again.now,
        "changes": list(again.differs)}))
    return DONE if again.same else CHECK_FAILED


def _changes(recorded: Mapping[str, Any], results: Results) -> list[str]:
    """What is not as it was when the study was saved, one line each."""
    from sim.model.parameters import parameters

    now = {name: parameter.default for name, parameter in parameters().items()}
    then = {name: entry.get("value") for name, entry in recorded.get("parameters", {}).items()}
    lines = _differences("parameter", then, now) + _differences(
        "version of", recorded["versions"], results.versions
    )
    return lines or ["Parameters and versions are as recorded, so the rules of the model must have changed."]


def _differences(noun: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [
        f"  {noun} {key}: {then.get(key, 'absent')} then, {now.get(key, 'absent')} now"
        for key in sorted({*then, *now})
        if then.get(key) != now.get(key)
    ]
