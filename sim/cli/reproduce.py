"""`airace reproduce MANIFEST`: run a saved study again and compare the hash of its results."""

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

Manifest = Annotated[
    Path,
    typer.Argument(metavar="MANIFEST", show_default=False, help="manifest.json of a study, or its folder."),
]


def reproduce(
    terminal: Terminal, manifest: Manifest, workers: Workers = None, rules: Rules = None,
    trust_code: TrustCode = False, format_: PrintTextOrJson = TextOrJson.text,
) -> int:
    """Run a saved study again. Says whether its results are the same bit by bit."""
    from sim.studies.keeping.store import read_manifest, scenarios_of

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
