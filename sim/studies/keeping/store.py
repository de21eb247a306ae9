"""Keep a study in a folder, and read it back: Parquet tables and a manifest that says what made them.

`runs.parquet` has a row per scenario and run, `months.parquet` the quantiles by month, `events.parquet`
what happened, `values.parquet` every monthly value, `labs_at_end.parquet` what each lab has in the last
month, `labs.parquet` every month by lab if it was kept, `manifest.json` the scenarios, parameters, seed,
versions, command and hash. The same results give the same bytes of Parquet.

Nothing is ever half written: files are written beside their place, forced to disk, and moved into it
together, the manifest last; whatever stops this puts back what was there. The manifest holds the checksum
of each file, so that a folder whose files do not belong together is not taken for a study.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common.shell import readable
from sim.engine.failures import Failure
from sim.engine.provenance import Provenance, computes, differences, digest_of
from sim.engine.results import Results
from sim.engine.uncertainty import SETTINGS, dated
from sim.model.outcomes import LAB_QUANTITIES, NAMES
from sim.model.state import MOST_MONTHS
from sim.studies.keeping import folders
from sim.studies.keeping.folders import StoreError

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

__all__ = ["MANIFEST", "StoreError", "check", "load", "read_manifest", "save", "scenarios_of"]

FORMAT = 2
MOST_RUNS = 10**9
MOST_EVENTS_A_MONTH = 100  # of a run, on average: thirty times what there are
MANIFEST = "manifest.json"
TABLES = ("runs.parquet", "months.parquet", "events.parquet", "values.parquet", "labs_at_end.parquet",
          "labs.parquet")
OWN_FILES = (*TABLES, "report.html", MANIFEST)


def check(folder: str | Path, made_by: Provenance, runs: int, force: bool = False) -> None:
    """StoreError unless so many runs made so may be saved in this folder: call it before a long simulation.

    A folder may be missing, empty, or hold as many runs or fewer that the same made; with `force` any study. What
    differs is named. A folder that holds other things and no study is refused in any case.
    """
    folder = Path(folder)
    folders.recover(folder, (*TABLES, MANIFEST))
    names = folders.visible_names(folder)
    if MANIFEST not in names:
        strangers = sorted(names - set(OWN_FILES))
        if strangers:
            raise StoreError(folder, f"holds {strangers[0]!r} and no study",
                             "choose an empty or a new folder")
        return
    manifest = read_manifest(folder)
    if force:
        return
    if differ := differences(_made_by(manifest), made_by.tables()):
        raise StoreError(folder, f"holds another study, which differs in {differ}",
                         "choose another folder, or replace it with --force")
    if manifest["runs"] > runs:
        raise StoreError(folder, f"holds {manifest['runs']:,} runs of this study, more than {runs:,}",
                         "choose another folder, or replace them with --force")


def save(results: Results, folder: str | Path, *, force: bool = False, command: Sequence[str] = ()) -> Path:
    """Write a study into a folder, made if missing; returns the folder. StoreError leaves it as it was."""
    folder = Path(folder)
    made_by, runs = results.provenance, results.values.shape[1]
    check(folder, made_by, runs, force)
    with folders.Replacement(folder, (*TABLES, MANIFEST)) as replacement:
        check(folder, made_by, runs, force)
        checksums = {name: replacement.write(name, content) for name, content in _tables(results)}
        text = json.dumps(_manifest(results, made_by, command, checksums), indent=2, sort_keys=True, allow_nan=False,
                          ensure_ascii=False)
        replacement.write(MANIFEST, f"{text}\n".encode())
        replacement.move_in()
    return folder


def load(folder: str | Path) -> Results:
    """Read a study back; StoreError if it is missing, from another version of the format, or damaged."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    read = {}
    for name, checksum in manifest["files"].items():
        if name not in TABLES:
            raise StoreError(folder, f"its manifest names an unknown file {name!r}", "save the study again")
        read[name] = folders.read(folder / name)
        if hashlib.sha256(read[name]).hexdigest() != checksum:
            raise StoreError(folder / name, "is not the file that the manifest describes",
                             "save the study again")
    try:
        return _restore(manifest, read)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(folder, f"cannot be read by this version ({error})",
                         "load it with the version of airace that its manifest names") from error


