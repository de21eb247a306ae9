"""A game or a search for advice done again from its folder, and held against what was kept: numbers and answer."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.common.shell import command_line
from sim.studies.deciding import advise, chunks
from sim.studies.deciding.candidates import Progress
from sim.studies.deciding.game import answer
from sim.studies.deciding.playing import Played
from sim.studies.keeping import folders
from sim.studies.keeping.folders import StoreError
from sim.studies.sweeping.again import MOST_TOLD, Again, compared, same_numbers, versions_apart

TABLE_OF_GAME, TABLE_OF_ADVICE = "game.csv", "advice.csv"


def repeat_game(folder: Path, workers: int = 1, progress: Progress | None = None) -> Again:
    """Play a kept game again, elsewhere: every number, and the answer if its table was written.

    StoreError where there is none or it is not finished; GameError where too few futures reached the end.
    """
    kept = Played.open(folder)
    done = kept.points_done()
    if not done.all():
        raise StoreError(folder, f"is not finished: {int(done.sum()):,} of {len(done):,} profiles are done",
                         f"{command_line('airace', 'resume', folder)} does the rest; then it can be played again")
    with tempfile.TemporaryDirectory(prefix="airace-again-") as elsewhere:
        new = Played.begin(Path(elsewhere) / "again", kept.game)
        new.run(workers, progress=progress)
        found = compared(kept, new)
        return _with_answer(found, folder / TABLE_OF_GAME, answer(new).table(), kept.versions)


def repeat_advice(folder: Path, workers: int = 1, progress: Progress | None = None) -> Again:
    """Search and judge again, elsewhere: every generation, every policy judged, and the answer if it was written.

    StoreError where there is none or it is not finished; AdviseError, SearchError as `advise`.
    """
    asked, size, _ = advise.kept_study(folder, other_versions=True)
    kept = steps_of(folder)
    if not any(name.startswith("judged_") for name in kept):
        raise StoreError(folder, "is not finished: no policy was judged yet",
                         f"{command_line('airace', 'resume', folder)} goes on; then it can be done again")
    made = chunks.versions_of(folder, advise.MANIFEST)
    with tempfile.TemporaryDirectory(prefix="airace-again-") as elsewhere:
        found = advise.advise(asked, candidates=size.candidates, futures=size.futures, judged=size.judged,
                              seed=size.seed, workers=workers, folder=Path(elsewhere) / "again", progress=progress)
        new = steps_of(Path(elsewhere) / "again")
        told = [_apart(name, kept.get(name), new.get(name)) for name in sorted({*kept, *new}, key=_in_order)]
    differs = [sentence for sentence in told if sentence]
    more = len(differs) - MOST_TOLD
    shown = [*differs[:MOST_TOLD], *([f"and {more} steps more"] if more > 0 else [])]
    what = f"a search of {size.candidates:,} candidates, {len(found.policies):,} policies judged"
    done = Again(what, _hash(kept), _hash(new), tuple([*shown, *versions_apart(made)] if shown else ()))
    return _with_answer(done, folder / TABLE_OF_ADVICE, found.table(), made)


def steps_of(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of a search by name; StoreError for one that cannot be read."""
    found = {}
    for path in sorted((folder / chunks.STEPS).glob("*.npy")):
        try:
            found[path.stem] = np.asarray(np.load(path, allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            raise StoreError(path, "is damaged", f"{command_line('airace', 'resume', folder)} does it again") from error
    return found


def _in_order(name: str) -> tuple[int, str]:
    """Steps in the order in which they are done, so that the first that differs is told first."""
    return (0 if name == "start" else 1 if name.startswith("generation") else 2), name


def _apart(name: str, then: np.ndarray | None, now: np.ndarray | None) -> str:
    """In what a step is not as it was; "" where it is the same."""
    called = name.replace("_", " ")
    if then is None or now is None:
        return f"{called} {'is not in the folder' if then is None else 'does not come again'}"
    if then.shape != now.shape:
        return f"{called} has other policies or futures: {then.shape} then, {now.shape} now"
    if differing := int((~same_numbers(then, now)).sum()):
        return f"{called} differs in {differing:,} of {then.size:,} numbers"
    return ""


def _hash(steps: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(steps, key=_in_order):
        digest.update(f"{name} {steps[name].shape}\n".encode() + np.ascontiguousarray(steps[name], "<f8").tobytes())
    return digest.hexdigest()


def _with_answer(found: Again, path: Path, table: object, made: dict[str, str]) -> Again:
    """With what differs in the answer's table, where one was written."""
    if not path.is_file():
        return found
    now = table.to_csv(index=False, lineterminator="\n").encode("utf-8")  # type: ignore[attr-defined]
    if folders.read(path) == now:
        return found
    told = f"the answer, {path.name}, is not as it was written"
    return replace(found, differs=(told, *(found.differs or versions_apart(made))))
