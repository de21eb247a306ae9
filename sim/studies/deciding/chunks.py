"""What a study of choices has worked out, kept step by step: arrays in a folder that survives whatever stops it.

A step is an array in `steps/NAME.npy` with a note beside it, `NAME.json`, that holds its checksum and a digest of what
was asked; the note is written last, so a step is done when both agree. Whatever stops a study costs the step in flight.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sim.common.shell import command_line
from sim.engine.provenance import computes, differences, digest_of, versions
from sim.studies.keeping import folders
from sim.studies.keeping.folders import StoreError

FORMAT = 1
STEPS = "steps"


class Steps:
    """The steps of a study; without a folder they are kept nowhere. Of `closed` ones nothing is worked out anew."""

    def __init__(self, folder: Path | None, made_by: str, closed: bool = False) -> None:
        self.folder, self.made_by, self.closed = folder, made_by, closed

    def take(self, name: str, asked: object, work: Callable[[], np.ndarray]) -> np.ndarray:
        """A step's array: as it was kept, if it answers what is `asked`, else worked out and kept.

        StoreError where steps are closed and it is not kept whole.
        """
        if self.folder is None:
            return work()
        array, note = (self.folder / STEPS / f"{name}.{ending}" for ending in ("npy", "json"))
        digest = digest_of({"asked": asked, "made_by": self.made_by})
        if (kept := _kept(array, note, digest)) is not None:
            return kept
        if self.closed:
            raise StoreError(self.folder, f"is not finished, or damaged: its step {name} is missing or not whole",
                             f"{command_line('airace', 'resume', self.folder)} does what is missing")
        found = np.ascontiguousarray(work(), dtype="<f8")
        content = io.BytesIO()
        np.save(content, found, allow_pickle=False)
        note.unlink(missing_ok=True)
        folders.write_whole(array, content.getvalue())
        told = {"sha256": hashlib.sha256(content.getvalue()).hexdigest(), "asked": digest}
        folders.write_whole(note, _json(told))
        return found


def _kept(array: Path, note: Path, digest: str) -> np.ndarray | None:
    """A step that is whole and answers the same; None for any other."""
    try:
        told, content = json.loads(folders.read(note)), folders.read(array)
        if (told["sha256"], told["asked"]) != (hashlib.sha256(content).hexdigest(), digest):
            return None
        return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
    except (StoreError, ValueError, KeyError, TypeError, RecursionError):
        return None


def begin(folder: Path, manifest: str, asked: Mapping[str, Any]) -> Steps:
    """Steps of a new study, or of the same one; StoreError where the folder holds anything else.

    `asked` is all that fixes the study, as JSON holds it; it stands in the file `manifest` with the versions.
    """
    names = folders.visible_names(folder)
    plain = json.loads(json.dumps(asked))
    if manifest in names:
        found, steps = open_(folder, manifest)
        if differ := differences(found, plain):
            raise StoreError(folder, f"holds another study, which differs in {differ}",
                             "choose another folder, or go on with that one: "
                             + command_line("airace", "resume", folder))
        return steps
    if names:
        raise StoreError(folder, f"holds {sorted(names)[0]!r} and no such study", "choose an empty or a new folder")
    folders.refuse_dangling(folder)
    made = computes(versions())
    told = {"program": "airace", "format": FORMAT, "asked": plain, "versions": made,
            "digest": digest_of({"asked": plain, "versions": made})}
    folders.write_whole(folder / manifest, _json(told))
    return Steps(folder, str(told["digest"]))


def open_(folder: Path, manifest: str, other_versions: bool = False) -> tuple[dict[str, Any], Steps]:
    """What was asked of a study that is kept, and its steps. StoreError where there is none, or one of other rules.

    With `other_versions` one of other rules is opened too: to be read, not gone on with.
    """
    told = _told(folder, manifest)
    made = told["versions"]
    if not other_versions and (differ := differences({"versions": made}, {"versions": computes(versions())})):
        raise StoreError(folder, f"was begun with another model, which differs in {differ}",
                         "begin anew in another folder, or go on with the version that began it")
    return told["asked"], Steps(folder, told["digest"])


def versions_of(folder: Path, manifest: str) -> dict[str, str]:
    """The versions by which a study that is kept was begun; StoreError where there is none."""
    return dict(_told(folder, manifest)["versions"])


def _told(folder: Path, manifest: str) -> dict[str, Any]:
    """A study's manifest; StoreError where there is none, or it was changed."""
    path = folder / manifest
    if manifest not in folders.visible_names(folder):
        folders.refuse_other_kinds(folder, "advice")
    try:
        told = json.loads(folders.read(path))
        if told["program"] != "airace" or told["format"] != FORMAT:
            raise ValueError(f"is not of format {FORMAT}")
        asked, made = told["asked"], told["versions"]
        if digest_of({"asked": asked, "versions": made}) != told["digest"]:
            raise ValueError("it was changed after it was written")
        return dict(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(path, f"cannot be read ({error})", "begin anew elsewhere") from error


@contextmanager
def at_work(folder: Path | None) -> Iterator[None]:
    """The folder for as long as work takes, so that no other process does it too, and disk trouble told in words."""
    if folder is None:
        yield
        return
    with folders.claimed(folder):
        try:
            yield
        except OSError as error:
            raise folders.as_store_error(folder, error, "written") from error


def _json(tables: Mapping[str, Any]) -> bytes:
    return (json.dumps(tables, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n").encode()