def read_manifest(path: str | Path) -> dict[str, Any]:
    """The manifest of a study, from its folder or the file itself; StoreError if there is none, or it was changed."""
    path = Path(path)
    if path.is_dir():
        folders.recover(path, (*TABLES, MANIFEST))
        path = path / MANIFEST
        if not path.exists():
            folders.refuse_other_kinds(path.parent, "comparisons")
    try:
        manifest = json.loads(folders.read(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise StoreError(path, "is damaged or not a study's", "save the study again elsewhere") from error
    if not isinstance(manifest, dict) or manifest.get("program") != "airace":
        raise StoreError(path, "is not a study of airace", "choose another folder")
    if manifest.get("format") != FORMAT:
        raise StoreError(path, f"is not in format {FORMAT}", "use the version of airace that wrote it")
    wrong = next((name for name, sound in _FIELDS.items() if not sound(manifest.get(name))), None)
    if wrong is not None:
        raise StoreError(path, f"lacks a valid {wrong!r}", "save the study again elsewhere")
    if digest_of(_made_by(manifest)) != manifest["study"]:
        raise StoreError(path, "was changed after it was written", "save the study again elsewhere")
    return manifest


def _made_by(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What made a saved study, as `Provenance.tables` has it."""
    told = {name: manifest[name] for name in ("scenarios", "seed", "first_run", "months", "uncertainty", "departures",
                                              "events")}
    return {**told, "versions": computes(manifest["versions"])}


def scenarios_of(manifest: Mapping[str, Any]) -> list[Scenario]:
    """The scenarios of a manifest, validated again; ScenarioError if this version does not accept them."""
    from sim.scenario.scenario import Scenario

    return [Scenario.from_resolved(resolved) for resolved in manifest["scenarios"]]


# ---- what is written -------------------------------------------------------------------------------------

def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "study": _of(str), "scenarios": lambda value: isinstance(value, list) and bool(value),
    "seed": _whole(0, 2**256), "first_run": _whole(0, MOST_RUNS), "runs": _whole(1, MOST_RUNS),
    "months": _whole(1, MOST_MONTHS), "uncertainty": lambda value: value in SETTINGS, "departures": _of(list),
    "events": _of(bool), "checked": _of(bool), "files": _of(dict), "failures": _of(list), "versions": _of(dict),
    "results_hash": _of(str), "command": _of(list)}


def _manifest(results: Results, made_by: Provenance, command: Sequence[str],
              checksums: Mapping[str, str]) -> dict[str, Any]:
    from sim.model.parameters import parameters

    assumed = {name: {"value": p.default, "low": p.low, "high": p.high, "unit": p.unit, "kind": p.kind}
               for name, p in parameters().items()}
    return {
        **made_by.tables(), "program": "airace", "format": FORMAT, "study": made_by.digest(),
        "titles": list(results.titles), "parameters": assumed, "runs": results.values.shape[1],
        "start": results.start, "posterior": dated(results.uncertainty), "versions": results.versions,
        "command": [readable(part) for part in command],
        "checked": results.checked, "results_hash": results.hash(), "elapsed_seconds": round(results.elapsed, 3),
        "failures": [asdict(failure) for failure in results.failures], "lab_names": list(results.lab_names) or None,
        "files": dict(checksums)}


def _tables(results: Results) -> list[tuple[str, Any]]:
    """File names and Parquet tables, in the order in which they are written."""
    from sim.studies.keeping import parquet

    units = {name: outcome.unit for name, outcome in results.outcomes.items()}
    tables = [("runs.parquet", parquet.from_frame(results.runs, units)),
              ("months.parquet", parquet.from_frame(results.month_quantiles())),
              ("events.parquet", parquet.from_frame(results.events)),
              ("values.parquet", parquet.from_arrays(
                  _axes(results), dict(zip(NAMES, np.moveaxis(results.values, 3, 0), strict=True)), units))]
    by_lab = {**_axes(results), "lab": list(results.lab_names)}
    lab_units = {name: quantity.unit for name, quantity in LAB_QUANTITIES.items()}
    if results.at_end is not None:
        without_month = {name: labels for name, labels in by_lab.items() if name != "month"}
        tables.append(("labs_at_end.parquet", parquet.from_arrays(without_month, results.at_end, lab_units)))
    if results.lab_values is not None:
        tables.append(("labs.parquet", parquet.from_arrays(by_lab, results.lab_values, lab_units)))
    return tables


def _axes(results: Results) -> dict[str, Any]:
    return {"scenario": list(results.titles), "run": results.run_numbers,
            "month": np.arange(results.values.shape[2])}


def _restore(manifest: Mapping[str, Any], read: Mapping[str, bytes]) -> Results:
    from sim.studies.keeping import parquet

    scenarios = scenarios_of(manifest)
    shape = (len(scenarios), manifest["runs"], manifest["months"])
    monthly = parquet.to_arrays(read["values.parquet"], NAMES, shape)
    labs, at_end, lab_names = None, None, manifest.get("lab_names") or []
    if "labs_at_end.parquet" in read:
        at_end = parquet.to_arrays(read["labs_at_end.parquet"], None, (*shape[:2], len(lab_names)))
    if "labs.parquet" in read:
        labs = parquet.to_arrays(read["labs.parquet"], None, (*shape, len(lab_names)))
    return Results(
        scenarios, np.stack([monthly[name] for name in NAMES], axis=-1),
        parquet.to_frame(read["events.parquet"], MOST_EVENTS_A_MONTH * int(np.prod(shape))), labs, lab_names,
        seed=manifest["seed"],
        first_run=manifest["first_run"], versions=manifest["versions"],
        failures=[Failure(**failure) for failure in manifest["failures"]],
        elapsed=float(manifest.get("elapsed_seconds", 0.0)),
        uncertainty=manifest["uncertainty"], departures=manifest["departures"], kept_events=manifest["events"],
        checked=manifest["checked"], at_end=at_end)
