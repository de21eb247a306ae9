"""A kept study done again from what it says of itself, elsewhere, and held against what was kept."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.common.shell import command_line
from sim.engine.provenance import versions
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.sweep import Progress, Sweep

MOST_TOLD = 5  # of what differs


@dataclass(frozen=True)
class Again:
    """What came of doing a study again: `what` was done, hashes of its numbers `then` and `now`, and what differs.

    `differs` has a sentence for each thing that is not as it was kept; empty where all is the same bit by bit.
    """

    what: str
    then: str
    now: str
    differs: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the study is the same bit by bit."""
        return not self.differs


def repeat(kept: Sweep, workers: int = 1, progress: Progress | None = None) -> Again:
    """Run a kept sweep's design again, in a folder that is thrown away, and compare number by number.

    StoreError where the kept one is not finished, so that there is nothing to compare, or was made by rules that it
    does not hold: `kept.lived_by(stages)` gives it them.
    """
    if kept.stages is None:
        raise kept.without_rules()
    done = kept.points_done()
    if not done.all():
        raise StoreError(kept.folder, f"is not finished: {int(done.sum()):,} of {len(done):,} points are done",
                         f"{command_line('airace', 'resume', kept.folder)} does the rest; then it can be done again")
    with tempfile.TemporaryDirectory(prefix="airace-again-") as folder:
        new = type(kept).begin(Path(folder) / "again", kept.design, kept.stages if kept.departure else None)
        new.run(workers, progress=progress)
        return compared(kept, new)


def repeat_all(kept: Sequence[Sweep], workers: int = 1, progress: Progress | None = None) -> Again:
    """As `repeat`, of several sweeps that belong together, one after the other."""
    found = [(each.folder.name, repeat(each, workers, progress)) for each in kept]
    hashes = [hashlib.sha256("\n".join(hashes).encode()).hexdigest()
              for hashes in ([each.then for _, each in found], [each.now for _, each in found])]
    differs = tuple(f"{name}: {told}" for name, each in found for told in each.differs)
    what = f"{len(found)} {'sweep' if len(found) == 1 else 'sweeps'} of an analysis"
    return Again(what, hashes[0], hashes[1], differs)


def compared(kept: Sweep, new: Sweep) -> Again:
    """What differs between two sweeps of one design: numbers by outcome, failures, and the versions of the rules."""
    told, count = [], len(kept.design.points) * kept.design.runs
    hashes = hashlib.sha256(), hashlib.sha256()
    for name in (*kept.design.outcomes, *(column for column, _, _ in kept.design.kept_columns)):
        values = [sweep.values(name) for sweep in (kept, new)]
        for digest, each in zip(hashes, values, strict=True):
            digest.update(f"{name} {each.shape}\n".encode() + np.ascontiguousarray(each, dtype="<f8").tobytes())
        if differing := int((~same_numbers(*values)).sum()):
            gap = np.nanmax(np.abs(values[0] - values[1])) if np.isfinite(values[0] - values[1]).any() else np.nan
            told.append(f"{name} differs in {differing:,} of {count:,} runs, by {gap:.3g} at most")
    then, now = (digest.hexdigest() for digest in hashes)
    failed = len(kept.failures()), len(new.failures())
    if failed[0] != failed[1]:
        told.append(f"{failed[0]:,} runs failed then, {failed[1]:,} now")
    shown = [*told[:MOST_TOLD], *([f"and {len(told) - MOST_TOLD} outcomes more"] if len(told) > MOST_TOLD else [])]
    if told:
        shown += versions_apart(kept.versions)
    what = f"a {kept.noun} of {len(kept.design.points):,} points, {kept.design.runs:,} runs at each"
    return Again(what, then, now, tuple(shown))


def same_numbers(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether numbers are the same to the last bit, two that are none (NaN) among them."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def versions_apart(then: Mapping[str, str]) -> list[str]:
    """Which versions are not as they were, a line each; that the rest of the code must have changed where none is."""
    now = versions()
    apart = [f"version of {name}: {then[name]} then, {now.get(name, 'absent')} now"
             for name in sorted(then) if then[name] != now.get(name)]
    return apart or ["The versions of rules and libraries are as recorded, so what works on them must have changed."]
