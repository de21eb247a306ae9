"""A study that is not there, was changed, or cannot be right is refused with what is wrong and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from study_folder import FILES

from sim.engine.results import Results
from sim.studies.keeping import folders
from sim.studies.keeping.store import StoreError


def test_a_missing_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*does not exist; check the name"):
        Results.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_changed_or_missing_file_is_noticed(study: Results, tmp_path: Path, name: str) -> None:
    study.save(tmp_path)
    data = bytearray((tmp_path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / name).write_bytes(bytes(data))
    with pytest.raises(StoreError, match=f"{name}: is not the file that the manifest describes"):
        Results.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(StoreError, match=f"{name}: does not exist"):
        Results.load(tmp_path)


@pytest.mark.parametrize(("change", "message"), [
    ({"program": "other"}, "is not a study of airace"), ({"format": 99}, "is not in format 2"),
    ({"seed": "0"}, "lacks a valid 'seed'"), ({"runs": True}, "lacks a valid 'runs'"),
    ({"scenarios": None}, "lacks a valid 'scenarios'"), ({"runs": 41}, "cannot be read by this version"),
    ({"runs": 0}, "lacks a valid 'runs'"), ({"runs": 10**12}, "lacks a valid 'runs'"),
    ({"scenarios": []}, "lacks a valid 'scenarios'"), ({"seed": -1}, "lacks a valid 'seed'"),
    ({"months": 0}, "lacks a valid 'months'"), ({"uncertainty": "nope"}, "lacks a valid 'uncertainty'"),
    ({"uncertainty": 5}, "lacks a valid 'uncertainty'"), ({"first_run": -5}, "lacks a valid 'first_run'"),
    ({"seed": 1}, "was changed after it was written"), ({"uncertainty": "prior"}, "was changed after it was written"),
    ({"scenarios": [{"title": "Base"}]}, "was changed after it was written"),
    ({"files": {"../../secrets": "0"}}, "names an unknown file '../../secrets'")])
def test_a_manifest_that_cannot_be_right_is_refused(study: Results, tmp_path: Path, change: dict[str, Any],
                                                    message: str) -> None:
    study.save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(StoreError, match=message):
        Results.load(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\ufeffnull", "\x00", "[" * 100_000])
def test_a_damaged_manifest_is_refused(study: Results, tmp_path: Path, text: str) -> None:
    study.save(tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(StoreError, match=r"manifest\.json: is "):
        Results.load(tmp_path)


def test_every_message_is_one_sentence_with_the_way_out() -> None:
    message = str(folders.StoreError("out", "holds another study", "choose another folder"))
    assert message == "out: holds another study; choose another folder"
    assert "\n" not in message


def test_a_table_that_unpacks_to_gigabytes_is_refused_unread(study: Results, tmp_path: Path) -> None:
    import hashlib
    import resource

    import pyarrow as pa

    study.save(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for name, bomb in (("values.parquet", pa.table({"hostility": np.zeros(20_000_000, np.int8)})),
                       ("events.parquet", pa.table({"text": pa.array(["a" * 1000]).take(pa.array([0] * 300_000))}))):
        good = (tmp_path / name).read_bytes()
        pq.write_table(bomb, tmp_path / name, compression="zstd")
        data = (tmp_path / name).read_bytes()
        assert len(data) < 1_000_000
        files = manifest["files"] | {name: hashlib.sha256(data).hexdigest()}
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"files": files}))
        with pytest.raises(StoreError, match=r"rows and .* bytes, where there can be"):
            Results.load(tmp_path)
        (tmp_path / name).write_bytes(good)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB
