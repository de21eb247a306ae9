"""What a sensitivity analysis asked, kept beside its sweeps, so that it is told again with nothing run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.common.shell import command_line
from sim.engine.provenance import digest_of
from sim.scenario.errors import ScenarioError
from sim.scenario.scenario import Scenario
from sim.studies.keeping import folders
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.sensitivity import Sensitivity, Subject, sensitivity

ASKED, FORMAT = "sensitivity.json", 1
SIZES = ("trajectories", "keep", "samples")


def keep_asked(subject: Subject, axes: Sequence[str], **sizes: int) -> Path:
    """Write what was asked into the folder of the sweeps; returns the file. `sizes` are those of `sensitivity`."""
    against = subject.against
    asked: dict[str, Any] = {
        "scenario": subject.scenario.resolved(), "against": None if against is None else against.resolved(),
        "outcome": subject.outcome, "runs": subject.runs, "seed": subject.seed, "axes": list(axes), "sizes": sizes}
    told = {"program": "airace", "format": FORMAT, "asked": asked, "digest": digest_of(asked)}
    text = json.dumps(told, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return folders.write_whole(subject.folder / ASKED, f"{text}\n".encode())


def kept_sensitivity(folder: Path) -> Sensitivity:
    """The analysis that a folder holds; nothing is run.

    StoreError where there is none, where it was changed, or where a sweep of it is not whole or of another version.
    """
    path = folder / ASKED
    if ASKED not in folders.visible_names(folder) and "indices_a" in folders.visible_names(folder):
        raise StoreError(folder, f"holds a sensitivity analysis without {ASKED}, which says what was asked",
                         "give the command again with the same --out: it takes up the sweeps and writes it")
    try:
        told = json.loads(folders.read(path))
        if told["program"] != "airace" or told["format"] != FORMAT:
            raise ValueError(f"is not of format {FORMAT}")
        asked = told["asked"]
        if digest_of(asked) != told["digest"]:
            raise ValueError("it was changed after it was written")
        against = None if asked["against"] is None else Scenario.from_resolved(asked["against"])
        subject = Subject(Scenario.from_resolved(asked["scenario"]), against, asked["outcome"], asked["runs"], folder,
                          asked["seed"], closed=True)
        axes, sizes = tuple(asked["axes"]), {name: int(asked["sizes"][name]) for name in SIZES}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ScenarioError) as error:
        again = command_line("airace", "sensitivity", "FILE", "--out", folder)
        raise StoreError(path, f"cannot be read ({error})", f"{again} writes it anew") from error
    return sensitivity(subject, axes, **sizes)
